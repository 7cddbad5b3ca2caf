//! What a caller chooses about a file.

use tiff_core::Predictor;

use crate::crs::CrsKind;
use crate::error::{Result, error};
use crate::write::layout::Structure;

/// How to write a file. The defaults fit most: Deflate with the predictor of the pixel type, in tiles of 512 x 512.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{Compression, Resampling, WriteOptions};
///
/// let options = WriteOptions::new()
///     .compression(Compression::Zstd)
///     .tile_size(256)
///     .resampling(Resampling::Average);
/// ```
#[derive(Clone, Debug)]
pub struct WriteOptions {
    pub(crate) compression: Compression,
    pub(crate) level: Option<u32>,
    pub(crate) has_predictor: bool,
    pub(crate) tile: u32,
    pub(crate) interleave: Interleave,
    pub(crate) resampling: Resampling,
    pub(crate) has_crs: bool,
    pub(crate) crs_kind: Option<CrsKind>,
    pub(crate) has_overviews: bool,
    pub(crate) is_big: bool,
}

/// How blocks are compressed, without loss.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{Compression, WriteOptions};
///
/// let options = WriteOptions::new().compression(Compression::None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// As they are.
    None,
    /// LZW, which the oldest readers know.
    Lzw,
    /// Deflate (zlib), which every reader knows.
    #[default]
    Deflate,
    /// Zstandard, at its fastest level: larger files than Deflate, written in less time.
    Zstd,
}

/// Whether the bands of a pixel are stored together.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{Interleave, WriteOptions};
///
/// let options = WriteOptions::new().interleave(Interleave::Band);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Interleave {
    /// Pixel by pixel: all bands of a window are read at once.
    #[default]
    Pixel,
    /// Band by band: one band is read without the others.
    Band,
}

/// How the pixels of overviews are made.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{Resampling, WriteOptions};
///
/// let options = WriteOptions::new().resampling(Resampling::Average);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resampling {
    /// The pixel in the centre, so that no value appears that was not there: for classes, and the default.
    #[default]
    Nearest,
    /// The mean of the pixels that are not nodata, rounded to the nearest one: for measurements and photographs. Where
    /// it equals nodata, the next larger pixel stands for it, as in GDAL.
    Average,
}

impl Default for WriteOptions {
    fn default() -> Self {
        WriteOptions {
            compression: Compression::Deflate,
            level: None,
            has_predictor: true,
            tile: 512,
            interleave: Interleave::Pixel,
            resampling: Resampling::Nearest,
            has_crs: true,
            crs_kind: None,
            has_overviews: true,
            is_big: false,
        }
    }
}

impl WriteOptions {
    /// Makes the default options.
    ///
    /// # Examples
    ///
    /// See [`WriteOptions`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the compression: [`Compression::Deflate`] unless it is set.
    ///
    /// # Examples
    ///
    /// See [`WriteOptions`].
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the level of Deflate, from 1 (fast) to 9 (small): 6 unless it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::WriteOptions;
    ///
    /// let options = WriteOptions::new().level(9);
    /// ```
    #[doc(alias = "zlevel")]
    pub fn level(mut self, level: u32) -> Self {
        self.level = Some(level);
        self
    }

    /// Compresses pixels themselves, rather than differences of neighbours. For values without neighbourhood, such as
    /// random ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::WriteOptions;
    ///
    /// let options = WriteOptions::new().without_predictor();
    /// ```
    pub fn without_predictor(mut self) -> Self {
        self.has_predictor = false;
        self
    }

    /// Sets the rows and columns of a tile, a multiple of 16: 512 unless it is set.
    ///
    /// Tiles of more than 512 are no larger than the image needs.
    ///
    /// # Examples
    ///
    /// See [`WriteOptions`].
    #[doc(alias = "blocksize")]
    pub fn tile_size(mut self, pixels: u32) -> Self {
        self.tile = pixels;
        self
    }

    /// Sets whether the bands of a pixel are stored together: [`Interleave::Pixel`] unless it is set.
    ///
    /// # Examples
    ///
    /// See [`Interleave`].
    pub fn interleave(mut self, interleave: Interleave) -> Self {
        self.interleave = interleave;
        self
    }

    /// Sets how the pixels of overviews are made: [`Resampling::Nearest`] unless it is set.
    ///
    /// # Examples
    ///
    /// See [`Resampling`].
    pub fn resampling(mut self, resampling: Resampling) -> Self {
        self.resampling = resampling;
        self
    }

    /// Leaves overviews out of a COG.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::WriteOptions;
    ///
    /// let options = WriteOptions::new().without_overviews();
    /// ```
    pub fn without_overviews(mut self) -> Self {
        self.has_overviews = false;
        self
    }

    /// Writes a BigTIFF, whatever the size. Without this it is one above 3 GiB of pixels, which may be more than the 4 GiB
    /// of a classic TIFF once they are compressed.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?;
    /// let options = WriteOptions::new().big_tiff();
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &options)?.into_inner();
    /// assert_eq!(bytes[..4], *b"II\x2b\0");
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    #[doc(alias = "BIGTIFF")]
    pub fn big_tiff(mut self) -> Self {
        self.is_big = true;
        self
    }

    /// Leaves the CRS out, for a raster whose CRS has no EPSG code.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{ErrorKind, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_crs("+proj=sinu +R=6371007.181");
    /// let writer = || std::io::Cursor::new(vec![]);
    /// assert_eq!(write_geotiff_to(&raster, writer(), &WriteOptions::new()).unwrap_err().kind(), ErrorKind::Crs);
    /// assert!(write_geotiff_to(&raster, writer(), &WriteOptions::new().without_crs()).is_ok());
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn without_crs(mut self) -> Self {
        self.has_crs = false;
        self
    }

    /// Says what the code of the CRS is, for a code that the list of EPSG's codes here lacks: the newest ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{CrsKind, ErrorKind, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_crs("EPSG:8857"); // Equal Earth
    /// let writer = || std::io::Cursor::new(vec![]);
    /// assert_eq!(write_geotiff_to(&raster, writer(), &WriteOptions::new()).unwrap_err().kind(), ErrorKind::Crs);
    /// let options = WriteOptions::new().crs_kind(CrsKind::Projected);
    /// assert!(write_geotiff_to(&raster, writer(), &options).is_ok());
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn crs_kind(mut self, kind: CrsKind) -> Self {
        self.crs_kind = Some(kind);
        self
    }

    pub(crate) fn check(&self, structure: Structure) -> Result<()> {
        if self.tile == 0 || !self.tile.is_multiple_of(16) || self.tile > 1 << 14 {
            return Err(error!(
                Argument,
                "tiles of {0} x {0} pixels: expected a multiple of 16, up to {1}",
                self.tile,
                1 << 14
            ));
        }
        if self.level.is_some_and(|level| !(1..=9).contains(&level)) {
            return Err(error!(Argument, "level {}: expected 1 to 9", self.level.unwrap_or_default()));
        }
        if structure == Structure::Cog && self.interleave == Interleave::Band {
            return Err(error!(
                Unsupported,
                "a COG keeps the bands of a pixel together: use `Interleave::Pixel`, or `write_geotiff`"
            ));
        }
        Ok(())
    }

    pub(crate) fn codec(&self) -> tiff_core::Compression {
        match self.compression {
            Compression::None => tiff_core::Compression::None,
            Compression::Lzw => tiff_core::Compression::Lzw,
            Compression::Deflate => tiff_core::Compression::Deflate,
            Compression::Zstd => tiff_core::Compression::Zstd,
        }
    }

    /// The predictor of these options for pixels of this type.
    pub(crate) fn predictor(&self, is_float: bool) -> Predictor {
        match (self.compression, self.has_predictor, is_float) {
            (Compression::None, ..) | (_, false, _) => Predictor::None,
            (_, true, false) => Predictor::Horizontal,
            (_, true, true) => Predictor::FloatingPoint,
        }
    }

    pub(crate) fn deflate_level(&self) -> Option<u32> {
        self.level.filter(|_| self.compression == Compression::Deflate)
    }
}
