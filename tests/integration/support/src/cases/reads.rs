//! Every way to read the pixels of a band gives the same pixels.

use ndraster::arrow_buffer::ToByteSlice;
use ndraster::ndarray::{ArrayBase, Axis, Data, IxDyn};
use ndraster::{BandRef, ErrorKind, Pixel};

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
    assert_pixels(&band.to_array_exact::<T>().unwrap(), expected, "to_array_exact");
    assert_pixels(&band.to_array_cast::<T>().unwrap(), expected, "to_array_cast");
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
    let filled: Vec<T> = pixels.iter().map(|pixel| if is_nodata(pixel) { T::default() } else { *pixel }).collect();
    let found = band.to_array_filled(T::default()).unwrap();
    assert_pixels(&found, bytemuck::cast_slice(&filled), "to_array_filled");
}
