//! A plane of pixels to transpose: its rows are contiguous in the source, its columns are contiguous in the target.
//!
//! ```text
//! from:  row 0  | . . . . . . |        to:  column 0  | . . . |
//!        row 1  | . . . . . . |             column 1  | . . . |
//!        row 2  | . . . . . . |                ...
//!                                           column 5  | . . . |
//! ```

use tinyvec::ArrayVec;

/// The plane: `to[to_first + col * to_stride + row] = from[from_first + row * from_stride + col]`, counted in words.
///
/// Memory is bytes, and a word is `E` of them: what the pixels mean makes no difference to a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plane {
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) from_first: usize,
    pub(super) from_stride: isize,
    pub(super) to_first: usize,
    pub(super) to_stride: isize,
}

/// The most columns, or rows, that are copied side by side.
pub(super) const MOST_BANDS: usize = 32;

pub(super) type PlaneColumns<'a> = ArrayVec<[&'a mut [u8]; MOST_BANDS]>;

impl Plane {
    /// Returns a part of the plane, which begins at a row and a column.
    #[inline(always)]
    pub(super) fn part(&self, row: usize, rows: usize, col: usize, cols: usize) -> Plane {
        let from_first = along(self.from_first, row, self.from_stride).wrapping_add(col);
        let to_first = along(self.to_first, col, self.to_stride).wrapping_add(row);
        Plane { rows, cols, from_first, to_first, ..*self }
    }

    /// Returns the source from a row on.
    #[inline(always)]
    pub(super) fn row<'a, const E: usize>(&self, from: &'a [u8], row: usize) -> Option<&'a [u8]> {
        from.get(along(self.from_first, row, self.from_stride).checked_mul(E)?..)
    }

    /// Returns the target from a column on.
    #[inline(always)]
    pub(super) fn column<'a, const E: usize>(&self, to: &'a mut [u8], col: usize) -> Option<&'a mut [u8]> {
        to.get_mut(along(self.to_first, col, self.to_stride).checked_mul(E)?..)
    }

    /// Returns all columns of a plane of at most [`MOST_BANDS`] columns.
    pub(super) fn columns<'a, const E: usize>(&self, to: &'a mut [u8]) -> Option<PlaneColumns<'a>> {
        let (len, stride) = (self.rows.checked_mul(E)?, self.to_stride.unsigned_abs().checked_mul(E)?);
        let lowest =
            along(self.to_first, if self.to_stride < 0 { self.cols.checked_sub(1)? } else { 0 }, self.to_stride);
        let mut columns = PlaneColumns::new();
        let mut rest = to.get_mut(lowest.checked_mul(E)?..)?;
        for col in 0..self.cols.min(MOST_BANDS) {
            if col > 0 {
                rest = std::mem::take(&mut rest).get_mut(stride.checked_sub(len)?..)?;
            }
            let (column, after) = std::mem::take(&mut rest).split_at_mut_checked(len)?;
            columns.push(column);
            rest = after;
        }
        if self.to_stride < 0 {
            columns.reverse();
        }
        Some(columns)
    }

    /// Copies word by word.
    pub(super) fn copy_words<const E: usize>(&self, from: &[u8], to: &mut [u8]) -> Option<()> {
        for row in 0..self.rows {
            let words = self.row::<E>(from, row)?.get(..self.cols * E)?.as_chunks::<E>().0;
            for (col, word) in words.iter().enumerate() {
                *self.column::<E>(to, col)?.get_mut(row * E..)?.first_chunk_mut()? = *word;
            }
        }
        Some(())
    }
}

/// Returns the position of step `index` of an axis. It wraps on overflow; the slice access that follows then fails.
#[inline(always)]
pub(super) fn along(first: usize, index: usize, stride: isize) -> usize {
    first.wrapping_add_signed((index as isize).wrapping_mul(stride))
}

/// Returns the starts and lengths of consecutive pieces.
pub(super) fn pieces(len: usize, piece: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(piece).map(move |start| (start, piece.min(len - start)))
}
