//! Counts the memory that an array holds, and that metadata take in a column.

use arrow_array::{Array, StructArray};
use arrow_data::ArrayData;

use crate::format::intervals::{Interval, Union};

/// How many bytes the metadata of a row takes in Arrow besides text: an offset, a view or a number in each column.
pub(crate) const ROW_BYTES: usize = 96;
/// As [`ROW_BYTES`], of a band.
pub(crate) const BAND_BYTES: usize = 64;
/// As [`ROW_BYTES`], of an axis of a band: its name's offset, and its extent.
pub(crate) const AXIS_BYTES: usize = 16;
/// As [`ROW_BYTES`], of an axis of a band's view, if it has one.
pub(crate) const VIEW_ENTRY_BYTES: usize = 32;
/// As [`ROW_BYTES`], of a spatial dim.
pub(crate) const SPATIAL_DIM_BYTES: usize = 24;

/// Returns the number of bytes in the buffers of an array and of its children, where bytes that buffers share count once.
///
/// # Cost
///
/// A dozen allocations an array.
pub(crate) fn held(array: &StructArray) -> usize {
    fn add(data: &ArrayData, memory: &mut Union) {
        let nulls = data.nulls().map(|nulls| Interval::of(nulls.validity()));
        data.buffers().iter().map(|buffer| Interval::of(buffer)).chain(nulls).for_each(|bytes| memory.add(bytes));
        data.child_data().iter().for_each(|child| add(child, memory));
    }
    let mut memory = Union::default();
    add(&array.to_data(), &mut memory);
    memory.len()
}
