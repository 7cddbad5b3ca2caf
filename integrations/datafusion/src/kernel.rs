//! The part of a function that DataFusion does not see: what it computes for a batch.

use std::any::Any;

use arrow_array::{Array, ArrayRef};
use arrow_schema::Field;
use datafusion_common::Result;
use ndraster::{RasterArray, RasterArrayView};

use crate::errors::failed;

/// The part of a function that depends on its types.
pub(crate) trait Kernel: Send + Sync {
    fn field(&self, name: &str) -> Field;

    fn run(&self, name: &str, inputs: &Inputs) -> Result<ArrayRef>;
}

/// The arguments of a batch.
pub(crate) struct Inputs {
    pub(crate) rasters: Vec<(ArrayRef, Extent)>,
    pub(crate) arguments: Vec<(ArrayRef, Extent)>,
    pub(crate) rows: usize,
}

/// Whether an array has a value for each row, or one for all.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Extent {
    Each,
    All,
}

impl Inputs {
    /// Borrows the rasters.
    pub(crate) fn views(&self, name: &str) -> Result<Vec<(RasterArrayView<'_>, Extent)>> {
        let views = self.rasters.iter().map(|(array, extent)| Ok((RasterArrayView::try_from(array)?, *extent)));
        let views = views.collect::<ndraster::Result<_>>();
        views.map_err(|error| failed(name, None, &error))
    }

    /// Returns the rasters, with a copy of each misaligned payload. All rows of the batch must be valid rasters.
    pub(crate) fn aligned(&self, name: &str) -> Result<Vec<(RasterArray, Extent)>> {
        let columns =
            self.rasters.iter().map(|(array, extent)| Ok((RasterArray::try_from(array)?.to_aligned()?, *extent)));
        columns.collect::<ndraster::Result<_>>().map_err(|error| failed(name, None, &error))
    }

    /// Returns the arguments of a row, or `None` for a batch without rows.
    pub(crate) fn arguments(&self, row: usize) -> Option<Vec<(&dyn Array, usize)>> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for (array, extent) in &self.arguments {
            let row = if *extent == Extent::All { 0 } else { row };
            values.push((array.as_ref(), (row < array.len()).then_some(row)?));
        }
        Some(values)
    }
}

/// Returns the message of a panic.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
