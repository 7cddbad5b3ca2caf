//! Every input that the fuzzer kept, and every one that once failed.

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
fn read_ipc() {
    replay("fuzz/corpus/read_ipc", ndraster_fuzz_bodies::read_ipc);
    // The seeds.
    replay("tests/data/sedonadb", ndraster_fuzz_bodies::read_ipc);
    replay("tests/data/sedonadb/malformed", ndraster_fuzz_bodies::read_ipc);
}

#[test]
fn read_columns() {
    replay("fuzz/corpus/read_columns", ndraster_fuzz_bodies::read_columns);
}

#[test]
fn round_trip() {
    replay("fuzz/corpus/round_trip", ndraster_fuzz_bodies::round_trip);
}

#[test]
fn views() {
    replay("fuzz/corpus/views", ndraster_fuzz_bodies::views);
}

#[test]
fn slices() {
    replay("fuzz/corpus/slices", ndraster_fuzz_bodies::slices);
}
