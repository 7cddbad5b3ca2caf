//! Defines the one error type of the crate, and its kinds.
//!
//! Reading rasters fails because of broken data, writing them because of arguments that do not fit. With one type,
//! `?` works for both. The type has a coarse kind for the program and a message for people. An enum with one variant
//! for each cause would make every check of this crate part of its public interface.

use std::borrow::Cow;
use std::fmt;

use arrow_schema::ArrowError;

use crate::shown::ShortUri;

/// The result type of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error type of this crate: why a raster could not be read or written.
///
/// This crate makes its own errors; [`Error::other`] makes one from a message or from another error.
///
/// The message says where the error happened (row and band, counted from 0), what was expected, what was found, and
/// which call to make instead. A program acts on the [`kind`](Error::kind).
///
/// The message is shorter than 1 KiB, whatever the raster holds: it shows the beginning of long texts and lists, and how
/// long they are.
///
/// An error is one word wide, so that a `Result` of a small value stays small.
///
/// # Examples
///
/// ```
/// use ndraster::{ErrorKind, Raster, ndarray::Array2};
///
/// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
/// let error = raster.as_array_view::<f32>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::PixelType);
/// assert_eq!(
///     error.to_string(),
///     "band 0: its pixels are uint8, not float32: ask for `u8`, or convert with `to_array_exact::<f32>()` \
///      (exact), `to_array_filled` (nodata), `to_array_cast::<f32>()` or `copy_into_cast`, several bands with `to_stack_cast::<f32>()`"
/// );
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    row: Option<usize>,
    band: Option<usize>,
    message: Cow<'static, str>,
    source: Option<BoxedError>,
}

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// The kind of an [`Error`], for a program to act on.
///
/// # Examples
///
/// ```
/// use ndraster::{ErrorKind, Band, PixelType, Raster};
///
/// let outdb = Band::outdb("s3://bucket/dem.tif", [512, 512], PixelType::Int16)?;
/// let raster = Raster::from_bands([outdb])?;
/// match raster.as_array_view::<i16>() {
///     Err(error) if error.kind() == ErrorKind::NotLoaded => {} // load the pixels (`load_with`), then try again
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The Arrow column does not have the raster type.
    Schema,
    /// The band's pixels have another type than the caller named.
    PixelType,
    /// The number of axes or their extents differ from what the caller named.
    Shape,
    /// The pixels are not in the column: the band is out-of-db.
    NotLoaded,
    /// The pixels start at an address that their type does not allow, so they can be copied but not borrowed.
    Misaligned,
    /// There are more bytes than one payload may hold, or than one call may allocate.
    TooLarge,
    /// The pixels lie in memory in an order that the call does not support.
    Layout,
    /// There is no such row, band, column or dimension.
    NotFound,
    /// The row is null.
    Null,
    /// The target type cannot hold a pixel or a nodata value exactly.
    Inexact,
    /// An argument is invalid by itself, or does not fit this raster.
    Argument,
    /// The stored data contradicts itself and is not a valid raster.
    Malformed,
    /// The error comes from the arrow crates.
    Arrow,
    /// The error comes from the caller's own code, through [`Error::other`].
    Other,
}

impl Error {
    /// Makes an error. Use the macro `error!`.
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: fmt::Arguments<'_>) -> Self {
        Error(Box::new(Inner { kind, row: None, band: None, message: bounded(message), source: None }))
    }

    /// Makes an error of your own from a message or from any error type.
    ///
    /// Use it in your functions that return this crate's [`Result`], such as a raster function in an engine. The
    /// message or error given here becomes the [`source`](std::error::Error::source).
    ///
    /// # Cost
    ///
    /// Two allocations, and the message.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Error, ErrorKind, RasterRef, Result};
    ///
    /// fn cloud_cover(raster: RasterRef<'_>) -> Result<f64> {
    ///     let mask = raster.band_by_name("clouds")?.to_array_cast::<f64>()?;
    ///     mask.mean().ok_or_else(|| Error::other("there are no pixels"))
    /// }
    /// let error = Error::other("7%".parse::<f64>().unwrap_err());
    /// assert_eq!((error.kind(), error.to_string()), (ErrorKind::Other, "invalid float literal".to_string()));
    /// ```
    #[cold]
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::of_source(ErrorKind::Other, error.into())
    }

    fn of_source(kind: ErrorKind, source: BoxedError) -> Self {
        let message = bounded(format_args!("{source}"));
        Error(Box::new(Inner { kind, row: None, band: None, message, source: Some(source) }))
    }

    /// Sets the row in which the error happened, unless it is set already.
    #[cold]
    pub(crate) fn in_row(mut self, row: Option<usize>) -> Self {
        self.0.row = self.0.row.or(row);
        self
    }

    /// Sets the band in which the error happened, unless it is set already.
    #[cold]
    pub(crate) fn in_band(mut self, band: usize) -> Self {
        self.0.band = self.0.band.or(Some(band));
        self
    }

    /// Adds the URI that the caller's own code was to load to an error of another crate, unless its message has it.
    #[cold]
    pub(crate) fn of_uri(mut self, uri: Option<&str>) -> Self {
        let is_foreign = self.kind() == ErrorKind::Other;
        if let Some(uri) = uri.filter(|uri| is_foreign && !self.0.message.contains(*uri)) {
            self.0.message = bounded(format_args!("{} (`{}`)", self.0.message, ShortUri(uri)));
        }
        self
    }

    /// Sets the row and the band for which the caller's own code failed. Others that the error names are of another raster, so
    /// they go into the message.
    #[cold]
    pub(crate) fn of_caller(mut self, row: Option<usize>, band: usize) -> Self {
        let (place, known) = ((row, Some(band)), (self.0.row, self.0.band));
        if known != place && known != (None, None) {
            self.0.message = bounded(format_args!("{self}"));
        }
        (self.0.row, self.0.band) = place;
        self
    }

    /// Returns the kind of the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{ErrorKind, PixelType};
    ///
    /// assert_eq!(PixelType::try_from(99).unwrap_err().kind(), ErrorKind::Malformed);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the row of the column, counted from 0, if the error is about one row.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, RasterArray, ndarray::Array2};
    ///
    /// let column = RasterArray::from_iter([Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?]);
    /// let error = column.get(0).unwrap().band(7).unwrap_err();
    /// assert_eq!((error.row(), error.band()), (Some(0), Some(7)));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn row(&self) -> Option<usize> {
        self.0.row
    }

    /// Returns the band of the raster, counted from 0, if the error is about one band.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::Array2};
    ///
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(raster.band(7).unwrap_err().band(), Some(7));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn band(&self) -> Option<usize> {
        self.0.band
    }
}

/// The most bytes of a message, so that with row and band it stays below 1 KiB.
const MAX_MESSAGE: usize = 950;

/// Writes a message, and stops where it gets too long. What messages quote is shortened where they are made; this is for
/// what nobody thought of, and for the messages of others.
fn bounded(message: fmt::Arguments<'_>) -> Cow<'static, str> {
    if let Some(text) = message.as_str().filter(|text| text.len() <= MAX_MESSAGE) {
        return text.into();
    }
    let mut text = Bounded(String::new());
    // Fails where the message is cut.
    let _ = fmt::write(&mut text, message);
    text.0.into()
}

struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = MAX_MESSAGE - self.0.len().min(MAX_MESSAGE);
        if more.len() <= room {
            self.0.push_str(more);
            return Ok(());
        }
        let end = (0..=room).rev().find(|end| more.is_char_boundary(*end)).unwrap_or_default();
        self.0.push_str(more.get(..end).unwrap_or_default());
        self.0.push('…');
        Err(fmt::Error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.row, self.0.band) {
            (Some(row), Some(band)) => write!(f, "row {row}, band {band}: ")?,
            (Some(row), None) => write!(f, "row {row}: ")?,
            (None, Some(band)) => write!(f, "band {band}: ")?,
            (None, None) => {}
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?})", self.0.kind, self.to_string())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

impl From<ArrowError> for Error {
    #[cold]
    fn from(source: ArrowError) -> Self {
        Self::of_source(ErrorKind::Arrow, source.into())
    }
}

/// So that `?` works on ndarray's constructors, in a function that returns this crate's `Result`.
impl From<ndarray::ShapeError> for Error {
    #[cold]
    fn from(source: ndarray::ShapeError) -> Self {
        Self::of_source(ErrorKind::Shape, source.into())
    }
}

/// So that `?` works on files, in a function that returns this crate's `Result`.
impl From<std::io::Error> for Error {
    #[cold]
    fn from(source: std::io::Error) -> Self {
        Self::of_source(ErrorKind::Other, source.into())
    }
}

impl From<Error> for ArrowError {
    /// Returns the original if the error was made from an [`ArrowError`], else an [`ArrowError::ExternalError`] that
    /// can be downcast to [`Error`].
    fn from(mut error: Error) -> Self {
        if let Some(source) = error.0.source.take() {
            match source.downcast() {
                Ok(source) => return *source,
                Err(other) => error.0.source = Some(other),
            }
        }
        ArrowError::ExternalError(Box::new(error))
    }
}

/// Makes an [`Error`] of a kind: `error!(Kind, "format {args}")`.
macro_rules! error {
    ($kind:ident, $($message:tt)*) => {
        $crate::error::Error::new($crate::error::ErrorKind::$kind, format_args!($($message)*))
    };
}
pub(crate) use error;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn an_error_says_its_kind_its_row_and_its_band() {
        let error = error!(Shape, "too few").in_row(Some(7)).in_band(2);
        assert_eq!((error.row(), error.band()), (Some(7), Some(2)));
        assert_eq!(error.to_string(), "row 7, band 2: too few");
        assert_eq!(format!("{error:?}"), r#"Shape("row 7, band 2: too few")"#);
    }

    #[test]
    fn an_error_of_the_callers_code_keeps_the_place_that_it_names_in_the_message() {
        let place = |error: Error| {
            let error = error.of_caller(Some(7), 2);
            assert_eq!((error.row(), error.band()), (Some(7), Some(2)));
            error.to_string()
        };
        assert_eq!(place(error!(Shape, "too few")), "row 7, band 2: too few");
        assert_eq!(place(error!(Shape, "too few").in_row(Some(7)).in_band(2)), "row 7, band 2: too few");
        assert_eq!(place(error!(Shape, "too few").in_band(2)), "row 7, band 2: band 2: too few");
        assert_eq!(place(error!(Shape, "too few").in_row(Some(0))), "row 7, band 2: row 0: too few");
        assert!(place(error!(Shape, "{}", "x".repeat(2000)).in_band(0)).len() < 1024);
    }

    #[test]
    fn a_message_is_shorter_than_a_kibibyte_whatever_it_quotes() {
        let names = vec!["name"; 1 << 20];
        let text = "🦀".repeat(1 << 10);
        let error = error!(Malformed, "{names:?}").in_row(Some(usize::MAX)).in_band(usize::MAX);
        assert!(error.to_string().len() < 1024 && error.to_string().ends_with('…'));
        for error in [error!(Malformed, "x{text}"), Error::other(text.clone()), ArrowError::CDataInterface(text).into()]
        {
            assert!((MAX_MESSAGE - 4..1024).contains(&error.to_string().len()));
        }
        assert_eq!(error!(Malformed, "{}", "x".repeat(MAX_MESSAGE)).to_string(), "x".repeat(MAX_MESSAGE));
    }
}
