//! Adds up pixels as fast as memory delivers them.

use std::borrow::Cow;

use ndarray::ArrayViewD;
use ndraster::{BandRef, Pixel, Result};

use crate::functions::statistics::counts;

/// The number of pixels that are read twice, so few that they stay in the cache.
const PART: usize = 1024;

/// Returns the sum of the pixels that are neither nodata nor NaN, and their number.
#[inline(never)] // Ten of them in one function take minutes to compile.
pub(super) fn sum<T: Pixel>(band: &BandRef<'_>, pixels: &ArrayViewD<'_, T>) -> Result<(f64, u64)> {
    let (counts, is_valid) = (counts::<T>(band)?, band.is_valid::<T>()?);
    let has_nodata = band.nodata_bytes().is_some();
    let (mut sum, mut count) = (0.0, 0);
    for run in runs(pixels) {
        for part in run.chunks(PART) {
            let valid = if has_nodata { number_of(part, is_valid) } else { part.len() };
            // Most parts are either all valid or all nodata.
            let part_sum = match valid {
                0 => 0.0,
                all if all == part.len() => add_up(part, T::to_f64),
                _ => add_up(part, |pixel| if is_valid(pixel) { pixel.to_f64() } else { 0.0 }),
            };
            // NaN comes of a NaN pixel, or of infinite ones of both signs. Looking for NaN beforehand would take longer.
            if part_sum.is_nan() {
                sum += add_up(part, |pixel| if counts(pixel) { pixel.to_f64() } else { 0.0 });
                count += number_of(part, counts);
            } else {
                sum += part_sum;
                count += valid;
            }
        }
    }
    Ok((sum, count as u64))
}

/// Returns the sum of the integers that are not nodata, and their number. The sum is exact until it becomes float64.
pub(super) fn exact_sum<T: Pixel + Into<i128>>(band: &BandRef<'_>, pixels: &ArrayViewD<'_, T>) -> Result<(f64, u64)> {
    let is_valid = band.is_valid::<T>()?;
    let valid = pixels.iter().copied().filter(|pixel| is_valid(*pixel));
    let (sum, count) = valid.fold((0i128, 0), |(sum, count), pixel| (sum + pixel.into(), count + 1));
    Ok((sum as f64, count))
}

/// Iterates over all pixels, in runs that lie in memory without gaps: the whole array, or else its rows.
fn runs<'a, T: Pixel>(pixels: &'a ArrayViewD<'_, T>) -> impl Iterator<Item = Cow<'a, [T]>> {
    let whole = pixels.as_slice_memory_order();
    let rows = whole.is_none().then(|| pixels.rows().into_iter());
    let rows = rows.into_iter().flatten().map(|row| match row.to_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(row.to_vec()),
    });
    whole.map(Cow::Borrowed).into_iter().chain(rows)
}

fn number_of<T: Copy>(pixels: &[T], test: impl Fn(T) -> bool) -> usize {
    pixels.iter().filter(|pixel| test(**pixel)).count()
}

/// Adds up in eight sums that do not depend on each other, so that the additions overlap.
fn add_up<T: Copy>(pixels: &[T], value: impl Fn(T) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let (chunks, rest) = pixels.as_chunks::<8>();
    for chunk in chunks {
        for (sum, pixel) in sums.iter_mut().zip(chunk) {
            *sum += value(*pixel);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|pixel| value(*pixel)).sum::<f64>()
}
