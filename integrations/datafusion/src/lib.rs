//! Makes raster functions for DataFusion out of closures over [`ndraster`]'s array views.
//!
//! A function is written once. It runs wherever DataFusion runs: on a laptop, and on the executors of a Ballista cluster.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use datafusion::arrow::array::{RecordBatch, StructArray};
//! use datafusion::arrow::datatypes::Schema;
//! use datafusion::prelude::SessionContext;
//! use ndarray::array;
//! use ndraster::{Raster, RasterArray};
//! use ndraster_datafusion::raster_udf;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rasters = [Some(Raster::from_ndarray(array![[1u8, 2], [3, 6]])?), None];
//! let column = RasterArray::from_iter(rasters);
//! let schema = Schema::new(vec![column.field("rast")]);
//! let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?;
//!
//! let ctx = SessionContext::new();
//! ctx.register_batch("t", batch)?;
//! ctx.register_udf(raster_udf("pixel_sum", |raster| Ok(raster.to_array_cast::<f64>()?.sum())));
//! let sums = ctx.sql("SELECT pixel_sum(rast) AS total FROM t").await?.to_string().await?;
//! assert!(sums.contains("| 12.0  |"), "{sums}");
//! # Ok(())
//! # }
//! ```
//!
//! # What is done for the closure
//!
//! [`raster_udf`], [`raster_udf_with`], [`raster_udf2`] and [`raster_array_udf`] take care of the following.
//!
//! - **Types.** They take each storage type that `ndraster` reads as it is, without a cast: nullable fields, other names of
//!   list items, `Binary` payloads and `Utf8` text out of Parquet, with or without the extension name. Any other type is an
//!   error of planning, with the path of the field that does not fit. Results that are rasters carry the extension name.
//! - **Nulls.** The result for a null raster or a null argument is null, and the closure is not called. [`Option`] arguments are
//!   the exception: they take nulls, and SQL may leave them out at the end of the list.
//! - **Bands.** An argument of type [`BandKey`] lets SQL choose a band by its name or by its number.
//! - **Literals.** If all arguments are constants, the closure is called once for a batch, not once for each row.
//! - **Alignment.** Parquet and shuffles leave payloads at odd addresses. The first time that the closure wants to borrow such
//!   a payload, the misaligned payloads of the batch are copied. A closure that reads metadata alone, or calls
//!   `to_cow_array`, costs no such copy.
//! - **Results.** Rasters of up to 1 MiB that the closure made are copied once, one after the other, so that the next function finds
//!   them as one array. Larger ones, and parts of the closure's arguments, are shared; payloads of up to 4 KiB are copied.
//! - **Errors.** They name the function and the row of the batch. A panic in the closure becomes such an error.
//!
//! The module [`functions`] has functions to start with, and [`register_all`] registers them.
//!
//! # In SedonaDB, and on a cluster
//!
//! The package `ndraster-sedonadb`, beside this one, makes the same functions SedonaDB's own. `ndraster-ballista` has a scheduler
//! and an executor that know them: Ballista 55 sends the names of functions, not the functions.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod arguments;
mod band_key;
mod by_array;
mod by_row;
mod errors;
pub mod functions;
mod kernel;
mod output;
mod udf;

pub use arguments::{Argument, ArgumentType, Arguments};
pub use band_key::BandKey;
pub use functions::register_all;
pub use output::Output;
pub use udf::{raster_array_udf, raster_udf, raster_udf_with, raster_udf2};
