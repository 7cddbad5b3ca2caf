//! Runs loops with the vector instructions that the processor has.

use fearless_simd::Level;
#[allow(unused_imports, reason = "targets without vector instructions do not need it")]
use fearless_simd::Simd;

/// Calls `f`, compiled for AVX2 where the level has it, and else for what every processor of the target has.
///
/// `f`, and each closure in it, must be `#[inline(always)]`.
#[inline(always)]
pub(crate) fn vectorized<R>(level: Level, f: impl FnOnce() -> R) -> R {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(avx2) = level.as_avx2() {
        return avx2.vectorize(f);
    }
    let _ = level;
    f()
}

/// The levels that have code of their own, of those that this processor has: from no vector instructions on.
#[cfg(test)]
pub(super) fn levels() -> Vec<Level> {
    let mut levels = vec![Level::fallback(), Level::baseline()];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    levels.extend(Level::new().as_avx2().map(Simd::level));
    levels
}
