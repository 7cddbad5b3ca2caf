//! Defines `nd_window` and `nd_tiles`: parts of rasters.

use datafusion::logical_expr::ScalarUDF;
use ndraster::{Error, Result};

use crate::raster_udf_with;

/// Returns the SQL function `nd_window(raster, row, col, height, width)`: a part of a raster, which shares its payloads.
///
/// Rows and columns count from 0. What lies outside of the raster is left out.
pub fn nd_window() -> ScalarUDF {
    raster_udf_with("nd_window", |raster, &(row, col, height, width): &(i64, i64, i64, i64)| {
        let range = |start: i64, len: i64, extent: usize| {
            let inside = |index: i64| usize::try_from(index).unwrap_or(0).min(extent);
            let (start, end) = (inside(start), inside(start.saturating_add(len)));
            start..end.max(start)
        };
        raster.window(range(row, height, raster.height()?), range(col, width, raster.width()?))
    })
}

/// Returns the SQL function `nd_tiles(raster, height, width [, overlap])`: a list of tiles, row by row, for `unnest`.
///
/// The tiles share payloads of more than 4 KiB.
pub fn nd_tiles() -> ScalarUDF {
    raster_udf_with("nd_tiles", |raster, &(height, width, overlap): &(i64, i64, Option<i64>)| {
        let extent = |n: i64, what| usize::try_from(n).map_err(|_| Error::other(format!("a {what} of {n} pixels")));
        let (height, width) = (extent(height, "height")?, extent(width, "width")?);
        let tiles = raster.tiles_with_overlap(height, width, extent(overlap.unwrap_or(0), "overlap")?)?;
        tiles.iter().flatten().map(|tile| tile.to_raster()).collect::<Result<Vec<_>>>()
    })
}
