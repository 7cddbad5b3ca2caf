//! Cuts the overlap off tiles that are put together.

use std::ops::Range;

/// The margins along one axis.
///
/// A range that ends on the border has no margin there, unless it got there by its overlap: then another range begins later, and
/// ends on the border too.
pub(super) struct Margins {
    overlap: usize,
    extent: usize,
    /// Where the ranges begin that end on the border, in ascending order.
    last_starts: Vec<usize>,
    /// Where the ranges end that begin on the border, in ascending order.
    first_ends: Vec<usize>,
}

impl Margins {
    pub(super) fn new<'r>(
        ranges: impl Iterator<Item = &'r Range<usize>> + Clone,
        extent: usize,
        overlap: usize,
    ) -> Self {
        let sorted = |ends: &mut dyn Iterator<Item = usize>| {
            let mut ends: Vec<usize> = ends.collect();
            ends.sort_unstable();
            ends.dedup();
            ends
        };
        Margins {
            overlap,
            extent,
            last_starts: sorted(&mut ranges.clone().filter(|range| range.end == extent).map(|range| range.start)),
            first_ends: sorted(&mut ranges.filter(|range| range.start == 0).map(|range| range.end)),
        }
    }

    /// Returns what is left of a range without its margins.
    pub(super) fn cut(&self, range: &Range<usize>) -> Range<usize> {
        let Range { start, end } = *range;
        if self.overlap == 0 {
            return start..end;
        }
        let before = self.first_ends.partition_point(|first| *first < end);
        let before = before.checked_sub(1).and_then(|index| self.first_ends.get(index));
        let after = self.last_starts.get(self.last_starts.partition_point(|last| *last <= start));
        let cut_start = match before {
            _ if start > 0 => start.saturating_add(self.overlap),
            Some(first) => first.saturating_sub(self.overlap),
            None => 0,
        };
        let cut_end = match after {
            _ if end < self.extent => end.saturating_sub(self.overlap),
            Some(last) => last.saturating_add(self.overlap),
            None => end,
        };
        let cut_start = cut_start.min(end);
        cut_start..cut_end.min(end).max(cut_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For tiles of any size with an overlap that is smaller, the part that the tile had without it is left.
    #[test]
    fn the_parts_without_margins_are_the_tiles_without_overlap() {
        for (extent, size) in (1..40).flat_map(|extent| (1..=extent + 1).map(move |size| (extent, size))) {
            let own: Vec<Range<usize>> = (0..extent).step_by(size).map(|at| at..(at + size).min(extent)).collect();
            for overlap in 0..size {
                let grown = |tile: &Range<usize>| tile.start.saturating_sub(overlap)..(tile.end + overlap).min(extent);
                let tiles: Vec<Range<usize>> = own.iter().map(grown).collect();
                let margins = Margins::new(tiles.iter(), extent, overlap);
                let cut: Vec<Range<usize>> = tiles.iter().map(|tile| margins.cut(tile)).collect();
                assert_eq!(cut, own, "{extent} by {size} with {overlap}");
            }
        }
    }

    #[test]
    fn a_range_is_never_longer_than_it_was() {
        for (start, end, overlap) in [(4, 6, 5), (0, 30, 5), (0, 1, usize::MAX), (29, 30, usize::MAX), (7, 7, 1)] {
            let range = start..end;
            let cut = Margins::new([0..2, 28..30, range.clone()].iter(), 30, overlap).cut(&range);
            assert!(start <= cut.start && cut.start <= cut.end && cut.end <= end, "{range:?} {overlap} {cut:?}");
        }
    }
}
