//! Computes where the pixels of a view lie in memory: strides and offsets.
//!
//! ```text
//! source_shape [4, 6], C order          view: rows 3, 1 (start 3, step -2), columns 1, 2 (start 1, step 1)
//!
//!     0  1  2  3  4  5
//!     6 [7  8] 9 10 11   <- seen second     offset  = 3*6 + 1*1     = 19, the first pixel seen
//!    12 13 14 15 16 17                      strides = [-2*6, 1*1]   = [-12, 1]
//!    18[19 20]21 22 23   <- seen first      lowest  = 19 - 12       = 7, extent = 20 - 7 + 1 = 14
//! ```

use crate::view::{Axes, View, ViewEntry};

/// Returns the axes in the order of their strides, the longest first, whatever their direction.
pub(crate) fn by_stride(strides: &[isize]) -> Axes<usize> {
    let mut order: Axes<usize> = (0..strides.len()).collect();
    order.sort_by_key(|axis| std::cmp::Reverse(strides.get(*axis).map(|stride| stride.unsigned_abs())));
    order
}

/// Where the pixels of a view lie, counted in pixels from the start of the payload. There is at least one pixel.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The distance from one pixel to the next along each visible axis.
    pub(crate) strides: Axes<isize>,
    /// The position of the pixel at index zero.
    pub(crate) offset: usize,
    /// The position of the pixel at the lowest address.
    pub(crate) lowest: usize,
    /// The number of pixels from the lowest to the highest address, both included.
    pub(crate) extent: usize,
}

impl Layout {
    /// Computes the layout of a view in which no extent is zero.
    ///
    /// Returns `None` if a number overflows. That cannot happen if the source is known to fit a payload.
    pub(crate) fn new(view: &View) -> Option<Self> {
        Self::over(&c_strides(view.source_shape())?, view.entries(), view.shape())
    }

    /// Computes the layout of view entries that show `shape`, from the strides of the source.
    ///
    /// Returns `None` if a number overflows.
    #[inline]
    pub(crate) fn over(source: &[isize], entries: &[ViewEntry], shape: &[usize]) -> Option<Self> {
        let (mut strides, mut first, mut lowest, mut highest) = (Axes::new(), 0isize, 0isize, 0isize);
        for (entry, &steps) in entries.iter().zip(shape) {
            let along = *source.get(usize::try_from(entry.source_axis).ok()?)?;
            let start = isize::try_from(entry.start).ok()?.checked_mul(along)?;
            // If only one index is taken, the step has no effect and may be any number.
            let step = if steps == 1 { 1 } else { isize::try_from(entry.step).ok()? };
            let stride = step.checked_mul(along)?;
            let reach = isize::try_from(steps.checked_sub(1)?).ok()?.checked_mul(stride)?;
            first = first.checked_add(start)?;
            lowest = lowest.checked_add(reach.min(0))?;
            highest = highest.checked_add(reach.max(0))?;
            strides.push(stride);
        }
        let extent = usize::try_from(highest.checked_sub(lowest)?).ok()?.checked_add(1)?;
        let offset = usize::try_from(first).ok()?;
        let lowest = usize::try_from(first.checked_add(lowest)?).ok()?;
        Some(Layout { strides, offset, lowest, extent })
    }
}

/// Returns the number of pixels of a shape, or `None` if the product of the extents other than zero overflows.
pub(crate) fn num_pixels(shape: &[usize]) -> Option<usize> {
    let non_zero = shape.iter().filter(|extent| **extent != 0).try_fold(1usize, |n, extent| n.checked_mul(*extent))?;
    isize::try_from(non_zero).ok()?;
    Some(if shape.contains(&0) { 0 } else { non_zero })
}

/// Returns the strides of a shape in C order, in pixels, or `None` if a number overflows.
pub(crate) fn c_strides(shape: &[usize]) -> Option<Axes<isize>> {
    let mut strides: Axes<isize> = shape.iter().map(|_| 1).collect();
    let mut stride = 1isize;
    for (slot, &extent) in strides.iter_mut().zip(shape).rev() {
        *slot = stride;
        stride = stride.checked_mul(isize::try_from(extent).ok()?)?;
    }
    Some(strides)
}

/// Returns the position of the pixel at index zero in memory without gaps, counted from the lowest address.
pub(crate) fn first_of_dense(shape: &[usize], strides: &[isize]) -> usize {
    if shape.contains(&0) {
        return 0;
    }
    let backwards =
        |(extent, stride): (&usize, &isize)| if *stride < 0 { (extent - 1) * stride.unsigned_abs() } else { 0 };
    shape.iter().zip(strides).map(backwards).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ViewEntry;

    #[test]
    fn the_drawing_above() {
        let entries = [
            ViewEntry { source_axis: 0, start: 3, step: -2, steps: 2 },
            ViewEntry { source_axis: 1, start: 1, step: 1, steps: 2 },
        ];
        let layout = Layout::new(&View::new(&[4, 6], &entries).unwrap()).unwrap();
        assert_eq!(layout.strides.as_slice(), [-12, 1]);
        assert_eq!((layout.offset, layout.lowest, layout.extent), (19, 7, 14));
    }

    #[test]
    fn products_that_overflow() {
        assert_eq!(num_pixels(&[3, 4]), Some(12));
        assert_eq!(num_pixels(&[3, 0]), Some(0));
        assert_eq!(num_pixels(&[0, 1 << 62, 1 << 62]), None);
        assert_eq!(num_pixels(&[1 << 32, 1 << 32]), None);
    }
}
