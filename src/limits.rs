//! Limits how much memory one call may allocate.
//!
//! A column can claim any extents with a few bytes. So no call allocates more than these limits only because of such a
//! claim.

use crate::error::{Error, Result, error};

/// The largest length of a payload in bytes, and the largest offset at which it may start. Arrow counts both in `i32`.
pub(crate) const MAX_LEN: usize = i32::MAX as usize;

/// Each tile, strip or band counts as so many bytes at least.
const MIN_PART: usize = 1 << 10;

/// Refuses to make more than 2^31 - 1 bytes of parts, which have `each` bytes of metadata. `what` names them in the message.
///
/// A limit is needed because their number follows from the extents that a column claims. Lists grow by doubling, so
/// each part counts twice.
pub(crate) fn require_room(parts: usize, each: usize, what: &str) -> Result<()> {
    let each = each.saturating_mul(2).max(MIN_PART);
    let most = MAX_LEN / each;
    if parts <= most {
        return Ok(());
    }
    Err(error!(TooLarge, "{parts} {what} are more than the {most} that one call makes: make them larger"))
}

/// What to do where a call refuses a column as too large.
pub(crate) const FEWER_ROWS: &str = "take fewer rows at a time (`slice`)";

/// The bytes that the result of a call would take, counted before it is made.
///
/// Everything that a column can multiply with a few bytes is counted here: text, metadata and payloads that rows share. Up
/// to 2^31 - 1 bytes are always allowed, and more if the input itself holds as much.
pub(crate) struct Budget<H> {
    spent: usize,
    /// Counts the bytes that the input holds. This takes a while, so it is called for large results only.
    held: H,
    /// What to do instead, for the message.
    instead: &'static str,
}

impl<H: Fn() -> usize> Budget<H> {
    pub(crate) fn new(held: H, instead: &'static str) -> Self {
        Budget { spent: 0, held, instead }
    }

    /// Counts some more bytes of the result. Refuses them if they are too many.
    #[inline]
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<()> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent <= MAX_LEN { Ok(()) } else { self.spend_held() }
    }

    #[cold]
    fn spend_held(&self) -> Result<()> {
        let (held, Budget { spent, instead, .. }) = ((self.held)(), self);
        if *spent <= held {
            return Ok(());
        }
        Err(error!(
            TooLarge,
            "the result would have {spent} bytes up to here, from {held} bytes in memory: above {MAX_LEN} {instead}"
        ))
    }
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
    Err(too_much(bytes, payload))
}

#[cold]
fn too_much(bytes: Option<usize>, payload: usize) -> Error {
    let bytes = bytes.map_or("more bytes than can be counted".to_owned(), |bytes| format!("{bytes} bytes"));
    error!(
        TooLarge,
        "the result would have {bytes}, from a payload of {payload} bytes: read more than {MAX_LEN} bytes in parts \
         (`as_array_view`), or into an array of your own (`copy_into`)"
    )
}
