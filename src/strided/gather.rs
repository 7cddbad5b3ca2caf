//! Copies whole arrays into C order.

use ndarray::{Array, ArrayD, ArrayViewD, Dimension, IxDyn};

use crate::error::{Result, error};
use crate::pixel::Pixel;
use crate::shown::Few;
use crate::strided::copy::Walk;
use crate::strided::layout::first_of_dense;

/// Copies an array into C order.
///
/// [`Walk`] copies memory without gaps. ndarray gives safe code no slice of memory with gaps, so ndarray itself copies
/// that.
///
/// # Cost
///
/// One allocation of the result's size.
pub(crate) fn to_standard<T: Pixel>(view: &ArrayViewD<'_, T>) -> ArrayD<T> {
    let dense = view.as_slice_memory_order().and_then(|pixels| {
        let first = first_of_dense(view.shape(), view.strides());
        let pixels = Walk::new(view.shape(), view.strides(), first)?.collect(pixels)?;
        from_pixels(view.shape(), pixels).ok()
    });
    dense.unwrap_or_else(|| view.as_standard_layout().into_owned())
}

/// Makes an array from its pixels in C order.
pub(crate) fn from_pixels<T, D: Dimension>(shape: &[usize], pixels: Vec<T>) -> Result<Array<T, D>> {
    let found = pixels.len();
    let array = ArrayD::from_shape_vec(IxDyn(shape), pixels).and_then(ArrayD::into_dimensionality);
    array.map_err(|_| error!(Shape, "{found} pixels do not fill the shape {}", Few(shape)))
}
