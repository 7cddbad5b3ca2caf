//! The files that SedonaDB wrote, and the manifest that says what they must read as.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use arrow_ipc::reader::FileReader;
use ndraster::arrow_array::RecordBatch;
use serde_json::Value;

/// Returns the path of a file, given from the folder `tests/data/sedonadb`.
pub fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sedonadb").join(file)
}

/// `manifest.json`, which lists the files and their rows.
pub static MANIFEST: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_reader(File::open(path("manifest.json")).unwrap()).unwrap());

/// Opens a folder of files that other engines wrote: its manifest, and the path of each of its files.
pub fn engines() -> (Value, impl Fn(&str) -> PathBuf) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/engines");
    let manifest = serde_json::from_reader(File::open(folder.join("manifest.json")).unwrap()).unwrap();
    (manifest, move |file: &str| folder.join(file))
}

/// Reads the record batches of a file, which arrow's reader validates.
pub fn batches(file: &str) -> Vec<RecordBatch> {
    let reader = FileReader::try_new_buffered(File::open(path(file)).unwrap(), None).unwrap();
    reader.map(|batch| batch.unwrap()).collect()
}

/// Reads the record batches of a file without validation: two files have nulls where their schema allows none.
#[allow(unsafe_code, reason = "validation can be skipped by an unsafe call only")]
pub fn batches_unchecked(file: &str) -> Vec<RecordBatch> {
    let reader = FileReader::try_new_buffered(File::open(path(file)).unwrap(), None).unwrap();
    // SAFETY: the file has valid buffers. Only a null stands where the schema allows none, and no accessor of arrow's
    // relies on that.
    let reader = unsafe { reader.with_skip_validation(true) };
    reader.map(|batch| batch.unwrap()).collect()
}

/// Returns the strings of a JSON array.
pub fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// Returns the extents in a JSON array.
pub fn extents(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|item| item.as_u64().unwrap() as usize).collect()
}

/// Spells bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
