//! Finds the directories that a directory refers to, where microscopes and some others keep overviews.

use std::collections::BTreeSet;

use tiff_reader::{ByteOrder, Ifd, TagType, TiffFile};

use crate::error::{Result, error};

const SUB_IFDS: u16 = 330;

/// The type of offsets of directories in 32 bits, which `tiff-reader` takes for one of bytes.
const IFD: TagType = TagType::Unknown(13);

/// No file has more overviews than this.
const MOST: usize = 32;

/// Returns the offsets of the directories that this one refers to, each once, in their order.
pub(crate) fn sub_ifds(tiff: &TiffFile, ifd: &Ifd) -> Vec<u64> {
    let offsets = match ifd.tag(SUB_IFDS) {
        Some(tag) if tag.tag_type == IFD => read_again(tiff, ifd, tag.count).unwrap_or_default(),
        Some(_) => ifd.sub_ifd_offsets().unwrap_or_default(),
        None => vec![],
    };
    let mut seen = BTreeSet::new();
    offsets.into_iter().take(MOST).filter(|offset| seen.insert(*offset)).collect()
}

/// Reads the tag from its directory: so many offsets of 32 bits.
fn read_again(tiff: &TiffFile, ifd: &Ifd, count: u64) -> Result<Vec<u64>> {
    // The widths of the number of entries, of an entry, and of a value in it.
    let [header, entry, value] = if tiff.is_bigtiff() { [8, 20, 8] } else { [2, 12, 4] };
    let number = |bytes: &[u8]| match tiff.byte_order() {
        ByteOrder::LittleEndian => bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
        ByteOrder::BigEndian => bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    };
    let read = |at: u64, len: usize| tiff.source().read_exact_at(at, len);
    let start = ifd.offset();
    let entries = number(&read(start, header)?).min(1 << 12) as usize;
    let entries = read(start.saturating_add(header as u64), entries * entry)?;
    let code = |bytes: &[u8]| bytes.first_chunk::<2>().map(|code| number(code));
    let found = entries.chunks_exact(entry).find(|bytes| code(bytes) == Some(SUB_IFDS.into()));
    let last = found.and_then(|bytes| bytes.get(entry - value..));
    let Some(last) = last else { return Err(error!(Malformed, "its directory has changed")) };
    let count = count.min(MOST as u64) as usize;
    let list = if count * 4 <= value { last.to_vec() } else { read(number(last), count * 4)? };
    Ok(list.chunks_exact(4).take(count).map(number).collect())
}
