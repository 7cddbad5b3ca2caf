//! A function of each pixel, on the same grid.

use crate::cast::{exactly, same_value};
use crate::error::{Error, Result, error};
use crate::format::memory::{AXIS_BYTES, BAND_BYTES};
use crate::limits::Budget;
use crate::pixel::Pixel;
use crate::read::band::BandRef;
use crate::read::raster_ref::RasterRef;
use crate::strided::layout::num_pixels;
use crate::write::band::Band;
use crate::write::parts::{BandParts, RasterParts};
use crate::write::raster::Raster;

/// What becomes of nodata when a function is applied to each pixel.
///
/// # Examples
///
/// ```
/// use ndraster::{MapNodata, Raster, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[300i16, -9999]])?.with_nodata(-9999i16)?;
/// let scaled = raster.map_with(MapNodata::Replace(0u8), |pixel: i16| (pixel / 10) as u8)?;
/// assert_eq!((scaled.as_array_view2::<u8>()?[[0, 1]], scaled.nodata::<u8>()?), (0, Some(0)));
/// let all = raster.map_with(MapNodata::Drop, |pixel: i16| pixel / 10)?;
/// assert_eq!((all.as_array_view2::<i16>()?[[0, 1]], all.nodata::<i16>()?), (-999, None));
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum MapNodata<T> {
    /// Nodata pixels keep their value, which stays the nodata value.
    #[default]
    Keep,
    /// Nodata pixels become this value, which is the nodata value of the result, also of bands that had none. Choose a value
    /// that the function does not return: a valid pixel that gets it becomes nodata.
    Replace(T),
    /// Nodata pixels are pixels like any other, and the result has no nodata value.
    Drop,
}

impl RasterRef<'_> {
    /// Applies a function to each valid pixel of each band. Grid, dims, names and nodata stay.
    ///
    /// A pixel for which the function returns the nodata value becomes nodata.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) if `U` cannot hold the nodata value: [`map_with`](Self::map_with)
    ///   replaces it.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is malformed.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a band of the result would have more than 2^31 - 1 bytes, or
    ///   all bands together, and more than the payloads have in memory.
    ///
    /// # Cost
    ///
    /// One array for each band, and one call for each valid pixel.
    /// Pixels of a view without long runs go through 64 KiB of memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_crs("EPSG:4326").with_nodata(-9999i16)?;
    /// let column = RasterArray::from_iter([raster]);
    /// let doubled = column.get(0).unwrap().map(|pixel: i16| 2.0 * f32::from(pixel))?;
    /// assert_eq!(doubled.as_array_view2::<f32>()?, array![[14.0, -9999.0]]);
    /// assert_eq!((doubled.nodata::<f32>()?, doubled.crs()?), (Some(-9999.0), Some("EPSG:4326")));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("apply_ufunc", "RS_MapAlgebra"))]
    pub fn map<T: Pixel, U: Pixel>(&self, f: impl Fn(T) -> U) -> Result<Raster> {
        self.map_with(MapNodata::Keep, f)
    }

    /// Applies a function to each pixel of each band, nodata as asked for. Grid, dims and names stay.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) under [`MapNodata::Keep`], if `U` cannot hold the nodata value.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is malformed.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a band of the result would have more than 2^31 - 1 bytes, or
    ///   all bands together, and more than the payloads have in memory.
    ///
    /// # Cost
    ///
    /// One array for each band, and one call for each pixel.
    /// Pixels of a view without long runs go through 64 KiB of memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{MapNodata, Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?]);
    /// let metres = column.get(0).unwrap().map_with(MapNodata::Replace(f32::NAN), |pixel: i16| f32::from(pixel) / 10.0)?;
    /// assert!(metres.as_array_view2::<f32>()?[[0, 1]].is_nan());
    /// assert!(metres.nodata::<f32>()?.is_some_and(f32::is_nan));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("apply_ufunc", "where"))]
    pub fn map_with<T: Pixel, U: Pixel>(&self, nodata: MapNodata<U>, f: impl Fn(T) -> U) -> Result<Raster> {
        self.require_room::<T, U>()?;
        let mut bands = Vec::new();
        for band in self.bands() {
            let band = band?;
            bands.push(map_band(&band, nodata, &f)?);
        }
        let bands = bands.iter().map(Band::parts).collect::<Result<Vec<BandParts<'_>>>>()?;
        Raster::copy(&RasterParts::read_grid(self)?.with_bands(bands))
    }

    /// Refuses bands whose pixels as `U`, and whose metadata, would take more than 2^31 - 1 bytes together, and more than the
    /// payloads would: bands can share payloads, and repeat pixels.
    fn require_room<T: Pixel, U: Pixel>(&self) -> Result<()> {
        let growth = size_of::<U>().div_ceil(size_of::<T>());
        let held = || self.payloads_len().saturating_mul(growth);
        let mut budget = Budget::new(held, "take fewer bands (`select_bands`)");
        for band in self.bands() {
            let band = band?;
            let bytes = num_pixels(band.shape()).and_then(|pixels| pixels.checked_mul(size_of::<U>()));
            let names = band.name().into_iter().chain(band.dim_names().iter().copied()).map(str::len);
            let metadata = names.fold(BAND_BYTES, usize::saturating_add).saturating_add(band.ndim() * AXIS_BYTES);
            budget.spend(bytes.unwrap_or(usize::MAX).saturating_add(metadata)).map_err(|e| band.annotate(e))?;
        }
        Ok(())
    }
}

impl Raster {
    /// Applies a function to each valid pixel of each band. Grid, dims, names and nodata stay.
    ///
    /// A pixel for which the function returns the nodata value becomes nodata.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) if `U` cannot hold the nodata value: [`map_with`](Self::map_with)
    ///   replaces it.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a band of the result would have more than 2^31 - 1 bytes, or
    ///   all bands together, and more than the payloads have in memory.
    ///
    /// # Cost
    ///
    /// One array for each band, and one call for each valid pixel.
    /// Pixels of a view without long runs go through 64 KiB of memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let doubled = raster.map(|pixel: i16| 2 * pixel)?;
    /// assert_eq!(doubled.as_array_view2::<i16>()?, array![[14, -9999]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("apply_ufunc", "RS_MapAlgebra"))]
    pub fn map<T: Pixel, U: Pixel>(&self, f: impl Fn(T) -> U) -> Result<Raster> {
        self.as_ref().map(f)
    }

    /// Applies a function to each pixel of each band, nodata as asked for. Grid, dims and names stay.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) under [`MapNodata::Keep`], if `U` cannot hold the nodata value.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a band of the result would have more than 2^31 - 1 bytes, or
    ///   all bands together, and more than the payloads have in memory.
    ///
    /// # Cost
    ///
    /// One array for each band, and one call for each pixel.
    /// Pixels of a view without long runs go through 64 KiB of memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{MapNodata, Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let bytes = raster.map_with(MapNodata::Replace(255u8), |pixel: i16| pixel as u8)?;
    /// assert_eq!(bytes.as_array_view2::<u8>()?, array![[7, 255]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("apply_ufunc", "where"))]
    pub fn map_with<T: Pixel, U: Pixel>(&self, nodata: MapNodata<U>, f: impl Fn(T) -> U) -> Result<Raster> {
        self.as_ref().map_with(nodata, f)
    }
}

fn map_band<T: Pixel, U: Pixel>(band: &BandRef<'_>, nodata: MapNodata<U>, f: &impl Fn(T) -> U) -> Result<Band> {
    let old = band.nodata::<T>()?;
    let new = match (nodata, old) {
        (MapNodata::Keep, Some(old)) => Some(exactly(old).ok_or_else(|| cannot_hold::<T, U>(band, old))?),
        (MapNodata::Replace(new), _) => Some(new),
        (MapNodata::Keep, None) | (MapNodata::Drop, _) => None,
    };
    let pixels = match (old, new) {
        (Some(old), Some(new)) => {
            band.map_pixels::<T, U>(false, move |pixel| if same_value(pixel, old) { new } else { f(pixel) })
        }
        _ => band.map_pixels::<T, U>(false, f),
    }?;
    let mapped = Band::from_ndarray(pixels).map_err(|e| band.annotate(e))?;
    let mapped = mapped.with_dim_names(band.dim_names().iter().copied())?;
    let mapped = match band.name() {
        Some(name) => mapped.with_name(name),
        None => mapped,
    };
    match new {
        Some(nodata) => mapped.with_nodata(nodata),
        None => Ok(mapped),
    }
}

#[cold]
fn cannot_hold<T: Pixel, U: Pixel>(band: &BandRef<'_>, nodata: T) -> Error {
    band.annotate(error!(
        Inexact,
        "its nodata value is {nodata:?}, which {} cannot hold: choose another by `map_with(MapNodata::Replace(value), f)`",
        U::PIXEL_TYPE
    ))
}
