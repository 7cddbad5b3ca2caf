//! Where pixels are on the ground.

use crate::error::{Result, error};
use crate::payload::MAX_LEN;

/// The six numbers that take a pixel to the ground, in GDAL's order:
/// `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
///
/// ```text
/// x = origin_x + col * scale_x + row * skew_x
/// y = origin_y + col * skew_y  + row * scale_y
/// ```
///
/// `(0, 0)` is the outer corner of the first pixel, `(0.5, 0.5)` its centre. Ground coordinates are in the
/// units of the raster's CRS, and a north-up raster has a negative `scale_y`.
///
/// ```
/// use ndraster::GeoTransform;
///
/// // 30 m pixels, the upper left corner at (500000, 4600000).
/// let transform = GeoTransform::new([500_000.0, 30.0, 0.0, 4_600_000.0, 0.0, -30.0]);
/// assert_eq!(transform.apply(10.0, 2.0), (500_300.0, 4_599_940.0));
/// assert_eq!(transform.pixel_center(0, 0), (500_015.0, 4_599_985.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoTransform([f64; 6]);

/// Whether coordinates name the corners of cells or their centres.
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
    /// A bounding box runs along the outer edges of the border cells (GDAL's "pixel is area").
    #[default]
    Pixel,
    /// A bounding box runs through the centres of the border cells (GDAL's "pixel is point").
    Node,
}

impl Default for GeoTransform {
    /// North up, pixels of one unit, the origin at (0, 0): what a raster has before it is given another.
    fn default() -> Self {
        GeoTransform([0.0, 1.0, 0.0, 0.0, 0.0, -1.0])
    }
}

impl GeoTransform {
    /// From GDAL's order: `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::new([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]), GeoTransform::default());
    /// ```
    pub const fn new(gdal: [f64; 6]) -> Self {
        GeoTransform(gdal)
    }

    /// In GDAL's order.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().to_gdal(), [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
    /// ```
    pub const fn to_gdal(self) -> [f64; 6] {
        self.0
    }

    /// From the order of rasterio and the `affine` package:
    /// `scale_x, skew_x, origin_x, skew_y, scale_y, origin_y`.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::from_affine([30.0, 0.0, 500.0, 0.0, -30.0, 900.0]);
    /// assert_eq!(transform.to_gdal(), [500.0, 30.0, 0.0, 900.0, 0.0, -30.0]);
    /// ```
    pub const fn from_affine([a, b, c, d, e, f]: [f64; 6]) -> Self {
        GeoTransform([c, a, b, f, d, e])
    }

    /// In the order of rasterio and the `affine` package.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().to_affine(), [1.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
    /// ```
    pub const fn to_affine(self) -> [f64; 6] {
        let [c, a, b, f, d, e] = self.0;
        [a, b, c, d, e, f]
    }

    /// The north-up transform of `width` x `height` cells in a box `[xmin, ymin, xmax, ymax]`.
    ///
    /// With [`Registration::Node`] the box runs through the centres of the border cells, so that the
    /// raster reaches half a cell beyond it on each side.
    ///
    /// Cost: a handful of multiplications.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a box that is empty, turned over or not
    /// finite, for no cells, and, with node registration, for fewer than two cells along an axis.
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

    /// The ground coordinates `(x, y)` of a place in the raster, counted in columns and rows.
    ///
    /// Cost: a handful of multiplications.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().apply(3.0, 2.0), (3.0, -2.0));
    /// ```
    pub fn apply(self, col: f64, row: f64) -> (f64, f64) {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        (origin_x + col * scale_x + row * skew_x, origin_y + col * skew_y + row * scale_y)
    }

    /// The transform from the ground to `(col, row)`.
    ///
    /// Cost: a handful of multiplications.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) where the raster has no area on the ground, or
    /// numbers that are not finite.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let transform = GeoTransform::new([100.0, 2.0, 0.0, 50.0, 0.0, -2.0]);
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

    /// The ground coordinates `(x, y)` of a pixel's centre. Any index, also outside of the raster.
    ///
    /// Cost: a handful of multiplications.
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().pixel_center(2, 3), (3.5, -2.5));
    /// ```
    pub fn pixel_center(self, row: i64, col: i64) -> (f64, f64) {
        self.apply(col as f64 + 0.5, row as f64 + 0.5)
    }

    /// The `(row, col)` of the pixel that a place on the ground falls into, which may be outside of the
    /// raster: compare with its height and width. A pixel owns its lower edges, not its upper ones.
    ///
    /// Cost: a handful of multiplications.
    ///
    /// # Errors
    /// As [`invert`](Self::invert), and for coordinates that are not finite.
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

    /// The x coordinate of each column's centre, `width` of them, as xarray has them.
    ///
    /// Cost: one allocation, of eight bytes a column.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a rotated or skewed transform, where a
    /// column has no single x; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 2^31 - 1
    /// bytes of them: a raster may claim any width.
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

    /// The y coordinate of each row's centre, `height` of them, as xarray has them.
    ///
    /// Cost: one allocation, of eight bytes a row.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a rotated or skewed transform, where a row
    /// has no single y; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) as for
    /// [`x_coords`](Self::x_coords).
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

    /// The transform of a raster of which, along x, only every `step`-th column is kept, from column `start`
    /// on: pixel centres stay where they are on the ground.
    ///
    /// The edges do not: a pixel is `step` times as wide, so the box grows by half of that on either side, and
    /// backwards it is turned over.
    ///
    /// Cost: a handful of multiplications.
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

    /// The same along y, for rows.
    ///
    /// Cost: a handful of multiplications.
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

    /// The envelope `[xmin, ymin, xmax, ymax]` of the outer corners of `width` x `height` pixels.
    ///
    /// Cost: a handful of multiplications.
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

impl From<[f64; 6]> for GeoTransform {
    fn from(gdal: [f64; 6]) -> Self {
        GeoTransform(gdal)
    }
}
