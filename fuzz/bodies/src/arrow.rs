//! Calls into arrow, which may panic on malformed input. The targets do not look for panics of arrow's.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Returns what `work` makes of its input, or `None` if arrow panics.
pub(crate) fn arrow<R>(work: impl FnOnce() -> Option<R>) -> Option<R> {
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(false);
    result.ok().flatten()
}

/// Replaces the fuzzer's hook, which ends the process at the first panic. A panic inside of arrow goes unnoticed. Any other
/// is printed, and ends the process when it leaves the target.
pub fn let_arrow_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if !INSIDE.get() {
            eprintln!("{panic}");
        }
    }));
}
