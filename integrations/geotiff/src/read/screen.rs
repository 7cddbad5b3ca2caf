//! Looks at a block before `tiff-reader` decodes it, for what its decoders follow beyond any limit.

use tiff_reader::ifd::LercAdditionalCompression;
use tiff_reader::{Ifd, filters};

use crate::error::{Result, error};
use crate::read::file::File;
use crate::read::image::{Block, Image, JPEG, LERC};

const JPEG_TABLES: u16 = 347;

/// Each scan goes over the whole block. libtiff has the same limit.
const MOST_SCANS: usize = 100;

/// Refuses JPEG of thousands of scans, which take hours, and the first version of LERC, of which a small block may hold
/// thousands of images: no writer of TIFF makes either.
///
/// A block is looked at once, and the bytes of a source of ranges are asked for once: the decoder gets them next.
pub(crate) fn screen(file: &File, image: &Image, ifd: &Ifd, block: &Block) -> Result<()> {
    let (code, tiff) = (ifd.compression(), &file.tiff);
    if (code != JPEG && code != LERC) || file.is_screened(block) {
        return Ok(());
    }
    let len = block.row_len.saturating_mul(block.rows);
    // LERC that does not compress takes little more than the pixels, and JPEG less.
    let most = len.saturating_mul(5).saturating_add(image.bands().saturating_mul(1 << 10)).saturating_add(1 << 12);
    let length = usize::try_from(block.length_in(tiff)).ok().filter(|length| *length <= most.saturating_mul(2));
    let Some(length) = length else {
        return Err(error!(Malformed, "block {} has {} bytes for {len} bytes of pixels", block.index, block.length));
    };
    let bytes = match &file.ranges {
        Some(ranges) => ranges.look_ahead(block.offset, length)?,
        None => tiff.source().read_exact_at(block.offset, length)?,
    };
    if code == JPEG {
        // The tables of all blocks may hold scans, too.
        let tables = ifd.tag(JPEG_TABLES).and_then(|tag| tag.value.as_bytes()).unwrap_or_default();
        let scans_in = |bytes: &[u8]| bytes.windows(2).filter(|two| two == b"\xff\xda").count();
        let scans = scans_in(tables) + scans_in(&bytes);
        if scans > MOST_SCANS {
            return Err(error!(
                Unsupported,
                "block {} is a JPEG of {scans} scans, more than {MOST_SCANS}", block.index
            ));
        }
        file.set_screened(block);
        return Ok(());
    }
    let inner = match ifd.lerc_parameters()?.map(|parameters| parameters.additional_compression) {
        None | Some(LercAdditionalCompression::None) => bytes,
        Some(LercAdditionalCompression::Deflate) => filters::decompress(8, &bytes, block.index, None, most)?,
        Some(LercAdditionalCompression::Zstd) => filters::decompress(50_000, &bytes, block.index, None, most)?,
    };
    if inner.windows(9).any(|nine| nine == b"CntZImage") {
        return Err(error!(Unsupported, "block {} is LERC of version 1; version 2 is read", block.index));
    }
    file.set_screened(block);
    Ok(())
}
