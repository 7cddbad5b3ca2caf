//! Reads single values of nested arrays, which may be unvalidated.
//!
//! Arrays that come over IPC or the C Data Interface may be unvalidated: offsets may run backwards, children may be
//! shorter than their parents say, text may not be UTF-8. arrow's own accessors panic for some of these, and do not
//! check others. So the functions here read values from slices, with `get`.

use std::ops::Range;

use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;

use crate::error::{Error, Result, error};
use crate::format::schema::kind;

/// Returns a child of a struct array, by position.
#[inline]
pub(crate) fn child<'a>(parent: &'a StructArray, position: usize, what: &str) -> Result<&'a ArrayRef> {
    parent.columns().get(position).ok_or_else(|| error!(Schema, "{what}: the column is missing"))
}

/// Returns a child of a struct array, by position and type.
#[inline]
pub(crate) fn column<'a, T: 'static>(parent: &'a StructArray, position: usize, what: &str) -> Result<&'a T> {
    downcast(child(parent, position, what)?, what)
}

#[inline]
pub(crate) fn downcast<'a, T: 'static>(array: &'a ArrayRef, what: &str) -> Result<&'a T> {
    // Calls `as_any` of the array inside of the `Arc`, because that of the `Arc` would be one more call.
    array.as_ref().as_any().downcast_ref().ok_or_else(|| wrong_type(array, what))
}

#[cold]
fn wrong_type(array: &ArrayRef, what: &str) -> Error {
    error!(Schema, "{what}: an array of {} stands where the schema says something else", kind(array.data_type()))
}

/// Returns whether a value is null, or beyond the end of a validity bitmap that is too short.
#[inline]
pub(crate) fn is_null(nulls: Option<&NullBuffer>, index: usize) -> bool {
    nulls.is_some_and(|nulls| index >= nulls.len() || nulls.is_null(index))
}

#[inline]
pub(crate) fn any_null(nulls: Option<&NullBuffer>, range: Range<usize>) -> bool {
    nulls.is_some_and(|_| range.into_iter().any(|index| is_null(nulls, index)))
}

/// Returns whether none of some values is null or beyond the end of a validity bitmap. Counts the bits of the bitmap, which
/// may claim a false number of nulls.
pub(crate) fn none_null(nulls: Option<&NullBuffer>, range: &Range<usize>) -> bool {
    nulls.is_none_or(|nulls| count_valid(nulls, range) == Some(range.len()))
}

/// Returns whether all of some values are null. Counts the bits of the bitmap.
pub(crate) fn all_null(nulls: Option<&NullBuffer>, range: &Range<usize>) -> bool {
    nulls.is_some_and(|nulls| count_valid(nulls, range) == Some(0))
}

fn count_valid(nulls: &NullBuffer, range: &Range<usize>) -> Option<usize> {
    (range.start <= range.end && range.end <= nulls.len())
        .then(|| nulls.inner().slice(range.start, range.len()).count_set_bits())
}

#[cold]
pub(crate) fn null(what: &str) -> Error {
    error!(Malformed, "{what}: it is null")
}

#[cold]
pub(crate) fn null_item(what: &str) -> Error {
    error!(Malformed, "{what}: an item is null")
}

#[cold]
pub(crate) fn too_short(what: &str) -> Error {
    error!(Malformed, "{what}: its offsets point outside of its values")
}

/// Returns part of a primitive array. Refuses nulls in it.
#[inline]
pub(crate) fn values<'a, T: ArrowPrimitiveType>(
    array: &'a PrimitiveArray<T>,
    range: Range<usize>,
    what: &str,
) -> Result<&'a [T::Native]> {
    // The length first: a range may claim any number of items.
    let found = array.values().get(range.clone()).ok_or_else(|| too_short(what))?;
    if any_null(array.nulls(), range) { Err(null_item(what)) } else { Ok(found) }
}

/// Returns value `index` of an integer column. Refuses a null.
#[inline]
pub(crate) fn integer(array: &UInt32Array, index: usize, what: &str) -> Result<u32> {
    if is_null(array.nulls(), index) {
        return Err(null_item(what));
    }
    array.values().get(index).copied().ok_or_else(|| too_short(what))
}
