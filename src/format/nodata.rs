//! The value that stands for "nothing here", as bytes and as a pixel.
//!
//! Nodata is stored as one pixel's little-endian bytes and compares as a value: -0.0 is 0.0, and a NaN
//! nodata matches NaN pixels of any bit pattern. With a number as nodata NaN pixels are valid, as in GDAL.

use crate::error::{Error, Result, error};
use crate::pixel::{Pixel, PixelType};

/// One pixel's bytes, of a type that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodata {
    pixel_type: PixelType,
    bytes: [u8; 8],
}

impl Nodata {
    /// The value for pixels of a type, which must be its own.
    pub(crate) fn new<T: Pixel>(value: T, pixel_type: PixelType) -> Result<Self> {
        if T::PIXEL_TYPE != pixel_type {
            return Err(error!(
                PixelType,
                "nodata is {}, the pixels are {pixel_type}: write it as `{}`",
                T::PIXEL_TYPE,
                pixel_type.rust_name()
            ));
        }
        Self::from_bytes(bytemuck::bytes_of(&value), pixel_type)
    }

    /// One pixel's stored bytes.
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

/// The pixel that stored nodata bytes spell. Its alignment is left to chance, so it is read, not borrowed.
pub(crate) fn parse<T: Pixel>(bytes: &[u8]) -> Result<T> {
    bytemuck::try_pod_read_unaligned(bytes).map_err(|_| wrong_length(bytes, T::PIXEL_TYPE))
}

/// Is it exactly one pixel?
pub(crate) fn check_length(bytes: &[u8], pixel_type: PixelType) -> Result<()> {
    if bytes.len() == pixel_type.size() { Ok(()) } else { Err(wrong_length(bytes, pixel_type)) }
}

#[cold]
fn wrong_length(bytes: &[u8], pixel_type: PixelType) -> Error {
    let (found, size) = (bytes.len(), pixel_type.size());
    error!(Malformed, "nodata: it has {found} bytes, where a pixel of {pixel_type} has {size}")
}
