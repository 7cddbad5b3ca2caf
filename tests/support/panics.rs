//! Calls into other crates, which may panic on malformed input. The fuzz targets do not look for panics of theirs.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Returns what `work` makes of its input, or `None` if it panics.
pub fn caught<R>(work: impl FnOnce() -> R) -> Option<R> {
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(false);
    result.ok()
}

/// Replaces the fuzzer's hook, which ends the process at the first panic. A panic inside of [`caught`] goes unnoticed. Any
/// other is printed, and ends the process when it leaves the target.
pub fn let_others_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if !INSIDE.get() {
            eprintln!("{panic}");
        }
    }));
}
