//! Where the bytes of a file come from.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use tiff_reader::TiffError;
use tiff_reader::source::TiffSource;

/// A file whose bytes are read by range: an object store, an archive, a cache.
///
/// [`GeoTiff::from_source`](crate::GeoTiff::from_source) reads the header and the directories first, in about twenty
/// small ranges, then one range for each block of pixels, from many threads at once.
///
/// # Examples
///
/// ```no_run
/// use std::{io, ops::Range};
/// use ndraster_geotiff::{ByteRanges, GeoTiff};
///
/// #[derive(Debug)]
/// struct Object { size: u64 }
///
/// impl ByteRanges for Object {
///     fn len(&self) -> u64 {
///         self.size
///     }
///
///     fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
///         # let fetch = |_| Ok(vec![]);
///         fetch(range)
///     }
/// }
///
/// let file = GeoTiff::from_source(Object { size: 1234 })?;
/// # Ok::<(), ndraster_geotiff::Error>(())
/// ```
pub trait ByteRanges: Send + Sync + std::fmt::Debug {
    /// Returns how many bytes the file has.
    fn len(&self) -> u64;

    /// Returns whether the file has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of a range, which ends at or before [`len`](Self::len).
    ///
    /// # Errors
    ///
    /// Returns any error of the storage, and [`io::ErrorKind::UnexpectedEof`] if there are fewer bytes than that.
    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>>;
}

/// A source of ranges for the decoder.
pub(crate) struct Ranges(pub(crate) Arc<dyn ByteRanges>);

impl TiffSource for Ranges {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_exact_at(&self, offset: u64, len: usize) -> Result<Vec<u8>, TiffError> {
        let outside = || TiffError::OffsetOutOfBounds { offset, length: len as u64, data_len: self.0.len() };
        let end = offset.checked_add(len as u64).filter(|end| *end <= self.0.len()).ok_or_else(outside)?;
        let bytes = self.0.read(offset..end).map_err(|e| TiffError::Io(e, String::new()))?;
        if bytes.len() == len {
            return Ok(bytes);
        }
        let message = format!("the source gave {} bytes of the range {offset}..{end}", bytes.len());
        Err(TiffError::Io(io::Error::new(io::ErrorKind::UnexpectedEof, message), String::new()))
    }
}
