//! What stands for a model: it takes a batch (row, band, y, x) and gives one back.

use ndarray::{Array2, Array4, ArrayView2, ArrayView4, Axis, Ix2, Slice, Zip};
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

/// The same, tile by tile, from tiles that overlap by the pixel that the model looks at beside each. The mosaic drops it again.
pub(crate) fn predict_overlapping(area: &Raster, metres: f32) -> Result<Raster> {
    let tiles = area.tiles_with_overlap(SMALL, SMALL, 1)?;
    let shaded: Result<Vec<Raster>> = tiles
        .iter()
        .flatten()
        .map(|tile| {
            let heights =
                tile.to_array_cast::<f32>()?.into_dimensionality::<Ix2>()?.insert_axis(Axis(0)).insert_axis(Axis(0));
            let shaded = shade(heights.view(), metres).index_axis_move(Axis(0), 0).index_axis_move(Axis(0), 0);
            Raster::from_ndarray(shaded)?.with_grid_of(tile)
        })
        .collect();
    RasterArray::from_iter(shaded?).to_mosaic(1)
}

/// How many pixels differ.
pub(crate) fn differing(light: ArrayView2<'_, f32>, other: ArrayView2<'_, f32>) -> usize {
    light.iter().zip(other).filter(|(light, other)| light != other).count()
}

/// Two results in grey, side by side with a white line between, and black where they differ from the whole: on the left, tiles
/// that know nothing of each other meet in seams; on the right, they overlapped.
pub(crate) fn picture(results: [ArrayView2<'_, f32>; 2], whole: ArrayView2<'_, f32>) -> Array2<u8> {
    let (rows, cols) = whole.dim();
    let mut picture = Array2::from_elem((rows, 2 * cols + 4), 255);
    for (result, left) in results.into_iter().zip([0, cols + 4]) {
        let grey = |light: &f32, whole: &f32| if light == whole { (light * 255.0).round() as u8 } else { 0 };
        let part = picture.slice_axis_mut(Axis(1), Slice::from(left..left + cols));
        Zip::from(part).and(result).and(whole).for_each(|pixel, light, whole| *pixel = grey(light, whole));
    }
    picture
}
