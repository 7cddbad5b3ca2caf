//! Pixels of one type into another, beside a clone of the result.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group};
use ndraster::ndarray::{Array2, ArrayViewMut2, Slice, s};
use ndraster::{MemoryLayout, Pixel, Raster};

criterion_group!(costs, casts, exact, nodata, strided, targets);

/// Heights between 0 and 250, every 251st of them 251.
fn heights<P: Pixel + From<u8>>() -> Raster {
    let mut numbers = (0..=251u8).cycle();
    let array = Array2::from_shape_simple_fn((1024, 1024), || P::from(numbers.next().unwrap_or_default()));
    Raster::from_ndarray(array).unwrap()
}

fn group<'a, T: Clone>(criterion: &'a mut Criterion, name: &str, result: &[T]) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(format!("convert/{name}"));
    group.sample_size(20).throughput(Throughput::Elements(result.len() as u64));
    group.bench_function("clone of the result", |bencher| bencher.iter(|| black_box(result).to_vec()));
    group
}

fn cast<P: Pixel + From<u8>, T: Pixel>(criterion: &mut Criterion) {
    let raster = heights::<P>();
    let result = raster.to_array_cast::<T>().unwrap();
    let name = format!("{} as {}", P::PIXEL_TYPE, T::PIXEL_TYPE);
    let mut group = group(criterion, &name, result.as_slice().unwrap());
    group.bench_function("to_array_cast", |bencher| bencher.iter(|| raster.to_array_cast::<T>().unwrap()));
    let mut target = result.clone();
    group.bench_function("copy_into_cast, warm", |bencher| {
        bencher.iter(|| raster.copy_into_cast(target.view_mut()).unwrap());
    });
}

fn casts(criterion: &mut Criterion) {
    cast::<i16, f32>(criterion);
    cast::<u16, f32>(criterion);
    cast::<u8, f32>(criterion);
    cast::<f32, f64>(criterion);
    cast::<f64, f32>(criterion);
    cast::<f32, u8>(criterion);
}

fn exactly<P: Pixel + From<u8>, T: Pixel>(criterion: &mut Criterion) {
    let raster = heights::<P>();
    let result = raster.to_array_exact::<T>().unwrap();
    let name = format!("{} exactly {}", P::PIXEL_TYPE, T::PIXEL_TYPE);
    let mut group = group(criterion, &name, result.as_slice().unwrap());
    group.bench_function("to_array_exact", |bencher| bencher.iter(|| raster.to_array_exact::<T>().unwrap()));
}

fn exact(criterion: &mut Criterion) {
    exactly::<i16, f32>(criterion);
    exactly::<u16, u8>(criterion);
    exactly::<f32, u8>(criterion);
    exactly::<f32, i16>(criterion);
    exactly::<f64, f32>(criterion);
    exactly::<i32, f32>(criterion);
}

fn masked<P: Pixel + From<u8>>(criterion: &mut Criterion, nodata: P) {
    let raster = heights::<P>().with_nodata(nodata).unwrap();
    let (filled, mask) = (raster.to_array_filled(f32::NAN).unwrap(), raster.valid_mask().unwrap().unwrap());
    let name = format!("{} with nodata {nodata:?}", P::PIXEL_TYPE);
    let mut of_floats = group(criterion, &name, filled.as_slice().unwrap());
    of_floats.bench_function("to_array_filled", |bencher| bencher.iter(|| raster.to_array_filled(f32::NAN).unwrap()));
    of_floats.finish();
    let mut of_masks = group(criterion, &format!("mask of {name}"), mask.as_slice().unwrap());
    of_masks.bench_function("valid_mask", |bencher| bencher.iter(|| raster.valid_mask().unwrap().unwrap()));
    of_masks.bench_function("valid_pixels, counted", |bencher| {
        bencher.iter(|| raster.valid_pixels::<P>().unwrap().count());
    });
}

fn nodata(criterion: &mut Criterion) {
    masked::<u8>(criterion, 251);
    masked::<i16>(criterion, 251);
    masked::<f32>(criterion, 251.0);
    masked::<f32>(criterion, f32::NAN);
}

fn strided(criterion: &mut Criterion) {
    let pixels = heights::<i16>().to_array2::<i16>().unwrap();
    let transposed = Raster::from_ndarray_with(pixels.clone().reversed_axes(), MemoryLayout::AsIs).unwrap();
    let window = Raster::from_ndarray(pixels).unwrap().window(12..1012, 12..1012).unwrap();
    let every_other = window.slice_dim("x", Slice::new(0, None, 2)).unwrap();
    for (name, raster) in [("transposed", transposed), ("window", window), ("every other column", every_other)] {
        let result = raster.to_array_cast::<f32>().unwrap();
        let mut group = group(criterion, &format!("{name}, int16 as float32"), result.as_slice().unwrap());
        group.bench_function("to_array_cast", |bencher| bencher.iter(|| raster.to_array_cast::<f32>().unwrap()));
        group.bench_function("to_array", |bencher| bencher.iter(|| raster.to_array::<i16>().unwrap()));
    }
}

/// Into arrays of other memory layouts than C order, beside ndarray's own loop.
fn targets(criterion: &mut Criterion) {
    let raster = heights::<i16>();
    let pixels = raster.as_array_view2::<i16>().unwrap();
    let mut check = |name: &str, mut target: ArrayViewMut2<'_, f32>| {
        let mut group = criterion.benchmark_group(format!("convert/int16 as float32 into {name}"));
        group.sample_size(20).throughput(Throughput::Elements(pixels.len() as u64));
        group.bench_function("ndarray", |bencher| {
            bencher.iter(|| target.zip_mut_with(&pixels, |target, pixel| *target = f32::from(*pixel)));
        });
        group.bench_function("copy_into_cast", |bencher| {
            bencher.iter(|| raster.copy_into_cast(target.view_mut()).unwrap());
        });
    };
    let mut memory = Array2::<f32>::zeros((2048, 2048));
    check("a window", memory.slice_mut(s![..1024, 5..1029]));
    check("every other column", memory.slice_mut(s![..1024, ..;2]));
    check("columns backwards", memory.slice_mut(s![..1024, ..1024;-1]));
    let mut memory = Array2::<f32>::zeros((1024, 1024));
    check("a transposed array", memory.view_mut().reversed_axes());
}
