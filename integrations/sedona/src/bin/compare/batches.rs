//! A column as one array, in and out.

use arrow_array::StructArray;
use ndarray::{Array3, Array4};
use ndraster::{Pixel, RasterArray};
use ndraster_sedona::peer;
use sedona_raster::array::RasterStructArray;

use crate::fixed::{Corners, peer_corner};
use crate::measure::{medians, work};
use crate::report::Report;

/// A row of a batch takes so many nanoseconds at most, whatever its size.
const A_ROW: f64 = 50.0;

/// Batches beside the same rows one by one.
pub fn compare(report: &mut Report) {
    for (tiles, side) in [(10_000, 16), (1_000, 256)] {
        let what = format!("{tiles} tiles of {side}x{side} f32");
        let pixels = Array3::<f32>::ones((tiles, side, side)).into_shared();
        let bytes: &[u8] = bytemuck::cast_slice(pixels.as_slice().unwrap());
        let [ours, theirs] = medians([
            work(|| RasterArray::from_ndarray_batch(pixels.clone()).unwrap()),
            work(|| peer::copy(bytes.chunks_exact(side * side * 4), tiles, [side, side]).unwrap()),
        ]);
        report.ratio(&format!("{what} from one array"), 0.04, ours, theirs, "");
        report.time("  a row of it", A_ROW, ours / tiles as f64);
        let column = RasterArray::from_ndarray_batch(pixels.clone()).unwrap();
        let array = column.as_struct_array();
        let [ours, theirs] =
            medians([work(|| column.as_batch_view4::<f32>().unwrap().sum_of_corners()), work(|| scanned(array))]);
        report.ratio(&format!("{what} as one view"), 0.012, ours, theirs, "");
        let mut target = Array4::<f32>::zeros((tiles, 1, side, side));
        let mut other = target.clone();
        let [ours, memcpy] = medians([
            work(|| column.copy_batch_into(target.view_mut()).unwrap()),
            work(|| other.as_slice_mut().unwrap().copy_from_slice(pixels.as_slice().unwrap())),
        ]);
        report.ratio(&format!("{what} copied, beside memcpy"), 1.3, ours, memcpy, "");
    }
    converted::<u8>(report, 1.1);
    converted::<u16>(report, 1.1);
}

/// All rows by the peer, one by one.
fn scanned(array: &StructArray) -> u64 {
    let rasters = RasterStructArray::try_new(array).unwrap();
    (0..rasters.len()).map(|row| peer::read_band(&rasters.get(row).unwrap(), peer_corner).unwrap()).sum::<u64>()
}

/// Images to floats, beside a clone of the floats.
fn converted<T: Pixel>(report: &mut Report, goal: f64) {
    let images = RasterArray::from_ndarray_batch(Array4::<T>::default((64, 3, 128, 128))).unwrap();
    let floats = images.to_batch_cast::<f32>().unwrap();
    let [ours, clone] = medians([work(|| images.to_batch_cast::<f32>().unwrap()), work(|| floats.clone())]);
    report.ratio(&format!("64 images of 3 bands, {} as float32", T::PIXEL_TYPE), goal, ours, clone, "");
}
