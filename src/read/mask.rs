//! What needs to know which pixels are nodata.

use ndarray::ArrayD;

#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::format::nodata::parse;
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;
use crate::strided::convert::{cast_exactly, same_value};

impl BandRef<'_> {
    /// The value that marks pixels without data, if there is one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PixelType`] if the band's pixels are not `T`; [`ErrorKind::Malformed`] if what is
    /// stored is not exactly one pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    ///
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// assert_eq!(raster.band(0)?.nodata::<i16>()?, Some(-9999));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn nodata<T: Pixel>(&self) -> Result<Option<T>> {
        self.require_type::<T>()?;
        self.nodata_bytes().map(parse).transpose().map_err(|e| self.annotate(e))
    }

    /// Where there is data: `true` for each pixel that is not nodata, in the band's shape and C order, or
    /// `None` for a band without nodata.
    ///
    /// Nodata compares as a value: -0.0 equals 0.0, a NaN nodata matches every NaN, and NaN pixels are
    /// valid where nodata is a number (as in GDAL).
    ///
    /// # Errors
    ///
    /// As [`to_cow_array`](BandRef::to_cow_array), and [`ErrorKind::Malformed`] for a nodata that is not one
    /// pixel.
    ///
    /// # Cost
    ///
    /// One byte a pixel; the pixels too if they have to be copied to be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    ///
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let mask = raster.band(0)?.valid_mask()?;
    /// assert_eq!(mask, Some(array![[true, false]].into_dyn()));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn valid_mask(&self) -> Result<Option<ArrayD<bool>>> {
        if self.nodata_bytes().is_none() {
            return Ok(None);
        }
        match_pixel_type!(self.pixel_type(), P => {
            let Some(nodata) = self.nodata::<P>()? else { return Ok(None) };
            self.check_result_of::<u8>()?;
            self.map_pixels::<P, _>(|pixel| !same_value(pixel, nodata)).map(Some)
        })
    }

    /// Owned pixels of any type in C order, in which each nodata pixel is `fill`.
    ///
    /// The other pixels convert as [`to_array_exact`](BandRef::to_array_exact) does, so that an `int16` elevation
    /// model becomes floats with NaN where nothing was measured. Without nodata nothing is filled.
    ///
    /// # Errors
    ///
    /// As [`to_array_exact`](BandRef::to_array_exact), and [`ErrorKind::Malformed`] for a nodata that is not one
    /// pixel.
    ///
    /// # Cost
    ///
    /// One array; the pixels once more if they have to be copied to be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    ///
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let metres = raster.band(0)?.to_array_filled(f32::NAN)?;
    /// assert_eq!(metres[[0, 0]], 7.0);
    /// assert!(metres[[0, 1]].is_nan());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array_filled<T: Pixel>(&self, fill: T) -> Result<ArrayD<T>> {
        match_pixel_type!(self.pixel_type(), P => {
            let nodata = self.nodata::<P>()?;
            self.convert::<P, T>(|pixel| match nodata {
                Some(nodata) if same_value(pixel, nodata) => Some(fill),
                _ => cast_exactly(pixel),
            })
        })
    }
}
