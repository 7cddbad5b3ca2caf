//! Columns compared with the manifest of the files that SedonaDB wrote: every field, and every pixel by its hash.

use ndraster::arrow_array::RecordBatch;
use ndraster::arrow_buffer::ToByteSlice;
use ndraster::ndarray::ArrayD;
use ndraster::{BandRef, ErrorKind, Pixel, RasterArray, RasterRef};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixtures::{MANIFEST, batches, extents, hex, strings};
use crate::for_pixel_type;
use crate::payloads::payloads;

/// Takes every raster column of every file through something, and compares the columns that come out with the manifest, row
/// by row. They may part the rows in any way.
pub fn every_column_survives(mut through: impl FnMut(&str, &str, Vec<RecordBatch>) -> Vec<RasterArray>) {
    for_every_column(|file, name, batches, expected| {
        let mut first = 0;
        for column in through(file, name, batches) {
            check_rows(file, &column, &expected[first..first + column.len()]);
            first += column.len();
        }
        assert_eq!(first, expected.len(), "{file}");
    });
}

/// Calls `check` for every raster column with its file, its name, the file's batches, and the rows that it must have.
pub fn for_every_column(mut check: impl FnMut(&str, &str, Vec<RecordBatch>, &[Value])) {
    let files = MANIFEST["files"].as_array().unwrap();
    assert_eq!(files.len(), 48);
    let mut rows = 0;
    for file in files {
        let columns = file.get("columns").and_then(Value::as_array).cloned();
        for column in columns.unwrap_or_else(|| vec![file.clone()]) {
            let (name, expected) = (column["column"].as_str().unwrap(), column["rows"].as_array().unwrap());
            let file = file["file"].as_str().unwrap();
            check(file, name, batches(file), expected);
            rows += expected.len();
        }
    }
    assert_eq!(rows, 345, "rows in the manifest");
}

/// Compares a column with the rows that it must have.
pub fn check_rows(file: &str, column: &RasterArray, expected: &[Value]) {
    check_each_row(file, column, expected, None);
}

/// Compares a column with the rows that it must have, and the addresses of payloads with the places that the manifest gives.
pub fn check_rows_in_place(file: &str, column: &RasterArray, expected: &[Value]) {
    check_each_row(file, column, expected, Some(column));
}

fn check_each_row(file: &str, column: &RasterArray, expected: &[Value], in_place: Option<&RasterArray>) {
    assert_eq!(column.len(), expected.len());
    for (row, (raster, expected)) in column.iter().zip(expected).enumerate() {
        let place = format!("{file}, row {}", expected["row"]);
        let null = expected["null"].as_bool().unwrap();
        assert_eq!(raster.is_none(), null, "{place}");
        assert_eq!(column.is_null(row), null, "{place}");
        assert_eq!(column.get(row).is_none(), null, "{place}");
        if let Some(raster) = raster {
            check_row(&place, in_place, &raster, expected);
        }
    }
}

/// Compares a row with what the manifest says of it. If `column` is the file's own column, payloads must also lie in it where
/// the manifest says.
pub fn check_row(place: &str, column: Option<&RasterArray>, raster: &RasterRef<'_>, expected: &Value) {
    assert_eq!(raster.crs().unwrap(), expected["crs"].as_str(), "{place}");
    assert_eq!(raster.crs().unwrap().map(str::len), expected["crs_len"].as_u64().map(|n| n as usize), "{place}");
    let transform = raster.transform().unwrap().to_gdal().map(|number| hex(&number.to_le_bytes()));
    assert_eq!(transform.as_slice(), strings(&expected["transform_hex"]), "{place}");
    assert_eq!(raster.spatial_dims().unwrap(), strings(&expected["spatial_dims"]), "{place}");
    let shape = extents(&expected["spatial_shape"]);
    assert_eq!(raster.spatial_shape().unwrap(), shape, "{place}");
    assert_eq!(raster.width().ok(), shape.first().copied(), "{place}");
    assert_eq!(raster.height().ok(), shape.get(1).copied(), "{place}");
    let bands = expected["bands"].as_array().unwrap();
    assert_eq!(raster.num_bands().unwrap(), bands.len(), "{place}");
    assert_eq!(raster.bands().count(), bands.len(), "{place}");
    for (number, expected) in bands.iter().enumerate() {
        let band = raster.band(number).unwrap_or_else(|e| panic!("{place}: {e}"));
        check_band(&format!("{place}, band {number}"), column, &band, expected);
    }
    assert_eq!(raster.band(bands.len()).unwrap_err().kind(), ErrorKind::NotFound, "{place}");
}

fn check_band(place: &str, column: Option<&RasterArray>, band: &BandRef<'_>, expected: &Value) {
    assert_eq!(band.name(), expected["name"].as_str(), "{place}");
    assert_eq!(band.dim_names(), strings(&expected["dim_names"]), "{place}");
    assert_eq!(band.source_shape(), extents(&expected["source_shape"]), "{place}");
    assert_eq!(band.shape(), extents(&expected["shape"]), "{place}");
    assert_eq!(band.ndim(), band.shape().len(), "{place}");
    assert_eq!(u64::from(band.pixel_type().id()), expected["data_type_id"].as_u64().unwrap(), "{place}");
    assert_eq!(band.pixel_type().name(), expected["data_type"].as_str().unwrap(), "{place}");
    assert_eq!(band.nodata_bytes().map(hex).as_deref(), expected["nodata"]["hex"].as_str(), "{place}");
    assert_eq!(band.view().is_identity(), expected["view_is_identity"].as_bool().unwrap(), "{place}");
    if let Some(entries) = expected["view"].as_array() {
        let field = |entry: &Value, name: &str| entry[name].as_i64().unwrap();
        let expected: Vec<_> =
            entries.iter().map(|e| ["source_axis", "start", "step", "steps"].map(|name| field(e, name))).collect();
        let found = band.view().entries().iter().map(|e| [e.source_axis, e.start, e.step, e.steps]);
        assert_eq!(found.collect::<Vec<_>>(), expected, "{place}");
    }
    assert_eq!(band.outdb_uri(), expected["outdb_uri"].as_str(), "{place}");
    assert_eq!(band.outdb_format(), expected["outdb_format"].as_str(), "{place}");
    assert_eq!(band.is_loaded(), expected["loaded"].as_bool().unwrap(), "{place}");
    for_pixel_type!(band.pixel_type(), T => check_pixels::<T>(place, column, band, expected));
}

fn check_pixels<T: Pixel>(place: &str, column: Option<&RasterArray>, band: &BandRef<'_>, expected: &Value) {
    if let Some(nodata) = band.nodata::<T>().unwrap() {
        assert_eq!(number(nodata), expected["nodata"]["value"], "{place}");
    }
    if !band.is_loaded() {
        assert_eq!(expected["payload_len"], 0, "{place}");
        for error in [band.as_array_view::<T>().unwrap_err(), band.source_data().unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::NotLoaded, "{place}: {error}");
        }
        return;
    }
    let payload = band.source_data().unwrap_or_else(|e| panic!("{place}: {e}"));
    assert_eq!(payload.len() as u64, expected["payload_len"].as_u64().unwrap(), "{place}");
    assert_eq!(payload.len() <= 12, expected["inline"].as_bool().unwrap(), "{place}");
    if let Some(column) = column {
        check_address(place, column, payload, expected);
    }
    let Some(sha256) = expected["sha256"].as_str() else {
        // A broadcast of more pixels than may be copied.
        let error = band.to_array::<T>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{place}: {error}");
        return;
    };
    let pixels = band.to_array::<T>().unwrap_or_else(|e| panic!("{place}: {e}"));
    assert_eq!(hex(&Sha256::digest(le_bytes(&pixels))), sha256, "{place}");
    assert_eq!(band.to_cow_array::<T>().unwrap().shape(), pixels.shape(), "{place}");
    assert_eq!(le_bytes(&band.to_cow_array::<T>().unwrap().into_owned()), le_bytes(&pixels), "{place}");
    let first: Vec<Value> = pixels.iter().take(6).map(|pixel| number(*pixel)).collect();
    assert_eq!(first, *expected["first_values"].as_array().unwrap(), "{place}");
    match band.as_array_view::<T>() {
        Ok(view) => assert_eq!(le_bytes(&view.to_owned()), le_bytes(&pixels), "{place}"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Misaligned, "{place}: {error}");
            assert_ne!(payload.as_ptr() as usize % size_of::<T>(), 0, "{place}: {error}");
        }
    }
}

/// Asserts that a payload which is not inline lies in the buffer, and at the offset, that the manifest gives.
fn check_address(place: &str, column: &RasterArray, payload: &[u8], expected: &Value) {
    let (Some(buffer), Some(offset)) = (expected["buffer_index"].as_u64(), expected["buffer_offset"].as_u64()) else {
        return;
    };
    let buffer = &payloads(column.as_struct_array()).data_buffers()[buffer as usize];
    assert_eq!(payload.as_ptr(), buffer[offset as usize..].as_ptr(), "{place}");
}

/// Returns the bytes of the pixels in logical order.
fn le_bytes<T: Pixel>(pixels: &ArrayD<T>) -> Vec<u8> {
    pixels.iter().flat_map(|pixel| pixel.to_byte_slice().to_vec()).collect()
}

/// Spells a number as the manifest does: integers exactly, and by name what is no number in JSON.
fn number<T: Pixel>(pixel: T) -> Value {
    let text = format!("{pixel:?}");
    match text.as_str() {
        "NaN" => "NaN".into(),
        "inf" => "Infinity".into(),
        "-inf" => "-Infinity".into(),
        _ if text.contains(['.', 'e']) => match *pixel.to_byte_slice() {
            [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])).into(),
            ref bytes => f64::from_le_bytes(bytes.try_into().unwrap()).into(),
        },
        _ => serde_json::from_str(&text).unwrap(),
    }
}
