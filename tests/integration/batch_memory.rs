//! How payloads lie in memory, and which rows of a column are one array.

use std::io::Cursor;
use std::sync::Arc;

use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use ndraster::arrow_array::{BinaryViewArray, ListArray, RecordBatch, StringArray, StructArray};
use ndraster::arrow_buffer::Buffer;
use ndraster::arrow_schema::Schema;
use ndraster::ndarray::{Array2, Array3, Array4, Axis, Slice, s};
use ndraster::{Band, Batch, ErrorKind, MemoryLayout, Pixel, Raster, RasterArray, RasterArrayBuilder, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::payloads::payloads;
use ndraster_test_support::raw::{view, with_bands, with_payloads};
use ndraster_test_support::readers::assert_batches_are_their_rows;

use crate::batches::{column, counted};

/// Columns whose payloads were placed by hand: the buffer and the offset of each, all of 40 bytes. The dims are the default ones,
/// which are read at once, and others, which are read band by band.
fn placed(places: &[(usize, usize)], buffers: &[&[u8]]) -> [RasterArray; 2] {
    [["y", "x"], ["lat", "lon"]].map(|names| {
        let rows =
            Batch::from_ndarray(Array3::<i16>::zeros((places.len(), 4, 5))).unwrap().with_dim_names(names).unwrap();
        let views: Vec<u128> = places
            .iter()
            .map(|(buffer, start)| view(&buffers[*buffer][*start..*start + 40], *buffer, *start))
            .collect();
        let buffers = buffers.iter().map(|buffer| Buffer::from(*buffer)).collect::<Vec<_>>();
        let payloads = BinaryViewArray::try_new(views.into(), buffers, None).unwrap();
        RasterArray::try_from(with_payloads(rows.finish().unwrap().as_struct_array(), payloads)).unwrap()
    })
}

#[test]
fn payloads_that_lie_evenly_are_one_view_whatever_the_step() -> Result<()> {
    let memory = counted([10, 1, 8, 8]);
    let buffer: &[u8] = bytemuck::cast_slice(memory.as_slice().unwrap());
    let even: [&[usize]; 6] =
        [&[0, 64, 128], &[128, 64, 0], &[0, 2, 4], &[80, 80, 80, 80], &[7 * 40, 6 * 40, 5 * 40], &[4]];
    let places = |offsets: &[usize]| offsets.iter().map(|offset| (0, *offset)).collect::<Vec<_>>();
    for offsets in even {
        for column in placed(&places(offsets), &[buffer]) {
            assert_eq!(column.as_batch_view::<i16>()?.shape()[0], offsets.len(), "{offsets:?}");
            assert_batches_are_their_rows(&column);
        }
    }
    let uneven: [(&[usize], &[usize]); 5] = [
        (&[0, 64, 130], &[2, 1]),
        (&[0, 40, 80, 200, 240, 280, 0], &[3, 3, 1]),
        (&[200, 240, 0, 0, 0], &[2, 3]),
        (&[0, 64, 128, 192, 256, 320, 384, 448, 512, 572], &[9, 1]),
        (&[9, 64, 128], &[2]),
    ];
    for (offsets, runs) in uneven {
        for column in placed(&places(offsets), &[buffer]) {
            let error = column.as_batch_view::<i16>().unwrap_err();
            assert!([ErrorKind::Layout, ErrorKind::Misaligned].contains(&error.kind()), "{offsets:?}: {error}");
            let found: Vec<usize> = column.batch_views::<i16>().flatten().map(|view| view.shape()[0]).collect();
            assert_eq!(found, runs, "{offsets:?}");
            assert_batches_are_their_rows(&column);
        }
    }
    // The same offsets in another buffer.
    let other: Vec<u8> = buffer.iter().map(|byte| byte ^ 255).collect();
    for places in [[(0, 0), (1, 40), (0, 80)], [(0, 0), (0, 40), (1, 80)], [(1, 0), (0, 0), (1, 0)]] {
        for column in placed(&places, &[buffer, &other]) {
            assert_eq!(column.as_batch_view::<i16>().unwrap_err().kind(), ErrorKind::Layout, "{places:?}");
            assert_batches_are_their_rows(&column);
        }
    }
    // A long run whose only odd payload is far behind.
    for odd in [1, 63, 64, 65, 127, 128, 199] {
        let mut offsets = vec![0; 200];
        offsets[odd] = 2;
        placed(&places(&offsets), &[buffer]).iter().for_each(assert_batches_are_their_rows);
    }
    // The same steps, and other strides: the second row is transposed.
    let square = Raster::from_ndarray(Array2::from_shape_fn((16, 16), |(y, x)| (16 * y + x) as i16))?;
    let turned = square.transpose_dims(["x", "y"])?;
    let turned =
        Raster::from_bands_with_spatial_dims([turned.band(0)?.to_band()?.with_dim_names(["y", "x"])?], "x", "y")?;
    let column = RasterArray::from_iter([square.clone(), turned]);
    assert_eq!(column.as_batch_view::<i16>().unwrap_err().kind(), ErrorKind::Layout);
    assert_batches_are_their_rows(&column);
    let evens = square.slice_dim("y", Slice::new(0, None, 2))?.slice_dim("x", Slice::new(0, None, 2))?;
    let halves = square.window(..8, ..8)?;
    assert_batches_are_their_rows(&RasterArray::from_iter([evens, halves]));
    Ok(())
}

fn through_ipc(column: &RasterArray) -> RasterArray {
    let schema = Arc::new(Schema::new(vec![column.field("rast")]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StructArray::from(column.clone()))]).unwrap();
    let mut writer = FileWriter::try_new(Vec::new(), &schema).unwrap();
    writer.write(&batch).unwrap();
    let mut reader = FileReader::try_new(Cursor::new(writer.into_inner().unwrap()), None).unwrap();
    RasterArray::from_batch(&reader.next().unwrap().unwrap(), "rast").unwrap()
}

#[test]
fn a_batch_is_one_after_ipc_slices_and_concatenation() -> Result<()> {
    let whole = column(counted([20, 2, 4, 5]));
    let read = through_ipc(&whole);
    assert_eq!(read.as_batch_view4::<i16>()?, counted([20, 2, 4, 5]));
    let slice = read.slice(5, 10)?;
    let view = slice.as_batch_view4::<i16>()?;
    assert_eq!(view, counted([20, 2, 4, 5]).slice(s![5..15, .., .., ..]));
    assert_eq!(view.as_ptr(), read.as_batch_view::<i16>()?.as_ptr().wrapping_add(5 * 40));
    // Parts of one memory, in order and not.
    let joined = |parts: &[&RasterArray]| {
        let mut builder = RasterArrayBuilder::new();
        parts.iter().flat_map(|part| part.iter()).for_each(|raster| builder.append(raster).unwrap());
        builder.finish().unwrap()
    };
    let big =
        RasterArray::from_ndarray_batch(Array4::from_shape_fn((6, 2, 64, 64), |(n, b, y, x)| (n + b + y + x) as f32))?;
    let (head, tail) = (big.slice(0, 2)?, big.slice(2, 4)?);
    assert_eq!(joined(&[&head, &tail]).as_batch_view::<f32>()?.as_ptr(), big.as_batch_view::<f32>()?.as_ptr());
    let runs =
        |column: &RasterArray| column.batch_views::<f32>().map(|view| view.unwrap().shape()[0]).collect::<Vec<_>>();
    assert_eq!(runs(&joined(&[&tail, &head])), [4, 2]);
    assert_eq!(runs(&joined(&[&big, &big.to_standard()?])), [6, 6]);
    assert_batches_are_their_rows(&joined(&[&tail, &head]));
    // Every other row of a column is one view still, as a filter leaves it.
    let mut builder = RasterArrayBuilder::new();
    big.iter().step_by(2).try_for_each(|raster| builder.append(raster))?;
    let filtered = builder.finish()?;
    assert_eq!(runs(&filtered), [3]);
    Ok(())
}

#[test]
fn a_part_of_a_batch_is_one_when_it_is_compact_or_aligned() -> Result<()> {
    // Small tiles, which compact columns keep in common blocks, and large ones, which do not share them.
    for shape in [[40, 2, 4, 5], [40, 2, 50, 60]] {
        let pixels = Array4::from_shape_fn(shape, |(n, band, y, x)| (1000 * n + 500 * band + 61 * y + x) as i16);
        let expected = pixels.slice(s![7..37, .., .., ..]).to_owned();
        let part = column(pixels).slice(7, 30)?;
        let compact = part.to_compact()?;
        assert_eq!(compact.buffer_bytes(), expected.len() * 2);
        assert_eq!(compact.as_batch_view4::<i16>()?, expected);
        // Other engines put payloads one after the other, so that these begin at an odd byte.
        let mut bytes = vec![0u8];
        bytes.extend(expected.iter().flat_map(|pixel| pixel.to_le_bytes()));
        let (buffer, len) = (Buffer::from_vec(bytes), shape[2] * shape[3] * 2);
        let views = (0..60).map(|band| view(&buffer[1 + band * len..][..len], 0, 1 + band * len)).collect();
        let odd = BinaryViewArray::try_new(views, vec![buffer.clone()], None).unwrap();
        let odd = RasterArray::try_from(with_payloads(part.to_compact()?.as_struct_array(), odd))?;
        assert!(odd.as_batch_view4::<i16>().is_err());
        assert_eq!(odd.to_aligned()?.as_batch_view4::<i16>()?, expected);
    }
    Ok(())
}

#[test]
fn beyond_two_gibibytes_a_batch_has_slices_of_its_memory() -> Result<()> {
    // Zeroed memory that nobody touches takes none.
    let pixels = Array4::<u8>::zeros((5, 2, 1 << 14, 1 << 14));
    let address = pixels.as_ptr();
    let (_, bytes, column) = allocated(|| RasterArray::from_ndarray_batch(pixels).unwrap());
    assert!(bytes < 100_000, "{bytes} bytes");
    assert_eq!(payloads(column.as_struct_array()).data_buffers().len(), 2);
    let views = column.batch_views::<u8>().collect::<Result<Vec<_>>>()?;
    assert_eq!(views.iter().map(|view| view.shape()[0]).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(views[0].as_ptr(), address);
    assert_eq!(views[1].as_ptr(), address.wrapping_add(3 << 29));
    assert_eq!(column.as_batch_view::<u8>().unwrap_err().row(), Some(3));
    Ok(())
}

#[test]
fn columns_of_all_types_are_batches() {
    fn check<T: Pixel>() {
        let pixels = Array4::<T>::default((3, 2, 4, 5));
        let column = RasterArray::from_ndarray_batch(pixels.clone()).unwrap();
        assert_eq!(column.as_batch_view4::<T>().unwrap(), pixels);
        assert_batches_are_their_rows(&column);
    }
    check::<u8>();
    check::<i8>();
    check::<i16>();
    check::<i16>();
    check::<u32>();
    check::<i32>();
    check::<u64>();
    check::<i64>();
    check::<f32>();
    check::<f64>();
}

#[test]
fn payloads_inside_of_views_are_not_looked_for_in_a_buffer() {
    // Four zeros inside of each view, and a buffer in which others lie at the place that zeros would name.
    let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((20, 3, 4))).unwrap();
    let views = payloads(column.as_struct_array()).views().clone();
    let with_buffer = BinaryViewArray::try_new(views, vec![Buffer::from(&[9u8; 64])], None).unwrap();
    let column = RasterArray::try_from(with_payloads(column.as_struct_array(), with_buffer)).unwrap();
    assert_eq!(column.to_batch::<u8>().unwrap(), Array4::<u8>::zeros((20, 1, 3, 4)).into_dyn());
    assert!(column.array_views2::<u8>().all(|view| view.unwrap().unwrap().sum() == 0));
    assert_batches_are_their_rows(&column);
}

#[test]
fn names_that_are_the_default_ones_letter_by_letter_are_no_default_names() {
    let column = RasterArray::from_ndarray_batch(Array3::<f32>::ones((20, 3, 5))).unwrap();
    for name in ["yx", "", "y", "x"] {
        let renamed = with_bands(column.as_struct_array(), |bands| {
            let (fields, mut columns, nulls) = bands.clone().into_parts();
            let lists: &ListArray = columns[1].as_any().downcast_ref().unwrap();
            let (item, offsets, values, _) = lists.clone().into_parts();
            let values = StringArray::from_iter_values(std::iter::repeat_n(name, values.len()));
            columns[1] = Arc::new(ListArray::new(item, offsets, Arc::new(values), None));
            StructArray::new(fields, columns, nulls)
        });
        let renamed = RasterArray::try_from(renamed).unwrap();
        assert_eq!(renamed.as_batch_view::<f32>().unwrap_err().kind(), ErrorKind::Malformed, "{name}");
        assert_batches_are_their_rows(&renamed);
    }
}

/// So many rows that a look at all of them for each would take minutes: padded ones, which are no one piece, and misaligned ones, which
/// are no one view.
#[test]
fn many_rows_that_lie_evenly_but_not_as_one_are_read_once_each() {
    const ROWS: usize = 50_000;
    let memory: Vec<u8> = (0..64 * ROWS).map(|byte| (byte / 64 % 251) as u8).collect();
    let offsets: Vec<(usize, usize)> = (0..ROWS).map(|row| (0, 64 * row)).collect();
    let [padded, _] = placed(&offsets, &[&memory]);
    let batch = padded.to_batch::<i16>().unwrap();
    let expected = |row: usize| i16::from_le_bytes([(row % 251) as u8; 2]);
    assert!(batch.outer_iter().enumerate().all(|(row, pixels)| pixels.iter().all(|pixel| *pixel == expected(row))));
    let offsets: Vec<(usize, usize)> = (0..ROWS - 1).map(|row| (0, 64 * row + 1)).collect();
    let [misaligned, _] = placed(&offsets, &[&memory]);
    assert_eq!(misaligned.batch_views::<i16>().filter(Result::is_err).count(), ROWS - 1);
}

/// How many rows the views of a column have.
fn runs<T: Pixel>(column: &RasterArray) -> Result<Vec<usize>> {
    column.batch_views::<T>().map(|view| Ok(view?.shape()[0])).collect()
}

#[test]
fn no_row_is_cut_where_payloads_are_copied() -> Result<()> {
    // Every second band is stored: gaps, so that payloads are copied one by one, into blocks.
    let pixels = Array4::from_shape_fn((200, 6, 8, 8), |(n, band, y, x)| (n + 30 * band + 8 * y + x) as u8);
    let expected = pixels.slice(s![.., ..;2, .., ..]).to_owned();
    let column = Batch::from_ndarray_with(pixels.slice_move(s![.., ..;2, .., ..]), MemoryLayout::AsIs)?.finish()?;
    assert_eq!(runs::<u8>(&column)?, [200]);
    assert_eq!(column.to_compact()?.as_batch_view4::<u8>()?, expected);
    // A builder starts larger blocks as it grows, with whole rows.
    let mut built = RasterArrayBuilder::new();
    for _ in 0..100 {
        built.append(&Raster::from_bands(Band::split(Array3::<u8>::zeros((3, 60, 60)), Axis(0))?)?)?;
    }
    assert!(runs::<u8>(&built.finish()?)?.len() < 20);
    Ok(())
}

#[test]
fn parts_of_one_buffer_that_arrow_appends_are_one_view() -> Result<()> {
    let whole = column(counted([8, 3, 4, 4]));
    let (_, bands) = (whole.len(), payloads(whole.as_struct_array()).clone());
    // The same buffer twice, as arrow's concat lists it.
    let buffer = bands.data_buffers()[0].clone();
    let views = (0..24).map(|band| view(&buffer[band * 32..][..32], usize::from(band >= 12), band * 32)).collect();
    let twice = BinaryViewArray::try_new(views, vec![buffer.clone(), buffer], None).unwrap();
    let twice = RasterArray::try_from(with_payloads(whole.as_struct_array(), twice))?;
    assert_eq!(twice.as_batch_view4::<i16>()?, counted([8, 3, 4, 4]));
    assert_eq!(runs::<i16>(&twice)?, [8]);
    Ok(())
}

#[test]
fn buffers_that_begin_at_one_address_are_one_memory() -> Result<()> {
    // The first buffer is a part of the second. The rows have views, so that they are read one by one.
    let whole = Buffer::from_vec((0u8..64).collect::<Vec<_>>());
    let buffers = vec![whole.slice_with_length(0, 16), whole.clone()];
    let views = (0..4).map(|row| view(&whole[16 * row..][..16], usize::from(row > 0), 16 * row)).collect();
    let square = Raster::from_ndarray(Array2::<u8>::zeros((4, 4)))?.window(1.., ..)?;
    let rows = RasterArray::from_iter(vec![square; 4]);
    let rows = RasterArray::try_from(with_payloads(
        rows.as_struct_array(),
        BinaryViewArray::try_new(views, buffers, None).unwrap(),
    ))?;
    assert_eq!(runs::<u8>(&rows)?, [4]);
    let expected = Array4::from_shape_fn((4, 1, 3, 4), |(row, _, y, x)| (16 * row + 4 * (y + 1) + x) as u8);
    assert_eq!(rows.as_batch_view4::<u8>()?, expected);
    Ok(())
}

#[test]
fn bands_of_two_types_that_share_a_payload_are_aligned_for_both() -> Result<()> {
    let bytes = Buffer::from_vec(vec![1u8; 64]);
    let band = |pixels: usize, size: usize, pixel_type: fn(usize) -> Result<Raster>, start: usize| {
        (pixel_type(pixels), view(&bytes[start..][..pixels * size], 0, start))
    };
    let shorts = |pixels| Raster::from_ndarray(Array2::<u16>::zeros((1, pixels)));
    let doubles = |pixels| Raster::from_ndarray(Array2::<f64>::zeros((1, pixels)));
    let (column, views): (Vec<_>, Vec<_>) =
        [band(9, 2, shorts, 1), band(8, 2, shorts, 19), band(2, 8, doubles, 19)].into_iter().unzip();
    let (column, views) = (column.into_iter().collect::<Result<Vec<_>>>()?, views.into());
    let payloads = BinaryViewArray::try_new(views, vec![bytes.clone()], None).unwrap();
    let column = RasterArray::try_from(with_payloads(RasterArray::from_iter(column).as_struct_array(), payloads))?;
    let aligned = column.to_aligned()?;
    assert_eq!(aligned.get(1).unwrap().as_array_view2::<u16>()?.sum(), 8 * 257);
    assert_eq!(aligned.get(2).unwrap().as_array_view2::<f64>()?.len(), 2);
    Ok(())
}
