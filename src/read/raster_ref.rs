//! Defines [`RasterRef`]: one row of a column, borrowed.

use std::fmt;
use std::ops::Range;

use ndarray::{ArrayView, Dimension};

use crate::error::{Error, Result, error};
use crate::format::columns::Columns;
use crate::format::intervals::{Interval, Union};
use crate::format::lists::broken_offsets;
use crate::format::text::{KnownTexts, utf8};
use crate::geo::GeoTransform;
use crate::names::first_repeated;
use crate::pixel::Pixel;
use crate::read::band::BandRef;
use crate::read::band_metadata::{extents, read_transform};
use crate::read::uniform::KnownBand;
use crate::shown::{Few, SHOWN, Short, ShortBytes};
use crate::view::{Axes, MAX_AXES};

/// One raster of a column, borrowed: a handle that can be copied.
///
/// [`RasterArray::get`](crate::RasterArray::get) and [`RasterArray::iter`](crate::RasterArray::iter) make one from a
/// column, and [`Raster::as_ref`](crate::Raster::as_ref) from an owned raster. They only check that the row is not
/// null. Each getter checks its own field, and [`band`](Self::band) checks a band's metadata.
///
/// Methods that read pixels, such as [`as_array_view`](Self::as_array_view), read the only band. They fail if the
/// raster has another number of bands. Pixels and text that are borrowed live as long as the column.
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
    /// The row that errors name. `None` for an owned raster, which has no row number.
    shown_row: Option<usize>,
    /// What a look at many rows has shown of its only band.
    known: Option<KnownBand<'a>>,
}

impl<'a> RasterRef<'a> {
    #[inline]
    pub(crate) fn new(columns: &Columns<'a>, row: usize, shown_row: Option<usize>) -> Self {
        RasterRef { columns: *columns, row, shown_row, known: None }
    }

    /// A row of a column that is known to have one band, and which.
    #[inline]
    pub(crate) fn with_known_band(columns: &Columns<'a>, row: usize, known: KnownBand<'a>) -> Self {
        RasterRef { columns: *columns, row, shown_row: Some(row), known: Some(known) }
    }

    /// Borrows the pixels of the only band if they are known to be `T`, and lie where they should.
    #[inline]
    pub(crate) fn known_view<T: Pixel, D: Dimension>(&self) -> Option<ArrayView<'a, T, D>> {
        self.known.as_ref()?.view()
    }

    pub(crate) fn annotate(&self, error: Error) -> Error {
        error.in_row(self.shown_row)
    }

    /// Returns the number of bands.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the offsets of the list of bands are not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().num_bands()?, 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RasterCount", "RS_NumBands"))]
    pub fn num_bands(&self) -> Result<usize> {
        Ok(self.band_range()?.len())
    }

    /// Returns the range of this row's bands among the bands of all rows. It is empty for a null list.
    #[inline]
    pub(crate) fn band_range(&self) -> Result<Range<usize>> {
        match self.columns.bands().range(self.row, "bands") {
            Ok(None) => Ok(0..0),
            Ok(Some(range)) if range.end <= self.columns.num_bands() => Ok(range),
            Ok(Some(_)) => Err(self.annotate(broken_offsets("bands"))),
            Err(error) => Err(self.annotate(error)),
        }
    }

    /// Borrows band `number`, counted from 0, and checks its metadata.
    ///
    /// The metadata are the pixel type, the dims, the source shape, the view, and the text. The spatial dims of the
    /// raster must be among the band's dims, and have the extents of `spatial_shape`.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or contradict each
    ///   other or the raster.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// let raster = column.get(0).unwrap();
    /// assert_eq!(raster.band(0)?.shape(), [2, 3]);
    /// assert_eq!(
    ///     raster.band(1).unwrap_err().to_string(),
    ///     "row 0, band 1: there is no such band, the raster has 1 (they count from 0)"
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

    /// Borrows the first band that has this name, and checks its metadata.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no band has the name. The message lists the first names
    ///   that there are.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if a name before it lies outside of its buffer, or if
    ///   the band's metadata are not valid. A name that is not UTF-8 equals none.
    ///
    /// # Cost
    ///
    /// Compares each name up to the one found. No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::Array2};
    /// let zeros = Array2::<u8>::zeros((2, 3));
    /// let column = RasterArray::from(Raster::from_bands([
    ///     Band::from_ndarray(&zeros)?.with_name("red"),
    ///     Band::from_ndarray(&zeros + 7)?.with_name("nir"),
    /// ])?);
    /// let raster = column.get(0).unwrap();
    /// assert_eq!(raster.band_by_name("nir")?.as_array_view::<u8>()?[[0, 0]], 7);
    /// assert_eq!(
    ///     raster.band_by_name("blue").unwrap_err().to_string(),
    ///     "row 0: there is no band `blue`, only `red`, `nir`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn band_by_name(&self, name: &str) -> Result<BandRef<'a>> {
        let bands = self.band_range()?;
        for (number, index) in bands.clone().enumerate() {
            // A name that is no UTF-8 equals none.
            let found = self.columns.name_bytes(index).map_err(|e| self.annotate(e.in_band(number)))?;
            if found == Some(name.as_bytes()) {
                return self.band(number);
            }
        }
        let shown = |found: Option<&[u8]>| match found {
            None => "one without name".to_owned(),
            Some(found) => format!("`{}`", ShortBytes(found)),
        };
        let names = bands.clone().take(SHOWN).map(|index| Ok(shown(self.columns.name_bytes(index)?)));
        let mut names = names.collect::<Result<Vec<_>>>()?;
        let more = bands.len().checked_sub(SHOWN).filter(|more| *more > 0);
        names.extend(more.map(|more| format!("{more} more")));
        let (name, names) = (Short(name), names.join(", "));
        Err(self.annotate(error!(NotFound, "there is no band `{name}`, only {names}")))
    }

    /// Returns an iterator over the bands, in order. It checks the metadata of each band when it reaches it.
    ///
    /// # Errors
    ///
    /// An item is [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the metadata of that band are not valid. If
    /// the offsets of the list of bands are not valid, that error is the only item.
    ///
    /// # Cost
    ///
    /// No allocation for a band up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::Array2};
    /// let bands = [7u8, 9].map(|fill| Band::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap());
    /// let column = RasterArray::from(Raster::from_bands(bands)?);
    /// let mut firsts = Vec::new();
    /// for band in column.get(0).unwrap().bands() {
    ///     firsts.push(band?.as_array_view::<u8>()?[[0, 0]]);
    /// }
    /// assert_eq!(firsts, [7, 9]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn bands(&self) -> impl Iterator<Item = Result<BandRef<'a>>> + use<'a> {
        let raster = *self;
        // With broken offsets the only item is the error. Without any item, the raster would look as if it had no
        // bands.
        let (count, broken) = self.num_bands().map_or_else(|error| (0, Some(error)), |count| (count, None));
        let bands = (0..count).map(move |number| raster.band(number));
        broken.map(Err).into_iter().chain(bands)
    }

    /// Borrows the only band, and checks its metadata.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().only_band()?.shape(), [2, 3]);
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

    /// Returns the bytes of all payloads, where bytes that bands share count once. Payloads that cannot be read count as
    /// empty.
    pub(crate) fn payloads_len(&self) -> usize {
        let payloads = self.bands().flatten().filter_map(|band| band.payload_if_loaded().ok());
        payloads.map(Interval::of).collect::<Union>().len()
    }

    /// Returns the nested arrays of the column.
    #[inline]
    pub(crate) fn columns(&self) -> &Columns<'a> {
        &self.columns
    }

    /// Returns the position of the row in these arrays.
    #[inline]
    pub(crate) fn row(&self) -> usize {
        self.row
    }

    /// Returns the coordinate reference system as it was given, if there is one: PROJJSON, WKT, or an authority's code.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the text is not UTF-8, or lies outside of its
    /// buffer.
    ///
    /// # Cost
    ///
    /// Validates that the text is UTF-8. Does not copy it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_crs("EPSG:4326");
    /// let column = RasterArray::from(raster);
    /// assert_eq!(column.get(0).unwrap().crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("GetProjection", "RS_CRS"))]
    pub fn crs(&self) -> Result<Option<&'a str>> {
        self.columns.crs().and_then(|crs| crs.get(self.row, "crs")).map_err(|e| self.annotate(e))
    }

    /// Returns the CRS, as [`crs`](Self::crs). Does not validate a text again that is known.
    #[inline]
    pub(crate) fn crs_with(&self, texts: &mut KnownTexts<'a>) -> Result<Option<&'a str>> {
        let bytes = self.columns.crs().and_then(|crs| crs.bytes(self.row, "crs"));
        let text = bytes.and_then(|bytes| bytes.map(|bytes| texts.utf8(bytes, "crs")).transpose());
        text.map_err(|e| self.annotate(e))
    }

    /// Returns the transform from pixels to ground coordinates.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) unless there are exactly six numbers, none of
    /// which is null.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().transform()?, GeoTransform::default());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("GetGeoTransform", "affine", "RS_GeoReference"))]
    pub fn transform(&self) -> Result<GeoTransform> {
        read_transform(self.columns.rasters(), self.row).map_err(|e| self.annotate(e))
    }

    /// Returns the extent of the first spatial dimension: the number of columns of pixels.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if `spatial_shape` is null, has no first extent,
    /// or has a null or negative one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().width()?, 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RasterXSize", "RS_Width"))]
    pub fn width(&self) -> Result<usize> {
        self.spatial_extent(0, "width")
    }

    /// Returns the extent of the second spatial dimension: the number of rows of pixels.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if `spatial_shape` is null, has no second extent,
    /// or has a null or negative one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().height()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RasterYSize", "RS_Height"))]
    pub fn height(&self) -> Result<usize> {
        self.spatial_extent(1, "height")
    }

    fn spatial_extent(&self, position: usize, what: &str) -> Result<usize> {
        let shape = self.read_spatial_shape().map_err(|e| self.annotate(e))?;
        shape
            .get(position)
            .copied()
            .ok_or_else(|| self.annotate(error!(Malformed, "spatial_shape: {} has no {what}", Few(&shape))))
    }

    fn read_spatial_shape(&self) -> Result<Axes<usize>> {
        extents(self.columns.spatial_shape(self.row)?, "spatial_shape")
    }

    /// Returns the names of the spatial dimensions, x first.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) in these cases:
    ///
    /// - The list is null, or has more than 64 names.
    /// - A name is null, is not UTF-8, or is there twice.
    ///
    /// # Cost
    ///
    /// Allocates the list, not the names.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().spatial_dims()?, ["x", "y"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_dims(&self) -> Result<Vec<&'a str>> {
        self.read_spatial_dims().map(|dims| dims.to_vec()).map_err(|e| self.annotate(e))
    }

    /// Returns the spatial dimensions and their extents. Does not check that there are as many of both.
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
            dims.push(utf8(name?, "spatial_dims")?);
        }
        match first_repeated(&dims) {
            Some(twice) => Err(error!(Malformed, "spatial_dims: `{}` is there twice", Short(twice))),
            None => Ok(dims),
        }
    }

    /// Returns the extents of the spatial dimensions, in pixels and in their order: `[width, height]`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the list is null, or if an extent is null or
    /// negative.
    ///
    /// # Cost
    ///
    /// Allocates the list.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().spatial_shape()?, [3, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn spatial_shape(&self) -> Result<Vec<usize>> {
        self.read_spatial_shape().map(|shape| shape.to_vec()).map_err(|e| self.annotate(e))
    }

    /// Returns the bounding box `[xmin, ymin, xmax, ymax]` of the outer corners, in the units of the CRS.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) unless the transform has exactly six numbers, none
    /// of which is null, and `spatial_shape` has a width and a height.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?);
    /// assert_eq!(column.get(0).unwrap().bbox()?, [0.0, -2.0, 3.0, 0.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("bounds", "RS_Envelope"))]
    pub fn bbox(&self) -> Result<[f64; 4]> {
        self.transform()?.bbox(self.width()?, self.height()?).map_err(|e| self.annotate(e))
    }
}

#[cold]
pub(crate) fn not_one_band(count: usize) -> Error {
    error!(
        Shape,
        "the raster has {count} bands, not one: take one with `band(i)` or `select_bands([i])`, or all with `as_stack_view` \
         or `to_stack`"
    )
}

impl fmt::Debug for RasterRef<'_> {
    /// Shows the shape, the CRS and the first bands. Never shows pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_as("RasterRef", self, f)
    }
}

/// Shows a raster under the name of its type. A part that is not valid shows its error.
pub(crate) fn fmt_as(name: &str, raster: &RasterRef<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_struct(name)
        .field("spatial_dims", &Part(raster.spatial_dims().as_deref().map(Few)))
        .field("spatial_shape", &Part(raster.spatial_shape().as_deref().map(Few)))
        .field("crs", &Part(raster.crs().map(|crs| crs.map(Short))))
        .field("num_bands", &Part(raster.num_bands()))
        .field("bands", &FirstBands(*raster))
        .finish_non_exhaustive()
}

/// What a raster says of itself, or why it cannot.
struct Part<T, E>(std::result::Result<T, E>);

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for Part<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(part) => part.fmt(f),
            Err(error) => error.fmt(f),
        }
    }
}

/// Shows the first bands of a raster, because it may have thousands.
struct FirstBands<'a>(RasterRef<'a>);

impl fmt::Debug for FirstBands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bands = self.0.bands();
        let mut list = f.debug_list();
        list.entries(bands.by_ref().take(SHOWN).map(Part));
        if bands.next().is_some() { list.finish_non_exhaustive() } else { list.finish() }
    }
}
