//! Every other call once, on small things: what it costs beyond the pixels.

use std::hint::black_box;

use criterion::{Criterion, criterion_group};
use ndraster::arrow_array::StructArray;
use ndraster::ndarray::{Array2, Array3, Axis};
use ndraster::{Band, PixelType, Raster, RasterArray, RasterArrayBuilder, RasterRef, Registration};

criterion_group!(costs, metadata, bands, written, columns);

fn one() -> Raster {
    Raster::from_ndarray(Array2::<u8>::zeros((16, 16)).into_shared()).unwrap().with_crs("EPSG:4326")
}

fn four() -> Raster {
    let array = Array2::<u8>::zeros((16, 16)).into_shared();
    let band = |name| Band::from_ndarray(array.clone()).unwrap().with_name(name);
    Raster::from_bands(["red", "green", "blue", "alpha"].map(band)).unwrap()
}

fn time<R>(criterion: &mut Criterion, name: &str, mut call: impl FnMut() -> R) {
    criterion.bench_function(&format!("calls/{name}"), |bencher| bencher.iter(&mut call));
}

fn change(criterion: &mut Criterion, name: &str, mut call: impl FnMut(Raster) -> Raster) {
    let mut kept = Some(one());
    time(criterion, name, || kept = kept.take().map(&mut call));
}

fn metadata(criterion: &mut Criterion) {
    let column = RasterArray::from(one());
    let array = StructArray::from(column.clone());
    time(criterion, "RasterArray::try_from(&StructArray)", || RasterArray::try_from(&array).unwrap());
    time(criterion, "get", || black_box(&column).get(0).unwrap());
    time(criterion, "slice", || black_box(&column).slice(0, 1).unwrap());
    let raster: RasterRef<'_> = column.get(0).unwrap();
    time(criterion, "crs", || black_box(&raster).crs().unwrap());
    time(criterion, "transform", || black_box(&raster).transform().unwrap());
    time(criterion, "width", || black_box(&raster).width().unwrap());
    time(criterion, "num_bands", || black_box(&raster).num_bands().unwrap());
    time(criterion, "bbox", || black_box(&raster).bbox().unwrap());
    time(criterion, "spatial_dims", || black_box(&raster).spatial_dims().unwrap());
    time(criterion, "spatial_shape", || black_box(&raster).spatial_shape().unwrap());
}

fn bands(criterion: &mut Criterion) {
    let (one, four) = (one(), four());
    let raster = one.as_ref();
    time(criterion, "band", || black_box(&raster).band(0).unwrap());
    let band = raster.band(0).unwrap();
    time(criterion, "BandRef::as_array_view2", || black_box(&band).as_array_view2::<u8>().unwrap().dim());
    time(criterion, "BandRef::as_any_view", || black_box(&band).as_any_view().unwrap().pixel_type());
    time(criterion, "BandRef::to_cow_array", || black_box(&band).to_cow_array::<u8>().unwrap().ndim());
    let bands = four.as_ref();
    time(criterion, "band_by_name, the fourth", || black_box(&bands).band_by_name("alpha").unwrap());
    let split = Band::split(Array3::<u8>::zeros((4, 16, 16)), Axis(0)).unwrap();
    let split = Raster::from_bands(split).unwrap();
    let split = split.as_ref();
    time(criterion, "as_stack_view of 4", || black_box(&split).as_stack_view::<u8>().unwrap().ndim());
    time(criterion, "to_stack of 4", || black_box(&bands).to_stack::<u8>().unwrap());
}

fn written(criterion: &mut Criterion) {
    let array = Array2::<u8>::zeros((16, 16)).into_shared();
    time(criterion, "Band::from_ndarray", || Band::from_ndarray(array.clone()).unwrap());
    time(criterion, "Band::outdb", || Band::outdb("s3://bucket/dem.tif", [16, 16], PixelType::UInt8).unwrap());
    let raster = one();
    let bounds = [0.0, 0.0, 1.0, 1.0];
    time(criterion, "clone", || black_box(&raster).clone());
    change(criterion, "with_bbox", |raster| raster.with_bbox(bounds, Registration::Pixel).unwrap());
    change(criterion, "with_nodata", |raster| raster.with_nodata(7u8).unwrap());
    change(criterion, "with_grid_of", |changed| changed.with_grid_of(&raster).unwrap());
    time(criterion, "to_raster", || black_box(&raster).as_ref().to_raster().unwrap());
}

fn columns(criterion: &mut Criterion) {
    let four = four();
    time(criterion, "append a raster of 4 bands", || {
        let mut column = RasterArrayBuilder::new();
        (0..100).for_each(|_| column.append(black_box(&four)).unwrap());
        column.finish().unwrap()
    });
    let strips = Array2::<u8>::zeros((1000, 16)).into_shared();
    time(criterion, "from_ndarray_strips of 100", || {
        ndraster::Strips::from_ndarray(strips.clone()).unwrap().with_rows(10).unwrap().finish().unwrap()
    });
}
