//! Where arrow's arrays hold the bands and payloads of a column.

use ndraster::arrow_array::{Array, BinaryViewArray, ListArray, StructArray};

/// Returns the bands of all rows of a raster column.
pub fn bands(column: &StructArray) -> &StructArray {
    let list: &ListArray = column.column(4).as_any().downcast_ref().unwrap();
    list.values().as_any().downcast_ref().unwrap()
}

/// Returns the payloads of all bands of a raster column in SedonaDB's storage type.
pub fn payloads(column: &StructArray) -> &BinaryViewArray {
    bands(column).column(8).as_any().downcast_ref().unwrap()
}
