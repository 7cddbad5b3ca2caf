//! GeoTIFF and Cloud Optimized GeoTIFF (COG) files as [`ndraster`] rasters, in pure Rust, without GDAL.
//!
//! ```
//! use ndraster::{Raster, Registration, ndarray::Array2};
//! use ndraster_geotiff::{GeoTiff, WriteOptions, write_cog};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("dem.tif");
//! let raster = Raster::from_ndarray(Array2::<f32>::ones((1000, 1000)))?
//!     .with_crs("EPSG:32633")
//!     .with_bbox([400_000.0, 5_000_000.0, 410_000.0, 5_010_000.0], Registration::Pixel)?;
//! write_cog(&raster, &path, &WriteOptions::new())?;
//!
//! let file = GeoTiff::open(&path)?;
//! println!("{}", file.info());
//! let window = file.window(0..256, 0..256)?.read()?; // an ndraster::Raster, from the blocks that it needs
//! assert_eq!(window.as_array_view2::<f32>()?.sum(), 65_536.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod crs;
mod error;
mod metadata;
mod outdb;
mod parallel;
mod pixel_type;
mod read;
mod write;

pub use crate::crs::{Crs, CrsKind};
pub use crate::error::{Error, ErrorKind, Result};
pub use crate::outdb::loader::{Loader, Request};
pub use crate::outdb::scan::{scan, scan_tiles};
pub use crate::read::file::OpenOptions;
pub use crate::read::geotiff::{BandIndex, GeoTiff};
pub use crate::read::info::{Info, Mask};
pub use crate::read::source::ByteRanges;
pub use crate::write::options::{Compression, Interleave, Resampling, WriteOptions};
pub use crate::write::{write_cog, write_cog_to, write_geotiff, write_geotiff_to};
