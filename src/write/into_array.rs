//! Moves the memory of a raster back out, as an owned array.

use std::fmt;

use ndarray::{Array1, ArrayD, Axis, IxDyn, Slice};

use crate::error::{Error, Result, error};
use crate::format::payload::MAX_INLINE;
use crate::pixel::Pixel;
use crate::read::band::{not_loaded, require_type};
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::not_one_band;
use crate::view::{Axes, View, ViewEntry};
use crate::write::band::Band;
use crate::write::raster::Raster;

/// The error of [`Raster::into_array`] and [`RasterArray::into_batch`]: what the memory belongs to, and why it could not move.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2]])?; // up to 12 bytes lie inside of Arrow's view
/// let refused = raster.into_array::<u8>().unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "band 0: its 2 bytes are stored inside of an Arrow view and cannot move: copy them with `to_array`"
/// );
/// let copy = refused.into_raster().to_array::<u8>()?;
/// assert_eq!(copy, array![[1, 2]].into_dyn());
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct IntoArrayError<C = Raster> {
    owner: C,
    error: Error,
}

impl IntoArrayError<Raster> {
    /// Returns the raster as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let refused = Raster::from_ndarray(array![[1u8, 2]])?.into_array::<u8>().unwrap_err();
    /// assert_eq!(refused.into_raster().width()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn into_raster(self) -> Raster {
        self.owner
    }
}

impl IntoArrayError<RasterArray> {
    /// Returns the column as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((2, 4, 4)))?;
    /// let other = column.clone();
    /// let refused = column.into_batch::<u8>().unwrap_err();
    /// assert!(refused.to_string().contains("copy them with `to_batch`"));
    /// assert_eq!(refused.into_column().to_batch::<u8>()?, other.to_batch()?);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn into_column(self) -> RasterArray {
        self.owner
    }
}

impl<C> IntoArrayError<C> {
    pub(crate) fn new(owner: C, error: Error) -> Self {
        IntoArrayError { owner, error }
    }

    /// Returns the error that says why the memory could not move.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{ErrorKind, Raster, ndarray::array};
    /// let refused = Raster::from_ndarray(array![[1u8, 2]])?.into_array::<u8>().unwrap_err();
    /// assert_eq!(refused.error().kind(), ErrorKind::Layout);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl<C> From<IntoArrayError<C>> for Error {
    fn from(refused: IntoArrayError<C>) -> Self {
        refused.error
    }
}

impl<C> fmt::Display for IntoArrayError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<C> fmt::Debug for IntoArrayError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl<C> std::error::Error for IntoArrayError<C> {}

impl Raster {
    /// Moves the memory of the only band into an owned array, at the same address and with the same strides.
    ///
    /// This works for memory that came from ndarray by value: from an `Array`, an owned `CowArray` or the last handle
    /// of an `ArcArray`, also if it was sliced, and also under [`AsIs`](crate::MemoryLayout::AsIs). It works too for
    /// memory into which this crate copied pixels, unless that is a common block of small payloads. Nothing else may
    /// hold the memory.
    ///
    /// # Errors
    ///
    /// Returns an [`IntoArrayError`], which gives the raster back. [`to_array`](Raster::to_array) copies the pixels
    /// instead, unless the band is out-of-db. The kind of [`IntoArrayError::error`] is:
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the band is out-of-db.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if something else holds the memory too: a clone of the raster,
    ///   a column, or an array.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the memory was not allocated as a `Vec<T>`.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the payload has up to 12 bytes, which Arrow stores in
    ///   place.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the view repeats pixels (broadcast).
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the payload starts between two pixels of its
    ///   buffer.
    ///
    /// # Cost
    ///
    /// One small allocation. No pixel is copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let pixels = Array2::<f32>::ones((30, 40));
    /// let address = pixels.as_ptr();
    /// let pixels = Raster::from_ndarray(pixels)?.into_array::<f32>()?;
    /// assert_eq!((pixels.as_ptr(), pixels.shape()), (address, [30, 40].as_slice()));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn into_array<T: Pixel>(mut self) -> Result<ArrayD<T>, IntoArrayError> {
        let moved = Plan::new::<T>(self.parts().bands()).and_then(|plan| {
            let payload = self.first_payload_mut().ok_or_else(shared)?;
            match payload.take_buffer().into_vec() {
                Ok(pixels) => plan.reshape(pixels),
                Err(buffer) => {
                    payload.put_back(buffer);
                    Err(shared())
                }
            }
        });
        moved.map_err(|error| IntoArrayError::new(self, error))
    }
}

#[cold]
fn shared() -> Error {
    let error = error!(
        Layout,
        "its memory is shared with another raster, view or array, or was not allocated as a `Vec` of its pixel type: \
         copy it with `to_array`"
    );
    error.in_band(0)
}

/// Where the array lies in the memory. There is one only if an owned array can lie like that.
struct Plan {
    view: View,
    start: usize,
    len: usize,
}

impl Plan {
    fn new<T: Pixel>(bands: &[Band]) -> Result<Self> {
        let [band] = bands else { return Err(not_one_band(bands.len())) };
        Self::of_band::<T>(band).map_err(|e| e.in_band(0))
    }

    fn of_band<T: Pixel>(band: &Band) -> Result<Self> {
        require_type::<T>(band.pixel_type())?;
        let (view, len, (_, start)) = (band.view(), band.payload().bytes().len(), band.payload().location());
        if len == 0 && !view.shape().contains(&0) {
            return Err(not_loaded(band.outdb_uri(), view.shape()));
        }
        if len <= MAX_INLINE {
            return Err(error!(
                Layout,
                "its {len} bytes are stored inside of an Arrow view and cannot move: copy them with `to_array`"
            ));
        }
        if view.entries().iter().any(|entry| entry.step == 0 && entry.steps > 1) {
            return Err(error!(Layout, "its view repeats pixels, which no owned array can: copy it with `to_array`"));
        }
        if !start.is_multiple_of(size_of::<T>()) {
            return Err(error!(Misaligned, "it starts between two pixels: copy it with `to_array`"));
        }
        Ok(Plan { view: view.clone(), start: start / size_of::<T>(), len: len / size_of::<T>() })
    }

    /// Gives the payload the source shape, then applies the view axis by axis. This only moves a pointer and changes
    /// strides.
    fn reshape<T: Pixel>(&self, pixels: Vec<T>) -> Result<ArrayD<T>> {
        let mut source = Array1::from_vec(pixels);
        source.slice_axis_inplace(Axis(0), Slice::from(self.start..self.start + self.len));
        let shape = IxDyn(self.view.source_shape());
        // Cannot fail, because the payload has exactly the pixels of the source.
        let mut array = source.into_shape_with_order(shape).map_err(|_| shared())?;
        let mut order: Axes<usize> = Axes::new();
        for entry in self.view.entries() {
            let axis = usize::try_from(entry.source_axis).unwrap_or_default();
            array.slice_axis_inplace(Axis(axis), taken(entry));
            order.push(axis);
        }
        Ok(array.permuted_axes(IxDyn(&order)))
    }
}

/// Returns the indices that a view entry takes as a slice of ndarray: a range, and a step whose sign says at which end
/// it starts.
fn taken(entry: &ViewEntry) -> Slice {
    let start = entry.start as isize;
    if entry.steps == 0 {
        return Slice { start: 0, end: Some(0), step: 1 };
    }
    if entry.steps == 1 {
        return Slice { start, end: Some(start + 1), step: 1 };
    }
    let last = (entry.start + (entry.steps - 1) * entry.step) as isize;
    Slice { start: start.min(last), end: Some(start.max(last) + 1), step: entry.step as isize }
}
