//! Columns that grow a value at a time.
//!
//! Each remembers, as long as it can, that it holds nothing but nulls, or nothing but one value: then
//! `finish` takes a constant or lays the value out once, instead of having collected it row by row.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::types::{ArrowPrimitiveType, Int64Type, UInt32Type};
use arrow_array::{ArrayRef, BinaryViewArray, ListArray, PrimitiveArray, StringArray, StringViewArray, StructArray};
use arrow_buffer::{Buffer, MutableBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::FieldRef;

use crate::constant;
use crate::error::{Result, error};
use crate::parts::BandParts;
use crate::payload::{MAX_INLINE, MAX_LEN, inline_view, outer_view};
use crate::pixel::PixelType;
use crate::schema::STORAGE;
use crate::view::View;

/// List offsets.
#[derive(Default)]
pub(crate) struct Offsets {
    count: usize,
    /// The length that all lists have so far.
    each: usize,
    /// The end of each list, once they differ.
    ends: Vec<i32>,
    total: usize,
}

impl Offsets {
    pub(crate) fn push(&mut self, len: usize) -> Result<()> {
        if self.count == 0 {
            self.each = len;
        } else if len != self.each && self.ends.is_empty() {
            self.ends = (1..=self.count).map(|count| (count * self.each) as i32).collect();
        }
        self.total = self.total.checked_add(len).filter(|total| *total <= MAX_LEN).ok_or_else(too_many)?;
        self.count += 1;
        if !self.ends.is_empty() {
            self.ends.push(self.total as i32);
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> OffsetBuffer<i32> {
        if self.ends.is_empty() {
            return constant::offsets(self.each, self.count);
        }
        OffsetBuffer::new(std::iter::once(0).chain(self.ends).collect())
    }
}

#[cold]
fn too_many() -> crate::Error {
    error!(TooLarge, "a column holds at most {MAX_LEN} list items or bytes of text: make several columns")
}

/// Lists of numbers.
pub(crate) struct NumberLists<T: ArrowPrimitiveType> {
    offsets: Offsets,
    values: Vec<T::Native>,
}

impl<T: ArrowPrimitiveType> NumberLists<T> {
    pub(crate) fn new() -> Self {
        NumberLists { offsets: Offsets::default(), values: Vec::new() }
    }

    pub(crate) fn push(&mut self, items: impl ExactSizeIterator<Item = T::Native>) -> Result<()> {
        self.offsets.push(items.len())?;
        self.values.extend(items);
        Ok(())
    }

    pub(crate) fn values(&self) -> &[T::Native] {
        &self.values
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.count
    }

    pub(crate) fn finish(self, item: &FieldRef) -> Result<ArrayRef> {
        let values = Arc::new(PrimitiveArray::<T>::new(self.values.into(), None));
        Ok(Arc::new(ListArray::try_new(Arc::clone(item), self.offsets.finish(), values, None)?))
    }
}

/// Lists of text, kept as runs of the same list: most columns have one.
#[derive(Default)]
pub(crate) struct TextLists {
    runs: Vec<(Vec<Box<str>>, usize)>,
}

impl TextLists {
    pub(crate) fn push(&mut self, list: &[&str]) {
        if let Some((last, count)) = self.runs.last_mut()
            && last.len() == list.len()
            && last.iter().zip(list).all(|(a, b)| **a == **b)
        {
            *count += 1;
            return;
        }
        self.runs.push((list.iter().map(|&item| item.into()).collect(), 1));
    }

    /// How often the one list of this column is there, if it is `list`.
    fn only(&self, list: &[&str]) -> Option<usize> {
        match self.runs.as_slice() {
            [(only, count)] if only.iter().map(|item| &**item).eq(list.iter().copied()) => Some(*count),
            _ => None,
        }
    }

    fn items(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().flat_map(|(list, count)| std::iter::repeat_n(list, *count).flatten().map(|item| &**item))
    }

    fn finish(&self, item: &FieldRef, values: ArrayRef) -> Result<ArrayRef> {
        let mut offsets = Offsets::default();
        for (list, count) in &self.runs {
            (0..*count).try_for_each(|_| offsets.push(list.len()))?;
        }
        Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets.finish(), values, None)?))
    }

    /// As a column of dim names.
    pub(crate) fn finish_utf8(self) -> Result<ArrayRef> {
        if let Some(kept) = self.only(&constant::YX).and_then(constant::dim_names_yx) {
            return Ok(kept);
        }
        let bytes: usize = self.items().map(str::len).sum();
        if bytes > MAX_LEN {
            return Err(too_many());
        }
        let mut values = StringBuilder::with_capacity(self.items().count(), bytes);
        self.items().for_each(|item| values.append_value(item));
        self.finish(&STORAGE.utf8, Arc::new(values.finish()))
    }

    /// As a column of spatial dims.
    pub(crate) fn finish_utf8_view(self) -> Result<ArrayRef> {
        if let Some(kept) = self.only(&constant::XY).and_then(constant::spatial_dims_xy) {
            return Ok(kept);
        }
        let mut values = TextViews::default();
        self.items().try_for_each(|item| values.push(Some(item)))?;
        self.finish(&STORAGE.utf8_view, values.finish()?)
    }
}

/// Nullable `Utf8`.
#[derive(Default)]
pub(crate) struct Texts {
    nulls: usize,
    bytes: usize,
    builder: Option<StringBuilder>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: Option<&str>) -> Result<()> {
        self.bytes += text.map_or(0, str::len);
        if self.bytes > MAX_LEN {
            return Err(too_many());
        }
        match (&mut self.builder, text) {
            (None, None) => self.nulls += 1,
            (Some(builder), text) => builder.append_option(text),
            (None, Some(text)) => {
                let mut builder = StringBuilder::with_capacity(self.nulls + 1, text.len());
                (0..self.nulls).for_each(|_| builder.append_null());
                builder.append_value(text);
                self.builder = Some(builder);
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> ArrayRef {
        match self.builder {
            None => constant::null_utf8(self.nulls),
            Some(mut builder) => Arc::new(StringArray::from(builder.finish())),
        }
    }
}

/// Nullable `Utf8View`. A text that repeats the one before it is stored once.
#[derive(Default)]
pub(crate) struct TextViews {
    views: Vec<u128>,
    bytes: Vec<u8>,
    last: Option<(usize, usize)>,
    nulls: Vec<bool>,
    valid: usize,
}

impl TextViews {
    pub(crate) fn push(&mut self, text: Option<&str>) -> Result<()> {
        let view = match text {
            None => 0,
            Some(text) if text.len() <= MAX_INLINE => inline_view(text.as_bytes()),
            Some(text) => self.outer(text.as_bytes())?,
        };
        self.views.push(view);
        self.nulls.push(text.is_some());
        self.valid += usize::from(text.is_some());
        Ok(())
    }

    fn outer(&mut self, text: &[u8]) -> Result<u128> {
        let known = self.last.filter(|&(start, end)| self.bytes.get(start..end) == Some(text));
        let start = match known {
            Some((start, _)) => start,
            None => {
                let start = self.bytes.len();
                if start.checked_add(text.len()).is_none_or(|end| end > MAX_LEN) {
                    return Err(too_many());
                }
                self.bytes.extend_from_slice(text);
                self.last = Some((start, self.bytes.len()));
                start
            }
        };
        outer_view(text, 0, start)
    }

    pub(crate) fn finish(self) -> Result<ArrayRef> {
        if self.valid == 0 {
            return Ok(constant::null_utf8_view(self.views.len()));
        }
        let buffers = if self.bytes.is_empty() { vec![] } else { vec![Buffer::from_vec(self.bytes)] };
        let nulls = (self.valid < self.nulls.len()).then(|| self.nulls.into());
        Ok(Arc::new(StringViewArray::try_new(self.views.into(), buffers, nulls)?))
    }
}

/// Nullable `Binary`, of a few bytes each.
#[derive(Default)]
pub(crate) struct Nodatas {
    nulls: usize,
    bytes: usize,
    builder: Option<BinaryBuilder>,
}

impl Nodatas {
    pub(crate) fn push(&mut self, nodata: Option<&[u8]>) -> Result<()> {
        self.bytes += nodata.map_or(0, <[u8]>::len);
        if self.bytes > MAX_LEN {
            return Err(too_many());
        }
        match (&mut self.builder, nodata) {
            (None, None) => self.nulls += 1,
            (Some(builder), nodata) => builder.append_option(nodata),
            (None, Some(nodata)) => {
                let mut builder = BinaryBuilder::with_capacity(self.nulls + 1, nodata.len());
                (0..self.nulls).for_each(|_| builder.append_null());
                builder.append_value(nodata);
                self.builder = Some(builder);
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> ArrayRef {
        match self.builder {
            None => constant::null_binary(self.nulls),
            Some(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// Views: null for the identity.
pub(crate) struct Views {
    offsets: Offsets,
    columns: [Vec<i64>; 4],
    nulls: NullBufferBuilder,
}

impl Views {
    pub(crate) fn new() -> Self {
        Views { offsets: Offsets::default(), columns: Default::default(), nulls: NullBufferBuilder::new(0) }
    }

    pub(crate) fn push(&mut self, view: &View) -> Result<()> {
        if view.is_identity() {
            self.nulls.append_null();
            return self.offsets.push(0);
        }
        let [source_axis, start, step, steps] = &mut self.columns;
        for entry in view.entries() {
            source_axis.push(entry.source_axis);
            start.push(entry.start);
            step.push(entry.step);
            steps.push(entry.steps);
        }
        self.nulls.append_non_null();
        self.offsets.push(view.entries().len())
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        let [source_axis, ..] = &self.columns;
        if source_axis.is_empty() {
            return Ok(constant::null_view(self.offsets.count));
        }
        let columns = self.columns.map(|column| Arc::new(PrimitiveArray::<Int64Type>::from(column)) as ArrayRef);
        let entries = StructArray::try_new(STORAGE.view.clone(), columns.into(), None)?;
        let (item, offsets) = (Arc::clone(&STORAGE.view_entry), self.offsets.finish());
        Ok(Arc::new(ListArray::try_new(item, offsets, Arc::new(entries), self.nulls.finish())?))
    }
}

/// Pixel types.
#[derive(Default)]
pub(crate) struct DataTypes(Vec<u32>, Option<PixelType>);

impl DataTypes {
    pub(crate) fn push(&mut self, pixel_type: PixelType) {
        self.0.push(pixel_type.id());
        self.1 = Some(pixel_type);
    }

    pub(crate) fn finish(self) -> ArrayRef {
        let only = self.1.filter(|_| self.0.len() == 1).and_then(constant::data_type);
        only.unwrap_or_else(|| Arc::new(PrimitiveArray::<UInt32Type>::from(self.0)))
    }
}

/// Payloads: large ones share the buffer that they come in, small ones are copied into common blocks.
pub(crate) struct Payloads {
    views: Vec<u128>,
    buffers: Vec<Buffer>,
    /// Which buffers are there already, by address and length.
    known: HashMap<(usize, usize), usize>,
    /// From this many bytes on payloads are shared.
    share_from: usize,
    block: Option<Block>,
    block_size: usize,
}

/// Common memory for small payloads, at its place among the buffers.
struct Block {
    index: usize,
    bytes: MutableBuffer,
}

/// Where a copied payload starts: a multiple of this, which suits every pixel type and a cache line.
const ALIGNMENT: usize = 64;
const FIRST_BLOCK: usize = 16 << 10;
const LARGEST_BLOCK: usize = 2 << 20;

impl Payloads {
    pub(crate) fn new(share_from: usize) -> Self {
        Payloads {
            views: Vec::new(),
            buffers: Vec::new(),
            known: HashMap::new(),
            share_from,
            block: None,
            block_size: FIRST_BLOCK,
        }
    }

    pub(crate) fn push(&mut self, band: &BandParts<'_>) -> Result<()> {
        let bytes = band.bytes;
        let view = match band.home {
            _ if bytes.len() <= MAX_INLINE => inline_view(bytes),
            Some((buffer, start)) if bytes.len() >= self.share_from => self.share(bytes, buffer, start)?,
            _ => self.copy(bytes)?,
        };
        self.views.push(view);
        Ok(())
    }

    fn share(&mut self, bytes: &[u8], buffer: &Buffer, start: usize) -> Result<u128> {
        if start <= MAX_LEN {
            let index = self.index_of(buffer);
            return outer_view(bytes, index, start);
        }
        // Beyond what an offset can say, the buffer itself starts later.
        let index = self.index_of(&buffer.slice_with_length(start, bytes.len()));
        outer_view(bytes, index, 0)
    }

    fn index_of(&mut self, buffer: &Buffer) -> usize {
        let key = (buffer.as_ptr() as usize, buffer.len());
        let next = self.buffers.len();
        let index = *self.known.entry(key).or_insert(next);
        if index == next {
            self.buffers.push(buffer.clone());
        }
        index
    }

    fn copy(&mut self, bytes: &[u8]) -> Result<u128> {
        if self.block.as_ref().is_some_and(|block| block.room() < bytes.len()) {
            self.close_block();
        }
        let block = match &mut self.block {
            Some(block) => block,
            None => {
                let size = self.block_size.max(bytes.len());
                self.block_size = (self.block_size * 2).min(LARGEST_BLOCK);
                // A place for the block, which is filled in when it is closed.
                let index = self.buffers.len();
                self.buffers.push(MutableBuffer::new(0).into());
                self.block.insert(Block { index, bytes: MutableBuffer::with_capacity(size) })
            }
        };
        let start = block.bytes.len().next_multiple_of(ALIGNMENT);
        block.bytes.resize(start, 0);
        block.bytes.extend_from_slice(bytes);
        outer_view(bytes, block.index, start)
    }

    fn close_block(&mut self) {
        if let Some(Block { index, bytes }) = self.block.take()
            && let Some(place) = self.buffers.get_mut(index)
        {
            *place = bytes.into();
        }
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        self.close_block();
        let views = ScalarBuffer::from(self.views);
        Ok(Arc::new(BinaryViewArray::try_new(views, self.buffers, None)?))
    }
}

impl Block {
    fn room(&self) -> usize {
        self.bytes.capacity().saturating_sub(self.bytes.len().next_multiple_of(ALIGNMENT))
    }
}

/// Extents as the format has them.
pub(crate) fn push_extents(lists: &mut NumberLists<Int64Type>, extents: &[usize]) -> Result<()> {
    if let Some(extent) = extents.iter().find(|extent| i64::try_from(**extent).is_err()) {
        return Err(error!(TooLarge, "an extent of {extent} is beyond {}", i64::MAX));
    }
    lists.push(extents.iter().map(|&extent| extent as i64))
}
