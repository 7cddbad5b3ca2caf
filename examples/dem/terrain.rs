//! Slope and hillshade by Horn's formula, written over ndarray views.

use ndarray::{Array2, ArrayView2, Zip, s};
use ndraster::GeoTransform;

/// Metres from one cell to the next, east and north.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    pub east: f64,
    pub north: f64,
}

impl Ground {
    /// Of a raster in degrees, at the latitude of its middle row.
    pub fn new(transform: GeoTransform, height: usize) -> Self {
        const METRES_PER_DEGREE: f64 = 111_320.0;
        let [_, scale_x, _, _, _, scale_y] = transform.to_gdal();
        let (_, latitude) = transform.pixel_center(height as i64 / 2, 0);
        Ground { east: scale_x * METRES_PER_DEGREE * latitude.to_radians().cos(), north: -scale_y * METRES_PER_DEGREE }
    }
}

/// Where the light comes from, in degrees: the custom of maps, from the north-west and half way up.
const AZIMUTH: f64 = 315.0;
const ALTITUDE: f64 = 45.0;
/// How much steeper than it is the ground is drawn.
const EXAGGERATION: f64 = 2.0;

/// Rise per metre towards the east and the north, for every cell that has eight neighbours.
pub(crate) struct Gradient {
    east: Array2<f64>,
    north: Array2<f64>,
}

impl Gradient {
    pub(crate) fn new(metres: ArrayView2<'_, i16>, ground: Ground) -> Self {
        let (rows, cols) = (metres.nrows().saturating_sub(2), metres.ncols().saturating_sub(2));
        // All cells' neighbours at once: those `down` rows and `right` columns from the upper left ones.
        let neighbours =
            |down: usize, right: usize| metres.slice(s![down..down + rows, right..right + cols]).mapv(f64::from);
        let (a, b, c) = (neighbours(0, 0), neighbours(0, 1), neighbours(0, 2));
        let (d, f) = (neighbours(1, 0), neighbours(1, 2));
        let (g, h, i) = (neighbours(2, 0), neighbours(2, 1), neighbours(2, 2));
        let east = ((&c + 2.0 * f + &i) - (&a + 2.0 * d + &g)) / (8.0 * ground.east);
        let north = ((a + 2.0 * b + c) - (g + 2.0 * h + i)) / (8.0 * ground.north);
        Gradient { east, north }
    }

    /// Degrees from the horizontal.
    pub(crate) fn slope(&self) -> Array2<f64> {
        Zip::from(&self.east).and(&self.north).map_collect(|e, n| e.hypot(*n).atan().to_degrees())
    }

    /// Grey levels: the cosine of the angle between the light and the ground's normal, black in the shade.
    pub(crate) fn hillshade(&self) -> Array2<u8> {
        let (azimuth, altitude) = (AZIMUTH.to_radians(), ALTITUDE.to_radians());
        let light = [azimuth.sin() * altitude.cos(), azimuth.cos() * altitude.cos(), altitude.sin()];
        Zip::from(&self.east).and(&self.north).map_collect(|e, n| {
            let normal = [-e * EXAGGERATION, -n * EXAGGERATION, 1.0];
            let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
            let cosine = normal.iter().zip(light).map(|(a, b)| a * b).sum::<f64>() / length;
            (255.0 * cosine.max(0.0)).round() as u8
        })
    }
}
