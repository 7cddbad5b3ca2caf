//! Defines `nd_ndvi`: the vegetation index.

use datafusion_expr::ScalarUDF;
use ndarray::Zip;
use ndraster::Raster;

use crate::band_key::BandKey;
use crate::raster_udf_with;

/// Returns the SQL function `nd_ndvi(raster, red, nir)`: the vegetation index `(nir - red) / (nir + red)` of two bands, as
/// float32.
///
/// A pixel is NaN, which is the nodata value of the result, where one of the bands is nodata or NaN, and where `nir + red` is 0.
///
/// The two bands need not have their dims in the same order. The query fails if a pixel of int64 or uint64 is beyond 2^53 and
/// float64 cannot hold it.
pub fn nd_ndvi() -> ScalarUDF {
    raster_udf_with("nd_ndvi", |raster, (red, nir): &(BandKey, BandKey)| {
        let matrix = |band: &BandKey| band.find(raster)?.to_array_filled2(f64::NAN);
        let (red, nir) = (matrix(red)?, matrix(nir)?);
        let index = Zip::from(&red).and(&nir).map_collect(|red, nir| match nir + red {
            0.0 => f32::NAN,
            sum => ((nir - red) / sum) as f32,
        });
        Raster::from_ndarray(index)?.with_grid_of(raster)?.with_nodata(f32::NAN)
    })
}
