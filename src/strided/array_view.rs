//! Makes ndarray's array views over pixels that lie in memory in any order.
//!
//! ndarray's safe constructors accept only strides that are not negative, and memory that starts at the lowest pixel.
//! So an axis with a negative stride gets the positive one first, and is inverted afterwards. The slice of pixels must
//! therefore start at the lowest address, which is not always the pixel at index zero.

use ndarray::{ArrayView, Axis, Dimension, ShapeBuilder};

use crate::error::{Error, Result, error};
use crate::shown::Few;

/// Makes an array view of a shape: in C order, or by `strides`, where `pixels` starts at the lowest address.
pub(crate) fn view<'a, T, D: Dimension>(
    pixels: &'a [T],
    shape: &[usize],
    strides: Option<&[isize]>,
) -> Result<ArrayView<'a, T, D>> {
    let dim = dimension::<D>(shape)?;
    let Some(strides) = strides else {
        return ArrayView::from_shape(dim, pixels).map_err(|_| does_not_fit(pixels.len(), shape, None));
    };
    let absolute: D = absolute(strides)?;
    let mut view = ArrayView::from_shape(dim.strides(absolute), pixels)
        .map_err(|_| does_not_fit(pixels.len(), shape, Some(strides)))?;
    for axis in reversed(strides) {
        view.invert_axis(axis);
    }
    Ok(view)
}

/// Converts extents to ndarray's dimension, without an allocation up to four axes.
fn dimension<D: Dimension>(extents: &[usize]) -> Result<D> {
    if D::NDIM.is_some_and(|ndim| ndim != extents.len()) {
        return Err(does_not_fit(0, extents, None));
    }
    let mut dim = D::zeros(extents.len());
    dim.slice_mut().copy_from_slice(extents);
    Ok(dim)
}

fn absolute<D: Dimension>(strides: &[isize]) -> Result<D> {
    let lengths: crate::view::Axes<usize> = strides.iter().map(|stride| stride.unsigned_abs()).collect();
    dimension(&lengths)
}

fn reversed(strides: &[isize]) -> impl Iterator<Item = Axis> + '_ {
    strides.iter().enumerate().filter(|(_, stride)| **stride < 0).map(|(axis, _)| Axis(axis))
}

#[cold]
fn does_not_fit(pixels: usize, shape: &[usize], strides: Option<&[isize]>) -> Error {
    let order = strides.map_or("C order".to_owned(), |strides| format!("strides {strides:?}"));
    error!(Shape, "{pixels} pixels cannot be seen as the shape {} in {order}", Few(shape))
}
