//! A dataset as large as is wanted, of the columns that the elevation model's has.

use std::fs;
use std::path::Path;

use ndarray::Array2;
use ndraster::{Raster, RasterArray};

use crate::{Result, dataset};

const SIDE: usize = 256;
const TILES_IN_A_FILE: usize = 64;

/// Writes files of 16 MiB, of tiles of float32 that no codec makes smaller.
pub fn write(folder: &Path, megabytes: usize) -> Result<()> {
    fs::create_dir_all(folder)?;
    for row in 0..megabytes.div_ceil(16) {
        let tiles: RasterArray = (0..TILES_IN_A_FILE).map(|col| tile(row, col)).collect::<Result<_>>()?;
        dataset::write_file(&folder.join(format!("row-{row}.parquet")), row, tiles)?;
    }
    Ok(())
}

/// Heights between 0 and 4096, without a pattern.
fn tile(row: usize, col: usize) -> Result<Raster> {
    let mut state = (row * TILES_IN_A_FILE + col) as u32 ^ 0x9e37_79b9;
    let pixels = Array2::from_shape_simple_fn((SIDE, SIDE), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 4096.0
    });
    Ok(Raster::from_ndarray(pixels)?)
}
