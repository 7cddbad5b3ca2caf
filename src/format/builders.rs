//! Builds the columns of a raster array, one value at a time.
//!
//! As long as a column holds only nulls, or only one repeated value, its builder only counts. Then `finish` takes a
//! cached column or repeats the value once, and nothing is stored row by row.

use std::sync::Arc;

use arrow_array::builder::{GenericByteBuilder, StringBuilder};
use arrow_array::types::{ByteArrayType, Float64Type, Int64Type, UInt32Type};
use arrow_array::{ArrayRef, ListArray, PrimitiveArray, StringViewArray, StructArray};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::FieldRef;

use crate::error::{Error, Result, error};
use crate::format::defaults;
use crate::format::payload::{MAX_INLINE, inline_view, outer_view};
use crate::format::schema::STORAGE;
use crate::geo::GeoTransform;
use crate::limits::MAX_LEN;
use crate::pixel::PixelType;
use crate::view::View;

/// Builds list offsets.
#[derive(Default)]
pub(crate) struct OffsetsBuilder {
    count: usize,
    /// The length of every list, as long as all are equal.
    each: usize,
    /// The end of each list, as soon as the lengths differ.
    ends: Vec<i32>,
    total: usize,
}

impl OffsetsBuilder {
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
            return defaults::offsets(self.each, self.count);
        }
        OffsetBuffer::new(std::iter::once(0).chain(self.ends).collect())
    }
}

#[cold]
fn too_many() -> Error {
    error!(TooLarge, "a column holds at most {MAX_LEN} list items or bytes of text: make several columns")
}

/// Builds a column of lists of extents.
#[derive(Default)]
pub(crate) struct ExtentListBuilder {
    offsets: OffsetsBuilder,
    values: Vec<i64>,
}

impl ExtentListBuilder {
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
    pub(crate) fn push(&mut self, list: Option<&[&str]>) {
        match list {
            None if self.runs.is_empty() => self.only_default += 1,
            list => self.push_list(list.unwrap_or(self.default)),
        }
    }

    fn push_list(&mut self, list: &[&str]) {
        if self.runs.is_empty() {
            if list == self.default {
                self.only_default += 1;
                return;
            }
            self.start(self.default, self.only_default);
        }
        match self.runs.last_mut() {
            Some((last, count)) if last.iter().map(|item| &**item).eq(list.iter().copied()) => *count += 1,
            _ => self.start(list, 1),
        }
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
        self.runs.iter().flat_map(|(list, count)| std::iter::repeat_n(list, *count).flatten().map(|item| &**item))
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
        let bytes: usize = self.items().map(str::len).sum();
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
        let mut values = TextViewBuilder::default();
        self.items().try_for_each(|item| values.push(Some(item)))?;
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

    /// Returns the column. Calls `nulls` with its length if it holds nothing but nulls.
    pub(crate) fn finish(self, nulls: impl FnOnce(usize) -> ArrayRef) -> ArrayRef {
        match self.builder {
            None => nulls(self.nulls),
            Some(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// Builds a nullable `Utf8View` column. Stores a text only once if it repeats the one before it.
#[derive(Default)]
pub(crate) struct TextViewBuilder {
    /// The number of nulls before the first text.
    nulls: usize,
    views: Vec<u128>,
    valid: Option<NullBufferBuilder>,
    bytes: Vec<u8>,
    last: Option<(usize, usize)>,
}

impl TextViewBuilder {
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
            // Appending even zero nulls would allocate a bitmap.
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
            return Ok(defaults::null_utf8_view(self.nulls));
        };
        let buffers = if self.bytes.is_empty() { vec![] } else { vec![Buffer::from_vec(self.bytes)] };
        Ok(Arc::new(StringViewArray::try_new(self.views.into(), buffers, valid.finish())?))
    }
}

/// Builds the column of views, with null for an identity view.
#[derive(Default)]
pub(crate) struct ViewListBuilder {
    /// The number of identity views before the first other view.
    identities: usize,
    others: Option<ViewEntryBuilder>,
}

struct ViewEntryBuilder {
    offsets: OffsetsBuilder,
    columns: [Vec<i64>; 4],
    valid: NullBufferBuilder,
}

impl ViewListBuilder {
    /// Appends a view. `None` stands for the identity, which is stored as null.
    pub(crate) fn push(&mut self, view: Option<&View>) -> Result<()> {
        let view = view.filter(|view| !view.is_identity());
        match (&mut self.others, view) {
            (None, None) => {
                self.identities += 1;
                Ok(())
            }
            (Some(others), view) => others.push(view),
            (None, view) => self.others.insert(ViewEntryBuilder::after(self.identities)?).push(view),
        }
    }

    pub(crate) fn finish(self) -> Result<ArrayRef> {
        match self.others {
            None => Ok(defaults::null_view(self.identities)),
            Some(others) => others.finish(),
        }
    }
}

impl ViewEntryBuilder {
    fn after(identities: usize) -> Result<Self> {
        let mut valid = NullBufferBuilder::new(identities + 1);
        valid.append_n_nulls(identities);
        let mut offsets = OffsetsBuilder::default();
        (0..identities).try_for_each(|_| offsets.push(0))?;
        Ok(ViewEntryBuilder { offsets, columns: Default::default(), valid })
    }

    fn push(&mut self, view: Option<&View>) -> Result<()> {
        let Some(view) = view else {
            self.valid.append_null();
            return self.offsets.push(0);
        };
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

/// Builds the column of pixel types. Only counts while all are the same.
#[derive(Default)]
pub(crate) struct PixelTypeBuilder {
    first: Option<PixelType>,
    count: usize,
    ids: Vec<u32>,
}

impl PixelTypeBuilder {
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
            if let Some(kept) = defaults::data_type(only, self.count) {
                return kept;
            }
            self.ids = vec![only.id(); self.count];
        }
        Arc::new(PrimitiveArray::<UInt32Type>::from(self.ids))
    }
}

/// Builds the column of transforms. Only counts while all are the default.
#[derive(Default)]
pub(crate) struct TransformBuilder {
    defaults: usize,
    values: Vec<f64>,
}

impl TransformBuilder {
    pub(crate) fn push(&mut self, transform: [f64; 6]) {
        let default = GeoTransform::default().to_gdal();
        // Compares bits, because -0.0 equals 0.0 and must be stored as it was given.
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
            if let Some(kept) = defaults::north_up(self.defaults) {
                return Ok(kept);
            }
            self.values = GeoTransform::default().to_gdal().repeat(self.defaults);
        }
        if self.values.len() > MAX_LEN {
            return Err(too_many());
        }
        let offsets = defaults::offsets(6, self.values.len() / 6);
        let values = Arc::new(PrimitiveArray::<Float64Type>::from(self.values));
        Ok(Arc::new(ListArray::try_new(Arc::clone(&STORAGE.float64), offsets, values, None)?))
    }
}
