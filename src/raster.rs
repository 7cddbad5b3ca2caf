//! One raster, owned.

use std::fmt;
use std::ops::RangeBounds;
use std::sync::{Arc, OnceLock};

use arrow_array::StructArray;
use ndarray::{ArcArray, Array as NdArray, ArrayBase, ArrayD, ArrayView, ArrayViewD, CowArray, Data, Dimension, Slice};

use crate::assemble::Assembly;
use crate::band::Band;
use crate::columns::Columns;
use crate::error::{Error, ErrorKind, Result, error};
use crate::geo::{GeoTransform, Registration};
use crate::memory::{MemoryLayout, PixelArray};
use crate::new_band::NewBand;
use crate::nodata::Nodata;
use crate::owned_parts::OwnedParts;
use crate::parts::RasterParts;
use crate::payload::{MAX_LEN, Payload};
use crate::pixel::Pixel;
use crate::raster_array::RasterArray;
use crate::raster_ref::RasterRef;
use crate::view::Axes;

/// One raster, owned: what becomes a column of one row, of exactly SedonaDB's storage type.
///
/// Valid by construction: whatever makes one checks all of it, down to the length of each payload. Arrow's nested
/// arrays around the payloads are put together once, by the first call that reads the raster or turns it into an
/// array; changing and appending it does without them. A clone shares everything.
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
pub struct Raster(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    parts: OwnedParts,
    column: OnceLock<RasterArray>,
}

impl Raster {
    /// A raster of one band out of a 2-D array, `(height, width)`: dims `["y", "x"]`, the transform that
    /// has pixels of one unit and north up, no CRS.
    ///
    /// Arrays of more axes need names: [`NewBand::with_dim_names`], then
    /// [`from_bands`](Raster::from_bands).
    ///
    /// Cost: an `Array`, an owned `CowArray` or the last handle of an `ArcArray` in C order moves; another
    /// `ArcArray` in C order is shared; views, references and other orders are copied, once (see
    /// [`NewBand::from_ndarray`]). Plus a handful of small allocations, and about 20 when Arrow's arrays are made of it.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for fewer than two axes, [`ErrorKind::Argument`] for more,
    /// [`ErrorKind::TooLarge`] for more than 2^31 - 1 bytes.
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
        Self::from_bands([NewBand::from_ndarray(array)?])
    }

    /// The same, the array's memory stored as asked.
    ///
    /// Cost and errors: as [`from_ndarray`](Raster::from_ndarray) and [`NewBand::from_ndarray_with`].
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
        Self::from_bands([NewBand::from_ndarray_with(array, layout)?])
    }

    /// A raster of several bands on one grid.
    ///
    /// The spatial dimensions are x/y, lon/lat, longitude/latitude or easting/northing, wherever they
    /// stand in the first band's dims, else its last two, y before x;
    /// [`with_spatial_dims`](Raster::with_spatial_dims) chooses others.
    ///
    /// Cost: payloads stay where they are.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`] for no bands, bands of more than two axes without names, and bands without
    /// the spatial dimensions; [`ErrorKind::Shape`] unless all have the same extents along those.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let red = NewBand::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_name("red");
    /// let mask = NewBand::from_ndarray(Array2::<i8>::zeros((2, 3)))?.with_name("mask");
    /// assert_eq!(Raster::from_bands([red, mask])?.num_bands()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_bands(bands: impl IntoIterator<Item = NewBand>) -> Result<Self> {
        Self::new(OwnedParts::from_bands(bands.into_iter().collect())?)
    }

    /// Shares the payloads.
    pub(crate) fn copy(parts: &RasterParts<'_>) -> Result<Self> {
        Self::new(OwnedParts::copy(parts)?)
    }

    pub(crate) fn new(parts: OwnedParts) -> Result<Self> {
        let raster = Raster(Arc::new(Inner { parts, column: OnceLock::new() }));
        raster.require_room()?;
        Ok(raster)
    }

    /// Makes sure that the columns can be made, which have limits that no sane raster comes near.
    fn require_room(&self) -> Result<()> {
        if self.0.parts.volume() > MAX_LEN {
            let column = Assembly::one(&self.0.parts)?;
            self.0.column.get_or_init(|| column);
        }
        Ok(())
    }

    pub(crate) fn parts(&self) -> &OwnedParts {
        &self.0.parts
    }

    /// The payload of the first band, unless there are other handles on the raster. What was made of the raster for
    /// Arrow, which shares it, goes.
    pub(crate) fn first_payload_mut(&mut self) -> Option<&mut Payload> {
        let inner = Arc::get_mut(&mut self.0)?;
        inner.column = OnceLock::new();
        inner.parts.bands.first_mut().map(NewBand::payload_mut)
    }

    /// The column of one row.
    fn column(&self) -> &RasterArray {
        self.0.column.get_or_init(|| match Assembly::one(&self.0.parts) {
            Ok(column) => column,
            #[allow(clippy::unreachable, reason = "the parts are valid, and `require_room` asked whether they fit")]
            Err(error) => unreachable!("{error}"),
        })
    }

    pub(crate) fn into_column(self) -> RasterArray {
        self.column().clone()
    }

    /// The raster as a row of a column: what every reader works on.
    ///
    /// Cost: a dozen pointer casts; the first time about 20 small allocations, which put the arrays together.
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

    /// The same raster with something changed, in place unless there are other handles.
    fn set(mut self, change: impl FnOnce(&mut OwnedParts)) -> Result<Self> {
        let inner = Arc::make_mut(&mut self.0);
        change(&mut inner.parts);
        inner.column = OnceLock::new();
        self.require_room()?;
        Ok(self)
    }

    /// A copy with something changed that may turn out not to fit.
    fn try_with<'s>(&'s self, change: impl FnOnce(&mut RasterParts<'s>) -> Result<()>) -> Result<Self> {
        let mut parts = self.0.parts.borrow()?;
        change(&mut parts)?;
        Self::copy(&parts)
    }

    /// Sets the coordinate reference system: PROJJSON, WKT, or an authority's code such as `EPSG:4326`.
    /// It is stored as it is given.
    ///
    /// Cost: a text or a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Panics
    /// For a text of more than 2^31 - 1 bytes, which no Arrow string can be.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8]])?.with_crs("EPSG:4326");
    /// assert_eq!(raster.crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_crs(self, crs: impl AsRef<str>) -> Self {
        let crs = crs.as_ref().to_owned();
        match self.set(|parts| parts.crs = Some(crs)) {
            Ok(raster) => raster,
            #[allow(clippy::panic, reason = "a `Raster` is valid, so only the length is left, as documented")]
            Err(error) => panic!("with_crs: {error}"),
        }
    }

    /// Sets the transform.
    ///
    /// Cost: a text or a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Errors
    /// None today: a raster can have any six numbers.
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, ndarray::array};
    /// let transform = GeoTransform::new([500.0, 30.0, 0.0, 900.0, 0.0, -30.0]);
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_transform(transform)?;
    /// assert_eq!(raster.bbox()?, [500.0, 870.0, 560.0, 900.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_transform(self, transform: impl Into<GeoTransform>) -> Result<Self> {
        self.set(|parts| parts.transform = transform.into())
    }

    /// Sets the north-up transform that fills a box `[xmin, ymin, xmax, ymax]`, in units of the CRS.
    ///
    /// Cost: a text or a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Errors
    /// As [`GeoTransform::from_bbox`].
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
        self.with_transform(transform)
    }

    /// Sets the nodata value of the one band. It must be of the pixels' own type.
    ///
    /// Cost: a few numbers; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::PixelType`] for a value of another type, and [`ErrorKind::Shape`] if there are several
    /// bands: those get theirs by [`NewBand::with_nodata`].
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1i16, -9999]])?.with_nodata(-9999i16)?;
    /// assert_eq!(raster.nodata::<i16>()?, Some(-9999));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_nodata<T: Pixel>(self, nodata: T) -> Result<Self> {
        let [band] = self.parts().bands.as_slice() else {
            let count = self.parts().bands.len();
            return Err(error!(Shape, "nodata of {count} bands: set each by `NewBand::with_nodata`"));
        };
        let nodata = Nodata::new(nodata, band.pixel_type())?;
        self.set(|parts| parts.bands.iter_mut().for_each(|band| band.set_nodata(nodata)))
    }

    /// Chooses the spatial dimensions, x first. Every band must have both, with the same extents.
    ///
    /// Cost: copies the names; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`] for a name that some band does not have, [`ErrorKind::Shape`] for extents
    /// that differ.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array3};
    /// let band = NewBand::from_ndarray(Array3::<u8>::zeros((2, 3, 4)))?.with_dim_names(["row", "col", "rgba"])?;
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
    /// Cost: copies the names; what was made of the raster for Arrow is made again when it is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] unless both have the same spatial extents; [`ErrorKind::Argument`] if a band has
    /// an axis of such a name already; else as the other's getters.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::array};
    /// let band = NewBand::from_ndarray(array![[1u8, 2]])?.with_dim_names(["lat", "lon"])?;
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
            if *parts.spatial_shape != *shape {
                let found = parts.spatial_shape.as_slice();
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

impl<'a> RasterParts<'a> {
    /// Gives the spatial dimensions other names, in the bands too.
    fn rename_spatial_dims(&mut self, names: &[&'a str]) -> Result<()> {
        let renamed = |dim: &'a str| {
            let position = self.spatial_dims.iter().position(|old| *old == dim);
            position.and_then(|position| names.get(position)).copied()
        };
        for (number, band) in self.bands.iter_mut().enumerate() {
            let dims: Axes<&str> = band.dim_names.iter().map(|dim| renamed(dim).unwrap_or(dim)).collect();
            if let Some(twice) = dims.iter().find(|dim| dims.iter().filter(|other| other == dim).count() > 1) {
                let error = error!(Argument, "grid: the band has an axis `{twice}` that is not the spatial one");
                return Err(error.in_band(number));
            }
            band.dim_names = dims;
        }
        self.spatial_dims = names.iter().copied().collect();
        Ok(())
    }
}

/// Repeats readers of [`RasterRef`], where their documentation is.
macro_rules! repeat {
    ($($(#[$attribute:meta])* fn $name:ident$(<$T:ident>)?(&self $(, $arg:ident: $Arg:ty)*) -> $Out:ty;)*) => {$(
        #[doc = concat!("[`RasterRef::", stringify!($name), "`].")]
        ///
        /// Cost: as there.
        ///
        /// # Errors
        /// As there; but metadata of a `Raster` are known to be valid.
        ///
        $(#[$attribute])*
        pub fn $name$(<$T: Pixel>)?(&self $(, $arg: $Arg)*) -> $Out {
            self.as_ref().$name($($arg),*)
        }
    )*};
}

impl Raster {
    repeat! {
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.num_bands()?, 1);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn num_bands(&self) -> Result<usize>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.band(0)?.shape(), [1, 2]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn band(&self, number: usize) -> Result<Band<'_>>;

        /// ```
        /// # use ndraster::{NewBand, Raster, ndarray::array};
        /// let raster = Raster::from_bands([NewBand::from_ndarray(array![[1u8, 2]])?.with_name("red")])?;
        /// assert_eq!(raster.band_by_name("red")?.shape(), [1, 2]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn band_by_name(&self, name: &str) -> Result<Band<'_>>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.only_band()?.shape(), [1, 2]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn only_band(&self) -> Result<Band<'_>>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.crs()?, None);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn crs(&self) -> Result<Option<&str>>;

        /// ```
        /// # use ndraster::{GeoTransform, Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.transform()?, GeoTransform::default());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn transform(&self) -> Result<GeoTransform>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.width()?, 2);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn width(&self) -> Result<usize>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.height()?, 1);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn height(&self) -> Result<usize>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.spatial_dims()?, ["x", "y"]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn spatial_dims(&self) -> Result<Vec<&str>>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.spatial_shape()?, [2, 1]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn spatial_shape(&self) -> Result<Vec<usize>>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.bbox()?, [0.0, -1.0, 2.0, 0.0]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn bbox(&self) -> Result<[f64; 4]>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.as_stack_view::<u8>()?.shape(), [1, 1, 2]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn as_stack_view<T>(&self) -> Result<ArrayViewD<'_, T>>;

        /// ```
        /// # use ndraster::{Raster, ndarray::{Slice, array}};
        /// let raster = Raster::from_ndarray(array![[1u8, 2, 3]])?.slice_dim("x", Slice::new(0, None, -1))?;
        /// assert_eq!(raster.as_array_view2::<u8>()?, array![[3, 2, 1]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn slice_dim(&self, dim: &str, slice: Slice) -> Result<Raster>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2, 3]])?.tiles(1, 2)?.len(), 2);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn tiles(&self, height: usize, width: usize) -> Result<RasterArray>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let tiles = Raster::from_ndarray(array![[1u8, 2, 3]])?.tiles_with_overlap(1, 2, 1)?;
        /// assert_eq!(tiles.get(0).unwrap().width()?, 3);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn tiles_with_overlap(&self, height: usize, width: usize, overlap: usize) -> Result<RasterArray>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2, 3]])?.tile_grid(1, 2)?, (1, 2));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn tile_grid(&self, height: usize, width: usize) -> Result<(usize, usize)>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.to_stack::<u8>()?.shape(), [1, 1, 2]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn to_stack<T>(&self) -> Result<ArrayD<T>>;

        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.to_stack_cast::<f32>()?.sum(), 3.0);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        fn to_stack_cast<T>(&self) -> Result<ArrayD<T>>;
    }

    /// [`RasterRef::window`].
    ///
    /// Cost: as there.
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2, 3]])?.window(.., 1..)?.width()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn window(&self, rows: impl RangeBounds<usize>, cols: impl RangeBounds<usize>) -> Result<Raster> {
        self.as_ref().window(rows, cols)
    }

    /// [`RasterRef::bands`].
    ///
    /// Cost: as there.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2]])?.bands().count(), 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn bands(&self) -> impl Iterator<Item = Result<Band<'_>>> {
        self.as_ref().bands()
    }
}

impl<'a> From<&'a Raster> for RasterRef<'a> {
    fn from(raster: &'a Raster) -> Self {
        let array = raster.column().as_struct_array();
        match Columns::new(array) {
            Ok(columns) => RasterRef::new(columns, 0, None),
            // The same look-up finds in every raster what `Assembly` put there.
            #[allow(clippy::unreachable, reason = "a `Raster` is written by this crate, which nothing changes")]
            Err(error) => unreachable!("{error}"),
        }
    }
}

impl TryFrom<RasterArray> for Raster {
    type Error = Error;

    /// Cost: metadata are read, checked and written anew, so that nothing unchecked comes along; payloads of
    /// more than 12 bytes are shared.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] unless there is one row, [`ErrorKind::Null`] if that is null, and whatever is
    /// wrong with the raster.
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
