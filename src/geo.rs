//! Converts between pixels and coordinates on the ground.

use crate::error::{Result, error};
use crate::limits::MAX_LEN;

/// The affine transform from pixels to ground coordinates: six numbers, kept in GDAL's order
/// `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
///
/// Make one from GDAL's numbers by [`from_gdal`](Self::from_gdal), from rasterio's by
/// [`from_affine`](Self::from_affine), or from a bounding box by [`from_bbox`](Self::from_bbox).
///
/// ```text
/// x = origin_x + col * scale_x + row * skew_x
/// y = origin_y + col * skew_y  + row * scale_y
/// ```
///
/// `(col, row)` = `(0, 0)` is the outer corner of the first pixel, and `(0.5, 0.5)` is its centre. Ground coordinates
/// have the units of the raster's CRS. A north-up raster has a negative `scale_y`.
///
/// # Examples
///
/// ```
/// use ndraster::GeoTransform;
///
/// // 30 m pixels, the upper left corner at (500000, 4600000).
/// let transform = GeoTransform::from_gdal([500_000.0, 30.0, 0.0, 4_600_000.0, 0.0, -30.0]);
/// assert_eq!(transform.apply(10.0, 2.0), (500_300.0, 4_599_940.0));
/// assert_eq!(transform.pixel_center(0, 0), (500_015.0, 4_599_985.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoTransform([f64; 6]);

/// How a bounding box lies on the border pixels: along their outer edges, or through their centres.
///
/// # Examples
///
/// ```
/// use ndraster::{GeoTransform, Registration};
///
/// let bbox = [0.0, 0.0, 10.0, 10.0];
/// let pixel = GeoTransform::from_bbox(bbox, 11, 11, Registration::Pixel)?;
/// let node = GeoTransform::from_bbox(bbox, 11, 11, Registration::Node)?;
/// assert_eq!(node.pixel_center(0, 0), (0.0, 10.0));
/// assert_eq!(pixel.apply(0.0, 0.0), (0.0, 10.0));
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Registration {
    /// The bounding box runs along the outer edges of the border pixels (GDAL's "pixel is area").
    #[default]
    Pixel,
    /// The bounding box runs through the centres of the border pixels (GDAL's "pixel is point").
    Node,
}

impl Default for GeoTransform {
    /// Returns the transform that a new raster has: north up, with pixels of one unit, and the origin at (0, 0).
    fn default() -> Self {
        GeoTransform([0.0, 1.0, 0.0, 0.0, 0.0, -1.0])
    }
}

impl GeoTransform {
    /// Makes a transform from numbers in GDAL's order: `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::from_gdal([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]), GeoTransform::default());
    /// ```
    pub const fn from_gdal(gdal: [f64; 6]) -> Self {
        GeoTransform(gdal)
    }

    /// Returns the numbers in GDAL's order: `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().to_gdal(), [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
    /// ```
    pub const fn to_gdal(self) -> [f64; 6] {
        self.0
    }

    /// Makes a transform from numbers in the order of rasterio and the `affine` package:
    /// `scale_x, skew_x, origin_x, skew_y, scale_y, origin_y`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::from_affine([30.0, 0.0, 500.0, 0.0, -30.0, 900.0]);
    /// assert_eq!(transform.to_gdal(), [500.0, 30.0, 0.0, 900.0, 0.0, -30.0]);
    /// ```
    pub const fn from_affine([a, b, c, d, e, f]: [f64; 6]) -> Self {
        GeoTransform([c, a, b, f, d, e])
    }

    /// Returns the numbers in the order of rasterio and the `affine` package:
    /// `scale_x, skew_x, origin_x, skew_y, scale_y, origin_y`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().to_affine(), [1.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
    /// ```
    pub const fn to_affine(self) -> [f64; 6] {
        let [c, a, b, f, d, e] = self.0;
        [a, b, c, d, e, f]
    }

    /// Makes the north-up transform of `width` x `height` pixels in the bounding box `[xmin, ymin, xmax, ymax]`.
    ///
    /// With [`Registration::Node`] the box runs through the centres of the border pixels, so the raster reaches half a
    /// pixel beyond the box on each side.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) in these cases:
    ///
    /// - A number of the box is not finite, or `xmin < xmax` or `ymin < ymax` does not hold.
    /// - `width` or `height` is zero.
    /// - `width` or `height` is one, with [`Registration::Node`].
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{GeoTransform, Registration};
    ///
    /// let transform = GeoTransform::from_bbox([10.0, 40.0, 14.0, 42.0], 400, 200, Registration::Pixel)?;
    /// assert_eq!(transform.to_gdal(), [10.0, 0.01, 0.0, 42.0, 0.0, -0.01]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_bbox(bbox: [f64; 4], width: usize, height: usize, registration: Registration) -> Result<Self> {
        let [xmin, ymin, xmax, ymax] = bbox;
        if !(xmin < xmax && ymin < ymax && bbox.iter().all(|c| c.is_finite())) {
            return Err(error!(
                Argument,
                "bbox: expected [xmin, ymin, xmax, ymax] with xmin < xmax and ymin < ymax, found {bbox:?}"
            ));
        }
        let (least, border) = match registration {
            Registration::Pixel => (1, 0.0),
            Registration::Node => (2, 1.0),
        };
        if width < least || height < least {
            return Err(error!(
                Argument,
                "bbox: {registration:?} registration needs at least {least} cells along each axis, found width \
                 {width} and height {height}"
            ));
        }
        let scale_x = (xmax - xmin) / (width as f64 - border);
        let scale_y = -(ymax - ymin) / (height as f64 - border);
        let half = border / 2.0;
        Ok(GeoTransform([xmin - half * scale_x, scale_x, 0.0, ymax - half * scale_y, 0.0, scale_y]))
    }

    /// Returns the ground coordinates `(x, y)` of a point in the raster, given in columns and rows.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().apply(3.0, 2.0), (3.0, -2.0));
    /// ```
    pub fn apply(self, col: f64, row: f64) -> (f64, f64) {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        (origin_x + col * scale_x + row * skew_x, origin_y + col * skew_y + row * scale_y)
    }

    /// Returns the inverse transform, from ground coordinates to `(col, row)`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a pixel has no area on the ground, or if a number
    /// of the transform is not finite.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::from_gdal([100.0, 2.0, 0.0, 50.0, 0.0, -2.0]);
    /// assert_eq!(transform.invert()?.apply(104.0, 44.0), (2.0, 3.0));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn invert(self) -> Result<Self> {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        let det = scale_x * scale_y - skew_x * skew_y;
        if det == 0.0 || !det.is_finite() || !origin_x.is_finite() || !origin_y.is_finite() {
            return Err(error!(Argument, "transform: {:?} cannot be inverted", self.0));
        }
        let (a, b, d, e) = (scale_y / det, -skew_x / det, -skew_y / det, scale_x / det);
        Ok(GeoTransform([-(a * origin_x + b * origin_y), a, b, -(d * origin_x + e * origin_y), d, e]))
    }

    /// Returns the ground coordinates `(x, y)` of a pixel's centre.
    ///
    /// The pixel may lie outside of the raster.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().pixel_center(2, 3), (3.5, -2.5));
    /// ```
    pub fn pixel_center(self, row: i64, col: i64) -> (f64, f64) {
        self.apply(col as f64 + 0.5, row as f64 + 0.5)
    }

    /// Returns the `(row, col)` of the pixel that contains a point on the ground.
    ///
    /// The pixel may lie outside of the raster, so compare with the height and the width of the raster. A point on an
    /// edge belongs to the pixel with the larger row or column.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a pixel has no area on the ground, if a number of
    /// the transform is not finite, or if `x`, `y`, the row or the column is not finite.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().pixel_at(3.5, -2.5)?, (2, 3));
    /// assert_eq!(GeoTransform::default().pixel_at(-0.5, 0.5)?, (-1, -1));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn pixel_at(self, x: f64, y: f64) -> Result<(i64, i64)> {
        let (col, row) = self.invert()?.apply(x, y);
        if !col.is_finite() || !row.is_finite() {
            return Err(error!(Argument, "pixel_at: ({x}, {y}) is no place on the ground"));
        }
        Ok((row.floor() as i64, col.floor() as i64))
    }

    /// Returns the x coordinate of the centre of each of `width` columns, like the coordinates of an xarray dimension.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a rotated or skewed transform, because a column
    /// then has no single x.
    ///
    /// Returns [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes.
    /// The limit exists because a raster may claim any width.
    ///
    /// # Cost
    ///
    /// One allocation of eight bytes for each column.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().x_coords(3)?, [0.5, 1.5, 2.5]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn x_coords(self, width: usize) -> Result<Vec<f64>> {
        self.require_unrotated("x_coords")?;
        require_few(width)?;
        Ok((0..width).map(|col| self.pixel_center(0, col as i64).0).collect())
    }

    /// Returns the y coordinate of the centre of each of `height` rows, like the coordinates of an xarray dimension.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a rotated or skewed transform, because a row
    /// then has no single y.
    ///
    /// Returns [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes.
    /// The limit exists because a raster may claim any height.
    ///
    /// # Cost
    ///
    /// One allocation of eight bytes for each row.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().y_coords(2)?, [-0.5, -1.5]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn y_coords(self, height: usize) -> Result<Vec<f64>> {
        self.require_unrotated("y_coords")?;
        require_few(height)?;
        Ok((0..height).map(|row| self.pixel_center(row as i64, 0).1).collect())
    }

    fn require_unrotated(self, call: &str) -> Result<()> {
        let [_, _, skew_x, _, skew_y, _] = self.0;
        if skew_x == 0.0 && skew_y == 0.0 {
            return Ok(());
        }
        Err(error!(Argument, "{call}: the transform is rotated (skew_x {skew_x}, skew_y {skew_y}): use pixel_center"))
    }

    /// Returns the transform for a raster of which only every `step`-th column is kept, starting with column `start`.
    ///
    /// The centres of the kept pixels stay where they are on the ground. Their outer edges move, because each pixel
    /// becomes `|step|` times as wide: the raster reaches `(|step| - 1) / 2` old pixels beyond the first and the last
    /// kept column. A negative `step` reverses the order of the columns, so the sign of `scale_x` changes.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::default();
    /// let sliced = transform.slice_x(3, 2);
    /// assert_eq!(sliced.pixel_center(0, 0), transform.pixel_center(0, 3));
    /// assert_eq!(sliced.pixel_center(0, 1), transform.pixel_center(0, 5));
    /// ```
    pub fn slice_x(self, start: usize, step: isize) -> Self {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        let (shift, step) = (start as f64 + (1.0 - step as f64) / 2.0, step as f64);
        GeoTransform([
            origin_x + shift * scale_x,
            step * scale_x,
            skew_x,
            origin_y + shift * skew_y,
            step * skew_y,
            scale_y,
        ])
    }

    /// Returns the transform for a raster of which only every `step`-th row is kept, starting with row `start`.
    ///
    /// The centres of the kept pixels stay where they are on the ground. Their outer edges move, because each pixel
    /// becomes `|step|` times as high: the raster reaches `(|step| - 1) / 2` old pixels beyond the first and the last
    /// kept row. A negative `step` reverses the order of the rows, so the sign of `scale_y` changes.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::default();
    /// let flipped = transform.slice_y(9, -1);
    /// assert_eq!(flipped.pixel_center(0, 0), transform.pixel_center(9, 0));
    /// assert_eq!(flipped.pixel_center(9, 0), transform.pixel_center(0, 0));
    /// ```
    pub fn slice_y(self, start: usize, step: isize) -> Self {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        let (shift, step) = (start as f64 + (1.0 - step as f64) / 2.0, step as f64);
        GeoTransform([
            origin_x + shift * skew_x,
            scale_x,
            step * skew_x,
            origin_y + shift * scale_y,
            skew_y,
            step * scale_y,
        ])
    }

    /// Returns the bounding box `[xmin, ymin, xmax, ymax]` of the outer corners of `width` x `height` pixels.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().bbox(4, 3), [0.0, -3.0, 4.0, 0.0]);
    /// ```
    pub fn bbox(self, width: usize, height: usize) -> [f64; 4] {
        let (right, bottom) = (width as f64, height as f64);
        let corners = [(0.0, 0.0), (right, 0.0), (0.0, bottom), (right, bottom)].map(|(c, r)| self.apply(c, r));
        let (xs, ys) = (corners.map(|c| c.0), corners.map(|c| c.1));
        let least = |values: [f64; 4]| values.into_iter().fold(f64::INFINITY, f64::min);
        let most = |values: [f64; 4]| values.into_iter().fold(f64::NEG_INFINITY, f64::max);
        [least(xs), least(ys), most(xs), most(ys)]
    }
}

fn require_few(coords: usize) -> Result<()> {
    if coords > MAX_LEN / size_of::<f64>() {
        return Err(error!(TooLarge, "{coords} coordinates are more than {MAX_LEN} bytes: use pixel_center"));
    }
    Ok(())
}
