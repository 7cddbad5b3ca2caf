//! Moves, shares or copies the memory of ndarray arrays into Arrow buffers.
//!
//! | array | in C order | in another order |
//! |---|---|---|
//! | `Array`; `ArcArray`, the last handle; `CowArray`, owned | its `Vec` moves | repacked; under `AsIs` moves |
//! | `ArcArray` with other handles | the buffer holds a handle | repacked; under `AsIs` shared if it has no gaps |
//! | array views, references, `CowArray` that borrows | copied | repacked; under `AsIs` copied in memory order |
//!
//! A sliced array in C order moves or shares its memory as a whole. The start of the slice goes into Arrow's descriptor
//! of the payload. Copied and repacked pixels go into a `Vec` of the pixel type.

use arrow_buffer::Buffer;
use bytes::Bytes;
use ndarray::{
    ArcArray, Array, ArrayBase, ArrayD, ArrayView, ArrayViewD, Axis, CowArray, Data, Dimension, IxDyn, Slice,
};

use crate::error::{Error, Result, error};
use crate::format::memory::{AXIS_BYTES, VIEW_ENTRY_BYTES};
use crate::format::payload::Payload;
use crate::limits::{MAX_LEN, require_room};
use crate::pixel::{Pixel, PixelType};
use crate::shown::Few;
use crate::strided::gather;
use crate::strided::infer::{Inferred, infer};
use crate::strided::layout::{by_stride, c_strides, first_of_dense, num_pixels};
use crate::view::{Axes, View, ViewEntry};

/// The arrays that can go into a raster: `Array`, `ArcArray`, `CowArray`, `ArrayView` and references to any array, with
/// any number of axes and any [`Pixel`] type.
///
/// This trait is sealed: other crates cannot implement it, because each kind of array moves, shares or copies its
/// memory in its own way.
///
/// # Examples
///
/// ```
/// use ndraster::{Pixel, PixelArray, Raster};
///
/// fn stamped<A: PixelArray>(pixels: A) -> ndraster::Result<Raster> {
///     Ok(Raster::from_ndarray(pixels)?.with_crs("EPSG:4326"))
/// }
/// let pixels = ndraster::ndarray::Array2::<f32>::zeros((2, 3));
/// assert_eq!(stamped(&pixels)?.crs()?, stamped(pixels)?.crs()?);
/// # Ok::<(), ndraster::Error>(())
/// ```
pub trait PixelArray: IntoMemory {}

/// The way in which the memory of an array is stored.
///
/// [`Raster::from_ndarray_with`](crate::Raster::from_ndarray_with),
/// [`Band::from_ndarray_with`](crate::Band::from_ndarray_with) and [`Band::split_with`](crate::Band::split_with) take
/// one. Under each of them, payloads of up to 12 bytes are copied, because Arrow stores them in place.
///
/// # Examples
///
/// ```
/// use ndraster::{MemoryLayout, Raster, ndarray::Array2};
///
/// // A matrix in Fortran order, stored as it lies: its memory moves, and a view says how it is seen.
/// let pixels = Array2::from_shape_fn((3, 5), |(row, col)| (10 * row + col) as i32).reversed_axes();
/// let (expected, address) = (pixels.clone(), pixels.as_ptr());
/// let raster = Raster::from_ndarray_with(pixels, MemoryLayout::AsIs)?;
/// assert!(!raster.band(0)?.view().is_identity());
/// assert_eq!(raster.as_array_view2::<i32>()?, expected);
/// assert_eq!(raster.as_array_view2::<i32>()?.as_ptr(), address);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MemoryLayout {
    /// C order without a view, which every reader takes. Memory in another order is copied once, into C order.
    #[default]
    Standard,
    /// C order without a view, moved or shared. It is an error if the pixels would have to be copied.
    Strict,
    /// The memory as it lies, in any order, in any direction and with gaps. Unless the array is in C order, a view says
    /// where its pixels lie. It is an error if no view can.
    ///
    /// Owned memory, and shared memory without gaps, is never copied. Array views and references are copied once, in
    /// the order of their memory; a pixel that they repeat (broadcast) is stored once.
    ///
    /// Gaps are stored too, and are written to files and streams. Not every part of SedonaDB 0.5.0 reads every view.
    /// The kernels `RS_Value`, `RS_SummaryStats`, `RS_SetValue` and `RS_BandIsNoData` and the Rust reader do. The
    /// kernels `RS_Tile`, `RS_Slice` and `RS_DimToBand` refuse strided views ("band view is not contiguous"), and the
    /// Python class takes identity views only.
    AsIs,
}

pub(crate) mod sealed {
    use super::Memory;
    use crate::pixel::Pixel;

    pub trait IntoMemory {
        type Pixel: Pixel;

        /// Calls `f` with the memory. This is a callback because an array that borrows lends its memory only during the
        /// call.
        fn with_memory<R>(self, f: impl FnOnce(Memory<'_, Self::Pixel>) -> R) -> R;
    }
}
use sealed::IntoMemory;

/// The memory of an array, by who holds it.
#[derive(Debug)]
pub enum Memory<'a, T> {
    /// Only this array holds it.
    Owned(ArrayD<T>),
    /// Other handles hold it too.
    Shared(ArcArray<T, IxDyn>),
    /// Another array holds it.
    Borrowed(ArrayViewD<'a, T>),
}

impl<A: IntoMemory> PixelArray for A {}

impl<T: Pixel, D: Dimension> IntoMemory for Array<T, D> {
    type Pixel = T;

    fn with_memory<R>(self, f: impl FnOnce(Memory<'_, T>) -> R) -> R {
        f(Memory::Owned(self.into_dyn()))
    }
}

impl<T: Pixel, D: Dimension> IntoMemory for ArcArray<T, D> {
    type Pixel = T;

    fn with_memory<R>(self, f: impl FnOnce(Memory<'_, T>) -> R) -> R {
        f(self.into_dyn().try_into_owned_nocopy().map_or_else(Memory::Shared, Memory::Owned))
    }
}

impl<T: Pixel, D: Dimension> IntoMemory for CowArray<'_, T, D> {
    type Pixel = T;

    fn with_memory<R>(self, f: impl FnOnce(Memory<'_, T>) -> R) -> R {
        match self.into_dyn().try_into_owned_nocopy() {
            Ok(owned) => f(Memory::Owned(owned)),
            Err(borrowed) => f(Memory::Borrowed(borrowed.view())),
        }
    }
}

impl<T: Pixel, D: Dimension> IntoMemory for ArrayView<'_, T, D> {
    type Pixel = T;

    fn with_memory<R>(self, f: impl FnOnce(Memory<'_, T>) -> R) -> R {
        f(Memory::Borrowed(self.into_dyn()))
    }
}

impl<T: Pixel, S: Data<Elem = T>, D: Dimension> IntoMemory for &ArrayBase<S, D> {
    type Pixel = T;

    fn with_memory<R>(self, f: impl FnOnce(Memory<'_, T>) -> R) -> R {
        f(Memory::Borrowed(self.view().into_dyn()))
    }
}

impl<T: Pixel> Memory<'_, T> {
    pub(crate) fn shape(&self) -> &[usize] {
        self.dims().0
    }

    fn dims(&self) -> (&[usize], &[isize]) {
        match self {
            Memory::Owned(array) => (array.shape(), array.strides()),
            Memory::Shared(array) => (array.shape(), array.strides()),
            Memory::Borrowed(array) => (array.shape(), array.strides()),
        }
    }

    pub(super) fn is_c_order(&self) -> bool {
        match self {
            Memory::Owned(array) => array.is_standard_layout(),
            Memory::Shared(array) => array.is_standard_layout(),
            Memory::Borrowed(array) => array.is_standard_layout(),
        }
    }

    /// Returns the bytes of all pixels if they lie in C order.
    pub(super) fn as_bytes(&self) -> Option<&[u8]> {
        let pixels = match self {
            Memory::Owned(array) => array.as_slice(),
            Memory::Shared(array) => array.as_slice(),
            Memory::Borrowed(array) => array.as_slice(),
        };
        pixels.map(bytemuck::cast_slice)
    }

    /// Moves an axis to the front.
    pub(crate) fn axis_first(self, axis: Axis) -> Self {
        let others = (0..self.shape().len()).filter(|other| *other != axis.index());
        let order = IxDyn(&std::iter::once(axis.index()).chain(others).collect::<Axes<usize>>());
        match self {
            Memory::Owned(array) => Memory::Owned(array.permuted_axes(order)),
            Memory::Shared(array) => Memory::Shared(array.permuted_axes(order)),
            Memory::Borrowed(array) => Memory::Borrowed(array.permuted_axes(order)),
        }
    }

    /// Makes one payload, stored as `layout` says, and its view.
    pub(crate) fn store(self, layout: MemoryLayout) -> Result<(View, Payload)> {
        if self.shape().len() < 2 {
            return Err(too_few_axes(self.shape()));
        }
        if layout == MemoryLayout::AsIs && !self.is_c_order() {
            return self.store_as_is();
        }
        let view = View::identity(self.shape())?;
        let len = payload_len(self.shape(), T::PIXEL_TYPE)?;
        let (buffer, start) = self.into_c_order(layout)?;
        Ok((view, Payload::new(buffer, start, len)?))
    }

    /// Puts all pixels into C order, however many bytes they have. Returns the buffer and the byte at which they start.
    pub(crate) fn into_c_order(self, layout: MemoryLayout) -> Result<(Buffer, usize)> {
        if layout == MemoryLayout::Strict {
            self.require_c_order()?;
        }
        Ok(match self {
            Memory::Owned(array) => moved(array),
            Memory::Shared(array) if array.is_standard_layout() => (shared(array), 0),
            Memory::Shared(array) => moved(gather::to_standard(&array.view())),
            Memory::Borrowed(view) => moved(gather::to_standard(&view)),
        })
    }

    fn require_c_order(&self) -> Result<()> {
        if matches!(self, Memory::Borrowed(_)) {
            return Err(error!(
                Layout,
                "a view or reference would be copied, which `MemoryLayout::Strict` forbids: give the array itself, or \
                 allow the copy with `Standard` or `AsIs`"
            ));
        }
        if self.is_c_order() {
            return Ok(());
        }
        let (shape, strides) = self.dims();
        let expected = c_strides(shape).unwrap_or_default();
        let differs = |axis: &usize| {
            shape.get(*axis).is_some_and(|extent| *extent > 1) && strides.get(*axis) != expected.get(*axis)
        };
        let axis = (0..shape.len()).rev().find(differs).unwrap_or_default();
        Err(error!(
            Layout,
            "axis {axis} of the shape {} has stride {:?}, where C order has {:?}: let `MemoryLayout::Standard` \
             repack it, or `MemoryLayout::AsIs` store it as it lies",
            Few(shape),
            strides.get(axis).copied().unwrap_or_default(),
            expected.get(axis).copied().unwrap_or_default()
        ))
    }

    fn store_as_is(self) -> Result<(View, Payload)> {
        match self {
            Memory::Borrowed(view) => in_memory_order(&view),
            owner => {
                let allocation = owner.into_allocation()?;
                allocation.store(allocation.first, &allocation.shape, &allocation.strides)
            }
        }
    }

    /// Returns the whole allocation, and how the array lies in it. Borrowed memory is copied first, in its own order.
    pub(super) fn into_allocation(self) -> Result<Allocation> {
        let (shape, strides) = self.dims();
        let (shape, strides) = (Axes::from(shape), Axes::from(strides));
        let (buffer, first) = match self {
            Memory::Owned(array) => moved_allocation(array),
            Memory::Shared(array) => {
                if array.as_slice_memory_order().is_none() {
                    return Err(error!(
                        Layout,
                        "an `ArcArray` with other handles and gaps between its pixels cannot be kept as it lies: let \
                         `MemoryLayout::Standard` repack it"
                    ));
                }
                (shared(array), first_of_dense(&shape, &strides))
            }
            Memory::Borrowed(view) => return copied_once(&view),
        };
        Ok(Allocation { len: buffer.len() / size_of::<T>(), size: size_of::<T>(), buffer, first, shape, strides })
    }
}

/// Copies an array in its own order. A pixel that it repeats (broadcast) is stored once.
fn copied_once<T: Pixel>(view: &ArrayViewD<'_, T>) -> Result<Allocation> {
    let repeats = |axis: usize| view.strides().get(axis) == Some(&0) && view.shape().get(axis) > Some(&1);
    let mut once = view.clone();
    (0..view.ndim())
        .filter(|axis| repeats(*axis))
        .for_each(|axis| once.slice_axis_inplace(Axis(axis), Slice::from(..1)));
    let mut allocation = Memory::Owned(once.to_owned()).into_allocation()?;
    for axis in (0..view.ndim()).filter(|axis| repeats(*axis)) {
        if let (Some(extent), Some(stride)) = (allocation.shape.get_mut(axis), allocation.strides.get_mut(axis)) {
            (*extent, *stride) = (view.len_of(Axis(axis)), 0);
        }
    }
    Ok(allocation)
}

/// An allocation and the array that lies in it. Positions and lengths are counted in pixels.
pub(crate) struct Allocation {
    pub(crate) buffer: Buffer,
    len: usize,
    size: usize,
    /// The position of the pixel at index zero.
    pub(crate) first: usize,
    pub(crate) shape: Axes<usize>,
    pub(crate) strides: Axes<isize>,
}

impl Allocation {
    #[cfg(feature = "fixed_shape_tensor")]
    pub(crate) fn new(buffer: Buffer, size: usize, first: usize, shape: &[usize], strides: &[isize]) -> Self {
        let (shape, strides) = (Axes::from(shape), Axes::from(strides));
        Allocation { len: buffer.len() / size, size, buffer, first, shape, strides }
    }

    /// Makes a payload and a view for an array that lies in this memory.
    pub(crate) fn store(&self, first: usize, shape: &[usize], strides: &[isize]) -> Result<(View, Payload)> {
        let Inferred { view, start, len } = infer(shape, strides, first, self.len)?;
        let bytes = |pixels: usize| pixels.checked_mul(self.size);
        let (Some(start), Some(len)) = (bytes(start), bytes(len).filter(|len| *len <= MAX_LEN)) else {
            return Err(too_large(view.source_shape(), bytes(len)));
        };
        Ok((view, Payload::new(self.buffer.clone(), start, len)?))
    }
}

/// Makes one payload for each slice along an axis.
pub(crate) fn split<T: Pixel>(memory: Memory<'_, T>, axis: Axis, layout: MemoryLayout) -> Result<Vec<(View, Payload)>> {
    let shape = Axes::from(memory.shape());
    if axis.index() >= shape.len() {
        return Err(error!(Argument, "split: {axis:?} is none of the axes of the shape {}", Few(&shape)));
    }
    let memory = memory.axis_first(axis);
    let (&count, band) = memory.shape().split_first().unwrap_or((&0, &[]));
    require_room(count, size_of::<(View, Payload)>() + band.len() * (AXIS_BYTES + VIEW_ENTRY_BYTES), "bands")?;
    if band.len() < 2 {
        return Err(error!(
            Shape,
            "split: slices of the shape {} along one axis have the shape {}, and a band has two axes or more: one band of all \
             is `Band::from_ndarray(a)`",
            Few(&shape),
            Few(band)
        ));
    }
    if layout == MemoryLayout::AsIs && !memory.is_c_order() {
        return split_as_is(memory, count);
    }
    let view = View::identity(band)?;
    let len = payload_len(band, T::PIXEL_TYPE)?;
    let in_all = len.checked_mul(count).ok_or_else(|| too_large(&shape, None))?;
    let (buffer, start) = memory.into_c_order(layout)?;
    let buffer = buffer.slice_with_length(start, in_all);
    let band = |number: usize| {
        let payload = if in_all <= MAX_LEN {
            Payload::new(buffer.clone(), number * len, len)
        } else {
            Payload::new(buffer.slice_with_length(number * len, len), 0, len)
        };
        Ok((view.clone(), payload?))
    };
    (0..count).map(band).collect()
}

/// Makes one payload for each slice along the first axis, all in the same memory.
fn split_as_is<T: Pixel>(memory: Memory<'_, T>, count: usize) -> Result<Vec<(View, Payload)>> {
    let allocation = memory.into_allocation()?;
    let (Some((_, shape)), Some((&step, strides))) = (allocation.shape.split_first(), allocation.strides.split_first())
    else {
        return Ok(vec![]);
    };
    let first = |number: usize| allocation.first.checked_add_signed(number as isize * step);
    let band = |number: usize| match first(number) {
        Some(first) => allocation.store(first, shape, strides),
        None => Err(error!(Layout, "split: band {number} lies outside of the array's memory")),
    };
    (0..count).map(band).collect()
}

/// Copies the pixels in the order in which they lie, each of them once.
fn in_memory_order<T: Pixel>(view: &ArrayViewD<'_, T>) -> Result<(View, Payload)> {
    let order = by_stride(view.strides());
    let stride = |axis: usize| view.strides().get(axis).copied().unwrap_or_default();
    let mut once = view.clone();
    let mut entries: Axes<ViewEntry> = view.shape().iter().map(|_| ViewEntry::default()).collect();
    for (axis, (entry, &extent)) in entries.iter_mut().zip(view.shape()).enumerate() {
        let source_axis = order.iter().position(|other| *other == axis).unwrap_or_default() as i64;
        let steps = extent as i64;
        *entry = match stride(axis) {
            0 if extent > 1 => ViewEntry { source_axis, start: 0, step: 0, steps },
            ..0 if extent > 1 => ViewEntry { source_axis, start: steps - 1, step: -1, steps },
            _ => ViewEntry { source_axis, start: 0, step: 1, steps },
        };
        match entry.step {
            0 => once.slice_axis_inplace(Axis(axis), Slice::from(..1)),
            -1 => once.invert_axis(Axis(axis)),
            _ => {}
        }
    }
    let pixels = once.permuted_axes(IxDyn(&order));
    let view = View::new(pixels.shape(), &entries)?;
    let len = payload_len(pixels.shape(), T::PIXEL_TYPE)?;
    let (buffer, start) = moved(gather::to_standard(&pixels));
    Ok((view, Payload::new(buffer, start, len)?))
}

#[cold]
pub(crate) fn too_few_axes(shape: &[usize]) -> Error {
    let missing = if shape.is_empty() { "two" } else { "one" };
    error!(
        Shape,
        "a band has two axes or more, this shape is {}: add {missing} of extent 1 with `insert_axis`",
        Few(shape)
    )
}

/// Returns the bytes of all pixels, unless they are too many for one payload.
pub(super) fn payload_len(shape: &[usize], pixel_type: PixelType) -> Result<usize> {
    let len = num_pixels(shape).and_then(|pixels| pixels.checked_mul(pixel_type.size()));
    len.filter(|len| *len <= MAX_LEN).ok_or_else(|| too_large(shape, len))
}

#[cold]
fn too_large(shape: &[usize], len: Option<usize>) -> Error {
    let len = len.map_or("more bytes than can be counted".to_owned(), |len| format!("{len} bytes"));
    let split =
        if shape.len() > 2 { ", or, if its first axis is the bands, into bands with `Band::split`" } else { "" };
    error!(
        TooLarge,
        "an array of shape {} has {len}, where one Arrow payload has at most {MAX_LEN}: cut it into strips of rows with \
         `RasterArray::from_ndarray_strips`{split}",
        Few(shape)
    )
}

/// Moves the array's `Vec` into a buffer, after repacking it unless it is in C order. Returns the byte at which the
/// array starts.
fn moved<T: Pixel>(array: ArrayD<T>) -> (Buffer, usize) {
    let array = if array.is_standard_layout() { array } else { gather::to_standard(&array.view()) };
    let (buffer, first) = moved_allocation(array);
    (buffer, first * size_of::<T>())
}

/// Moves the array's `Vec` into a buffer. Returns the position of the pixel at index zero.
fn moved_allocation<T: Pixel>(array: ArrayD<T>) -> (Buffer, usize) {
    let (pixels, offset) = array.into_raw_vec_and_offset();
    (Buffer::from_vec(pixels), offset.unwrap_or(0))
}

/// Makes a buffer that holds a handle of an array without gaps.
fn shared<T: Pixel>(array: ArcArray<T, IxDyn>) -> Buffer {
    Buffer::from(Bytes::from_owner(Handle(array)))
}

struct Handle<T>(ArcArray<T, IxDyn>);

impl<T: Pixel> AsRef<[u8]> for Handle<T> {
    fn as_ref(&self) -> &[u8] {
        // An array without gaps always has a slice.
        self.0.as_slice_memory_order().map(bytemuck::cast_slice).unwrap_or_default()
    }
}
