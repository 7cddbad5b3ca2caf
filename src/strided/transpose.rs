//! Transposes planes.
//!
//! A copy pixel by pixel uses one pixel of each cache line in one of the two memories. By the time it needs the next
//! pixel of the line, the line is no longer in the cache, the more so the closer the extents are to a power of two. So
//! large planes are copied in tiles: the columns of a tile are collected in memory that stays in the first cache, and then written
//! in whole lines. Planes of few columns or of few rows are interleaved [`bands`](crate::strided::bands).

use fearless_simd::Level;

use crate::strided::bands::{join, split};
use crate::strided::lanes::{Block, Kernel, Lanes, run_block_by_block, transpose};
use crate::strided::plane::{MOST_BANDS, Plane, pieces};

/// The number of rows and columns of a block of tiles. A block touches few enough pages for the address translation
/// buffers.
const BLOCK: usize = 256;

/// A plane of fewer rows and columns than this is copied word by word.
const SMALL: usize = 4;

/// Copies a plane of words of `E` bytes. Returns `None` if it leaves one of the memories.
pub(super) fn copy_plane<const E: usize>(level: Level, plane: &Plane, from: &[u8], to: &mut [u8]) -> Option<()> {
    if plane.rows < SMALL && plane.cols < SMALL {
        plane.copy_words::<E>(from, to)
    } else if plane.cols <= MOST_BANDS {
        split::<E>(level, plane, from, to)
    } else if plane.rows <= MOST_BANDS && usize::try_from(plane.to_stride) == Ok(plane.rows) {
        join::<E>(level, plane, from, to)
    } else {
        match E {
            1 => run_block_by_block(level, Tiles::<E, 16, 8, 64, 64> { plane, from, to }),
            2 => run_block_by_block(level, Tiles::<E, 8, 4, 64, 128> { plane, from, to }),
            4 => run_block_by_block(level, Tiles::<E, 4, 2, 16, 64> { plane, from, to }),
            _ => run_block_by_block(level, Tiles::<E, 2, 1, 8, 64> { plane, from, to }),
        }
    }
}

/// Copies by tiles of `T` by `T` words, which are `LINE` bytes a row. `N` words fill a block, `H` half of it.
///
/// Vectors of two blocks are filled from twice as many rows, which takes as long as they save. So these have one.
struct Tiles<'a, const E: usize, const N: usize, const H: usize, const T: usize, const LINE: usize> {
    plane: &'a Plane,
    from: &'a [u8],
    to: &'a mut [u8],
}

/// Memory that begins with a cache line, so that no vector lies in two of them.
#[repr(align(64))]
struct Aligned<T>(T);

impl<const E: usize, const N: usize, const H: usize, const T: usize, const LINE: usize> Kernel
    for Tiles<'_, E, N, H, T, LINE>
{
    type Output = Option<()>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Option<()> {
        let Tiles { plane, from, to } = self;
        let (mut edge, mut columns) = (Aligned([[0; LINE]; T]), Aligned([[0; LINE]; T]));
        let (edge, columns) = (&mut edge.0, &mut columns.0);
        for (row, rows) in pieces(plane.rows, BLOCK) {
            for (col, cols) in pieces(plane.cols, BLOCK) {
                let block = plane.part(row, rows, col, cols);
                for (row, rows) in pieces(block.rows, T) {
                    for (col, cols) in pieces(block.cols, T) {
                        let tile = block.part(row, rows, col, cols);
                        if rows == T && cols == T {
                            turn::<L, E, N, H, T, LINE>(
                                lanes,
                                columns,
                                T,
                                T,
                                #[inline(always)]
                                |row| tile.row::<E>(from, row)?.first_chunk(),
                            )?;
                            for (col, words) in columns.iter().enumerate() {
                                *tile.column::<E>(to, col)?.first_chunk_mut()? = *words;
                            }
                            continue;
                        }
                        // Through a copy of exactly that size.
                        for (row, words) in edge.iter_mut().take(rows).enumerate() {
                            let len = cols * E;
                            words.get_mut(..len)?.copy_from_slice(tile.row::<E>(from, row)?.get(..len)?);
                        }
                        turn::<L, E, N, H, T, LINE>(
                            lanes,
                            columns,
                            rows,
                            cols,
                            #[inline(always)]
                            |row| edge.get(row),
                        )?;
                        for (col, words) in columns.iter().take(cols).enumerate() {
                            let len = rows * E;
                            tile.column::<E>(to, col)?.get_mut(..len)?.copy_from_slice(words.get(..len)?);
                        }
                    }
                }
            }
        }
        Some(())
    }
}

/// Transposes the first rows and columns of a tile, and a few behind them.
#[inline(always)]
fn turn<'a, L: Lanes, const E: usize, const N: usize, const H: usize, const T: usize, const LINE: usize>(
    lanes: L,
    columns: &mut [[u8; LINE]; T],
    rows: usize,
    cols: usize,
    line: impl Fn(usize) -> Option<&'a [u8; LINE]>,
) -> Option<()> {
    for row in (0..rows).step_by(N) {
        let mut lines = [line(row)?; N];
        for (number, slot) in lines.iter_mut().enumerate() {
            *slot = line(row + number)?;
        }
        for (col, columns) in columns.as_chunks_mut::<N>().0.iter_mut().enumerate().take(cols.div_ceil(N)) {
            let mut vectors = [lanes.vector(
                #[inline(always)]
                |_| Some(Block::default()),
            )?; N];
            for (vector, line) in vectors.iter_mut().zip(lines) {
                *vector = lanes.vector(
                    #[inline(always)]
                    |_| line.as_chunks().0.get(col).copied(),
                )?;
            }
            for (column, vector) in columns.iter_mut().zip(transpose::<L, E, N, H>(lanes, vectors)?) {
                let words = column.get_mut(row * E..)?.get_mut(..size_of::<L::Bytes>())?;
                words.copy_from_slice(bytemuck::bytes_of(&lanes.bytes(vector)));
            }
        }
    }
    Some(())
}
