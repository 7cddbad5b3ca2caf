//! GeoTIFF files that GDAL wrote are read, and every pixel type is written and read back.

use std::path::Path;

use ndarray::Array2;
use ndraster::{GeoTransform, Pixel, Raster};
use ndraster_formats::folder;

#[path = "../../examples/geotiff.rs"]
#[allow(dead_code, reason = "its `main` is not run")]
mod example;

#[test]
fn the_example_runs() {
    example::run(&folder("test-geotiff").unwrap()).unwrap();
}

fn by_gdal(name: &str) -> Raster {
    example::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

/// Compares the pixels with the formula in `tests/data/README.md`.
fn check_pixels<T: Pixel>(raster: &Raster, [bands, height, width]: [usize; 3]) {
    assert_eq!(raster.num_bands().unwrap(), bands);
    for number in 0..bands {
        let band = raster.band(number).unwrap();
        let pixels = band.as_array_view2::<T>().unwrap().mapv(|pixel| format!("{pixel:?}").parse::<f64>().unwrap());
        let expected = Array2::from_shape_fn((height, width), |(r, c)| ((100 * number + 7 * r + 3 * c) % 120) as f64);
        assert_eq!(pixels, expected, "band {number}");
    }
}

#[test]
fn bands_are_read_pixel_by_pixel_and_one_after_the_other() {
    let transform = [500_000.0, 30.0, 0.0, 4_600_000.0, 0.0, -30.0];
    let raster = by_gdal("three_bands_by_pixel.tif");
    check_pixels::<u8>(&raster, [3, 20, 31]);
    assert_eq!(raster.crs().unwrap(), Some("EPSG:32616"));
    assert_eq!(raster.transform().unwrap().to_gdal(), transform);
    let raster = by_gdal("four_bands_one_by_one.tif");
    check_pixels::<u16>(&raster, [4, 20, 31]);
    assert_eq!(raster.transform().unwrap().to_gdal(), transform);
    assert_eq!(raster.as_stack_view::<u16>().unwrap().shape(), [4, 20, 31]);
}

#[test]
fn tiles_predictors_and_nodata_are_read() {
    let raster = by_gdal("tiled_nan.tif");
    check_pixels::<f32>(&raster, [1, 50, 40]);
    assert!(raster.nodata::<f32>().unwrap().unwrap().is_nan());
    let raster = by_gdal("negative_nodata.tif");
    check_pixels::<i16>(&raster, [1, 20, 31]);
    assert_eq!(raster.nodata::<i16>().unwrap(), Some(-9999));
}

#[test]
fn rotated_grids_and_points_are_read() {
    let raster = by_gdal("rotated.tif");
    check_pixels::<f64>(&raster, [1, 12, 9]);
    assert_eq!(raster.transform().unwrap().to_gdal(), [100.0, 10.0, 2.0, 200.0, 3.0, -10.0]);
    assert_eq!(raster.nodata::<f64>().unwrap(), Some(-9999.0));
    // GDAL's transform is that of a pixel's corner, also where the file gives the places of points.
    let raster = by_gdal("points.tif");
    check_pixels::<i32>(&raster, [1, 12, 9]);
    let (found, expected) = (raster.transform().unwrap().to_gdal(), [10.0, 0.1, 0.0, 50.0, 0.0, -0.1]);
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    assert_eq!(raster.crs().unwrap(), Some("EPSG:4326"));
}

#[test]
fn every_pixel_type_is_written_and_read_back() {
    fn there_and_back<T: Pixel>(pixels: [T; 6]) {
        let path = folder("test-geotiff").unwrap().join(format!("{}.tif", T::PIXEL_TYPE));
        let array = Array2::from_shape_vec((2, 3), pixels.to_vec()).unwrap();
        let rotated = [100.0, 10.0, 2.0, 200.0, 3.0, -10.0];
        let raster = Raster::from_ndarray(&array).unwrap().with_crs("EPSG:32616");
        let raster = raster.with_transform(GeoTransform::from_gdal(rotated).unwrap()).with_nodata(pixels[0]).unwrap();
        example::write(&path, &raster.as_ref()).unwrap();
        let back = example::read(&path).unwrap();
        assert_eq!(back.as_array_view2::<T>().unwrap(), array);
        assert_eq!(back.nodata::<T>().unwrap(), Some(pixels[0]));
        assert_eq!(back.transform().unwrap().to_gdal(), rotated);
        assert_eq!(back.crs().unwrap(), Some("EPSG:32616"));
    }
    there_and_back([u8::MAX, 0, 1, 2, 3, 4]);
    there_and_back([u16::MAX, 0, 1, 2, 3, 4]);
    there_and_back([u32::MAX, 0, 1, 2, 3, 4]);
    there_and_back([u64::MAX, 0, 1, 2, 3, 4]);
    there_and_back([i8::MIN, 0, 1, -2, 3, 4]);
    there_and_back([i16::MIN, 0, 1, -2, 3, 4]);
    there_and_back([i32::MIN, 0, 1, -2, 3, 4]);
    there_and_back([i64::MIN, 0, 1, -2, 3, 4]);
    there_and_back([f32::MIN, 0.5, 1.0, -2.0, 3.0, f32::INFINITY]);
    there_and_back([f64::MIN, 0.5, 1.0, -2.0, 3.0, f64::INFINITY]);
}
