//! The edges of the format: 12 bytes, 2 GiB, no pixels, many axes.

use std::sync::Arc;

use ndraster::arrow_array::cast::AsArray;
use ndraster::arrow_array::{Array, LargeBinaryArray, ListArray, StructArray};
use ndraster::arrow_buffer::{Buffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, FieldRef, Fields};
use ndraster::ndarray::{Array2, ArrayD, Axis, IxDyn, Slice, array};
use ndraster::{Band, ErrorKind, Pixel, PixelType, Raster, RasterArray, RasterArrayBuilder, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::cases::dim_names;
use ndraster_test_support::for_pixel_type;
use ndraster_test_support::payloads::payloads;

#[test]
fn payloads_of_up_to_12_bytes_are_inline() -> Result<()> {
    for len in [0usize, 1, 4, 8, 11, 12, 13, 14, 100] {
        let pixels = Array2::from_shape_fn((1, len), |(_, col)| col as u8 + 1);
        let raster = Raster::from_ndarray(pixels.clone())?;
        assert_eq!(raster.as_array_view2::<u8>()?, pixels, "{len} bytes");
        assert!(raster.band(0)?.is_loaded(), "{len} bytes");
        let array = StructArray::from(raster.clone());
        let data = payloads(&array);
        assert_eq!(data.data_buffers().len(), usize::from(len > 12), "{len} bytes");
        assert_eq!(data.value(0), pixels.as_slice().unwrap(), "{len} bytes");
        if len <= 12 {
            let view = data.views()[0].to_le_bytes();
            assert!(view[4 + len..].iter().all(|byte| *byte == 0), "{len} bytes");
        }
    }
    Ok(())
}

fn one_by_one<T: Pixel>() {
    let pixel: T = pixel_of_41();
    let pixels = Array2::from_elem((1, 1), pixel);
    let raster = Raster::from_ndarray(pixels.clone()).unwrap();
    assert_eq!(raster.to_cow_array::<T>().unwrap(), pixels.clone().into_dyn());
    assert_eq!(raster.to_array::<T>().unwrap(), pixels.clone().into_dyn());
    let mut target = Array2::from_elem((1, 1), T::default());
    raster.copy_into(target.view_mut()).unwrap();
    assert_eq!(target, pixels);
    match raster.as_array_view2::<T>() {
        Ok(view) => assert_eq!((view, size_of::<T>() < 8), (pixels.view(), true)),
        Err(error) => assert_eq!((error.kind(), size_of::<T>()), (ErrorKind::Misaligned, 8)),
    }
}

/// A pixel none of whose bytes is zero.
fn pixel_of_41<T: Pixel>() -> T {
    let bytes = vec![0x41u8; size_of::<T>()];
    let raster = Raster::from_ndarray(Array2::from_shape_vec((1, bytes.len()), bytes).unwrap()).unwrap();
    assert_eq!(raster.width().unwrap(), size_of::<T>());
    let buffer = Buffer::from(vec![0x41u8; 8]);
    buffer.typed_data::<T>()[0]
}

#[test]
fn a_single_pixel_is_copied_and_below_eight_bytes_borrowed() {
    for id in 1..=10u32 {
        for_pixel_type!(PixelType::try_from(id).unwrap(), T => one_by_one::<T>());
    }
}

#[test]
fn an_array_one_byte_short_of_2_gib_moves() -> Result<()> {
    // The system zeroes pages as they are touched, and none of these is.
    let most = i32::MAX as usize;
    let pixels = Array2::<u8>::zeros((1, most));
    let address = pixels.as_ptr();
    let raster = Raster::from_ndarray(pixels)?;
    let view = raster.as_array_view2::<u8>()?;
    assert_eq!((view.len(), view.as_ptr()), (most, address));
    let column = RasterArray::from(raster);
    assert_eq!(column.get(0).unwrap().as_array_view2::<u8>()?.as_ptr(), address);
    Ok(())
}

#[test]
fn an_array_of_2_gib_is_an_error_before_it_is_copied() {
    let pixels = || Array2::<u8>::zeros((1 << 15, 1 << 16));
    let message = "an array of shape [32768, 65536] has 2147483648 bytes, where one Arrow payload has at most 2147483647: \
                   cut it into strips of rows with `RasterArray::from_ndarray_strips`";
    assert_eq!(Raster::from_ndarray(pixels()).unwrap_err().to_string(), message);
    let array = pixels();
    assert_eq!(Raster::from_ndarray(&array).unwrap_err().to_string(), message);
    assert_eq!(Raster::from_ndarray(pixels().view()).unwrap_err().to_string(), message);
    let shared = pixels().into_shared();
    assert_eq!(Raster::from_ndarray(shared.clone()).unwrap_err().to_string(), message);
    let (bytes, error) = {
        let (_, bytes, result) = allocated(|| Raster::from_ndarray(shared.t()));
        (bytes, result.unwrap_err())
    };
    assert_eq!((error.kind(), bytes < 4096), (ErrorKind::TooLarge, true));
}

#[test]
fn a_slice_beyond_2_gib_of_an_array_moves() -> Result<()> {
    // The slice starts beyond what one of Arrow's offsets can count.
    let mut pixels = Array2::<u8>::zeros((5, 1 << 30));
    pixels[[4, 7]] = 9;
    pixels.slice_axis_inplace(Axis(0), Slice::from(4..5));
    let address = pixels.as_ptr();
    let raster = Raster::from_ndarray(pixels)?;
    let view = raster.as_array_view2::<u8>()?;
    assert_eq!((view.as_ptr(), view[[0, 7]]), (address, 9));
    Ok(())
}

/// Returns the column with payloads of another type, one for each of its bands.
fn with_other_payloads(column: &RasterArray, payloads: LargeBinaryArray) -> StructArray {
    let (fields, mut columns, nulls) = column.as_struct_array().clone().into_parts();
    let (item, offsets, bands, _) = columns[4].as_list::<i32>().clone().into_parts();
    let (band_fields, mut band_columns, _) = bands.as_struct().clone().into_parts();
    let with_type = |field: &FieldRef, data_type: &DataType| field.as_ref().clone().with_data_type(data_type.clone());
    let with = |fields: &Fields, at: usize, data_type: &DataType| {
        let other =
            |(i, field): (usize, &FieldRef)| if i == at { with_type(field, data_type).into() } else { field.clone() };
        fields.iter().enumerate().map(other).collect::<Fields>()
    };
    let band_fields = with(&band_fields, 8, &DataType::LargeBinary);
    band_columns[8] = Arc::new(payloads);
    let bands = StructArray::new(band_fields, band_columns, None);
    let item = Arc::new(with_type(&item, bands.data_type()));
    columns[4] = Arc::new(ListArray::new(item, offsets, Arc::new(bands), None));
    StructArray::new(with(&fields, 4, columns[4].data_type()), columns, nulls)
}

#[test]
fn payloads_in_a_buffer_beyond_2_gib_are_listed_once_each_and_shared() -> Result<()> {
    // Three of a GiB, one after the other, as other engines write them: one buffer and 64-bit offsets.
    let (rows, len) = (3, 1usize << 30);
    let raster = Raster::from_ndarray(Array2::<u8>::zeros((1 << 15, 1 << 15)))?;
    let zeros = Buffer::from_vec(vec![0u64; rows * len / 8]);
    let offsets = OffsetBuffer::new((0..=rows).map(|row| (row * len) as i64).collect());
    let payloads = LargeBinaryArray::new(offsets, zeros.clone(), None);
    let column = RasterArray::try_from(with_other_payloads(&RasterArray::from_iter(vec![raster; rows]), payloads))?;
    // In any order of the rows.
    for order in [[2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let mut built = RasterArrayBuilder::new();
        order.iter().try_for_each(|row| built.append(column.get(*row)))?;
        let built = built.finish()?;
        assert_eq!(built.buffer_bytes(), rows * len, "{order:?}");
        for (row, stored) in order.into_iter().enumerate() {
            let view = built.get(row).unwrap();
            assert_eq!(view.as_array_view2::<u8>()?.as_ptr(), zeros[stored * len..].as_ptr(), "{order:?}");
        }
    }
    for compact in [column.to_canonical()?, column.to_canonical()?.to_compact()?, column.to_compact()?] {
        assert_eq!((compact.buffer_bytes(), compact.payload_bytes()?), (rows * len, rows * len));
        for row in 0..rows {
            assert_eq!(compact.get(row).unwrap().as_array_view2::<u8>()?.as_ptr(), zeros[row * len..].as_ptr());
        }
    }
    Ok(())
}

#[test]
fn more_text_than_arrow_can_count_is_an_error_when_the_raster_is_made() {
    let name = "n".repeat((1 << 30) + 1);
    let band = Band::from_ndarray(Array2::<u8>::zeros((1, 1))).unwrap().with_name(name);
    let error = Raster::from_bands([band.clone(), band]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn an_empty_array_and_an_empty_column_read_back() -> Result<()> {
    for shape in [[0, 0], [0, 5], [5, 0]] {
        let raster = Raster::from_ndarray(Array2::<f64>::zeros(shape))?.with_nodata(1f64)?;
        assert!(raster.band(0)?.is_loaded());
        assert_eq!(raster.as_array_view2::<f64>()?.dim(), (shape[0], shape[1]));
        assert_eq!(raster.to_array::<f64>()?.shape(), shape);
        assert_eq!(raster.to_array_exact::<u8>()?.shape(), shape);
        assert_eq!(raster.valid_mask()?.unwrap().shape(), shape);
        assert_eq!(raster.as_stack_view::<f64>()?.shape(), [1, shape[0], shape[1]]);
        assert_eq!(raster.to_stack::<f64>()?.shape(), [1, shape[0], shape[1]]);
        assert_eq!(RasterArray::from_iter([raster]).to_canonical()?.len(), 1);
    }
    let none = RasterArray::from_iter(Vec::<Raster>::new());
    assert!(none.is_empty() && none.iter().next().is_none() && none.get(0).is_none());
    assert_eq!(RasterArray::try_from(StructArray::from(none))?.slice(0, 0)?.len(), 0);
    Ok(())
}

#[test]
fn a_shape_whose_zero_hides_an_overflow_is_an_error() -> Result<()> {
    let huge = 1 << 62;
    let band = Band::outdb("", [0, huge, huge], PixelType::UInt8)?.with_dim_names(["t", "y", "x"])?;
    let raster = Raster::from_bands([band])?;
    assert_eq!(raster.width()?, huge);
    assert!(raster.band(0)?.is_loaded());
    assert_eq!(raster.as_array_view::<u8>().unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(raster.to_array::<u8>().unwrap_err().kind(), ErrorKind::TooLarge);
    Ok(())
}

#[test]
fn up_to_nine_axes_are_borrowed_also_those_of_length_one() -> Result<()> {
    for ndim in 2..=9 {
        for shape in [vec![1; ndim], (1..=ndim).collect::<Vec<_>>().iter().map(|n| n % 4 + 1).collect()] {
            let len: usize = shape.iter().product();
            let pixels = ArrayD::from_shape_vec(IxDyn(&shape), (0..len as i32).collect()).unwrap();
            let names = dim_names(ndim);
            let raster = Raster::from_bands([Band::from_ndarray(pixels.clone())?.with_dim_names(names)?])?;
            assert_eq!(raster.as_array_view::<i32>()?, pixels);
            assert_eq!(raster.spatial_shape()?, [shape[ndim - 1], shape[ndim - 2]]);
        }
    }
    Ok(())
}

#[test]
fn more_axes_than_numpy_has_are_refused() {
    let array = |ndim: usize| Band::from_ndarray(ArrayD::<u8>::zeros(IxDyn(&vec![1; ndim])));
    assert!(array(64).is_ok());
    assert_eq!(array(65).unwrap_err().to_string(), "source_shape: 65 axes are more than 64");
}

#[test]
fn an_axis_of_length_one_may_have_any_stride() -> Result<()> {
    // A column of a matrix: the stride of its second axis leads to no other pixel.
    let matrix = array![[1u8, 2, 3], [4, 5, 6]];
    let column = matrix.slice_axis(Axis(1), Slice::from(1..2));
    assert_eq!(Raster::from_ndarray(column)?.as_array_view2::<u8>()?, array![[2], [5]]);
    let mut owned = matrix;
    owned.slice_axis_inplace(Axis(0), Slice::from(1..2));
    let address = owned.as_ptr();
    let raster = Raster::from_ndarray(owned)?;
    assert_eq!(raster.as_array_view2::<u8>()?, array![[4, 5, 6]]);
    assert_ne!(raster.as_array_view2::<u8>()?.as_ptr(), address, "three bytes are stored in place");
    Ok(())
}
