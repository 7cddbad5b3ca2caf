//! Converts pixels from one type to another.

use ndarray::{ArrayD, ArrayViewD};

use crate::pixel::{Pixel, sealed};
use crate::strided::gather::from_pixels;

/// Applies `f` to each pixel and collects the results in C order. Returns `None` if `f` does so for any pixel.
pub(crate) fn map_to_standard<P: Pixel, T>(view: &ArrayViewD<'_, P>, f: impl Fn(P) -> Option<T>) -> Option<ArrayD<T>> {
    // Collecting options would let the result grow, to up to twice its size.
    let mut pixels = Vec::with_capacity(view.len());
    match view.as_slice() {
        Some(slice) => slice.iter().try_for_each(|&pixel| f(pixel).map(|pixel| pixels.push(pixel)))?,
        None => view.iter().try_for_each(|&pixel| f(pixel).map(|pixel| pixels.push(pixel)))?,
    }
    from_pixels(view.shape(), pixels).ok()
}

/// Converts by Rust's `as`, which saturates, truncates or rounds.
pub(crate) fn cast<T: Pixel, P: Pixel>(pixel: P) -> T {
    sealed::Convert::cast_from(pixel)
}

/// Converts if the result is the same number, or if both are NaN. Else returns `None`.
///
/// Converting back and comparing in the pixel's own type would accept `i64::MAX` as an `f64`, because `as` saturates.
/// So integers are compared as `i128`, which holds every value of all eight integer types.
pub(crate) fn cast_exactly<T: Pixel, P: Pixel>(pixel: P) -> Option<T> {
    let target: T = cast(pixel);
    let survives = match (P::IS_FLOAT, T::IS_FLOAT) {
        (false, false) => pixel.i128() == target.i128(),
        (true, true) => same_float(pixel.f64(), target.f64()),
        (true, false) => is_integer(pixel.f64(), target.i128()),
        (false, true) => is_integer(target.f64(), pixel.i128()),
    };
    survives.then_some(target)
}

fn same_float(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

fn is_integer(float: f64, integer: i128) -> bool {
    // If `as` saturates, the result is a limit of `i128`, which no integer pixel type can hold.
    float.trunc() == float && float as i128 == integer
}

/// Returns whether two pixels have the same value: -0.0 equals 0.0, and any NaN equals any other.
pub(crate) fn same_value<T: Pixel>(a: T, b: T) -> bool {
    a == b || (T::IS_FLOAT && a.f64().is_nan() && b.f64().is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_casts_at_the_edges() {
        assert_eq!(cast_exactly::<f64, i64>(i64::MAX), None);
        assert_eq!(cast_exactly::<f64, i64>(i64::MIN), Some(-9_223_372_036_854_775_808.0));
        assert_eq!(cast_exactly::<f32, i32>(i32::MAX), None);
        assert_eq!(cast_exactly::<f32, u32>(1 << 24), Some(16_777_216.0));
        assert_eq!(cast_exactly::<f32, u32>((1 << 24) + 1), None);
        assert_eq!(cast_exactly::<u64, f64>(18_446_744_073_709_551_616.0), None);
        assert_eq!(cast_exactly::<u8, f32>(f32::NAN), None);
        assert_eq!(cast_exactly::<u8, f32>(f32::INFINITY), None);
        assert_eq!(cast_exactly::<u8, f32>(-0.0), Some(0));
        assert_eq!(cast_exactly::<u8, f32>(3.5), None);
        assert_eq!(cast_exactly::<u8, i8>(-1), None);
        assert_eq!(cast_exactly::<f32, f64>(1e300), None);
        assert_eq!(cast_exactly::<f32, f64>(f64::INFINITY), Some(f32::INFINITY));
        assert!(cast_exactly::<f32, f64>(f64::NAN).is_some_and(f32::is_nan));
        assert_eq!(cast_exactly::<f32, f64>(0.1), None);
    }
}
