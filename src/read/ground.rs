//! Finds the pixels under points and boxes on the ground, and their values.

use std::ops::Range;

use ndarray::IxDyn;

use crate::cast::same_value;
use crate::error::{Error, Result, error};
use crate::geo::GeoTransform;
use crate::pixel::Pixel;
use crate::read::band::BandRef;
use crate::read::pixels::Region;
use crate::read::raster_ref::RasterRef;
use crate::shown::Short;

/// Which pixels a box on the ground selects.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, Registration, WindowRounding, ndarray::Array2};
///
/// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 10)))?
///     .with_bbox([0.0, 0.0, 100.0, 100.0], Registration::Pixel)?;
/// let columns = |rounding| raster.window_of([14.0, 0.0, 47.0, 100.0], rounding).unwrap().1;
/// assert_eq!(columns(WindowRounding::Touched), 1..5);
/// assert_eq!(columns(WindowRounding::Centers), 1..5);
/// assert_eq!(columns(WindowRounding::Nearest), 1..5);
/// let columns = |rounding| raster.window_of([16.0, 0.0, 44.0, 100.0], rounding).unwrap().1;
/// assert_eq!(columns(WindowRounding::Touched), 1..5);
/// assert_eq!(columns(WindowRounding::Centers), 2..4);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WindowRounding {
    /// Every pixel of which the box covers some part, and for a box without area the pixel that it lies in: rasterio's
    /// `from_bounds`, with offsets rounded down and ends up. A pixel that the box only meets at an edge is not selected.
    #[default]
    Touched,
    /// Every pixel whose centre lies in the box. A centre on the box's edge counts where rows and columns begin (the north edge
    /// of a north-up raster, and the west one), not where they end.
    Centers,
    /// The pixels between the edges that are nearest to those of the box. An edge halfway counts as the later one.
    Nearest,
}

impl WindowRounding {
    /// The first pixel, and the one after the last, for a box from one place along an axis to another, in pixels.
    fn range(self, start: f64, end: f64) -> (f64, f64) {
        match self {
            WindowRounding::Touched => (start.floor(), end.ceil()),
            WindowRounding::Centers => ((start - 0.5).ceil(), (end - 0.5).ceil()),
            WindowRounding::Nearest => (start.round(), end.round()),
        }
    }
}

impl RasterRef<'_> {
    /// Returns the `(row, col)` of the pixel under a point on the ground, or `None` outside of the raster.
    ///
    /// A point on an edge belongs to the pixel with the larger row or column, to within the rounding error of its coordinates.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `x` or `y` is not finite, or if the transform cannot be
    ///   inverted.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the transform or the spatial shape is malformed.
    ///
    /// # Cost
    ///
    /// Reading the transform and the spatial shape, and a few multiplications and divisions.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 20)))?
    ///     .with_bbox([0.0, 0.0, 200.0, 100.0], Registration::Pixel)?;
    /// assert_eq!(raster.index_at(55.0, 95.0)?, Some((0, 5)));
    /// assert_eq!(raster.index_at(55.0, 101.0)?, None);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "rowcol")]
    pub fn index_at(&self, x: f64, y: f64) -> Result<Option<(usize, usize)>> {
        if !(x.is_finite() && y.is_finite()) {
            return Err(self.annotate(error!(Argument, "index_at: ({x:?}, {y:?}) is no point on the ground")));
        }
        let (width, height) = (self.width()?, self.height()?);
        let (col, row) = self.transform()?.snapped(x, y).map_err(|e| self.annotate(e))?;
        Ok(index(row, height).zip(index(col, width)))
    }

    /// Returns the rows and columns of the pixels in a box `[xmin, ymin, xmax, ymax]` on the ground, as far as the raster
    /// goes.
    ///
    /// In a rotated raster these are the rows and columns around the box.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the box ends before it begins, or is not finite, or if the
    ///   transform cannot be inverted.
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no pixel in the box.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the transform or the spatial shape is malformed.
    ///
    /// # Cost
    ///
    /// Reading the transform and the spatial shape, and a few multiplications and divisions.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, WindowRounding, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 20)))?
    ///     .with_bbox([0.0, 0.0, 200.0, 100.0], Registration::Pixel)?;
    /// let (rows, cols) = raster.window_of([55.0, 20.0, 80.0, 300.0], WindowRounding::Touched)?;
    /// assert_eq!((rows, cols), (0..8, 5..8));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "from_bounds")]
    pub fn window_of(&self, bbox: [f64; 4], rounding: WindowRounding) -> Result<(Range<usize>, Range<usize>)> {
        let [xmin, ymin, xmax, ymax] = bbox;
        if !(xmin <= xmax && ymin <= ymax && bbox.iter().all(|c| c.is_finite())) {
            return Err(self.annotate(error!(
                Argument,
                "expected a finite box [xmin, ymin, xmax, ymax] with xmin <= xmax and ymin <= ymax, found {bbox:?}"
            )));
        }
        let (transform, width, height) = (self.transform()?, self.width()?, self.height()?);
        let mut corners = [(0.0, 0.0); 4];
        for (slot, (x, y)) in corners.iter_mut().zip([(xmin, ymin), (xmin, ymax), (xmax, ymin), (xmax, ymax)]) {
            *slot = transform.snapped(x, y).map_err(|e| self.annotate(e))?;
        }
        let cols = range(corners.map(|(col, _)| col), width, rounding);
        let rows = range(corners.map(|(_, row)| row), height, rounding);
        match rows.zip(cols) {
            Some(window) => Ok(window),
            None => Err(self.annotate(self.no_pixel_in(bbox, rounding))),
        }
    }

    #[cold]
    fn no_pixel_in(&self, bbox: [f64; 4], rounding: WindowRounding) -> Error {
        let bounds = self.bbox().map_or("unknown".to_owned(), |bounds| format!("{bounds:?}"));
        let hint = match rounding {
            WindowRounding::Touched => "",
            _ => ": if it lies between centres, `WindowRounding::Touched` takes each pixel that it touches",
        };
        let crs = match self.crs() {
            Ok(Some(crs)) => format!(" in {}", Short(crs)),
            _ => String::new(),
        };
        error!(NotFound, "there is no pixel in the box {bbox:?}, the raster's bounds are {bounds}{crs}{hint}")
    }
}

/// A whole number of pixels, if it is inside of the extent.
fn index(place: f64, extent: usize) -> Option<usize> {
    let inside = place >= 0.0 && place < extent as f64;
    inside.then_some(place as usize)
}

/// The pixels between the first and the last of some places along an axis, as far as it goes.
fn range(places: [f64; 4], extent: usize, rounding: WindowRounding) -> Option<Range<usize>> {
    // Only a box beyond all bounds has such corners.
    if places.iter().any(|place| place.is_nan()) {
        return (extent > 0).then_some(0..extent);
    }
    let first = places.into_iter().fold(f64::INFINITY, f64::min);
    let last = places.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let (start, end) = rounding.range(first, last);
    // Saturates at zero.
    let (start, end) = (start as usize, (end as usize).min(extent));
    (start < end).then_some(start..end)
}

impl BandRef<'_> {
    /// Returns the pixel under a point on the ground: `None` outside of the raster, and `None` for nodata.
    ///
    /// A point on an edge belongs to the pixel with the larger row or column, to within the rounding error of its coordinates.
    /// Misaligned pixels are read too.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if another axis than x and y has more than one index:
    ///   [`slice_dim("time", 0..1)`](crate::RasterRef::slice_dim) keeps one.
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
    #[doc(alias("sel", "RS_Value"))]
    pub fn sample<T: Pixel>(&self, x: f64, y: f64) -> Result<Option<T>> {
        self.sampler::<T>()?.at(x, y).map_err(|e| self.annotate(e))
    }

    /// Returns the pixel under each of many points `(x, y)`: `None` outside of the raster, and `None` for nodata.
    ///
    /// # Errors
    ///
    /// Those of [`sample`](Self::sample): for pixels of another type, other axes with more than one index, a point that is not finite, a
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
    #[doc(alias("sel", "RS_Values"))]
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
        let region = self.plane()?;
        Ok(Sampler { transform: self.transform()?, region, nodata: self.nodata()? })
    }

    /// Returns the pixels as (y, x). Other axes must have one index.
    fn plane(&self) -> Result<Region<'_>> {
        let Some([x, y]) = self.x_and_y()? else {
            return Err(self.annotate(error!(
                Shape,
                "its dims are {}, where a point has one x and one y: the raster has no two spatial dims",
                self.described()
            )));
        };
        let is_other = |axis: usize| axis != x && axis != y;
        if self.shape().iter().enumerate().any(|(axis, extent)| is_other(axis) && *extent != 1) {
            return Err(self.annotate(error!(
                Shape,
                "its dims are {}, where a point has one x and one y: keep one index of each other dim, as by \
                 `slice_dim(dim, 0..1)`",
                self.described()
            )));
        }
        Ok(self.region::<IxDyn>()?.plane(y, x))
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
            return Err(error!(Argument, "sample: ({x:?}, {y:?}) is no point on the ground"));
        }
        let (col, row) = self.transform.snapped(x, y)?;
        let &[height, width] = self.region.shape() else { return Ok(None) };
        let Some((row, col)) = index(row, height).zip(index(col, width)) else { return Ok(None) };
        let pixel =
            self.region.pixel::<T>([row, col]).ok_or_else(|| error!(Malformed, "view: it leaves the payload"))?;
        Ok(Some(pixel).filter(|pixel| self.nodata.is_none_or(|nodata| !same_value(*pixel, nodata))))
    }
}
