//! One image of a file: the pixels of the base, of an overview or of a mask, and the blocks that they lie in.

use ndraster::PixelType;
use tiff_reader::constants::{TAG_STRIP_BYTE_COUNTS, TAG_STRIP_OFFSETS, TAG_TILE_BYTE_COUNTS, TAG_TILE_OFFSETS};
use tiff_reader::{ByteOrder, ExtraSample, Ifd, PhotometricInterpretation, RasterLayout, TagValue, TiffFile};

use crate::error::{Result, error};
use crate::pixel_type::pixel_type;
use crate::read::decode::Codec;
use crate::read::tags;

/// The codec whose colours a reader converts, as GDAL does: JPEG of YCbCr.
pub(crate) const JPEG: u16 = 7;

pub(crate) const LERC: u16 = 34887;

const PACK_BITS: u16 = 32773;

/// One image of a file.
#[derive(Debug)]
pub(crate) struct Image {
    directory: Directory,
    pub(crate) layout: RasterLayout,
    pub(crate) pixel_type: PixelType,
    /// The rows and columns of a block.
    pub(crate) block: [usize; 2],
    pub(crate) is_tiled: bool,
    /// Does the reader convert YCbCr to RGB?
    pub(crate) is_converted: bool,
    /// How blocks are decoded here, if not by `tiff-reader`.
    pub(crate) codec: Option<Codec>,
    /// Are the bytes of each decoded pixel in the wrong order? The decoder leaves LERC's as the file has them.
    pub(crate) is_swapped: bool,
}

/// Where the tags are: in the chain of directories, or in one that the base refers to.
#[derive(Debug)]
enum Directory {
    Chained(usize),
    Referred(Box<Ifd>),
}

impl Image {
    /// The image of a directory of the file's chain.
    pub(crate) fn chained(tiff: &TiffFile, index: usize) -> Result<Self> {
        Self::new(Directory::Chained(index), tiff.byte_order(), tiff.ifd(index)?)
    }

    /// The image of a directory that is not in the chain.
    pub(crate) fn referred(tiff: &TiffFile, ifd: Ifd) -> Result<Self> {
        let mut image = Self::new(Directory::Chained(0), tiff.byte_order(), &ifd)?;
        image.directory = Directory::Referred(Box::new(ifd));
        Ok(image)
    }

    fn new(directory: Directory, order: ByteOrder, ifd: &Ifd) -> Result<Self> {
        let is_converted = ifd.compression() == JPEG
            && ifd.photometric_interpretation_enum() == Some(PhotometricInterpretation::YCbCr);
        let layout = if is_converted { ifd.decoded_raster_layout()? } else { ifd.raster_layout()? };
        let pixel_type = pixel_type(&layout)?;
        let is_tiled = ifd.is_tiled();
        let block = if is_tiled {
            [ifd.tile_height(), ifd.tile_width()].map(|extent| extent.unwrap_or_default() as usize)
        } else {
            [(ifd.rows_per_strip() as usize).min(layout.height), layout.width]
        };
        if block.contains(&0) {
            return Err(error!(Malformed, "its blocks have {} rows and {} columns", block[0], block[1]));
        }
        let native = if cfg!(target_endian = "little") { ByteOrder::LittleEndian } else { ByteOrder::BigEndian };
        let is_swapped = ifd.compression() == LERC && order != native;
        let mut image = Image { directory, layout, pixel_type, block, is_tiled, is_converted, codec: None, is_swapped };
        image.codec = Codec::of(&image, ifd, order);
        if image.codec.is_none() && ifd.compression() == PACK_BITS && layout.predictor != 1 {
            return Err(error!(Unsupported, "its compression, PACKBITS, has no predictor, and its tags name one"));
        }
        Ok(image)
    }

    pub(crate) fn ifd<'a>(&'a self, tiff: &'a TiffFile) -> Result<&'a Ifd> {
        Ok(match &self.directory {
            Directory::Chained(index) => tiff.ifd(*index)?,
            Directory::Referred(ifd) => ifd,
        })
    }

    /// Rows and columns.
    pub(crate) fn shape(&self) -> [usize; 2] {
        [self.layout.height, self.layout.width]
    }

    pub(crate) fn bands(&self) -> usize {
        self.layout.samples_per_pixel
    }

    /// Does each band have blocks of its own?
    pub(crate) fn is_planar(&self) -> bool {
        self.layout.planar_configuration == 2 && !self.is_converted
    }

    /// Are pixels stored without compression?
    fn is_stored(&self) -> bool {
        self.codec.is_some_and(Codec::is_stored)
    }

    /// The bytes of one decoded block.
    pub(crate) fn block_len(&self) -> Option<usize> {
        let samples = if self.is_planar() { 1 } else { self.bands() };
        self.block.into_iter().chain([samples]).try_fold(self.pixel_type.size(), usize::checked_mul)
    }

    /// Finds the band that says how opaque a pixel is: the last one of two or of four, as in GDAL. In other files such a band
    /// is one like the others.
    pub(crate) fn alpha(&self, tiff: &TiffFile) -> Result<Option<usize>> {
        let extra = self.ifd(tiff)?.extra_samples().unwrap_or_default();
        let is_alpha = matches!(extra.last(), Some(ExtraSample::AssociatedAlpha | ExtraSample::UnassociatedAlpha));
        let is_image = matches!(self.bands(), 2 | 4) && matches!(self.pixel_type, PixelType::UInt8 | PixelType::UInt16);
        Ok((is_alpha && is_image).then(|| self.bands() - 1))
    }

    /// The lists of where the blocks are.
    pub(crate) fn blocks<'a>(&'a self, tiff: &'a TiffFile) -> Result<Blocks<'a>> {
        let ifd = self.ifd(tiff)?;
        // Some writers put the places of tiles into the tags for strips. Either list has one meaning.
        let list = |tiles, strips| {
            let [first, second] = if self.is_tiled { [tiles, strips] } else { [strips, tiles] };
            ifd.tag(first).or_else(|| ifd.tag(second)).map(|tag| &tag.value)
        };
        let [rows, cols] = self.shape();
        Ok(Blocks {
            lists: [list(TAG_TILE_OFFSETS, TAG_STRIP_OFFSETS), list(TAG_TILE_BYTE_COUNTS, TAG_STRIP_BYTE_COUNTS)],
            image: self,
            directory: ifd.offset(),
            down: rows.div_ceil(self.block[0]),
            across: cols.div_ceil(self.block[1]),
        })
    }
}

/// Where the blocks of an image are in the file.
#[derive(Clone, Copy)]
pub(crate) struct Blocks<'a> {
    lists: [Option<&'a TagValue>; 2],
    image: &'a Image,
    directory: u64,
    down: usize,
    across: usize,
}

/// A block in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) directory: u64,
    pub(crate) index: usize,
    pub(crate) is_tile: bool,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// The rows that are stored: the last strip is shorter, tiles are not.
    pub(crate) rows: usize,
    /// The bytes of a row.
    pub(crate) row_len: usize,
    /// The bytes of a sample, and how many samples a pixel of the block has.
    pub(crate) sample: usize,
    pub(crate) samples: usize,
}

impl Block {
    /// The length of a block of which the file does not say how long it is: up to the end of the file.
    const UNKNOWN: u64 = u64::MAX;

    /// How many bytes of the file may belong to it.
    pub(crate) fn length_in(&self, tiff: &TiffFile) -> u64 {
        match self.length {
            Self::UNKNOWN => tiff.source().len().saturating_sub(self.offset),
            length => length,
        }
    }
}

impl Blocks<'_> {
    /// Finds the block of a band at a row and a column of blocks, or `None` if the writer left it out. All its pixels
    /// are nodata then.
    pub(crate) fn find(&self, band: usize, row: usize, col: usize) -> Result<Option<Block>> {
        let image = self.image;
        let plane = if image.is_planar() { band } else { 0 };
        let index = plane.saturating_mul(self.down).saturating_add(row).saturating_mul(self.across).saturating_add(col);
        let [offset, length] = self.lists.map(|list| list.and_then(|list| tags::entry(list, index)));
        let offset =
            offset.ok_or_else(|| error!(Malformed, "its list of where the blocks are ends before block {index}"))?;
        if offset == 0 {
            return Ok(None);
        }
        let [block_rows, block_cols] = image.block;
        let samples = if image.is_planar() { 1 } else { image.bands() };
        let sample = image.pixel_type.size();
        let rows = if image.is_tiled { block_rows } else { block_rows.min(image.layout.height - row * block_rows) };
        let row_len = block_cols * samples * sample;
        // A wrong length of the only block is ignored, as in GDAL, which works out what it must be.
        let is_alone = (self.down, self.across, samples) == (1, 1, image.bands());
        let is_short = |length: u64| length == 0 || image.is_stored() && length < (row_len * rows) as u64;
        let length = length.filter(|length| !(is_alone && is_short(*length))).unwrap_or(Block::UNKNOWN);
        if length == 0 {
            return Ok(None);
        }
        Ok(Some(Block {
            directory: self.directory,
            index,
            is_tile: image.is_tiled,
            offset,
            length,
            rows,
            row_len,
            sample,
            samples,
        }))
    }
}
