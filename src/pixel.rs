//! The ten pixel types: at run time a [`PixelType`], at compile time a [`Pixel`].
//!
//! They are listed once, in `pixel_types!` below; whatever needs all ten takes the list from there.

use std::fmt;
use std::str::FromStr;

use arrow_buffer::ArrowNativeType;

use crate::error::{Error, ErrorKind, Result, error};

/// Hands the list of pixel types (variant, Rust type, id on the wire, NumPy name) to a macro.
macro_rules! pixel_types {
    ($callback:ident) => {
        $callback! {
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

/// The type of a band's pixels, as the raster stores it.
///
/// Displays as, and parses from, the name that NumPy has for it.
///
/// ```
/// use ndraster::PixelType;
///
/// assert_eq!("int16".parse::<PixelType>()?, PixelType::Int16);
/// assert_eq!(PixelType::Float32.to_string(), "float32");
/// assert_eq!(PixelType::try_from(10)?, PixelType::Int8);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
#[allow(missing_docs, reason = "each variant's name says all there is")]
pub enum PixelType {
    UInt8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Float64 = 7,
    UInt64 = 8,
    Int64 = 9,
    Int8 = 10,
}

macro_rules! impl_pixel_type {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        impl PixelType {
            /// All ten, in the order of their ids.
            ///
            /// ```
            /// use ndraster::PixelType;
            ///
            /// let ids: Vec<u32> = PixelType::ALL.iter().map(|t| t.id()).collect();
            /// assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
            /// ```
            pub const ALL: [PixelType; 10] = [$(PixelType::$variant),*];

            /// Bytes of one pixel: 1, 2, 4 or 8.
            ///
            /// Cost: none.
            ///
            /// ```
            /// assert_eq!(ndraster::PixelType::Int16.size(), 2);
            /// ```
            pub const fn size(self) -> usize {
                match self { $(PixelType::$variant => size_of::<$rust>()),* }
            }

            /// The name that NumPy has for it.
            ///
            /// Cost: none.
            ///
            /// ```
            /// assert_eq!(ndraster::PixelType::UInt16.name(), "uint16");
            /// ```
            pub const fn name(self) -> &'static str {
                match self { $(PixelType::$variant => $name),* }
            }

            /// The name that Rust has for it.
            ///
            /// Cost: none.
            ///
            /// ```
            /// assert_eq!(ndraster::PixelType::UInt16.rust_name(), "u16");
            /// ```
            pub const fn rust_name(self) -> &'static str {
                match self { $(PixelType::$variant => stringify!($rust)),* }
            }
        }

        $(
            impl Pixel for $rust {
                const PIXEL_TYPE: PixelType = PixelType::$variant;
            }

            impl sealed::Convert for $rust {
                const IS_FLOAT: bool = 0.5 as $rust != 0 as $rust;

                fn cast_from<P: Pixel>(pixel: P) -> Self {
                    sealed::Convert::$rust(pixel)
                }

                pixel_types!(impl_casts);
            }
        )*
    };
}
macro_rules! impl_casts {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        $(fn $rust(self) -> $rust { self as $rust })*
        fn i128(self) -> i128 { self as i128 }
    };
}
mod impls {
    use super::{Pixel, PixelType, sealed};
    pixel_types!(impl_pixel_type);
}

impl PixelType {
    /// The number that stands for it in the `data_type` column: append-only, 1 to 10 today.
    ///
    /// Cost: none.
    ///
    /// ```
    /// assert_eq!(ndraster::PixelType::Float64.id(), 7);
    /// ```
    pub const fn id(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for PixelType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl TryFrom<u32> for PixelType {
    type Error = Error;

    /// # Errors
    /// [`ErrorKind::Malformed`] for a number other than 1 to 10.
    fn try_from(id: u32) -> Result<Self> {
        let index = (id as usize).wrapping_sub(1);
        match Self::ALL.get(index) {
            Some(pixel_type) => Ok(*pixel_type),
            None => Err(error!(Malformed, "data_type: {id} is no pixel type, which are numbered 1 to 10")),
        }
    }
}

impl FromStr for PixelType {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Argument`] for what is not NumPy's name of one of the ten types.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(PixelType::name).join(", ");
            Error::new(ErrorKind::Argument, format!("`{name}` is no pixel type: expected one of {names}"))
        })
    }
}

/// `match_pixel_type!(pixel_type, P => expression)` evaluates the expression with `P` as that type's
/// Rust type.
macro_rules! match_pixel_type {
    ($pixel_type:expr, $rust:ident => $body:expr) => {
        match $pixel_type {
            $crate::PixelType::UInt8 => match_pixel_type!(@ $rust u8 $body),
            $crate::PixelType::UInt16 => match_pixel_type!(@ $rust u16 $body),
            $crate::PixelType::Int16 => match_pixel_type!(@ $rust i16 $body),
            $crate::PixelType::UInt32 => match_pixel_type!(@ $rust u32 $body),
            $crate::PixelType::Int32 => match_pixel_type!(@ $rust i32 $body),
            $crate::PixelType::Float32 => match_pixel_type!(@ $rust f32 $body),
            $crate::PixelType::Float64 => match_pixel_type!(@ $rust f64 $body),
            $crate::PixelType::UInt64 => match_pixel_type!(@ $rust u64 $body),
            $crate::PixelType::Int64 => match_pixel_type!(@ $rust i64 $body),
            $crate::PixelType::Int8 => match_pixel_type!(@ $rust i8 $body),
        }
    };
    (@ $rust:ident $type:ident $body:expr) => {{
        type $rust = $type;
        $body
    }};
}
pub(crate) use match_pixel_type;

/// A Rust type that pixels can have: `u8`, `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64`, `f32`, `f64`.
///
/// Sealed: the raster format numbers these ten and no others.
///
/// ```
/// use ndraster::{Pixel, PixelType};
///
/// fn describe<T: Pixel>() -> String {
///     format!("{} of {} bytes", T::PIXEL_TYPE, size_of::<T>())
/// }
/// assert_eq!(describe::<i16>(), "int16 of 2 bytes");
/// ```
///
/// A `bool` is one bit to Arrow and one byte to Rust, and the format has neither:
///
/// ```compile_fail
/// use ndraster::{Raster, ndarray::Array2};
///
/// let mask = Array2::from_elem((2, 2), true);
/// Raster::from_ndarray(mask); // error: `bool` is not a pixel type: store a mask as `u8`
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pixel type",
    label = "rasters hold u8, u16, u32, u64, i8, i16, i32, i64, f32 or f64",
    note = "store a `bool` mask as `u8`: `mask.mapv(u8::from)`",
    note = "store an `f16` as `f32`, and a complex number as two bands, its real and its imaginary part"
)]
pub trait Pixel: sealed::Convert + ArrowNativeType + bytemuck::Pod {
    /// The same type, as the raster stores it.
    const PIXEL_TYPE: PixelType;
}

pub(crate) mod sealed {
    use super::Pixel;

    /// Casts to each pixel type by Rust's `as`. A method a target, named like it, is what lets
    /// [`cast_from`](Convert::cast_from) be generic over both sides.
    #[allow(missing_docs, reason = "not nameable outside of the crate")]
    pub trait Convert: Sized {
        const IS_FLOAT: bool;
        fn cast_from<P: Pixel>(pixel: P) -> Self;
        fn u8(self) -> u8;
        fn u16(self) -> u16;
        fn u32(self) -> u32;
        fn u64(self) -> u64;
        fn i8(self) -> i8;
        fn i16(self) -> i16;
        fn i32(self) -> i32;
        fn i64(self) -> i64;
        fn f32(self) -> f32;
        fn f64(self) -> f64;
        fn i128(self) -> i128;
    }
}

/// Converts by Rust's `as`: saturating, truncating, rounding.
pub(crate) fn cast<T: Pixel, P: Pixel>(pixel: P) -> T {
    sealed::Convert::cast_from(pixel)
}

/// Converts if the value survives: equal as numbers, and NaN stays NaN.
///
/// Comparing back in the pixel's own type would let `i64::MAX` pass as an f64, since `as` saturates;
/// so integers meet in i128, which holds every value of all eight of them.
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
    // Saturation of `as` is out of play: no pixel type reaches i128's limits as an integer.
    float.trunc() == float && float as i128 == integer
}

/// Equal as pixel values: -0.0 is 0.0, and any NaN is any other.
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
