//! A raster column of one band, put together with arrow's own constructors: whatever a test wants, right or
//! wrong, and nothing of the crate's writers.

use std::sync::Arc;

use ndraster::RasterType;
use ndraster::arrow_array::{
    ArrayRef, BinaryViewArray, Float64Array, Int64Array, ListArray, StringArray, StringViewArray, StructArray,
    UInt32Array, new_null_array,
};
use ndraster::arrow_buffer::{Buffer, MutableBuffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, FieldRef, Fields};

/// One band; more than two dims are called `d0`, `d1`, ... before `y` and `x`.
pub(crate) struct RawBand {
    pub(crate) source_shape: Vec<i64>,
    pub(crate) view: Option<Vec<[i64; 4]>>,
    pub(crate) data_type: u32,
    pub(crate) data: ArrayRef,
}

impl RawBand {
    pub(crate) fn new(source_shape: &[i64], data_type: u32, data: ArrayRef) -> Self {
        RawBand { source_shape: source_shape.to_vec(), view: None, data_type, data }
    }

    fn shape(&self) -> Vec<i64> {
        self.view.as_ref().map_or(self.source_shape.clone(), |view| view.iter().map(|entry| entry[3]).collect())
    }

    fn dim_names(&self) -> Vec<String> {
        let leading = self.source_shape.len() - 2;
        (0..leading).map(|axis| format!("d{axis}")).chain(["y".into(), "x".into()]).collect()
    }

    /// The column, of one row.
    pub(crate) fn column(self) -> StructArray {
        let fields = fields(&RasterType::storage_type());
        let bands = item(&fields, 4);
        let band_fields = self::fields(bands.data_type());
        let shape = self.shape();
        let spatial_shape = Int64Array::from(vec![shape[shape.len() - 1], shape[shape.len() - 2]]);
        let band = StructArray::new(band_fields.clone(), self.band_columns(&band_fields), None);
        let columns: Vec<ArrayRef> = vec![
            new_null_array(fields[0].data_type(), 1),
            list(&fields, 1, Arc::new(Float64Array::from(vec![0.0, 1.0, 0.0, 0.0, 0.0, -1.0]))),
            list(&fields, 2, Arc::new(StringViewArray::from(vec!["x", "y"]))),
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

/// A payload that starts `offset` bytes into its buffer.
pub(crate) fn payload_at(offset: usize, bytes: &[u8]) -> ArrayRef {
    let mut all = vec![0xeeu8; offset];
    all.extend_from_slice(bytes);
    let buffer = aligned_buffer(&all);
    let view = match <[u8; 4]>::try_from(&bytes[..bytes.len().min(4)]) {
        Ok(prefix) if bytes.len() > 12 => {
            (bytes.len() as u128) | (u128::from(u32::from_le_bytes(prefix)) << 32) | ((offset as u128) << 96)
        }
        _ => bytes.iter().rev().fold(0, |view, byte| (view << 8) | u128::from(*byte)) << 32 | bytes.len() as u128,
    };
    Arc::new(BinaryViewArray::try_new(vec![view].into(), vec![buffer], None).unwrap())
}

/// Bytes at an address that is a multiple of 64.
fn aligned_buffer(bytes: &[u8]) -> Buffer {
    let mut buffer = MutableBuffer::with_capacity(bytes.len());
    buffer.extend_from_slice(bytes);
    buffer.into()
}

fn fields(data_type: &DataType) -> Fields {
    let DataType::Struct(fields) = data_type else { panic!("not a struct: {data_type}") };
    fields.clone()
}

/// The item field of a list.
fn item(fields: &Fields, position: usize) -> FieldRef {
    let DataType::List(item) = fields[position].data_type() else { panic!("not a list") };
    Arc::clone(item)
}

/// One list with all the values.
fn list(fields: &Fields, position: usize, values: ArrayRef) -> ArrayRef {
    Arc::new(ListArray::new(item(fields, position), OffsetBuffer::from_lengths([values.len()]), values, None))
}
