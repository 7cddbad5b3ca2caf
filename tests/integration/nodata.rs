//! Nodata compares as a value, whatever its bits are.

use ndraster::arrow_buffer::ToByteSlice;
use ndraster::ndarray::{Array2, array};
use ndraster::{Band, ErrorKind, Pixel, Raster, Result};

fn round_trip<T: Pixel>(values: &[T]) -> Result<()> {
    for &nodata in values {
        let raster = Raster::from_ndarray(Array2::from_elem((2, 3), T::default()))?.with_nodata(nodata)?;
        let stored = raster.band(0)?.nodata_bytes().unwrap();
        assert_eq!(stored, nodata.to_byte_slice());
        let read = raster.nodata::<T>()?.unwrap();
        assert_eq!(format!("{read:?}"), format!("{nodata:?}"));
    }
    Ok(())
}

#[test]
fn nodata_of_every_type_keeps_every_bit() -> Result<()> {
    round_trip(&[0, 1, u8::MAX])?;
    round_trip(&[0, 1, u16::MAX])?;
    round_trip(&[i16::MIN, -9999, i16::MAX])?;
    round_trip(&[0, u32::MAX])?;
    round_trip(&[i32::MIN, i32::MAX])?;
    round_trip(&[f32::NAN, f32::from_bits(0x7fc0_1234), -0.0, f32::INFINITY, f32::MIN])?;
    round_trip(&[f64::NAN, f64::from_bits(0xfff8_0000_0000_0001), -0.0, f64::MIN_POSITIVE])?;
    round_trip(&[0, (1 << 53) + 1, u64::MAX])?;
    round_trip(&[i64::MIN, -(1 << 53) - 1, i64::MAX])?;
    round_trip(&[i8::MIN, -1, i8::MAX])
}

fn mask<T: Pixel>(pixels: [T; 4], nodata: T) -> Result<Vec<bool>> {
    let raster = Raster::from_ndarray(Array2::from_shape_vec((2, 2), pixels.to_vec()).unwrap())?.with_nodata(nodata)?;
    Ok(raster.valid_mask()?.unwrap().into_iter().collect())
}

#[test]
fn a_mask_compares_values() -> Result<()> {
    assert_eq!(mask([1i16, -9999, 3, -9999], -9999)?, [true, false, true, false]);
    // Minus zero is zero.
    assert_eq!(mask([0.0f32, -0.0, 1.0, f32::NAN], -0.0)?, [false, false, true, true]);
    // Every NaN matches a NaN.
    let odd_nan = f64::from_bits(0xfff8_0000_0000_0001);
    assert_eq!(mask([f64::NAN, odd_nan, 0.0, f64::INFINITY], odd_nan)?, [false, false, true, true]);
    // A number as nodata leaves NaN valid.
    assert_eq!(mask([f32::NAN, 7.0, 1.0, -7.0], 7.0)?, [true, false, true, true]);
    // Integers beyond 2^53 compare to the last bit.
    assert_eq!(mask([u64::MAX, u64::MAX - 1, 0, 1], u64::MAX)?, [false, true, true, true]);
    Ok(())
}

#[test]
fn without_nodata_there_is_no_mask_and_nothing_is_filled() -> Result<()> {
    let raster = Raster::from_ndarray(array![[1u8, 2]])?;
    assert_eq!(raster.valid_mask()?, None);
    assert_eq!(raster.nodata::<u8>()?, None);
    assert_eq!(raster.to_array_filled(9u8)?, array![[1, 2]].into_dyn());
    Ok(())
}

#[test]
fn filling_converts_what_is_valid_and_only_that() -> Result<()> {
    let raster = Raster::from_ndarray(array![[1i16, -9999], [-9999, 200]])?.with_nodata(-9999i16)?;
    // -9999 is no u8, and is not converted.
    assert_eq!(raster.to_array_filled(0u8)?, array![[1, 0], [0, 200]].into_dyn());
    let error = raster.to_array_filled(0i8).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inexact);
    assert_eq!(
        error.to_string(),
        "band 0: the pixel at [1, 1] is 200, which int8 cannot hold: ask for a type that can, or round it by `map_with(MapNodata::Replace(0i8), |pixel: i16| pixel as i8)`, which makes it -56"
    );
    assert!(raster.to_array_filled(f32::NAN)?[[1, 0]].is_nan());
    Ok(())
}

#[test]
fn nodata_of_another_type_is_refused() -> Result<()> {
    let raster = Raster::from_ndarray(array![[1i16, 2]])?;
    let message = "nodata -9999.0 is float32, where the pixels are int16: give it as `i16`";
    assert_eq!(raster.with_nodata(-9999f32).unwrap_err().to_string(), format!("band 0: {message}"));
    let band = Band::from_ndarray(array![[1i16, 2]])?;
    assert_eq!(band.with_nodata(-9999f32).unwrap_err().to_string(), message);
    Ok(())
}
