//! What `raster_udf` adds to calling the closure in a loop, and how fast pixels go through a function.

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::Field;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use ndarray::Array2;
use ndraster::{Raster, RasterArray, RasterRef, RasterType, Result};
use ndraster_datafusion::raster_udf;

criterion_group!(benches, per_row, throughput);
criterion_main!(benches);

fn column(rows: usize, side: usize) -> RasterArray {
    (0..rows).map(|row| Raster::from_ndarray(Array2::from_elem((side, side), row as f32)).unwrap()).collect()
}

fn call(function: &ScalarUDF, column: &RasterArray) -> ArrayRef {
    let array: ArrayRef = Arc::new(StructArray::from(column.clone()));
    let rows = array.len();
    let args = ScalarFunctionArgs {
        args: vec![ColumnarValue::Array(array)],
        arg_fields: vec![Arc::new(RasterType::field("rast"))],
        number_rows: rows,
        return_field: Arc::new(Field::new("f", arrow_schema::DataType::Float64, true)),
        config_options: Arc::new(ConfigOptions::default()),
    };
    match function.invoke_with_args(args).unwrap() {
        ColumnarValue::Array(array) => array,
        ColumnarValue::Scalar(_) => panic!("a column gave a scalar"),
    }
}

fn first(raster: RasterRef<'_>) -> Result<f64> {
    Ok(f64::from(raster.as_array_view2::<f32>()?[[0, 0]]))
}

fn halved(raster: RasterRef<'_>) -> Result<Raster> {
    Raster::from_ndarray(&raster.as_array_view2::<f32>()? * 0.5)
}

/// A batch of 8192 rows: the difference of two lines is the overhead.
fn per_row(criterion: &mut Criterion) {
    const ROWS: usize = 8192;
    let column = column(ROWS, 16);
    let mut group = criterion.benchmark_group("8192 rows of 16x16");
    group.throughput(Throughput::Elements(ROWS as u64));
    let number = raster_udf("f", first);
    group.bench_function("a number/raster_udf", |bencher| bencher.iter(|| call(&number, black_box(&column))));
    group.bench_function("a number/loop", |bencher| {
        bencher.iter(|| column.iter().flatten().map(|raster| first(raster).unwrap()).collect::<Vec<_>>());
    });
    let raster = raster_udf("f", halved);
    group.bench_function("a raster/raster_udf", |bencher| bencher.iter(|| call(&raster, black_box(&column))));
    group.bench_function("a raster/loop", |bencher| {
        bencher.iter(|| column.iter().flatten().map(|raster| halved(raster).unwrap()).collect::<Vec<_>>());
    });
}

/// Bytes of pixels a second, on one thread, of tiles that are in no cache.
fn throughput(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("nd_mean");
    for side in [16, 256] {
        let column = column((256 << 20) / (4 * side * side), side);
        group.sample_size(10).throughput(Throughput::Bytes(256 << 20));
        let mean = ndraster_datafusion::functions::nd_mean();
        group.bench_function(BenchmarkId::from_parameter(format!("{side}x{side}")), |bencher| {
            bencher.iter(|| call(&mean, black_box(&column)));
        });
    }
    let pixels = vec![1f32; 64 << 20];
    group.bench_function("the pixels alone, summed by ndarray", |bencher| {
        bencher.iter(|| ndarray::ArrayView1::from(black_box(&pixels)).sum());
    });
}
