//! Grey pictures.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use ndarray::Array2;

/// Writes an array in C order as a PNG file, one byte a pixel.
pub(crate) fn write_png(path: &Path, grey: &Array2<u8>) -> Result<(), Box<dyn Error>> {
    let (height, width) = grey.dim();
    let mut encoder = png::Encoder::new(File::create(path)?, width.try_into()?, height.try_into()?);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let rows = grey.as_slice().ok_or("the picture is not in C order")?;
    Ok(encoder.write_header()?.write_image_data(rows)?)
}
