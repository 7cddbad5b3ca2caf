//! Reads the pixels of a band: borrows or copies them.

use ndarray::{Array, Array2, ArrayD, ArrayView, ArrayView2, ArrayViewD, CowArray, Dimension, Ix2, IxDyn};

use crate::error::{Error, Result, error};
use crate::limits::check_result;
use crate::pixel::{Pixel, aligned};
use crate::read::band::BandRef;
use crate::shown::Few;
use crate::strided::array_view;
use crate::strided::copy::Walk;
use crate::strided::gather;
use crate::strided::layout::{Layout, c_strides, num_pixels};
use crate::view::{Axes, for_each_axis};

/// The visible pixels of a band, with the axes in the order of a result.
///
/// That is the band's own order; but a matrix has rows and columns, and so is always (y, x).
pub(super) struct Region<'a> {
    /// The bytes of the payload from the lowest to the highest visible pixel.
    bytes: &'a [u8],
    shape: Axes<usize>,
    /// Where the pixels lie: `None` for C order without gaps.
    strided: Option<Strided>,
}

struct Strided {
    strides: Axes<isize>,
    /// The first pixel, counted from the lowest.
    first: usize,
}

impl<'a> BandRef<'a> {
    /// Borrows the pixels, with as many axes as the band has, in the band's own order: [`dim_names`](BandRef::dim_names) says
    /// it.
    ///
    /// The memory is the column's own. The array view has the order, direction and repetition that the band's view
    /// says.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that `T` does not
    ///   allow. [`to_cow_array`](BandRef::to_cow_array) copies such pixels.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
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
    #[doc(alias("asarray", "to_numpy"))]
    pub fn as_array_view<T: Pixel>(&self) -> Result<ArrayViewD<'a, T>> {
        self.as_array_view_dim::<T, IxDyn>()
    }

    /// Borrows the pixels as a matrix: rows are y, columns are x, whatever the order of the band's dims. Other axes must have one
    /// index, as `slice_dim("time", 6..7)` leaves it.
    ///
    /// Making and indexing it is cheaper than with any number of axes, as in [`as_array_view`](BandRef::as_array_view).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has other axes than y and x with more than one
    ///   index.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that `T` does not
    ///   allow. [`to_cow_array`](BandRef::to_cow_array) copies such pixels.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
    ///
    /// # Cost
    ///
    /// No allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1.0f32, 2.0], [3.0, 4.0]])?;
    /// assert_eq!(raster.band(0)?.as_array_view2::<f32>()?.row(1).sum(), 7.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("asarray", "to_numpy", "values"))]
    pub fn as_array_view2<T: Pixel>(&self) -> Result<ArrayView2<'a, T>> {
        self.as_array_view_dim::<T, Ix2>()
    }

    /// Borrows the pixels with a number of axes that is fixed at compile time.
    ///
    /// A matrix (`Ix2`) is always (y, x); any other axes of its band must have one index. All others have the band's own order of
    /// axes.
    ///
    /// Making and indexing it is cheaper than with any number of axes, as in [`as_array_view`](BandRef::as_array_view).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another number of axes.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that `T` does not
    ///   allow. [`to_cow_array`](BandRef::to_cow_array) copies such pixels.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
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
        let region = self.region::<D>()?;
        let pixels = aligned(region.bytes).ok_or_else(|| self.annotate(self.misaligned::<T>()))?;
        self.over(pixels, &region)
    }

    /// Borrows the pixels, or copies them if they are misaligned.
    ///
    /// The axes are in the band's own order, which [`dim_names`](BandRef::dim_names) says.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address, or
    ///   if a copy would have more than 2^31 - 1 bytes, and more bytes than the payload (a view can repeat pixels).
    ///
    /// # Cost
    ///
    /// No allocation up to four axes for aligned pixels. Misaligned pixels are copied into one array in C order, and
    /// under a view that is not the identity, the bytes from the first to the last visible pixel are copied once more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// // Arrow stores a single f64 inside of its 16-byte view, at an address where it cannot be borrowed.
    /// let raster = Raster::from_ndarray(array![[0.5f64]])?;
    /// assert!(raster.band(0)?.as_array_view::<f64>().is_err());
    /// assert_eq!(raster.band(0)?.to_cow_array::<f64>()?[[0, 0]], 0.5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_cow_array<T: Pixel>(&self) -> Result<CowArray<'a, T, IxDyn>> {
        self.require_type::<T>()?;
        let region = self.region::<IxDyn>()?;
        match aligned(region.bytes) {
            Some(pixels) => Ok(self.over(pixels, &region)?.into()),
            None => Ok(self.to_array::<T>()?.into()),
        }
    }

    /// Copies the pixels into an array in C order.
    ///
    /// The axes are in the band's own order, which [`dim_names`](BandRef::dim_names) says. [`to_array2`](BandRef::to_array2) is
    /// always (y, x).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than the payload (a view can repeat pixels). [`copy_into`](BandRef::copy_into) has no such limit.
    ///
    /// # Cost
    ///
    /// One allocation of the array's size, and one copy. If the pixels are misaligned and the view is not the identity,
    /// the bytes from the first to the last visible pixel are copied once more.
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
    #[doc(alias("copy", "ReadAsArray"))]
    pub fn to_array<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.to_array_dim()
    }

    /// Copies the pixels of a band of two axes into a matrix in C order: rows are y, columns are x, whatever the order of the
    /// band's dims.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has other axes than y and x with more than one
    ///   index.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than the payload (a view can repeat pixels). [`copy_into`](BandRef::copy_into) has no such limit.
    ///
    /// # Cost
    ///
    /// One array and one copy.
    /// If the pixels are misaligned and do not lie in C order, the bytes from the first to the last visible pixel are copied
    /// once more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let band = Band::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.with_dim_names(["lon", "lat"])?;
    /// let raster = Raster::from_bands([band])?;
    /// assert_eq!(raster.band(0)?.to_array2::<u8>()?, array![[1, 4], [2, 5], [3, 6]]); // (lat, lon)
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("copy", "ReadAsArray"))]
    pub fn to_array2<T: Pixel>(&self) -> Result<Array2<T>> {
        self.to_array_dim()
    }

    /// Copies the pixels into an array in C order, with a number of axes that is fixed at compile time.
    ///
    /// A matrix (`Ix2`) is always (y, x); any other axes of its band must have one index. All others have the band's own order of
    /// axes.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another number of axes.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than the payload (a view can repeat pixels). [`copy_into`](BandRef::copy_into) has no such limit.
    ///
    /// # Cost
    ///
    /// One array and one copy.
    /// If the pixels are misaligned and do not lie in C order, the bytes from the first to the last visible pixel are copied
    /// once more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::{Array3, Ix3}};
    /// let cube = Band::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.with_dim_names(["time", "y", "x"])?;
    /// let raster = Raster::from_bands([cube])?;
    /// assert_eq!(raster.band(0)?.to_array_dim::<u8, Ix3>()?.dim(), (5, 2, 3));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_array_dim<T: Pixel, D: Dimension>(&self) -> Result<Array<T, D>> {
        self.require_type::<T>()?;
        self.require_ndim::<D>()?;
        let region = self.region::<D>()?;
        self.check_result_of::<T>()?;
        let pixels = match region.strided {
            None => {
                Some(aligned(region.bytes).map_or_else(|| bytemuck::pod_collect_to_vec(region.bytes), <[T]>::to_vec))
            }
            Some(_) => with_pixels(region.bytes, |pixels| region.walk()?.collect(pixels)),
        };
        let pixels = pixels.ok_or_else(|| self.annotate(leaves_the_payload()))?;
        gather::from_pixels(&region.shape, pixels).map_err(|e| self.annotate(e))
    }

    pub(super) fn require_ndim<D: Dimension>(&self) -> Result<()> {
        let Some(expected) = D::NDIM.filter(|expected| *expected != self.ndim()) else { return Ok(()) };
        if expected == 2 && self.matrix_axes().is_some() {
            return Ok(());
        }
        let one = if expected == 2 && self.ndim() > 2 {
            ", or keep one index of each axis other than y and x, as by `slice_dim(dim, 0..1)`"
        } else {
            ""
        };
        Err(self.annotate(error!(
            Shape,
            "it has {} axes {}, not {expected}: ask for `Ix{0}`, or take the call for any number, which has no `2` and no \
             `_dim` in its name, such as `as_array_view`{one}",
            self.ndim(),
            Few(self.dim_names())
        )))
    }

    /// Returns the axes that are y and x in a matrix, unless the band has just these in this order. Any other axes must have one
    /// index.
    fn matrix_axes(&self) -> Option<[usize; 2]> {
        if self.ndim() == 2 {
            return self.is_x_first().then_some([1, 0]);
        }
        let [x, y] = self.x_and_y().ok()??;
        let is_one = |(axis, extent): (usize, &usize)| [x, y].contains(&axis) || *extent == 1;
        self.shape().iter().enumerate().all(is_one).then_some([y, x])
    }

    #[cold]
    fn misaligned<T: Pixel>(&self) -> Error {
        let (name, size) = (T::PIXEL_TYPE, size_of::<T>());
        if self.location().is_none() {
            return error!(
                Misaligned,
                "a single {name} pixel is stored inside of Arrow's 16-byte view, where no {size}-byte number may \
                 be borrowed: copy it with `to_array`, or read any band with `to_cow_array`, of any type with `to_any_cow_array`"
            );
        }
        error!(
            Misaligned,
            "its writer put the pixels at an address that is no multiple of {size}, as {name} needs: copy them \
             with `to_array`, or only where needed with `to_cow_array`, of any type with `to_any_cow_array`"
        )
    }

    /// Refuses an array of `T` in the visible shape that is larger than one call may allocate.
    pub(crate) fn check_result_of<T>(&self) -> Result<()> {
        let payload = self.payload_len();
        check_result(num_pixels(self.shape()), size_of::<T>(), payload).map_err(|e| self.annotate(e))
    }

    /// Finds the visible pixels in the payload, with the axes as a result of `D` has them.
    #[inline]
    pub(super) fn region<D: Dimension>(&self) -> Result<Region<'a>> {
        self.region_as(D::NDIM == Some(2))
    }

    /// The same, for a matrix or for any other array. What does not depend on the rank is compiled once for all ranks.
    pub(super) fn region_as(&self, is_matrix: bool) -> Result<Region<'a>> {
        let region = self.own_region()?;
        let axes = if is_matrix { self.matrix_axes() } else { None };
        Ok(match axes {
            Some([y, x]) => region.plane(y, x),
            None => region,
        })
    }

    fn own_region(&self) -> Result<Region<'a>> {
        let bytes = self.source_data()?;
        let shape = for_each_axis(self.ndim(), |axis| self.shape().get(axis).copied().unwrap_or_default());
        if self.is_empty() {
            num_pixels(&shape).ok_or_else(|| self.annotate(self.too_many()))?;
            return Ok(Region { bytes: &[], shape, strided: None });
        }
        let Some(Layout { strides, offset, lowest, extent }) = self.layout()? else {
            return Ok(Region { bytes, shape, strided: None });
        };
        let size = self.pixel_type().size();
        let part = lowest.checked_mul(size).zip(extent.checked_mul(size));
        let bytes = part.and_then(|(start, len)| bytes.get(start..)?.get(..len));
        let bytes = bytes.ok_or_else(|| self.annotate(leaves_the_payload()))?;
        Ok(Region { bytes, shape, strided: Some(Strided { strides, first: offset - lowest }) })
    }

    /// Makes an array view over the pixels of a region.
    fn over<'b, T: Pixel, D: Dimension>(&self, pixels: &'b [T], region: &Region<'_>) -> Result<ArrayView<'b, T, D>> {
        let strides = region.strided.as_ref().map(|strided| strided.strides.as_slice());
        array_view::view(pixels, &region.shape, strides).map_err(|e| self.annotate(e))
    }
}

impl Region<'_> {
    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Reads one pixel, at any address. `None` if it lies outside.
    pub(super) fn pixel<T: Pixel>(&self, [row, col]: [usize; 2]) -> Option<T> {
        let index = match &self.strided {
            None => row.checked_mul(*self.shape.last()?)?.checked_add(col)?,
            Some(Strided { strides, first }) => {
                let &[down, across] = strides.as_slice() else { return None };
                let along = |index: usize, stride: isize| isize::try_from(index).ok()?.checked_mul(stride);
                first.checked_add_signed(along(row, down)?.checked_add(along(col, across)?)?)?
            }
        };
        let start = index.checked_mul(size_of::<T>())?;
        bytemuck::try_pod_read_unaligned(self.bytes.get(start..)?.get(..size_of::<T>())?).ok()
    }

    /// Keeps two axes in this order. Every other axis must have one index.
    pub(super) fn plane(self, first: usize, second: usize) -> Self {
        if (first, second) == (0, 1) && self.shape.len() == 2 { self } else { self.with_axes(&[first, second]) }
    }

    /// Puts axes into this order. Every axis that is left out must have one index.
    pub(super) fn with_axes(mut self, axes: &[usize]) -> Self {
        self.strides_mut();
        self.shape = axes.iter().filter_map(|axis| self.shape.get(*axis).copied()).collect();
        if let Some(Strided { strides, .. }) = &mut self.strided {
            *strides = axes.iter().filter_map(|axis| strides.get(*axis).copied()).collect();
        }
        self
    }

    /// Reverses an axis.
    pub(super) fn invert_axis(&mut self, axis: usize) {
        let reach = self.shape.get(axis).and_then(|extent| isize::try_from(extent.checked_sub(1)?).ok());
        let Some(Strided { strides, first }) = self.strides_mut() else { return };
        if let (Some(stride), Some(reach)) = (strides.get_mut(axis), reach) {
            // Inside of the payload, as the last pixel is.
            *first = first.wrapping_add_signed(stride.wrapping_mul(reach));
            *stride = stride.wrapping_neg();
        }
    }

    /// The strides, also those of C order. `None` if there are no pixels.
    fn strides_mut(&mut self) -> Option<&mut Strided> {
        if self.strided.is_none() && !self.bytes.is_empty() {
            self.strided = c_strides(&self.shape).map(|strides| Strided { strides, first: 0 });
        }
        self.strided.as_mut()
    }

    /// Copies the pixels in C order. `None` if they do not all lie in the payload, or if the target has another number of them.
    pub(super) fn copy<T: Pixel>(&self, to: &mut [T]) -> Option<()> {
        match self.strided {
            None => {
                // Copies bytes, not pixels, because the payload may be misaligned.
                let to: &mut [u8] = bytemuck::cast_slice_mut(to);
                (to.len() == self.bytes.len()).then(|| to.copy_from_slice(self.bytes))
            }
            Some(_) => with_pixels(self.bytes, |from| self.walk()?.copy(from, to)),
        }
    }

    /// Calls `f` with the pixels in C order, block by block, and stops when it returns `None`. Misaligned pixels are copied
    /// first. Returns `None` too if the pixels do not all lie in the payload.
    ///
    /// `f` is not a type parameter, so that this is compiled once a pixel type and not for each pair of them.
    pub(super) fn try_for_each_block<T: Pixel>(&self, f: &mut dyn FnMut(&[T]) -> Option<()>) -> Option<()> {
        with_pixels(self.bytes, |pixels| match self.strided {
            None => f(pixels),
            Some(_) => self.walk()?.try_for_each_block(pixels, f),
        })
    }

    /// Plans the copy of the pixels into C order. `None` if that overflows.
    fn walk(&self) -> Option<Walk> {
        let Strided { strides, first } = self.strided.as_ref()?;
        Walk::new(&self.shape, strides, *first)
    }
}

/// Calls `f` with the bytes as pixels, which are copied first if they are misaligned.
///
/// The copy has at most the bytes of the payload, because a view that repeats pixels is applied after it.
fn with_pixels<T: Pixel, R>(bytes: &[u8], f: impl FnOnce(&[T]) -> R) -> R {
    match aligned(bytes) {
        Some(pixels) => f(pixels),
        None => f(&bytemuck::pod_collect_to_vec::<u8, T>(bytes)),
    }
}

#[cold]
pub(super) fn leaves_the_payload() -> Error {
    error!(Malformed, "view: it leaves the payload")
}

/// Borrows the pixels by [`BandRef::as_array_view`], for generic code.
impl<'a, T: Pixel> TryFrom<&BandRef<'a>> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(band: &BandRef<'a>) -> Result<Self> {
        band.as_array_view()
    }
}

/// Borrows the pixels by [`BandRef::as_array_view`], for generic code.
impl<'a, T: Pixel> TryFrom<BandRef<'a>> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(band: BandRef<'a>) -> Result<Self> {
        band.as_array_view()
    }
}

/// Borrows the pixels by [`BandRef::as_array_view2`], for generic code.
impl<'a, T: Pixel> TryFrom<&BandRef<'a>> for ArrayView2<'a, T> {
    type Error = Error;

    fn try_from(band: &BandRef<'a>) -> Result<Self> {
        band.as_array_view2()
    }
}

/// Borrows the pixels by [`BandRef::as_array_view2`], for generic code.
impl<'a, T: Pixel> TryFrom<BandRef<'a>> for ArrayView2<'a, T> {
    type Error = Error;

    fn try_from(band: BandRef<'a>) -> Result<Self> {
        band.as_array_view2()
    }
}
