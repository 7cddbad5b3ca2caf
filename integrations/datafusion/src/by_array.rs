//! Functions that compute a whole batch at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_schema::Field;
use datafusion_common::{Result, exec_datafusion_err, exec_err};
use ndraster::{ErrorKind, RasterArray, RasterType};

use crate::errors::failed;
use crate::kernel::{Inputs, Kernel, panic_message};

/// A closure over all rasters of a batch.
pub(crate) struct ByArray<F>(pub(crate) F);

impl<F: Fn(&RasterArray) -> ndraster::Result<RasterArray> + Send + Sync> Kernel for ByArray<F> {
    fn field(&self, name: &str) -> Field {
        RasterType::field(name)
    }

    fn run(&self, name: &str, inputs: &Inputs) -> Result<ArrayRef> {
        let Some((array, _)) = inputs.rasters.first() else {
            return exec_err!("{name}: a raster is expected");
        };
        let failed = |error: ndraster::Error| failed(name, None, &error);
        let rasters = RasterArray::try_from(array).map_err(failed)?;
        let mut result = self.call(name, &rasters)?;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Misaligned) {
            result = self.call(name, &rasters.to_aligned().map_err(failed)?)?;
        }
        let result = result.and_then(|result| result.to_canonical()).map_err(failed)?;
        if result.len() != rasters.len() {
            return exec_err!(
                "{name}: {} rasters for {} rows: return one for each, or null",
                result.len(),
                rasters.len()
            );
        }
        Ok(Arc::new(StructArray::from(result)))
    }
}

impl<F: Fn(&RasterArray) -> ndraster::Result<RasterArray>> ByArray<F> {
    fn call(&self, name: &str, rasters: &RasterArray) -> Result<ndraster::Result<RasterArray>> {
        catch_unwind(AssertUnwindSafe(|| (self.0)(rasters))).map_err(|panic| {
            let message = panic_message(panic.as_ref());
            exec_datafusion_err!("{name}: the function panicked: {message}")
        })
    }
}
