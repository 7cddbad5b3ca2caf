//! The columns that SedonaDB wrote, which the targets start from.

use std::fs::{self, File};
use std::path::Path;
use std::sync::LazyLock;

use arrow_data::ArrayData;
use arrow_ipc::reader::FileReader;
use ndraster::RasterArray;
use ndraster::arrow_array::Array;

/// Every column that this crate reads. Arrow has validated them.
pub(crate) static COLUMNS: LazyLock<Vec<ArrayData>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/sedonadb");
    let folders = [folder.join("malformed"), folder];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "arrow")).collect();
    files.sort();
    files.iter().flat_map(|file| columns(file)).collect()
});

/// Returns the raster columns of a file, without those that have no rows.
fn columns(file: &Path) -> Vec<ArrayData> {
    let Ok(batches) = FileReader::try_new_buffered(File::open(file).unwrap(), None) else { return vec![] };
    let columns = batches.map_while(std::result::Result::ok).flat_map(|batch| batch.columns().to_vec());
    let rasters = columns.filter(|column| RasterArray::try_from(column).is_ok_and(|column| !column.is_empty()));
    rasters.map(|column| column.to_data()).collect()
}
