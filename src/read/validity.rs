//! Pixels that are not nodata, one by one.

use ndarray::IxDyn;

use crate::error::{ErrorKind, Result};
use crate::pixel::{Pixel, same_value};
use crate::read::band::BandRef;

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
