//! Grids that people use: each corner and each centre is found again, and points between them lie where exact arithmetic on
//! rationals has them.

use ndraster::{ErrorKind, GeoTransform, Raster, Registration, Result, ndarray::Array2};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, ToPrimitive};
use proptest::prelude::*;

/// Half of the circumference of the earth in Web Mercator.
const MERCATOR: f64 = 20_037_508.342_789_244;

/// Origin, pixel size and number of pixels along x and y.
type Grid = ([f64; 2], [f64; 2], [i64; 2]);

/// Degrees, Web Mercator of every zoom, UTM; north-up, south-up and flipped.
fn grids() -> Vec<Grid> {
    let degrees = |pixel: f64, count: i64| ([-180.0, 90.0], [pixel, -pixel], [2 * count, count]);
    let mut grids = vec![
        degrees(0.1, 1800),
        degrees(0.05, 3600),
        degrees(0.25, 720),
        degrees(1.0 / 120.0, 21_600),
        degrees(1.0 / 3600.0, 648_000),
        degrees(1.0 / 10_800.0, 1_944_000),
        ([-84.414_583_333_333_33, 36.733_75], [1.0 / 10_800.0, -1.0 / 10_800.0], [10_812, 10_812]),
        ([399_960.0, 5_000_040.0], [10.0, -10.0], [10_980, 10_980]),
        ([500_000.0, 9_999_999.9], [0.3, -0.3], [20_000, 20_000]),
        ([166_021.443_1, 0.0], [30.0, -30.0], [7_000, 7_000]),
    ];
    for zoom in 0..=23 {
        let count = 256i64 << zoom;
        let pixel = 2.0 * MERCATOR / count as f64;
        grids.push(([-MERCATOR, MERCATOR], [pixel, -pixel], [count, count]));
    }
    let turned = |([x, y], [width, height], count): Grid, flip_x: bool, flip_y: bool| {
        let [cols, rows] = count;
        let flip = |origin: f64, size: f64, count: i64, flip| match flip {
            true => (origin + count as f64 * size, -size),
            false => (origin, size),
        };
        let ((x, width), (y, height)) = (flip(x, width, cols, flip_x), flip(y, height, rows, flip_y));
        ([x, y], [width, height], count)
    };
    let north_up = grids.clone();
    grids.extend(north_up.iter().map(|grid| turned(*grid, false, true)));
    grids.extend(north_up.iter().map(|grid| turned(*grid, true, false)));
    grids
}

fn transform(([x, y], [width, height], _): Grid) -> GeoTransform {
    GeoTransform::from_gdal([x, width, 0.0, y, 0.0, height]).unwrap()
}

/// All of few pixels, and a sample of many.
fn some(count: i64) -> impl Iterator<Item = i64> + Clone {
    let step = (count / 3000).max(1);
    (0..=count).step_by(step as usize).chain(count - 3..=count).filter(|index: &i64| *index >= 0)
}

fn exact(number: f64) -> BigRational {
    BigRational::from_f64(number).unwrap()
}

/// The pixel along one axis, by exact arithmetic.
fn exact_index(origin: f64, size: f64, coordinate: f64) -> BigInt {
    ((exact(coordinate) - exact(origin)) / exact(size)).floor().to_integer()
}

/// As GDAL inverts and applies (`GDALInvGeoTransform`, `GDALApplyGeoTransform`) without rotation.
fn gdal_index(origin: f64, size: f64, coordinate: f64) -> f64 {
    let (offset, scale) = (-origin / size, 1.0 / size);
    (offset + coordinate * scale).floor()
}

#[test]
fn every_corner_is_found_again_where_gdal_finds_it_and_elsewhere_too() -> Result<()> {
    let (mut corners, mut missed_by_gdal) = (0, 0);
    for grid in grids() {
        let ([origin_x, origin_y], [width, height], [cols, rows]) = grid;
        let transform = transform(grid);
        for (col, row) in some(cols).zip(some(rows).cycle()) {
            let (x, y) = transform.apply(col as f64, row as f64);
            assert_eq!(transform.pixel_at(x, y)?, (row, col), "{grid:?}");
            let by_gdal = (gdal_index(origin_y, height, y), gdal_index(origin_x, width, x));
            missed_by_gdal += usize::from(by_gdal != (row as f64, col as f64));
            corners += 1;
        }
    }
    assert!(corners > 100_000, "{corners}");
    assert!(missed_by_gdal > 0, "GDAL's formula was not put to the test");
    Ok(())
}

#[test]
fn what_a_person_types_is_the_corner_that_is_meant() -> Result<()> {
    let tenths = transform(grids()[0]);
    for tenth in -1800..1800i64 {
        // 0.3 as it is written, which is not -180 + 1803 * 0.1 to the last bit.
        let x: f64 = format!("{tenth}e-1").parse().unwrap();
        let y: f64 = format!("{}e-1", tenth / 2).parse().unwrap();
        assert_eq!(tenths.pixel_at(x, y)?, (900 - tenth / 2, tenth + 1800), "{x}, {y}");
    }
    Ok(())
}

#[test]
fn centres_are_those_of_exact_arithmetic() -> Result<()> {
    for grid in grids() {
        let ([origin_x, origin_y], [width, height], [cols, rows]) = grid;
        let transform = transform(grid);
        for (col, row) in some(cols - 1).zip(some(rows - 1).cycle()).step_by(7) {
            let (x, y) = transform.pixel_center(row, col);
            let expected = (exact_index(origin_y, height, y), exact_index(origin_x, width, x));
            assert_eq!(expected, (row.into(), col.into()), "{grid:?}");
            assert_eq!(transform.pixel_at(x, y)?, (row, col), "{grid:?}");
        }
    }
    Ok(())
}

#[test]
fn an_inverse_without_rotation_is_the_nearest_number() -> Result<()> {
    for grid in grids() {
        let ([x, y], [width, height], _) = grid;
        let one = BigRational::from_integer(1.into());
        let nearest = |number: BigRational| number.to_f64().unwrap();
        let expected = [
            nearest(-exact(x) / exact(width)),
            nearest(&one / exact(width)),
            0.0,
            nearest(-exact(y) / exact(height)),
            0.0,
            nearest(&one / exact(height)),
        ];
        assert_eq!(transform(grid).invert()?.to_gdal(), expected);
    }
    Ok(())
}

#[test]
fn a_window_and_a_tile_start_at_the_pixel_that_they_were_cut_at() -> Result<()> {
    for grid in grids() {
        let transform = transform(grid);
        let raster = Raster::from_ndarray(Array2::<u8>::zeros((90, 180)))?.with_transform(transform);
        for (row, col) in [(0, 0), (1, 7), (17, 33), (54, 111), (89, 179)] {
            let (x, y) = raster.window(row.., col..)?.transform()?.apply(0.0, 0.0);
            assert_eq!(transform.pixel_at(x, y)?, (row as i64, col as i64), "{grid:?}");
        }
        let tiles = raster.tiles(7, 11)?;
        let (_, across) = raster.tile_grid(7, 11)?;
        for (number, tile) in tiles.iter().flatten().enumerate() {
            let (x, y) = tile.transform()?.apply(0.0, 0.0);
            let (row, col) = (7 * (number / across), 11 * (number % across));
            assert_eq!(transform.pixel_at(x, y)?, (row as i64, col as i64), "{grid:?}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn points_inside_of_pixels_lie_where_exact_arithmetic_has_them(
        grid in proptest::sample::select(grids()),
        (across, down) in (0.0..1.0f64, 0.0..1.0f64),
        (inside_x, inside_y) in (0.001..0.999f64, 0.001..0.999f64),
    ) {
        let ([origin_x, origin_y], [width, height], [cols, rows]) = grid;
        let (col, row) = ((across * cols as f64).floor() + inside_x, (down * rows as f64).floor() + inside_y);
        let (x, y) = transform(grid).apply(col, row);
        let (row, col) = transform(grid).pixel_at(x, y).unwrap();
        prop_assert_eq!(BigInt::from(col), exact_index(origin_x, width, x));
        prop_assert_eq!(BigInt::from(row), exact_index(origin_y, height, y));
    }

    #[test]
    fn corners_and_centres_of_rotated_grids_are_found_again(
        angle in 0.0..std::f64::consts::TAU,
        (width, height) in (0.1..100.0f64, 0.1..100.0f64),
        (origin_x, origin_y) in (-1e6..1e6f64, -1e7..1e7f64),
        (col, row) in (0..20_000i64, 0..20_000i64),
    ) {
        let (sin, cos) = angle.sin_cos();
        let numbers = [origin_x, width * cos, -height * sin, origin_y, width * sin, height * cos];
        let transform = GeoTransform::from_gdal(numbers).unwrap();
        let (x, y) = transform.apply(col as f64, row as f64);
        prop_assert_eq!(transform.pixel_at(x, y).unwrap(), (row, col));
        let (x, y) = transform.pixel_center(row, col);
        prop_assert_eq!(transform.pixel_at(x, y).unwrap(), (row, col));
        // Exactly, by Cramer's rule.
        let [dx, dy] = [exact(x) - exact(origin_x), exact(y) - exact(origin_y)];
        let [_, a, b, _, d, e] = numbers.map(exact);
        let det = &a * &e - &b * &d;
        let exact_col = (&e * &dx - &b * &dy) / &det;
        let exact_row = (&a * &dy - &d * &dx) / &det;
        prop_assert_eq!((exact_row.floor().to_integer(), exact_col.floor().to_integer()), (row.into(), col.into()));
    }
}

#[test]
fn tiny_and_huge_pixels_are_right_or_refused() {
    let tiny = GeoTransform::from_gdal([0.0, 1e-160, 0.0, 0.0, 0.0, -1e-160]).unwrap();
    assert_eq!(tiny.pixel_at(3e-160, -7e-160).unwrap(), (7, 3));
    let rotated = GeoTransform::from_gdal([0.0, 0.0, 1e-160, 0.0, 1e-160, 1e-160]).unwrap();
    assert_eq!(rotated.pixel_at(2.5e-160, 6e-160).unwrap(), (2, 3));
    assert!(tiny.pixel_at(1.0, 0.0).is_err(), "beyond what can be counted");
    for bbox in [[0.0, 0.0, 1.0, 3.4e-320], [-1.7e308, 0.0, 1.7e308, 1.0], [0.0, 0.0, 5e-324, 1.0]] {
        let error = GeoTransform::from_bbox(bbox, 100, 100, Registration::Pixel);
        match error {
            Ok(transform) => assert_eq!(transform.bbox(100, 100).unwrap(), bbox),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Argument),
        }
    }
    let error = GeoTransform::from_bbox([0.0, 0.0, 5e-324, 1.0], 2, 2, Registration::Pixel).unwrap_err();
    assert!(error.to_string().ends_with("is too small for 2 x 2 pixels of `f64` coordinates"), "{error}");
}

#[test]
fn what_is_not_finite_is_an_error() {
    let huge = GeoTransform::from_gdal([1e308, 1e308, 0.0, 0.0, 0.0, -1.0]).unwrap();
    for error in [
        huge.bbox(10, 10).unwrap_err(),
        huge.slice_x(10, 1).unwrap_err(),
        huge.slice_x(0, 10).unwrap_err(),
        GeoTransform::from_gdal([f64::NAN, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap_err(),
        GeoTransform::from_affine([1.0, 0.0, f64::INFINITY, 0.0, -1.0, 0.0]).unwrap_err(),
        GeoTransform::default().slice_y(1 << 52, 1).unwrap_err(),
        GeoTransform::default().slice_y(0, -(1 << 54)).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    }
}
