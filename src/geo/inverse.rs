//! From the ground to pixels.
//!
//! A coordinate that [`apply`](GeoTransform::apply) computes carries a rounding error, so that the corner of a pixel can come
//! out a little before the corner. Which pixel a point belongs to is therefore decided to within that error: a point that may
//! lie on an edge lies on it.

use crate::error::{Error, Result, error};
use crate::geo::GeoTransform;

impl GeoTransform {
    /// Returns the inverse transform, from ground coordinates to `(col, row)`.
    ///
    /// It is exact where each number of the result can be, for transforms without rotation. To find a pixel, use
    /// [`pixel_at`](Self::pixel_at), which allows for rounding.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a pixel has no area on the ground, if a number
    /// of the transform is not finite, or if the inverse overflows.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::from_gdal([100.0, 2.0, 0.0, 50.0, 0.0, -2.0])?;
    /// assert_eq!(transform.invert()?.apply(104.0, 44.0), (2.0, 3.0));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn invert(self) -> Result<Self> {
        let [origin_x, _, _, origin_y, _, _] = self.0;
        let [a, b, d, e] = self.inverse_matrix()?;
        // Negated as a difference, so that zero stays positive.
        let col = 0.0 - sum_of_products(a, origin_x, b, origin_y);
        let row = 0.0 - sum_of_products(d, origin_x, e, origin_y);
        let inverse = match self.matrix() {
            [scale_x, 0.0, 0.0, scale_y] => [0.0 - origin_x / scale_x, a, b, 0.0 - origin_y / scale_y, d, e],
            [0.0, skew_x, skew_y, 0.0] => [0.0 - origin_y / skew_y, a, b, 0.0 - origin_x / skew_x, d, e],
            _ => [col, a, b, row, d, e],
        };
        GeoTransform(inverse).require_finite("invert").map_err(|_| self.not_invertible())
    }

    /// Returns the `(row, col)` of the pixel that contains a point on the ground.
    ///
    /// The pixel may lie outside of the raster, so compare with the height and the width of the raster, or ask
    /// [`Raster::index_at`](crate::Raster::index_at). A point on an edge belongs to the pixel with the larger row or column.
    /// So does a point that lies before the edge by no more than the rounding error of its coordinates: `pixel_at(apply(col,
    /// row))` is `(row, col)` for all whole `col` and `row`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a pixel has no area on the ground, if a number of
    /// the transform is not finite, if `x` or `y` is not finite, or if the row or the column is beyond 2^53.
    ///
    /// # Cost
    ///
    /// A few multiplications and divisions.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().pixel_at(3.5, -2.5)?, (2, 3));
    /// assert_eq!(GeoTransform::default().pixel_at(-0.5, 0.5)?, (-1, -1));
    /// let tenths = GeoTransform::from_gdal([-180.0, 0.1, 0.0, 90.0, 0.0, -0.1])?;
    /// assert_eq!(tenths.pixel_at(0.0, 0.0)?, (900, 1800));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn pixel_at(self, x: f64, y: f64) -> Result<(i64, i64)> {
        let (col, row) = self.snapped(x, y)?;
        if !(col.abs() <= MAX_INDEX && row.abs() <= MAX_INDEX) {
            return Err(error!(Argument, "pixel_at: ({x:?}, {y:?}) lies on no pixel that can be counted"));
        }
        Ok((row.floor() as i64, col.floor() as i64))
    }

    /// The column and row of a point, with their fractions: whole where the point may lie on an edge, and with a half where it may
    /// lie on a centre. They may be infinite or NaN for a point that is very far off.
    pub(crate) fn snapped(self, x: f64, y: f64) -> Result<(f64, f64)> {
        let [origin_x, _, _, origin_y, _, _] = self.0;
        let [a, b, d, e] = self.inverse_matrix()?;
        let (dx, dy) = (x - origin_x, y - origin_y);
        let (col, row) = match self.matrix() {
            [scale_x, 0.0, 0.0, scale_y] => (dx / scale_x, dy / scale_y),
            [0.0, skew_x, skew_y, 0.0] => (dy / skew_y, dx / skew_x),
            _ => (sum_of_products(a, dx, b, dy), sum_of_products(d, dx, e, dy)),
        };
        let (size_x, size_y) = (x.abs() + origin_x.abs(), y.abs() + origin_y.abs());
        let error = |along_x: f64, along_y: f64, index: f64| {
            ROUNDINGS * f64::EPSILON * (along_x.abs() * size_x + along_y.abs() * size_y + index.abs())
        };
        Ok((snap(col, error(a, b, col)), snap(row, error(d, e, row))))
    }

    /// How a step along columns and rows moves x and y.
    fn matrix(self) -> [f64; 4] {
        let [_, scale_x, skew_x, _, skew_y, scale_y] = self.0;
        [scale_x, skew_x, skew_y, scale_y]
    }

    /// How a step along x and y moves columns and rows.
    fn inverse_matrix(self) -> Result<[f64; 4]> {
        let inverse = match self.matrix() {
            [scale_x, 0.0, 0.0, scale_y] => [1.0 / scale_x, 0.0, 0.0, 1.0 / scale_y],
            [0.0, skew_x, skew_y, 0.0] => [0.0, 1.0 / skew_y, 1.0 / skew_x, 0.0],
            matrix => {
                // In units of the largest number, so that squares neither overflow nor vanish.
                let unit = matrix.iter().fold(0f64, |largest, number| largest.max(number.abs()));
                let [scale_x, skew_x, skew_y, scale_y] = matrix.map(|number| number / unit);
                let det = sum_of_products(scale_x, scale_y, -skew_x, skew_y) * unit;
                [scale_y / det, -skew_x / det, -skew_y / det, scale_x / det]
            }
        };
        if self.0.iter().chain(&inverse).all(|number| number.is_finite()) {
            return Ok(inverse);
        }
        Err(self.not_invertible())
    }

    #[cold]
    fn not_invertible(self) -> Error {
        error!(Argument, "transform: {:?} cannot be inverted", self.0)
    }
}

/// The largest index of which `f64` has every one.
pub(crate) const MAX_INDEX: f64 = (1u64 << 53) as f64;

/// How many rounding errors of `f64` a coordinate and its way back may add up.
const ROUNDINGS: f64 = 4.0;

/// No more than this, in pixels, counts as rounding.
const MAX_ROUNDING: f64 = 0.1;

/// A multiple of a half, if the index may be one.
fn snap(index: f64, error: f64) -> f64 {
    let halves = (2.0 * index).round() / 2.0;
    if (index - halves).abs() <= error.min(MAX_ROUNDING) { halves } else { index }
}

/// `a * b + c * d` with an error of two roundings at most, also where the products nearly cancel (Kahan).
fn sum_of_products(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let product = c * d;
    let rest = c.mul_add(d, -product);
    a.mul_add(b, product) + rest
}
