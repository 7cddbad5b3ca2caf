//! Computes unions of intervals of memory, and the gaps between them.

/// The bytes from `start` to before `end`, as addresses or as offsets in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Interval {
    start: usize,
    end: usize,
}

impl Interval {
    /// Makes the interval of the `len` bytes that begin at `start`.
    pub(crate) fn new(start: usize, len: usize) -> Self {
        Interval { start, end: start.saturating_add(len) }
    }

    /// Returns the addresses of bytes in memory.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::new(bytes.as_ptr().addr(), bytes.len())
    }

    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }

    /// Returns how far another interval starts behind this one.
    pub(crate) fn offset_of(self, other: Interval) -> usize {
        other.start.saturating_sub(self.start)
    }

    /// Returns the union with an interval that does not start before this one, if it is one interval.
    pub(crate) fn joined(self, next: Interval) -> Option<Self> {
        (next.start <= self.end).then(|| Interval { start: self.start, end: self.end.max(next.end) })
    }
}

/// Returns the union as intervals that do not touch each other, in ascending order.
pub(crate) fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    intervals.dedup_by(|next, last| {
        let all = last.joined(*next);
        *last = all.unwrap_or(*last);
        all.is_some()
    });
    intervals
}

/// Counts the bytes of intervals, where each byte counts once.
///
/// Takes memory for the union, not for each interval: millions of bands may share one payload.
#[derive(Default)]
pub(crate) struct Union {
    intervals: Vec<Interval>,
    /// The number of intervals at which they are merged.
    merge_at: usize,
}

impl Union {
    /// Fewer intervals are not merged before the end.
    const FEW: usize = 1 << 10;

    pub(crate) fn add(&mut self, interval: Interval) {
        self.intervals.push(interval);
        if self.intervals.len() > self.merge_at.max(Self::FEW) {
            self.intervals = union(std::mem::take(&mut self.intervals));
            self.merge_at = self.intervals.len().saturating_mul(2);
        }
    }

    /// Returns the number of bytes.
    pub(crate) fn len(self) -> usize {
        union(self.intervals).into_iter().map(Interval::len).sum()
    }
}

impl FromIterator<Interval> for Union {
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut union = Union::default();
        intervals.into_iter().for_each(|interval| union.add(interval));
        union
    }
}

/// Returns whether `len` bytes contain a gap of at least `min_gap` bytes: between the intervals, before the first one,
/// or after the last one.
pub(crate) fn has_gap(intervals: Vec<Interval>, len: usize, min_gap: usize) -> bool {
    let mut end = 0;
    let mut intervals = union(intervals).into_iter().filter(|interval| interval.len() > 0);
    let before_one = intervals.any(|interval| {
        let gap = interval.start.saturating_sub(end);
        end = interval.end;
        gap >= min_gap
    });
    before_one || len.saturating_sub(end) >= min_gap
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns for each byte whether an interval covers it.
    fn covered(intervals: &[(usize, usize)], len: usize) -> Vec<bool> {
        (0..len).map(|byte| intervals.iter().any(|(start, n)| (*start..start + n).contains(&byte))).collect()
    }

    #[test]
    fn a_union_of_many_intervals_is_that_of_few() {
        // Every third byte, each three times, so that they are merged again and again.
        let apart = (0..9 * Union::FEW).map(|i| Interval::new(3 * (i / 3), 1));
        assert_eq!(apart.collect::<Union>().len(), 3 * Union::FEW);
        let touching: Union = (0..9 * Union::FEW).rev().map(|i| Interval::new(i, 2)).collect();
        assert!(touching.intervals.len() <= Union::FEW + 1);
        assert_eq!(touching.len(), 9 * Union::FEW + 1);
    }

    #[test]
    fn unions_and_gaps_are_those_of_bytes() {
        let len = 6;
        let all: Vec<(usize, usize)> = (0..len).flat_map(|start| (0..=len - start).map(move |n| (start, n))).collect();
        for &a in &all {
            for &b in &all {
                for &c in &all {
                    let given = [a, b, c];
                    let intervals = || given.iter().map(|(start, n)| Interval::new(*start, *n)).collect::<Vec<_>>();
                    let bytes = covered(&given, len);
                    assert_eq!(
                        intervals().into_iter().collect::<Union>().len(),
                        bytes.iter().filter(|byte| **byte).count(),
                        "{given:?}"
                    );
                    let longest = bytes.split(|byte| *byte).map(<[bool]>::len).max().unwrap_or_default();
                    for min_gap in 1..=len {
                        assert_eq!(has_gap(intervals(), len, min_gap), longest >= min_gap, "{given:?}, {min_gap}");
                    }
                }
            }
        }
    }
}
