//! Hillshade and vegetation index on grids of every kind: against loops over plain numbers, and against values of GDAL.
//!
//! GDAL's values are of GDAL 3.10.3, the one in the wheel of rasterio 1.4.4: `GDALDEMProcessing`, which is `gdaldem`.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use ndarray::{Array2, ArrayView2, Ix2, Slice, array, s};
use ndraster::{Band, GeoTransform, Raster, RasterArray};

use crate::table::{column, error, rasters, session};

/// A transform from GDAL's six numbers.
fn gdal(numbers: [f64; 6]) -> GeoTransform {
    GeoTransform::from_gdal(numbers).unwrap()
}

/// Transforms of every kind: upright, south-up, flipped, not square, skewed, rotated.
fn transforms() -> Vec<GeoTransform> {
    let rotated = |degrees: f64, width: f64, height: f64| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        gdal([1000.0, width * cos, height * sin, 2000.0, width * sin, -height * cos])
    };
    let upright = [[10.0, -10.0], [10.0, 10.0], [-10.0, -10.0], [-3.0, 7.0], [2.0, -5.0]];
    let upright = upright.map(|[scale_x, scale_y]| gdal([500.0, scale_x, 0.0, 900.0, 0.0, scale_y]));
    let others = [
        gdal([0.0, 0.0, 10.0, 90.0, -10.0, 0.0]),
        gdal([0.0, 0.0, 4.0, 90.0, 10.0, 0.0]),
        gdal([0.0, 9.0, 3.0, 90.0, 1.0, -7.0]),
        gdal([0.0, 9.0, -6.0, 90.0, 5.0, 7.0]),
        rotated(30.0, 10.0, 10.0),
        rotated(-75.0, 4.0, 9.0),
        rotated(200.0, 12.0, 5.0),
    ];
    upright.into_iter().chain(others).collect()
}

/// How bright a slope is, by angles: light from 315 degrees, 45 degrees above the horizon.
fn brightness(east: f64, north: f64) -> f64 {
    let slope = east.hypot(north).atan();
    // Where the ground falls to, clockwise from north.
    let downhill = (-east).atan2(-north);
    let (altitude, azimuth) = (45f64.to_radians(), 315f64.to_radians());
    let cosine = altitude.sin() * slope.cos() + altitude.cos() * slope.sin() * (azimuth - downhill).cos();
    1.0 + 254.0 * cosine.max(0.0)
}

/// Is a pixel this brightness, rounded?
fn is_rounded(pixel: u8, brightness: f64) -> bool {
    (f64::from(pixel) - brightness).abs() <= 0.5 + 1e-6
}

/// All pixels but those at the edge.
fn inner(pixels: &Array2<u8>) -> ArrayView2<'_, u8> {
    pixels.slice(s![1..pixels.nrows() - 1, 1..pixels.ncols() - 1])
}

async fn shades(rasters_in: impl IntoIterator<Item = Raster>) -> RasterArray {
    rasters(&session(rasters_in.into_iter().collect(), []), "SELECT nd_hillshade(rast) FROM t").await
}

#[tokio::test]
async fn a_plane_has_the_shade_of_its_slope_on_every_grid() {
    let slopes = [(0.0, 0.0), (0.7, 0.0), (0.0, -0.4), (-1.5, 0.3), (2.0, 2.0), (-0.1, -3.0)];
    let cases: Vec<_> = transforms().into_iter().flat_map(|grid| slopes.map(|slope| (grid, slope))).collect();
    let plane = |(grid, (east, north)): &(GeoTransform, (f64, f64))| {
        let heights = Array2::from_shape_fn((5, 6), |(row, col)| {
            let (x, y) = grid.pixel_center(row as i64, col as i64);
            east * x + north * y
        });
        Raster::from_ndarray(heights).unwrap().with_transform(*grid)
    };
    let found = shades(cases.iter().map(plane)).await;
    for (shade, (grid, (east, north))) in found.iter().flatten().zip(&cases) {
        assert_eq!(shade.transform().unwrap(), *grid);
        let shade = shade.to_array2::<u8>().unwrap();
        for pixel in inner(&shade) {
            assert!(is_rounded(*pixel, brightness(*east, *north)), "{grid:?}, {east} {north}: {pixel}");
        }
    }
    assert_eq!(found.len(), cases.len());
}

fn hills(height: usize, width: usize) -> Array2<i32> {
    Array2::from_shape_fn((height, width), |(row, col)| {
        ((row as u32 * 7919 + col as u32 * 104_729 + 5).wrapping_mul(2_654_435_761) >> 20) as i32 % 30
    })
}

/// The slopes along columns and rows by Horn's weights, then those on the ground, by Cramer's rule.
fn slopes(heights: ArrayView2<'_, i32>, grid: GeoTransform, row: usize, col: usize) -> (f64, f64) {
    let (mut by_col, mut by_row) = (0.0, 0.0);
    for (down, along_rows) in [(-1, -1.0), (0, 0.0), (1, 1.0)] {
        for (right, along_cols) in [(-1, -1.0), (0, 0.0), (1, 1.0)] {
            let row = (row as isize + down).clamp(0, heights.nrows() as isize - 1);
            let col = (col as isize + right).clamp(0, heights.ncols() as isize - 1);
            let height = f64::from(heights[[row as usize, col as usize]]) / 8.0;
            by_col += along_cols * height * if down == 0 { 2.0 } else { 1.0 };
            by_row += along_rows * height * if right == 0 { 2.0 } else { 1.0 };
        }
    }
    // by_col = east * scale_x + north * skew_y, by_row = east * skew_x + north * scale_y
    let [_, scale_x, skew_x, _, skew_y, scale_y] = grid.to_gdal();
    let determinant = scale_x * scale_y - skew_x * skew_y;
    ((by_col * scale_y - by_row * skew_y) / determinant, (by_row * scale_x - by_col * skew_x) / determinant)
}

#[tokio::test]
async fn hills_have_the_shade_of_their_slopes_on_every_grid() {
    let heights = hills(9, 7);
    let raster = |grid| Raster::from_ndarray(heights.clone()).unwrap().with_transform(grid);
    let found = shades(transforms().into_iter().map(raster)).await;
    for (shade, grid) in found.iter().flatten().zip(transforms()) {
        for ((row, col), pixel) in shade.as_array_view2::<u8>().unwrap().indexed_iter() {
            let (east, north) = slopes(heights.view(), grid, row, col);
            assert!(is_rounded(*pixel, brightness(east, north)), "{grid:?}, {row}, {col}");
        }
    }
}

/// The same ground, on the same pixels in another order.
fn twins(raster: &Raster) -> Vec<Raster> {
    let pixels = raster.to_array2::<i32>().unwrap();
    let grid = raster.transform().unwrap();
    let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = grid.to_gdal();
    let height = pixels.nrows() as f64;
    // Row `row` and column `col` become row `col` and column `height - 1 - row`.
    let quarter = pixels.t().slice(s![.., ..;-1]).to_owned();
    let turned = [origin_x + height * skew_x, -skew_x, scale_x, origin_y + height * scale_y, -scale_y, skew_y];
    let turned = Raster::from_ndarray(quarter).unwrap().with_transform(gdal(turned)).with_nodata(-7i32).unwrap();
    let x_first = Band::from_ndarray(pixels.t().to_owned()).unwrap().with_dim_names(["x", "y"]).unwrap();
    let x_first = Raster::from_bands([x_first.with_nodata(-7i32).unwrap()]).unwrap().with_transform(grid);
    let flip = |raster: &Raster, dim| raster.slice_dim(dim, Slice::new(0, None, -1)).unwrap();
    vec![
        raster.transpose_dims(["x", "y"]).unwrap(),
        flip(&x_first, "x"),
        x_first,
        flip(raster, "x"),
        flip(raster, "y"),
        flip(&flip(raster, "y"), "x"),
        flip(&turned, "y"),
        turned,
    ]
}

#[tokio::test]
async fn twins_have_the_same_shade_under_the_same_point() {
    let mut heights = hills(9, 7);
    heights[[2, 5]] = -7;
    for grid in transforms() {
        let raster = Raster::from_ndarray(heights.clone()).unwrap().with_transform(grid).with_nodata(-7i32).unwrap();
        let twins = twins(&raster);
        let found = shades([raster].into_iter().chain(twins.iter().cloned())).await;
        let expected = found.get(0).unwrap();
        let points: Vec<_> = (0..9).flat_map(|row| (0..7).map(move |col| grid.pixel_center(row, col))).collect();
        let expected = expected.sample_many::<u8>(&points).unwrap();
        assert_eq!(
            expected.iter().filter(|shade| shade.is_none()).count(),
            9,
            "the pixel without data and its neighbours"
        );
        for (number, twin) in found.iter().flatten().enumerate().skip(1) {
            assert_eq!(twin.transform().unwrap(), twins[number - 1].transform().unwrap());
            for (found, expected) in twin.sample_many::<u8>(&points).unwrap().into_iter().zip(&expected) {
                let distance = found.unwrap_or(0).abs_diff(expected.unwrap_or(0));
                // The inverse of another matrix may be rounded in another way.
                assert!(distance <= 1 && found.is_some() == expected.is_some(), "{grid:?}, twin {number}");
            }
        }
    }
}

#[tokio::test]
async fn shades_are_those_of_gdal() {
    let heights = array![[10i16, 12, 15, 20, 18], [11, 14, 19, 22, 17], [13, 15, 23, 30, 21], [9, 12, 20, 26, 19]];
    let raster = |numbers| Raster::from_ndarray(heights.clone()).unwrap().with_transform(gdal(numbers));
    let upright = [0.0, 10.0, 0.0, 0.0, 0.0, -10.0];
    // GDAL leaves the edge empty, unless told otherwise.
    let cases = [
        (upright, [[235, 247, 210], [211, 226, 185]]),
        ([500_000.0, 2.0, 0.0, 4_600_000.0, 0.0, -3.0], [[226, 223, 196], [176, 181, 155]]),
        ([0.0, 10.0, 0.0, 0.0, 0.0, 10.0], [[186, 168, 118], [225, 215, 150]]),
        ([0.0, -10.0, 0.0, 0.0, 0.0, -10.0], [[145, 141, 219], [100, 88, 206]]),
    ];
    let found = shades(cases.map(|(numbers, _)| raster(numbers))).await;
    for (found, (numbers, expected)) in found.iter().flatten().zip(cases) {
        let found = found.to_array2::<u8>().unwrap();
        assert_eq!(inner(&found), Array2::from(expected.to_vec()), "{numbers:?}");
    }
    // gdaldem -s 111120
    let degrees = session([raster([-84.4, 0.001, 0.0, 36.7, 0.0, -0.001])].into_iter().collect(), []);
    let found = rasters(&degrees, "SELECT nd_hillshade(rast, 111120) FROM t").await;
    let found = found.get(0).unwrap().to_array2::<u8>().unwrap();
    assert_eq!(inner(&found), array![[187, 190, 184], [185, 188, 181]]);
    // Next to nodata.
    let mut hole = heights.clone();
    hole[[0, 0]] = -9999;
    let hole = Raster::from_ndarray(hole).unwrap().with_transform(gdal(upright)).with_nodata(-9999i16).unwrap();
    let found = shades([hole]).await.get(0).unwrap().to_array2::<u8>().unwrap();
    assert_eq!(inner(&found), array![[0, 247, 210], [211, 226, 185]]);
}

#[tokio::test]
async fn nan_and_infinity_are_no_ground() {
    for nodata in [None, Some(-9999.0)] {
        for hole in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut heights = hills(6, 6).mapv(f64::from);
            heights[[1, 4]] = hole;
            let raster = Raster::from_ndarray(heights).unwrap();
            let raster = nodata.map_or(Ok(raster.clone()), |nodata| raster.with_nodata(nodata)).unwrap();
            let found = shades([raster]).await.get(0).unwrap().to_array2::<u8>().unwrap();
            for ((row, col), shade) in found.indexed_iter() {
                assert_eq!(*shade == 0, row < 3 && (3..6).contains(&col), "{hole}, {nodata:?}: {row}, {col}");
            }
        }
    }
}

#[tokio::test]
async fn a_grid_without_area_and_a_scale_that_is_none_are_errors() {
    let flat = gdal([0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    let rasters =
        [Raster::from_ndarray(hills(3, 3)).unwrap(), Raster::from_ndarray(hills(3, 3)).unwrap().with_transform(flat)];
    let ctx = session(rasters.into_iter().collect(), []);
    let message = error(&ctx, "SELECT nd_hillshade(rast) FROM t").await;
    assert!(
        message.contains("nd_hillshade: row 1: transform: ") && message.contains("cannot be inverted"),
        "{message}"
    );
    for scale in ["0", "-1", "'NaN'::double"] {
        let message = error(&ctx, &format!("SELECT nd_hillshade(rast, {scale}) FROM t")).await;
        assert!(message.contains("nd_hillshade: row 0: a scale of "), "{message}");
    }
}

#[tokio::test]
async fn ndvi_matches_pixels_by_the_names_of_dims() {
    let (red, nir) = (hills(5, 5), hills(6, 5).slice(s![1.., ..]).to_owned());
    let band = |pixels: &Array2<i32>, name, dims: [&str; 2]| {
        let pixels = if dims == ["lon", "lat"] { pixels.t().to_owned() } else { pixels.clone() };
        Band::from_ndarray(pixels).unwrap().with_name(name).with_dim_names(dims).unwrap()
    };
    let orders = [["lat", "lon"], ["lon", "lat"]];
    let pairs = orders.iter().flat_map(|of_red| orders.iter().map(move |of_nir| (*of_red, *of_nir)));
    let raster = |(of_red, of_nir)| Raster::from_bands([band(&red, "red", of_red), band(&nir, "nir", of_nir)]).unwrap();
    let ctx = session(pairs.map(raster).collect(), []);
    let found = rasters(&ctx, "SELECT nd_ndvi(rast, 'red', 'nir') FROM t").await;
    assert_eq!(found.len(), 4);
    for found in found.iter().flatten() {
        assert_eq!(found.band(0).unwrap().dim_names(), ["lat", "lon"]);
        let is_valid = found.is_valid::<f32>().unwrap();
        for ((row, col), index) in found.to_array_dim::<f32, Ix2>().unwrap().indexed_iter() {
            let (red, nir) = (f64::from(red[[row, col]]), f64::from(nir[[row, col]]));
            if red + nir == 0.0 {
                assert!(!is_valid(*index), "{row}, {col}");
            } else {
                assert_eq!(*index, ((nir - red) / (nir + red)) as f32, "{row}, {col}");
            }
        }
    }
}

#[tokio::test]
async fn ndvi_of_a_sum_of_zero_is_nodata() {
    let red = Band::from_ndarray(array![[-0.02f32, 0.0, 0.1, f32::NAN, 1.0]]).unwrap().with_name("red");
    let nir = Band::from_ndarray(array![[0.02f32, 0.0, 0.3, 0.2, -99.0]]).unwrap().with_name("nir");
    let raster = Raster::from_bands([red, nir.with_nodata(-99f32).unwrap()]).unwrap();
    let ctx = session([raster].into_iter().collect(), []);
    let found = rasters(&ctx, "SELECT nd_ndvi(rast, 'red', 'nir') FROM t").await;
    let found = found.get(0).unwrap();
    assert!(found.nodata::<f32>().unwrap().unwrap().is_nan());
    let missing = found.as_array_view2::<f32>().unwrap().mapv(f32::is_nan);
    assert_eq!(missing, array![[true, true, false, true, true]]);
    let mean = column(&ctx, "SELECT nd_mean(nd_ndvi(rast, 'red', 'nir')) FROM t").await;
    assert!((mean.as_primitive::<Float64Type>().value(0) - 0.5).abs() < 1e-6);
}

#[tokio::test]
async fn parts_tiles_and_mosaics_mean_the_places_that_the_six_numbers_say() {
    // Four rows and seven columns, stored column by column, with NaN as nodata.
    let pixels = Array2::from_shape_fn((4, 7), |(row, col)| match (row, col) {
        (1, 2) | (3, 6) => f32::NAN,
        _ => (10 * row + col) as f32,
    });
    for transform in transforms() {
        let band = Band::from_ndarray(pixels.t().to_owned()).unwrap().with_dim_names(["x", "y"]).unwrap();
        let raster = Raster::from_bands([band.with_nodata(f32::NAN).unwrap()]).unwrap().with_transform(transform);
        let ctx = session(RasterArray::from(raster), []);
        let [x0, dx_col, dx_row, y0, dy_col, dy_row] = transform.to_gdal();
        let points = pixels.indexed_iter().map(|((row, col), _)| {
            let (across, down) = (col as f64 + 0.5, row as f64 + 0.5);
            let (x, y) = (x0 + across * dx_col + down * dx_row, y0 + across * dy_col + down * dy_row);
            format!("({row}, {col}, {x:?}::double, {y:?}::double)")
        });
        let points = points.collect::<Vec<_>>().join(", ");
        let expected: Vec<_> = pixels.iter().map(|pixel| (!pixel.is_nan()).then(|| f64::from(*pixel))).collect();
        for source in [
            "SELECT rast FROM t",
            "SELECT nd_mosaic(rast) FROM t",
            "SELECT nd_mosaic(part['tile']) FROM (SELECT unnest(nd_tiles(rast, 3, 2)) AS part FROM t)",
            "SELECT nd_mosaic(part['tile'], 1) FROM (SELECT unnest(nd_tiles(rast, 3, 2, 1)) AS part FROM t)",
            "SELECT nd_standard(nd_window(rast, -1, 0, 99, 99)) FROM t",
            "SELECT nd_clip(rast, -1e6, -1e6, 1e6, 1e6) FROM t",
        ] {
            let sql = format!(
                "SELECT array_agg(nd_value(rast, x, y) ORDER BY line, place)
                 FROM ({source}) AS s(rast) CROSS JOIN (VALUES {points}) AS p(line, place, x, y)"
            );
            let found = column(&ctx, &sql).await.as_list::<i32>().value(0);
            let found: Vec<_> = found.as_primitive::<Float64Type>().iter().collect();
            assert_eq!(found, expected, "{transform:?}: {source}");
        }
    }
}
