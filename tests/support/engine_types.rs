//! Raster columns in the types that engines make of them: every kind of list, of text and of bytes.
//!
//! The values stay the same. Only arrow's own constructors and collectors make the arrays, no writer of ndraster's.

use std::ops::Range;
use std::sync::Arc;

use arrow_data::transform::MutableArrayData;
use ndraster::arrow_array::builder::StringDictionaryBuilder;
use ndraster::arrow_array::cast::AsArray;
use ndraster::arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use ndraster::arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, FixedSizeListArray, GenericListArray,
    GenericListViewArray, LargeBinaryArray, LargeStringArray, OffsetSizeTrait, StringArray, StringViewArray,
    StructArray, make_array,
};
use ndraster::arrow_buffer::{NullBuffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, Field, FieldRef, Fields};

/// A type of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    List,
    LargeList,
    /// Where all lists that are not null have one length, which is not zero. Else `List`.
    FixedSizeList,
    ListView,
    LargeListView,
}

/// Where the items of a list view lie. The other types have no choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemOrder {
    /// One list after the other, as in the source.
    Kept,
    /// The last list first.
    Reversed,
    /// One list after the other. A list that equals an earlier one has the items of that one.
    Shared,
}

/// A type of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    Plain(PlainText),
    /// Encoded by a dictionary with such keys and values. Plain, if there are more values than keys.
    Dictionary(KeyType, PlainText),
}

/// A type of text that holds its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainText {
    Utf8,
    LargeUtf8,
    Utf8View,
}

/// A type of dictionary keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
}

/// A type of bytes: of payloads and nodata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryKind {
    Binary,
    LargeBinary,
    BinaryView,
    /// Where all values that are not null have one length, which is not zero. Else `Binary`.
    FixedSizeBinary,
}

impl ListKind {
    /// Every kind.
    pub const ALL: [ListKind; 5] =
        [ListKind::List, ListKind::LargeList, ListKind::FixedSizeList, ListKind::ListView, ListKind::LargeListView];
}

impl ItemOrder {
    /// Every order.
    pub const ALL: [ItemOrder; 3] = [ItemOrder::Kept, ItemOrder::Reversed, ItemOrder::Shared];
}

impl PlainText {
    /// Every kind.
    pub const ALL: [PlainText; 3] = [PlainText::Utf8, PlainText::LargeUtf8, PlainText::Utf8View];
}

impl KeyType {
    /// Every type.
    pub const ALL: [KeyType; 8] = [
        KeyType::Int8,
        KeyType::Int16,
        KeyType::Int32,
        KeyType::Int64,
        KeyType::UInt8,
        KeyType::UInt16,
        KeyType::UInt32,
        KeyType::UInt64,
    ];
}

impl BinaryKind {
    /// Every kind.
    pub const ALL: [BinaryKind; 4] =
        [BinaryKind::Binary, BinaryKind::LargeBinary, BinaryKind::BinaryView, BinaryKind::FixedSizeBinary];
}

/// The types of one place in a column: a list, a text or a value of bytes takes the one that concerns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types {
    pub list: ListKind,
    pub order: ItemOrder,
    pub text: TextKind,
    pub binary: BinaryKind,
}

impl Default for Types {
    /// The types that every engine has.
    fn default() -> Self {
        let text = TextKind::Plain(PlainText::Utf8);
        Types { list: ListKind::List, order: ItemOrder::Kept, text, binary: BinaryKind::Binary }
    }
}

/// Returns the column in other types. `choose` is asked once for every list, text and value of bytes, by its path, for
/// example `bands.band.dim_names.item`. What holds others is asked for before them.
///
/// The column may have any types that this makes. It must be valid.
pub fn with_types(column: &StructArray, mut choose: impl FnMut(&str) -> Types) -> StructArray {
    of_struct(column, "", &mut choose)
}

fn of_any(array: &ArrayRef, path: &str, choose: &mut dyn FnMut(&str) -> Types) -> ArrayRef {
    use DataType::*;
    match array.data_type() {
        Struct(_) => Arc::new(of_struct(array.as_struct(), path, choose)),
        List(item) | LargeList(item) | FixedSizeList(item, _) | ListView(item) | LargeListView(item) => {
            of_lists(&Lists::of(array, item), path, choose)
        }
        Utf8 | LargeUtf8 | Utf8View | Dictionary(..) => of_text(&texts(array), choose(path).text),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => match choose(path).binary {
            // So that payloads stay where they are, shared and aligned.
            BinaryKind::BinaryView if array.data_type() == &BinaryView => Arc::clone(array),
            kind => of_binary(&binaries(array), kind),
        },
        _ => Arc::clone(array),
    }
}

fn of_struct(array: &StructArray, path: &str, choose: &mut dyn FnMut(&str) -> Types) -> StructArray {
    let fields = array.fields().iter();
    let (fields, columns): (Vec<FieldRef>, Vec<ArrayRef>) = fields
        .zip(array.columns())
        .map(|(field, column)| {
            let path = if path.is_empty() { field.name().clone() } else { format!("{path}.{}", field.name()) };
            let column = of_any(column, &path, choose);
            (with_type(field, &column), column)
        })
        .unzip();
    let nulls = array.nulls().cloned();
    StructArray::try_new_with_length(Fields::from(fields), columns, nulls, array.len()).unwrap()
}

/// Returns the field of an array. It may be null if the array has nulls, which it had before.
fn with_type(field: &Field, array: &ArrayRef) -> FieldRef {
    let nullable = field.is_nullable() || array.logical_null_count() > 0;
    Arc::new(field.clone().with_data_type(array.data_type().clone()).with_nullable(nullable))
}

/// Lists of any type.
struct Lists<'a> {
    /// Where the items of each list lie, also of a null one.
    ranges: Vec<Range<usize>>,
    nulls: Option<NullBuffer>,
    item: &'a FieldRef,
    items: ArrayRef,
}

impl<'a> Lists<'a> {
    fn of(array: &ArrayRef, item: &'a FieldRef) -> Self {
        fn offsets<O: OffsetSizeTrait>(offsets: &[O]) -> Vec<Range<usize>> {
            offsets.windows(2).map(|pair| pair[0].as_usize()..pair[1].as_usize()).collect()
        }
        fn sizes<O: OffsetSizeTrait>(lists: &GenericListViewArray<O>) -> Vec<Range<usize>> {
            let starts = lists.offsets().iter().zip(lists.sizes());
            starts.map(|(start, size)| start.as_usize()..start.as_usize() + size.as_usize()).collect()
        }
        let (ranges, items) = if let Some(lists) = array.as_list_opt::<i32>() {
            (offsets(lists.offsets()), lists.values())
        } else if let Some(lists) = array.as_list_opt::<i64>() {
            (offsets(lists.offsets()), lists.values())
        } else if let Some(lists) = array.as_list_view_opt::<i32>() {
            (sizes(lists), lists.values())
        } else if let Some(lists) = array.as_list_view_opt::<i64>() {
            (sizes(lists), lists.values())
        } else {
            let lists = array.as_fixed_size_list();
            let size = lists.value_length() as usize;
            ((0..lists.len()).map(|list| list * size..(list + 1) * size).collect(), lists.values())
        };
        Lists { ranges, nulls: array.nulls().cloned(), item, items: Arc::clone(items) }
    }

    fn is_null(&self, list: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(list))
    }

    /// Returns the one length of all lists that are not null, if it is not zero.
    fn one_length(&self) -> Option<usize> {
        let mut lengths = self.ranges.iter().enumerate().filter(|(list, _)| !self.is_null(*list));
        let (_, first) = lengths.next()?;
        (!first.is_empty() && lengths.all(|(_, range)| range.len() == first.len())).then_some(first.len())
    }

    /// Returns the lists with items of their own, in order. A null one has as many as it had, or, if there is one length,
    /// the items of another list.
    fn in_order(&self, length: Option<usize>) -> Self {
        let other =
            self.ranges.iter().enumerate().find(|(list, _)| !self.is_null(*list)).map(|(_, range)| range.clone());
        let range = |(list, range): (usize, &Range<usize>)| match (length, &other) {
            (Some(_), Some(other)) if self.is_null(list) => other.clone(),
            _ => range.clone(),
        };
        self.gathered(self.ranges.iter().enumerate().map(range).collect())
    }

    fn reversed(&self) -> Self {
        let mut lists = self.gathered(self.ranges.iter().rev().cloned().collect());
        lists.ranges.reverse();
        lists
    }

    /// Returns the lists, of which each that equals an earlier one has the items of that one.
    fn shared(&self) -> Self {
        let items = |range: &Range<usize>| self.items.slice(range.start, range.len()).to_data();
        let mut seen: Vec<Range<usize>> = Vec::new();
        let ranges = self.ranges.iter().map(|range| match seen.iter().find(|seen| items(seen) == items(range)) {
            Some(same) => same.clone(),
            None => {
                seen.push(range.clone());
                range.clone()
            }
        });
        Lists { ranges: ranges.collect(), nulls: self.nulls.clone(), item: self.item, items: Arc::clone(&self.items) }
    }

    /// Returns lists of these items, one after the other.
    fn gathered(&self, from: Vec<Range<usize>>) -> Self {
        let items = self.items.to_data();
        let mut gathered = MutableArrayData::new(vec![&items], true, from.iter().map(Range::len).sum());
        let mut ranges = Vec::with_capacity(from.len());
        for range in from {
            let start = gathered.len();
            #[allow(deprecated, reason = "arrow 58 has no other")]
            gathered.extend(0, range.start, range.end);
            ranges.push(start..gathered.len());
        }
        Lists { ranges, nulls: self.nulls.clone(), item: self.item, items: make_array(gathered.freeze()) }
    }

    /// Returns whether each list starts where the one before ends.
    fn are_in_a_row(&self) -> bool {
        self.ranges.windows(2).all(|pair| pair[0].end == pair[1].start)
    }
}

fn of_lists(lists: &Lists<'_>, path: &str, choose: &mut dyn FnMut(&str) -> Types) -> ArrayRef {
    let Types { list: kind, order, .. } = choose(path);
    let length = lists.one_length().filter(|_| kind == ListKind::FixedSizeList);
    let kind = if kind == ListKind::FixedSizeList && length.is_none() { ListKind::List } else { kind };
    let is_view = matches!(kind, ListKind::ListView | ListKind::LargeListView);
    let lists = match order {
        ItemOrder::Reversed if is_view => &lists.reversed(),
        ItemOrder::Shared if is_view => &lists.shared(),
        _ if is_view || length.is_none() && lists.are_in_a_row() => lists,
        _ => &lists.in_order(length),
    };
    let items = of_any(&lists.items, &format!("{path}.{}", lists.item.name()), choose);
    let (field, nulls) = (with_type(lists.item, &items), lists.nulls.clone());
    match (kind, length) {
        (ListKind::FixedSizeList, Some(length)) => {
            Arc::new(FixedSizeListArray::try_new(field, length as i32, items, nulls).unwrap())
        }
        (ListKind::ListView, _) => Arc::new(list_views::<i32>(lists, field, items)),
        (ListKind::LargeListView, _) => Arc::new(list_views::<i64>(lists, field, items)),
        (ListKind::LargeList, _) => Arc::new(offset_lists::<i64>(lists, field, items)),
        _ => Arc::new(offset_lists::<i32>(lists, field, items)),
    }
}

fn offset_lists<O: OffsetSizeTrait>(lists: &Lists<'_>, field: FieldRef, items: ArrayRef) -> GenericListArray<O> {
    let first = lists.ranges.first().map_or(0, |range| range.start);
    let offsets = [first].into_iter().chain(lists.ranges.iter().map(|range| range.end));
    let offsets: Vec<O> = offsets.map(O::usize_as).collect();
    GenericListArray::try_new(field, OffsetBuffer::new(offsets.into()), items, lists.nulls.clone()).unwrap()
}

fn list_views<O: OffsetSizeTrait>(lists: &Lists<'_>, field: FieldRef, items: ArrayRef) -> GenericListViewArray<O> {
    let starts: Vec<O> = lists.ranges.iter().map(|range| O::usize_as(range.start)).collect();
    let sizes: Vec<O> = lists.ranges.iter().map(|range| O::usize_as(range.len())).collect();
    GenericListViewArray::try_new(field, starts.into(), sizes.into(), items, lists.nulls.clone()).unwrap()
}

/// Returns the texts of an array of any kind of text.
pub fn texts(array: &dyn Array) -> Vec<Option<&str>> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        let values = texts(dictionary.values().as_ref());
        let keys = if values.is_empty() { vec![0; array.len()] } else { dictionary.normalized_keys() };
        return keys.iter().enumerate().map(|(i, key)| if array.is_null(i) { None } else { values[*key] }).collect();
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().collect(),
        _ => array.as_string_view().iter().collect(),
    }
}

fn of_text(texts: &[Option<&str>], kind: TextKind) -> ArrayRef {
    match kind {
        TextKind::Plain(kind) => of_plain_text(texts, kind),
        TextKind::Dictionary(keys, values) => {
            let dictionary = match keys {
                KeyType::Int8 => dictionary::<Int8Type>(texts, values),
                KeyType::Int16 => dictionary::<Int16Type>(texts, values),
                KeyType::Int32 => dictionary::<Int32Type>(texts, values),
                KeyType::Int64 => dictionary::<Int64Type>(texts, values),
                KeyType::UInt8 => dictionary::<UInt8Type>(texts, values),
                KeyType::UInt16 => dictionary::<UInt16Type>(texts, values),
                KeyType::UInt32 => dictionary::<UInt32Type>(texts, values),
                KeyType::UInt64 => dictionary::<UInt64Type>(texts, values),
            };
            dictionary.unwrap_or_else(|| of_plain_text(texts, values))
        }
    }
}

fn of_plain_text(texts: &[Option<&str>], kind: PlainText) -> ArrayRef {
    let texts = texts.iter().copied();
    match kind {
        PlainText::Utf8 => Arc::new(texts.collect::<StringArray>()),
        PlainText::LargeUtf8 => Arc::new(texts.collect::<LargeStringArray>()),
        PlainText::Utf8View => Arc::new(texts.collect::<StringViewArray>()),
    }
}

/// Returns `None` if there are more values than keys.
fn dictionary<K: ArrowDictionaryKeyType>(all: &[Option<&str>], kind: PlainText) -> Option<ArrayRef> {
    let mut builder = StringDictionaryBuilder::<K>::new();
    for text in all {
        match text {
            Some(text) => drop(builder.append(text).ok()?),
            None => builder.append_null(),
        }
    }
    let dictionary = builder.finish();
    let values = of_plain_text(&texts(dictionary.values()), kind);
    Some(Arc::new(dictionary.with_values(values)))
}

/// Returns the values of an array of any kind of bytes.
pub fn binaries(array: &dyn Array) -> Vec<Option<&[u8]>> {
    match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().iter().collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().collect(),
        DataType::BinaryView => array.as_binary_view().iter().collect(),
        _ => array.as_fixed_size_binary().iter().collect(),
    }
}

fn of_binary(values: &[Option<&[u8]>], kind: BinaryKind) -> ArrayRef {
    let mut lengths = values.iter().flatten().map(|value| value.len());
    let length = lengths.next().filter(|first| *first > 0 && lengths.all(|length| length == *first));
    let iter = values.iter().copied();
    match (kind, length) {
        (BinaryKind::FixedSizeBinary, Some(length)) => {
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(iter, length as i32).unwrap())
        }
        (BinaryKind::LargeBinary, _) => Arc::new(iter.collect::<LargeBinaryArray>()),
        (BinaryKind::BinaryView, _) => Arc::new(iter.collect::<BinaryViewArray>()),
        _ => Arc::new(iter.collect::<BinaryArray>()),
    }
}
