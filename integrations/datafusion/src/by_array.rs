//! Functions that compute a whole batch at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_schema::Field;
use datafusion_common::{Result, exec_datafusion_err, exec_err};
use ndraster::{ErrorKind, RasterArray, RasterArrayBuilder, RasterRef, RasterType};

use crate::errors::failed;
use crate::kernel::{Inputs, Kernel, panic_message};

/// A closure over all rasters of a batch.
pub(crate) struct ByArray<F> {
    pub(crate) f: F,
    /// Whether it gets the null rows too.
    pub(crate) takes_nulls: bool,
}

impl<F: Fn(&RasterArray) -> ndraster::Result<RasterArray> + Send + Sync> Kernel for ByArray<F> {
    fn field(&self, name: &str) -> Field {
        RasterType::field(name)
    }

    fn run(&self, name: &str, inputs: &Inputs) -> Result<ArrayRef> {
        let Some((array, _)) = inputs.rasters.first() else {
            return exec_err!("{name}: a raster is expected");
        };
        let failed = |error: ndraster::Error| failed(name, None, &error);
        let all = RasterArray::try_from(array).map_err(failed)?;
        let has_nulls = !self.takes_nulls && all.iter().any(|raster| raster.is_none());
        let rasters = if has_nulls { rows(all.iter().flatten().map(Some)).map_err(failed)? } else { all.clone() };
        let mut result = self.call(name, &rasters)?;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Misaligned) {
            result = self.call(name, &rasters.to_aligned().map_err(failed)?)?;
        }
        let result = result.and_then(|result| result.to_canonical()).map_err(failed)?;
        let (expected, found) = (rasters.len(), result.len());
        if found != expected {
            return exec_err!(
                "{name}: the function gives {found} rasters for {expected}: return one for each, or null"
            );
        }
        let result = if has_nulls {
            let mut results = result.iter();
            rows(all.iter().map(|raster| raster.and_then(|_| results.next().flatten()))).map_err(failed)?
        } else {
            result
        };
        Ok(Arc::new(StructArray::from(result)))
    }
}

/// Makes a column of rows, which share their payloads.
fn rows<'a>(rows: impl Iterator<Item = Option<RasterRef<'a>>>) -> ndraster::Result<RasterArray> {
    let mut column = RasterArrayBuilder::new();
    for raster in rows {
        match raster {
            Some(raster) => column.append(raster)?,
            None => column.append_null(),
        }
    }
    column.finish()
}

impl<F: Fn(&RasterArray) -> ndraster::Result<RasterArray>> ByArray<F> {
    /// Calls the closure, which never sees a column without rows.
    fn call(&self, name: &str, rasters: &RasterArray) -> Result<ndraster::Result<RasterArray>> {
        if rasters.is_empty() {
            return Ok(Ok(rasters.clone()));
        }
        catch_unwind(AssertUnwindSafe(|| (self.f)(rasters))).map_err(|panic| {
            let message = panic_message(panic.as_ref());
            exec_datafusion_err!("{name}: the function panicked: {message}")
        })
    }
}
