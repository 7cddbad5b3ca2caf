//! What the examples of this package have in common: a real raster, and a batch to put it into.

#[path = "../../../examples/shared/elevation.rs"]
mod elevation;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{RecordBatch, StructArray};
use arrow_schema::Schema;
use ndraster::{Raster, RasterArray, Registration};

/// Whatever went wrong.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The elevation model, int16 metres with a CRS, a transform and nodata.
///
/// # Errors
/// If its file is not where it is in the repository.
pub fn elevation() -> Result<Raster> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/jacksboro_fault_dem.npz");
    let elevation::Elevation { metres, bbox } = elevation::Elevation::read(&source)?;
    let raster = Raster::from_ndarray(metres)?.with_crs("EPSG:4326").with_bbox(bbox, Registration::Pixel)?;
    Ok(raster.with_nodata(elevation::VOID)?)
}

/// A batch of one column, `rast`.
///
/// # Errors
/// None that a column of rasters could cause.
pub fn batch(column: RasterArray) -> Result<RecordBatch> {
    let schema = Schema::new(vec![column.field("rast")]);
    Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?)
}

/// A folder of that name for what an example writes.
///
/// # Errors
/// If it cannot be made.
pub fn folder(name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Fails unless two columns have the same int16 pixels in the same places on the ground.
///
/// # Errors
/// If they have not.
pub fn same_pixels(found: &RasterArray, expected: &RasterArray) -> Result<()> {
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        if found.as_array_view2::<i16>()? != expected.as_array_view2::<i16>()? || found.bbox()? != expected.bbox()? {
            return Err("a tile came back as another".into());
        }
    }
    if found.len() == expected.len() { Ok(()) } else { Err("some tiles are missing".into()) }
}
