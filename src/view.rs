//! Views: how the axes that a reader sees are laid over the axes that are stored.
//!
//! A [`View`] carries the source shape that it was checked against, so that one that exists is one that
//! fits. The invariants, cited by number where each is checked:
//!
//! 1. One entry a source axis, at least one and at most [`MAX_AXES`], and the `source_axis` values are a permutation.
//! 2. No negative `steps`.
//! 3. With `steps > 0`: `0 <= start < n` and `0 <= start + (steps - 1) step < n`, in i64 without overflow.
//!    With `steps == 0` nothing is taken, so `start` and `step` say nothing and are not looked at.

use tinyvec::{ArrayVec, TinyVec};

use crate::error::{ErrorKind, Result, error};

/// A list with one item an axis: on the stack up to four axes.
pub(crate) type Axes<T> = TinyVec<[T; INLINE]>;

const INLINE: usize = 4;

/// NumPy's own limit. Names of axes are compared with each other, which must not be a way to keep a reader busy.
pub(crate) const MAX_AXES: usize = 64;

/// One item an axis. (Collecting would push them one by one, each time asking whether there is room.)
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

/// How one visible axis walks along one source axis: `start`, `start + step`, ... , `steps` times.
///
/// A negative `step` reverses, a step of zero repeats one index (broadcasts). The fields are the four
/// columns of the format, in its order and as wide.
///
/// ```
/// use ndraster::{View, ViewEntry};
///
/// // Five columns, every second one, from the last to the first.
/// let reversed = ViewEntry { source_axis: 1, start: 4, step: -2, steps: 3 };
/// let rows = ViewEntry { source_axis: 0, start: 0, step: 1, steps: 7 };
/// assert_eq!(View::new(&[7, 5], &[rows, reversed])?.shape(), [7, 3]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ViewEntry {
    /// The source axis that is walked along, from 0.
    pub source_axis: i64,
    /// The first index taken.
    pub start: i64,
    /// From one index to the next.
    pub step: i64,
    /// How many indices are taken: the extent of the visible axis.
    pub steps: i64,
}

impl ViewEntry {
    /// Is this axis taken whole, in order and in its place?
    fn is_identity(&self, axis: usize, extent: usize) -> bool {
        self.start == 0
            && self.step == 1
            && usize::try_from(self.source_axis) == Ok(axis)
            && usize::try_from(self.steps) == Ok(extent)
    }

    /// This entry, of which only some indices are taken. Where at most one is, the step leads nowhere and is
    /// made one that cannot overflow.
    fn then(&self, taken: &ViewEntry) -> Option<ViewEntry> {
        let ViewEntry { source_axis, .. } = *self;
        if taken.steps == 0 {
            return Some(ViewEntry { source_axis, start: 0, step: 1, steps: 0 });
        }
        let start = taken.start.checked_mul(self.step)?.checked_add(self.start)?;
        let step = if taken.steps == 1 { self.step.signum().abs() } else { self.step.checked_mul(taken.step)? };
        Some(ViewEntry { source_axis, start, step, steps: taken.steps })
    }

    /// Invariants 2 and 3; the visible extent.
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

/// A source shape and, for each visible axis, how it walks along a source axis. Always valid.
///
/// ```
/// use ndraster::{View, ViewEntry};
///
/// // A (time, y, x) cube seen as (y, x, time), of which every second time.
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
    /// The view that shows everything as it lies.
    ///
    /// Cost: no allocation up to four axes.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for no axis at all, for more than 64, or an extent beyond `i64::MAX`.
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

    /// Checks the entries, one for each visible axis, against the shape of the source.
    ///
    /// Cost: no allocation up to four axes.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] unless there is one entry a source axis, the `source_axis` values are a
    /// permutation, and each entry stays inside of its axis.
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

    /// The extents that are seen: the `steps` of each entry.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::View;
    /// assert_eq!(View::identity(&[3, 4])?.shape(), [3, 4]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The extents that are stored, in C order.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::View;
    /// assert_eq!(View::identity(&[3, 4])?.source_shape(), [3, 4]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn source_shape(&self) -> &[usize] {
        &self.source_shape
    }

    /// One entry for each visible axis.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::View;
    /// assert_eq!(View::identity(&[3, 4])?.entries().len(), 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn entries(&self) -> &[ViewEntry] {
        &self.entries
    }

    /// This view, seen through another one, whose source is what this one shows.
    ///
    /// Cost: no allocation up to four axes.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] unless the other view's source shape is this one's shape.
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
            error!(Shape, "a view of the source shape {expected:?} cannot be laid over one that shows {seen:?}")
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

    /// What is left when, of what is seen along one visible axis, only every `step`-th index is taken, `steps`
    /// times from `start` on.
    ///
    /// Cost: no allocation up to four axes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for an axis that is not there or indices outside of it.
    ///
    /// ```
    /// # use ndraster::{View, ViewEntry};
    /// // Every second column, and of those the last two, backwards.
    /// let view = View::identity(&[3, 9])?.slice(1, 0, 2, 5)?.slice(1, 4, -1, 2)?;
    /// assert_eq!(view.entries()[1], ViewEntry { source_axis: 1, start: 8, step: -2, steps: 2 });
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn slice(&self, axis: usize, start: usize, step: isize, steps: usize) -> Result<Self> {
        let outside = || {
            error!(
                NotFound,
                "{steps} indices by {step} from {start} on are not all along axis {axis} of {:?}",
                self.shape.as_slice()
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

    /// Is everything shown as it lies? Such a view is stored as null.
    ///
    /// Cost: none.
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

/// Invariant 1: the extent of the source axis that an entry names, which no other entry may name.
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
fn leaves_its_axis(axis: usize, entry: &ViewEntry, extent: usize) -> crate::Error {
    let ViewEntry { source_axis, start, step, steps } = entry;
    let message = if *steps < 0 {
        format!("view[{axis}]: steps is {steps}, which no extent can be")
    } else {
        format!(
            "view[{axis}]: start {start}, step {step}, steps {steps} leaves source axis {source_axis}, \
             which has extent {extent}"
        )
    };
    crate::Error::new(ErrorKind::Malformed, message)
}
