//! Puts directories and blocks into a file: directories first, then the blocks of the smallest overview, and so on up
//! to the image.
//!
//! A directory has the offset of each block, which is known once the blocks before it are compressed. Its size is known
//! before. So the place of the directories is left free, blocks are written as they are compressed, and the directories
//! come last.

use std::io::{Seek, SeekFrom, Write};

use ndraster::ndarray::{Array3, ArrayView2, s};
use ndraster::{Pixel, PixelType};
use tiff_core::{ByteOrder, PhotometricInterpretation, PlanarConfiguration, Tag, TagValue};
use tiff_writer::compress::{BlockEncodingOptions, compress_block};
use tiff_writer::{ImageBuilder, TiffWriteSample, encoder};

use geotiff_core::{RasterType, tags};

use crate::error::{Result, error};
use crate::metadata;
use crate::parallel;
use crate::read::tags::{GDAL_METADATA, GDAL_NODATA};
use crate::write::options::{Interleave, WriteOptions};
use crate::write::source::Metadata;

const ORDER: ByteOrder = ByteOrder::LittleEndian;

/// Whether a file keeps the promises of a COG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Structure {
    Plain,
    Cog,
}

/// What GDAL's readers look for at the start of a COG: which promises the file keeps. Each block has its length before
/// it, and its last four bytes once more behind it.
const PROMISES: &str = "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n\
                        BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";

/// Above so many bytes of pixels the offsets of a classic TIFF, which have 32 bits, may not suffice.
const CLASSIC: u64 = 3 << 30;

/// Tiles up to this size are as large as the options say, even if the image is smaller.
const SMALL_TILE: u32 = 512;

/// A file that can be written: its images, the largest first.
pub(crate) struct Planned<'a> {
    metadata: &'a Metadata,
    options: &'a WriteOptions,
    structure: Structure,
    bands: usize,
    shapes: Vec<[usize; 2]>,
    /// The rows and columns of a tile.
    tile: u32,
    is_big: bool,
}

impl<'a> Planned<'a> {
    pub(crate) fn new(
        metadata: &'a Metadata,
        options: &'a WriteOptions,
        structure: Structure,
        [bands, rows, cols]: [usize; 3],
    ) -> Result<Self> {
        let mut shapes = vec![[rows, cols]];
        let needed = rows.max(cols).checked_next_multiple_of(16).and_then(|side| u32::try_from(side).ok());
        let side = options.tile.min(needed.unwrap_or(u32::MAX).max(SMALL_TILE));
        let tile = side as usize;
        if structure == Structure::Cog && options.has_overviews {
            let mut factor = 2;
            while rows.div_ceil(factor / 2) > tile || cols.div_ceil(factor / 2) > tile {
                shapes.push([rows.div_ceil(factor), cols.div_ceil(factor)]);
                factor *= 2;
            }
        }
        let bytes = shapes
            .iter()
            .map(|[rows, cols]| padded(*rows, tile) * padded(*cols, tile) * (bands * metadata.pixel_type.size()) as u64)
            .sum::<u64>();
        Ok(Planned {
            metadata,
            options,
            structure,
            bands,
            shapes,
            tile: side,
            is_big: options.is_big || bytes > CLASSIC,
        })
    }

    /// Refuses what a TIFF cannot hold.
    pub(crate) fn check<T: TiffWriteSample>(&self) -> Result<()> {
        for index in 0..self.shapes.len() {
            self.directory::<T>(index, &[], &[])?;
        }
        Ok(())
    }

    pub(crate) fn overview_shapes(&self) -> Vec<[usize; 2]> {
        self.shapes.iter().skip(1).copied().collect()
    }

    /// The tags of an image, with these offsets and lengths of its blocks. Without them the tags have the same size.
    fn directory<T: TiffWriteSample>(&self, index: usize, offsets: &[u64], lengths: &[u64]) -> Result<Vec<Tag>> {
        let builder = self.builder::<T>(index)?;
        let mut tags = builder.checked_build_tags(self.is_big)?;
        let (offsets_code, lengths_code) = builder.offset_tag_codes();
        for tag in &mut tags {
            let list = match tag.code {
                code if code == offsets_code => offsets,
                code if code == lengths_code => lengths,
                _ => continue,
            };
            if !list.is_empty() {
                *tag = Tag::new(tag.code, self.list(list)?);
            }
        }
        Ok(tags)
    }

    fn list(&self, numbers: &[u64]) -> Result<TagValue> {
        if self.is_big {
            return Ok(TagValue::Long8(numbers.to_vec()));
        }
        let short: Option<Vec<u32>> = numbers.iter().map(|number| u32::try_from(*number).ok()).collect();
        short.map(TagValue::Long).ok_or_else(|| {
            error!(Unsupported, "the compressed pixels have more than 4 GiB: use `WriteOptions::big_tiff`")
        })
    }

    fn builder<T: TiffWriteSample>(&self, index: usize) -> Result<ImageBuilder> {
        let too_large = |what: &str, count: usize| error!(Unsupported, "{count} {what} are more than a TIFF holds");
        let Some([rows, cols]) = self.shapes.get(index).copied() else {
            return Err(error!(Argument, "no image {index}"));
        };
        let height = u32::try_from(rows).map_err(|_| too_large("rows", rows))?;
        let width = u32::try_from(cols).map_err(|_| too_large("columns", cols))?;
        let bands = u16::try_from(self.bands).map_err(|_| too_large("bands", self.bands))?;
        let is_rgb = self.bands == 3 && self.metadata.pixel_type == PixelType::UInt8;
        let mut builder = ImageBuilder::new(width, height)
            .sample_type::<T>()
            .samples_per_pixel(bands)
            .compression(self.options.codec())
            .predictor(self.predictor())
            .planar_configuration(self.planar_configuration())
            .photometric(if is_rgb { PhotometricInterpretation::Rgb } else { PhotometricInterpretation::MinIsBlack })
            .tiles(self.tile, self.tile);
        if let Some(nodata) = &self.metadata.nodata {
            builder = builder.tag(Tag::new(GDAL_NODATA, TagValue::Ascii(nodata.clone())));
        }
        if index > 0 {
            return Ok(builder.overview());
        }
        for tag in self.tags_of_place()? {
            builder = builder.tag(tag);
        }
        let names: Vec<Option<&str>> = self.metadata.names.iter().map(Option::as_deref).collect();
        if let Some(xml) = metadata::to_xml(&names) {
            builder = builder.tag(Tag::new(GDAL_METADATA, TagValue::Ascii(xml)));
        }
        Ok(builder)
    }

    fn tags_of_place(&self) -> Result<Vec<Tag>> {
        let Some(place) = self.metadata.place else { return Ok(vec![]) };
        let mut list = match place.to_tiepoint_and_scale_with_raster_type(RasterType::PixelIsArea) {
            Some((tie, scale)) => vec![
                Tag::new(tags::TAG_MODEL_PIXEL_SCALE, TagValue::Double(scale.to_vec())),
                Tag::new(tags::TAG_MODEL_TIEPOINT, TagValue::Double(tie.to_vec())),
            ],
            None => {
                let matrix = place.to_transformation_matrix().to_vec();
                vec![Tag::new(tags::TAG_MODEL_TRANSFORMATION, TagValue::Double(matrix))]
            }
        };
        let Some(keys) = &self.metadata.keys else { return Ok(list) };
        let (directory, doubles, ascii) = keys.serialize().map_err(|e| error!(Crs, "{e}"))?;
        list.push(Tag::new(tags::TAG_GEO_KEY_DIRECTORY, TagValue::Short(directory)));
        if !doubles.is_empty() {
            list.push(Tag::new(tags::TAG_GEO_DOUBLE_PARAMS, TagValue::Double(doubles)));
        }
        if !ascii.is_empty() {
            list.push(Tag::new(tags::TAG_GEO_ASCII_PARAMS, TagValue::Ascii(ascii)));
        }
        Ok(list)
    }

    fn predictor(&self) -> tiff_core::Predictor {
        let is_float = matches!(self.metadata.pixel_type, PixelType::Float32 | PixelType::Float64);
        self.options.predictor(is_float)
    }

    fn planar_configuration(&self) -> PlanarConfiguration {
        if self.is_planar() { PlanarConfiguration::Planar } else { PlanarConfiguration::Chunky }
    }

    fn is_planar(&self) -> bool {
        self.options.interleave == Interleave::Band && self.bands > 1
    }

    /// What stands between the header and the first directory.
    fn prefix(&self) -> String {
        match self.structure {
            Structure::Plain => String::new(),
            Structure::Cog => format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{PROMISES}", PROMISES.len()),
        }
    }

    pub(crate) fn write<T: Pixel + TiffWriteSample, W: Write + Seek>(
        &self,
        image: &[ArrayView2<'_, T>],
        overviews: &[Array3<T>],
        mut writer: W,
    ) -> Result<W> {
        encoder::write_header(&mut writer, ORDER, self.is_big)?;
        writer.write_all(self.prefix().as_bytes())?;
        let first = even(encoder::header_len(self.is_big) + self.prefix().len() as u64);
        let mut places = vec![];
        let mut at = first;
        for index in 0..self.shapes.len() {
            places.push(at);
            at = even(at + encoder::estimate_ifd_size(ORDER, self.is_big, &self.directory::<T>(index, &[], &[])?)?);
        }
        // Blocks: the smallest image first.
        writer.seek(SeekFrom::Start(at))?;
        let mut lists = vec![];
        for smaller in overviews.iter().rev() {
            let views: Vec<ArrayView2<'_, T>> = smaller.outer_iter().collect();
            lists.push(self.write_blocks(&views, &mut at, &mut writer)?);
        }
        lists.push(self.write_blocks(image, &mut at, &mut writer)?);
        lists.reverse();
        let mut pointer = None;
        for (index, (place, (offsets, lengths))) in places.iter().zip(&lists).enumerate() {
            let tags = self.directory::<T>(index, offsets, lengths)?;
            writer.seek(SeekFrom::Start(*place))?;
            let written = encoder::write_ifd(&mut writer, ORDER, self.is_big, &tags, 0, 0, offsets.len())?;
            match pointer {
                None => encoder::patch_first_ifd(&mut writer, 0, ORDER, self.is_big, *place)?,
                Some(pointer) => encoder::patch_next_ifd(&mut writer, ORDER, self.is_big, pointer, *place)?,
            }
            pointer = Some(written.next_ifd_pointer_offset);
        }
        writer.seek(SeekFrom::Start(at))?;
        writer.flush()?;
        Ok(writer)
    }

    /// Writes the blocks of an image, row by row. Returns where each is, and how long.
    fn write_blocks<T: Pixel + TiffWriteSample, W: Write>(
        &self,
        image: &[ArrayView2<'_, T>],
        at: &mut u64,
        writer: &mut W,
    ) -> Result<(Vec<u64>, Vec<u64>)> {
        let tile = self.tile as usize;
        let Some([rows, cols]) = image.first().map(|band| [band.nrows(), band.ncols()]) else {
            return Ok((vec![], vec![]));
        };
        let planes: Vec<&[ArrayView2<'_, T>]> = if self.is_planar() { image.chunks(1).collect() } else { vec![image] };
        let corners = planes.iter().flat_map(|plane| {
            (0..rows).step_by(tile).flat_map(move |row| (0..cols).step_by(tile).map(move |col| (*plane, row, col)))
        });
        let corners: Vec<_> = corners.enumerate().collect();
        let (mut offsets, mut lengths) = (vec![], vec![]);
        for some in corners.chunks(4 * parallel::threads()) {
            let blocks =
                parallel::map(some.to_vec(), |(index, (plane, row, col))| self.encode(plane, row, col, index))?;
            for block in blocks {
                let length = block.len() as u64;
                let (leader, trailer) = match self.structure {
                    Structure::Plain => (vec![], &[][..]),
                    Structure::Cog => {
                        let leader =
                            u32::try_from(length).map_err(|_| error!(Unsupported, "a block has {length} bytes"))?;
                        (leader.to_le_bytes().to_vec(), block.last_chunk::<4>().map_or(&block[..], |last| &last[..]))
                    }
                };
                writer.write_all(&leader)?;
                writer.write_all(&block)?;
                writer.write_all(trailer)?;
                offsets.push(*at + leader.len() as u64);
                lengths.push(length);
                *at += (leader.len() + trailer.len()) as u64 + length;
            }
        }
        Ok((offsets, lengths))
    }

    /// Compresses the block of some bands whose first pixel is at (row, col). Beyond the image it has zeros.
    fn encode<T: Pixel + TiffWriteSample>(
        &self,
        bands: &[ArrayView2<'_, T>],
        row: usize,
        col: usize,
        index: usize,
    ) -> Result<Vec<u8>> {
        let (tile, samples) = (self.tile as usize, bands.len());
        let mut pixels = vec![T::default(); tile * tile * samples];
        for (sample, band) in bands.iter().enumerate() {
            let (bottom, right) = (band.nrows().min(row + tile), band.ncols().min(col + tile));
            let part = band.slice(s![row..bottom, col..right]);
            for (line, out) in part.rows().into_iter().zip(pixels.chunks_exact_mut(tile * samples)) {
                match (samples, line.as_slice()) {
                    (1, Some(line)) => out[..line.len()].copy_from_slice(line),
                    _ => out.iter_mut().skip(sample).step_by(samples).zip(line).for_each(|(out, pixel)| *out = *pixel),
                }
            }
        }
        let options = BlockEncodingOptions {
            byte_order: ORDER,
            compression: self.options.codec(),
            predictor: self.predictor(),
            samples_per_pixel: samples as u16,
            row_width_pixels: tile,
            jpeg_options: None,
            jpeg_sampling: None,
            deflate_level: self.options.deflate_level(),
        };
        Ok(compress_block(&pixels, options, index)?)
    }
}

/// So many rows or columns, as whole tiles.
fn padded(extent: usize, tile: usize) -> u64 {
    extent.div_ceil(tile) as u64 * tile as u64
}

/// Directories start at even offsets.
fn even(offset: u64) -> u64 {
    offset.next_multiple_of(2)
}
