//! Every input that the fuzzer kept, and every one that once failed.

use std::fs;
use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(corpus).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 50, "{} inputs for {target}", files.len());
    for file in files {
        let input = fs::read(&file).unwrap();
        if std::panic::catch_unwind(|| run(&input)).is_err() {
            panic!("{target} fails on {}", file.display());
        }
    }
}

#[test]
fn read_ipc() {
    replay("read_ipc", ndraster_fuzz_bodies::read_ipc);
}

#[test]
fn read_columns() {
    replay("read_columns", ndraster_fuzz_bodies::read_columns);
}

#[test]
fn round_trip() {
    replay("round_trip", ndraster_fuzz_bodies::round_trip);
}

#[test]
fn views() {
    replay("views", ndraster_fuzz_bodies::views);
}

#[test]
fn slices() {
    replay("slices", ndraster_fuzz_bodies::slices);
}
