//! Statistics: against loops over plain numbers, and against values of GDAL.
//!
//! GDAL's values are of GDAL 3.10.3, the one in the wheel of rasterio 1.4.4: `dataset.statistics(1, approx=False)`, and the
//! valid percent in the band's tags.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use ndarray::{Array2, Slice, array};
use ndraster::{Band, Pixel, Raster, RasterArray};

use crate::table::{column, error, session};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// What GDAL says of some pixels.
struct Gdal {
    pixels: &'static [f64],
    nodata: Option<f64>,
    /// The least, the largest and the mean; none for GDAL's error "No valid pixels found".
    range_and_mean: Option<[f64; 3]>,
    count: i64,
}

impl Gdal {
    /// The pixels as rasters of one row, of the type `T`.
    fn raster<T: Pixel>(&self) -> Raster {
        let pixels = self.pixels.iter().map(|pixel| T::from_f64(*pixel).unwrap()).collect::<Vec<_>>();
        let raster = Raster::from_ndarray(Array2::from_shape_vec((1, pixels.len()), pixels).unwrap()).unwrap();
        match self.nodata {
            Some(nodata) => raster.with_nodata(T::from_f64(nodata).unwrap()).unwrap(),
            None => raster,
        }
    }
}

/// Statistics of a column: means, ranges and counts.
async fn statistics(rasters: RasterArray) -> Vec<(Option<f64>, Option<(f64, f64)>, i64)> {
    let ctx = session(rasters, []);
    let mean = column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    let range = column(&ctx, "SELECT nd_min_max(rast) FROM t").await;
    let count = column(&ctx, "SELECT nd_count_valid(rast) FROM t").await;
    let (mean, range) = (mean.as_primitive::<Float64Type>(), range.as_struct());
    let [min, max] = [0, 1].map(|position| range.column(position).as_primitive::<Float64Type>());
    let count = count.as_primitive::<Int64Type>().values();
    let row = |row| {
        let range = range.is_valid(row).then(|| (min.value(row), max.value(row)));
        (mean.is_valid(row).then(|| mean.value(row)), range, count[row])
    };
    (0..mean.len()).map(row).collect()
}

#[tokio::test]
async fn statistics_are_those_of_gdal() {
    let gdal = |pixels, nodata, range_and_mean, count| Gdal { pixels, nodata, range_and_mean, count };
    let of_floats = [
        gdal(&[1.0, NAN, 5.0, -9999.0], Some(-9999.0), Some([1.0, 5.0, 3.0]), 2),
        gdal(&[1.0, NAN, 5.0, -9999.0], None, Some([-9999.0, 5.0, -3331.0]), 3),
        gdal(&[1.0, NAN, 5.0, -9999.0], Some(NAN), Some([-9999.0, 5.0, -3331.0]), 3),
        gdal(&[-9999.0, -9999.0, -9999.0], Some(-9999.0), None, 0),
        gdal(&[NAN, NAN, NAN], Some(-9999.0), None, 0),
        gdal(&[NAN, NAN, NAN], Some(NAN), None, 0),
        gdal(&[1.0, INF, 5.0, NAN], Some(INF), Some([1.0, 5.0, 3.0]), 2),
        gdal(&[INF, -INF, 1.0, NAN], None, Some([-INF, INF, NAN]), 3),
        gdal(&[-0.0, 0.0, 3.0, 4.0], Some(0.0), Some([3.0, 4.0, 3.5]), 2),
    ];
    let of_integers = [
        gdal(&[1.0, 2.0, -99.0, 6.0], Some(-99.0), Some([1.0, 6.0, 3.0]), 3),
        gdal(&[1.0, 2.0, -99.0, 6.0], None, Some([-99.0, 6.0, -22.5]), 4),
        gdal(&[-99.0, -99.0], Some(-99.0), None, 0),
    ];
    let of_bytes = [gdal(&[0.0, 255.0, 3.0], Some(255.0), Some([0.0, 3.0, 1.5]), 2)];
    let rasters = of_floats.iter().map(Gdal::raster::<f32>).chain(of_floats.iter().map(Gdal::raster::<f64>));
    let rasters =
        rasters.chain(of_integers.iter().map(Gdal::raster::<i16>)).chain(of_bytes.iter().map(Gdal::raster::<u8>));
    let expected = of_floats.iter().chain(&of_floats).chain(&of_integers).chain(&of_bytes);
    for ((mean, range, count), gdal) in statistics(rasters.collect()).await.into_iter().zip(expected) {
        let found = mean.zip(range).map(|(mean, (min, max))| [min, max, mean]);
        // As text, in which NaN is NaN.
        assert_eq!(
            (format!("{found:?}"), count),
            (format!("{:?}", gdal.range_and_mean), gdal.count),
            "{:?}",
            gdal.pixels
        );
    }
}

/// Where these functions differ from GDAL, as their docs say.
#[tokio::test]
async fn statistics_differ_from_gdal_for_infinity_and_next_to_nodata() {
    // GDAL: 1, inf, NaN, 3 pixels.
    let infinite = Raster::from_ndarray(array![[1.0, INF, 5.0, -9999.0]]).unwrap().with_nodata(-9999.0).unwrap();
    // GDAL: 3, 5, 4, 2 pixels.
    let close = Raster::from_ndarray(array![[1.0, 1.0f32.next_up(), 3.0, 5.0]]).unwrap().with_nodata(1f32).unwrap();
    let found = statistics([infinite, close].into_iter().collect()).await;
    assert_eq!(found[0], (Some(INF), Some((1.0, INF)), 3));
    assert_eq!((found[1].1, found[1].2), (Some((f64::from(1.0f32.next_up()), 5.0)), 3));
}

/// Numbers without a pattern, of which some are nodata and some NaN, in patches that are larger and smaller than a row.
fn patchy(height: usize, width: usize) -> Array2<f32> {
    Array2::from_shape_fn((height, width), |(row, col)| {
        let noise = ((row as u32 * 7919 + col as u32 * 104_729).wrapping_mul(2_654_435_761) >> 20) % 100;
        match (row / 40 % 4, noise) {
            (1, _) | (3, 0..5) => -9999.0,
            (2, _) | (3, 5..10) => f32::NAN,
            _ => noise as f32,
        }
    })
}

#[tokio::test]
async fn statistics_leave_out_nan_and_nodata_of_every_view() {
    let pixels = patchy(170, 90);
    let with = Raster::from_ndarray(pixels.clone()).unwrap().with_nodata(-9999f32).unwrap();
    let without = Raster::from_ndarray(pixels).unwrap();
    let x_first = |raster: &Raster| {
        let band = Band::from_ndarray(raster.as_array_view2::<f32>().unwrap().t().to_owned()).unwrap();
        let band = band.with_dim_names(["x", "y"]).unwrap();
        Raster::from_bands([band]).unwrap()
    };
    let mut views = Vec::new();
    for raster in [&with, &without] {
        views.push(raster.clone());
        views.push(raster.window(3..160, 5..80).unwrap());
        views.push(raster.slice_dim("y", Slice::new(0, None, -1)).unwrap());
        views.push(raster.slice_dim("x", Slice::new(1, None, -3)).unwrap());
        views.push(raster.transpose_dims(["x", "y"]).unwrap().window(30.., 2..).unwrap());
        views.push(x_first(raster));
    }
    let expected = views.iter().map(|raster| {
        let nodata = raster.nodata::<f32>().unwrap();
        let pixels = raster.to_array::<f32>().unwrap();
        let pixels = pixels.iter().filter(|pixel| !pixel.is_nan() && Some(**pixel) != nodata);
        let pixels = pixels.map(|pixel| f64::from(*pixel)).collect::<Vec<_>>();
        let range = (pixels.iter().copied().fold(INF, f64::min), pixels.iter().copied().fold(-INF, f64::max));
        // The sums are of whole numbers, and exact in any order.
        (Some(pixels.iter().sum::<f64>() / pixels.len() as f64), Some(range), pixels.len() as i64)
    });
    let expected = expected.collect::<Vec<_>>();
    assert_eq!(statistics(views.into_iter().collect()).await, expected);
}

#[tokio::test]
async fn int64_is_exact_or_refused() {
    const LIMIT: i64 = 1 << 53;
    let of = |pixels: [i64; 3]| Raster::from_ndarray(Array2::from_shape_vec((1, 3), pixels.to_vec()).unwrap()).unwrap();
    let within = [of([LIMIT, -LIMIT, 7]), of([LIMIT + 1, 3, 5]).with_nodata(LIMIT + 1).unwrap(), of([i64::MIN, 0, 0])];
    let found = statistics(within.into_iter().collect()).await;
    assert_eq!(found[0], (Some(7.0 / 3.0), Some((-(LIMIT as f64), LIMIT as f64)), 3));
    assert_eq!(found[1], (Some(4.0), Some((3.0, 5.0)), 2));
    assert_eq!(found[2].1, Some((i64::MIN as f64, 0.0)));

    let beyond = [of([LIMIT + 1, 3, 5]), of([LIMIT + 1, 3, 5]).with_nodata(5i64).unwrap(), of([i64::MAX, 0, 0])];
    for (raster, largest) in beyond.into_iter().zip([LIMIT + 1, LIMIT + 1, i64::MAX]) {
        let ctx = session([raster].into_iter().collect(), []);
        let message = error(&ctx, "SELECT nd_min_max(rast) FROM t").await;
        assert!(
            message.contains(&format!("nd_min_max: row 0: the largest pixel is {largest}, which float64")),
            "{message}"
        );
        assert!(message.contains("a function of your own, made by `raster_udf`, can return it as int64"), "{message}");
        let message = error(&ctx, "SELECT nd_hillshade(rast) FROM t").await;
        assert!(message.contains(&format!("is {largest}, which float64 cannot hold")), "{message}");
        let message = error(&ctx, "SELECT nd_ndvi(rast, 1, 1) FROM t").await;
        assert!(message.contains(&format!("is {largest}, which float64 cannot hold")), "{message}");
    }
    let large = Raster::from_ndarray(array![[0, u64::MAX, 1]]).unwrap();
    let ctx = session([large].into_iter().collect(), []);
    let message = error(&ctx, "SELECT nd_min_max(rast) FROM t").await;
    assert!(message.contains(&format!("the largest pixel is {}, which float64 cannot hold", u64::MAX)), "{message}");
}

/// In sums of float64 the first two of each would swallow the last.
#[tokio::test]
async fn means_of_int64_add_up_exactly() {
    let signed = Raster::from_ndarray(array![[i64::MAX, -i64::MAX, 3]]).unwrap();
    let nodata = Raster::from_ndarray(array![[i64::MAX, 4, -i64::MAX, 3]]).unwrap().with_nodata(4i64).unwrap();
    let unsigned = Raster::from_ndarray(Array2::from_elem((100, 30), u64::MAX)).unwrap();
    let ctx = session([signed, nodata, unsigned].into_iter().collect(), []);
    let found = column(&ctx, "SELECT nd_mean(rast) FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().values(), &[1.0, 1.0, u64::MAX as f64]);
}
