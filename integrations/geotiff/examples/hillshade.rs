//! The main job on a real file: GeoTIFF -> window -> hillshade -> Cloud Optimized GeoTIFF.
//!
//! `cargo run --release --example hillshade`, or with files of your own:
//! `cargo run --release --example hillshade -- dem.tif shaded.tif`. The file has int16 metres on a grid of degrees.

#[path = "../../../examples/dem/terrain.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a program elsewhere, of which this needs the shade alone")]
mod terrain;

use std::error::Error;
use std::path::{Path, PathBuf};

use ndraster::Raster;
use ndraster_geotiff::{GeoTiff, Resampling, WriteOptions, write_cog};
use terrain::{Gradient, Ground};

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let source = arguments.next().unwrap_or(here.join("examples/data/jacksboro_fault_dem.tif"));
    let target = arguments.next().unwrap_or(here.join("target/hillshade.tif"));
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }

    let file = GeoTiff::open(&source)?;
    print!("{}\n{}", source.display(), file.info());

    // A quarter of the ground, and one pixel more on each side: a slope needs the neighbours.
    let [height, width] = [file.info().height, file.info().width];
    let (rows, cols) = (height / 4 - 1..3 * height / 4 + 1, width / 4 - 1..3 * width / 4 + 1);
    let dem = file.window(rows, cols)?.read()?;
    let metres = dem.as_array_view2::<i16>()?;
    let shade = Gradient::new(metres, Ground::new(dem.transform()?, metres.nrows())).hillshade();

    // The border is gone, so the shade lies on the window without it.
    let inner = dem.window(1..metres.nrows() - 1, 1..metres.ncols() - 1)?;
    let shade = Raster::from_ndarray(shade)?.with_grid_of(&inner)?;
    write_cog(&shade, &target, &WriteOptions::new().tile_size(128).resampling(Resampling::Average))?;

    let written = GeoTiff::open(&target)?;
    print!("\n{}\n{}", target.display(), written.info());
    assert_eq!(written.read()?.as_array_view2::<u8>()?, shade.as_array_view2::<u8>()?);
    Ok(())
}
