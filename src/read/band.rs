//! One band, borrowed: everything that reads pixels.

use std::fmt;

#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, Result, error};
use crate::format::columns::Columns;
use crate::format::payload::Location;
use crate::format::values::PayloadColumn;
use crate::pixel::{Pixel, PixelType};
use crate::read::band_metadata::{read_dims, read_pixel_type, read_view};
use crate::read::dim_names::DimNames;
use crate::strided::layout::{Layout, num_pixels};
use crate::view::View;

/// One band of a raster, borrowed from its column.
///
/// Its metadata was checked when it was made (by [`RasterRef::band`](crate::RasterRef::band)), so the
/// getters cannot fail; reading pixels can. What it lends lives as long as the column, not only as long
/// as the band.
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
    row: Option<usize>,
    number: usize,
    payloads: PayloadColumn<'a>,
    index: usize,
    pixel_type: PixelType,
    dim_names: DimNames<'a>,
    view: View,
    name: Option<&'a str>,
    outdb_uri: Option<&'a str>,
    outdb_format: Option<&'a str>,
    nodata: Option<&'a [u8]>,
}

impl<'a> BandRef<'a> {
    /// Reads and checks the metadata of band `number` of a row. `index` is its position among the bands of all rows,
    /// `shown_row` the row that errors name.
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
        let dim_names = read_dims(columns, row, index, view.shape()).map_err(annotate)?;
        Ok(BandRef {
            row: shown_row,
            number,
            payloads: columns.payloads(),
            index,
            pixel_type,
            dim_names,
            view,
            name: columns.name(index).map_err(annotate)?,
            outdb_uri: columns.outdb_uri(index).map_err(annotate)?,
            outdb_format: columns.outdb_format(index).map_err(annotate)?,
            nodata: columns.nodata(index).map_err(annotate)?,
        })
    }

    /// Says in an error which row and band it is about.
    pub(crate) fn annotate(&self, error: Error) -> Error {
        error.in_band(self.number).in_row(self.row)
    }

    /// The band's name.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
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

    /// The names of the visible axes, slowest first: `["time", "y", "x"]`.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((1, 1)))?;
    /// assert_eq!(raster.band(0)?.dim_names(), ["y", "x"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn dim_names(&self) -> &[&'a str] {
        self.dim_names.as_slice()
    }

    /// The extents of the visible axes, in pixels.
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

    /// The number of axes, visible and stored.
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

    /// The extents of the stored axes, in pixels and C order.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
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

    /// How the visible axes lie over the stored ones.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
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

    /// The type of the pixels.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{PixelType, Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.band(0)?.pixel_type(), PixelType::UInt8);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn pixel_type(&self) -> PixelType {
        self.pixel_type
    }

    /// Where the pixels came from, or are still to be had.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
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

    /// How to read what is there.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
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

    /// The nodata value as it is stored, which [`nodata`](BandRef::nodata) reads as a pixel.
    ///
    /// # Cost
    ///
    /// None: it was read when the band was.
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

    /// Are the pixels here? Not if the payload is empty though the visible shape has pixels: then they
    /// are out of the database, wherever [`outdb_uri`](BandRef::outdb_uri) says.
    ///
    /// # Cost
    ///
    /// A look at the payload's descriptor.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster, ndarray::Array2};
    /// let lazy = Raster::from_bands([Band::outdb("s3://b/c", [2, 3], PixelType::Int16)?])?;
    /// assert!(!lazy.band(0)?.is_loaded());
    /// let empty = Raster::from_ndarray(Array2::<i16>::zeros((0, 3)))?;
    /// assert!(empty.band(0)?.is_loaded());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.is_empty() || self.payloads.get(self.index).is_ok_and(|bytes| !bytes.is_empty())
    }

    /// Is there no pixel to see?
    pub(crate) fn is_empty(&self) -> bool {
        self.shape().contains(&0)
    }

    /// The payload: all stored pixels in C order of [`source_shape`](BandRef::source_shape), little-endian.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotLoaded`] for pixels that are elsewhere; [`ErrorKind::Malformed`] unless the payload
    /// has exactly the bytes that the shape needs.
    ///
    /// # Cost
    ///
    /// None. The address may be any, also an odd one.
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
        let bytes = self.payloads.get(self.index).map_err(|e| self.annotate(e))?;
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
        error!(Malformed, "data: it has {found} bytes, where the source_shape {shape:?} of {name} needs {needed}")
    }

    /// The payload, or nothing for pixels that are elsewhere.
    pub(crate) fn payload_if_loaded(&self) -> Result<&'a [u8]> {
        let bytes = self.payloads.get(self.index).map_err(|e| self.annotate(e))?;
        if bytes.is_empty() { Ok(bytes) } else { self.source_data() }
    }

    /// The bytes of the payload, whether it fits the band or not; 0 if it cannot be read.
    pub(super) fn payload_len(&self) -> usize {
        self.payloads.get(self.index).map_or(0, <[u8]>::len)
    }

    /// The data buffer that the payload lies in, and at which byte; `None` for an inline payload.
    pub(crate) fn location(&self) -> Option<Location<'a>> {
        self.payloads.locate(self.index)
    }

    /// Keeps the view only.
    pub(crate) fn into_view(self) -> View {
        self.view
    }

    /// How the visible pixels lie, if there are any: `None` for C order from the payload's start on.
    pub(super) fn layout(&self) -> Result<Option<Layout>> {
        if self.view.is_identity() {
            return Ok(None);
        }
        let addressable = num_pixels(self.shape()).and_then(|_| Layout::new(&self.view));
        addressable.map(Some).ok_or_else(|| self.annotate(self.too_many()))
    }

    #[cold]
    pub(super) fn too_many(&self) -> Error {
        error!(TooLarge, "the shape {:?} has more pixels than memory can address", self.shape())
    }

    pub(super) fn require_type<T: Pixel>(&self) -> Result<()> {
        require_type::<T>(self.pixel_type).map_err(|e| self.annotate(e))
    }
}

#[cold]
pub(crate) fn not_loaded(outdb_uri: Option<&str>, shape: &[usize]) -> Error {
    match outdb_uri {
        Some(uri) => error!(NotLoaded, "its pixels are not loaded, only known to be at `{uri}`: load them first"),
        None => error!(NotLoaded, "it has no pixels, though its shape is {shape:?}, and no outdb_uri"),
    }
}

pub(crate) fn require_type<T: Pixel>(found: PixelType) -> Result<()> {
    if T::PIXEL_TYPE == found { Ok(()) } else { Err(wrong_type::<T>(found)) }
}

#[cold]
fn wrong_type<T: Pixel>(found: PixelType) -> Error {
    let asked = T::PIXEL_TYPE;
    error!(
        PixelType,
        "its pixels are {found}, not {asked}: ask for `{}`, or convert with `to_array_exact::<{1}>()` (exact) \
         or `to_array_cast::<{1}>()`",
        found.rust_name(),
        asked.rust_name()
    )
}

impl fmt::Debug for BandRef<'_> {
    /// Name, type, dims and shape; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BandRef")
            .field("name", &self.name)
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names.as_slice())
            .field("shape", &self.shape())
            .field("is_loaded", &self.is_loaded())
            .finish_non_exhaustive()
    }
}
