//! Functions to start with. Each is a few lines of ndarray; read them as examples.
//!
//! The readers of one band take its name as a last argument, for rasters of several. Pixels of nodata count nowhere; where
//! nodata is a number, NaN is a number too, as in GDAL.
//!
//! ```
//! use std::sync::Arc;
//!
//! use datafusion::arrow::array::{ArrayRef, RecordBatch, StructArray};
//! use datafusion::arrow::datatypes::Schema;
//! use datafusion::arrow::util::display::array_value_to_string;
//! use datafusion::prelude::SessionContext;
//! use ndarray::{Array2, array};
//! use ndraster::{Band, Raster, RasterArray};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dem = Raster::from_ndarray(array![[1i16, 2], [3, -99]])?.with_nodata(-99i16)?;
//! let red = Band::from_ndarray(array![[10u8, 10]])?.with_name("red");
//! let nir = Band::from_ndarray(array![[30u8, 90]])?.with_name("nir");
//! let columns = [RasterArray::from(dem), RasterArray::from(Raster::from_bands([red, nir])?)];
//! let schema = Schema::new(vec![columns[0].field("dem"), columns[1].field("photo")]);
//! let columns = columns.map(|column| Arc::new(StructArray::from(column)) as ArrayRef).to_vec();
//!
//! let mut ctx = SessionContext::new();
//! ndraster_datafusion::register_all(&mut ctx)?;
//! ctx.register_batch("t", RecordBatch::try_new(Arc::new(schema), columns)?)?;
//! for (expression, expected) in [
//!     ("nd_mean(dem)", "2.0"),
//!     ("nd_min_max(dem)", "{min: 1.0, max: 3.0}"),
//!     ("nd_count_valid(dem)", "3"),
//!     ("nd_min_max(photo, 'nir')['max']", "90.0"),
//!     ("round(nd_mean(nd_ndvi(photo, 'red', 'nir')), 2)", "0.65"),
//!     ("nd_mean(nd_window(dem, 0, 1, 2, 1))", "2.0"),
//!     ("nd_count_valid(nd_hillshade(dem))", "0"), // each pixel has a neighbour without data
//!     ("array_length(nd_tiles(photo, 1, 1))", "2"),
//! ] {
//!     let found = ctx.sql(&format!("SELECT {expression} FROM t")).await?.collect().await?;
//!     assert_eq!(array_value_to_string(found[0].column(0), 0)?, expected, "{expression}");
//! }
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, StructArray};
use arrow_schema::{DataType, Field, Fields};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use ndarray::{Array2, ArrayView2, ArrayViewD, Ix2, Zip};
use ndraster::{BandRef, Error, ErrorKind, Pixel, Raster, RasterRef, dispatch};

use crate::{Output, raster_udf_with};

/// All functions of this module.
///
/// ```
/// let names: Vec<String> = ndraster_datafusion::functions::all().iter().map(|f| f.name().to_owned()).collect();
/// assert!(names.iter().all(|name| name.starts_with("nd_")));
/// ```
pub fn all() -> Vec<ScalarUDF> {
    vec![nd_mean(), nd_min_max(), nd_count_valid(), nd_ndvi(), nd_hillshade(), nd_window(), nd_tiles()]
}

/// Registers all functions of this module: with a `SessionContext`'s state, or with a registry that a Ballista scheduler or
/// executor is given.
///
/// # Errors
/// If the registry takes none.
///
/// ```
/// use datafusion::execution::{FunctionRegistry, SessionStateBuilder};
///
/// let mut state = SessionStateBuilder::new().with_default_features().build();
/// ndraster_datafusion::register_all(&mut state)?;
/// assert_eq!(state.udf("nd_mean")?.name(), "nd_mean");
/// # Ok::<(), datafusion::error::DataFusionError>(())
/// ```
pub fn register_all(registry: &mut dyn FunctionRegistry) -> Result<()> {
    for function in all() {
        registry.register_udf(Arc::new(function))?;
    }
    Ok(())
}

/// `nd_mean(raster [, band])`: the mean of all pixels that are not nodata, null if there are none.
pub fn nd_mean() -> ScalarUDF {
    raster_udf_with("nd_mean", |raster, (name,): &(Option<String>,)| {
        let (sum, count) = sum_and_count(&band(raster, name.as_deref())?)?;
        Ok((count > 0).then(|| sum / count as f64))
    })
}

/// `nd_min_max(raster [, band])`: a struct of the least and the largest pixel, null if all are nodata or NaN.
pub fn nd_min_max() -> ScalarUDF {
    raster_udf_with("nd_min_max", |raster, (name,): &(Option<String>,)| {
        let mut range: Option<MinMax> = None;
        for_each_valid(&band(raster, name.as_deref())?, |pixel| {
            if !pixel.is_nan() {
                let MinMax { min, max } = range.unwrap_or(MinMax { min: pixel, max: pixel });
                range = Some(MinMax { min: min.min(pixel), max: max.max(pixel) });
            }
        })?;
        Ok(range)
    })
}

/// `nd_count_valid(raster [, band])`: how many pixels are not nodata.
pub fn nd_count_valid() -> ScalarUDF {
    raster_udf_with("nd_count_valid", |raster, (name,): &(Option<String>,)| {
        let mut count = 0u64;
        for_each_valid(&band(raster, name.as_deref())?, |_| count += 1)?;
        Ok(count)
    })
}

/// `nd_ndvi(raster, red, nir)`: the vegetation index `(nir - red) / (nir + red)` of two bands by their names, as float32; NaN,
/// which is its nodata, where either has no data or both are zero.
pub fn nd_ndvi() -> ScalarUDF {
    raster_udf_with("nd_ndvi", |raster, (red, nir): &(String, String)| {
        let (red, nir) = (matrix(&raster.band_by_name(red)?)?, matrix(&raster.band_by_name(nir)?)?);
        if red.dim() != nir.dim() {
            let (red, nir) = (red.dim(), nir.dim());
            return Err(Error::other(format!("the bands are of different shapes, {red:?} and {nir:?}")));
        }
        let index = Zip::from(&red).and(&nir).map_collect(|red, nir| ((nir - red) / (nir + red)) as f32);
        Raster::from_ndarray(index)?.with_grid_of(raster)?.with_nodata(f32::NAN)
    })
}

/// `nd_hillshade(raster [, scale])`: how the ground looks in light from the north-west, half way up, by Horn's formula: 1 in
/// full shade to 255, and 0, its nodata, where the ground or a neighbour has no data. `scale` is the number of vertical
/// units in a horizontal one, 111120 for metres on degrees, and 1 without. At the edges the ground goes on as it is there.
pub fn nd_hillshade() -> ScalarUDF {
    raster_udf_with("nd_hillshade", |raster, (scale,): &(Option<f64>,)| {
        let [_, scale_x, _, _, _, scale_y] = raster.transform()?.to_gdal();
        let scale = scale.unwrap_or(1.0);
        let shade = hillshade(matrix(&raster.only_band()?)?.view(), scale_x * scale, -scale_y * scale);
        Raster::from_ndarray(shade)?.with_grid_of(raster)?.with_nodata(0u8)
    })
}

/// `nd_window(raster, row, col, height, width)`: part of a raster, which shares its payloads. What lies outside is left out.
pub fn nd_window() -> ScalarUDF {
    raster_udf_with("nd_window", |raster, &(row, col, height, width): &(i64, i64, i64, i64)| {
        let range = |start: i64, len: i64, extent: usize| {
            let inside = |index: i64| usize::try_from(index).unwrap_or(0).min(extent);
            let (start, end) = (inside(start), inside(start.saturating_add(len)));
            start..end.max(start)
        };
        raster.window(range(row, height, raster.height()?), range(col, width, raster.width()?))
    })
}

/// `nd_tiles(raster, height, width [, overlap])`: a list of tiles, row by row, for `unnest`. Payloads of more than 4 KiB are
/// shared by all of them.
pub fn nd_tiles() -> ScalarUDF {
    raster_udf_with("nd_tiles", |raster, &(height, width, overlap): &(i64, i64, Option<i64>)| {
        let extent = |n: i64, what| usize::try_from(n).map_err(|_| Error::other(format!("a {what} of {n} pixels")));
        let (height, width) = (extent(height, "height")?, extent(width, "width")?);
        let tiles = raster.tiles_with_overlap(height, width, extent(overlap.unwrap_or(0), "overlap")?)?;
        tiles.iter().flatten().map(|tile| tile.to_raster()).collect::<ndraster::Result<Vec<_>>>()
    })
}

/// The least and the largest pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinMax {
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl MinMax {
    fn fields() -> Fields {
        ["min", "max"].map(|name| Field::new(name, DataType::Float64, true)).into_iter().collect()
    }
}

impl Output for MinMax {
    type Column = Vec<Option<MinMax>>;

    fn field(name: &str) -> Field {
        Field::new_struct(name, Self::fields(), true)
    }

    fn append_to(self, column: &mut Self::Column) -> ndraster::Result<()> {
        column.push(Some(self));
        Ok(())
    }

    fn append_null(column: &mut Self::Column) {
        column.push(None);
    }

    fn finish(column: Self::Column) -> ndraster::Result<ArrayRef> {
        let values = |of: fn(&MinMax) -> f64| -> ArrayRef {
            Arc::new(column.iter().map(|range| range.as_ref().map(of)).collect::<Float64Array>())
        };
        let valid = column.iter().map(Option::is_some).collect::<Vec<_>>();
        let columns = vec![values(|range| range.min), values(|range| range.max)];
        Ok(Arc::new(StructArray::try_new(Self::fields(), columns, Some(valid.into()))?))
    }
}

/// The band of that name, or the one that there is.
fn band<'a>(raster: RasterRef<'a>, name: Option<&str>) -> ndraster::Result<BandRef<'a>> {
    name.map_or_else(|| raster.only_band(), |name| raster.band_by_name(name))
}

/// Every pixel that is not nodata, as f64.
#[allow(clippy::unnecessary_cast, reason = "one of the ten types is f64")]
fn for_each_valid(band: &BandRef<'_>, mut f: impl FnMut(f64)) -> ndraster::Result<()> {
    match band.as_any_view() {
        Ok(view) => dispatch!(view, pixels => {
            let is_nodata = is_nodata(nodata(band, &pixels)?);
            pixels.iter().filter(|pixel| !is_nodata(**pixel)).for_each(|pixel| f(*pixel as f64));
        }),
        // A single pixel of eight bytes lies inside of Arrow's own view, which nobody can align. All others are, after this error.
        Err(error) if error.kind() == ErrorKind::Misaligned && band.source_shape().iter().all(|n| *n == 1) => {
            let pixels = band.to_array_cast::<f64>()?;
            match band.valid_mask()? {
                None => pixels.iter().for_each(|pixel| f(*pixel)),
                Some(mask) => pixels.iter().zip(&mask).filter(|(_, valid)| **valid).for_each(|(pixel, _)| f(*pixel)),
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What stands for nothing among these pixels.
fn nodata<T: Pixel>(band: &BandRef<'_>, _: &ArrayViewD<'_, T>) -> ndraster::Result<Option<T>> {
    band.nodata()
}

fn is_nodata<T: Pixel>(nodata: Option<T>) -> impl Fn(T) -> bool + Copy {
    let is_nan = |pixel: T| pixel.partial_cmp(&pixel).is_none();
    move |pixel| nodata.is_some_and(|nodata| pixel == nodata || (is_nan(pixel) && is_nan(nodata)))
}

/// The sum of all pixels that are not nodata, and how many those are.
#[allow(clippy::unnecessary_cast, reason = "one of the ten types is f64")]
fn sum_and_count(band: &BandRef<'_>) -> ndraster::Result<(f64, usize)> {
    if let Ok(view) = band.as_any_view() {
        dispatch!(view, pixels => if let Some(slice) = pixels.as_slice() {
            let nodata = nodata(band, &pixels)?;
            return Ok(match nodata {
                None => (add_up(slice, |pixel| pixel as f64), slice.len()),
                Some(_) => add_up_valid(slice, is_nodata(nodata), |pixel| pixel as f64),
            });
        });
    }
    let (mut sum, mut count) = (0.0, 0);
    for_each_valid(band, |pixel| {
        sum += pixel;
        count += 1;
    })?;
    Ok((sum, count))
}

/// In parts that stay in the cache between being counted and being added up; most of them are all valid, or not at all.
fn add_up_valid<T: Pixel>(pixels: &[T], is_nodata: impl Fn(T) -> bool, value: impl Fn(T) -> f64) -> (f64, usize) {
    let (mut sum, mut count) = (0.0, 0);
    for part in pixels.chunks(1024) {
        let valid = part.iter().filter(|pixel| !is_nodata(**pixel)).count();
        count += valid;
        sum += match valid {
            0 => 0.0,
            all if all == part.len() => add_up(part, &value),
            _ => add_up(part, |pixel| if is_nodata(pixel) { 0.0 } else { value(pixel) }),
        };
    }
    (sum, count)
}

/// In eight sums that do not wait for each other, so that it is memory that is waited for.
fn add_up<T: Copy>(pixels: &[T], value: impl Fn(T) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let (chunks, rest) = pixels.as_chunks::<8>();
    for chunk in chunks {
        for (sum, pixel) in sums.iter_mut().zip(chunk) {
            *sum += value(*pixel);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|pixel| value(*pixel)).sum::<f64>()
}

/// The pixels as f64 in rows and columns, NaN where there are no data.
fn matrix(band: &BandRef<'_>) -> ndraster::Result<Array2<f64>> {
    let pixels =
        if band.nodata_bytes().is_some() { band.to_array_filled(f64::NAN)? } else { band.to_array_cast::<f64>()? };
    let axes = pixels.ndim();
    let wrong = |_| Error::other(format!("the band has {axes} axes, where two are expected, rows and columns"));
    pixels.into_dimensionality::<Ix2>().map_err(wrong)
}

fn hillshade(ground: ArrayView2<'_, f64>, east: f64, north: f64) -> Array2<u8> {
    let (height, width) = ground.dim();
    let light = [-0.5, 0.5, std::f64::consts::FRAC_1_SQRT_2];
    Array2::from_shape_fn((height, width), |(row, col)| {
        let at = |down: isize, right: isize| {
            let row = row.saturating_add_signed(down).min(height - 1);
            ground[[row, col.saturating_add_signed(right).min(width - 1)]]
        };
        if at(0, 0).is_nan() {
            return 0; // Horn's formula leaves the middle out.
        }
        let rise_east = (at(-1, 1) + 2.0 * at(0, 1) + at(1, 1)) - (at(-1, -1) + 2.0 * at(0, -1) + at(1, -1));
        let rise_north = (at(-1, -1) + 2.0 * at(-1, 0) + at(-1, 1)) - (at(1, -1) + 2.0 * at(1, 0) + at(1, 1));
        let normal = [-rise_east / (8.0 * east), -rise_north / (8.0 * north), 1.0];
        let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
        let cosine = normal.iter().zip(light).map(|(a, b)| a * b).sum::<f64>() / length;
        // A NaN becomes 0.
        (1.0 + 254.0 * if cosine < 0.0 { 0.0 } else { cosine }) as u8
    })
}
