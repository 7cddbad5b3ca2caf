//! Times reading and writing one file. `beside.py` calls it, in turn with GDAL.
//!
//! `cargo bench --bench read -- FILE whole|windows|write THREADS TURNS` prints the seconds of each turn.

use std::time::Instant;

use ndraster_geotiff::{GeoTiff, OpenOptions, WriteOptions, write_geotiff};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [path, what, threads, turns] = arguments.as_slice() else {
        println!("FILE whole|windows|write THREADS TURNS");
        return Ok(());
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    for _ in 0..turns.parse()? {
        let seconds = pool.install(|| once(path, what))?;
        println!("{seconds}");
    }
    Ok(())
}

/// One turn, which opens the file anew.
fn once(path: &str, what: &str) -> Result<f64, ndraster_geotiff::Error> {
    let started = Instant::now();
    match what {
        "whole" => drop(OpenOptions::new().cache_bytes(0).open(path)?.read()?),
        "windows" => {
            let file = GeoTiff::open(path)?;
            // 256 windows of 200 x 200 that are not aligned to blocks.
            for window in 0..256 {
                let (row, col) = (window / 16 * 240 + 17, window % 16 * 240 + 31);
                drop(file.window(row..row + 200, col..col + 200)?.read()?);
            }
        }
        _ => {
            let raster = GeoTiff::open(path)?.read()?;
            let target = format!("{path}.written.tif");
            let started = Instant::now();
            write_geotiff(&raster, &target, &WriteOptions::new().tile_size(256))?;
            return Ok(started.elapsed().as_secs_f64());
        }
    }
    Ok(started.elapsed().as_secs_f64())
}
