//! Columns of other writers' types read like SedonaDB's own, keep their type, and become SedonaDB's type on demand.

use std::sync::Arc;

use ndraster::arrow_array::types::GenericBinaryType;
use ndraster::arrow_array::{
    Array, ArrayRef, BinaryViewArray, GenericByteArray, ListArray, OffsetSizeTrait, StructArray,
};
use ndraster::arrow_buffer::{Buffer, OffsetBuffer};
use ndraster::arrow_schema::extension::ExtensionType;
use ndraster::arrow_schema::{DataType, Field};
use ndraster::{PixelType, RasterArray, RasterType, Result};
use ndraster_test_support::fixtures::{MANIFEST, batches};
use ndraster_test_support::manifest::check_row;
use ndraster_test_support::raw::{RawBand, payload_at};

/// The raster column of a fixture.
fn column(file: &str) -> RasterArray {
    let batch = batches(file).remove(0);
    RasterArray::try_from(batch.column_by_name("raster").unwrap()).unwrap()
}

#[test]
fn other_storage_stays_as_given_and_becomes_canonical_on_demand() -> Result<()> {
    for file in MANIFEST["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        if file["storage_canonical"] != false {
            continue;
        }
        let column = column(name);
        assert_ne!(column.as_struct_array().data_type(), &RasterType::storage_type(), "{name}");
        assert_eq!(column.field("r").data_type(), column.as_struct_array().data_type(), "{name}");
        let canonical = column.to_canonical()?;
        assert_eq!(canonical.as_struct_array().data_type(), &RasterType::storage_type(), "{name}");
        canonical.as_struct_array().to_data().validate_full()?;
        for (row, expected) in file["rows"].as_array().unwrap().iter().enumerate() {
            assert_eq!(canonical.is_null(row), expected["null"].as_bool().unwrap());
            let (Some(before), Some(after)) = (column.get(row), canonical.get(row)) else { continue };
            check_row(name, Some(&column), &before, expected);
            for (before, after) in before.bands().zip(after.bands()) {
                let (before, after) =
                    (before?.source_data().unwrap_or_default(), after?.source_data().unwrap_or_default());
                assert_eq!(before, after, "{name}");
                assert!(before.len() <= 12 || before.as_ptr() == after.as_ptr(), "{name}: a payload was copied");
            }
        }
    }
    Ok(())
}

#[test]
fn a_canonical_column_is_handed_back() -> Result<()> {
    let column = column("19_many_rows.arrow");
    let canonical = column.to_canonical()?;
    let address = |c: &RasterArray| Arc::as_ptr(c.as_struct_array().column(4)).cast::<()>();
    assert_eq!(address(&column), address(&canonical));
    Ok(())
}

fn binary<O: OffsetSizeTrait>(offset: usize, bytes: &[u8]) -> ArrayRef {
    let mut values = vec![0u8; offset];
    values.extend_from_slice(bytes);
    let lengths = OffsetBuffer::<O>::from_lengths([offset, bytes.len()]);
    let array = GenericByteArray::<GenericBinaryType<O>>::new(lengths, Buffer::from_vec(values), None);
    Arc::new(array.slice(1, 1))
}

#[test]
fn binary_payloads_are_borrowed_in_place() -> Result<()> {
    let pixels: Vec<u8> = (0..24).collect();
    for data in [binary::<i32>(16, &pixels), binary::<i64>(16, &pixels), payload_at(16, &pixels)] {
        let values = match data.data_type() {
            DataType::BinaryView => data.as_any().downcast_ref::<BinaryViewArray>().unwrap().data_buffers()[0].as_ptr(),
            _ => data.to_data().buffers()[1].as_ptr(),
        };
        let column = with_data(RawBand::new(&[4, 6], PixelType::UInt8.id(), payload_at(0, &pixels)).column(), data);
        let column = RasterArray::try_from(column)?;
        let view = column.get(0).unwrap().as_array_view2::<u8>()?;
        assert_eq!(view.as_ptr(), values.wrapping_add(16));
        assert_eq!(view.iter().copied().collect::<Vec<_>>(), pixels);
        let canonical = column.to_canonical()?;
        assert_eq!(canonical.get(0).unwrap().as_array_view2::<u8>()?.as_ptr(), values.wrapping_add(16));
    }
    Ok(())
}

/// Returns the column with payloads of any type.
fn with_data(column: StructArray, data: ArrayRef) -> StructArray {
    let (fields, mut columns, _) = column.into_parts();
    let list: &ListArray = columns[4].as_any().downcast_ref().unwrap();
    let band: &StructArray = list.values().as_any().downcast_ref().unwrap();
    let (band_fields, mut band_columns, _) = band.clone().into_parts();
    let mut band_fields: Vec<Field> = band_fields.iter().map(|field| field.as_ref().clone()).collect();
    band_fields[8] = Field::new("data", data.data_type().clone(), true);
    band_columns[8] = data;
    let band = StructArray::new(band_fields.into(), band_columns, None);
    let item = Arc::new(Field::new("element", band.data_type().clone(), true));
    let bands = ListArray::new(item, list.offsets().clone(), Arc::new(band), None);
    let mut fields: Vec<Field> = fields.iter().map(|field| field.as_ref().clone()).collect();
    fields[4] = Field::new("bands", bands.data_type().clone(), true);
    columns[4] = Arc::new(bands);
    StructArray::new(fields.into(), columns, None)
}

#[test]
fn the_extension_type_writes_its_name_and_accepts_any_metadata() -> Result<()> {
    let field = RasterType::field("rast");
    assert_eq!(field.extension_type_name(), Some("sedona.raster"));
    assert_eq!(field.extension_type_metadata(), None);
    for metadata in ["", "{}"] {
        assert!(RasterType::deserialize_metadata(Some(metadata)).is_ok());
    }
    assert_eq!(field.try_extension_type::<RasterType>()?, RasterType);
    let error = RasterType.supports_data_type(&DataType::Int8).unwrap_err();
    assert!(error.to_string().contains("found Int8"), "{error}");
    assert!(RasterType::try_from(&DataType::Utf8).is_err());
    Ok(())
}

#[test]
fn a_bad_row_keeps_a_column_from_becoming_canonical_and_is_named() {
    let pixels = [0u8; 24];
    let data = binary::<i32>(0, &pixels[..23]);
    let column = with_data(RawBand::new(&[4, 6], PixelType::UInt8.id(), payload_at(0, &pixels)).column(), data);
    let column = RasterArray::try_from(column).unwrap();
    assert_eq!(
        column.to_canonical().unwrap_err().to_string(),
        "row 0, band 0: data: it has 23 bytes, where the source_shape [4, 6] of uint8 needs 24"
    );
}

#[test]
fn a_null_list_of_bands_reads_as_no_bands() -> Result<()> {
    let column = column("31_bands_null.arrow");
    let counts: Result<Vec<_>> = column.iter().flatten().map(|raster| raster.num_bands()).collect();
    let files = MANIFEST["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["file"] == "31_bands_null.arrow").unwrap();
    let expected: Vec<_> =
        file["rows"].as_array().unwrap().iter().map(|row| row["bands"].as_array().unwrap().len()).collect();
    assert_eq!(counts?, expected);
    Ok(())
}
