//! Views of every kind, against a loop that looks up one pixel after the other.

use ndraster::ndarray::{Axis, array};
use ndraster::{Pixel, RasterArray, View, ViewEntry};

use crate::random::Random;
use crate::raw::{RawBand, payload_at};

/// A view that fits: permuted axes, any start, any step that stays inside.
fn random_view(random: &mut Random, source_shape: &[i64]) -> Vec<[i64; 4]> {
    let order = random.permutation(source_shape.len());
    let entry = |axis: usize, random: &mut Random| {
        let extent = source_shape[axis];
        if extent == 0 {
            return [axis as i64, 3, 7, 0];
        }
        let start = random.below(extent as usize) as i64;
        let step = random.below(7) as i64 - 3;
        let most = match step {
            0 => 4,
            1.. => (extent - 1 - start) / step + 1,
            _ => start / -step + 1,
        };
        [axis as i64, start, step, random.below(most as usize + 1) as i64]
    };
    order.into_iter().map(|axis| entry(axis, random)).collect()
}

/// The bytes of the visible pixels in C order: index by index, each taken to the source by the definition.
fn by_definition(source: &[u8], size: usize, source_shape: &[i64], view: &[[i64; 4]]) -> Vec<u8> {
    let total: i64 = view.iter().map(|entry| entry[3]).product();
    let mut bytes = Vec::new();
    for pixel in 0..total {
        let mut rest = pixel;
        let mut source_index = vec![0; source_shape.len()];
        for [axis, start, step, steps] in view.iter().rev() {
            source_index[*axis as usize] = start + step * (rest % steps);
            rest /= steps;
        }
        let position = source_index.iter().zip(source_shape).fold(0, |at, (index, extent)| at * extent + index);
        bytes.extend_from_slice(&source[position as usize * size..][..size]);
    }
    bytes
}

fn check<T: Pixel>(random: &mut Random) {
    use ndraster::arrow_buffer::ToByteSlice;
    let size = size_of::<T>();
    let ndim = 2 + random.below(5);
    let most = [9, 6, 5, 4, 3][ndim - 2];
    let source_shape: Vec<i64> = (0..ndim).map(|_| random.below(most + 1) as i64).collect();
    let source = random.bytes(source_shape.iter().product::<i64>() as usize * size);
    let view = random_view(random, &source_shape);
    let expected = by_definition(&source, size, &source_shape, &view);

    let offset = random.below(9);
    let data = payload_at(offset, &source);
    let band = RawBand { view: Some(view.clone()), ..RawBand::new(&source_shape, T::PIXEL_TYPE.id(), data) };
    let column = RasterArray::try_from(band.column()).unwrap();
    let band = column.get(0).unwrap().only_band().unwrap();
    let shape: Vec<usize> = view.iter().map(|entry| entry[3] as usize).collect();
    let place = format!("{source_shape:?} {view:?} of {} at {offset}", T::PIXEL_TYPE);
    assert_eq!(band.shape(), shape, "{place}");
    let bytes =
        |pixels: &mut dyn Iterator<Item = &T>| pixels.flat_map(|p| p.to_byte_slice().to_vec()).collect::<Vec<_>>();

    let owned = band.to_array::<T>().unwrap();
    assert!(owned.is_standard_layout());
    assert_eq!(bytes(&mut owned.iter()), expected, "{place}");
    assert_eq!(bytes(&mut band.to_cow_array::<T>().unwrap().iter()), expected, "{place}");
    let mut target = owned.clone();
    target.fill(T::default());
    target.invert_axis(Axis(0));
    band.copy_into(target.view_mut()).unwrap();
    assert_eq!(bytes(&mut target.iter()), expected, "{place}");
    let address = band.source_data().unwrap().as_ptr() as usize;
    match band.as_array_view::<T>() {
        Ok(lent) => assert_eq!(bytes(&mut lent.iter()), expected, "{place}"),
        Err(error) => assert!(!address.is_multiple_of(size) && !expected.is_empty(), "{place}: {error}"),
    }
}

#[test]
fn random_views_read_as_defined() {
    let mut random = Random::new(7);
    for _ in 0..600 {
        check::<u8>(&mut random);
        check::<i16>(&mut random);
        check::<f32>(&mut random);
        check::<u64>(&mut random);
    }
}

#[test]
fn composing_two_views_is_seeing_one_through_the_other() {
    let mut random = Random::new(13);
    for _ in 0..3000 {
        let ndim = 1 + random.below(4);
        let source_shape: Vec<i64> = (0..ndim).map(|_| random.below(7) as i64).collect();
        let source = random.bytes(source_shape.iter().product::<i64>() as usize);
        let inner = random_view(&mut random, &source_shape);
        let seen: Vec<i64> = inner.iter().map(|entry| entry[3]).collect();
        let outer = random_view(&mut random, &seen);
        let expected = by_definition(&by_definition(&source, 1, &source_shape, &inner), 1, &seen, &outer);

        let composed = view(&source_shape, &inner).compose(&view(&seen, &outer)).unwrap();
        let entries: Vec<_> = composed.entries().iter().map(|e| [e.source_axis, e.start, e.step, e.steps]).collect();
        assert_eq!(
            by_definition(&source, 1, &source_shape, &entries),
            expected,
            "{source_shape:?} {inner:?} {outer:?}"
        );
    }
    let error = view(&[3], &[[0, 0, 1, 2]]).compose(&view(&[3], &[[0, 0, 1, 3]])).unwrap_err();
    assert_eq!(error.to_string(), "a view of the source shape [3] cannot be laid over one that shows [2]");
}

fn view(source_shape: &[i64], entries: &[[i64; 4]]) -> View {
    let entry = |&[source_axis, start, step, steps]: &[i64; 4]| ViewEntry { source_axis, start, step, steps };
    let shape: Vec<usize> = source_shape.iter().map(|extent| *extent as usize).collect();
    View::new(&shape, &entries.iter().map(entry).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_view_lends_the_column_s_own_memory() {
    let source: Vec<u8> = (0..24).collect();
    let view = vec![[1, 5, -2, 3], [0, 1, 1, 2]];
    let band = RawBand { view: Some(view), ..RawBand::new(&[4, 6], 1, payload_at(64, &source)) };
    let column = RasterArray::try_from(band.column()).unwrap();
    let band = column.get(0).unwrap().only_band().unwrap();
    let lent = band.as_array_view2::<u8>().unwrap();
    assert_eq!(lent.strides(), [-2, 6]);
    assert_eq!(lent.as_ptr(), band.source_data().unwrap()[11..].as_ptr());
    assert_eq!(lent, array![[11, 17], [9, 15], [7, 13]]);
}
