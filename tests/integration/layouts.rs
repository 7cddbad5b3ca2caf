//! Memory is stored as it lies, read back, and moved out again, at the same address with the same strides.

use ndraster::arrow_array::Array;
use ndraster::ndarray::{Array1, Array2, Array3, ArrayView3, Axis, Ix3, ShapeBuilder, Slice, array};
use ndraster::{Band, ErrorKind, MemoryLayout, Raster, RasterArray, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::cases::dim_names;
use ndraster_test_support::random::Random;

fn raster(band: Result<Band>, ndim: usize) -> Result<Raster> {
    let names = dim_names(ndim);
    Raster::from_bands([band?.with_dim_names(names)?])
}

/// Returns whether a matrix in an allocation is some view of some source. Tries every source shape, view and place, by the
/// definition.
fn any_view(shape: [usize; 2], strides: [isize; 2], first: usize, len: usize) -> bool {
    let at = |i: usize, j: usize| (first as isize + i as isize * strides[0] + j as isize * strides[1]) as usize;
    // The view's axes in either order. Source axis 0 is the slower one.
    [[0, 1], [1, 0]].iter().any(|order| {
        (1..=len).any(|width| {
            (1..=len / width).any(|height| {
                (0..=len - width * height).any(|start| {
                    let source = |pixel: usize| {
                        let inside = pixel.checked_sub(start).filter(|pixel| *pixel < width * height)?;
                        Some([inside / width, inside % width])
                    };
                    let Some(origin) = source(at(0, 0)) else { return false };
                    // Each visible axis must move along its own source axis only, evenly.
                    let along = |axis: usize, i: usize, j: usize| source(at(i, j)).map(|index| index[order[axis]]);
                    let moves = |axis: usize| {
                        let (next, extent) = if axis == 0 { ((1, 0), shape[0]) } else { ((0, 1), shape[1]) };
                        if extent == 1 {
                            return Some(0);
                        }
                        Some(along(axis, next.0, next.1)? as isize - origin[order[axis]] as isize)
                    };
                    let (Some(di), Some(dj)) = (moves(0), moves(1)) else { return false };
                    (0..shape[0]).all(|i| {
                        (0..shape[1]).all(|j| {
                            along(0, i, j).is_some_and(|x| x as isize == origin[order[0]] as isize + i as isize * di)
                                && along(1, i, j)
                                    .is_some_and(|x| x as isize == origin[order[1]] as isize + j as isize * dj)
                        })
                    })
                })
            })
        })
    })
}

#[test]
fn an_array_is_stored_as_it_lies_exactly_if_a_view_can_say_so() {
    let mut random = Random::new(5);
    let (mut stored, mut refused) = (0, 0);
    for _ in 0..15_000 {
        // A matrix with any strides, at any place in an allocation of up to 40 pixels.
        let len = 8 + random.below(32);
        let (shape, skip) = ([2 + random.below(3), 2 + random.below(3)], [random.below(3), random.below(3)]);
        let strides = [1 + random.below(12), 1 + random.below(12)];
        let whole = (shape[0] + skip[0], shape[1] + skip[1]);
        let pixels: Vec<u16> = (0..len as u16).collect();
        // ndarray refuses what leaves the allocation, and pixels that are there twice.
        let Ok(mut owned) = Array2::from_shape_vec(whole.strides((strides[0], strides[1])), pixels) else {
            continue;
        };
        let mut first = 0;
        let mut signed = [0; 2];
        for axis in 0..2 {
            owned.slice_axis_inplace(Axis(axis), Slice::from(skip[axis]..));
            first += skip[axis] * strides[axis];
            signed[axis] = strides[axis] as isize;
            if random.below(3) == 0 {
                owned.invert_axis(Axis(axis));
                first += (shape[axis] - 1) * strides[axis];
                signed[axis] = -signed[axis];
            }
        }
        let possible = any_view(shape, signed, first, len);
        let expected = owned.clone().into_dyn();
        match Raster::from_ndarray_with(owned, MemoryLayout::AsIs) {
            Ok(raster) => {
                assert!(possible, "{shape:?} {signed:?} at {first} of {len}");
                assert_eq!(raster.to_array::<u16>().unwrap(), expected);
                stored += 1;
            }
            Err(error) => {
                assert!(!possible, "{shape:?} {signed:?} at {first} of {len}: {error}");
                refused += 1;
            }
        }
    }
    assert!(stored > 1000 && refused > 40, "{stored} stored, {refused} refused");
}

#[test]
fn shared_memory_with_gaps_is_refused() {
    let shared = Array2::<u16>::zeros((10, 10)).into_shared();
    let mut columns = shared.clone();
    columns.slice_axis_inplace(Axis(1), Slice::from(2..8));
    assert_eq!(
        Raster::from_ndarray_with(columns, MemoryLayout::AsIs).unwrap_err().to_string(),
        "an `ArcArray` with other handles and gaps between its pixels cannot be kept as it lies: let \
         `MemoryLayout::Standard` repack it"
    );
}

#[test]
fn a_reversed_array_is_stored_as_it_lies() -> Result<()> {
    let pixels = Array2::from_shape_fn((4, 5), |(row, col)| (5 * row + col) as u8);
    let mut turned = pixels.t();
    turned.invert_axis(Axis(1));
    let raster = Raster::from_ndarray_with(turned, MemoryLayout::AsIs)?;
    assert_eq!(raster.band(0)?.source_data()?, pixels.as_slice().unwrap());
    assert_eq!(raster.as_array_view2::<u8>()?, turned);
    Ok(())
}

#[test]
fn an_axis_of_length_one_is_taken_forwards_whatever_its_stride() -> Result<()> {
    let pixels: Vec<u8> = (0..20).collect();
    for stride in [0, 40] {
        let mut view = ArrayView3::from_shape((1, 4, 5).strides((stride, 1, 4)), &pixels).unwrap();
        view.invert_axis(Axis(0));
        let raster = raster(Band::from_ndarray_with(view, MemoryLayout::AsIs), 3)?;
        let entry = raster.band(0)?.view().entries()[0];
        assert_eq!((entry.start, entry.step, entry.steps), (0, 1, 1), "stride {stride}");
        assert_eq!(raster.as_array_view::<u8>()?, view.into_dyn());
    }
    Ok(())
}

#[test]
fn a_broadcast_array_is_stored_once() -> Result<()> {
    let row = array![1.0f32, 2.0, 3.0, 4.0];
    let broadcast = row.broadcast((1000, 4)).unwrap();
    let (_, bytes, raster) = allocated(|| Raster::from_ndarray_with(broadcast, MemoryLayout::AsIs));
    let raster = raster?;
    assert_eq!(raster.band(0)?.source_data()?.len(), 16);
    assert_eq!(raster.as_array_view2::<f32>()?, broadcast);
    assert!(bytes < 8192, "{bytes} bytes");
    let refused = raster.into_array::<f32>().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "band 0: its view repeats pixels, which no owned array can: copy it with `to_array`"
    );
    Ok(())
}

#[test]
fn an_array_in_c_order_needs_no_view() -> Result<()> {
    let array = Array3::<u8>::zeros((3, 4, 5)).into_dyn();
    for layout in [MemoryLayout::Standard, MemoryLayout::Strict, MemoryLayout::AsIs] {
        let raster = raster(Band::from_ndarray_with(array.clone(), layout), 3)?;
        assert!(raster.band(0)?.view().is_identity(), "{layout:?}");
    }
    // Neither does an array with axes of length one, whatever their strides.
    let mut row = array.view();
    row.slice_axis_inplace(Axis(0), Slice::from(1..2));
    row.slice_axis_inplace(Axis(1), Slice::from(1..2));
    row.invert_axis(Axis(1));
    for band in [
        Band::from_ndarray_with(row.view(), MemoryLayout::AsIs),
        Band::from_ndarray_with(row.to_owned(), MemoryLayout::AsIs),
        Band::from_ndarray_with(Array3::<u8>::zeros((1, 1, 5)), MemoryLayout::AsIs),
        Band::from_ndarray_with(Array3::<u8>::zeros((4, 1, 5)).into_shared(), MemoryLayout::AsIs),
    ] {
        assert!(raster(band, 3)?.band(0)?.view().is_identity());
    }
    assert_eq!(MemoryLayout::default(), MemoryLayout::Standard);
    Ok(())
}

#[test]
fn strict_moves_and_shares_c_order_and_nothing_else() -> Result<()> {
    let strict = |array: Array2<f32>| Raster::from_ndarray_with(array, MemoryLayout::Strict);
    let mut slice = Array2::<f32>::zeros((30, 20));
    slice.slice_axis_inplace(Axis(0), Slice::from(3..9));
    let address = slice.as_ptr();
    assert_eq!(strict(slice)?.as_array_view::<f32>()?.as_ptr(), address);
    let shared = Array2::<f32>::zeros((30, 20)).into_shared();
    let raster = Raster::from_ndarray_with(shared.clone(), MemoryLayout::Strict)?;
    assert_eq!(raster.as_array_view::<f32>()?.as_ptr(), shared.as_ptr());

    assert_eq!(
        strict(Array2::zeros((30, 20)).reversed_axes()).unwrap_err().to_string(),
        "axis 1 of the shape [20, 30] has stride 20, where C order has 1: let `MemoryLayout::Standard` repack it, or \
         `MemoryLayout::AsIs` store it as it lies"
    );
    let array = Array2::<f32>::zeros((30, 20));
    assert_eq!(
        Raster::from_ndarray_with(&array, MemoryLayout::Strict).unwrap_err().to_string(),
        "a view or reference would be copied, which `MemoryLayout::Strict` forbids: give the array itself, or allow \
         the copy with `Standard` or `AsIs`"
    );
    assert_eq!(strict(Array2::zeros((0, 20)))?.height()?, 0);
    // The stride of an axis of length one leads nowhere.
    let mut row = Array2::zeros((4, 30));
    row.slice_axis_inplace(Axis(0), Slice::from(2..3));
    row.slice_axis_inplace(Axis(1), Slice::from(..20));
    assert_ne!(row.strides()[0], 20);
    let address = row.as_ptr();
    assert_eq!(strict(row)?.as_array_view::<f32>()?.as_ptr(), address);
    Ok(())
}

#[test]
fn an_array_with_gaps_is_stored_with_them() -> Result<()> {
    let mut array = Array2::from_shape_fn((10, 10), |(row, col)| (10 * row + col) as u8);
    array.slice_axis_inplace(Axis(1), Slice::from(2..8));
    let expected = array.clone();
    let raster = Raster::from_ndarray_with(array, MemoryLayout::AsIs)?;
    assert_eq!((raster.band(0)?.source_shape(), raster.band(0)?.shape()), ([10, 10].as_slice(), [10, 6].as_slice()));
    assert_eq!(raster.as_array_view2::<u8>()?, expected);
    Ok(())
}

#[test]
fn memory_moves_back_into_an_array() -> Result<()> {
    // Moved, sliced.
    let mut array = Array2::from_shape_fn((40, 50), |(row, col)| (row * 50 + col) as f64);
    array.slice_axis_inplace(Axis(0), Slice::from(7..31));
    let (expected, address) = (array.clone(), array.as_ptr());
    let back = Raster::from_ndarray(array)?.with_crs("EPSG:4326").into_array::<f64>()?;
    assert_eq!((back.as_ptr(), back), (address, expected.into_dyn()));
    // Repacked by this crate.
    let raster = Raster::from_ndarray(Array2::<i16>::ones((40, 50)).reversed_axes())?;
    let address = raster.as_array_view::<i16>()?.as_ptr();
    assert_eq!(raster.into_array::<i16>()?.as_ptr(), address);
    // A window of it, alone with the memory.
    let raster = Raster::from_ndarray(Array2::from_shape_fn((40, 50), |(row, col)| (row * 50 + col) as u32))?;
    let window = raster.window(10..20, 5..45)?;
    drop(raster);
    let expected = window.to_array::<u32>()?;
    let address = window.as_array_view::<u32>()?.as_ptr();
    let back = window.into_array::<u32>()?;
    assert_eq!((back.as_ptr(), back), (address, expected));
    Ok(())
}

#[test]
fn memory_that_cannot_move_stays_a_raster() -> Result<()> {
    let refusal = |raster: Raster| {
        let refused = raster.into_array::<u8>().unwrap_err();
        let (kind, message) = (refused.error().kind(), refused.to_string());
        (kind, message, refused.into_raster())
    };
    let not_alone = "band 0: its memory is shared with another raster, view or array, or was not allocated as a `Vec` \
                     of its pixel type: copy it with `to_array`";
    let raster = Raster::from_ndarray(Array2::<u8>::ones((5, 7)))?;
    let other = raster.clone();
    let (kind, message, raster) = refusal(raster);
    assert_eq!((kind, message.as_str()), (ErrorKind::Layout, not_alone));
    assert_eq!(raster.to_array::<u8>()?.sum(), 35);
    assert_eq!(other.as_array_view::<u8>()?.as_ptr(), raster.as_array_view::<u8>()?.as_ptr());
    drop(other);
    assert_eq!(raster.into_array::<u8>()?.sum(), 35);

    let shared = Array2::<u8>::ones((5, 7)).into_shared();
    let (_, message, raster) = refusal(Raster::from_ndarray(shared.clone())?);
    assert_eq!((message.as_str(), raster.to_array::<u8>()?.sum()), (not_alone, 35));
    let bands = Band::split(Array3::<u8>::ones((2, 5, 7)), Axis(0))?;
    let (kind, _, raster) = refusal(Raster::from_bands(bands)?);
    assert_eq!((kind, raster.num_bands()?), (ErrorKind::Shape, 2));
    let (kind, ..) = refusal(Raster::from_ndarray(Array2::<i8>::ones((5, 7)))?);
    assert_eq!(kind, ErrorKind::PixelType);
    Ok(())
}

#[test]
fn a_row_of_a_column_that_cannot_move_comes_back_as_itself() -> Result<()> {
    let column: RasterArray =
        (1..=3u8).map(|fill| Raster::from_ndarray(Array2::from_elem((80, 80), fill))).collect::<Result<_>>()?;
    for (row, fill) in [1u8, 2, 3].into_iter().enumerate() {
        let raster = Raster::try_from(column.slice(row, 1)?)?;
        let back = raster.into_array::<u8>().unwrap_err().into_raster();
        assert_eq!(back.as_array_view2::<u8>()?, Array2::from_elem((80, 80), fill));
        RasterArray::from(back).as_struct_array().to_data().validate_full()?;
    }
    // The last handle on a row's memory gets it, whatever else is in the column.
    let address = column.get(1).unwrap().as_array_view::<u8>()?.as_ptr();
    let raster = Raster::try_from(column.slice(1, 1)?)?;
    drop(column);
    assert_eq!(raster.into_array::<u8>()?.as_ptr(), address);
    Ok(())
}

#[test]
fn bands_out_of_a_stack_share_one_buffer() -> Result<()> {
    let images = Array3::from_shape_fn((5, 8, 9), |(band, row, col)| (100 * band + 9 * row + col) as u16);
    let (expected, address) = (images.clone().into_dyn(), images.as_ptr());
    let raster = Raster::from_bands(Band::split(images.clone(), Axis(0))?)?;
    assert_eq!(raster.as_stack_view::<u16>()?, expected);
    let moved = Raster::from_bands(Band::split(images, Axis(0))?)?;
    assert_eq!(moved.as_stack_view::<u16>()?.as_ptr(), address);
    // Another axis is moved to the front: repacked, but for `AsIs`.
    for axis in [1, 2] {
        for layout in [MemoryLayout::Standard, MemoryLayout::AsIs] {
            let bands = expected.clone().into_dimensionality::<Ix3>().unwrap();
            let address = bands.as_ptr();
            let raster = Raster::from_bands(Band::split_with(bands, Axis(axis), layout)?)?;
            let mut front = expected.view();
            front.swap_axes(0, axis);
            if axis == 2 {
                front.swap_axes(1, 2);
            }
            let stack = raster.as_stack_view::<u16>()?;
            assert_eq!(stack, front, "{axis} {layout:?}");
            assert_eq!(stack.as_ptr() == address, layout == MemoryLayout::AsIs, "{axis} {layout:?}");
        }
    }
    let error = Band::split(Array3::<u8>::zeros((2, 3, 4)), Axis(3)).unwrap_err();
    assert_eq!(error.to_string(), "split: Axis(3) is none of the axes of the shape [2, 3, 4]");
    assert_eq!(Band::split(Array2::<u8>::zeros((2, 3)), Axis(0)).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(Band::split(Array3::<u8>::zeros((0, 3, 4)), Axis(0))?.len(), 0);
    let strict = Band::split_with(Array3::<u8>::zeros((2, 3, 4)), Axis(1), MemoryLayout::Strict);
    assert_eq!(strict.unwrap_err().kind(), ErrorKind::Layout);
    Ok(())
}

#[test]
fn beyond_two_gib_each_band_has_its_own_part_and_the_stack_is_a_copy() -> Result<()> {
    // 3 GiB. The system zeroes pages as they are touched, and none of these is.
    let images = Array3::<u8>::zeros((3, 1 << 15, 1 << 15));
    let address = images.as_ptr();
    let raster = Raster::from_bands(Band::split(images, Axis(0))?)?;
    for (number, band) in raster.bands().enumerate() {
        assert_eq!(band?.as_array_view::<u8>()?.as_ptr(), address.wrapping_add(number << 30));
    }
    let error = raster.as_stack_view::<u8>().unwrap_err();
    assert!(error.to_string().contains("to_stack"), "{error}");
    Ok(())
}

#[test]
fn an_array_of_one_axis_is_no_band() {
    assert_eq!(
        Band::from_ndarray_with(Array1::<u8>::zeros(3), MemoryLayout::AsIs).unwrap_err().kind(),
        ErrorKind::Shape
    );
}
