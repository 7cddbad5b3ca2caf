//! What the example `tiles` makes of its tiles is what loops over the mosaic make of it.

use std::fs::File;
use std::path::Path;

use ndarray_npy::NpzReader;
use ndraster::ndarray::Array2;
use ndraster::{Raster, Result};

#[path = "../../examples/tiles/mosaic.rs"]
mod mosaic;

use mosaic::{PADDING, TILE, batch_of_the_last, mirrored, relief, statistics};

fn model() -> Array2<i16> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jacksboro_fault_dem.npz");
    NpzReader::new(File::open(source).unwrap()).unwrap().by_name("elevation").unwrap()
}

#[test]
fn the_mosaic_is_the_model_and_its_mirror_images() {
    let (model, mosaic) = (model(), mirrored(&model(), 3));
    let folded = |index: usize, extent: usize| match (index / extent % 2, index % extent) {
        (0, index) => index,
        (_, index) => extent - 1 - index,
    };
    assert_eq!(mosaic.dim(), (3 * 344, 3 * 403));
    for ((row, col), metres) in mosaic.indexed_iter() {
        assert_eq!(*metres, model[[folded(row, 344), folded(col, 403)]]);
    }
}

#[test]
fn the_statistics_of_a_tile_are_those_of_its_part_of_the_mosaic() -> Result<()> {
    let mosaic = mirrored(&model(), 3);
    let raster = Raster::from_ndarray(&mosaic)?;
    let (tiles, (rows, cols)) = (raster.tiles(TILE, TILE)?, raster.tile_grid(TILE, TILE)?);
    let found = statistics(&tiles)?;
    assert_eq!(found.len(), rows * cols);
    for (tile, found) in found.iter().enumerate() {
        let (mut lowest, mut highest, mut sum, mut count) = (i16::MAX, i16::MIN, 0, 0);
        for row in tile / cols * TILE..((tile / cols + 1) * TILE).min(mosaic.nrows()) {
            for col in tile % cols * TILE..((tile % cols + 1) * TILE).min(mosaic.ncols()) {
                let metres = mosaic[[row, col]];
                (lowest, highest) = (lowest.min(metres), highest.max(metres));
                (sum, count) = (sum + i64::from(metres), count + 1);
            }
        }
        assert_eq!((found.lowest, found.highest), (lowest, highest), "tile {tile}");
        assert!((found.mean - sum as f64 / f64::from(count)).abs() < 1e-9, "tile {tile}");
    }
    let picture = relief(&found, (rows, cols));
    assert_eq!(picture.dim(), (8 * rows, 8 * cols));
    assert_eq!(picture.iter().max(), Some(&255));
    Ok(())
}

#[test]
fn the_last_tile_is_padded() -> Result<()> {
    let mosaic = mirrored(&model(), 2);
    let batch = batch_of_the_last(&Raster::from_ndarray(&mosaic)?.tiles(TILE, TILE)?)?;
    assert_eq!(batch.shape(), [4, 1, TILE, TILE]);
    let (top, left) = (688 / TILE * TILE, 806 / TILE * TILE);
    for ((slot, _, row, col), metres) in batch.indexed_iter() {
        let inside = slot == 0 && top + row < 688 && left + col < 806;
        let expected = if inside { mosaic[[top + row, left + col]] } else { PADDING };
        assert_eq!(*metres, expected, "{slot} {row} {col}");
    }
    Ok(())
}
