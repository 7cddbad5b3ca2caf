//! Copies that cannot be avoided, into warm memory of the caller's, beside ndarray and memcpy.

use std::cell::RefCell;

use ndarray::{ArrayD, ArrayViewD, IxDyn, Slice};
use ndraster::{Band, MemoryLayout, Pixel, Raster};

use crate::measure::{medians, work};
use crate::report::Report;

/// A layout to bring into C order: memory of some shape, seen with permuted axes, cut.
struct Case<'a> {
    what: &'a str,
    /// At most so many times memcpy.
    goal: f64,
    shape: &'a [usize],
    axes: &'a [usize],
    cut: &'a [(usize, Slice)],
}

impl Case<'_> {
    fn run<T: Pixel + From<u8>>(&self, report: &mut Report) {
        let len: usize = self.shape.iter().product();
        let pixels = (0..len).map(|i| T::from((i % 251) as u8)).collect();
        let array = ArrayD::from_shape_vec(self.shape, pixels).unwrap().permuted_axes(IxDyn(self.axes));
        let names: Vec<String> = (0..array.ndim()).map(|axis| format!("d{axis}")).collect();
        let band = Band::from_ndarray_with(array, MemoryLayout::AsIs).unwrap();
        let [.., y, x] = names.as_slice() else { unreachable!("every case has two axes or more") };
        let bands = [band.with_dim_names(&names).unwrap()];
        let mut raster = Raster::from_bands_with_spatial_dims(bands, x, y).unwrap();
        for &(axis, slice) in self.cut {
            raster = raster.slice_dim(&format!("d{axis}"), slice).unwrap();
        }
        let view: ArrayViewD<'_, T> = raster.as_array_view::<T>().unwrap();
        // One target for all, since where memory lies makes a difference.
        let target = RefCell::new(ArrayD::<T>::default(view.raw_dim()));
        let packed = raster.to_array::<T>().unwrap();
        assert_eq!(packed, view);
        let [ours, by_ndarray, memcpy] = medians([
            work(|| raster.copy_into(target.borrow_mut().view_mut()).unwrap()),
            work(|| target.borrow_mut().assign(&view)),
            work(|| target.borrow_mut().as_slice_mut().unwrap().copy_from_slice(packed.as_slice().unwrap())),
        ]);
        let what = format!("{} {}", self.what, T::PIXEL_TYPE);
        let others = format!("ndarray {:.1} x", by_ndarray / memcpy);
        report.ratio(
            &what,
            self.goal,
            ours,
            memcpy,
            &format!("{others}, {:.1} GB/s", packed.len() as f64 * size_of::<T>() as f64 / ours),
        );
    }
}

/// The copies of the table.
pub fn compare(report: &mut Report) {
    let matrix = |what, goal, shape| Case { what, goal, shape, axes: &[1, 0], cut: &[] };
    let small = |goal| matrix("1024x1024 transposed", goal, &[1024, 1024]);
    small(3.6).run::<u8>(report);
    small(3.3).run::<u16>(report);
    small(3.6).run::<f32>(report);
    small(3.0).run::<f64>(report);
    let large = |goal| matrix("4096x4096 transposed", goal, &[4096, 4096]);
    large(6.4).run::<u8>(report);
    large(2.3).run::<f32>(report);
    large(1.8).run::<f64>(report);
    matrix("1000x1100 transposed", 1.7, &[1000, 1100]).run::<f32>(report);
    bands::<u8>(report, &[3, 4], [1.4; 2]);
    bands::<u8>(report, &[8], [2.5; 2]);
    bands::<u8>(report, &[13], [3.0, 4.0]);
    bands::<u16>(report, &[8, 12, 13], [2.5; 2]);
    bands::<f32>(report, &[3, 4], [1.3, 1.2]);
    bands::<f32>(report, &[13], [2.0; 2]);
    Case { what: "(t,y,x) to (x,y,t), 12x512x512", goal: 3.1, shape: &[12, 512, 512], axes: &[2, 1, 0], cut: &[] }
        .run::<f32>(report);
    cuts(report);
}

/// Interleaved bands apart and together, with the goals of both.
fn bands<T: Pixel + From<u8>>(report: &mut Report, counts: &[usize], [apart, together]: [f64; 2]) {
    for &count in counts {
        let extent = if count > 4 { 512 } else { 1024 };
        let what = format!("{extent}x{extent}, {count} bands apart");
        Case { what: &what, goal: apart, shape: &[extent, extent, count], axes: &[2, 0, 1], cut: &[] }.run::<T>(report);
        let what = format!("{extent}x{extent}, {count} bands together");
        Case { what: &what, goal: together, shape: &[count, extent, extent], axes: &[1, 2, 0], cut: &[] }
            .run::<T>(report);
    }
}

fn cuts(report: &mut Report) {
    let shape = &[2048, 2048];
    let cut = |what, goal, cut| Case { what, goal, shape, axes: &[0, 1], cut };
    let window = [(0, Slice::new(300, Some(1700), 1)), (1, Slice::new(201, Some(1601), 1))];
    cut("window 1400x1400", 1.4, &window).run::<u8>(report);
    cut("window 1400x1400", 1.15, &window).run::<f32>(report);
    let every_other = [(0, Slice::new(0, None, 2))];
    cut("every other row", 1.15, &every_other).run::<f32>(report);
    let upside_down = [(0, Slice::new(0, None, -1))];
    cut("rows backwards", 1.15, &upside_down).run::<f32>(report);
    let second = [(1, Slice::new(0, None, 2))];
    cut("every 2nd column", 2.0, &second).run::<u8>(report);
    cut("every 2nd column", 2.0, &second).run::<u16>(report);
    let third = [(1, Slice::new(0, None, 3))];
    cut("every 3rd column", 3.0, &third).run::<u8>(report);
    let mirrored = [(1, Slice::new(0, None, -1))];
    cut("columns backwards", 1.5, &mirrored).run::<u8>(report);
    cut("columns backwards", 1.3, &mirrored).run::<f32>(report);
}
