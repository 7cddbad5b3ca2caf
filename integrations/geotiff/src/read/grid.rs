//! Reads where an image lies on the ground.

use geotiff_core::RasterType;
use geotiff_core::tags::{TAG_MODEL_PIXEL_SCALE, TAG_MODEL_TIEPOINT, TAG_MODEL_TRANSFORMATION};
use geotiff_core::transform::GeoTransform as Affine;
use ndraster::GeoTransform;
use tiff_reader::Ifd;

use crate::read::tags::floats;

/// How a file places its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Grid {
    /// It does not say.
    Missing,
    /// By a transform from pixels to the ground.
    Affine(GeoTransform),
    /// By points of the image alone, from which no transform follows.
    ControlPoints,
    /// By numbers that are not finite.
    Invalid,
}

/// Reads the tags of an image, as GDAL does: pixel scale and tie point first, then the matrix.
pub(crate) fn grid(ifd: &Ifd, raster_type: RasterType) -> Grid {
    let scale = floats(ifd, TAG_MODEL_PIXEL_SCALE);
    let tie = floats(ifd, TAG_MODEL_TIEPOINT);
    let matrix = floats(ifd, TAG_MODEL_TRANSFORMATION);
    let scale = scale.as_deref().and_then(|scale| match *scale {
        [x, y, ..] if x != 0.0 && y != 0.0 => Some([x, y, 0.0]),
        _ => None,
    });
    let tie_point = tie.as_deref().and_then(|tie| tie.first_chunk::<6>());
    let matrix = matrix.as_deref().and_then(|matrix| <&[f64; 16]>::try_from(matrix).ok());
    let affine = match (scale, tie_point, matrix) {
        // A scale alone places the first corner at (0, 0).
        (Some(scale), tie, _) => {
            Affine::from_tiepoint_and_scale_with_raster_type(tie.unwrap_or(&[0.0; 6]), &scale, raster_type)
        }
        (None, _, Some(matrix)) => Affine::from_transformation_matrix_with_raster_type(matrix, raster_type),
        (None, Some(_), None) => return Grid::ControlPoints,
        (None, None, None) => return Grid::Missing,
    };
    let Affine { origin_x, pixel_width, skew_x, origin_y, skew_y, pixel_height } = affine;
    match GeoTransform::from_matrix([[pixel_width, skew_x, origin_x], [skew_y, pixel_height, origin_y]]) {
        Ok(transform) => Grid::Affine(transform),
        Err(_) => Grid::Invalid,
    }
}
