//! An elevation model as tiles in a Parquet dataset, queried in SQL by raster functions.
//!
//! `cargo run --example dem_sql`: writes the dataset, a file a row of tiles; prints statistics by row for the tiles that lie
//! high; shades every tile on the grid and writes the picture that they make together.

mod dataset;
#[path = "../../../../examples/shared/elevation.rs"]
mod elevation;
#[path = "../../../../examples/shared/picture.rs"]
mod picture;

use std::error::Error;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use dataset::{SHADES, STATISTICS, TILE};
use ndarray::{Array2, s};
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
    let (height, width) = dataset::write(&tiles)?;

    let mut ctx = SessionContext::new();
    ndraster_datafusion::register_all(&mut ctx)?;
    // Without this the field's metadata are left out, and with them the extension name.
    let options = ParquetReadOptions::default().skip_metadata(false);
    ctx.register_parquet("dem", tiles.to_str().ok_or("the path is not UTF-8")?, options).await?;

    println!("{}", ctx.sql(STATISTICS).await?.to_string().await?);

    let mut shade = Array2::<u8>::zeros((height, width));
    for batch in ctx.sql(SHADES).await?.collect().await? {
        let numbers = |position: usize| batch.column(position).as_primitive::<Int64Type>().values();
        for ((tile, row), col) in RasterArray::from_batch(&batch, "shade")?.iter().zip(numbers(0)).zip(numbers(1)) {
            let tile = tile.ok_or("a tile is null")?;
            paint(&mut shade, &tile.as_array_view2::<u8>()?.to_owned(), *row as usize, *col as usize);
        }
    }
    let path = folder.join("hillshade.png");
    picture::write_png(&path, &shade)?;
    Ok(path)
}

/// Puts a tile where it belongs, without the pixel of its neighbours that it has at each side.
fn paint(shade: &mut Array2<u8>, tile: &Array2<u8>, row: usize, col: usize) {
    let (top, left) = (row * TILE, col * TILE);
    let (before, above) = (usize::from(left > 0), usize::from(top > 0));
    let height = TILE.min(shade.nrows() - top);
    let width = TILE.min(shade.ncols() - left);
    let inner = tile.slice(s![above..above + height, before..before + width]);
    shade.slice_mut(s![top..top + height, left..left + width]).assign(&inner);
}
