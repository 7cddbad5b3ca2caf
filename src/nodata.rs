//! The value that stands for "nothing here", as bytes, as a pixel, and as a mask.
//!
//! Nodata is stored as one pixel's little-endian bytes and compares as a value: -0.0 is 0.0, and a NaN
//! nodata matches NaN pixels of any bit pattern. With a number as nodata NaN pixels are valid, as in GDAL.

use ndarray::ArrayD;

use crate::band::Band;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, Result, error};
use crate::pixel::{Pixel, PixelType, cast_exactly, match_pixel_type, same_value};

/// One pixel's bytes, of a type that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodata {
    pixel_type: PixelType,
    bytes: [u8; 8],
}

impl Nodata {
    /// The value for pixels of a type, which must be its own.
    pub(crate) fn new<T: Pixel>(value: T, pixel_type: PixelType) -> Result<Self> {
        if T::PIXEL_TYPE != pixel_type {
            return Err(error!(
                PixelType,
                "nodata is {}, the pixels are {pixel_type}: write it as `{}`",
                T::PIXEL_TYPE,
                pixel_type.rust_name()
            ));
        }
        Self::from_bytes(bytemuck::bytes_of(&value), pixel_type)
    }

    /// One pixel's stored bytes.
    pub(crate) fn from_bytes(stored: &[u8], pixel_type: PixelType) -> Result<Self> {
        check_length(stored, pixel_type)?;
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(stored) {
            *to = *from;
        }
        Ok(Nodata { pixel_type, bytes })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.pixel_type.size()).unwrap_or_default()
    }
}

/// The pixel that stored nodata bytes spell. Its alignment is left to chance, so it is read, not borrowed.
fn parse<T: Pixel>(bytes: &[u8]) -> Result<T> {
    bytemuck::try_pod_read_unaligned(bytes).map_err(|_| wrong_length(bytes, T::PIXEL_TYPE))
}

/// Is it exactly one pixel?
pub(crate) fn check_length(bytes: &[u8], pixel_type: PixelType) -> Result<()> {
    if bytes.len() == pixel_type.size() { Ok(()) } else { Err(wrong_length(bytes, pixel_type)) }
}

#[cold]
fn wrong_length(bytes: &[u8], pixel_type: PixelType) -> Error {
    let (found, size) = (bytes.len(), pixel_type.size());
    error!(Malformed, "nodata: it has {found} bytes, where a pixel of {pixel_type} has {size}")
}

impl Band<'_> {
    /// The value that marks pixels without data, if there is one.
    ///
    /// Cost: none.
    ///
    /// # Errors
    /// [`ErrorKind::PixelType`] if the band's pixels are not `T`; [`ErrorKind::Malformed`] if what is
    /// stored is not exactly one pixel.
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
        self.nodata_bytes().map(parse).transpose().map_err(|e| self.place(e))
    }

    /// Where there is data: `true` for each pixel that is not nodata, in the band's shape and C order, or
    /// `None` for a band without nodata.
    ///
    /// Nodata compares as a value: -0.0 equals 0.0, a NaN nodata matches every NaN, and NaN pixels are
    /// valid where nodata is a number (as in GDAL).
    ///
    /// Cost: one byte a pixel; the pixels too if they have to be copied to be read.
    ///
    /// # Errors
    /// As [`to_cow_array`](Band::to_cow_array), and [`ErrorKind::Malformed`] for a nodata that is not one
    /// pixel.
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
    /// The other pixels convert as [`to_array_as`](Band::to_array_as) does, so that an `int16` elevation
    /// model becomes floats with NaN where nothing was measured. Without nodata nothing is filled.
    ///
    /// Cost: one array; the pixels once more if they have to be copied to be read.
    ///
    /// # Errors
    /// As [`to_array_as`](Band::to_array_as), and [`ErrorKind::Malformed`] for a nodata that is not one
    /// pixel.
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
