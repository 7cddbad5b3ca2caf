//! Rasters as parameters of a query.

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_common::arrow::array::StructArray;
use datafusion_common::metadata::{FieldMetadata, ScalarAndMetadata};
use ndraster::{Raster, RasterArray, RasterType};

/// Returns a raster as a value for a parameter of a query, such as `$1`.
///
/// It carries the extension name, without which SedonaDB's functions do not know it as a raster. The pixels are shared.
///
/// # Examples
///
/// ```
/// use datafusion::common::ParamValues;
/// use ndarray::array;
/// use ndraster::Raster;
/// use ndraster_sedonadb::parameter;
/// use sedona::context::SedonaContext;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let raster = Raster::from_ndarray(array![[1f32, 2.0, 3.0]])?;
/// let ctx = SedonaContext::new_local_interactive().await?;
/// let query = ctx.sql("SELECT RS_Width($1) AS width").await?;
/// let table = query.with_param_values(ParamValues::List(vec![parameter(raster)]))?.to_string().await?;
/// assert!(table.contains("| 3     |"), "{table}");
/// # Ok(())
/// # }
/// ```
pub fn parameter(raster: Raster) -> ScalarAndMetadata {
    let column = StructArray::from(RasterArray::from(raster));
    let metadata = FieldMetadata::from(&RasterType::field("raster"));
    ScalarAndMetadata::new(ScalarValue::Struct(Arc::new(column)), Some(metadata))
}
