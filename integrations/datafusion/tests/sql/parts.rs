//! Parts of rasters: windows, boxes on the ground, tiles.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use ndarray::{Array2, s};
use ndraster::{Band, Raster, RasterArray, RasterType, Registration};
use ndraster_datafusion::raster_udf;

use crate::table::{batches, column, error, rasters, session};

fn numbered(height: usize, width: usize) -> Array2<i16> {
    Array2::from_shape_fn((height, width), |(row, col)| (row * 100 + col) as i16)
}

#[tokio::test]
async fn windows_are_clipped_to_the_raster() {
    let pixels = numbered(10, 12);
    let ctx = session([Raster::from_ndarray(pixels.clone()).unwrap()].into_iter().collect(), []);
    for ((col, row, width, height), expected) in [
        ((3, 2, 5, 4), pixels.slice(s![2..6, 3..8])),
        ((8, -2, 100, 4), pixels.slice(s![0..2, 8..12])),
        ((0, 50, 5, 4), pixels.slice(s![10..10, 0..5])),
    ] {
        let found = rasters(&ctx, &format!("SELECT nd_window(rast, {col}, {row}, {width}, {height}) FROM t")).await;
        assert_eq!(found.get(0).unwrap().as_array_view2::<i16>().unwrap(), expected);
    }
    let message = error(&ctx, "SELECT nd_window(rast, 0, 0, -1, 5) FROM t").await;
    assert!(message.contains("nd_window: row 0: a window of -1 columns and 5 rows"), "{message}");
}

#[tokio::test]
async fn a_clip_has_what_the_box_touches_and_is_null_beside_the_raster() {
    let pixels = numbered(10, 12);
    let place = |raster: Raster, bbox| raster.with_bbox(bbox, Registration::Pixel).unwrap();
    let north_up = place(Raster::from_ndarray(pixels.clone()).unwrap(), [100.0, 0.0, 124.0, 100.0]);
    let beside = place(Raster::from_ndarray(pixels.clone()).unwrap(), [900.0, 0.0, 924.0, 100.0]);
    // The same pixels by (x, y).
    let turned = Band::from_ndarray(pixels.t().to_owned()).unwrap().with_dim_names(["x", "y"]).unwrap();
    let turned = place(Raster::from_bands([turned]).unwrap(), [100.0, 0.0, 124.0, 100.0]);
    let ctx = session(RasterArray::from_iter([Some(north_up), Some(beside), Some(turned), None]), []);
    // Pixels are 2 wide and 10 high: columns 1 to 4, rows 3 to 6.
    let found = rasters(&ctx, "SELECT nd_clip(rast, 103.5, 32, 108.5, 69.9) FROM t").await;
    let expected = pixels.slice(s![3..7, 1..5]);
    assert_eq!(found.get(0).unwrap().as_array_view2::<i16>().unwrap(), expected);
    assert_eq!(found.get(0).unwrap().bbox().unwrap(), [102.0, 30.0, 110.0, 70.0]);
    assert_eq!(found.get(2).unwrap().as_array_view2::<i16>().unwrap(), expected);
    assert!(found.is_null(1) && found.is_null(3));
    let message = error(&ctx, "SELECT nd_clip(rast, 110, 0, 100, 20) FROM t").await;
    assert!(message.contains("nd_clip: row 0") && message.contains("xmin <= xmax"), "{message}");
    assert_eq!(column(&ctx, "SELECT nd_clip(rast, NULL, 0, 100, 20) FROM t").await.null_count(), 4);
}

#[tokio::test]
async fn tiles_unnest_into_rows_that_share_the_payload() {
    let pixels = numbered(100, 130);
    let raster = Raster::from_ndarray(pixels.clone()).unwrap();
    let memory = raster.as_array_view2::<i16>().unwrap().as_slice().unwrap().as_ptr_range();
    let ctx = session([raster].into_iter().collect(), []);
    let sql = "SELECT part['x'] AS x, part['y'] AS y, part['tile'] AS tile
        FROM (SELECT unnest(nd_tiles(rast, 50, 32)) AS part FROM t)";
    let mut tiles = Vec::new();
    for batch in batches(&ctx, sql).await.unwrap() {
        // The extension name is not lost.
        assert_eq!(
            batch.schema().field(2),
            &RasterType::field("tile").with_nullable(batch.schema().field(2).is_nullable())
        );
        let [x, y] = [0, 1].map(|number| batch.column(number).as_primitive::<Int32Type>().clone());
        for (row, tile) in RasterArray::from_batch(&batch, "tile").unwrap().iter().flatten().enumerate() {
            let view = tile.as_array_view2::<i16>().unwrap();
            assert!(memory.contains(&view.as_ptr()));
            tiles.push((x.value(row) as usize, y.value(row) as usize, tile.bbox().unwrap(), view.to_owned()));
        }
    }
    assert_eq!(tiles.len(), 4 * 3);
    for (number, (x, y, bbox, tile)) in tiles.iter().enumerate() {
        assert_eq!((*y, *x), (number / 3, number % 3));
        let (top, left) = (y * 32, x * 50);
        assert_eq!((bbox[0], bbox[3]), (left as f64, -(top as f64)));
        let (height, width) = (32.min(100 - top), 50.min(130 - left));
        assert_eq!(tile, pixels.slice(s![top..top + height, left..left + width]));
    }
    let count = column(&ctx, &format!("SELECT count(*) FROM ({sql}) WHERE nd_mean(tile) > 0")).await;
    assert_eq!(count.as_primitive::<Int64Type>().value(0), 12);
    let mean = column(&ctx, "SELECT nd_mean(nd_tiles(rast, 50, 32)[6]['tile']) FROM t").await;
    let expected = pixels.slice(s![32..64, 100..]).mapv(f64::from).mean().unwrap();
    assert!((mean.as_primitive::<Float64Type>().value(0) - expected).abs() < 1e-9);
}

#[tokio::test]
async fn tiles_of_null_of_nothing_and_of_nonsense() {
    let empty = Raster::from_ndarray(Array2::<u8>::zeros((0, 7))).unwrap();
    let ctx =
        session(RasterArray::from_iter([None, Some(empty), Some(Raster::from_ndarray(numbered(3, 2)).unwrap())]), []);
    let found = column(&ctx, "SELECT nd_tiles(rast, 50, 32) FROM t").await;
    let lists = found.as_list::<i32>();
    assert!(lists.is_null(0) && lists.is_valid(1) && lists.value(1).is_empty() && lists.value(2).len() == 1);
    assert_eq!(column(&ctx, "SELECT nd_tiles(rast, 2, NULL) FROM t").await.null_count(), 3);
    let message = error(&ctx, "SELECT nd_tiles(rast, 5, -1) FROM t").await;
    assert!(message.contains("nd_tiles: row 1: a height of -1 pixels"), "{message}");
    let message = error(&ctx, "SELECT nd_tiles(rast, 0, 5) FROM t").await;
    assert!(message.contains("nd_tiles: row 1: a width of 0 pixels, where 1 or more is expected"), "{message}");
}

#[tokio::test]
async fn windows_and_clips_of_several_bands_share_their_pixels() {
    let bands = [0u16, 7, 9].map(|fill| Band::from_ndarray(Array2::from_elem((100, 90), fill)).unwrap());
    let raster = Raster::from_bands(bands).unwrap();
    let address =
        |raster: &ndraster::RasterRef<'_>, band| raster.band(band).unwrap().as_array_view2::<u16>().unwrap().as_ptr();
    let wanted = [0, 1, 2].map(|band| address(&raster.as_ref(), band));
    let named = raster_udf("named", |raster| Ok(raster.to_raster()?.with_crs("EPSG:4326")));
    let ctx = session(RasterArray::from(raster), [named]);
    for call in
        ["nd_window(rast, 0, 0, 1, 1)", "nd_clip(rast, 0, -1, 1, 0)", "nd_tiles(rast, 9, 9)[1]['tile']", "named(rast)"]
    {
        let found = rasters(&ctx, &format!("SELECT {call} FROM t")).await;
        assert_eq!([0, 1, 2].map(|band| address(&found.get(0).unwrap(), band)), wanted, "{call}");
    }
}

#[tokio::test]
async fn tiles_of_a_small_raster_do_not_copy_it_each() {
    let raster = Raster::from_ndarray(Array2::from_shape_fn((64, 64), |(y, x)| (3 * y + x) as u8)).unwrap();
    let ctx = session(RasterArray::from_iter([raster]), []);
    let found = column(&ctx, "SELECT nd_tiles(rast, 1, 1) FROM t").await;
    let tiles = found.as_list::<i32>().values().as_struct().column(2).clone();
    let tiles = RasterArray::try_from(tiles).unwrap();
    assert_eq!(tiles.len(), 4096);
    assert!(tiles.buffer_bytes() < 20_000, "{}", tiles.buffer_bytes());
    let last = tiles.get(4095).unwrap();
    assert_eq!(last.as_array_view2::<u8>().unwrap()[[0, 0]], (3 * 63 + 63) as u8);
}
