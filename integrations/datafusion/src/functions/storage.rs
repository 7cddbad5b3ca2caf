//! Defines `nd_raster` and `nd_standard`: the same rasters, stored in another way.

use datafusion_expr::ScalarUDF;
use ndraster::RasterArray;

use crate::udf::raster_column_udf;

/// Returns the SQL function `nd_raster(raster)`: the same raster with the extension name `sedona.raster` and SedonaDB's storage
/// type.
///
/// `CASE`, `coalesce`, aggregates, items of lists and files can lose the name or the type, without which SedonaDB's functions say
/// `No kernel matching arguments`. Payloads of more than 12 bytes are shared.
pub fn nd_raster() -> ScalarUDF {
    raster_column_udf("nd_raster", RasterArray::to_canonical)
}

/// Returns the SQL function `nd_standard(raster)`: the same raster without views, for functions that take only contiguous bands.
///
/// A part of a raster, such as a tile, is a view of the whole payload. Those pixels of it that are visible are copied; bands
/// without a view are shared. SedonaDB calls this `RS_EnsureContiguous`.
pub fn nd_standard() -> ScalarUDF {
    raster_column_udf("nd_standard", |rasters| rasters.to_standard()?.to_canonical())
}
