//! Bands that SQL chooses by name or by number.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use datafusion::arrow::ipc::reader::FileReader;
use ndarray::Array2;
use ndraster::{Band, Raster, RasterArray, RasterType};

use crate::table::{column, error, session};

/// Three bands: one named `2`, one without a name, one named `nir`. Their pixels are 10, 20 and 30.
fn three_bands() -> Raster {
    let band = |fill: u8| Band::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap();
    Raster::from_bands([band(10).with_name("2"), band(20), band(30).with_name("nir")]).unwrap()
}

#[tokio::test]
async fn a_band_by_its_name_or_by_its_number() {
    let ctx = session([three_bands()].into_iter().collect(), []);
    for (band, expected) in [
        ("1", 10.0),
        ("2", 20.0),
        ("3", 30.0),
        ("'2'", 10.0),
        ("'nir'", 30.0),
        ("id + 2", 20.0),
        ("arrow_cast(3, 'UInt8')", 30.0),
        ("arrow_cast('nir', 'Utf8View')", 30.0),
        ("arrow_cast('nir', 'Dictionary(Int32, Utf8)')", 30.0),
    ] {
        for (function, expected) in
            [("nd_mean({})", expected), ("nd_min_max({})['max']", expected), ("nd_count_valid({})", 6.0)]
        {
            let function = function.replace("{}", &format!("rast, {band}"));
            let found = column(&ctx, &format!("SELECT {function}::double FROM t")).await;
            assert_eq!(found.as_primitive::<Float64Type>().value(0), expected, "{function}");
        }
    }
    let found = column(&ctx, "SELECT nd_mean(nd_ndvi(rast, 2, 'nir')) FROM t").await;
    assert!((found.as_primitive::<Float64Type>().value(0) - 0.2).abs() < 1e-6);
    let found = column(&ctx, "SELECT nd_mean(nd_hillshade(rast, NULL, 2)) FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().value(0), 181.0); // level ground
    let found = column(&ctx, "SELECT nd_ndvi(rast, NULL, 1) FROM t").await;
    assert_eq!(found.null_count(), 1);
}

#[tokio::test]
async fn a_band_that_is_none_is_an_error_that_says_how_they_count() {
    let ctx = session([three_bands()].into_iter().collect(), []);
    for number in ["0", "4", "-1", "9223372036854775807"] {
        let message = error(&ctx, &format!("SELECT nd_mean(rast, {number}) FROM t")).await;
        let expected = format!("nd_mean: row 0: there is no band {number}: the raster has 3, counted from 1");
        assert!(message.contains(&expected), "{message}");
    }
    for sql in ["nd_mean(rast)", "nd_mean(rast, NULL)", "nd_hillshade(rast)"] {
        let message = error(&ctx, &format!("SELECT {sql} FROM t")).await;
        let expected =
            "row 0: the raster has 3 bands, not one: choose one by its name or by its number, counted from 1";
        assert!(message.contains(expected), "{message}");
    }
    let message = error(&ctx, "SELECT nd_mean(rast, 1.5) FROM t").await;
    let expected = "nd_mean: argument 2 is Float64, where the name of a band (Utf8) or its number (Int64) is expected";
    assert!(message.contains(expected), "{message}");
}

#[tokio::test]
async fn columns_of_other_engines_are_arguments_in_their_own_types() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/engines/");
    for file in ["polars", "polars_categorical", "duckdb_large_list_view", "pyarrow_dictionary", "pyarrow_large"] {
        let file = std::fs::File::open(format!("{folder}{file}.arrow")).unwrap();
        let batch = FileReader::try_new(file, None).unwrap().next().unwrap().unwrap();
        let column = RasterArray::from_batch(&batch, "raster").unwrap();
        let loaded: Vec<usize> = (0..column.len())
            .filter(|row| column.get(*row).is_some_and(|row| row.band(0).is_ok_and(|band| band.is_loaded())))
            .collect();
        assert_eq!(loaded.len(), 3);
        for row in loaded {
            let one = column.slice(row, 1).unwrap();
            let pixels = one.get(0).unwrap().band(0).unwrap().to_array_cast::<f64>().unwrap();
            // The bands of these rows hold NaN or infinity in one row, which has no mean to compare.
            let expected = pixels.mean().unwrap();
            let ctx = session(one, []);
            let found = self::column(&ctx, "SELECT nd_mean(rast, 1) FROM t").await;
            let found = found.as_primitive::<Float64Type>().value(0);
            assert!(found == expected || !expected.is_finite(), "{found} where the pixels' mean is {expected}");
            let names = self::column(&ctx, "SELECT arrow_typeof(rast) FROM t").await;
            assert_ne!(names.as_string::<i32>().value(0), RasterType::storage_type().to_string());
        }
    }
}
