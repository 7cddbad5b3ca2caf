//! What a file says about itself.

use std::fmt;

use ndraster::{GeoTransform, PixelType};

use crate::crs::Crs;

/// What a [`GeoTiff`](crate::GeoTiff) shows, as `gdalinfo` prints it: from its tags, without a pixel.
///
/// # Examples
///
/// ```
/// use ndraster::{PixelType, Raster, ndarray::Array2};
/// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
///
/// let raster = Raster::from_ndarray(Array2::<i16>::zeros((300, 400)))?.with_crs("EPSG:4326").with_nodata(-9999i16)?;
/// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
/// let info = GeoTiff::from_bytes(bytes)?.info();
/// assert_eq!((info.height, info.width, info.pixel_type), (300, 400, PixelType::Int16));
/// assert_eq!(info.nodata.as_deref(), Some("-9999"));
/// assert!(info.to_string().starts_with("300 x 400 pixels of int16, 1 band\nCRS: EPSG:4326"));
/// # Ok::<(), ndraster_geotiff::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
    /// The type of the pixels in memory.
    pub pixel_type: PixelType,
    /// The name of each band, where it has one.
    pub band_names: Vec<Option<String>>,
    /// What a pixel of each band stands for is `scale * pixel + offset`. Pixels are read as they are stored, without
    /// it.
    pub scales: Vec<f64>,
    /// The offset of each band, for its scale.
    pub offsets: Vec<f64>,
    /// The unit of each band, after scale and offset, where the file names one.
    pub units: Vec<Option<String>>,
    /// The coordinate reference system.
    pub crs: Crs,
    /// The transform from the corners of pixels to the ground, in the units of the CRS. `None` if the file has none.
    pub transform: Option<GeoTransform>,
    /// Does the file give coordinates for the centres of pixels? `transform` is for their corners all the same.
    pub is_point: bool,
    /// The text of the nodata value.
    pub nodata: Option<String>,
    /// Does a pixel of this type exist that equals the nodata value? If not, no pixel is nodata.
    pub is_nodata_a_pixel: bool,
    /// Where the file says which pixels are valid, apart from nodata.
    pub mask: Mask,
    /// The rows and columns of a block: a tile, or a strip.
    pub block: [usize; 2],
    /// Are blocks tiles, rather than strips?
    pub is_tiled: bool,
    /// Does each band have blocks of its own (`INTERLEAVE=BAND`)?
    pub is_planar: bool,
    /// How blocks are compressed, by GDAL's name: `DEFLATE`.
    pub compression: String,
    /// The rows and columns of each overview.
    pub overviews: Vec<[usize; 2]>,
}

/// Where a file says which pixels are valid, apart from nodata. [`GeoTiff::read_masked`](crate::GeoTiff::read_masked)
/// applies it.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, ndarray::array};
/// use ndraster_geotiff::{GeoTiff, Mask, WriteOptions, write_geotiff_to};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2]])?;
/// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
/// assert_eq!(GeoTiff::from_bytes(bytes)?.info().mask, Mask::None);
/// # Ok::<(), ndraster_geotiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mask {
    /// Nowhere.
    None,
    /// In an image of its own.
    Internal,
    /// In this band of the file, counted from 0, which says how opaque a pixel is: 0 is invalid.
    Alpha(usize),
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bands = self.band_names.len();
        let plural = if bands == 1 { "" } else { "s" };
        writeln!(f, "{} x {} pixels of {}, {bands} band{plural}", self.height, self.width, self.pixel_type)?;
        match &self.crs {
            Crs::Missing => writeln!(f, "CRS: none")?,
            Crs::Text(text) => writeln!(f, "CRS: {text}")?,
            Crs::WithoutCode(name) => writeln!(f, "CRS: without a code, called \"{name}\"")?,
        }
        match self.transform {
            Some(transform) => writeln!(f, "transform: {:?} (GDAL's order)", transform.to_gdal())?,
            None => writeln!(f, "transform: none")?,
        }
        if let Some(nodata) = &self.nodata {
            let note = if self.is_nodata_a_pixel { "" } else { ", which is no pixel of this type" };
            writeln!(f, "nodata: {nodata}{note}")?;
        }
        match self.mask {
            Mask::None => {}
            Mask::Internal => writeln!(f, "mask: an image of its own")?,
            Mask::Alpha(band) => writeln!(f, "mask: band {band} (alpha, counted from 0)")?,
        }
        let kind = if self.is_tiled { "tiles" } else { "strips" };
        writeln!(f, "blocks: {kind} of {} x {}, {}", self.block[0], self.block[1], self.compression)?;
        for (band, name) in self.band_names.iter().enumerate() {
            let of = |list: &[f64], default| list.get(band).copied().unwrap_or(default);
            let (scale, offset) = (of(&self.scales, 1.0), of(&self.offsets, 0.0));
            let unit = self.units.get(band).and_then(Option::as_deref);
            if name.is_none() && unit.is_none() && (scale, offset) == (1.0, 0.0) {
                continue;
            }
            write!(f, "band {band}: {}", name.as_deref().unwrap_or("no name"))?;
            if (scale, offset) != (1.0, 0.0) {
                write!(f, ", stands for {scale} * pixel + {offset}")?;
            }
            if let Some(unit) = unit {
                write!(f, ", in {unit}")?;
            }
            writeln!(f)?;
        }
        if !self.overviews.is_empty() {
            let overviews: Vec<String> = self.overviews.iter().map(|[rows, cols]| format!("{rows} x {cols}")).collect();
            writeln!(f, "overviews: {}", overviews.join(", "))?;
        }
        Ok(())
    }
}
