//! Rows of a column into array views.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group};
use ndraster::arrow_array::StructArray;
use ndraster::ndarray::{Array2, Slice};
use ndraster::{Band, Raster, RasterArray};

use ndraster_benches as tiles;

criterion_group!(costs, one, in_hand, scan, by_bands);

fn one(criterion: &mut Criterion) {
    let raster = Raster::from_ndarray(Array2::<f32>::zeros((256, 256))).unwrap();
    let mut given = Some(StructArray::from(raster));
    criterion.bench_function("read/StructArray row to ArrayViewD", |bencher| {
        bencher.iter(|| {
            let column = RasterArray::try_from(given.take().unwrap()).unwrap();
            black_box(column.get(0).unwrap().as_array_view::<f32>().unwrap());
            given = Some(StructArray::from(column));
        });
    });
}

fn in_hand(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read/in hand");
    let raster = Raster::from_ndarray(Array2::<f32>::zeros((256, 256))).unwrap();
    let backwards = raster.slice_dim("y", Slice::new(0, None, -2)).unwrap();
    for (name, raster) in [("identity", raster), ("through a view", backwards)] {
        let raster = raster.as_ref();
        group.bench_function(format!("{name} to ArrayViewD"), |bencher| {
            bencher.iter(|| black_box(black_box(&raster).as_array_view::<f32>().unwrap().dim()));
        });
        group.bench_function(format!("{name} to ArrayView2"), |bencher| {
            bencher.iter(|| black_box(black_box(&raster).as_array_view2::<f32>().unwrap().dim()));
        });
    }
}

fn scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read/scan by tiles");
    for count in [10, 10_000, 1_000_000] {
        let column = tiles::column(count);
        group.sample_size(20).bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| {
                let corner = |raster: ndraster::RasterRef<'_>| raster.as_array_view2::<f32>().unwrap()[[0, 0]];
                column.iter().flatten().map(corner).sum::<f32>()
            });
        });
    }
}

fn by_bands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read/all bands by bands");
    let array = Array2::<f32>::zeros((16, 16)).into_shared();
    for bands in [1, 4, 10, 100, 1000] {
        let new = |_| Band::from_ndarray(array.clone()).unwrap();
        let raster = Raster::from_bands((0..bands).map(new)).unwrap();
        group.bench_function(BenchmarkId::from_parameter(bands), |bencher| {
            let corner =
                |band: ndraster::Result<ndraster::BandRef<'_>>| band?.as_array_view2::<f32>().map(|a| a[[0, 0]]);
            bencher.iter(|| raster.bands().map(corner).sum::<ndraster::Result<f32>>().unwrap());
        });
    }
}
