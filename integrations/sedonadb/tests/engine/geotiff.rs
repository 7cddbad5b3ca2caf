//! Bands in GeoTIFFs: loaded without GDAL, for functions of both kinds.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array2, s};
use ndraster::{Raster, RasterArray, Registration};
use ndraster_geotiff::{OpenOptions, WriteOptions, scan, scan_tiles, write_geotiff};
use ndraster_sedonadb::GeoTiffLoader;
use sedona::context::SedonaContext;

use crate::table::{context, error, numbers, rasters};

fn pixels() -> Array2<f32> {
    Array2::from_shape_fn((40, 50), |(y, x)| (y * 50 + x) as f32)
}

fn write(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("dem 1.tif");
    let raster = Raster::from_ndarray(pixels()).unwrap().with_crs("EPSG:32633");
    let raster = raster.with_bbox([0.0, 0.0, 50.0, 40.0], Registration::Pixel).unwrap();
    write_geotiff(&raster, &path, &WriteOptions::new().tile_size(16)).unwrap();
    path
}

async fn one(column: RasterArray) -> SedonaContext {
    let ctx = context(column).await;
    ctx.register_raster_loader(Arc::new(GeoTiffLoader::new()));
    ctx
}

#[tokio::test]
async fn functions_of_both_kinds_read_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = one(scan([write(folder.path())]).unwrap()).await;
    let mean = pixels().mapv(f64::from).mean().unwrap();
    let sql = "SELECT nd_mean(rast), RS_Value(rast, 4, 3, 1), nd_value(rast, 3.5, 37.5), RS_Width(rast),
                      nd_mean(nd_window(rast, 10, 20, 5, 2)), RS_SRID(rast) FROM t";
    let window = pixels().slice(s![20..22, 10..15]).mapv(f64::from).mean().unwrap();
    assert_eq!(numbers(&ctx, sql).await, [[mean, 103.0, 103.0, 50.0, window, 32633.0].map(Some)]);
    let loaded = rasters(&ctx, "SELECT RS_EnsureLoaded(rast) FROM t").await;
    assert_eq!(loaded[0].get(0).unwrap().as_array_view2::<f32>().unwrap(), pixels());
}

/// Tiles share the URI of their file, and SedonaDB keeps what it loaded by the URI: each tile has its own pixels all the same.
#[tokio::test]
async fn tiles_of_one_file_keep_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path());
    let ctx = one(scan_tiles([&path], 16, 16).unwrap()).await;
    for _ in 0..2 {
        let tiles = rasters(&ctx, "SELECT RS_EnsureLoaded(rast) FROM t").await;
        let tiles: Vec<_> = tiles.iter().flat_map(|batch| batch.iter().flatten()).collect();
        assert_eq!(tiles.len(), 12);
        for (index, tile) in tiles.into_iter().enumerate() {
            let (row, col) = (index / 4 * 16, index % 4 * 16);
            let expected = pixels().slice(s![row..(row + 16).min(40), col..(col + 16).min(50)]).to_owned();
            assert_eq!(tile.as_array_view2::<f32>().unwrap(), expected, "tile {index}");
        }
    }
    let found = rasters(&ctx, "SELECT nd_mosaic(RS_EnsureLoaded(rast)) FROM t").await;
    assert_eq!(found[0].get(0).unwrap().as_array_view2::<f32>().unwrap(), pixels());
    // Flipped and turned views of the whole file, whose shape is that of the source.
    let raster = scan([&path]).unwrap().get(0).unwrap().to_raster().unwrap();
    let flipped = raster.slice_dim("y", ndarray::Slice::new(0, None, -1)).unwrap();
    let ctx = one(RasterArray::from_iter([raster, flipped])).await;
    let both = rasters(&ctx, "SELECT RS_EnsureLoaded(rast) FROM t").await;
    let both: Vec<_> = both.iter().flat_map(|batch| batch.iter().flatten()).collect();
    assert_eq!(both[0].as_array_view2::<f32>().unwrap(), pixels());
    assert_eq!(both[1].as_array_view2::<f32>().unwrap(), pixels().slice(s![..;-1, ..]));
}

#[tokio::test]
async fn what_cannot_be_loaded_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path());
    let column = scan([&path]).unwrap();
    std::fs::write(&path, b"no image").unwrap();
    let message = error(&one(column.clone()).await, "SELECT nd_mean(rast) FROM t").await;
    assert!(message.contains("dem 1.tif") && message.contains("not a TIFF"), "{message}");
    std::fs::remove_file(&path).unwrap();
    let message = error(&one(column.clone()).await, "SELECT nd_mean(rast) FROM t").await;
    assert!(message.contains("No such file"), "{message}");
    write(folder.path());
    let ctx = context(column).await;
    ctx.register_raster_loader(Arc::new(GeoTiffLoader::with_options(OpenOptions::new().max_bytes(4000))));
    let message = error(&ctx, "SELECT nd_mean(rast) FROM t").await;
    assert!(message.contains("max_bytes"), "{message}");
}
