//! Strided pixels into C order.

use ndarray::{ArrayD, ArrayViewD, IxDyn};

use crate::error::{Error, ErrorKind, Result};
use crate::layout::first_of_dense;
use crate::payload::MAX_LEN;
use crate::pixel::Pixel;
use crate::walk::Walk;

/// A copy in C order.
///
/// Cost: one allocation of the result's size. Memory without gaps goes by [`Walk`], and what has gaps, of which safe
/// code gets no slice, by ndarray.
pub(crate) fn to_standard<T: Pixel>(view: &ArrayViewD<'_, T>) -> ArrayD<T> {
    let dense = view.as_slice_memory_order().and_then(|pixels| {
        let first = first_of_dense(view.shape(), view.strides());
        let pixels = Walk::new(view.shape(), view.strides(), first)?.collect(pixels)?;
        from_pixels(view.shape(), pixels).ok()
    });
    dense.unwrap_or_else(|| view.as_standard_layout().into_owned())
}

/// A copy in C order of what `f` makes of each pixel, ended by the first `None`.
pub(crate) fn map_to_standard<P: Pixel, T>(view: &ArrayViewD<'_, P>, f: impl Fn(P) -> Option<T>) -> Option<ArrayD<T>> {
    let pixels: Option<Vec<T>> = match view.as_slice() {
        Some(pixels) => pixels.iter().map(|&pixel| f(pixel)).collect(),
        None => view.iter().map(|&pixel| f(pixel)).collect(),
    };
    from_pixels(view.shape(), pixels?).ok()
}

/// An array in C order out of its pixels.
pub(crate) fn from_pixels<T>(shape: &[usize], pixels: Vec<T>) -> Result<ArrayD<T>> {
    let found = pixels.len();
    ArrayD::from_shape_vec(IxDyn(shape), pixels)
        .map_err(|_| Error::new(ErrorKind::Shape, format!("{found} pixels do not fill the shape {shape:?}")))
}

/// May a result of `pixels` pixels of `size` bytes be allocated for a reader of `payload` bytes?
///
/// Up to 2^31 - 1 bytes always. Beyond, only what is no larger than what is really there: a broadcast
/// claims pixels that nobody had to store.
pub(crate) fn check_result(pixels: Option<usize>, size: usize, payload: usize) -> Result<()> {
    let bytes = pixels.and_then(|pixels| pixels.checked_mul(size));
    if bytes.is_some_and(|bytes| bytes <= MAX_LEN.max(payload)) {
        return Ok(());
    }
    let bytes = bytes.map_or("more bytes than can be counted".to_owned(), |bytes| format!("{bytes} bytes"));
    Err(Error::new(
        ErrorKind::TooLarge,
        format!(
            "the result would have {bytes}, made of a payload of {payload}: above {MAX_LEN} read it in parts \
             (`as_array_view`), or into memory of your own (`copy_into`)"
        ),
    ))
}
