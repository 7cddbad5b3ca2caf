//! Transposes planes: their rows are contiguous in the source, their columns are contiguous in the target.
//!
//! ```text
//! from:  row 0  | . . . . . . |        to:  column 0  | . . . |
//!        row 1  | . . . . . . |             column 1  | . . . |
//!        row 2  | . . . . . . |                ...
//!                                           column 5  | . . . |
//! ```
//!
//! A copy pixel by pixel uses one pixel of each cache line in one of the two memories. By the time it needs the next
//! pixel of the line, the line is no longer in the cache, the more so the closer the extents are to a power of two. So
//! large planes are copied in tiles: the columns of a tile are collected in memory that stays in the first cache, and
//! then written whole. Thin planes, such as interleaved bands, need no tiles: all their columns, or all their rows, are
//! copied side by side.

use tinyvec::ArrayVec;

use crate::strided::simd::Lanes;

/// A plane to copy: `to[to_first + col * to_stride + row] = from[from_first + row * from_stride + col]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) from_first: usize,
    pub(crate) from_stride: isize,
    pub(crate) to_first: usize,
    pub(crate) to_stride: isize,
}

/// A plane with at most this number of rows or columns is thin.
const THIN: usize = 32;

/// The number of rows and columns of a block of tiles. A block touches few enough pages for the address translation
/// buffers.
const BLOCK: usize = 256;

impl Plane {
    /// Copies the plane by squares of `N` words, in tiles of `E` by `E`. Returns `None` if it leaves one of the
    /// memories.
    pub(crate) fn copy<W: Lanes<N>, const N: usize, const E: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        if self.rows < N && self.cols < N {
            self.copy_words(from, to)
        } else if self.cols <= THIN {
            self.split_columns::<W, N>(from, to)
        } else if self.rows <= THIN && usize::try_from(self.to_stride) == Ok(self.rows) {
            self.join_rows::<W, N>(from, to)
        } else {
            self.copy_tiles::<W, N, E>(from, to)
        }
    }

    /// Returns a part of the plane, which begins at a row and a column.
    fn part(&self, row: usize, rows: usize, col: usize, cols: usize) -> Plane {
        let from_first = along(self.from_first, row, self.from_stride).wrapping_add(col);
        let to_first = along(self.to_first, col, self.to_stride).wrapping_add(row);
        Plane { rows, cols, from_first, to_first, ..*self }
    }

    fn row<'a, W>(&self, from: &'a [W], row: usize) -> Option<&'a [W]> {
        from.get(along(self.from_first, row, self.from_stride)..)
    }

    fn column<'a, W>(&self, to: &'a mut [W], col: usize) -> Option<&'a mut [W]> {
        to.get_mut(along(self.to_first, col, self.to_stride)..)
    }

    /// Copies word by word.
    fn copy_words<W: Copy>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        for row in 0..self.rows {
            let words = self.row(from, row)?.get(..self.cols)?;
            for (col, word) in words.iter().enumerate() {
                *self.column(to, col)?.get_mut(row)? = *word;
            }
        }
        Some(())
    }

    fn copy_tiles<W: Lanes<N>, const N: usize, const E: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        let mut scratch = Scratch { rows: [[W::default(); E]; E], columns: [[W::default(); E]; E] };
        for (row, rows) in pieces(self.rows, BLOCK) {
            for (col, cols) in pieces(self.cols, BLOCK) {
                let block = self.part(row, rows, col, cols);
                for (row, rows) in pieces(block.rows, E) {
                    for (col, cols) in pieces(block.cols, E) {
                        let tile = block.part(row, rows, col, cols);
                        if rows == E && cols == E {
                            tile.copy_whole_tile::<W, N, E>(from, to, &mut scratch.columns)?;
                        } else {
                            tile.copy_edge_tile::<W, N, E>(from, to, &mut scratch)?;
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// Copies a plane of exactly `E` by `E`.
    fn copy_whole_tile<W: Lanes<N>, const N: usize, const E: usize>(
        &self,
        from: &[W],
        to: &mut [W],
        columns: &mut [[W; E]; E],
    ) -> Option<()> {
        for row in (0..E).step_by(N) {
            let mut rows = [self.row(from, row)?.first_chunk()?; N];
            for (slot, row) in rows.iter_mut().zip(row..) {
                *slot = self.row(from, row)?.first_chunk()?;
            }
            turn(&rows, columns, row, E)?;
        }
        for (col, words) in columns.iter().enumerate() {
            *self.column(to, col)?.first_chunk_mut()? = *words;
        }
        Some(())
    }

    /// Copies a plane of at most `E` by `E`, through a copy of exactly that size.
    fn copy_edge_tile<W: Lanes<N>, const N: usize, const E: usize>(
        &self,
        from: &[W],
        to: &mut [W],
        Scratch { rows, columns }: &mut Scratch<W, E>,
    ) -> Option<()> {
        for (row, words) in rows.iter_mut().take(self.rows).enumerate() {
            words.get_mut(..self.cols)?.copy_from_slice(self.row(from, row)?.get(..self.cols)?);
        }
        let groups = rows.as_chunks::<N>().0.iter().zip((0..self.rows).step_by(N));
        for (rows, row) in groups {
            turn(&rows.each_ref(), columns, row, self.cols.next_multiple_of(N))?;
        }
        for (col, words) in columns.iter().take(self.cols).enumerate() {
            self.column(to, col)?.get_mut(..self.rows)?.copy_from_slice(words.get(..self.rows)?);
        }
        Some(())
    }

    /// Copies a plane of few columns: all columns side by side, `N` rows at a time.
    fn split_columns<W: Lanes<N>, const N: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        let stride = self.from_stride;
        let dense = usize::try_from(stride) == Ok(self.cols);
        match self.cols {
            2 => self.split_columns_by::<W, N, 2>(from, to, stride),
            3 if dense && N > 3 => self.split_pixels::<W, N, 3>(from, to),
            3 if N > 3 => self.split_columns_by::<W, N, 3>(from, to, stride),
            4 if dense && N > 3 => self.split_pixels::<W, N, 4>(from, to),
            5..16 if dense && N > 4 => self.split_known_stride::<W, N>(from, to),
            4..8 if N > 4 => self.split_columns_by::<W, N, 4>(from, to, stride),
            8..16 if N > 8 => self.split_columns_by::<W, N, 8>(from, to, stride),
            _ => self.split_columns_by::<W, N, N>(from, to, stride),
        }
    }

    /// Copies a plane of 5 to 15 columns without gaps between its rows. The stride is a constant in each branch, so
    /// that the compiler can leave out the bounds check of each row.
    fn split_known_stride<W: Lanes<N>, const N: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        match self.cols {
            5 => self.split_columns_by::<W, N, 4>(from, to, 5),
            6 => self.split_columns_by::<W, N, 4>(from, to, 6),
            7 => self.split_columns_by::<W, N, 4>(from, to, 7),
            8 => self.split_columns_by::<W, N, 8>(from, to, 8),
            9 => self.split_columns_by::<W, N, 8>(from, to, 9),
            10 => self.split_columns_by::<W, N, 8>(from, to, 10),
            11 => self.split_columns_by::<W, N, 8>(from, to, 11),
            12 => self.split_columns_by::<W, N, 8>(from, to, 12),
            13 => self.split_columns_by::<W, N, 8>(from, to, 13),
            14 => self.split_columns_by::<W, N, 8>(from, to, 14),
            _ => self.split_columns_by::<W, N, 8>(from, to, 15),
        }
    }

    /// Returns the columns of the target as slices, each with one word for each row.
    fn columns<'a, W: Default>(&self, to: &'a mut [W]) -> Option<PlaneColumns<'a, W>> {
        let (stride, backwards) = (self.to_stride.unsigned_abs(), self.to_stride < 0);
        let before = if backwards { (self.cols - 1).checked_mul(stride)? } else { 0 };
        let mut rest = to.get_mut(self.to_first.checked_sub(before)?..)?;
        let mut columns = PlaneColumns::new();
        for col in 0..self.cols {
            let len = if col + 1 < self.cols { stride } else { self.rows };
            let (column, others) = rest.split_at_mut_checked(len)?;
            columns.push(column.get_mut(..self.rows)?);
            rest = others;
        }
        if backwards {
            columns.reverse();
        }
        Some(columns)
    }

    /// Copies the columns in groups of `B`. The plane has at least `B` columns.
    #[inline(always)]
    fn split_columns_by<W: Lanes<N>, const N: usize, const B: usize>(
        &self,
        from: &[W],
        to: &mut [W],
        stride: isize,
    ) -> Option<()> {
        let mut columns = self.columns(to)?;
        let whole = self.rows / N * N;
        for (row, rows) in pieces(whole, BLOCK) {
            for (col, _) in groups(self.cols, B) {
                let mut first = along(self.from_first, row, stride).wrapping_add(col);
                let group: &mut [&mut [W]; B] = columns.get_mut(col..)?.first_chunk_mut()?;
                let group = group.each_mut().map(|column| column.get_mut(row..row + rows).unwrap_or_default());
                let mut group = group.map(|column| column.as_chunks_mut::<N>().0);
                for square in 0..rows / N {
                    let columns = W::transpose(load::<W, N, B>(from, first, stride)?);
                    for (column, words) in group.iter_mut().zip(columns) {
                        *column.get_mut(square)? = words;
                    }
                    first = along(first, N, stride);
                }
            }
        }
        self.split_words(from, &mut columns, whole)
    }

    /// Copies a plane of `B` columns without gaps between its rows.
    #[inline(always)]
    fn split_pixels<W: Lanes<N>, const N: usize, const B: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        if W::split(&[[W::default(); N]; B]).is_none() {
            return self.split_columns_by::<W, N, B>(from, to, B as isize);
        }
        let mut columns = self.columns(to)?;
        let group: &mut [&mut [W]; B] = columns.first_chunk_mut()?;
        let whole = self.rows / N * N;
        let pixels = from.get(self.from_first..)?.get(..whole * B)?;
        for (row, pixels) in (0..whole).step_by(N).zip(pixels.as_chunks::<N>().0.as_chunks::<B>().0) {
            for (column, words) in group.iter_mut().zip(W::split(pixels)?) {
                *column.get_mut(row..)?.first_chunk_mut()? = words;
            }
        }
        self.split_words(from, &mut columns, whole)
    }

    /// Copies word by word, beginning at row `first`.
    fn split_words<W: Copy>(&self, from: &[W], columns: &mut [&mut [W]], first: usize) -> Option<()> {
        for row in first..self.rows {
            let words = self.row(from, row)?.get(..self.cols)?;
            for (column, word) in columns.iter_mut().zip(words) {
                *column.get_mut(row)? = *word;
            }
        }
        Some(())
    }

    /// Copies a plane of few rows, all side by side, into columns without gaps.
    fn join_rows<W: Lanes<N>, const N: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        match self.rows {
            2 => self.join_rows_by::<W, N, 2>(from, to, 2),
            3 if N > 3 => self.join_pixels::<W, N, 3, 4>(from, to),
            4 if N > 3 => self.join_pixels::<W, N, 4, 4>(from, to),
            5..8 if N > 8 => self.join_rows_by::<W, N, 8>(from, to, self.rows),
            rows if rows < N => self.join_rows_by::<W, N, N>(from, to, rows),
            _ => self.join_squares::<W, N>(from, to),
        }
    }

    /// Copies a plane of `N` rows or more.
    fn join_squares<W: Lanes<N>, const N: usize>(&self, from: &[W], to: &mut [W]) -> Option<()> {
        let to_plane = to.get_mut(self.to_first..)?.get_mut(..self.rows * self.cols)?;
        let mut rows: ArrayVec<[&[[W; N]]; THIN]> = ArrayVec::new();
        for row in 0..self.rows {
            rows.push(self.row(from, row)?.get(..self.cols)?.as_chunks().0);
        }
        for (square, columns) in to_plane.chunks_exact_mut(N * self.rows).enumerate() {
            for (row, _) in groups(self.rows, N) {
                let group: &[&[[W; N]]; N] = rows.get(row..)?.first_chunk()?;
                let mut words = [[W::default(); N]; N];
                for (slot, row) in words.iter_mut().zip(group) {
                    *slot = *row.get(square)?;
                }
                for (column, words) in columns.chunks_exact_mut(self.rows).zip(W::transpose(words)) {
                    *column.get_mut(row..)?.first_chunk_mut()? = words;
                }
            }
        }
        let whole = self.cols / N * N;
        self.part(0, self.rows, whole, self.cols - whole).copy_words(from, to)
    }

    /// Copies a plane of at most `B` rows. Writes `B` words for each column; the words beyond the end of the column are
    /// overwritten with the next column.
    #[inline(always)]
    fn join_rows_by<W: Lanes<N>, const N: usize, const B: usize>(
        &self,
        from: &[W],
        to: &mut [W],
        height: usize,
    ) -> Option<()> {
        let to_plane = to.get_mut(self.to_first..)?.get_mut(..height * self.cols)?;
        let beyond = B.saturating_sub(height);
        let whole = self.cols.saturating_sub(beyond.div_ceil(height)) / N * N;
        for col in (0..whole).step_by(N) {
            let mut square = [[W::default(); N]; N];
            for (row, words) in square.iter_mut().enumerate().take(B) {
                if row < height {
                    *words = *self.row(from, row)?.get(col..)?.first_chunk()?;
                }
            }
            let columns = to_plane.get_mut(col * height..)?.get_mut(..(N - 1) * height + B)?;
            for (number, words) in W::transpose(square).iter().enumerate() {
                *columns.get_mut(number * height..)?.first_chunk_mut::<B>()? = *words.first_chunk()?;
            }
        }
        self.part(0, self.rows, whole, self.cols - whole).copy_words(from, to)
    }

    /// Copies a plane of `B` rows. Where [`Lanes::join`] does not support `B`, it transposes squares and writes `S`
    /// words at a time.
    #[inline(always)]
    fn join_pixels<W: Lanes<N>, const N: usize, const B: usize, const S: usize>(
        &self,
        from: &[W],
        to: &mut [W],
    ) -> Option<()> {
        if W::join(&[[W::default(); N]; B]).is_none() {
            return self.join_rows_by::<W, N, S>(from, to, B);
        }
        let mut rows = [&[] as &[[W; N]]; B];
        for (row, slot) in rows.iter_mut().enumerate() {
            *slot = self.row(from, row)?.get(..self.cols)?.as_chunks().0;
        }
        let to_plane = to.get_mut(self.to_first..)?.get_mut(..B * self.cols)?;
        let whole = self.cols / N;
        for (number, pixels) in to_plane.as_chunks_mut::<N>().0.as_chunks_mut::<B>().0.iter_mut().enumerate() {
            let mut bands = [[W::default(); N]; B];
            for (band, row) in bands.iter_mut().zip(&rows) {
                *band = *row.get(number)?;
            }
            *pixels = W::join(&bands)?;
        }
        self.part(0, B, whole * N, self.cols - whole * N).copy_words(from, to)
    }
}

/// The columns of a thin plane.
type PlaneColumns<'a, W> = ArrayVec<[&'a mut [W]; THIN]>;

struct Scratch<W, const E: usize> {
    rows: [[W; E]; E],
    columns: [[W; E]; E],
}

/// Transposes `N` rows into the words `row..row + N` of the first `cols` columns.
#[inline(always)]
fn turn<W: Lanes<N>, const N: usize, const E: usize>(
    rows: &[&[W; E]; N],
    columns: &mut [[W; E]; E],
    row: usize,
    cols: usize,
) -> Option<()> {
    for (col, columns) in columns.as_chunks_mut::<N>().0.iter_mut().enumerate().take(cols / N) {
        let mut square = [[W::default(); N]; N];
        for (slot, words) in square.iter_mut().zip(rows) {
            *slot = *words.as_chunks().0.get(col)?;
        }
        for (column, words) in columns.iter_mut().zip(W::transpose(square)) {
            *column.get_mut(row..)?.first_chunk_mut()? = words;
        }
    }
    Some(())
}

/// Loads `N` rows of `N` words. Only the first `B` words of each row belong to the plane, the others may be anything.
#[inline(always)]
fn load<W: Lanes<N>, const N: usize, const B: usize>(from: &[W], first: usize, stride: isize) -> Option<[[W; N]; N]> {
    let mut square = [[W::default(); N]; N];
    let forwards = usize::try_from(stride).ok();
    let whole = forwards.and_then(|stride| Some((stride, from.get(first..)?.get(..(N - 1) * stride + N)?)));
    if let Some((stride, rows)) = whole {
        for (row, words) in square.iter_mut().enumerate() {
            *words = *rows.get(row * stride..)?.first_chunk()?;
        }
        return Some(square);
    }
    for (row, words) in square.iter_mut().enumerate() {
        let found = from.get(along(first, row, stride)..)?;
        match found.first_chunk() {
            Some(found) => *words = *found,
            // The memory ends before `N` words.
            None => words.get_mut(..B)?.copy_from_slice(found.get(..B)?),
        }
    }
    Some(square)
}

/// Returns the position of step `index` of an axis. It wraps on overflow; the slice access that follows then fails.
#[inline(always)]
fn along(first: usize, index: usize, stride: isize) -> usize {
    first.wrapping_add_signed((index as isize).wrapping_mul(stride))
}

/// Returns the starts and lengths of consecutive pieces.
pub(crate) fn pieces(len: usize, piece: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(piece).map(move |start| (start, piece.min(len - start)))
}

/// Returns the starts and lengths of groups of exactly `group`. The last group may overlap the one before it. If `len`
/// is smaller than `group`, there is one group of `len`.
fn groups(len: usize, group: usize) -> impl Iterator<Item = (usize, usize)> {
    let last = len.saturating_sub(group);
    (0..len).step_by(group).map(move |start| (start.min(last), group.min(len)))
}
