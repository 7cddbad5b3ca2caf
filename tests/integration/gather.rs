//! Every call that copies into C order gives the pixels of a loop over indices. The loops over every size of plane and tile
//! are unit tests, in `src/strided/oracle.rs`.

use ndraster::ndarray::{Array, ArrayD, ArrayViewD, Axis, IxDyn, Slice};
use ndraster::{Band, MemoryLayout, Pixel, Raster, Result};
use ndraster_test_support::cases::dim_names;
use ndraster_test_support::random::Random;

/// Copies a view into C order, pixel by pixel.
fn naive<T: Pixel>(view: &ArrayViewD<'_, T>) -> ArrayD<T> {
    let mut pixels = Vec::with_capacity(view.len());
    let mut index = vec![0; view.ndim()];
    for _ in 0..view.len() {
        pixels.push(view[index.as_slice()]);
        for axis in (0..index.len()).rev() {
            index[axis] += 1;
            if index[axis] < view.shape()[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    ArrayD::from_shape_vec(view.raw_dim(), pixels).unwrap()
}

fn noise<T: Pixel>(random: &mut Random, shape: &[usize], pixel: impl Fn(usize) -> T) -> ArrayD<T> {
    let salt = random.below(1 << 16);
    let len = shape.iter().product();
    Array::from_iter((0..len).map(|i| pixel((i + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8)))
        .into_shape_with_order(IxDyn(shape))
        .unwrap()
}

fn stored<T: Pixel>(array: ArrayD<T>, layout: MemoryLayout) -> Result<Raster> {
    let names = dim_names(array.ndim());
    Raster::from_bands([Band::from_ndarray_with(array, layout)?.with_dim_names(names)?])
}

/// Checks every way into C order.
fn check<T: Pixel>(permuted: &ArrayD<T>, place: &str) -> Result<()> {
    let expected = naive(&permuted.view());
    assert_eq!(stored(permuted.clone(), MemoryLayout::Standard)?.to_array::<T>()?, expected, "stored, {place}");
    let seen = stored(permuted.clone(), MemoryLayout::AsIs)?;
    assert_eq!(seen.to_cow_array::<T>()?, expected, "seen, {place}");
    assert_eq!(seen.to_array::<T>()?, expected, "to_array, {place}");
    assert_eq!(seen.to_standard()?.to_cow_array::<T>()?, expected, "to_standard, {place}");
    let mut target = ArrayD::<T>::default(expected.raw_dim());
    seen.copy_into(target.view_mut())?;
    assert_eq!(target, expected, "copy_into, {place}");
    let reversed: Vec<usize> = expected.shape().iter().rev().copied().collect();
    let mut other_order = ArrayD::<T>::default(reversed);
    seen.copy_into(other_order.view_mut().reversed_axes())?;
    assert_eq!(other_order.reversed_axes(), expected, "copy_into another order, {place}");
    Ok(())
}

/// Checks an array without gaps, its axes in any order and some of them backwards.
fn dense<T: Pixel>(random: &mut Random, shape: &[usize], pixel: impl Fn(usize) -> T) -> Result<()> {
    let order = random.permutation(shape.len());
    let mut array = noise(random, shape, pixel).permuted_axes(order.as_slice());
    let backwards: Vec<usize> = (0..shape.len()).filter(|_| random.below(4) == 0).collect();
    backwards.iter().for_each(|&axis| array.invert_axis(Axis(axis)));
    check(&array, &format!("{} {shape:?} by {order:?}, {backwards:?} backwards", T::PIXEL_TYPE))
}

/// Checks an array with gaps: a band that is sliced along every axis, and the slice of the array itself.
fn sliced<T: Pixel>(random: &mut Random, shape: &[usize], pixel: impl Fn(usize) -> T) -> Result<()> {
    let order = random.permutation(shape.len());
    let array = noise(random, shape, pixel).permuted_axes(order.as_slice());
    let mut raster = stored(array.clone(), MemoryLayout::AsIs)?;
    let mut view = array.view();
    let mut place = format!("{} {shape:?} by {order:?}", T::PIXEL_TYPE);
    for axis in 0..shape.len() {
        let (start, step) = (random.below(3) as isize, [1, 1, 1, -1, 2, -3][random.below(6)]);
        let slice = Slice::new(start.min(view.shape()[axis] as isize - 1), None, step);
        raster = raster.slice_dim(&dim_names(shape.len())[axis], slice)?;
        view.slice_axis_inplace(Axis(axis), slice);
        place += &format!(", {slice:?}");
    }
    let expected = naive(&view);
    assert_eq!(raster.to_cow_array::<T>()?, expected, "seen, {place}");
    assert_eq!(raster.to_array::<T>()?, expected, "to_array, {place}");
    let mut target = ArrayD::<T>::default(expected.raw_dim());
    raster.copy_into(target.view_mut())?;
    assert_eq!(target, expected, "copy_into, {place}");
    // An array with gaps, which is copied as it is stored.
    assert_eq!(stored(view.to_owned(), MemoryLayout::Standard)?.to_array::<T>()?, expected, "owned, {place}");
    let names = dim_names(shape.len());
    let from_view = Raster::from_bands([Band::from_ndarray(view)?.with_dim_names(names)?])?;
    assert_eq!(from_view.to_array::<T>()?, expected, "a view in, {place}");
    Ok(())
}

fn every_size(random: &mut Random, shape: &[usize]) -> Result<()> {
    dense(random, shape, |i| i as u8)?;
    dense(random, shape, |i| i as u16)?;
    dense(random, shape, |i| i as f32)?;
    dense(random, shape, |i| i as f64)?;
    sliced(random, shape, |i| i as i8)?;
    sliced(random, shape, |i| i as i16)?;
    sliced(random, shape, |i| i as u32)?;
    sliced(random, shape, |i| i as i64)
}

#[test]
fn matrices_and_cubes_are_copied_as_index_by_index() -> Result<()> {
    let mut random = Random::new(1);
    // Smaller than a square of pixels, thin, and on both sides of a tile and of a block of tiles.
    for shape in [[1, 1], [3, 2], [15, 17], [4, 300], [300, 3], [65, 63], [64, 130], [257, 129]] {
        every_size(&mut random, &shape)?;
    }
    for _ in 0..40 {
        let ndim = 3 + random.below(3);
        let most = [24, 10, 6][ndim - 3];
        let shape: Vec<usize> = (0..ndim).map(|_| 1 + random.below(most)).collect();
        every_size(&mut random, &shape)?;
    }
    Ok(())
}

#[test]
fn interleaved_bands_are_copied_as_index_by_index() -> Result<()> {
    let mut random = Random::new(2);
    for bands in [1, 2, 3, 4, 5, 7, 8, 13, 16, 33] {
        every_size(&mut random, &[7, 19, bands])?;
        every_size(&mut random, &[bands, 7, 19])?;
    }
    Ok(())
}
