//! Columns of tiles, which several benchmarks are about.

use ndraster::ndarray::Array2;
use ndraster::{Raster, RasterArray};

/// The rows and columns of a tile.
pub const EXTENTS: [usize; 2] = [16, 16];

/// Makes rasters of one tile each.
pub fn rasters(count: usize) -> Vec<Raster> {
    (0..count).map(|tile| Raster::from_ndarray(Array2::from_elem(EXTENTS, tile as f32)).unwrap()).collect()
}

/// Makes a column of tiles that share their pixels.
pub fn column(count: usize) -> RasterArray {
    let raster = rasters(1).remove(0);
    (0..count).map(|_| raster.clone()).collect()
}
