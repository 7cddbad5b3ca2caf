//! One row of a column, borrowed.

use std::fmt;
use std::ops::Range;

use arrow_array::{Array, Float64Array};
use ndarray::{ArrayView, Dimension};

use crate::Raster;
#[cfg(doc)]
use crate::RasterArrayBuilder;
use crate::band::Band;
use crate::columns::{Columns, Lists, broken_offsets, column, downcast, values};
use crate::error::{Error, Result, error};
use crate::geo::GeoTransform;
use crate::owned_parts::OwnedParts;
use crate::pixel::Pixel;
use crate::read_band::extents;
use crate::read_row::ReadRow;
use crate::schema::raster;
use crate::usual_band;
use crate::view::{Axes, MAX_AXES};

/// One raster of a column, borrowed. A handle to copy around.
///
/// Nothing was checked yet but that the row is not null: each getter checks its own field, and
/// [`band`](Self::band) checks a band's metadata. What it lends lives as long as the column.
///
/// The readers of pixels ([`as_array_view`](Self::as_array_view) and its kin) stand for *the one band* and
/// fail on a raster with another number of them.
///
/// ```
/// use ndraster::{Raster, RasterArray, Registration, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?
///     .with_crs("EPSG:32616")
///     .with_bbox([500.0, 200.0, 530.0, 220.0], Registration::Pixel)?;
/// let column = RasterArray::from(raster);
///
/// let raster = column.get(0).unwrap();
/// assert_eq!((raster.width()?, raster.height()?, raster.num_bands()?), (3, 2, 1));
/// assert_eq!(raster.crs()?, Some("EPSG:32616"));
/// assert_eq!(raster.transform()?.pixel_center(0, 0), (505.0, 215.0));
/// assert_eq!(raster.as_array_view::<u8>()?.sum(), 21);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct RasterRef<'a> {
    columns: Columns<'a>,
    row: usize,
    /// The row as errors call it: a `Raster` has none.
    place: Option<usize>,
}

/// How many bands `Debug` and messages tell of.
const SHOWN: usize = 8;

impl<'a> RasterRef<'a> {
    pub(crate) fn new(columns: Columns<'a>, row: usize, place: Option<usize>) -> Self {
        RasterRef { columns, row, place }
    }

    pub(crate) fn place(&self, error: Error) -> Error {
        error.in_row(self.place)
    }

    /// The number of bands.
    ///
    /// Cost: a look at two offsets.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the column's list offsets are broken.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// assert_eq!(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.as_ref().num_bands()?, 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn num_bands(&self) -> Result<usize> {
        Ok(self.band_range()?.len())
    }

    /// The entries of the band columns that are this row's. A null list reads as none.
    #[inline]
    pub(crate) fn band_range(&self) -> Result<Range<usize>> {
        match self.columns.bands.range(self.row, "bands") {
            Ok(None) => Ok(0..0),
            Ok(Some(range)) if range.end <= self.columns.band.len() => Ok(range),
            Ok(Some(_)) => Err(self.place(broken_offsets("bands"))),
            Err(error) => Err(self.place(error)),
        }
    }

    /// Band `number`, counted from 0, with its metadata checked: pixel type, dims, source shape, view,
    /// text, and that its spatial dims have the extents of `spatial_shape`.
    ///
    /// Cost: no allocation up to four axes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band, and
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for metadata that contradict each other.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().band(0)?.shape(), [2, 3]);
    /// assert_eq!(
    ///     raster.as_ref().band(1).unwrap_err().to_string(),
    ///     "band 1: there is no such band, the raster has 1 (they count from 0)"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[inline]
    pub fn band(&self, number: usize) -> Result<Band<'a>> {
        let bands = self.band_range()?;
        if number >= bands.len() {
            return Err(self.no_such_band(number, bands.len()));
        }
        Band::read(&self.columns, self.row, bands.start + number, number, self.place)
    }

    #[cold]
    fn no_such_band(&self, number: usize, count: usize) -> Error {
        let error = error!(NotFound, "there is no such band, the raster has {count} (they count from 0)");
        self.place(error.in_band(number))
    }

    /// The first band of that name.
    ///
    /// Cost: a look at each name up to it, then as [`band`](Self::band).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) with the first names that there are; else as
    /// [`band`](Self::band).
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let zeros = Array2::<u8>::zeros((2, 3));
    /// let raster = Raster::from_bands([
    ///     NewBand::from_ndarray(&zeros)?.with_name("red"),
    ///     NewBand::from_ndarray(&zeros + 7)?.with_name("nir"),
    /// ])?;
    /// assert_eq!(raster.band_by_name("nir")?.as_array_view::<u8>()?[[0, 0]], 7);
    /// assert_eq!(
    ///     raster.band_by_name("blue").unwrap_err().to_string(),
    ///     "there is no band `blue`, only `red`, `nir`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn band_by_name(&self, name: &str) -> Result<Band<'a>> {
        let bands = self.band_range()?;
        let name_of = |index| self.columns.name.get(index, "name");
        for (number, index) in bands.clone().enumerate() {
            if name_of(index).map_err(|e| self.place(e.in_band(number)))? == Some(name) {
                return self.band(number);
            }
        }
        let mut names = Vec::new();
        for index in bands.clone().take(SHOWN) {
            names.push(name_of(index)?.map_or("one without name".into(), |name| format!("`{name}`")));
        }
        let more = bands.len().checked_sub(SHOWN).filter(|more| *more > 0);
        names.extend(more.map(|more| format!("{more} more")));
        Err(self.place(error!(NotFound, "there is no band `{name}`, only {}", names.join(", "))))
    }

    /// Every band in order, each checked as by [`band`](Self::band).
    ///
    /// Cost: as [`band`](Self::band), for each band as it is reached.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let bands = [7u8, 9].map(|fill| NewBand::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap());
    /// let raster = Raster::from_bands(bands)?;
    /// let mut firsts = Vec::new();
    /// for band in raster.as_ref().bands() {
    ///     firsts.push(band?.as_array_view::<u8>()?[[0, 0]]);
    /// }
    /// assert_eq!(firsts, [7, 9]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn bands(&self) -> impl Iterator<Item = Result<Band<'a>>> + use<'a> {
        let raster = *self;
        // Broken offsets are one band that fails, not none.
        let (count, broken) = self.num_bands().map_or_else(|error| (0, Some(error)), |count| (count, None));
        let bands = (0..count).map(move |number| raster.band(number));
        broken.map(Err).into_iter().chain(bands)
    }

    /// The one band, for rasters that have one.
    ///
    /// Cost: as [`band`](Self::band).
    ///
    /// # Errors
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there are several or none; else as
    /// [`band`](Self::band).
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().only_band()?.shape(), [2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[inline]
    pub fn only_band(&self) -> Result<Band<'a>> {
        let bands = self.band_range()?;
        if bands.len() != 1 {
            return Err(self.place(not_one_band(bands.len())));
        }
        Band::read(&self.columns, self.row, bands.start, 0, self.place)
    }

    /// The columns and the row in them.
    #[inline]
    pub(crate) fn place_in_columns(&self) -> (&Columns<'a>, usize) {
        (&self.columns, self.row)
    }

    /// The pixels of the one band, if it is a usual one.
    #[inline]
    pub(crate) fn usual_view<T: Pixel, D: Dimension>(&self) -> Option<ArrayView<'a, T, D>> {
        usual_band::view(&self.columns, self.row)
    }

    /// The coordinate reference system as it was given: PROJJSON, WKT, or an authority's code.
    ///
    /// Cost: checks that the text is UTF-8; no copy.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for what is not UTF-8 or not there.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_crs("EPSG:4326");
    /// assert_eq!(raster.as_ref().crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn crs(&self) -> Result<Option<&'a str>> {
        self.columns.crs().and_then(|crs| crs.get(self.row, "crs")).map_err(|e| self.place(e))
    }

    /// Where the pixels are on the ground.
    ///
    /// Cost: reads six numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) unless there are exactly six numbers.
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().transform()?, GeoTransform::default());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn transform(&self) -> Result<GeoTransform> {
        self.read_transform().map_err(|e| self.place(e))
    }

    fn read_transform(&self) -> Result<GeoTransform> {
        let lists = Lists(column(self.columns.rasters, raster::TRANSFORM, "transform")?);
        let range = lists.required(self.row, "transform")?;
        let found = values(downcast::<Float64Array>(lists.values(), "transform")?, range, "transform")?;
        match <[f64; 6]>::try_from(found) {
            Ok(gdal) => Ok(GeoTransform::new(gdal)),
            Err(_) => Err(error!(Malformed, "transform: expected six numbers, found {}", found.len())),
        }
    }

    /// The extent of the first spatial dimension: columns of pixels.
    ///
    /// Cost: reads two numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for a `spatial_shape` without such an extent.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// assert_eq!(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.as_ref().width()?, 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn width(&self) -> Result<usize> {
        self.spatial_extent(0, "width")
    }

    /// The extent of the second spatial dimension: rows of pixels.
    ///
    /// Cost: reads two numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for a `spatial_shape` without such an extent.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// assert_eq!(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.as_ref().height()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn height(&self) -> Result<usize> {
        self.spatial_extent(1, "height")
    }

    fn spatial_extent(&self, position: usize, what: &str) -> Result<usize> {
        let shape = self.read_spatial_shape().map_err(|e| self.place(e))?;
        shape
            .get(position)
            .copied()
            .ok_or_else(|| self.place(error!(Malformed, "spatial_shape: {:?} has no {what}", shape.as_slice())))
    }

    fn read_spatial_shape(&self) -> Result<Axes<usize>> {
        extents(self.columns.spatial_shape.get(self.row, "spatial_shape")?, "spatial_shape")
    }

    /// The names of the spatial dimensions, x first.
    ///
    /// Cost: one small allocation.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for names that are null, not UTF-8, or there
    /// twice.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().spatial_dims()?, ["x", "y"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_dims(&self) -> Result<Vec<&'a str>> {
        self.read_spatial_dims().map(|dims| dims.to_vec()).map_err(|e| self.place(e))
    }

    /// The spatial dimensions and their extents.
    pub(crate) fn spatial_axes(&self) -> Result<(Axes<&'a str>, Axes<usize>)> {
        let dims = self.read_spatial_dims().map_err(|e| self.place(e))?;
        Ok((dims, self.read_spatial_shape().map_err(|e| self.place(e))?))
    }

    fn read_spatial_dims(&self) -> Result<Axes<&'a str>> {
        let mut dims: Axes<&str> = Axes::new();
        let names = self.columns.spatial_dims.get(self.row, "spatial_dims")?;
        if names.len() > MAX_AXES {
            return Err(error!(Malformed, "spatial_dims: {} names are more than {MAX_AXES}", names.len()));
        }
        for name in names {
            let name = name?;
            if dims.contains(&name) {
                return Err(error!(Malformed, "spatial_dims: `{name}` is there twice"));
            }
            dims.push(name);
        }
        Ok(dims)
    }

    /// The extents of the spatial dimensions, in their order: `[width, height]`.
    ///
    /// Cost: one small allocation.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for a null or negative extent.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// assert_eq!(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.as_ref().spatial_shape()?, [3, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_shape(&self) -> Result<Vec<usize>> {
        self.read_spatial_shape().map(|shape| shape.to_vec()).map_err(|e| self.place(e))
    }

    /// The envelope `[xmin, ymin, xmax, ymax]` of the outer corners, in units of the CRS.
    ///
    /// Cost: a handful of multiplications.
    ///
    /// # Errors
    /// As [`transform`](Self::transform), [`width`](Self::width) and [`height`](Self::height).
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().bbox()?, [0.0, -2.0, 3.0, 0.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn bbox(&self) -> Result<[f64; 4]> {
        Ok(self.transform()?.bbox(self.width()?, self.height()?))
    }

    /// Owns the raster: one that outlives the column.
    ///
    /// Cost: metadata are copied; payloads of more than 12 bytes are shared.
    ///
    /// # Errors
    /// As [`RasterArrayBuilder::append`], if it is not a valid raster.
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
        Raster::new(OwnedParts::copy_row(&ReadRow::read(*self)?)?)
    }
}

#[cold]
pub(crate) fn not_one_band(count: usize) -> Error {
    error!(
        Shape,
        "the raster has {count} bands, not one: take one with `band(i)`, or all with `as_stack_view` or `to_stack`"
    )
}

impl fmt::Debug for RasterRef<'_> {
    /// Shape, types and CRS; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RasterRef")
            .field("spatial_dims", &self.spatial_dims())
            .field("spatial_shape", &self.spatial_shape())
            .field("crs", &self.crs())
            .field("num_bands", &self.num_bands())
            .field("bands", &FirstBands(*self))
            .finish_non_exhaustive()
    }
}

/// The first bands of a raster, which may have thousands.
struct FirstBands<'a>(RasterRef<'a>);

impl fmt::Debug for FirstBands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bands = self.0.bands();
        let mut list = f.debug_list();
        list.entries(bands.by_ref().take(SHOWN));
        if bands.next().is_some() { list.finish_non_exhaustive() } else { list.finish() }
    }
}
