//! Moves the memory of a batch back out, as an owned array.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryViewArray, ListArray, StructArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, FieldRef, Fields};
use ndarray::{Array1, ArrayD, Axis, IxDyn, Slice};

use crate::error::{Error, Result, error};
use crate::format::bytes::BytesColumn;
use crate::format::schema::{band, raster};
use crate::format::values::{column, downcast};
use crate::pixel::Pixel;
use crate::read::raster_array::RasterArray;
use crate::view::Axes;
use crate::write::into_array::IntoArrayError;

impl RasterArray {
    /// Moves the memory of all rows into one owned array of shape `(row, band, ...)`, at the same address.
    ///
    /// This works for memory that came from ndarray by value, through [`from_ndarray_batch`](Self::from_ndarray_batch) or
    /// [`Batch`](crate::Batch), and for that which [`to_packed_batch`](Self::to_packed_batch) had to copy: all rows one after the
    /// other in C order, more than 12 bytes a band. A [`slice`](Self::slice) moves too, with its part of the memory. Nothing else may hold the memory.
    ///
    /// # Errors
    ///
    /// Returns an [`IntoArrayError`], which gives the column back. [`to_batch`](Self::to_batch) copies the pixels instead. The
    /// kind of [`IntoArrayError::error`] is:
    ///
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the pixels do not lie one after the other in one data buffer, if
    ///   something else holds the memory too, or if it was not allocated as a `Vec<T>`.
    /// - Those of [`as_batch_view`](Self::as_batch_view).
    ///
    /// # Cost
    ///
    /// A few nanoseconds a row. No pixel is copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array4};
    /// let tiles = Array4::<f32>::ones((10, 3, 16, 16));
    /// let address = tiles.as_ptr();
    /// let tiles = RasterArray::from_ndarray_batch(tiles)?.into_batch::<f32>()?;
    /// assert_eq!((tiles.shape(), tiles.as_ptr()), ([10, 3, 16, 16].as_slice(), address));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn into_batch<T: Pixel>(self) -> Result<ArrayD<T>, IntoArrayError<Self>> {
        let place = match Place::new::<T>(&self) {
            Ok(place) => place,
            Err(error) => return Err(IntoArrayError::new(self, error)),
        };
        let (mut apart, buffer) = match Apart::take(&self, place.buffer) {
            Ok(apart) => apart,
            Err(error) => return Err(IntoArrayError::new(self, error)),
        };
        let before = self;
        // Now nothing of this column holds the memory but `buffer`.
        let all_optional_null = before.all_optional_null();
        drop(before);
        match buffer.into_vec::<T>() {
            Ok(pixels) => place.reshape(pixels).map_err(|error| IntoArrayError::new(RasterArray::null_row(), error)),
            Err(buffer) => {
                apart.buffers.iter_mut().filter(|slot| slot.is_none()).for_each(|slot| *slot = Some(buffer.clone()));
                let column = apart.put_together().map(|array| RasterArray::from_own(array, all_optional_null));
                // Cannot fail: the same arrays were put together before.
                let column = column.unwrap_or_else(|_| RasterArray::null_row());
                Err(IntoArrayError::new(column, shared()))
            }
        }
    }
}

/// Where the pixels of a batch lie, one after the other.
pub(super) struct Place {
    /// The position of the data buffer in the list.
    pub(super) buffer: usize,
    /// The position of the first pixel in it.
    pub(super) start: usize,
    pub(super) shape: Axes<usize>,
}

impl Place {
    pub(super) fn new<T: Pixel>(column: &RasterArray) -> Result<Self> {
        let view = column.as_batch_view::<T>()?;
        let BytesColumn::BinaryView(payloads) = column.columns()?.payloads() else { return Err(in_place()) };
        let shape = Axes::from(view.shape());
        let pixels = view.as_slice().ok_or_else(apart_in_memory)?;
        let address = pixels.as_ptr().addr();
        for (number, buffer) in payloads.data_buffers().iter().enumerate() {
            let first = buffer.as_ptr().addr();
            let start = address.checked_sub(first).filter(|start| start + size_of_val(pixels) <= buffer.len());
            if let Some(start) = start.filter(|start| start % size_of::<T>() == 0 && !pixels.is_empty()) {
                return Ok(Place { buffer: number, start: start / size_of::<T>(), shape });
            }
        }
        Err(in_place())
    }

    fn reshape<T: Pixel>(&self, pixels: Vec<T>) -> Result<ArrayD<T>> {
        let mut pixels = Array1::from_vec(pixels);
        let len: usize = self.shape.iter().product();
        pixels.slice_axis_inplace(Axis(0), Slice::from(self.start..self.start + len));
        pixels.into_shape_with_order(IxDyn(&self.shape)).map_err(|_| apart_in_memory())
    }
}

/// A column taken apart down to its data buffers.
struct Apart {
    fields: Fields,
    columns: Vec<ArrayRef>,
    nulls: Option<NullBuffer>,
    item: FieldRef,
    offsets: OffsetBuffer<i32>,
    list_nulls: Option<NullBuffer>,
    band_fields: Fields,
    band_columns: Vec<ArrayRef>,
    band_nulls: Option<NullBuffer>,
    views: ScalarBuffer<u128>,
    /// `None` for the buffer that was taken out.
    buffers: Vec<Option<Buffer>>,
    payload_nulls: Option<NullBuffer>,
}

impl Apart {
    /// Takes a column apart, and one of its data buffers out.
    fn take(rasters: &RasterArray, taken: usize) -> Result<(Self, Buffer)> {
        let array = rasters.as_struct_array();
        let bands: &ListArray = column(array, raster::BANDS, "bands")?;
        let band: &StructArray = downcast(bands.values(), "bands.band")?;
        let data: &BinaryViewArray = column(band, band::DATA, "data")?;
        let apart = Apart {
            fields: array.fields().clone(),
            columns: without(array.columns(), raster::BANDS),
            nulls: array.nulls().cloned(),
            item: match bands.data_type() {
                DataType::List(item) => Arc::clone(item),
                _ => return Err(shared()),
            },
            offsets: bands.offsets().clone(),
            list_nulls: bands.nulls().cloned(),
            band_fields: band.fields().clone(),
            band_columns: without(band.columns(), band::DATA),
            band_nulls: band.nulls().cloned(),
            views: data.views().clone(),
            buffers: data.data_buffers().iter().cloned().map(Some).collect(),
            payload_nulls: data.nulls().cloned(),
        };
        // A column that nobody validated may not be one that can be put together again.
        let mut apart = apart.put_together().map(|_| apart)?;
        let buffer = apart.buffers.get_mut(taken).and_then(Option::take).ok_or_else(shared)?;
        for slot in &mut apart.buffers {
            let is_same =
                slot.as_ref().is_some_and(|other| other.as_ptr() == buffer.as_ptr() && other.len() == buffer.len());
            *slot = slot.take().filter(|_| !is_same);
        }
        Ok((apart, buffer))
    }

    fn put_together(&self) -> Result<StructArray> {
        let buffers: Vec<Buffer> = self.buffers.iter().flatten().cloned().collect();
        let data = BinaryViewArray::try_new(self.views.clone(), buffers, self.payload_nulls.clone())?;
        let band_columns = with(&self.band_columns, band::DATA, Arc::new(data));
        let band = StructArray::try_new(self.band_fields.clone(), band_columns, self.band_nulls.clone())?;
        let (item, offsets) = (Arc::clone(&self.item), self.offsets.clone());
        let bands = ListArray::try_new(item, offsets, Arc::new(band), self.list_nulls.clone())?;
        let columns = with(&self.columns, raster::BANDS, Arc::new(bands));
        Ok(StructArray::try_new(self.fields.clone(), columns, self.nulls.clone())?)
    }
}

fn without(columns: &[ArrayRef], position: usize) -> Vec<ArrayRef> {
    columns.iter().enumerate().filter(|(other, _)| *other != position).map(|(_, column)| Arc::clone(column)).collect()
}

fn with(columns: &[ArrayRef], position: usize, column: ArrayRef) -> Vec<ArrayRef> {
    let (before, after) = columns.split_at(position.min(columns.len()));
    before.iter().cloned().chain([column]).chain(after.iter().cloned()).collect()
}

#[cold]
fn apart_in_memory() -> Error {
    error!(
        Layout,
        "its rows do not lie one after the other in memory, as an owned array needs: copy them with `to_batch`"
    )
}

#[cold]
fn in_place() -> Error {
    error!(Layout, "its pixels lie in no data buffer that could move: copy them with `to_batch`")
}

#[cold]
fn shared() -> Error {
    error!(
        Layout,
        "its memory is shared with another column, view or array, or was not allocated as a `Vec` of its pixel type: copy them \
         with `to_batch`"
    )
}
