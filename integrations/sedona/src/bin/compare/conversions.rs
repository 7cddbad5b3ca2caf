//! Pixels of one type into another, beside a clone of the result.

use ndarray::{Array2, ArrayD};
use ndraster::{Pixel, Raster};

use crate::measure::{Work, medians, work};
use crate::report::Report;

/// Numbers up to 250, every 251st of them 251.
fn raster<P: Pixel + From<u8>>() -> Raster {
    let mut numbers = (0..=251u8).cycle();
    let pixels = Array2::from_shape_simple_fn((1024, 1024), || P::from(numbers.next().unwrap_or_default()));
    Raster::from_ndarray(pixels).unwrap()
}

fn beside<T: Clone>(report: &mut Report, what: &str, goal: f64, result: &ArrayD<T>, ours: Work<'_>) {
    let pixels = result.as_slice().unwrap();
    let [ours, clone] = medians([ours, work(|| pixels.to_vec())]);
    let others = format!("{:.1} GB/s", size_of_val(pixels) as f64 / ours);
    report.ratio(&format!("1024x1024 {what}"), goal, ours, clone, &others);
}

fn cast<P: Pixel + From<u8>, T: Pixel>(report: &mut Report, goal: f64) {
    let raster = raster::<P>();
    let what = format!("{} as {}", P::PIXEL_TYPE, T::PIXEL_TYPE);
    let result = raster.to_array_cast::<T>().unwrap();
    beside(report, &what, goal, &result, work(|| raster.to_array_cast::<T>().unwrap()));
}

fn exact<P: Pixel + From<u8>, T: Pixel>(report: &mut Report, goal: f64) {
    let raster = raster::<P>();
    let what = format!("{} exactly {}", P::PIXEL_TYPE, T::PIXEL_TYPE);
    let result = raster.to_array_exact::<T>().unwrap();
    beside(report, &what, goal, &result, work(|| raster.to_array_exact::<T>().unwrap()));
}

fn nodata<P: Pixel + From<u8>>(report: &mut Report, nodata: P) {
    let raster = raster::<P>().with_nodata(nodata).unwrap();
    let what = format!("{}, nodata {nodata:?}", P::PIXEL_TYPE);
    let filled = raster.to_array_filled(f32::NAN).unwrap();
    beside(report, &format!("{what}, filled(NaN)"), 1.5, &filled, work(|| raster.to_array_filled(f32::NAN).unwrap()));
    let mask = raster.valid_mask().unwrap().unwrap();
    beside(report, &format!("{what}, valid_mask"), 2.0, &mask, work(|| raster.valid_mask().unwrap().unwrap()));
}

/// The conversions of the table.
pub fn compare(report: &mut Report) {
    cast::<i16, f32>(report, 1.1);
    cast::<u16, f32>(report, 1.1);
    cast::<u8, f32>(report, 1.1);
    cast::<f32, f64>(report, 1.1);
    exact::<i16, f32>(report, 1.1);
    exact::<u16, u8>(report, 4.0);
    exact::<f32, u8>(report, 9.0);
    nodata::<i16>(report, 251);
    nodata::<f32>(report, f32::NAN);
}
