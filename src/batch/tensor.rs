//! Columns as Arrow's fixed shape tensors, and back.
//!
//! `arrow.fixed_shape_tensor` is Arrow's own extension type for a column of arrays of one shape: pyarrow hands such a column to
//! NumPy and PyTorch without a copy.

use std::sync::Arc;

use arrow_array::{Array, FixedSizeListArray, make_array};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::extension::{EXTENSION_TYPE_METADATA_KEY, FixedShapeTensor};
use arrow_schema::{DataType, Field};

use crate::batch::into::Place;
use crate::error::{Error, ErrorKind, Result, error};
use crate::format::bytes::BytesColumn;
use crate::format::schema::kind;
use crate::format::values::none_null;
use crate::names::first_repeated;
use crate::pixel::{Pixel, PixelType, match_pixel_type};
use crate::read::raster_array::RasterArray;
use crate::shown::{Few, Short};
use crate::strided::layout::{c_strides, num_pixels};
use crate::view::Axes;
use crate::write::batch::Batch;

impl RasterArray {
    /// Returns all rows as Arrow's fixed shape tensors of shape `(band, ...)`, and the field that says so.
    ///
    /// The tensors have the dim names `"band"` and those of the bands. CRS, transforms, nodata and names are not part of them.
    ///
    /// Needs the feature `fixed_shape_tensor`.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) for the first null row.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there are no rows, if rows have no pixels, or if bands differ in number,
    ///   dims or extents.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one row has more than 2^31 - 1 pixels.
    /// - Those of [`to_batch`](Self::to_batch).
    ///
    /// # Cost
    ///
    /// Shares the buffer if the pixels lie one after the other in it, as those of
    /// [`to_packed_batch`](Self::to_packed_batch) do, and copies them otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, RasterArray, ndarray::Array4};
    /// let column = RasterArray::from_ndarray_batch(Array4::<f32>::ones((10, 3, 16, 16)))?;
    /// let (field, tensors) = column.to_fixed_shape_tensor("tiles")?;
    /// assert_eq!(field.extension_type_name(), Some("arrow.fixed_shape_tensor"));
    /// assert_eq!(tensors.value_length(), 3 * 16 * 16);
    /// let back = Batch::from_fixed_shape_tensor(&field, &tensors)?.with_crs("EPSG:32616").finish()?;
    /// assert_eq!(back.as_batch_view::<f32>()?.as_ptr(), column.as_batch_view::<f32>()?.as_ptr());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_fixed_shape_tensor(&self, name: &str) -> Result<(Field, FixedSizeListArray)> {
        let first = self.get(0).map(|raster| raster.band(0)).transpose()?;
        let Some(first) = first else {
            // What prevents a batch prevents this.
            return Err(self.to_batch::<u8>().err().unwrap_or_else(without_pixels));
        };
        let names: Vec<String> = ["band"].iter().chain(first.dim_names()).map(|dim| (*dim).to_owned()).collect();
        let (shape, values) = match_pixel_type!(first.pixel_type(), P => self.tensor_values::<P>()?);
        let row = shape.get(1..).unwrap_or_default();
        let len = num_pixels(row).filter(|len| *len > 0).ok_or_else(without_pixels)?;
        let size = i32::try_from(len).map_err(|_| {
            error!(TooLarge, "a row of {len} pixels is more than the {} of an Arrow list: cut it into tiles", i32::MAX)
        })?;
        let value_type = data_type(first.pixel_type());
        let data = ArrayData::try_new(value_type.clone(), self.len() * len, None, 0, vec![values], vec![])?;
        let item = Arc::new(Field::new("item", value_type.clone(), true));
        let tensors = FixedSizeListArray::try_new(item, size, make_array(data), None)?;
        let names = first_repeated(&names).is_none().then_some(names);
        let extension = FixedShapeTensor::try_new(value_type, row.to_vec(), names, None)?;
        let field = Field::new(name, tensors.data_type().clone(), false).with_extension_type(extension);
        Ok((field, tensors))
    }

    /// The shape of the batch and its pixels in C order.
    fn tensor_values<T: Pixel>(&self) -> Result<(Axes<usize>, Buffer)> {
        if let Ok(place) = Place::new::<T>(self)
            && let BytesColumn::BinaryView(payloads) = self.columns()?.payloads()
            && let Some(buffer) = payloads.data_buffers().get(place.buffer)
        {
            let start = place.start * size_of::<T>();
            let len = place.shape.iter().product::<usize>() * size_of::<T>();
            return Ok((place.shape, buffer.slice_with_length(start, len)));
        }
        let batch = self.to_batch::<T>()?;
        Ok((Axes::from(batch.shape()), Buffer::from_vec(batch.into_raw_vec_and_offset().0)))
    }
}

impl Batch {
    /// Takes a column of Arrow's fixed shape tensors: one raster for each, of shape `(y, x)` or `(band, y, x)`.
    ///
    /// If the tensors have dim names, the first one is the axis of the bands if it is `band`, `channel` or `c`, in any case, and
    /// all others are the dims of a band. A permutation becomes a view for each band.
    ///
    /// Needs the feature `fixed_shape_tensor`.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Schema`](crate::ErrorKind::Schema) unless the field is one of fixed shape tensors of a list of this size.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the values are of a type that no raster has.
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) if a tensor or a value is null.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if a tensor has fewer than two axes.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a dim name is there twice.
    ///
    /// # Cost
    ///
    /// Shares the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use ndraster::arrow_array::{FixedSizeListArray, Int16Array};
    /// # use ndraster::arrow_schema::{DataType, Field, extension::FixedShapeTensor};
    /// # use ndraster::Batch;
    /// let values = Int16Array::from_iter_values(0..24);
    /// let item = Arc::new(Field::new("item", DataType::Int16, true));
    /// let tensors = FixedSizeListArray::try_new(item, 12, Arc::new(values), None)?;
    /// let extension = FixedShapeTensor::try_new(DataType::Int16, [3, 4], None, None)?;
    /// let field = Field::new("t", DataType::new_fixed_size_list(DataType::Int16, 12, true), true).with_extension_type(extension);
    /// let column = Batch::from_fixed_shape_tensor(&field, &tensors)?.finish()?;
    /// assert_eq!(column.get(1).unwrap().as_array_view2::<i16>()?[[2, 3]], 23);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_fixed_shape_tensor(field: &Field, array: &FixedSizeListArray) -> Result<Self> {
        let extension = field.try_extension_type::<FixedShapeTensor>()?;
        let physical = stored_shape(field)?;
        let values = array.values();
        let pixel_type = PixelType::ALL.into_iter().find(|pixel_type| data_type(*pixel_type) == *values.data_type());
        let Some(pixel_type) = pixel_type.filter(|_| extension.value_type() == values.data_type()) else {
            return Err(error!(
                PixelType,
                "tensors of {} are no rasters: cast the values first",
                kind(values.data_type())
            ));
        };
        if num_pixels(&physical) != usize::try_from(array.value_length()).ok() {
            let size = array.value_length();
            return Err(error!(Schema, "tensors of the shape {} are lists of {size} values here", Few(&physical)));
        }
        if let Some(row) = array.nulls().and_then(|nulls| (0..array.len()).find(|row| nulls.is_null(*row))) {
            let error = error!(Null, "the tensor is null, and a batch has pixels for each row: remove null rows first");
            return Err(error.in_row(Some(row)));
        }
        if !none_null(values.nulls(), &(0..values.len())) {
            return Err(error!(Null, "a value of a tensor is null, where a raster has a nodata value: fill it first"));
        }
        let data = values.to_data();
        let buffer = data.buffers().first().ok_or_else(without_pixels)?.clone();
        let first = data.offset();
        let logical = Order::new(&physical, extension.permutations())?;
        let shape: Vec<usize> = [array.len()].into_iter().chain(logical.shape.iter().copied()).collect();
        let batch = Self::of_buffer(buffer, pixel_type, first, shape, &logical.strides_of_rows(&physical)?)?;
        let Some(names) = extension.dimension_names() else { return Ok(batch) };
        let names: Vec<&str> = logical.axes.iter().filter_map(|axis| names.get(*axis)).map(String::as_str).collect();
        let is_band = |name: &str| ["band", "channel", "c"].iter().any(|known| name.eq_ignore_ascii_case(known));
        match names.split_first() {
            Some((first, dims)) if is_band(first) && dims.len() >= 2 => batch.with_dim_names(dims.iter().copied()),
            _ => batch.with_dim_names(names),
        }
    }
}

/// The axes of a tensor as they are seen: which of the stored ones each is.
struct Order {
    axes: Axes<usize>,
    shape: Axes<usize>,
}

impl Order {
    fn new(physical: &[usize], permutation: Option<&[usize]>) -> Result<Self> {
        let axes: Axes<usize> = match permutation {
            Some(permutation) => permutation.iter().copied().collect(),
            None => (0..physical.len()).collect(),
        };
        let shape: Axes<usize> = axes.iter().filter_map(|axis| physical.get(*axis).copied()).collect();
        let is_permutation = (0..physical.len()).all(|axis| axes.contains(&axis)) && shape.len() == physical.len();
        if is_permutation { Ok(Order { axes, shape }) } else { Err(error!(Schema, "{} is no permutation", Few(&axes))) }
    }

    /// The strides of an array of tensors.
    fn strides_of_rows(&self, physical: &[usize]) -> Result<Axes<isize>> {
        let too_many = || error!(TooLarge, "tensors of the shape {} have too many pixels", Few(physical));
        let strides = c_strides(physical).ok_or_else(too_many)?;
        let row = num_pixels(physical).and_then(|row| isize::try_from(row).ok()).ok_or_else(too_many)?;
        Ok([row].into_iter().chain(self.axes.iter().filter_map(|axis| strides.get(*axis).copied())).collect())
    }
}

/// The stored shape, which arrow 58 does not tell.
fn stored_shape(field: &Field) -> Result<Vec<usize>> {
    let metadata = field.metadata().get(EXTENSION_TYPE_METADATA_KEY);
    let metadata = metadata.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let shape = metadata.as_ref().and_then(|metadata| metadata.get("shape")?.as_array());
    let extents = shape.map(|shape| shape.iter().map(|extent| usize::try_from(extent.as_u64()?).ok()).collect());
    extents
        .flatten()
        .ok_or_else(|| error!(Schema, "column `{}`: its metadata have no shape of tensors", Short(field.name())))
}

fn data_type(pixel_type: PixelType) -> DataType {
    match pixel_type {
        PixelType::UInt8 => DataType::UInt8,
        PixelType::UInt16 => DataType::UInt16,
        PixelType::Int16 => DataType::Int16,
        PixelType::UInt32 => DataType::UInt32,
        PixelType::Int32 => DataType::Int32,
        PixelType::Float32 => DataType::Float32,
        PixelType::Float64 => DataType::Float64,
        PixelType::UInt64 => DataType::UInt64,
        PixelType::Int64 => DataType::Int64,
        PixelType::Int8 => DataType::Int8,
    }
}

#[cold]
fn without_pixels() -> Error {
    Error::new(ErrorKind::Shape, format_args!("rows without pixels are no tensors: leave them out"))
}
