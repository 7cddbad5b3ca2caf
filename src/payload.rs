//! The rules of a `BinaryView` value, in both directions.
//!
//! ```text
//! up to 12 bytes:   | length u32 | the bytes, padded with zeros to 12                 |
//! above:            | length u32 | first 4 bytes | buffer index u32 | offset u32     |
//! ```
//!
//! So short payloads sit in the array of views itself, 4 bytes after a multiple of 16, where no 8-byte
//! pixel can be borrowed. Lengths and offsets are i32 in the Arrow format; arrow-rs would let u32
//! through, other readers do not, and this crate writes neither above [`MAX_LEN`].

use arrow_array::GenericByteViewArray;
use arrow_array::types::ByteViewType;
use arrow_buffer::Buffer;
use arrow_data::{ByteView, MAX_INLINE_VIEW_LEN};

use crate::error::{Result, error};

/// The most bytes that one payload may have, and the highest offset at which it may start.
pub(crate) const MAX_LEN: usize = i32::MAX as usize;

/// The most bytes that a view holds by itself.
pub(crate) const MAX_INLINE: usize = MAX_INLINE_VIEW_LEN as usize;

/// The bytes of value `index`. Trusts nothing: `None` when the array is shorter, or when the view points
/// outside of the array's buffers.
#[inline]
pub(crate) fn resolve<T: ByteViewType>(array: &GenericByteViewArray<T>, index: usize) -> Option<&[u8]> {
    let views: &[u128] = array.views();
    let view = ByteView::from(*views.get(index)?);
    let len = view.length as usize;
    if len <= MAX_INLINE {
        let raw: &[u8] = bytemuck::bytes_of(views.get(index)?);
        return raw.get(4..4 + len);
    }
    let start = view.offset as usize;
    let buffer = array.data_buffers().get(view.buffer_index as usize)?;
    buffer.as_slice().get(start..start.checked_add(len)?)
}

/// The data buffer that value `index` lies in and where it starts there; `None` for an inline value.
pub(crate) fn locate<T: ByteViewType>(array: &GenericByteViewArray<T>, index: usize) -> Option<(u32, usize)> {
    let view = ByteView::from(*array.views().get(index)?);
    (view.length > MAX_INLINE_VIEW_LEN).then_some((view.buffer_index, view.offset as usize))
}

/// The bytes on their way into an array: part of a buffer.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    buffer: Buffer,
    start: usize,
    len: usize,
}

impl Payload {
    /// `len` bytes of the buffer from `start` on.
    ///
    /// A start that the format cannot express moves into the buffer itself.
    pub(crate) fn new(buffer: Buffer, start: usize, len: usize) -> Result<Self> {
        if len > MAX_LEN {
            return Err(error!(
                TooLarge,
                "{len} bytes are more than the {MAX_LEN} that one Arrow payload may have: store several smaller bands or rasters"
            ));
        }
        if start.checked_add(len).is_none_or(|end| end > buffer.len()) {
            return Err(error!(Malformed, "data: {len} bytes from {start} on leave a buffer of {}", buffer.len()));
        }
        if start > MAX_LEN {
            return Ok(Payload { buffer: buffer.slice_with_length(start, len), start: 0, len });
        }
        Ok(Payload { buffer, start, len })
    }

    /// No bytes: a lazy band, or one without pixels.
    pub(crate) fn empty() -> Self {
        Payload { buffer: Buffer::from_vec(Vec::<u8>::new()), start: 0, len: 0 }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.as_slice().get(self.start..self.start + self.len).unwrap_or_default()
    }

    /// Puts the buffer into other hands; put back what they do not keep.
    pub(crate) fn take_buffer(&mut self) -> Buffer {
        std::mem::replace(&mut self.buffer, Buffer::from_vec(Vec::<u8>::new()))
    }

    pub(crate) fn put_back(&mut self, buffer: Buffer) {
        self.buffer = buffer;
    }

    /// The buffer as a whole, and where in it the bytes start.
    pub(crate) fn home(&self) -> (&Buffer, usize) {
        (&self.buffer, self.start)
    }
}

/// The view of at most [`MAX_INLINE`] bytes, padded with zeros.
pub(crate) fn inline_view(bytes: &[u8]) -> u128 {
    let mut raw = [0u8; 16];
    let [l0, l1, l2, l3, rest @ ..] = &mut raw;
    [*l0, *l1, *l2, *l3] = (bytes.len() as u32).to_le_bytes();
    for (to, from) in rest.iter_mut().zip(bytes) {
        *to = *from;
    }
    u128::from_le_bytes(raw)
}

/// The view of a single byte.
pub(crate) const fn inline_view_of_byte(byte: u8) -> u128 {
    1 | (byte as u128) << 32
}

/// The view of more bytes, which lie in buffer `buffer_index` from `start` on.
pub(crate) fn outer_view(bytes: &[u8], buffer_index: usize, start: usize) -> Result<u128> {
    let too_far = || error!(TooLarge, "data: more buffers or bytes than an Arrow view can count");
    let index = u32::try_from(buffer_index).ok().filter(|&i| i <= i32::MAX as u32).ok_or_else(too_far)?;
    let offset = u32::try_from(start).ok().filter(|&s| s <= i32::MAX as u32).ok_or_else(too_far)?;
    let length = u32::try_from(bytes.len()).ok().filter(|&l| l <= i32::MAX as u32).ok_or_else(too_far)?;
    let prefix: &[u8; 4] = bytes.first_chunk().ok_or_else(too_far)?;
    Ok(ByteView::new(length, prefix).with_buffer_index(index).with_offset(offset).as_u128())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_view_is_length_bytes_zeros() {
        assert_eq!(inline_view(&[]), 0);
        assert_eq!(inline_view(b"x"), inline_view_of_byte(b'x'));
        assert_eq!(inline_view(&[7, 8]).to_le_bytes(), [2, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let full: Vec<u8> = (1..=12).collect();
        assert_eq!(inline_view(&full).to_le_bytes()[..5], [12, 0, 0, 0, 1]);
        assert_eq!(inline_view(&full).to_le_bytes()[15], 12);
    }

    #[test]
    fn nothing_above_two_gib_is_written() {
        assert!(outer_view(&[0; 13], 0, MAX_LEN).is_ok());
        assert!(outer_view(&[0; 13], 0, MAX_LEN + 1).is_err());
    }
}
