//! Functions of ours beside SedonaDB's own, on the same tables, one partition, in one run: `cargo bench --bench beside`.
//!
//! Each pair of queries runs alternately, and the medians are compared. SedonaDB's functions load what they read (here there is
//! nothing to load); ours are measured as `sedona_udf`s, which do so too, and as they are.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{Array, Float64Array, Int64Array, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::common::cast::as_float64_array;
use ndarray::Array2;
use ndraster::{Pixel, Raster, RasterArray, Registration};
use sedona::context::SedonaContext;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const RUNS: usize = 9;

struct Case {
    what: &'static str,
    table: &'static str,
    theirs: &'static str,
    ours: &'static str,
    /// What the time is divided by, and how the quotient is called.
    per: (usize, &'static str),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let loading = context().await?;
    ndraster_sedonadb::register_all(&loading)?;
    let plain = context().await?;
    ndraster_datafusion::register_all(&mut plain.ctx.clone())?;
    println!("| what | SedonaDB's | ours, loading | ours as it is | ratios |\n|---|---|---|---|---|");
    for case in cases() {
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..RUNS {
            times[0].push(run(&plain, case.theirs, case.table).await?);
            times[1].push(run(&loading, case.ours, case.table).await?);
            times[2].push(run(&plain, case.ours, case.table).await?);
        }
        let [theirs, loading, plain] = times.map(median);
        let (count, unit) = case.per;
        let each = |time: Duration| time.as_secs_f64() * 1e9 / count as f64;
        let ratio = |time: Duration| theirs.as_secs_f64() / time.as_secs_f64();
        println!(
            "| {} | {:.3} ns a {unit} | {:.3} | {:.3} | {:.1}; {:.1} |",
            case.what,
            each(theirs),
            each(loading),
            each(plain),
            ratio(loading),
            ratio(plain)
        );
    }
    Ok(())
}

const SMALL: usize = 256 * 256 * 256;
const LARGE: usize = 16 * 2048 * 2048;

fn cases() -> Vec<Case> {
    let case = |what, table, theirs, ours, per| Case { what, table, theirs, ours, per };
    let mean = ("RS_SummaryStats(rast, 'mean', 1)", "nd_mean(rast)");
    let max = ("RS_SummaryStats(rast, 'max', 1)", "nd_min_max(rast)['max']");
    let value = ("RS_Value(rast, ST_Point(x, y, 4326))", "nd_value(rast, x, y)");
    let tiles = ("array_length(RS_Tile(rast, 256, 256))", "array_length(nd_tiles(rast, 256, 256))");
    vec![
        case("mean, float32 256 x 256", "f32_256", mean.0, mean.1, (SMALL, "pixel")),
        case("mean, float32 256 x 256, nodata", "f32_256_nodata", mean.0, mean.1, (SMALL, "pixel")),
        case("mean, int16 2048 x 2048, nodata", "i16_2048", mean.0, mean.1, (LARGE, "pixel")),
        case("mean, uint8 2048 x 2048", "u8_2048", mean.0, mean.1, (LARGE, "pixel")),
        case("maximum, float32 256 x 256", "f32_256", max.0, max.1, (SMALL, "pixel")),
        case("maximum, int16 2048 x 2048, nodata", "i16_2048", max.0, max.1, (LARGE, "pixel")),
        case("value, 256 rasters of 256 x 256", "f32_256", value.0, value.1, (256, "point")),
        case("value, 8192 rasters of 16 x 16", "f32_16", value.0, value.1, (8192, "point")),
        case("tiles of uint8 2048 x 2048", "u8_2048", tiles.0, tiles.1, (16 * 64, "tile")),
        case("tiles of int16 2048 x 2048", "i16_2048", tiles.0, tiles.1, (16 * 64, "tile")),
        case("tiles of float32 256 x 256", "f32_256", tiles.0, tiles.1, (256, "tile")),
    ]
}

async fn context() -> Result<SedonaContext> {
    let ctx = SedonaContext::new_local_interactive().await?;
    ctx.sql("SET datafusion.execution.target_partitions = 1").await?.collect().await?;
    for (name, batch) in [
        ("f32_256", table::<f32>(256, 256, None)?),
        ("f32_256_nodata", table::<f32>(256, 256, Some(7.0))?),
        ("f32_16", table::<f32>(8192, 16, None)?),
        ("i16_2048", table::<i16>(16, 2048, Some(7))?),
        ("u8_2048", table::<u8>(16, 2048, None)?),
    ] {
        ctx.ctx.register_batch(name, batch)?;
    }
    Ok(ctx)
}

/// So many rasters of one size, and a point inside of each.
fn table<T: Pixel>(rows: usize, side: usize, nodata: Option<T>) -> Result<RecordBatch> {
    let raster = |row: usize| {
        let pixels = Array2::from_shape_fn((side, side), |(y, x)| {
            let noise = (y * 7919 + x * 104_729 + row * 31).wrapping_mul(2_654_435_761) >> 9;
            T::from_f64((noise % 120) as f64)
        });
        let raster = Raster::from_ndarray(pixels.mapv(|pixel| pixel.unwrap_or_else(T::zeroed)))?.with_crs("EPSG:4326");
        let raster = raster.with_bbox([0.0, 0.0, 1.0, 1.0], Registration::Pixel)?;
        match nodata {
            Some(nodata) => raster.with_nodata(nodata),
            None => Ok(raster),
        }
    };
    let rasters = (0..rows).map(raster).collect::<ndraster::Result<RasterArray>>()?;
    let place = |step: f64| Float64Array::from_iter_values((0..rows).map(|row| (row as f64 * step + 0.01).fract()));
    let number = |name, data_type| Field::new(name, data_type, false);
    let schema = Schema::new(vec![
        number("id", DataType::Int64),
        number("x", DataType::Float64),
        number("y", DataType::Float64),
        rasters.field("rast"),
    ]);
    let ids = Int64Array::from_iter_values(0..rows as i64);
    let columns = vec![
        Arc::new(ids) as _,
        Arc::new(place(0.618)) as _,
        Arc::new(place(0.414)) as _,
        Arc::new(StructArray::from(rasters)) as _,
    ];
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// The time of a query, planning included.
async fn run(ctx: &SedonaContext, call: &str, table: &str) -> Result<Duration> {
    let sql = format!("SELECT CAST(sum({call}) AS DOUBLE) FROM {table}");
    let start = Instant::now();
    let batches = ctx.sql(&sql).await?.collect().await?;
    let time = start.elapsed();
    let sum =
        batches.first().map(|batch| as_float64_array(batch.column(0)).map(|sums| sums.is_valid(0))).transpose()?;
    if sum == Some(true) { Ok(time) } else { Err(format!("{sql} has no result").into()) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
