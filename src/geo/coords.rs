//! The coordinates of rows and columns, as netCDF and xarray have them.

use crate::error::{Error, Result, error};
use crate::geo::GeoTransform;
use crate::limits::MAX_LEN;

/// How far, in pixels, a coordinate may lie from where even spacing has it.
const TOLERANCE: f64 = 0.01;

impl GeoTransform {
    /// Makes the unrotated transform of pixels with these centres: the x of each column, and the y of each row.
    ///
    /// Coordinates may ascend or descend. Rows that go north, as climate models have them, make a raster that is south-up:
    /// its `scale_y` is positive.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument), with the position, in these cases:
    ///
    /// - There are fewer than two coordinates along an axis, so that pixels have no known size.
    /// - A coordinate is not finite.
    /// - Coordinates lie so close together that `f64` cannot tell the edges of pixels apart.
    /// - A coordinate lies more than a hundredth of a pixel from where even spacing between the first and the last has it.
    ///
    /// # Cost
    ///
    /// A look at each coordinate.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::GeoTransform;
    /// let (lon, lat) = ([0.5, 1.5, 2.5], [-89.5, -88.5]); // latitudes ascend
    /// let transform = GeoTransform::from_coords(&lon, &lat)?;
    /// assert_eq!(transform.to_gdal(), [0.0, 1.0, 0.0, -90.0, 0.0, 1.0]);
    /// assert_eq!(transform.y_coords(2)?, lat);
    /// assert!(GeoTransform::from_coords(&[0.0, 1.0, 3.0], &lat).is_err());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("affine"))]
    #[doc(alias = "from_origin")]
    pub fn from_coords(x: &[f64], y: &[f64]) -> Result<Self> {
        let (origin_x, scale_x) = axis("x", x)?;
        let (origin_y, scale_y) = axis("y", y)?;
        GeoTransform([origin_x, scale_x, 0.0, origin_y, 0.0, scale_y]).require_finite("from_coords")
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
    #[doc(alias("coords", "linspace"))]
    pub fn x_coords(self, width: usize) -> Result<Vec<f64>> {
        self.require_unrotated("x_coords")?;
        check_count(width)?;
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
    #[doc(alias("coords", "linspace"))]
    pub fn y_coords(self, height: usize) -> Result<Vec<f64>> {
        self.require_unrotated("y_coords")?;
        check_count(height)?;
        Ok((0..height).map(|row| self.pixel_center(row as i64, 0).1).collect())
    }

    fn require_unrotated(self, call: &str) -> Result<()> {
        let [_, _, skew_x, _, skew_y, _] = self.0;
        if skew_x == 0.0 && skew_y == 0.0 {
            return Ok(());
        }
        Err(error!(Argument, "{call}: the transform is rotated (skew_x {skew_x}, skew_y {skew_y}): use pixel_center"))
    }
}

/// How many rounding errors of a coordinate a pixel has at least, so that its edges and its centre differ.
const LEAST_ROUNDINGS: f64 = 8.0;

/// The outer edge of the first pixel along an axis, and the spacing.
fn axis(name: &str, coordinates: &[f64]) -> Result<(f64, f64)> {
    let (Some(&first), Some(&last), count) = (coordinates.first(), coordinates.last(), coordinates.len()) else {
        return Err(too_few(name, 0));
    };
    if count < 2 {
        return Err(too_few(name, count));
    }
    let scale = (last - first) / (count - 1) as f64;
    let expected = |index: usize| first + index as f64 * scale;
    let is_even = |(index, found): (usize, &f64)| (found - expected(index)).abs() <= TOLERANCE * scale.abs();
    match coordinates.iter().enumerate().find(|pair| !is_even(*pair)) {
        Some((index, found)) => Err(uneven(name, coordinates).unwrap_or_else(|| {
            error!(
                Argument,
                "coordinates: {name}[{index}] is {found}, where even spacing by {scale} from {first} on has {}: coordinates \
                 must be regular to {TOLERANCE} pixels, so resample irregular grids first",
                expected(index)
            )
        })),
        None if scale == 0.0 => {
            Err(error!(Argument, "coordinates: all coordinates {name} are {first}, so pixels have no size"))
        }
        None if scale.abs() < f64::MIN_POSITIVE.max(LEAST_ROUNDINGS * f64::EPSILON * first.abs().max(last.abs())) => {
            Err(error!(Argument, "coordinates: {name} lies in steps of {scale:?}, which `f64` cannot tell apart at {first}"))
        }
        None => Ok((first - scale / 2.0, scale)),
    }
}

/// Makes the error for a step that differs from the first one, if a single step does.
#[cold]
fn uneven(name: &str, coordinates: &[f64]) -> Option<Error> {
    let steps = || coordinates.windows(2).filter_map(|pair| <[f64; 2]>::try_from(pair).ok());
    let [start, next] = steps().next()?;
    let usual = next - start;
    let (index, [before, after]) =
        steps().enumerate().find(|(_, [a, b])| ((b - a) - usual).abs() > TOLERANCE * usual.abs())?;
    Some(error!(
        Argument,
        "coordinates: from {name}[{index}] = {before} to {name}[{}] = {after} is a step of {}, where the first step is {usual}: \
         put them in order (longitudes from 0 to 360 as well), or resample an irregular grid",
        index + 1,
        after - before
    ))
}

#[cold]
fn too_few(name: &str, count: usize) -> Error {
    error!(
        Argument,
        "coordinates: {count} of {name} do not say how large a pixel is: give two or more, or set a transform made by \
         `GeoTransform::from_gdal`"
    )
}

/// Refuses more coordinates than a result may have: a raster may claim any width.
fn check_count(coords: usize) -> Result<()> {
    if coords > MAX_LEN / size_of::<f64>() {
        return Err(error!(TooLarge, "{coords} coordinates are more than {MAX_LEN} bytes: use pixel_center"));
    }
    Ok(())
}
