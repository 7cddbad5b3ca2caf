//! Queries on a cluster: `client SCHEDULER_PORT FOLDER check EXECUTORS`, or `slow`, or `measure MEGABYTES`.
//!
//! Writes a dataset, asks the cluster and a DataFusion of its own, and fails unless both answer the same. `check` asks the
//! queries of `dem_sql` and some more of the elevation model, and wants to see so many executors at work; `slow` asks for what
//! takes long enough to kill an executor meanwhile; `measure` takes the time of both on so much noise.

#[allow(dead_code, reason = "no picture is drawn here")]
#[path = "../../../../datafusion/examples/dem_sql/dataset.rs"]
mod dataset;
#[path = "../../../../../examples/shared/elevation.rs"]
mod elevation;
mod noise;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_schema::{DataType, Field, Schema};
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use ndraster::{RasterArray, RasterType};
use ndraster_ballista::{slow, state, who};
use ndraster_datafusion::register_all;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The elevation model's statistics; functions of functions; neighbours that lie lower; tiles of tiles; parts of them; tiles
/// put together, all and row by row.
const QUERIES: [&str; 7] = [
    dataset::STATISTICS,
    "SELECT round(avg(nd_mean(nd_hillshade(rast, 111120))), 6) AS shade FROM dem",
    "SELECT a.tile_row, count(*) AS above FROM dem a JOIN dem b ON a.tile_row = b.tile_row + 1 AND a.tile_col = b.tile_col
        WHERE nd_mean(a.rast) > nd_mean(b.rast) GROUP BY a.tile_row ORDER BY a.tile_row",
    "SELECT tile_row, count(*) AS tiles, round(sum(nd_mean(part['tile'])), 6) AS sum
        FROM (SELECT tile_row, unnest(nd_tiles(rast, 16, 16)) AS part FROM dem) GROUP BY tile_row ORDER BY tile_row",
    "SELECT sum(nd_count_valid(nd_window(rast, tile_col, tile_row, 20, 10))) AS pixels FROM dem",
    "SELECT nd_count_valid(whole) AS pixels, round(nd_mean(nd_hillshade(whole, 111120)), 6) AS shade
        FROM (SELECT nd_mosaic(rast, 1) AS whole FROM dem)",
    "SELECT tile_row, round(nd_mean(nd_mosaic(rast, 1)), 6) AS mean FROM dem GROUP BY tile_row ORDER BY tile_row",
];
const SHADES_IN_ORDER: &str = "SELECT nd_hillshade(rast, 111120) AS shade FROM dem ORDER BY tile_row, tile_col";
const SLOW: &str =
    "SELECT tile_row, round(avg(nd_slow_mean(rast)), 6) AS mean FROM dem GROUP BY tile_row ORDER BY tile_row";
const WORKERS: &str = "SELECT nd_who(rast) AS process, count(*) AS tiles FROM dem GROUP BY process ORDER BY process";
/// What waits for files, and what for processors.
const MEASURED: [&str; 2] = [
    "SELECT tile_row, round(avg(nd_mean(rast)), 6) AS mean FROM dem GROUP BY tile_row ORDER BY tile_row",
    "SELECT tile_row, round(avg(nd_mean(nd_hillshade(rast))), 6) AS mean FROM dem GROUP BY tile_row ORDER BY tile_row",
];

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, folder, what @ ..] = arguments.as_slice() else {
        return Err("client SCHEDULER_PORT FOLDER check EXECUTORS | slow | measure MEGABYTES".into());
    };
    let folder = Path::new(folder);
    let what: Vec<&str> = what.iter().map(String::as_str).collect();
    match what.as_slice() {
        ["measure", megabytes] => noise::write(folder, megabytes.parse()?)?,
        _ => dataset::write(folder)?,
    }
    let (cluster, alone) = (on_cluster(port, folder).await?, alone(folder).await?);
    match what.as_slice() {
        ["check", executors] => check(&cluster, &alone, folder, executors.parse()?).await,
        ["slow"] => same_answer(&cluster, &alone, SLOW).await.map(drop),
        ["measure", _] => measure(&cluster, &alone).await,
        _ => Err(format!("what is {what:?}?").into()),
    }
}

async fn check(cluster: &SessionContext, alone: &SessionContext, folder: &Path, executors: usize) -> Result<()> {
    for sql in QUERIES {
        println!("{}", same_answer(cluster, alone, sql).await?);
    }
    let expected = pixels(alone, SHADES_IN_ORDER).await?;
    println!("{} pixels in light and shade", expected.len());
    if pixels(cluster, SHADES_IN_ORDER).await? != expected {
        return Err("they are not the same".into());
    }
    // What is too large to be sent home is written where it is made.
    let copy = folder.with_file_name("shades");
    let path = copy.to_str().ok_or("the path is not UTF-8")?;
    let shades = "SELECT tile_row, tile_col, nd_hillshade(rast, 111120) AS shade FROM dem";
    cluster.sql(&format!("COPY ({shades}) TO '{path}/' STORED AS PARQUET")).await?.collect().await?;
    alone.register_parquet("shades", path, ParquetReadOptions::default().skip_metadata(false)).await?;
    if pixels(alone, "SELECT shade FROM shades ORDER BY tile_row, tile_col").await? != expected {
        return Err("they are not the same in Parquet".into());
    }
    match cluster.sql("SELECT nd_mean(rast, 'blue') FROM dem").await?.collect().await {
        Err(error) if error.to_string().contains("nd_mean: row 0: there is no band `blue`") => {}
        other => return Err(format!("{other:?} is not what is wrong with a band that is not there").into()),
    }
    let workers = cluster.sql(WORKERS).await?;
    let count: usize = workers.clone().collect().await?.iter().map(|batch| batch.num_rows()).sum();
    println!("{}", workers.to_string().await?);
    if count == executors { Ok(()) } else { Err(format!("{count} executors worked, of {executors}").into()) }
}

async fn measure(cluster: &SessionContext, alone: &SessionContext) -> Result<()> {
    const RUNS: usize = 7;
    for sql in MEASURED {
        same_answer(cluster, alone, sql).await?;
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..RUNS {
            for (ctx, times) in [cluster, alone].into_iter().zip(&mut times) {
                let start = Instant::now();
                ctx.sql(sql).await?.collect().await?;
                times.push(start.elapsed());
            }
        }
        times.iter_mut().for_each(|times| times.sort());
        println!("{sql}\n{:?} on the cluster, {:?} alone", times[0][RUNS / 2], times[1][RUNS / 2]);
    }
    Ok(())
}

async fn on_cluster(port: &str, folder: &Path) -> Result<SessionContext> {
    // Adaptive planning gives wrong results for scalar subqueries and for outer joins without an equality in Ballista 55.
    let config =
        SessionConfig::new_with_ballista().with_target_partitions(4).with_ballista_adaptive_query_planner(false);
    let mut ctx = SessionContext::remote_with_state(&format!("df://127.0.0.1:{port}"), state(config)?).await?;
    // Becoming Ballista's, the state loses its functions.
    register_all(&mut ctx)?;
    ctx.register_udf(who());
    ctx.register_udf(slow());
    register(&ctx, folder).await?;
    Ok(ctx)
}

async fn alone(folder: &Path) -> Result<SessionContext> {
    let ctx = SessionContext::new_with_state(state(SessionConfig::new().with_target_partitions(2))?);
    register(&ctx, folder).await?;
    Ok(ctx)
}

/// The dataset as a table without view types, of which each shuffle and each message would carry all buffers.
async fn register(ctx: &SessionContext, folder: &Path) -> Result<()> {
    let number = |name| Field::new(name, DataType::Int64, false);
    let rasters = RasterType::field("rast").with_data_type(RasterType::offset_storage_type());
    let schema = Arc::new(Schema::new(vec![number("tile_row"), number("tile_col"), rasters]));
    let options = ParquetReadOptions::default().schema(&schema).skip_metadata(false);
    Ok(ctx.register_parquet("dem", folder.to_str().ok_or("the path is not UTF-8")?, options).await?)
}

/// The answer of both, as text.
async fn same_answer(cluster: &SessionContext, alone: &SessionContext, sql: &str) -> Result<String> {
    let theirs = cluster.sql(sql).await?.to_string().await?;
    let ours = alone.sql(sql).await?.to_string().await?;
    if theirs == ours { Ok(theirs) } else { Err(format!("{theirs}\nalone the answer is\n{ours}").into()) }
}

/// All pixels of a query's only column, row by row.
async fn pixels(ctx: &SessionContext, sql: &str) -> Result<Vec<u8>> {
    let mut found = Vec::new();
    for batch in ctx.sql(sql).await?.collect().await? {
        for shade in RasterArray::from_batch(&batch, "shade")?.iter().flatten() {
            found.extend(shade.to_array::<u8>()?);
        }
    }
    Ok(found)
}
