//! Every way to read the pixels of a band gives the same pixels.

use ndraster::arrow_buffer::ToByteSlice;
use ndraster::ndarray::{ArrayBase, ArrayD, Axis, Data, IxDyn};
use ndraster::{BandRef, ErrorKind, Pixel, PixelType};

/// Returns the bytes of pixels, one after the other.
pub fn bytes<'a, T: Pixel>(pixels: impl IntoIterator<Item = &'a T>) -> Vec<u8> {
    let pixels: Vec<T> = pixels.into_iter().copied().collect();
    bytemuck::cast_slice(&pixels).to_vec()
}

/// Asserts that an array has these pixels in C order.
fn assert_pixels<T: Pixel, S: Data<Elem = T>>(array: &ArrayBase<S, IxDyn>, expected: &[u8], what: &str) {
    match array.as_slice() {
        Some(pixels) => assert_eq!(bytemuck::cast_slice::<T, u8>(pixels), expected, "{what}"),
        None => assert_eq!(bytes(array), expected, "{what}"),
    }
}

/// Asserts that every reader finds this shape and these pixels in C order. Returns the address of the first pixel if the
/// pixels can be borrowed.
pub fn assert_reads<T: Pixel>(band: &BandRef<'_>, shape: &[usize], expected: &[u8]) -> Option<*const T> {
    assert_eq!((band.shape(), band.pixel_type(), band.is_loaded()), (shape, T::PIXEL_TYPE, true));
    let owned = band.to_array::<T>().unwrap();
    assert!(owned.is_standard_layout());
    assert_eq!(owned.shape(), shape);
    assert_pixels(&owned, expected, "to_array");

    let mut target = owned.clone();
    target.fill(T::default());
    target.invert_axis(Axis(0));
    band.copy_into(target.view_mut()).unwrap();
    assert_pixels(&target, expected, "copy_into");
    assert_converts::<T>(band, expected);
    let cow = band.to_cow_array::<T>().unwrap();
    assert_eq!(cow.shape(), shape);
    assert_pixels(&cow, expected, "to_cow_array");
    assert_nodata::<T>(band, expected);

    let source = band.source_data().unwrap();
    let aligned = (source.as_ptr() as usize).is_multiple_of(size_of::<T>());
    match band.as_array_view::<T>() {
        Ok(view) => {
            assert!(aligned || expected.is_empty());
            assert_eq!(view.shape(), shape);
            assert_pixels(&view, expected, "as_array_view");
            assert!(cow.is_view() && band.as_any_view().is_ok());
            let inside = source.as_ptr_range().contains(&view.as_ptr().cast());
            assert!(inside || expected.is_empty(), "the view is not over the payload");
            Some(view.as_ptr())
        }
        Err(error) => {
            assert!(!aligned && !expected.is_empty(), "{error}");
            assert_eq!(
                (error.kind(), cow.is_view(), band.as_any_view().is_err()),
                (ErrorKind::Misaligned, false, true)
            );
            None
        }
    }
}

/// Compares `to_array_exact` and `to_array_cast` with a loop over pixels. The one type that is converted to is `f64`: pairs of
/// all types take minutes to compile.
fn assert_converts<T: Pixel>(band: &BandRef<'_>, expected: &[u8]) {
    let pixels = expected.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>);
    let cast: Vec<f64> = pixels.clone().map(T::to_f64).collect();
    let mut found = band.to_array_cast::<f64>().unwrap();
    assert_numbers(&found, &cast, "to_array_cast");
    found.fill(0.0);
    band.copy_into_cast(found.view_mut()).unwrap();
    assert_numbers(&found, &cast, "copy_into_cast");
    // A target that is not in C order.
    found.invert_axis(Axis(0));
    band.copy_into_cast(found.view_mut()).unwrap();
    assert_numbers(&found, &cast, "copy_into_cast");
    match band.to_array_exact::<f64>() {
        Ok(found) => {
            assert!(pixels.clone().all(is_exact), "to_array_exact");
            assert_numbers(&found, &cast, "to_array_exact");
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Inexact);
            assert!(!pixels.clone().all(is_exact), "{error}");
        }
    }
}

/// Returns whether `f64` has the number.
fn is_exact<T: Pixel>(pixel: T) -> bool {
    let bytes = pixel.to_byte_slice();
    match T::PIXEL_TYPE {
        PixelType::Int64 => pixel.to_f64() as i128 == i128::from(i64::from_le_bytes(bytes.try_into().unwrap())),
        PixelType::UInt64 => pixel.to_f64() as i128 == i128::from(u64::from_le_bytes(bytes.try_into().unwrap())),
        _ => true,
    }
}

/// Asserts that an array has these numbers in C order. Any NaN is one.
fn assert_numbers(array: &ArrayD<f64>, expected: &[f64], what: &str) {
    let same =
        |(found, expected): (&f64, &f64)| found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
    assert!(
        array.len() == expected.len() && array.iter().zip(expected).all(same),
        "{what}: {array:?} is not {expected:?}"
    );
}

/// Compares `nodata`, `valid_mask` and `to_array_filled` with a loop over pixels.
fn assert_nodata<T: Pixel>(band: &BandRef<'_>, expected: &[u8]) {
    let mask = band.valid_mask().unwrap();
    let Some(nodata) = band.nodata_bytes() else {
        assert_eq!((mask, band.nodata::<T>().unwrap()), (None, None));
        return;
    };
    let value: T = bytemuck::pod_read_unaligned(nodata);
    assert_eq!(band.nodata::<T>().unwrap().unwrap().to_byte_slice(), nodata);
    #[allow(clippy::eq_op, reason = "what is not itself is a NaN")]
    let is_nodata = |pixel: &T| *pixel == value || (*pixel != *pixel && value != value);
    let pixels: Vec<T> = expected.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect();
    let mask = mask.unwrap();
    assert_eq!(mask.shape(), band.shape());
    assert!(mask.iter().copied().eq(pixels.iter().map(|pixel| !is_nodata(pixel))), "valid_mask");
    let filled: Vec<f64> = pixels.iter().map(|pixel| if is_nodata(pixel) { -0.5 } else { pixel.to_f64() }).collect();
    match band.to_array_filled(-0.5) {
        Ok(found) => assert_numbers(&found, &filled, "to_array_filled"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Inexact);
            assert!(!pixels.iter().all(|pixel| is_nodata(pixel) || is_exact(*pixel)), "{error}");
        }
    }
}
