//! Converts between pixels and coordinates on the ground.
//!
//! [`order`] tells GDAL's order of the six numbers from rasterio's, [`inverse`] finds the pixel under a point, [`coords`] has
//! the coordinates of xarray dimensions.

mod coords;
pub(crate) mod inverse;
mod order;

use crate::error::{Error, Result, error};

/// The affine transform from pixels to ground coordinates: six numbers, kept in GDAL's order
/// `origin_x, scale_x, skew_x, origin_y, skew_y, scale_y`.
///
/// Make one from GDAL's numbers by [`from_gdal`](Self::from_gdal), from rasterio's by
/// [`from_affine`](Self::from_affine), from a bounding box by [`from_bbox`](Self::from_bbox), or from the coordinates of
/// pixel centres, as netCDF and xarray have them, by [`from_coords`](Self::from_coords).
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
/// let transform = GeoTransform::from_gdal([500_000.0, 30.0, 0.0, 4_600_000.0, 0.0, -30.0])?;
/// assert_eq!(transform.apply(10.0, 2.0), (500_300.0, 4_599_940.0));
/// assert_eq!(transform.pixel_center(0, 0), (500_015.0, 4_599_985.0));
/// # Ok::<(), ndraster::Error>(())
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
    /// The numbers that a column stores, whatever they are.
    pub(crate) const fn from_stored(gdal: [f64; 6]) -> Self {
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
    /// Row 0 is the northern one, at `ymax`. For rows that go north, use [`from_coords`](Self::from_coords).
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
    /// - A pixel is too small or too large for `f64`.
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
        let transform = GeoTransform([xmin - half * scale_x, scale_x, 0.0, ymax - half * scale_y, 0.0, scale_y]);
        if [scale_x, scale_y].iter().any(|scale| scale.abs() < f64::MIN_POSITIVE) {
            return Err(error!(
                Argument,
                "bbox: {bbox:?} is too small for {width} x {height} pixels of `f64` coordinates"
            ));
        }
        transform.require_finite(format_args!("bbox: {bbox:?} is too large"))
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
    #[doc(alias("xy", "RS_RasterToWorldCoord"))]
    pub fn pixel_center(self, row: i64, col: i64) -> (f64, f64) {
        self.apply(col as f64 + 0.5, row as f64 + 0.5)
    }

    /// Returns the transform for a raster of which only every `step`-th column is kept, starting with column `start`.
    ///
    /// The centres of the kept pixels stay where they are on the ground. Their outer edges move, because each pixel
    /// becomes `|step|` times as wide: the raster reaches `(|step| - 1) / 2` old pixels beyond the first and the last
    /// kept column. A negative `step` reverses the order of the columns, so the sign of `scale_x` changes.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a number of the result is not finite, or if `start`
    /// or `step` is beyond 2^51, where `f64` loses half pixels.
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
    /// let sliced = transform.slice_x(3, 2)?;
    /// assert_eq!(sliced.pixel_center(0, 0), transform.pixel_center(0, 3));
    /// assert_eq!(sliced.pixel_center(0, 1), transform.pixel_center(0, 5));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn slice_x(self, start: usize, step: isize) -> Result<Self> {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        let (shift, step) = shift("slice_x", start, step)?;
        GeoTransform([
            origin_x + shift * scale_x,
            step * scale_x,
            skew_x,
            origin_y + shift * skew_y,
            step * skew_y,
            scale_y,
        ])
        .require_finite("slice_x")
    }

    /// Returns the transform for a raster of which only every `step`-th row is kept, starting with row `start`.
    ///
    /// The centres of the kept pixels stay where they are on the ground. Their outer edges move, because each pixel
    /// becomes `|step|` times as high: the raster reaches `(|step| - 1) / 2` old pixels beyond the first and the last
    /// kept row. A negative `step` reverses the order of the rows, so the sign of `scale_y` changes.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a number of the result is not finite, or if `start`
    /// or `step` is beyond 2^51, where `f64` loses half pixels.
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
    /// let flipped = transform.slice_y(9, -1)?;
    /// assert_eq!(flipped.pixel_center(0, 0), transform.pixel_center(9, 0));
    /// assert_eq!(flipped.pixel_center(9, 0), transform.pixel_center(0, 0));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn slice_y(self, start: usize, step: isize) -> Result<Self> {
        let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = self.0;
        let (shift, step) = shift("slice_y", start, step)?;
        GeoTransform([
            origin_x + shift * skew_x,
            scale_x,
            step * skew_x,
            origin_y + shift * scale_y,
            skew_y,
            step * scale_y,
        ])
        .require_finite("slice_y")
    }

    /// Returns the bounding box `[xmin, ymin, xmax, ymax]` of the outer corners of `width` x `height` pixels.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a corner is not finite.
    ///
    /// # Cost
    ///
    /// A few multiplications.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// assert_eq!(GeoTransform::default().bbox(4, 3)?, [0.0, -3.0, 4.0, 0.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("bounds", "RS_Envelope"))]
    pub fn bbox(self, width: usize, height: usize) -> Result<[f64; 4]> {
        let (right, bottom) = (width as f64, height as f64);
        let corners = [(0.0, 0.0), (right, 0.0), (0.0, bottom), (right, bottom)].map(|(c, r)| self.apply(c, r));
        let (xs, ys) = (corners.map(|c| c.0), corners.map(|c| c.1));
        let least = |values: [f64; 4]| values.into_iter().fold(f64::INFINITY, f64::min);
        let most = |values: [f64; 4]| values.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let bbox = [least(xs), least(ys), most(xs), most(ys)];
        // A minimum leaves NaN out, so all corners are looked at.
        if xs.iter().chain(&ys).all(|coordinate| coordinate.is_finite()) {
            return Ok(bbox);
        }
        Err(error!(Argument, "bbox: the transform {:?} has no bounds for {width} x {height} pixels", self.0))
    }

    /// The same grid, with the origin at another corner of a pixel.
    pub(crate) fn moved(self, row: i64, col: i64) -> Self {
        let [_, scale_x, skew_x, _, skew_y, scale_y] = self.0;
        let (x, y) = self.apply(col as f64, row as f64);
        GeoTransform([x, scale_x, skew_x, y, skew_y, scale_y])
    }

    /// The transform, unless one of its numbers is NaN or infinite.
    pub(crate) fn require_finite(self, what: impl std::fmt::Display) -> Result<Self> {
        if self.0.iter().all(|number| number.is_finite()) {
            return Ok(self);
        }
        Err(not_finite(self.0, what))
    }
}

#[cold]
fn not_finite(gdal: [f64; 6], what: impl std::fmt::Display) -> Error {
    error!(Argument, "{what}: the transform {gdal:?} is not finite")
}

/// The most pixels for which `f64` still has half ones.
const MAX_PIXELS: u64 = 1 << 51;

/// How far the origin moves if every `step`-th pixel is kept from `start` on, and the step.
fn shift(call: &str, start: usize, step: isize) -> Result<(f64, f64)> {
    if start as u64 > MAX_PIXELS || step.unsigned_abs() as u64 > MAX_PIXELS {
        return Err(error!(Argument, "{call}: start {start} by step {step} is beyond {MAX_PIXELS} pixels"));
    }
    Ok((start as f64 + (1.0 - step as f64) / 2.0, step as f64))
}
