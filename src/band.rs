//! One band, borrowed: everything that reads pixels.

use std::fmt;

use arrow_buffer::Buffer;
use ndarray::{ArrayD, ArrayView, ArrayView2, ArrayViewD, ArrayViewMut, CowArray, Dimension, Ix2, IxDyn};

use crate::any_view::AnyArrayView;
use crate::columns::Payloads;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, Result, error};
use crate::gather;
use crate::layout::{Layout, num_pixels};
use crate::pixel::{Pixel, PixelType, cast, cast_exactly, match_pixel_type};
use crate::read_band::DimNames;
use crate::strided;
use crate::view::View;
use crate::walk::Walk;

/// One band of a raster, borrowed from its column.
///
/// Its metadata was checked when it was made (by [`RasterRef::band`](crate::RasterRef::band)), so the
/// getters cannot fail; reading pixels can. What it lends lives as long as the column, not only as long
/// as the band.
///
/// ```
/// use ndraster::{NewBand, PixelType, Raster, ndarray::array};
///
/// let red = NewBand::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.with_name("red");
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
pub struct Band<'a> {
    pub(crate) row: Option<usize>,
    pub(crate) number: usize,
    pub(crate) payloads: Payloads<'a>,
    pub(crate) index: usize,
    pub(crate) pixel_type: PixelType,
    pub(crate) dim_names: DimNames<'a>,
    pub(crate) view: View,
    pub(crate) name: Option<&'a str>,
    pub(crate) outdb_uri: Option<&'a str>,
    pub(crate) outdb_format: Option<&'a str>,
    pub(crate) nodata: Option<&'a [u8]>,
}

/// The visible pixels' bytes: from the lowest address to the highest.
struct Region<'a> {
    bytes: &'a [u8],
    /// How they lie, counted from there: `None` for C order without gaps.
    layout: Option<Layout>,
}

impl<'a> Band<'a> {
    /// Says of an error where it happened.
    pub(crate) fn place(&self, error: Error) -> Error {
        error.in_band(self.number).in_row(self.row)
    }

    /// The band's name.
    ///
    /// Cost: none: it was read when the band was.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let band = NewBand::from_ndarray(Array2::<u8>::zeros((1, 1)))?.with_name("nir");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.name(), Some("nir"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// The names of the visible axes, slowest first: `["time", "y", "x"]`.
    ///
    /// Cost: none: it was read when the band was.
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
    /// Cost: none.
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
    /// Cost: none.
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
    /// Cost: none: it was read when the band was.
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
    /// Cost: none: it was read when the band was.
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
    /// Cost: none: it was read when the band was.
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
    /// Cost: none: it was read when the band was.
    ///
    /// ```
    /// # use ndraster::{NewBand, PixelType, Raster};
    /// let band = NewBand::lazy("file:///dem.tif", [2, 3], PixelType::Int16)?;
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.outdb_uri(), Some("file:///dem.tif"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn outdb_uri(&self) -> Option<&'a str> {
        self.outdb_uri
    }

    /// How to read what is there.
    ///
    /// Cost: none: it was read when the band was.
    ///
    /// ```
    /// # use ndraster::{NewBand, PixelType, Raster};
    /// let band = NewBand::lazy("file:///dem.tif", [2, 3], PixelType::Int16)?.with_format("geotiff");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.outdb_format(), Some("geotiff"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn outdb_format(&self) -> Option<&'a str> {
        self.outdb_format
    }

    /// The nodata value as it is stored, which [`nodata`](Band::nodata) reads as a pixel.
    ///
    /// Cost: none: it was read when the band was.
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
    /// are out of the database, wherever [`outdb_uri`](Band::outdb_uri) says.
    ///
    /// Cost: a look at the payload's descriptor.
    ///
    /// ```
    /// # use ndraster::{NewBand, PixelType, Raster, ndarray::Array2};
    /// let lazy = Raster::from_bands([NewBand::lazy("s3://b/c", [2, 3], PixelType::Int16)?])?;
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

    /// The payload: all stored pixels in C order of [`source_shape`](Band::source_shape), little-endian.
    ///
    /// Cost: none. The address may be any, also an odd one.
    ///
    /// # Errors
    /// [`ErrorKind::NotLoaded`] for pixels that are elsewhere; [`ErrorKind::Malformed`] unless the payload
    /// has exactly the bytes that the shape needs.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u16, 256]])?;
    /// assert_eq!(raster.band(0)?.source_data()?, [1, 0, 0, 1]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn source_data(&self) -> Result<&'a [u8]> {
        let bytes = self.payloads.get(self.index).map_err(|e| self.place(e))?;
        if bytes.is_empty() && self.is_empty() {
            return Ok(bytes);
        }
        let needed = num_pixels(self.source_shape()).and_then(|pixels| pixels.checked_mul(self.pixel_type.size()));
        if needed == Some(bytes.len()) {
            return Ok(bytes);
        }
        Err(self.place(if bytes.is_empty() {
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
        let bytes = self.payloads.get(self.index).map_err(|e| self.place(e))?;
        if bytes.is_empty() { Ok(bytes) } else { self.source_data() }
    }

    /// The data buffer that the payload lies in, and at which byte; `None` for an inline payload.
    pub(crate) fn locate(&self) -> Option<(&'a Buffer, usize)> {
        self.payloads.locate(self.index)
    }

    /// Keeps the view only.
    pub(crate) fn into_view(self) -> View {
        self.view
    }

    /// How the visible pixels lie, if there are any: `None` for C order from the payload's start on.
    pub(crate) fn layout(&self) -> Result<Option<Layout>> {
        if self.view.is_identity() {
            return Ok(None);
        }
        let addressable = num_pixels(self.shape()).and_then(|_| Layout::new(&self.view));
        addressable.map(Some).ok_or_else(|| self.place(self.too_many()))
    }

    #[cold]
    fn too_many(&self) -> Error {
        error!(TooLarge, "the shape {:?} has more pixels than memory can address", self.shape())
    }

    fn region(&self) -> Result<Region<'a>> {
        let bytes = self.source_data()?;
        if self.is_empty() {
            num_pixels(self.shape()).ok_or_else(|| self.place(self.too_many()))?;
            return Ok(Region { bytes: &[], layout: None });
        }
        let Some(layout) = self.layout()? else {
            return Ok(Region { bytes, layout: None });
        };
        let size = self.pixel_type.size();
        let part = layout.lowest.checked_mul(size).zip(layout.extent.checked_mul(size));
        let bytes = part.and_then(|(start, len)| bytes.get(start..)?.get(..len));
        let bytes = bytes.ok_or_else(|| self.place(leaves_the_payload()))?;
        Ok(Region { bytes, layout: Some(layout) })
    }

    /// Lays the visible shape over the pixels of a region.
    fn over<'b, T: Pixel, D: Dimension>(
        &self,
        pixels: &'b [T],
        layout: Option<&Layout>,
    ) -> Result<ArrayView<'b, T, D>> {
        strided::view(pixels, self.shape(), layout.map(|l| l.strides.as_slice())).map_err(|e| self.place(e))
    }

    pub(crate) fn require_type<T: Pixel>(&self) -> Result<()> {
        require_type::<T>(self.pixel_type).map_err(|e| self.place(e))
    }

    /// Borrows the pixels, with as many axes as the band has.
    ///
    /// Cost: none but the checks; no allocation up to four axes. The memory is the column's own, in
    /// whatever order, direction and repetition the band's view says.
    ///
    /// # Errors
    /// - [`ErrorKind::PixelType`] if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`] if they are elsewhere.
    /// - [`ErrorKind::Misaligned`] if they lie at an address where no `T` may:
    ///   [`to_cow_array`](Band::to_cow_array) reads those too.
    /// - [`ErrorKind::Malformed`] if the payload does not fit the shape, [`ErrorKind::TooLarge`] if the
    ///   shape has more pixels than can be addressed.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let pixels = array![[1.0f32, 2.0], [3.0, 4.0]];
    /// let address = pixels.as_ptr();
    /// let raster = Raster::from_ndarray(pixels)?;
    /// let view = raster.band(0)?.as_array_view::<f32>()?;
    /// assert_eq!(view[[1, 0]], 3.0);
    /// assert_eq!(view.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_array_view<T: Pixel>(&self) -> Result<ArrayViewD<'a, T>> {
        self.as_array_view_dim::<T, IxDyn>()
    }

    /// Borrows the pixels as a matrix: [`as_array_view_dim`](Band::as_array_view_dim) for two axes.
    ///
    /// Cost and errors: as there.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1.0f32, 2.0], [3.0, 4.0]])?;
    /// assert_eq!(raster.band(0)?.as_array_view2::<f32>()?.row(1).sum(), 7.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_array_view2<T: Pixel>(&self) -> Result<ArrayView2<'a, T>> {
        self.as_array_view_dim::<T, Ix2>()
    }

    /// Borrows the pixels with a number of axes that is fixed at compile time.
    ///
    /// Cost: as [`as_array_view`](Band::as_array_view), and cheaper to make and to index.
    ///
    /// # Errors
    /// As [`as_array_view`](Band::as_array_view), and [`ErrorKind::Shape`] if the band has another number
    /// of axes.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::{Array3, Ix3}};
    /// let cube = NewBand::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.with_dim_names(["time", "y", "x"])?;
    /// let raster = Raster::from_bands([cube])?;
    /// assert_eq!(raster.band(0)?.as_array_view_dim::<u8, Ix3>()?.dim(), (5, 2, 3));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_array_view_dim<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'a, T, D>> {
        self.require_type::<T>()?;
        self.require_ndim::<D>()?;
        let region = self.region()?;
        let pixels = aligned(region.bytes).ok_or_else(|| self.place(self.misaligned::<T>()))?;
        self.over(pixels, region.layout.as_ref())
    }

    fn require_ndim<D: Dimension>(&self) -> Result<()> {
        match D::NDIM {
            Some(expected) if expected != self.ndim() => Err(self.place(error!(
                Shape,
                "it has {} axes {:?}, not {expected}: ask for `Ix{0}`, or for any number with `as_array_view`",
                self.ndim(),
                self.dim_names.as_slice()
            ))),
            _ => Ok(()),
        }
    }

    #[cold]
    fn misaligned<T: Pixel>(&self) -> Error {
        let (name, size) = (T::PIXEL_TYPE, size_of::<T>());
        if self.locate().is_none() {
            return error!(
                Misaligned,
                "a single {name} pixel is stored inside of Arrow's 16-byte view, where no {size}-byte number may \
                 be borrowed: copy it with `to_array`, or read any band with `to_cow_array`"
            );
        }
        error!(
            Misaligned,
            "its writer put the pixels at an address that is no multiple of {size}, as {name} needs: copy them \
             with `to_array`, or only where needed with `to_cow_array`"
        )
    }

    /// Borrows the pixels, of whatever type they are.
    ///
    /// Cost and errors: as [`as_array_view`](Band::as_array_view), but that any type will do.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
    /// let mean = ndraster::dispatch!(raster.band(0)?.as_any_view()?, view => {
    ///     view.iter().map(|&pixel| pixel as f64).sum::<f64>() / view.len() as f64
    /// });
    /// assert_eq!(mean, 2.5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_any_view(&self) -> Result<AnyArrayView<'a>> {
        AnyArrayView::of(self)
    }

    /// Reads every loaded band: borrows the pixels if it can, copies them if it must.
    ///
    /// Cost: as [`as_array_view`](Band::as_array_view) where that works, else as [`to_array`](Band::to_array).
    ///
    /// # Errors
    /// As [`as_array_view`](Band::as_array_view), but where that fails for alignment, as
    /// [`to_array`](Band::to_array).
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// // One f64 lies inside of Arrow's view, where it cannot be borrowed.
    /// let raster = Raster::from_ndarray(array![[0.5f64]])?;
    /// assert!(raster.band(0)?.as_array_view::<f64>().is_err());
    /// assert_eq!(raster.band(0)?.to_cow_array::<f64>()?[[0, 0]], 0.5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_cow_array<T: Pixel>(&self) -> Result<CowArray<'a, T, IxDyn>> {
        self.require_type::<T>()?;
        let region = self.region()?;
        match aligned(region.bytes) {
            Some(pixels) => Ok(self.over(pixels, region.layout.as_ref())?.into()),
            None => Ok(self.to_array::<T>()?.into()),
        }
    }

    /// Owns the pixels, in C order.
    ///
    /// Cost: one allocation of the array's size and one copy; the bytes between the first and the last
    /// visible pixel once more if they are misaligned and not in C order.
    ///
    /// # Errors
    /// As [`as_array_view`](Band::as_array_view), but never for alignment; and
    /// [`ErrorKind::TooLarge`] for more than 2^31 - 1 bytes if that is more than the payload has (a
    /// broadcast): [`copy_into`](Band::copy_into) has no such limit.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
    /// let mut owned = raster.band(0)?.to_array::<u8>()?;
    /// owned[[0, 0]] = 9;
    /// assert_eq!(raster.band(0)?.as_array_view::<u8>()?[[0, 0]], 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.require_type::<T>()?;
        let region = self.region()?;
        self.check_result_of::<T>()?;
        let pixels = match &region.layout {
            None => {
                Some(aligned(region.bytes).map_or_else(|| bytemuck::pod_collect_to_vec(region.bytes), <[T]>::to_vec))
            }
            Some(layout) => with_pixels(region.bytes, |pixels| self.walk(layout)?.collect(pixels)),
        };
        let pixels = pixels.ok_or_else(|| self.place(leaves_the_payload()))?;
        gather::from_pixels(self.shape(), pixels).map_err(|e| self.place(e))
    }

    /// How the pixels of a region are brought into C order.
    fn walk(&self, layout: &Layout) -> Option<Walk> {
        Walk::new(self.shape(), &layout.strides, layout.offset - layout.lowest)
    }

    /// Hands the visible pixels to `f`.
    fn read_region<T: Pixel, R>(&self, region: &Region<'_>, f: impl FnOnce(ArrayViewD<'_, T>) -> R) -> Result<R> {
        with_pixels(region.bytes, |pixels| Ok(f(self.over(pixels, region.layout.as_ref())?)))
    }

    /// Would an array of `T` in the visible shape be larger than what may be allocated?
    pub(crate) fn check_result_of<T>(&self) -> Result<()> {
        let payload = self.payloads.get(self.index).map_or(0, <[u8]>::len);
        gather::check_result(num_pixels(self.shape()), size_of::<T>(), payload).map_err(|e| self.place(e))
    }

    /// Owns the pixels as any type, exactly: a pixel that the type cannot hold is an error.
    ///
    /// Equal as numbers is exact: -0.0 may become 0, any NaN a NaN, and 3.0 a 3.
    ///
    /// Cost: one array; the pixels once more if they are misaligned.
    ///
    /// # Errors
    /// As [`to_array`](Band::to_array) without [`ErrorKind::PixelType`]; [`ErrorKind::Inexact`] names the
    /// first pixel that does not survive.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1i16, 2], [3, 400]])?;
    /// assert_eq!(raster.band(0)?.to_array_as::<f64>()?[[1, 1]], 400.0);
    /// assert_eq!(
    ///     raster.band(0)?.to_array_as::<u8>().unwrap_err().to_string(),
    ///     "band 0: the pixel at [1, 1] is 400, which uint8 cannot hold: round it with `to_array_cast::<u8>()`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array_as<T: Pixel>(&self) -> Result<ArrayD<T>> {
        if T::PIXEL_TYPE == self.pixel_type {
            return self.to_array();
        }
        match_pixel_type!(self.pixel_type, P => self.convert::<P, T>(cast_exactly))
    }

    /// Owns the pixels as any type, by Rust's `as`: floats lose their fraction, numbers out of range end
    /// at the type's limits (integers wrap), NaN becomes 0.
    ///
    /// Cost and errors: as [`to_array_as`](Band::to_array_as), but that every pixel converts.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1.9f32, -3.0]])?;
    /// assert_eq!(raster.band(0)?.to_array_cast::<u8>()?, array![[1, 0]].into_dyn());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        match_pixel_type!(self.pixel_type, P => self.convert::<P, T>(|pixel| Some(cast(pixel))))
    }

    /// Owned pixels in C order, each through `f`; the first `None` is an [`ErrorKind::Inexact`]. `P` is the band's type.
    pub(crate) fn convert<P: Pixel, T: Pixel>(&self, f: impl Fn(P) -> Option<T>) -> Result<ArrayD<T>> {
        self.check_result_of::<T>()?;
        self.read_region(&self.region()?, |pixels| {
            gather::map_to_standard(&pixels, &f).ok_or_else(|| self.lost::<P, T>(&pixels, &f))
        })?
    }

    /// What `f` makes of each pixel, in C order. The caller knows that the result is not too large.
    pub(crate) fn map_pixels<P: Pixel, R>(&self, f: impl Fn(P) -> R) -> Result<ArrayD<R>> {
        self.read_region(&self.region()?, |pixels| gather::map_to_standard(&pixels, |pixel| Some(f(pixel))))?
            .ok_or_else(|| self.place(self.too_many()))
    }

    /// Names the first pixel that `f` does not convert.
    #[cold]
    fn lost<P: Pixel, T: Pixel>(&self, pixels: &ArrayViewD<'_, P>, f: &impl Fn(P) -> Option<T>) -> Error {
        let lost = pixels.indexed_iter().find(|(_, pixel)| f(**pixel).is_none());
        let (place, pixel) = lost.map_or((String::new(), String::new()), |(index, pixel)| {
            (format!("{:?}", index.slice()), format!("{pixel:?}"))
        });
        self.place(error!(
            Inexact,
            "the pixel at {place} is {pixel}, which {} cannot hold: round it with `to_array_cast::<{}>()`",
            T::PIXEL_TYPE,
            T::PIXEL_TYPE.rust_name()
        ))
    }

    /// Copies the pixels into memory of the caller's, of exactly the band's shape and any layout.
    ///
    /// Cost: one copy. No allocation, unless the pixels are misaligned and not in C order, or the target
    /// is not: then the bytes between the first and the last visible pixel once.
    ///
    /// # Errors
    /// As [`to_cow_array`](Band::to_cow_array), and [`ErrorKind::Shape`] for a target of another shape.
    /// There is no limit on its size.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::{Array3, Axis, array}};
    /// let raster = Raster::from_ndarray(array![[1.0f32, 2.0], [3.0, 4.0]])?;
    /// let mut batch = Array3::<f32>::zeros((8, 2, 2)); // reused from tile to tile
    /// raster.band(0)?.copy_into(batch.index_axis_mut(Axis(0), 5))?;
    /// assert_eq!(batch[[5, 1, 0]], 3.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn copy_into<T: Pixel, D: Dimension>(&self, mut target: ArrayViewMut<'_, T, D>) -> Result<()> {
        self.require_type::<T>()?;
        self.check_target(target.shape())?;
        let region = self.region()?;
        let Some(pixels) = target.as_slice_mut() else {
            return self.read_region(&region, |pixels| target.into_dyn().assign(&pixels));
        };
        let copied = match &region.layout {
            None => {
                // Byte by byte, so that it does not matter where the payload starts.
                bytemuck::cast_slice_mut(pixels).copy_from_slice(region.bytes);
                Some(())
            }
            Some(layout) => with_pixels(region.bytes, |from| self.walk(layout)?.copy(from, pixels)),
        };
        copied.ok_or_else(|| self.place(leaves_the_payload()))
    }

    fn check_target(&self, found: &[usize]) -> Result<()> {
        if found == self.shape() {
            return Ok(());
        }
        Err(self.place(error!(Shape, "it has the shape {:?}, the target {found:?}", self.shape())))
    }
}

/// Hands the bytes to `f` as pixels. Where no `T` may lie they are copied first: never more than the payload has,
/// whatever the view repeats.
fn with_pixels<T: Pixel, R>(bytes: &[u8], f: impl FnOnce(&[T]) -> R) -> R {
    match aligned(bytes) {
        Some(pixels) => f(pixels),
        None => f(&bytemuck::pod_collect_to_vec::<u8, T>(bytes)),
    }
}

#[cold]
fn leaves_the_payload() -> Error {
    error!(Malformed, "view: it leaves the payload")
}

/// The bytes as pixels, if their address allows it.
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
        "its pixels are {found}, not {asked}: ask for `{}`, or convert with `to_array_as::<{1}>()` (exact) \
         or `to_array_cast::<{1}>()`",
        found.rust_name(),
        asked.rust_name()
    )
}

pub(crate) fn aligned<T: Pixel>(bytes: &[u8]) -> Option<&[T]> {
    // The address of nothing is nobody's business.
    if bytes.is_empty() { Some(&[]) } else { bytemuck::try_cast_slice(bytes).ok() }
}

impl fmt::Debug for Band<'_> {
    /// Name, type, dims and shape; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Band")
            .field("name", &self.name)
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names.as_slice())
            .field("shape", &self.shape())
            .field("is_loaded", &self.is_loaded())
            .finish_non_exhaustive()
    }
}

/// [`Band::as_array_view`], for generic code.
impl<'a, T: Pixel> TryFrom<&Band<'a>> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(band: &Band<'a>) -> Result<Self> {
        band.as_array_view()
    }
}

/// [`Band::as_array_view`], for generic code.
impl<'a, T: Pixel> TryFrom<Band<'a>> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(band: Band<'a>) -> Result<Self> {
        band.as_array_view()
    }
}

/// [`Band::as_array_view2`], for generic code.
impl<'a, T: Pixel> TryFrom<&Band<'a>> for ArrayView2<'a, T> {
    type Error = Error;

    fn try_from(band: &Band<'a>) -> Result<Self> {
        band.as_array_view2()
    }
}

/// [`Band::as_array_view2`], for generic code.
impl<'a, T: Pixel> TryFrom<Band<'a>> for ArrayView2<'a, T> {
    type Error = Error;

    fn try_from(band: Band<'a>) -> Result<Self> {
        band.as_array_view2()
    }
}
