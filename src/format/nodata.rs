//! Converts the nodata value, which marks pixels without data, between its stored bytes and a pixel.
//!
//! It is stored as the little-endian bytes of one pixel. It compares as a value: 0.0 and -0.0 are equal, and a NaN
//! nodata matches NaN pixels with any bits. If nodata is a number, NaN pixels are valid, as in GDAL.

use crate::cast::exactly;
use crate::error::{Error, Result, error};
use crate::pixel::{Pixel, PixelType, match_pixel_type};

/// A nodata value: the bytes of one pixel, and its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodata {
    pixel_type: PixelType,
    bytes: [u8; 8],
}

impl Nodata {
    /// Makes a nodata value for pixels of a type. Refuses a value of another type.
    pub(crate) fn new<T: Pixel>(value: T, pixel_type: PixelType) -> Result<Self> {
        if T::PIXEL_TYPE != pixel_type {
            let is_a_pixel = match_pixel_type!(pixel_type, P => exactly::<P, T>(value).is_some());
            let advice = if is_a_pixel { "give it as" } else { "no pixel can be it: give a value of type" };
            return Err(error!(
                PixelType,
                "nodata {value:?} is {}, where the pixels are {pixel_type}: {advice} `{}`",
                T::PIXEL_TYPE,
                pixel_type.rust_name()
            ));
        }
        Self::from_bytes(bytemuck::bytes_of(&value), pixel_type)
    }

    /// Makes a nodata value from its stored bytes. Refuses another number of bytes than one pixel has.
    pub(crate) fn from_bytes(stored: &[u8], pixel_type: PixelType) -> Result<Self> {
        check_length(stored, pixel_type)?;
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(stored) {
            *to = *from;
        }
        Ok(Nodata { pixel_type, bytes })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.pixel_type.size()).unwrap_or_default()
    }
}

/// Reads stored nodata bytes as a pixel. They may be misaligned, so the pixel is copied. Refuses another number of
/// bytes than one pixel has.
pub(crate) fn parse<T: Pixel>(bytes: &[u8]) -> Result<T> {
    bytemuck::try_pod_read_unaligned(bytes).map_err(|_| wrong_length(bytes, T::PIXEL_TYPE))
}

/// Checks that stored nodata bytes are exactly one pixel.
pub(crate) fn check_length(bytes: &[u8], pixel_type: PixelType) -> Result<()> {
    if bytes.len() == pixel_type.size() { Ok(()) } else { Err(wrong_length(bytes, pixel_type)) }
}

#[cold]
fn wrong_length(bytes: &[u8], pixel_type: PixelType) -> Error {
    let (found, size) = (bytes.len(), pixel_type.size());
    error!(Malformed, "nodata: it has {found} bytes, where a pixel of {pixel_type} has {size}")
}
