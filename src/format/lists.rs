//! Reads list columns of any of Arrow's five list types.
//!
//! Writers differ in them: Polars and pyarrow make large lists, DuckDB makes list views. All say the same: which values
//! belong to a list.

use std::ops::Range;

use arrow_array::types::Int64Type;
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, Int64Array, LargeListArray, LargeListViewArray, ListArray, ListViewArray,
    StructArray,
};
use arrow_buffer::{ArrowNativeType, NullBuffer};

use crate::error::{Error, Result, error};
use crate::format::values::{all_null, any_null, child, column, downcast, is_null, none_null, null, values};
use crate::view::ViewEntry;

/// A list column. Its readers get the range of each list and read the values themselves.
#[derive(Clone, Copy)]
pub(crate) enum ListColumn<'a> {
    List(&'a ListArray),
    LargeList(&'a LargeListArray),
    FixedSizeList(&'a FixedSizeListArray),
    ListView(&'a ListViewArray),
    LargeListView(&'a LargeListViewArray),
}

impl<'a> ListColumn<'a> {
    #[inline]
    pub(crate) fn new(parent: &'a StructArray, position: usize, what: &str) -> Result<Self> {
        let array = child(parent, position, what)?;
        let any = array.as_ref().as_any();
        if let Some(lists) = any.downcast_ref() {
            return Ok(ListColumn::List(lists));
        }
        if let Some(lists) = any.downcast_ref() {
            return Ok(ListColumn::LargeList(lists));
        }
        if let Some(lists) = any.downcast_ref() {
            return Ok(ListColumn::FixedSizeList(lists));
        }
        if let Some(lists) = any.downcast_ref() {
            return Ok(ListColumn::ListView(lists));
        }
        downcast(array, what).map(ListColumn::LargeListView)
    }

    #[inline]
    fn nulls(self) -> Option<&'a NullBuffer> {
        match self {
            ListColumn::List(lists) => lists.nulls(),
            other => other.nulls_of_other(),
        }
    }

    #[inline(never)]
    fn nulls_of_other(self) -> Option<&'a NullBuffer> {
        match self {
            ListColumn::List(lists) => lists.nulls(),
            ListColumn::LargeList(lists) => lists.nulls(),
            ListColumn::FixedSizeList(lists) => lists.nulls(),
            ListColumn::ListView(lists) => lists.nulls(),
            ListColumn::LargeListView(lists) => lists.nulls(),
        }
    }

    fn len(self) -> usize {
        match self {
            ListColumn::List(lists) => lists.len(),
            ListColumn::LargeList(lists) => lists.len(),
            ListColumn::FixedSizeList(lists) => lists.len(),
            ListColumn::ListView(lists) => lists.len(),
            ListColumn::LargeListView(lists) => lists.len(),
        }
    }

    #[inline]
    pub(crate) fn is_null(self, index: usize) -> bool {
        is_null(self.nulls(), index)
    }

    /// Returns whether the numbers of the lists are as many as the array says, and its values as many as lists of a fixed size
    /// need. Else arrow would panic where it slices the array.
    pub(crate) fn is_whole(self) -> bool {
        let len = self.len();
        match self {
            ListColumn::List(lists) => lists.value_offsets().len() > len,
            ListColumn::LargeList(lists) => lists.value_offsets().len() > len,
            ListColumn::ListView(lists) => lists.value_offsets().len() == len && lists.value_sizes().len() == len,
            ListColumn::LargeListView(lists) => lists.value_offsets().len() == len && lists.value_sizes().len() == len,
            ListColumn::FixedSizeList(lists) => {
                let size = usize::try_from(lists.value_length()).ok();
                size.and_then(|size| size.checked_mul(len)).is_some_and(|items| items <= lists.values().len())
            }
        }
    }

    /// Returns the range of the values of list `index`, or `None` if the list is null.
    ///
    /// The reader of the values must check that there are so many.
    #[inline]
    pub(crate) fn range(self, index: usize, what: &str) -> Result<Option<Range<usize>>> {
        if self.is_null(index) {
            return Ok(None);
        }
        self.stored(index).map(Some).ok_or_else(|| broken_offsets(what))
    }

    /// Returns the range of the values of list `index`. Refuses a null list.
    #[inline]
    pub(crate) fn required(self, index: usize, what: &str) -> Result<Range<usize>> {
        self.range(index, what)?.ok_or_else(|| null(what))
    }

    /// Returns the range that is stored for list `index`, also of a null list, or `None` if it is missing, negative, or
    /// runs backwards.
    #[inline]
    fn stored(self, index: usize) -> Option<Range<usize>> {
        match self {
            ListColumn::List(lists) => between(lists.value_offsets(), index),
            other => other.stored_of_other(index),
        }
    }

    /// Apart from the usual type, which is so inlined.
    #[inline(never)]
    fn stored_of_other(self, index: usize) -> Option<Range<usize>> {
        match self {
            ListColumn::List(lists) => between(lists.value_offsets(), index),
            ListColumn::LargeList(lists) => between(lists.value_offsets(), index),
            ListColumn::FixedSizeList(lists) => {
                let size = usize::try_from(lists.value_length()).ok()?;
                let start = index.checked_mul(size)?;
                Some(start..start.checked_add(size)?)
            }
            ListColumn::ListView(lists) => from_start(lists.value_offsets(), lists.value_sizes(), index),
            ListColumn::LargeListView(lists) => from_start(lists.value_offsets(), lists.value_sizes(), index),
        }
    }

    pub(crate) fn values(self) -> &'a ArrayRef {
        match self {
            ListColumn::List(lists) => lists.values(),
            ListColumn::LargeList(lists) => lists.values(),
            ListColumn::FixedSizeList(lists) => lists.values(),
            ListColumn::ListView(lists) => lists.values(),
            ListColumn::LargeListView(lists) => lists.values(),
        }
    }

    /// Returns whether the type allows two lists to have the same values.
    pub(crate) fn may_share_values(self) -> bool {
        matches!(self, ListColumn::ListView(_) | ListColumn::LargeListView(_))
    }

    /// Returns the items of some lists, if all have as many and stand one after the other, or `None`. Knows the usual type only.
    pub(crate) fn steady(self, lists: &Range<usize>) -> Option<Steady> {
        let ListColumn::List(array) = self else { return None };
        let offsets = array.value_offsets().get(lists.start..=lists.end)?;
        none_null(array.nulls(), lists).then(|| Steady::of(offsets)).flatten()
    }

    /// Measures some of the lists, null ones too. A list that is missing or whose range is broken counts as empty.
    pub(crate) fn extent(self, lists: Range<usize>) -> ListExtent {
        let mut extent = ListExtent::default();
        // The range may be what a list claims.
        let lists = lists.start..lists.end.min(self.len());
        for range in lists.filter_map(|index| self.stored(index)).filter(|range| !range.is_empty()) {
            let span = &extent.span;
            let first = if span.is_empty() { range.start } else { span.start.min(range.start) };
            extent = ListExtent {
                longest: extent.longest.max(range.len()),
                total: extent.total.saturating_add(range.len()),
                span: first..span.end.max(range.end),
            };
        }
        extent
    }
}

/// How large some lists are.
#[derive(Default)]
pub(crate) struct ListExtent {
    /// The length of the longest one.
    pub(crate) longest: usize,
    /// Their lengths together. Values that lists share count for each.
    pub(crate) total: usize,
    /// The range from their first value to their last one.
    pub(crate) span: Range<usize>,
}

/// Lists of the same length, one after the other.
pub(crate) struct Steady {
    /// The length of each list.
    pub(crate) each: usize,
    /// The items of all lists.
    pub(crate) items: Range<usize>,
}

impl Steady {
    /// Looks at the offsets of one list or more.
    pub(crate) fn of(offsets: &[i32]) -> Option<Self> {
        let &[first, second, ..] = offsets else { return None };
        let each = second.checked_sub(first).filter(|each| *each >= 0 && first >= 0)?;
        let lists = i64::try_from(offsets.len()).ok()? - 1;
        // The last end fits, so the differences before it do not wrap around.
        let end = i32::try_from(i64::from(each).checked_mul(lists)?.checked_add(first.into())?).ok()?;
        // Without an exit, so that several offsets are compared at once.
        let pairs = offsets.iter().zip(offsets.get(1..)?);
        let wrong = pairs.fold(0, |wrong, (start, end)| wrong | (end.wrapping_sub(*start) ^ each));
        (wrong == 0).then_some(Steady { each: each as usize, items: first as usize..end as usize })
    }
}

/// Returns the range between two offsets.
#[inline]
fn between<O: ArrowNativeType>(offsets: &[O], index: usize) -> Option<Range<usize>> {
    let at = |i: usize| offsets.get(i).and_then(|offset| offset.to_usize());
    let (start, end) = (at(index)?, at(index.checked_add(1)?)?);
    (start <= end).then_some(start..end)
}

/// Returns the range that an offset and a size say.
#[inline]
fn from_start<O: ArrowNativeType>(offsets: &[O], sizes: &[O], index: usize) -> Option<Range<usize>> {
    let at = |numbers: &[O]| numbers.get(index).and_then(|number| number.to_usize());
    let (start, size) = (at(offsets)?, at(sizes)?);
    Some(start..start.checked_add(size)?)
}

#[cold]
pub(crate) fn broken_offsets(what: &str) -> Error {
    error!(Malformed, "{what}: its list offsets are missing, run backwards or point outside of its values")
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

    /// Returns list `index`. Refuses a null list, a null item, and more than `most` items, of which it looks at none.
    #[inline]
    pub(crate) fn get(self, index: usize, most: usize, what: &str) -> Result<&'a [i64]> {
        let range = self.lists.required(index, what)?;
        if range.len() > most {
            return Err(too_many(range.len(), most, what));
        }
        values(self.values, range, what)
    }

    /// Returns the two items that each of some lists has, if all have the same ones.
    pub(crate) fn repeated_pair(self, lists: &Range<usize>) -> Option<[i64; 2]> {
        let Steady { each: 2, items } = self.lists.steady(lists)? else { return None };
        let (pairs, _) = self.values.values().get(items.clone())?.as_chunks::<2>();
        let &[a, b] = pairs.first()?;
        let [wrong_a, wrong_b] = pairs.iter().fold([0; 2], |[u, v], [x, y]| [u | (x ^ a), v | (y ^ b)]);
        (wrong_a == 0 && wrong_b == 0 && none_null(self.values.nulls(), &items)).then_some([a, b])
    }
}

#[cold]
fn too_many(found: usize, most: usize, what: &str) -> Error {
    error!(Malformed, "{what}: {found} axes are more than {most}")
}

/// The column of views: lists of entries, in which null stands for the identity view.
#[derive(Clone, Copy)]
pub(crate) struct ViewColumn<'a>(ListColumn<'a>);

impl<'a> ViewColumn<'a> {
    pub(crate) fn new(parent: &'a StructArray, position: usize) -> Result<Self> {
        ListColumn::new(parent, position, "view").map(ViewColumn)
    }

    #[inline]
    pub(crate) fn is_null(self, index: usize) -> bool {
        self.0.is_null(index)
    }

    /// Returns whether all of some views are null.
    pub(crate) fn are_null(self, views: &Range<usize>) -> bool {
        all_null(self.0.nulls(), views)
    }

    /// Returns the entries of view `index` of a band of `ndim` axes, or `None` if the view is null. Refuses another
    /// number of entries, of which it looks at none, null entries, and null numbers.
    #[inline]
    pub(crate) fn get(self, index: usize, ndim: usize) -> Result<Option<ViewEntryColumns<'a>>> {
        let Some(range) = self.0.range(index, "view")? else { return Ok(None) };
        if range.len() != ndim {
            let found = range.len();
            return Err(error!(Malformed, "view: expected one entry for each of {ndim} axes, found {found}"));
        }
        let entries: &StructArray = downcast(self.0.values(), "view")?;
        if any_null(entries.nulls(), range.clone()) {
            return Err(error!(Malformed, "view: an entry is null"));
        }
        let names = ["view.source_axis", "view.start", "view.step", "view.steps"];
        let mut columns = [[].as_slice(); 4];
        for (position, (slot, name)) in columns.iter_mut().zip(names).enumerate() {
            *slot = values::<Int64Type>(column(entries, position, name)?, range.clone(), name)?;
        }
        Ok(Some(ViewEntryColumns(columns)))
    }
}

/// The four columns of view entries, for the entries of one view.
pub(crate) struct ViewEntryColumns<'a>([&'a [i64]; 4]);

impl ViewEntryColumns<'_> {
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
