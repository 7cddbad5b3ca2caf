//! Runs work on all cores, if the feature `rayon` is on.

use crate::error::Result;

/// Returns on how many threads work runs.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    return 1;
}

/// Calls a function for each item, with memory to use again: in parallel, or one after the other. One of the errors is
/// returned.
pub(crate) fn for_each<I: Send>(
    items: Vec<I>,
    is_parallel: bool,
    f: impl Fn(&mut Vec<u8>, I) -> Result<()> + Sync + Send,
) -> Result<()> {
    #[cfg(feature = "rayon")]
    if is_parallel && items.len() > 1 {
        use rayon::prelude::*;
        return items.into_par_iter().try_for_each_init(Vec::new, f);
    }
    let _ = is_parallel;
    let mut scratch = vec![];
    items.into_iter().try_for_each(|item| f(&mut scratch, item))
}

/// Calls a function for each item, and returns the results in the order of the items.
pub(crate) fn map<I: Send, R: Send>(items: Vec<I>, f: impl Fn(I) -> Result<R> + Sync + Send) -> Result<Vec<R>> {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        items.into_par_iter().map(f).collect()
    }
    #[cfg(not(feature = "rayon"))]
    items.into_iter().map(f).collect()
}
