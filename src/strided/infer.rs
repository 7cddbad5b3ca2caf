//! Finds a view for an array with given strides: a source shape in C order, and entries that show the array in it.
//!
//! The source is in C order, so a view can describe only strides that nest: each source stride divides the next outer
//! one, and the pixels along an axis lie within one source stride of the next outer axis. Axes of extent one and axes
//! of stride zero do not matter. Let `t_0 >= t_1 >= ...` be the strides of the other axes. The search looks for source
//! strides `c_0, c_1, ..., 1` where each `c_j` divides `t_j` and the source stride before it. Then `t_j / c_j` is the
//! step and `c_(j-1) / c_j` is the source extent. The outermost stride `c_0` may be any divisor of `t_0` that is large
//! enough. The largest gives the fewest source rows. A smaller one may fit where the allocation ends before the last of
//! those rows does.
//!
//! ```text
//! rows 0, 2 and columns 1, 3, 5 of a 4 x 6 matrix:   strides 12, 2
//!     .  0  .  1  .  2          c_0 = 12, c_1 = 1: source [2, 12], columns from 1 by 2 three times
//!     .  .  .  .  .  .          c_0 = 6:  source [3, 6], rows from 0 by 2, columns from 1 by 2 three times
//!     .  3  .  4  .  5          the first source ends with row 3, the second with row 2
//!     .  .  .  .  .  .
//! ```

use crate::error::{Error, Result, error};
use crate::shown::Few;
use crate::view::{Axes, View, ViewEntry};

/// A view, and the part of the memory that is its source: the first pixel and the number of pixels.
pub(crate) struct Inferred {
    pub(crate) view: View,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

/// An axis along which the position in memory changes.
#[derive(Clone, Copy, Default)]
struct AxisWalk {
    axis: usize,
    extent: usize,
    stride: usize,
    backwards: bool,
}

impl AxisWalk {
    /// Returns the distance in memory from the first pixel of the axis to the last.
    fn reach(&self) -> usize {
        (self.extent - 1) * self.stride
    }
}

/// The source axis of one walk.
#[derive(Clone, Copy, Default)]
struct Source {
    stride: usize,
    extent: usize,
    start: usize,
}

/// Finds the view of an array whose pixel at index zero is pixel `first` of `len` pixels of memory.
pub(crate) fn infer(shape: &[usize], strides: &[isize], first: usize, len: usize) -> Result<Inferred> {
    if shape.contains(&0) {
        return Ok(Inferred { view: View::identity(shape)?, start: 0, len: 0 });
    }
    let mut walks: Axes<AxisWalk> = Axes::new();
    for (axis, (&extent, &stride)) in shape.iter().zip(strides).enumerate() {
        if extent > 1 && stride != 0 {
            walks.push(AxisWalk { axis, extent, stride: stride.unsigned_abs(), backwards: stride < 0 });
        }
    }
    walks.sort_by_key(|walk| std::cmp::Reverse(walk.stride));
    let backwards: usize = walks.iter().filter(|walk| walk.backwards).map(AxisWalk::reach).sum();
    let lowest = first.checked_sub(backwards).ok_or_else(|| inexpressible(shape, strides))?;
    for outermost in outermost_strides(&walks) {
        if let Some((sources, start, len)) = fit(&walks, outermost, lowest, len) {
            let (source_shape, entries) = entries(shape, strides, &walks, &sources);
            return Ok(Inferred { view: View::new(&source_shape, &entries)?, start, len });
        }
    }
    Err(inexpressible(shape, strides))
}

#[cold]
fn inexpressible(shape: &[usize], strides: &[isize]) -> Error {
    error!(
        Layout,
        "no view can describe an array of shape {} and strides {} in its memory: its strides \
         do not nest, or the allocation ends inside of the last row: let `MemoryLayout::Standard` repack it",
        Few(shape),
        Few(strides)
    )
}

/// Returns the source strides to try for the outermost walk, the largest first.
///
/// They are the divisors of its stride that are larger than what all the other walks reach together.
fn outermost_strides(walks: &[AxisWalk]) -> Vec<usize> {
    let [outermost, inner @ ..] = walks else { return vec![1] };
    if inner.is_empty() {
        return vec![1];
    }
    let reach: usize = inner.iter().map(AxisWalk::reach).sum();
    let root = (1..).take_while(|n| n * n <= outermost.stride);
    let mut divisors: Vec<usize> = root
        .filter(|n| outermost.stride.is_multiple_of(*n))
        .flat_map(|n| [n, outermost.stride / n])
        .filter(|divisor| *divisor > reach)
        .collect();
    divisors.sort_unstable_by(|a, b| b.cmp(a));
    divisors.dedup();
    divisors
}

/// Finds the source axis of each walk for a given outermost source stride, and the part of the memory that is the
/// source.
fn fit(walks: &[AxisWalk], outermost: usize, lowest: usize, len: usize) -> Option<(Axes<Source>, usize, usize)> {
    let mut sources: Axes<Source> = Axes::new();
    let mut outer = outermost;
    for (position, walk) in walks.iter().enumerate() {
        let stride = match position {
            _ if position + 1 == walks.len() => 1,
            0 => outermost,
            _ => gcd(outer, walk.stride),
        };
        let extent = if position == 0 { walk.reach() / stride + 1 } else { outer / stride };
        if position > 0 && walk.reach() >= outer {
            return None;
        }
        sources.push(Source { stride, extent, start: 0 });
        outer = stride;
    }
    let payload = sources.iter().map(|source| source.extent).try_fold(1usize, usize::checked_mul)?;
    for target in [lowest % outermost, lowest] {
        let shift = shift(walks, &mut sources, target);
        if let Some(start) = lowest.checked_sub(shift)
            && start.checked_add(payload).is_some_and(|end| end <= len)
        {
            return Some((sources, start, payload));
        }
    }
    None
}

/// Chooses the starts of the inner walks so that the lowest pixel lies as near as possible to, and not after, pixel
/// `target` of the source. Returns the position of that pixel in the source.
fn shift(walks: &[AxisWalk], sources: &mut [Source], target: usize) -> usize {
    let mut rest = target;
    for (walk, source) in walks.iter().zip(sources).skip(1) {
        let most = source.extent - 1 - walk.reach() / source.stride;
        source.start = (rest / source.stride).min(most);
        rest -= source.start * source.stride;
    }
    target - rest
}

/// Returns the source shape and the view's entries. The source axes of the walks come first, the outermost one before
/// the others. A source axis of extent one for each other axis follows.
fn entries(
    shape: &[usize],
    strides: &[isize],
    walks: &[AxisWalk],
    sources: &[Source],
) -> (Axes<usize>, Axes<ViewEntry>) {
    let mut source_shape: Axes<usize> = sources.iter().map(|source| source.extent).collect();
    let mut entries = Axes::new();
    for (axis, (&extent, &stride)) in shape.iter().zip(strides).enumerate() {
        let walk = walks.iter().zip(sources).enumerate().find(|(_, (walk, _))| walk.axis == axis);
        let Some((source_axis, (walk, source))) = walk else {
            let step = i64::from(extent == 1 || stride != 0);
            let entry = ViewEntry { source_axis: source_shape.len() as i64, start: 0, step, steps: extent as i64 };
            source_shape.push(1);
            entries.push(entry);
            continue;
        };
        let (step, reach) = ((walk.stride / source.stride) as i64, (walk.reach() / source.stride) as i64);
        let (start, step) = match walk.backwards {
            true => (source.start as i64 + reach, -step),
            false => (source.start as i64, step),
        };
        entries.push(ViewEntry { source_axis: source_axis as i64, start, step, steps: extent as i64 });
    }
    (source_shape, entries)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
