//! Reads a band as a matrix of float64.

use ndarray::{Array2, Ix2};
use ndraster::{BandRef, Error, RasterRef, Result};

/// Copies the pixels of a band of two axes as float64, NaN for nodata. Rows are y and columns are x, whatever the order of the
/// dims. A pixel that float64 cannot hold is an error.
pub(super) fn matrix(raster: RasterRef<'_>, band: &BandRef<'_>) -> Result<Array2<f64>> {
    let (spatial, dims) = (raster.spatial_dims()?, band.dim_names());
    let wrong = || Error::other(format!("the band has {} axes, where two are expected, rows and columns", dims.len()));
    let pixels = band.to_array_filled(f64::NAN)?.into_dimensionality::<Ix2>().map_err(|_| wrong())?;
    match (spatial.as_slice(), dims) {
        ([x, y], [first, second]) if (y, x) == (first, second) => Ok(pixels),
        ([x, y], [first, second]) if (x, y) == (first, second) => Ok(pixels.reversed_axes()),
        _ => Err(wrong()),
    }
}
