//! What must hold on every machine: how much is allocated, and that memory is handed on and not copied.

use arrow_array::StructArray;
use arrow_buffer::Buffer;
use ndarray::Array2;
use ndraster::{Band, Raster, RasterArray};
use ndraster_sedona::peer;

use crate::measure::allocations;
use crate::report::Report;

const EXTENTS: [usize; 2] = [256, 256];

/// Allocations beside the peer's, and addresses.
pub fn check(report: &mut Report) {
    // What is built once a process is there.
    let array = StructArray::from(Raster::from_ndarray(Array2::<f32>::ones(EXTENTS)).unwrap());
    write(report, 1, 22);
    write(report, 4, 36);
    let column = RasterArray::try_from(&array).unwrap();
    let ours = allocations(|| column.get(0).unwrap().as_array_view::<f32>().unwrap()[[1, 1]]);
    let theirs = allocations(|| peer::read_row(&array, |buffer| buffer.offset).unwrap());
    report.allocations("allocations: a read", 0, ours, theirs);
    round_trip(report);
}

fn write(report: &mut Report, bands: usize, goal: usize) {
    let owned: Vec<_> = (0..bands).map(|_| Array2::<f32>::ones(EXTENTS)).collect();
    let addresses: Vec<_> = owned.iter().map(Array2::as_ptr).collect();
    let mut raster = None;
    let ours = allocations(|| {
        let made = Raster::from_bands(owned.into_iter().map(|array| Band::from_ndarray(array).unwrap())).unwrap();
        // A raster makes the arrays when they are asked for.
        std::hint::black_box(StructArray::from(made.clone()));
        raster = Some(made);
    });
    let buffers = vec![Buffer::from_vec(vec![1f32; EXTENTS[0] * EXTENTS[1]]); bands];
    let theirs = allocations(|| peer::share(&buffers, EXTENTS).unwrap());
    report.allocations(&format!("allocations: a raster of {bands} band(s)"), goal, ours, theirs);
    let raster = raster.unwrap();
    let same = |band: usize| raster.band(band).unwrap().as_array_view2::<f32>().unwrap().as_ptr() == addresses[band];
    report.must((0..bands).all(same), "from_bands moved an array's memory");
}

fn round_trip(report: &mut Report) {
    let array = Array2::<f32>::ones(EXTENTS);
    let address = array.as_ptr();
    let raster = Raster::try_from(StructArray::from(Raster::from_ndarray(array).unwrap())).unwrap();
    let array = raster.into_array::<f32>().unwrap();
    report.must(array.as_ptr() == address, "into_array gave other memory back");
}
