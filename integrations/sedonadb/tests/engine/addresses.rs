//! An array goes through the engine, and comes out at the address where it went in.

use datafusion::common::ParamValues;
use ndarray::Array2;
use ndraster::{Raster, RasterArray, RasterArrayBuilder, Registration};
use ndraster_sedonadb::parameter;
use sedona::context::SedonaContext;

use crate::table::{address, batch, batches, context, numbers, rasters};

const HEIGHT: usize = 256;
const WIDTH: usize = 300;

fn pixels(k: usize) -> Array2<f32> {
    Array2::from_shape_fn((HEIGHT, WIDTH), |(row, col)| (k * 100_000 + row * WIDTH + col) as f32)
}

fn raster(pixels: Array2<f32>) -> Raster {
    let raster = Raster::from_ndarray(pixels).unwrap().with_crs("EPSG:4326");
    raster.with_bbox([0.0, 0.0, 3.0, 2.56], Registration::Pixel).unwrap().with_nodata(-1f32).unwrap()
}

/// Three rasters, and their addresses.
fn three() -> (RasterArray, Vec<*const f32>) {
    let (mut builder, mut addresses) = (RasterArrayBuilder::new(), Vec::new());
    for k in 0..3 {
        let pixels = pixels(k);
        addresses.push(pixels.as_ptr());
        builder.append(&raster(pixels)).unwrap();
    }
    (builder.finish().unwrap(), addresses)
}

#[tokio::test]
async fn a_query_of_everything_gives_the_array_back_at_its_address() {
    let pixels = pixels(1);
    let (expected, at) = (pixels.clone(), pixels.as_ptr());
    let ctx = SedonaContext::new_local_interactive().await.unwrap();
    ndraster_sedonadb::register_all(&ctx).unwrap();
    ctx.ctx.register_batch("one", batch(RasterArray::from(raster(pixels)))).unwrap();
    let sql = "
        SELECT RS_EnsureLoaded(RS_SetCRS(a.rast, 'EPSG:3857')) AS found
        FROM one a JOIN one b ON a.id = b.id
        WHERE RS_Value(a.rast, 3, 2, 1) = 100302 AND nd_value(b.rast, 0.025, 2.545) = 100302
        ORDER BY a.id";
    let batches = batches(&ctx, sql).await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1);
    let column = RasterArray::from_batch(&batches[0], "found").unwrap();
    drop((batches, ctx));
    let found = Raster::try_from(column).unwrap();
    assert_eq!(found.crs().unwrap(), Some("EPSG:3857"));
    let found = found.into_array::<f32>().unwrap();
    assert_eq!(found.as_ptr(), at);
    assert_eq!(found, expected.into_dyn());
}

#[tokio::test]
async fn each_operator_shares_the_pixels() {
    let (column, addresses) = three();
    let ctx = context(column).await;
    for (sql, kept) in [
        ("SELECT rast FROM t", 0),
        ("SELECT rast FROM t ORDER BY id DESC", 0),
        ("SELECT rast FROM t WHERE RS_Value(rast, 1, 1, 1) > 500", 1),
        ("SELECT rast FROM t WHERE nd_mean(rast) > 150000", 2),
        ("SELECT a.rast FROM t a JOIN t b ON a.id = b.id", 0),
        ("SELECT RS_SetCRS(rast, 'EPSG:3857') FROM t", 0),
        ("SELECT RS_SetBandNoDataValue(rast, 1, 7) FROM t", 0),
        ("SELECT RS_EnsureLoaded(rast) FROM t", 0),
        ("SELECT nd_raster(CASE WHEN id >= 0 THEN rast END) FROM t", 0),
        ("SELECT nd_window(rast, 0, 0, 300, 256) FROM t", 0),
        ("SELECT nd_standard(rast) FROM t", 0),
    ] {
        let batches = rasters(&ctx, sql).await;
        let mut found: Vec<_> =
            batches.iter().flat_map(|c| c.iter().flatten().map(|r| address(&r)).collect::<Vec<_>>()).collect();
        let mut wanted = addresses[kept..].to_vec();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{sql}");
    }
}

#[tokio::test]
async fn a_parameter_is_a_raster_for_both_kinds_of_functions() {
    let pixels = pixels(0);
    let at = pixels.as_ptr();
    let ctx = context(RasterArray::from_iter([None::<Raster>])).await;
    let parameters = ParamValues::List(vec![parameter(raster(pixels))]);
    let sql = "SELECT $1 AS rast, RS_Width($1) AS w, RS_Value($1, 2, 1, 1) AS v, nd_value($1, 0.015, 2.555) AS n";
    let query = ctx.sql(sql).await.unwrap().with_param_values(parameters).unwrap();
    let batch = &query.clone().collect().await.unwrap()[0];
    let column = RasterArray::from_batch(batch, "rast").unwrap();
    assert_eq!(address(&column.get(0).unwrap()), at);
    ctx.ctx.register_table("answer", query.into_view()).unwrap();
    assert_eq!(numbers(&ctx, "SELECT w, v, n FROM answer").await, [[Some(300.0), Some(1.0), Some(1.0)]]);
}
