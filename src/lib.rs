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
//! - [Write a function over a column](#write-a-function-over-a-column)
//! - [Read somebody's rasters](#read-somebodys-rasters)
//! - [Make a raster](#make-a-raster)
//! - [Be generic over pixel types](#be-generic-over-pixel-types)
//! - [Handle nodata](#handle-nodata)
//! - [Cut windows and tiles](#cut-windows-and-tiles)
//! - [Choose a memory layout](#choose-a-memory-layout)
//! - [Hit 2 GiB](#hit-2-gib)
//! - [Send it on](#send-it-on)
//!
//! ## Write a function over a column
//!
//! Iterating gives an `Option<`[`RasterRef`]`>` a row, a closure over array views does the work, and collecting gives a
//! column. Nulls stay null, the first error ends it, and the result stands on its input's ground by
//! [`with_grid_of`](Raster::with_grid_of):
//!
//! ```
//! use ndraster::{Raster, RasterArray, Result, ndarray::array};
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
//! let column: RasterArray = [Some(Raster::from_ndarray(array![[1.5f32, 4.0]])?), None].into_iter().collect();
//! let column = doubled(&column)?;
//! assert_eq!(column.get(0).unwrap().as_array_view2::<f32>()?, array![[3.0, 8.0]]);
//! assert!(column.is_null(1));
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! All bands at once are one array more axis by [`as_stack_view`](RasterRef::as_stack_view) or
//! [`to_stack`](RasterRef::to_stack); a band by its name is [`band_by_name`](RasterRef::band_by_name).
//!
//! ## Read somebody's rasters
//!
//! [`RasterArray::from_batch`] and `RasterArray::try_from(array)` check the types once, and leave what rows hold to whoever
//! reads them: one bad row spoils nothing but itself. Pixels of other writers may be misaligned, and may not be loaded at
//! all:
//!
//! ```
//! use ndraster::{ErrorKind, NewBand, PixelType, Raster, RasterArray, RasterRef, Result, ndarray::array};
//!
//! /// The mean of whatever is there.
//! fn mean(raster: RasterRef<'_>) -> Result<Option<f64>> {
//!     let band = raster.band(0)?;
//!     if !band.is_loaded() {
//!         return Ok(None); // only known to be at band.outdb_uri()
//!     }
//!     // Borrows, or copies what is misaligned; `as_array_view` would be an error then, and never a copy.
//!     Ok(band.to_cow_array::<f32>()?.mapv(f64::from).mean())
//! }
//!
//! let lazy = NewBand::lazy("s3://bucket/dem.tif", [2, 3], PixelType::Float32)?;
//! let rasters = [Raster::from_ndarray(array![[1.0f32, 2.0]])?, Raster::from_bands([lazy])?];
//! let column = RasterArray::from_iter(rasters);
//! let means: Result<Vec<_>> = column.iter().flatten().map(mean).collect();
//! assert_eq!(means?, [Some(1.5), None]);
//!
//! // Errors have a kind to act on, and say which row and band it is and what to call instead.
//! let error = column.get(0).unwrap().as_array_view::<u8>().unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::PixelType);
//! assert_eq!((error.row(), error.band()), (Some(0), Some(0)));
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! Any column is an error or a raster, never a panic, also one that came unvalidated over the C Data Interface;
//! [`_security`] says what that covers and how it is tested.
//!
//! ## Make a raster
//!
//! A 2-D array becomes a raster of one band by [`Raster::from_ndarray`]. Several bands, more than two axes, and names are
//! [`NewBand`]'s:
//!
//! ```
//! use ndraster::{NewBand, Raster, Registration, ndarray::{Array2, Array3, Axis}};
//!
//! let elevation = Raster::from_ndarray(Array2::<i16>::zeros((344, 403)))?
//!     .with_crs("EPSG:4326")
//!     .with_bbox([-84.41, 36.45, -84.08, 36.73], Registration::Pixel)?
//!     .with_nodata(-9999i16)?;
//! assert_eq!(elevation.bbox()?[0], -84.41);
//!
//! let cube = NewBand::from_ndarray(Array3::<f32>::zeros((12, 100, 200)))?.with_dim_names(["time", "lat", "lon"])?;
//! let climate = Raster::from_bands([cube.with_name("temperature")])?;
//! assert_eq!((climate.width()?, climate.height()?), (200, 100));
//!
//! // The bands of an image are a stack's slices.
//! let rgb = Raster::from_bands(NewBand::split(Array3::<u8>::zeros((3, 64, 64)), Axis(0))?)?;
//! assert_eq!(rgb.num_bands()?, 3);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Be generic over pixel types
//!
//! [`Pixel`] is implemented by the ten types that rasters can have. [`Band::as_any_view`] borrows whichever it is, and
//! [`dispatch!`] runs the same code on any:
//!
//! ```
//! use ndraster::{Band, Pixel, Raster, Result, dispatch, ndarray::{ArrayViewD, array}};
//!
//! fn distinct<T: Pixel>(pixels: &ArrayViewD<'_, T>) -> usize {
//!     let mut seen: Vec<String> = pixels.iter().map(|pixel| format!("{pixel:?}")).collect();
//!     seen.sort();
//!     seen.dedup();
//!     seen.len()
//! }
//!
//! fn distinct_of(band: &Band<'_>) -> Result<usize> {
//!     Ok(dispatch!(band.as_any_view()?, pixels => distinct(&pixels)))
//! }
//!
//! assert_eq!(distinct_of(&Raster::from_ndarray(array![[7u8, 7, 9]])?.band(0)?)?, 2);
//! assert_eq!(distinct_of(&Raster::from_ndarray(array![[0.5f64, 0.5, 0.5]])?.band(0)?)?, 1);
//!
//! // Or convert: exactly, or by `as`.
//! let raster = Raster::from_ndarray(array![[1i32, 300]])?;
//! assert_eq!(raster.to_array_as::<f64>()?.sum(), 301.0);
//! assert!(raster.to_array_as::<u8>().is_err());
//! assert_eq!(raster.to_array_cast::<u8>()?.sum(), 1 + 44);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Handle nodata
//!
//! The value that stands for "nothing here" is of the pixels' own type, and compares as a value: -0.0 is 0.0, and NaN is any
//! NaN.
//!
//! ```
//! use ndraster::{Raster, ndarray::array};
//!
//! let raster = Raster::from_ndarray(array![[7i16, -9999, 9]])?.with_nodata(-9999i16)?;
//! assert_eq!(raster.valid_mask()?, Some(array![[true, false, true]].into_dyn()));
//! let metres = raster.to_array_filled(f32::NAN)?; // integers become floats, exactly
//! assert!(metres[[0, 1]].is_nan());
//! // Or without an array in between:
//! let nodata = raster.nodata::<i16>()?;
//! let valid = raster.as_array_view2::<i16>()?.iter().filter(|pixel| Some(**pixel) != nodata).count();
//! assert_eq!(valid, 2);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Cut windows and tiles
//!
//! [`Raster::window`], [`Raster::slice_dim`] and [`Raster::tiles`] are views of the same payload, with the transform that goes
//! with them. No pixel is copied until somebody asks:
//!
//! ```
//! use ndraster::{Raster, Registration, ndarray::{Array2, Array3, Axis}};
//!
//! let raster = Raster::from_ndarray(Array2::<f32>::ones((100, 100)))?
//!     .with_bbox([0.0, 0.0, 1000.0, 1000.0], Registration::Pixel)?;
//! let window = raster.window(20..30, 50..)?;
//! assert_eq!(window.bbox()?, [500.0, 700.0, 1000.0, 800.0]);
//!
//! // A model wants tiles of one size, that see a little of their neighbours, in a batch that is reused.
//! let tiles = raster.tiles_with_overlap(48, 48, 8)?;
//! let mut batch = Array3::<f32>::zeros((1, 64, 64));
//! for tile in tiles.iter().flatten() {
//!     batch.fill(0.0); // tiles at the edge are smaller
//!     let (height, width) = (tile.height()?, tile.width()?);
//!     let mut slot = batch.index_axis_mut(Axis(0), 0);
//!     tile.copy_into(slot.slice_mut(ndraster::ndarray::s![..height, ..width]))?;
//! }
//! assert_eq!(batch.sum(), 12.0 * 12.0); // the last one: 4 rows and columns, and 8 of overlap
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Choose a memory layout
//!
//! | [`MemoryLayout`] | an array in C order | in any other order | who reads it |
//! |---|---|---|---|
//! | `Standard`, the default | moved or shared | repacked, once | everybody |
//! | `Strict` | moved or shared | an error that names the axis | everybody |
//! | `AsIs` | moved or shared | moved or shared, with a view | this crate, and SedonaDB's reader |
//!
//! A transposed matrix of 500 MB goes in as it lies, is read as it is, and comes back out at the same address:
//!
//! ```
//! use ndraster::{MemoryLayout, Raster, ndarray::Array2};
//!
//! let transposed = Array2::from_shape_fn((50, 70), |(row, col)| (row * col) as f64).reversed_axes();
//! let address = transposed.as_ptr();
//! let raster = Raster::from_ndarray_with(transposed, MemoryLayout::AsIs)?;
//! assert_eq!(raster.as_array_view2::<f64>()?[[69, 49]], 69.0 * 49.0);
//! assert_eq!(raster.into_array::<f64>()?.as_ptr(), address);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! [`to_standard`](RasterArray::to_standard) packs views away afterwards, for kernels that want contiguous bands.
//!
//! ## Hit 2 GiB
//!
//! One payload has at most 2^31 - 1 bytes, and the error for more says what to call: [`RasterArray::from_ndarray_strips`],
//! or [`NewBand::split`] where the slices are bands. Both leave the memory where it is.
//!
//! ```
//! use ndraster::{ErrorKind, Raster, RasterArray, Strips, ndarray::Array2};
//!
//! # // Zeroed pages that nobody touches.
//! let pixels = Array2::<u8>::zeros((50_000, 50_000)).into_shared();
//! let error = Raster::from_ndarray(pixels.clone()).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::TooLarge);
//! let strips = RasterArray::from_ndarray_strips(pixels.clone())?;
//! assert_eq!(strips.len(), 2);
//! assert_eq!(strips.get(0).unwrap().as_array_view2::<u8>()?.as_ptr(), pixels.as_ptr());
//! // On the ground, and as many rows a strip as you like:
//! let strips = Strips::from_ndarray(pixels)?.with_crs("EPSG:3857").with_rows(10_000)?.finish()?;
//! assert_eq!(strips.len(), 5);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Send it on
//!
//! A column is a `StructArray`, and a [`field`](RasterArray::field) with the extension name goes into the schema. What
//! filters and slices leave behind travels with it, since Arrow writes every buffer whole that a view type lists:
//!
//! ```
//! use std::sync::Arc;
//! use ndraster::arrow_array::{RecordBatch, StructArray};
//! use ndraster::arrow_schema::Schema;
//! use ndraster::{Raster, RasterArray, ndarray::Array2};
//!
//! let tiles = Raster::from_ndarray(Array2::<f32>::ones((512, 512)))?.tiles(64, 64)?;
//! let few = tiles.slice(3, 2)?;
//! assert_eq!(few.buffer_bytes(), 512 * 512 * 4); // two tiles, and all that they are views of
//! let packed = few.to_standard()?.to_compact()?;
//! assert_eq!(packed.buffer_bytes(), 2 * 64 * 64 * 4);
//!
//! let schema = Schema::new(vec![packed.field("rast")]);
//! let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(packed))])?;
//! assert_eq!(RasterArray::from_batch(&batch, "rast")?.len(), 2);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! | on the way | call |
//! |---|---|
//! | rows were filtered or sliced away | [`to_compact`](RasterArray::to_compact) |
//! | rasters are windows or tiles | [`to_standard`](RasterArray::to_standard), then `to_compact` |
//! | engines that cut batches (Flight, Ballista), readers that know no views | [`to_wire`](RasterArray::to_wire) |
//! | after Parquet, Ballista, or anything that packs payloads | [`to_aligned`](RasterArray::to_aligned) |
//! | SedonaDB's SQL, which wants its own type to the letter | [`to_canonical`](RasterArray::to_canonical) |
//!
//! `integrations/formats` in the repository has an example each for IPC, Parquet, the C Data Interface and GeoTIFF.
//!
//! # Conventions
//!
//! The cost stands in the name: `as_` borrows or fails and never copies, `to_` copies, `into_` and `from_` move
//! memory that can be moved; each method has a Cost line. Bands count from 0. Array-side calls are (row, col) or
//! (height, width), ground-side calls (x, y). [`_design`] has the reasons, [`_performance`] the measurements,
//! [`_compare`] what else there is, and what its calls are here.

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
#[doc = include_str!("../COMPARE.md")]
pub mod _compare {}

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
