//! Defines views: how the axes that a reader sees map to the axes that are stored.
//!
//! A [`View`] holds the source shape that it was checked against, so every `View` is valid. Its invariants, cited by
//! number where each is checked:
//!
//! 1. There is one entry for each source axis, at least one and at most [`MAX_AXES`]. The `source_axis` values are a
//!    permutation of the source axes.
//! 2. No `steps` is negative.
//! 3. If `steps > 0`: `0 <= start < n` and `0 <= start + (steps - 1) step < n`, in i64 without overflow, where `n` is
//!    the extent of the source axis. If `steps == 0`, no index is taken, so `start` and `step` may be any numbers.

use tinyvec::{ArrayVec, TinyVec};

use crate::error::{Error, Result, error};
use crate::shown::Few;

/// A list with one item for each axis, on the stack up to four axes.
pub(crate) type Axes<T> = TinyVec<[T; INLINE]>;

const INLINE: usize = 4;

/// The largest number of axes, which is also NumPy's limit. Dim names are compared with each other, so without a limit
/// a column with many axes could keep a reader busy.
pub(crate) const MAX_AXES: usize = 64;

/// Makes a list with one item for each axis.
///
/// Up to four axes it fills an array, because `collect` would check for room before each item.
#[inline]
pub(crate) fn for_each_axis<T: Copy + Default>(ndim: usize, item: impl Fn(usize) -> T) -> Axes<T> {
    if ndim > INLINE {
        return (0..ndim).map(item).collect();
    }
    let mut items = [T::default(); INLINE];
    for (axis, slot) in items.iter_mut().enumerate().take(ndim) {
        *slot = item(axis);
    }
    Axes::Inline(ArrayVec::from_array_len(items, ndim))
}

/// How one visible axis takes indices of one source axis: `start`, `start + step`, ..., `steps` times.
///
/// A negative `step` reverses the order. A `step` of zero repeats one index (broadcast). The fields are the four
/// columns of the format, in the same order and of the same type.
///
/// # Examples
///
/// ```
/// use ndraster::{View, ViewEntry};
///
/// // Five columns: every second one, from the last to the first.
/// let reversed = ViewEntry { source_axis: 1, start: 4, step: -2, steps: 3 };
/// let rows = ViewEntry { source_axis: 0, start: 0, step: 1, steps: 7 };
/// assert_eq!(View::new(&[7, 5], &[rows, reversed])?.shape(), [7, 3]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ViewEntry {
    /// The source axis, counted from 0.
    pub source_axis: i64,
    /// The first index that is taken.
    pub start: i64,
    /// The difference from one index to the next.
    pub step: i64,
    /// The number of indices that are taken, which is the extent of the visible axis.
    pub steps: i64,
}

impl ViewEntry {
    /// Returns whether the entry takes all of axis `axis`, in order, as visible axis `axis`.
    fn is_identity(&self, axis: usize, extent: usize) -> bool {
        self.start == 0
            && self.step == 1
            && usize::try_from(self.source_axis) == Ok(axis)
            && usize::try_from(self.steps) == Ok(extent)
    }

    /// Returns the entry that takes the indices `taken` of what this entry takes.
    ///
    /// If at most one index is taken, the step has no effect, and is set to 0 or 1 so that it cannot overflow.
    fn then(&self, taken: &ViewEntry) -> Option<ViewEntry> {
        let ViewEntry { source_axis, .. } = *self;
        if taken.steps == 0 {
            return Some(ViewEntry { source_axis, start: 0, step: 1, steps: 0 });
        }
        let start = taken.start.checked_mul(self.step)?.checked_add(self.start)?;
        let step = if taken.steps == 1 { self.step.signum().abs() } else { self.step.checked_mul(taken.step)? };
        Some(ViewEntry { source_axis, start, step, steps: taken.steps })
    }

    /// Checks invariants 2 and 3, and returns the visible extent.
    pub(crate) fn check(&self, extent: usize) -> Option<usize> {
        let steps = usize::try_from(self.steps).ok()?; // 2
        if steps == 0 {
            return Some(0);
        }
        let last = (self.steps - 1).checked_mul(self.step)?.checked_add(self.start)?; // 3
        let inside = |index: i64| usize::try_from(index).is_ok_and(|index| index < extent);
        (inside(self.start) && inside(last)).then_some(steps)
    }
}

/// A source shape and, for each visible axis, how it takes indices of a source axis.
///
/// [`View::identity`] shows the whole source, [`View::new`] checks a list of entries. A view is always valid.
///
/// # Examples
///
/// ```
/// use ndraster::{View, ViewEntry};
///
/// // A (time, y, x) cube seen as (y, x, time), with every second time.
/// let view = View::new(&[6, 100, 200], &[
///     ViewEntry { source_axis: 1, start: 0, step: 1, steps: 100 },
///     ViewEntry { source_axis: 2, start: 0, step: 1, steps: 200 },
///     ViewEntry { source_axis: 0, start: 0, step: 2, steps: 3 },
/// ])?;
/// assert_eq!(view.shape(), [100, 200, 3]);
/// assert_eq!(view.source_shape(), [6, 100, 200]);
/// assert!(!view.is_identity());
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    source_shape: Axes<usize>,
    entries: Axes<ViewEntry>,
    shape: Axes<usize>,
    identity: bool,
}

impl View {
    /// Makes the view that shows the whole source, with its axes in order.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for no axes, for more than 64 axes, or for an
    /// extent above `i64::MAX`.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::View;
    ///
    /// let view = View::identity(&[3, 4])?;
    /// assert!(view.is_identity());
    /// assert_eq!(view.entries()[1].steps, 4);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn identity(source_shape: &[usize]) -> Result<Self> {
        if source_shape.is_empty() {
            return Err(error!(Malformed, "source_shape: a band has at least one axis, found none"));
        }
        if source_shape.len() > MAX_AXES {
            return Err(error!(Malformed, "source_shape: {} axes are more than {MAX_AXES}", source_shape.len()));
        }
        if let Some(extent) = source_shape.iter().find(|extent| i64::try_from(**extent).is_err()) {
            return Err(error!(Malformed, "source_shape: {extent} is beyond {}", i64::MAX));
        }
        let extent = |axis: usize| source_shape.get(axis).copied().unwrap_or_default();
        let whole = |axis| ViewEntry { source_axis: axis as i64, start: 0, step: 1, steps: extent(axis) as i64 };
        let ndim = source_shape.len();
        let shape = for_each_axis(ndim, extent);
        Ok(View { source_shape: shape.clone(), shape, entries: for_each_axis(ndim, whole), identity: true })
    }

    /// Makes a view from its entries, one for each visible axis, and checks them against the source shape.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) unless all of these hold:
    ///
    /// - There are 1 to 64 source axes, each with an extent of at most `i64::MAX`.
    /// - There is one entry for each source axis.
    /// - The `source_axis` values are a permutation of the source axes.
    /// - No `steps` is negative, and no entry takes an index outside of its source axis.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{View, ViewEntry};
    ///
    /// let outside = ViewEntry { source_axis: 0, start: 2, step: 3, steps: 2 };
    /// assert_eq!(
    ///     View::new(&[5], &[outside]).unwrap_err().to_string(),
    ///     "view[0]: start 2, step 3, steps 2 leaves source axis 0, which has extent 5"
    /// );
    /// ```
    pub fn new(source_shape: &[usize], entries: &[ViewEntry]) -> Result<Self> {
        let mut view = View::identity(source_shape)?;
        if entries.len() != source_shape.len() {
            let (found, expected) = (entries.len(), source_shape.len());
            return Err(error!(Malformed, "view: expected one entry for each of {expected} axes, found {found}"));
        }
        let mut seen: Axes<bool> = source_shape.iter().map(|_| false).collect();
        for (axis, entry) in entries.iter().enumerate() {
            let extent = take_axis(axis, entry, source_shape, &mut seen)?; // 1
            let Some(steps) = entry.check(extent) else {
                return Err(leaves_its_axis(axis, entry, extent));
            };
            view.identity &= entry.is_identity(axis, extent);
            if let Some(slot) = view.shape.get_mut(axis) {
                *slot = steps;
            }
        }
        view.entries = Axes::from(entries);
        Ok(view)
    }

    /// Returns the extents of the visible axes: the `steps` of each entry.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::View;
    /// assert_eq!(View::identity(&[3, 4])?.shape(), [3, 4]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns the extents of the stored axes. The payload is in C order of this shape.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::View;
    /// assert_eq!(View::identity(&[3, 4])?.source_shape(), [3, 4]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn source_shape(&self) -> &[usize] {
        &self.source_shape
    }

    /// Returns the entries, one for each visible axis.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::View;
    /// assert_eq!(View::identity(&[3, 4])?.entries().len(), 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn entries(&self) -> &[ViewEntry] {
        &self.entries
    }

    /// Combines two views into one: `outer` is a view of what this view shows.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the source shape of `outer` equals the shape of
    /// this view.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{View, ViewEntry};
    /// let entry = |source_axis, start, step, steps| ViewEntry { source_axis, start, step, steps };
    /// let backwards = View::new(&[9], &[entry(0, 8, -1, 9)])?;
    /// let every_third = View::new(&[9], &[entry(0, 1, 3, 3)])?;
    /// assert_eq!(backwards.compose(&every_third)?.entries(), [entry(0, 7, -3, 3)]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn compose(&self, outer: &View) -> Result<Self> {
        let unfit = || {
            let (seen, expected) = (self.shape.as_slice(), outer.source_shape.as_slice());
            error!(
                Shape,
                "a view of the source shape {} cannot be laid over one that shows {}",
                Few(expected),
                Few(seen)
            )
        };
        if outer.source_shape != self.shape {
            return Err(unfit());
        }
        let mut entries = Axes::new();
        for taken in outer.entries() {
            let entry = usize::try_from(taken.source_axis).ok().and_then(|axis| self.entries.get(axis));
            entries.push(entry.and_then(|entry| entry.then(taken)).ok_or_else(unfit)?);
        }
        View::new(&self.source_shape, &entries)
    }

    /// Returns the view that keeps, along one visible axis, the indices `start`, `start + step`, ..., `steps` times.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the view has no such axis, or if an index lies
    /// outside of it.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{View, ViewEntry};
    /// // Every second column, then the last two of those, in reverse order.
    /// let view = View::identity(&[3, 9])?.slice(1, 0, 2, 5)?.slice(1, 4, -1, 2)?;
    /// assert_eq!(view.entries()[1], ViewEntry { source_axis: 1, start: 8, step: -2, steps: 2 });
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn slice(&self, axis: usize, start: usize, step: isize, steps: usize) -> Result<Self> {
        let outside = || {
            error!(
                NotFound,
                "{steps} indices from {start} on by step {step} do not fit axis {axis} of the shape {}",
                Few(&self.shape)
            )
        };
        let (Some(entry), Some(&extent)) = (self.entries.get(axis), self.shape.get(axis)) else {
            return Err(outside());
        };
        let taken = ViewEntry { source_axis: 0, start: start as i64, step: step as i64, steps: steps as i64 };
        if usize::try_from(taken.start) != Ok(start) || taken.check(extent) != Some(steps) {
            return Err(outside());
        }
        let mut entries = self.entries.clone();
        if let Some(slot) = entries.get_mut(axis) {
            *slot = entry.then(&taken).ok_or_else(outside)?;
        }
        View::new(&self.source_shape, &entries)
    }

    /// Returns whether the view shows fewer pixels than the source has.
    pub(crate) fn is_partial(&self) -> bool {
        let pixels = |shape: &[usize]| shape.iter().try_fold(1usize, |pixels, extent| pixels.checked_mul(*extent));
        !self.identity && pixels(&self.shape) < pixels(&self.source_shape)
    }

    /// Returns whether the view shows the whole source, with its axes in order. Such a view is stored as null.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{View, ViewEntry};
    /// let all = ViewEntry { source_axis: 0, start: 0, step: 1, steps: 3 };
    /// assert!(View::new(&[3], &[all])?.is_identity());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_identity(&self) -> bool {
        self.identity
    }
}

/// Checks invariant 1 for one entry, and returns the extent of the source axis that it names.
fn take_axis(axis: usize, entry: &ViewEntry, source_shape: &[usize], seen: &mut [bool]) -> Result<usize> {
    let named = entry.source_axis;
    let index = usize::try_from(named).ok();
    let found = index.and_then(|i| Some((*source_shape.get(i)?, seen.get_mut(i)?)));
    let Some((extent, seen)) = found else {
        let ndim = source_shape.len();
        return Err(error!(Malformed, "view[{axis}]: source_axis {named} is none of the band's {ndim} axes"));
    };
    if std::mem::replace(seen, true) {
        return Err(error!(Malformed, "view[{axis}]: source_axis {named} is used twice"));
    }
    Ok(extent)
}

#[cold]
fn leaves_its_axis(axis: usize, entry: &ViewEntry, extent: usize) -> Error {
    let ViewEntry { source_axis, start, step, steps } = entry;
    let message = if *steps < 0 {
        format!("view[{axis}]: steps is {steps}, which no extent can be")
    } else {
        format!(
            "view[{axis}]: start {start}, step {step}, steps {steps} leaves source axis {source_axis}, \
             which has extent {extent}"
        )
    };
    error!(Malformed, "{message}")
}
