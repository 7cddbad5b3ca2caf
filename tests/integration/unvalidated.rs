//! Arrays that contradict themselves below the types, as they come over the C Data Interface or out of a file that is read
//! without validation. Each is an error that names the place, from every reader of the bad part, and from no other reader.

use std::sync::Arc;

use arrow_data::{ArrayData, ArrayDataBuilder};
use ndraster::arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, ListArray, ListViewArray, StringArray, StringViewArray, StructArray,
    make_array,
};
use ndraster::arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, Field, Fields};
use ndraster::ndarray::Array2;
use ndraster::{Band, Raster, RasterArray, RasterArrayBuilder, RasterType};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::payloads::bands;
use ndraster_test_support::raw::{aligned_buffer, with_bands};
use ndraster_test_support::readers::{
    Failure, Parts, assert_column_failed, failures_of_column, failures_of_row, must_fail, read_everything,
};

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

/// Returns the array with another child at the end of the path.
#[allow(unsafe_code, reason = "arrays without validation are made by an unsafe call only")]
fn edited(data: &ArrayData, path: &[usize], edit: &dyn Fn(&ArrayData) -> ArrayDataBuilder) -> ArrayData {
    let builder = match path.split_first() {
        None => edit(data),
        Some((&first, rest)) => {
            let mut children = data.child_data().to_vec();
            children[first] = edited(&children[first], rest, edit);
            data.clone().into_builder().child_data(children)
        }
    };
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests.
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

/// Returns the column with other offsets in the list or text at the end of the path.
fn offsets(path: &[usize], offsets: [i32; 3]) -> StructArray {
    with(path, |data| {
        let mut buffers = data.buffers().to_vec();
        buffers[0] = buffer(&offsets);
        data.clone().into_builder().buffers(buffers)
    })
}

/// Returns the column with another length, buffer and offset in the view of the second value.
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

/// Returns the column with other bytes in the last buffer: that of the text, or of the long values of a view type.
fn bytes(path: &[usize], byte: u8) -> StructArray {
    with(path, |data| {
        let mut buffers = data.buffers().to_vec();
        let last = buffers.pop().unwrap();
        buffers.push(aligned_buffer(&vec![byte; last.len()]));
        data.clone().into_builder().buffers(buffers)
    })
}

/// Returns the column with the first `len` values alone in the array at the end of the path, whose parent counts on more.
fn only(path: &[usize], len: usize) -> StructArray {
    with(path, |data| data.slice(0, len).into_builder())
}

/// Returns the readers that fail on the rows, and those that fail on the column.
fn failures_of(column: &RasterArray) -> [Vec<Failure>; 2] {
    read_everything(column);
    let of_rows = column.iter().flatten().flat_map(|raster| failures_of_row(&raster, 0)).collect();
    [of_rows, failures_of_column(column)]
}

fn failures(array: StructArray) -> Vec<Failure> {
    match RasterArray::try_from(array) {
        Ok(column) => failures_of(&column).concat(),
        Err(error) => vec![("try_from", error.to_string())],
    }
}

/// Asserts that row 1 fails every reader of the bad part and no other, the first of them with the message.
fn assert_row_1_fails(array: StructArray, bad: Parts, message: &str) {
    let [of_rows, of_column] = failures_of(&RasterArray::try_from(array).unwrap());
    let names: Vec<_> = of_rows.iter().map(|(name, _)| *name).collect();
    // Both rows have a band name and nodata.
    assert_eq!(names, must_fail(bad, |reader| reader.reads.and(reader.may_read)), "{message}");
    assert_eq!(of_rows[0].1, message);
    assert_column_failed(&of_column, bad, message);
    for (reader, message) in of_rows.iter().chain(&of_column) {
        assert!(message.starts_with("row 1"), "{reader}: {message}");
    }
}

// Places of the children, as docs/design.md orders the fields.
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
fn list_offsets_that_decrease_or_overrun_are_an_error_of_the_row() {
    let lists: [(&[usize], i32, Parts, &str, &str); 7] = [
        (TRANSFORM, 6, Parts::TRANSFORM, "RasterRef::transform", "row 1: transform"),
        (SPATIAL_DIMS, 2, Parts::SPATIAL_DIMS, "RasterRef::spatial_dims", "row 1: spatial_dims"),
        (SPATIAL_SHAPE, 2, Parts::SPATIAL_SHAPE, "RasterRef::spatial_shape", "row 1: spatial_shape"),
        (BANDS, 1, Parts::BANDS, "RasterRef::num_bands", "row 1: bands"),
        (DIM_NAMES, 2, Parts::METADATA, "RasterRef::band", "row 1, band 0: dim_names"),
        (SOURCE_SHAPE, 2, Parts::METADATA, "RasterRef::band", "row 1, band 0: source_shape"),
        (VIEW, 2, Parts::METADATA, "RasterRef::band", "row 1, band 0: view"),
    ];
    for (path, each, part, reader, place) in lists {
        assert_eq!(failures(offsets(path, [0, each, 2 * each])), [], "{place}");
        for end in [each - 1, -1, i32::MIN] {
            let message =
                format!("{place}: its list offsets are missing, run backwards or point outside of its values");
            assert_row_1_fails(offsets(path, [0, each, end]), part, &message);
        }
        for end in [2 * each + 1, i32::MAX] {
            let failed = failures(offsets(path, [0, each, end]));
            assert!(failed[0].0 == reader && failed[0].1.starts_with(place), "{failed:?}");
        }
    }
}

#[test]
fn text_offsets_that_decrease_or_overrun_are_an_error_of_the_row() {
    for (path, what) in [(NAME, "name"), (NODATA, "nodata")] {
        for [middle, end] in [[3, 2], [3, -1], [1, 7], [1, i32::MAX], [i32::MIN, 3]] {
            let failed = failures(offsets(path, [0, middle, end]));
            let expected =
                ("RasterRef::band", format!("row 1, band 0: {what}: its offsets point outside of its values"));
            assert!(failed.contains(&expected), "{failed:?}");
        }
    }
    let items = [4, 0, 1, 0];
    let array = with(&items, |data| {
        let buffers = vec![buffer(&[0i32, 1, 2, 100, 4]), data.buffers()[1].clone()];
        data.clone().into_builder().buffers(buffers)
    });
    assert_row_1_fails(array, Parts::METADATA, "row 1, band 0: dim_names: its offsets point outside of its values");
}

#[test]
fn a_descriptor_that_leaves_its_buffers_is_an_error_of_the_row() {
    // Both payloads of 48 bytes are in one buffer, the second at 64.
    assert_eq!(failures(descriptor(DATA, [48, 0, 64])), []);
    let far =
        [[48, 1, 64], [48, 0, 65], [49, 0, 64], [u32::MAX, 0, 0], [48, 0, u32::MAX], [48, u32::MAX, 64], [13, 9, 9]];
    for [length, index, offset] in far {
        let message = "row 1, band 0: data: its view or offsets point outside of its buffers";
        assert_row_1_fails(descriptor(DATA, [length, index, offset]), Parts::PAYLOAD, message);
    }
    let texts = [(CRS, Parts::CRS, "row 1: crs"), (OUTDB_FORMAT, Parts::METADATA, "row 1, band 0: outdb_format")];
    for (path, part, place) in texts {
        for [length, index, offset] in [[32, 7, 0], [32, 0, 100], [200, 0, 0], [u32::MAX, 0, u32::MAX]] {
            let message = format!("{place}: its offsets point outside of its values");
            assert_row_1_fails(descriptor(path, [length, index, offset]), part, &message);
        }
    }
}

#[test]
fn a_child_shorter_than_its_parent_says_is_an_error_of_the_row() {
    let short: [(&[usize], usize, Parts, &str); 7] = [
        (&[1, 0], 11, Parts::TRANSFORM, "row 1: transform: its offsets point outside of its values"),
        (&[2, 0], 3, Parts::SPATIAL_DIMS, "row 1: spatial_dims: its offsets point outside of its values"),
        (&[3, 0], 3, Parts::SPATIAL_SHAPE, "row 1: spatial_shape: its offsets point outside of its values"),
        (
            &[4, 0],
            1,
            Parts::BANDS,
            "row 1: bands: its list offsets are missing, run backwards or point outside of its values",
        ),
        (&[4, 0, 1, 0], 3, Parts::METADATA, "row 1, band 0: dim_names: its offsets point outside of its values"),
        (&[4, 0, 2, 0], 3, Parts::METADATA, "row 1, band 0: source_shape: its offsets point outside of its values"),
        (&[4, 0, 5, 0], 3, Parts::METADATA, "row 1, band 0: view.source_axis: its offsets point outside of its values"),
    ];
    for (path, len, part, message) in short {
        assert_row_1_fails(only(path, len), part, message);
    }
}

/// Returns a struct with a shorter child, without validation.
#[allow(unsafe_code, reason = "arrays without validation are made by an unsafe call only")]
fn unchecked(array: &StructArray, child: usize, len: usize, nulls: Option<NullBuffer>) -> StructArray {
    let (fields, mut columns, _) = array.clone().into_parts();
    columns[child] = columns[child].slice(0, len);
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests.
    unsafe { StructArray::new_unchecked(fields, columns, nulls) }
}

#[test]
fn a_struct_whose_children_differ_in_length_is_refused() {
    for (child, name) in ["crs", "transform", "spatial_dims", "spatial_shape", "bands"].into_iter().enumerate().skip(1)
    {
        let failed = failures(unchecked(&column(), child, 1, None));
        assert_eq!(failed, [("try_from", format!("{name}: it has 1 rows, the column 2"))]);
    }
    for child in 1..9 {
        let array = with_bands(&column(), |bands| unchecked(bands, child, 1, None));
        let name = bands(&array).fields()[child].name().clone();
        assert_eq!(failures(array), [("try_from", format!("bands.band.{name}: it has 1 rows, the column 2"))]);
    }
    let nulls = Some(NullBuffer::new_valid(1));
    let failed = failures(unchecked(&column(), 0, 2, nulls));
    assert_eq!(failed, [("try_from", "validity bitmap: it has 1 rows, the column 2".to_owned())]);
}

#[test]
fn text_that_is_not_utf_8_is_an_error_of_the_row() {
    let texts: [(&[usize], &str, &str); 3] = [
        (CRS, "RasterRef::crs", "row 0: crs: it is not UTF-8"),
        (NAME, "RasterRef::band", "row 0, band 0: name: it is not UTF-8"),
        (OUTDB_FORMAT, "RasterRef::band", "row 0, band 0: outdb_format: it is not UTF-8"),
    ];
    for (path, reader, message) in texts {
        for byte in [0xff, 0x80, 0xc0] {
            assert_eq!(failures(bytes(path, byte))[0], (reader, message.to_owned()));
        }
    }
    let failed = failures(bytes(&[4, 0, 1, 0], 0x80));
    assert_eq!(failed[0], ("RasterRef::band", "row 0, band 0: dim_names: it is not UTF-8".to_owned()));
    // The buffer is UTF-8, but the values end in the middle of a character.
    let halved = with(NAME, |data| {
        let text = Buffer::from("red\u{e9}ed".as_bytes().to_vec());
        data.clone().into_builder().buffers(vec![buffer(&[0i32, 4, 7]), text])
    });
    let failed = failures(halved);
    assert_eq!(failed[0], ("RasterRef::band", "row 0, band 0: name: it is not UTF-8".to_owned()));
}

#[test]
fn rows_that_claim_the_same_bands_are_not_rewritten() {
    // Of 1000 rows every other one claims all bands. Written anew they would be 500 times as many.
    let band = Array2::<u8>::zeros((2, 2));
    let rasters = (0..1000).map(|_| Raster::from_ndarray(&band).unwrap());
    let column: RasterArray = rasters.collect();
    let data = column.as_struct_array().to_data();
    let claims: Vec<i32> = (0..=1000).map(|row| if row % 2 == 0 { 0 } else { 1000 }).collect();
    let claimed = edited(&data, BANDS, &|data| data.clone().into_builder().buffers(vec![buffer(&claims)]));
    let array = make_array(claimed);
    let (fields, mut columns, _) = array.as_any().downcast_ref::<StructArray>().unwrap().clone().into_parts();
    // The rows whose offsets run backwards are null, and nothing reads a null row.
    let nulls = NullBuffer::from((0..1000).map(|row| row % 2 == 0).collect::<Vec<_>>());
    let mut fields = fields.to_vec();
    // Another type than SedonaDB's, so that the column must be rewritten.
    fields[0] = Arc::new(fields[0].as_ref().clone().with_data_type(DataType::Utf8));
    columns[0] = Arc::new(StringArray::new_null(1000));
    let column = RasterArray::try_from(StructArray::new(fields.into(), columns, Some(nulls))).unwrap();
    assert_eq!(column.get(998).unwrap().num_bands().unwrap(), 1000);
    for rewrite in [RasterArray::to_canonical, RasterArray::to_standard] {
        let (_, bytes, refused) = allocated(|| rewrite(&column));
        assert_eq!(
            refused.unwrap_err().to_string(),
            "row 2: bands: its list offsets are missing, run backwards or point outside of its values"
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

/// Returns the column with a validity bitmap in the array at the end of the path, and a count of its nulls that may be false.
#[allow(unsafe_code, reason = "a false null count is claimed by an unsafe call only")]
fn null_count(path: &[usize], bits: [bool; 2], claimed: usize) -> StructArray {
    with(path, |data| {
        // SAFETY: the count is false, as it may be in what comes over the C Data Interface. No access relies on it.
        let nulls = unsafe { NullBuffer::new_unchecked(BooleanBuffer::from(bits.to_vec()), claimed) };
        data.clone().into_builder().nulls(Some(nulls))
    })
}

#[test]
fn a_false_null_count_changes_nothing() {
    // The band's name, nodata, URI and format. All claim that both values are null, where none is.
    for (field, what) in [(0, "name"), (4, "nodata"), (7, "outdb_format")] {
        let path = [4, 0, field];
        let column = RasterArray::try_from(null_count(&path, [true, true], 2)).unwrap();
        let band = column.get(1).unwrap().band(0).unwrap();
        let found = [band.name().is_some(), band.nodata_bytes().is_some(), band.outdb_format().is_some()];
        assert_eq!(found, [true; 3], "{what}");
        read_everything(&column);
    }
    // The short way of reading a band must not skip a name that is broken because the count says that it is null.
    let mut array = column();
    for field in [0, 4, 6, 7] {
        let data = edited(&array.to_data(), &[4, 0, field], &|data| {
            let nulls = NullBuffer::from(vec![field == 0; data.len()]);
            data.clone().into_builder().nulls(Some(nulls))
        });
        array = StructArray::from(data);
    }
    let data = edited(&array.to_data(), &[4, 0, 0], &|data| {
        let mut buffers = data.buffers().to_vec();
        buffers[1] = aligned_buffer(&vec![0xff; buffers[1].len()]);
        #[allow(unsafe_code, reason = "a false null count is claimed by an unsafe call only")]
        // SAFETY: as above.
        let nulls = unsafe { NullBuffer::new_unchecked(BooleanBuffer::from(vec![true; data.len()]), data.len()) };
        data.clone().into_builder().buffers(buffers).nulls(Some(nulls))
    });
    let column = RasterArray::try_from(StructArray::from(data)).unwrap();
    for raster in column.iter().flatten() {
        let long_way = raster.band(0).unwrap_err().to_string();
        assert!(long_way.ends_with("band 0: name: it is not UTF-8"), "{long_way}");
        assert_eq!(raster.as_array_view2::<u8>().unwrap_err().to_string(), long_way);
        assert_eq!(raster.as_array_view::<u8>().unwrap_err().to_string(), long_way);
        assert_eq!(raster.to_array::<u8>().unwrap_err().to_string(), long_way);
    }
}

#[test]
fn the_length_of_a_list_is_looked_at_before_its_items() {
    // Lists of a million items, some of which are null: the message is about the length.
    let many = 1 << 20;
    let nulls = || NullBuffer::from_iter((0..many).map(|item| item % 2 == 0));
    let long = |path: &'static [usize], values: &dyn Array| {
        let values = values.to_data().into_builder().nulls(Some(nulls())).build().unwrap();
        let column = with(path, |data| {
            let buffers = vec![buffer(&[0, many as i32, many as i32])];
            data.clone().into_builder().buffers(buffers).child_data(vec![values.clone()])
        });
        RasterArray::try_from(column).unwrap()
    };
    let message = |column: &RasterArray| {
        let raster = column.get(0).unwrap();
        let (_, bytes, failed) = allocated(|| raster.to_raster().unwrap_err());
        assert!(bytes < 8 << 10, "{bytes}");
        failed.to_string()
    };
    let floats = long(&[1], &Float64Array::from(vec![0.0; many]));
    assert_eq!(message(&floats), "row 0: transform: expected six numbers, found 1048576");
    let extents = long(&[3], &Int64Array::from(vec![1; many]));
    assert_eq!(message(&extents), "row 0, band 0: spatial_shape: 1048576 axes are more than 64");
    let sources = long(&[4, 0, 2], &Int64Array::from(vec![1; many]));
    assert_eq!(message(&sources), "row 0, band 0: source_shape: 1048576 axes are more than 64");
    let dims = long(&[2], &StringViewArray::from_iter_values(vec!["x"; many]));
    assert_eq!(message(&dims), "row 0, band 0: spatial_shape: it has 2 extents for 1048576 spatial_dims");
    let names = long(&[4, 0, 1], &StringArray::from_iter_values(vec!["x"; many]));
    assert_eq!(message(&names), "row 0, band 0: dim_names: found 1048576 names for 2 axes");
    let entry = bands(&column()).column(5).to_data().child_data()[0].clone();
    let columns = (0..4).map(|_| Int64Array::from(vec![0; many]).to_data());
    let entries =
        ArrayData::builder(entry.data_type().clone()).len(many).child_data(columns.collect()).build().unwrap();
    let views = long(&[4, 0, 5], &StructArray::from(entries));
    assert_eq!(message(&views), "row 0, band 0: view: expected one entry for each of 2 axes, found 1048576");
}

#[test]
fn a_type_is_compared_no_deeper_than_a_raster_is() {
    // On a stack of two megabytes, as threads of a query engine have.
    let checked = std::thread::spawn(|| {
        let mut array: ArrayRef = Arc::new(Int64Array::from(Vec::<i64>::new()));
        for _ in 0..10_000 {
            let item = Arc::new(Field::new("item", array.data_type().clone(), true));
            array = Arc::new(ListArray::new(item, OffsetBuffer::new_empty(), array, None));
        }
        let (_, bytes, error) = allocated(|| RasterArray::try_from(&array).unwrap_err());
        let as_crs = StructArray::try_from(vec![("crs", Arc::clone(&array))]).unwrap();
        let messages = [error.to_string(), RasterArray::try_from(as_crs).unwrap_err().to_string()];
        // To drop it would follow it down, in arrow's own code.
        std::mem::forget(array);
        (bytes, messages)
    });
    let (bytes, [not_a_struct, no_fields]) = checked.join().unwrap();
    assert!(bytes < 4 << 10, "{bytes}");
    assert!(not_a_struct.ends_with("bands, found List"), "{not_a_struct}");
    assert_eq!(no_fields, "transform: the field is missing");
    let fields: Fields = (0..100_000).map(|i| Field::new(format!("f{i}"), DataType::Int8, true)).collect();
    let wide = DataType::Struct(fields.clone());
    let (_, bytes, error) = allocated(|| RasterType::try_from(&wide).unwrap_err());
    assert!(bytes < 4 << 10, "{bytes}");
    assert_eq!(error.to_string(), "crs: the field is missing");
    let inside = DataType::Struct(Fields::from(vec![Field::new("crs", wide, true)]));
    let (_, bytes, error) = allocated(|| RasterType::try_from(&inside).unwrap_err());
    assert!(bytes < 4 << 10 && error.to_string().len() < 100, "{bytes}: {error}");
}

#[test]
#[allow(unsafe_code, reason = "arrays without validation are made by an unsafe call only")]
fn lists_that_are_fewer_than_the_column_says_are_refused_before_arrow_slices_them() {
    let column = column();
    for field in [1, 2, 3, 4] {
        let lists: &ListArray = column.column(field).as_any().downcast_ref().unwrap();
        let (item, _, values, _) = lists.clone().into_parts();
        let few = |offsets: usize, sizes: usize| {
            // SAFETY: nothing is promised of this array. It is refused before anything reads it.
            let lists = unsafe {
                let (offsets, sizes) = (vec![0; offsets].into(), vec![0; sizes].into());
                ListViewArray::new_unchecked(Arc::clone(&item), offsets, sizes, Arc::clone(&values), None)
            };
            Arc::new(lists) as ArrayRef
        };
        for lists in [few(1, 2), few(3, 2), few(0, 2)] {
            let (_, mut columns, nulls) = column.clone().into_parts();
            columns[field] = lists;
            let fields = column
                .fields()
                .iter()
                .zip(&columns)
                .map(|(field, array)| field.as_ref().clone().with_data_type(array.data_type().clone()));
            // SAFETY: as above.
            let array = unsafe { StructArray::new_unchecked(fields.collect(), columns, nulls) };
            let message = RasterArray::try_from(array).unwrap_err().to_string();
            assert!(message.ends_with("it has fewer lists or values than it says"), "{message}");
        }
    }
}
