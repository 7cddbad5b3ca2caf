//! GDAL's order of the six numbers, and rasterio's.
//!
//! Both are six bare numbers, and nearly every array of them is a transform in either order. So each way in names its order,
//! and refuses numbers that make sense in the other order only.

use crate::error::{Result, error};
use crate::geo::GeoTransform;

impl GeoTransform {
    /// Makes a transform from numbers in GDAL's order: `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) in these cases:
    ///
    /// - A number is not finite.
    /// - The numbers make sense in rasterio's order only: in GDAL's order pixels would be turned and not square, or 100
    ///   times as long as wide, or nearly flat, and in rasterio's order they are upright or square.
    ///   [`from_affine`](Self::from_affine) takes that order.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::from_gdal([399_960.0, 10.0, 0.0, 5_000_040.0, 0.0, -10.0])?;
    /// assert_eq!(transform.apply(0.0, 0.0), (399_960.0, 5_000_040.0));
    /// // rasterio's order
    /// assert!(GeoTransform::from_gdal([10.0, 0.0, 399_960.0, 0.0, -10.0, 5_000_040.0]).is_err());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetGeoTransform"))]
    pub fn from_gdal(gdal: [f64; 6]) -> Result<Self> {
        let (transform, other) = (GeoTransform(gdal), GeoTransform::permuted(gdal));
        if !transform.is_plausible() && other.is_plausible() {
            return Err(error!(
                Argument,
                "from_gdal: {gdal:?} has no {} pixels in GDAL's order (origin_x, scale_x, skew_x, origin_y, skew_y, \
                 scale_y), but has in rasterio's: use `GeoTransform::from_affine`",
                other.form()
            ));
        }
        transform.require_finite("from_gdal")
    }

    /// Makes a transform from numbers in the order of rasterio and the `affine` package:
    /// `scale_x, skew_x, origin_x, skew_y, scale_y, origin_y`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) in these cases:
    ///
    /// - A number is not finite.
    /// - The numbers make sense in GDAL's order only: in rasterio's order pixels would be turned and not square, or 100
    ///   times as long as wide, or nearly flat, and in GDAL's order they are upright or square.
    ///   [`from_gdal`](Self::from_gdal) takes that order.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::from_affine([30.0, 0.0, 500.0, 0.0, -30.0, 900.0])?;
    /// assert_eq!(transform.to_gdal(), [500.0, 30.0, 0.0, 900.0, 0.0, -30.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("Affine"))]
    pub fn from_affine(affine: [f64; 6]) -> Result<Self> {
        let (transform, other) = (GeoTransform::permuted(affine), GeoTransform(affine));
        if !transform.is_plausible() && other.is_plausible() {
            return Err(error!(
                Argument,
                "from_affine: {affine:?} has no {} pixels in rasterio's order (scale_x, skew_x, origin_x, skew_y, \
                 scale_y, origin_y), but has in GDAL's: use `GeoTransform::from_gdal`",
                other.form()
            ));
        }
        transform.require_finite("from_affine")
    }

    /// Makes a transform from the two rows of its matrix: `[scale_x, skew_x, origin_x]` and `[skew_y, scale_y, origin_y]`.
    ///
    /// Rows cannot be in a wrong order unnoticed, so any finite numbers are taken, also those of pixels that are turned and
    /// long. Use it for numbers that a file stores.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a number is not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// // Turned by a quarter, 2 m along a row and 0.5 m along a column.
    /// let transform = GeoTransform::from_matrix([[0.0, 2.0, 11.5], [-0.5, 0.0, 0.0]])?;
    /// assert_eq!(transform.apply(1.0, 1.0), (13.5, -0.5));
    /// assert_eq!(transform.to_gdal(), [11.5, 0.0, 2.0, 0.0, -0.5, 0.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_matrix([[a, b, c], [d, e, f]]: [[f64; 3]; 2]) -> Result<Self> {
        GeoTransform::permuted([a, b, c, d, e, f]).require_finite("from_matrix")
    }

    /// Numbers in rasterio's order.
    const fn permuted([a, b, c, d, e, f]: [f64; 6]) -> Self {
        GeoTransform([c, a, b, f, d, e])
    }

    /// What makes its pixels look right.
    fn form(self) -> &'static str {
        if self.is_upright() { "upright" } else { "square" }
    }

    /// Do columns go along x, and rows along y?
    fn is_upright(self) -> bool {
        let [_, _, skew_x, _, skew_y, _] = self.0;
        skew_x == 0.0 && skew_y == 0.0
    }

    /// Could a pixel look like that: of some extent both ways, not extremely long, not extremely skewed?
    fn is_plausible(self) -> bool {
        let [_, scale_x, skew_x, _, skew_y, scale_y] = self.0;
        let (along_col, along_row) = (scale_x.hypot(skew_y), skew_x.hypot(scale_y));
        let ratio = along_col.max(along_row) / along_col.min(along_row);
        let cosine = (scale_x * skew_x + skew_y * scale_y) / (along_col * along_row);
        let longest = if self.is_upright() { MAX_RATIO } else { MAX_TURNED_RATIO };
        ratio <= longest && cosine.abs() <= MAX_COSINE
    }
}

/// The longest pixel, by its width and height, that is taken for one.
const MAX_RATIO: f64 = 100.0;

/// The same for a pixel that is turned, because numbers in the wrong order look like one. Square pixels may be turned.
const MAX_TURNED_RATIO: f64 = 1.01;

/// The most that the angle between the sides of a pixel may differ from a right one: its cosine.
const MAX_COSINE: f64 = 0.1;
