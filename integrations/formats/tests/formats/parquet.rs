//! Every file of SedonaDB's reads equal out of a Parquet file, with Arrow's schema in it and without.

use arrow_array::{Array, RecordBatch};
use ndraster::{RasterArray, RasterType};
use ndraster_formats::folder;
use ndraster_test_support::manifest::every_column_survives;
use parquet::arrow::arrow_writer::ArrowWriterOptions;

#[path = "../../examples/parquet.rs"]
#[allow(dead_code, reason = "its `main` is not run")]
mod example;

#[test]
fn the_example_runs() {
    example::run(&folder("test-parquet").unwrap()).unwrap();
}

/// Writes every batch of every file as a Parquet file and reads it back.
fn every_file(name: &str, as_foreign: bool, mut check: impl FnMut(&str, &RasterArray, &RecordBatch)) {
    let path = folder("test-parquet").unwrap().join(name);
    every_column_survives(|file, name, batches| {
        let mut back = Vec::new();
        for batch in &batches {
            let column = RasterArray::from_batch(batch, name).unwrap();
            let options = ArrowWriterOptions::new().with_skip_arrow_metadata(as_foreign);
            example::write(&path, &column, options).unwrap();
            let mut rows = 0;
            for batch in example::read(&path).unwrap() {
                check(file, &column, &batch);
                let read = RasterArray::from_batch(&batch, "rast").unwrap_or_else(|e| panic!("{file}: {e}"));
                rows += read.len();
                back.push(read);
            }
            assert_eq!(rows, column.len(), "{file}");
        }
        back
    });
}

#[test]
fn every_file_reads_equal_out_of_parquet_with_arrows_schema() {
    every_file("own.parquet", false, |file, before, after| {
        assert_eq!(after.schema_ref().field(0), &before.field("rast"), "{file}");
    });
}

#[test]
fn every_file_reads_equal_out_of_parquet_without_arrows_schema() {
    every_file("other.parquet", true, |file, before, after| {
        let found = after.schema_ref().field(0);
        assert!(!found.data_type().to_string().contains("View"), "{file}: {found}");
        assert_ne!(found.data_type(), before.as_struct_array().data_type(), "{file}");
        assert_eq!(found.extension_type_name(), None, "{file}");
        let column = RasterArray::from_batch(after, "rast").unwrap_or_else(|e| panic!("{file}: {e}"));
        let canonical = column.to_canonical().unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(canonical.as_struct_array().data_type(), &RasterType::storage_type(), "{file}");
    });
}

#[test]
fn payloads_that_parquet_misaligns_are_borrowed_once_aligned() {
    let mut misaligned = 0;
    every_file("aligned.parquet", false, |file, _, after| {
        let after = RasterArray::from_batch(after, "rast").unwrap();
        let aligned = after.to_aligned().unwrap();
        for (was, is) in after.iter().flatten().zip(aligned.iter().flatten()) {
            for (was, is) in was.bands().zip(is.bands()) {
                let (was, is) = (was.unwrap(), is.unwrap());
                let size = is.pixel_type().size();
                let Ok(payload) = is.source_data() else { continue };
                if payload.len() > 12 {
                    assert!(payload.as_ptr().addr().is_multiple_of(size), "{file}: {is:?}");
                    misaligned += usize::from(!was.source_data().unwrap().as_ptr().addr().is_multiple_of(size));
                }
            }
        }
    });
    assert!(misaligned > 10, "{misaligned} payloads came misaligned out of Parquet");
}
