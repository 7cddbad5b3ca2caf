//! Defines the owned raster: its constructors and its setters.

use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow_array::StructArray;
use ndarray::{ArcArray, Array as NdArray, ArrayBase, ArrayView, CowArray, Data, Dimension};

use crate::error::{Error, Result, error};
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::geo::{GeoTransform, Registration};
use crate::limits::MAX_LEN;
use crate::pixel::Pixel;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::{RasterRef, fmt_as};
use crate::shown::Few;
use crate::write::band::Band;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::owned_parts::OwnedParts;
use crate::write::parts::RasterParts;
use crate::write::storage::{MemoryLayout, PixelArray};

/// An owned raster: bands of pixels on one grid, made from ndarray arrays or from a row of a column.
///
/// - [`Raster::from_ndarray`] makes a raster of one band from a 2-D array.
/// - [`Raster::from_bands`] makes a raster from several [`Band`]s, or from one with a name or more than two axes.
/// - [`RasterRef::to_raster`] makes a raster from a row of a column, and shares its payloads.
/// - [`Raster::try_from`] makes a raster from a [`RasterArray`] or a `StructArray` of one row.
///
/// [`RasterArray::from`] and `StructArray::from` make a column of one row from a raster, in exactly SedonaDB's storage
/// type. [`RasterArrayBuilder`](crate::RasterArrayBuilder) and `collect` make columns of many rasters.
///
/// A raster is always valid: whatever makes one checks all of it, down to the length of each payload. The first call
/// that reads a raster, or turns it into an Arrow array, builds Arrow's nested arrays around the payloads and caches
/// them. Setters and appending to a column do not need these arrays. A clone shares everything.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, Registration, ndarray::Array2};
///
/// let elevation = Array2::<i16>::from_elem((344, 403), 300);
/// let raster = Raster::from_ndarray(elevation)? // the array's memory, not a copy
///     .with_crs("EPSG:4326")
///     .with_bbox([-84.4, 36.4, -84.0, 36.7], Registration::Pixel)?
///     .with_nodata(-9999i16)?;
/// assert_eq!((raster.height()?, raster.width()?), (344, 403));
/// assert_eq!(raster.as_array_view2::<i16>()?[[0, 0]], 300);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct Raster(Arc<RasterInner>);

#[derive(Clone)]
struct RasterInner {
    parts: OwnedParts,
    column: OnceLock<RasterArray>,
}

impl Raster {
    /// Makes a raster of one band from an array of shape `(height, width)`.
    ///
    /// The band has the dims `["y", "x"]`. The raster has no CRS, and its transform is north up, with pixels of one
    /// unit and the origin at (0, 0).
    ///
    /// The axes of an array with more than two axes need names: call [`Band::with_dim_names`], then
    /// [`from_bands`](Raster::from_bands).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than two axes.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if it has 3 to 64 axes, because these need names.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if it has more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if it has more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// A few small allocations, and for the pixels:
    ///
    /// - The memory of an `Array`, of an owned `CowArray` or of the last handle of an `ArcArray` moves if it is in C
    ///   order.
    /// - The memory of an `ArcArray` with other handles is shared if it is in C order.
    /// - Memory in another order, array views and references are copied once, into C order.
    ///
    /// Up to 12 bytes are always copied, because Arrow stores them in place. Arrow's nested arrays, once they are
    /// needed, take about 20 small allocations more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let pixels = array![[1.0f64, 2.0], [3.0, 4.0]];
    /// let address = pixels.as_ptr();
    /// let raster = Raster::from_ndarray(pixels)?;
    /// assert_eq!(raster.as_array_view::<f64>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("from_numpy", "DataArray"))]
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        Self::from_bands([Band::from_ndarray(array)?])
    }

    /// Makes a raster of one band from an array of shape `(height, width)`, with its memory stored as `layout` says.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than two axes.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if it has 3 to 64 axes, because these need names.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if it has more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the payload would have more than 2^31 - 1 bytes. Under
    ///   [`AsIs`](MemoryLayout::AsIs) gaps count too.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) under [`Strict`](MemoryLayout::Strict) if the array would have
    ///   to be copied.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) under [`AsIs`](MemoryLayout::AsIs) if no view can describe the
    ///   array in its memory, or if an `ArcArray` with other handles has gaps.
    ///
    /// # Cost
    ///
    /// A few small allocations, and for the pixels:
    ///
    /// - Under [`Standard`](MemoryLayout::Standard) memory in C order moves or is shared. Memory in another order,
    ///   array views and references are copied once.
    /// - Under [`Strict`](MemoryLayout::Strict) nothing is copied.
    /// - Under [`AsIs`](MemoryLayout::AsIs) only array views and references are copied, once.
    ///
    /// Up to 12 bytes are always copied, because Arrow stores them in place.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{MemoryLayout, Raster, ndarray::{Array2, Axis}};
    /// // An array whose rows were put in reverse order keeps its memory.
    /// let mut pixels = Array2::from_shape_fn((4, 6), |(row, col)| (10 * row + col) as u8);
    /// pixels.invert_axis(Axis(0));
    /// let (expected, address) = (pixels.clone(), pixels.as_ptr());
    /// let raster = Raster::from_ndarray_with(pixels, MemoryLayout::AsIs)?;
    /// assert_eq!(raster.as_array_view2::<u8>()?, expected);
    /// assert_eq!(raster.as_array_view2::<u8>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarray_with<A: PixelArray>(array: A, layout: MemoryLayout) -> Result<Self> {
        Self::from_bands([Band::from_ndarray_with(array, layout)?])
    }

    /// Makes a raster from one or more bands on one grid.
    ///
    /// The spatial dims are those of the first band that have known names, in any position and in any case: x, lon, longitude,
    /// easting, col, cols, column or columns, and y, lat, latitude, northing, row or rows. Of two axes, one such name is enough;
    /// without any, y is first and x second.
    /// [`from_bands_with_spatial_dims`](Raster::from_bands_with_spatial_dims) takes any names.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if there are no bands.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a band has more than two axes and no names for them.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the first band has more than two axes, and their names
    ///   do not say which ones are x and y.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a band does not have both spatial dims.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless all bands have the same extents along the spatial dims.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text have more than 2^31 - 1 bytes
    ///   together.
    ///
    /// # Cost
    ///
    /// A few small allocations. The payloads stay where they are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let red = Band::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_name("red");
    /// let mask = Band::from_ndarray(Array2::<i8>::zeros((2, 3)))?.with_name("mask");
    /// assert_eq!(Raster::from_bands([red, mask])?.num_bands()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_bands(bands: impl IntoIterator<Item = Band>) -> Result<Self> {
        OwnedParts::from_bands(bands.into_iter().collect()).map(Self::new)
    }

    /// Makes a raster from one or more bands on one grid, whose spatial dims have these names.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if there are no bands, or if `x` and `y` are the same.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a band has more than two axes and no names for them, or
    ///   does not have both spatial dims.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless all bands have the same extents along the spatial dims.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text have more than 2^31 - 1 bytes
    ///   together.
    ///
    /// # Cost
    ///
    /// A few small allocations. The payloads stay where they are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array3};
    /// let scan = Band::from_ndarray(Array3::<u8>::zeros((2, 3, 4)))?.with_dim_names(["line", "pixel", "channel"])?;
    /// let raster = Raster::from_bands_with_spatial_dims([scan], "pixel", "line")?;
    /// assert_eq!((raster.width()?, raster.height()?), (3, 2));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_bands_with_spatial_dims(bands: impl IntoIterator<Item = Band>, x: &str, y: &str) -> Result<Self> {
        OwnedParts::new(bands.into_iter().collect(), Some([x, y])).map(Self::new)
    }

    /// Makes a raster from parts: copies everything but the payloads, which are shared.
    pub(crate) fn copy(parts: &RasterParts<'_>) -> Result<Self> {
        OwnedParts::copy(parts).map(Self::new)
    }

    fn new(parts: OwnedParts) -> Self {
        Raster(Arc::new(RasterInner { parts, column: OnceLock::new() }))
    }

    pub(crate) fn parts(&self) -> &OwnedParts {
        &self.0.parts
    }

    /// Returns the payload of the first band, unless the raster has other handles. Drops the cached Arrow array.
    pub(crate) fn first_payload_mut(&mut self) -> Option<&mut Payload> {
        let inner = Arc::get_mut(&mut self.0)?;
        inner.column = OnceLock::new();
        inner.parts.first_payload_mut()
    }

    /// Makes a change that keeps the raster valid, in place unless there are other handles. Drops the cached Arrow
    /// array.
    fn set(mut self, change: impl FnOnce(&mut OwnedParts)) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        change(&mut inner.parts);
        inner.column = OnceLock::new();
        self
    }

    /// Makes another raster of the parts of this one.
    pub(super) fn try_with<'s>(&'s self, change: impl FnOnce(&RasterParts<'s>) -> Result<Self>) -> Result<Self> {
        change(&self.parts().borrow()?)
    }

    /// Sets the coordinate reference system: PROJJSON, WKT, or an authority's code such as `EPSG:4326`.
    ///
    /// The text is stored as it is given.
    ///
    /// # Panics
    ///
    /// Panics if the text has more than 2^31 - 1 bytes, because no Arrow string can hold it.
    ///
    /// # Cost
    ///
    /// Copies the text, unless it is a `String`. Drops the cached Arrow array. If the raster has other handles, copies
    /// all metadata.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8]])?.with_crs("EPSG:4326");
    /// assert_eq!(raster.crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("write_crs", "SetProjection", "RS_SetCRS"))]
    #[must_use]
    pub fn with_crs(self, crs: impl Into<String>) -> Self {
        let crs = crs.into();
        assert!(crs.len() <= MAX_LEN, "with_crs: {} bytes are more than the {MAX_LEN} of one Arrow text", crs.len());
        self.set(|parts| parts.set_crs(crs))
    }

    /// Sets the transform from pixels to the ground.
    ///
    /// # Cost
    ///
    /// Drops the cached Arrow array. If the raster has other handles, copies all metadata.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, ndarray::array};
    /// let transform = GeoTransform::from_gdal([500.0, 30.0, 0.0, 900.0, 0.0, -30.0])?;
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_transform(transform);
    /// assert_eq!(raster.bbox()?, [500.0, 870.0, 560.0, 900.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetGeoTransform", "write_transform"))]
    #[must_use]
    pub fn with_transform(self, transform: GeoTransform) -> Self {
        self.set(|parts| parts.set_transform(transform))
    }

    /// Sets the north-up transform that fills a bounding box `[xmin, ymin, xmax, ymax]`, in units of the CRS.
    ///
    /// Row 0 is the northern one, at `ymax`. For rows that go north, as latitudes that ascend, use
    /// [`with_coords`](Raster::with_coords).
    ///
    /// [`Registration`] says whether the box runs along the outer edges of the border pixels or through their centres.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a number of the box is not finite, or if `xmin < xmax`
    ///   or `ymin < ymax` does not hold.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the width or the height is zero, or is one with
    ///   [`Registration::Node`].
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a pixel is too small or too large for `f64`.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster has fewer than two spatial dims. Only a
    ///   raster that was read from such a row has fewer.
    ///
    /// # Cost
    ///
    /// Drops the cached Arrow array. If the raster has other handles, copies all metadata.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_bbox([0.0, 0.0, 20.0, 10.0], Registration::Pixel)?;
    /// assert_eq!(raster.transform()?.to_gdal(), [0.0, 10.0, 0.0, 10.0, 0.0, -10.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("from_bounds"))]
    pub fn with_bbox(self, bbox: [f64; 4], registration: Registration) -> Result<Self> {
        let (width, height) = match self.parts().spatial_shape() {
            &[width, height, ..] => (width, height),
            _ => (self.width()?, self.height()?),
        };
        let transform = GeoTransform::from_bbox(bbox, width, height, registration)?;
        Ok(self.with_transform(transform))
    }

    /// Sets the unrotated transform of pixels with these centres: the x of each column, and the y of each row, as netCDF and
    /// xarray have them.
    ///
    /// Coordinates may ascend or descend: latitudes that ascend make a raster that is south-up.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one x for each column and one y for each row.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if coordinates are not regular to a hundredth of a pixel,
    ///   or fewer than two, as [`GeoTransform::from_coords`] says.
    ///
    /// # Cost
    ///
    /// A look at each coordinate. Drops the cached Arrow array. If the raster has other handles, copies all metadata.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let (lon, lat) = ([0.5, 1.5, 2.5, 3.5], [-89.5, -88.5, -87.5]);
    /// let field = Band::from_ndarray(Array2::<f32>::zeros((3, 4)))?.with_dim_names(["lat", "lon"])?;
    /// let raster = Raster::from_bands([field])?.with_coords(&lon, &lat)?;
    /// assert_eq!(raster.bbox()?, [0.0, -90.0, 4.0, -87.0]);
    /// assert_eq!(raster.index_at(0.5, -89.5)?, Some((0, 0)));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("assign_coords"))]
    pub fn with_coords(self, x: &[f64], y: &[f64]) -> Result<Self> {
        if self.parts().spatial_shape() != [x.len(), y.len()] {
            let (dims, extents) = (self.spatial_dims()?, self.spatial_shape()?);
            let advice = if extents == [y.len(), x.len()] { ": x comes first" } else { "" };
            return Err(error!(
                Shape,
                "with_coords: {} x and {} y are given for the spatial dims {} with the extents {}{advice}",
                x.len(),
                y.len(),
                Few(&dims),
                Few(&extents)
            ));
        }
        Ok(self.with_transform(GeoTransform::from_coords(x, y)?))
    }

    /// Sets the nodata value of every band. It must have the type of their pixels.
    ///
    /// For one band of several, use [`Band::with_nodata`]. Pixels stay as they are: those that had the value of an old nodata are
    /// valid then. [`map_with`](Raster::map_with) replaces them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the value has another type than the pixels of a band.
    ///
    /// # Cost
    ///
    /// Drops the cached Arrow array. If the raster has other handles, copies all metadata.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1i16, -9999]])?.with_nodata(-9999i16)?;
    /// assert_eq!(raster.nodata::<i16>()?, Some(-9999));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetNoDataValue", "write_nodata"))]
    pub fn with_nodata<T: Pixel>(self, nodata: T) -> Result<Self> {
        for (number, band) in self.parts().bands().iter().enumerate() {
            Nodata::new(nodata, band.pixel_type()).map_err(|e| e.in_band(number))?;
        }
        let nodata = Nodata::new(nodata, T::PIXEL_TYPE)?;
        Ok(self.set(|parts| parts.set_nodata(Some(nodata))))
    }

    /// Removes the nodata value of every band: all pixels are valid then.
    ///
    /// # Cost
    ///
    /// None for a raster without other handles; else copies all metadata. Drops the cached Arrow array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?.without_nodata();
    /// assert_eq!(raster.nodata::<u8>()?, None);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn without_nodata(self) -> Self {
        self.set(|parts| parts.set_nodata(None))
    }

    /// Sets which two dims are the spatial ones, x first. Every band must have both, with the same extents.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a band does not have both dims, or if they are the
    ///   same.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the raster has no bands. Only a raster that was read
    ///   from such a row has none.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the extents of a dim differ between bands.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text then have more than 2^31 - 1
    ///   bytes together.
    ///
    /// # Cost
    ///
    /// Copies all metadata, in a few small allocations. Drops the cached Arrow array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array3};
    /// let band = Band::from_ndarray(Array3::<u8>::zeros((2, 3, 4)))?.with_dim_names(["row", "col", "rgba"])?;
    /// let raster = Raster::from_bands([band])?.with_spatial_dims("col", "row")?;
    /// assert_eq!((raster.width()?, raster.height()?), (3, 2));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_spatial_dims(self, x: &str, y: &str) -> Result<Self> {
        self.try_with(|parts| {
            let mut parts = parts.clone();
            parts.set_spatial_dims(x, y)?;
            Self::copy(&parts)
        })
    }

    /// Sets the grid of another raster: its CRS, its transform, and the names of its spatial dims, also in the bands.
    ///
    /// Use it for the result of a computation on that raster, because an ndarray array carries none of these. Nodata and the
    /// names of bands are not taken over: the result may need others ([`with_nodata`](Self::with_nodata)). It knows names and
    /// extents only: a matrix that is square, and in another order than (y, x), is taken as it is. Matrices that this crate
    /// lends ([`as_array_view2`](Self::as_array_view2)) are always (y, x). [`map`](Self::map) needs no such care, and keeps nodata
    /// and the names of bands.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless both rasters have two spatial dims with the same extents.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a band has another axis with the name of a spatial dim
    ///   of the other raster.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the CRS, the transform or the spatial dims of the
    ///   other raster cannot be read.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text, or the CRS, then have more
    ///   than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies all metadata, in a few small allocations. Drops the cached Arrow array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let band = Band::from_ndarray(array![[1u8, 2]])?.with_dim_names(["lat", "lon"])?;
    /// let input = Raster::from_bands([band])?.with_crs("EPSG:4326");
    /// let result = input.as_array_view2::<u8>()?.mapv(f32::from) / 2.0;
    /// let output = Raster::from_ndarray(result)?.with_grid_of(&input)?;
    /// assert_eq!(output.crs()?, Some("EPSG:4326"));
    /// assert_eq!(output.band(0)?.dim_names(), ["lat", "lon"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_grid_of<'a>(self, other: impl Into<RasterRef<'a>>) -> Result<Self> {
        let other = other.into();
        let (dims, shape) = (other.spatial_dims()?, other.spatial_shape()?);
        self.try_with(|parts| {
            parts.require_grid(&dims, &shape)?;
            let mut parts = parts.clone();
            parts.crs = other.crs()?;
            parts.transform = other.transform()?;
            parts.rename_spatial_dims(&dims)?;
            Self::copy(&parts)
        })
    }

    /// Returns the cached Arrow array, after building it if there is none.
    fn column(&self) -> &RasterArray {
        // Building cannot fail, because `OwnedParts` are small enough for one row. If it did, the null row would give
        // readers an error, whereas a panic would stop a query engine.
        self.0
            .column
            .get_or_init(|| RasterColumnBuilder::one(&self.0.parts).unwrap_or_else(|_| RasterArray::null_row()))
    }

    pub(crate) fn into_column(self) -> RasterArray {
        self.column().clone()
    }

    /// Borrows the raster as a [`RasterRef`], like a row of a column.
    ///
    /// # Cost
    ///
    /// A dozen pointer casts. The first call on a raster also builds Arrow's nested arrays, in about 20 small
    /// allocations.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterRef, ndarray::array};
    /// fn area(raster: RasterRef<'_>) -> ndraster::Result<usize> {
    ///     Ok(raster.width()? * raster.height()?)
    /// }
    /// assert_eq!(area(Raster::from_ndarray(array![[1u8, 2, 3]])?.as_ref())?, 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_ref(&self) -> RasterRef<'_> {
        self.into()
    }
}

impl<'a> From<&'a Raster> for RasterRef<'a> {
    fn from(raster: &'a Raster) -> Self {
        match raster.column().columns() {
            Ok(columns) => RasterRef::new(&columns, 0, None),
            // Cannot fail, because this crate made the array, so it has the storage type.
            #[allow(clippy::unreachable, reason = "a `Raster` is written by this crate, which nothing changes")]
            Err(error) => unreachable!("{error}"),
        }
    }
}

impl RasterRef<'_> {
    /// Copies the raster out of the column, so that it can outlive the column.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload, the CRS, or all names and other text
    ///   together have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata, in a few small allocations. Payloads of more than 12 bytes are shared.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(Array2::<u8>::ones((2, 3)))?]);
    /// let raster = column.get(0).unwrap().to_raster()?;
    /// drop(column);
    /// assert_eq!(raster.as_array_view::<u8>()?.sum(), 6);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_raster(&self) -> Result<Raster> {
        Raster::copy(&RasterParts::read(self)?)
    }
}

impl From<Raster> for RasterArray {
    /// Makes a column of one row, which shares the payloads.
    fn from(raster: Raster) -> Self {
        raster.into_column()
    }
}

impl TryFrom<RasterArray> for Raster {
    type Error = Error;

    /// Makes a raster from a column of one row.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the column has exactly one row.
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) if the row is null.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload, the CRS, or all names and other text
    ///   together have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Reads the metadata, checks them and writes them anew, so that nothing unchecked comes along. Payloads of more
    /// than 12 bytes are shared.
    fn try_from(column: RasterArray) -> Result<Self> {
        if column.len() != 1 {
            let advice = if column.is_empty() { "" } else { ": take one by `get(row)` and `to_raster`" };
            return Err(error!(Shape, "a raster is a column of one row, this one has {}{advice}", column.len()));
        }
        let Some(raster) = column.get(0) else {
            return Err(error!(Null, "the only row of the column is null"));
        };
        raster.to_raster()
    }
}

impl TryFrom<StructArray> for Raster {
    type Error = Error;

    /// Makes a raster from a struct array of one row.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Schema`](crate::ErrorKind::Schema) if the array does not have the type of a raster column.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the array has exactly one row.
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) if the row is null.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the array or the raster is not valid.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload, the CRS, or all names and other text
    ///   together have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Reads the metadata, checks them and writes them anew. Payloads of more than 12 bytes are shared.
    fn try_from(array: StructArray) -> Result<Self> {
        RasterArray::try_from(array)?.try_into()
    }
}

impl From<Raster> for StructArray {
    /// Makes an array of one row, which shares the payloads.
    fn from(raster: Raster) -> Self {
        raster.into_column().into()
    }
}

/// Makes a raster of one band by [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<NdArray<T, D>> for Raster {
    type Error = Error;

    fn try_from(array: NdArray<T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// Makes a raster of one band by [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<ArcArray<T, D>> for Raster {
    type Error = Error;

    fn try_from(array: ArcArray<T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// Makes a raster of one band by [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<CowArray<'_, T, D>> for Raster {
    type Error = Error;

    fn try_from(array: CowArray<'_, T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// Makes a raster of one band by [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<ArrayView<'_, T, D>> for Raster {
    type Error = Error;

    fn try_from(array: ArrayView<'_, T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// Makes a raster of one band by [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, S: Data<Elem = T>, D: Dimension> TryFrom<&ArrayBase<S, D>> for Raster {
    type Error = Error;

    fn try_from(array: &ArrayBase<S, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// Shows size, CRS, grid and bands, as [`RasterRef`] does; never pixels.
///
/// # Examples
///
/// ```
/// # use ndraster::{Raster, Registration, ndarray::Array2};
/// let raster = Raster::from_ndarray(Array2::<i16>::zeros((3, 4)))?
///     .with_crs("EPSG:4326")
///     .with_bbox([0.0, 0.0, 8.0, 6.0], Registration::Pixel)?
///     .with_nodata(-9999i16)?;
/// assert_eq!(
///     raster.to_string(),
///     "Raster: height 3, width 4, EPSG:4326\n  bounds [0.0, 0.0, 8.0, 6.0], pixel 2 x -2\n  \
///      band 0: int16 (y 3, x 4), nodata -9999"
/// );
/// # Ok::<(), ndraster::Error>(())
/// ```
impl fmt::Display for Raster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_ref(), f)
    }
}

impl fmt::Debug for Raster {
    /// Shows shape, types and CRS, never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_as("Raster", &self.as_ref(), f)
    }
}
