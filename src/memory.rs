//! ndarray memory into an Arrow buffer.
//!
//! | what comes | in C order | in another order |
//! |---|---|---|
//! | `Array`; `ArcArray`, the last handle; `CowArray`, owned | its `Vec` moves | repacked |
//! | `ArcArray` with other handles | the buffer holds a handle | repacked |
//! | views, references, `CowArray` that borrows | copied | repacked |
//!
//! A sliced array in C order moves or shares its memory as a whole: where the slice starts goes into the
//! descriptor. What is copied or repacked goes into a `Vec` of the pixel type.

use arrow_buffer::Buffer;
use bytes::Bytes;
use ndarray::{ArcArray, Array, ArrayBase, ArrayD, ArrayView, ArrayViewD, CowArray, Data, Dimension, IxDyn};

use crate::error::{Result, error};
use crate::gather;
use crate::payload::{MAX_LEN, Payload};
use crate::pixel::Pixel;
use crate::view::Axes;

/// The arrays that go into a raster: `Array`, `ArcArray`, `CowArray`, `ArrayView` and references to any
/// array, of any dimensionality type and any [`Pixel`].
///
/// Sealed: whether memory moves, is shared or is copied is decided for each of ndarray's kinds.
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

pub(crate) mod sealed {
    use super::{Result, Stored};
    use crate::pixel::Pixel;

    pub trait IntoMemory {
        type Pixel: Pixel;

        /// Moves, shares or copies.
        fn into_stored(self) -> Result<Stored>;
    }
}
use sealed::IntoMemory;

/// An array's pixels as a payload in C order, and its shape.
#[derive(Debug)]
pub struct Stored {
    pub(crate) shape: Axes<usize>,
    pub(crate) payload: Payload,
}

/// Whose the memory is.
enum Memory<'a, T> {
    Owned(ArrayD<T>),
    Shared(ArcArray<T, IxDyn>),
    Borrowed(ArrayViewD<'a, T>),
}

impl<A: IntoMemory> PixelArray for A {}

impl<T: Pixel, D: Dimension> IntoMemory for Array<T, D> {
    type Pixel = T;

    fn into_stored(self) -> Result<Stored> {
        Memory::Owned(self.into_dyn()).store()
    }
}

impl<T: Pixel, D: Dimension> IntoMemory for ArcArray<T, D> {
    type Pixel = T;

    fn into_stored(self) -> Result<Stored> {
        self.into_dyn().try_into_owned_nocopy().map_or_else(Memory::Shared, Memory::Owned).store()
    }
}

impl<T: Pixel, D: Dimension> IntoMemory for CowArray<'_, T, D> {
    type Pixel = T;

    fn into_stored(self) -> Result<Stored> {
        match self.into_dyn().try_into_owned_nocopy() {
            Ok(owned) => Memory::Owned(owned).store(),
            Err(borrowed) => Memory::Borrowed(borrowed.view()).store(),
        }
    }
}

impl<T: Pixel, D: Dimension> IntoMemory for ArrayView<'_, T, D> {
    type Pixel = T;

    fn into_stored(self) -> Result<Stored> {
        Memory::Borrowed(self.into_dyn()).store()
    }
}

impl<T: Pixel, S: Data<Elem = T>, D: Dimension> IntoMemory for &ArrayBase<S, D> {
    type Pixel = T;

    fn into_stored(self) -> Result<Stored> {
        Memory::Borrowed(self.view().into_dyn()).store()
    }
}

impl<T: Pixel> Memory<'_, T> {
    fn shape(&self) -> &[usize] {
        match self {
            Memory::Owned(array) => array.shape(),
            Memory::Shared(array) => array.shape(),
            Memory::Borrowed(array) => array.shape(),
        }
    }

    fn store(self) -> Result<Stored> {
        let shape = Axes::from(self.shape());
        if shape.len() < 2 {
            return Err(too_few_axes(&shape));
        }
        let len = shape.iter().try_fold(size_of::<T>(), |bytes, extent| bytes.checked_mul(*extent));
        if len.is_none_or(|len| len > MAX_LEN) {
            return Err(too_large(&shape, len));
        }
        let payload = match self {
            Memory::Owned(array) => moved(array),
            Memory::Shared(array) if array.is_standard_layout() => shared(array),
            Memory::Shared(array) => moved(gather::to_standard(&array.view())),
            Memory::Borrowed(view) => moved(gather::to_standard(&view)),
        }?;
        Ok(Stored { shape, payload })
    }
}

#[cold]
pub(crate) fn too_few_axes(shape: &[usize]) -> crate::Error {
    error!(Shape, "a band has two axes or more, this shape is {shape:?}: add one of extent 1 with `insert_axis`")
}

#[cold]
fn too_large(shape: &[usize], len: Option<usize>) -> crate::Error {
    let len = len.map_or("more bytes than can be counted".to_owned(), |len| format!("{len} bytes"));
    error!(
        TooLarge,
        "an array of shape {shape:?} has {len}, where one Arrow payload has at most {MAX_LEN}: cut it along its \
         first axis into several bands or rasters"
    )
}

/// Hands the array's `Vec` to a buffer, repacked first unless it is in C order.
fn moved<T: Pixel>(array: ArrayD<T>) -> Result<Payload> {
    let array = if array.is_standard_layout() { array } else { gather::to_standard(&array.view()) };
    let len = array.len() * size_of::<T>();
    let (pixels, offset) = array.into_raw_vec_and_offset();
    let start = offset.unwrap_or(0) * size_of::<T>();
    Payload::new(Buffer::from_vec(pixels), start, len)
}

/// Lets a buffer hold a handle of an array that is in C order.
fn shared<T: Pixel>(array: ArcArray<T, IxDyn>) -> Result<Payload> {
    let len = array.len() * size_of::<T>();
    Payload::new(Buffer::from(Bytes::from_owner(Handle(array))), 0, len)
}

struct Handle<T>(ArcArray<T, IxDyn>);

impl<T: Pixel> AsRef<[u8]> for Handle<T> {
    fn as_ref(&self) -> &[u8] {
        // In C order there is always a slice.
        self.0.as_slice().map(bytemuck::cast_slice).unwrap_or_default()
    }
}
