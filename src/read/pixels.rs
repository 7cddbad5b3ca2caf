//! The pixels of a band: borrowed, copied, converted.

use ndarray::{ArrayD, ArrayView, ArrayView2, ArrayViewD, ArrayViewMut, CowArray, Dimension, Ix2, IxDyn};

use crate::error::{Error, Result, error};
use crate::limits::check_result;
use crate::pixel::{Pixel, aligned, match_pixel_type};
use crate::read::band::BandRef;
use crate::strided::array_view;
use crate::strided::convert::{cast, cast_exactly, map_to_standard};
use crate::strided::copy::Walk;
use crate::strided::gather;
use crate::strided::layout::{Layout, num_pixels};

/// The visible pixels' bytes: from the lowest address to the highest.
struct Region<'a> {
    bytes: &'a [u8],
    /// How they lie, counted from there: `None` for C order without gaps.
    layout: Option<Layout>,
}

impl<'a> BandRef<'a> {
    /// Borrows the pixels, with as many axes as the band has.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`] if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`] if they are elsewhere.
    /// - [`ErrorKind::Misaligned`] if they lie at an address where no `T` may:
    ///   [`to_cow_array`](BandRef::to_cow_array) reads those too.
    /// - [`ErrorKind::Malformed`] if the payload does not fit the shape, [`ErrorKind::TooLarge`] if the
    ///   shape has more pixels than can be addressed.
    ///
    /// # Cost
    ///
    /// None but the checks; no allocation up to four axes. The memory is the column's own, in
    /// whatever order, direction and repetition the band's view says.
    ///
    /// # Examples
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

    /// Borrows the pixels as a matrix: [`as_array_view_dim`](BandRef::as_array_view_dim) for two axes.
    ///
    /// Cost and errors: as there.
    ///
    /// # Examples
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
    /// # Errors
    ///
    /// As [`as_array_view`](BandRef::as_array_view), and [`ErrorKind::Shape`] if the band has another number
    /// of axes.
    ///
    /// # Cost
    ///
    /// As [`as_array_view`](BandRef::as_array_view), and cheaper to make and to index.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::{Array3, Ix3}};
    /// let cube = Band::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.with_dim_names(["time", "y", "x"])?;
    /// let raster = Raster::from_bands([cube])?;
    /// assert_eq!(raster.band(0)?.as_array_view_dim::<u8, Ix3>()?.dim(), (5, 2, 3));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_array_view_dim<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'a, T, D>> {
        self.require_type::<T>()?;
        self.require_ndim::<D>()?;
        let region = self.region()?;
        let pixels = aligned(region.bytes).ok_or_else(|| self.annotate(self.misaligned::<T>()))?;
        self.over(pixels, region.layout.as_ref())
    }

    /// Reads every loaded band: borrows the pixels if it can, copies them if it must.
    ///
    /// # Errors
    ///
    /// As [`as_array_view`](BandRef::as_array_view), but where that fails for alignment, as
    /// [`to_array`](BandRef::to_array).
    ///
    /// # Cost
    ///
    /// As [`as_array_view`](BandRef::as_array_view) where that works, else as [`to_array`](BandRef::to_array).
    ///
    /// # Examples
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
    /// # Errors
    ///
    /// As [`as_array_view`](BandRef::as_array_view), but never for alignment; and
    /// [`ErrorKind::TooLarge`] for more than 2^31 - 1 bytes if that is more than the payload has (a
    /// broadcast): [`copy_into`](BandRef::copy_into) has no such limit.
    ///
    /// # Cost
    ///
    /// One allocation of the array's size and one copy; the bytes between the first and the last
    /// visible pixel once more if they are misaligned and not in C order.
    ///
    /// # Examples
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
        let pixels = pixels.ok_or_else(|| self.annotate(leaves_the_payload()))?;
        gather::from_pixels(self.shape(), pixels).map_err(|e| self.annotate(e))
    }

    /// Owns the pixels as any type, exactly: a pixel that the type cannot hold is an error.
    ///
    /// Equal as numbers is exact: -0.0 may become 0, any NaN a NaN, and 3.0 a 3.
    ///
    /// # Errors
    ///
    /// As [`to_array`](BandRef::to_array) without [`ErrorKind::PixelType`]; [`ErrorKind::Inexact`] names the
    /// first pixel that does not survive.
    ///
    /// # Cost
    ///
    /// One array; the pixels once more if they are misaligned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1i16, 2], [3, 400]])?;
    /// assert_eq!(raster.band(0)?.to_array_exact::<f64>()?[[1, 1]], 400.0);
    /// assert_eq!(
    ///     raster.band(0)?.to_array_exact::<u8>().unwrap_err().to_string(),
    ///     "band 0: the pixel at [1, 1] is 400, which uint8 cannot hold: round it with `to_array_cast::<u8>()`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array_exact<T: Pixel>(&self) -> Result<ArrayD<T>> {
        if T::PIXEL_TYPE == self.pixel_type() {
            return self.to_array();
        }
        match_pixel_type!(self.pixel_type(), P => self.convert::<P, T>(cast_exactly))
    }

    /// Owns the pixels as any type, by Rust's `as`: floats lose their fraction, numbers out of range end
    /// at the type's limits (integers wrap), NaN becomes 0.
    ///
    /// Cost and errors: as [`to_array_exact`](BandRef::to_array_exact), but that every pixel converts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1.9f32, -3.0]])?;
    /// assert_eq!(raster.band(0)?.to_array_cast::<u8>()?, array![[1, 0]].into_dyn());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        match_pixel_type!(self.pixel_type(), P => self.convert::<P, T>(|pixel| Some(cast(pixel))))
    }

    /// Copies the pixels into memory of the caller's, of exactly the band's shape and any layout.
    ///
    /// # Errors
    ///
    /// As [`to_cow_array`](BandRef::to_cow_array), and [`ErrorKind::Shape`] for a target of another shape.
    /// There is no limit on its size.
    ///
    /// # Cost
    ///
    /// One copy. No allocation, unless the pixels are misaligned and not in C order, or the target
    /// is not: then the bytes between the first and the last visible pixel once.
    ///
    /// # Examples
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
        copied.ok_or_else(|| self.annotate(leaves_the_payload()))
    }

    fn require_ndim<D: Dimension>(&self) -> Result<()> {
        match D::NDIM {
            Some(expected) if expected != self.ndim() => Err(self.annotate(error!(
                Shape,
                "it has {} axes {:?}, not {expected}: ask for `Ix{0}`, or for any number with `as_array_view`",
                self.ndim(),
                self.dim_names()
            ))),
            _ => Ok(()),
        }
    }

    #[cold]
    fn misaligned<T: Pixel>(&self) -> Error {
        let (name, size) = (T::PIXEL_TYPE, size_of::<T>());
        if self.location().is_none() {
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
        let payload = self.payload_len();
        check_result(num_pixels(self.shape()), size_of::<T>(), payload).map_err(|e| self.annotate(e))
    }

    /// Owned pixels in C order, each through `f`; the first `None` is an [`ErrorKind::Inexact`]. `P` is the band's type.
    pub(crate) fn convert<P: Pixel, T: Pixel>(&self, f: impl Fn(P) -> Option<T>) -> Result<ArrayD<T>> {
        self.check_result_of::<T>()?;
        self.read_region(&self.region()?, |pixels| {
            map_to_standard(&pixels, &f).ok_or_else(|| self.lost::<P, T>(&pixels, &f))
        })?
    }

    /// What `f` makes of each pixel, in C order. The caller knows that the result is not too large.
    pub(crate) fn map_pixels<P: Pixel, R>(&self, f: impl Fn(P) -> R) -> Result<ArrayD<R>> {
        self.read_region(&self.region()?, |pixels| map_to_standard(&pixels, |pixel| Some(f(pixel))))?
            .ok_or_else(|| self.annotate(self.too_many()))
    }

    /// Names the first pixel that `f` does not convert.
    #[cold]
    fn lost<P: Pixel, T: Pixel>(&self, pixels: &ArrayViewD<'_, P>, f: &impl Fn(P) -> Option<T>) -> Error {
        let lost = pixels.indexed_iter().find(|(_, pixel)| f(**pixel).is_none());
        let (index, pixel) = lost.map_or((String::new(), String::new()), |(index, pixel)| {
            (format!("{:?}", index.slice()), format!("{pixel:?}"))
        });
        self.annotate(error!(
            Inexact,
            "the pixel at {index} is {pixel}, which {} cannot hold: round it with `to_array_cast::<{}>()`",
            T::PIXEL_TYPE,
            T::PIXEL_TYPE.rust_name()
        ))
    }

    fn check_target(&self, found: &[usize]) -> Result<()> {
        if found == self.shape() {
            return Ok(());
        }
        Err(self.annotate(error!(Shape, "it has the shape {:?}, the target {found:?}", self.shape())))
    }

    fn region(&self) -> Result<Region<'a>> {
        let bytes = self.source_data()?;
        if self.is_empty() {
            num_pixels(self.shape()).ok_or_else(|| self.annotate(self.too_many()))?;
            return Ok(Region { bytes: &[], layout: None });
        }
        let Some(layout) = self.layout()? else {
            return Ok(Region { bytes, layout: None });
        };
        let size = self.pixel_type().size();
        let part = layout.lowest.checked_mul(size).zip(layout.extent.checked_mul(size));
        let bytes = part.and_then(|(start, len)| bytes.get(start..)?.get(..len));
        let bytes = bytes.ok_or_else(|| self.annotate(leaves_the_payload()))?;
        Ok(Region { bytes, layout: Some(layout) })
    }

    /// Lays the visible shape over the pixels of a region.
    fn over<'b, T: Pixel, D: Dimension>(
        &self,
        pixels: &'b [T],
        layout: Option<&Layout>,
    ) -> Result<ArrayView<'b, T, D>> {
        array_view::view(pixels, self.shape(), layout.map(|l| l.strides.as_slice())).map_err(|e| self.annotate(e))
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

/// Borrows the pixels by [`BandRef::as_array_view`], for generic code.
impl<'a, T: Pixel> TryFrom<&BandRef<'a>> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(band: &BandRef<'a>) -> Result<Self> {
        band.as_array_view()
    }
}

/// [`BandRef::as_array_view`], for generic code.
impl<'a, T: Pixel> TryFrom<BandRef<'a>> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(band: BandRef<'a>) -> Result<Self> {
        band.as_array_view()
    }
}

/// [`BandRef::as_array_view2`], for generic code.
impl<'a, T: Pixel> TryFrom<&BandRef<'a>> for ArrayView2<'a, T> {
    type Error = Error;

    fn try_from(band: &BandRef<'a>) -> Result<Self> {
        band.as_array_view2()
    }
}

/// [`BandRef::as_array_view2`], for generic code.
impl<'a, T: Pixel> TryFrom<BandRef<'a>> for ArrayView2<'a, T> {
    type Error = Error;

    fn try_from(band: BandRef<'a>) -> Result<Self> {
        band.as_array_view2()
    }
}
