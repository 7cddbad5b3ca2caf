//! Arrays to Arrow and back out, of any size.

use criterion::{BenchmarkId, Criterion, criterion_group};
use ndraster::Raster;
use ndraster::arrow_array::StructArray;
use ndraster::ndarray::ArrayD;

criterion_group!(costs, by_size);

fn by_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("round_trip/sole owner by bytes");
    for width in [1, 1 << 10, 1 << 20] {
        let mut array = Some(ArrayD::<f32>::zeros(vec![256, width]));
        group.bench_function(BenchmarkId::from_parameter(1024 * width), |bencher| {
            bencher.iter(|| {
                let arrow = StructArray::from(Raster::from_ndarray(array.take().unwrap()).unwrap());
                array = Some(Raster::try_from(arrow).unwrap().into_array().unwrap());
            });
        });
    }
}
