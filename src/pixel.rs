//! Defines the ten pixel types: [`PixelType`] at run time, [`Pixel`] at compile time.

use std::fmt;
use std::str::FromStr;

use arrow_buffer::ArrowNativeType;

use crate::cast::{Convert, exactly, pixel_types};
use crate::error::{Error, Result, error};
use crate::shown::Short;

macro_rules! impl_pixel_type {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        /// The type of a band's pixels, at run time.
        ///
        /// Name a variant, parse NumPy's name of the type, or convert the number that a raster stores. A pixel type
        /// displays as NumPy's name.
        ///
        /// # Examples
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
            $($variant = $id,)*
        }

        impl PixelType {
            /// All ten pixel types, in the order of their ids.
            ///
            /// # Examples
            ///
            /// ```
            /// use ndraster::PixelType;
            ///
            /// let ids: Vec<u32> = PixelType::ALL.iter().map(|t| t.id()).collect();
            /// assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
            /// ```
            pub const ALL: [PixelType; 10] = [$(PixelType::$variant),*];

            /// Returns the bytes of one pixel: 1, 2, 4 or 8.
            ///
            /// # Examples
            ///
            /// ```
            /// assert_eq!(ndraster::PixelType::Int16.size(), 2);
            /// ```
            pub const fn size(self) -> usize {
                match self { $(PixelType::$variant => size_of::<$rust>()),* }
            }

            /// Returns NumPy's name of the type.
            ///
            /// # Examples
            ///
            /// ```
            /// assert_eq!(ndraster::PixelType::UInt16.name(), "uint16");
            /// ```
            pub const fn name(self) -> &'static str {
                match self { $(PixelType::$variant => $name),* }
            }

            /// Returns Rust's name of the type.
            ///
            /// # Examples
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
        )*
    };
}
pixel_types!(impl_pixel_type);

impl PixelType {
    /// Returns the number that the `data_type` column stores for the type, 1 to 10.
    ///
    /// The format may add numbers later, but does not change these.
    ///
    /// # Examples
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

    /// Returns the pixel type that has this [`id`](PixelType::id).
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for any number other than 1 to 10.
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

    /// Returns the pixel type that has this [`name`](PixelType::name) in NumPy.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the text is not NumPy's name of one of the ten types.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(PixelType::name).join(", ");
            error!(Argument, "`{}` is no pixel type: expected one of {names}", Short(name))
        })
    }
}

/// Defines `match_pixel_type!(pixel_type, P => expression)`, which evaluates the expression with `P` as the Rust type.
macro_rules! define_match {
    ($d:tt $($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        macro_rules! match_pixel_type {
            ($d pixel_type:expr, $d P:ident => $d body:expr) => {
                match $d pixel_type {
                    $($crate::pixel::PixelType::$variant => {
                        type $d P = $rust;
                        $d body
                    })*
                }
            };
        }
        pub(crate) use match_pixel_type;
    };
}
pixel_types!(define_match $);

/// A Rust type that pixels can have: `u8`, `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64`, `f32`, `f64`.
///
/// The trait is sealed, because the raster format numbers these ten types and no others.
///
/// # Examples
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
/// `bool` is no pixel type: Arrow stores it as one bit, Rust as one byte, and the format has neither.
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
pub trait Pixel: Convert + ArrowNativeType + bytemuck::Pod {
    /// The pixel type that corresponds to this Rust type.
    const PIXEL_TYPE: PixelType;

    /// Returns the pixel as an `f64`: rounded for 64-bit integers beyond 2^53, exact for everything else.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::Pixel;
    ///
    /// fn sum<T: Pixel>(pixels: &[T]) -> f64 {
    ///     pixels.iter().map(|pixel| pixel.to_f64()).sum()
    /// }
    /// assert_eq!(sum(&[1u8, 2]) + sum(&[0.5f32]), 3.5);
    /// ```
    #[inline]
    fn to_f64(self) -> f64 {
        Convert::f64(self)
    }

    /// Returns the pixel that equals an `f64`, or `None` if there is none. NaN is NaN, and -0.0 is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::Pixel;
    ///
    /// assert_eq!(u8::from_f64(200.0), Some(200));
    /// assert_eq!((u8::from_f64(300.0), u8::from_f64(0.5), u8::from_f64(f64::NAN)), (None, None, None));
    /// assert_eq!(f32::from_f64(0.1), None);
    /// ```
    fn from_f64(value: f64) -> Option<Self> {
        exactly(value)
    }
}

/// Borrows bytes as pixels. Returns `None` if their address or their length does not fit the type.
pub(crate) fn aligned<T: Pixel>(bytes: &[u8]) -> Option<&[T]> {
    // An empty slice needs no alignment.
    if bytes.is_empty() { Some(&[]) } else { bytemuck::try_cast_slice(bytes).ok() }
}
