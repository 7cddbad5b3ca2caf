//! The functions that the package brings along give what loops over plain numbers give.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use ndarray::{Array2, Array3, Axis, array};
use ndraster::{Band, ErrorKind, Pixel, Raster, RasterArray, Registration};

use crate::table::{column, error, rasters, session};

/// Numbers without a pattern.
fn noise(row: usize, col: usize) -> i32 {
    ((row as u32 * 7919 + col as u32 * 104_729 + 13).wrapping_mul(2_654_435_761) >> 20) as i32 % 200
}

fn elevation(height: usize, width: usize) -> Array2<i16> {
    Array2::from_shape_fn((height, width), |(row, col)| noise(row, col) as i16)
}

/// The pixels that count, row by row.
fn valid(pixels: &Array2<i16>, nodata: i16) -> Vec<f64> {
    pixels.iter().filter(|pixel| **pixel != nodata).map(|pixel| f64::from(*pixel)).collect()
}

#[tokio::test]
async fn statistics_leave_nodata_out() {
    let pixels = elevation(23, 31);
    let nodata = pixels[[3, 4]];
    let all_nodata = Raster::from_ndarray(Array2::<i16>::from_elem((2, 3), 7)).unwrap().with_nodata(7i16).unwrap();
    let some = Raster::from_ndarray(pixels.clone()).unwrap().with_nodata(nodata).unwrap();
    let without = Raster::from_ndarray(pixels.clone()).unwrap();
    // Thousands of pixels without data, then a mixture, then thousands with data.
    let mut patches = elevation(61, 153);
    patches.slice_mut(ndarray::s![..25, ..]).fill(-7);
    patches.slice_mut(ndarray::s![25..30, ..]).iter_mut().step_by(3).for_each(|pixel| *pixel = -7);
    let patched = Raster::from_ndarray(patches.clone()).unwrap().with_nodata(-7i16).unwrap();
    let ctx = session([some, without, all_nodata, patched].into_iter().collect(), []);
    let patched = self::valid(&patches, -7);
    let (valid, all) = (valid(&pixels, nodata), valid(&pixels, -1));
    assert!(valid.len() < all.len());
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
    let least = |numbers: &[f64]| numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |numbers: &[f64]| numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);

    let found = column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    let found = found.as_primitive::<Float64Type>();
    assert!((found.value(0) - mean(&valid)).abs() < 1e-9 && (found.value(1) - mean(&all)).abs() < 1e-9);
    assert!(found.is_null(2) && (found.value(3) - mean(&patched)).abs() < 1e-9);
    let found = column(&ctx, "SELECT nd_count_valid(rast) FROM t").await;
    let counts = [valid.len(), all.len(), 0, patched.len()].map(|count| count as i64);
    assert_eq!(found.as_primitive::<Int64Type>().values(), &counts);
    for (field, of) in [("min", &least as &dyn Fn(&[f64]) -> f64), ("max", &most)] {
        let found = column(&ctx, &format!("SELECT nd_min_max(rast)['{field}'] FROM t")).await;
        let found = found.as_primitive::<Float64Type>();
        assert_eq!(
            found.iter().collect::<Vec<_>>(),
            [Some(of(&valid)), Some(of(&all)), None, Some(of(&patched))],
            "{field}"
        );
    }
}

#[tokio::test]
async fn statistics_are_those_of_any_pixel_type_and_any_order() {
    fn raster<T: Pixel + From<u8>>() -> [Raster; 3] {
        let pixels = Array2::from_shape_fn((5, 6), |(row, col)| T::from((10 * row + col) as u8));
        let raster = Raster::from_ndarray(pixels).unwrap().with_nodata(T::from(23)).unwrap();
        let one = Raster::from_ndarray(array![[T::from(9)]]).unwrap();
        [raster.slice_dim("x", ndarray::Slice::new(0, None, -2)).unwrap(), raster, one]
    }
    let [i8_one, i8_nodata] =
        [5i8, 23].map(|fill| Raster::from_ndarray(array![[fill]]).unwrap().with_nodata(23i8).unwrap());
    let types = [raster::<u8>(), raster::<u16>(), raster::<i16>(), raster::<u32>(), raster::<i32>()];
    let more = [raster::<u64>(), raster::<i64>(), raster::<f32>(), raster::<f64>()];
    let column: RasterArray = types.into_iter().chain(more).flatten().chain([i8_one, i8_nodata]).collect();
    let ctx = session(column, []);
    let found = crate::table::column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    let found: Vec<_> = found.as_primitive::<Float64Type>().iter().collect();
    let all: Vec<f64> = (0..30).map(|i| (10 * (i / 6) + i % 6) as f64).filter(|pixel| *pixel != 23.0).collect();
    // Every other column from the last on: 5, 3, 1.
    let odd: Vec<f64> = all.iter().copied().filter(|pixel| *pixel as u32 % 2 == 1).collect();
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
    for kind in found[..27].chunks(3) {
        let expected = [mean(&odd), mean(&all), 9.0];
        for (found, expected) in kind.iter().zip(expected) {
            assert!((found.unwrap() - expected).abs() < 1e-12, "{kind:?}");
        }
    }
    assert_eq!(found[27..], [Some(5.0), None]);
    // A single pixel of eight bytes lies inside of Arrow's view, and may be nodata too.
    let one = Raster::from_ndarray(array![[7.5f64]]).unwrap().with_nodata(7.5f64).unwrap();
    let ctx = session([one].into_iter().collect(), []);
    assert_eq!(crate::table::column(&ctx, "SELECT nd_mean(rast) FROM t").await.null_count(), 1);
}

#[tokio::test]
async fn nan_pixels_are_left_out_whether_or_not_nan_is_nodata() {
    let pixels = array![[1.0f32, f32::NAN, 5.0]];
    let with = Raster::from_ndarray(pixels.clone()).unwrap().with_nodata(f32::NAN).unwrap();
    let without = Raster::from_ndarray(pixels).unwrap();
    let ctx = session([with, without].into_iter().collect(), []);
    let found = column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    let found = found.as_primitive::<Float64Type>();
    assert_eq!(found.values(), &[3.0, 3.0]);
    let found = column(&ctx, "SELECT nd_min_max(rast)['max'] FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().values(), &[5.0, 5.0]);
}

#[tokio::test]
async fn a_band_is_found_by_its_name() {
    let band = |fill: u8, name| Band::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap().with_name(name);
    let raster = Raster::from_bands([band(1, "red"), band(9, "nir")]).unwrap();
    let ctx = session([raster].into_iter().collect(), []);
    let found = column(&ctx, "SELECT nd_mean(rast, 'nir') FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().value(0), 9.0);
    let message = error(&ctx, "SELECT nd_mean(rast) FROM t").await;
    assert!(message.contains("nd_mean: row 0: the raster has 2 bands, not one"), "{message}");
    let message = error(&ctx, "SELECT nd_mean(rast, 'blue') FROM t").await;
    assert!(message.contains("there is no band `blue`, only `red`, `nir`"), "{message}");
}

#[tokio::test]
async fn ndvi_is_the_difference_over_the_sum_and_nan_at_nodata() {
    let (red, nir) = (elevation(9, 11), elevation(11, 9).reversed_axes());
    let band = |pixels: &Array2<i16>, name| Band::from_ndarray(pixels).unwrap().with_name(name);
    let nodata = red[[2, 3]];
    let bands = [band(&red, "red").with_nodata(nodata).unwrap(), band(&nir, "nir")];
    let raster = Raster::from_bands(bands).unwrap().with_crs("EPSG:32616");
    let raster = raster.with_bbox([0.0, 0.0, 110.0, 90.0], Registration::Pixel).unwrap();
    let ctx = session([raster].into_iter().collect(), []);
    let found = rasters(&ctx, "SELECT nd_ndvi(rast, 'red', 'nir') FROM t").await;
    let found = found.get(0).unwrap();
    assert_eq!((found.crs().unwrap(), found.bbox().unwrap()), (Some("EPSG:32616"), [0.0, 0.0, 110.0, 90.0]));
    assert!(found.nodata::<f32>().unwrap().unwrap().is_nan());
    let pixels = found.as_array_view2::<f32>().unwrap();
    for ((row, col), pixel) in pixels.indexed_iter() {
        let (r, n) = (f64::from(red[[row, col]]), f64::from(nir[[row, col]]));
        let expected = ((n - r) / (n + r)) as f32;
        if red[[row, col]] == nodata || r + n == 0.0 {
            assert!(pixel.is_nan(), "{row}, {col}");
        } else {
            assert_eq!(*pixel, expected, "{row}, {col}");
        }
    }
}

#[tokio::test]
async fn a_hillshade_is_the_formula_of_gdals_manual_and_nodata_next_to_nodata() {
    let mut pixels = elevation(12, 15);
    pixels[[5, 6]] = -9999;
    let raster = Raster::from_ndarray(pixels.clone()).unwrap().with_nodata(-9999i16).unwrap();
    let raster = raster.with_bbox([0.0, 0.0, 15.0 * 30.0, 12.0 * 20.0], Registration::Pixel).unwrap();
    let ctx = session([raster].into_iter().collect(), []);
    let found = rasters(&ctx, "SELECT nd_hillshade(rast) FROM t").await;
    let found = found.get(0).unwrap();
    assert_eq!(found.nodata::<u8>().unwrap(), Some(0));
    let found = found.as_array_view2::<u8>().unwrap();
    // By angles: slope and aspect as in GDAL's manual, light from 315 degrees at 45 degrees.
    for row in 0..12i32 {
        for col in 0..15i32 {
            let z = |down: i32, right: i32| {
                let (r, c) = ((row + down).clamp(0, 11), (col + right).clamp(0, 14));
                f64::from(pixels[[r as usize, c as usize]])
            };
            let near_nodata = (4..=6).contains(&row) && (5..=7).contains(&col);
            let east = ((z(-1, 1) + 2.0 * z(0, 1) + z(1, 1)) - (z(-1, -1) + 2.0 * z(0, -1) + z(1, -1))) / (8.0 * 30.0);
            let south = ((z(1, -1) + 2.0 * z(1, 0) + z(1, 1)) - (z(-1, -1) + 2.0 * z(-1, 0) + z(-1, 1))) / (8.0 * 20.0);
            let slope = east.hypot(south).atan();
            // Where the ground falls to, clockwise from north: it falls northwards where it rises southwards.
            let downhill = (-east).atan2(south);
            let light = 315f64.to_radians();
            let shade = 45f64.to_radians().sin() * slope.cos()
                + 45f64.to_radians().cos() * slope.sin() * (light - downhill).cos();
            let expected = if near_nodata { 0.0 } else { 1.0 + 254.0 * shade.max(0.0) };
            let pixel = f64::from(found[[row as usize, col as usize]]);
            assert!((pixel - expected.floor()).abs() <= 1.0, "{row}, {col}: {pixel} is not {expected}");
            assert_eq!(pixel == 0.0, near_nodata, "{row}, {col}");
        }
    }
}

#[tokio::test]
async fn bands_that_share_a_buffer_are_read_one_by_one() {
    let stack = Array3::from_shape_fn((3, 4, 5), |(band, ..)| band as u16 * 10);
    let bands = Band::split(stack, Axis(0)).unwrap().into_iter().zip(["a", "b", "c"]);
    let raster = Raster::from_bands(bands.map(|(band, name)| band.with_name(name))).unwrap();
    let ctx = session([raster].into_iter().collect(), []);
    let found = column(&ctx, "SELECT nd_mean(rast, 'c') - nd_mean(rast, 'b') FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().value(0), 10.0);
}

#[tokio::test]
async fn a_cube_has_a_mean_but_no_shade() {
    let cube = Array3::from_shape_fn((3, 4, 5), |(plane, ..)| plane as f32);
    let band = Band::from_ndarray(cube).unwrap().with_dim_names(["time", "y", "x"]).unwrap();
    let ctx = session([Raster::from_bands([band]).unwrap()].into_iter().collect(), []);
    let found = column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().value(0), 1.0);
    let message = error(&ctx, "SELECT nd_hillshade(rast) FROM t").await;
    assert!(message.contains(r#"nd_hillshade: row 0, band 0: it has 3 axes ["time", "y", "x"], not 2"#), "{message}");
}

#[tokio::test]
async fn statistics_are_those_of_misaligned_payloads_too() {
    let pixels = elevation(7, 9).mapv(f64::from);
    let nodata = pixels[[2, 3]];
    let bytes = Raster::from_ndarray(array![[1u8, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]]).unwrap();
    let floats = Raster::from_ndarray(pixels.clone()).unwrap().with_nodata(nodata).unwrap();
    let one = Raster::from_ndarray(array![[7.5f64]]).unwrap();
    let packed = RasterArray::from_iter([bytes, floats, one]).to_offset_types().unwrap();
    assert_eq!(packed.get(1).unwrap().as_array_view2::<f64>().unwrap_err().kind(), ErrorKind::Misaligned);
    let valid: Vec<f64> = pixels.iter().copied().filter(|pixel| *pixel != nodata).collect();
    let ctx = session(packed, []);
    let found = column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    let found = found.as_primitive::<Float64Type>();
    assert_eq!((found.value(0), found.value(2)), (7.0, 7.5));
    assert!((found.value(1) - valid.iter().sum::<f64>() / valid.len() as f64).abs() < 1e-9);
    let found = column(&ctx, "SELECT nd_count_valid(rast) FROM t").await;
    assert_eq!(found.as_primitive::<Int64Type>().values(), &[13, valid.len() as i64, 1]);
}
