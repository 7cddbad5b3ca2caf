//! Reads columns that SedonaDB wrote, changed below their types.

use arbitrary::{Result, Unstructured};
use ndraster::RasterArray;
use ndraster::arrow_array::ArrayRef;
use ndraster_test_support::panics::caught;
use ndraster_test_support::readers::read_everything;

use crate::change::changed;
use crate::columns::COLUMNS;

/// Changes a column and calls every reader on it.
pub fn read_columns(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let Some(Ok(array)) = caught(|| column(&mut bytes)) else { return };
    if let Ok(column) = RasterArray::try_from(&array) {
        read_everything(&column);
    }
}

fn column(bytes: &mut Unstructured<'_>) -> Result<ArrayRef> {
    let data = bytes.choose(&COLUMNS)?;
    let start = bytes.int_in_range(0..=data.len().min(4))?;
    let rows = data.slice(start, bytes.int_in_range(0..=(data.len() - start).min(4))?);
    changed(rows, bytes)
}
