//! Pixels under points on the ground.

use ndarray::Ix2;

use crate::error::{Result, error};
use crate::geo::GeoTransform;
use crate::pixel::{Pixel, same_value};
use crate::read::band::BandRef;
use crate::read::ground::index;
use crate::read::pixels::Region;

impl BandRef<'_> {
    /// Returns the pixel under a point on the ground: `None` outside of the raster, and `None` for nodata.
    ///
    /// A point on an edge belongs to the pixel with the larger row or column. Misaligned pixels are read too.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has other axes than x and y: slice it first
    ///   ([`slice_dim`](crate::RasterRef::slice_dim)).
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `x` or `y` is not finite, or if the transform cannot be
    ///   inverted.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the transform, the payload or the nodata value is malformed.
    ///
    /// # Cost
    ///
    /// Reading the transform, a few multiplications and divisions, and one pixel. No allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[7i16, -9999], [8, 9]])?
    ///     .with_bbox([0.0, 0.0, 20.0, 20.0], Registration::Pixel)?
    ///     .with_nodata(-9999i16)?;
    /// let band = raster.band(0)?;
    /// assert_eq!(band.sample::<i16>(5.0, 15.0)?, Some(7));
    /// assert_eq!(band.sample::<i16>(15.0, 15.0)?, None); // nodata
    /// assert_eq!(band.sample::<i16>(25.0, 15.0)?, None); // outside
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn sample<T: Pixel>(&self, x: f64, y: f64) -> Result<Option<T>> {
        self.sampler::<T>()?.at(x, y).map_err(|e| self.annotate(e))
    }

    /// Returns the pixel under each of many points `(x, y)`: `None` outside of the raster, and `None` for nodata.
    ///
    /// # Errors
    ///
    /// Those of [`sample`](Self::sample): for pixels of another type, other axes than x and y, a point that is not finite, a
    /// transform that cannot be inverted, and pixels that are not loaded or malformed.
    ///
    /// # Cost
    ///
    /// Reading the transform once; for each point a few multiplications and divisions, and one pixel. One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
    /// let points = [(0.5, -0.5), (1.5, -1.5), (9.0, 9.0)];
    /// assert_eq!(raster.band(0)?.sample_many::<u8>(&points)?, [Some(1), Some(4), None]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn sample_many<T: Pixel>(&self, points: &[(f64, f64)]) -> Result<Vec<Option<T>>> {
        let sampler = self.sampler::<T>()?;
        let mut pixels = Vec::with_capacity(points.len());
        for &(x, y) in points {
            pixels.push(sampler.at(x, y).map_err(|e| self.annotate(e))?);
        }
        Ok(pixels)
    }

    fn sampler<T: Pixel>(&self) -> Result<Sampler<'_, T>> {
        self.require_type::<T>()?;
        if self.ndim() != 2 {
            return Err(self.annotate(error!(
                Shape,
                "its dims are {}, where a point has one x and one y: take one index of each other dim with `slice_dim`",
                self.described()
            )));
        }
        let region = self.region::<Ix2>()?;
        Ok(Sampler { transform: self.transform()?, region, nodata: self.nodata()? })
    }
}

/// What finding pixels takes, looked up once.
struct Sampler<'a, T> {
    transform: GeoTransform,
    region: Region<'a>,
    nodata: Option<T>,
}

impl<T: Pixel> Sampler<'_, T> {
    fn at(&self, x: f64, y: f64) -> Result<Option<T>> {
        if !(x.is_finite() && y.is_finite()) {
            return Err(error!(Argument, "sample: ({x}, {y}) is no point on the ground"));
        }
        let (col, row) = self.transform.snapped(x, y)?;
        let &[height, width] = self.region.shape() else { return Ok(None) };
        let Some((row, col)) = index(row, height).zip(index(col, width)) else { return Ok(None) };
        let pixel =
            self.region.pixel::<T>([row, col]).ok_or_else(|| error!(Malformed, "view: it leaves the payload"))?;
        Ok(Some(pixel).filter(|pixel| self.nodata.is_none_or(|nodata| !same_value(*pixel, nodata))))
    }
}
