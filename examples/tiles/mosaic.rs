//! The mosaic, and statistics of its tiles.

use ndarray::{Array2, Axis, s};
use ndraster::{RasterArray, Result};
use rayon::prelude::*;

/// Rows and columns of a tile.
pub(crate) const TILE: usize = 256;

/// The elevations within one tile, in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) lowest: i16,
    pub(crate) highest: i16,
    pub(crate) mean: f64,
}

/// The model beside and below its mirror images, so that no edge shows.
pub(crate) fn mirrored(model: &Array2<i16>, repeated: usize) -> Array2<i16> {
    let (height, width) = model.dim();
    let mut mosaic = Array2::zeros((height * repeated, width * repeated));
    for (row, mut strip) in mosaic.axis_chunks_iter_mut(Axis(0), height).enumerate() {
        for (col, mut cell) in strip.axis_chunks_iter_mut(Axis(1), width).enumerate() {
            let (down, right) = ([1, -1][row % 2], [1, -1][col % 2]);
            cell.assign(&model.slice(s![..;down, ..;right]));
        }
    }
    mosaic
}

/// Every tile's statistics, in parallel.
pub(crate) fn statistics(tiles: &RasterArray) -> Result<Vec<Statistics>> {
    (0..tiles.len()).into_par_iter().map(|tile| of_tile(tiles, tile)).collect()
}

fn of_tile(tiles: &RasterArray, tile: usize) -> Result<Statistics> {
    let mut found = Statistics { lowest: i16::MAX, highest: i16::MIN, mean: 0.0 };
    let Some(tile) = tiles.get(tile) else { return Ok(found) };
    let view = tile.as_array_view2::<i16>()?;
    let mut sum = 0;
    for row in view.rows() {
        for metres in row {
            found.lowest = found.lowest.min(*metres);
            found.highest = found.highest.max(*metres);
            sum += i64::from(*metres);
        }
    }
    found.mean = sum as f64 / view.len() as f64;
    Ok(found)
}
