//! The same work by ndraster and by sedona-raster 0.5.0.

use std::hint::black_box;

use arrow_array::StructArray;
use arrow_buffer::Buffer;
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use ndraster::{Band, Raster, RasterArray, RasterArrayBuilder};
use ndraster_sedona::peer;
use sedona_raster::array::RasterStructArray;

criterion_main!(costs);
criterion_group!(costs, write, column, read, scan);

const EXTENTS: [usize; 2] = [256, 256];
const TILE: [usize; 2] = [16, 16];
const TILES: usize = 10_000;

fn write(criterion: &mut Criterion) {
    let array = Array2::<f32>::zeros(EXTENTS).into_shared();
    for bands in [1, 4] {
        let mut group = criterion.benchmark_group(format!("write {bands} band(s)"));
        group.bench_function("ndraster", |bencher| {
            let new = |_| Band::from_ndarray(array.clone()).unwrap();
            bencher.iter(|| Raster::from_bands((0..bands).map(new)).unwrap());
        });
        let buffers = vec![Buffer::from_vec(vec![0f32; EXTENTS[0] * EXTENTS[1]]); bands];
        group.bench_function("sedona-raster", |bencher| bencher.iter(|| peer::share(&buffers, EXTENTS).unwrap()));
    }
}

fn column(criterion: &mut Criterion) {
    let rasters: Vec<Raster> =
        (0..TILES).map(|tile| Raster::from_ndarray(Array2::from_elem(TILE, tile as f32)).unwrap()).collect();
    let rows: RasterArray = rasters.iter().cloned().collect();
    let mut group = criterion.benchmark_group("column of 10,000 tiles");
    group.sample_size(20);
    group.bench_function("ndraster, of rows", |bencher| {
        bencher.iter(|| {
            let mut column = RasterArrayBuilder::new();
            rows.iter().for_each(|row| column.append(row).unwrap());
            column.finish().unwrap()
        });
    });
    let bytes: Vec<&[u8]> = rasters.iter().map(|raster| raster.only_band().unwrap().source_data().unwrap()).collect();
    group.bench_function("sedona-raster, of bytes", |bencher| {
        bencher.iter(|| peer::copy(bytes.iter().copied(), TILES, TILE).unwrap());
    });
}

fn read(criterion: &mut Criterion) {
    let raster = Raster::from_ndarray(Array2::<f32>::zeros(EXTENTS)).unwrap();
    let array = StructArray::from(raster);
    let column = RasterArray::try_from(&array).unwrap();
    let mut group = criterion.benchmark_group("read");
    group.bench_function("ndraster, StructArray row to ArrayViewD", |bencher| {
        bencher.iter(|| {
            let column = RasterArray::try_from(&array).unwrap();
            black_box(column.get(0).unwrap().as_array_view::<f32>().unwrap().dim())
        });
    });
    group.bench_function("sedona-raster, StructArray row to nd_buffer", |bencher| {
        bencher.iter(|| peer::read_row(&array, |buffer| buffer.offset).unwrap());
    });
    let ours = column.get(0).unwrap();
    group.bench_function("ndraster, raster to ArrayView2", |bencher| {
        bencher.iter(|| black_box(black_box(&ours).as_array_view2::<f32>().unwrap().dim()));
    });
    let theirs = RasterStructArray::try_new(&array).unwrap();
    let theirs = theirs.get(0).unwrap();
    group.bench_function("sedona-raster, raster to nd_buffer", |bencher| {
        bencher.iter(|| peer::read_band(black_box(&theirs), |buffer| buffer.offset).unwrap());
    });
}

fn scan(criterion: &mut Criterion) {
    let tile = Raster::from_ndarray(Array2::<f32>::zeros(TILE)).unwrap();
    let column: RasterArray = (0..TILES).map(|_| tile.clone()).collect();
    let mut group = criterion.benchmark_group("scan of 10,000 tiles");
    group.bench_function("ndraster, ArrayView2", |bencher| {
        let corner = |raster: ndraster::RasterRef<'_>| raster.as_array_view2::<f32>().unwrap()[[0, 0]];
        bencher.iter(|| column.iter().flatten().map(corner).sum::<f32>());
    });
    group.bench_function("sedona-raster, nd_buffer", |bencher| {
        let corner = |buffer: &sedona_raster::traits::NdBuffer<'_>| u64::from(buffer.buffer[buffer.offset as usize]);
        bencher.iter(|| {
            let rasters = RasterStructArray::try_new(column.as_struct_array()).unwrap();
            let read = |row| peer::read_band(&rasters.get(row).unwrap(), corner).unwrap();
            (0..rasters.len()).map(read).sum::<u64>()
        });
    });
}
