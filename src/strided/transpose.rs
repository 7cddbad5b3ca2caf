//! Transposes planes.
//!
//! A copy pixel by pixel uses one pixel of each cache line in one of the two memories. By the time it needs the next
//! pixel of the line, the line is no longer in the cache, the more so the closer the extents are to a power of two. So
//! large planes are copied in tiles: the columns of a tile are collected in memory that stays in the first cache, and then written
//! in whole lines. Planes of few columns or of few rows are interleaved [`bands`](crate::strided::bands).

use fearless_simd::Level;

use crate::strided::bands::{join, split};
use crate::strided::lanes::{Block, Kernel, Lanes, blocks, run, transpose};
use crate::strided::plane::{MOST_BANDS, Plane, pieces};

/// The number of rows and columns of a block of tiles. A block touches few enough pages for the address translation
/// buffers.
const BLOCK: usize = 256;

/// A plane of fewer rows and columns than this is copied word by word.
const SMALL: usize = 4;

/// A plane of at least so many rows and columns is copied by large tiles.
const LARGE: usize = 128;

/// Copies a plane of words of `E` bytes. Returns `None` if it leaves one of the memories.
pub(super) fn copy_plane<const E: usize>(level: Level, plane: &Plane, from: &[u8], to: &mut [u8]) -> Option<()> {
    if plane.rows < SMALL && plane.cols < SMALL {
        plane.copy_words::<E>(from, to)
    } else if plane.cols <= MOST_BANDS {
        split::<E>(level, plane, from, to)
    } else if plane.rows <= MOST_BANDS && usize::try_from(plane.to_stride) == Ok(plane.rows) {
        join::<E>(level, plane, from, to)
    } else {
        // Memory for a large tile takes as long to make as a small plane to copy.
        match (E, plane.rows.min(plane.cols) >= LARGE) {
            (1, true) => run(level, Tiles::<E, 16, 8, 128, 128> { plane, from, to }),
            (1, false) => run(level, Tiles::<E, 16, 8, 32, 32> { plane, from, to }),
            (2, true) => run(level, Tiles::<E, 8, 4, 64, 128> { plane, from, to }),
            (2, false) => run(level, Tiles::<E, 8, 4, 32, 64> { plane, from, to }),
            (4, true) => run(level, Tiles::<E, 4, 2, 64, 256> { plane, from, to }),
            (4, false) => run(level, Tiles::<E, 4, 2, 16, 64> { plane, from, to }),
            (_, true) => run(level, Tiles::<E, 2, 1, 32, 256> { plane, from, to }),
            (_, false) => run(level, Tiles::<E, 2, 1, 8, 64> { plane, from, to }),
        }
    }
}

/// Copies by tiles of `T` by `T` words, which are `LINE` bytes a row. `N` words fill a block, `H` half of it.
///
/// Two or four cache lines a row are what the processor fetches ahead; with one, it waits for each.
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
        let tile = || Aligned([[0; LINE]; T]);
        let (mut edge, mut columns) = (None, tile());
        let columns = &mut columns.0;
        for (row, rows) in pieces(plane.rows, BLOCK) {
            for (col, cols) in pieces(plane.cols, BLOCK) {
                let block = plane.part(row, rows, col, cols);
                for (row, rows) in pieces(block.rows, T) {
                    for (col, cols) in pieces(block.cols, T) {
                        let part = block.part(row, rows, col, cols);
                        if rows == T && cols == T {
                            turn::<L, E, N, H, T, LINE>(
                                lanes,
                                columns,
                                T,
                                T,
                                #[inline(always)]
                                |row| part.row::<E>(from, row)?.first_chunk(),
                            )?;
                            for (col, words) in columns.iter().enumerate() {
                                *part.column::<E>(to, col)?.first_chunk_mut()? = *words;
                            }
                            continue;
                        }
                        // Through a copy of exactly that size.
                        let edge = &mut edge.get_or_insert_with(tile).0;
                        for (row, words) in edge.iter_mut().take(rows).enumerate() {
                            let len = cols * E;
                            words.get_mut(..len)?.copy_from_slice(part.row::<E>(from, row)?.get(..len)?);
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
                            part.column::<E>(to, col)?.get_mut(..len)?.copy_from_slice(words.get(..len)?);
                        }
                    }
                }
            }
        }
        Some(())
    }
}

/// Transposes the first rows and columns of a tile, and a few behind them.
///
/// The blocks of a vector lie side by side in a row, so that it is loaded at once. Transposed, each is a part of another column.
#[inline(always)]
fn turn<'a, L: Lanes, const E: usize, const N: usize, const H: usize, const T: usize, const LINE: usize>(
    lanes: L,
    columns: &mut [[u8; LINE]; T],
    rows: usize,
    cols: usize,
    line: impl Fn(usize) -> Option<&'a [u8; LINE]>,
) -> Option<()> {
    let width = N * blocks::<L>();
    for row in (0..rows).step_by(N) {
        let mut lines = [line(row)?; N];
        for (number, slot) in lines.iter_mut().enumerate() {
            *slot = line(row + number)?;
        }
        for (group, columns) in columns.chunks_exact_mut(width).enumerate().take(cols.div_ceil(width)) {
            let mut vectors = [lanes.vector(
                #[inline(always)]
                |_| Some(Block::default()),
            )?; N];
            for (vector, line) in vectors.iter_mut().zip(lines) {
                *vector = lanes.vector(
                    #[inline(always)]
                    |block| line.as_chunks().0.get(group * blocks::<L>() + block).copied(),
                )?;
            }
            for (col, vector) in transpose::<L, E, N, H>(lanes, vectors)?.into_iter().enumerate() {
                let bytes = lanes.bytes(vector);
                for (block, words) in bytemuck::bytes_of(&bytes).as_chunks::<16>().0.iter().enumerate() {
                    *columns.get_mut(block * N + col)?.get_mut(row * E..)?.first_chunk_mut()? = *words;
                }
            }
        }
    }
    Some(())
}
