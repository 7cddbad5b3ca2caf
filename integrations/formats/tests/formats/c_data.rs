//! Every file of SedonaDB's reads equal over the C Data Interface, and no payload is copied.

use std::collections::HashMap;

use arrow_array::Array;
use arrow_schema::Field;
use ndraster::RasterArray;
use ndraster_test_support::manifest::every_column_survives;

#[path = "../../examples/c_data.rs"]
#[allow(dead_code, reason = "its `main` is not run")]
mod example;

#[test]
fn the_example_runs() {
    example::run().unwrap();
}

#[test]
fn every_file_reads_equal_over_the_c_data_interface() {
    every_column_survives(|file, name, batches| {
        let sent = |batch| {
            let column = RasterArray::from_batch(batch, name).unwrap();
            let (array, schema) = example::export(&column).unwrap();
            let field = Field::try_from(&schema).unwrap();
            assert_eq!((field.extension_type_name(), field.is_nullable()), (Some("sedona.raster"), true), "{file}");
            let back = example::import(array, &schema).unwrap();
            assert_eq!(back.as_struct_array().data_type(), column.as_struct_array().data_type(), "{file}");
            assert_same_payloads(file, &column, &back);
            back
        };
        batches.iter().map(sent).collect()
    });
}

/// Asserts that the payloads have the same addresses. Up to 12 bytes lie in arrow's views, which are copied.
fn assert_same_payloads(file: &str, before: &RasterArray, after: &RasterArray) {
    let payloads = |column: &RasterArray| -> Vec<(*const u8, usize)> {
        let bands = column.iter().flatten().flat_map(|raster| raster.bands());
        let payloads = bands.map(|band| band.unwrap().source_data().unwrap_or_default());
        payloads.filter(|payload| payload.len() > 12).map(|payload| (payload.as_ptr(), payload.len())).collect()
    };
    assert_eq!(payloads(before), payloads(after), "{file}");
}

#[test]
fn a_field_of_another_type_is_refused() {
    let column: RasterArray = ndraster_formats::elevation().unwrap().into();
    let other = HashMap::from([("ARROW:extension:name".to_owned(), "other".to_owned())]);
    let (array, _) = arrow_array::ffi::to_ffi(&column.as_struct_array().to_data()).unwrap();
    let field = column.field("rast").with_metadata(other);
    let schema = arrow_array::ffi::FFI_ArrowSchema::try_from(&field).unwrap();
    let error = example::import(array, &schema).unwrap_err();
    assert_eq!(error.to_string(), "column `rast` is a `other`, not a `sedona.raster`");
}
