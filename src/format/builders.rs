//! Builds the columns of a raster array, one value at a time.
//!
//! As long as a column holds only nulls, or only one repeated value, its builder only counts. Then `finish` takes a
//! cached column or repeats the value once, and nothing is stored row by row.

use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::types::{Float64Type, Int64Type, UInt32Type};
use arrow_array::{ArrayRef, ListArray, PrimitiveArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer};

use crate::error::{Error, Result, error};
use crate::format::defaults;
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

    /// Appends `count` lists of the same length.
    pub(crate) fn push_many(&mut self, len: usize, count: usize) -> Result<()> {
        if !self.ends.is_empty() || (self.count > 0 && len != self.each) {
            return (0..count).try_for_each(|_| self.push(len));
        }
        let total = len.checked_mul(count).and_then(|items| items.checked_add(self.total));
        self.total = total.filter(|total| *total <= MAX_LEN).ok_or_else(too_many)?;
        self.each = len;
        self.count += count;
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
pub(super) fn too_many() -> Error {
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
        self.push_many(extents, 1)
    }

    /// Makes room for so many more lists of two extents.
    pub(crate) fn reserve(&mut self, lists: usize) {
        self.values.reserve(lists.saturating_mul(2));
    }

    /// Appends the same extents `count` times.
    pub(crate) fn push_many(&mut self, extents: &[usize], count: usize) -> Result<()> {
        self.offsets.push_many(extents.len(), count)?;
        if let Some(extent) = extents.iter().find(|extent| i64::try_from(**extent).is_err()) {
            return Err(error!(TooLarge, "an extent of {extent} is beyond {}, which Arrow counts to", i64::MAX));
        }
        self.values.reserve(extents.len() * count);
        (0..count).for_each(|_| self.values.extend(extents.iter().map(|extent| *extent as i64)));
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<ArrayRef> {
        let values = Arc::new(PrimitiveArray::<Int64Type>::from(self.values));
        Ok(Arc::new(ListArray::try_new(Arc::clone(&STORAGE.int64), self.offsets.finish(), values, None)?))
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

    /// Appends `count` identity views.
    pub(crate) fn push_identities(&mut self, count: usize) -> Result<()> {
        match &mut self.others {
            None => {
                self.identities += count;
                Ok(())
            }
            Some(others) => (0..count).try_for_each(|_| others.push(None)),
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
        self.push_many(pixel_type, 1);
    }

    /// Appends the same pixel type `count` times.
    #[inline]
    pub(crate) fn push_many(&mut self, pixel_type: PixelType, count: usize) {
        let first = *self.first.get_or_insert(pixel_type);
        if self.ids.is_empty() && first == pixel_type {
            self.count += count;
            return;
        }
        self.ids.resize(self.ids.len().max(self.count), first.id());
        self.ids.extend(repeat_n(pixel_type.id(), count));
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
