//! Defines [`BandRef`]: one band, borrowed from its column.

use std::fmt;

use arrow_array::StructArray;

use crate::error::{Error, Result, error};
use crate::format::bytes::BytesColumn;
use crate::format::columns::Columns;
use crate::format::payload::Location;
use crate::geo::GeoTransform;
use crate::pixel::{Pixel, PixelType};
use crate::read::band_metadata::{Dims, read_dims, read_pixel_type, read_transform, read_view, x_and_y};
use crate::shown::{Few, SHOWN, Short, ShortUri};
use crate::strided::layout::{Layout, num_pixels};
use crate::view::View;

/// One band of a raster, borrowed from its column.
///
/// [`RasterRef::band`](crate::RasterRef::band), [`band_by_name`](crate::RasterRef::band_by_name),
/// [`bands`](crate::RasterRef::bands) and [`only_band`](crate::RasterRef::only_band) make one and check its metadata.
/// So the getters of metadata cannot fail. Reading nodata or pixels can.
///
/// Pixels and text that are borrowed from it live as long as the column, not only as long as the `BandRef`.
///
/// # Examples
///
/// ```
/// use ndraster::{Band, PixelType, Raster, ndarray::array};
///
/// let red = Band::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.with_name("red");
/// let raster = Raster::from_bands([red])?;
/// let band = raster.band(0)?;
/// assert_eq!(band.name(), Some("red"));
/// assert_eq!(band.dim_names(), ["y", "x"]);
/// assert_eq!(band.shape(), [2, 3]);
/// assert_eq!(band.pixel_type(), PixelType::UInt8);
/// assert_eq!(band.as_array_view::<u8>()?[[1, 2]], 6);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct BandRef<'a> {
    /// The row that errors name.
    row: Option<usize>,
    number: usize,
    /// The rows of the column, and which one this is.
    rasters: (&'a StructArray, usize),
    payloads: BytesColumn<'a>,
    index: usize,
    pixel_type: PixelType,
    dims: Dims<'a>,
    view: View,
    name: Option<&'a str>,
    outdb_uri: Option<&'a str>,
    outdb_format: Option<&'a str>,
    nodata: Option<&'a [u8]>,
}

impl<'a> BandRef<'a> {
    /// Reads and checks the metadata of band `number` of a row.
    ///
    /// `index` is its position among the bands of all rows. `shown_row` is the row that errors name.
    pub(crate) fn read(
        columns: &Columns<'a>,
        row: usize,
        index: usize,
        number: usize,
        shown_row: Option<usize>,
    ) -> Result<Self> {
        let annotate = |error: Error| error.in_band(number).in_row(shown_row);
        if columns.is_null_band(index) {
            return Err(annotate(error!(Malformed, "the band is null")));
        }
        let pixel_type = read_pixel_type(columns, index).map_err(annotate)?;
        let view = read_view(columns, index).map_err(annotate)?;
        let dims = read_dims(columns, row, index, view.shape()).map_err(annotate)?;
        Ok(BandRef {
            row: shown_row,
            number,
            rasters: (columns.rasters(), row),
            payloads: columns.payloads(),
            index,
            pixel_type,
            dims,
            view,
            name: columns.name(index).map_err(annotate)?,
            outdb_uri: columns.outdb_uri(index).map_err(annotate)?,
            outdb_format: columns.outdb_format(index).map_err(annotate)?,
            nodata: columns.nodata(index).map_err(annotate)?,
        })
    }

    /// Adds the row and the band to an error.
    pub(crate) fn annotate(&self, error: Error) -> Error {
        error.in_band(self.number).in_row(self.row)
    }

    /// Adds the row and the band to an error of the caller's code, which may name those of another raster.
    pub(crate) fn annotate_of_caller(&self, error: Error) -> Error {
        error.of_caller(self.row, self.number)
    }

    /// Returns the band's name, if it has one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let band = Band::from_ndarray(Array2::<u8>::zeros((1, 1)))?.with_name("nir");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.name(), Some("nir"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Returns the names of the visible axes, outermost first, such as `["time", "y", "x"]`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((1, 1)))?;
    /// assert_eq!(raster.band(0)?.dim_names(), ["y", "x"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("dims"))]
    pub fn dim_names(&self) -> &[&'a str] {
        self.dims.names.as_slice()
    }

    /// Returns the extents of the visible axes, in pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.band(0)?.shape(), [2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn shape(&self) -> &[usize] {
        self.view.shape()
    }

    /// Returns the number of axes. There are as many visible axes as stored ones.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.band(0)?.ndim(), 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn ndim(&self) -> usize {
        self.view.shape().len()
    }

    /// Returns the extents of the stored axes, in pixels. The payload is in C order of this shape.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.band(0)?.source_shape(), [2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn source_shape(&self) -> &[usize] {
        self.view.source_shape()
    }

    /// Returns the view, which maps the visible axes to the stored ones.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert!(raster.band(0)?.view().is_identity());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Returns the type of the pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{PixelType, Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.band(0)?.pixel_type(), PixelType::UInt8);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("dtype", "GetRasterDataType"))]
    pub fn pixel_type(&self) -> PixelType {
        self.pixel_type
    }

    /// Returns the URI of the file or object that the pixels are from, if the band has one.
    ///
    /// The pixels of an out-of-db band are still there. Those of a loaded band came from there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster};
    /// let band = Band::outdb("file:///dem.tif", [2, 3], PixelType::Int16)?;
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.outdb_uri(), Some("file:///dem.tif"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn outdb_uri(&self) -> Option<&'a str> {
        self.outdb_uri
    }

    /// Returns the format of what is at [`outdb_uri`](BandRef::outdb_uri), if the band has one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster};
    /// let band = Band::outdb("file:///dem.tif", [2, 3], PixelType::Int16)?.with_outdb_format("geotiff");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.outdb_format(), Some("geotiff"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn outdb_format(&self) -> Option<&'a str> {
        self.outdb_format
    }

    /// Returns the stored bytes of the nodata value, if the band has one.
    ///
    /// They should be one pixel, little-endian. [`nodata`](BandRef::nodata) checks that and reads the pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<i16>::zeros((2, 3)))?.with_nodata(-2i16)?;
    /// assert_eq!(raster.band(0)?.nodata_bytes(), Some([0xfe, 0xff].as_slice()));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn nodata_bytes(&self) -> Option<&'a [u8]> {
        self.nodata
    }

    /// Returns whether the pixels are in the column.
    ///
    /// They are not if the payload is empty, or cannot be read, though the visible shape has pixels. A band with an
    /// empty payload is out-of-db, and its pixels are at [`outdb_uri`](BandRef::outdb_uri):
    /// [`load_with`](crate::RasterArray::load_with) loads them by a function of yours. A band without visible pixels always
    /// counts as loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster, ndarray::Array2};
    /// let outdb = Raster::from_bands([Band::outdb("s3://b/c", [2, 3], PixelType::Int16)?])?;
    /// assert!(!outdb.band(0)?.is_loaded());
    /// let empty = Raster::from_ndarray(Array2::<i16>::zeros((0, 3)))?;
    /// assert!(empty.band(0)?.is_loaded());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.is_empty() || self.payloads.payload(self.index).is_ok_and(|bytes| !bytes.is_empty())
    }

    /// Returns whether the visible shape has no pixels.
    pub(crate) fn is_empty(&self) -> bool {
        self.shape().contains(&0)
    }

    /// Returns the payload: all stored pixels, little-endian, in C order of [`source_shape`](BandRef::source_shape).
    ///
    /// The bytes may start at any address, also an odd one. If the visible shape has no pixels, the payload may be
    /// empty.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not have exactly
    ///   the bytes that the source shape needs.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u16, 256]])?;
    /// assert_eq!(raster.band(0)?.source_data()?, [1, 0, 0, 1]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn source_data(&self) -> Result<&'a [u8]> {
        let bytes = self.payloads.payload(self.index).map_err(|e| self.annotate(e))?;
        if bytes.is_empty() && self.is_empty() {
            return Ok(bytes);
        }
        let needed = num_pixels(self.source_shape()).and_then(|pixels| pixels.checked_mul(self.pixel_type.size()));
        if needed == Some(bytes.len()) {
            return Ok(bytes);
        }
        Err(self.annotate(if bytes.is_empty() {
            not_loaded(self.outdb_uri, self.shape())
        } else {
            self.wrong_length(bytes.len(), needed)
        }))
    }

    #[cold]
    fn wrong_length(&self, found: usize, needed: Option<usize>) -> Error {
        let (shape, name) = (self.source_shape(), self.pixel_type);
        let needed = needed.map_or("more bytes than can be counted".to_owned(), |needed| format!("{needed}"));
        error!(Malformed, "data: it has {found} bytes, where the source_shape {} of {name} needs {needed}", Few(shape))
    }

    /// Are the axes x and y, in this order?
    pub(crate) fn is_x_first(&self) -> bool {
        self.dims.x_first
    }

    /// Returns which axes are x and y, if the raster has these two spatial dims.
    pub(super) fn x_and_y(&self) -> Result<Option<[usize; 2]>> {
        let (rasters, row) = self.rasters;
        x_and_y(rasters, row, self.dim_names()).map_err(|e| e.in_row(self.row))
    }

    /// Returns the transform of the band's raster.
    pub(super) fn transform(&self) -> Result<GeoTransform> {
        let (rasters, row) = self.rasters;
        read_transform(rasters, row).map_err(|e| e.in_row(self.row))
    }

    /// Returns the first dims with their extents, for a message: "y 3, x 4".
    pub(crate) fn described(&self) -> String {
        let axes = self.dim_names().iter().zip(self.shape()).map(|(name, extent)| format!("{} {extent}", Short(name)));
        let shown = axes.take(SHOWN).collect::<Vec<_>>().join(", ");
        if self.ndim() > SHOWN { format!("{shown}, and {} more", self.ndim() - SHOWN) } else { shown }
    }

    /// Returns the payload, or no bytes for a band that is not loaded. Checks the length of any other payload.
    pub(crate) fn payload_if_loaded(&self) -> Result<&'a [u8]> {
        let bytes = self.payloads.payload(self.index).map_err(|e| self.annotate(e))?;
        if bytes.is_empty() { Ok(bytes) } else { self.source_data() }
    }

    /// Returns the length of the payload in bytes, without a check, or 0 if it cannot be read.
    pub(super) fn payload_len(&self) -> usize {
        self.payloads.payload(self.index).map_or(0, <[u8]>::len)
    }

    /// Returns the data buffer that the payload lies in and its offset there, or `None` for an inline payload.
    pub(crate) fn location(&self) -> Option<Location<'a>> {
        self.payloads.locate(self.index)
    }

    /// Returns the view and drops the rest.
    pub(crate) fn into_view(self) -> View {
        self.view
    }

    /// Returns where the visible pixels lie in the payload, or `None` for the identity view, which shows the whole
    /// payload in C order. There must be at least one visible pixel.
    pub(super) fn layout(&self) -> Result<Option<Layout>> {
        if self.view.is_identity() {
            return Ok(None);
        }
        let addressable = num_pixels(self.shape()).and_then(|_| Layout::new(&self.view));
        addressable.map(Some).ok_or_else(|| self.annotate(self.too_many()))
    }

    #[cold]
    pub(super) fn too_many(&self) -> Error {
        error!(TooLarge, "the shape {} has more pixels than memory can address", Few(self.shape()))
    }

    pub(crate) fn require_type<T: Pixel>(&self) -> Result<()> {
        require_type::<T>(self.pixel_type).map_err(|e| self.annotate(e))
    }
}

/// Makes the error for a band whose payload is empty, though its visible shape has pixels. It names the URI that an
/// out-of-db band has, or says that there is none.
#[cold]
pub(crate) fn not_loaded(outdb_uri: Option<&str>, shape: &[usize]) -> Error {
    match outdb_uri {
        Some(uri) => {
            error!(
                NotLoaded,
                "its pixels are not loaded, only known to be at `{}`: load them first (`load_with`)",
                ShortUri(uri)
            )
        }
        None => error!(NotLoaded, "it has no pixels, though its shape is {}, and no outdb_uri", Few(shape)),
    }
}

/// Refuses a `T` that is not the Rust type of the pixels.
pub(crate) fn require_type<T: Pixel>(found: PixelType) -> Result<()> {
    if T::PIXEL_TYPE == found { Ok(()) } else { Err(wrong_type::<T>(found)) }
}

#[cold]
fn wrong_type<T: Pixel>(found: PixelType) -> Error {
    let asked = T::PIXEL_TYPE;
    error!(
        PixelType,
        "its pixels are {found}, not {asked}: ask for `{}`, or convert with `to_array_exact::<{1}>()` (exact), \
         `to_array_filled` (nodata), `to_array_cast::<{1}>()` or `copy_into_cast`, several bands with `to_stack_cast::<{1}>()`",
        found.rust_name(),
        asked.rust_name()
    )
}

impl fmt::Debug for BandRef<'_> {
    /// Shows the name, type, dims and shape, and whether the pixels are loaded. Never shows pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BandRef")
            .field("name", &self.name.map(Short))
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &Few(self.dim_names()))
            .field("shape", &Few(self.shape()))
            .field("is_loaded", &self.is_loaded())
            .finish_non_exhaustive()
    }
}
