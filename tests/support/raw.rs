//! Raster columns put together by arrow's own constructors, right or wrong as a test needs them. No writer of ndraster's
//! has a part in them.

use std::sync::Arc;

use ndraster::RasterType;
use ndraster::arrow_array::{
    Array, ArrayRef, BinaryViewArray, Float64Array, Int64Array, ListArray, StringArray, StringViewArray, StructArray,
    UInt32Array, new_null_array,
};
use ndraster::arrow_buffer::{Buffer, MutableBuffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, FieldRef, Fields};

use crate::payloads::bands;

/// The one band of a column of one row. Its last dims are `y` and `x`, the others `d0`, `d1` and so on; a single dim is `x`.
pub struct RawBand {
    pub source_shape: Vec<i64>,
    /// Entries of `[source_axis, start, step, steps]`.
    pub view: Option<Vec<[i64; 4]>>,
    pub data_type: u32,
    /// The payload, an array of one value.
    pub data: ArrayRef,
}

impl RawBand {
    /// Makes a band without a view.
    pub fn new(source_shape: &[i64], data_type: u32, data: ArrayRef) -> Self {
        RawBand { source_shape: source_shape.to_vec(), view: None, data_type, data }
    }

    fn shape(&self) -> Vec<i64> {
        self.view.as_ref().map_or(self.source_shape.clone(), |view| view.iter().map(|entry| entry[3]).collect())
    }

    fn dim_names(&self) -> Vec<String> {
        let leading = self.source_shape.len().saturating_sub(2);
        let names = (0..leading).map(|axis| format!("d{axis}"));
        names.chain(self.spatial_dims().iter().rev().map(|name| (*name).into())).collect()
    }

    /// Returns the spatial dims, x first.
    fn spatial_dims(&self) -> &'static [&'static str] {
        &["x", "y"][..self.source_shape.len().min(2)]
    }

    /// Returns the column, of one row.
    pub fn column(self) -> StructArray {
        let fields = fields(&RasterType::storage_type());
        let bands = item(&fields, 4);
        let band_fields = self::fields(bands.data_type());
        let spatial_dims = self.spatial_dims().to_vec();
        let spatial_shape: Int64Array = self.shape().into_iter().rev().take(spatial_dims.len()).collect();
        let band = StructArray::new(band_fields.clone(), self.band_columns(&band_fields), None);
        let columns: Vec<ArrayRef> = vec![
            new_null_array(fields[0].data_type(), 1),
            list(&fields, 1, Arc::new(Float64Array::from(vec![0.0, 1.0, 0.0, 0.0, 0.0, -1.0]))),
            list(&fields, 2, Arc::new(StringViewArray::from(spatial_dims))),
            list(&fields, 3, Arc::new(spatial_shape)),
            Arc::new(ListArray::new(bands, OffsetBuffer::from_lengths([1]), Arc::new(band), None)),
        ];
        StructArray::new(fields, columns, None)
    }

    fn band_columns(self, fields: &Fields) -> Vec<ArrayRef> {
        let view = match &self.view {
            None => new_null_array(fields[5].data_type(), 1),
            Some(entries) => {
                let entry = item(fields, 5);
                let column = |i: usize| Arc::new(entries.iter().map(|e| e[i]).collect::<Int64Array>()) as ArrayRef;
                let columns = (0..4).map(column).collect();
                list(fields, 5, Arc::new(StructArray::new(self::fields(entry.data_type()), columns, None)))
            }
        };
        vec![
            new_null_array(fields[0].data_type(), 1),
            list(fields, 1, Arc::new(StringArray::from(self.dim_names()))),
            list(fields, 2, Arc::new(Int64Array::from(self.source_shape))),
            Arc::new(UInt32Array::from(vec![self.data_type])),
            new_null_array(fields[4].data_type(), 1),
            view,
            new_null_array(fields[6].data_type(), 1),
            new_null_array(fields[7].data_type(), 1),
            self.data,
        ]
    }
}

/// Makes a payload that starts `offset` bytes into a buffer, whose address is a multiple of 64.
pub fn payload_at(offset: usize, bytes: &[u8]) -> ArrayRef {
    let mut all = vec![0xeeu8; offset];
    all.extend_from_slice(bytes);
    let buffer = aligned_buffer(&all);
    Arc::new(BinaryViewArray::try_new(vec![view(bytes, 0, offset)].into(), vec![buffer], None).unwrap())
}

/// Makes arrow's 16-byte view of a payload: its place in a buffer, or up to 12 bytes themselves.
pub fn view(bytes: &[u8], buffer: usize, offset: usize) -> u128 {
    let len = bytes.len() as u128;
    match bytes.first_chunk::<4>() {
        Some(prefix) if len > 12 => {
            len | u128::from(u32::from_le_bytes(*prefix)) << 32 | (buffer as u128) << 64 | (offset as u128) << 96
        }
        _ => bytes.iter().rev().fold(0, |view, byte| (view << 8) | u128::from(*byte)) << 32 | len,
    }
}

/// Returns the column with other payloads, one for each of its bands.
pub fn with_payloads(column: &StructArray, payloads: BinaryViewArray) -> StructArray {
    with_bands(column, |bands| {
        let (fields, mut columns, nulls) = bands.clone().into_parts();
        columns[8] = Arc::new(payloads);
        StructArray::new(fields, columns, nulls)
    })
}

/// Returns the column with other bands of the same type, as many as it has.
pub fn with_bands(column: &StructArray, change: impl FnOnce(&StructArray) -> StructArray) -> StructArray {
    let (fields, mut columns, nulls) = column.clone().into_parts();
    let list: &ListArray = columns[4].as_any().downcast_ref().unwrap();
    let (item, offsets, _, list_nulls) = list.clone().into_parts();
    columns[4] = Arc::new(ListArray::new(item, offsets, Arc::new(change(bands(column))), list_nulls));
    StructArray::new(fields, columns, nulls)
}

/// Copies bytes to an address that is a multiple of 64, as arrow requires of typed buffers.
pub fn aligned_buffer(bytes: &[u8]) -> Buffer {
    let mut buffer = MutableBuffer::with_capacity(bytes.len());
    buffer.extend_from_slice(bytes);
    buffer.into()
}

fn fields(data_type: &DataType) -> Fields {
    let DataType::Struct(fields) = data_type else { panic!("not a struct: {data_type}") };
    fields.clone()
}

/// Returns the item field of a list.
fn item(fields: &Fields, position: usize) -> FieldRef {
    let DataType::List(item) = fields[position].data_type() else { panic!("not a list") };
    Arc::clone(item)
}

/// Makes one list of all the values.
fn list(fields: &Fields, position: usize, values: ArrayRef) -> ArrayRef {
    Arc::new(ListArray::new(item(fields, position), OffsetBuffer::from_lengths([values.len()]), values, None))
}
