//! Pixels keep their places on the ground: whatever the order of a band's dims, the value under a point stays the same.
//!
//! The oracle looks up by coordinates: it walks a band's own axes by their names, and applies the transform by hand.

use std::sync::Arc;

use ndraster::arrow_array::{Array, ArrayRef, Int64Array, ListArray, StringViewArray, StructArray};
use ndraster::arrow_buffer::OffsetBuffer;
use ndraster::arrow_schema::DataType;
use ndraster::ndarray::{Array2, Array3, ArrayD, ArrayView2, Axis, Dimension, Ix2, Ix3, IxDyn, Slice, array};
use ndraster::{
    Band, BandRef, ErrorKind, GeoTransform, MapNodata, Pixel, Raster, RasterArray, Registration, Result,
    WindowRounding, dispatch,
};
use proptest::prelude::*;

/// The pixel under a point by the definition: the band's own view, axis by axis, and the transform's formula.
fn under<T: Pixel>(raster: &Raster, band: &BandRef<'_>, row: usize, col: usize) -> T {
    let dims = raster.spatial_dims().unwrap();
    let index: Vec<usize> = band
        .dim_names()
        .iter()
        .map(|name| match dims.iter().position(|dim| dim == name) {
            Some(0) => col,
            Some(1) => row,
            _ => 0,
        })
        .collect();
    band.as_array_view::<T>().unwrap()[IxDyn(&index)]
}

pub(crate) fn numbered(shape: [usize; 2], names: [&str; 2]) -> Raster {
    let pixels = Array2::from_shape_fn(shape, |(i, j)| (10 * i + j) as f32);
    let band = Band::from_ndarray(pixels).unwrap().with_dim_names(names).unwrap();
    Raster::from_bands([band]).unwrap()
}

/// G2, the function of the front page on a square raster whose dims are x and y.
#[test]
fn a_function_of_a_matrix_stays_where_its_input_is_also_if_x_comes_first() -> Result<()> {
    let input = numbered([3, 3], ["lon", "lat"]).with_bbox([0.0, 0.0, 3.0, 3.0], Registration::Pixel)?;
    let doubled = input.as_array_view2::<f32>()?.mapv(|pixel| 2.0 * pixel);
    let output = Raster::from_ndarray(doubled)?.with_grid_of(&input)?;
    assert_eq!((input.sample::<f32>(2.5, 2.5)?, output.sample::<f32>(2.5, 2.5)?), (Some(20.0), Some(40.0)));
    assert_eq!(output.band(0)?.dim_names(), ["lat", "lon"]);
    let mapped = input.map(|pixel: f32| 2.0 * pixel)?;
    assert_eq!(mapped.sample::<f32>(2.5, 2.5)?, Some(40.0));
    assert_eq!(mapped.band(0)?.dim_names(), ["lon", "lat"]);
    Ok(())
}

#[test]
fn matrices_are_rows_and_columns_of_the_ground_and_all_else_has_the_bands_own_order() -> Result<()> {
    let raster = numbered([4, 3], ["x", "y"]); // four columns, three rows
    let (own, matrix) = (raster.to_array::<f32>()?, raster.to_array2::<f32>()?);
    assert_eq!((own.shape(), matrix.dim()), (&[4, 3][..], (3, 4)));
    assert_eq!(matrix, own.view().into_dimensionality::<Ix2>().unwrap().reversed_axes());
    assert!(matrix.is_standard_layout());
    // Borrowed, by each name of the call, without a copy.
    let address = raster.as_array_view::<f32>()?.as_ptr();
    assert_eq!((raster.as_array_view2::<f32>()?, raster.as_array_view2::<f32>()?.as_ptr()), (matrix.view(), address));
    assert_eq!(raster.as_array_view_dim::<f32, Ix2>()?, matrix);
    assert_eq!(raster.as_array_view_dim::<f32, IxDyn>()?, own);
    let band = raster.band(0)?;
    assert_eq!(band.as_array_view2::<f32>()?, matrix);
    assert_eq!(ArrayView2::<f32>::try_from(&band)?, matrix);
    assert_eq!(band.to_array_dim::<f32, Ix2>()?, matrix);
    assert_eq!(band.to_array_dim::<f32, IxDyn>()?, own);
    // Copied into memory of the caller's, in C order and in any other.
    let mut target = Array2::<f32>::zeros((3, 4));
    band.copy_into(target.view_mut())?;
    assert_eq!(target, matrix);
    let mut fortran = Array2::<f32>::zeros((4, 3)).reversed_axes();
    band.copy_into(fortran.view_mut())?;
    assert_eq!(fortran, matrix);
    let mut dynamic = ArrayD::<f32>::zeros(IxDyn(&[4, 3]));
    band.copy_into(dynamic.view_mut())?;
    assert_eq!(dynamic, own);
    // And converted.
    let mut wide = Array2::<f64>::zeros((3, 4));
    band.copy_into_cast(wide.view_mut())?;
    assert_eq!(wide, matrix.mapv(f64::from));
    let mut fortran = Array2::<f64>::zeros((4, 3)).reversed_axes();
    band.copy_into_cast(fortran.view_mut())?;
    assert_eq!(fortran, wide);
    let mut dynamic = ArrayD::<f64>::zeros(IxDyn(&[4, 3]));
    band.copy_into_cast(dynamic.view_mut())?;
    assert_eq!(dynamic, own.mapv(f64::from));
    assert!(band.copy_into_cast(Array2::<f64>::zeros((4, 3)).view_mut()).is_err());
    assert_eq!(
        band.copy_into(Array2::<f32>::zeros((4, 3)).view_mut()).unwrap_err().to_string(),
        "band 0: its dims are x 4, y 3, and a matrix of it is (y, x): the target must have the shape [3, 4], not [4, 3]"
    );
    // Through a view as well.
    let flipped = raster.slice_dim("x", Slice::new(0, None, -1))?;
    let mut expected = matrix.clone();
    expected.invert_axis(Axis(1));
    assert_eq!(flipped.as_array_view2::<f32>()?, expected);
    assert_eq!(flipped.to_array2::<f32>()?, expected);
    Ok(())
}

#[test]
fn dims_are_transposed_by_name_without_a_copy() -> Result<()> {
    let pixels = Array3::from_shape_fn((2, 3, 4), |(x, time, y)| (100 * x + 10 * time + y) as i32);
    let (expected, address) = (pixels.clone(), pixels.as_ptr());
    let band = Band::from_ndarray(pixels)?.with_dim_names(["x", "time", "y"])?;
    let raster = Raster::from_bands([band])?.transpose_dims(["time", "y", "x"])?;
    let view = raster.as_array_view_dim::<i32, Ix3>()?;
    assert_eq!(view, expected.permuted_axes([1, 2, 0]));
    assert_eq!(view.as_ptr(), address);
    assert_eq!((raster.width()?, raster.height()?), (2, 4));
    assert_eq!(
        raster.transpose_dims(["y", "x"]).unwrap_err().to_string(),
        "band 0: transpose_dims: [\"y\", \"x\"] is no order of the dims [\"time\", \"y\", \"x\"]: name each of them once"
    );
    assert!(raster.transpose_dims(["time", "y", "y"]).is_err());
    Ok(())
}

#[test]
fn each_band_is_transposed_from_its_own_order() -> Result<()> {
    // Of 3 dims, which are compared, and of 6, which are hashed. Bands 0 and 1 are alike, the others are not.
    for names in [&["y", "x", "t"] as &[&str], &["y", "x", "t", "u", "v", "w"]] {
        let extents: Vec<usize> = (2..).take(names.len()).collect();
        let pixels =
            ArrayD::from_shape_fn(extents, |index| index.slice().iter().fold(0, |number, at| number * 8 + *at as u32));
        let turned = |by: usize| {
            let axes: Vec<usize> = (0..names.len()).map(|axis| (axis + by) % names.len()).collect();
            let dims: Vec<&str> = axes.iter().map(|axis| names[*axis]).collect();
            Band::from_ndarray(pixels.clone().permuted_axes(axes))?.with_dim_names(dims)
        };
        let raster = Raster::from_bands([turned(1)?, turned(1)?, turned(0)?, turned(2)?])?;
        let transposed = raster.transpose_dims(names)?;
        for band in 0..4 {
            assert_eq!(transposed.band(band)?.as_array_view::<u32>()?, pixels, "band {band} of {names:?}");
        }
        // The dims of rows are the same texts.
        let column: RasterArray = [transposed.clone(), raster].into_iter().collect();
        let again = column.get(1).unwrap().transpose_dims(names)?;
        assert_eq!(again.as_ref().to_stack::<u32>()?, transposed.as_ref().to_stack::<u32>()?);
    }
    Ok(())
}

/// G4: rasterio's numbers given as GDAL's, and the other way round.
#[test]
fn numbers_in_the_other_order_are_refused_and_the_right_call_is_named() -> Result<()> {
    let grids = [
        [399_960.0, 10.0, 0.0, 5_000_040.0, 0.0, -10.0],
        [-180.0, 0.1, 0.0, 90.0, 0.0, -0.1],
        [-180.0, 1.0, 0.0, -90.0, 0.0, 1.0],
        [-20_037_508.34, 0.298, 0.0, 20_037_508.34, 0.0, -0.298],
        [500_000.0, 30.0, 0.0, 4_600_000.0, 0.0, -30.0],
    ];
    for gdal in grids {
        let transform = GeoTransform::from_gdal(gdal)?;
        let affine = transform.to_affine();
        assert_eq!(GeoTransform::from_affine(affine)?, transform);
        let error = GeoTransform::from_gdal(affine).unwrap_err().to_string();
        assert!(error.contains("use `GeoTransform::from_affine`"), "{error}");
        let error = GeoTransform::from_affine(gdal).unwrap_err().to_string();
        assert!(error.contains("use `GeoTransform::from_gdal`"), "{error}");
    }
    // Turned by a right angle, sheared, without an extent: right in the order that is named.
    for gdal in [[0.0, 0.0, 10.0, 90.0, -10.0, 0.0], [100.0, 2.0, 0.5, 50.0, -0.25, -3.0], [0.0; 6]] {
        let transform = GeoTransform::from_gdal(gdal)?;
        assert_eq!(GeoTransform::from_affine(transform.to_affine())?, transform);
    }
    Ok(())
}

/// G4: latitudes that ascend.
#[test]
fn coordinates_place_south_up_data() -> Result<()> {
    let lon: Vec<f64> = (0..36).map(|i| -175.0 + 10.0 * f64::from(i)).collect();
    let lat: Vec<f64> = (0..18).map(|i| -85.0 + 10.0 * f64::from(i)).collect();
    let pixels = Array2::from_shape_fn((18, 36), |(row, col)| (100 * row + col) as f32);
    let field = Band::from_ndarray(pixels)?.with_dim_names(["lat", "lon"])?;
    let raster = Raster::from_bands([field])?.with_coords(&lon, &lat)?;
    for (row, &y) in lat.iter().enumerate() {
        for (col, &x) in lon.iter().enumerate() {
            assert_eq!(raster.sample::<f32>(x, y)?, Some((100 * row + col) as f32));
        }
    }
    assert_eq!(raster.bbox()?, [-180.0, -90.0, 180.0, 90.0]);
    let swapped = numbered([4, 3], ["lat", "lon"]).with_coords(&lon[..4], &lat[..3]).unwrap_err();
    assert_eq!(
        swapped.to_string(),
        "with_coords: 4 x and 3 y are given for the spatial dims [\"lon\", \"lat\"] with the extents [3, 4]: x comes first"
    );
    // Single precision, as many files have it, is regular enough.
    let single: Vec<f64> = (0..1440).map(|i| f64::from(0.25f32 * i as f32 - 179.875)).collect();
    assert!((GeoTransform::from_coords(&single, &single)?.to_gdal()[1] - 0.25).abs() < 1e-9);
    let gap = GeoTransform::from_coords(&[0.0, 1.0, 2.0, 4.0], &[0.0, 1.0]).unwrap_err().to_string();
    assert!(gap.contains("a step of 2, where the first step is 1"), "{gap}");
    for close in [[0.0, 5e-324, 1e-323], [1e16, 1e16 + 2.0, 1e16 + 4.0]] {
        assert_eq!(GeoTransform::from_coords(&close, &[0.0, 1.0]).unwrap_err().kind(), ErrorKind::Argument);
    }
    for coordinates in [&[0.0][..], &[], &[1.0, 1.0], &[0.0, f64::NAN], &[0.0, f64::INFINITY]] {
        assert_eq!(GeoTransform::from_coords(coordinates, &[0.0, 1.0]).unwrap_err().kind(), ErrorKind::Argument);
    }
    Ok(())
}

/// G7: NaN as nodata, and -0.0.
#[test]
fn validity_compares_values() -> Result<()> {
    let nan = Raster::from_ndarray(array![[1.0f32, f32::NAN, 3.0]])?.with_nodata(f32::NAN)?;
    let is_valid = nan.is_valid::<f32>()?;
    assert_eq!(nan.as_array_view2::<f32>()?.iter().filter(|pixel| is_valid(**pixel)).count(), 2);
    assert_eq!(nan.valid_pixels::<f32>()?.sum::<f32>(), 4.0);
    let zero = Raster::from_ndarray(array![[0.0f64, -0.0, 2.0]])?.with_nodata(-0.0f64)?;
    assert_eq!(zero.valid_pixels::<f64>()?.collect::<Vec<_>>(), [2.0]);
    let none = Raster::from_ndarray(array![[1.0f32, f32::NAN]])?;
    assert_eq!(none.valid_pixels::<f32>()?.count(), 2);
    Ok(())
}

#[test]
fn map_keeps_grid_dims_names_and_nodata() -> Result<()> {
    let heights = array![[7i16, -9999, 9], [10, 11, 12]];
    let band = |name: &str| {
        Band::from_ndarray(heights.clone())?.with_dim_names(["lon", "lat"])?.with_name(name).with_nodata(-9999i16)
    };
    let raster = Raster::from_bands([band("a")?, band("b")?])?
        .with_crs("EPSG:4326")
        .with_transform(GeoTransform::from_gdal([1.0, 2.0, 0.0, 3.0, 0.0, -4.0])?);
    let doubled = raster.map(|pixel: i16| 2 * i32::from(pixel))?;
    let expected = heights.mapv(|pixel| if pixel == -9999 { -9999 } else { 2 * i32::from(pixel) }).into_dyn();
    for (number, name) in ["a", "b"].into_iter().enumerate() {
        let band = doubled.band(number)?;
        assert_eq!(band.as_array_view::<i32>()?, expected);
        assert_eq!(
            (band.name(), band.nodata::<i32>()?, band.dim_names()),
            (Some(name), Some(-9999), &["lon", "lat"][..])
        );
    }
    assert_eq!((doubled.crs()?, doubled.transform()?), (raster.crs()?, raster.transform()?));
    let error = raster.map(|pixel: i16| pixel as u8).unwrap_err();
    assert_eq!(
        error.to_string(),
        "band 0: its nodata value is -9999, which uint8 cannot hold: choose another by `map_with(MapNodata::Replace(value), f)`"
    );
    let replaced = raster.map_with(MapNodata::Replace(f32::NAN), |pixel: i16| f32::from(pixel))?;
    assert!(replaced.band(1)?.as_array_view::<f32>()?[[0, 1]].is_nan());
    assert!(replaced.band(1)?.nodata::<f32>()?.is_some_and(f32::is_nan));
    let dropped = raster.map_with(MapNodata::Drop, |pixel: i16| pixel)?;
    assert_eq!((dropped.band(0)?.nodata_bytes(), dropped.band(0)?.as_array_view::<i16>()?[[0, 1]]), (None, -9999));
    Ok(())
}

#[test]
fn bands_are_chosen_added_and_renamed_without_a_copy() -> Result<()> {
    let cube = Array3::from_shape_fn((4, 20, 30), |(band, ..)| band as u16);
    let image = Raster::from_bands(Band::split(cube, Axis(0))?)?.with_crs("EPSG:32616");
    let address = |raster: &Raster, band| raster.band(band).unwrap().as_array_view::<u16>().unwrap().as_ptr();
    let chosen = image.select_bands([3, 0])?;
    assert_eq!((address(&chosen, 0), address(&chosen, 1)), (address(&image, 3), address(&image, 0)));
    assert_eq!(chosen.crs()?, Some("EPSG:32616"));
    let ndvi = Band::from_ndarray(Array2::<f32>::zeros((20, 30)))?;
    let more = chosen.with_band(ndvi)?.with_band_names(["nir", "red", "ndvi"])?;
    assert_eq!((more.num_bands()?, address(&more, 0)), (3, address(&image, 3)));
    assert_eq!(more.band_by_name("ndvi")?.pixel_type().name(), "float32");
    let again = Raster::from_bands([more.band(0)?.to_band()?.with_nodata(9u16)?])?;
    assert_eq!((address(&again, 0), again.nodata::<u16>()?), (address(&image, 3), Some(9)));
    assert_eq!(image.select_bands([4]).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(image.select_bands([]).unwrap_err().kind(), ErrorKind::Argument);
    let small = Band::from_ndarray(Array2::<f32>::zeros((30, 20)))?;
    assert_eq!(image.clone().with_band(small).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(image.with_band_names(["a"]).unwrap_err().kind(), ErrorKind::Argument);
    Ok(())
}

#[test]
fn boxes_select_pixels_by_each_rule() -> Result<()> {
    let raster = numbered([10, 10], ["y", "x"]).with_bbox([0.0, 0.0, 100.0, 100.0], Registration::Pixel)?;
    let cols = |xmin, xmax, rounding| raster.window_of([xmin, 0.0, xmax, 100.0], rounding).map(|window| window.1);
    for (xmin, xmax, touched, centers, nearest) in [
        (20.0, 40.0, 2..4, 2..4, 2..4),
        (14.0, 46.0, 1..5, 1..5, 1..5),
        (16.0, 44.0, 1..5, 2..4, 2..4),
        (15.0, 45.0, 1..5, 1..4, 2..5),
        (-50.0, 500.0, 0..10, 0..10, 0..10),
    ] {
        assert_eq!(cols(xmin, xmax, WindowRounding::Touched)?, touched, "{xmin} to {xmax}");
        assert_eq!(cols(xmin, xmax, WindowRounding::Centers)?, centers, "{xmin} to {xmax}");
        assert_eq!(cols(xmin, xmax, WindowRounding::Nearest)?, nearest, "{xmin} to {xmax}");
    }
    let outside = raster.clip_bbox([200.0, 0.0, 300.0, 10.0]).unwrap_err();
    assert_eq!(
        outside.to_string(),
        "there is no pixel in the box [200.0, 0.0, 300.0, 10.0], the raster's bounds are [0.0, 0.0, 100.0, 100.0]"
    );
    assert_eq!(raster.clip_bbox([30.0, 0.0, 20.0, 10.0]).unwrap_err().kind(), ErrorKind::Argument);
    let backwards = std::ops::Range { start: 3, end: 1 };
    assert_eq!(
        raster.window(backwards, ..).unwrap_err().to_string(),
        "window: the rows 3..1 run backwards: reverse an axis by `slice_dim` with a step of -1"
    );
    Ok(())
}

/// H9: steps beyond the extent.
#[test]
fn a_huge_step_takes_one_pixel_and_keeps_its_centre() -> Result<()> {
    let raster = numbered([10, 10], ["y", "x"]);
    for step in [-(1isize << 54), 1 << 54, isize::MAX] {
        let slice = Slice::new(0, None, step);
        let one = raster.slice_dim("x", slice)?;
        let kept = if step < 0 { 9 } else { 0 };
        assert_eq!(one.width()?, 1);
        assert_eq!(one.transform()?.pixel_center(0, 0), raster.transform()?.pixel_center(0, kept));
    }
    assert_eq!(raster.slice_dim("x", 2..5)?.width()?, 3, "a range is a slice");
    Ok(())
}

/// H5: rows that have one spatial dim, three, or none.
#[test]
fn every_raster_is_valid_whatever_its_grid_was_taken_from() -> Result<()> {
    let bands = [named_cube()?, named_cube()?];
    let three = Raster::from_bands(bands)?;
    for dims in [&[][..], &["x"], &["x", "y", "time"]] {
        let column = with_spatial_dims(&three, dims);
        let other = column.get(0).unwrap();
        assert_eq!(other.spatial_dims()?, dims);
        let error = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_grid_of(other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
        let owned = other.to_raster()?;
        assert!(owned.bands().all(|band| band.is_ok()));
        assert_eq!(owned.clone().with_grid_of(&three).unwrap_err().kind(), ErrorKind::Shape);
        assert!(owned.with_spatial_dims("x", "y")?.bands().all(|band| band.is_ok()));
    }
    // Extents that do not belong to the dims, in a row without bands.
    let column = without_bands(&with_spatial_dims(&three, &["x"]), &["x", "y"]);
    assert_eq!(column.get(0).unwrap().to_raster().unwrap_err().kind(), ErrorKind::Malformed);
    Ok(())
}

fn named_cube() -> Result<Band> {
    Band::from_ndarray(Array3::<u8>::zeros((4, 2, 3)))?.with_dim_names(["time", "y", "x"])
}

/// The column of a raster with other spatial dims, and their extents.
fn with_spatial_dims(raster: &Raster, dims: &[&str]) -> RasterArray {
    let band = raster.band(0).unwrap();
    let extent =
        |dim: &&str| band.dim_names().iter().position(|name| name == dim).map(|axis| band.shape()[axis] as i64);
    let extents: Vec<i64> = dims.iter().filter_map(extent).collect();
    replaced(&StructArray::from(raster.clone()), dims, &extents, None)
}

/// The same row without bands, and with other names for its extents.
fn without_bands(column: &RasterArray, dims: &[&str]) -> RasterArray {
    let extents = column.get(0).unwrap().spatial_shape().unwrap();
    let extents: Vec<i64> = extents.into_iter().map(|extent| extent as i64).collect();
    replaced(column.as_struct_array(), dims, &extents, Some(vec![0, 0]))
}

fn replaced(array: &StructArray, dims: &[&str], extents: &[i64], bands: Option<Vec<i32>>) -> RasterArray {
    let list = |column: usize, values: ArrayRef, offsets: Vec<i32>| -> ArrayRef {
        let DataType::List(item) = array.column(column).data_type() else { panic!("no list") };
        Arc::new(ListArray::new(Arc::clone(item), OffsetBuffer::new(offsets.into()), values, None))
    };
    let mut columns = array.columns().to_vec();
    let names = StringViewArray::from_iter_values(dims.to_vec());
    columns[2] = list(2, Arc::new(names), vec![0, dims.len() as i32]);
    columns[3] = list(3, Arc::new(Int64Array::from(extents.to_vec())), vec![0, extents.len() as i32]);
    if let Some(offsets) = bands {
        let lists: &ListArray = columns[4].as_any().downcast_ref().unwrap();
        columns[4] = list(4, Arc::clone(lists.values()), offsets);
    }
    RasterArray::try_from(StructArray::new(array.fields().clone(), columns, None)).unwrap()
}

#[test]
fn a_place_far_outside_is_outside() -> Result<()> {
    let raster = numbered([4, 5], ["y", "x"]);
    let fill = 9.969_21e36;
    for (x, y) in [(fill, -0.5), (0.5, fill), (f64::MAX, f64::MIN), (1e18, 1e18), (-1e300, -1.0)] {
        assert_eq!(raster.index_at(x, y)?, None);
        assert_eq!(raster.sample_many::<f32>(&[(0.5, -0.5), (x, y)])?, [Some(0.0), None]);
    }
    for limit in [1e30, f64::MAX] {
        let everything = [-limit, -limit, limit, limit];
        for rounding in [WindowRounding::Touched, WindowRounding::Centers, WindowRounding::Nearest] {
            assert_eq!(raster.window_of(everything, rounding)?, (0..4, 0..5));
            let turned = raster.clone().with_transform(GeoTransform::from_gdal([0.0, 0.8, 0.6, 0.0, 0.6, -0.8])?);
            assert_eq!(turned.window_of(everything, rounding)?, (0..4, 0..5));
        }
    }
    Ok(())
}

#[test]
fn a_box_from_centre_to_centre_selects_as_many_pixels_wherever_it_lies() -> Result<()> {
    let transform = GeoTransform::from_gdal([-180.0, 0.1, 0.0, 90.0, 0.0, -0.1])?;
    let raster = Raster::from_ndarray(Array2::<u8>::zeros((1800, 3600)))?.with_transform(transform);
    for first in (0..1700).step_by(7) {
        let (west, north) = transform.pixel_center(first, 2 * first);
        let (east, south) = transform.pixel_center(first + 20, 2 * first + 20);
        let selected = raster.window_of([west, south, east, north], WindowRounding::Centers)?;
        let [row, col] = [first as usize, 2 * first as usize];
        assert_eq!(selected, (row..row + 20, col..col + 20));
    }
    assert_eq!(raster.window_of([-179.95, 87.45, -177.95, 89.45], WindowRounding::Centers)?.1, 0..20);
    Ok(())
}

#[test]
fn the_order_of_six_numbers_shows_also_on_grids_of_degrees() -> Result<()> {
    let gdal = [
        [0.0, 1.0, 0.0, 90.0, 0.0, -1.0],
        [-1.25, 2.5, 0.0, 91.25, 0.0, -2.5],
        [0.0, 2.5, 0.0, -90.0, 0.0, 2.5],
        [-0.9375, 1.875, 0.0, 90.625, 0.0, -1.25],
        [0.0, 1.0, 0.0, 52.0, 0.0, -1.0],
        [30.0, 1.0, 0.0, 0.0, 0.0, -1.0],
        [20.0, 0.25, 0.0, 1.0, 0.0, -0.25],
        [500.0, 10.0, 0.0, 0.0, 0.0, -10.0],
        [10_000.0, 1000.0, 0.0, 1000.0, 0.0, -1000.0],
    ];
    for numbers in gdal {
        let [c, a, b, f, d, e] = numbers;
        let affine = [a, b, c, d, e, f];
        assert_eq!(GeoTransform::from_gdal(numbers)?, GeoTransform::from_affine(affine)?);
        assert!(GeoTransform::from_affine(numbers).is_err(), "{numbers:?}");
        assert!(GeoTransform::from_gdal(affine).is_err(), "{affine:?}");
    }
    // Turned by 90 degrees.
    assert!(GeoTransform::from_gdal([0.0, 0.0, 10.0, 0.0, 10.0, 0.0]).is_ok());
    assert!(GeoTransform::from_gdal([500.0, 0.0, 30.0, 900.0, 1000.0, 0.0]).is_ok());
    Ok(())
}

#[test]
fn one_known_name_says_which_axis_is_x() -> Result<()> {
    for names in [
        ["longitude", "lat"],
        ["cols", "row"],
        ["column", "rows"],
        ["columns", "rows"],
        ["col", "y"],
        ["x", "row"],
        ["easting", "y"],
        ["Longitude", "Lat"],
        ["lon", "time"],
        ["other", "lat"],
    ] {
        let x_first = Raster::from_bands([Band::from_ndarray(array![[1u8, 2], [3, 4]])?.with_dim_names(names)?])?;
        assert_eq!(x_first.spatial_dims()?, names, "{names:?}");
        assert_eq!(x_first.as_array_view2::<u8>()?, array![[1, 3], [2, 4]]);
    }
    let neither = Band::from_ndarray(array![[1u8, 2], [3, 4]])?.with_dim_names(["rlat", "rlon"])?;
    assert_eq!(Raster::from_bands([neither])?.spatial_dims()?, ["rlon", "rlat"]);
    Ok(())
}

#[test]
fn a_window_without_pixels_is_a_matrix_in_either_order() -> Result<()> {
    for names in [["y", "x"], ["lon", "lat"]] {
        let raster = numbered([4, 5], names);
        let (height, width) = (raster.height()?, raster.width()?);
        let without_cols = raster.window(.., 2..2)?;
        assert_eq!(without_cols.as_array_view2::<f32>()?.dim(), (height, 0));
        assert_eq!(raster.window(1..1, ..)?.as_array_view2::<f32>()?.dim(), (0, width));
        assert_eq!(without_cols.to_array2::<f32>()?.dim(), (height, 0));
    }
    Ok(())
}

#[test]
fn a_point_has_a_value_where_other_axes_have_one_index() -> Result<()> {
    let pixels = Array3::from_shape_fn((3, 2, 4), |(x, time, y)| (100 * time + 10 * y + x) as f32);
    let cube = Band::from_ndarray(pixels)?.with_dim_names(["x", "time", "y"])?.with_nodata(121f32)?;
    let cube = Raster::from_bands([cube])?;
    assert_eq!(cube.sample::<f32>(0.5, -0.5).unwrap_err().kind(), ErrorKind::Shape);
    for time in 0..2 {
        let slice = cube.slice_dim("time", time as i32..time as i32 + 1)?;
        for (row, col) in (0..4).flat_map(|row| (0..3).map(move |col| (row, col))) {
            let (x, y) = slice.transform()?.pixel_center(row, col);
            let expected = (100 * time + 10 * row + col) as f32;
            assert_eq!(slice.sample(x, y)?, Some(expected).filter(|value| *value != 121.0));
        }
    }
    // A plane of time and x, whose y has one index.
    let row = cube.slice_dim("y", 2..3)?.slice_dim("time", 1..2)?;
    assert_eq!(
        row.sample_many::<f32>(&[(0.5, -2.5), (1.5, -2.5), (2.5, -2.5), (0.5, -1.5)])?,
        [Some(120.0), None, Some(122.0), None]
    );
    Ok(())
}

#[test]
fn a_band_without_names_joins_a_raster_of_any_names() -> Result<()> {
    let raster = numbered([4, 5], ["lat", "lon"]);
    let joined = raster.with_band(Band::from_ndarray(Array2::<u8>::zeros((4, 5)))?)?;
    assert_eq!(joined.band(1)?.dim_names(), ["lat", "lon"]);
    let wrong = joined.with_band(Band::from_ndarray(Array2::<u8>::zeros((5, 4)))?).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Shape);
    Ok(())
}

#[test]
fn a_raster_shows_its_size_grid_and_bands() -> Result<()> {
    let long = "x".repeat(1000);
    let band = Band::from_ndarray(Array2::<i16>::zeros((3, 4)))?.with_name(&long).with_nodata(-9999i16)?;
    let raster =
        Raster::from_bands([band])?.with_crs("EPSG:4326").with_bbox([0.0, 0.0, 8.0, 6.0], Registration::Pixel)?;
    assert_eq!(
        raster.to_string(),
        format!(
            "Raster: height 3, width 4, EPSG:4326\n  bounds [0.0, 0.0, 8.0, 6.0], pixel 2 x -2\n  band 0 `{}… (1000 bytes)`: int16 (y 3, \
             x 4), nodata -9999",
            "x".repeat(40)
        )
    );
    let column = RasterArray::from_iter([Some(raster), None]);
    assert_eq!(
        column.to_string(),
        "RasterArray: 2 rows, 1 null\n  0 Raster: height 3, width 4, EPSG:4326, 1 band\n  1 null"
    );
    Ok(())
}

#[test]
fn a_misaligned_band_is_read_as_any_type_and_by_points() -> Result<()> {
    use ndraster_test_support::raw::{RawBand, payload_at};
    let bytes: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
    let column = RasterArray::try_from(RawBand::new(&[2, 3], 6, payload_at(1, &bytes)).column())?;
    let raster = column.get(0).unwrap();
    assert!(raster.as_any_view().is_err());
    let pixels = raster.to_any_cow_array()?;
    assert_eq!(dispatch!(pixels.view(), view => view.iter().map(|pixel| pixel.to_f64()).sum::<f64>()), 21.0);
    assert_eq!(raster.valid_pixels::<f32>()?.sum::<f32>(), 21.0);
    let (x, y) = raster.transform()?.pixel_center(1, 2);
    assert_eq!(raster.sample::<f32>(x, y)?, Some(6.0));
    Ok(())
}

/// Unrotated and rotated grids.
fn transforms() -> impl Strategy<Value = GeoTransform> {
    (-1e6..1e6f64, -1e6..1e6f64, 0.01..100.0f64, 0.5..2.0f64, 0.0..std::f64::consts::TAU, any::<bool>()).prop_map(
        |(x, y, size, ratio, angle, upright)| {
            let (sin, cos) = if upright { (0.0, 1.0) } else { angle.sin_cos() };
            let (width, height) = (size, size * ratio);
            GeoTransform::from_gdal([x, width * cos, height * sin, y, width * sin, -height * cos]).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_value_under_a_point_is_the_same_before_and_after(
        (height, width) in (1..9usize, 1..9usize),
        x_first in any::<bool>(),
        transform in transforms(),
        (row, col) in (0..9usize, 0..9usize),
        overlap in 0..3usize,
    ) {
        let (row, col) = (row % height, col % width);
        let raster = if x_first { numbered([width, height], ["x", "y"]) } else { numbered([height, width], ["y", "x"]) };
        let raster = raster.with_transform(transform);
        let (x, y) = transform.pixel_center(row as i64, col as i64);
        let value = under::<f32>(&raster, &raster.band(0).unwrap(), row, col);
        let at = |raster: &Raster| raster.sample::<f32>(x, y).unwrap();
        prop_assert_eq!(at(&raster), Some(value));
        prop_assert_eq!(raster.as_array_view2::<f32>().unwrap()[[row, col]], value);
        prop_assert_eq!(raster.to_array2::<f32>().unwrap()[[row, col]], value);
        let masked = raster.clone().with_nodata(value).unwrap();
        prop_assert_eq!(masked.to_array_filled2(-1f64).unwrap()[[row, col]], -1.0);
        let mask = masked.valid_mask2().unwrap().unwrap();
        prop_assert_eq!(mask.dim(), (height, width));
        prop_assert!(!mask[[row, col]] && mask.iter().filter(|is_valid| !**is_valid).count() == 1);
        // Functions of a matrix, mapped, transposed, cut, flipped, tiled and put together.
        let matrix = Raster::from_ndarray(raster.as_array_view2::<f32>().unwrap()).unwrap().with_grid_of(&raster).unwrap();
        prop_assert_eq!(at(&matrix), Some(value));
        prop_assert_eq!(at(&raster.map(|pixel: f32| pixel).unwrap()), Some(value));
        prop_assert_eq!(at(&raster.transpose_dims(["y", "x"]).unwrap()), Some(value));
        prop_assert_eq!(at(&raster.window(row.., ..=col).unwrap()), Some(value));
        let flip = Slice::new(0, None, -1);
        prop_assert_eq!(at(&raster.slice_dim("y", flip).unwrap().slice_dim("x", flip).unwrap()), Some(value));
        prop_assert_eq!(at(&raster.to_standard().unwrap()), Some(value));
        prop_assert_eq!(at(&raster.tiles_with_overlap(2, 3, overlap).unwrap().to_mosaic(overlap).unwrap()), Some(value));
        let (rows, cols) = raster.window_of([x, y, x, y], WindowRounding::Touched).unwrap_or((row..row + 1, col..col + 1));
        prop_assert!(rows.contains(&row) && cols.contains(&col), "{:?} {:?}", rows, cols);
    }
}

/// Axes of one index do not stand in the way of a matrix, wherever they are.
#[test]
fn a_matrix_is_y_and_x_of_any_band_whose_other_axes_have_one_index() {
    let cube = Array3::from_shape_fn((5, 3, 4), |(time, row, col)| (100 * time + 10 * row + col) as i16);
    for (order, dims) in [
        ([0, 1, 2], ["time", "y", "x"]),
        ([1, 0, 2], ["y", "time", "x"]),
        ([2, 1, 0], ["x", "y", "time"]),
        ([2, 0, 1], ["x", "time", "y"]),
    ] {
        let pixels = cube.view().permuted_axes(order).as_standard_layout().into_owned();
        let band = Band::from_ndarray(pixels).unwrap().with_dim_names(dims).unwrap().with_nodata(203i16).unwrap();
        let raster = Raster::from_bands([band]).unwrap();
        let message = raster.as_array_view2::<i16>().unwrap_err().to_string();
        assert!(
            message.contains("keep one index of each axis other than y and x, as by `slice_dim(dim, 0..1)`"),
            "{message}"
        );
        let expected = cube.index_axis(Axis(0), 2);
        let one = raster.slice_dim("time", 2..3).unwrap();
        assert_eq!(one.as_array_view2::<i16>().unwrap(), expected, "{dims:?}");
        assert_eq!(one.to_array2::<i16>().unwrap(), expected, "{dims:?}");
        assert_eq!(one.valid_mask2().unwrap().unwrap(), expected.mapv(|pixel| pixel != 203), "{dims:?}");
        let filled = expected.mapv(|pixel| if pixel == 203 { -1.0 } else { f32::from(pixel) });
        assert_eq!(one.to_array_filled2(-1f32).unwrap(), filled, "{dims:?}");
        let mut target = Array2::<i32>::zeros((3, 4));
        one.copy_into_cast(target.view_mut()).unwrap();
        assert_eq!(target, expected.mapv(i32::from), "{dims:?}");
        let column = RasterArray::from(one);
        assert_eq!(column.array_views2::<i16>().next().unwrap().unwrap().unwrap(), expected, "{dims:?}");
    }
}

/// A raster that is not square, south up, with its axes in another order and NaN as nodata, of which one time is kept: matrices,
/// masks, points, tiles and the mosaic of its halves mean the same places.
#[test]
fn one_time_of_a_cube_means_the_same_places() {
    let (lon, lat) = ([10.5, 11.5, 12.5, 13.5], [-3.5, -2.5, -1.5]);
    let value = |time: usize, row: usize, col: usize| match (time, row, col) {
        (2, 1, 3) => f32::NAN,
        _ => (100 * time + 10 * row + col) as f32,
    };
    let pixels = Array3::from_shape_fn((4, 5, 3), |(col, time, row)| value(time, row, col));
    let band = Band::from_ndarray(pixels).unwrap().with_dim_names(["lon", "time", "lat"]).unwrap();
    let cube = Raster::from_bands([band.with_nodata(f32::NAN).unwrap()]).unwrap().with_coords(&lon, &lat).unwrap();
    let one = cube.slice_dim("time", 2..3).unwrap();
    let tiles = one.tiles(2, 3).unwrap();
    for raster in [one.clone(), tiles.to_mosaic(0).unwrap()] {
        let (matrix, mask) = (raster.as_array_view2::<f32>().unwrap(), raster.valid_mask2().unwrap().unwrap());
        assert_eq!((matrix.dim(), mask.dim()), ((3, 4), (3, 4)));
        for (row, y) in lat.into_iter().enumerate() {
            for (col, x) in lon.into_iter().enumerate() {
                // Row 0 of the coordinates is that of the south.
                assert_eq!(raster.index_at(x, y).unwrap(), Some((row, col)));
                let (expected, found) = (value(2, row, col), matrix[[row, col]]);
                assert!(found == expected || (found.is_nan() && expected.is_nan()), "{row} {col}: {found}");
                assert_eq!(mask[[row, col]], !expected.is_nan());
                assert_eq!(raster.sample::<f32>(x, y).unwrap(), Some(expected).filter(|value| !value.is_nan()));
            }
        }
    }
    for tile in tiles.iter().flatten() {
        let [xmin, ymin, ..] = tile.bbox().unwrap();
        let found = tile.to_array_filled2(-1f32).unwrap();
        let (row, col) = ((ymin + 4.0) as usize, (xmin - 10.0) as usize);
        assert_eq!(found[[0, 0]], value(2, row, col));
    }
}

/// What is in another order than it must be is an error, not another picture.
#[test]
fn names_and_numbers_in_the_order_of_something_else_are_refused() {
    let pixels = || Band::from_ndarray(Array2::<u8>::zeros((3, 3))).unwrap();
    let band = pixels().with_dim_names(["lat", "lon"]).unwrap();
    let error = Raster::from_bands_with_spatial_dims([band.clone()], "lat", "lon").unwrap_err();
    assert_eq!(error.to_string(), "spatial_dims: x is called `lat`, and y `lon`: the name of x comes first");
    let raster = Raster::from_bands([band]).unwrap();
    assert!(raster.clone().with_spatial_dims("lat", "lon").is_err() && raster.with_spatial_dims("lon", "lat").is_ok());
    assert!(Raster::from_ndarray(Array2::<u8>::zeros((3, 3))).unwrap().with_spatial_dims("y", "x").is_err());
    // Names that say nothing are taken in any order.
    let scan = pixels().with_dim_names(["line", "pixel"]).unwrap();
    assert!(Raster::from_bands_with_spatial_dims([scan.clone()], "pixel", "line").is_ok());
    assert!(Raster::from_bands_with_spatial_dims([scan], "line", "pixel").is_ok());

    // Turned by 45 degrees, each order given to the other's call.
    let gdal = [500_000.0, 21.2, 21.2, 4_000_000.0, 21.2, -21.2];
    let affine = [21.2, 21.2, 500_000.0, 21.2, -21.2, 4_000_000.0];
    assert_eq!(GeoTransform::from_gdal(gdal).unwrap(), GeoTransform::from_affine(affine).unwrap());
    let message = GeoTransform::from_affine(gdal).unwrap_err().to_string();
    assert!(message.contains("no square pixels in rasterio's order"), "{message}");
    let message = GeoTransform::from_gdal(affine).unwrap_err().to_string();
    assert!(message.contains("no square pixels in GDAL's order"), "{message}");

    // Bands that changed places.
    let side = |names: [&str; 2], x: f64| {
        let bands = names.map(|name| pixels().with_name(name));
        Raster::from_bands(bands).unwrap().with_bbox([x, 0.0, x + 3.0, 3.0], Registration::Pixel).unwrap()
    };
    let error =
        RasterArray::from_iter([side(["red", "nir"], 0.0), side(["nir", "red"], 3.0)]).to_mosaic(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 1, band 0: its name is `nir`, that of the first raster's band `red`: put them in one order by `select_bands`"
    );
    assert!(RasterArray::from_iter([side(["red", "nir"], 0.0), side(["red", "b8"], 3.0)]).to_mosaic(0).is_ok());
}
