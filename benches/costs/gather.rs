//! Pixels into C order: into warm memory of the caller's, and into memory that is made for them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group};
use ndraster::ndarray::{ArrayD, IxDyn, Slice};
use ndraster::{Band, MemoryLayout, Pixel, Raster};

criterion_group!(costs, matrices, interleaved, cuts);

/// A band whose memory has a shape and is seen with permuted axes.
fn band<T: Pixel + From<u8>>(shape: &[usize], axes: &[usize]) -> Raster {
    let pixels = (0..shape.iter().product::<usize>()).map(|i| T::from((i % 251) as u8)).collect();
    let array = ArrayD::from_shape_vec(shape, pixels).unwrap().permuted_axes(IxDyn(axes));
    let names: Vec<String> = (0..array.ndim()).map(|axis| format!("d{axis}")).collect();
    let band = Band::from_ndarray_with(array, MemoryLayout::AsIs).unwrap();
    let [.., y, x] = names.as_slice() else { unreachable!("every case has two axes or more") };
    Raster::from_bands_with_spatial_dims([band.with_dim_names(&names).unwrap()], x, y).unwrap()
}

fn compare<T: Pixel>(criterion: &mut Criterion, name: &str, raster: &Raster) {
    let view = raster.as_array_view::<T>().unwrap();
    let mut target = ArrayD::<T>::default(view.raw_dim());
    let packed = raster.to_array::<T>().unwrap();
    let packed = packed.as_slice().unwrap();
    let mut group = criterion.benchmark_group(format!("gather/{name} {}", T::PIXEL_TYPE));
    group.sample_size(20).throughput(Throughput::Bytes(size_of_val(packed) as u64));
    group.bench_function("copy_into", |bencher| bencher.iter(|| raster.copy_into(target.view_mut()).unwrap()));
    group.bench_function("ndarray assign", |bencher| bencher.iter(|| target.assign(black_box(&view))));
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| target.as_slice_mut().unwrap().copy_from_slice(black_box(packed)));
    });
    group.bench_function("to_array, fresh", |bencher| bencher.iter(|| raster.to_array::<T>().unwrap()));
    group.bench_function("memcpy, fresh", |bencher| bencher.iter(|| black_box(packed).to_vec()));
}

fn matrices(criterion: &mut Criterion) {
    for [height, width] in [[1024, 1024], [1000, 1100], [4096, 4096]] {
        let name = format!("{height}x{width} transposed");
        compare::<u8>(criterion, &name, &band::<u8>(&[height, width], &[1, 0]));
        compare::<u16>(criterion, &name, &band::<u16>(&[height, width], &[1, 0]));
        compare::<f32>(criterion, &name, &band::<f32>(&[height, width], &[1, 0]));
        compare::<f64>(criterion, &name, &band::<f64>(&[height, width], &[1, 0]));
    }
}

fn interleaved(criterion: &mut Criterion) {
    for bands in [3, 4, 8, 12, 13] {
        let split = format!("512x512x{bands} to bands");
        let axes = &[2, 0, 1];
        compare::<u8>(criterion, &split, &band::<u8>(&[512, 512, bands], axes));
        compare::<u16>(criterion, &split, &band::<u16>(&[512, 512, bands], axes));
        compare::<f32>(criterion, &split, &band::<f32>(&[512, 512, bands], axes));
        let join = format!("{bands} bands to 512x512x{bands}");
        let axes = &[1, 2, 0];
        compare::<u8>(criterion, &join, &band::<u8>(&[bands, 512, 512], axes));
        compare::<u16>(criterion, &join, &band::<u16>(&[bands, 512, 512], axes));
        compare::<f32>(criterion, &join, &band::<f32>(&[bands, 512, 512], axes));
    }
    compare::<f32>(criterion, "(t,y,x) to (x,y,t) 12x512x512", &band::<f32>(&[12, 512, 512], &[2, 1, 0]));
}

fn cuts(criterion: &mut Criterion) {
    cuts_of::<u8>(criterion);
    cuts_of::<u16>(criterion);
    cuts_of::<f32>(criterion);
}

fn cuts_of<T: Pixel + From<u8>>(criterion: &mut Criterion) {
    let whole = band::<T>(&[2048, 2048], &[0, 1]);
    let every = |dim, step| whole.slice_dim(dim, Slice::new(0, None, step)).unwrap();
    let window = whole.slice_dim("d0", 300..1700).unwrap().slice_dim("d1", 201..1601).unwrap();
    compare::<T>(criterion, "window", &window);
    compare::<T>(criterion, "every other row", &every("d0", 2));
    for step in [2, 3, 4, -1] {
        compare::<T>(criterion, &format!("columns by steps of {step}"), &every("d1", step));
    }
}
