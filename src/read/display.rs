//! Rasters as a person reads them in a notebook: size, grid, bands; never pixels.
//!
//! Names and texts come from a column that may hold anything, so only their first characters are shown.

use std::fmt::{self, Display, Formatter};

use crate::format::nodata::parse;
use crate::pixel::match_pixel_type;
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::shown::{SHOWN, Short};

/// Shows size, CRS and grid in the first lines, and each band in a line of its own.
///
/// ```text
/// Raster: height 344, width 403, EPSG:4326
///   bounds [-84.41, 36.45, -84.08, 36.73], pixel 0.000818… x -0.000813…
///   band 0 `elevation`: int16 (y 344, x 403), nodata -32768
/// ```
impl Display for RasterRef<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_size(self, f)?;
        if let (Ok(transform), Ok(bounds)) = (self.transform(), self.bbox()) {
            let [_, scale_x, skew_x, _, skew_y, scale_y] = transform.to_gdal();
            write!(f, "\n  bounds {bounds:?}, pixel {scale_x} x {scale_y}")?;
            if skew_x != 0.0 || skew_y != 0.0 {
                write!(f, ", skew {skew_x} x {skew_y}")?;
            }
        }
        let mut bands = self.bands();
        for (number, band) in bands.by_ref().take(SHOWN).enumerate() {
            write!(f, "\n  band {number}")?;
            match band {
                Ok(band) => write_band(&band, f)?,
                Err(error) => write!(f, ": {}", Short(&error.to_string()))?,
            }
        }
        match self.num_bands() {
            Ok(count) if count > SHOWN => write!(f, "\n  and {} more bands", count - SHOWN),
            _ => Ok(()),
        }
    }
}

fn write_size(raster: &RasterRef<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("Raster: ")?;
    match (raster.height(), raster.width()) {
        (Ok(height), Ok(width)) => write!(f, "height {height}, width {width}")?,
        _ => f.write_str("no size")?,
    }
    match raster.crs() {
        Ok(Some(crs)) => write!(f, ", {}", Short(crs)),
        Ok(None) => f.write_str(", no CRS"),
        Err(_) => f.write_str(", malformed CRS"),
    }
}

fn write_band(band: &BandRef<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    if let Some(name) = band.name() {
        write!(f, " `{}`", Short(name))?;
    }
    write!(f, ": {} (", band.pixel_type())?;
    for (axis, (name, extent)) in band.dim_names().iter().zip(band.shape()).enumerate().take(SHOWN) {
        write!(f, "{}{} {extent}", if axis > 0 { ", " } else { "" }, Short(name))?;
    }
    f.write_str(if band.ndim() > SHOWN { ", …)" } else { ")" })?;
    if let Some(bytes) = band.nodata_bytes() {
        match_pixel_type!(band.pixel_type(), P => match parse::<P>(bytes) {
            Ok(nodata) => write!(f, ", nodata {nodata:?}")?,
            Err(_) => f.write_str(", malformed nodata")?,
        });
    }
    if !band.is_loaded() {
        f.write_str(", not loaded")?;
    }
    Ok(())
}

/// Shows the number of rows, and the size of each of the first rasters.
impl Display for RasterArray {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nulls = self.iter().filter(Option::is_none).count();
        write!(f, "RasterArray: {} rows, {nulls} null", self.len())?;
        for (row, raster) in self.iter().take(SHOWN).enumerate() {
            write!(f, "\n  {row} ")?;
            match raster {
                None => f.write_str("null")?,
                Some(raster) => {
                    write_size(&raster, f)?;
                    match raster.num_bands() {
                        Ok(1) => f.write_str(", 1 band")?,
                        Ok(count) => write!(f, ", {count} bands")?,
                        Err(_) => f.write_str(", malformed bands")?,
                    }
                }
            }
        }
        match self.len().checked_sub(SHOWN) {
            Some(more) if more > 0 => write!(f, "\n  and {more} more rows"),
            _ => Ok(()),
        }
    }
}
