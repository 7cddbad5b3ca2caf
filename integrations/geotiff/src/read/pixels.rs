//! Decodes the blocks of a part of an image, straight into the caller's array.
//!
//! The array is cut at the edges of blocks, so each block is decoded on its own, on any thread, and copied once to its
//! place. So the memory is the array, and one block a thread.

use std::borrow::Cow;
use std::ops::Range;

use ndraster::Pixel;
use ndraster::ndarray::{ArrayView3, ArrayViewMut3, Axis, s};

use crate::error::{Result, error};
use crate::parallel;
use crate::read::file::File;
use crate::read::image::{Block, Blocks, Image};
use crate::read::screen::screen;

/// Blocks are read together up to so many bytes, because some files have one for each row, or for each pixel.
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
    file: &File,
    image: &Image,
    part: &Part<'_>,
    missing: T,
    out: ArrayViewMut3<'_, T>,
) -> Result<()> {
    let limit = file.max_bytes;
    let block_len = image.block_len().filter(|bytes| *bytes <= limit).ok_or_else(|| {
        error!(
            TooLarge,
            "its blocks of {} x {} pixels take more than the limit of {limit} bytes each: raise it with \
             `OpenOptions::max_bytes`",
            image.block[0],
            image.block[1]
        )
    })?;
    let decoder = Decoder { file, image, blocks: image.blocks(&file.tiff)? };
    let units = units(image, part, block_len, out);
    // Each thread holds a block twice: decoded, and cut to its part.
    let is_parallel = block_len.saturating_mul(2 * parallel::threads()) <= limit;
    parallel::for_each(units, is_parallel, |scratch, unit| unit.read(decoder, missing, scratch))
}

/// What one thread decodes: a block, or some small ones, and its place in the array.
struct Unit<'a, T> {
    bands: &'a [usize],
    rows: Range<usize>,
    cols: Range<usize>,
    out: ArrayViewMut3<'a, T>,
}

fn units<'a, T>(image: &Image, part: &Part<'a>, block_len: usize, out: ArrayViewMut3<'a, T>) -> Vec<Unit<'a, T>> {
    let [block_rows, block_cols] = image.block;
    // As many blocks side by side as make a group, then as many rows of them.
    let count = (GROUP / block_len.max(1)).max(1);
    let across = count.min(image.layout.width.div_ceil(block_cols));
    let (height, width) = (block_rows.saturating_mul(count / across), block_cols.saturating_mul(across));
    // Bands that have their own blocks are units of their own.
    let planes: Vec<(&[usize], ArrayViewMut3<'_, T>)> = if image.is_planar() {
        cut(out, Axis(0), part.bands.len(), 0..part.bands.len(), 1)
            .zip(part.bands.chunks(1))
            .map(|((_, out), bands)| (bands, out))
            .collect()
    } else {
        vec![(part.bands, out)]
    };
    let mut units = vec![];
    for (bands, out) in planes {
        for (rows, out) in cut(out, Axis(1), image.layout.height, part.rows.clone(), height) {
            for (cols, out) in cut(out, Axis(2), image.layout.width, part.cols.clone(), width) {
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
) -> impl Iterator<Item = (Range<usize>, ArrayViewMut3<'_, T>)> {
    let (mut start, mut rest) = (range.start, Some(out));
    std::iter::from_fn(move || {
        if start >= range.end {
            return None;
        }
        let next = (start / step + 1).saturating_mul(step).min(len).min(range.end);
        let (piece, after) = rest.take()?.split_at(axis, next - start);
        rest = Some(after);
        let piece = (start..next, piece);
        start = next;
        Some(piece)
    })
}

/// What decodes the blocks of an image.
#[derive(Clone, Copy)]
struct Decoder<'a> {
    file: &'a File,
    image: &'a Image,
    blocks: Blocks<'a>,
}

impl<T: Pixel> Unit<'_, T> {
    /// Reads the blocks of the unit.
    fn read(self, decoder: Decoder<'_>, missing: T, scratch: &mut Vec<u8>) -> Result<()> {
        let Some(&band) = self.bands.first() else { return Ok(()) };
        let ([block_rows, block_cols], layout) = (decoder.image.block, decoder.image.layout);
        for (rows, out) in cut(self.out, Axis(1), layout.height, self.rows, block_rows) {
            for (cols, mut out) in cut(out, Axis(2), layout.width, self.cols.clone(), block_cols) {
                match decoder.blocks.find(band, rows.start / block_rows, cols.start / block_cols)? {
                    None => out.fill(missing),
                    Some(block) => decoder.decode(&block, self.bands, rows.clone(), cols, out, scratch)?,
                }
            }
        }
        Ok(())
    }
}

impl Decoder<'_> {
    /// Decodes a part of a block into its place.
    fn decode<T: Pixel>(
        &self,
        block: &Block,
        bands: &[usize],
        rows: Range<usize>,
        cols: Range<usize>,
        out: ArrayViewMut3<'_, T>,
        scratch: &mut Vec<u8>,
    ) -> Result<()> {
        let [block_rows, block_cols] = self.image.block;
        let (top, left) = (rows.start / block_rows * block_rows, cols.start / block_cols * block_cols);
        let within = rows.start - top..rows.end - top;
        // What is shown whole is not asked for again soon; of the rest, the next window may show more.
        let is_whole = within.len() == block.rows.min(self.image.layout.height - top)
            && cols.len() == block_cols.min(self.image.layout.width - left)
            && bands.len() >= block.samples;
        let cache = (!is_whole).then_some(&self.file.cache);
        let read = match self.image.codec {
            Some(codec) => codec.read(&self.file.tiff, cache, block, within.clone(), scratch)?,
            None => None,
        };
        if let Some(decoded) = read {
            let shown = [within.start - decoded.first..within.end - decoded.first, cols.start - left..cols.end - left];
            return place(decoded.bytes(), [block_cols, block.samples], shown, bands, out);
        }
        let (tiff, image) = (&self.file.tiff, self.image);
        let ifd = image.ifd(tiff)?;
        screen(self.file, image, ifd, block)?;
        let band = match bands {
            [band] if !image.is_converted => Some(*band),
            _ => None,
        };
        let mut bytes = match band {
            _ if image.is_converted => {
                tiff.read_decoded_window_bytes_from_ifd(ifd, rows.start, cols.start, rows.len(), cols.len())?
            }
            Some(band) => {
                tiff.read_band_window_bytes_from_ifd(ifd, band, rows.start, cols.start, rows.len(), cols.len())?
            }
            None => tiff.read_window_bytes_from_ifd(ifd, rows.start, cols.start, rows.len(), cols.len())?,
        };
        if image.is_swapped {
            bytes.chunks_exact_mut(image.pixel_type.size()).for_each(<[u8]>::reverse);
        }
        let samples = if band.is_some() { 1 } else { image.bands() };
        place(&bytes, [cols.len(), samples], [0..rows.len(), 0..cols.len()], bands, out)
    }
}

/// Copies some rows and columns of decoded pixels, of so many columns and samples, into their place: these bands of
/// them, or the one that they have.
fn place<T: Pixel>(
    bytes: &[u8],
    [width, samples]: [usize; 2],
    [rows, cols]: [Range<usize>; 2],
    bands: &[usize],
    mut out: ArrayViewMut3<'_, T>,
) -> Result<()> {
    let pixels: Cow<'_, [T]> = match bytemuck::try_cast_slice(bytes) {
        Ok(pixels) => Cow::Borrowed(pixels),
        Err(_) => Cow::Owned(bytemuck::pod_collect_to_vec(bytes)),
    };
    let height = pixels.len() / (width * samples).max(1);
    let decoded = ArrayView3::from_shape((height, width, samples), &pixels)
        .map_err(|_| error!(Malformed, "a block has {} pixels, not {height} x {width} x {samples}", pixels.len()))?;
    if rows.end > height || cols.end > width {
        return Err(error!(Malformed, "a block has {height} x {width} pixels, not {} x {}", rows.end, cols.end));
    }
    let shown = decoded.slice_move(s![rows, cols, ..]);
    for (band, mut out) in bands.iter().zip(out.outer_iter_mut()) {
        let sample = if samples == 1 { 0 } else { *band };
        out.assign(&shown.index_axis(Axis(2), sample));
    }
    Ok(())
}
