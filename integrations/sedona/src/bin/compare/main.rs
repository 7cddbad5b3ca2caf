//! What ndraster costs beside sedona-raster 0.5.0, ndarray and memcpy, in one run: ratios of medians, and allocations.
//!
//! `cargo run --release --bin compare` takes a minute or two; with `-- --counts` it only counts. It fails when an
//! allocation count or an address is off, never for a time.

mod batches;
mod conversions;
mod copies;
mod counts;
mod fixed;
mod measure;
mod report;

use report::Report;

fn main() -> std::process::ExitCode {
    let mut report = Report::default();
    counts::check(&mut report);
    if !std::env::args().any(|arg| arg == "--counts") {
        fixed::write(&mut report);
        fixed::read(&mut report);
        fixed::round_trip(&mut report);
        batches::compare(&mut report);
        println!("vector instructions: {:?}", fearless_simd::Level::new());
        conversions::compare(&mut report);
        copies::compare(&mut report);
    }
    report.print()
}
