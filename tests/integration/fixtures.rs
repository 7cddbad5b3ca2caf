//! The arrays that SedonaDB wrote, and what they must read as.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use arrow_ipc::reader::FileReader;
use ndraster::arrow_array::RecordBatch;
use serde_json::Value;

/// In the repository's root, of which the integrations' packages are part.
pub(crate) fn path(file: &str) -> PathBuf {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|root| root.join("tests/data/sedonadb"));
    folders.find(|folder| folder.is_dir()).unwrap().join(file)
}

pub(crate) static MANIFEST: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_reader(File::open(path("manifest.json")).unwrap()).unwrap());

/// The record batches of a file, as arrow's reader validates them.
pub(crate) fn batches(file: &str) -> Vec<RecordBatch> {
    let reader = FileReader::try_new_buffered(File::open(path(file)).unwrap(), None).unwrap();
    reader.map(|batch| batch.unwrap()).collect()
}

/// The record batches of a file that arrow's reader refuses, for nulls where its schema has none.
#[allow(unsafe_code, reason = "validation can be skipped by an unsafe call only")]
pub(crate) fn batches_unchecked(file: &str) -> Vec<RecordBatch> {
    let reader = FileReader::try_new_buffered(File::open(path(file)).unwrap(), None).unwrap();
    // SAFETY: the file has valid buffers; only a null stands where the schema says there is none, which
    // no accessor of arrow's takes for granted.
    let reader = unsafe { reader.with_skip_validation(true) };
    reader.map(|batch| batch.unwrap()).collect()
}

/// The strings of a JSON array.
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// The extents of a JSON array.
pub(crate) fn extents(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|item| item.as_u64().unwrap() as usize).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
