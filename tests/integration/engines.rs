//! Columns as Polars, pyarrow and DuckDB hand them out, with other types of lists, text and bytes than SedonaDB's.

use std::fs::File;

use arrow_ipc::reader::FileReader;
use ndraster::arrow_array::cast::AsArray;
use ndraster::arrow_array::{Array, RecordBatch};
use ndraster::arrow_schema::extension::ExtensionType;
use ndraster::{ErrorKind, Raster, RasterArray, RasterArrayBuilder, RasterRef, RasterType, Result};
use ndraster_test_support::engine_types::{
    BinaryKind, ItemOrder, KeyType, ListKind, PlainText, TextKind, Types, with_types,
};
use ndraster_test_support::fixtures::engines;
use ndraster_test_support::manifest::{check_rows, for_every_column};
use ndraster_test_support::readers::{failures_of_column, failures_of_row};
use serde_json::Value;

/// Calls `check` with the name of each file, its only batch, and its rows in the manifest.
fn for_each_file(mut check: impl FnMut(&str, &RecordBatch, &[Value])) {
    let (manifest, path) = engines();
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 20);
    for file in files {
        let name = file["file"].as_str().unwrap();
        let mut batches = FileReader::try_new(File::open(path(name)).unwrap(), None).unwrap();
        check(name, &batches.next().unwrap().unwrap(), file["rows"].as_array().unwrap());
    }
}

#[test]
fn every_file_of_another_engine_reads_as_its_manifest_says() {
    for_each_file(|file, batch, rows| {
        let column = RasterArray::from_batch(batch, "raster").unwrap_or_else(|e| panic!("{file}: {e}"));
        check_rows(file, &column, rows);
        assert!(RasterType.supports_data_type(batch.column(0).data_type()).is_ok(), "{file}");
        for offset in 0..rows.len() {
            for len in [0, 1, rows.len() - offset] {
                let sliced = RasterArray::try_from(batch.column(0).slice(offset, len)).unwrap();
                check_rows(file, &sliced, &rows[offset..offset + len]);
            }
        }
    });
}

#[test]
fn readers_say_the_same_of_every_type() {
    let mut canonical = None;
    for_each_file(|file, batch, rows| {
        // The first file has SedonaDB's types. Files of other rows have two rows more, or one less.
        if rows.len() != 6 {
            return;
        }
        let column = RasterArray::try_from(batch.column(0)).unwrap();
        let of_row = |raster: RasterRef<'_>| [failures_of_row(&raster, 0), failures_of_row(&raster, 1)];
        let of_rows: Vec<_> = column.iter().map(|raster| raster.map(of_row)).collect();
        let found = (of_rows, failures_of_column(&column));
        assert_eq!(found, *canonical.get_or_insert_with(|| found.clone()), "{file}");
    });
}

#[test]
fn the_types_of_every_engine_become_those_of_sedonadb() {
    let same = |file: &str, column: &RasterArray, rows: &[Value]| {
        assert_eq!(*column.as_struct_array().data_type(), RasterType::storage_type(), "{file}");
        column.as_struct_array().to_data().validate_full().unwrap_or_else(|e| panic!("{file}: {e}"));
        check_rows(file, column, rows);
    };
    for_each_file(|file, batch, rows| {
        let column = RasterArray::from_batch(batch, "raster").unwrap();
        same(file, &column.to_canonical().unwrap(), rows);
        same(file, &column.to_compact().unwrap(), rows);
        let mut builder = RasterArrayBuilder::new();
        column.iter().for_each(|raster| builder.append(raster).unwrap());
        same(file, &builder.finish().unwrap(), rows);
        let owned = column.iter().map(|raster| raster.map(|raster| raster.to_raster().unwrap()));
        same(file, &owned.collect::<Vec<Option<Raster>>>().into_iter().collect(), rows);
        let offset = column.to_offset_types().unwrap();
        assert_eq!(*offset.as_struct_array().data_type(), RasterType::offset_storage_type(), "{file}");
        check_rows(file, &offset, rows);
        let aligned = column.to_aligned().unwrap();
        check_rows(file, &aligned, rows);
        for band in aligned.iter().flatten().flat_map(|raster| raster.bands().map(Result::unwrap).collect::<Vec<_>>()) {
            let is_never_aligned =
                band.pixel_type().size() == 8 && band.source_data().is_ok_and(|bytes| bytes.len() <= 12);
            assert!(!band.is_loaded() || is_never_aligned || band.as_any_view().is_ok(), "{file}: {band:?}");
        }
        for offset in 0..rows.len() {
            let sliced = RasterArray::try_from(batch.column(0).slice(offset, 1)).unwrap();
            same(file, &sliced.to_canonical().unwrap(), &rows[offset..=offset]);
        }
    });
}

#[test]
fn payloads_of_other_types_are_borrowed_in_place() {
    for_each_file(|file, batch, _| {
        let column = RasterArray::from_batch(batch, "raster").unwrap();
        let canonical = column.to_canonical().unwrap();
        for (raster, other) in column.iter().flatten().zip(canonical.iter().flatten()) {
            for (band, other) in raster.bands().zip(other.bands()) {
                let (payload, other) = (band.unwrap().source_data(), other.unwrap().source_data());
                let (Ok(payload), Ok(other)) = (payload, other) else { continue };
                assert!(payload.len() <= 12 || payload.as_ptr() == other.as_ptr(), "{file}");
            }
        }
    });
}

/// Chooses the types of a place in a column, by its path.
type Choice = Box<dyn Fn(&str) -> Types>;

/// Every choice of types at least once, one for all places of a column; then mixtures, one type a place.
fn choices() -> Vec<Choice> {
    let texts = PlainText::ALL.map(TextKind::Plain).into_iter();
    let encoded = KeyType::ALL.into_iter().zip(PlainText::ALL.into_iter().cycle());
    let texts: Vec<TextKind> = texts.chain(encoded.map(|(key, text)| TextKind::Dictionary(key, text))).collect();
    let of_all = |number: usize| Types {
        list: ListKind::ALL[number % 5],
        order: ItemOrder::ALL[number / 5 % 3],
        text: texts[number % texts.len()],
        binary: BinaryKind::ALL[number % 4],
    };
    let all = (0..15).map(|number| {
        let types = of_all(number);
        Box::new(move |_: &str| types) as Choice
    });
    let types: Vec<Types> = (0..165).map(of_all).collect();
    let mixed = (0..12usize).map(|seed| {
        let types = types.clone();
        let number = move |path: &str| path.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31) + usize::from(byte));
        Box::new(move |path: &str| types[number(path) % types.len()]) as Choice
    });
    all.chain(mixed).collect()
}

#[test]
fn every_file_of_sedonadb_reads_in_every_type_and_back() {
    for (number, choose) in choices().iter().enumerate() {
        for_every_column(|file, name, batches, expected| {
            let mut first = 0;
            for batch in batches {
                let rows = &expected[first..first + batch.num_rows()];
                first += rows.len();
                let source = batch.column_by_name(name).unwrap().as_struct();
                let file = format!("{file} in types {number}");
                let other = RasterArray::try_from(with_types(source, choose)).unwrap_or_else(|e| panic!("{file}: {e}"));
                check_rows(&file, &other, rows);
                let back = other.to_canonical().unwrap_or_else(|e| panic!("{file}: {e}"));
                assert_eq!(*back.as_struct_array().data_type(), RasterType::storage_type(), "{file}");
                back.as_struct_array().to_data().validate_full().unwrap_or_else(|e| panic!("{file}: {e}"));
                check_rows(&file, &back, rows);
            }
        });
    }
}

#[test]
fn types_of_another_meaning_are_refused() -> Result<()> {
    use ndraster::arrow_schema::DataType::{Dictionary, Int32, RunEndEncoded, UInt32, Utf8};
    use ndraster::arrow_schema::{DataType, Field, Fields};
    let with = |position: usize, data_type: DataType| {
        let DataType::Struct(fields) = RasterType::storage_type() else { unreachable!() };
        let change = |(i, field): (usize, &std::sync::Arc<Field>)| {
            if i == position {
                field.as_ref().clone().with_data_type(data_type.clone())
            } else {
                field.as_ref().clone()
            }
        };
        DataType::Struct(fields.iter().enumerate().map(change).collect::<Fields>())
    };
    let message = |position, data_type| {
        let error = RasterType::try_from(&with(position, data_type)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        error.to_string()
    };
    let dictionary = |values| Dictionary(Box::new(Int32), Box::new(values));
    assert!(RasterType::try_from(&with(0, dictionary(Utf8))).is_ok());
    assert_eq!(message(0, dictionary(UInt32)), "crs: expected Utf8View, found Dictionary");
    assert_eq!(message(0, dictionary(dictionary(Utf8))), "crs: expected Utf8View, found Dictionary");
    assert_eq!(message(0, DataType::Binary), "crs: expected Utf8View, found Binary");
    assert_eq!(message(1, dictionary(Utf8)), "transform: expected List, found Dictionary");
    let run_ends = std::sync::Arc::new(Field::new("run_ends", Int32, false));
    let runs = RunEndEncoded(run_ends, std::sync::Arc::new(Field::new("values", Utf8, true)));
    assert_eq!(message(0, runs), "crs: expected Utf8View, found RunEndEncoded");
    Ok(())
}
