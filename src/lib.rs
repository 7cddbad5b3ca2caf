//! Zero-copy bridge between [`ndarray`] arrays and rasters stored in Apache Arrow.
//!
//! A *raster* is a row of a struct column, SedonaDB's extension type `sedona.raster`: a grid on the ground and
//! bands of pixels on it, each an array of two or more named axes. This crate wraps arrays as such rows and
//! borrows such rows as array views; the pixels stay where they are.
//!
//! ```
//! use ndraster::arrow_array::StructArray;
//! use ndraster::ndarray::array;
//! use ndraster::{Raster, RasterArray};
//!
//! let pixels = array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! let address = pixels.as_ptr();
//! let raster = Raster::from_ndarray(pixels)?; //              the array's memory becomes the Arrow buffer
//! let column = RasterArray::try_from(StructArray::from(raster))?;
//! let view = column.get(0).unwrap().as_array_view::<f32>()?; // an ArrayViewD over that same memory
//! assert_eq!(view.as_ptr(), address);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! # By task
//!
//! **Read somebody's rasters.** [`RasterArray::from_batch`] or `RasterArray::try_from(array)` checks the types
//! once; iterating gives an `Option<`[`RasterRef`]`>` a row; [`RasterRef::band`] a [`Band`], and that
//! [`as_array_view`](Band::as_array_view) and its kin. What is lent lives as long as the column.
//!
//! **Not knowing the pixel type.** [`Band::as_any_view`] and [`dispatch!`] run generic code on any;
//! [`to_array_as`](Band::to_array_as) converts exactly, [`to_array_cast`](Band::to_array_cast) by `as`.
//!
//! **Reading whatever comes.** Other writers' pixels may be misaligned: [`to_cow_array`](Band::to_cow_array)
//! borrows if it can and copies if it must. They may not be loaded: [`Band::is_loaded`].
//!
//! **Write a raster.** [`Raster::from_ndarray`], then [`with_crs`](Raster::with_crs),
//! [`with_bbox`](Raster::with_bbox), [`with_nodata`](Raster::with_nodata). The result of a computation takes its
//! input's place by [`with_grid_of`](Raster::with_grid_of). Several bands, or more than two axes: [`NewBand`] and
//! [`Raster::from_bands`].
//!
//! **Write a function over a column.** Nulls stay null, and errors end it:
//!
//! ```
//! use ndraster::{Raster, RasterArray, Result};
//!
//! fn doubled(column: &RasterArray) -> Result<RasterArray> {
//!     column
//!         .iter()
//!         .map(|raster| {
//!             let Some(raster) = raster else { return Ok(None) };
//!             let pixels = raster.as_array_view2::<f32>()?.mapv(|pixel| 2.0 * pixel);
//!             Raster::from_ndarray(pixels)?.with_grid_of(raster).map(Some)
//!         })
//!         .collect()
//! }
//!
//! let column: RasterArray =
//!     [Some(Raster::from_ndarray(ndraster::ndarray::array![[1.5f32, 4.0]])?), None].into_iter().collect();
//! let column = doubled(&column)?;
//! assert_eq!(column.get(0).unwrap().as_array_view2::<f32>()?[[0, 0]], 3.0);
//! assert!(column.is_null(1));
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! **Nodata.** [`Band::nodata`], [`Band::valid_mask`], [`Band::to_array_filled`].
//!
//! **All bands at once.** [`RasterRef::as_stack_view`], [`RasterRef::to_stack`].
//!
//! **Cut without copying.** [`Raster::window`], [`Raster::slice_dim`] and [`Raster::tiles`] are views of the same
//! payload, on the right place on the ground. [`Raster::to_standard`] packs them for kernels that want contiguous
//! bands, and before they are written somewhere.
//!
//! **Feed a model.** [`Raster::tiles_with_overlap`], and [`Band::copy_into`] to fill a slot of a batch that is
//! reused.
//!
//! **Hit 2 GiB.** [`RasterArray::from_ndarray_strips`], [`Strips`], [`NewBand::split`].
//!
//! **Keep memory as it lies, and get it back.** [`MemoryLayout`], [`Raster::into_array`].
//!
//! **Read what nobody validated.** Any column is an error or a raster, never a panic; [`_security`] says what that covers and
//! how it is tested.
//!
//! # Conventions
//!
//! The cost stands in the name: `as_` borrows or fails and never copies, `to_` copies, `into_` and `from_` move
//! memory that can be moved; each method has a Cost line. Bands count from 0. Array-side calls are (row, col) or
//! (height, width), ground-side calls (x, y). [`_design`] has the reasons, [`_performance`] the measurements.

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

#[cfg(doc)]
#[doc = include_str!("../DESIGN.md")]
pub mod _design {}

#[cfg(doc)]
#[doc = include_str!("../PERFORMANCE.md")]
pub mod _performance {}

#[cfg(doc)]
#[doc = include_str!("../SECURITY.md")]
pub mod _security {}

mod aligned;
mod any_view;
mod assemble;
mod band;
mod blocks;
mod builder;
mod columns;
mod compact;
mod constant;
mod copies;
mod error;
mod gather;
mod geo;
mod grow;
mod infer;
mod into_array;
mod lanes;
mod layout;
mod memory;
mod new_band;
mod nodata;
mod one_band;
mod owned_parts;
mod parts;
mod payload;
mod pixel;
mod raster;
mod raster_array;
mod raster_ref;
mod read_band;
mod read_row;
mod schema;
mod slicing;
mod stack;
mod standard;
mod strided;
mod strips;
mod transpose;
mod usual_band;
mod view;
mod walk;
mod wire;

pub use any_view::AnyArrayView;
pub use band::Band;
pub use builder::{RasterArrayBuilder, RasterRow};
pub use error::{Error, ErrorKind, Result};
pub use geo::{GeoTransform, Registration};
pub use into_array::IntoArrayError;
pub use memory::{MemoryLayout, PixelArray};
pub use new_band::NewBand;
pub use pixel::{Pixel, PixelType};
pub use raster::Raster;
pub use raster_array::{Iter, RasterArray};
pub use raster_ref::RasterRef;
pub use schema::RasterType;
pub use strips::Strips;
pub use view::{View, ViewEntry};

pub use {arrow_array, arrow_buffer, arrow_schema, ndarray};
