//! The targets pass on every input that the fuzzer kept, and on every input that once failed.

use std::fs;
use std::path::Path;

/// Runs a target on every file of a folder, given from the root of the repository.
fn replay(folder: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    assert!(files.len() >= 50, "{} inputs in {}", files.len(), folder.display());
    for file in files {
        let input = fs::read(&file).unwrap();
        assert!(std::panic::catch_unwind(|| run(&input)).is_ok(), "it fails on {}", file.display());
    }
}

#[test]
fn kept_streams_read_without_a_panic() {
    replay("fuzz/corpus/read_ipc", ndraster_fuzz_bodies::read_ipc);
    // The first inputs, from which the fuzzer started.
    replay("tests/data/sedonadb", ndraster_fuzz_bodies::read_ipc);
    replay("tests/data/sedonadb/malformed", ndraster_fuzz_bodies::read_ipc);
}

#[test]
fn kept_columns_read_without_a_panic() {
    replay("fuzz/corpus/read_columns", ndraster_fuzz_bodies::read_columns);
}

#[test]
fn kept_columns_of_other_types_read_without_a_panic() {
    replay("fuzz/corpus/read_types", ndraster_fuzz_bodies::read_types);
}

#[test]
fn kept_arrays_come_out_as_they_went_in() {
    replay("fuzz/corpus/round_trip", ndraster_fuzz_bodies::round_trip);
}

#[test]
fn kept_views_show_what_their_definition_says() {
    replay("fuzz/corpus/views", ndraster_fuzz_bodies::views);
}

#[test]
fn kept_slices_are_those_of_ndarray() {
    replay("fuzz/corpus/slices", ndraster_fuzz_bodies::slices);
}
