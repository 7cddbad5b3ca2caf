//! Rasters through every format, and the examples.

#[allow(dead_code, reason = "shared with the tests of the crate itself")]
#[path = "../../../../tests/integration/fixtures.rs"]
mod fixtures;
#[path = "../../../../tests/integration/sedonadb.rs"]
mod sedonadb;

mod c_data;
mod geotiff;
mod ipc;
mod parquet;
