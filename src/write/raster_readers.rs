//! Reads an owned raster. Every call goes to the [`RasterRef`](crate::RasterRef) that it lends.

use std::ops::Range;

use ndarray::{Array, Array2, ArrayD, ArrayView, ArrayView2, ArrayViewD, ArrayViewMut, CowArray, Dimension, IxDyn};

use crate::error::Result;
use crate::geo::GeoTransform;
use crate::pixel::Pixel;
use crate::read::any_view::{AnyArrayView, AnyCowArray};
use crate::read::band::BandRef;
use crate::read::ground::WindowRounding;
use crate::read::only_band::only_band_readers;
use crate::write::raster::Raster;

impl Raster {
    /// Returns the number of bands.
    ///
    /// Never fails, because a `Raster` is valid. It returns a `Result` so that it is called like
    /// [`RasterRef::num_bands`](crate::RasterRef::num_bands).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.num_bands()?, 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RasterCount", "RS_NumBands"))]
    pub fn num_bands(&self) -> Result<usize> {
        self.as_ref().num_bands()
    }

    /// Borrows band `number`, counted from 0.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes. The first call that reads a raster also builds Arrow's nested arrays, in about a
    /// microsecond.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.band(0)?.shape(), [1, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn band(&self, number: usize) -> Result<BandRef<'_>> {
        self.as_ref().band(number)
    }

    /// Borrows the first band that has this name.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no band has the name.
    ///
    /// # Cost
    ///
    /// One comparison of names for each band up to the one that is found.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let raster = Raster::from_bands([Band::from_ndarray(array![[1u8, 2]])?.with_name("red")])?;
    /// assert_eq!(raster.band_by_name("red")?.shape(), [1, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn band_by_name(&self, name: &str) -> Result<BandRef<'_>> {
        self.as_ref().band_by_name(name)
    }

    /// Borrows all bands, one after the other.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band when it is reached.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?;
    /// assert_eq!(raster.bands().count(), 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn bands(&self) -> impl Iterator<Item = Result<BandRef<'_>>> {
        self.as_ref().bands()
    }

    /// Borrows the only band.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.only_band()?.shape(), [1, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn only_band(&self) -> Result<BandRef<'_>> {
        self.as_ref().only_band()
    }

    /// Returns the coordinate reference system, as the text that was set.
    ///
    /// Never fails, because a `Raster` is valid. It returns a `Result` so that it is called like
    /// [`RasterRef::crs`](crate::RasterRef::crs).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.crs()?, None);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("GetProjection", "RS_CRS"))]
    pub fn crs(&self) -> Result<Option<&str>> {
        self.as_ref().crs()
    }

    /// Returns the transform from pixels to the ground.
    ///
    /// Never fails, because a `Raster` is valid. It returns a `Result` so that it is called like
    /// [`RasterRef::transform`](crate::RasterRef::transform).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.transform()?, GeoTransform::default());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("GetGeoTransform", "affine", "RS_GeoReference"))]
    pub fn transform(&self) -> Result<GeoTransform> {
        self.as_ref().transform()
    }

    /// Returns the number of columns: the extent of x.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster has no spatial dims. Only a raster
    /// that was read from such a row has none.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.width()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RasterXSize", "RS_Width"))]
    pub fn width(&self) -> Result<usize> {
        self.as_ref().width()
    }

    /// Returns the number of rows: the extent of y.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster has fewer than two spatial dims.
    /// Only a raster that was read from such a row has fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.height()?, 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RasterYSize", "RS_Height"))]
    pub fn height(&self) -> Result<usize> {
        self.as_ref().height()
    }

    /// Returns the names of the spatial dims, x first.
    ///
    /// Never fails, because a `Raster` is valid. It returns a `Result` so that it is called like
    /// [`RasterRef::spatial_dims`](crate::RasterRef::spatial_dims).
    ///
    /// # Cost
    ///
    /// One small allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.spatial_dims()?, ["x", "y"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_dims(&self) -> Result<Vec<&str>> {
        self.as_ref().spatial_dims()
    }

    /// Returns the extents of the spatial dims in pixels: `[width, height]`.
    ///
    /// Never fails, because a `Raster` is valid. It returns a `Result` so that it is called like
    /// [`RasterRef::spatial_shape`](crate::RasterRef::spatial_shape).
    ///
    /// # Cost
    ///
    /// One small allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.spatial_shape()?, [2, 1]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_shape(&self) -> Result<Vec<usize>> {
        self.as_ref().spatial_shape()
    }

    /// Returns the bounding box `[xmin, ymin, xmax, ymax]` of the outer corners, in units of the CRS.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster has fewer than two spatial dims.
    /// Only a raster that was read from such a row has fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.bbox()?, [0.0, -1.0, 2.0, 0.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("bounds", "RS_Envelope"))]
    pub fn bbox(&self) -> Result<[f64; 4]> {
        self.as_ref().bbox()
    }

    /// Borrows all bands as one array of shape `(band, ...)`.
    ///
    /// This works if the bands have the same order in memory, and their first pixels lie evenly spaced in one data
    /// buffer. [`Band::split`](crate::Band::split) makes such bands.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has no bands, or unless all bands have the same
    ///   dims and extents.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if a band is out-of-db.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels of a band start at an address that `T`
    ///   does not allow.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the bands do not lie evenly spaced in one data buffer.
    ///   [`to_stack`](Self::to_stack) copies them.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band. Two small allocations.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.as_stack_view::<u8>()?.shape(), [1, 1, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("stack", "to_numpy"))]
    pub fn as_stack_view<T: Pixel>(&self) -> Result<ArrayViewD<'_, T>> {
        self.as_ref().as_stack_view()
    }

    /// Copies all bands into one array of shape `(band, ...)`, in C order.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has no bands, or unless all bands have the same
    ///   dims and extents.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if a band is out-of-db.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more than the payloads.
    ///
    /// # Cost
    ///
    /// Allocates the result, and copies each pixel once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.to_stack::<u8>()?.shape(), [1, 1, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("stack", "ReadAsArray"))]
    pub fn to_stack<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.as_ref().to_stack()
    }

    /// Converts all bands into one array of shape `(band, ...)`, each pixel by Rust's `as`.
    ///
    /// The bands may have different pixel types.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has no bands, or unless all bands have the same
    ///   dims and extents.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if a band is out-of-db.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more than the payloads.
    ///
    /// # Cost
    ///
    /// Allocates the result and one array of a band's size, and copies each pixel twice.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.to_stack_cast::<f32>()?.sum(), 3.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_stack_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.as_ref().to_stack_cast()
    }

    /// Returns the `(row, col)` of the pixel under a point on the ground, or `None` outside of the raster.
    ///
    /// A point on an edge belongs to the pixel with the larger row or column, to within the rounding error of its coordinates.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `x` or `y` is not finite, or if the transform cannot be inverted.
    ///
    /// # Cost
    ///
    /// A few multiplications and divisions.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 20)))?
    ///     .with_bbox([0.0, 0.0, 200.0, 100.0], Registration::Pixel)?;
    /// assert_eq!(raster.index_at(55.0, 95.0)?, Some((0, 5)));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn index_at(&self, x: f64, y: f64) -> Result<Option<(usize, usize)>> {
        self.as_ref().index_at(x, y)
    }

    /// Returns the rows and columns of the pixels in a box `[xmin, ymin, xmax, ymax]` on the ground, as far as the raster
    /// goes.
    ///
    /// In a rotated raster these are the rows and columns around the box.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the box ends before it begins, or is not finite, or if
    ///   the transform cannot be inverted.
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no pixel in the box.
    ///
    /// # Cost
    ///
    /// A few multiplications and divisions.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, WindowRounding, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 20)))?
    ///     .with_bbox([0.0, 0.0, 200.0, 100.0], Registration::Pixel)?;
    /// let (rows, cols) = raster.window_of([55.0, 20.0, 80.0, 300.0], WindowRounding::Touched)?;
    /// assert_eq!(raster.window(rows, cols)?.bbox()?, [50.0, 20.0, 80.0, 100.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn window_of(&self, bbox: [f64; 4], rounding: WindowRounding) -> Result<(Range<usize>, Range<usize>)> {
        self.as_ref().window_of(bbox, rounding)
    }

    only_band_readers!('_);

    #[inline]
    fn only_view<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'_, T, D>> {
        self.as_ref().only_view()
    }
}
