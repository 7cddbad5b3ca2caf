//! Arrays into rasters.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group};
use ndraster::arrow_array::StructArray;
use ndraster::ndarray::{ArcArray2, Array2};
use ndraster::{Band, Raster};

criterion_group!(costs, by_size, by_bands, setters);

/// A handle of the array stands for the array, so that making one is not in the time.
fn shared(width: usize) -> ArcArray2<f32> {
    Array2::zeros((256, width)).into_shared()
}

fn by_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write/from_ndarray by bytes");
    for width in [1, 1 << 10, 1 << 15, 1 << 20] {
        let array = shared(width);
        let wrap = || Raster::from_ndarray(black_box(&array).clone()).unwrap();
        group.bench_function(BenchmarkId::new("Raster", array.len() * 4), |bencher| bencher.iter(wrap));
        group.bench_function(BenchmarkId::new("StructArray", array.len() * 4), |bencher| {
            bencher.iter(|| StructArray::from(wrap()));
        });
    }
}

fn by_bands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write/from_bands by bands");
    let array = shared(256);
    for bands in [1, 4, 10, 100, 1000] {
        group.bench_function(BenchmarkId::from_parameter(bands), |bencher| {
            let new = || Band::from_ndarray(black_box(&array).clone()).unwrap();
            bencher.iter(|| StructArray::from(Raster::from_bands((0..bands).map(|_| new())).unwrap()));
        });
    }
}

fn setters(criterion: &mut Criterion) {
    let raster = Raster::from_ndarray(shared(256)).unwrap();
    criterion.bench_function("write/with_crs", |bencher| {
        let mut kept = Some(Raster::from_ndarray(shared(256)).unwrap());
        bencher.iter(|| kept = kept.take().map(|raster| raster.with_crs("EPSG:4326")));
    });
    criterion.bench_function("write/window", |bencher| {
        bencher.iter(|| black_box(&raster).window(10..50, 20..90).unwrap());
    });
}
