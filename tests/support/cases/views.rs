//! A view, sound or not, does what its definition says: the pixel at a visible index is the source's pixel at
//! `start + step * index` along each source axis.

use ndraster::{ErrorKind, Pixel, PixelType, RasterArray, View, ViewEntry};

use super::memory::for_each_index;
use super::reads::assert_reads;
use crate::for_pixel_type;
use crate::raw::{RawBand, payload_at};

/// A source, a view of it, and a view of what the first one shows.
#[derive(Clone, Debug)]
pub struct Case {
    pub pixel_type: PixelType,
    pub source_shape: Vec<usize>,
    pub entries: Vec<ViewEntry>,
    /// The view of what the first one shows.
    pub outer: Vec<ViewEntry>,
    /// Where the payload starts in its buffer.
    pub offset: usize,
}

/// The most pixels that are compared one by one.
const FEW: usize = 4096;

/// Builds both views, and compares what they show with the definition.
pub fn check(case: &Case) {
    let view = View::new(&case.source_shape, &case.entries);
    assert_eq!(view.is_ok(), is_sound(&case.source_shape, &case.entries), "{view:?}");
    let Ok(view) = view else { return };
    let shape: Vec<usize> = case.entries.iter().map(|entry| entry.steps as usize).collect();
    assert_eq!((view.shape(), view.source_shape()), (shape.as_slice(), case.source_shape.as_slice()));
    assert_eq!(view.entries(), case.entries);
    let identity = |(axis, entry): (usize, &ViewEntry)| {
        let whole = ViewEntry { source_axis: axis as i64, start: 0, step: 1, steps: case.source_shape[axis] as i64 };
        *entry == whole
    };
    assert_eq!(view.is_identity(), case.entries.iter().enumerate().all(identity));
    check_composition(case, &view);
    if product(&case.source_shape).is_some_and(|pixels| pixels <= FEW) {
        for_pixel_type!(case.pixel_type, T => check_pixels::<T>(case, &shape));
    }
}

/// Returns whether the entries are a view, by the definition, in numbers that cannot overflow.
fn is_sound(source_shape: &[usize], entries: &[ViewEntry]) -> bool {
    let mut axes: Vec<i64> = entries.iter().map(|entry| entry.source_axis).collect();
    axes.sort_unstable();
    let sound = |entry: &ViewEntry| {
        let extent = source_shape[entry.source_axis as usize] as i128;
        let [start, step, steps] = [entry.start, entry.step, entry.steps].map(i128::from);
        let inside = |index: i128| (0..extent).contains(&index);
        steps == 0 || steps > 0 && inside(start) && inside(start + step * (steps - 1))
    };
    !source_shape.is_empty()
        && source_shape.len() <= 64
        && source_shape.iter().all(|extent| *extent <= i64::MAX as usize)
        && axes.iter().copied().eq(0..source_shape.len() as i64)
        && entries.iter().all(sound)
}

/// Returns the number of pixels of a shape. `None` if memory could not hold as many along the axes that are not empty, which
/// is ndarray's rule.
fn product(shape: &[usize]) -> Option<usize> {
    let filled = shape.iter().filter(|extent| **extent > 0);
    let product = filled.map(|extent| *extent as u128).try_fold(1u128, u128::checked_mul)?;
    let product = usize::try_from(product).ok().filter(|product| *product <= isize::MAX as usize)?;
    Some(if shape.contains(&0) { 0 } else { product })
}

/// Returns for each visible pixel, in C order, the number of the source's pixel.
fn numbers(source_shape: &[usize], entries: &[ViewEntry]) -> Vec<usize> {
    let shape: Vec<usize> = entries.iter().map(|entry| entry.steps as usize).collect();
    let mut numbers = Vec::new();
    for_each_index(&shape, |index| {
        let mut source = vec![0; source_shape.len()];
        for (entry, &index) in entries.iter().zip(index) {
            source[entry.source_axis as usize] = (entry.start + entry.step * index as i64) as usize;
        }
        numbers.push(source.iter().zip(source_shape).fold(0, |number, (index, extent)| number * extent + index));
    });
    numbers
}

fn check_composition(case: &Case, view: &View) {
    let Ok(outer) = View::new(view.shape(), &case.outer) else { return };
    let composed = view.compose(&outer).unwrap();
    assert_eq!(composed.shape(), outer.shape());
    let [source, seen] = [&case.source_shape, &view.shape().to_vec()].map(|shape| product(shape));
    if source.is_none_or(|n| n > FEW) || seen.is_none_or(|n| n > FEW) || product(outer.shape()).is_none_or(|n| n > FEW)
    {
        return;
    }
    let through = numbers(&case.source_shape, view.entries());
    let twice: Vec<usize> = numbers(view.shape(), outer.entries()).iter().map(|seen| through[*seen]).collect();
    assert_eq!(numbers(&case.source_shape, composed.entries()), twice);
}

fn check_pixels<T: Pixel>(case: &Case, shape: &[usize]) {
    let size = size_of::<T>();
    let len = product(&case.source_shape).unwrap() * size;
    let source: Vec<u8> =
        (0..len as u32).flat_map(|n| (n / 3).wrapping_mul(0x9e37_79b1).to_be_bytes()[..1].to_vec()).collect();
    let column = RasterArray::try_from(raw(case, T::PIXEL_TYPE, &source).column()).unwrap();
    let band = column.get(0).unwrap().only_band().unwrap();
    match product(shape) {
        Some(pixels) if pixels <= FEW => {
            let pixels = numbers(&case.source_shape, &case.entries);
            let expected: Vec<u8> =
                pixels.iter().flat_map(|number| &source[number * size..][..size]).copied().collect();
            assert_reads::<T>(&band, shape, &expected);
        }
        // Too many to compare, and too many to copy.
        pixels if pixels.is_none_or(|pixels| pixels > i32::MAX as usize) => {
            assert_eq!(band.to_array::<T>().unwrap_err().kind(), ErrorKind::TooLarge);
            assert_eq!(band.to_array_cast::<u8>().unwrap_err().kind(), ErrorKind::TooLarge);
            assert!(band.to_array_exact::<f64>().is_err() && band.to_array_filled(0f64).is_err());
            assert!(column.to_standard().is_err());
            let _ = band.as_array_view::<T>();
        }
        _ => assert!(band.as_array_view::<T>().is_ok() || !case.offset.is_multiple_of(size) || len <= 12),
    }
}

fn raw(case: &Case, pixel_type: PixelType, source: &[u8]) -> RawBand {
    let extents: Vec<i64> = case.source_shape.iter().map(|extent| *extent as i64).collect();
    let entries = case.entries.iter().map(|entry| [entry.source_axis, entry.start, entry.step, entry.steps]);
    let view = Some(entries.collect());
    RawBand { view, ..RawBand::new(&extents, pixel_type.id(), payload_at(case.offset, source)) }
}
