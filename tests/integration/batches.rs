//! A column as one array, in and out.

use std::sync::Arc;

use ndraster::arrow_array::{Array, Float64Array, ListArray, StructArray};
use ndraster::ndarray::{Array2, Array3, Array4, Array5, Axis, Ix5, Slice, s};
use ndraster::{Band, Batch, ErrorKind, GeoTransform, MemoryLayout, Raster, RasterArray, RasterArrayBuilder, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::readers::assert_batches_are_their_rows;

/// Pixels that all differ.
pub(crate) fn counted(shape: [usize; 4]) -> Array4<i16> {
    let mut next = 0..;
    Array4::from_shape_simple_fn(shape, || next.next().unwrap_or_default())
}

pub(crate) fn tile(fill: f32) -> Raster {
    Raster::from_ndarray(Array2::from_elem((4, 5), fill)).unwrap()
}

pub(crate) fn column(array: Array4<i16>) -> RasterArray {
    RasterArray::from_ndarray_batch(array).unwrap()
}

#[test]
fn a_batch_goes_in_and_comes_out_at_its_address() -> Result<()> {
    let pixels = counted([10, 3, 4, 5]);
    let (address, expected) = (pixels.as_ptr(), pixels.clone());
    let column = column(pixels);
    assert_eq!(column.len(), 10);
    let view = column.as_batch_view4::<i16>()?;
    assert_eq!((view.as_ptr(), view), (address, expected.view()));
    for (row, raster) in column.iter().enumerate() {
        for (number, band) in raster.unwrap().bands().enumerate() {
            let band = band?.as_array_view2::<i16>()?;
            let expected = expected.slice(s![row, number, .., ..]);
            assert_eq!((band.as_ptr(), band), (address.wrapping_add(row * 60 + number * 20), expected));
        }
    }
    // Its type and its arrays are those of a column that is built row by row.
    let mut builder = RasterArrayBuilder::new();
    column.iter().try_for_each(|raster| builder.append(raster))?;
    let built = builder.finish()?;
    assert_eq!(column.as_struct_array().to_data(), built.as_struct_array().to_data());
    column.as_struct_array().to_data().validate_full().unwrap();
    // A part moves out too, with its part of the memory.
    let part = column.slice(4, 3)?;
    drop(column);
    let moved = part.into_batch::<i16>()?;
    assert_eq!(
        (moved.as_ptr(), moved),
        (address.wrapping_add(4 * 60), expected.slice(s![4..7, .., .., ..]).to_owned().into_dyn())
    );
    Ok(())
}

#[test]
fn what_cannot_move_comes_back() -> Result<()> {
    let whole = column(counted([4, 2, 3, 3]));
    let other = whole.clone();
    let refused = whole.into_batch::<i16>().unwrap_err();
    assert_eq!(refused.error().kind(), ErrorKind::Layout);
    assert!(refused.to_string().contains("shared with another column"), "{refused}");
    let whole = refused.into_column();
    assert_eq!(whole.as_struct_array().to_data(), other.as_struct_array().to_data());
    assert_eq!(whole.as_batch_view::<i16>()?.as_ptr(), other.as_batch_view::<i16>()?.as_ptr());
    drop(other);
    assert_eq!(whole.into_batch::<i16>()?.shape(), [4, 2, 3, 3]);
    // Memory that ndarray did not allocate as such pixels, and memory of another type.
    let shared = Batch::from_ndarray(counted([4, 2, 3, 3]).into_shared())?.finish()?;
    assert_eq!(shared.into_batch::<i16>()?.len(), 72);
    let array = counted([4, 2, 3, 3]).into_shared();
    let handle = array.clone();
    let shared = Batch::from_ndarray(array)?.finish()?;
    assert_eq!(shared.as_batch_view::<i16>()?.as_ptr(), handle.as_ptr());
    let shared = shared.into_batch::<i16>().unwrap_err().into_column();
    assert_eq!(shared.into_batch::<u16>().unwrap_err().error().kind(), ErrorKind::PixelType);
    // Rows that do not lie one after the other.
    let rows = RasterArray::from_iter([tile(1.0), tile(2.0)]);
    let refused = rows.into_batch::<f32>().unwrap_err();
    assert_eq!(refused.error().kind(), ErrorKind::Layout);
    assert_eq!(refused.into_column().to_batch::<f32>()?.sum(), 60.0);
    // Pixels inside of Arrow's views.
    let small = RasterArray::from_ndarray_batch(Array3::<u8>::ones((1, 2, 2)))?;
    assert_eq!(small.as_batch_view::<u8>()?.sum(), 4);
    assert_eq!(small.into_batch::<u8>().unwrap_err().error().kind(), ErrorKind::Layout);
    Ok(())
}

#[test]
fn every_layout_goes_in() -> Result<()> {
    let expected = counted([6, 3, 4, 5]);
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 3, 1], [1, 0, 2, 3], [2, 0, 3, 1]];
    for order in orders {
        for step in [1isize, -1, 2] {
            // The same values in memory of another order, of which the first axis may be thinned or turned.
            let mut memory = expected.view().permuted_axes(order).as_standard_layout().into_owned();
            if step == 2 {
                let mut shape = memory.raw_dim();
                shape[0] *= 2;
                let mut wide = Array4::<i16>::default(shape);
                wide.slice_axis_mut(Axis(0), Slice::new(0, None, 2)).assign(&memory);
                memory = wide;
            }
            memory.slice_axis_inplace(Axis(0), Slice::new(0, None, step));
            let mut back = [0; 4];
            order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
            let array = memory.permuted_axes(back);
            let expected = array.clone();
            let address = array.as_ptr();
            for layout in [MemoryLayout::Standard, MemoryLayout::AsIs] {
                let column = Batch::from_ndarray_with(array.clone(), layout)?.finish()?;
                assert_eq!(column.to_batch::<i16>()?, expected.clone().into_dyn(), "{order:?} {step} {layout:?}");
                assert_eq!(column.as_batch_view4::<i16>()?, expected, "{order:?} {step} {layout:?}");
                assert_batches_are_their_rows(&column);
            }
            let column = Batch::from_ndarray_with(array, MemoryLayout::AsIs)?.finish()?;
            assert_eq!(column.as_batch_view4::<i16>()?.as_ptr(), address, "{order:?} {step}");
        }
    }
    let strict = Batch::from_ndarray_with(expected.reversed_axes(), MemoryLayout::Strict);
    assert_eq!(strict.unwrap_err().kind(), ErrorKind::Layout);
    // A broadcast is one payload, of which each row is the same.
    let one = Array2::from_elem((4, 5), 7i16);
    let column = Batch::from_ndarray_with(one.broadcast((6, 4, 5)).unwrap(), MemoryLayout::AsIs)?.finish()?;
    assert_eq!(column.as_batch_view4::<i16>()?.sum(), 7 * 120);
    assert_batches_are_their_rows(&column);
    Ok(())
}

#[test]
fn a_batch_has_what_its_builder_was_told() -> Result<()> {
    let transform = GeoTransform::from_gdal([100.0, 2.0, 0.0, 50.0, 0.0, -3.0])?;
    let batch = || Batch::from_ndarray(counted([6, 2, 4, 5]));
    let column = batch()?
        .with_crs("EPSG:32616")
        .with_tile_grid(transform, 3)?
        .with_nodata(7i16)?
        .with_band_names(["a", "b"])?
        .finish()?;
    for (row, raster) in column.iter().enumerate() {
        let raster = raster.unwrap();
        assert_eq!(raster.crs()?, Some("EPSG:32616"));
        let origin = (100.0 + 2.0 * 5.0 * (row % 3) as f64, 50.0 - 3.0 * 4.0 * (row / 3) as f64);
        assert_eq!(raster.transform()?.apply(0.0, 0.0), origin);
        assert_eq!(raster.band_by_name("b")?.nodata::<i16>()?, Some(7));
        assert_eq!((raster.width()?, raster.height()?), (5, 4));
    }
    column.as_struct_array().to_data().validate_full().unwrap();
    assert_eq!(column.to_mosaic(0)?.transform()?, transform);
    assert_batches_are_their_rows(&column);
    let transforms: Vec<_> = column.iter().map(|raster| raster.unwrap().transform().unwrap()).rev().collect();
    let turned = batch()?.with_transforms(transforms.iter().copied())?.finish()?;
    assert_eq!(turned.get(5).unwrap().transform()?, transform);
    for wrong in [5, 7] {
        let error = batch()?.with_transforms(std::iter::repeat_n(transform, wrong)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    }
    assert_eq!(batch()?.with_transforms(std::iter::repeat(transform)).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(batch()?.with_tile_grid(transform, 0).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(batch()?.with_band_names(["a"]).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(batch()?.with_nodata(7u8).unwrap_err().kind(), ErrorKind::PixelType);
    assert_eq!(batch()?.with_dim_names(["x"]).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(batch()?.with_dim_names(["a", "a"]).unwrap_err().kind(), ErrorKind::Argument);
    let far = GeoTransform::from_gdal([0.0, 1e308, 0.0, 0.0, 0.0, -1.0])?;
    assert_eq!(batch()?.with_tile_grid(far, 6)?.finish().unwrap_err().row(), Some(1));
    Ok(())
}

#[test]
fn more_axes_have_names() -> Result<()> {
    let cubes =
        Array5::from_shape_fn((3, 2, 4, 5, 6), |(n, b, t, y, x)| (n + 10 * b + 100 * t + 1000 * y + 10000 * x) as i32);
    let error = Batch::from_ndarray(cubes.clone())?.finish().unwrap_err();
    assert!(error.to_string().contains("with_dim_names"), "{error}");
    let column = Batch::from_ndarray(cubes.clone())?.with_dim_names(["time", "lat", "lon"])?.finish()?;
    assert_eq!(column.as_batch_view_dim::<i32, Ix5>()?, cubes);
    assert_eq!(column.get(2).unwrap().band(1)?.dim_names(), ["time", "lat", "lon"]);
    assert_eq!((column.get(2).unwrap().width()?, column.get(2).unwrap().height()?), (6, 5));
    assert_batches_are_their_rows(&column);
    assert_eq!(column.into_batch::<i32>()?, cubes.clone().into_dyn());
    // Four names: no axis of bands.
    let column = Batch::from_ndarray(cubes.clone())?.with_dim_names(["level", "time", "y", "x"])?.finish()?;
    assert_eq!(column.get(2).unwrap().only_band()?.shape(), [2, 4, 5, 6]);
    assert_eq!(column.as_batch_view::<i32>()?, cubes.insert_axis(Axis(1)).into_dyn());
    // x before y: a matrix is (y, x), and so are the last axes of a batch of four.
    let column = Batch::from_ndarray(counted([3, 2, 4, 5]))?.with_dim_names(["x", "y"])?.finish()?;
    assert_eq!((column.get(0).unwrap().width()?, column.get(0).unwrap().height()?), (4, 5));
    assert_eq!(column.as_batch_view4::<i16>()?, counted([3, 2, 4, 5]).permuted_axes([0, 1, 3, 2]));
    assert_eq!(column.as_batch_view::<i16>()?, counted([3, 2, 4, 5]).into_dyn());
    assert_batches_are_their_rows(&column);
    let column = Batch::from_ndarray(counted([3, 2, 4, 5]))?.with_dim_names(["p", "q", "r"])?;
    assert_eq!(column.finish().unwrap_err().kind(), ErrorKind::Argument);
    let column = Batch::from_ndarray(counted([3, 2, 4, 5]))?
        .with_dim_names(["p", "q", "r"])?
        .with_spatial_dims("p", "r")
        .finish()?;
    assert_eq!(column.get(0).unwrap().width()?, 2);
    Ok(())
}

#[test]
fn batches_of_nothing_and_of_one() -> Result<()> {
    for shape in [[0, 2, 3, 4], [1, 1, 1, 1], [1, 3, 4, 5], [2, 1, 0, 4], [2, 2, 3, 0], [5, 1, 1, 1]] {
        let column = column(counted(shape));
        assert_eq!(column.len(), shape[0]);
        assert_batches_are_their_rows(&column);
        if shape[0] > 0 {
            assert_eq!(column.to_batch::<i16>()?, counted(shape).into_dyn());
        }
        if shape[0] == 1 || shape[0] > 0 && shape[2] * shape[3] != 1 {
            assert_eq!(column.as_batch_view4::<i16>()?.dim(), (shape[0], shape[1], shape[2], shape[3]));
        }
    }
    // Up to 12 bytes lie inside of Arrow's views, where no array view can see several.
    let small = column(counted([5, 1, 2, 3]));
    let error = small.as_batch_view::<i16>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Layout);
    assert_eq!(small.batch_views::<i16>().map(|view| view.unwrap().shape()[0]).collect::<Vec<_>>(), [1; 5]);
    let empty = RasterArrayBuilder::new().finish()?;
    assert_eq!(empty.batch_views::<u8>().count(), 0);
    let error = empty.to_batch::<u8>().unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("leave it out")), (ErrorKind::Shape, true));
    assert_eq!(empty.to_batch_filled(0u8).unwrap_err().kind(), ErrorKind::Shape);
    let without_bands = RasterArray::from_ndarray_batch(Array4::<u8>::zeros((2, 0, 3, 3))).unwrap_err();
    assert_eq!(without_bands.kind(), ErrorKind::Shape);
    let error = RasterArray::from_ndarray_batch(Array2::<u8>::zeros((2, 3))).unwrap_err();
    assert!(error.to_string().contains("insert_axis"), "{error}");
    Ok(())
}

#[test]
fn a_row_that_prevents_a_batch_is_named() -> Result<()> {
    let rows = |rows: [Option<Raster>; 3]| RasterArray::from_iter(rows);
    let error = |column: &RasterArray| {
        let (view, copy) = (column.as_batch_view::<f32>().unwrap_err(), column.to_batch::<f32>().unwrap_err());
        assert_eq!((view.to_string(), view.row()), (copy.to_string(), copy.row()));
        assert_batches_are_their_rows(column);
        copy
    };
    let null = rows([Some(tile(1.0)), None, Some(tile(2.0))]);
    let found = error(&null);
    assert_eq!((found.kind(), found.row()), (ErrorKind::Null, Some(1)));
    assert!(found.to_string().contains("to_batch_filled"), "{found}");
    let filled = null.to_batch_filled(9f32)?;
    assert_eq!(filled.sum_axis(Axis(3)).sum_axis(Axis(2)).into_raw_vec_and_offset().0, [20.0, 180.0, 40.0]);
    let other = Raster::from_ndarray(Array2::<f32>::zeros((5, 4)))?;
    let found = error(&rows([Some(tile(1.0)), Some(tile(1.0)), Some(other)]));
    assert_eq!((found.kind(), found.row()), (ErrorKind::Shape, Some(2)));
    let two = Raster::from_bands([
        Band::from_ndarray(Array2::<f32>::zeros((4, 5)))?,
        Band::from_ndarray(Array2::<f32>::zeros((4, 5)))?,
    ])?;
    let found = error(&rows([Some(tile(1.0)), Some(two), None]));
    assert_eq!((found.kind(), found.row()), (ErrorKind::Shape, Some(1)));
    let integers = Raster::from_ndarray(Array2::<i32>::zeros((4, 5)))?;
    let mixed = rows([Some(tile(1.5)), Some(integers), Some(tile(2.0))]);
    let found = error(&mixed);
    assert_eq!((found.kind(), found.row()), (ErrorKind::PixelType, Some(1)));
    assert_eq!(mixed.to_batch_cast::<f64>()?.sum(), 70.0);
    let lazy = Raster::from_bands([Band::outdb("s3://bucket/a.tif", [4, 5], ndraster::PixelType::Float32)?])?;
    let found = error(&rows([Some(tile(1.0)), Some(lazy), Some(tile(1.0))]));
    assert_eq!((found.kind(), found.row()), (ErrorKind::NotLoaded, Some(1)));
    let named =
        Raster::from_bands([Band::from_ndarray(Array2::<f32>::zeros((4, 5)))?.with_dim_names(["lat", "lon"])?])?;
    let found = error(&rows([Some(tile(1.0)), Some(named), Some(tile(1.0))]));
    assert_eq!((found.kind(), found.row()), (ErrorKind::Shape, Some(1)));
    // All null: nothing says how large the rows are.
    assert_eq!(rows([None, None, None]).to_batch_filled(0u8).unwrap_err().kind(), ErrorKind::Shape);
    Ok(())
}

#[test]
fn a_target_of_another_shape_is_an_error_that_says_the_shape() -> Result<()> {
    let column = column(counted([3, 2, 4, 5]));
    let mut target = Array4::<i16>::zeros((3, 2, 5, 4));
    let error = column.copy_batch_into(target.view_mut()).unwrap_err();
    assert_eq!(error.to_string(), "the batch has the shape [3, 2, 4, 5] (row, band, ...), the target [3, 2, 5, 4]");
    for wrong in [[2, 2, 4, 5], [3, 1, 4, 5], [3, 2, 4, 6]] {
        let mut target = Array4::<f32>::zeros(wrong);
        assert_eq!(column.copy_batch_into_cast(target.view_mut()).unwrap_err().kind(), ErrorKind::Shape);
        assert_eq!(column.copy_batch_into_filled(0.0, target.view_mut()).unwrap_err().kind(), ErrorKind::Shape);
    }
    Ok(())
}

#[test]
fn conversions_of_a_batch_are_those_of_its_bands() -> Result<()> {
    let column = Batch::from_ndarray(counted([7, 2, 9, 8]))?.with_nodata(300i16)?.finish()?;
    assert_eq!(column.to_batch_cast::<u8>()?, counted([7, 2, 9, 8]).mapv(|pixel| pixel as u8).into_dyn());
    let filled = counted([7, 2, 9, 8]).mapv(|pixel: i16| if pixel == 300 { -1.0 } else { f32::from(pixel) });
    assert_eq!(column.to_batch_filled(-1f32)?, filled.clone().into_dyn());
    let error = column.to_batch_filled(0u8).unwrap_err();
    assert_eq!((error.kind(), error.row(), error.band()), (ErrorKind::Inexact, Some(1), Some(1)));
    assert!(error.to_string().contains("the pixel at [5, 0] is 256"), "{error}");
    // Rows of different nodata.
    let other = Batch::from_ndarray(counted([7, 2, 9, 8]))?.with_nodata(5i16)?.finish()?;
    let both =
        RasterArray::from_iter(column.iter().chain(other.iter()).flatten().map(|raster| raster.to_raster().unwrap()));
    let both = both.to_batch_filled(-1f32)?;
    assert_eq!(both.slice(s![..7, .., .., ..]), filled);
    assert_eq!(
        both.slice(s![7.., .., .., ..]),
        counted([7, 2, 9, 8]).mapv(|p| if p == 5 { -1.0 } else { f32::from(p) })
    );
    Ok(())
}

#[test]
fn a_column_of_a_batch_costs_a_few_hundred_bytes_a_row_and_no_pixel() -> Result<()> {
    // The first column of a process makes what all have in common.
    drop(RasterArray::from_ndarray_batch(Array3::<f32>::zeros((20, 3, 3)))?);
    for side in [16, 64] {
        let pixels = Array3::<f32>::zeros((1000, side, side));
        let (count, bytes, column) = allocated(|| RasterArray::from_ndarray_batch(pixels).unwrap());
        assert!(count < 150 && bytes < 400_000, "{count} allocations of {bytes} bytes");
        let (count, _, view) = allocated(|| column.as_batch_view4::<f32>().map(|view| view.len()));
        assert_eq!((count, view?), (0, 1000 * side * side));
        let mut target = Array4::<f32>::zeros((1000, 1, side, side));
        let (count, _, copied) = allocated(|| column.copy_batch_into(target.view_mut()));
        assert_eq!((count, copied?), (0, ()));
        let (count, bytes, batch) = allocated(|| column.to_batch::<f32>());
        assert!(count < 4 && bytes < 4 * 1000 * side * side + 100, "{count} allocations of {bytes} bytes");
        drop(batch?);
    }
    Ok(())
}

#[test]
fn rows_that_a_broadcast_claims_are_refused() {
    let one = Array2::<u8>::zeros((4, 4));
    let rows = one.broadcast((1 << 40, 4, 4)).unwrap();
    let (_, bytes, refused) = allocated(|| Batch::from_ndarray_with(rows, MemoryLayout::AsIs).unwrap().finish());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(bytes < 10_000, "{bytes} bytes");
}

/// Tiles of 3 x 5 pixels out of 6 x 20, whichever dim is first, north-up, south-up and skewed, with NaN for nodata.
#[test]
fn rows_of_a_batch_lie_where_the_tiles_of_the_whole_lie() -> Result<()> {
    let pixels = Array2::from_shape_fn(
        (6, 20),
        |(row, col)| {
            if (row * col) % 7 == 3 { f32::NAN } else { (100 * row + col) as f32 }
        },
    );
    let transforms =
        [[100.0, 2.0, 0.0, 50.0, 0.0, -4.0], [100.0, 2.0, 0.0, 50.0, 0.0, 4.0], [100.0, 2.0, 0.5, 50.0, 0.25, -4.0]];
    for gdal in transforms {
        for names in [["y", "x"], ["x", "y"]] {
            let is_x_first = names == ["x", "y"];
            let stored = if is_x_first { pixels.t().as_standard_layout().into_owned() } else { pixels.clone() };
            let transform = GeoTransform::from_gdal(gdal)?;
            let band = Band::from_ndarray(stored)?.with_dim_names(names)?.with_nodata(f32::NAN)?;
            let tiles = Raster::from_bands([band])?.with_transform(transform).tiles(3, 5)?;
            let column = Batch::from_ndarray(tiles.to_batch::<f32>()?)?
                .with_dim_names(names)?
                .with_tile_grid(transform, 4)?
                .with_nodata(f32::NAN)?
                .finish()?;
            let (batch, filled) = (column.as_batch_view4::<f32>()?, column.to_batch_filled(-1f32)?);
            let mosaic = column.to_mosaic(0)?;
            for ((row, col), pixel) in pixels.indexed_iter() {
                let (down, across) = (row as f64 + 0.5, col as f64 + 0.5);
                let x = gdal[0] + across * gdal[1] + down * gdal[2];
                let y = gdal[3] + across * gdal[4] + down * gdal[5];
                let place = format!("{gdal:?} {names:?} row {row}, column {col}");
                let (tile, down, across) = (row / 3 * 4 + col / 5, row % 3, col % 5);
                let raster = column.get(tile).unwrap();
                assert_eq!(raster.index_at(x, y)?, Some((down, across)), "{place}");
                assert_eq!(mosaic.index_at(x, y)?, Some((row, col)), "{place}");
                let stored = if is_x_first { filled[[tile, 0, across, down]] } else { filled[[tile, 0, down, across]] };
                assert_eq!(stored, if pixel.is_nan() { -1.0 } else { *pixel }, "{place}");
                for found in [batch[[tile, 0, down, across]], mosaic.to_array2::<f32>()?[[row, col]]] {
                    assert_eq!(found.to_bits(), pixel.to_bits(), "{place}");
                }
            }
            assert_eq!(mosaic.bbox()?, transform.bbox(20, 6)?, "{gdal:?} {names:?}");
        }
    }
    Ok(())
}

/// Square tiles whose dims are (x, y), so that a swapped axis shows in the pixels alone.
fn x_first(rows: usize) -> Result<(Array4<u8>, RasterArray)> {
    let pixels = Array4::from_shape_fn((rows, 2, 4, 4), |(n, band, x, y)| (40 * n + 20 * band + 4 * x + y) as u8);
    let column = Batch::from_ndarray(pixels.clone())?.with_dim_names(["x", "y"])?.with_nodata(21u8)?.finish()?;
    Ok((pixels.permuted_axes([0, 1, 3, 2]), column))
}

#[test]
fn four_axes_are_y_before_x_whatever_the_order_of_the_dims() -> Result<()> {
    let (expected, column) = x_first(5)?;
    assert_eq!(column.to_batch4::<u8>()?, expected);
    assert!(column.to_batch4::<u8>()?.is_standard_layout());
    assert_eq!(column.to_batch_cast4::<f32>()?, expected.mapv(f32::from));
    let filled = expected.mapv(|pixel| if pixel == 21 { -1.0 } else { f32::from(pixel) });
    assert_eq!(column.to_batch_filled4(-1f32)?, filled);
    let mut target = Array4::zeros((5, 2, 4, 4));
    column.copy_batch_into(target.view_mut())?;
    assert_eq!((&target, column.as_batch_view4::<u8>()?), (&expected, expected.view()));
    // Any number of axes are in the bands' own order, by whatever call.
    let own = expected.view().permuted_axes([0, 1, 3, 2]).into_dyn();
    assert_eq!((column.to_batch::<u8>()?.view(), column.as_batch_view::<u8>()?), (own.view(), own.view()));
    column.copy_batch_into(target.view_mut().into_dyn())?;
    assert_eq!(target.into_dyn(), own);
    // Null rows are filled, wherever they are.
    let mut with_null = RasterArrayBuilder::new();
    with_null.append_null();
    column.iter().try_for_each(|raster| with_null.append(raster))?;
    let with_null = with_null.finish()?.to_batch_filled4(7u8)?;
    assert_eq!(with_null.slice(s![1.., .., .., ..]), expected.mapv(|pixel| if pixel == 21 { 7 } else { pixel }));
    assert!(with_null.slice(s![0, .., .., ..]).iter().all(|pixel| *pixel == 7));
    // (y, x) and other numbers of axes.
    let plain = RasterArray::from_ndarray_batch(counted([6, 1, 3, 5]))?;
    assert_eq!(plain.to_batch4::<i16>()?, counted([6, 1, 3, 5]));
    let cube = Band::from_ndarray(Array3::<u8>::zeros((3, 4, 5)))?.with_dim_names(["time", "y", "x"])?;
    let error = RasterArray::from(Raster::from_bands([cube])?).to_batch_cast4::<f32>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("take the call without `4`"), "{error}");
    let none = RasterArray::from_iter(Vec::<Raster>::new());
    assert_eq!(none.to_batch4::<u8>().unwrap_err().kind(), ErrorKind::Shape);
    Ok(())
}

#[test]
fn what_prevents_a_batch_says_which_call_of_a_column_helps() -> Result<()> {
    let says = |error: ndraster::Error, kind: ErrorKind, words: &[&str]| {
        let message = error.to_string();
        assert_eq!(error.kind(), kind, "{message}");
        words.iter().for_each(|word| assert!(message.contains(word), "{word} is not in: {message}"));
        assert!(!message.contains("to_array"), "a call for one band: {message}");
    };
    let bytes = RasterArray::from_ndarray_batch(Array4::<u8>::zeros((3, 2, 4, 5)))?;
    let converts = ["`to_batch_cast`", "`copy_batch_into_cast`", "`to_batch_filled`", "`u8`"];
    says(bytes.to_batch::<f32>().unwrap_err(), ErrorKind::PixelType, &converts);
    says(bytes.as_batch_view4::<f32>().unwrap_err(), ErrorKind::PixelType, &converts);
    let mut target = Array4::<f32>::zeros((3, 2, 4, 5));
    says(bytes.copy_batch_into(target.view_mut()).unwrap_err(), ErrorKind::PixelType, &converts);
    says(bytes.clone().into_batch::<f32>().unwrap_err().into(), ErrorKind::PixelType, &converts);
    // Up to 12 bytes lie in Arrow's views. Nothing can pack those.
    let scores = RasterArray::from_ndarray_batch(Array4::<f32>::ones((5, 1, 1, 3)))?;
    for column in [scores.to_packed_batch()?, scores] {
        let error = column.as_batch_view4::<f32>().unwrap_err();
        says(error, ErrorKind::Layout, &["12 bytes", "`to_batch`"]);
        assert!(!column.as_batch_view4::<f32>().unwrap_err().to_string().contains("to_packed_batch"));
        assert_eq!(column.to_batch4::<f32>()?, Array4::<f32>::ones((5, 1, 1, 3)));
    }
    // One pixel of eight bytes, which nothing can align.
    let doubles = RasterArray::from_ndarray_batch(Array4::<f64>::ones((5, 1, 1, 1)))?;
    let error = doubles.as_batch_view4::<f64>().unwrap_err();
    assert!(!error.to_string().contains("to_aligned"), "{error}");
    says(error, ErrorKind::Layout, &["row 0", "12 bytes", "`to_batch`"]);
    // Bands of one row that lie apart.
    let band = || Band::from_ndarray(Array2::<f32>::zeros((64, 64)));
    let apart = RasterArray::from(Raster::from_bands([band()?, band()?, band()?])?);
    let error = apart.batch_views::<f32>().next().unwrap().unwrap_err();
    says(error, ErrorKind::Layout, &["row 0", "its bands do not lie", "`to_packed_batch`"]);
    // Tiles at an edge.
    let edge = Raster::from_ndarray(Array2::<u8>::zeros((10, 15)))?.tiles(8, 8)?;
    says(edge.to_batch_cast::<f32>().unwrap_err(), ErrorKind::Shape, &["row 1", "`copy_batch_into`", "edge"]);
    Ok(())
}

#[test]
fn predictions_lie_where_their_tiles_lie() -> Result<()> {
    let band = Band::from_ndarray(Array2::from_shape_fn((6, 8), |(y, x)| (10 * y + x) as u8))?;
    let scene = Raster::from_bands([band.with_dim_names(["lat", "lon"])?])?
        .with_transform(GeoTransform::from_gdal([7.0, 0.5, 0.0, 50.0, 0.0, -0.5])?)
        .with_crs("EPSG:4326");
    let tiles = scene.tiles(3, 2)?;
    let batch = |rows, height, width| Batch::from_ndarray(Array3::<f32>::zeros((rows, height, width)));
    let predicted = Batch::from_ndarray(tiles.to_batch_cast4::<f32>()? * 2.0)?.with_grid_of(&tiles)?.finish()?;
    for (found, tile) in predicted.iter().flatten().zip(tiles.iter().flatten()) {
        assert_eq!((found.transform()?, found.crs()?), (tile.transform()?, Some("EPSG:4326")));
        assert_eq!(found.spatial_dims()?, ["lon", "lat"]);
        assert_eq!(found.band(0)?.dim_names(), ["lat", "lon"]);
    }
    let map = predicted.to_mosaic(0)?;
    assert_eq!(
        (map.transform()?, map.to_array2::<f32>()?),
        (scene.transform()?, scene.to_array2::<u8>()?.mapv(|p| 2.0 * f32::from(p)))
    );
    // As many rows, of the same extents, not null, of one CRS.
    let refused = |batch: Batch, column: &RasterArray| {
        let error = batch.with_grid_of(column).unwrap_err();
        (error.kind(), error.row())
    };
    assert_eq!(refused(batch(7, 3, 2)?, &tiles), (ErrorKind::Argument, None));
    assert_eq!(refused(batch(8, 2, 3)?, &tiles), (ErrorKind::Shape, Some(0)));
    let tile = |crs: &str| tiles.get(0).unwrap().to_raster().map(|tile| tile.with_crs(crs));
    let two = RasterArray::from_iter([tile("EPSG:4326")?, tile("EPSG:32632")?]);
    assert_eq!(refused(batch(2, 3, 2)?, &two), (ErrorKind::Argument, Some(1)));
    let with_null = RasterArray::from_iter([Some(tile("EPSG:4326")?), None]);
    assert_eq!(refused(batch(2, 3, 2)?, &with_null), (ErrorKind::Null, Some(1)));
    assert_eq!(batch(0, 3, 2)?.with_grid_of(&tiles.slice(0, 0)?)?.finish()?.len(), 0);
    Ok(())
}

#[test]
fn rows_whose_spatial_dims_are_in_two_orders_are_no_batch() -> Result<()> {
    // One look at the dim names would take the second raster for (line, pixel) too.
    let square = |first: i32, [x, y]: [&str; 2]| {
        let pixels = Array2::from_shape_fn((2, 2), |(row, col)| first + 10 * row as i32 + col as i32);
        let band = Band::from_ndarray(pixels)?.with_dim_names(["line", "pixel"])?;
        Raster::from_bands_with_spatial_dims([band], x, y)
    };
    let rows = RasterArray::from_iter([square(0, ["pixel", "line"])?, square(100, ["line", "pixel"])?]);
    for error in [
        rows.as_batch_view4::<i32>().unwrap_err(),
        rows.to_batch4::<i32>().unwrap_err(),
        rows.to_packed_batch().unwrap_err(),
        rows.copy_batch_into(Array4::<i32>::zeros((2, 1, 2, 2)).view_mut()).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.row()), (ErrorKind::Shape, Some(1)), "{error}");
        assert!(error.to_string().contains("`with_spatial_dims`"), "{error}");
    }
    assert_eq!(rows.batch_views::<i32>().map(|view| view.unwrap().shape()[0]).collect::<Vec<_>>(), [1, 1]);
    Ok(())
}

#[test]
fn a_batch_refuses_transforms_that_are_not_finite() -> Result<()> {
    let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((1, 2, 3)))?;
    let (fields, mut columns, nulls) = column.as_struct_array().clone().into_parts();
    let list: &ListArray = columns[1].as_any().downcast_ref().unwrap();
    let (item, offsets, _, list_nulls) = list.clone().into_parts();
    let numbers = Float64Array::from(vec![f64::NAN; 6]);
    columns[1] = Arc::new(ListArray::new(item, offsets, Arc::new(numbers), list_nulls));
    let foreign = RasterArray::try_from(StructArray::new(fields, columns, nulls))?;
    let transform = foreign.get(0).unwrap().transform()?;
    let batch = || Batch::from_ndarray(Array3::<u8>::zeros((1, 2, 3)));
    for batch in [
        batch()?.with_transform(transform),
        batch()?.with_transforms([transform])?,
        batch()?.with_tile_grid(transform, 1)?,
        batch()?.with_grid_of(&foreign)?,
    ] {
        assert_eq!(batch.finish().unwrap_err().kind(), ErrorKind::Argument);
    }
    Ok(())
}

#[test]
fn a_batch_of_south_up_tiles_on_x_and_y_means_the_same_places() -> Result<()> {
    // Not square, x first, rows from south to north, NaN as nodata. Each pixel says where its centre lies.
    let (cols, rows) = (12, 6);
    let value = |x: f64, y: f64| (1000.0 * x + y) as f32;
    let transform = GeoTransform::from_gdal([100.0, 2.0, 0.0, 40.0, 0.0, 3.0])?;
    let place = |col: usize, row: usize| (100.0 + 2.0 * (col as f64 + 0.5), 40.0 + 3.0 * (row as f64 + 0.5));
    let pixels = Array2::from_shape_fn((cols, rows), |(col, row)| {
        if (col, row) == (7, 1) { f32::NAN } else { value(place(col, row).0, place(col, row).1) }
    });
    let band = Band::from_ndarray(pixels)?.with_dim_names(["x", "y"])?;
    let scene = Raster::from_bands([band])?.with_transform(transform).with_crs("EPSG:32632").with_nodata(f32::NAN)?;
    let tiles = scene.tiles(3, 4)?;
    let predicted = tiles.to_batch_filled4(-1f32)?;
    assert_eq!(predicted.dim(), (6, 1, 3, 4));
    let column = Batch::from_ndarray(predicted)?.with_grid_of(&tiles)?.finish()?;
    let map = column.to_mosaic(0)?;
    assert_eq!(map.transform()?, transform);
    let matrix = map.to_array2::<f32>()?;
    for (col, row) in (0..cols).flat_map(|col| (0..rows).map(move |row| (col, row))) {
        let (x, y) = place(col, row);
        let expected = if (col, row) == (7, 1) { -1.0 } else { value(x, y) };
        assert_eq!(matrix[[row, col]], expected, "column {col}, row {row}");
        let tile = column.get(row / 3 * 3 + col / 4).unwrap();
        assert_eq!(tile.sample::<f32>(x, y)?, Some(expected), "{x}, {y}");
    }
    Ok(())
}
