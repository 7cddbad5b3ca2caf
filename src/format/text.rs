//! Reads text columns of any of Arrow's three text types, plain or dictionary-encoded.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::ptr;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    AnyDictionaryArray, Array, ArrayRef, LargeStringArray, PrimitiveArray, StringArray, StringViewArray, StructArray,
};
use arrow_buffer::{ArrowNativeType, NullBuffer};
use arrow_schema::DataType;

use crate::error::{Error, Result, error};
use crate::format::bytes::by_offsets;
use crate::format::lists::{ListColumn, ListExtent, Steady};
use crate::format::payload;
use crate::format::values::{downcast, is_null, null_item, too_short};

/// A text column.
#[derive(Clone, Copy)]
pub(crate) enum TextColumn<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    /// Its type has been checked. A thin reference, because this is copied for each row.
    Dictionary(&'a ArrayRef),
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
        if let Some(text) = any.downcast_ref() {
            return Ok(TextColumn::LargeUtf8(text));
        }
        match dictionary(array) {
            Some(_) => Ok(TextColumn::Dictionary(array)),
            None => downcast(array, what).map(TextColumn::Utf8),
        }
    }

    /// Returns the values of a dictionary, which are no dictionary themselves, and how many there are.
    pub(crate) fn of_dictionary(array: &'a ArrayRef) -> Option<(Self, usize)> {
        let values = dictionary(array)?.values();
        let text = Self::new(values, "").ok().filter(|text| !matches!(text, TextColumn::Dictionary(_)))?;
        Some((text, values.len()))
    }

    /// Returns text `index`, or `None` if it is null.
    #[inline]
    pub(crate) fn get(self, index: usize, what: &str) -> Result<Option<&'a str>> {
        self.bytes(index, what)?.map(|bytes| utf8(bytes, what)).transpose()
    }

    /// Returns whether [`get`](Self::get) succeeds.
    #[inline]
    pub(crate) fn is_valid_or_null(self, index: usize) -> bool {
        is_null(self.nulls(), index) || self.get(index, "").is_ok()
    }

    /// Returns the length of text `index`, which is 0 for a null and for what cannot be read.
    pub(crate) fn len_of(self, index: usize) -> usize {
        self.bytes(index, "").ok().flatten().map_or(0, <[u8]>::len)
    }

    /// Returns at least the length of the longest of some texts.
    pub(crate) fn longest(self, texts: Range<usize>) -> usize {
        fn by_offsets<O: ArrowNativeType>(offsets: &[O], texts: &Range<usize>) -> usize {
            let offsets = offsets.get(texts.start..).unwrap_or_default();
            let pairs = offsets.windows(2).take(texts.len());
            let len = |pair: &[O]| {
                pair.last().zip(pair.first()).map(|(end, start)| end.as_usize().saturating_sub(start.as_usize()))
            };
            pairs.filter_map(len).max().unwrap_or_default()
        }
        match self {
            TextColumn::Utf8(array) => by_offsets(array.value_offsets(), &texts),
            TextColumn::LargeUtf8(array) => by_offsets(array.value_offsets(), &texts),
            // The first four bytes of a view are the length.
            TextColumn::Utf8View(array) => {
                let views = array.views().get(texts.start..).unwrap_or_default().iter().take(texts.len());
                views.map(|view| *view as u32).max().unwrap_or_default() as usize
            }
            TextColumn::Dictionary(array) => {
                TextColumn::of_dictionary(array).map_or(0, |(values, len)| values.longest(0..len))
            }
        }
    }

    /// Returns the length of all texts of a plain column, each counted as often as it is there.
    pub(crate) fn total(self) -> usize {
        match self {
            TextColumn::Utf8(array) => array.values().len(),
            TextColumn::LargeUtf8(array) => array.values().len(),
            // The first four bytes of a view are the length.
            TextColumn::Utf8View(array) => {
                array.views().iter().map(|view| *view as u32 as usize).fold(0, usize::saturating_add)
            }
            TextColumn::Dictionary(_) => 0,
        }
    }

    /// Returns the nulls of the column itself. A dictionary may have a null among its values besides.
    #[inline]
    fn nulls(self) -> Option<&'a NullBuffer> {
        match self {
            TextColumn::Utf8(array) => array.nulls(),
            TextColumn::LargeUtf8(array) => array.nulls(),
            TextColumn::Utf8View(array) => array.nulls(),
            // Those of its keys.
            TextColumn::Dictionary(array) => array.nulls(),
        }
    }

    /// Returns the bytes of text `index` without UTF-8 validation, or `None` if it is null.
    #[inline]
    pub(crate) fn bytes(self, index: usize, what: &str) -> Result<Option<&'a [u8]>> {
        let bytes = match self {
            TextColumn::Utf8(array) if is_null(array.nulls(), index) => return Ok(None),
            TextColumn::Utf8View(array) if is_null(array.nulls(), index) => return Ok(None),
            TextColumn::Utf8(array) => by_offsets(array, index),
            TextColumn::Utf8View(array) => payload::resolve(array, index),
            other => return other.bytes_of_other(index, what),
        };
        bytes.map(Some).ok_or_else(|| too_short(what))
    }

    /// Apart from the usual types, which are so inlined.
    #[inline(never)]
    fn bytes_of_other(self, index: usize, what: &str) -> Result<Option<&'a [u8]>> {
        if is_null(self.nulls(), index) {
            return Ok(None);
        }
        let bytes = match self {
            TextColumn::LargeUtf8(array) => by_offsets(array, index),
            TextColumn::Dictionary(array) => return by_key(array, index, what),
            TextColumn::Utf8(_) | TextColumn::Utf8View(_) => return self.bytes(index, what),
        };
        bytes.map(Some).ok_or_else(|| too_short(what))
    }
}

/// Checks that bytes are UTF-8.
#[inline]
pub(crate) fn utf8<'a>(bytes: &'a [u8], what: &str) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|_| not_utf8(what))
}

#[cold]
fn not_utf8(what: &str) -> Error {
    error!(Malformed, "{what}: it is not UTF-8")
}

/// Reads texts of which many may be the same memory, as the CRS of all rows of a column. Each is validated once.
#[derive(Default)]
pub(crate) struct KnownTexts<'a> {
    /// The last few that are not short.
    recent: [Option<&'a str>; 8],
    next: usize,
    /// All that are long, by address and length.
    long: HashMap<(usize, usize), &'a str>,
}

impl<'a> KnownTexts<'a> {
    /// Texts of at most so many bytes are validated faster than they are found.
    const SHORT: usize = 256;
    /// Texts of so many bytes are found faster in a map than they are validated.
    const LONG: usize = 4096;

    #[inline]
    pub(crate) fn utf8(&mut self, bytes: &'a [u8], what: &str) -> Result<&'a str> {
        if bytes.len() <= Self::SHORT {
            return utf8(bytes, what);
        }
        let is_same = |text: &&&str| ptr::eq(text.as_bytes(), bytes);
        if let Some(text) = self.recent.iter().flatten().find(is_same) {
            return Ok(text);
        }
        let text = if bytes.len() < Self::LONG {
            utf8(bytes, what)?
        } else {
            match self.long.entry((bytes.as_ptr().addr(), bytes.len())) {
                Entry::Occupied(known) => known.get(),
                Entry::Vacant(unknown) => *unknown.insert(utf8(bytes, what)?),
            }
        };
        if let Some(slot) = self.recent.get_mut(self.next) {
            *slot = Some(text);
        }
        self.next = (self.next + 1) % self.recent.len();
        Ok(text)
    }
}

/// Returns the bytes of the value that key `index` of a dictionary names.
#[inline(never)]
fn by_key<'a>(array: &'a ArrayRef, index: usize, what: &str) -> Result<Option<&'a [u8]>> {
    let outside = || error!(Malformed, "{what}: its dictionary has no such value");
    let key = dictionary(array).and_then(|dictionary| key(dictionary.keys(), index)).ok_or_else(outside)?;
    let (values, len) = TextColumn::of_dictionary(array).ok_or_else(outside)?;
    if key >= len {
        return Err(outside());
    }
    values.bytes(key, what)
}

fn dictionary(array: &ArrayRef) -> Option<&dyn AnyDictionaryArray> {
    array.as_any_dictionary_opt()
}

/// Returns key `index`, or `None` if it is missing or negative.
fn key(keys: &dyn Array, index: usize) -> Option<usize> {
    fn at<K: ArrowDictionaryKeyType>(keys: &dyn Array, index: usize) -> Option<usize> {
        let keys: &PrimitiveArray<K> = keys.as_any().downcast_ref()?;
        keys.values().get(index)?.to_usize()
    }
    match keys.data_type() {
        DataType::Int8 => at::<Int8Type>(keys, index),
        DataType::Int16 => at::<Int16Type>(keys, index),
        DataType::Int32 => at::<Int32Type>(keys, index),
        DataType::Int64 => at::<Int64Type>(keys, index),
        DataType::UInt8 => at::<UInt8Type>(keys, index),
        DataType::UInt16 => at::<UInt16Type>(keys, index),
        DataType::UInt32 => at::<UInt32Type>(keys, index),
        DataType::UInt64 => at::<UInt64Type>(keys, index),
        _ => None,
    }
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

    /// Returns the range of the items of list `index`. Refuses a null list.
    pub(crate) fn range(self, index: usize, what: &str) -> Result<Range<usize>> {
        self.lists.required(index, what)
    }

    /// Measures some of the lists.
    pub(crate) fn extent(self, lists: Range<usize>) -> ListExtent {
        self.lists.extent(lists)
    }

    pub(crate) fn values(self) -> TextColumn<'a> {
        self.values
    }

    /// Returns whether list `index` is these two items of one letter each.
    ///
    /// May return `false` for such a list if the text has a validity bitmap, is `LargeUtf8` or has a dictionary. So
    /// after `false` the caller compares the items.
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

    /// Returns whether each of some lists is these two items of one letter each. May return `false` for such lists, as
    /// [`is_pair`](Self::is_pair).
    pub(crate) fn are_pairs(self, lists: &Range<usize>, pair: [u8; 2]) -> bool {
        let Some(Steady { each: 2, items }) = self.lists.steady(lists) else { return false };
        match self.values {
            TextColumn::Utf8(array) if array.nulls().is_none() => {
                let offsets = array.value_offsets().get(items.start..=items.end);
                let Some(Steady { each: 1, items }) = offsets.and_then(Steady::of) else { return false };
                let Some(letters) = array.values().as_slice().get(items) else { return false };
                let expected = u16::from_ne_bytes(pair);
                letters.as_chunks().0.iter().fold(0, |wrong, found| wrong | (u16::from_ne_bytes(*found) ^ expected))
                    == 0
            }
            TextColumn::Utf8View(array) if array.nulls().is_none() => {
                let views: &[u128] = array.views();
                let Some(views) = views.get(items) else { return false };
                let [a, b] = pair.map(payload::inline_view_of_byte);
                let pairs = views.as_chunks::<2>().0;
                pairs.iter().fold(0, |wrong, [x, y]| wrong | (x ^ a) | (y ^ b)) == 0
            }
            _ => false,
        }
    }

    /// Returns the items of list `index`, without UTF-8 validation. Refuses a null list, and a null item.
    #[inline]
    pub(crate) fn get(
        self,
        index: usize,
        what: &'static str,
    ) -> Result<impl ExactSizeIterator<Item = Result<&'a [u8]>> + 'a> {
        let range = self.lists.required(index, what)?;
        let text = self.values;
        Ok(range.map(move |item| text.bytes(item, what)?.ok_or_else(|| null_item(what))))
    }
}
