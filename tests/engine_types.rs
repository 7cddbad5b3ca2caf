//! A column in other types has the values that it had, as arrow's own accessors read them.

use std::sync::Arc;

use ndraster::arrow_array::cast::AsArray;
use ndraster::arrow_array::types::{Float64Type, Int64Type, UInt32Type};
use ndraster::arrow_array::{
    Array, ArrayRef, Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray, StructArray,
};
use ndraster::arrow_buffer::{NullBuffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, Field, Fields};
use ndraster_test_support::engine_types::{
    BinaryKind, ItemOrder, KeyType, ListKind, PlainText, TextKind, Types, binaries, texts, with_types,
};
use ndraster_test_support::fixtures;
use ndraster_test_support::random::Random;

/// What stands in a row, whatever its types.
#[derive(Debug, PartialEq)]
enum Value {
    Null,
    Number(String),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Struct(Vec<(String, Value)>),
}

fn value(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    let list = |items: ArrayRef| Value::List(values(&items));
    match array.data_type() {
        DataType::Int64 => Value::Number(array.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::UInt32 => Value::Number(array.as_primitive::<UInt32Type>().value(row).to_string()),
        DataType::Float64 => Value::Number(format!("{:?}", array.as_primitive::<Float64Type>().value(row))),
        DataType::List(_) => list(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(row)),
        DataType::ListView(_) => list(array.as_list_view::<i32>().value(row)),
        DataType::LargeListView(_) => list(array.as_list_view::<i64>().value(row)),
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(array.as_struct().columns());
            Value::Struct(columns.map(|(field, column)| (field.name().clone(), value(column, row))).collect())
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Value::Bytes(binaries(&array.slice(row, 1))[0].unwrap().to_vec())
        }
        // A dictionary may have a null among its values.
        _ => texts(&array.slice(row, 1))[0].map_or(Value::Null, |text| Value::Text(text.to_owned())),
    }
}

fn values(array: &dyn Array) -> Vec<Value> {
    (0..array.len()).map(|row| value(array, row)).collect()
}

/// Returns the raster columns of all of SedonaDB's files.
fn columns() -> Vec<StructArray> {
    let rasters = |batch: &RecordBatch| batch.columns().iter().filter_map(|c| c.as_struct_opt().cloned()).collect();
    let listed = fixtures::MANIFEST["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap());
    let batches = listed.flat_map(fixtures::batches_unchecked);
    let columns: Vec<StructArray> = batches.flat_map(|batch| -> Vec<StructArray> { rasters(&batch) }).collect();
    assert!(columns.len() > 40);
    columns
}

/// Every kind of list with every order, every kind of text and every kind of bytes, each at least once.
fn all_types() -> Vec<Types> {
    let orders = ListKind::ALL.iter().flat_map(|list| ItemOrder::ALL.map(|order| (*list, order)));
    let plain = PlainText::ALL.map(TextKind::Plain).into_iter();
    let dictionaries = KeyType::ALL.into_iter().enumerate();
    let texts = plain.chain(dictionaries.map(|(i, keys)| TextKind::Dictionary(keys, PlainText::ALL[i % 3])));
    let binaries = BinaryKind::ALL.into_iter().cycle();
    let types = orders.zip(texts.cycle()).zip(binaries);
    types.map(|(((list, order), text), binary)| Types { list, order, text, binary }).collect()
}

/// Asserts that a column has the same values in other types, of which arrow says that they are valid. Returns its type.
fn assert_same(column: &StructArray, choose: impl FnMut(&str) -> Types) -> DataType {
    let other = with_types(column, choose);
    other.to_data().validate_full().unwrap();
    assert_eq!(values(&other), values(column), "{}", other.data_type());
    other.data_type().clone()
}

#[test]
fn one_choice_for_all_places_keeps_all_values() {
    for column in columns() {
        for types in all_types() {
            let found = assert_same(&column, |_| types).to_string();
            if let TextKind::Dictionary(keys, _) = types.text {
                assert!(found.contains("Dictionary") || column.is_empty() || keys == KeyType::Int8, "{found}");
            }
        }
    }
}

#[test]
fn a_choice_for_each_place_keeps_all_values_of_slices() {
    let all = all_types();
    let mut random = Random::new(1);
    for column in columns() {
        for _ in 0..20 {
            let start = random.below(column.len() + 1);
            let slice = column.slice(start, random.below(column.len() - start + 1));
            assert_same(&slice, |_| all[random.below(all.len())]);
        }
    }
}

#[test]
fn what_has_other_types_already_takes_others_again() {
    let all = all_types();
    let mut random = Random::new(2);
    for column in columns() {
        let mut other = with_types(&column, |_| all[random.below(all.len())]);
        for _ in 0..3 {
            other = with_types(&other, |_| all[random.below(all.len())]);
            assert_eq!(values(&other), values(&column), "{}", other.data_type());
        }
    }
}

#[test]
fn places_are_asked_for_by_path_from_the_outside_in() {
    let mut asked = Vec::new();
    with_types(&columns()[0], |path| {
        asked.push(path.to_owned());
        Types::default()
    });
    let of_raster = ["crs", "transform", "spatial_dims", "spatial_dims.item", "spatial_shape", "bands"];
    let of_band =
        ["name", "dim_names", "dim_names.item", "source_shape", "nodata", "view", "outdb_uri", "outdb_format"];
    let of_band = of_band.iter().chain(&["data"]).map(|name| format!("bands.band.{name}"));
    assert_eq!(asked, of_raster.iter().map(|name| (*name).to_owned()).chain(of_band).collect::<Vec<_>>());
}

/// A column of one list and one text, with nulls everywhere: of rows, of lists, and among the items.
fn column_of(lists: &[Option<&[Option<i64>]>], texts: &[Option<&str>]) -> StructArray {
    let items: Int64Array = lists.iter().flatten().flat_map(|list| list.iter().copied()).collect();
    let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.map_or(0, <[_]>::len)));
    let nulls: NullBuffer = lists.iter().map(Option::is_some).collect();
    let lists =
        ListArray::new(Arc::new(Field::new("item", DataType::Int64, true)), offsets, Arc::new(items), Some(nulls));
    let texts: StringArray = texts.iter().copied().collect();
    let fields = vec![Field::new("lists", lists.data_type().clone(), true), Field::new("texts", DataType::Utf8, true)];
    StructArray::new(Fields::from(fields), vec![Arc::new(lists), Arc::new(texts)], None)
}

fn of_list(list: ListKind, order: ItemOrder) -> Types {
    Types { list, order, ..Types::default() }
}

#[test]
fn lists_of_one_length_have_a_fixed_size_whatever_the_null_ones_have() {
    let column = column_of(&[Some(&[Some(1), None]), None, Some(&[Some(3), Some(4)])], &[None, Some("b"), None]);
    for rows in [0..3, 1..3, 0..2] {
        let slice = column.slice(rows.start, rows.len());
        let found = assert_same(&slice, |_| of_list(ListKind::FixedSizeList, ItemOrder::Kept));
        assert!(found.to_string().contains("FixedSizeList"), "{found}");
    }
    // Nothing says which length it would be.
    for rows in [1..2, 0..0] {
        let found =
            assert_same(&column.slice(rows.start, rows.len()), |_| of_list(ListKind::FixedSizeList, ItemOrder::Kept));
        assert!(!found.to_string().contains("FixedSizeList"), "{found}");
    }
    let column = column_of(&[Some(&[Some(1), None]), Some(&[Some(3)])], &[None, None]);
    let found = assert_same(&column, |_| of_list(ListKind::FixedSizeList, ItemOrder::Kept));
    assert!(!found.to_string().contains("FixedSizeList"), "{found}");
}

#[test]
fn items_of_list_views_lie_in_the_order_that_is_asked_for() {
    let (a, b): (&[_], &[_]) = (&[Some(1), None], &[Some(3)]);
    let column = column_of(&[Some(a), Some(b), None, Some(a)], &[None; 4]);
    let lists = |order| {
        let other = with_types(&column, |_| of_list(ListKind::ListView, order));
        assert_eq!(values(&other), values(&column));
        other.column(0).as_list_view::<i32>().clone()
    };
    assert_eq!(lists(ItemOrder::Kept).offsets().to_vec(), [0, 2, 3, 3]);
    assert_eq!(lists(ItemOrder::Reversed).offsets().to_vec(), [3, 2, 2, 0]);
    let shared = lists(ItemOrder::Shared);
    assert_eq!((shared.offsets()[0], shared.offsets()[3]), (0, 0));
    assert_eq!(shared.sizes().to_vec(), [2, 1, 0, 2]);
}

#[test]
fn text_with_more_values_than_keys_stays_plain() {
    let texts: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
    let column = column_of(&[None; 200], &texts);
    for (keys, fits) in [(KeyType::Int8, false), (KeyType::UInt8, true), (KeyType::Int16, true)] {
        let types = Types { text: TextKind::Dictionary(keys, PlainText::LargeUtf8), ..Types::default() };
        let other = with_types(&column, |_| types);
        assert_eq!(values(&other), values(&column));
        assert_eq!(other.column(1).as_any_dictionary_opt().is_some(), fits, "{keys:?}");
        assert_eq!(other.column(1).as_any().is::<LargeStringArray>(), !fits, "{keys:?}");
    }
}
