//! Functions to start with. Each is a few lines of ndarray; read them as examples.
//!
//! The readers of one band take its name as a last argument, for rasters of several. Pixels of nodata count nowhere; where
//! nodata is a number, NaN is a number too, as in GDAL.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, StructArray};
use arrow_schema::{DataType, Field, Fields};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use ndarray::{Array2, ArrayView2, ArrayViewD, Ix2, Zip};
use ndraster::{Band, ErrorKind, Pixel, Raster, RasterRef, dispatch};

use crate::{Output, raster_udf_with};

/// All functions of this module.
pub fn all() -> Vec<ScalarUDF> {
    vec![nd_mean(), nd_min_max(), nd_count_valid(), nd_ndvi(), nd_hillshade(), nd_window(), nd_tiles()]
}

/// Registers all functions of this module: with a `SessionContext`'s state, or with a registry that a Ballista scheduler or
/// executor is given.
///
/// # Errors
/// If the registry takes none.
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
            return Err(invalid(format!("the bands are of different shapes, {red:?} and {nir:?}")));
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
        let extent = |n: i64, what| usize::try_from(n).map_err(|_| invalid(format!("a {what} of {n} pixels")));
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
fn band<'a>(raster: RasterRef<'a>, name: Option<&str>) -> ndraster::Result<Band<'a>> {
    name.map_or_else(|| raster.only_band(), |name| raster.band_by_name(name))
}

/// Every pixel that is not nodata, as f64.
#[allow(clippy::unnecessary_cast, reason = "one of the ten types is f64")]
fn for_each_valid(band: &Band<'_>, mut f: impl FnMut(f64)) -> ndraster::Result<()> {
    match band.as_any_view() {
        Ok(view) => dispatch!(view, pixels => {
            let is_nodata = is_nodata(band, &pixels)?;
            pixels.iter().filter(|pixel| !is_nodata(**pixel)).for_each(|pixel| f(*pixel as f64));
        }),
        // A single pixel of eight bytes, which Arrow does not align.
        Err(error) if error.kind() == ErrorKind::Misaligned => {
            let mask = band.valid_mask()?;
            let is_valid =
                |(index, _): &(usize, &f64)| mask.as_ref().is_none_or(|mask| mask.iter().nth(*index) == Some(&true));
            band.to_array_cast::<f64>()?.iter().enumerate().filter(is_valid).for_each(|(_, pixel)| f(*pixel));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Whether a pixel of these stands for nothing.
fn is_nodata<T: Pixel>(band: &Band<'_>, _: &ArrayViewD<'_, T>) -> ndraster::Result<impl Fn(T) -> bool + Copy + use<T>> {
    let nodata = band.nodata::<T>()?;
    let is_nan = |pixel: T| pixel.partial_cmp(&pixel).is_none();
    Ok(move |pixel: T| nodata.is_some_and(|nodata| pixel == nodata || (is_nan(pixel) && is_nan(nodata))))
}

/// The sum of all pixels that are not nodata, and how many those are.
#[allow(clippy::unnecessary_cast, reason = "one of the ten types is f64")]
fn sum_and_count(band: &Band<'_>) -> ndraster::Result<(f64, u64)> {
    let (mut sum, mut count) = (0.0, 0);
    if let Ok(view) = band.as_any_view() {
        let done = dispatch!(view, pixels => match pixels.as_slice() {
            None => false,
            Some(slice) => {
                let is_nodata = is_nodata(band, &pixels)?;
                (sum, count) = add_up(slice, |pixel| (!is_nodata(pixel)).then_some(pixel as f64));
                true
            }
        });
        if done {
            return Ok((sum, count));
        }
    }
    for_each_valid(band, |pixel| {
        sum += pixel;
        count += 1;
    })?;
    Ok((sum, count))
}
/// In eight sums that do not wait for each other, so that it is memory that is waited for.
fn add_up<T: Copy>(pixels: &[T], value: impl Fn(T) -> Option<f64>) -> (f64, u64) {
    let (mut sums, mut counts) = ([0.0; 8], [0u64; 8]);
    let (chunks, rest) = pixels.as_chunks::<8>();
    for chunk in chunks {
        for ((sum, count), pixel) in sums.iter_mut().zip(&mut counts).zip(chunk) {
            if let Some(value) = value(*pixel) {
                *sum += value;
                *count += 1;
            }
        }
    }
    for value in rest.iter().filter_map(|pixel| value(*pixel)) {
        sums[0] += value;
        counts[0] += 1;
    }
    (sums.iter().sum(), counts.iter().sum())
}

/// The pixels as f64 in rows and columns, NaN where there are no data.
fn matrix(band: &Band<'_>) -> ndraster::Result<Array2<f64>> {
    let pixels =
        if band.nodata_bytes().is_some() { band.to_array_filled(f64::NAN)? } else { band.to_array_cast::<f64>()? };
    pixels.into_dimensionality::<Ix2>().map_err(|error| invalid(error.to_string()))
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

fn invalid(message: String) -> ndraster::Error {
    datafusion::arrow::error::ArrowError::InvalidArgumentError(message).into()
}
