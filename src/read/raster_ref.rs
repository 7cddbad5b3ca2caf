//! One row of a column, borrowed.

use std::fmt;
use std::ops::Range;

use crate::error::{Error, Result, error};
use crate::format::columns::Columns;
use crate::format::values::broken_offsets;
use crate::geo::GeoTransform;
use crate::read::band::BandRef;
use crate::read::band_metadata::extents;
use crate::view::{Axes, MAX_AXES};

/// One raster of a column, borrowed. A handle to copy around.
///
/// Nothing was checked yet but that the row is not null: each getter checks its own field, and
/// [`band`](Self::band) checks a band's metadata. What it lends lives as long as the column.
///
/// The readers of pixels ([`as_array_view`](Self::as_array_view) and its kin) stand for *the one band* and
/// fail on a raster with another number of them.
///
/// # Examples
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
    shown_row: Option<usize>,
}

/// How many bands `Debug` and messages tell of.
const SHOWN: usize = 8;

impl<'a> RasterRef<'a> {
    pub(crate) fn new(columns: Columns<'a>, row: usize, shown_row: Option<usize>) -> Self {
        RasterRef { columns, row, shown_row }
    }

    pub(crate) fn annotate(&self, error: Error) -> Error {
        error.in_row(self.shown_row)
    }

    /// The number of bands.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the column's list offsets are broken.
    ///
    /// # Cost
    ///
    /// A look at two offsets.
    ///
    /// # Examples
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
        match self.columns.bands().range(self.row, "bands") {
            Ok(None) => Ok(0..0),
            Ok(Some(range)) if range.end <= self.columns.num_bands() => Ok(range),
            Ok(Some(_)) => Err(self.annotate(broken_offsets("bands"))),
            Err(error) => Err(self.annotate(error)),
        }
    }

    /// Band `number`, counted from 0, with its metadata checked: pixel type, dims, source shape, view,
    /// text, and that its spatial dims have the extents of `spatial_shape`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band, and
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for metadata that contradict each other.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
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
    pub fn band(&self, number: usize) -> Result<BandRef<'a>> {
        let bands = self.band_range()?;
        if number >= bands.len() {
            return Err(self.no_such_band(number, bands.len()));
        }
        BandRef::read(&self.columns, self.row, bands.start + number, number, self.shown_row)
    }

    #[cold]
    fn no_such_band(&self, number: usize, count: usize) -> Error {
        let error = error!(NotFound, "there is no such band, the raster has {count} (they count from 0)");
        self.annotate(error.in_band(number))
    }

    /// The first band of that name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) with the first names that there are; else as
    /// [`band`](Self::band).
    ///
    /// # Cost
    ///
    /// A look at each name up to it, then as [`band`](Self::band).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let zeros = Array2::<u8>::zeros((2, 3));
    /// let raster = Raster::from_bands([
    ///     Band::from_ndarray(&zeros)?.with_name("red"),
    ///     Band::from_ndarray(&zeros + 7)?.with_name("nir"),
    /// ])?;
    /// assert_eq!(raster.band_by_name("nir")?.as_array_view::<u8>()?[[0, 0]], 7);
    /// assert_eq!(
    ///     raster.band_by_name("blue").unwrap_err().to_string(),
    ///     "there is no band `blue`, only `red`, `nir`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn band_by_name(&self, name: &str) -> Result<BandRef<'a>> {
        let bands = self.band_range()?;
        let name_of = |index| self.columns.name(index);
        for (number, index) in bands.clone().enumerate() {
            if name_of(index).map_err(|e| self.annotate(e.in_band(number)))? == Some(name) {
                return self.band(number);
            }
        }
        let mut names = Vec::new();
        for index in bands.clone().take(SHOWN) {
            names.push(name_of(index)?.map_or("one without name".into(), |name| format!("`{name}`")));
        }
        let more = bands.len().checked_sub(SHOWN).filter(|more| *more > 0);
        names.extend(more.map(|more| format!("{more} more")));
        Err(self.annotate(error!(NotFound, "there is no band `{name}`, only {}", names.join(", "))))
    }

    /// Every band in order, each checked as by [`band`](Self::band).
    ///
    /// # Cost
    ///
    /// As [`band`](Self::band), for each band as it is reached.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let bands = [7u8, 9].map(|fill| Band::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap());
    /// let raster = Raster::from_bands(bands)?;
    /// let mut firsts = Vec::new();
    /// for band in raster.as_ref().bands() {
    ///     firsts.push(band?.as_array_view::<u8>()?[[0, 0]]);
    /// }
    /// assert_eq!(firsts, [7, 9]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn bands(&self) -> impl Iterator<Item = Result<BandRef<'a>>> + use<'a> {
        let raster = *self;
        // Broken offsets are one band that fails, not none.
        let (count, broken) = self.num_bands().map_or_else(|error| (0, Some(error)), |count| (count, None));
        let bands = (0..count).map(move |number| raster.band(number));
        broken.map(Err).into_iter().chain(bands)
    }

    /// The one band, for rasters that have one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there are several or none; else as
    /// [`band`](Self::band).
    ///
    /// # Cost
    ///
    /// As [`band`](Self::band).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().only_band()?.shape(), [2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[inline]
    pub fn only_band(&self) -> Result<BandRef<'a>> {
        let bands = self.band_range()?;
        if bands.len() != 1 {
            return Err(self.annotate(not_one_band(bands.len())));
        }
        BandRef::read(&self.columns, self.row, bands.start, 0, self.shown_row)
    }

    /// The arrays of the column.
    #[inline]
    pub(crate) fn columns(&self) -> &Columns<'a> {
        &self.columns
    }

    /// The row in the arrays.
    #[inline]
    pub(crate) fn row(&self) -> usize {
        self.row
    }

    /// The coordinate reference system as it was given: PROJJSON, WKT, or an authority's code.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for what is not UTF-8 or not there.
    ///
    /// # Cost
    ///
    /// Checks that the text is UTF-8; no copy.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_crs("EPSG:4326");
    /// assert_eq!(raster.as_ref().crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn crs(&self) -> Result<Option<&'a str>> {
        self.columns.crs().and_then(|crs| crs.get(self.row, "crs")).map_err(|e| self.annotate(e))
    }

    /// Where the pixels are on the ground.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) unless there are exactly six numbers.
    ///
    /// # Cost
    ///
    /// Reads six numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().transform()?, GeoTransform::default());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn transform(&self) -> Result<GeoTransform> {
        self.read_transform().map_err(|e| self.annotate(e))
    }

    fn read_transform(&self) -> Result<GeoTransform> {
        let found = self.columns.transform(self.row)?;
        match <[f64; 6]>::try_from(found) {
            Ok(gdal) => Ok(GeoTransform::from_gdal(gdal)),
            Err(_) => Err(error!(Malformed, "transform: expected six numbers, found {}", found.len())),
        }
    }

    /// The extent of the first spatial dimension: columns of pixels.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for a `spatial_shape` without such an extent.
    ///
    /// # Cost
    ///
    /// Reads two numbers.
    ///
    /// # Examples
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
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for a `spatial_shape` without such an extent.
    ///
    /// # Cost
    ///
    /// Reads two numbers.
    ///
    /// # Examples
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
        let shape = self.read_spatial_shape().map_err(|e| self.annotate(e))?;
        shape
            .get(position)
            .copied()
            .ok_or_else(|| self.annotate(error!(Malformed, "spatial_shape: {:?} has no {what}", shape.as_slice())))
    }

    fn read_spatial_shape(&self) -> Result<Axes<usize>> {
        extents(self.columns.spatial_shape(self.row)?, "spatial_shape")
    }

    /// The names of the spatial dimensions, x first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for names that are null, not UTF-8, or there
    /// twice.
    ///
    /// # Cost
    ///
    /// One small allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.as_ref().spatial_dims()?, ["x", "y"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_dims(&self) -> Result<Vec<&'a str>> {
        self.read_spatial_dims().map(|dims| dims.to_vec()).map_err(|e| self.annotate(e))
    }

    /// The spatial dimensions and their extents.
    pub(crate) fn spatial_axes(&self) -> Result<(Axes<&'a str>, Axes<usize>)> {
        let dims = self.read_spatial_dims().map_err(|e| self.annotate(e))?;
        Ok((dims, self.read_spatial_shape().map_err(|e| self.annotate(e))?))
    }

    fn read_spatial_dims(&self) -> Result<Axes<&'a str>> {
        let mut dims: Axes<&str> = Axes::new();
        let names = self.columns.spatial_dims().get(self.row, "spatial_dims")?;
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
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for a null or negative extent.
    ///
    /// # Cost
    ///
    /// One small allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// assert_eq!(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.as_ref().spatial_shape()?, [3, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_shape(&self) -> Result<Vec<usize>> {
        self.read_spatial_shape().map(|shape| shape.to_vec()).map_err(|e| self.annotate(e))
    }

    /// The envelope `[xmin, ymin, xmax, ymax]` of the outer corners, in units of the CRS.
    ///
    /// # Errors
    ///
    /// As [`transform`](Self::transform), [`width`](Self::width) and [`height`](Self::height).
    ///
    /// # Cost
    ///
    /// A handful of multiplications.
    ///
    /// # Examples
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
