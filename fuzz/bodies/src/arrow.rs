//! Calls into arrow, which may panic on what is malformed: that is not ours to find.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// What arrow makes of it, if it does not panic.
pub(crate) fn arrow<R>(work: impl FnOnce() -> Option<R>) -> Option<R> {
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(false);
    result.ok().flatten()
}

/// Replaces the fuzzer's hook, which ends the process at the first panic: one inside of arrow goes unnoticed, any
/// other is told, and ends the process on its way out of the target.
pub fn let_arrow_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if !INSIDE.get() {
            eprintln!("{panic}");
        }
    }));
}
