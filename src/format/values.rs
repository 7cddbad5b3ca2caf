//! Reads single values of nested arrays, which may be unvalidated.
//!
//! Arrays that come over IPC or the C Data Interface may be unvalidated: offsets may run backwards, children may be
//! shorter than their parents say, text may not be UTF-8. arrow's own accessors panic for some of these, and do not
//! check others. So the functions here read values from slices, with `get`.

use std::ops::Range;

use arrow_array::types::{ByteArrayType, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, GenericByteArray, Int64Array, LargeBinaryArray, LargeStringArray,
    ListArray, OffsetSizeTrait, PrimitiveArray, StringArray, StringViewArray, StructArray, UInt32Array,
};
use arrow_buffer::{ArrowNativeType, NullBuffer};

use crate::error::{Error, Result, error};
use crate::format::payload::{self, Location};
use crate::view::ViewEntry;

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
    error!(Schema, "{what}: an array of {} stands where the schema says something else", array.data_type())
}

/// Returns whether a value is null, or beyond the end of a validity bitmap that is too short.
#[inline]
pub(crate) fn is_null(nulls: Option<&NullBuffer>, index: usize) -> bool {
    nulls.is_some_and(|nulls| index >= nulls.len() || nulls.is_null(index))
}

#[inline]
fn any_null(nulls: Option<&NullBuffer>, range: Range<usize>) -> bool {
    nulls.is_some_and(|_| range.into_iter().any(|index| is_null(nulls, index)))
}

/// A list column. Its readers get the range of each list and read the values themselves.
#[derive(Clone, Copy)]
pub(crate) struct ListColumn<'a>(&'a ListArray);

impl<'a> ListColumn<'a> {
    #[inline]
    pub(crate) fn new(parent: &'a StructArray, position: usize, what: &str) -> Result<Self> {
        Ok(ListColumn(column(parent, position, what)?))
    }

    #[inline]
    pub(crate) fn is_null(self, index: usize) -> bool {
        is_null(self.0.nulls(), index)
    }

    /// Returns the range of the values of list `index`, or `None` if the list is null.
    ///
    /// The reader of the values must check that there are so many.
    #[inline]
    pub(crate) fn range(self, index: usize, what: &str) -> Result<Option<Range<usize>>> {
        if is_null(self.0.nulls(), index) {
            return Ok(None);
        }
        let offsets = self.0.value_offsets();
        let at = |i: usize| offsets.get(i).and_then(|&offset| usize::try_from(offset).ok());
        match (at(index), index.checked_add(1).and_then(at)) {
            (Some(start), Some(end)) if start <= end => Ok(Some(start..end)),
            _ => Err(broken_offsets(what)),
        }
    }

    /// Returns the range of the values of list `index`. Refuses a null list.
    #[inline]
    pub(crate) fn required(self, index: usize, what: &str) -> Result<Range<usize>> {
        self.range(index, what)?.ok_or_else(|| null(what))
    }

    pub(crate) fn values(self) -> &'a ArrayRef {
        self.0.values()
    }

    /// Returns the range of the values of the first `len` lists together, by their offsets. An offset that is missing
    /// or negative counts as 0.
    pub(crate) fn span(self, len: usize) -> Range<usize> {
        let offsets = self.0.value_offsets();
        let at = |i: usize| offsets.get(i).and_then(|&offset| usize::try_from(offset).ok()).unwrap_or_default();
        at(0)..at(len)
    }
}

#[cold]
pub(crate) fn broken_offsets(what: &str) -> Error {
    error!(Malformed, "{what}: its list offsets are missing, run backwards or point outside of its values")
}

#[cold]
fn null(what: &str) -> Error {
    error!(Malformed, "{what}: it is null")
}

#[cold]
fn null_item(what: &str) -> Error {
    error!(Malformed, "{what}: an item is null")
}

#[cold]
fn too_short(what: &str) -> Error {
    error!(Malformed, "{what}: its offsets point outside of its values")
}

/// A column of lists of i64.
#[derive(Clone, Copy)]
pub(crate) struct IntListColumn<'a> {
    lists: ListColumn<'a>,
    values: &'a Int64Array,
}

impl<'a> IntListColumn<'a> {
    #[inline]
    pub(crate) fn new(parent: &'a StructArray, position: usize, what: &str) -> Result<Self> {
        let lists = ListColumn::new(parent, position, what)?;
        Ok(IntListColumn { lists, values: downcast(lists.values(), what)? })
    }

    /// Returns list `index`. Refuses a null list, and a null item.
    #[inline]
    pub(crate) fn get(self, index: usize, what: &str) -> Result<&'a [i64]> {
        let range = self.lists.required(index, what)?;
        values(self.values, range, what)
    }
}

/// Returns part of a primitive array. Refuses nulls in it.
#[inline]
pub(crate) fn values<'a, T: arrow_array::ArrowPrimitiveType>(
    array: &'a PrimitiveArray<T>,
    range: Range<usize>,
    what: &str,
) -> Result<&'a [T::Native]> {
    if any_null(array.nulls(), range.clone()) {
        return Err(null_item(what));
    }
    array.values().get(range).ok_or_else(|| too_short(what))
}

/// A column of lists of text.
#[derive(Clone, Copy)]
pub(crate) struct TextListColumn<'a> {
    lists: ListColumn<'a>,
    values: TextColumn<'a>,
}

impl<'a> TextListColumn<'a> {
    #[inline]
    pub(crate) fn new(parent: &'a StructArray, position: usize, what: &str) -> Result<Self> {
        let lists = ListColumn::new(parent, position, what)?;
        Ok(TextListColumn { lists, values: TextColumn::new(lists.values(), what)? })
    }

    /// Returns the items of list `index`. Refuses a null list, and a null item.
    #[inline]
    pub(crate) fn get(
        self,
        index: usize,
        what: &'static str,
    ) -> Result<impl ExactSizeIterator<Item = Result<&'a str>> + 'a> {
        let range = self.lists.required(index, what)?;
        let text = self.values;
        Ok(range.map(move |item| text.get(item, what)?.ok_or_else(|| null_item(what))))
    }

    /// Returns the range of the items of list `index`. Refuses a null list.
    pub(crate) fn range(self, index: usize, what: &str) -> Result<Range<usize>> {
        self.lists.required(index, what)
    }

    /// Returns the range of the items of the first `len` lists together.
    pub(crate) fn span(self, len: usize) -> Range<usize> {
        self.lists.span(len)
    }

    pub(crate) fn values(self) -> TextColumn<'a> {
        self.values
    }

    /// Returns whether list `index` is these two items of one letter each.
    ///
    /// May return `false` for such a list if the text has a validity bitmap or is `LargeUtf8`. So after `false` the
    /// caller compares the items.
    #[inline]
    pub(crate) fn is_pair(self, index: usize, pair: [u8; 2]) -> bool {
        let Ok(Some(range)) = self.lists.range(index, "") else { return false };
        if range.len() != 2 {
            return false;
        }
        match self.values {
            TextColumn::Utf8(array) if array.nulls().is_none() => {
                let Some(&[start, middle, end]) = array.value_offsets().get(range.start..=range.end) else {
                    return false;
                };
                let letters = usize::try_from(start).ok().and_then(|start| array.values().as_slice().get(start..));
                let in_turn = start.checked_add(1) == Some(middle) && middle.checked_add(1) == Some(end);
                in_turn && letters.and_then(<[u8]>::first_chunk) == Some(&pair)
            }
            TextColumn::Utf8View(array) if array.nulls().is_none() => {
                array.views().get(range) == Some(&pair.map(payload::inline_view_of_byte))
            }
            _ => false,
        }
    }

    /// Returns the items of list `index`, without UTF-8 validation. Refuses a null list, and a null item.
    #[inline]
    pub(crate) fn get_bytes(
        self,
        index: usize,
        what: &'static str,
    ) -> Result<impl ExactSizeIterator<Item = Result<&'a [u8]>> + 'a> {
        let range = self.lists.required(index, what)?;
        let text = self.values;
        Ok(range.map(move |item| text.bytes(item, what)?.ok_or_else(|| null_item(what))))
    }
}

/// A text column of any of Arrow's three text types.
#[derive(Clone, Copy)]
pub(crate) enum TextColumn<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
}

impl<'a> TextColumn<'a> {
    #[inline]
    pub(crate) fn new(array: &'a ArrayRef, what: &str) -> Result<Self> {
        let any = array.as_ref().as_any();
        if let Some(text) = any.downcast_ref() {
            return Ok(TextColumn::Utf8(text));
        }
        if let Some(text) = any.downcast_ref() {
            return Ok(TextColumn::Utf8View(text));
        }
        downcast(array, what).map(TextColumn::LargeUtf8)
    }

    /// Returns text `index`, or `None` if it is null.
    #[inline]
    pub(crate) fn get(self, index: usize, what: &str) -> Result<Option<&'a str>> {
        match self.bytes(index, what)? {
            None => Ok(None),
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(not_utf8(what)),
            },
        }
    }

    #[inline]
    pub(crate) fn nulls(self) -> Option<&'a NullBuffer> {
        match self {
            TextColumn::Utf8(array) => array.nulls(),
            TextColumn::LargeUtf8(array) => array.nulls(),
            TextColumn::Utf8View(array) => array.nulls(),
        }
    }

    /// Returns whether [`get`](Self::get) succeeds.
    #[inline]
    pub(crate) fn is_valid_or_null(self, index: usize) -> bool {
        is_null(self.nulls(), index) || self.get(index, "").is_ok()
    }

    #[inline]
    fn bytes(self, index: usize, what: &str) -> Result<Option<&'a [u8]>> {
        if is_null(self.nulls(), index) {
            return Ok(None);
        }
        let bytes = match self {
            TextColumn::Utf8(array) => by_offsets(array, index),
            TextColumn::LargeUtf8(array) => by_offsets(array, index),
            TextColumn::Utf8View(array) => payload::resolve(array, index),
        };
        bytes.map(Some).ok_or_else(|| too_short(what))
    }
}

#[cold]
fn not_utf8(what: &str) -> Error {
    error!(Malformed, "{what}: it is not UTF-8")
}

/// The payload column, of any of Arrow's three binary types.
#[derive(Clone, Copy)]
pub(crate) enum PayloadColumn<'a> {
    BinaryView(&'a BinaryViewArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
}

impl<'a> PayloadColumn<'a> {
    #[inline]
    pub(crate) fn new(array: &'a ArrayRef) -> Result<Self> {
        let any = array.as_ref().as_any();
        if let Some(bytes) = any.downcast_ref() {
            return Ok(PayloadColumn::BinaryView(bytes));
        }
        if let Some(bytes) = any.downcast_ref() {
            return Ok(PayloadColumn::Binary(bytes));
        }
        downcast(array, "data").map(PayloadColumn::LargeBinary)
    }

    /// Returns payload `index`. Refuses a null.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Result<&'a [u8]> {
        let (nulls, bytes) = match self {
            PayloadColumn::BinaryView(array) => (array.nulls(), payload::resolve(array, index)),
            PayloadColumn::Binary(array) => (array.nulls(), by_offsets(array, index)),
            PayloadColumn::LargeBinary(array) => (array.nulls(), by_offsets(array, index)),
        };
        if is_null(nulls, index) {
            return Err(error!(Malformed, "data: it is null"));
        }
        bytes.ok_or_else(|| error!(Malformed, "data: its view or offsets point outside of its buffers"))
    }

    /// Returns the data buffer that payload `index` lies in and its offset there, or `None` if it is stored inline.
    pub(crate) fn locate(self, index: usize) -> Option<Location<'a>> {
        match self {
            PayloadColumn::BinaryView(array) => {
                let (buffer, start) = payload::locate(array, index)?;
                Some((array.data_buffers().get(buffer as usize)?, start))
            }
            PayloadColumn::Binary(array) => Some((array.values(), array.value_offsets().get(index)?.to_usize()?)),
            PayloadColumn::LargeBinary(array) => Some((array.values(), array.value_offsets().get(index)?.to_usize()?)),
        }
    }
}

/// Returns value `index` of a `Binary` column, or `None` if it is null.
#[inline]
pub(crate) fn binary<'a>(array: &'a BinaryArray, index: usize, what: &str) -> Result<Option<&'a [u8]>> {
    if is_null(array.nulls(), index) {
        return Ok(None);
    }
    by_offsets(array, index).map(Some).ok_or_else(|| too_short(what))
}

/// Returns value `index` of an integer column. Refuses a null.
#[inline]
pub(crate) fn integer(array: &UInt32Array, index: usize, what: &str) -> Result<u32> {
    if is_null(array.nulls(), index) {
        return Err(null_item(what));
    }
    array.values().get(index).copied().ok_or_else(|| too_short(what))
}

/// Returns value `index`, or `None` if its offsets are missing, run backwards or point outside of the values.
#[inline]
fn by_offsets<T: ByteArrayType>(array: &GenericByteArray<T>, index: usize) -> Option<&[u8]>
where
    T::Offset: OffsetSizeTrait,
{
    let offsets = array.value_offsets();
    let start = offsets.get(index)?.to_usize()?;
    let end = offsets.get(index.checked_add(1)?)?.to_usize()?;
    array.values().as_slice().get(start..end)
}

/// The four columns of view entries, for one range of them.
pub(crate) struct ViewEntryColumns<'a>([&'a [i64]; 4]);

impl<'a> ViewEntryColumns<'a> {
    /// Reads the entries of a range. Refuses null entries and null numbers.
    pub(crate) fn new(view: ListColumn<'a>, range: &Range<usize>) -> Result<Self> {
        let entries = downcast::<StructArray>(view.values(), "view")?;
        if any_null(entries.nulls(), range.clone()) {
            return Err(error!(Malformed, "view: an entry is null"));
        }
        let names = ["view.source_axis", "view.start", "view.step", "view.steps"];
        let mut columns = [[].as_slice(); 4];
        for (position, (slot, name)) in columns.iter_mut().zip(names).enumerate() {
            *slot = values::<Int64Type>(column(entries, position, name)?, range.clone(), name)?;
        }
        Ok(ViewEntryColumns(columns))
    }

    /// Returns the entries, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = ViewEntry> + '_ {
        let [source_axis, start, step, steps] = self.0;
        source_axis.iter().zip(start).zip(step).zip(steps).map(|(((&source_axis, &start), &step), &steps)| ViewEntry {
            source_axis,
            start,
            step,
            steps,
        })
    }
}
