//! Reads nodata values, and masks or replaces the pixels that have them.
//!
//! Nodata compares as a value, exactly (GDAL also takes floats for nodata that differ from it in the last bits):
//!
//! - A nodata of 0.0 or -0.0 marks both zeros.
//! - A NaN nodata marks every NaN, whatever its bits.
//! - A nodata that is a number marks no NaN, so NaN pixels are valid then.

use ndarray::{Array2, ArrayD, IxDyn};

use crate::cast::{checked, fill_for, same_value};
use crate::error::{ErrorKind, Result};
use crate::format::nodata::parse;
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;

impl BandRef<'_> {
    /// Returns the value that marks pixels without data, if the band has one.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the stored nodata value is not exactly one pixel.
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
    #[doc(alias("GetNoDataValue", "_FillValue"))]
    pub fn nodata<T: Pixel>(&self) -> Result<Option<T>> {
        self.require_type::<T>()?;
        self.nodata_bytes().map(parse).transpose().map_err(|e| self.annotate(e))
    }

    /// Returns a mask that is `true` for each valid pixel, or `None` if the band has no nodata value.
    ///
    /// The mask has the band's shape and its own order of axes ([`dim_names`](BandRef::dim_names)), in C order.
    /// For a matrix, [`is_valid`](BandRef::is_valid) tests its pixels. A pixel is valid if its value is not nodata: 0.0 and -0.0 are the
    /// same value. A NaN nodata matches every NaN. If nodata is a number, NaN pixels are valid, as in GDAL.
    ///
    /// # Errors
    ///
    /// If the band has a nodata value:
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if it is not exactly one pixel.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the mask would have more than 2^31 - 1 bytes, and more
    ///   bytes than the payload (a view can repeat pixels).
    ///
    /// # Cost
    ///
    /// One byte and one comparison a pixel. If the pixels are misaligned, the bytes from the first to the last visible
    /// pixel are copied as well.
    /// Pixels of a view without long runs go through 64 KiB of memory.
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
    #[doc(alias("read_masks", "notnull", "isnan"))]
    pub fn valid_mask(&self) -> Result<Option<ArrayD<bool>>> {
        self.mask(false)
    }

    /// Returns the mask of [`valid_mask`](Self::valid_mask) as a matrix: rows are y, columns are x, whatever the order of the
    /// dims, as in [`as_array_view2`](Self::as_array_view2).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if a band with nodata has other axes than y and x with more than
    /// one index, and the errors of `valid_mask`: for
    /// nodata and pixels that are malformed, not loaded or too many.
    ///
    /// # Cost
    ///
    /// That of `valid_mask`: one byte and one comparison a pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let band = Band::from_ndarray(array![[1i16, -9999], [3, 4]])?.with_dim_names(["x", "y"])?.with_nodata(-9999i16)?;
    /// let raster = Raster::from_bands([band])?;
    /// assert_eq!(raster.band(0)?.valid_mask2()?, Some(array![[true, true], [false, true]]));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("read_masks", "dataset_mask", "notnull"))]
    pub fn valid_mask2(&self) -> Result<Option<Array2<bool>>> {
        Ok(self.mask(true)?.map(ArrayD::into_dimensionality).transpose()?)
    }

    fn mask(&self, is_matrix: bool) -> Result<Option<ArrayD<bool>>> {
        if self.nodata_bytes().is_none() {
            return Ok(None);
        }
        match_pixel_type!(self.pixel_type(), P => {
            let Some(nodata) = self.nodata::<P>()? else { return Ok(None) };
            self.map_pixels::<P, _>(is_matrix, move |pixel| !same_value(pixel, nodata)).map(Some)
        })
    }

    /// Converts the pixels exactly to any type, with `fill` in place of each nodata pixel, into an array in C order.
    ///
    /// The axes are in the band's own order, which [`dim_names`](BandRef::dim_names) says.
    ///
    /// For example, a `fill` of NaN makes an `int16` elevation model into floats that are NaN where nothing was
    /// measured. A band without nodata is only converted. To round what `T` cannot hold, such as `float64` pixels as `f32`, take
    /// [`RasterRef::map_with`](crate::RasterRef::map_with), which does not call its function for nodata.
    ///
    /// A pixel is nodata if it has the value of nodata: 0.0 and -0.0 are the same value. A NaN nodata matches every
    /// NaN. If nodata is a number, NaN pixels are not nodata, as in GDAL.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the stored nodata value is not exactly one pixel.
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel that is not nodata and whose value `T`
    ///   cannot hold. The message names it.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than the payload (a view can repeat pixels). [`copy_into_filled`](BandRef::copy_into_filled)
    ///   has no such limit.
    ///
    /// # Cost
    ///
    /// One array, and one conversion a pixel.
    /// If the pixels are misaligned, the bytes from the first to the last visible pixel are copied once more.
    /// Pixels of a view without long runs go through 64 KiB of memory.
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
    #[doc(alias("filled", "fillna", "nan_to_num"))]
    pub fn to_array_filled<T: Pixel>(&self, fill: T) -> Result<ArrayD<T>> {
        self.filled(false, fill)
    }

    /// Converts like [`to_array_filled`](Self::to_array_filled), into a matrix: rows are y, columns are x, whatever the order of
    /// the dims.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has other axes than y and x with more than one index, and
    /// the errors of `to_array_filled`: for a
    /// pixel that `T` cannot hold, and for nodata and pixels that are malformed, not loaded or too many.
    ///
    /// # Cost
    ///
    /// That of `to_array_filled`: one array, and one conversion a pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let band = Band::from_ndarray(array![[1i16, -9999], [3, 4]])?.with_dim_names(["x", "y"])?.with_nodata(-9999i16)?;
    /// let raster = Raster::from_bands([band])?;
    /// assert_eq!(raster.band(0)?.to_array_filled2(0f32)?, array![[1.0, 3.0], [0.0, 4.0]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("filled", "fillna", "nan_to_num"))]
    pub fn to_array_filled2<T: Pixel>(&self, fill: T) -> Result<Array2<T>> {
        Ok(self.filled(true, fill)?.into_dimensionality()?)
    }

    fn filled<T: Pixel>(&self, is_matrix: bool, fill: T) -> Result<ArrayD<T>> {
        match_pixel_type!(self.pixel_type(), P => match self.nodata::<P>()? {
            None => self.convert::<P, T>(is_matrix, checked),
            Some(nodata) => self.convert::<P, T>(is_matrix, fill_for(nodata, fill)),
        })
    }
}

impl<'a> BandRef<'a> {
    /// Returns a test for pixels: is a pixel valid, that is, anything but nodata?
    ///
    /// Pixels compare as values: -0.0 is 0.0, and a NaN as nodata is any NaN. Without a nodata value every pixel is valid,
    /// NaN too.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the nodata value is not one pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1.5f32, f32::NAN]])?.with_nodata(f32::NAN)?;
    /// let band = raster.band(0)?;
    /// let is_valid = band.is_valid::<f32>()?;
    /// assert_eq!(band.as_array_view2::<f32>()?.iter().filter(|pixel| is_valid(**pixel)).count(), 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_valid<T: Pixel>(&self) -> Result<impl Fn(T) -> bool + Copy + use<T>> {
        self.require_type::<T>()?;
        let nodata = self.nodata::<T>()?;
        Ok(move |pixel| nodata.is_none_or(|nodata| !same_value(pixel, nodata)))
    }

    /// Iterates over the pixels that are not nodata, in C order of the band's own axes.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if they are elsewhere.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the shape, or if the nodata value
    ///   is not one pixel.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than can be addressed.
    ///
    /// # Cost
    ///
    /// None but the iteration; a copy of the pixels if they are misaligned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[7i16, -9999, 9]])?.with_nodata(-9999i16)?;
    /// let (sum, count) = raster.band(0)?.valid_pixels::<i16>()?.fold((0.0, 0), |(sum, n), p| (sum + f64::from(p), n + 1));
    /// assert_eq!(sum / f64::from(count), 8.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("compressed", "nanmean"))]
    pub fn valid_pixels<T: Pixel>(&self) -> Result<impl Iterator<Item = T> + use<'a, T>> {
        let is_valid = self.is_valid::<T>()?;
        Ok(Pixels::of(self)?.filter(move |pixel| is_valid(*pixel)))
    }
}

/// The pixels of a band, one by one.
enum Pixels<'a, T> {
    Slice(std::slice::Iter<'a, T>),
    View(ndarray::iter::Iter<'a, T, IxDyn>),
    Owned(std::vec::IntoIter<T>),
}

impl<'a, T: Pixel> Pixels<'a, T> {
    fn of(band: &BandRef<'a>) -> Result<Self> {
        match band.as_array_view::<T>() {
            Ok(view) => Ok(match view.clone().to_slice() {
                Some(pixels) => Pixels::Slice(pixels.iter()),
                None => Pixels::View(view.into_iter()),
            }),
            Err(error) if error.kind() == ErrorKind::Misaligned => {
                Ok(Pixels::Owned(band.to_array()?.into_raw_vec_and_offset().0.into_iter()))
            }
            Err(error) => Err(error),
        }
    }
}

impl<T: Pixel> Iterator for Pixels<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self {
            Pixels::Slice(pixels) => pixels.next().copied(),
            Pixels::View(pixels) => pixels.next().copied(),
            Pixels::Owned(pixels) => pixels.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Pixels::Slice(pixels) => pixels.size_hint(),
            Pixels::View(pixels) => pixels.size_hint(),
            Pixels::Owned(pixels) => pixels.size_hint(),
        }
    }

    /// One loop for each kind of memory, where `next` asks for the kind at each pixel.
    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, f: F) -> B {
        match self {
            Pixels::Slice(pixels) => pixels.copied().fold(init, f),
            Pixels::View(pixels) => pixels.copied().fold(init, f),
            Pixels::Owned(pixels) => pixels.fold(init, f),
        }
    }
}
