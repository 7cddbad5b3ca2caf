//! All bands of a raster become one array.

use ndraster::arrow_array::{BinaryViewArray, StructArray};
use ndraster::arrow_buffer::Buffer;
use ndraster::ndarray::{Array2, Array3, Axis, array};
use ndraster::{Band, ErrorKind, Raster, RasterArray, Result};
use ndraster_test_support::fixtures::{MANIFEST, batches, hex};
use ndraster_test_support::raw::{self, with_payloads};
use sha2::{Digest, Sha256};

fn cube() -> Array3<f32> {
    Array3::from_shape_fn((3, 8, 16), |(band, row, col)| (100 * band + 10 * row + col) as f32)
}

#[test]
fn sedonadbs_own_bands_in_one_buffer_stack_without_a_copy() -> Result<()> {
    // RS_Example: three bands in one buffer at 0, 2048 and 4096.
    let batch = batches("23_rs_example.arrow").remove(0);
    let column = RasterArray::from_batch(&batch, batch.schema_ref().field(0).name())?;
    let raster = column.get(0).unwrap();
    let stack = raster.as_stack_view::<u8>()?;
    assert_eq!(stack.shape(), [3, 32, 64]);
    assert_eq!(stack.as_ptr(), raster.band(0)?.source_data()?.as_ptr());
    let files = MANIFEST["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["file"] == "23_rs_example.arrow").unwrap();
    for (band, expected) in stack.outer_iter().zip(file["rows"][0]["bands"].as_array().unwrap()) {
        let bytes: Vec<u8> = band.iter().copied().collect();
        assert_eq!(hex(&Sha256::digest(bytes)), expected["sha256"].as_str().unwrap());
    }
    assert_eq!(raster.to_stack::<u8>()?, stack);
    Ok(())
}

#[test]
fn bands_in_buffers_of_their_own_are_copied() -> Result<()> {
    let cube = cube();
    let bands: Result<Vec<_>> = cube.outer_iter().map(Band::from_ndarray).collect();
    let raster = Raster::from_bands(bands?)?;
    assert_eq!(raster.as_stack_view::<f32>().unwrap_err().kind(), ErrorKind::Layout);
    let stack = raster.to_stack::<f32>()?;
    assert!(stack.is_standard_layout());
    assert_eq!(stack, cube.clone().into_dyn());
    assert_eq!(raster.to_stack_cast::<i16>()?, cube.mapv(|p| p as i16).into_dyn());
    Ok(())
}

#[test]
fn a_single_band_stacks_wherever_it_is() -> Result<()> {
    let inline = Raster::from_ndarray(array![[1u8, 2]])?;
    assert_eq!(inline.as_stack_view::<u8>()?, array![[[1, 2]]].into_dyn());
    Ok(())
}

#[test]
fn bands_must_be_alike() -> Result<()> {
    let raster = Raster::from_bands([
        Band::from_ndarray(Array2::<u8>::zeros((2, 3)))?,
        Band::from_ndarray(Array3::<u8>::zeros((4, 2, 3)))?.with_dim_names(["time", "y", "x"])?,
    ])?;
    assert_eq!(
        raster.to_stack::<u8>().unwrap_err().to_string(),
        "band 1: [\"time\", \"y\", \"x\"] of extents [4, 2, 3] do not stack with [\"y\", \"x\"] of [2, 3] in band 0: bring the dims into one \
         order with `transpose_dims`, or take bands that are alike with `select_bands`"
    );
    let raster = Raster::from_bands([
        Band::from_ndarray(Array2::<u8>::zeros((2, 3)))?,
        Band::from_ndarray(Array2::<i16>::zeros((2, 3)))?,
    ])?;
    assert_eq!(raster.to_stack::<u8>().unwrap_err().kind(), ErrorKind::PixelType);
    assert_eq!(raster.to_stack_cast::<u8>()?.shape(), [2, 2, 3]);
    Ok(())
}

/// A raster whose bands have this shape and start at these offsets of one buffer.
fn at_offsets(offsets: &[u32], shape: (usize, usize)) -> Result<Raster> {
    let len = shape.0 * shape.1;
    let bands = offsets.iter().map(|_| Band::from_ndarray(Array2::<u8>::zeros(shape))).collect::<Result<Vec<_>>>()?;
    let buffer = Buffer::from_vec((0..=255u8).collect::<Vec<u8>>());
    let views: Vec<u128> =
        offsets.iter().map(|&offset| raw::view(&buffer[offset as usize..][..len], 0, offset as usize)).collect();
    let payloads = BinaryViewArray::try_new(views.into(), vec![buffer], None)?;
    Raster::try_from(with_payloads(&StructArray::from(Raster::from_bands(bands)?), payloads))
}

#[test]
fn bands_evenly_spaced_in_one_buffer_are_borrowed() -> Result<()> {
    let expected = |offsets: &[u32]| {
        Array3::from_shape_fn((offsets.len(), 4, 5), |(b, y, x)| offsets[b] as u8 + (5 * y + x) as u8).into_dyn()
    };
    // Without gaps, with gaps, backwards, overlapping, and one band four times.
    for offsets in [[0, 20, 40, 60], [3, 53, 103, 153], [99, 66, 33, 0], [0, 1, 2, 3], [7, 7, 7, 7]] {
        let raster = at_offsets(&offsets, (4, 5))?;
        let stack = raster.as_stack_view::<u8>()?;
        assert_eq!(stack, expected(&offsets), "{offsets:?}");
        assert_eq!(stack.as_ptr(), raster.band(0)?.source_data()?.as_ptr(), "{offsets:?}");
        assert_eq!(stack.index_axis(Axis(0), 3).as_ptr(), raster.band(3)?.source_data()?.as_ptr(), "{offsets:?}");
    }
    for offsets in [[0, 20, 40, 61], [0, 40, 20, 60]] {
        let raster = at_offsets(&offsets, (4, 5))?;
        assert_eq!(raster.as_stack_view::<u8>().unwrap_err().kind(), ErrorKind::Layout, "{offsets:?}");
        assert_eq!(raster.to_stack::<u8>()?, expected(&offsets), "{offsets:?}");
    }
    Ok(())
}

#[test]
fn a_payload_that_many_bands_share_is_not_copied_for_each() -> Result<()> {
    // 64 bands of 2^26 bytes in one memory: 64 MiB are there, and 4 GiB would be copied.
    let shared = Array2::<u8>::zeros((1 << 13, 1 << 13)).into_shared();
    let band = || Band::from_ndarray(shared.clone());
    let raster = Raster::from_bands((0..64).map(|_| band()).collect::<Result<Vec<_>>>()?)?;
    assert_eq!(raster.num_bands()?, 64);
    assert_eq!(raster.to_stack::<u8>().unwrap_err().kind(), ErrorKind::TooLarge);
    Ok(())
}

#[test]
fn inline_bytes_are_not_taken_for_an_address() -> Result<()> {
    // Twelve zero bytes would say buffer 0, offset 0, if they were taken for a descriptor.
    let bands = || (0..2).map(|_| Band::from_ndarray(Array2::<u8>::zeros((3, 4)))).collect::<Result<Vec<_>>>();
    let column = RasterArray::from(Raster::from_bands(bands()?)?);
    let other = Buffer::from_vec(vec![0xffu8; 64]);
    let payloads = BinaryViewArray::try_new(vec![12u128; 2].into(), vec![other], None)?;
    let column = RasterArray::try_from(with_payloads(column.as_struct_array(), payloads))?;
    let raster = column.get(0).unwrap();
    assert_eq!(raster.as_stack_view::<u8>().unwrap_err().kind(), ErrorKind::Layout);
    assert_eq!(raster.to_stack::<u8>()?.sum(), 0);
    Ok(())
}
