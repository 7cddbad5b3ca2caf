//! Arrays that contradict themselves below the types, as they come over the C Data Interface or out of a file read
//! without validation. Each reads as an error that names the place, from the reader in charge.

use std::sync::Arc;

use arrow_data::{ArrayData, ArrayDataBuilder};
use ndraster::arrow_array::{Array, ListArray, StringArray, StructArray, make_array};
use ndraster::arrow_buffer::{Buffer, MutableBuffer, NullBuffer};
use ndraster::arrow_schema::DataType;
use ndraster::ndarray::Array2;
use ndraster::{Band, Raster, RasterArray, RasterArrayBuilder, RasterRef, Result};

use crate::allocations::allocated;
use crate::readers::read_everything;

const LONG: &str = "a text of more than twelve bytes";

/// Two rows with something in every field.
fn column() -> StructArray {
    let raster = || {
        let pixels = Array2::from_shape_fn((6, 8), |(row, col)| (8 * row + col) as u8);
        let band =
            Band::from_ndarray(pixels).unwrap().with_name("red").with_nodata(7u8).unwrap().with_outdb_format(LONG);
        Raster::from_bands([band]).unwrap().with_crs(LONG).window(1..6, 2..).unwrap()
    };
    let column: RasterArray = [raster(), raster()].into_iter().collect();
    column.into()
}

/// The same array, of which the one at the end of the path is another.
#[allow(unsafe_code, reason = "arrays that nobody validated are made by an unsafe call only")]
fn edited(data: &ArrayData, path: &[usize], edit: &dyn Fn(&ArrayData) -> ArrayDataBuilder) -> ArrayData {
    let builder = match path.split_first() {
        None => edit(data),
        Some((&first, rest)) => {
            let mut children = data.child_data().to_vec();
            children[first] = edited(&children[first], rest, edit);
            data.clone().into_builder().child_data(children)
        }
    };
    // SAFETY: nothing is promised about this array: it is read by checked look-ups only, which is the test.
    unsafe { builder.build_unchecked() }
}

fn with(path: &[usize], edit: impl Fn(&ArrayData) -> ArrayDataBuilder) -> StructArray {
    let array = make_array(edited(&column().to_data(), path, &edit));
    array.as_any().downcast_ref::<StructArray>().unwrap().clone()
}

fn buffer<T: Copy>(values: &[T]) -> Buffer
where
    Vec<T>: Into<Buffer>,
{
    values.to_vec().into()
}

/// Other offsets, in the list or text at that place.
fn offsets(path: &[usize], offsets: [i32; 3]) -> StructArray {
    with(path, |data| {
        let mut buffers = data.buffers().to_vec();
        buffers[0] = buffer(&offsets);
        data.clone().into_builder().buffers(buffers)
    })
}

/// The descriptor of the second value, with other length, buffer and offset.
fn descriptor(path: &[usize], [length, index, offset]: [u32; 3]) -> StructArray {
    with(path, |data| {
        let views = data.buffers()[0].typed_data::<u128>();
        let view =
            u128::from(length) | views[1] & (0xffff_ffff << 32) | u128::from(index) << 64 | u128::from(offset) << 96;
        let mut buffers = data.buffers().to_vec();
        buffers[0] = buffer(&[views[0], view]);
        data.clone().into_builder().buffers(buffers)
    })
}

/// Other bytes in the last buffer: of the text, or of a view's long values.
fn bytes(path: &[usize], byte: u8) -> StructArray {
    with(path, |data| {
        let mut buffers = data.buffers().to_vec();
        let last = buffers.pop().unwrap();
        let mut other = MutableBuffer::new(last.len());
        other.extend_from_slice(&vec![byte; last.len()]);
        buffers.push(other.into());
        data.clone().into_builder().buffers(buffers)
    })
}

/// Only so many values in the array at that place, whose parent still counts on all.
fn only(path: &[usize], len: usize) -> StructArray {
    with(path, |data| data.slice(0, len).into_builder())
}

/// What fails, by the reader's name, with the message of each.
fn failures(array: StructArray) -> Vec<(&'static str, String)> {
    let mut failed = Vec::new();
    let column = match RasterArray::try_from(array) {
        Ok(column) => column,
        Err(error) => return vec![("try_from", error.to_string())],
    };
    read_everything(&column);
    for raster in column.iter().flatten() {
        let mut note = |name, result: Result<()>| failed.extend(result.err().map(|e| (name, e.to_string())));
        note("num_bands", raster.num_bands().map(drop));
        note("crs", raster.crs().map(drop));
        note("transform", raster.transform().map(drop));
        note("spatial_dims", raster.spatial_dims().map(drop));
        note("spatial_shape", raster.spatial_shape().map(drop));
        note("band", raster.band(0).map(drop));
        note("source_data", pixels(&raster));
    }
    failed
}

/// The payload, if there is a band.
fn pixels(raster: &RasterRef<'_>) -> Result<()> {
    raster.band(0).map_or(Ok(()), |band| band.source_data().map(drop))
}

// Places of the children, as DESIGN.md orders the fields.
const CRS: &[usize] = &[0];
const TRANSFORM: &[usize] = &[1];
const SPATIAL_DIMS: &[usize] = &[2];
const SPATIAL_SHAPE: &[usize] = &[3];
const BANDS: &[usize] = &[4];
const NAME: &[usize] = &[4, 0, 0];
const DIM_NAMES: &[usize] = &[4, 0, 1];
const SOURCE_SHAPE: &[usize] = &[4, 0, 2];
const NODATA: &[usize] = &[4, 0, 4];
const VIEW: &[usize] = &[4, 0, 5];
const OUTDB_FORMAT: &[usize] = &[4, 0, 7];
const DATA: &[usize] = &[4, 0, 8];

#[test]
fn offsets_that_decrease_or_overrun() {
    let lists: [(&[usize], i32, &str, &str); 7] = [
        (TRANSFORM, 6, "transform", "row 1: transform"),
        (SPATIAL_DIMS, 2, "spatial_dims", "row 1: spatial_dims"),
        (SPATIAL_SHAPE, 2, "spatial_shape", "row 1: spatial_shape"),
        (BANDS, 1, "num_bands", "row 1: bands"),
        (DIM_NAMES, 2, "band", "row 1, band 0: dim_names"),
        (SOURCE_SHAPE, 2, "band", "row 1, band 0: source_shape"),
        (VIEW, 2, "band", "row 1, band 0: view"),
    ];
    for (path, each, reader, place) in lists {
        assert_eq!(failures(offsets(path, [0, each, 2 * each])), [], "{place}");
        for end in [each - 1, -1, i32::MIN] {
            let failed = failures(offsets(path, [0, each, end]));
            let expected = format!("{place}: its list offsets are missing, run backwards or leave its values");
            assert!(failed.contains(&(reader, expected.clone())), "{failed:?} instead of {expected}");
            assert!(failed.iter().all(|(_, message)| message.starts_with("row 1")), "{failed:?}");
        }
        for end in [2 * each + 1, i32::MAX] {
            let failed = failures(offsets(path, [0, each, end]));
            let (_, message) = failed.iter().find(|(name, _)| *name == reader).unwrap();
            assert!(message.starts_with(place), "{message}");
        }
    }
}

#[test]
fn text_offsets_that_decrease_or_overrun() {
    for (path, what) in [(NAME, "name"), (NODATA, "nodata")] {
        for [middle, end] in [[3, 2], [3, -1], [1, 7], [1, i32::MAX], [i32::MIN, 3]] {
            let failed = failures(offsets(path, [0, middle, end]));
            let expected = ("band", format!("row 1, band 0: {what}: its offsets leave its values"));
            assert!(failed.contains(&expected), "{failed:?}");
        }
    }
    let items = [4, 0, 1, 0];
    let failed = failures(with(&items, |data| {
        let buffers = vec![buffer(&[0i32, 1, 2, 100, 4]), data.buffers()[1].clone()];
        data.clone().into_builder().buffers(buffers)
    }));
    assert_eq!(failed, [("band", "row 1, band 0: dim_names: its offsets leave its values".to_owned())]);
}

#[test]
fn descriptors_that_point_outside_of_their_buffers() {
    // Both payloads of 48 bytes are in one buffer, the second at 64.
    assert_eq!(failures(descriptor(DATA, [48, 0, 64])), []);
    let far =
        [[48, 1, 64], [48, 0, 65], [49, 0, 64], [u32::MAX, 0, 0], [48, 0, u32::MAX], [48, u32::MAX, 64], [13, 9, 9]];
    for [length, index, offset] in far {
        let failed = failures(descriptor(DATA, [length, index, offset]));
        let expected = "row 1, band 0: data: its view or offsets point outside of its buffers";
        assert_eq!(failed, [("source_data", expected.to_owned())], "{length} bytes in {index} at {offset}");
    }
    for (path, reader, place) in [(CRS, "crs", "row 1: crs"), (OUTDB_FORMAT, "band", "row 1, band 0: outdb_format")] {
        for [length, index, offset] in [[32, 7, 0], [32, 0, 100], [200, 0, 0], [u32::MAX, 0, u32::MAX]] {
            let failed = failures(descriptor(path, [length, index, offset]));
            assert_eq!(failed, [(reader, format!("{place}: its offsets leave its values"))]);
        }
    }
}

#[test]
fn children_that_are_shorter_than_their_parent_says() {
    let short: [(&[usize], usize, &str, &str); 6] = [
        (&[1, 0], 11, "transform", "row 1: transform: its offsets leave its values"),
        (&[2, 0], 3, "spatial_dims", "row 1: spatial_dims: its offsets leave its values"),
        (&[3, 0], 3, "spatial_shape", "row 1: spatial_shape: its offsets leave its values"),
        (&[4, 0], 1, "num_bands", "row 1: bands: its list offsets are missing, run backwards or leave its values"),
        (&[4, 0, 1, 0], 3, "band", "row 1, band 0: dim_names: its offsets leave its values"),
        (&[4, 0, 2, 0], 3, "band", "row 1, band 0: source_shape: its offsets leave its values"),
    ];
    for (path, len, reader, message) in short {
        let failed = failures(only(path, len));
        assert!(failed.contains(&(reader, message.to_owned())), "{failed:?}");
        assert!(failed.iter().all(|(_, message)| message.starts_with("row 1")), "{failed:?}");
    }
    let failed = failures(only(&[4, 0, 5, 0], 3));
    assert_eq!(failed, [("band", "row 1, band 0: view.source_axis: its offsets leave its values".to_owned())]);
}

/// A struct as nobody checked it.
#[allow(unsafe_code, reason = "arrays that nobody validated are made by an unsafe call only")]
fn unchecked(array: &StructArray, child: usize, len: usize, nulls: Option<NullBuffer>) -> StructArray {
    let (fields, mut columns, _) = array.clone().into_parts();
    columns[child] = columns[child].slice(0, len);
    // SAFETY: nothing is promised about this array: it is read by checked look-ups only, which is the test.
    unsafe { StructArray::new_unchecked(fields, columns, nulls) }
}

#[test]
fn structs_whose_children_differ_in_length() {
    for (child, name) in ["crs", "transform", "spatial_dims", "spatial_shape", "bands"].into_iter().enumerate().skip(1)
    {
        let failed = failures(unchecked(&column(), child, 1, None));
        assert_eq!(failed, [("try_from", format!("{name}: it has 1 rows, the column 2"))]);
    }
    for child in 1..9 {
        let (fields, mut columns, nulls) = column().into_parts();
        let list: &ListArray = columns[4].as_any().downcast_ref().unwrap();
        let (item, offsets, band, list_nulls) = list.clone().into_parts();
        let band = unchecked(band.as_any().downcast_ref().unwrap(), child, 1, None);
        let name = format!("bands.band.{}", band.fields()[child].name());
        columns[4] = Arc::new(ListArray::new(item, offsets, Arc::new(band), list_nulls));
        let failed = failures(StructArray::new(fields, columns, nulls));
        assert_eq!(failed, [("try_from", format!("{name}: it has 1 rows, the column 2"))]);
    }
    let nulls = Some(NullBuffer::new_valid(1));
    let failed = failures(unchecked(&column(), 0, 2, nulls));
    assert_eq!(failed, [("try_from", "validity bitmap: it has 1 rows, the column 2".to_owned())]);
}

#[test]
fn text_that_is_not_utf_8() {
    let texts: [(&[usize], &str, &str); 3] = [
        (CRS, "crs", "row 0: crs: it is not UTF-8"),
        (NAME, "band", "row 0, band 0: name: it is not UTF-8"),
        (OUTDB_FORMAT, "band", "row 0, band 0: outdb_format: it is not UTF-8"),
    ];
    for (path, reader, message) in texts {
        for byte in [0xff, 0x80, 0xc0] {
            let failed = failures(bytes(path, byte));
            assert!(failed.contains(&(reader, message.to_owned())), "{failed:?}");
        }
    }
    let failed = failures(bytes(&[4, 0, 1, 0], 0x80));
    assert!(failed.contains(&("band", "row 0, band 0: dim_names: it is not UTF-8".to_owned())), "{failed:?}");
    // Half of a character: the bytes are UTF-8, the value is not.
    let halved = with(NAME, |data| {
        let text = Buffer::from("red\u{e9}ed".as_bytes().to_vec());
        data.clone().into_builder().buffers(vec![buffer(&[0i32, 4, 7]), text])
    });
    let failed = failures(halved);
    assert_eq!(failed[0], ("band", "row 0, band 0: name: it is not UTF-8".to_owned()));
}

#[test]
fn rows_that_claim_the_same_bands_again_and_again() {
    // 1000 rows, every other of which is the whole list of bands: nothing that a column may be rewritten by.
    let band = Array2::<u8>::zeros((2, 2));
    let rasters = (0..1000).map(|_| Raster::from_ndarray(&band).unwrap());
    let column: RasterArray = rasters.collect();
    let data = column.as_struct_array().to_data();
    let claims: Vec<i32> = (0..=1000).map(|row| if row % 2 == 0 { 0 } else { 1000 }).collect();
    let claimed = edited(&data, BANDS, &|data| data.clone().into_builder().buffers(vec![buffer(&claims)]));
    let array = make_array(claimed);
    let (fields, mut columns, _) = array.as_any().downcast_ref::<StructArray>().unwrap().clone().into_parts();
    // The rows whose offsets run backwards are null, so that nobody looks at them.
    let nulls = NullBuffer::from((0..1000).map(|row| row % 2 == 0).collect::<Vec<_>>());
    let mut fields = fields.to_vec();
    // Of another type than SedonaDB's, so that it must be rewritten.
    fields[0] = Arc::new(fields[0].as_ref().clone().with_data_type(DataType::Utf8));
    columns[0] = Arc::new(StringArray::new_null(1000));
    let column = RasterArray::try_from(StructArray::new(fields.into(), columns, Some(nulls))).unwrap();
    assert_eq!(column.get(998).unwrap().num_bands().unwrap(), 1000);
    for rewrite in [RasterArray::to_canonical, RasterArray::to_standard] {
        let (_, bytes, refused) = allocated(|| rewrite(&column));
        assert_eq!(
            refused.unwrap_err().to_string(),
            "row 2: bands: its list offsets are missing, run backwards or leave its values"
        );
        assert!(bytes < 2 << 20, "{bytes} bytes");
    }
}

#[test]
fn a_null_above_a_value_is_a_null() {
    for (child, message) in [(3, "row 1, band 0: data_type: an item is null"), (8, "row 1, band 0: data: it is null")] {
        let array =
            with(&[4, 0, child], |data| data.clone().into_builder().nulls(Some(NullBuffer::from(vec![true, false]))));
        let column = RasterArray::try_from(array).unwrap();
        assert!(column.get(0).unwrap().as_array_view2::<u8>().is_ok());
        assert_eq!(column.get(1).unwrap().as_array_view2::<u8>().unwrap_err().to_string(), message);
        assert!(RasterArrayBuilder::new().append(column.get(1)).is_err(), "{message}");
    }
}
