//! Converts single pixels from one type to another: as Rust's `as` does, or exactly.
//!
//! These run in loops over whole rasters. So nothing here branches on the value of a pixel, and what depends on the two types
//! alone is a constant: the compiler makes vector instructions of it.
//!
//! `pixel_types!` lists the ten types, and hands the list to each macro that defines something for all of them.

/// Hands the list of pixel types (variant, Rust type, stored id, NumPy name) to a macro.
macro_rules! pixel_types {
    ($callback:ident $($argument:tt)*) => {
        $callback! {
            $($argument)*
            UInt8 u8 1 "uint8",
            UInt16 u16 2 "uint16",
            Int16 i16 3 "int16",
            UInt32 u32 4 "uint32",
            Int32 i32 5 "int32",
            Float32 f32 6 "float32",
            Float64 f64 7 "float64",
            UInt64 u64 8 "uint64",
            Int64 i64 9 "int64",
            Int8 i8 10 "int8",
        }
    };
}
pub(crate) use pixel_types;

macro_rules! define_convert {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        /// A number that casts to each pixel type by Rust's `as`.
        ///
        /// There is one method for each target type, named like it, so that [`cast_from`](Convert::cast_from) can be generic
        /// over both types.
        #[allow(missing_docs, reason = "not nameable outside of the crate")]
        pub trait Convert: Copy + Default + PartialEq + PartialOrd {
            const IS_FLOAT: bool;
            const IS_SIGNED: bool;
            const MIN: Self;
            const MAX: Self;
            fn cast_from<P: Convert>(pixel: P) -> Self;
            $(fn $rust(self) -> $rust;)*
        }

        $(
            impl Convert for $rust {
                const IS_FLOAT: bool = 0.5 as $rust != 0 as $rust;
                const IS_SIGNED: bool = (-1i8 as $rust) < 0 as $rust;
                const MIN: Self = $rust::MIN;
                const MAX: Self = $rust::MAX;

                #[inline]
                fn cast_from<P: Convert>(pixel: P) -> Self {
                    Convert::$rust(pixel)
                }

                pixel_types!(impl_casts);
            }
        )*
    };
}

macro_rules! impl_casts {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        $(
            #[inline]
            fn $rust(self) -> $rust { self as $rust }
        )*
    };
}
pixel_types!(define_convert);

/// Converts by Rust's `as`, which saturates, truncates or rounds.
#[inline]
pub(crate) fn cast<T: Convert, P: Convert>(pixel: P) -> T {
    match (P::IS_FLOAT, T::IS_FLOAT, size_of::<P>(), size_of::<T>()) {
        (true, false, 4, 1..=2) => T::cast_from(truncated::f32(pixel.f32(), T::MIN.f32(), T::MAX.f32())),
        (true, false, _, 1..=4) => T::cast_from(truncated::f64(pixel.f64(), T::MIN.f64(), T::MAX.f64())),
        _ => T::cast_from(pixel),
    }
}

/// Converts, and returns whether the result is the same number, or NaN as the pixel is. If not, the result may be any number.
#[inline]
pub(crate) fn checked<T: Convert, P: Convert>(pixel: P) -> (T, bool) {
    if const { is_lossless::<T, P>() } {
        return (T::cast_from(pixel), true);
    }
    match (P::IS_FLOAT, T::IS_FLOAT, size_of::<P>(), size_of::<T>()) {
        (true, false, 4, 1..=2) => {
            let (integer, rounded) = rounded::f32(pixel.f32(), T::MIN.f32(), T::MAX.f32());
            return (T::cast_from(integer), rounded == pixel.f32());
        }
        (true, false, _, 1..=4) => {
            let (integer, rounded) = rounded::f64(pixel.f64(), T::MIN.f64(), T::MAX.f64());
            return (T::cast_from(integer), rounded == pixel.f64());
        }
        _ => {}
    }
    let target = T::cast_from(pixel);
    let back = || P::cast_from(target) == pixel;
    let survives = match (P::IS_FLOAT, T::IS_FLOAT) {
        // Bits that are the same may stand for a negative number in one of the types.
        (false, false) => back() & ((pixel < P::default()) == (target < T::default())),
        (true, true) => back() | is_nan(pixel),
        // A float beyond the highest integer saturates to it. That has more digits than a float, and back it is rounded up.
        (true, false) => back() & (pixel < power_of_two(digits::<T>())),
        // An `f64` holds both.
        (false, true) if digits::<P>() <= digits::<f64>() => target.f64() == pixel.f64(),
        (false, true) => back() & (target < power_of_two(digits::<P>())),
    };
    (target, survives)
}

/// Defines functions that make integers of up to 32 bits of floats. For most of them the compiler knows no vector instructions.
///
/// Adding a large power of two leaves no digits for a fraction, and the integer in the lowest bits.
macro_rules! define_integers {
    ($($float:ident $large:literal)*) => {
        /// Rounds a float between limits to an integer, as its lowest 32 bits and as a float. NaN becomes any number.
        mod rounded {
            $(
                #[inline]
                pub(super) fn $float(float: $float, min: $float, max: $float) -> (u32, $float) {
                    const LARGE: $float = $large;
                    let number = if float > min { float } else { min };
                    let number = if number < max { number } else { max };
                    let large = number + LARGE;
                    ((large.to_bits() as u32).wrapping_sub(LARGE.to_bits() as u32), large - LARGE)
                }
            )*
        }

        /// Removes the fraction of a float and keeps it between limits, as `as` does. NaN becomes 0.
        mod truncated {
            $(
                #[inline]
                pub(super) fn $float(float: $float, min: $float, max: $float) -> u32 {
                    let (integer, rounded) = super::rounded::$float(float, min, max);
                    // Rounded away from zero, and not cut off at a limit.
                    let too_high = u32::from((rounded > float) & (float > 0.0));
                    let too_low = u32::from((rounded < float) & (float < 0.0));
                    let integer = integer.wrapping_sub(too_high).wrapping_add(too_low);
                    if float.is_nan() { 0 } else { integer }
                }
            )*
        }
    };
}
// 1.5 * 2^23 and 1.5 * 2^52: the half makes room for negative numbers.
define_integers!(f32 12_582_912.0 f64 6_755_399_441_055_744.0);

/// Converts if the result is the same number, or if both are NaN. Else returns `None`.
pub(crate) fn exactly<T: Convert, P: Convert>(pixel: P) -> Option<T> {
    let (target, survives) = checked(pixel);
    survives.then_some(target)
}

/// Returns whether `T` holds every value of `P`.
const fn is_lossless<T: Convert, P: Convert>() -> bool {
    let is_kept = match (P::IS_FLOAT, T::IS_FLOAT) {
        (false, false) => T::IS_SIGNED || !P::IS_SIGNED,
        (_, true) => true,
        (true, false) => false,
    };
    is_kept && digits::<T>() >= digits::<P>()
}

/// Returns the number of binary digits of a type: all integers of so many digits are values of it.
const fn digits<T: Convert>() -> u32 {
    let bits = 8 * size_of::<T>() as u32;
    match (T::IS_FLOAT, bits) {
        (true, 32) => f32::MANTISSA_DIGITS,
        (true, _) => f64::MANTISSA_DIGITS,
        (false, _) => bits - T::IS_SIGNED as u32,
    }
}

/// Returns 2 to the power of `digits`, as a float.
#[inline]
fn power_of_two<T: Convert>(digits: u32) -> T {
    T::cast_from((1u128 << digits) as f64)
}

/// Returns whether two pixels have the same value: -0.0 equals 0.0, and any NaN equals any other.
///
/// It has no branches, so that a loop over pixels does not either.
#[inline]
pub(crate) fn same_value<T: Convert>(a: T, b: T) -> bool {
    (a == b) | (is_nan(a) & is_nan(b))
}

/// Returns whether a pixel is NaN, which is the only value that does not equal itself.
#[inline]
#[allow(clippy::eq_op, reason = "integers have no `is_nan`")]
pub(crate) fn is_nan<T: Convert>(pixel: T) -> bool {
    pixel != pixel
}

/// Returns a conversion that is exact, but makes nodata `fill`.
pub(crate) fn fill_for<P: Convert, T: Convert>(nodata: P, fill: T) -> impl Fn(P) -> (T, bool) + Copy {
    #[inline(always)]
    move |pixel| {
        let (target, survives) = checked(pixel);
        let is_nodata = same_value(pixel, nodata);
        (if is_nodata { fill } else { target }, survives | is_nodata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exact value of a pixel: an integer, or a float that is none.
    #[derive(Debug, PartialEq)]
    enum Exact {
        Integer(i128),
        Fraction(u64),
        Infinite(bool),
        Nan,
    }

    trait Number: Convert + std::fmt::Debug {
        fn exact(self) -> Exact;
        /// Every value of a small type. Of the others the neighbours of each power of two and of each limit of each type, and of
        /// floats also fractions, the smallest numbers, infinities, NaNs and -0.0.
        fn all() -> Vec<Self>;
    }

    macro_rules! integer {
        ($($rust:ident)*) => {
            $(impl Number for $rust {
                fn exact(self) -> Exact {
                    Exact::Integer(self.into())
                }

                fn all() -> Vec<Self> {
                    if size_of::<Self>() <= 2 {
                        return ($rust::MIN..=$rust::MAX).collect();
                    }
                    let powers = (0..=64).flat_map(|power| [1i128 << power, -(1i128 << power)]);
                    let near = powers.flat_map(|power| (-3..=3).map(move |by| power + by));
                    near.filter_map(|number| number.try_into().ok()).collect()
                }
            })*
        };
    }
    integer!(u8 u16 i16 u32 i32 u64 i64 i8);

    macro_rules! float {
        ($($rust:ident $next:literal)*) => {
            $(impl Number for $rust {
                fn exact(self) -> Exact {
                    match f64::from(self) {
                        number if number.is_nan() => Exact::Nan,
                        number if number.is_infinite() => Exact::Infinite(number > 0.0),
                        number if number.fract() == 0.0 && number.abs() < 1e38 => Exact::Integer(number as i128),
                        number => Exact::Fraction(number.to_bits()),
                    }
                }

                fn all() -> Vec<Self> {
                    let two: $rust = 2.0;
                    let powers = (-30..=70).map(|power| two.powi(power));
                    let ends = [0.0, 0.1, 3.5, 1e30, $rust::MIN_POSITIVE, $rust::MAX, $rust::INFINITY, $rust::NAN];
                    let near = powers.chain(ends).flat_map(|number| [number.next_down(), number, number.next_up()]);
                    let near = near.flat_map(|number| [number, number + 0.5, number - 0.5, number + 1.0, number - 1.0]);
                    let odd = [$rust::from_bits(1), $rust::from_bits($next), 1.1, 16_777_217.0];
                    near.chain(odd).flat_map(|number| [number, -number]).collect()
                }
            })*
        };
    }
    float!(f32 0x7f80_0001 f64 0x7ff0_0000_0000_0001);

    /// Compares with what the numbers exactly are, and with `as`.
    fn check<P: Number, T: Number>(by_as: impl Fn(P) -> T) {
        let mut lossy = 0;
        for pixel in P::all() {
            let expected = by_as(pixel);
            let found = cast::<T, P>(pixel);
            assert_eq!(found.exact(), expected.exact(), "{pixel:?} as {}: {found:?}", std::any::type_name::<T>());
            let exact = exactly::<T, P>(pixel).map(Number::exact);
            let survives = expected.exact() == pixel.exact();
            assert_eq!(exact, survives.then(|| expected.exact()), "{pixel:?} as {}", std::any::type_name::<T>());
            lossy += usize::from(!survives);
        }
        assert_eq!(lossy == 0, is_lossless::<T, P>(), "{lossy}");
    }

    macro_rules! check_pairs {
        ($from:ident: $($to:ident)*) => {
            $(check::<$from, $to>(|pixel| pixel as $to);)*
        };
        ($($from:ident)*) => {
            $(check_pairs!($from: u8 u16 i16 u32 i32 f32 f64 u64 i64 i8);)*
        };
    }

    #[test]
    fn every_pair_of_types_converts_as_the_numbers_say() {
        check_pairs!(u8 u16 i16 u32 i32 f32 f64 u64 i64 i8);
    }

    #[test]
    fn values_are_the_same_as_numbers_are() {
        assert!(same_value(0.0f32, -0.0) && same_value(f64::NAN, -f64::NAN) && same_value(3u8, 3));
        assert!(!same_value(f32::NAN, 0.0) && !same_value(0.0, f32::NAN) && !same_value(1i64, -1));
    }
}
