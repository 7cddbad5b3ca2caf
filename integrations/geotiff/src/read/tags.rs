//! Reads values of tags, in whatever type a writer stored them.

use tiff_reader::{Ifd, Tag, TagValue};

pub(crate) const SUBFILE_TYPE: u16 = 254;
pub(crate) const GDAL_METADATA: u16 = 42112;
pub(crate) const GDAL_NODATA: u16 = 42113;

/// Returns the numbers of a tag as floats.
pub(crate) fn floats(ifd: &Ifd, tag: u16) -> Option<Vec<f64>> {
    let value = &ifd.tag(tag)?.value;
    value.as_f64_vec().or_else(|| Some(value.as_u64_vec()?.into_iter().map(|number| number as f64).collect()))
}

/// Returns the numbers of a tag as unsigned integers of 16 bits, if each of them is one.
pub(crate) fn shorts(ifd: &Ifd, tag: u16) -> Option<Vec<u16>> {
    let numbers = ifd.tag(tag)?.value.as_u64_vec()?;
    numbers.into_iter().map(|number| number.try_into().ok()).collect()
}

/// Returns the first number of a tag.
pub(crate) fn number(ifd: &Ifd, tag: u16) -> Option<u64> {
    ifd.tag(tag)?.value.as_u64()
}

/// Returns the text of a tag, up to its first NUL.
pub(crate) fn text(ifd: &Ifd, tag: u16) -> Option<&str> {
    let text = match &ifd.tag(tag)?.value {
        TagValue::Ascii(text) => text.as_str(),
        TagValue::Byte(bytes) | TagValue::Undefined(bytes) => std::str::from_utf8(bytes).ok()?,
        _ => return None,
    };
    text.split('\0').next()
}

/// Returns one entry of a list of offsets or lengths.
pub(crate) fn entry(value: &TagValue, index: usize) -> Option<u64> {
    match value {
        TagValue::Long8(list) => list.get(index).copied(),
        TagValue::Long(list) => list.get(index).copied().map(u64::from),
        TagValue::Short(list) => list.get(index).copied().map(u64::from),
        TagValue::Byte(list) => list.get(index).copied().map(u64::from),
        _ => None,
    }
}

/// Returns how many bytes the values of a tag take in the file.
pub(crate) fn byte_len(tag: &Tag) -> u64 {
    tag.count.saturating_mul(tag.tag_type.element_size() as u64)
}
