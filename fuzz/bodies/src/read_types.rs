//! Reads columns that SedonaDB wrote, put into the types that engines make of them, and changed below these types.

use arbitrary::{Result, Unstructured};
use arrow_data::transform::MutableArrayData;
use ndraster::RasterArray;
use ndraster::arrow_array::cast::AsArray;
use ndraster::arrow_array::{Array, ArrayRef, StructArray, make_array};
use ndraster_test_support::engine_types::{
    BinaryKind, ItemOrder, KeyType, ListKind, PlainText, TextKind, Types, with_types,
};
use ndraster_test_support::panics::caught;
use ndraster_test_support::readers::{assert_same_rasters, read_everything};

use crate::change::changed;
use crate::columns::COLUMNS;

/// Puts a column into other types, and compares it with what it was. Then changes it, and calls every reader on it. It may
/// be refused as a whole, since not every type need be read.
pub fn read_types(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let Some(Ok((before, after))) = caught(|| columns(&mut bytes)) else { return };
    if let (Ok(before), Ok(after)) = (RasterArray::try_from(before), RasterArray::try_from(&after)) {
        assert_same_rasters(&before, &after);
    }
    let Some(Ok(array)) = caught(|| changed(after.to_data(), &mut bytes)) else { return };
    if let Ok(column) = RasterArray::try_from(&array) {
        read_everything(&column);
    }
}

/// Returns some rows as they were written, and in other types.
fn columns(bytes: &mut Unstructured<'_>) -> Result<(StructArray, ArrayRef)> {
    let data = bytes.choose(&COLUMNS)?;
    let start = bytes.int_in_range(0..=data.len().min(4))?;
    let end = start + bytes.int_in_range(0..=(data.len() - start).min(4))?;
    // These rows alone, since all the bands that there are would change their types.
    let mut rows = MutableArrayData::new(vec![data], false, end - start);
    #[allow(deprecated, reason = "arrow 58 has no other")]
    rows.extend(0, start, end);
    let rows = make_array(rows.freeze()).as_struct().clone();
    let other = if bytes.arbitrary()? {
        let types = types(bytes)?;
        with_types(&rows, |_| types)
    } else {
        with_types(&rows, |_| types(bytes).unwrap_or_default())
    };
    Ok((rows, std::sync::Arc::new(other)))
}

fn types(bytes: &mut Unstructured<'_>) -> Result<Types> {
    let plain = *bytes.choose(&PlainText::ALL)?;
    let text = match bytes.arbitrary()? {
        true => TextKind::Plain(plain),
        false => TextKind::Dictionary(*bytes.choose(&KeyType::ALL)?, plain),
    };
    let (list, order) = (*bytes.choose(&ListKind::ALL)?, *bytes.choose(&ItemOrder::ALL)?);
    Ok(Types { list, order, text, binary: *bytes.choose(&BinaryKind::ALL)? })
}
