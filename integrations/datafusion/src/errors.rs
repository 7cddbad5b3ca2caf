//! Errors of rasters as SQL shows them.

use datafusion_common::{DataFusionError, exec_datafusion_err};
use ndraster::{Error, ErrorKind};

/// Makes an error of a function. `row` is the row of the batch, and `None` for an error of the whole batch.
#[cold]
pub(crate) fn failed(name: &str, row: Option<usize>, error: &Error) -> DataFusionError {
    let smaller = match (row, error.kind()) {
        (None, ErrorKind::TooLarge) => "; batches of fewer rows take less: `SET datafusion.execution.batch_size = 64`",
        _ => "",
    };
    let row = row.filter(|row| error.row() != Some(*row)).map(|row| format!("row {row}: ")).unwrap_or_default();
    exec_datafusion_err!("{name}: {row}{}{smaller}", with_advice(error))
}

/// Returns the text of an error, and what SQL can do about it.
#[cold]
pub(crate) fn with_advice(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotLoaded => format!("{error}; in SedonaDB, `RS_EnsureLoaded(nd_raster(rast))` loads them"),
        _ => error.to_string(),
    }
}
