//! Where the extension name of a raster is lost, and how it comes back.

use arrow_array::cast::AsArray;
use ndarray::Array2;
use ndraster::{Raster, RasterArray};

use crate::table::{address, batches, context, error, numbers, rasters};

fn column() -> RasterArray {
    RasterArray::from(Raster::from_ndarray(Array2::from_shape_fn((6, 8), |(y, x)| (y * 8 + x) as f32)).unwrap())
}

const NO_KERNEL: &str = "No kernel matching arguments";

#[tokio::test]
async fn tiles_keep_their_name() {
    let ctx = context(column()).await;
    for (sql, expected) in [
        ("SELECT RS_Width(nd_tiles(rast, 5, 4)[1]['tile']) FROM t", vec![5.0]),
        (
            "SELECT RS_Width(part['tile']) FROM (SELECT unnest(nd_tiles(rast, 5, 4)) AS part FROM t)",
            vec![5.0, 3.0, 5.0, 3.0],
        ),
        (
            "SELECT RS_Value(part['tile'], 1, 1, 1) FROM (SELECT unnest(nd_tiles(rast, 5, 4)) AS part FROM t)",
            vec![0.0, 5.0, 32.0, 37.0],
        ),
    ] {
        let found = numbers(&ctx, sql).await;
        assert_eq!(found.concat(), expected.into_iter().map(Some).collect::<Vec<_>>(), "{sql}");
    }
}

#[tokio::test]
async fn a_lost_name_comes_back_by_nd_raster() {
    let ctx = context(column()).await;
    for lost in [
        "coalesce(rast, rast)",
        "CASE WHEN id = 0 THEN rast END",
        "nullif(rast, NULL)",
        "array_agg(rast)[1]",
        "make_array(rast)[1]",
    ] {
        let message = error(&ctx, &format!("SELECT RS_Width({lost}) FROM t")).await;
        assert!(message.contains(NO_KERNEL), "{lost}: {message}");
        // Ours do not need it.
        let sql = format!(
            "SELECT nd_mean({lost}), RS_Width(nd_raster({lost})), nd_mean(nd_hillshade({lost})) IS NULL FROM t"
        );
        assert_eq!(numbers(&ctx, &sql).await, [[Some(23.5), Some(8.0), Some(0.0)]], "{lost}");
    }
    let first = rasters(&ctx, "SELECT rast FROM t").await;
    let back = rasters(&ctx, "SELECT nd_raster(coalesce(rast, rast)) FROM t").await;
    assert_eq!(address(&back[0].get(0).unwrap()), address(&first[0].get(0).unwrap()));
}

#[tokio::test]
async fn a_parquet_file_by_its_path() {
    let ctx = context(column()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.parquet");
    let file = file.to_str().unwrap();
    batches(&ctx, &format!("COPY (SELECT * FROM t) TO '{file}' STORED AS PARQUET")).await.unwrap();
    let message = error(&ctx, &format!("SELECT RS_Width(rast) FROM '{file}'")).await;
    assert!(message.contains(NO_KERNEL), "{message}");
    let sql = format!("SELECT nd_mean(rast), RS_Width(nd_raster(rast)) FROM '{file}'");
    assert_eq!(numbers(&ctx, &sql).await, [[Some(23.5), Some(8.0)]]);
    batches(&ctx, "SET datafusion.execution.parquet.skip_metadata = false").await.unwrap();
    assert_eq!(numbers(&ctx, &format!("SELECT RS_Width(rast) FROM '{file}'")).await, [[Some(8.0)]]);
}

#[tokio::test]
async fn a_view_becomes_contiguous_by_nd_standard() {
    let ctx = context(column()).await;
    let found = rasters(&ctx, "SELECT nd_standard(nd_window(rast, 2, 1, 3, 4)) FROM t").await;
    let band = found[0].get(0).unwrap().only_band().unwrap();
    assert!(band.view().is_identity());
    assert_eq!(band.source_data().unwrap().len(), 3 * 4 * 4);
    let sql = "SELECT RS_Value(RS_SetValue(nd_standard(nd_window(rast, 2, 1, 3, 4)), 1, 1, 1, 7), 1, 1, 1) FROM t";
    assert_eq!(numbers(&ctx, sql).await, [[Some(7.0)]]);
}

#[tokio::test]
async fn the_plan_loads_what_functions_read() {
    let ctx = context(column()).await;
    let batches = batches(&ctx, "EXPLAIN SELECT nd_mean(rast) FROM t").await.unwrap();
    let plan = batches[0].column(1).as_string::<i32>().iter().flatten().collect::<String>();
    assert!(plan.contains("rs_ensureloaded"), "{plan}");
}
