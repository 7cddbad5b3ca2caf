//! Decompresses blocks: as many bytes as the pixels take, whatever follows them, as GDAL does.

use fdeflate::Decompressor;
use weezl::BitOrder;
use weezl::decode::Configuration;

/// A compression that is decoded here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Deflate,
    Lzw,
    PackBits,
}

impl Compression {
    /// Returns the compression of this code, if this module knows it.
    pub(crate) fn of(code: u16) -> Option<Self> {
        match code {
            1 => Some(Self::None),
            5 => Some(Self::Lzw),
            8 | 32946 => Some(Self::Deflate),
            32773 => Some(Self::PackBits),
            _ => None,
        }
    }

    /// Can the tags name a predictor? Of others GDAL does not read the tag.
    pub(crate) fn has_predictor(self) -> bool {
        matches!(self, Self::Deflate | Self::Lzw)
    }

    /// The most bytes that writers compress so many to. What a block has beyond them is room that is left.
    pub(crate) fn most(len: usize) -> u64 {
        2 * len as u64 + (1 << 12)
    }

    /// Decompresses exactly so many bytes, if there are as many.
    pub(crate) fn decompress(self, compressed: &[u8], bytes: &mut Vec<u8>, len: usize) -> bool {
        match self {
            Self::None => false,
            Self::Deflate => inflate(compressed, bytes, len),
            Self::Lzw => expand_codes(compressed, bytes, len),
            Self::PackBits => expand_runs(compressed, bytes, len),
        }
    }
}

/// Deflate. There is room for one more byte, so that a stream that is no longer is read to its end, where its checksum
/// is.
fn inflate(compressed: &[u8], bytes: &mut Vec<u8>, len: usize) -> bool {
    bytes.resize(len + 1, 0);
    let mut decoder = Decompressor::new();
    let (mut read, mut written) = (0, 0);
    while written <= len && !decoder.is_done() {
        let rest = compressed.get(read..).unwrap_or_default();
        match decoder.read(rest, bytes, written, true) {
            Ok((0, 0)) | Err(_) => return false,
            Ok((consumed, produced)) => (read, written) = (read + consumed, written + produced),
        }
    }
    bytes.truncate(len);
    written >= len
}

/// LZW. Some writers leave out the code that ends it.
fn expand_codes(compressed: &[u8], bytes: &mut Vec<u8>, len: usize) -> bool {
    bytes.resize(len, 0);
    let mut decoder = Configuration::with_tiff_size_switch(BitOrder::Msb, 8).with_yield_on_full_buffer(true).build();
    let (mut rest, mut room) = (compressed, bytes.as_mut_slice());
    while !room.is_empty() {
        let step = decoder.decode_bytes(rest, room);
        if step.status.is_err() || (step.consumed_in, step.consumed_out) == (0, 0) {
            return false;
        }
        rest = rest.get(step.consumed_in..).unwrap_or_default();
        room = room.get_mut(step.consumed_out..).unwrap_or_default();
    }
    true
}

/// PackBits: a number, then so many bytes, or one that is repeated.
fn expand_runs(compressed: &[u8], bytes: &mut Vec<u8>, len: usize) -> bool {
    bytes.resize(len, 0);
    let (mut rest, mut room) = (compressed, bytes.as_mut_slice());
    while !room.is_empty() {
        let Some((header, after)) = rest.split_first() else { return false };
        rest = after;
        match *header {
            128 => {}
            header if header < 128 => {
                let count = (usize::from(header) + 1).min(room.len());
                let Some((run, after)) = rest.split_at_checked(count) else { return false };
                let Some((out, others)) = room.split_at_mut_checked(count) else { return false };
                out.copy_from_slice(run);
                (rest, room) = (after, others);
            }
            header => {
                let count = (257 - usize::from(header)).min(room.len());
                let Some((byte, after)) = rest.split_first() else { return false };
                let Some((out, others)) = room.split_at_mut_checked(count) else { return false };
                out.fill(*byte);
                (rest, room) = (after, others);
            }
        }
    }
    true
}
