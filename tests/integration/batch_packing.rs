//! Columns that are written so that their rows lie side by side.

use ndraster::arrow_array::Array;
use ndraster::ndarray::{Array2, Array3, Axis, s};
use ndraster::{Band, ErrorKind, Raster, RasterArray, RasterArrayBuilder, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::payloads::payloads;
use ndraster_test_support::readers::assert_batches_are_their_rows;

use crate::batches::tile;

#[test]
fn a_packed_column_is_one_view_without_padding() -> Result<()> {
    let raster =
        Raster::from_ndarray(Array2::from_shape_fn((64, 48), |(y, x)| (100 * y + x) as f32))?.with_crs("EPSG:4326");
    let tiles = raster.tiles(16, 16)?;
    let packed = tiles.to_packed_batch()?;
    let view = packed.as_batch_view4::<f32>()?;
    assert_eq!((view.dim(), view.is_standard_layout()), ((12, 1, 16, 16), true));
    assert_eq!(packed.payload_bytes()?, 64 * 48 * 4);
    for (tile, packed) in tiles.iter().flatten().zip(packed.iter().flatten()) {
        assert_eq!(tile.as_array_view2::<f32>()?, packed.as_array_view2::<f32>()?);
        assert_eq!((tile.transform()?, tile.crs()?), (packed.transform()?, packed.crs()?));
    }
    let again = packed.to_packed_batch()?;
    assert_eq!(again.as_batch_view::<f32>()?.as_ptr(), packed.as_batch_view::<f32>()?.as_ptr(), "it was copied again");
    drop(again);
    let address = packed.as_batch_view::<f32>()?.as_ptr();
    assert_eq!(packed.into_batch::<f32>()?.as_ptr(), address);
    // Copied into blocks, where each begins at a multiple of 64 bytes.
    let mut small = RasterArrayBuilder::new();
    (0..9u8).try_for_each(|fill| small.append(&Raster::from_ndarray(Array2::from_elem((3, 5), fill))?))?;
    let small = small.finish()?;
    assert_eq!(small.as_batch_view::<u8>()?.strides()[0], 64);
    assert!(small.to_packed_batch()?.as_batch_view::<u8>()?.is_standard_layout());
    assert_eq!(RasterArray::from_iter([Some(tile(1.0)), None]).to_packed_batch().unwrap_err().row(), Some(1));
    Ok(())
}

#[test]
fn arrays_become_rows_without_a_raster_each() -> Result<()> {
    let tiles = |row: usize| Array2::from_shape_fn((4, 3 + row % 2), |(y, x)| (100 * row + 10 * y + x) as f32);
    let column = RasterArray::from_ndarrays((0..50).map(tiles))?;
    let expected = RasterArray::from_iter((0..50).map(|row| Raster::from_ndarray(tiles(row)).unwrap()));
    assert_eq!(column.as_struct_array().to_data(), expected.as_struct_array().to_data());
    // Every layout, of small and of large arrays, among other rows.
    for side in [2, 5, 80] {
        let square = Array2::from_shape_fn((side, side + 1), |(y, x)| (100 * y + x) as i32);
        let mut builder = RasterArrayBuilder::with_capacity(7);
        builder.append_ndarray(square.clone())?;
        builder.append_null();
        builder.append_ndarray(&square)?;
        builder.append_ndarray(square.view().reversed_axes())?;
        builder.append_ndarray(square.clone().into_shared())?;
        builder.append_ndarray(square.slice(s![..;-1, ..;2]))?;
        builder.append(&Raster::from_ndarray(square.clone())?.with_crs("EPSG:4326"))?;
        let error = builder.append_ndarray(square.view().insert_axis(Axis(0))).unwrap_err();
        assert!(error.kind() == ErrorKind::Shape && error.to_string().contains("with_dim_names"), "{error}");
        assert_eq!(builder.len(), 7);
        let column = builder.finish()?;
        column.as_struct_array().to_data().validate_full().unwrap();
        let row = |row: usize| column.get(row).unwrap().to_array2::<i32>().unwrap();
        assert_eq!([row(0), row(2), row(4), row(6)], [0; 4].map(|_| square.clone()));
        assert!(column.is_null(1));
        assert_eq!(row(3), square.t());
        assert_eq!(row(5), square.slice(s![..;-1, ..;2]));
    }
    let large = Array2::<f32>::zeros((64, 64));
    let address = large.as_ptr();
    assert_eq!(RasterArray::from_ndarrays([large])?.get(0).unwrap().as_array_view2::<f32>()?.as_ptr(), address);
    let mut small = RasterArrayBuilder::with_capacity(100);
    small.append_ndarray(Array2::<f32>::zeros((4, 4)))?;
    let tile = Array2::<f32>::zeros((4, 4));
    let (count, _, appended) = allocated(|| (0..99).try_for_each(|_| small.append_ndarray(&tile)));
    assert_eq!((count, appended?), (0, ()), "allocations");
    let error = RasterArray::from_ndarrays([Array3::<u8>::zeros((2, 2, 2))]).unwrap_err();
    assert_eq!((error.kind(), error.row()), (ErrorKind::Shape, Some(0)));
    Ok(())
}

#[test]
fn a_packed_builder_puts_payloads_of_one_length_side_by_side() -> Result<()> {
    // Lengths that are no multiple of 64, then another length, another type and a large one.
    let mut builder = RasterArrayBuilder::packed(40);
    for fill in 0..30u8 {
        builder.append(&Raster::from_ndarray(Array2::from_elem((3, 7), fill))?)?;
    }
    for fill in 0..5 {
        builder.append(&Raster::from_ndarray(Array2::from_elem((3, 5), f64::from(fill)))?)?;
    }
    builder.append(&Raster::from_ndarray(Array2::from_elem((3, 7), 30u8))?)?;
    let large = Raster::from_ndarray(Array2::<u8>::zeros((1025, 1024)))?;
    builder.append(&large)?;
    let column = builder.finish()?;
    column.as_struct_array().to_data().validate_full().unwrap();
    let packed = column.slice(0, 30)?;
    assert!(packed.as_batch_view::<u8>()?.is_standard_layout());
    assert_eq!(packed.as_batch_view::<u8>()?.mapv(u32::from).sum(), (0..30).map(|fill| 21 * fill).sum::<u32>());
    for raster in column.iter().flatten() {
        assert!(raster.as_any_view().is_ok(), "{raster:?} is misaligned");
    }
    let address = |raster: ndraster::RasterRef<'_>| raster.band(0).unwrap().source_data().unwrap().as_ptr();
    assert_eq!(address(column.get(36).unwrap()), address(large.as_ref()), "it was copied");
    assert_batches_are_their_rows(&column.slice(0, 36)?);
    // One allocation for the pixels of all rows, and none that a row count claims.
    let tile = Array2::<f32>::zeros((64, 64));
    let fill = |rows: usize, appended: usize| {
        let mut builder = RasterArrayBuilder::packed(rows);
        (0..appended).try_for_each(|_| builder.append_ndarray(&tile)).unwrap();
        builder.finish().unwrap()
    };
    let (_, bytes, column) = allocated(|| fill(100, 100));
    assert!(bytes < 100 * 64 * 64 * 4 + 100_000, "{bytes} bytes");
    assert_eq!(payloads(column.as_struct_array()).data_buffers().len(), 1);
    let (_, bytes, _) = allocated(|| fill(usize::MAX, 1));
    assert!(bytes < 70 << 20, "{bytes} bytes");
    Ok(())
}

#[test]
fn a_packed_builder_does_not_copy_what_others_hold() -> Result<()> {
    let image = Raster::from_ndarray(Array2::<f32>::zeros((128, 128)))?;
    let address = |raster: ndraster::RasterRef<'_>| raster.band(0).unwrap().source_data().unwrap().as_ptr();
    let mut column = RasterArrayBuilder::packed(3);
    column.append(&image.window(..64, ..)?)?;
    column.append(&image.clone())?;
    column.append(&Raster::from_ndarray(Array2::<f32>::zeros((128, 128)))?)?;
    let column = column.finish()?;
    let is_shared = |row: usize| address(column.get(row).unwrap()) == address(image.as_ref());
    assert_eq!([0, 1, 2].map(is_shared), [true, true, false]);
    Ok(())
}

#[test]
fn a_packed_builder_counts_rows_and_keeps_each_whole() -> Result<()> {
    let pixels = |row: usize| Array3::from_shape_fn((3, 31, 31), |(band, y, x)| (row * 7 + band * 5 + y + x) as f32);
    for (expected, most) in [(10, 1), (3, 4), (0, 5)] {
        let mut column = RasterArrayBuilder::packed(expected);
        for row in 0..10 {
            // Three bands of one array, which nothing else holds.
            column.append(&Raster::from_bands(Band::split(pixels(row), Axis(0))?)?)?;
        }
        let column = column.finish()?;
        let views = column.batch_views::<f32>().collect::<Result<Vec<_>>>()?;
        assert!(views.len() <= most, "{} views, {expected} rows were expected", views.len());
        let found = views.iter().flat_map(|view| view.outer_iter().map(|row| row.to_owned()).collect::<Vec<_>>());
        found.enumerate().for_each(|(row, found)| assert_eq!(found, pixels(row).into_dyn()));
    }
    Ok(())
}

#[test]
fn a_packed_batch_has_no_views_and_nothing_else_in_its_buffer() -> Result<()> {
    let scene = Raster::from_ndarray(Array2::from_shape_fn((64, 64), |(y, x)| (64 * y + x) as f32))?;
    // Whole rows of a raster: one after the other as they lie, but seen through views.
    let tiles = scene.tiles(16, 64)?;
    assert!(tiles.as_batch_view::<f32>()?.is_standard_layout());
    for part in [tiles.slice(1, 1)?, tiles] {
        let packed = part.to_packed_batch()?;
        assert_eq!(packed.buffer_bytes(), part.len() * 16 * 64 * 4);
        assert!(packed.iter().flatten().all(|raster| raster.band(0).unwrap().view().is_identity()));
        assert_eq!(packed.as_batch_view::<f32>()?, part.to_batch::<f32>()?);
    }
    Ok(())
}

#[test]
fn tiles_of_a_small_raster_share_one_copy_of_it() -> Result<()> {
    let pixels = Array2::from_shape_fn((64, 64), |(row, col)| (7 * row + col) as u8);
    let bands = [pixels.clone(), pixels.mapv(|pixel| pixel ^ 0x55)].map(|pixels| Band::from_ndarray(pixels).unwrap());
    let tiles = Raster::from_bands(bands)?.tiles(4, 4)?;
    for mut builder in [RasterArrayBuilder::new(), RasterArrayBuilder::packed(256)] {
        tiles.iter().flatten().try_for_each(|tile| builder.append(tile))?;
        let column = builder.finish()?;
        assert!(column.buffer_bytes() < 3 * 64 * 64, "{}", column.buffer_bytes());
        for (row, tile) in column.iter().flatten().enumerate() {
            let (top, left) = (row / 16 * 4, row % 16 * 4);
            let expected = pixels.slice(s![top..top + 4, left..left + 4]);
            assert_eq!(tile.band(0)?.as_array_view2::<u8>()?, expected);
            assert_eq!(tile.band(1)?.as_array_view2::<u8>()?, expected.mapv(|pixel| pixel ^ 0x55));
        }
    }
    Ok(())
}

#[test]
fn memory_that_is_used_again_is_not_taken_for_the_old_one() -> Result<()> {
    let mut builder = RasterArrayBuilder::new();
    for fill in 0..200u8 {
        // Each raster may lie where the one before lay.
        builder.append(&Raster::from_ndarray(Array2::from_elem((9, 9), fill))?.window(1..4, 2..8)?)?;
    }
    for (row, raster) in builder.finish()?.iter().flatten().enumerate() {
        assert_eq!(raster.as_array_view2::<u8>()?, Array2::from_elem((3, 6), row as u8));
    }
    Ok(())
}

#[test]
fn a_packed_builder_shares_what_is_shown_in_part() -> Result<()> {
    let bands = [1u16, 2].map(|fill| Band::from_ndarray(Array2::from_elem((100, 100), fill)).unwrap());
    let raster = Raster::from_bands(bands)?;
    let address = raster.band(1)?.as_array_view2::<u16>()?.as_ptr();
    let window = raster.window(..1, ..1)?;
    drop(raster); // only the window holds the pixels now
    let mut builder = RasterArrayBuilder::packed(1);
    builder.append(&window)?;
    let column = builder.finish()?;
    assert_eq!(column.get(0).unwrap().band(1)?.as_array_view2::<u16>()?.as_ptr(), address);
    Ok(())
}

#[test]
fn a_packed_builder_does_not_copy_several_bands_that_others_hold() -> Result<()> {
    let bands = [1u16, 2, 3].map(|fill| Band::from_ndarray(Array2::from_elem((100, 100), fill)).unwrap());
    let apart = Raster::from_bands(bands)?;
    let together = Raster::from_bands(Band::split(Array3::<u16>::zeros((3, 100, 100)), Axis(0))?)?;
    for raster in [apart, together] {
        let column = RasterArray::from(raster);
        let addresses = |raster: ndraster::RasterRef<'_>| -> Result<Vec<_>> {
            (0..3).map(|band| Ok(raster.band(band)?.as_array_view2::<u16>()?.as_ptr())).collect()
        };
        let mut builder = RasterArrayBuilder::packed(1);
        builder.append(&column.get(0).unwrap().to_raster()?)?;
        let shared = builder.finish()?;
        assert_eq!(addresses(shared.get(0).unwrap())?, addresses(column.get(0).unwrap())?);
    }
    Ok(())
}
