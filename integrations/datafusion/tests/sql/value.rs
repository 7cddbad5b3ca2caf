//! The pixel under a point.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use ndarray::{Array2, Array3, array};
use ndraster::{Band, Pixel, Raster, RasterArray, Registration};

use crate::table::{column, error, session};

async fn values(rasters: RasterArray, call: &str) -> Vec<Option<f64>> {
    let ctx = session(rasters, []);
    let found = column(&ctx, &format!("SELECT {call} FROM t")).await;
    found.as_primitive::<Float64Type>().iter().collect()
}

#[tokio::test]
async fn the_value_is_that_of_the_pixel_under_the_point() {
    // Rows go down by 10 from y = 30, columns right by 2 from x = 100.
    let pixels = array![[1i16, 2, 3, 4], [5, 6, -9, 8], [9, 10, 11, 12]];
    let raster = Raster::from_ndarray(pixels.clone()).unwrap().with_nodata(-9i16).unwrap();
    let raster = raster.with_bbox([100.0, 0.0, 108.0, 30.0], Registration::Pixel).unwrap();
    for (row, y) in [(0, 29.0), (1, 15.0), (2, 0.5)] {
        for (col, x) in [(0, 100.5), (1, 103.9), (2, 105.0), (3, 106.0)] {
            let found = values(RasterArray::from(raster.clone()), &format!("nd_value(rast, {x}, {y})")).await;
            let expected = Some(f64::from(pixels[[row, col]])).filter(|value| *value != -9.0);
            assert_eq!(found, [expected], "{x}, {y}");
        }
    }
    for outside in ["99.9, 15", "108.1, 15", "104, 30.1", "104, -0.1", "'NaN'::double, 15", "104, NULL"] {
        assert_eq!(values(RasterArray::from(raster.clone()), &format!("nd_value(rast, {outside})")).await, [None]);
    }
}

#[tokio::test]
async fn values_of_each_type_and_band() {
    fn two<T: Pixel>(first: T, second: T) -> Raster {
        let band = |pixel| Band::from_ndarray(array![[pixel]]).unwrap();
        Raster::from_bands([band(first), band(second).with_name("second")]).unwrap()
    }
    let rasters = [
        two(1u8, 255),
        two(1u16, 65_535),
        two(1u32, u32::MAX),
        two(1u64, 1 << 60),
        two(1i8, -128),
        two(1i16, -32_768),
        two(1i32, i32::MIN),
        two(1i64, -(1 << 60)),
        two(1f32, f32::NEG_INFINITY),
        two(1f64, f64::NAN),
    ];
    let expected = [
        255.0,
        65_535.0,
        4_294_967_295.0,
        2f64.powi(60),
        -128.0,
        -32_768.0,
        -2f64.powi(31),
        -(2f64.powi(60)),
        f64::NEG_INFINITY,
    ];
    for key in ["2", "'second'"] {
        let found = values(rasters.clone().into_iter().collect(), &format!("nd_value(rast, 0.5, -0.5, {key})")).await;
        assert!(found[..9].iter().copied().eq(expected.map(Some)), "{found:?}");
        assert!(found[9].is_some_and(f64::is_nan), "{found:?}");
    }
    let ctx = session(RasterArray::from(Raster::from_ndarray(array![[(1i64 << 53) + 1]]).unwrap()), []);
    let message = error(&ctx, "SELECT nd_value(rast, 0.5, -0.5) FROM t").await;
    assert!(message.contains("the pixel is 9007199254740993, which float64 cannot hold"), "{message}");
    let ctx = session(RasterArray::from(two(1u8, 2)), []);
    let message = error(&ctx, "SELECT nd_value(rast, 0.5, -0.5) FROM t").await;
    assert!(message.contains("the raster has 2 bands, not one"), "{message}");
}

#[tokio::test]
async fn points_by_the_row_and_bands_of_other_dims() {
    let turned = Array2::from_shape_fn((3, 2), |(x, y)| (10 * x + y) as u8);
    let turned = Band::from_ndarray(turned).unwrap().with_dim_names(["x", "y"]).unwrap();
    let found =
        values(RasterArray::from(Raster::from_bands([turned]).unwrap()), "nd_value(rast, id + 2.5, -1.5)").await;
    assert_eq!(found, [Some(21.0)]);
    let cube = Band::from_ndarray(Array3::<u8>::zeros((2, 3, 3))).unwrap().with_dim_names(["time", "y", "x"]).unwrap();
    let ctx = session(RasterArray::from(Raster::from_bands([cube]).unwrap()), []);
    let message = error(&ctx, "SELECT nd_value(rast, 0.5, -0.5) FROM t").await;
    assert!(message.contains("slice_dim"), "{message}");
}
