//! What the example `tiles` makes of its tiles is what loops over the mosaic make of it.

use std::fs::File;
use std::path::Path;

use ndarray_npy::NpzReader;
use ndraster::ndarray::{Array2, Axis};
use ndraster::{Raster, Registration, Result};

#[path = "../../examples/tiles/mosaic.rs"]
mod mosaic;

#[path = "../../examples/tiles/model.rs"]
mod model;

use model::{SMALL, differing, predict, predict_overlapping, shade, whole_tiles};
use mosaic::{TILE, mirrored, statistics};

fn model() -> Array2<i16> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/jacksboro_fault_dem.npz");
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
    Ok(())
}

#[test]
fn what_batches_of_tiles_become_is_what_the_whole_becomes_but_for_their_edges() -> Result<()> {
    let whole = Raster::from_ndarray(model())?.with_bbox([0.0, 0.0, 403.0, 344.0], Registration::Pixel)?;
    let (area, cols) = whole_tiles(&whole)?;
    assert_eq!((area.height()?, area.width()?, cols), (320, 384, 6));
    let tiles = predict(&area, cols, 90.0)?;
    assert_eq!(tiles.as_batch_view4::<f32>()?.dim(), (30, 1, 64, 64));
    let mosaic = tiles.to_mosaic(0)?;
    assert_eq!(mosaic.transform()?, area.transform()?);
    let untiled =
        shade(area.as_array_view2::<i16>()?.mapv(f32::from).insert_axis(Axis(0)).insert_axis(Axis(0)).view(), 90.0);
    let is_edge = |index: usize| [0, SMALL - 1].contains(&(index % SMALL));
    let mut same = 0;
    for ((row, col), light) in mosaic.as_array_view2::<f32>()?.indexed_iter() {
        if !is_edge(row) && !is_edge(col) {
            assert_eq!(*light, untiled[[0, 0, row, col]], "{row} {col}");
            same += 1;
        }
    }
    assert_eq!(same, 30 * 62 * 62);
    let overlapping = predict_overlapping(&area, 90.0)?;
    let whole = untiled.index_axis(Axis(0), 0).index_axis_move(Axis(0), 0);
    assert_eq!(differing(overlapping.as_array_view2()?, whole), 0);
    let picture = model::picture([mosaic.as_array_view2::<f32>()?, overlapping.as_array_view2()?], whole);
    assert_eq!((picture.dim(), picture[[7, 385]]), ((320, 2 * 384 + 4), 255));
    // Where tiles meet, left and right.
    assert_eq!((picture[[10, 64]], picture[[10, 384 + 4 + 64]] > 0), (0, true));
    Ok(())
}
