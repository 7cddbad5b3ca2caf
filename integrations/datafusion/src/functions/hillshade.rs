//! Defines `nd_hillshade`: light and shade on the ground.

use datafusion_expr::ScalarUDF;
use ndarray::{Array2, ArrayView2};
use ndraster::{Error, GeoTransform, Raster, Result};

use crate::band_key::BandKey;
use crate::raster_udf_with;

/// Returns the SQL function `nd_hillshade(raster [, scale [, band]])`: how bright the ground is in light from the north-west,
/// 45 degrees above the horizon, by Horn's formula, as uint8.
///
/// Pixels are 1 in full shade to 255 in full light, and 0, the nodata value of the result, where the ground or one of its eight
/// neighbours is nodata, NaN or infinite. At the edge of the raster, the edge pixels are taken as their own neighbours outside.
///
/// `scale` is the number of vertical units in a horizontal unit: 111120 for metres on a grid in degrees, and 1 if it is left
/// out.
///
/// North and east are those of the ground: the whole transform counts, also for rasters that are rotated, skewed or
/// south-up. For rasters without NaN that are neither rotated nor skewed, `gdaldem hillshade` of GDAL 3.10 gives the same
/// result to within one grey level, because it computes in float32. It leaves the pixels at the edge of the raster empty.
///
/// The query fails if a pixel of int64 or uint64 is beyond 2^53 and float64 cannot hold it, and if the transform cannot be
/// inverted.
pub fn nd_hillshade() -> ScalarUDF {
    raster_udf_with("nd_hillshade", |raster, (scale, band): &(Option<f64>, Option<BandKey>)| {
        let heights = BandKey::find_or_only(band.as_ref(), raster)?.to_array_filled2(f64::NAN)?;
        let ground = Ground::new(raster.transform()?, scale.unwrap_or(1.0))?;
        Raster::from_ndarray(hillshade(heights.view(), &ground))?.with_grid_of(raster)?.with_nodata(0u8)
    })
}

/// How many columns and rows lie in a step to the east, and in one to the north, that is one vertical unit long.
struct Ground {
    east: [f64; 2],
    north: [f64; 2],
}

impl Ground {
    fn new(transform: GeoTransform, scale: f64) -> Result<Self> {
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(Error::other(format!("a scale of {scale}, where a number above 0 is expected")));
        }
        let [_, cols_by_x, cols_by_y, _, rows_by_x, rows_by_y] = transform.invert()?.to_gdal();
        let by_scale = |steps: [f64; 2]| steps.map(|step| step / scale);
        Ok(Ground { east: by_scale([cols_by_x, rows_by_x]), north: by_scale([cols_by_y, rows_by_y]) })
    }

    /// Returns the slopes to the east and to the north, from those along columns and rows.
    fn slopes(&self, by_col: f64, by_row: f64) -> (f64, f64) {
        let slope = |[cols, rows]: [f64; 2]| by_col * cols + by_row * rows;
        (slope(self.east), slope(self.north))
    }
}

fn hillshade(heights: ArrayView2<'_, f64>, ground: &Ground) -> Array2<u8> {
    let (height, width) = heights.dim();
    Array2::from_shape_fn((height, width), |(row, col)| {
        let at = |down: isize, right: isize| {
            let row = row.saturating_add_signed(down).min(height - 1);
            heights[[row, col.saturating_add_signed(right).min(width - 1)]]
        };
        // Horn's formula leaves the middle out.
        if !at(0, 0).is_finite() {
            return 0;
        }
        let by_col = (at(-1, 1) + 2.0 * at(0, 1) + at(1, 1)) - (at(-1, -1) + 2.0 * at(0, -1) + at(1, -1));
        let by_row = (at(1, -1) + 2.0 * at(1, 0) + at(1, 1)) - (at(-1, -1) + 2.0 * at(-1, 0) + at(-1, 1));
        let (east, north) = ground.slopes(by_col / 8.0, by_row / 8.0);
        shade(east, north)
    })
}

/// Returns how bright a slope is in light from the north-west, 45 degrees above the horizon: 1 to 255, or 0 if the square of the
/// slope is not finite.
fn shade(east: f64, north: f64) -> u8 {
    let light = [-0.5, 0.5, std::f64::consts::FRAC_1_SQRT_2];
    let normal = [-east, -north, 1.0];
    let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
    if !length.is_finite() {
        return 0;
    }
    let cosine = normal.iter().zip(light).map(|(a, b)| a * b).sum::<f64>() / length;
    (1.0 + 254.0 * cosine.max(0.0)).round() as u8
}
