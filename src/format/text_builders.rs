//! Builds the columns of text, one value at a time, and finds texts again that they hold already.

use std::collections::HashMap;
use std::iter::repeat_n;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::builder::{GenericByteBuilder, StringBuilder};
use arrow_array::types::ByteArrayType;
use arrow_array::{Array, ArrayRef, ListArray, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, NullBufferBuilder};
use arrow_data::transform::MutableArrayData;
use arrow_schema::FieldRef;

use crate::error::Result;
use crate::format::builders::{OffsetsBuilder, too_many};
use crate::format::defaults;
use crate::format::payload::{MAX_INLINE, inline_view, outer_view};
use crate::format::payload_builder::SHARE_FROM;
use crate::format::schema::STORAGE;
use crate::format::values::is_null;
use crate::limits::MAX_LEN;

/// Builds a column of lists of text. Only counts while all are the default list, then keeps runs of equal lists.
pub(crate) struct TextListBuilder {
    default: &'static [&'static str],
    only_default: usize,
    runs: Vec<(Vec<Box<str>>, usize)>,
}

impl TextListBuilder {
    pub(crate) fn new(default: &'static [&'static str]) -> Self {
        TextListBuilder { default, only_default: 0, runs: Vec::new() }
    }

    /// Appends a list: `None` for the default.
    #[inline]
    pub(crate) fn push(&mut self, list: Option<&[&str]>, room: &mut TextRoom) -> Result<()> {
        match list {
            None if self.runs.is_empty() => {
                self.only_default += 1;
                Ok(())
            }
            list => self.push_list(list.unwrap_or(self.default), room),
        }
    }

    /// Appends the same list `count` times.
    pub(crate) fn push_many(&mut self, list: Option<&[&str]>, count: usize, room: &mut TextRoom) -> Result<()> {
        let Some(others) = count.checked_sub(1) else { return Ok(()) };
        self.push(list, room)?;
        match self.runs.last_mut() {
            None => self.only_default += others,
            Some((list, repeated)) => {
                let bytes = list.iter().map(|item| item.len()).fold(0, usize::saturating_add);
                room.take(bytes.saturating_mul(others))?;
                *repeated += others;
            }
        }
        Ok(())
    }

    fn push_list(&mut self, list: &[&str], room: &mut TextRoom) -> Result<()> {
        if self.runs.is_empty() {
            if list == self.default {
                self.only_default += 1;
                return Ok(());
            }
            self.start(self.default, self.only_default);
        }
        room.take(list.iter().map(|item| item.len()).fold(0, usize::saturating_add))?;
        match self.runs.last_mut() {
            Some((last, count)) if last.iter().map(|item| &**item).eq(list.iter().copied()) => *count += 1,
            _ => self.start(list, 1),
        }
        Ok(())
    }

    fn start(&mut self, list: &[&str], count: usize) {
        self.runs.push((list.iter().map(|&item| item.into()).collect(), count));
    }

    /// Returns the number of lists if all are the default one.
    fn only_default(&self) -> Result<Option<usize>> {
        if self.only_default > MAX_LEN / self.default.len() {
            return Err(too_many());
        }
        Ok(self.runs.is_empty().then_some(self.only_default))
    }

    fn items(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().flat_map(|(list, count)| repeat_n(list, *count).flatten().map(|item| &**item))
    }

    fn finish(&self, item: &FieldRef, values: ArrayRef) -> Result<ArrayRef> {
        let mut offsets = OffsetsBuilder::default();
        for (list, count) in &self.runs {
            (0..*count).try_for_each(|_| offsets.push(list.len()))?;
        }
        Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets.finish(), values, None)?))
    }

    /// Makes a column of dim names.
    pub(crate) fn finish_utf8(self) -> Result<ArrayRef> {
        if let Some(count) = self.only_default()? {
            return Ok(defaults::dim_names_yx(count));
        }
        let of_run = |(list, count): &(Vec<Box<str>>, usize)| {
            list.iter().map(|item| item.len()).fold(0, usize::saturating_add).saturating_mul(*count)
        };
        let bytes = self.runs.iter().map(of_run).fold(0, usize::saturating_add);
        if bytes > MAX_LEN {
            return Err(too_many());
        }
        let mut values = StringBuilder::with_capacity(self.items().count(), bytes);
        self.items().for_each(|item| values.append_value(item));
        self.finish(&STORAGE.utf8, Arc::new(values.finish()))
    }

    /// Makes a column of spatial dims.
    pub(crate) fn finish_utf8_view(self) -> Result<ArrayRef> {
        if let Some(count) = self.only_default()? {
            return Ok(defaults::spatial_dims_xy(count));
        }
        let mut values = TextViewBuilder::<ByContent>::default();
        for (list, count) in &self.runs {
            values.push_repeatedly(list, *count)?;
        }
        self.finish(&STORAGE.text_item, values.finish()?)
    }
}

/// Builds a nullable `Utf8` or `Binary` column.
pub(crate) struct NullableBytesBuilder<T: ByteArrayType<Offset = i32>> {
    /// The number of nulls before the first value.
    nulls: usize,
    bytes: usize,
    builder: Option<GenericByteBuilder<T>>,
}

impl<T: ByteArrayType<Offset = i32>> NullableBytesBuilder<T>
where
    T::Native: AsRef<T::Native>,
{
    pub(crate) fn new() -> Self {
        NullableBytesBuilder { nulls: 0, bytes: 0, builder: None }
    }

    pub(crate) fn push(&mut self, value: Option<&T::Native>, room: &mut TextRoom) -> Result<()> {
        let len = value.map_or(0, |value| AsRef::<[u8]>::as_ref(value).len());
        self.bytes = self.bytes.checked_add(len).filter(|bytes| *bytes <= MAX_LEN).ok_or_else(too_many)?;
        room.take(len)?;
        match (&mut self.builder, value) {
            (None, None) => self.nulls += 1,
            (Some(builder), value) => builder.append_option(value),
            (None, Some(value)) => {
                let mut builder = GenericByteBuilder::with_capacity(self.nulls + 1, len);
                (0..self.nulls).for_each(|_| builder.append_null());
                builder.append_value(value);
                self.builder = Some(builder);
            }
        }
        Ok(())
    }

    /// Appends the same value `count` times.
    pub(crate) fn push_many(&mut self, value: Option<&T::Native>, count: usize, room: &mut TextRoom) -> Result<()> {
        if value.is_none() && self.builder.is_none() {
            self.nulls += count;
            return Ok(());
        }
        (0..count).try_for_each(|_| self.push(value, room))
    }

    pub(crate) fn is_all_null(&self) -> bool {
        self.builder.is_none()
    }

    /// Returns the column. Calls `nulls` with its length if it holds nothing but nulls.
    pub(crate) fn finish(self, nulls: impl FnOnce(usize) -> ArrayRef) -> ArrayRef {
        match self.builder {
            None => nulls(self.nulls),
            Some(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// Builds a nullable `Utf8View` column. Stores a text only once if it finds it again.
#[derive(Default)]
pub(crate) struct TextViewBuilder<K> {
    /// The number of nulls before the first text.
    nulls: usize,
    views: Vec<u128>,
    valid: Option<NullBufferBuilder>,
    bytes: Vec<u8>,
    /// The length of all texts that are not inline, each counted as often as it is there.
    shown: usize,
    known: K,
}

impl<K> TextViewBuilder<K> {
    pub(crate) fn push<'t>(&mut self, text: Option<&'t str>, room: &mut TextRoom) -> Result<()>
    where
        K: Known<'t>,
    {
        self.push_many(text, 1, room)
    }

    /// Appends the same text `count` times. It is stored once.
    #[inline]
    pub(crate) fn push_many<'t>(&mut self, text: Option<&'t str>, count: usize, room: &mut TextRoom) -> Result<()>
    where
        K: Known<'t>,
    {
        let Some(text) = text else {
            match &mut self.valid {
                None => self.nulls += count,
                Some(valid) => {
                    valid.append_n_nulls(count);
                    self.views.extend(repeat_n(0, count));
                }
            }
            return Ok(());
        };
        let Some(others) = count.checked_sub(1) else { return Ok(()) };
        let view = self.view(text, room)?;
        self.valid().append_n_non_nulls(count);
        self.views.resize(self.views.len().max(self.nulls), 0);
        self.views.extend(repeat_n(view, count));
        if text.len() > MAX_INLINE {
            self.shown = self.shown.saturating_add(text.len().saturating_mul(others));
        }
        Ok(())
    }

    /// Appends all texts of a list, `count` times over.
    fn push_repeatedly<'t>(&mut self, list: &'t [Box<str>], count: usize) -> Result<()>
    where
        K: Known<'t>,
    {
        let mut room = TextRoom::unlimited();
        let views = list.iter().map(|text| self.view(text, &mut room)).collect::<Result<Vec<_>>>()?;
        self.valid().append_n_non_nulls(list.len() * count);
        self.views.resize(self.views.len().max(self.nulls), 0);
        (0..count).for_each(|_| self.views.extend_from_slice(&views));
        let outer = list.iter().map(|text| text.len()).filter(|len| *len > MAX_INLINE).fold(0, usize::saturating_add);
        self.shown = self.shown.saturating_add(outer.saturating_mul(count.saturating_sub(1)));
        Ok(())
    }

    pub(crate) fn is_all_null(&self) -> bool {
        self.valid.is_none()
    }

    fn valid(&mut self) -> &mut NullBufferBuilder {
        let nulls = self.nulls;
        self.valid.get_or_insert_with(|| {
            let mut valid = NullBufferBuilder::new(nulls + 1);
            // Appending even zero nulls would allocate a bitmap.
            if nulls > 0 {
                valid.append_n_nulls(nulls);
            }
            valid
        })
    }

    /// Makes the view of a text. Copies the text unless it is inline or known.
    fn view<'t>(&mut self, text: &'t str, room: &mut TextRoom) -> Result<u128>
    where
        K: Known<'t>,
    {
        if text.len() <= MAX_INLINE {
            return Ok(inline_view(text.as_bytes()));
        }
        self.shown = self.shown.saturating_add(text.len());
        let start = match self.known.find(text, &self.bytes) {
            Some(start) => start,
            None => {
                let start = self.bytes.len();
                if start.checked_add(text.len()).is_none_or(|end| end > MAX_LEN) {
                    return Err(too_many());
                }
                room.take(text.len())?;
                self.bytes.extend_from_slice(text.as_bytes());
                self.known.add(text, start);
                start
            }
        };
        outer_view(text.as_bytes(), 0, start)
    }

    pub(crate) fn finish(self) -> Result<ArrayRef> {
        let Some(mut valid) = self.valid else {
            return Ok(defaults::null_utf8_view(self.nulls));
        };
        let repeats_much = self.shown / 2 > self.bytes.len() + SHARE_FROM;
        let (buffers, valid) =
            (if self.bytes.is_empty() { vec![] } else { vec![Buffer::from_vec(self.bytes)] }, valid.finish());
        if repeats_much {
            return repeated(&self.views, buffers, valid);
        }
        Ok(Arc::new(StringViewArray::try_new(self.views.into(), buffers, valid)?))
    }
}

/// Makes a column of views of which many are equal.
///
/// arrow's constructor reads every text to validate it, as often as it is there. So it makes an array of the different
/// views first, whose values are then repeated.
#[allow(deprecated, reason = "arrow 58 has no `try_extend`, and no view has so many buffers that they overflow")]
fn repeated(views: &[u128], buffers: Vec<Buffer>, valid: Option<NullBuffer>) -> Result<ArrayRef> {
    let (mut places, mut different) = (HashMap::new(), Vec::new());
    for view in views {
        places.entry(*view).or_insert_with(|| {
            different.push(*view);
            different.len() - 1
        });
    }
    let different = StringViewArray::try_new(different.into(), buffers, None)?.into_data();
    let mut column = MutableArrayData::new(vec![&different], valid.is_some(), views.len());
    for (row, view) in views.iter().enumerate() {
        match places.get(view) {
            Some(place) if !is_null(valid.as_ref(), row) => column.extend(0, *place, place + 1),
            _ => column.extend_nulls(1),
        }
    }
    Ok(Arc::new(StringViewArray::from(column.freeze())))
}

/// How a builder finds a text that it has stored.
pub(crate) trait Known<'t> {
    /// Returns where a text starts among the stored bytes.
    fn find(&mut self, text: &'t str, stored: &[u8]) -> Option<usize>;

    /// Remembers a text that was stored.
    fn add(&mut self, text: &'t str, start: usize);
}

/// Finds a text by its bytes, if it is one of the last eight different ones.
#[derive(Default)]
pub(crate) struct ByContent {
    /// Start and length of each. A length of zero stands for none.
    recent: [(usize, usize); 8],
    next: usize,
}

impl<'t> Known<'t> for ByContent {
    fn find(&mut self, text: &'t str, stored: &[u8]) -> Option<usize> {
        let is_equal = |start: usize| stored.get(start..start + text.len()) == Some(text.as_bytes());
        let found = self.recent.iter().find(|(start, len)| *len == text.len() && is_equal(*start));
        found.map(|(start, _)| *start)
    }

    fn add(&mut self, text: &'t str, start: usize) {
        if let Some(slot) = self.recent.get_mut(self.next) {
            *slot = (start, text.len());
        }
        self.next = (self.next + 1) % self.recent.len();
    }
}

/// Finds a text by its address or by its bytes, a long one by its address first, without reading it.
///
/// This is for texts that live as long as the builder. Else two of them could have had one address.
#[derive(Default)]
pub(crate) struct ByAddress<'a> {
    starts: HashMap<(usize, usize), usize>,
    by_content: ByContent,
    texts: PhantomData<&'a str>,
}

impl<'a> Known<'a> for ByAddress<'a> {
    fn find(&mut self, text: &'a str, stored: &[u8]) -> Option<usize> {
        let address = (text.as_ptr().addr(), text.len());
        if text.len() >= SHARE_FROM {
            let known = self.starts.get(&address).copied();
            return known.or_else(|| {
                let start = self.by_content.find(text, stored)?;
                self.starts.insert(address, start);
                Some(start)
            });
        }
        self.by_content.find(text, stored).or_else(|| self.starts.get(&address).copied())
    }

    fn add(&mut self, text: &'a str, start: usize) {
        self.starts.insert((text.as_ptr().addr(), text.len()), start);
        self.by_content.add(text, start);
    }
}

/// How many more bytes of text a column may get. Text that is stored once for many rows counts once.
pub(crate) struct TextRoom(usize);

impl TextRoom {
    /// For a column that grows row by row: 2^31 - 1 bytes.
    pub(crate) fn limited() -> Self {
        TextRoom(MAX_LEN)
    }

    /// For a column whose text was counted before.
    pub(crate) fn unlimited() -> Self {
        TextRoom(usize::MAX)
    }

    /// Refuses a row whose metadata do not fit, before any of it is copied.
    #[inline]
    pub(crate) fn require(&self, len: usize) -> Result<()> {
        if len <= self.0 { Ok(()) } else { Err(too_many()) }
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<()> {
        self.0 = self.0.checked_sub(len).ok_or_else(too_many)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;

    use super::*;

    #[test]
    fn more_lists_than_arrow_counts_are_refused_before_they_are_made() {
        let mut room = TextRoom::unlimited();
        let mut default = TextListBuilder::new(&["y", "x"]);
        default.push_many(None, MAX_LEN / 2, &mut room).unwrap();
        assert_eq!(default.only_default().unwrap(), Some(MAX_LEN / 2));
        default.push(None, &mut room).unwrap();
        assert!(default.only_default().is_err() && default.finish_utf8().is_err());
        let mut named = TextListBuilder::new(&["y", "x"]);
        named.push_many(Some(&["row", &"c".repeat(997)]), MAX_LEN / 1000 + 1, &mut room).unwrap();
        assert!(named.finish_utf8().is_err());
    }

    #[test]
    fn text_takes_room_until_there_is_none() {
        let mut room = TextRoom::limited();
        room.take(MAX_LEN - 5).unwrap();
        assert!(room.require(5).is_ok() && room.require(6).is_err() && room.take(6).is_err());
    }

    #[test]
    fn a_text_that_repeats_is_stored_once_and_read_in_every_row() {
        let texts: Vec<String> = (0..5).map(|i| format!("{i}").repeat(SHARE_FROM + i)).collect();
        let rows: Vec<Option<&str>> =
            (0..100).map(|row| (row % 7 > 0).then(|| &*texts[row * row % 5])).chain([None, Some("short")]).collect();
        for most in [1, 2, 50, rows.len()] {
            let rows = &rows[..most];
            let (mut by_address, mut by_content) =
                (TextViewBuilder::<ByAddress<'_>>::default(), TextViewBuilder::<ByContent>::default());
            let mut room = TextRoom::unlimited();
            for row in rows {
                by_address.push(*row, &mut room).unwrap();
                by_content.push(*row, &mut room).unwrap();
            }
            let different: std::collections::HashSet<_> = rows.iter().flatten().filter(|t| t.len() > 12).collect();
            let bytes: usize = different.iter().map(|text| text.len()).sum();
            for array in [by_address.finish().unwrap(), by_content.finish().unwrap()] {
                let array = array.as_string_view();
                assert_eq!(array.iter().collect::<Vec<_>>(), *rows);
                assert_eq!(array.data_buffers().iter().map(Buffer::len).sum::<usize>(), bytes);
            }
        }
    }
}
