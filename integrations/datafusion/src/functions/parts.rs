//! Defines `nd_window` and `nd_clip`: parts of rasters, by their pixels and by their place on the ground.

use datafusion_expr::ScalarUDF;
use ndraster::{Error, ErrorKind};

use crate::raster_udf_with;

/// Returns the SQL function `nd_window(raster, col, row, width, height)`: a part of a raster, which shares its payloads.
///
/// Columns and rows count from 0, in the order of GDAL's `-srcwin` and of rasterio's `Window`. What lies outside of the raster is
/// left out, so a window beside it has no rows or no columns. A negative width or height is an error.
pub fn nd_window() -> ScalarUDF {
    raster_udf_with("nd_window", |raster, &(col, row, width, height): &(i64, i64, i64, i64)| {
        if width < 0 || height < 0 {
            return Err(Error::other(format!("a window of {width} columns and {height} rows")));
        }
        let range = |start: i64, len: i64, extent: usize| {
            let inside = |index: i64| usize::try_from(index).unwrap_or(0).min(extent);
            let (start, end) = (inside(start), inside(start.saturating_add(len)));
            start..end.max(start)
        };
        raster.window(range(row, height, raster.height()?), range(col, width, raster.width()?))
    })
}

/// Returns the SQL function `nd_clip(raster, xmin, ymin, xmax, ymax)`: the part of a raster in a box on the ground, which shares
/// its payloads.
///
/// The box is in the raster's CRS. The result has each pixel of which the box covers some part, as far as the raster goes. It is
/// null if that is none, as that of SedonaDB's `RS_Clip` is. A box that is not finite, or that ends before it begins, is an error.
pub fn nd_clip() -> ScalarUDF {
    raster_udf_with("nd_clip", |raster, &(xmin, ymin, xmax, ymax): &(f64, f64, f64, f64)| {
        match raster.clip_bbox([xmin, ymin, xmax, ymax]) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            part => part.map(Some),
        }
    })
}
