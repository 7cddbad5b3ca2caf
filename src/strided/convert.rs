//! Converts pixels from one type to another.

use ndarray::{ArrayD, ArrayViewD};

use crate::pixel::Pixel;
use crate::strided::gather::from_pixels;

/// Applies `f` to each pixel and collects the results in C order. Returns `None` if `f` does so for any pixel.
pub(crate) fn map_to_standard<P: Pixel, T>(view: &ArrayViewD<'_, P>, f: impl Fn(P) -> Option<T>) -> Option<ArrayD<T>> {
    // Collecting options would let the result grow, to up to twice its size.
    let mut pixels = Vec::with_capacity(view.len());
    match view.as_slice() {
        Some(slice) => slice.iter().try_for_each(|&pixel| f(pixel).map(|pixel| pixels.push(pixel)))?,
        None => view.iter().try_for_each(|&pixel| f(pixel).map(|pixel| pixels.push(pixel)))?,
    }
    from_pixels(view.shape(), pixels).ok()
}
