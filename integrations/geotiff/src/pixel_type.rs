//! Runs code that is generic over pixels for a type that is known at run time.

use ndraster::PixelType;
use tiff_reader::RasterLayout;

use crate::error::{Result, error};

/// Evaluates an expression with `T` as the Rust type of a [`PixelType`]: `with_pixel_type!(pixel_type, T => f::<T>())`.
macro_rules! with_pixel_type {
    ($pixel_type:expr, $t:ident => $body:expr) => {
        match $pixel_type {
            ndraster::PixelType::UInt8 => with_pixel_type!(@ $t u8 $body),
            ndraster::PixelType::Int8 => with_pixel_type!(@ $t i8 $body),
            ndraster::PixelType::UInt16 => with_pixel_type!(@ $t u16 $body),
            ndraster::PixelType::Int16 => with_pixel_type!(@ $t i16 $body),
            ndraster::PixelType::UInt32 => with_pixel_type!(@ $t u32 $body),
            ndraster::PixelType::Int32 => with_pixel_type!(@ $t i32 $body),
            ndraster::PixelType::UInt64 => with_pixel_type!(@ $t u64 $body),
            ndraster::PixelType::Int64 => with_pixel_type!(@ $t i64 $body),
            ndraster::PixelType::Float32 => with_pixel_type!(@ $t f32 $body),
            ndraster::PixelType::Float64 => with_pixel_type!(@ $t f64 $body),
        }
    };
    (@ $t:ident $rust:ident $body:expr) => {{
        type $t = $rust;
        $body
    }};
}
pub(crate) use with_pixel_type;

/// Returns the type of an image's pixels in memory: samples of 1 to 7 bits are `u8`, of 9 to 15 bits `u16`, as in GDAL.
pub(crate) fn pixel_type(layout: &RasterLayout) -> Result<PixelType> {
    Ok(match (layout.sample_format, layout.bits_per_sample) {
        (1, 1..=8) => PixelType::UInt8,
        (1, 9..=16) => PixelType::UInt16,
        (1, 32) => PixelType::UInt32,
        (1, 64) => PixelType::UInt64,
        (2, 8) => PixelType::Int8,
        (2, 16) => PixelType::Int16,
        (2, 32) => PixelType::Int32,
        (2, 64) => PixelType::Int64,
        (3, 32) => PixelType::Float32,
        (3, 64) => PixelType::Float64,
        (format, bits) => {
            let format = ["unsigned integers", "signed integers", "floats"].get(usize::from(format).wrapping_sub(1));
            let format = format.unwrap_or(&"complex numbers");
            return Err(error!(Unsupported, "its pixels are {format} of {bits} bits, which no raster holds"));
        }
    })
}
