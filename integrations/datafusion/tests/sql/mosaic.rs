//! Rasters put together by the aggregate function.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::datasource::MemTable;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use ndarray::{Array2, array, s};
use ndraster::{GeoTransform, Raster, RasterArray, RasterType, Registration};

use crate::table::{batches, column, error, rasters, session};

/// A table of one row a partition, in the given order, as so many partitions.
fn partitioned(rasters: &RasterArray, order: &[usize], partitions: usize) -> SessionContext {
    let mut ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(partitions));
    ndraster_datafusion::register_all(&mut ctx).unwrap();
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false), rasters.field("rast")]));
    let row = |row: &usize| {
        let id: ArrayRef = Arc::new(Int64Array::from(vec![*row as i64]));
        let raster: ArrayRef = Arc::new(StructArray::from(rasters.slice(*row, 1).unwrap()));
        vec![RecordBatch::try_new(Arc::clone(&schema), vec![id, raster]).unwrap()]
    };
    let table = MemTable::try_new(Arc::clone(&schema), order.iter().map(row).collect()).unwrap();
    ctx.register_table("t", Arc::new(table)).unwrap();
    ctx
}

fn numbered(height: usize, width: usize) -> Array2<f32> {
    Array2::from_shape_fn((height, width), |(row, col)| (row * 1000 + col) as f32)
}

#[tokio::test]
async fn tiles_of_any_order_and_partition_make_the_raster() {
    let pixels = numbered(30, 41);
    let raster = Raster::from_ndarray(pixels.clone()).unwrap().with_crs("EPSG:4326");
    let raster = raster.with_bbox([7.0, 40.0, 48.0, 70.0], Registration::Pixel).unwrap();
    let (bbox, crs) = (raster.bbox().unwrap(), raster.crs().unwrap().map(str::to_owned));
    let tiles = raster.tiles(8, 16).unwrap();
    let forward: Vec<usize> = (0..tiles.len()).collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    for tiles in [tiles.clone(), tiles.to_offset_types().unwrap()] {
        for (order, partitions) in [(&forward, 1), (&backward, 1), (&backward, 4), (&forward, 12)] {
            let ctx = partitioned(&tiles, order, partitions);
            let batch = &batches(&ctx, "SELECT nd_mosaic(rast) AS whole FROM t").await.unwrap()[0];
            assert_eq!(batch.schema().field(0), &RasterType::field("whole"));
            let found = RasterArray::from_batch(batch, "whole").unwrap();
            let found = found.get(0).unwrap();
            assert_eq!(found.as_array_view2::<f32>().unwrap(), pixels);
            assert_eq!((found.bbox().unwrap(), found.crs().unwrap()), (bbox, crs.as_deref()));
        }
    }
}

#[tokio::test]
async fn groups_have_a_mosaic_each() {
    // Rows of three tiles: 41 columns are 16, 16 and 9.
    let pixels = numbered(30, 41);
    let tiles = Raster::from_ndarray(pixels.clone()).unwrap().tiles(8, 16).unwrap();
    let order: Vec<usize> = (0..tiles.len()).collect();
    for partitions in [1, 3] {
        let ctx = partitioned(&tiles, &order, partitions);
        let found =
            batches(&ctx, "SELECT id / 3 AS g, nd_mosaic(rast) AS rast FROM t GROUP BY g ORDER BY g").await.unwrap();
        let rows = found.iter().flat_map(|batch| {
            let column = RasterArray::from_batch(batch, "rast").unwrap();
            column.iter().flatten().map(|raster| raster.as_array_view2::<f32>().unwrap().to_owned()).collect::<Vec<_>>()
        });
        let expected = [0..8, 8..16, 16..24, 24..30].map(|rows| pixels.slice(s![rows, ..]).to_owned());
        assert_eq!(rows.collect::<Vec<_>>(), expected);
    }
    let ctx = partitioned(&tiles, &order, 4);
    for (call, expected) in [
        ("nd_mosaic(rast) FILTER (WHERE id >= 9)", pixels.slice(s![24.., ..])),
        ("nd_mosaic(DISTINCT rast)", pixels.view()),
    ] {
        let found = rasters(&ctx, &format!("SELECT {call} FROM t")).await;
        assert_eq!(found.get(0).unwrap().as_array_view2::<f32>().unwrap(), expected);
    }
    let message = error(&ctx, "SELECT nd_mosaic(rast), nd_mosaic(DISTINCT rast) FROM t").await;
    assert!(message.contains("nd_mosaic: it takes DISTINCT alone only"), "{message}");
}

#[tokio::test]
async fn where_rasters_cover_each_other_the_place_decides() {
    // Three rasters of 4 by 4, each 2 further east and south than the one before.
    let at = |step: usize| {
        let corner = 2.0 * step as f64;
        let bbox = [corner, 10.0 - corner, corner + 4.0, 14.0 - corner];
        let raster = Raster::from_ndarray(Array2::from_elem((4, 4), step as u8 + 1)).unwrap();
        raster.with_bbox(bbox, Registration::Pixel).unwrap().with_nodata(0u8).unwrap()
    };
    let rasters = RasterArray::from_iter([at(0), at(1), at(2)]);
    let mut expected = Array2::<u8>::zeros((8, 8));
    for step in (0..3).rev() {
        expected.slice_mut(s![2 * step..2 * step + 4, 2 * step..2 * step + 4]).fill(step as u8 + 1);
    }
    for (order, partitions) in [([0, 1, 2], 1), ([2, 1, 0], 1), ([1, 2, 0], 3), ([2, 0, 1], 2)] {
        let ctx = partitioned(&rasters, &order, partitions);
        let found = self::rasters(&ctx, "SELECT nd_mosaic(rast) FROM t").await;
        assert_eq!(found.get(0).unwrap().as_array_view2::<u8>().unwrap(), expected, "{order:?}");
    }
}

#[tokio::test]
async fn south_up_rasters_are_ordered_by_their_edges_too() {
    // A reaches further north than B, though its origin lies south of B's.
    let column = |rows: usize, from: f64, pixel: u8| {
        let raster = Raster::from_ndarray(Array2::from_elem((rows, 1), pixel)).unwrap();
        raster.with_transform(GeoTransform::from_gdal([0.0, 1.0, 0.0, from, 0.0, 1.0]).unwrap())
    };
    for order in [[0, 1], [1, 0]] {
        let ctx = partitioned(&RasterArray::from_iter([column(10, 0.0, 1), column(2, 2.0, 2)]), &order, 1);
        let found = column_of(&ctx, "SELECT nd_value(nd_mosaic(rast), 0.5, 2.5) FROM t").await;
        assert_eq!(found, [Some(1.0)]);
    }
}

async fn column_of(ctx: &SessionContext, sql: &str) -> Vec<Option<f64>> {
    column(ctx, sql).await.as_primitive::<Float64Type>().iter().collect()
}

#[tokio::test]
async fn order_by_says_which_of_two_dates_counts() {
    let scene = |pixel: f32| {
        let raster = Raster::from_ndarray(array![[pixel, pixel], [pixel, -1.0]]).unwrap().with_crs("EPSG:3857");
        raster.with_nodata(-1f32).unwrap()
    };
    let scenes = RasterArray::from_iter((0..8).map(|date| scene(date as f32)));
    let forward: Vec<usize> = (0..8).collect();
    let mixed = [3, 1, 7, 0, 6, 2, 5, 4];
    for (order, partitions) in [(&forward[..], 1), (&mixed, 1), (&mixed, 3), (&mixed, 8)] {
        let ctx = partitioned(&scenes, order, partitions);
        for (by, expected) in [
            ("id", 0.0),
            ("id DESC", 7.0),
            ("id % 2 DESC, id", 1.0),
            ("CASE WHEN id < 5 THEN id END DESC NULLS LAST", 4.0),
            ("CASE WHEN id <> 6 THEN id END NULLS FIRST", 6.0),
        ] {
            let found =
                column_of(&ctx, &format!("SELECT nd_value(nd_mosaic(rast, 0 ORDER BY {by}), 0.5, -0.5) FROM t")).await;
            assert_eq!(found, [Some(expected)], "{by}");
        }
        let sql = "SELECT nd_value(nd_mosaic(rast ORDER BY id DESC), 0.5, -0.5) FROM t GROUP BY id / 4 ORDER BY id / 4";
        let found = batches(&ctx, sql).await.unwrap();
        let found =
            found.iter().flat_map(|batch| batch.column(0).as_primitive::<Float64Type>().iter().collect::<Vec<_>>());
        assert_eq!(found.collect::<Vec<_>>(), [Some(3.0), Some(7.0)]);
        let message = error(&ctx, "SELECT nd_mosaic(rast) FROM t").await;
        assert!(
            message.contains("two rasters lie at [0.0, -2.0, 2.0, 0.0]: say which comes first by ORDER BY"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn an_overlap_is_cut_off_again() {
    let pixels = numbered(30, 41);
    let ctx = session(RasterArray::from(Raster::from_ndarray(pixels.clone()).unwrap()), []);
    let tiles = "SELECT unnest(nd_tiles(rast, 16, 8, 3)) AS part FROM t";
    let found = rasters(&ctx, &format!("SELECT nd_mosaic(part['tile'], 3) FROM ({tiles})")).await;
    assert_eq!(found.get(0).unwrap().as_array_view2::<f32>().unwrap(), pixels);
    for (overlap, expected) in [
        ("part['x']", "nd_mosaic: the overlap is 0 and 1: it is one for all rasters"),
        ("-1", "nd_mosaic: an overlap of -1 pixels"),
    ] {
        let message = error(&ctx, &format!("SELECT nd_mosaic(part['tile'], {overlap}) FROM ({tiles})")).await;
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn nothing_gives_null() {
    let raster = Raster::from_ndarray(numbered(3, 4)).unwrap();
    let ctx = session(RasterArray::from_iter([None, Some(raster), None]), []);
    assert_eq!(column(&ctx, "SELECT nd_mean(nd_mosaic(rast)) FROM t").await.null_count(), 0);
    for sql in [
        "SELECT nd_mosaic(rast) FROM t WHERE id <> 1",
        "SELECT nd_mosaic(rast) FROM t WHERE id > 9",
        "SELECT nd_mosaic(NULL) FROM t",
    ] {
        assert_eq!(column(&ctx, sql).await.null_count(), 1, "{sql}");
    }
}

#[tokio::test]
async fn rows_without_pixels_do_not_count() {
    let at = |x: f64, width: usize| {
        let raster = Raster::from_ndarray(Array2::from_elem((2, width), 5u8)).unwrap();
        raster.with_transform(GeoTransform::from_gdal([x, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap())
    };
    // A window beside a raster has no columns, and may lie anywhere.
    let ctx = session(RasterArray::from_iter([Some(at(0.0, 3)), None, Some(at(1e6, 0))]), []);
    for (call, count) in [("nd_mosaic(rast)", 6), ("nd_mosaic(rast, CASE WHEN id = 0 THEN 0 ELSE 7 END)", 6)] {
        let found = column(&ctx, &format!("SELECT nd_count_valid({call}) FROM t")).await;
        assert_eq!(found.as_primitive::<Int64Type>().values(), &[count]);
    }
    assert_eq!(column(&ctx, "SELECT nd_mosaic(rast) FROM t WHERE id > 0").await.null_count(), 1);
}

#[tokio::test]
async fn tiles_of_one_raster_are_counted_once_in_a_memory_pool() {
    const LIMIT: usize = 256 << 20;
    let config = SessionConfig::new().with_target_partitions(2).with_batch_size(128);
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(LIMIT, 1.0).build_arc().unwrap();
    let mut ctx = SessionContext::new_with_config_rt(config, runtime);
    ndraster_datafusion::register_all(&mut ctx).unwrap();
    let tiles = Raster::from_ndarray(numbered(1024, 1024)).unwrap().tiles(32, 32).unwrap();
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1024));
    let schema = Schema::new(vec![Field::new("id", DataType::Int64, false), tiles.field("rast")]);
    let columns = vec![ids, Arc::new(StructArray::from(tiles)) as ArrayRef];
    ctx.register_batch("t", RecordBatch::try_new(Arc::new(schema), columns).unwrap()).unwrap();
    let sql = "SELECT sum(nd_count_valid(rast)) FROM (SELECT nd_mosaic(rast) AS rast FROM t GROUP BY id / 32)";
    let found = column(&ctx, sql).await;
    assert_eq!(found.as_primitive::<Int64Type>().values(), &[1 << 20]);
}

#[tokio::test]
async fn it_works_over_windows_too() {
    let tiles = Raster::from_ndarray(numbered(8, 12)).unwrap().tiles(8, 4).unwrap();
    let ctx = session(tiles, []);
    let sql = "SELECT array_agg(mean ORDER BY id) FROM (SELECT id, nd_mean(nd_mosaic(rast) OVER (ORDER BY id)) AS mean FROM t)";
    let found = column(&ctx, sql).await.as_list::<i32>().value(0);
    let expected = [4, 8, 12].map(|width| numbered(8, width).mapv(f64::from).mean().unwrap());
    assert_eq!(found.as_primitive::<Float64Type>().values(), &expected);
}

#[tokio::test]
async fn what_does_not_fit_says_so() {
    let raster = |pixels, x| {
        let bbox = [x, 0.0, x + 4.0, 3.0];
        Raster::from_ndarray(pixels).unwrap().with_bbox(bbox, Registration::Pixel).unwrap()
    };
    let half = raster(numbered(3, 4), 4.5);
    let other = Raster::from_ndarray(Array2::<u8>::zeros((3, 4))).unwrap();
    let other = other.with_bbox([4.0, 0.0, 8.0, 3.0], Registration::Pixel).unwrap();
    let crs = raster(numbered(3, 4), 4.0).with_crs("EPSG:3857");
    let apart = raster(numbered(3, 4), 40.0);
    for (second, expected) in [(half, "grid"), (other, "uint8"), (crs, "EPSG:3857"), (apart, "nodata")] {
        let ctx = session(RasterArray::from_iter([raster(numbered(3, 4), 0.0), second]), []);
        let message = error(&ctx, "SELECT nd_mosaic(rast) FROM t").await;
        assert!(message.contains("nd_mosaic: ") && message.contains(expected), "{message}");
        let place = "(rows in the order of the mosaic; this one lies at [4";
        assert!(message.contains(place) || expected == "nodata", "{message}");
    }
    let ctx = session(RasterArray::from(raster(numbered(3, 4), 0.0)), []);
    for (call, expected) in [
        ("nd_mosaic(id)", "nd_mosaic: argument 1 is not a raster"),
        ("nd_mosaic(rast, 'a')", "nd_mosaic: argument 2 is the overlap"),
        ("nd_mosaic(rast, 1, 2)", "nd_mosaic: the number of arguments is 3, not 1 to 2"),
    ] {
        let message = error(&ctx, &format!("SELECT {call} FROM t")).await;
        assert!(message.contains(expected), "{message}");
    }
}
