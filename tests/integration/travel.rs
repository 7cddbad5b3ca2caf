//! Columns made ready for another process: compact, aligned, or in offset types.

use std::sync::Arc;

use ndraster::arrow_array::{Array, BinaryViewArray, LargeBinaryArray, ListArray, StructArray};
use ndraster::arrow_buffer::{Buffer, OffsetBuffer};
use ndraster::ndarray::{Array2, Array3, Axis};
use ndraster::{Band, ErrorKind, Pixel, PixelType, Raster, RasterArray, RasterType, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::manifest::every_column_survives;
use ndraster_test_support::payloads::{bands, payloads as data};
use ndraster_test_support::raw::{self, RawBand, payload_at, with_payloads};

/// Returns the addresses of all payloads, in order.
fn addresses(column: &RasterArray) -> Vec<*const u8> {
    let bands = column.iter().flatten().flat_map(|raster| raster.bands());
    bands.map(|band| band.unwrap().source_data().unwrap_or_default().as_ptr()).collect()
}

fn payloads(column: &RasterArray) -> Vec<&[u8]> {
    let bands = column.iter().flatten().flat_map(|raster| raster.bands());
    bands.map(|band| band.unwrap().source_data().unwrap_or_default()).collect()
}

/// A raster of `len` bytes.
fn raster(len: usize, fill: u8) -> Raster {
    Raster::from_ndarray(Array2::from_elem((1, len), fill)).unwrap()
}

#[test]
fn every_file_reads_equal_once_compact() {
    every_column_survives(|file, name, batches| {
        let compacted = |batch| {
            let compact = RasterArray::from_batch(batch, name).unwrap().to_compact().unwrap();
            compact.as_struct_array().to_data().validate_full().unwrap();
            assert_eq!(compact.as_struct_array().data_type(), &RasterType::storage_type(), "{file}");
            // Nothing but payloads, and less than a cache line between two of them.
            let (count, bytes) = (addresses(&compact).len(), compact.payload_bytes().unwrap());
            let listed: usize = data(compact.as_struct_array()).data_buffers().iter().map(Buffer::len).sum();
            assert!(listed <= bytes + 64 * count, "{file}: {listed} bytes in buffers, {bytes} of payloads");
            let again = compact.to_compact().unwrap();
            assert_eq!(payloads(&again), payloads(&compact));
            assert_eq!(
                data(again.as_struct_array()).views().as_ptr(),
                data(compact.as_struct_array()).views().as_ptr(),
                "{file}: it was written again"
            );
            compact
        };
        batches.iter().map(compacted).collect()
    });
}

#[test]
fn every_file_reads_equal_once_aligned() {
    let mut copied = 0;
    every_column_survives(|file, name, batches| {
        let mut aligned = |batch| {
            let before = RasterArray::from_batch(batch, name).unwrap();
            let after = before.to_aligned().unwrap();
            for (old, new) in before.iter().flatten().zip(after.iter().flatten()) {
                for (old, new) in old.bands().zip(new.bands()) {
                    let (old, new) = (old.unwrap(), new.unwrap());
                    let (Ok(was), Ok(is)) = (old.source_data(), new.source_data()) else { continue };
                    if was.len() > 12 {
                        let is_aligned = |bytes: &[u8]| bytes.as_ptr().addr().is_multiple_of(new.pixel_type().size());
                        assert!(is_aligned(is), "{file}: {new:?}");
                        assert_eq!(is_aligned(was), was.as_ptr() == is.as_ptr(), "{file}: {new:?}");
                        copied += usize::from(was.as_ptr() != is.as_ptr());
                    }
                }
            }
            after
        };
        batches.iter().map(&mut aligned).collect()
    });
    assert!(copied > 10, "{copied} payloads of the files were misaligned");
}

#[test]
fn every_file_reads_equal_in_offset_types_and_back() {
    every_column_survives(|file, name, batches| {
        let sent = |batch| {
            let offset = RasterArray::from_batch(batch, name).unwrap().to_offset_types().unwrap();
            offset.as_struct_array().to_data().validate_full().unwrap();
            assert_eq!(offset.as_struct_array().data_type(), &RasterType::offset_storage_type(), "{file}");
            let values: &LargeBinaryArray = bands(offset.as_struct_array()).column(8).as_any().downcast_ref().unwrap();
            let values = values.values().as_slice().as_ptr_range();
            let back = offset.to_canonical().unwrap();
            for payload in payloads(&offset).into_iter().chain(payloads(&back)).filter(|payload| payload.len() > 12) {
                assert!(values.contains(&payload.as_ptr()), "{file}: a payload was copied");
            }
            back
        };
        batches.iter().map(sent).collect()
    });
    every_column_survives(|_, name, batches| {
        batches.iter().map(|batch| RasterArray::from_batch(batch, name).unwrap().to_offset_types().unwrap()).collect()
    });
}

#[test]
fn a_compact_slice_keeps_its_own_buffers_alone() -> Result<()> {
    let column: RasterArray = (0..8).map(|fill| raster(10_000, fill)).collect();
    let slice = column.slice(3, 2)?;
    assert_eq!((slice.buffer_bytes(), slice.payload_bytes()?), (80_000, 20_000));
    let (_, bytes, compact) = allocated(|| slice.to_compact());
    let compact = compact?;
    assert!(bytes < 8192, "{bytes} bytes were allocated");
    assert_eq!(compact.buffer_bytes(), 20_000);
    assert_eq!(addresses(&compact), addresses(&slice));
    Ok(())
}

#[test]
fn payloads_out_of_a_common_buffer_are_copied_once_each() -> Result<()> {
    // 100 tiles in one block, of which two are taken; then 16 of the same payload.
    let tiles: RasterArray = (0..100).map(|fill| raster(1000, fill)).collect();
    let two = tiles.slice(50, 2)?.to_compact()?;
    assert_eq!(two.buffer_bytes(), 1024 + 1000);
    assert_eq!(payloads(&two), [vec![50u8; 1000], vec![51; 1000]]);
    assert!(addresses(&two).iter().all(|address| address.addr().is_multiple_of(64)));
    let cube = Array3::from_shape_fn((2, 100, 80), |(band, ..)| band as u8 + 7);
    let bands = Raster::from_bands(Band::split(cube, Axis(0))?)?;
    let tiles = bands.tiles(25, 20)?;
    assert_eq!((tiles.payload_bytes()?, tiles.buffer_bytes()), (16_000, 16_000));
    let address = addresses(&tiles);
    assert_eq!(addresses(&tiles.to_compact()?), address, "all of the buffer is used, and shared");
    Ok(())
}

#[test]
fn copies_larger_than_a_few_kilobytes_have_memory_of_their_own() -> Result<()> {
    let cube = Array3::<f64>::from_shape_fn((3, 40, 40), |(band, ..)| band as f64);
    let raster = Raster::from_bands(Band::split(cube, Axis(0))?)?;
    let band = RasterArray::from(raster).as_struct_array().clone();
    // The second band alone, as an engine's projection leaves it.
    let list: &ListArray = band.column(4).as_any().downcast_ref().unwrap();
    let second = list.values().slice(1, 1);
    let (fields, mut columns, nulls) = band.clone().into_parts();
    let (item, ..) = list.clone().into_parts();
    columns[4] = Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([1]), second, None));
    let alone = RasterArray::try_from(StructArray::new(fields, columns, nulls))?;
    assert_eq!((alone.buffer_bytes(), alone.payload_bytes()?), (3 * 12_800, 12_800));
    let compact = alone.to_compact()?;
    assert_eq!(compact.buffer_bytes(), 12_800);
    // A `Vec` of the pixel type, which comes back out.
    let raster = compact.get(0).unwrap().to_raster()?;
    let address = raster.as_array_view::<f64>()?.as_ptr();
    drop(compact);
    let array = raster.into_array::<f64>()?;
    assert_eq!((array.as_ptr(), array.sum()), (address, 1600.0));
    Ok(())
}

#[test]
fn compacting_drops_the_text_of_other_rows() -> Result<()> {
    let named = |fill: u8| raster(20, fill).with_crs(format!("{}{fill}", "PROJJSON ".repeat(100)));
    let column: RasterArray = (0..10).map(named).collect();
    let slice = column.slice(4, 1)?;
    assert!(slice.buffer_bytes() > 9000);
    let compact = slice.to_compact()?;
    assert!(compact.buffer_bytes() < 1000, "{}", compact.buffer_bytes());
    assert_eq!(compact.get(0).unwrap().crs()?, column.get(4).unwrap().crs()?);
    Ok(())
}

#[test]
fn compacting_drops_what_lies_below_null_rows() -> Result<()> {
    let column: RasterArray = (0..4).map(|fill| raster(10_000, fill)).collect();
    let (fields, columns, _) = column.as_struct_array().clone().into_parts();
    let nulls = vec![true, false, false, true].into();
    let column = RasterArray::try_from(StructArray::new(fields, columns, Some(nulls)))?;
    assert_eq!((column.buffer_bytes(), column.payload_bytes()?), (40_000, 20_000));
    let compact = column.to_compact()?;
    assert_eq!((compact.len(), compact.buffer_bytes()), (4, 20_000));
    assert!(compact.is_null(1) && compact.is_null(2));
    Ok(())
}

#[test]
fn a_column_without_rasters_is_compact_and_aligned() -> Result<()> {
    let nothing = RasterArray::from_iter(None::<Raster>);
    let nulls = RasterArray::from_iter([None::<Raster>, None]);
    for column in [nothing, nulls] {
        assert_eq!((column.payload_bytes()?, column.buffer_bytes()), (0, 0));
        for other in [column.to_compact()?, column.to_aligned()?, column.to_offset_types()?] {
            assert_eq!(other.len(), column.len());
            assert_eq!(other.iter().flatten().count(), 0);
        }
    }
    Ok(())
}

#[test]
fn a_misaligned_payload_that_many_bands_share_is_copied_once() -> Result<()> {
    let bytes: Vec<u8> = (0..240_000u32).map(|i| i as u8).collect();
    let odd =
        RasterArray::try_from(RawBand::new(&[200, 300], PixelType::Float32.id(), payload_at(1, &bytes)).column())?;
    let tiles = odd.get(0).unwrap().tiles(50, 50)?;
    let (_, allocated, aligned) = allocated(|| tiles.to_aligned());
    let aligned = aligned?;
    assert!(allocated < 240_000 + 200_000, "{allocated} bytes");
    assert_eq!(aligned.payload_bytes()?, 240_000);
    for (tile, before) in aligned.iter().flatten().zip(tiles.iter().flatten()) {
        let bits = |pixel: &f32| pixel.to_bits();
        let copy = before.to_array::<f32>()?;
        assert!(tile.as_array_view::<f32>()?.iter().map(bits).eq(copy.iter().map(bits)));
    }
    Ok(())
}

#[test]
fn an_aligned_column_is_handed_back() -> Result<()> {
    let column: RasterArray = (0..8).map(|fill| raster(10_000, fill)).collect();
    let views = |column: &RasterArray| data(column.as_struct_array()).views().as_ptr();
    let (allocations, _, aligned) = allocated(|| column.to_aligned());
    assert_eq!((views(&aligned?), allocations), (views(&column), 1));
    let offset = column.to_offset_types()?;
    assert_eq!(addresses(&offset.to_offset_types()?), addresses(&offset));
    assert_eq!(addresses(&offset.to_aligned()?), addresses(&offset));
    Ok(())
}

#[test]
fn a_bad_row_fails_to_align_only_if_its_payload_is_copied() -> Result<()> {
    // 80 bytes are 4 by 5 pixels, not 4 by 6.
    let column = |shape: [i64; 2], start| -> Result<RasterArray> {
        RasterArray::try_from(RawBand::new(&shape, PixelType::Float32.id(), payload_at(start, &[0; 80])).column())
    };
    let (aligned, misaligned) = (column([4, 6], 0)?, column([4, 6], 1)?);
    assert_eq!(
        data(aligned.to_aligned()?.as_struct_array()).views().as_ptr(),
        data(aligned.as_struct_array()).views().as_ptr()
    );
    assert_eq!(misaligned.to_aligned().unwrap_err().kind(), ErrorKind::Malformed);
    assert!(column([4, 5], 1)?.to_aligned().is_ok());
    Ok(())
}

#[test]
fn a_column_of_offset_types_is_as_long_as_its_rows() -> Result<()> {
    let column: RasterArray = (0..8).map(|fill| raster(10_000, fill).with_crs("EPSG:4326")).collect();
    let offset = column.to_offset_types()?;
    assert_eq!(offset.buffer_bytes(), 8 * (10_000 + "EPSG:4326".len() + "xy".len()));
    assert_eq!(offset.slice(2, 3)?.buffer_bytes(), 3 * (10_000 + "EPSG:4326".len() + "xy".len()));
    Ok(())
}

#[test]
fn payloads_that_rows_share_are_not_written_out_without_bound() -> Result<()> {
    // 65,536 tiles of one pixel, each with the whole payload of 64 KiB: 4 GiB if written out.
    let tiles = Raster::from_ndarray(Array2::<u8>::zeros((256, 256)))?.tiles(1, 1)?;
    let (_, bytes, refused) = allocated(|| tiles.to_offset_types());
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let message = error.to_string();
    assert!(message.starts_with("the result would have 2147483648 bytes up to here, from "), "{message}");
    assert!(message.ends_with("(`slice`), or cut views down to what is seen with `to_standard`"), "{message}");
    assert!(bytes < 200 << 20, "{bytes} bytes, of metadata");
    assert_eq!(tiles.to_standard()?.to_offset_types()?.payload_bytes()?, 65536);
    Ok(())
}

/// A column of 1,024 payloads of `LEN` bytes, each two bytes further into one buffer.
fn overlapping<T: Pixel>(buffer: &Buffer, first: usize) -> Result<RasterArray> {
    let raster = Raster::from_ndarray(Array2::<T>::from_elem((1 << 10, (LEN >> 10) / size_of::<T>()), T::default()))?;
    let column: RasterArray = (0..1024).map(|_| raster.clone()).collect();
    let view = |row: usize| raw::view(&buffer[first + 2 * row..][..LEN], 0, first + 2 * row);
    let payloads = BinaryViewArray::try_new((0..1024).map(view).collect(), vec![buffer.clone()], None)?;
    RasterArray::try_from(with_payloads(column.as_struct_array(), payloads))
}

const LEN: usize = 4 << 20;

#[test]
fn payloads_that_overlap_are_copied_as_one() -> Result<()> {
    let buffer = Buffer::from_vec((0..LEN as u32 + 8192).map(|i| (i % 251) as u8).collect::<Vec<_>>());
    let (even, odd) = (overlapping::<i16>(&buffer, 128)?, overlapping::<i16>(&buffer, 129)?);
    for (first, column, call) in [(128, even, "to_compact"), (129, odd, "to_aligned")] {
        assert_eq!(column.payload_bytes()?, LEN + 2046);
        let (_, bytes, copied) =
            allocated(|| if call == "to_compact" { column.to_compact() } else { column.to_aligned() });
        let copied = copied?;
        assert!(bytes < 12 << 20, "{call}: {bytes} bytes");
        assert_eq!((copied.buffer_bytes(), copied.payload_bytes()?), (LEN + 2046, LEN + 2046), "{call}");
        for row in [0, 1, 511, 1023] {
            let pixels = copied.get(row).unwrap().to_array::<i16>()?;
            let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
            assert!(bytes == buffer[first + 2 * row..][..LEN], "{call}, row {row}");
            assert!(copied.get(row).unwrap().as_array_view2::<i16>().is_ok(), "{call}, row {row}");
        }
    }
    Ok(())
}

#[test]
fn payloads_that_overlap_are_not_copied_without_bound() -> Result<()> {
    // Pixels of four bytes that lie two bytes apart: one copy does not align them all.
    let buffer = Buffer::from_vec(vec![0u8; LEN + 4096]);
    let (even, odd) = (overlapping::<i32>(&buffer, 0)?, overlapping::<i32>(&buffer, 1)?);
    let (_, bytes, refused) = allocated(|| [even.to_compact(), odd.to_aligned(), even.to_offset_types()]);
    assert!(bytes < 4 << 20, "{bytes} bytes");
    for refused in refused {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::TooLarge);
    }
    Ok(())
}
