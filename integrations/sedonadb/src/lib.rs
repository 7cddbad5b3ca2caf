//! Makes raster functions of [`ndraster_datafusion`] functions of [SedonaDB](https://sedona.apache.org/sedonadb).
//!
//! A closure over array views becomes a function beside SedonaDB's own `RS_` functions, on the same rasters, in the same query.
//! No pixel moves between the two.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use datafusion::arrow::array::{RecordBatch, StructArray};
//! use datafusion::arrow::datatypes::Schema;
//! use ndarray::array;
//! use ndraster::{Raster, RasterArray};
//! use ndraster_datafusion::raster_udf;
//! use sedona::context::SedonaContext;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let column = RasterArray::from(Raster::from_ndarray(array![[1f32, 2.0], [3.0, 6.0]])?);
//! let schema = Schema::new(vec![column.field("rast")]);
//! let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?;
//!
//! let ctx = SedonaContext::new_local_interactive().await?;
//! ctx.ctx.register_batch("t", batch)?;
//! ndraster_sedonadb::register_all(&ctx)?;
//! let doubled = raster_udf("doubled", |raster| raster.map(|pixel: f32| 2.0 * pixel));
//! ctx.register_sedona_scalar_udf(ndraster_sedonadb::sedona_udf(doubled))?;
//!
//! let sql = "SELECT nd_mean(rast) AS mean, RS_Value(doubled(rast), 2, 1, 1) AS value FROM t";
//! let table = ctx.sql(sql).await?.to_string().await?;
//! assert!(table.contains("| 3.0  | 4.0   |"), "{table}");
//! # Ok(())
//! # }
//! ```
//!
//! # What to know about SedonaDB
//!
//! - **Contexts.** `SedonaContext::new_local_interactive()` makes one that loads out-of-db bands. In one of
//!   `SedonaContext::new()`, SQL calls `RS_EnsureLoaded(rast)`.
//! - **Loading** is an asynchronous function, which SedonaDB 0.5 takes neither in `ORDER BY` nor above another one:
//!   `nd_mean(RS_SetCRS(doubled(rast), 'EPSG:3857'))` says `async functions should not be called directly`, as `RS_` functions in
//!   its place do. If all rasters are in memory, register functions that load nothing:
//!   `ndraster_datafusion::register_all(&mut ctx.ctx.clone())`.
//! - **Names.** SedonaDB's functions know a raster by the extension name of its field. `CASE`, `coalesce`, some aggregates and Parquet
//!   files lose the name, and then they say `No kernel matching arguments`. `nd_raster(rast)` gives it back.
//! - **Parameters.** A raster that is a parameter (`$1`) needs its metadata: see [`parameter`].
//! - **Views.** A window, a tile or a slice is a view of all pixels. Where a function of SedonaDB wants a band without a view,
//!   `nd_standard(rast)` makes it one.
//!
//! The README has more.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "geotiff")]
mod geotiff;
mod kernel;
mod parameter;

use std::sync::Arc;

use datafusion_common::Result;
use datafusion_expr::ScalarUDF;
use ndraster_datafusion::functions;
use sedona::context::SedonaContext;
use sedona_expr::scalar_udf::SedonaScalarUDF;
use sedona_raster_functions::rs_ensure_loaded::{NEEDS_PIXELS_METADATA_KEY, RETURNS_BYTES_METADATA_KEY};

#[cfg(feature = "geotiff")]
pub use geotiff::GeoTiffLoader;
pub use parameter::parameter;

use crate::kernel::Kernel;

/// Makes a raster function of DataFusion a function of SedonaDB, which loads out-of-db bands before it calls the function.
///
/// The planner wraps each raster argument in `RS_EnsureLoaded`, as it does for SedonaDB's own functions that read pixels. It takes
/// a raster that the function returns as loaded, which it is if the closure makes it of arrays or of its arguments.
///
/// A function that reads no pixels, or returns out-of-db bands, is better registered as it is:
/// `ctx.ctx.register_udf(function)`.
///
/// # Examples
///
/// ```
/// use ndraster_datafusion::raster_udf;
///
/// let doubled = raster_udf("doubled", |raster| raster.map(|pixel: f32| 2.0 * pixel));
/// let doubled = ndraster_sedonadb::sedona_udf(doubled);
/// assert_eq!(doubled.metadata()["needs_pixels"], "true");
/// ```
pub fn sedona_udf(function: ScalarUDF) -> SedonaScalarUDF {
    let (name, volatility) = (function.name().to_owned(), function.signature().volatility);
    let aliases = function.aliases().to_vec();
    SedonaScalarUDF::new(&name, vec![Arc::new(Kernel::new(function))], volatility)
        .with_aliases(aliases)
        .with_metadata(NEEDS_PIXELS_METADATA_KEY, "true")
        .with_metadata(RETURNS_BYTES_METADATA_KEY, "true")
}

/// Registers all functions of [`ndraster_datafusion::functions`].
///
/// `nd_raster` takes rasters of any storage type, and is registered as it is; the other functions for rows are
/// [`sedona_udf`]s. `nd_mosaic` takes loaded rasters: `nd_mosaic(RS_EnsureLoaded(rast))`.
///
/// # Errors
///
/// If the context takes no functions.
///
/// # Examples
///
/// ```
/// # use sedona::context::SedonaContext;
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ctx = SedonaContext::new_local_interactive().await?;
/// ndraster_sedonadb::register_all(&ctx)?;
/// assert!(ctx.scalar_udf("nd_mean")?.is_some());
/// # Ok(())
/// # }
/// ```
pub fn register_all(ctx: &SedonaContext) -> Result<()> {
    for function in functions::all() {
        match function.name() {
            "nd_raster" => ctx.ctx.register_udf(function),
            _ => ctx.register_sedona_scalar_udf(sedona_udf(function))?,
        }
    }
    for function in functions::aggregates() {
        ctx.ctx.register_udaf(function);
    }
    Ok(())
}
