//! Copies strided pixels into C order.
//!
//! Two neighbouring axes become one if the outer one continues the inner one in the source, as it does in the target.
//! The strides that remain decide how the pixels are copied: as runs, as reversed runs, as planes that are transposed,
//! or one by one.

use fearless_simd::Level;

use crate::pixel::Pixel;
use crate::strided::layout::c_strides;
use crate::strided::plane::{Plane, pieces};
use crate::strided::runs::copy_run;
use crate::strided::transpose::copy_plane;
use crate::view::Axes;

/// Runs of fewer pixels than this are collected into blocks.
const LONG_RUN: usize = 64;

/// The size of a block of pixels that are collected. The memory that it comes from may fill as much of the cache again.
const BLOCK_BYTES: usize = 64 << 10;

/// An axis: its length, and its stride in the source and in the target.
#[derive(Clone, Copy, Debug, Default)]
struct Axis {
    len: usize,
    from: isize,
    to: isize,
}

/// The plan of a copy from strided memory into C order.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// The merged axes, outermost first, without axes of length one. Empty for a single pixel.
    axes: Axes<Axis>,
    /// The position of the pixel at index zero in the source.
    from: usize,
    pixels: usize,
}

impl Walk {
    /// Plans the copy of pixels of `shape` and `strides`, where the pixel at index zero lies at `first`. Returns `None`
    /// if a number overflows.
    pub(crate) fn new(shape: &[usize], strides: &[isize], first: usize) -> Option<Self> {
        let mut axes: Axes<Axis> = Axes::new();
        for ((&len, &from), &to) in shape.iter().zip(strides).zip(&c_strides(shape)?) {
            match axes.last_mut() {
                _ if len == 1 => {}
                // The outer axis continues this one in the source too, so both become one.
                Some(outer) if Some(outer.from) == from.checked_mul(isize::try_from(len).ok()?) => {
                    *outer = Axis { len: outer.len * len, from, to };
                }
                _ => axes.push(Axis { len, from, to }),
            }
        }
        Some(Walk { axes, from: first, pixels: shape.iter().product() })
    }

    /// Copies the pixels into a new `Vec`. Returns `None` if they do not all lie in `from`.
    pub(crate) fn collect<T: Pixel>(&self, from: &[T]) -> Option<Vec<T>> {
        if self.pixels == 0 {
            return Some(vec![]);
        }
        if let Some((outer, len)) = self.runs() {
            let mut pixels = Vec::with_capacity(self.pixels);
            each(outer, self.from, 0, &mut |from_start, _| {
                pixels.extend_from_slice(from.get(from_start..)?.get(..len)?);
                Some(())
            })?;
            return Some(pixels);
        }
        let mut pixels = vec![T::default(); self.pixels];
        self.copy(from, &mut pixels)?;
        Some(pixels)
    }

    /// Calls `f` with all pixels in C order, block by block, and stops when it returns `None`. Returns `None` too if they do
    /// not all lie in `from`.
    ///
    /// Blocks are parts of `from` where long runs of pixels lie side by side. Others are copied into memory of 64 KiB first.
    pub(crate) fn try_for_each_block<T: Pixel>(&self, from: &[T], f: &mut dyn FnMut(&[T]) -> Option<()>) -> Option<()> {
        if self.pixels == 0 {
            return Some(());
        }
        if let Some((outer, len)) = self.runs().filter(|(_, len)| *len >= LONG_RUN) {
            return each(outer, self.from, 0, &mut |start, _| f(from.get(start..)?.get(..len)?));
        }
        let most = BLOCK_BYTES / size_of::<T>();
        let mut block = vec![T::default(); most.min(self.pixels)];
        self.each_part(most, &mut |part| {
            let block = block.get_mut(..part.pixels)?;
            part.copy(from, block)?;
            f(block)
        })
    }

    /// Calls `f` with plans of parts of at most so many pixels, in C order.
    fn each_part(&self, most: usize, f: &mut dyn FnMut(&Walk) -> Option<()>) -> Option<()> {
        let mut inner = self.pixels;
        let cut = self.axes.iter().enumerate().find_map(|(number, axis)| {
            inner /= axis.len;
            (inner <= most).then_some((number, inner))
        });
        let Some((cut, inner)) = cut else { return f(self) };
        let (outer, axes) = (self.axes.get(..cut)?, self.axes.get(cut..)?);
        let (axis, most) = (*axes.first()?, (most / inner).max(1));
        let mut part = Walk { axes: axes.iter().copied().collect(), from: 0, pixels: 0 };
        each(outer, self.from, 0, &mut |from, _| {
            for (start, len) in pieces(axis.len, most) {
                part.axes.first_mut()?.len = len;
                part.from = from.checked_add_signed(isize::try_from(start).ok()?.checked_mul(axis.from)?)?;
                part.pixels = len.checked_mul(inner)?;
                f(&part)?;
            }
            Some(())
        })
    }

    /// Returns the outer axes and the length of the runs, if the innermost axis is contiguous in the source.
    fn runs(&self) -> Option<(&[Axis], usize)> {
        match self.axes.as_slice() {
            [] => Some((&[], self.pixels)),
            [outer @ .., Axis { len, from: 1, .. }] => Some((outer, *len)),
            _ => None,
        }
    }

    /// Copies the pixels into `to`, in C order. Returns `None` if they do not all lie in `from`, or do not all fit
    /// `to`.
    pub(crate) fn copy<T: Pixel>(&self, from: &[T], to: &mut [T]) -> Option<()> {
        self.copy_at(Level::new(), from, to)
    }

    /// Copies with the vector instructions of a level.
    pub(super) fn copy_at<T: Pixel>(&self, level: Level, from: &[T], to: &mut [T]) -> Option<()> {
        use bytemuck::{cast_slice, cast_slice_mut};
        if self.pixels == 0 {
            return Some(());
        }
        self.copy_words(size_of::<T>(), level, cast_slice(from), cast_slice_mut(to))
    }

    /// Copies words of 1, 2, 4 or 8 bytes. It is not generic, so that the kernels are compiled once, in this crate.
    fn copy_words(&self, size: usize, level: Level, from: &[u8], to: &mut [u8]) -> Option<()> {
        match size {
            1 => self.copy_bytes::<1>(level, from, to),
            2 => self.copy_bytes::<2>(level, from, to),
            4 => self.copy_bytes::<4>(level, from, to),
            8 => self.copy_bytes::<8>(level, from, to),
            _ => None,
        }
    }

    /// Copies words of `E` bytes.
    fn copy_bytes<const E: usize>(&self, level: Level, from: &[u8], to: &mut [u8]) -> Option<()> {
        let Some((inner, outer)) = self.axes.split_last() else {
            return copy_run::<E>(level, from, self.from, 1, to.get_mut(..E)?);
        };
        if inner.from.unsigned_abs() > 1
            && let Some(contiguous) = outer.iter().position(|axis| axis.from.unsigned_abs() == 1)
        {
            return self.copy_planes::<E>(level, from, to, contiguous);
        }
        each(outer, self.from, 0, &mut |from_start, to_start| {
            let target = to.get_mut(to_start.checked_mul(E)?..)?.get_mut(..inner.len.checked_mul(E)?)?;
            copy_run::<E>(level, from, from_start, inner.from, target)
        })
    }

    /// Copies planes of two axes: `contiguous`, which is contiguous in the source, and the innermost axis, which is
    /// contiguous in the target.
    fn copy_planes<const E: usize>(&self, level: Level, from: &[u8], to: &mut [u8], contiguous: usize) -> Option<()> {
        let mut outer = self.axes.clone();
        let (inner, across) = (outer.pop()?, outer.remove(contiguous));
        // A plane reads its rows forwards. So if the axis runs backwards in the source, it is written backwards.
        let (mut from_first, mut to_first, mut to_stride) = (self.from, 0, across.to);
        if across.from < 0 {
            from_first = from_first.checked_sub(across.len - 1)?;
            to_first = (across.len - 1).checked_mul(usize::try_from(across.to).ok()?)?;
            to_stride = -across.to;
        }
        let plane =
            Plane { rows: inner.len, cols: across.len, from_first, from_stride: inner.from, to_first, to_stride };
        each(&outer, from_first, to_first, &mut |from_first, to_first| {
            copy_plane::<E>(level, &Plane { from_first, to_first, ..plane }, from, to)
        })
    }
}

/// Calls `f` with the positions in the source and in the target of each index of the axes, in C order.
fn each(axes: &[Axis], from: usize, to: usize, f: &mut impl FnMut(usize, usize) -> Option<()>) -> Option<()> {
    let Some((axis, inner)) = axes.split_first() else { return f(from, to) };
    let (mut from, mut to) = (from, to);
    for _ in 0..axis.len {
        each(inner, from, to, f)?;
        // After the last index the positions may lie outside of the memory. They are not used then.
        from = from.wrapping_add_signed(axis.from);
        to = to.wrapping_add_signed(axis.to);
    }
    Some(())
}
