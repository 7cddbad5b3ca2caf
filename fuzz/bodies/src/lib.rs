//! What the fuzz targets do with their bytes. Each function returns if all is well and panics if not. `tests/corpus.rs` calls
//! them too, without a fuzzer.
//!
//! The cases, their expectations and the table of readers are those of the property tests. Here the cases are read from
//! bytes.

mod change;
mod columns;
mod decode;
mod read_columns;
mod read_ipc;
mod read_types;

use ndraster_test_support::cases;
pub use ndraster_test_support::panics::let_others_panic;
pub use read_columns::read_columns;
pub use read_ipc::read_ipc;
pub use read_types::read_types;

/// Checks an array of any type, layout and owner, as [`cases::round_trip`] says.
pub fn round_trip(bytes: &[u8]) {
    if let Ok(Some(case)) = decode::round_trip(&mut arbitrary::Unstructured::new(bytes)) {
        cases::round_trip::check(&case);
    }
}

/// Checks any entries over a source shape, as [`cases::views`] says.
pub fn views(bytes: &[u8]) {
    if let Ok(case) = decode::views(&mut arbitrary::Unstructured::new(bytes)) {
        cases::views::check(&case);
    }
}

/// Checks a chain of slices, windows and tiles, as [`cases::slices`] says.
pub fn slices(bytes: &[u8]) {
    if let Ok(Some(case)) = decode::slices(&mut arbitrary::Unstructured::new(bytes)) {
        cases::slices::check(&case);
    }
}
