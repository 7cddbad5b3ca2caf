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
    small(3.0).run::<f32>(report);
    small(3.0).run::<f64>(report);
    small(3.0).run::<u16>(report);
    small(4.5).run::<u8>(report);
    let large = |goal| matrix("4096x4096 transposed", goal, &[4096, 4096]);
    large(5.0).run::<f32>(report);
    large(5.0).run::<f64>(report);
    large(7.0).run::<u8>(report);
    matrix("1000x1100 transposed", 1.7, &[1000, 1100]).run::<f32>(report);
    interleaved(report);
    Case { what: "(t,y,x) to (x,y,t), 12x512x512", goal: 3.5, shape: &[12, 512, 512], axes: &[2, 1, 0], cut: &[] }
        .run::<f32>(report);
    cuts(report);
}

fn interleaved(report: &mut Report) {
    let split = |what, goal, shape| Case { what, goal, shape, axes: &[2, 0, 1], cut: &[] };
    let join = |what, goal, shape| Case { what, goal, shape, axes: &[1, 2, 0], cut: &[] };
    split("1024x1024x3 to 3 bands", 1.3, &[1024, 1024, 3]).run::<f32>(report);
    join("3 bands to 1024x1024x3", 1.3, &[3, 1024, 1024]).run::<f32>(report);
    split("1024x1024x4 to 4 bands", 1.3, &[1024, 1024, 4]).run::<f32>(report);
    join("4 bands to 1024x1024x4", 1.3, &[4, 1024, 1024]).run::<f32>(report);
    split("1024x1024x4 to 4 bands", 1.3, &[1024, 1024, 4]).run::<u8>(report);
    join("4 bands to 1024x1024x4", 1.3, &[4, 1024, 1024]).run::<u8>(report);
    split("512x512x13 to 13 bands", 2.0, &[512, 512, 13]).run::<f32>(report);
    join("13 bands to 512x512x13", 2.0, &[13, 512, 512]).run::<f32>(report);
    split("512x512x13 to 13 bands", 2.0, &[512, 512, 13]).run::<u16>(report);
    join("13 bands to 512x512x13", 2.0, &[13, 512, 512]).run::<u16>(report);
    split("512x512x13 to 13 bands", 2.0, &[512, 512, 13]).run::<u8>(report);
    join("13 bands to 512x512x13", 2.0, &[13, 512, 512]).run::<u8>(report);
    split("1024x1024x3 to 3 bands", 3.2, &[1024, 1024, 3]).run::<u8>(report);
    join("3 bands to 1024x1024x3", 3.0, &[3, 1024, 1024]).run::<u8>(report);
}

fn cuts(report: &mut Report) {
    let shape = &[2048, 2048];
    let cut = |what, goal, cut| Case { what, goal, shape, axes: &[0, 1], cut };
    let window = [(0, Slice::new(300, Some(1700), 1)), (1, Slice::new(201, Some(1601), 1))];
    cut("window 1400x1400", 1.15, &window).run::<f32>(report);
    cut("window 1400x1400", 1.15, &window).run::<u8>(report);
    let every_other = [(0, Slice::new(0, None, 2))];
    cut("every other row", 1.15, &every_other).run::<f32>(report);
    let upside_down = [(0, Slice::new(0, None, -1))];
    cut("rows backwards", 1.15, &upside_down).run::<f32>(report);
    let mirrored = [(1, Slice::new(0, None, -1))];
    cut("columns backwards", 1.3, &mirrored).run::<f32>(report);
    cut("columns backwards", 2.0, &mirrored).run::<u8>(report);
}
