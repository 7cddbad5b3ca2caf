//! Windows, slices, tiles and strips, in examples. `properties` has chains of them.

use ndraster::ndarray::{Array2, Array3, Axis, Slice};
use ndraster::{Band, ErrorKind, MemoryLayout, PixelType, Raster, RasterArray, Registration, Result, Strips};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::cases::slices::skewed;
use ndraster_test_support::payloads::payloads;

fn numbered(height: usize, width: usize) -> Array2<i32> {
    Array2::from_shape_fn((height, width), |(row, col)| (row * 10_000 + col) as i32)
}

#[test]
fn a_window_is_a_slice_of_rows_and_columns_and_shares_the_payload() -> Result<()> {
    let array = numbered(40, 60);
    let raster = Raster::from_ndarray(array.clone())?.with_transform(skewed());
    let window = raster.window(10..20, 5..=9)?;
    let mut expected = array.view();
    expected.slice_axis_inplace(Axis(0), Slice::from(10..20));
    expected.slice_axis_inplace(Axis(1), Slice::from(5..10));
    assert_eq!(window.as_array_view2::<i32>()?, expected);
    assert_eq!(window.band(0)?.source_data()?.as_ptr(), raster.band(0)?.source_data()?.as_ptr());
    assert_eq!(window.transform()?.apply(0.0, 0.0), skewed().apply(5.0, 10.0));
    // A window of a window counts from the window's own corner.
    let inner = window.window(2..4, ..)?.window(1.., 3..)?;
    assert_eq!(inner.to_array::<i32>()?, ndraster::ndarray::array![[130008, 130009]].into_dyn());
    assert_eq!(raster.window(.., ..)?.band(0)?.view(), raster.band(0)?.view());
    // A window without pixels, at the edge.
    assert_eq!(raster.window(40.., 60..)?.as_array_view2::<i32>()?.dim(), (0, 0));
    Ok(())
}

#[test]
fn a_range_out_of_bounds_is_an_error_that_names_the_dim() -> Result<()> {
    let cube = Band::from_ndarray(Array3::<u8>::zeros((5, 3, 4)))?.with_dim_names(["time", "y", "x"])?;
    let raster = Raster::from_bands([Band::from_ndarray(Array2::<u8>::zeros((3, 4)))?, cube])?;
    let message_of = |result: Result<Raster>| {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        error.to_string()
    };
    assert_eq!(message_of(raster.window(0..4, ..)), "band 0: `y` has extent 3, but 0..4 reaches outside of it");
    assert_eq!(
        message_of(raster.slice_dim("time", Slice::from(-6..))),
        "band 1: `time` has extent 5, but -6.. reaches outside of it"
    );
    assert_eq!(
        message_of(raster.slice_dim("x", Slice::new(0, Some(9), -2))),
        "band 0: `x` has extent 4, but 0..9 by steps of -2 reaches outside of it"
    );
    assert_eq!(
        message_of(raster.slice_dim("band", Slice::from(..))),
        "no band has a dimension `band`: the bands' dims are [\"y\", \"x\"], [\"time\", \"y\", \"x\"]"
    );
    // A dimension of some bands leaves the other bands as they are.
    let sliced = raster.slice_dim("time", Slice::from(1..3))?;
    assert_eq!((sliced.band(0)?.shape(), sliced.band(1)?.shape()), ([3, 4].as_slice(), [2, 3, 4].as_slice()));
    let sliced = raster.slice_dim("y", Slice::from(1..3))?;
    assert_eq!((sliced.band(0)?.shape(), sliced.band(1)?.shape()), ([2, 4].as_slice(), [5, 2, 4].as_slice()));
    Ok(())
}

#[test]
fn a_band_that_is_not_loaded_is_sliced() -> Result<()> {
    let raster = Raster::from_bands([Band::outdb("s3://cube", [1000, 2000], PixelType::Float32)?])?;
    let window = raster.window(10..20, 30..50)?;
    assert!(!window.band(0)?.is_loaded());
    assert_eq!(
        (window.band(0)?.shape(), window.band(0)?.source_shape()),
        ([10, 20].as_slice(), [1000, 2000].as_slice())
    );
    Ok(())
}

#[test]
fn tiles_cover_the_raster_once_over_its_own_memory() -> Result<()> {
    let array = numbered(50, 70);
    let raster =
        Raster::from_ndarray(array.clone())?.with_transform(skewed()).with_crs("EPSG:32616").with_nodata(-1)?;
    let tiles = raster.tiles(16, 32)?;
    assert_eq!((raster.tile_grid(16, 32)?, tiles.len()), ((4, 3), 12));
    assert_eq!(payloads(tiles.as_struct_array()).data_buffers().len(), 1);
    let mut seen = Array2::<i32>::from_elem((50, 70), -1);
    for (number, tile) in tiles.iter().flatten().enumerate() {
        let view = tile.as_array_view2::<i32>()?;
        let (row, col) = (number / 3 * 16, number % 3 * 32);
        assert_eq!(view.as_ptr(), raster.as_array_view2::<i32>()?.get((row, col)).unwrap() as *const i32);
        assert_eq!(tile.transform()?.apply(0.0, 0.0), skewed().apply(col as f64, row as f64));
        assert_eq!((tile.crs()?, tile.nodata::<i32>()?), (Some("EPSG:32616"), Some(-1)));
        for ((i, j), pixel) in view.indexed_iter() {
            assert_eq!(std::mem::replace(&mut seen[[row + i, col + j]], *pixel), -1);
        }
    }
    assert_eq!(seen, array);
    assert_eq!(tiles.get(11).unwrap().spatial_shape()?, [6, 2]);
    Ok(())
}

#[test]
fn tiles_overlap_as_far_as_the_raster_goes() -> Result<()> {
    let array = numbered(50, 70);
    let raster = Raster::from_ndarray(array.clone())?.with_transform(skewed());
    let tiles = raster.tiles_with_overlap(16, 32, 3)?;
    assert_eq!(tiles.len(), 12);
    for (number, tile) in tiles.iter().flatten().enumerate() {
        let (top, left) = (number / 3 * 16, number % 3 * 32);
        let rows = top.saturating_sub(3)..(top + 16 + 3).min(50);
        let cols = left.saturating_sub(3)..(left + 32 + 3).min(70);
        let mut expected = array.view();
        expected.slice_axis_inplace(Axis(0), Slice::from(rows.clone()));
        expected.slice_axis_inplace(Axis(1), Slice::from(cols.clone()));
        assert_eq!(tile.as_array_view2::<i32>()?, expected);
        assert_eq!(tile.transform()?.apply(0.0, 0.0), skewed().apply(cols.start as f64, rows.start as f64));
    }
    let whole = raster.tiles_with_overlap(16, 32, usize::MAX)?;
    assert!(whole.iter().flatten().all(|tile| tile.spatial_shape().unwrap() == [70, 50]));
    Ok(())
}

#[test]
fn tiles_without_extent_are_an_error_and_a_raster_without_rows_has_none() -> Result<()> {
    let raster = Raster::from_ndarray(numbered(5, 7))?;
    assert_eq!(raster.tiles(0, 3).unwrap_err().to_string(), "tiles of 0 rows and 3 columns cover nothing");
    assert_eq!(raster.tiles(usize::MAX, usize::MAX)?.len(), 1);
    assert_eq!(Raster::from_ndarray(numbered(0, 7))?.tiles(2, 2)?.len(), 0);
    let endless = Raster::from_bands([Band::outdb("", [1 << 40, 1 << 40], PixelType::UInt8)?])?;
    assert_eq!(endless.tiles(1, 1).unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(endless.tiles(1 << 39, 1 << 39)?.len(), 4);
    Ok(())
}

#[test]
fn tiles_allocate_their_metadata_alone() -> Result<()> {
    let large = Raster::from_ndarray(Array2::<u8>::zeros((1 << 14, 1 << 14)))?;
    let small = Raster::from_ndarray(Array2::<u8>::zeros((1 << 7, 1 << 7)))?;
    let (_, of_large, tiles) = allocated(|| large.tiles(1 << 10, 1 << 10));
    let (_, of_small, _) = allocated(|| small.tiles(1 << 3, 1 << 3));
    assert_eq!(tiles?.len(), 256);
    assert_eq!(of_large, of_small, "256 tiles each");
    assert!(of_large < 256 * 4096, "{of_large} bytes");
    Ok(())
}

#[test]
fn to_standard_repacks_what_has_a_view_and_shares_the_rest() -> Result<()> {
    let array = numbered(50, 70);
    let raster = Raster::from_ndarray(array.clone())?;
    let address = |raster: &Raster| raster.as_array_view::<i32>().unwrap().as_ptr();
    assert_eq!(address(&raster.to_standard()?), address(&raster));
    let tiles = raster.tiles(16, 32)?;
    let standard = tiles.to_standard()?;
    for (tile, standard) in tiles.iter().flatten().zip(standard.iter().flatten()) {
        assert!(standard.band(0)?.view().is_identity());
        assert_eq!(standard.as_array_view::<i32>()?, tile.as_array_view::<i32>()?);
        assert_eq!(standard.transform()?, tile.transform()?);
        assert_eq!(standard.band(0)?.source_data()?.len(), 4 * standard.width()? * standard.height()?);
    }
    // A band that is not loaded keeps its view, and a claim of 2^40 pixels is refused.
    let outdb = Raster::from_bands([Band::outdb("", [100, 100], PixelType::UInt8)?])?.window(1..2, ..)?;
    assert_eq!(outdb.to_standard()?.band(0)?.source_shape(), [100, 100]);
    let pixel = Array2::<u8>::ones((1, 1));
    let huge = Raster::from_ndarray_with(pixel.broadcast((1 << 20, 1 << 20)).unwrap(), MemoryLayout::AsIs)?;
    assert_eq!(huge.to_standard().unwrap_err().kind(), ErrorKind::TooLarge);
    Ok(())
}

#[test]
fn an_array_of_more_than_four_gib_is_cut_into_strips() -> Result<()> {
    // 5 GiB, of which the system has one page to zero: that of one pixel.
    let mut array = Array2::<u8>::zeros((5 << 15, 1 << 15));
    array[[(4 << 15) + 7, 3]] = 9;
    let address = array.as_ptr();
    let (_, bytes, column) = allocated(|| RasterArray::from_ndarray_strips(array));
    let column = column?;
    assert!(bytes < 16384, "{bytes} bytes");
    // As many rows as fit: 65535 rows are 2^31 - 2^15 bytes.
    assert_eq!(column.len(), 3);
    let mut first = 0;
    for raster in column.iter().flatten() {
        let view = raster.as_array_view2::<u8>()?;
        assert_eq!(view.as_ptr(), address.wrapping_add(first << 15));
        assert_eq!(raster.transform()?.apply(0.0, 0.0), (0.0, -(first as f64)));
        first += view.nrows();
    }
    assert_eq!(first, 5 << 15);
    let last = column.get(2).unwrap().as_array_view2::<u8>()?;
    assert_eq!(last[[(4 << 15) + 7 - 2 * 65535, 3]], 9);
    Ok(())
}

#[test]
fn strips_have_the_rows_the_axes_and_the_ground_that_are_asked_for() -> Result<()> {
    let array = Array3::from_shape_fn((10, 6, 3), |(row, col, band)| (100 * row + 10 * col + band) as u16);
    let column = Strips::from_ndarray(array.clone())?
        .with_dim_names(["lat", "lon", "rgb"])?
        .with_rows(4)?
        .with_crs("EPSG:4326")
        .with_bbox([0.0, 0.0, 6.0, 10.0], Registration::Pixel)?
        .with_nodata(7u16)?
        .finish()?;
    let heights: Result<Vec<_>> = column.iter().flatten().map(|raster| raster.height()).collect();
    assert_eq!(heights?, [4, 4, 2]);
    let mut expected = array.view();
    expected.slice_axis_inplace(Axis(0), Slice::from(8..));
    let last = column.get(2).unwrap();
    assert_eq!(last.as_array_view::<u16>()?, expected.into_dyn());
    assert_eq!((last.bbox()?, last.crs()?), ([0.0, 0.0, 6.0, 2.0], Some("EPSG:4326")));
    assert_eq!((last.spatial_dims()?, last.nodata::<u16>()?), (vec!["lon", "lat"], Some(7)));
    Ok(())
}

#[test]
fn strips_along_another_axis_or_of_too_many_rows_are_errors() -> Result<()> {
    let cube = || Array3::<u8>::zeros((4, 5, 6));
    let message_of = |result: Result<RasterArray>| result.unwrap_err().to_string();
    assert_eq!(
        message_of(RasterArray::from_ndarray_strips(cube())),
        "the axes of the shape [4, 5, 6] need names: `Strips::from_ndarray(a)?.with_dim_names([\"y\", \"x\", ..])?` if the first is y, \
         along which strips are cut; if the first is the bands, `Raster::from_bands(Band::split(a, Axis(0))?)`"
    );
    assert_eq!(
        message_of(Strips::from_ndarray(cube())?.with_dim_names(["time", "y", "x"])?.finish()),
        "strips run along `y`, which is not the slowest axis of [\"time\", \"y\", \"x\"]: move it to the front \
         (`permuted_axes`), or make one band a slice with `Band::split`"
    );
    let wide = Array2::<u8>::zeros((3, 1 << 30));
    assert_eq!(
        message_of(Strips::from_ndarray(wide)?.with_rows(2)?.finish()),
        "2 rows of the shape [3, 1073741824] of uint8 are more than the 2147483647 bytes that one Arrow payload may \
         have: 1 would fit"
    );
    assert!(Strips::from_ndarray(cube())?.with_rows(0).is_err());
    assert_eq!(RasterArray::from_ndarray_strips(Array2::<u8>::zeros((0, 5)))?.get(0).unwrap().height()?, 0);
    assert_eq!(RasterArray::from_ndarray_strips(Array2::<u8>::zeros((5, 0)))?.get(0).unwrap().height()?, 5);
    // No rows, of which each would have more bytes than can be counted.
    let none = Strips::from_ndarray(Array3::<f64>::zeros((0, 1 << 31, 1 << 31)))?.with_dim_names(["y", "x", "band"])?;
    assert_eq!(none.finish()?.get(0).unwrap().spatial_shape()?, [1 << 31, 0]);
    Ok(())
}
