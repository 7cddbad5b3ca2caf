//! What stands for a model: it takes a batch (row, band, y, x) and gives one back.

use ndarray::{Array2, Array4, ArrayView2, ArrayView4, Axis, Slice};
use ndraster::{Batch, Raster, RasterArray, Result};

/// Rows and columns of a tile for the model.
pub(crate) const SMALL: usize = 64;
/// So many tiles go through it at once.
const AT_ONCE: usize = 6;

/// The part of a raster that is whole tiles for the model, and how many from left to right.
pub(crate) fn whole_tiles(raster: &Raster) -> Result<(Raster, usize)> {
    let (rows, cols) = (raster.height()? / SMALL, raster.width()? / SMALL);
    Ok((raster.window(..rows * SMALL, ..cols * SMALL)?, cols))
}

/// Cuts a raster into tiles, and puts them through the model by batches, in memory that is used again. The results become rasters
/// where the tiles lie, without a copy. `metres` go from one pixel to the next.
pub(crate) fn predict(area: &Raster, cols: usize, metres: f32) -> Result<RasterArray> {
    let tiles = area.tiles(SMALL, SMALL)?;
    let mut results = Array4::<f32>::zeros((tiles.len(), 1, SMALL, SMALL));
    let mut batch = Array4::<f32>::zeros((AT_ONCE, 1, SMALL, SMALL));
    for first in (0..tiles.len()).step_by(AT_ONCE) {
        let some = tiles.slice(first, AT_ONCE.min(tiles.len() - first))?;
        let mut heights = batch.slice_axis_mut(Axis(0), Slice::from(..some.len()));
        some.copy_batch_into_cast(heights.view_mut())?;
        let shaded = shade(heights.view(), metres);
        results.slice_axis_mut(Axis(0), Slice::from(first..first + some.len())).assign(&shaded);
    }
    Batch::from_ndarray(results)?.with_tile_grid(area.transform()?, cols)?.finish()
}

/// The light that each pixel of each tile reflects, from 0 to 1, with the sun in the north-west. It knows nothing of the
/// tiles beside: at its edges a tile goes on as it is.
pub(crate) fn shade(batch: ArrayView4<'_, f32>, metres: f32) -> Array4<f32> {
    let mut shaded = Array4::zeros(batch.raw_dim());
    for (tile, mut shaded) in batch.outer_iter().zip(shaded.outer_iter_mut()) {
        for (band, mut shaded) in tile.outer_iter().zip(shaded.outer_iter_mut()) {
            shaded.assign(&Array2::from_shape_fn(band.raw_dim(), |place| light(band, place, metres)));
        }
    }
    shaded
}

fn light(heights: ArrayView2<'_, f32>, (row, col): (usize, usize), metres: f32) -> f32 {
    let (last_row, last_col) = (heights.len_of(Axis(0)) - 1, heights.len_of(Axis(1)) - 1);
    let east = heights[[row, (col + 1).min(last_col)]] - heights[[row, col.saturating_sub(1)]];
    let south = heights[[(row + 1).min(last_row), col]] - heights[[row.saturating_sub(1), col]];
    let (east, south) = (east / (2.0 * metres), south / (2.0 * metres));
    // The sun stands 45 degrees high.
    ((1.0 + 0.5_f32.sqrt() * (east + south)) / (2.0 * (1.0 + east * east + south * south)).sqrt()).clamp(0.0, 1.0)
}

/// The result in grey, with a bright line wherever two tiles meet.
pub(crate) fn picture(light: ArrayView2<'_, f32>, tile: usize) -> Array2<u8> {
    Array2::from_shape_fn(light.raw_dim(), |(row, col)| {
        let meets = |index: usize| index > 0 && index.is_multiple_of(tile);
        if meets(row) || meets(col) { 255 } else { (light[[row, col]] * 230.0).round() as u8 }
    })
}
