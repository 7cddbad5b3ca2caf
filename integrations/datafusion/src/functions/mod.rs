//! SQL functions to start with. Each is a few lines of ndarray, so read them as examples.
//!
//! # Bands
//!
//! Functions that read one band of a raster take it as an argument: by its name, or by its number, counted from 1 as
//! SedonaDB's `RS_` functions and GDAL count ([`BandKey`](crate::BandKey)). The argument may be left out for rasters of one
//! band.
//!
//! # Pixels that count
//!
//! The statistics ([`nd_mean`], [`nd_min_max`], [`nd_count_valid`]) leave out each pixel that is nodata or NaN, as GDAL's
//! statistics do. There are two differences from GDAL 3.10:
//!
//! - Here a pixel is nodata only if it has exactly the value of nodata. GDAL also leaves out pixels that are very close to it.
//! - Here the mean of infinite pixels of one sign is infinite. GDAL's is NaN.
//!
//! # Dims
//!
//! [`nd_ndvi`] and [`nd_hillshade`] find rows and columns by the names of the dims. A band of the dims `["x", "y"]` gives the
//! same result as one of `["y", "x"]`.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use datafusion::arrow::array::{ArrayRef, RecordBatch, StructArray};
//! use datafusion::arrow::datatypes::Schema;
//! use datafusion::arrow::util::display::array_value_to_string;
//! use datafusion::prelude::SessionContext;
//! use ndarray::array;
//! use ndraster::{Band, Raster, RasterArray};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dem = Raster::from_ndarray(array![[1i16, 2], [3, -99]])?.with_nodata(-99i16)?;
//! let red = Band::from_ndarray(array![[10u8, 10]])?.with_name("red");
//! let nir = Band::from_ndarray(array![[30u8, 90]])?.with_name("nir");
//! let columns = [RasterArray::from(dem), RasterArray::from(Raster::from_bands([red, nir])?)];
//! let schema = Schema::new(vec![columns[0].field("dem"), columns[1].field("photo")]);
//! let columns = columns.map(|column| Arc::new(StructArray::from(column)) as ArrayRef).to_vec();
//!
//! let mut ctx = SessionContext::new();
//! ndraster_datafusion::register_all(&mut ctx)?;
//! ctx.register_batch("t", RecordBatch::try_new(Arc::new(schema), columns)?)?;
//! for (expression, expected) in [
//!     ("nd_mean(dem)", "2.0"),
//!     ("nd_min_max(dem)", "{min: 1.0, max: 3.0}"),
//!     ("nd_count_valid(dem)", "3"),
//!     ("nd_min_max(photo, 'nir')['max']", "90.0"),
//!     ("nd_min_max(photo, 2)['max']", "90.0"), // the second band
//!     ("round(nd_mean(nd_ndvi(photo, 'red', 'nir')), 2)", "0.65"),
//!     ("nd_mean(nd_window(dem, 1, 0, 1, 2))", "2.0"), // the second column
//!     ("nd_mean(nd_clip(dem, 0, -1, 2, 0))", "1.5"), // the first row
//!     ("nd_value(dem, 0.5, -1.5)", "3.0"),
//!     ("nd_count_valid(nd_hillshade(dem))", "0"), // each pixel has a neighbour without data
//!     ("array_length(nd_tiles(photo, 1, 1))", "2"),
//!     ("nd_mean(nd_tiles(photo, 1, 1)[2]['tile'], 'nir')", "90.0"),
//! ] {
//!     let found = ctx.sql(&format!("SELECT {expression} FROM t")).await?.collect().await?;
//!     assert_eq!(array_value_to_string(found[0].column(0), 0)?, expected, "{expression}");
//! }
//! # Ok(())
//! # }
//! ```

mod hillshade;
mod min_max;
mod mosaic;
mod ndvi;
mod parts;
mod statistics;
mod storage;
mod sum;
mod tiles;
mod value;

use std::sync::Arc;

use datafusion_common::Result;
use datafusion_expr::registry::FunctionRegistry;
use datafusion_expr::{AggregateUDF, ScalarUDF};

pub use hillshade::nd_hillshade;
pub use min_max::MinMax;
pub use mosaic::nd_mosaic;
pub use ndvi::nd_ndvi;
pub use parts::{nd_clip, nd_window};
pub use statistics::{nd_count_valid, nd_mean, nd_min_max};
pub use storage::{nd_raster, nd_standard};
pub use tiles::nd_tiles;
pub use value::nd_value;

/// Returns the functions of this module that give a result for each row: all but those of [`aggregates`].
///
/// # Examples
///
/// ```
/// let names: Vec<String> = ndraster_datafusion::functions::all().iter().map(|f| f.name().to_owned()).collect();
/// assert!(names.iter().all(|name| name.starts_with("nd_")));
/// ```
pub fn all() -> Vec<ScalarUDF> {
    vec![
        nd_mean(),
        nd_min_max(),
        nd_count_valid(),
        nd_value(),
        nd_ndvi(),
        nd_hillshade(),
        nd_window(),
        nd_clip(),
        nd_tiles(),
        nd_raster(),
        nd_standard(),
    ]
}

/// Returns the functions of this module that give a result for each group of rows.
///
/// # Examples
///
/// ```
/// assert_eq!(ndraster_datafusion::functions::aggregates()[0].name(), "nd_mosaic");
/// ```
pub fn aggregates() -> Vec<AggregateUDF> {
    vec![nd_mosaic()]
}

/// Registers all functions of this module.
///
/// The registry is a `SessionContext`, a `SessionState`, or the one that a Ballista scheduler or executor gets.
///
/// # Errors
///
/// If the registry takes no functions.
///
/// # Examples
///
/// ```
/// use datafusion::execution::{FunctionRegistry, SessionStateBuilder};
///
/// let mut state = SessionStateBuilder::new().with_default_features().build();
/// ndraster_datafusion::register_all(&mut state)?;
/// assert_eq!(state.udf("nd_mean")?.name(), "nd_mean");
/// assert_eq!(state.udaf("nd_mosaic")?.name(), "nd_mosaic");
/// # Ok::<(), datafusion::error::DataFusionError>(())
/// ```
pub fn register_all(registry: &mut dyn FunctionRegistry) -> Result<()> {
    for function in all() {
        registry.register_udf(Arc::new(function))?;
    }
    for function in aggregates() {
        registry.register_udaf(Arc::new(function))?;
    }
    Ok(())
}
