//! One raster, owned.

use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow_array::StructArray;
use ndarray::{ArcArray, Array as NdArray, ArrayBase, ArrayView, CowArray, Data, Dimension};

use crate::error::{Error, ErrorKind, Result, error};
use crate::format::columns::Columns;
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::geo::{GeoTransform, Registration};
use crate::limits::MAX_LEN;
use crate::pixel::Pixel;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::write::band::Band;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::owned_parts::OwnedParts;
use crate::write::parts::RasterParts;
use crate::write::storage::{MemoryLayout, PixelArray};

/// One raster, owned: what becomes a column of one row, of exactly SedonaDB's storage type.
///
/// Valid by construction: whatever makes one checks all of it, down to the length of each payload. Arrow's nested
/// arrays around the payloads are put together once, by the first call that reads the raster or turns it into an
/// array; changing and appending it does without them. A clone shares everything.
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
    /// A raster of one band out of a 2-D array, `(height, width)`: dims `["y", "x"]`, the transform that
    /// has pixels of one unit and north up, no CRS.
    ///
    /// Arrays of more axes need names: [`Band::with_dim_names`], then
    /// [`from_bands`](Raster::from_bands).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`] for fewer than two axes, [`ErrorKind::Argument`] for more,
    /// [`ErrorKind::TooLarge`] for more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// An `Array`, an owned `CowArray` or the last handle of an `ArcArray` in C order moves; another
    /// `ArcArray` in C order is shared; views, references and other orders are copied, once (see
    /// [`Band::from_ndarray`]). Plus a handful of small allocations, and about 20 when Arrow's arrays are made of it.
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
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        Self::from_bands([Band::from_ndarray(array)?])
    }

    /// The same, the array's memory stored as asked.
    ///
    /// Cost and errors: as [`from_ndarray`](Raster::from_ndarray) and [`Band::from_ndarray_with`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{MemoryLayout, Raster, ndarray::Array2};
    /// // A matrix upside down stays where it is.
    /// let mut pixels = Array2::from_shape_fn((4, 6), |(row, col)| (10 * row + col) as u8);
    /// pixels.invert_axis(ndraster::ndarray::Axis(0));
    /// let (expected, address) = (pixels.clone(), pixels.as_ptr());
    /// let raster = Raster::from_ndarray_with(pixels, MemoryLayout::AsIs)?;
    /// assert_eq!(raster.as_array_view2::<u8>()?, expected);
    /// assert_eq!(raster.as_array_view2::<u8>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarray_with<A: PixelArray>(array: A, layout: MemoryLayout) -> Result<Self> {
        Self::from_bands([Band::from_ndarray_with(array, layout)?])
    }

    /// A raster of several bands on one grid.
    ///
    /// The spatial dimensions are x/y, lon/lat, longitude/latitude or easting/northing, wherever they
    /// stand in the first band's dims, else its last two, y before x;
    /// [`with_spatial_dims`](Raster::with_spatial_dims) chooses others.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for no bands, bands of more than two axes without names, and bands without
    /// the spatial dimensions; [`ErrorKind::Shape`] unless all have the same extents along those.
    ///
    /// # Cost
    ///
    /// Payloads stay where they are.
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

    /// Shares the payloads.
    pub(crate) fn copy(parts: &RasterParts<'_>) -> Result<Self> {
        OwnedParts::copy(parts).map(Self::new)
    }

    fn new(parts: OwnedParts) -> Self {
        Raster(Arc::new(RasterInner { parts, column: OnceLock::new() }))
    }

    pub(crate) fn parts(&self) -> &OwnedParts {
        &self.0.parts
    }

    /// The first band's payload, if there are no other handles. Drops the cached Arrow array.
    pub(crate) fn first_payload_mut(&mut self) -> Option<&mut Payload> {
        let inner = Arc::get_mut(&mut self.0)?;
        inner.column = OnceLock::new();
        inner.parts.first_payload_mut()
    }

    /// The raster as an Arrow array, made when it is first asked for.
    fn column(&self) -> &RasterArray {
        // Cannot fail, since `OwnedParts` are small enough for one row. A null row in its place would make readers fail,
        // where a panic would end a query engine.
        self.0
            .column
            .get_or_init(|| RasterColumnBuilder::one(&self.0.parts).unwrap_or_else(|_| RasterArray::null_row()))
    }

    pub(crate) fn into_column(self) -> RasterArray {
        self.column().clone()
    }

    /// The raster as a row of a column: what every reader works on.
    ///
    /// # Cost
    ///
    /// A dozen pointer casts; the first time about 20 small allocations, which put the arrays together.
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

    /// Changes something that cannot make the raster invalid, in place unless there are other handles. Drops the cached Arrow
    /// array.
    fn set(mut self, change: impl FnOnce(&mut OwnedParts)) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        change(&mut inner.parts);
        inner.column = OnceLock::new();
        self
    }

    /// A copy with something changed that may turn out not to fit.
    fn try_with<'s>(&'s self, change: impl FnOnce(&mut RasterParts<'s>) -> Result<()>) -> Result<Self> {
        let mut parts = self.parts().borrow()?;
        change(&mut parts)?;
        Self::copy(&parts)
    }

    /// Sets the coordinate reference system: PROJJSON, WKT, or an authority's code such as `EPSG:4326`.
    /// It is stored as it is given.
    ///
    /// # Panics
    ///
    /// For a text of more than 2^31 - 1 bytes, which no Arrow string can be.
    ///
    /// # Cost
    ///
    /// A text or a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8]])?.with_crs("EPSG:4326");
    /// assert_eq!(raster.crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_crs(self, crs: impl Into<String>) -> Self {
        let crs = crs.into();
        assert!(crs.len() <= MAX_LEN, "with_crs: {} bytes are more than the {MAX_LEN} of one Arrow text", crs.len());
        self.set(|parts| parts.set_crs(crs))
    }

    /// Sets the transform.
    ///
    /// # Cost
    ///
    /// A text or a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, ndarray::array};
    /// let transform = GeoTransform::from_gdal([500.0, 30.0, 0.0, 900.0, 0.0, -30.0]);
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_transform(transform);
    /// assert_eq!(raster.bbox()?, [500.0, 870.0, 560.0, 900.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_transform(self, transform: GeoTransform) -> Self {
        self.set(|parts| parts.set_transform(transform))
    }

    /// Sets the north-up transform that fills a box `[xmin, ymin, xmax, ymax]`, in units of the CRS.
    ///
    /// # Errors
    ///
    /// As [`GeoTransform::from_bbox`].
    ///
    /// # Cost
    ///
    /// A text or a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_bbox([0.0, 0.0, 20.0, 10.0], Registration::Pixel)?;
    /// assert_eq!(raster.transform()?.to_gdal(), [0.0, 10.0, 0.0, 10.0, 0.0, -10.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_bbox(self, bbox: [f64; 4], registration: Registration) -> Result<Self> {
        let (width, height) = match self.parts().spatial_shape() {
            &[width, height, ..] => (width, height),
            _ => (self.width()?, self.height()?),
        };
        let transform = GeoTransform::from_bbox(bbox, width, height, registration)?;
        Ok(self.with_transform(transform))
    }

    /// Sets the nodata value of the one band. It must be of the pixels' own type.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PixelType`] for a value of another type, and [`ErrorKind::Shape`] if there are several
    /// bands: those get theirs by [`Band::with_nodata`].
    ///
    /// # Cost
    ///
    /// A few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1i16, -9999]])?.with_nodata(-9999i16)?;
    /// assert_eq!(raster.nodata::<i16>()?, Some(-9999));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_nodata<T: Pixel>(self, nodata: T) -> Result<Self> {
        let [band] = self.parts().bands() else {
            let count = self.parts().bands().len();
            return Err(error!(Shape, "nodata of {count} bands: set each by `Band::with_nodata`"));
        };
        let nodata = Nodata::new(nodata, band.pixel_type())?;
        Ok(self.set(|parts| parts.set_nodata(nodata)))
    }

    /// Chooses the spatial dimensions, x first. Every band must have both, with the same extents.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name that some band does not have, [`ErrorKind::Shape`] for extents
    /// that differ.
    ///
    /// # Cost
    ///
    /// Copies the names; what was made of the raster for Arrow is made again when it is asked for.
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
        self.try_with(|parts| parts.set_spatial_dims(x, y))
    }

    /// Puts the raster onto the grid of another: its CRS, its transform, and the names of its spatial
    /// dimensions, after which this one's are renamed.
    ///
    /// For the result of a computation on that raster, which has lost all three on its way through
    /// ndarray.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`] unless both have the same spatial extents; [`ErrorKind::Argument`] if a band has
    /// an axis of such a name already; else as the other's getters.
    ///
    /// # Cost
    ///
    /// Copies the names; what was made of the raster for Arrow is made again when it is asked for.
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
            if parts.spatial_shape() != shape {
                let found = parts.spatial_shape();
                return Err(error!(
                    Shape,
                    "grid: the spatial extents are {found:?}, those of the other raster {shape:?}"
                ));
            }
            parts.crs = other.crs()?;
            parts.transform = other.transform()?;
            parts.rename_spatial_dims(&dims)
        })
    }
}

impl<'a> From<&'a Raster> for RasterRef<'a> {
    fn from(raster: &'a Raster) -> Self {
        let array = raster.column().as_struct_array();
        match Columns::new(array) {
            Ok(columns) => RasterRef::new(columns, 0, None),
            // Cannot fail: the array has the storage type, since this crate made it.
            #[allow(clippy::unreachable, reason = "a `Raster` is written by this crate, which nothing changes")]
            Err(error) => unreachable!("{error}"),
        }
    }
}

impl RasterRef<'_> {
    /// Owns the raster: one that outlives the column.
    ///
    /// # Errors
    ///
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), if it is not a valid raster.
    ///
    /// # Cost
    ///
    /// Metadata are copied; payloads of more than 12 bytes are shared.
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
        Raster::copy(&RasterParts::read(*self)?)
    }
}

impl From<Raster> for RasterArray {
    /// A column of one row.
    fn from(raster: Raster) -> Self {
        raster.into_column()
    }
}

impl TryFrom<RasterArray> for Raster {
    type Error = Error;

    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`] unless there is one row, [`ErrorKind::Null`] if that is null, and whatever is
    /// wrong with the raster.
    ///
    /// # Cost
    ///
    /// Metadata are read, checked and written anew, so that nothing unchecked comes along; payloads of
    /// more than 12 bytes are shared.
    fn try_from(column: RasterArray) -> Result<Self> {
        if column.len() != 1 {
            return Err(error!(Shape, "a raster is a column of one row, this one has {}", column.len()));
        }
        let Some(raster) = column.get(0) else {
            return Err(Error::new(ErrorKind::Null, "the only row of the column is null"));
        };
        raster.to_raster()
    }
}

impl TryFrom<StructArray> for Raster {
    type Error = Error;

    /// As from a [`RasterArray`].
    fn try_from(array: StructArray) -> Result<Self> {
        RasterArray::try_from(array)?.try_into()
    }
}

impl From<Raster> for StructArray {
    /// An array of one row, sharing every buffer.
    fn from(raster: Raster) -> Self {
        raster.into_column().into()
    }
}

/// [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<NdArray<T, D>> for Raster {
    type Error = Error;

    fn try_from(array: NdArray<T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<ArcArray<T, D>> for Raster {
    type Error = Error;

    fn try_from(array: ArcArray<T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<CowArray<'_, T, D>> for Raster {
    type Error = Error;

    fn try_from(array: CowArray<'_, T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, D: Dimension> TryFrom<ArrayView<'_, T, D>> for Raster {
    type Error = Error;

    fn try_from(array: ArrayView<'_, T, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

/// [`Raster::from_ndarray`], for generic code.
impl<T: Pixel, S: Data<Elem = T>, D: Dimension> TryFrom<&ArrayBase<S, D>> for Raster {
    type Error = Error;

    fn try_from(array: &ArrayBase<S, D>) -> Result<Self> {
        Self::from_ndarray(array)
    }
}

impl fmt::Debug for Raster {
    /// Shape, types and CRS; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}
