//! A mosaic of some hundred megabytes cut into tiles, and statistics of each tile, in parallel; no pixel is
//! copied. Then tiles as a model takes them: one array in, one array out.
//!
//! `cargo run --release --example tiles`: the elevation model, mirrored again and again, becomes one raster;
//! its tiles are a column over the mosaic's own memory; rayon reads them on all cores. Tiles of the model itself are converted
//! to floats in batches, what is computed of them becomes rasters where the tiles lie, without a copy, and a picture shows
//! those rasters put together: with seams on the left, and without on the right, where tiles overlap.

mod allocated;
#[allow(dead_code, reason = "where it is on the ground does not matter here")]
#[path = "../shared/elevation.rs"]
mod elevation;
mod model;
mod mosaic;
#[path = "../shared/picture.rs"]
mod picture;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use elevation::Elevation;
use mosaic::{TILE, mirrored, statistics};
use ndarray::{Axis, Ix2};
use ndraster::{Raster, Registration};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often the model is repeated along each axis.
const REPEATED: usize = 27;
/// Metres from one pixel to the next, or nearly.
const METRES: f64 = 90.0;

fn main() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let elevation = Elevation::read(&here.join("tests/data/jacksboro_fault_dem.npz"))?;
    let pixels = mirrored(&elevation.metres, REPEATED);
    let (height, width) = pixels.dim();
    println!("mosaic     {width} x {height} pixels, {:.0} MB", megabytes(pixels.len() * 2));
    let memory = pixels.as_slice().ok_or("the mosaic is not in C order")?.as_ptr_range();

    let (before, start) = (allocated::bytes(), Instant::now());
    let bbox = [0.0, 0.0, width as f64 * METRES, height as f64 * METRES];
    let mosaic = Raster::from_ndarray(pixels)?.with_bbox(bbox, Registration::Pixel)?;
    let tiles = mosaic.tiles(TILE, TILE)?;
    let (bytes, cut) = (allocated::bytes() - before, start.elapsed());
    let grid = mosaic.tile_grid(TILE, TILE)?;
    println!("tiles      {} by {} of {TILE} x {TILE}, cut in {:.2} ms", grid.0, grid.1, cut.as_secs_f64() * 1e3);
    println!("allocated  {:.2} MB for all of them, {} bytes a tile", megabytes(bytes), bytes / tiles.len());

    let mut copied = 0;
    for tile in tiles.iter().flatten() {
        let view = tile.as_array_view2::<i16>()?;
        copied += if memory.contains(&view.as_ptr()) { 0 } else { view.len() * 2 };
    }
    println!("copied     {copied} bytes of pixels");

    let start = Instant::now();
    let statistics = statistics(&tiles)?;
    let (elapsed, threads) = (start.elapsed(), rayon::current_num_threads());
    println!("statistics in {:.1} ms on {threads} threads", elapsed.as_secs_f64() * 1e3);

    let highest = statistics.iter().map(|tile| tile.highest).max().unwrap_or_default();
    println!("highest    {highest} m");

    let (area, cols) = model::whole_tiles(&Raster::from_ndarray(elevation.metres)?)?;
    let start = Instant::now();
    let shaded = model::predict(&area, cols, METRES as f32)?;
    let (elapsed, back) = (start.elapsed(), shaded.as_batch_view4::<f32>()?);
    println!("batches    {:?} of float32, shaded in {:.1} ms", back.shape(), elapsed.as_secs_f64() * 1e3);
    // The whole area as one tile, to compare with.
    let whole = area.to_array_cast::<f32>()?.into_dimensionality::<Ix2>()?.insert_axis(Axis(0)).insert_axis(Axis(0));
    let whole = model::shade(whole.view(), METRES as f32).index_axis_move(Axis(0), 0).index_axis_move(Axis(0), 0);
    let (alone, overlapping) = (shaded.to_mosaic(0)?, model::predict_overlapping(&area, METRES as f32)?);
    let (alone, overlapping) = (alone.as_array_view2()?, overlapping.as_array_view2()?);
    let [seams, none] = [alone, overlapping].map(|light| model::differing(light, whole.view()));
    println!("seams      {seams} pixels differ from those of the whole; {none} if tiles overlap by one pixel");
    let picture = model::picture([alone, overlapping], whole.view());

    let folder = here.join("target/tiles");
    fs::create_dir_all(&folder)?;
    picture::write_png(&folder.join("shaded_by_tile.png"), &picture)?;
    println!("\nLook at {}", folder.join("shaded_by_tile.png").display());
    if copied > 0 { Err("pixels were copied".into()) } else { Ok(()) }
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
