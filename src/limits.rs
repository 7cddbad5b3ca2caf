//! Limits how much memory one call may allocate.
//!
//! A column can claim any extents with a few bytes. So no call allocates more than these limits only because of such a
//! claim.

use crate::error::{Error, ErrorKind, Result, error};

/// The largest length of a payload in bytes, and the largest offset at which it may start. Arrow counts both in `i32`.
pub(crate) const MAX_LEN: usize = i32::MAX as usize;

/// The largest number of tiles, strips or bands that one call may make.
///
/// Each has about 1 KB of metadata, so all of them together have at most 2^31 - 1 bytes. A limit is needed because
/// their number follows from the extents that a column claims.
const MAX_PARTS: usize = MAX_LEN >> 10;

/// Refuses to make more than [`MAX_PARTS`] parts. `what` names them in the message.
pub(crate) fn require_few(parts: usize, what: &str) -> Result<()> {
    if parts <= MAX_PARTS {
        return Ok(());
    }
    Err(error!(TooLarge, "{parts} {what} are more than the {MAX_PARTS} that one call makes: make them larger"))
}

/// Refuses to allocate a result of `pixels` pixels of `size` bytes that is too large for a payload of `payload` bytes.
///
/// A result of up to 2^31 - 1 bytes is always allowed. A larger one is allowed only if it is no larger than the
/// payload, because a view can repeat a stored pixel any number of times (broadcast).
pub(crate) fn check_result(pixels: Option<usize>, size: usize, payload: usize) -> Result<()> {
    let bytes = pixels.and_then(|pixels| pixels.checked_mul(size));
    if bytes.is_some_and(|bytes| bytes <= MAX_LEN.max(payload)) {
        return Ok(());
    }
    let bytes = bytes.map_or("more bytes than can be counted".to_owned(), |bytes| format!("{bytes} bytes"));
    Err(Error::new(
        ErrorKind::TooLarge,
        format!(
            "the result would have {bytes}, from a payload of {payload} bytes: read more than {MAX_LEN} bytes in parts \
             (`as_array_view`), or into an array of your own (`copy_into`)"
        ),
    ))
}
