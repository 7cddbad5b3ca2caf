//! Decodes a block by itself, where that is faster than the decoder of `tiff-reader`, or reads what that refuses and
//! GDAL does not: Deflate, LZW, PackBits and no compression, with any predictor.
//!
//! Most files are such files. Everything else, and every block that looks damaged, is left to `tiff-reader`, which
//! checks more.

use std::ops::Range;
use std::sync::Arc;

use tiff_reader::cache::{BlockCache, BlockKey, BlockKind};
use tiff_reader::{ByteOrder, Ifd, PhotometricInterpretation, TiffFile};

use crate::error::{Result, error};
use crate::read::compression::Compression;
use crate::read::image::{Block, Image};

/// How the bytes of a block become pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    compression: Compression,
    predictor: u16,
    is_swapped: bool,
}

impl Codec {
    /// Returns the codec of an image, if this module knows it.
    pub(crate) fn of(image: &Image, ifd: &Ifd, order: ByteOrder) -> Option<Self> {
        let compression = Compression::of(ifd.compression())?;
        let layout = image.layout;
        let is_whole = !layout.is_bit_packed() && ifd.fill_order() == 1;
        let is_subsampled = ifd.photometric_interpretation_enum() == Some(PhotometricInterpretation::YCbCr);
        let predictor = if compression.has_predictor() { layout.predictor } else { 1 };
        let is_known = match predictor {
            1 | 2 => true,
            3 => layout.sample_format == 3,
            _ => false,
        };
        let is_native = (order == ByteOrder::LittleEndian) == cfg!(target_endian = "little");
        (is_whole && !is_subsampled && is_known).then_some(Codec {
            compression,
            predictor,
            is_swapped: !is_native && layout.bytes_per_sample > 1,
        })
    }

    /// Are pixels stored without compression?
    pub(crate) fn is_stored(self) -> bool {
        self.compression == Compression::None
    }

    /// Reads rows of a block: the pixels of `rows`, all columns and samples, in the machine's byte order. Returns
    /// `None` for a block that is to be left to `tiff-reader`. A compressed block is decoded whole, and kept for the
    /// next call if `cache` is given.
    pub(crate) fn read<'a>(
        self,
        tiff: &TiffFile,
        cache: Option<&BlockCache>,
        block: &Block,
        rows: Range<usize>,
        scratch: &'a mut Vec<u8>,
    ) -> Result<Option<Rows<'a>>> {
        let len = block.row_len * block.rows;
        if self.is_stored() {
            if block.length < len as u64 {
                return Ok(None);
            }
            let start = block.offset.saturating_add((block.row_len * rows.start) as u64);
            *scratch = tiff.source().read_exact_at(start, block.row_len * rows.len())?;
            if self.is_swapped {
                swap(scratch, block.sample);
            }
            return Ok(Some(Rows { bytes: Bytes::Scratch(scratch), first: rows.start }));
        }
        let kind = if block.is_tile { BlockKind::Tile } else { BlockKind::Strip };
        let key = BlockKey { ifd_offset: block.directory, kind, block_index: block.index };
        if let Some(bytes) = cache.and_then(|cache| cache.get(&key)) {
            return Ok(Some(Rows { bytes: Bytes::Kept(bytes), first: 0 }));
        }
        let length = block.length_in(tiff).min(Compression::most(len));
        let compressed = tiff.source().read_exact_at(block.offset, length as usize)?;
        if !self.compression.decompress(&compressed, scratch, len) {
            return Ok(None);
        }
        for row in scratch.chunks_exact_mut(block.row_len) {
            if self.is_swapped && self.predictor != 3 {
                swap(row, block.sample);
            }
            match self.predictor {
                2 => integrate(row, block.sample, block.samples),
                3 => join(row, block.sample, block.samples)?,
                _ => {}
            }
        }
        let bytes = match cache {
            Some(cache) => Bytes::Kept(cache.insert(key, std::mem::take(scratch))),
            None => Bytes::Scratch(scratch),
        };
        Ok(Some(Rows { bytes, first: 0 }))
    }
}

/// Decoded rows of a block, from its row `first` on.
pub(crate) struct Rows<'a> {
    bytes: Bytes<'a>,
    pub(crate) first: usize,
}

enum Bytes<'a> {
    Kept(Arc<Vec<u8>>),
    Scratch(&'a [u8]),
}

impl Rows<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Kept(bytes) => bytes,
            Bytes::Scratch(bytes) => bytes,
        }
    }
}

fn swap(bytes: &mut [u8], sample: usize) {
    match sample {
        2 => bytes.as_chunks_mut::<2>().0.iter_mut().for_each(|bytes| bytes.reverse()),
        4 => bytes.as_chunks_mut::<4>().0.iter_mut().for_each(|bytes| bytes.reverse()),
        8 => bytes.as_chunks_mut::<8>().0.iter_mut().for_each(|bytes| bytes.reverse()),
        _ => {}
    }
}

/// Sums differences along a row, for each of the samples of a pixel (predictor 2).
fn integrate(row: &mut [u8], sample: usize, samples: usize) {
    macro_rules! sum {
        ($t:ty, $size:literal) => {{
            let (row, _) = row.as_chunks_mut::<$size>();
            if samples == 1 {
                let mut sum: $t = 0;
                for value in row {
                    sum = sum.wrapping_add(<$t>::from_ne_bytes(*value));
                    *value = sum.to_ne_bytes();
                }
            } else {
                let mut sums: Vec<$t> = vec![0; samples];
                for pixel in row.chunks_exact_mut(samples) {
                    for (sum, value) in sums.iter_mut().zip(pixel) {
                        *sum = sum.wrapping_add(<$t>::from_ne_bytes(*value));
                        *value = sum.to_ne_bytes();
                    }
                }
            }
        }};
    }
    match sample {
        1 => sum!(u8, 1),
        2 => sum!(u16, 2),
        4 => sum!(u32, 4),
        _ => sum!(u64, 8),
    }
}

/// Sums bytes along a row, and joins the first, second, ... bytes of its floats, which lie apart (predictor 3).
fn join(row: &mut [u8], sample: usize, samples: usize) -> Result<()> {
    integrate(row, 1, samples);
    let apart = row.to_vec();
    let plane = row.len() / sample;
    let planes: Vec<&[u8]> = apart.chunks_exact(plane.max(1)).collect();
    // The most significant bytes come first, whatever the byte order of the file is.
    match planes.as_slice() {
        [a, b, c, d] => {
            let bytes = a.iter().zip(*b).zip(c.iter().zip(*d));
            for (value, ((a, b), (c, d))) in row.as_chunks_mut::<4>().0.iter_mut().zip(bytes) {
                *value = u32::from_be_bytes([*a, *b, *c, *d]).to_ne_bytes();
            }
        }
        planes @ [_, _, _, _, _, _, _, _] => {
            for (index, value) in row.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                let mut bytes = [0; 8];
                for (byte, plane) in bytes.iter_mut().zip(planes) {
                    *byte = plane.get(index).copied().unwrap_or_default();
                }
                *value = u64::from_be_bytes(bytes).to_ne_bytes();
            }
        }
        _ => return Err(error!(Malformed, "predictor 3 is for floats of 32 and 64 bits")),
    }
    Ok(())
}
