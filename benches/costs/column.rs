//! Rasters into columns, and columns cut.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group};
use ndraster::ndarray::Array2;
use ndraster::{Raster, RasterArrayBuilder};

use ndraster_benches as tiles;

criterion_group!(costs, by_tiles, cut);

fn by_tiles(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("column/append by rows");
    for count in [10, 1_000, 10_000, 100_000, 1_000_000] {
        let rows = tiles::column(count);
        group.sample_size(10).bench_function(BenchmarkId::from_parameter(count), |bencher| {
            let append = || {
                let mut column = RasterArrayBuilder::new();
                rows.iter().for_each(|row| column.append(row).unwrap());
                column.finish().unwrap()
            };
            bencher.iter_with_large_drop(append);
        });
    }
    let rasters = tiles::rasters(10_000);
    group.bench_function("10000 rasters", |bencher| {
        let collect = |rasters: Vec<Raster>| rasters.into_iter().collect::<ndraster::RasterArray>();
        bencher.iter_batched(|| rasters.clone(), collect, BatchSize::PerIteration);
    });
}

fn cut(criterion: &mut Criterion) {
    let raster = Raster::from_ndarray(Array2::<f32>::zeros((1600, 1600))).unwrap();
    let mut group = criterion.benchmark_group("column/tiles");
    group.sample_size(20);
    group.bench_function("10000 tiles", |bencher| bencher.iter(|| black_box(&raster).tiles(16, 16).unwrap()));
    let tiles = raster.tiles(16, 16).unwrap();
    group.bench_function("10000 tiles to_standard", |bencher| bencher.iter(|| tiles.to_standard().unwrap()));
}
