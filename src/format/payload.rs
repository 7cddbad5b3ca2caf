//! Reads and writes the values of a `BinaryView` array.
//!
//! ```text
//! up to 12 bytes:   | length u32 | the bytes, padded with zeros to 12                 |
//! above:            | length u32 | first 4 bytes | buffer index u32 | offset u32     |
//! ```
//!
//! So a short payload lies in the array of views itself, 4 bytes after a multiple of 16, where no 8-byte pixel can be
//! borrowed. Lengths and offsets are i32 in the Arrow format. arrow-rs accepts u32, other readers do not, so this crate
//! writes no length and no offset above [`MAX_LEN`].

use arrow_array::GenericByteViewArray;
use arrow_array::types::ByteViewType;
use arrow_buffer::Buffer;
use arrow_data::{ByteView, MAX_INLINE_VIEW_LEN};

use crate::error::{Result, error};
use crate::limits::MAX_LEN;

/// The largest number of bytes that an Arrow view holds inline.
pub(crate) const MAX_INLINE: usize = MAX_INLINE_VIEW_LEN as usize;

/// Returns the bytes of value `index`, or `None` if the array is shorter or the value points outside of its buffers.
///
/// The array may be unvalidated.
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

/// Returns the data buffer of value `index` and the value's offset in it, or `None` for an inline value.
pub(crate) fn locate<T: ByteViewType>(array: &GenericByteViewArray<T>, index: usize) -> Option<(u32, usize)> {
    let view = ByteView::from(*array.views().get(index)?);
    (view.length > MAX_INLINE_VIEW_LEN).then_some((view.buffer_index, view.offset as usize))
}

/// A data buffer, and the offset at which a payload starts in it.
pub(crate) type Location<'a> = (&'a Buffer, usize);

/// The bytes of a band that is not in an array yet: part of a buffer.
#[derive(Clone)]
pub(crate) struct Payload {
    buffer: Buffer,
    start: usize,
    len: usize,
}

impl Payload {
    /// Makes a payload of the `len` bytes of the buffer that begin at `start`.
    ///
    /// If `start` is above the largest offset of the format, the buffer is sliced there.
    pub(crate) fn new(buffer: Buffer, start: usize, len: usize) -> Result<Self> {
        if len > MAX_LEN {
            return Err(error!(
                TooLarge,
                "{len} bytes are more than the {MAX_LEN} that one Arrow payload may have: store several smaller bands or rasters"
            ));
        }
        if start.checked_add(len).is_none_or(|end| end > buffer.len()) {
            return Err(error!(
                Malformed,
                "data: {len} bytes at offset {start} do not fit a buffer of {} bytes",
                buffer.len()
            ));
        }
        if start > MAX_LEN {
            return Ok(Payload { buffer: buffer.slice_with_length(start, len), start: 0, len });
        }
        Ok(Payload { buffer, start, len })
    }

    /// Makes a payload without bytes, for an out-of-db band or a band without pixels.
    pub(crate) fn empty() -> Self {
        Payload { buffer: Buffer::from_vec(Vec::<u8>::new()), start: 0, len: 0 }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.as_slice().get(self.start..self.start + self.len).unwrap_or_default()
    }

    /// Takes the buffer and leaves an empty one. Return it by [`put_back`](Self::put_back) if it is not consumed.
    pub(crate) fn take_buffer(&mut self) -> Buffer {
        std::mem::replace(&mut self.buffer, Buffer::from_vec(Vec::<u8>::new()))
    }

    pub(crate) fn put_back(&mut self, buffer: Buffer) {
        self.buffer = buffer;
    }

    /// Returns the whole buffer, and the offset at which the payload starts in it.
    pub(crate) fn location(&self) -> Location<'_> {
        (&self.buffer, self.start)
    }
}

/// Makes the Arrow view of at most [`MAX_INLINE`] bytes, padded with zeros.
pub(crate) fn inline_view(bytes: &[u8]) -> u128 {
    let mut raw = [0u8; 16];
    let [l0, l1, l2, l3, rest @ ..] = &mut raw;
    [*l0, *l1, *l2, *l3] = (bytes.len() as u32).to_le_bytes();
    for (to, from) in rest.iter_mut().zip(bytes) {
        *to = *from;
    }
    u128::from_le_bytes(raw)
}

/// Makes the Arrow view of a single byte.
pub(crate) const fn inline_view_of_byte(byte: u8) -> u128 {
    1 | (byte as u128) << 32
}

/// Makes the Arrow view of more than [`MAX_INLINE`] bytes, which lie in buffer `buffer_index` at offset `start`.
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
