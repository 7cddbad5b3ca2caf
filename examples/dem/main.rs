//! A real elevation model goes through Arrow and comes back as a shaded picture, and no pixel is copied.
//!
//! `cargo run --release --example dem`: NumPy file -> ndarray -> raster -> Arrow IPC file -> memory map ->
//! ndarray view -> slope and hillshade -> PNG.

#[path = "../shared/elevation.rs"]
mod elevation;
mod file;
#[path = "../shared/picture.rs"]
mod picture;
mod terrain;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use elevation::{Elevation, VOID};
use ndarray::{Array2, ArrayView2};
use ndraster::{Raster, RasterArray, Registration};
use terrain::{Gradient, Ground};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What happened, for a test to check.
#[derive(Debug)]
#[allow(dead_code, missing_docs, reason = "a program, of which some is for the test alone")]
pub struct Outcome {
    pub metres: Array2<i16>,
    pub ground: Ground,
    pub hillshade: Array2<u8>,
    pub picture: PathBuf,
}

fn main() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let outcome = run(&here.join("tests/data/jacksboro_fault_dem.npz"), &here.join("target/dem"))?;
    println!("\nLook at {}", outcome.picture.display());
    Ok(())
}

/// The whole way, with its files in a folder.
pub fn run(source: &Path, folder: &Path) -> Result<Outcome> {
    fs::create_dir_all(folder)?;
    let mut steps = Steps::new();

    let Elevation { metres, bbox } = Elevation::read(source)?;
    let original = metres.clone(); // only to compare with in the end
    let array_at = metres.as_ptr();
    steps.done("read the NumPy file");

    let raster =
        Raster::from_ndarray(metres)?.with_crs("EPSG:4326").with_bbox(bbox, Registration::Pixel)?.with_nodata(VOID)?;
    let payload_at = raster.band(0)?.source_data()?.as_ptr();
    steps.done("made a raster of it");

    let arrow = folder.join("dem.arrow");
    file::write(&arrow, RasterArray::from(raster))?;
    steps.done("wrote an Arrow IPC file");

    let (batches, mapped) = file::map(&arrow)?;
    let column = RasterArray::from_batch(&batches[0], "rast")?;
    let raster = column.get(0).ok_or("the row is null")?;
    let view: ArrayView2<'_, i16> = raster.as_array_view2()?;
    steps.done("mapped it and borrowed the band");

    let ground = Ground::new(raster.transform()?, view.nrows());
    let gradient = Gradient::new(view, ground);
    let shade = gradient.hillshade();
    let steepest = gradient.slope().fold(0f64, |most, degrees| most.max(*degrees));
    steps.done("computed slope and hillshade");

    let picture = folder.join("hillshade.png");
    picture::write_png(&picture, &shade)?;
    steps.done("wrote the picture");

    let ((height, width), (rows, cols)) = (view.dim(), shade.dim());
    let [xmin, ymin, xmax, ymax] = raster.bbox()?;
    let (lowest, highest) = range(view);
    println!("size       {width} x {height} pixels of {}", raster.band(0)?.pixel_type());
    println!("extent     {xmin:.4} to {xmax:.4} east, {ymin:.4} to {ymax:.4} north, {}", raster.crs()?.unwrap_or("-"));
    println!("elevation  {lowest} to {highest} m, steepest slope {steepest:.1} degrees");
    println!(
        "picture    {cols} x {rows}: the outermost pixels have no slope, since they lack neighbours (gdaldem leaves them out too)"
    );
    steps.print();

    println!("array in   {array_at:p}");
    println!("payload    {payload_at:p}, the same");
    println!("view out   {:p}, inside of the map from {:p} to {:p}", view.as_ptr(), mapped.start, mapped.end);
    if array_at.cast() != payload_at {
        return Err("the array was copied on its way into the raster".into());
    }
    if !mapped.contains(&view.as_ptr().cast()) {
        return Err("the pixels were copied out of the memory map".into());
    }
    if view != original {
        return Err("the pixels are not what went in".into());
    }
    println!("copied     0 pixels");
    Ok(Outcome { metres: original, ground, hillshade: shade, picture })
}

fn range(metres: ArrayView2<'_, i16>) -> (i16, i16) {
    let valid = || metres.iter().filter(|metres| **metres != VOID).copied();
    (valid().min().unwrap_or(VOID), valid().max().unwrap_or(VOID))
}

/// A stop watch.
struct Steps {
    last: Instant,
    times: Vec<(&'static str, f64)>,
}

impl Steps {
    fn new() -> Self {
        Steps { last: Instant::now(), times: Vec::new() }
    }

    fn done(&mut self, what: &'static str) {
        self.times.push((what, self.last.elapsed().as_secs_f64() * 1e3));
        self.last = Instant::now();
    }

    fn print(&self) {
        for (what, milliseconds) in &self.times {
            println!("{milliseconds:>9.3} ms  {what}");
        }
    }
}
