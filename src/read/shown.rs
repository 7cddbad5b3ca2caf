//! Shortens what messages show of a column, which may hold texts and lists of any length.

use std::fmt::{self, Display, Formatter};

/// The most characters of a text that are shown.
const SHOWN_CHARS: usize = 40;
/// The most rows, bands and dims that are shown.
pub(super) const SHOWN: usize = 8;

/// A text, or its first characters.
pub(super) struct Short<'a>(pub(super) &'a str);

impl Display for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (shown, c) in self.0.chars().enumerate() {
            if shown == SHOWN_CHARS {
                return f.write_str("…");
            }
            // A text of several lines, as WKT may be, stays on one.
            write!(f, "{}", if c.is_control() { ' ' } else { c })?;
        }
        Ok(())
    }
}
