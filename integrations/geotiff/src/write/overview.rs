//! Makes the smaller images of a COG.

use ndraster::Pixel;
use ndraster::ndarray::{Array3, ArrayView2, Axis};

use crate::write::options::Resampling;

/// Makes an image of (band, y, x) of this shape, which lies on the same ground: its rows and columns divide those of
/// the image into equal parts, also where they are no multiples.
///
/// The nearest pixels come from the image itself, means from the overview before.
pub(crate) fn reduce<T: Pixel>(
    image: &[ArrayView2<'_, T>],
    before: Option<&Array3<T>>,
    [rows, cols]: [usize; 2],
    resampling: Resampling,
    nodata: Option<T>,
) -> Array3<T> {
    let mut smaller = Array3::from_elem((image.len(), rows, cols), T::default());
    let bands = image.iter().zip(smaller.outer_iter_mut()).enumerate();
    for (index, (whole, mut out)) in bands {
        match (resampling, before) {
            (Resampling::Nearest, _) => {
                let [from_rows, from_cols] = [centres(whole.nrows(), rows), centres(whole.ncols(), cols)];
                for (mut out, row) in out.rows_mut().into_iter().zip(from_rows) {
                    let line = whole.row(row);
                    out.iter_mut().zip(&from_cols).for_each(|(out, col)| *out = line[*col]);
                }
            }
            (Resampling::Average, Some(before)) => average(before.index_axis(Axis(0), index), &mut out, nodata),
            (Resampling::Average, None) => average(whole.view(), &mut out, nodata),
        }
    }
    smaller
}

/// The pixel under the centre of each part.
fn centres(len: usize, parts: usize) -> Vec<usize> {
    // In halves of a part, so that no rounding moves a pixel.
    (0..parts).map(|part| ((2 * part + 1) * len / (2 * parts)).min(len - 1)).collect()
}

/// Where each part begins, and where the last one ends: each pixel is in one part.
fn edges(len: usize, parts: usize) -> Vec<usize> {
    (0..=parts).map(|part| (2 * part * len + parts) / (2 * parts)).collect()
}

fn average<T: Pixel>(from: ArrayView2<'_, T>, out: &mut ndraster::ndarray::ArrayViewMut2<'_, T>, nodata: Option<T>) {
    let [row_edges, col_edges] = [edges(from.nrows(), out.nrows()), edges(from.ncols(), out.ncols())];
    let is_valid = |pixel: T| nodata.is_none_or(|nodata| pixel != nodata && !(is_nan(pixel) && is_nan(nodata)));
    for (mut out, rows) in out.rows_mut().into_iter().zip(row_edges.windows(2)) {
        for (out, cols) in out.iter_mut().zip(col_edges.windows(2)) {
            let (Some(&[top, bottom]), Some(&[left, right])) = (rows.first_chunk(), cols.first_chunk()) else {
                continue;
            };
            let pixels = from.slice(ndraster::ndarray::s![top..bottom, left..right]);
            let mean = mean(pixels.iter().copied().filter(|pixel| is_valid(*pixel)));
            // A mean of valid pixels stays valid: where it is the nodata value, the next one stands for it, as in GDAL.
            *out = match (mean, nodata) {
                (Some(mean), Some(nodata)) if !is_valid(mean) => next(nodata),
                (mean, nodata) => mean.or(nodata).unwrap_or_default(),
            };
        }
    }
}

#[allow(clippy::eq_op, reason = "only NaN differs from itself")]
fn is_nan<T: Pixel>(pixel: T) -> bool {
    pixel != pixel
}

/// The mean, rounded to the nearest pixel.
fn mean<T: Pixel>(pixels: impl Iterator<Item = T> + Clone) -> Option<T> {
    let first = pixels.clone().next()?;
    // Equal pixels have themselves as their mean, also those that no `f64` holds exactly.
    if pixels.clone().all(|pixel| pixel == first) {
        return Some(first);
    }
    let (sum, count) = pixels.fold((0.0, 0.0), |(sum, count), pixel| (sum + pixel.to_f64(), count + 1.0));
    Some(rounded(sum / count))
}

/// The next larger pixel, or the next smaller one for the largest.
fn next<T: Pixel>(pixel: T) -> T {
    macro_rules! next {
        ($($variant:ident $t:ident,)*) => {
            match T::PIXEL_TYPE {
                ndraster::PixelType::Float32 => {
                    let value: f32 = bytemuck::pod_read_unaligned(bytemuck::bytes_of(&pixel));
                    bytemuck::pod_read_unaligned(bytemuck::bytes_of(&value.next_up()))
                }
                ndraster::PixelType::Float64 => {
                    let value: f64 = bytemuck::pod_read_unaligned(bytemuck::bytes_of(&pixel));
                    bytemuck::pod_read_unaligned(bytemuck::bytes_of(&value.next_up()))
                }
                $(ndraster::PixelType::$variant => {
                    let value: $t = bytemuck::pod_read_unaligned(bytemuck::bytes_of(&pixel));
                    let next = value.checked_add(1).unwrap_or(value.wrapping_sub(1));
                    bytemuck::pod_read_unaligned(bytemuck::bytes_of(&next))
                })*
            }
        };
    }
    next!(UInt8 u8, Int8 i8, UInt16 u16, Int16 i16, UInt32 u32, Int32 i32, UInt64 u64, Int64 i64,)
}

/// The pixel nearest to a number.
fn rounded<T: Pixel>(number: f64) -> T {
    macro_rules! cast {
        ($($variant:ident $t:ident,)*) => {
            match T::PIXEL_TYPE {
                ndraster::PixelType::Float32 => bytemuck::pod_read_unaligned(bytemuck::bytes_of(&(number as f32))),
                ndraster::PixelType::Float64 => bytemuck::pod_read_unaligned(bytemuck::bytes_of(&number)),
                $(ndraster::PixelType::$variant => bytemuck::pod_read_unaligned(bytemuck::bytes_of(&(number.round() as $t))),)*
            }
        };
    }
    cast!(UInt8 u8, Int8 i8, UInt16 u16, Int16 i16, UInt32 u32, Int32 i32, UInt64 u64, Int64 i64,)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_centred_and_meet() {
        assert_eq!(centres(8, 4), [1, 3, 5, 7]);
        assert_eq!(centres(7, 4), [0, 2, 4, 6]);
        assert_eq!(centres(1, 1), [0]);
        assert_eq!(edges(8, 4), [0, 2, 4, 6, 8]);
        assert_eq!(edges(7, 4), [0, 2, 4, 5, 7]);
        for (len, parts) in [(37, 19), (1000, 3), (5, 5)] {
            let edges = edges(len, parts);
            assert_eq!((edges[0], edges[parts]), (0, len));
            assert!(edges.windows(2).all(|edge| edge[0] < edge[1]), "{edges:?}");
        }
    }

    #[test]
    fn means_leave_nodata_out() {
        assert_eq!(mean([1u8, 2].into_iter()), Some(2));
        assert_eq!(mean([-1i8, -2].into_iter()), Some(-2));
        assert_eq!(mean([u64::MAX; 3].into_iter()), Some(u64::MAX));
        let mean_of = |pixels: ndraster::ndarray::Array2<u8>, nodata| {
            let mut out = ndraster::ndarray::Array2::zeros((1, 1));
            average(pixels.view(), &mut out.view_mut(), Some(nodata));
            out[[0, 0]]
        };
        assert_eq!(mean_of(ndraster::ndarray::array![[99, 101], [101, 99]], 100), 101, "as GDAL has it");
        assert_eq!(mean_of(ndraster::ndarray::array![[254, 255], [255, 255]], 100), 255);
        assert_eq!(mean_of(ndraster::ndarray::array![[100, 255], [100, 100]], 100), 255);
        assert_eq!((next(255u8), next(-1i64), next(f32::MAX)), (254, 0, f32::INFINITY));
        let from = ndraster::ndarray::array![[1.0f32, f32::NAN], [3.0, f32::NAN]];
        let mut out = ndraster::ndarray::Array2::zeros((1, 2));
        average(from.view(), &mut out.view_mut(), Some(f32::NAN));
        assert_eq!(out[[0, 0]], 2.0);
        assert!(out[[0, 1]].is_nan());
    }
}
