//! Columns that grow a value at a time.
//!
//! Each remembers, as long as it can, that it holds nothing but nulls, or nothing but one value: then
//! `finish` takes a constant or lays the value out once, instead of having collected it row by row.

use std::sync::Arc;

use arrow_array::builder::{GenericByteBuilder, StringBuilder};
use arrow_array::types::{ByteArrayType, Float64Type, Int64Type, UInt32Type};
use arrow_array::{ArrayRef, ListArray, PrimitiveArray, StringViewArray, StructArray};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::FieldRef;

use crate::constant;
use crate::error::{Result, error};
use crate::geo::GeoTransform;
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

/// Lists of extents.
#[derive(Default)]
pub(crate) struct Extents {
    offsets: Offsets,
    values: Vec<i64>,
}

impl Extents {
    pub(crate) fn push(&mut self, extents: &[usize]) -> Result<()> {
        self.offsets.push(extents.len())?;
        for &extent in extents {
            let extent = i64::try_from(extent)
                .map_err(|_| error!(TooLarge, "an extent of {extent} is beyond {}, which Arrow counts to", i64::MAX))?;
            self.values.push(extent);
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<ArrayRef> {
        let values = Arc::new(PrimitiveArray::<Int64Type>::from(self.values));
        Ok(Arc::new(ListArray::try_new(Arc::clone(&STORAGE.int64), self.offsets.finish(), values, None)?))
    }
}

/// Lists of text, of which one is usual: counted while there is no other, then kept as runs of equal lists.
pub(crate) struct TextLists {
    usual: &'static [&'static str],
    only_usual: usize,
    runs: Vec<(Vec<Box<str>>, usize)>,
}

impl TextLists {
    pub(crate) fn new(usual: &'static [&'static str]) -> Self {
        TextLists { usual, only_usual: 0, runs: Vec::new() }
    }

    pub(crate) fn push_usual(&mut self) {
        if self.runs.is_empty() {
            self.only_usual += 1;
        } else {
            self.push(self.usual);
        }
    }

    pub(crate) fn push(&mut self, list: &[&str]) {
        if self.runs.is_empty() {
            if list == self.usual {
                self.only_usual += 1;
                return;
            }
            self.start(self.usual, self.only_usual);
        }
        match self.runs.last_mut() {
            Some((last, count)) if last.iter().map(|item| &**item).eq(list.iter().copied()) => *count += 1,
            _ => self.start(list, 1),
        }
    }

    fn start(&mut self, list: &[&str], count: usize) {
        self.runs.push((list.iter().map(|&item| item.into()).collect(), count));
    }

    /// How often the usual list is there, if there is no other.
    fn only_usual(&self) -> Result<Option<usize>> {
        if self.only_usual > MAX_LEN / self.usual.len() {
            return Err(too_many());
        }
        Ok(self.runs.is_empty().then_some(self.only_usual))
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
        if let Some(count) = self.only_usual()? {
            return Ok(constant::dim_names_yx(count));
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
        if let Some(count) = self.only_usual()? {
            return Ok(constant::spatial_dims_xy(count));
        }
        let mut values = TextViews::default();
        self.items().try_for_each(|item| values.push(Some(item)))?;
        self.finish(&STORAGE.text_item, values.finish()?)
    }
}

/// Nullable `Utf8` or `Binary`.
pub(crate) struct Nullable<T: ByteArrayType<Offset = i32>> {
    /// Nulls before the first value.
    nulls: usize,
    bytes: usize,
    builder: Option<GenericByteBuilder<T>>,
}

impl<T: ByteArrayType<Offset = i32>> Nullable<T>
where
    T::Native: AsRef<T::Native>,
{
    pub(crate) fn new() -> Self {
        Nullable { nulls: 0, bytes: 0, builder: None }
    }

    pub(crate) fn push(&mut self, value: Option<&T::Native>) -> Result<()> {
        let len = value.map_or(0, |value| AsRef::<[u8]>::as_ref(value).len());
        self.bytes = self.bytes.checked_add(len).filter(|bytes| *bytes <= MAX_LEN).ok_or_else(too_many)?;
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

    /// The column, or `nulls` of its length.
    pub(crate) fn finish(self, nulls: impl FnOnce(usize) -> ArrayRef) -> ArrayRef {
        match self.builder {
            None => nulls(self.nulls),
            Some(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// Nullable `Utf8View`. A text that repeats the one before it is stored once.
#[derive(Default)]
pub(crate) struct TextViews {
    /// Nulls before the first text.
    nulls: usize,
    views: Vec<u128>,
    valid: Option<NullBufferBuilder>,
    bytes: Vec<u8>,
    last: Option<(usize, usize)>,
}

impl TextViews {
    pub(crate) fn push(&mut self, text: Option<&str>) -> Result<()> {
        let Some(text) = text else {
            match &mut self.valid {
                None => self.nulls += 1,
                Some(valid) => {
                    valid.append_null();
                    self.views.push(0);
                }
            }
            return Ok(());
        };
        let view = match text.as_bytes() {
            short if short.len() <= MAX_INLINE => inline_view(short),
            long => self.outer(long)?,
        };
        let nulls = self.nulls;
        let valid = self.valid.get_or_insert_with(|| {
            let mut valid = NullBufferBuilder::new(nulls + 1);
            // Appending no nulls would already make a bitmap.
            if nulls > 0 {
                valid.append_n_nulls(nulls);
            }
            valid
        });
        valid.append_non_null();
        self.views.resize(self.views.len().max(nulls), 0);
        self.views.push(view);
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
        let Some(mut valid) = self.valid else {
            return Ok(constant::null_utf8_view(self.nulls));
        };
        let buffers = if self.bytes.is_empty() { vec![] } else { vec![Buffer::from_vec(self.bytes)] };
        Ok(Arc::new(StringViewArray::try_new(self.views.into(), buffers, valid.finish())?))
    }
}

/// Views: null for the identity.
#[derive(Default)]
pub(crate) struct Views {
    /// Identities before the first other view.
    identities: usize,
    others: Option<OtherViews>,
}

struct OtherViews {
    offsets: Offsets,
    columns: [Vec<i64>; 4],
    valid: NullBufferBuilder,
}

impl Views {
    pub(crate) fn push(&mut self, view: &View) -> Result<()> {
        if view.is_identity() {
            return self.push_identity();
        }
        let others = match &mut self.others {
            None => self.others.insert(OtherViews::after(self.identities)?),
            Some(others) => others,
        };
        others.push(view)
    }

    pub(crate) fn push_identity(&mut self) -> Result<()> {
        match &mut self.others {
            None => {
                self.identities += 1;
                Ok(())
            }
            Some(others) => others.push_identity(),
        }
    }

    pub(crate) fn finish(self) -> Result<ArrayRef> {
        match self.others {
            None => Ok(constant::null_view(self.identities)),
            Some(others) => others.finish(),
        }
    }
}

impl OtherViews {
    fn after(identities: usize) -> Result<Self> {
        let mut valid = NullBufferBuilder::new(identities + 1);
        valid.append_n_nulls(identities);
        let mut offsets = Offsets::default();
        (0..identities).try_for_each(|_| offsets.push(0))?;
        Ok(OtherViews { offsets, columns: Default::default(), valid })
    }

    fn push_identity(&mut self) -> Result<()> {
        self.valid.append_null();
        self.offsets.push(0)
    }

    fn push(&mut self, view: &View) -> Result<()> {
        let [source_axis, start, step, steps] = &mut self.columns;
        for entry in view.entries() {
            source_axis.push(entry.source_axis);
            start.push(entry.start);
            step.push(entry.step);
            steps.push(entry.steps);
        }
        self.valid.append_non_null();
        self.offsets.push(view.entries().len())
    }

    fn finish(mut self) -> Result<ArrayRef> {
        let columns = self.columns.map(|column| Arc::new(PrimitiveArray::<Int64Type>::from(column)) as ArrayRef);
        let entries = StructArray::try_new(STORAGE.view.clone(), columns.into(), None)?;
        let (item, offsets) = (Arc::clone(&STORAGE.view_entry), self.offsets.finish());
        Ok(Arc::new(ListArray::try_new(item, offsets, Arc::new(entries), self.valid.finish())?))
    }
}

/// Pixel types: counted while they are all the same.
#[derive(Default)]
pub(crate) struct DataTypes {
    first: Option<PixelType>,
    count: usize,
    ids: Vec<u32>,
}

impl DataTypes {
    pub(crate) fn push(&mut self, pixel_type: PixelType) {
        let first = *self.first.get_or_insert(pixel_type);
        if self.ids.is_empty() && first == pixel_type {
            self.count += 1;
            return;
        }
        self.ids.resize(self.ids.len().max(self.count), first.id());
        self.ids.push(pixel_type.id());
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        if let (Some(only), true) = (self.first, self.ids.is_empty()) {
            if let Some(kept) = constant::data_type(only, self.count) {
                return kept;
            }
            self.ids = vec![only.id(); self.count];
        }
        Arc::new(PrimitiveArray::<UInt32Type>::from(self.ids))
    }
}

/// Transforms: counted while they are all the default.
#[derive(Default)]
pub(crate) struct Transforms {
    defaults: usize,
    values: Vec<f64>,
}

impl Transforms {
    pub(crate) fn push(&mut self, transform: [f64; 6]) {
        let default = GeoTransform::default().to_gdal();
        // By their bits: -0.0 equals 0.0, and is not the same transform to who wrote it.
        if self.values.is_empty() && transform.map(f64::to_bits) == default.map(f64::to_bits) {
            self.defaults += 1;
            return;
        }
        if self.values.is_empty() {
            self.values = default.repeat(self.defaults);
        }
        self.values.extend(transform);
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        if self.values.is_empty() {
            if let Some(kept) = constant::north_up(self.defaults) {
                return Ok(kept);
            }
            self.values = GeoTransform::default().to_gdal().repeat(self.defaults);
        }
        if self.values.len() > MAX_LEN {
            return Err(too_many());
        }
        let offsets = constant::offsets(6, self.values.len() / 6);
        let values = Arc::new(PrimitiveArray::<Float64Type>::from(self.values));
        Ok(Arc::new(ListArray::try_new(Arc::clone(&STORAGE.float64), offsets, values, None)?))
    }
}
