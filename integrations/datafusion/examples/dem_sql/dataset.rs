//! The elevation model as a Parquet dataset, and what is asked of it.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::parquet::schema::types::ColumnPath;
use ndraster::{Raster, RasterArray, Registration};

use super::Result;
use super::elevation::{Elevation, VOID};

/// How high and wide a tile is.
const TILE: usize = 64;

/// The tiles that are high on the average, row by row.
pub const STATISTICS: &str = "
    SELECT tile_row AS row,
           count(*) AS tiles,
           round(avg(nd_mean(rast)), 1) AS mean,
           min(nd_min_max(rast)['min']) AS lowest,
           max(nd_min_max(rast)['max']) AS highest
    FROM dem
    WHERE nd_mean(rast) > 300 AND nd_count_valid(rast) > 0
    GROUP BY tile_row
    ORDER BY tile_row";

/// The tiles in light and shade, put together without their overlap. The model is in metres, its grid in degrees.
pub const SHADE: &str = "SELECT nd_mosaic(nd_hillshade(rast, 111120), 1) AS shade FROM dem";

/// Writes a file for each row of tiles, of columns `tile_row`, `tile_col` and `rast`; each tile with one pixel of its
/// neighbours at each side.
pub fn write(folder: &Path) -> Result<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/jacksboro_fault_dem.npz");
    let Elevation { metres, bbox } = Elevation::read(&source)?;
    let model = Raster::from_ndarray(metres)?.with_crs("EPSG:4326").with_bbox(bbox, Registration::Pixel)?;
    let model = model.with_nodata(VOID)?;
    // Views of the model, of which each file is to have its own pixels only.
    let tiles = model.tiles_with_overlap(TILE, TILE, 1)?.to_standard()?;
    let (rows, cols) = model.tile_grid(TILE, TILE)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for row in 0..rows {
        let path = folder.join(format!("row-{row}.parquet"));
        write_file(&path, row, tiles.slice(row * cols, cols)?.to_compact()?)?;
    }
    Ok(())
}

/// One row of tiles as a file.
pub fn write_file(path: &Path, row: usize, tiles: RasterArray) -> Result<()> {
    let number = |name| Field::new(name, DataType::Int64, false);
    let schema = Arc::new(Schema::new(vec![number("tile_row"), number("tile_col"), tiles.field("rast")]));
    let count = tiles.len();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![row as i64; count])),
        Arc::new(Int64Array::from_iter_values(0..count as i64)),
        Arc::new(StructArray::from(tiles)),
    ];
    let data = ["rast", "bands", "list", "band", "data"].map(String::from).to_vec();
    let properties = WriterProperties::builder().set_column_dictionary_enabled(ColumnPath::new(data), false).build();
    let mut file = ArrowWriter::try_new(File::create(path)?, Arc::clone(&schema), Some(properties))?;
    file.write(&RecordBatch::try_new(schema, columns)?)?;
    file.close()?;
    Ok(())
}
