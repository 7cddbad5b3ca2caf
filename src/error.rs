//! One opaque error for the whole crate.
//!
//! A reader of rasters meets broken data, a writer meets arguments that do not fit, and both want one
//! `?`. So there is one type with a coarse kind to match on and a message to read; an enum with a
//! variant for each cause would freeze every check of this crate into its interface.

use std::borrow::Cow;
use std::fmt;

use arrow_schema::ArrowError;

/// What this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a raster could not be read or written.
///
/// The message says where (row and band, counted from 0), what was expected and found, and which call
/// to make instead; [`kind`](Error::kind) is what a program can act on.
///
/// One word wide, so that a `Result` of a small value stays small.
///
/// ```
/// use ndraster::{ErrorKind, Raster, ndarray::Array2};
///
/// let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
/// let error = raster.as_array_view::<f32>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::PixelType);
/// assert_eq!(
///     error.to_string(),
///     "band 0: its pixels are uint8, not float32: ask for `u8`, or convert with `to_array_as::<f32>()` \
///      (exact) or `to_array_cast::<f32>()`"
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

/// What sort of thing went wrong.
///
/// ```
/// use ndraster::{ErrorKind, NewBand, PixelType, Raster};
///
/// let lazy = NewBand::lazy("s3://bucket/dem.tif", [512, 512], PixelType::Int16)?;
/// let raster = Raster::from_bands([lazy])?;
/// match raster.as_array_view::<i16>() {
///     Err(error) if error.kind() == ErrorKind::NotLoaded => {} // fetch it, then try again
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The Arrow column is not of the raster type.
    Schema,
    /// The band's pixels are of another type than the caller named.
    PixelType,
    /// The number of axes or their extents differ from what the caller named.
    Shape,
    /// The pixels are elsewhere (an out-of-database band).
    NotLoaded,
    /// The bytes do not start at an address that the pixel type allows: they can be copied, not borrowed.
    Misaligned,
    /// More bytes than one Arrow payload may hold, or than a call may allocate.
    TooLarge,
    /// The memory lies in an order that the call cannot express.
    Layout,
    /// There is no such row, band, column or dimension.
    NotFound,
    /// The row is null.
    Null,
    /// A pixel or a nodata value that the target type cannot hold exactly.
    Inexact,
    /// An argument that makes no sense by itself, or with this raster.
    Argument,
    /// The array contradicts itself: what is stored is not a raster.
    Malformed,
    /// An error of the arrow crates.
    Arrow,
    /// An error of somebody else's, by [`Error::other`].
    Other,
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner { kind, row: None, band: None, message: message.into(), source: None }))
    }

    /// An error of your own, for functions that others call and that return this crate's [`Result`], such as a raster
    /// function in an engine: a message, or any error type, which becomes the [`source`](std::error::Error::source).
    ///
    /// Cost: two allocations, and the message.
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
        let message = source.to_string().into();
        Error(Box::new(Inner { kind, row: None, band: None, message, source: Some(source) }))
    }

    /// Says in which row it happened, unless that is known.
    #[cold]
    pub(crate) fn in_row(mut self, row: Option<usize>) -> Self {
        self.0.row = self.0.row.or(row);
        self
    }

    /// Says in which band it happened, unless that is known.
    #[cold]
    pub(crate) fn in_band(mut self, band: usize) -> Self {
        self.0.band = self.0.band.or(Some(band));
        self
    }

    /// What sort of thing went wrong.
    ///
    /// Cost: none.
    ///
    /// ```
    /// use ndraster::{ErrorKind, PixelType};
    ///
    /// assert_eq!(PixelType::try_from(99).unwrap_err().kind(), ErrorKind::Malformed);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The row of the column, where one row is to blame.
    ///
    /// Cost: none.
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

    /// The band of the row, where one band is to blame.
    ///
    /// Cost: none.
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

/// An error of arrow's own comes back as it was; ours becomes an `ExternalError` that can be downcast.
impl From<Error> for ArrowError {
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

/// `error!(Kind, "format {args}")` builds an [`Error`] of that kind.
macro_rules! error {
    ($kind:ident, $($message:tt)*) => {
        $crate::error::Error::new($crate::error::ErrorKind::$kind, format!($($message)*))
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
}
