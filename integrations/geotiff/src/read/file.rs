//! An opened file: its images, and what it says about them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use geotiff_core::RasterType;
use tiff_reader::cache::BlockCache;
use tiff_reader::source::{BytesSource, FileSource, SharedSource};
use tiff_reader::{Ifd, ParseBudgets, TiffFile};

use crate::crs::{self, Crs};
use crate::error::{Result, error};
use crate::metadata::{self, BandMetadata};
use crate::read::grid::{Grid, grid};
use crate::read::image::{Block, Image};
use crate::read::source::{ByteRanges, Ranges};
use crate::read::sub_ifds::sub_ifds;
use crate::read::tags;

/// How to open a file.
///
/// # Examples
///
/// ```no_run
/// use ndraster_geotiff::OpenOptions;
///
/// let file = OpenOptions::new().max_bytes(16 << 30).open("world.tif")?;
/// # Ok::<(), ndraster_geotiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    max_bytes: usize,
    cache_bytes: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions { max_bytes: 1 << 30, cache_bytes: 16 << 20 }
    }
}

impl OpenOptions {
    /// Makes the options that [`GeoTiff::open`](crate::GeoTiff::open) has.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::OpenOptions;
    ///
    /// let options = OpenOptions::new().max_bytes(1 << 20);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many bytes of pixels one call may read, and one block may have: 1 GiB unless it is set.
    ///
    /// A file can claim any size with a few bytes. A call that needs more fails before it allocates them.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::Array2};
    /// use ndraster_geotiff::{ErrorKind, OpenOptions, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((1000, 1000)))?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let file = OpenOptions::new().max_bytes(500_000).from_bytes(bytes)?;
    /// assert_eq!(file.read().unwrap_err().kind(), ErrorKind::TooLarge);
    /// assert!(file.window(0..400, ..)?.read().is_ok());
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets how many bytes of decoded blocks are kept for the next windows: 16 MiB unless it is set. Kept are
    /// compressed blocks that a window shows in part.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::OpenOptions;
    ///
    /// let options = OpenOptions::new().cache_bytes(0); // each block is read once anyway
    /// ```
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// What the decoder may allocate for a file of so many bytes.
    fn budgets(self, len: u64) -> tiff_reader::OpenOptions {
        // Tags that do not overlap are no larger than their file.
        let most = usize::try_from(len).unwrap_or(usize::MAX).clamp(1 << 16, 1 << 30);
        tiff_reader::OpenOptions {
            block_cache_bytes: self.cache_bytes,
            block_cache_slots: CACHE_SLOTS,
            parse_budgets: ParseBudgets {
                max_ifds: 2_000,
                max_ifd_entries: 1 << 8,
                max_tag_value_bytes: most,
                max_metadata_value_bytes: most,
            },
            decode_output_bytes: self.max_bytes,
        }
    }
}

/// How many blocks are kept at most.
const CACHE_SLOTS: usize = 1 << 12;

/// An opened file.
pub(crate) struct File {
    /// The path, or nothing for a file that has none.
    pub(crate) name: String,
    pub(crate) tiff: TiffFile,
    /// Blocks that were decoded here. `tiff` keeps its own.
    pub(crate) cache: BlockCache,
    /// The source, if it is one of ranges.
    pub(crate) ranges: Option<Arc<Ranges>>,
    /// Blocks that a decoder may have, by their directory and their number.
    screened: Mutex<HashSet<(u64, usize)>>,
    pub(crate) max_bytes: usize,
    pub(crate) base: Level,
    pub(crate) overviews: Vec<Level>,
    pub(crate) crs: Crs,
    pub(crate) grid: Grid,
    pub(crate) is_point: bool,
    pub(crate) nodata: Option<String>,
    /// What it says of bands, where it says something.
    pub(crate) bands: BTreeMap<usize, BandMetadata>,
    pub(crate) alpha: Option<usize>,
}

/// An image and its mask.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) image: Image,
    pub(crate) mask: Option<Image>,
}

/// The kind of an image, by the bits of its subfile type.
const IS_REDUCED: u64 = 1;
const IS_MASK: u64 = 4;

impl File {
    pub(crate) fn open(path: &Path, options: OpenOptions) -> Result<Self> {
        let name = path.display().to_string();
        let open = || {
            // A pipe would wait for its writer.
            if !std::fs::metadata(path)?.is_file() {
                return Err(error!(Io, "it is no file"));
            }
            let source: SharedSource = Arc::new(FileSource::open(path)?);
            Self::of_source(source, None, name.clone(), options)
        };
        open().map_err(|e| e.in_file(&name))
    }

    pub(crate) fn of_bytes(bytes: Vec<u8>, options: OpenOptions) -> Result<Self> {
        Self::of_source(Arc::new(BytesSource::new(bytes)), None, String::new(), options)
    }

    pub(crate) fn of_ranges(ranges: impl ByteRanges + 'static, options: OpenOptions) -> Result<Self> {
        let ranges = Arc::new(Ranges::new(Box::new(ranges))?);
        Self::of_source(Arc::clone(&ranges) as SharedSource, Some(ranges), String::new(), options)
    }

    fn of_source(
        source: SharedSource,
        ranges: Option<Arc<Ranges>>,
        name: String,
        options: OpenOptions,
    ) -> Result<Self> {
        if source.len() < 8 {
            return Err(error!(NotTiff, "it has {} bytes, so it is no TIFF", source.len()));
        }
        let budgets = options.budgets(source.len());
        let tiff = TiffFile::from_source_with_options(source, budgets)?;
        if tiff.ifd_count() == 0 {
            return Err(error!(Malformed, "it has no image"));
        }
        let base = Image::chained(&tiff, 0)?;
        let ifd = base.ifd(&tiff)?;
        let keys = crs::geo_keys(ifd);
        let raster_type = crs::raster_type(keys.as_ref());
        let file = File {
            crs: crs::crs(keys.as_ref()),
            grid: grid(ifd, raster_type),
            is_point: raster_type == RasterType::PixelIsPoint,
            nodata: tags::text(ifd, tags::GDAL_NODATA).filter(|text| !text.trim().is_empty()).map(str::to_owned),
            bands: metadata::of_bands(tags::text(ifd, tags::GDAL_METADATA), base.bands()),
            alpha: base.alpha(&tiff)?,
            overviews: vec![],
            base: Level { image: base, mask: None },
            max_bytes: options.max_bytes,
            cache: BlockCache::new(options.cache_bytes, CACHE_SLOTS),
            ranges,
            screened: Mutex::default(),
            name,
            tiff,
        };
        Ok(file.with_further_images())
    }

    /// Finds overviews and masks: by their tag, in the chain and among the directories that the base refers to.
    fn with_further_images(mut self) -> Self {
        let chained = (1..self.tiff.ifd_count()).filter_map(|index| {
            let kind = self.tiff.ifd(index).ok().map(kind)?;
            Some((kind, Image::chained(&self.tiff, index).ok()?))
        });
        let base = self.base.image.ifd(&self.tiff).ok();
        let offsets = base.map(|ifd| sub_ifds(&self.tiff, ifd)).unwrap_or_default();
        // Tags that do not overlap are no larger than their file, all together.
        let mut room = self.tiff.source().len();
        // One that cannot be read ends them, as in GDAL. One that is no image of a known kind does not.
        let directories = offsets.into_iter().map_while(|offset| {
            let ifd = self.tiff.read_ifd_at_offset(offset).ok()?;
            room = room.checked_sub(ifd.tags().iter().map(tags::byte_len).fold(0, u64::saturating_add))?;
            Some(ifd)
        });
        let referred =
            directories.filter_map(|ifd| Some((kind(&ifd) | IS_REDUCED, Image::referred(&self.tiff, ifd).ok()?)));
        let mut masks = vec![];
        let mut overviews = vec![];
        for (kind, image) in chained.chain(referred) {
            if kind & IS_MASK != 0 {
                masks.push((kind & IS_REDUCED != 0, image));
            } else if kind & IS_REDUCED != 0 && self.is_overview(&image) {
                overviews.push(Level { image, mask: None });
            }
        }
        self.overviews = overviews;
        for (is_reduced, mask) in masks {
            let base = (!is_reduced).then_some(&mut self.base);
            let mut levels = base.into_iter().chain(&mut self.overviews);
            if let Some(level) = levels.find(|level| level.mask.is_none() && level.image.shape() == mask.shape()) {
                level.mask = Some(mask);
            }
        }
        self
    }

    fn is_overview(&self, image: &Image) -> bool {
        let base = &self.base.image;
        let is_smaller = image.shape().iter().zip(base.shape()).all(|(here, there)| *here <= there);
        is_smaller && image.bands() == base.bands() && image.pixel_type == base.pixel_type
    }

    /// Was the block looked at, and may a decoder have it?
    pub(crate) fn is_screened(&self, block: &Block) -> bool {
        self.screened().contains(&(block.directory, block.index))
    }

    pub(crate) fn set_screened(&self, block: &Block) {
        self.screened().insert((block.directory, block.index));
    }

    fn screened(&self) -> MutexGuard<'_, HashSet<(u64, usize)>> {
        // A thread that panicked left whole entries.
        self.screened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The base, or one of the overviews.
    pub(crate) fn level(&self, overview: Option<usize>) -> &Level {
        overview.and_then(|level| self.overviews.get(level)).unwrap_or(&self.base)
    }
}

fn kind(ifd: &Ifd) -> u64 {
    tags::number(ifd, tags::SUBFILE_TYPE).unwrap_or_default()
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File").field("name", &self.name).field("base", &self.base).finish_non_exhaustive()
    }
}
