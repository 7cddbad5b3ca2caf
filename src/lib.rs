//! Zero-copy bridge between [`ndarray`] arrays and rasters stored in Apache Arrow.
//!
//! A *raster* is one row of a struct column, SedonaDB's extension type `sedona.raster`. It has a grid on the ground and
//! bands of pixels on that grid. Each band is an array of two or more named axes. This crate wraps arrays as such rows
//! and borrows such rows as array views. The pixels stay where they are.
//!
//! ```
//! use ndraster::arrow_array::StructArray;
//! use ndraster::ndarray::array;
//! use ndraster::{Raster, RasterArray};
//!
//! let pixels = array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! let address = pixels.as_ptr();
//! // The array's memory becomes the Arrow buffer.
//! let column = StructArray::from(Raster::from_ndarray(pixels)?);
//! // An ArrayView2 over that same memory.
//! let column = RasterArray::try_from(column)?;
//! let view = column.get(0).unwrap().as_array_view2::<f32>()?;
//! assert_eq!(view.as_ptr(), address);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! # Where to start
//!
//! `cargo run --release --example dem` in the repository takes an elevation model through Arrow to this picture, without a copy:
//!
#![doc = concat!("![Hillshade](data:image/jpeg;base64,", include_str!("../docs/hillshade.base64"), ")")]
//!
//! [`_guide`] has a chapter for each task, whose programs run: a function over a column, rasters of other writers, the ground,
//! nodata, tiles, batches for models, files, engines, and more.
//!
//! | type | what it is |
//! |---|---|
//! | [`Raster`], [`Band`] | an owned raster and its bands: [`Raster::from_ndarray`], [`Raster::from_bands`] |
//! | [`RasterArray`] | a column of rasters: `RasterArray::try_from(array)`, [`RasterArray::from_batch`] |
//! | [`RasterRef`], [`BandRef`] | a row of a column and its bands, borrowed: [`RasterArray::get`], [`RasterRef::band`] |
//! | [`RasterArrayBuilder`], [`Batch`] | columns made row by row, and of one array for all rows |
//! | [`GeoTransform`] | where pixels lie on the ground |
//! | [`Pixel`], [`PixelType`], [`dispatch!`] | the ten types of pixels, and code for all of them |
//! | [`Error`], [`ErrorKind`] | what went wrong, where, and which call to make instead |
//!
//! # Conventions
//!
//! The name of a method says what it costs: `as_` borrows or fails and never copies, `to_` copies, `into_` and `from_`
//! move memory that can be moved. The section "Cost" of a method says how much; it is left out where there is no cost.
//! Bands count from 0. Calls on the array take (row, col) or (height, width), calls on the ground take (x, y).
//! [`_design`] gives the reasons, [`_performance`] the measurements. [`_compare`] compares other libraries, and lists
//! which call here does what their calls do.

#![forbid(unsafe_code)]
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::todo,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

#[cfg(not(target_endian = "little"))]
compile_error!("ndraster borrows little-endian pixels in place, so it runs on little-endian targets only");

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// A chapter for each task. Every program in them runs.
///
/// - [Write a function over a column](_guide::functions)
/// - [Read rasters of other writers](_guide::reading)
/// - [Make a raster](_guide::making)
/// - [Go from the ground to pixels, and back](_guide::grid)
/// - [Handle nodata](_guide::nodata)
/// - [Cut windows and tiles, and put them together](_guide::tiles)
/// - [Read a column as one array, for a model](_guide::batches)
/// - [Be generic over pixel types](_guide::types)
/// - [Choose a memory layout](_guide::memory)
/// - [Store more than 2 GiB](_guide::large)
/// - [Read and write files](_guide::files)
/// - [Run in an engine](_guide::engines)
/// - [Send a column on: which call makes it fit](_guide::sending)
#[cfg(any(doc, doctest))]
pub mod _guide {
    macro_rules! chapters {
        ($($name:ident)*) => {$(
            #[doc = include_str!(concat!("../docs/guide/", stringify!($name), ".md"))]
            pub mod $name {}
        )*};
    }
    chapters! { functions reading making grid nodata tiles batches types memory large files engines sending }
}

#[cfg(doc)]
#[doc = include_str!("../docs/compare.md")]
pub mod _compare {}

#[cfg(doc)]
#[doc = include_str!("../docs/design.md")]
pub mod _design {}

#[cfg(doc)]
#[doc = include_str!("../docs/performance.md")]
pub mod _performance {}

#[cfg(doc)]
#[doc = include_str!("../SECURITY.md")]
pub mod _security {}

mod cast;
mod error;
mod format;
mod geo;
mod limits;
mod names;
mod pixel;
mod strided;
mod view;

// The documentation lists the methods of a type in the order of these lines: constructors and what is close to them first.
mod write;

mod read;
mod shown;

mod batch;

mod slice;

mod repack;

pub use batch::view::BatchViews;
pub use error::{Error, ErrorKind, Result};
pub use format::schema::RasterType;
pub use geo::{GeoTransform, Registration};
pub use pixel::{Pixel, PixelType};
pub use read::any_view::{__any_view, AnyArrayView, AnyCowArray};
pub use read::band::BandRef;
pub use read::ground::WindowRounding;
pub use read::iter::{ArrayViews, Iter};
#[cfg(feature = "rayon")]
pub use read::parallel::ParIter;
pub use read::raster_array::RasterArray;
pub use read::raster_array_view::RasterArrayView;
pub use read::raster_ref::RasterRef;
pub use repack::load::LoadedBand;
pub use slice::tiles::TileWindow;
pub use view::{View, ViewEntry};
pub use write::band::Band;
pub use write::batch::Batch;
pub use write::builder::{RasterArrayBuilder, RasterRow};
pub use write::into_array::IntoArrayError;
pub use write::map::MapNodata;
pub use write::raster::Raster;
pub use write::storage::{MemoryLayout, PixelArray};
pub use write::strips::Strips;

pub use {arrow_array, arrow_buffer, arrow_schema, ndarray};
