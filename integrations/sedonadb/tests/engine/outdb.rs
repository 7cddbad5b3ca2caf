//! Bands whose pixels are in files: loaded before a closure sees them.

#[path = "../../examples/sedonadb/npy.rs"]
mod npy;

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array2, ShapeBuilder, s};
use ndarray_npy::write_npy;
use ndraster::{Band, PixelType, Raster, RasterArray};
use npy::NpyLoader;
use sedona::context::SedonaContext;

use crate::table::{context, error, numbers, rasters};

fn pixels() -> Array2<f32> {
    Array2::from_shape_fn((40, 50), |(y, x)| (y * 50 + x) as f32)
}

fn outdb(path: &Path, shape: [usize; 2], pixel_type: PixelType) -> Raster {
    let band = Band::outdb(path.to_str().unwrap(), shape, pixel_type).unwrap();
    Raster::from_bands([band.with_outdb_format("npy")]).unwrap()
}

/// A context whose table is of one raster in a file, and the folder of the file.
async fn one() -> (SedonaContext, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.npy");
    write_npy(&file, &pixels()).unwrap();
    let ctx = context(RasterArray::from(outdb(&file, [40, 50], PixelType::Float32))).await;
    ctx.register_raster_loader(Arc::new(NpyLoader));
    (ctx, folder)
}

#[tokio::test]
async fn functions_of_both_kinds_see_the_pixels() {
    let (ctx, _folder) = one().await;
    let mean = pixels().mapv(f64::from).mean().unwrap();
    let sql = "SELECT nd_mean(rast), RS_Value(rast, 4, 3, 1), nd_value(rast, 3.5, -2.5), nd_min_max(rast)['max'],
                      RS_Width(nd_window(rast, 1, 1, 5, 6)), nd_mean(nd_clip(rast, 0, -1, 50, 0)) FROM t";
    let expected = [mean, 103.0, 103.0, 1999.0, 5.0, 24.5].map(Some);
    assert_eq!(numbers(&ctx, sql).await, [expected]);
    // One function in the other.
    let sql = "SELECT nd_mean(nd_window(nd_standard(rast), 10, 20, 5, 2)), RS_Value(nd_window(rast, 10, 20, 5, 2), 1, 1, 1),
                      nd_mean(RS_SetCRS(nd_window(rast, 0, 0, 1, 1), 'EPSG:4326')), nd_mean(nd_tiles(rast, 25, 20)[4]['tile'])
               FROM t WHERE nd_mean(rast) > 0";
    let window = pixels().slice(s![20..22, 10..15]).mapv(f64::from).mean().unwrap();
    let tile = pixels().slice(s![20.., 25..]).mapv(f64::from).mean().unwrap();
    assert_eq!(numbers(&ctx, sql).await, [[window, 1010.0, 0.0, tile].map(Some)]);
}

#[tokio::test]
async fn tables_of_tiles_and_mosaics_of_a_file() {
    let (ctx, _folder) = one().await;
    let sql = "SELECT nd_mosaic(part['tile']) FROM (SELECT unnest(nd_tiles(rast, 16, 16)) AS part FROM t)";
    assert_eq!(rasters(&ctx, sql).await[0].get(0).unwrap().as_array_view2::<f32>().unwrap(), pixels());
    let found = rasters(&ctx, "SELECT nd_mosaic(RS_EnsureLoaded(rast)) FROM t").await;
    assert_eq!(found[0].get(0).unwrap().as_array_view2::<f32>().unwrap(), pixels());
    let message = error(&ctx, "SELECT nd_mosaic(rast) FROM t").await;
    assert!(message.contains("not loaded") && message.contains("RS_EnsureLoaded"), "{message}");
}

#[tokio::test]
async fn the_pixels_are_the_pages_of_the_file() {
    let (ctx, _folder) = one().await;
    // Twice the same address: the file is mapped once, and both queries share it.
    let address = async |sql| rasters(&ctx, sql).await[0].get(0).unwrap().as_array_view2::<f32>().unwrap().as_ptr();
    let loaded = address("SELECT RS_EnsureLoaded(rast) FROM t").await;
    assert_eq!(loaded.addr() % 4096, 128, "the header of the file has 128 bytes");
    assert_eq!(loaded, address("SELECT RS_EnsureLoaded(rast) FROM t").await);
    let window = address("SELECT nd_window(rast, 3, 2, 4, 4) FROM t").await;
    assert_eq!(window, loaded.wrapping_add(2 * 50 + 3));
}

#[tokio::test]
async fn a_file_that_is_not_what_the_band_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write_npy(path("turned.npy"), &Array2::<f32>::zeros((40, 50).f())).unwrap();
    write_npy(path("right.npy"), &pixels()).unwrap();
    for (name, shape, pixel_type, expected) in [
        ("right.npy", [50, 40], PixelType::Float32, "its shape is [40, 50], that of the band [50, 40]"),
        ("right.npy", [40, 50], PixelType::Int16, "right.npy: "),
        ("turned.npy", [40, 50], PixelType::Float32, "numpy.ascontiguousarray"),
        ("absent.npy", [40, 50], PixelType::Float32, "absent.npy: No such file"),
    ] {
        let ctx = context(RasterArray::from(outdb(&path(name), shape, pixel_type))).await;
        ctx.register_raster_loader(Arc::new(NpyLoader));
        let message = error(&ctx, "SELECT nd_mean(rast) FROM t").await;
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn a_name_that_is_lost_before_loading_says_what_to_do() {
    let (ctx, _folder) = one().await;
    let message = error(&ctx, "SELECT nd_mean(coalesce(rast, rast)) FROM t").await;
    assert!(message.contains("RS_EnsureLoaded(nd_raster(rast))"), "{message}");
    let sql = "SELECT nd_mean(RS_EnsureLoaded(coalesce(rast, rast))), nd_mean(nd_raster(coalesce(rast, rast))) FROM t";
    let mean = Some(pixels().mapv(f64::from).mean().unwrap());
    assert_eq!(numbers(&ctx, sql).await, [[mean, mean]]);
}
