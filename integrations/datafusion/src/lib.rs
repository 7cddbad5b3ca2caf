//! Raster functions for DataFusion, written as closures over [`ndraster`]'s views.
//!
//! A function is written once and runs wherever DataFusion does: on a laptop, and on the executors of a Ballista cluster.
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
//! ctx.register_udf(raster_udf("sum", |raster| Ok(raster.to_array_cast::<f64>()?.sum())));
//! let sums = ctx.sql("SELECT sum(rast) AS total FROM t").await?.to_string().await?;
//! assert!(sums.contains("| 12.0  |"), "{sums}");
//! # Ok(())
//! # }
//! ```
//!
//! What [`raster_udf`] and its kin see to, so that the closure does not have to:
//!
//! - **Types.** Every storage that `ndraster` reads is taken as it is, without a cast: nullable fields, other names of list
//!   items, `Binary` payloads and `Utf8` text out of Parquet, with or without the extension name. Anything else is an error
//!   at planning, with the path of what does not fit. Results that are rasters carry the extension name.
//! - **Nulls.** A null raster, or a null argument, is a null result; the closure is not called. [`Option`] arguments are
//!   the exception: they take nulls, and may be left out at the end of the list.
//! - **Literals.** What is the same for all rows is computed once.
//! - **Alignment.** Payloads that Parquet or a shuffle left at odd addresses are copied, once a batch, when the closure wants
//!   to borrow the first of them. What reads metadata alone, or calls `to_cow_array`, costs no such copy.
//! - **Results.** Pixels of a result are shared, not copied, but for tiles of up to 4 KiB, which are packed.
//! - **Errors.** They name the function and the row of the batch. A panic in the closure is such an error.
//!
//! [`functions`] are some to start with, and [`register_all`] registers them.
//!
//! # On a cluster
//!
//! Ballista 55 sends the names of functions, not the functions, so three places have to know them: the client once it has
//! connected, the scheduler, and every executor. A program for each, and a list of what else to mind there, are in this
//! package's `examples/cluster` and `README.md`. In short: tables are Parquet files, declared without view types
//! ([`RasterType::offset_storage_type`](ndraster::RasterType::offset_storage_type)); adaptive planning is off; rasters are written by `COPY`
//! where they are made, and numbers brought home.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod arguments;
pub mod functions;
mod output;
mod udf;

pub use arguments::{Argument, ArgumentType, Arguments};
pub use functions::register_all;
pub use output::Output;
pub use udf::{raster_udf, raster_udf_with, raster_udf2};
