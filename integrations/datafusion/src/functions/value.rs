//! Defines `nd_value`: the pixel under a point on the ground.

use datafusion_expr::ScalarUDF;
use ndraster::{BandRef, Pixel, PixelType, Result};

use crate::band_key::BandKey;
use crate::functions::statistics::exact;
use crate::raster_udf_with;

/// Returns the SQL function `nd_value(raster, x, y [, band])`: the pixel under a point on the ground, as float64.
///
/// The point is in the raster's CRS. The result is null outside of the raster, for nodata, and for a point that is not finite,
/// as that of SedonaDB's `RS_Value(raster, ST_Point(x, y))` is. A point on an edge, to within the rounding error of its
/// coordinates, belongs to the pixel with the larger row or column. A band of more axes than x and y must have one index of each
/// other.
///
/// The query fails if float64 cannot hold the pixel, which is possible for int64 and uint64 beyond 2^53.
pub fn nd_value() -> ScalarUDF {
    raster_udf_with("nd_value", |raster, (x, y, band): &(f64, f64, Option<BandKey>)| {
        if !(x.is_finite() && y.is_finite()) {
            return Ok(None);
        }
        let band = BandKey::find_or_only(band.as_ref(), raster)?;
        let sample = match band.pixel_type() {
            PixelType::UInt8 => sample::<u8>,
            PixelType::UInt16 => sample::<u16>,
            PixelType::UInt32 => sample::<u32>,
            PixelType::UInt64 => sample::<u64>,
            PixelType::Int8 => sample::<i8>,
            PixelType::Int16 => sample::<i16>,
            PixelType::Int32 => sample::<i32>,
            PixelType::Int64 => sample::<i64>,
            PixelType::Float32 => sample::<f32>,
            PixelType::Float64 => sample::<f64>,
        };
        sample(&band, *x, *y)
    })
}

fn sample<T: Pixel>(band: &BandRef<'_>, x: f64, y: f64) -> Result<Option<f64>> {
    let pixel = band.sample::<T>(x, y)?;
    // NaN is not equal to itself, and needs no proof.
    pixel.map(|pixel| if pixel.to_f64().is_nan() { Ok(f64::NAN) } else { exact("pixel", pixel) }).transpose()
}
