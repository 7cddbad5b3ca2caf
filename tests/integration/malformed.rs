//! The 106 malformed files. Each is an error that names the place, from every reader that reads the bad part of the row, and
//! from no other reader.

use ndraster::arrow_array::RecordBatch;
use ndraster::{ErrorKind, RasterArray, RasterArrayBuilder};
use ndraster_test_support::fixtures::{MANIFEST, batches, batches_unchecked};
use ndraster_test_support::manifest::check_row;
use ndraster_test_support::readers::{Parts, assert_column_failed, failures_of_column, failures_of_row, must_fail};
use serde_json::Value;

fn batch(case: &str) -> RecordBatch {
    let file = format!("malformed/{case}.arrow");
    // arrow's own reader refuses these two.
    let strict = ["null_data_type_strict_schema", "null_data_strict_schema"].contains(&case);
    let mut batches = if strict { batches_unchecked(&file) } else { batches(&file) };
    assert_eq!(batches.len(), 1, "{case}");
    batches.remove(0)
}

/// Each case with the parts of row 1 that are bad, and the message of the first reader that fails. The table of readers says
/// which readers that makes fail. The messages say in words what the manifest's `reason` says.
#[rustfmt::skip]
const BAD_ROWS: &[(&str, Parts, &str)] = &[
    ("data_type_0", Parts::METADATA, "row 1, band 0: data_type: 0 is no pixel type, which are numbered 1 to 10"),
    ("data_type_11", Parts::METADATA, "row 1, band 0: data_type: 11 is no pixel type, which are numbered 1 to 10"),
    ("data_type_4294967295", Parts::METADATA, "row 1, band 0: data_type: 4294967295 is no pixel type, which are numbered 1 to 10"),
    ("payload_short", Parts::PAYLOAD, "row 1, band 0: data: it has 47 bytes, where the source_shape [3, 4] of float32 needs 48"),
    ("payload_short_inline", Parts::PAYLOAD, "row 1, band 0: data: it has 12 bytes, where the source_shape [3, 4] of float32 needs 48"),
    ("payload_short_by_one_item_type", Parts::PAYLOAD, "row 1, band 0: data: it has 12 bytes, where the source_shape [3, 4] of uint64 needs 96"),
    ("payload_long", Parts::PAYLOAD, "row 1, band 0: data: it has 51 bytes, where the source_shape [3, 4] of float32 needs 48"),
    ("payload_long_double", Parts::PAYLOAD, "row 1, band 0: data: it has 96 bytes, where the source_shape [3, 4] of float32 needs 48"),
    ("payload_not_multiple", Parts::PAYLOAD, "row 1, band 0: data: it has 15 bytes, where the source_shape [3, 4] of float32 needs 48"),
    ("payload_empty_no_uri", Parts::LOADED, "row 1, band 0: it has no pixels, though its shape is [3, 4], and no outdb_uri"),
    ("payload_on_zero_axis", Parts::PAYLOAD, "row 1, band 0: data: it has 48 bytes, where the source_shape [0, 4] of float32 needs 0"),
    ("payload_short_but_view_fits", Parts::PAYLOAD, "row 1, band 0: data: it has 16 bytes, where the source_shape [3, 4] of float32 needs 48"),
    ("source_shape_negative", Parts::METADATA, "row 1, band 0: source_shape: -3 in [-3, 4] is not a valid extent"),
    ("source_shape_negative_both", Parts::METADATA, "row 1, band 0: source_shape: -3 in [-3, -4] is not a valid extent"),
    ("source_shape_negative_spatial", Parts::SPATIAL_SHAPE, "row 1: spatial_shape: -3 in [4, -3] is not a valid extent"),
    ("source_shape_overflow", Parts::PAYLOAD, "row 1, band 0: data: it has 48 bytes, where the source_shape [1099511627776, 1099511627776] of float32 needs more bytes than can be counted"),
    ("source_shape_overflow_to_zero", Parts::PAYLOAD, "row 1, band 0: data: it has 48 bytes, where the source_shape [4294967296, 4294967296] of float32 needs more bytes than can be counted"),
    ("source_shape_overflow_bytes", Parts::PAYLOAD, "row 1, band 0: data: it has 48 bytes, where the source_shape [2305843009213693952, 2] of float32 needs more bytes than can be counted"),
    ("source_shape_overflow_with_zero", Parts::SIZE, "row 1, band 0: the shape [1099511627776, 1099511627776, 0] has more pixels than memory can address"),
    ("source_shape_too_big", Parts::PAYLOAD, "row 1, band 0: data: it has 48 bytes, where the source_shape [3, 1000000000] of float32 needs 12000000000"),
    ("dims_empty", Parts::METADATA, "row 1, band 0: source_shape: a band has at least one axis, found none"),
    ("dim_names_short", Parts::METADATA, "row 1, band 0: dim_names: found 1 names for 2 axes"),
    ("dim_names_long", Parts::METADATA, "row 1, band 0: dim_names: found 3 names for 2 axes"),
    ("dim_names_empty", Parts::METADATA, "row 1, band 0: dim_names: found 0 names for 2 axes"),
    ("dim_names_duplicate", Parts::METADATA, "row 1, band 0: spatial_dims: `x` is more than once among the band's dims [\"x\", \"x\"]"),
    ("view_start_oob", Parts::METADATA, "row 1, band 0: view[0]: start 3, step 1, steps 1 leaves source axis 0, which has extent 3"),
    ("view_start_far", Parts::METADATA, "row 1, band 0: view[1]: start 1000000, step 1, steps 1 leaves source axis 1, which has extent 4"),
    ("view_start_negative", Parts::METADATA, "row 1, band 0: view[0]: start -1, step 1, steps 3 leaves source axis 0, which has extent 3"),
    ("view_last_oob", Parts::METADATA, "row 1, band 0: view[1]: start 1, step 1, steps 4 leaves source axis 1, which has extent 4"),
    ("view_step_oob", Parts::METADATA, "row 1, band 0: view[1]: start 0, step 2, steps 3 leaves source axis 1, which has extent 4"),
    ("view_negative_step_oob", Parts::METADATA, "row 1, band 0: view[0]: start 1, step -1, steps 3 leaves source axis 0, which has extent 3"),
    ("view_broadcast_start_oob", Parts::METADATA, "row 1, band 0: view[0]: start 3, step 0, steps 3 leaves source axis 0, which has extent 3"),
    ("view_axis_duplicate", Parts::METADATA, "row 1, band 0: view[1]: source_axis 0 is used twice"),
    ("view_axis_oob", Parts::METADATA, "row 1, band 0: view[1]: source_axis 2 is none of the band's 2 axes"),
    ("view_axis_negative", Parts::METADATA, "row 1, band 0: view[1]: source_axis -1 is none of the band's 2 axes"),
    ("view_axis_huge", Parts::METADATA, "row 1, band 0: view[0]: source_axis 4294967296 is none of the band's 2 axes"),
    ("view_short", Parts::METADATA, "row 1, band 0: view: expected one entry for each of 2 axes, found 1"),
    ("view_long", Parts::METADATA, "row 1, band 0: view: expected one entry for each of 2 axes, found 3"),
    ("view_empty_list", Parts::METADATA, "row 1, band 0: view: expected one entry for each of 2 axes, found 0"),
    ("view_steps_negative", Parts::SPATIAL_SHAPE, "row 1: spatial_shape: -1 in [-1, 3] is not a valid extent"),
    ("view_steps_times_step_overflow", Parts::METADATA, "row 1, band 0: view[1]: start 0, step 4611686018427387904, steps 5 leaves source axis 1, which has extent 4"),
    ("view_start_plus_overflow", Parts::METADATA, "row 1, band 0: view[1]: start 1, step 9223372036854775807, steps 2 leaves source axis 1, which has extent 4"),
    ("view_steps_times_step_wraps", Parts::METADATA, "row 1, band 0: view[1]: start 0, step 4611686018427387904, steps 5 leaves source axis 1, which has extent 4"),
    ("view_step_min", Parts::METADATA, "row 1, band 0: view[1]: start 3, step -9223372036854775808, steps 2 leaves source axis 1, which has extent 4"),
    ("transform_5", Parts::TRANSFORM, "row 1: transform: expected six numbers, found 5"),
    ("transform_7", Parts::TRANSFORM, "row 1: transform: expected six numbers, found 7"),
    ("transform_empty", Parts::TRANSFORM, "row 1: transform: expected six numbers, found 0"),
    ("spatial_shape_mismatch", Parts::METADATA, "row 1, band 0: spatial_shape: `x` has extent 5, but 4 in the band"),
    ("spatial_shape_swapped", Parts::METADATA, "row 1, band 0: spatial_shape: `x` has extent 3, but 4 in the band"),
    ("spatial_shape_source_not_visible", Parts::METADATA, "row 1, band 0: spatial_shape: `x` has extent 4, but 2 in the band"),
    ("spatial_shape_short", Parts::HEIGHT.and(Parts::METADATA), "row 1: spatial_shape: [4] has no height"),
    ("spatial_shape_empty", Parts::WIDTH.and(Parts::HEIGHT), "row 1: spatial_shape: [] has no width"),
    ("spatial_shape_negative", Parts::SPATIAL_SHAPE, "row 1: spatial_shape: -3 in [4, -3] is not a valid extent"),
    ("spatial_dims_missing_in_band", Parts::METADATA, "row 1, band 0: spatial_dims: `lon` is not among the band's dims [\"y\", \"x\"]"),
    ("spatial_dims_duplicate", Parts::SPATIAL_DIMS, "row 1: spatial_dims: `x` is there twice"),
    ("second_band_other_shape", Parts::METADATA, "row 1, band 1: spatial_shape: `y` has extent 3, but 4 in the band"),
    ("nodata_short", Parts::NODATA, "row 1, band 0: nodata: it has 2 bytes, where a pixel of float32 has 4"),
    ("nodata_long", Parts::NODATA, "row 1, band 0: nodata: it has 8 bytes, where a pixel of float32 has 4"),
    ("nodata_empty", Parts::NODATA, "row 1, band 0: nodata: it has 0 bytes, where a pixel of float32 has 4"),
    ("null_transform", Parts::TRANSFORM, "row 1: transform: it is null"),
    ("null_transform_item", Parts::TRANSFORM, "row 1: transform: an item is null"),
    ("null_spatial_dims", Parts::SPATIAL_DIMS, "row 1: spatial_dims: it is null"),
    ("null_spatial_shape_item", Parts::SPATIAL_SHAPE, "row 1: spatial_shape: an item is null"),
    ("null_band", Parts::METADATA, "row 1, band 0: the band is null"),
    ("null_dim_names", Parts::METADATA, "row 1, band 0: dim_names: it is null"),
    ("null_dim_names_item", Parts::METADATA, "row 1, band 0: dim_names: an item is null"),
    ("null_source_shape", Parts::METADATA, "row 1, band 0: source_shape: it is null"),
    ("null_source_shape_item", Parts::METADATA, "row 1, band 0: source_shape: an item is null"),
    ("null_data_type", Parts::METADATA, "row 1, band 0: data_type: an item is null"),
    ("null_data", Parts::PAYLOAD, "row 1, band 0: data: it is null"),
    ("null_view_field", Parts::METADATA, "row 1, band 0: view.step: an item is null"),
    ("null_view_item", Parts::METADATA, "row 1, band 0: view: an entry is null"),
    ("null_data_type_strict_schema", Parts::METADATA, "row 1, band 0: data_type: an item is null"),
    ("null_data_strict_schema", Parts::PAYLOAD, "row 1, band 0: data: it is null"),
];

/// Each type that is wrong, with the message of `try_from`.
#[rustfmt::skip]
const BAD_TYPES: &[(&str, &str)] = &[
    ("schema_missing_crs", "crs: the field is missing"),
    ("schema_missing_transform", "transform: the field is missing"),
    ("schema_missing_bands", "bands: the field is missing"),
    ("schema_missing_band_nodata", "bands.band.nodata: the field is missing"),
    ("schema_missing_band_view", "bands.band.view: the field is missing"),
    ("schema_missing_band_data", "bands.band.data: the field is missing"),
    ("schema_extra_column", "extra: a raster has no such field"),
    ("schema_extra_band_column", "bands.band.extra: a raster has no such field"),
    ("schema_swapped_columns", "expected `spatial_dims` at position 2, found `spatial_shape`"),
    ("schema_swapped_band_columns", "bands.band: expected `name` at position 0, found `outdb_uri`"),
    ("schema_renamed_column", "crs: the field is missing"),
    ("schema_transform_float32", "transform.item: expected Float64, found Float32"),
    ("schema_spatial_shape_int32", "spatial_shape.item: expected Int64, found Int32"),
    ("schema_source_shape_uint64", "bands.band.source_shape.item: expected Int64, found UInt64"),
    ("schema_data_type_int32", "bands.band.data_type: expected UInt32, found Int32"),
    ("schema_nodata_float64", "bands.band.nodata: expected Binary, found Float64"),
    ("schema_view_int32", "bands.band.view.item.step: expected Int64, found Int32"),
    ("schema_view_missing_steps", "bands.band.view.item.steps: the field is missing"),
    ("schema_not_a_struct", "a raster column is a Struct of crs, transform, spatial_dims, spatial_shape and bands, found Int32"),
];

/// Cases that ndraster reads. The manifest calls them `either`, or rejects them because SedonaDB compares types exactly.
const READS: &[&str] = &[
    // The view takes one index, so the step leads nowhere.
    "view_step_stride_overflow",
    "view_step_max_harmless",
    // The view takes no index along one axis, so no pixel is out of bounds.
    "view_empty_region_offset_oob",
    // Other types that mean the same.
    "schema_transform_large_list",
    "schema_transform_fixed_list",
    "schema_bands_large_list",
    "schema_nodata_binary_view",
    "schema_crs_utf8",
    "schema_spatial_dims_utf8",
    "schema_outdb_format_utf8",
    "schema_data_binary",
    "schema_data_large_binary",
    // A struct array has no field that names the extension. `from_batch` sees the name and refuses it.
    "schema_other_extension",
];

#[test]
fn every_malformed_file_is_listed_once() {
    let mut listed: Vec<&str> = BAD_ROWS.iter().map(|(case, ..)| *case).collect();
    listed.extend(BAD_TYPES.iter().map(|(case, _)| *case));
    listed.extend(READS);
    listed.sort_unstable();
    let files = MANIFEST["malformed"].as_array().unwrap();
    let mut cases: Vec<&str> = files.iter().map(|file| file["case"].as_str().unwrap()).collect();
    cases.sort_unstable();
    assert_eq!(listed, cases);
    assert_eq!(cases.len(), 106);
}

#[test]
fn every_file_that_the_manifest_rejects_is_listed_as_bad() {
    for file in MANIFEST["malformed"].as_array().unwrap() {
        let case = file["case"].as_str().unwrap();
        let variant = case.starts_with("schema_") && READS.contains(&case);
        match file["expect"].as_str().unwrap() {
            "reject" if !variant => assert!(!READS.contains(&case), "{case}"),
            "no_pixels" => {
                let bad = BAD_ROWS.iter().find(|(name, ..)| *name == case).unwrap().1;
                assert_eq!(bad, Parts::LOADED, "{case}");
            }
            _ => {}
        }
    }
}

#[test]
fn a_bad_row_fails_every_reader_of_its_bad_parts_and_no_other() {
    for (case, bad, message) in BAD_ROWS {
        let (column, manifest) = (column(case), of_manifest(case));
        check_good_row(case, &column);
        let bad_band = manifest["bad_band"].as_u64().unwrap_or(0) as usize;
        let raster = column.get(1).unwrap();
        for number in (0..raster.num_bands().unwrap()).filter(|number| *number != bad_band) {
            assert!(raster.band(number).is_ok(), "{case}");
        }
        let failed = failures_of_row(&raster, bad_band);
        // These rows have no band names, and nodata only where nodata is what is bad.
        let names: Vec<_> = failed.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, must_fail(*bad, |reader| reader.reads), "{case}");
        assert_eq!(failed[0].1, *message, "{case}");
        let of_column = failures_of_column(&column);
        assert_column_failed(&of_column, *bad, case);
        for (reader, message) in failed.iter().chain(&of_column) {
            assert!(message.starts_with("row 1"), "{case}: {reader}: {message}");
        }
        // A raster that is not valid is not copied into another column.
        let copied = RasterArrayBuilder::new().append(raster);
        assert_eq!(copied.is_err(), bad.meets(Parts::WHOLE), "{case}: {copied:?}");
        assert_eq!(copied.is_err(), !COPIED.contains(case), "{case}: {copied:?}");
        assert!(format!("{column:?}").contains("2 rows"), "{case}");
    }
}

/// Cases whose rasters are valid, so that they can be copied into another column: without pixels, or without rows and columns.
const COPIED: &[&str] = &["payload_empty_no_uri", "source_shape_overflow_with_zero", "spatial_shape_empty"];

#[test]
fn a_wrong_type_is_named_by_its_path() {
    for (case, message) in BAD_TYPES {
        let batch = batch(case);
        let error = RasterArray::try_from(batch.column(0)).unwrap_err();
        assert_eq!(error.to_string(), *message, "{case}");
        assert_eq!(error.kind(), ErrorKind::Schema, "{case}");
        let name = batch.schema_ref().field(0).name().clone();
        assert_eq!(RasterArray::from_batch(&batch, &name).unwrap_err().to_string(), *message, "{case}");
    }
}

#[test]
fn a_row_that_may_be_read_reads_in_full() {
    for case in READS {
        let column = column(case);
        check_good_row(case, &column);
        assert_eq!(failures_of_row(&column.get(1).unwrap(), 0), [], "{case}");
        assert_eq!(failures_of_column(&column), [], "{case}");
    }
}

#[test]
fn another_extension_is_refused_where_its_name_is_seen() {
    let batch = batch("schema_other_extension");
    let name = batch.schema_ref().field(0).name().clone();
    let error = RasterArray::from_batch(&batch, &name).unwrap_err();
    assert_eq!(error.to_string(), format!("column `{name}` is a `sedona.other`, not a `sedona.raster`"));
}

fn column(case: &str) -> RasterArray {
    RasterArray::try_from(batch(case).column(0)).unwrap_or_else(|e| panic!("{case}: {e}"))
}

fn of_manifest(case: &str) -> &'static Value {
    let files = MANIFEST["malformed"].as_array().unwrap();
    files.iter().find(|file| file["case"] == *case).unwrap()
}

/// Checks row 0, which is the same in all files and reads in full.
fn check_good_row(case: &str, column: &RasterArray) {
    assert_eq!(column.len(), 2, "{case}");
    check_row(case, Some(column), &column.get(0).unwrap(), &MANIFEST["malformed_good_row"]);
    assert_eq!(failures_of_row(&column.get(0).unwrap(), 0), [], "{case}");
    assert_eq!(failures_of_column(&column.slice(0, 1).unwrap()), [], "{case}");
}
