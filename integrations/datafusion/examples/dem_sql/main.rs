//! An elevation model as tiles in a Parquet dataset, queried in SQL by raster functions.
//!
//! `cargo run --example dem_sql`: writes the dataset, a file a row of tiles; prints statistics by row for the tiles that lie
//! high; shades every tile on the grid, puts the tiles together and writes the picture.

mod dataset;
#[path = "../../../../examples/shared/elevation.rs"]
mod elevation;
#[path = "../../../../examples/shared/picture.rs"]
mod picture;

use std::error::Error;
use std::path::{Path, PathBuf};

use datafusion::prelude::{ParquetReadOptions, SessionContext};
use dataset::{SHADE, STATISTICS};
use ndraster::RasterArray;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/dem_sql");
    let picture = run(&folder).await?;
    println!("Look at {}", picture.display());
    Ok(())
}

/// Everything, with its files in a folder; the path of the picture.
pub async fn run(folder: &Path) -> Result<PathBuf> {
    let tiles = folder.join("tiles");
    dataset::write(&tiles)?;

    let mut ctx = SessionContext::new();
    ndraster_datafusion::register_all(&mut ctx)?;
    // Without this the field's metadata are left out, and with them the extension name.
    let options = ParquetReadOptions::default().skip_metadata(false);
    ctx.register_parquet("dem", tiles.to_str().ok_or("the path is not UTF-8")?, options).await?;

    println!("{}", ctx.sql(STATISTICS).await?.to_string().await?);

    let batches = ctx.sql(SHADE).await?.collect().await?;
    let shade = RasterArray::from_batch(batches.first().ok_or("no row")?, "shade")?;
    let shade = shade.get(0).ok_or("there are no tiles")?.to_array2::<u8>()?;
    let path = folder.join("hillshade.png");
    picture::write_png(&path, &shade)?;
    Ok(path)
}
