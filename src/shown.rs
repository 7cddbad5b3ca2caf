//! Shortens what messages show of a column or of an argument, which may be texts and lists of any length.

use std::fmt::{self, Debug, Display, Formatter, Write};

/// The most characters of a text that are shown.
const SHOWN_CHARS: usize = 40;
/// The most bytes of a text that are shown: a character may have four.
const SHOWN_BYTES: usize = 64;
/// The most rows, bands and dims that are shown.
pub(crate) const SHOWN: usize = 8;
/// A list shows no further item after so many bytes.
const SHOWN_LIST_BYTES: usize = 120;

/// A text, or its first characters and its length.
pub(crate) struct Short<'a>(pub(crate) &'a str);

impl Display for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_start(f, self.0, self.0.len())
    }
}

/// A URI, or its last characters, which say most, and its length.
pub(crate) struct ShortUri<'a>(pub(crate) &'a str);

/// The most bytes of a URI that are shown.
const SHOWN_URI_BYTES: usize = 100;

impl Display for ShortUri<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (uri, len) = (self.0, self.0.len());
        let first = (len.saturating_sub(SHOWN_URI_BYTES)..=len).find(|at| uri.is_char_boundary(*at)).unwrap_or(len);
        if first > 0 {
            f.write_char('…')?;
        }
        let shown = uri.get(first..).unwrap_or_default();
        shown.chars().try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))?;
        if first > 0 { write!(f, " ({len} bytes)") } else { Ok(()) }
    }
}

/// Bytes that may be no text: those before the first that is none, or the first characters and the length.
pub(crate) struct ShortBytes<'a>(pub(crate) &'a [u8]);

impl Display for ShortBytes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Looks at no more than is shown.
        let start = self.0.get(..=SHOWN_BYTES).unwrap_or(self.0);
        write_start(f, start.utf8_chunks().next().map_or("", |chunk| chunk.valid()), self.0.len())
    }
}

/// Writes the first characters of a text, on one line, and that there are `len` bytes if these are more.
fn write_start(f: &mut Formatter<'_>, text: &str, len: usize) -> fmt::Result {
    let mut ends = text.char_indices().map(|(start, c)| start + c.len_utf8());
    let end = ends.by_ref().take(SHOWN_CHARS).take_while(|end| *end <= SHOWN_BYTES).last().unwrap_or(0);
    let start = text.get(..end).unwrap_or_default();
    start.chars().try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))?;
    if end < len { write!(f, "… ({len} bytes)") } else { Ok(()) }
}

/// In quotes.
impl Debug for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A list, or its first items and how many there are besides.
pub(crate) struct Few<'a, T>(pub(crate) &'a [T]);

impl<T: Item> Display for Few<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut counted = Counted { f, written: 0 };
        counted.write_char('[')?;
        for (shown, item) in self.0.iter().enumerate() {
            if shown > 0 {
                counted.write_str(", ")?;
            }
            if shown == SHOWN || counted.written > SHOWN_LIST_BYTES {
                write!(counted, "… {} more", self.0.len() - shown)?;
                break;
            }
            item.write(&mut counted)?;
        }
        counted.write_char(']')
    }
}

impl<T: Item> Debug for Few<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// What a list can show: text in quotes, numbers.
pub(crate) trait Item {
    fn write(&self, f: &mut dyn Write) -> fmt::Result;
}

impl Item for &str {
    fn write(&self, f: &mut dyn Write) -> fmt::Result {
        write!(f, "{:?}", Short(self))
    }
}

impl Item for String {
    fn write(&self, f: &mut dyn Write) -> fmt::Result {
        self.as_str().write(f)
    }
}

impl Item for usize {
    fn write(&self, f: &mut dyn Write) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Item for i64 {
    fn write(&self, f: &mut dyn Write) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Item for isize {
    fn write(&self, f: &mut dyn Write) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Counts the bytes that are written.
struct Counted<'a, 'f> {
    f: &'a mut Formatter<'f>,
    written: usize,
}

impl Write for Counted<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.written += text.len();
        self.f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shows_its_first_characters_and_its_length() {
        assert_eq!(Short("EPSG:4326").to_string(), "EPSG:4326");
        assert_eq!(Short("a\nb").to_string(), "a b");
        assert_eq!(Short(&"x".repeat(40)).to_string(), "x".repeat(40));
        assert_eq!(Short(&"x".repeat(41)).to_string(), format!("{}… (41 bytes)", "x".repeat(40)));
        assert_eq!(Short(&"🦀".repeat(99)).to_string(), format!("{}… (396 bytes)", "🦀".repeat(16)));
        assert_eq!(ShortBytes(b"lon").to_string(), "lon");
        assert_eq!(ShortBytes(b"lon\xff").to_string(), "lon… (4 bytes)");
        assert_eq!(ShortBytes(&[b'x'; 1 << 20]).to_string(), format!("{}… (1048576 bytes)", "x".repeat(40)));
    }

    #[test]
    fn a_list_shows_its_first_items_and_how_many_there_are() {
        assert_eq!(Few::<usize>(&[]).to_string(), "[]");
        assert_eq!(Few(&["y", "x"]).to_string(), r#"["y", "x"]"#);
        assert_eq!(Few(&[-1isize, 1]).to_string(), "[-1, 1]");
        assert_eq!(Few(&[1usize; 8]).to_string(), "[1, 1, 1, 1, 1, 1, 1, 1]");
        assert_eq!(Few(&[1i64; 9]).to_string(), "[1, 1, 1, 1, 1, 1, 1, 1, … 1 more]");
        let long = "🦀".repeat(99);
        let shown = Few(&vec![long.as_str(); 64]).to_string();
        assert!(shown.len() < 300 && shown.ends_with("… 62 more]"), "{shown}");
    }
}
