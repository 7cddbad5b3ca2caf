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
//! - [Read rasters of other writers](#read-rasters-of-other-writers)
//! - [Make a raster](#make-a-raster)
//! - [Be generic over pixel types](#be-generic-over-pixel-types)
//! - [Handle nodata](#handle-nodata)
//! - [Cut windows and tiles](#cut-windows-and-tiles)
//! - [Read a column as one array, for a model](#read-a-column-as-one-array-for-a-model)
//! - [Go from the ground to pixels, and back](#go-from-the-ground-to-pixels-and-back)
//! - [Choose a memory layout](#choose-a-memory-layout)
//! - [Store more than 2 GiB](#store-more-than-2-gib)
//! - [Send a column on](#send-a-column-on)
//!
//! ## Write a function over a column
//!
//! Iterate over the column: each row gives an `Option<`[`RasterRef`]`>`, which is `None` for a null row. Compute the
//! result, then collect the results into a new column. Return `None` for a null row to keep it null. The first error ends the
//! loop. [`map`](RasterRef::map) applies a function to each valid pixel, and keeps grid, dims, names and nodata. For everything
//! else, compute from array views: [`as_array_view2`](RasterRef::as_array_view2) is always (y, x), and
//! [`with_grid_of`](Raster::with_grid_of) gives a result of that order the grid of its input, and no nodata value:
//!
//! ```
//! use ndraster::{Raster, RasterArray, RasterRef, Result, ndarray::{Array2, Zip, array, s}};
//!
//! fn doubled(column: &RasterArray) -> Result<RasterArray> {
//!     column
//!         .iter()
//!         .map(|raster| {
//!             let Some(raster) = raster else { return Ok(None) };
//!             raster.map(|pixel: f32| 2.0 * pixel).map(Some)
//!         })
//!         .collect()
//! }
//!
//! /// The difference of each pixel and the one below it, NaN where one of them is nodata.
//! fn falls(raster: RasterRef<'_>) -> Result<Raster> {
//!     let heights = raster.as_array_view2::<f32>()?;
//!     let is_valid = raster.is_valid::<f32>()?;
//!     let fall = |&above: &f32, &below: &f32| if is_valid(above) && is_valid(below) { above - below } else { f32::NAN };
//!     let mut falls = Array2::from_elem(heights.raw_dim(), f32::NAN);
//!     let (above, below) = (heights.slice(s![..-1, ..]), heights.slice(s![1.., ..]));
//!     falls.slice_mut(s![..-1, ..]).assign(&Zip::from(above).and(below).map_collect(fall));
//!     Raster::from_ndarray(falls)?.with_grid_of(raster)?.with_nodata(f32::NAN)
//! }
//!
//! let raster = Raster::from_ndarray(array![[1.5f32, -9999.0], [4.0, 3.0]])?.with_nodata(-9999f32)?;
//! let column: RasterArray = [Some(raster), None].into_iter().collect();
//! let column = doubled(&column)?;
//! assert_eq!(column.get(0).unwrap().as_array_view2::<f32>()?, array![[3.0, -9999.0], [8.0, 6.0]]);
//! let falls = falls(column.get(0).unwrap())?;
//! assert_eq!(falls.as_array_view2::<f32>()?[[0, 0]], -5.0);
//! assert!(falls.as_array_view2::<f32>()?[[0, 1]].is_nan());
//! assert!(column.is_null(1));
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! [`as_stack_view`](RasterRef::as_stack_view) and [`to_stack`](RasterRef::to_stack) give all bands as one array with
//! one more axis. [`band_by_name`](RasterRef::band_by_name) finds a band by its name.
//!
//! ## Read rasters of other writers
//!
//! [`RasterArray::from_batch`] and `RasterArray::try_from(array)` check the types once. What a row holds is checked
//! when the row is read, so one bad row does not make the others unreadable. Other writers may store pixels misaligned,
//! or outside of the column (out-of-db):
//!
//! ```
//! use ndraster::{Band, ErrorKind, PixelType, Raster, RasterArray, RasterRef, Result, ndarray::array};
//!
//! /// Returns the mean of the pixels, or `None` if they are not loaded.
//! fn mean(raster: RasterRef<'_>) -> Result<Option<f64>> {
//!     let band = raster.band(0)?;
//!     if !band.is_loaded() {
//!         return Ok(None); // the pixels are at band.outdb_uri()
//!     }
//!     // Borrows aligned pixels, copies misaligned ones. `as_array_view` never copies, so it fails for the latter.
//!     Ok(band.to_cow_array::<f32>()?.mapv(f64::from).mean())
//! }
//!
//! let outdb = Band::outdb("s3://bucket/dem.tif", [2, 3], PixelType::Float32)?;
//! let rasters = [Raster::from_ndarray(array![[1.0f32, 2.0]])?, Raster::from_bands([outdb])?];
//! let column = RasterArray::from_iter(rasters);
//! let means: Result<Vec<_>> = column.iter().flatten().map(mean).collect();
//! assert_eq!(means?, [Some(1.5), None]);
//!
//! // An error has a kind for the program. Its message names the row, the band and the call to make instead.
//! let error = column.get(0).unwrap().as_array_view::<u8>().unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::PixelType);
//! assert_eq!((error.row(), error.band()), (Some(0), Some(0)));
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! This crate opens no files. [`load_with`](RasterArray::load_with) calls a function of yours for each out-of-db band, and makes a
//! column in which all pixels are loaded.
//!
//! Reading any column gives rasters or an error, never a panic. This holds also for a column that came unvalidated over
//! the C Data Interface. [`_security`] says what is covered and how it is tested.
//!
//! ## Make a raster
//!
//! [`Raster::from_ndarray`] makes a raster of one band from a 2-D array. [`Raster::from_bands`] makes one from several
//! [`Band`]s; a [`Band`] can have a name, and more than two axes with names. [`Raster::with_bbox`] places the raster on
//! the ground by a bounding box, whose north is row 0. [`Raster::with_coords`] does so by the coordinates of rows and columns,
//! and [`Raster::with_transform`] by a [`GeoTransform`], which [`GeoTransform::from_gdal`] makes from GDAL's six numbers and
//! [`GeoTransform::from_affine`] from rasterio's:
//!
//! ```
//! use ndraster::{Band, Raster, Registration, ndarray::{Array2, Array3, Axis}};
//!
//! let elevation = Raster::from_ndarray(Array2::<i16>::zeros((344, 403)))?
//!     .with_crs("EPSG:4326")
//!     .with_bbox([-84.41, 36.45, -84.08, 36.73], Registration::Pixel)?
//!     .with_nodata(-9999i16)?;
//! assert_eq!(elevation.bbox()?[0], -84.41);
//!
//! // A climate cube, whose latitudes ascend as they do in netCDF files.
//! let lon: Vec<f64> = (0..360).map(|degree| f64::from(degree) + 0.5).collect();
//! let lat: Vec<f64> = (-90..90).map(|degree| f64::from(degree) + 0.5).collect();
//! let cube = Band::from_ndarray(Array3::<f32>::zeros((12, 180, 360)))?.with_dim_names(["time", "lat", "lon"])?;
//! let climate = Raster::from_bands([cube.with_name("temperature")])?.with_coords(&lon, &lat)?;
//! assert_eq!(climate.index_at(0.5, -89.5)?, Some((0, 0))); // row 0 is in the south
//!
//! // Splits an image of three channels into three bands.
//! let rgb = Raster::from_bands(Band::split(Array3::<u8>::zeros((3, 64, 64)), Axis(0))?)?;
//! assert_eq!(rgb.num_bands()?, 3);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Be generic over pixel types
//!
//! The ten types that pixels can have implement [`Pixel`]. [`BandRef::as_any_view`] borrows pixels of any of them, and
//! [`dispatch!`] runs the same code on each:
//!
//! ```
//! use ndraster::{BandRef, Pixel, Raster, Result, dispatch, ndarray::{ArrayViewD, array}};
//!
//! fn distinct<T: Pixel>(pixels: &ArrayViewD<'_, T>) -> usize {
//!     let mut seen: Vec<String> = pixels.iter().map(|pixel| format!("{pixel:?}")).collect();
//!     seen.sort();
//!     seen.dedup();
//!     seen.len()
//! }
//!
//! fn distinct_of(band: &BandRef<'_>) -> Result<usize> {
//!     Ok(dispatch!(band.as_any_view()?, pixels => distinct(&pixels)))
//! }
//!
//! assert_eq!(distinct_of(&Raster::from_ndarray(array![[7u8, 7, 9]])?.band(0)?)?, 2);
//! assert_eq!(distinct_of(&Raster::from_ndarray(array![[0.5f64, 0.5, 0.5]])?.band(0)?)?, 1);
//!
//! // Or convert to one type: exactly, or by Rust's `as`.
//! let raster = Raster::from_ndarray(array![[1i32, 300]])?;
//! assert_eq!(raster.to_array_exact::<f64>()?.sum(), 301.0);
//! assert!(raster.to_array_exact::<u8>().is_err());
//! assert_eq!(raster.to_array_cast::<u8>()?.sum(), 1 + 44);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Handle nodata
//!
//! Nodata is the value of a pixel that holds no data. It has the type of the pixels. Values are compared, not bits:
//! -0.0 equals 0.0, and NaN equals any NaN.
//!
//! ```
//! use ndraster::{MapNodata, Raster, ndarray::array};
//!
//! let raster = Raster::from_ndarray(array![[7i16, -9999, 9]])?.with_nodata(-9999i16)?;
//! assert_eq!(raster.valid_mask()?, Some(array![[true, false, true]].into_dyn()));
//! let metres = raster.to_array_filled(f32::NAN)?; // integers become floats, exactly
//! assert!(metres[[0, 1]].is_nan());
//! // Or without a new array:
//! assert_eq!(raster.valid_pixels::<i16>()?.map(i64::from).sum::<i64>(), 16);
//! let is_valid = raster.is_valid::<i16>()?;
//! let valid = raster.as_array_view2::<i16>()?.iter().filter(|pixel| is_valid(**pixel)).count();
//! assert_eq!(valid, 2);
//! // `map` leaves nodata alone, or puts another value in its place.
//! let feet = raster.map_with(MapNodata::Replace(f32::NAN), |pixel: i16| f32::from(pixel) * 3.28)?;
//! assert!(feet.as_array_view2::<f32>()?[[0, 1]].is_nan());
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Cut windows and tiles
//!
//! [`Raster::window`], [`Raster::slice_dim`] and [`Raster::tiles`] make views of the same payload and adjust the
//! transform. They copy no pixels; a later call such as `to_array` or `copy_into` does:
//!
//! ```
//! use ndraster::{Raster, Registration, ndarray::{Array2, Array3, Axis}};
//!
//! let raster = Raster::from_ndarray(Array2::<f32>::ones((100, 100)))?
//!     .with_bbox([0.0, 0.0, 1000.0, 1000.0], Registration::Pixel)?;
//! let window = raster.window(20..30, 50..)?;
//! assert_eq!(window.bbox()?, [500.0, 700.0, 1000.0, 800.0]);
//!
//! // For a model that takes arrays of one size: tiles that overlap, copied into one batch that is used again.
//! let tiles = raster.tiles_with_overlap(48, 48, 8)?;
//! let mut batch = Array3::<f32>::zeros((1, 64, 64));
//! for tile in tiles.iter().flatten() {
//!     batch.fill(0.0); // tiles at the edge are smaller
//!     let (height, width) = (tile.height()?, tile.width()?);
//!     let mut slot = batch.index_axis_mut(Axis(0), 0);
//!     tile.copy_into(slot.slice_mut(ndraster::ndarray::s![..height, ..width]))?;
//! }
//! assert_eq!(batch.sum(), 12.0 * 12.0); // the last tile: 4 rows and columns, and 8 of overlap
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Read a column as one array, for a model
//!
//! A column of rows that are alike is an array `(row, band, y, x)`. [`as_batch_view4`](RasterArray::as_batch_view4) borrows it
//! where the pixels lie evenly in one buffer, as those of [`from_ndarray_batch`](RasterArray::from_ndarray_batch) do.
//! [`to_batch4`](RasterArray::to_batch4), [`to_batch_cast4`](RasterArray::to_batch_cast4) and
//! [`to_batch_filled4`](RasterArray::to_batch_filled4) copy any such column (the calls without a 4 keep a band's own order of axes),
//! [`copy_batch_into`](RasterArray::copy_batch_into) into memory that is used again, and
//! [`to_packed_batch`](RasterArray::to_packed_batch) makes a column that can be borrowed. [`Batch`] turns what a model returns
//! into rasters where their tiles lie, without a copy:
//!
//! ```
//! use ndraster::{Batch, Raster, ndarray::{Array2, Array4, Axis}};
//!
//! /// A model: the mean over the bands.
//! fn predict(batch: &Array4<f32>) -> Array4<f32> {
//!     batch.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1))
//! }
//!
//! let image = Raster::from_ndarray(Array2::<u8>::ones((64, 96)))?.with_crs("EPSG:32616");
//! let tiles = image.tiles(32, 32)?;
//! let batch = tiles.to_batch_cast4::<f32>()? / 255.0;
//! let column = Batch::from_ndarray(predict(&batch))?.with_grid_of(&tiles)?.finish()?;
//! assert_eq!(column.to_mosaic(0)?.as_array_view2::<f32>()?.dim(), image.as_array_view2::<u8>()?.dim());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Go from the ground to pixels, and back
//!
//! Points and boxes are (x, y) in units of the CRS. A point on the edge of two pixels belongs
//! to the one with the larger row or column:
//!
//! ```
//! use ndraster::{Raster, Registration, WindowRounding, ndarray::Array2};
//!
//! let raster = Raster::from_ndarray(Array2::from_shape_fn((100, 100), |(row, col)| (row * col) as i32))?
//!     .with_bbox([0.0, 0.0, 1000.0, 1000.0], Registration::Pixel)?
//!     .with_nodata(0)?;
//! assert_eq!(raster.index_at(125.0, 975.0)?, Some((2, 12)));
//! assert_eq!(raster.sample::<i32>(125.0, 975.0)?, Some(24));
//! assert_eq!(raster.sample_many::<i32>(&[(5.0, 995.0), (-5.0, 5.0)])?, [None, None]); // nodata, and outside
//! let box_ = raster.clip_bbox([200.0, 200.0, 415.0, 300.0])?; // every pixel of which the box covers some part
//! assert_eq!(box_.bbox()?, [200.0, 200.0, 420.0, 300.0]);
//! let (rows, cols) = raster.window_of([200.0, 200.0, 415.0, 300.0], WindowRounding::Centers)?;
//! assert_eq!((rows, cols), (70..80, 20..41));
//!
//! // Tiles, filtered one by one with some overlap, and put together again.
//! let filtered: ndraster::RasterArray = raster
//!     .tiles_with_overlap(32, 32, 1)?
//!     .iter()
//!     .flatten()
//!     .map(|tile| tile.map(|pixel: i32| pixel + 1))
//!     .collect::<ndraster::Result<Vec<_>>>()?
//!     .into_iter()
//!     .collect();
//! let whole = filtered.to_mosaic(1)?;
//! assert_eq!(whole.transform()?, raster.transform()?);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! With the feature `rayon`, `tiles.par_iter()` goes over the tiles on all cores.
//!
//! ## Choose a memory layout
//!
//! | [`MemoryLayout`] | an array in C order | an array in any other order | who can read it |
//! |---|---|---|---|
//! | `Standard`, the default | moved or shared | repacked once | every reader |
//! | `Strict` | moved or shared | an error that names the axis | every reader |
//! | `AsIs` | moved or shared | moved or shared, with a view | with a view: this crate, SedonaDB's Rust reader, some of its kernels |
//!
//! A transposed matrix of 500 MB is stored as it lies in memory, is read in place, and comes back out at the same
//! address. The example does this with a small one:
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
//! [`to_standard`](RasterArray::to_standard) repacks bands that have a view, for code that needs contiguous bands.
//!
//! ## Store more than 2 GiB
//!
//! One payload has at most 2^31 - 1 bytes. The error for more names the call to make:
//! [`RasterArray::from_ndarray_strips`], or [`Band::split`] where the slices are bands. Both leave the memory where it
//! is.
//!
//! ```
//! use ndraster::{ErrorKind, Raster, RasterArray, Strips, ndarray::Array2};
//!
//! # // Zeroed pages that are never touched.
//! let pixels = Array2::<u8>::zeros((50_000, 50_000)).into_shared();
//! let error = Raster::from_ndarray(pixels.clone()).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::TooLarge);
//! let strips = RasterArray::from_ndarray_strips(pixels.clone())?;
//! assert_eq!(strips.len(), 2);
//! assert_eq!(strips.get(0).unwrap().as_array_view2::<u8>()?.as_ptr(), pixels.as_ptr());
//! // With a CRS, and with a chosen number of rows in each strip:
//! let strips = Strips::from_ndarray(pixels)?.with_crs("EPSG:3857").with_rows(10_000)?.finish()?;
//! assert_eq!(strips.len(), 5);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! ## Send a column on
//!
//! A column is a `StructArray`. Its [`field`](RasterArray::field), which has the extension name, goes into the schema.
//! Arrow writes every buffer that an array of a view type lists, and writes it whole. So the bytes that a filter or a
//! slice no longer refers to are sent too, unless they are removed first:
//!
//! ```
//! use std::sync::Arc;
//! use ndraster::arrow_array::{RecordBatch, StructArray};
//! use ndraster::arrow_schema::Schema;
//! use ndraster::{Raster, RasterArray, ndarray::Array2};
//!
//! let tiles = Raster::from_ndarray(Array2::<f32>::ones((512, 512)))?.tiles(64, 64)?;
//! let few = tiles.slice(3, 2)?;
//! assert_eq!(few.buffer_bytes(), 512 * 512 * 4); // two tiles, and the whole payload that they are views of
//! let packed = few.to_standard()?.to_compact()?;
//! assert_eq!(packed.buffer_bytes(), 2 * 64 * 64 * 4);
//!
//! let schema = Schema::new(vec![packed.field("rast")]);
//! let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(packed))])?;
//! assert_eq!(RasterArray::from_batch(&batch, "rast")?.len(), 2);
//! # Ok::<(), ndraster::Error>(())
//! ```
//!
//! | case | call |
//! |---|---|
//! | rows were removed by a filter or a slice | [`to_compact`](RasterArray::to_compact) |
//! | the rasters are windows or tiles | [`to_standard`](RasterArray::to_standard), then `to_compact` |
//! | the engine cuts batches (Flight, Ballista), or the reader does not know Arrow's view types | [`to_offset_types`](RasterArray::to_offset_types) |
//! | the column came from Parquet, Ballista, or anything else that packs payloads | [`to_aligned`](RasterArray::to_aligned) |
//! | the reader is SedonaDB's SQL, which accepts only exactly its own type, and the column came from Polars, pyarrow or DuckDB | [`to_canonical`](RasterArray::to_canonical), after [`to_standard`](RasterArray::to_standard) if bands have a view, since some of its functions refuse views |
//!
//! `integrations/formats` in the repository has one example each for IPC, Parquet and the C Data Interface,
//! and `integrations/geotiff` reads and writes GeoTIFF and COG.
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
pub use read::any_view::{AnyArrayView, AnyCowArray};
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
