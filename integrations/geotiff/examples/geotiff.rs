//! A raster as a GeoTIFF, and back: `cargo run --example geotiff`.

use ndraster::{Raster, Registration, ndarray::Array2};
use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join("ndraster.tif");
    let heights = Array2::from_shape_fn((300, 400), |(row, col)| (row + col) as i16);
    let raster = Raster::from_ndarray(heights)?
        .with_crs("EPSG:4326")
        .with_bbox([10.0, 47.0, 11.0, 47.75], Registration::Pixel)?
        .with_nodata(-9999i16)?;
    write_geotiff(&raster, &path, &WriteOptions::new())?;

    let back = GeoTiff::open(&path)?.read()?;
    assert_eq!(back.as_array_view2::<i16>()?, raster.as_array_view2::<i16>()?);
    println!("{back}\nin {}", path.display());
    Ok(())
}
