//! Defines `nd_mean`, `nd_min_max` and `nd_count_valid`: statistics of the pixels that are neither nodata nor NaN.

use datafusion_expr::ScalarUDF;
use ndarray::ArrayViewD;
use ndraster::{AnyArrayView, BandRef, Error, Pixel, Result, dispatch};

use crate::band_key::BandKey;
use crate::functions::min_max::MinMax;
use crate::functions::sum::{exact_sum, sum};
use crate::raster_udf_with;

/// Returns the SQL function `nd_mean(raster [, band])`: the mean of the pixels that are neither nodata nor NaN, as float64.
///
/// The result is null if there are none. Pixels of int64 and uint64 are added up exactly, and all others as float64.
pub fn nd_mean() -> ScalarUDF {
    raster_udf_with("nd_mean", |raster, (band,): &(Option<BandKey>,)| {
        let band = BandKey::find_or_only(band.as_ref(), raster)?;
        let (sum, count) = match band.to_any_cow_array()?.view() {
            AnyArrayView::Int64(pixels) => exact_sum(&band, &pixels)?,
            AnyArrayView::UInt64(pixels) => exact_sum(&band, &pixels)?,
            view => dispatch!(view, pixels => sum(&band, &pixels)?),
        };
        Ok((count > 0).then(|| sum / count as f64))
    })
}

/// Returns the SQL function `nd_min_max(raster [, band])`: a struct of the least and the largest pixel that are neither nodata
/// nor NaN, `min` and `max`, as float64.
///
/// The result is null if there are none. If float64 cannot hold one of the two, which is possible for int64 and uint64 beyond
/// 2^53, the query fails.
pub fn nd_min_max() -> ScalarUDF {
    raster_udf_with("nd_min_max", |raster, (band,): &(Option<BandKey>,)| {
        let band = BandKey::find_or_only(band.as_ref(), raster)?;
        dispatch!(band.to_any_cow_array()?.view(), pixels => min_max(&band, &pixels))
    })
}

/// Returns the SQL function `nd_count_valid(raster [, band])`: the number of pixels that are neither nodata nor NaN, as int64.
pub fn nd_count_valid() -> ScalarUDF {
    raster_udf_with("nd_count_valid", |raster, (band,): &(Option<BandKey>,)| {
        let band = BandKey::find_or_only(band.as_ref(), raster)?;
        dispatch!(band.to_any_cow_array()?.view(), pixels => count(&band, &pixels))
    })
}

/// Returns a test for pixels: are they neither nodata nor NaN?
pub(super) fn counts<T: Pixel>(band: &BandRef<'_>) -> Result<impl Fn(T) -> bool + Copy + use<T>> {
    let is_valid = band.is_valid::<T>()?;
    Ok(move |pixel: T| is_valid(pixel) && !pixel.to_f64().is_nan())
}

#[inline(never)] // See `sum`.
fn count<T: Pixel>(band: &BandRef<'_>, pixels: &ArrayViewD<'_, T>) -> Result<i64> {
    let counts = counts(band)?;
    Ok(pixels.iter().filter(|pixel| counts(**pixel)).count() as i64)
}

#[inline(never)] // See `sum`.
fn min_max<T: Pixel>(band: &BandRef<'_>, pixels: &ArrayViewD<'_, T>) -> Result<Option<MinMax>> {
    let counts = counts(band)?;
    let range = pixels.iter().copied().filter(|pixel| counts(*pixel)).fold(None, |range, pixel| match range {
        None => Some((pixel, pixel)),
        Some((min, max)) => Some((if pixel < min { pixel } else { min }, if pixel > max { pixel } else { max })),
    });
    let Some((min, max)) = range else { return Ok(None) };
    Ok(Some(MinMax { min: exact("least pixel", min)?, max: exact("largest pixel", max)? }))
}

/// Converts a pixel to float64, unless that rounds it.
pub(super) fn exact<T: Pixel>(which: &str, pixel: T) -> Result<f64> {
    let value = pixel.to_f64();
    if T::from_f64(value) == Some(pixel) {
        return Ok(value);
    }
    let pixel_type = T::PIXEL_TYPE;
    Err(Error::other(format!(
        "the {which} is {pixel:?}, which float64 cannot hold: a function of your own, made by `raster_udf`, can \
         return it as {pixel_type}"
    )))
}
