//! Columns as Arrow's fixed shape tensors, and back.
//!
//! `arrow.fixed_shape_tensor` is Arrow's own extension type for a column of arrays of one shape: pyarrow hands such a column to
//! NumPy and `PyTorch` without a copy. Its metadata are read and written here: arrow-rs takes only lists whose items are not
//! nullable for such tensors, where pyarrow makes nullable ones, and arrow 58 does not tell their shape.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{Array, FixedSizeListArray, make_array};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::extension::{EXTENSION_TYPE_METADATA_KEY, EXTENSION_TYPE_NAME_KEY};
use arrow_schema::{DataType, Field};
use serde_json::Value;

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
        let item = Arc::new(Field::new("item", value_type, false));
        let tensors = FixedSizeListArray::try_new(item, size, make_array(data), None)?;
        let names = first_repeated(&names).is_none().then_some(names);
        let metadata = Metadata { shape: row.to_vec(), names, permutation: None };
        let field = Field::new(name, tensors.data_type().clone(), false).with_metadata(metadata.to_field());
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
    /// # use std::{collections::HashMap, sync::Arc};
    /// # use ndraster::arrow_array::{FixedSizeListArray, Int16Array};
    /// # use ndraster::arrow_schema::{DataType, Field};
    /// # use ndraster::Batch;
    /// let values = Int16Array::from_iter_values(0..24);
    /// let item = Arc::new(Field::new("item", DataType::Int16, true));
    /// let tensors = FixedSizeListArray::try_new(item, 12, Arc::new(values), None)?;
    /// let metadata = [("ARROW:extension:name", "arrow.fixed_shape_tensor"), ("ARROW:extension:metadata", r#"{"shape":[3,4]}"#)];
    /// let field = Field::new("t", DataType::new_fixed_size_list(DataType::Int16, 12, true), true)
    ///     .with_metadata(HashMap::from(metadata.map(|(key, value)| (key.to_owned(), value.to_owned()))));
    /// let column = Batch::from_fixed_shape_tensor(&field, &tensors)?.finish()?;
    /// assert_eq!(column.get(1).unwrap().as_array_view2::<i16>()?[[2, 3]], 23);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_fixed_shape_tensor(field: &Field, array: &FixedSizeListArray) -> Result<Self> {
        let Metadata { shape: physical, names, permutation } = Metadata::of_field(field)?;
        let values = array.values();
        let pixel_type = PixelType::ALL.into_iter().find(|pixel_type| data_type(*pixel_type) == *values.data_type());
        let Some(pixel_type) = pixel_type else {
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
        let logical = Order::new(&physical, permutation.as_deref())?;
        let shape: Vec<usize> = [array.len()].into_iter().chain(logical.shape.iter().copied()).collect();
        let batch = Self::of_buffer(buffer, pixel_type, first, shape, &logical.strides_of_rows(&physical)?)?;
        let Some(names) = names else { return Ok(batch) };
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

/// What the field of such a column says.
struct Metadata {
    /// The extents of a tensor as it is stored.
    shape: Vec<usize>,
    /// A name for each of them.
    names: Option<Vec<String>>,
    /// For each axis as it is seen the stored one that it is.
    permutation: Option<Vec<usize>>,
}

const NAME: &str = "arrow.fixed_shape_tensor";

impl Metadata {
    fn of_field(field: &Field) -> Result<Self> {
        if field.extension_type_name() != Some(NAME) {
            let found = field.extension_type_name().unwrap_or("plain column");
            return Err(error!(Schema, "column `{}` is a {}, not `{NAME}`", Short(field.name()), Short(found)));
        }
        let text = field.extension_type_metadata().unwrap_or_default();
        let stored: Value = serde_json::from_str(text).unwrap_or_default();
        let whole = |number: &Value| usize::try_from(number.as_u64()?).ok();
        let numbers = |list: &Value| list.as_array()?.iter().map(whole).collect::<Option<Vec<usize>>>();
        let texts = |list: &Value| {
            list.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
        };
        // What is there must be right.
        let part = |key: &str| stored.get(key).filter(|value| !value.is_null());
        let metadata = Metadata {
            shape: part("shape").and_then(numbers).unwrap_or_default(),
            names: part("dim_names").map(|names| texts(names).unwrap_or_default()),
            permutation: part("permutation").map(|axes| numbers(axes).unwrap_or_default()),
        };
        let ndim = metadata.shape.len();
        let is_whole = ndim > 0 && metadata.names.as_ref().is_none_or(|names| names.len() == ndim);
        if is_whole {
            Ok(metadata)
        } else {
            Err(error!(Schema, "column `{}`: `{}` are no metadata of tensors", Short(field.name()), Short(text)))
        }
    }

    fn to_field(&self) -> HashMap<String, String> {
        let mut stored = serde_json::Map::new();
        stored.insert("shape".to_owned(), self.shape.as_slice().into());
        if let Some(names) = &self.names {
            stored.insert("dim_names".to_owned(), names.as_slice().into());
        }
        if let Some(permutation) = &self.permutation {
            stored.insert("permutation".to_owned(), permutation.as_slice().into());
        }
        [(EXTENSION_TYPE_NAME_KEY, NAME.to_owned()), (EXTENSION_TYPE_METADATA_KEY, Value::Object(stored).to_string())]
            .map(|(key, value)| (key.to_owned(), value))
            .into()
    }
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

#[cfg(test)]
mod tests {
    use arrow_array::types::Int32Type;
    use arrow_array::{BooleanArray, Int32Array, PrimitiveArray};
    use arrow_buffer::NullBuffer;
    use ndarray::{Array3, Array4, Axis};

    use super::*;

    fn counted(shape: [usize; 4]) -> Array4<i32> {
        let mut next = 0..;
        Array4::from_shape_simple_fn(shape, || next.next().unwrap_or_default())
    }

    fn tensors(values: Int32Array, size: i32, nulls: Option<NullBuffer>) -> FixedSizeListArray {
        FixedSizeListArray::try_new(Arc::new(Field::new("item", DataType::Int32, true)), size, Arc::new(values), nulls)
            .unwrap()
    }

    fn field(size: i32, shape: &[usize], names: Option<&[&str]>, permutation: Option<&[usize]>) -> Field {
        let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let metadata = Metadata { shape: shape.to_vec(), names, permutation: permutation.map(<[usize]>::to_vec) };
        let list = DataType::new_fixed_size_list(DataType::Int32, size, true);
        Field::new("t", list, true).with_metadata(metadata.to_field())
    }

    #[test]
    fn a_batch_shares_its_memory_with_tensors_both_ways() {
        let pixels = counted([5, 2, 3, 4]);
        let address = pixels.as_ptr();
        let column = RasterArray::from_ndarray_batch(pixels).unwrap();
        let (field, array) = column.slice(1, 3).unwrap().to_fixed_shape_tensor("t").unwrap();
        assert_eq!(field.extension_type_metadata(), Some(r#"{"dim_names":["band","y","x"],"shape":[2,3,4]}"#));
        let values: &PrimitiveArray<Int32Type> = array.values().as_any().downcast_ref().unwrap();
        assert_eq!((values.values().as_ptr(), values.len()), (address.wrapping_add(24), 72));
        array.to_data().validate_full().unwrap();
        let back = Batch::from_fixed_shape_tensor(&field, &array).unwrap().finish().unwrap();
        let view = back.as_batch_view4::<i32>().unwrap();
        assert_eq!(view, counted([5, 2, 3, 4]).slice_axis(Axis(0), (1..4).into()));
        assert_eq!(view.as_ptr(), address.wrapping_add(24));
        // A part of the tensors, and of their memory.
        let part = Batch::from_fixed_shape_tensor(&field, &array.slice(1, 2)).unwrap().finish().unwrap();
        assert_eq!(part.as_batch_view4::<i32>().unwrap().as_ptr(), address.wrapping_add(48));
    }

    #[test]
    fn what_does_not_lie_in_one_piece_is_copied() {
        let raster =
            crate::Raster::from_ndarray(counted([1, 1, 64, 32]).remove_axis(Axis(0)).remove_axis(Axis(0))).unwrap();
        let tiles = raster.tiles(16, 16).unwrap();
        let (field, array) = tiles.to_fixed_shape_tensor("t").unwrap();
        let back = Batch::from_fixed_shape_tensor(&field, &array).unwrap().finish().unwrap();
        assert_eq!(back.as_batch_view4::<i32>().unwrap().into_dyn(), tiles.to_batch::<i32>().unwrap());
        let small = RasterArray::from_ndarray_batch(Array3::<i32>::ones((7, 1, 2))).unwrap();
        let (_, array) = small.to_fixed_shape_tensor("t").unwrap();
        assert_eq!((array.len(), array.value_length()), (7, 2));
    }

    #[test]
    fn a_permutation_is_seen_through_views() {
        // Stored (y, x, channel), seen (channel, y, x), as the format's own example has it.
        let array = tensors(Int32Array::from_iter_values(0..2 * 60), 60, None);
        let field = field(60, &[4, 5, 3], Some(&["y", "x", "C"]), Some(&[2, 0, 1]));
        let column = Batch::from_fixed_shape_tensor(&field, &array).unwrap().finish().unwrap();
        let stored = Array4::from_shape_vec((2, 4, 5, 3), (0..120).collect()).unwrap();
        assert_eq!(column.as_batch_view4::<i32>().unwrap(), stored.view().permuted_axes([0, 3, 1, 2]));
        assert_eq!(column.get(1).unwrap().num_bands().unwrap(), 3);
        assert_eq!(column.get(1).unwrap().band(2).unwrap().dim_names(), ["y", "x"]);
    }

    #[test]
    fn names_say_which_axis_is_the_bands() {
        let array = tensors(Int32Array::from_iter_values(0..24), 24, None);
        let bands = |names: Option<&[&str]>| {
            let column =
                Batch::from_fixed_shape_tensor(&field(24, &[2, 3, 4], names, None), &array).unwrap().finish().unwrap();
            column.get(0).unwrap().num_bands().unwrap()
        };
        assert_eq!((bands(None), bands(Some(&["Channel", "lat", "lon"])), bands(Some(&["time", "y", "x"]))), (2, 2, 1));
        let twice = Batch::from_fixed_shape_tensor(&field(24, &[2, 3, 4], Some(&["band", "y", "y"]), None), &array);
        assert_eq!(twice.unwrap_err().kind(), ErrorKind::Argument);
    }

    #[test]
    fn what_is_no_raster_is_refused() {
        let kind = |field: &Field, array: &FixedSizeListArray| {
            Batch::from_fixed_shape_tensor(field, array).unwrap_err().kind()
        };
        let array = tensors(Int32Array::from_iter_values(0..24), 12, None);
        assert_eq!(kind(&Field::new("t", array.data_type().clone(), true), &array), ErrorKind::Schema);
        for metadata in [
            "",
            "{}",
            "[]",
            r#"{"shape":[3,-4]}"#,
            r#"{"shape":[3,4],"dim_names":["a"]}"#,
            r#"{"shape":[3,4],"permutation":[0,0]}"#,
        ] {
            let mut texts = field(12, &[3, 4], None, None).metadata().clone();
            texts.insert(EXTENSION_TYPE_METADATA_KEY.to_owned(), metadata.to_owned());
            let field = Field::new("t", array.data_type().clone(), true).with_metadata(texts);
            assert_eq!(kind(&field, &array), ErrorKind::Schema, "{metadata}");
        }
        assert_eq!(kind(&field(24, &[4, 6], None, None), &array), ErrorKind::Schema);
        assert_eq!(kind(&field(12, &[12], None, None), &array), ErrorKind::Shape);
        let null_row = tensors(Int32Array::from_iter_values(0..24), 12, Some(vec![true, false].into()));
        let error = Batch::from_fixed_shape_tensor(&field(12, &[3, 4], None, None), &null_row).unwrap_err();
        assert_eq!((error.kind(), error.row()), (ErrorKind::Null, Some(1)));
        let null_value: Int32Array = (0..24).map(|value| (value != 5).then_some(value)).collect();
        assert_eq!(kind(&field(12, &[3, 4], None, None), &tensors(null_value, 12, None)), ErrorKind::Null);
        let item = Arc::new(Field::new("item", DataType::Boolean, true));
        let bits = FixedSizeListArray::try_new(item, 4, Arc::new(BooleanArray::from(vec![true; 8])), None).unwrap();
        assert_eq!(kind(&field(4, &[2, 2], None, None), &bits), ErrorKind::PixelType);
        let empty = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((2, 0, 4))).unwrap();
        assert_eq!(empty.to_fixed_shape_tensor("t").unwrap_err().kind(), ErrorKind::Shape);
        let rows = RasterArray::from_iter([
            None,
            Some(crate::Raster::from_ndarray(ndarray::Array2::<u8>::zeros((2, 2))).unwrap()),
        ]);
        assert_eq!(rows.to_fixed_shape_tensor("t").unwrap_err().kind(), ErrorKind::Null);
        let none = crate::RasterArrayBuilder::new().finish().unwrap();
        assert_eq!(none.to_fixed_shape_tensor("t").unwrap_err().kind(), ErrorKind::Shape);
    }
}
