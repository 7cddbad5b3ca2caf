//! Decodes the blocks of a part of an image, straight into the caller's array.
//!
//! The array is cut at the edges of blocks, so each block is decoded on its own, on any thread, and copied once to its place. So the
//! memory is the array, and one block a thread.

use std::borrow::Cow;
use std::ops::Range;

use ndraster::Pixel;
use ndraster::ndarray::{ArrayView3, ArrayViewMut3, Axis};
use tiff_reader::TiffFile;

use crate::error::{Result, error};
use crate::parallel;
use crate::read::image::{Blocks, Image};

/// Strips are read together up to so many bytes, because some files have one for each row.
const GROUP: usize = 1 << 18;

/// A part of an image: these bands, in this order, of these rows and columns.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) bands: &'a [usize],
    pub(crate) rows: Range<usize>,
    pub(crate) cols: Range<usize>,
}

/// Reads a part into an array of (band, y, x). Blocks that the file leaves out become `missing`.
pub(crate) fn read<T: Pixel>(
    tiff: &TiffFile,
    image: &Image,
    part: &Part<'_>,
    missing: T,
    limit: usize,
    out: ArrayViewMut3<'_, T>,
) -> Result<()> {
    let block_len = image.block_len().filter(|bytes| *bytes <= limit).ok_or_else(|| {
        error!(
            TooLarge,
            "its blocks of {} x {} pixels take more than the limit of {limit} bytes each: raise it with \
             `OpenOptions::max_bytes`",
            image.block[0],
            image.block[1]
        )
    })?;
    let blocks = image.blocks(tiff)?;
    let units = units(image, part, block_len, out);
    // Each thread holds a block twice: decoded, and cut to its part.
    let is_parallel = block_len.saturating_mul(2 * parallel::threads()) <= limit;
    parallel::for_each(units, is_parallel, |unit| unit.read(tiff, image, &blocks, missing))
}

/// What is decoded at once: a tile, or some strips, and its place in the array.
struct Unit<'a, T> {
    bands: &'a [usize],
    rows: Range<usize>,
    cols: Range<usize>,
    out: ArrayViewMut3<'a, T>,
}

fn units<'a, T>(image: &Image, part: &Part<'a>, block_len: usize, out: ArrayViewMut3<'a, T>) -> Vec<Unit<'a, T>> {
    let [block_rows, block_cols] = image.block;
    let together = if image.is_tiled { 1 } else { (GROUP / block_len.max(1)).max(1) };
    let height = block_rows.saturating_mul(together);
    // Bands that have their own blocks are units of their own.
    let planes: Vec<(&[usize], ArrayViewMut3<'_, T>)> = if image.is_planar() {
        cut(out, Axis(0), part.bands.len(), 0..part.bands.len(), 1)
            .into_iter()
            .zip(part.bands.chunks(1))
            .map(|((_, out), bands)| (bands, out))
            .collect()
    } else {
        vec![(part.bands, out)]
    };
    let mut units = vec![];
    for (bands, out) in planes {
        for (rows, out) in cut(out, Axis(1), image.layout.height, part.rows.clone(), height) {
            for (cols, out) in cut(out, Axis(2), image.layout.width, part.cols.clone(), block_cols) {
                units.push(Unit { bands, rows: rows.clone(), cols, out });
            }
        }
    }
    units
}

/// Cuts an array along an axis, which shows `range` of `0..len`, at each multiple of `step`.
fn cut<T>(
    out: ArrayViewMut3<'_, T>,
    axis: Axis,
    len: usize,
    range: Range<usize>,
    step: usize,
) -> Vec<(Range<usize>, ArrayViewMut3<'_, T>)> {
    let mut pieces = vec![];
    let (mut start, mut rest) = (range.start, out);
    while start < range.end {
        let next = (start / step + 1).saturating_mul(step).min(len).min(range.end);
        let (piece, after) = rest.split_at(axis, next - start);
        pieces.push((start..next, piece));
        (start, rest) = (next, after);
    }
    pieces
}

impl<T: Pixel> Unit<'_, T> {
    fn read(mut self, tiff: &TiffFile, image: &Image, blocks: &Blocks<'_>, missing: T) -> Result<()> {
        let Some(&band) = self.bands.first() else { return Ok(()) };
        let [block_rows, block_cols] = image.block;
        let col = self.cols.start / block_cols;
        let rows = self.rows.start / block_rows..self.rows.end.div_ceil(block_rows);
        let left_out: Vec<usize> = rows.clone().filter(|row| blocks.is_missing(band, *row, col)).collect();
        if left_out.len() == rows.len() {
            self.out.fill(missing);
            return Ok(());
        }
        self.decode(tiff, image, band)?;
        for row in left_out {
            let start = (row * block_rows).max(self.rows.start) - self.rows.start;
            let end = ((row + 1) * block_rows).min(self.rows.end) - self.rows.start;
            self.out.slice_axis_mut(Axis(1), (start..end).into()).fill(missing);
        }
        Ok(())
    }

    fn decode(&mut self, tiff: &TiffFile, image: &Image, band: usize) -> Result<()> {
        let ifd = image.ifd(tiff)?;
        let (row, col, rows, cols) = (self.rows.start, self.cols.start, self.rows.len(), self.cols.len());
        let is_one = self.bands.len() == 1;
        let mut bytes = if image.is_converted {
            tiff.read_decoded_window_bytes_from_ifd(ifd, row, col, rows, cols)?
        } else if is_one {
            tiff.read_band_window_bytes_from_ifd(ifd, band, row, col, rows, cols)?
        } else {
            tiff.read_window_bytes_from_ifd(ifd, row, col, rows, cols)?
        };
        if image.is_swapped {
            bytes.chunks_exact_mut(image.pixel_type.size()).for_each(<[u8]>::reverse);
        }
        let pixels: Cow<'_, [T]> = match bytemuck::try_cast_slice(&bytes) {
            Ok(pixels) => Cow::Borrowed(pixels),
            Err(_) => Cow::Owned(bytemuck::pod_collect_to_vec(&bytes)),
        };
        let samples = if is_one && !image.is_converted { 1 } else { image.bands() };
        let decoded = ArrayView3::from_shape((rows, cols, samples), &pixels)
            .map_err(|_| error!(Malformed, "a block has {} pixels, not {}", pixels.len(), rows * cols * samples))?;
        for (band, mut out) in self.bands.iter().zip(self.out.outer_iter_mut()) {
            let sample = if samples == 1 { 0 } else { *band };
            out.assign(&decoded.index_axis(Axis(2), sample));
        }
        Ok(())
    }
}
