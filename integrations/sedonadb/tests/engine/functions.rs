//! Functions of SedonaDB and of ours in each other, with the values that a naive loop gives.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use ndarray::{Array2, Array3, s};
use ndraster::{Band, Error, Raster, RasterArray, Registration};
use ndraster_datafusion::{BandKey, raster_udf, raster_udf_with, raster_udf2};
use ndraster_sedonadb::sedona_udf;
use sedona::context::SedonaContext;

use crate::table::{batch, batches, context, error, numbers, rasters};

const NODATA: f32 = -9.0;

/// Numbers without a pattern, of which some are nodata.
fn pixels(k: usize) -> Array2<f32> {
    Array2::from_shape_fn((20, 30), |(row, col)| match (row * 31 + col * 17 + k * 7) % 23 {
        0 => NODATA,
        number => (number * number) as f32 + 0.25,
    })
}

fn raster(k: usize) -> Raster {
    let raster = Raster::from_ndarray(pixels(k)).unwrap().with_crs("EPSG:4326").with_nodata(NODATA).unwrap();
    raster.with_bbox([0.0, 0.0, 30.0, 20.0], Registration::Pixel).unwrap()
}

fn valid(pixels: &Array2<f32>) -> Vec<f64> {
    pixels.iter().filter(|pixel| **pixel != NODATA).map(|pixel| f64::from(*pixel)).collect()
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

async fn three() -> SedonaContext {
    let ctx = context(RasterArray::from_iter([Some(raster(0)), None, Some(raster(2))])).await;
    for function in [
        raster_udf("doubled", |raster| raster.map(|pixel: f32| 2.0 * pixel)),
        raster_udf("broken", |_| -> ndraster::Result<f64> { Err(Error::other("no such place")) }),
        raster_udf("panics", |raster| Ok(raster.to_array_cast::<f64>()?[[0, 99]])),
        raster_udf2("difference", |a, b| {
            Raster::from_ndarray(&a.as_array_view2::<f32>()? - &b.as_array_view2::<f32>()?)?.with_grid_of(a)
        }),
        raster_udf_with("above", |raster, (threshold, band): &(f64, Option<BandKey>)| {
            let band = band.clone().unwrap_or(BandKey::Number(1)).find(raster)?;
            Ok(band.valid_pixels::<f32>()?.filter(|pixel| f64::from(*pixel) > *threshold).count() as i64)
        }),
    ] {
        ctx.register_sedona_scalar_udf(sedona_udf(function)).unwrap();
    }
    ctx
}

fn close(found: &[Vec<Option<f64>>], expected: &[Vec<Option<f64>>]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        match (found, expected) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-6, "{found} is not {expected}"),
            (found, expected) => assert_eq!(found, expected),
        }
    }
}

#[tokio::test]
async fn ours_inside_of_theirs_and_theirs_inside_of_ours() {
    let ctx = three().await;
    let sql = "
        SELECT nd_mean(rast), RS_SummaryStats(rast, 'mean', 1), RS_SummaryStats(doubled(rast), 'sum', 1),
               nd_mean(RS_SetCRS(doubled(rast), 'EPSG:3857')), RS_Width(nd_window(rast, 1, 2, 3, 4)),
               RS_Value(doubled(RS_SetBandNoDataValue(rast, 1, 0)), 4, 3, 1), above(rast, 100),
               nd_mean(difference(doubled(rast), rast)), nd_value(RS_SetValue(doubled(rast), 1, 3, 5, 42), 2.5, 15.5)
        FROM t WHERE id <> 1 OR RS_Width(rast) IS NULL ORDER BY id";
    let row = |k| {
        let pixels = pixels(k);
        let valid = valid(&pixels);
        let doubled: Vec<f64> = valid.iter().map(|pixel| 2.0 * pixel).collect();
        // What `difference` sees of nodata is nodata twice: -9 is left as it is by `map`.
        let rest: Vec<f64> = pixels.iter().map(|p| if *p == NODATA { 0.0 } else { f64::from(*p) }).collect();
        let at = f64::from(pixels[[2, 3]]);
        [
            mean(&valid),
            mean(&valid),
            doubled.iter().sum(),
            mean(&doubled),
            3.0,
            2.0 * at, // nodata is 0 here
            valid.iter().filter(|pixel| **pixel > 100.0).count() as f64,
            mean(&rest),
            42.0,
        ]
        .map(Some)
        .to_vec()
    };
    close(&numbers(&ctx, sql).await, &[row(0), vec![None; 9], row(2)]);
}

#[tokio::test]
async fn tiles_are_those_of_rs_tile() {
    let ctx = three().await;
    // By place: the pixels, the bounds.
    let tiles = async |call: &str| {
        let sql = format!(
            "SELECT nd_raster(part['tile']) AS tile, part['x'] AS x, part['y'] AS y, RS_Width(part['tile']) AS w
             FROM (SELECT unnest({call}) AS part FROM t WHERE id = 0)"
        );
        let mut found = HashMap::new();
        for batch in batches(&ctx, &sql).await.unwrap() {
            let [x, y, w] = [1, 2, 3].map(|column| {
                datafusion::arrow::compute::cast(batch.column(column), &arrow_schema::DataType::Int32).unwrap()
            });
            let column = RasterArray::from_batch(&batch, "tile").unwrap();
            for (row, tile) in column.iter().flatten().enumerate() {
                let number = |array: &arrow_array::ArrayRef| array.as_primitive::<Int32Type>().value(row);
                let pixels = tile.as_array_view2::<f32>().unwrap().to_owned();
                assert_eq!(number(&w) as usize, pixels.ncols());
                found.insert((number(&x), number(&y)), (pixels, tile.bbox().unwrap()));
            }
        }
        found
    };
    let data_type = async |call: &str| {
        let batches = batches(&ctx, &format!("SELECT {call} FROM t")).await.unwrap();
        batches[0].schema().field(0).data_type().clone()
    };
    assert_eq!(data_type("nd_tiles(rast, 12, 7)").await, data_type("RS_Tile(rast, 12, 7)").await);
    let ours = tiles("nd_tiles(rast, 12, 7)").await;
    assert_eq!(ours, tiles("RS_Tile(rast, 12, 7)").await);
    assert_eq!(ours.len(), 9);
    for ((x, y), (tile, _)) in &ours {
        let (left, top) = (*x as usize * 12, *y as usize * 7);
        let expected = pixels(0).slice(s![top..(top + 7).min(20), left..(left + 12).min(30)]).to_owned();
        assert_eq!(*tile, expected);
    }
}

#[tokio::test]
async fn values_are_those_of_rs_value() {
    let ctx = three().await;
    for (x, y) in [(0.5, 19.5), (29.9, 0.1), (7.25, 3.75), (12.0, 6.0), (30.5, 5.0), (-0.1, 5.0), (3.0, 20.5)] {
        let sql =
            format!("SELECT nd_value(rast, {x}, {y}), RS_Value(rast, ST_Point({x}, {y}, 4326)) FROM t ORDER BY id");
        let found = numbers(&ctx, &sql).await;
        for (row, k) in [(0, Some(0)), (1, None), (2, Some(2))] {
            let (col, line) = (x as isize, (20.0f64 - y).floor() as isize);
            let inside = x >= 0.0 && col < 30 && (0..20).contains(&line);
            let pixel = k.filter(|_| inside).map(|k| f64::from(pixels(k)[[line as usize, col as usize]]));
            let expected = pixel.filter(|pixel| *pixel != f64::from(NODATA));
            assert_eq!(found[row], [expected, expected], "{x}, {y}");
        }
    }
}

#[tokio::test]
async fn mosaics_of_tiles_of_theirs_and_ours() {
    let ctx = three().await;
    for call in ["nd_tiles(rast, 12, 7)", "RS_Tile(rast, 12, 7)"] {
        let sql =
            format!("SELECT nd_mosaic(part['tile']) FROM (SELECT id, unnest({call}) AS part FROM t) WHERE id = 2");
        assert_eq!(rasters(&ctx, &sql).await[0].get(0).unwrap().as_array_view2::<f32>().unwrap(), pixels(2));
        let sql = format!("SELECT RS_SummaryStats(whole, 'sum', 1) FROM ({sql}) AS m(whole)");
        close(&numbers(&ctx, &sql).await, &[vec![Some(valid(&pixels(2)).iter().sum())]]);
    }
}

/// SedonaDB 0.5 cannot load what comes out of a function that did load, unless the two are next to each other; nor in ORDER BY.
/// Registered as they are, functions load nothing, and rasters that are in memory need nothing.
#[tokio::test]
async fn functions_that_load_nothing_are_nested_in_any_way() {
    let calls = [
        "SELECT nd_mean(RS_SetCRS(nd_window(rast, 0, 0, 9, 9), 'EPSG:3857')) FROM t ORDER BY id",
        "SELECT nd_mean(nd_window(rast, 0, 0, 9, 9)) FROM t ORDER BY nd_count_valid(rast), id DESC",
    ];
    let ctx = context(RasterArray::from_iter([raster(0)])).await;
    for sql in calls {
        let message = error(&ctx, sql).await;
        assert!(message.contains("async functions should not be called directly"), "{message}");
    }
    // The same limit without any function of ours.
    let theirs = "SELECT RS_Value(RS_SetCRS(RS_SetValue(rast, 1, 1, 1, 7), 'EPSG:3857'), 1, 1, 1) FROM t";
    assert!(error(&ctx, theirs).await.contains("async functions should not be called directly"));

    let plain = SedonaContext::new_local_interactive().await.unwrap();
    ndraster_datafusion::register_all(&mut plain.ctx.clone()).unwrap();
    plain.ctx.register_batch("t", batch(RasterArray::from_iter([raster(0)]))).unwrap();
    let window = pixels(0).slice(s![..9, ..9]).to_owned();
    for sql in calls {
        close(&numbers(&plain, sql).await, &[vec![Some(mean(&valid(&window)))]]);
    }
}

#[tokio::test]
async fn cubes_are_sliced_by_theirs_and_read_by_ours() {
    let cube = Array3::from_shape_fn((4, 20, 30), |(t, y, x)| (t * 1000 + y * 30 + x) as f32);
    let band = Band::from_ndarray(cube.clone()).unwrap().with_dim_names(["time", "y", "x"]).unwrap();
    let ctx = context(RasterArray::from(Raster::from_bands([band]).unwrap())).await;
    let plane = |t: usize| cube.slice(s![t, .., ..]).mapv(f64::from).mean().unwrap();
    let sql = "SELECT nd_mean(RS_Slice(rast, 'time', 2)), nd_mean(RS_DimToBand(rast, 'time'), 4) FROM t";
    close(&numbers(&ctx, sql).await, &[vec![Some(plane(2)), Some(plane(3))]]);
}

#[tokio::test]
async fn errors_and_panics_say_whose_they_are() {
    let ctx = three().await;
    for (call, expected) in [
        ("broken(rast)", "broken: row 0: no such place"),
        ("panics(rast)", "panics: row 0: the function panicked: "),
        ("nd_mean(id)", "nd_mean: argument 1 is not a raster"),
        ("nd_mean()", "nd_mean: the number of arguments is 0, not 1 to 2"),
        ("nd_mean(rast, 'blue')", "nd_mean: row 0: there is no band `blue`"),
        ("nd_window(rast, 'a', 1, 1, 1)", "nd_window: argument 2 is Utf8"),
        ("difference(rast)", "difference: the number of arguments is 1, not 2"),
    ] {
        let message = error(&ctx, &format!("SELECT {call} FROM t")).await;
        assert!(message.contains(expected), "{call}: {message}");
    }
}

#[tokio::test]
async fn nulls_of_all_kinds_are_null() {
    let ctx = three().await;
    let sql =
        "SELECT nd_mean(NULL), above(rast, NULL), nd_value(rast, NULL, 1), nd_mean(rast, NULL) FROM t ORDER BY id";
    let expected = |k| vec![None, None, None, Some(mean(&valid(&pixels(k))))];
    close(&numbers(&ctx, sql).await, &[expected(0), vec![None; 4], expected(2)]);
}
