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
}

/// Returns the union as intervals that do not touch each other, in ascending order.
pub(crate) fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    intervals.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    intervals
}

/// Returns the number of bytes in the union, where each byte counts once.
pub(crate) fn union_len(intervals: Vec<Interval>) -> usize {
    union(intervals).into_iter().map(Interval::len).sum()
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
    fn unions_and_gaps_are_those_of_bytes() {
        let len = 6;
        let all: Vec<(usize, usize)> = (0..len).flat_map(|start| (0..=len - start).map(move |n| (start, n))).collect();
        for &a in &all {
            for &b in &all {
                for &c in &all {
                    let given = [a, b, c];
                    let intervals = || given.iter().map(|(start, n)| Interval::new(*start, *n)).collect::<Vec<_>>();
                    let bytes = covered(&given, len);
                    assert_eq!(union_len(intervals()), bytes.iter().filter(|byte| **byte).count(), "{given:?}");
                    let longest = bytes.split(|byte| *byte).map(<[bool]>::len).max().unwrap_or_default();
                    for min_gap in 1..=len {
                        assert_eq!(has_gap(intervals(), len, min_gap), longest >= min_gap, "{given:?}, {min_gap}");
                    }
                }
            }
        }
    }
}
