//! Where the bytes of a file come from.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tiff_reader::TiffError;
use tiff_reader::source::TiffSource;

/// A file whose bytes are read by range: an object store, an archive, a cache.
///
/// [`GeoTiff::from_source`](crate::GeoTiff::from_source) reads the first 16 KiB at once, where the directories of a COG
/// are; directories elsewhere take some twenty small ranges. Then it reads one range for each block of pixels, from
/// many threads at once.
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

/// A source of ranges for the decoder. The start of the file, where the directories of a COG are, is read once.
pub(crate) struct Ranges {
    source: Box<dyn ByteRanges>,
    head: Vec<u8>,
    /// Ranges that were looked at, by their start, until the decoder asks for them.
    ahead: Mutex<HashMap<u64, Vec<u8>>>,
}

/// How many ranges wait for the decoder at most. Each thread has one.
const MOST_AHEAD: usize = 256;

/// How many bytes are read at once when a file is opened.
const HEAD: u64 = 1 << 14;

impl Ranges {
    pub(crate) fn new(source: Box<dyn ByteRanges>) -> Result<Self, TiffError> {
        let mut ranges = Ranges { source, head: vec![], ahead: Mutex::default() };
        ranges.head = ranges.read_exact_at(0, ranges.len().min(HEAD) as usize)?;
        Ok(ranges)
    }

    /// Reads a range, and keeps it for the next call that asks for it.
    pub(crate) fn look_ahead(&self, offset: u64, len: usize) -> Result<Vec<u8>, TiffError> {
        let bytes = self.read_exact_at(offset, len)?;
        let mut ahead = self.ahead();
        if ahead.len() >= MOST_AHEAD {
            ahead.clear();
        }
        ahead.insert(offset, bytes.clone());
        Ok(bytes)
    }

    fn ahead(&self) -> MutexGuard<'_, HashMap<u64, Vec<u8>>> {
        // A thread that panicked left whole entries.
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TiffSource for Ranges {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_exact_at(&self, offset: u64, len: usize) -> Result<Vec<u8>, TiffError> {
        let outside = || TiffError::OffsetOutOfBounds { offset, length: len as u64, data_len: self.len() };
        let end = offset.checked_add(len as u64).filter(|end| *end <= self.len()).ok_or_else(outside)?;
        if let Some(bytes) =
            usize::try_from(offset).ok().and_then(|start| self.head.get(start..start.checked_add(len)?))
        {
            return Ok(bytes.to_vec());
        }
        if let Some(bytes) = self.ahead().remove(&offset).filter(|bytes| bytes.len() == len) {
            return Ok(bytes);
        }
        let bytes = self.source.read(offset..end).map_err(|e| TiffError::Io(e, String::new()))?;
        if bytes.len() == len {
            return Ok(bytes);
        }
        let message = format!("the source gave {} bytes of the range {offset}..{end}", bytes.len());
        Err(TiffError::Io(io::Error::new(io::ErrorKind::UnexpectedEof, message), String::new()))
    }
}
