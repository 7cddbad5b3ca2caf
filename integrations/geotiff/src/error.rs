//! Defines the error type of this package, and its kinds.

use std::fmt;

/// The result type of this package's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file could not be read or written.
///
/// The message says what was found, what was expected, and which call to make instead. A program acts on the
/// [`kind`](Error::kind). It becomes an [`ndraster::Error`] by `?`, in functions that load bands.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{ErrorKind, GeoTiff};
///
/// let error = GeoTiff::from_bytes(b"GIF89a, and so on".to_vec()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotTiff);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    file: Option<String>,
    message: String,
    source: Option<BoxedError>,
}

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// The kind of an [`Error`], for a program to act on.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{ErrorKind, GeoTiff};
///
/// assert_eq!(GeoTiff::open("no/such/file.tif").unwrap_err().kind(), ErrorKind::Io);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file cannot be opened, read or written.
    Io,
    /// The file is no TIFF.
    NotTiff,
    /// The file is damaged: it contradicts itself, or ends early.
    Malformed,
    /// The file has something that this package does not read, or the raster something that GeoTIFF does not hold.
    Unsupported,
    /// The coordinate reference system has no code.
    Crs,
    /// The pixels have another type than the caller named.
    PixelType,
    /// The call would allocate more than the limit.
    TooLarge,
    /// There is no such band, overview, or part of the image.
    NotFound,
    /// An argument is invalid by itself, or does not fit this file.
    Argument,
    /// The raster could not be made or read.
    Raster,
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, file: None, message: message.into(), source: None }))
    }

    #[cold]
    pub(crate) fn with_source(kind: ErrorKind, message: String, source: impl Into<BoxedError>) -> Self {
        Error(Box::new(Inner { kind, file: None, message, source: Some(source.into()) }))
    }

    /// Sets the file in which the error happened, unless it is set already.
    #[cold]
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        if self.0.file.is_none() && !file.is_empty() {
            self.0.file = Some(file.to_owned());
        }
        self
    }

    /// Returns the kind of the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::{ErrorKind, GeoTiff};
    ///
    /// assert_eq!(GeoTiff::from_bytes(vec![]).unwrap_err().kind(), ErrorKind::NotTiff);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.0.file {
            write!(f, "{file}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

impl From<ndraster::Error> for Error {
    fn from(error: ndraster::Error) -> Self {
        let kind = match error.kind() {
            ndraster::ErrorKind::TooLarge => ErrorKind::TooLarge,
            ndraster::ErrorKind::PixelType => ErrorKind::PixelType,
            ndraster::ErrorKind::NotFound => ErrorKind::NotFound,
            ndraster::ErrorKind::Argument => ErrorKind::Argument,
            _ => ErrorKind::Raster,
        };
        Self::with_source(kind, error.to_string(), error)
    }
}

impl From<Error> for ndraster::Error {
    fn from(error: Error) -> Self {
        ndraster::Error::other(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::with_source(ErrorKind::Io, error.to_string(), error)
    }
}

impl From<tiff_reader::TiffError> for Error {
    fn from(error: tiff_reader::TiffError) -> Self {
        use tiff_reader::TiffError as E;
        // Its message has the path, which this one has as well.
        if let E::Io(error, _) = error {
            return error.into();
        }
        let kind = match &error {
            E::InvalidMagic | E::UnsupportedVersion(_) => ErrorKind::NotTiff,
            E::UnsupportedCompression(_)
            | E::UnsupportedPredictor(_)
            | E::UnsupportedPlanarConfiguration(_)
            | E::UnsupportedBitsPerSample(_)
            | E::UnsupportedSampleFormat(_) => ErrorKind::Unsupported,
            E::DecodeOutputTooLarge { .. } | E::DecodeOutputAllocationFailed { .. } => ErrorKind::TooLarge,
            _ => ErrorKind::Malformed,
        };
        let message = match &error {
            E::DecodeOutputTooLarge { requested, limit } => {
                format!(
                    "one block of pixels has {requested} bytes, above the limit of {limit}: raise it with \
                    `OpenOptions::max_bytes`"
                )
            }
            E::UnsupportedCompression(code) => format!(
                "its compression, {}, is not supported: rewrite it, for example by `gdal_translate -co \
                COMPRESS=DEFLATE`",
                compression_name(*code)
            ),
            E::UnsupportedSampleFormat(5 | 6) => {
                "its pixels are complex numbers, which no raster holds: write real and imaginary parts as two bands"
                    .to_owned()
            }
            E::UnsupportedBitsPerSample(bits) => {
                format!(
                    "its pixels have {bits} bits of a kind that is not supported: rewrite it, for example by \
                    `gdal_translate -ot Float32`"
                )
            }
            E::OffsetOutOfBounds { .. } | E::Truncated { .. } => {
                format!("it ends early, or is damaged: {error}")
            }
            other => other.to_string(),
        };
        Self::with_source(kind, message, error)
    }
}

/// Returns GDAL's name of a compression, by its code in a TIFF.
pub(crate) fn compression_name(code: u16) -> String {
    let name = match code {
        1 => "NONE",
        2 => "CCITTRLE",
        3 => "CCITTFAX3",
        4 => "CCITTFAX4",
        5 => "LZW",
        7 => "JPEG",
        8 | 32946 => "DEFLATE",
        32773 => "PACKBITS",
        34712 => "JPEG2000",
        34887 => "LERC",
        34925 => "LZMA",
        50000 => "ZSTD",
        50001 => "WEBP",
        50002 | 52546 => "JXL",
        other => return format!("code {other}"),
    };
    name.to_owned()
}

impl From<tiff_writer::Error> for Error {
    fn from(error: tiff_writer::Error) -> Self {
        let kind = match &error {
            tiff_writer::Error::Io(_) => ErrorKind::Io,
            _ => ErrorKind::Unsupported,
        };
        Self::with_source(kind, error.to_string(), error)
    }
}

/// Makes an [`Error`]: `error!(Kind, "format {}", arguments)`.
macro_rules! error {
    ($kind:ident, $($message:tt)*) => {
        $crate::error::Error::new($crate::error::ErrorKind::$kind, format!($($message)*))
    };
}
pub(crate) use error;
