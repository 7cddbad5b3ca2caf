//! What the fuzz targets do with their bytes. Each function returns if all is well and panics if not, which is also
//! how `tests/corpus.rs` calls them, without a fuzzer.
//!
//! The cases and their expectations are those of the property tests; here they are read from bytes.

#[allow(dead_code, reason = "the integration tests use more of it")]
#[path = "../../../tests/integration/cases/mod.rs"]
mod cases;
#[allow(dead_code, reason = "the integration tests use more of it")]
#[path = "../../../tests/integration/raw.rs"]
mod raw;
#[path = "../../../tests/integration/readers.rs"]
mod readers;

mod arrow;
mod decode;
mod read_columns;
mod read_ipc;

pub use arrow::let_arrow_panic;
pub use read_columns::read_columns;
pub use read_ipc::read_ipc;

/// An array of any type and layout, held by anybody: see `cases::round_trip`.
pub fn round_trip(bytes: &[u8]) {
    if let Ok(Some(case)) = decode::round_trip(&mut arbitrary::Unstructured::new(bytes)) {
        cases::round_trip::check(&case);
    }
}

/// A source shape and any entries: see `cases::views`.
pub fn views(bytes: &[u8]) {
    if let Ok(case) = decode::views(&mut arbitrary::Unstructured::new(bytes)) {
        cases::views::check(&case);
    }
}

/// Chains of slices, windows and tiles: see `cases::slices`.
pub fn slices(bytes: &[u8]) {
    if let Ok(Some(case)) = decode::slices(&mut arbitrary::Unstructured::new(bytes)) {
        cases::slices::check(&case);
    }
}
