//! What people do with rasters every day, in a few lines each, and each compared with a loop by hand.
//!
//! ```sh
//! cargo run --release --example everyday
//! ```

use ndarray::{Array2, Array3, Array4, Axis, s};
use ndraster::{Band, BandRef, MapNodata, Raster, RasterArray, Registration, Result, WindowRounding};
use rayon::prelude::*;

fn main() -> Result<()> {
    let elevation = Array2::from_shape_fn((200, 300), |(row, col)| ((row * 31 + col * 17) % 997) as i16);
    let dem = Raster::from_ndarray(elevation)?
        .with_crs("EPSG:32616")
        .with_bbox([500_000.0, 4_000_000.0, 509_000.0, 4_006_000.0], Registration::Pixel)?
        .with_nodata(0i16)?;
    println!("{dem}\n");
    println!("mean of a box       {:.3}", box_mean(&dem, [501_000.0, 4_001_000.0, 503_000.0, 4_002_000.0])?);
    println!("points with a value {}", points(&dem)?);
    println!("statistics          {:?}", statistics(&dem.band(0)?)?);
    println!("filter by tiles     {} pixels as without tiles", filter_by_tiles(&dem)?);
    println!("two into one        {:?}", two_into_one(&dem)?.bbox()?);
    println!("month and mean      {:?}", month_and_mean()?);
    println!("ndvi                {}", ndvi()?.band(2)?.name().unwrap_or_default());
    println!("batch               {:?}", batch(&dem)?.shape());
    println!("metres to feet      {:?}", feet(&dem)?.nodata::<f32>()?);
    Ok(())
}

/// The mean of the valid pixels whose centres lie in a box on the ground.
fn box_mean(dem: &Raster, bbox: [f64; 4]) -> Result<f64> {
    let (rows, cols) = dem.window_of(bbox, WindowRounding::Centers)?;
    let (sum, count) =
        dem.window(rows, cols)?.valid_pixels::<i16>()?.fold((0.0, 0), |(s, n), p| (s + f64::from(p), n + 1));
    Ok(sum / f64::from(count))
}

/// How many of a thousand points have a value.
fn points(dem: &Raster) -> Result<usize> {
    let points: Vec<(f64, f64)> = (0..1000).map(|i| (499_000.0 + 11.0 * f64::from(i), 4_003_000.0)).collect();
    Ok(dem.sample_many::<i16>(&points)?.iter().flatten().count())
}

/// The least, the greatest and the mean valid value of a band of any type, at any address, if there is one. An integer beyond 2^53,
/// which no `f64` equals, is an error.
fn statistics(band: &BandRef<'_>) -> Result<Option<(f64, f64, f64)>> {
    let pixels = band.to_array_filled(f64::NAN)?;
    let valid = || pixels.iter().copied().filter(|pixel| !pixel.is_nan());
    let mean = valid().sum::<f64>() / valid().count() as f64;
    let (least, greatest) = (valid().fold(f64::INFINITY, f64::min), valid().fold(f64::NEG_INFINITY, f64::max));
    Ok((!mean.is_nan()).then_some((least, greatest, mean)))
}

/// The mean of a pixel and its eight neighbours, as far as the array goes.
fn smooth(pixels: &ndarray::ArrayView2<'_, i16>) -> Array2<f32> {
    let (height, width) = pixels.dim();
    Array2::from_shape_fn((height, width), |(row, col)| {
        let around =
            pixels.slice(s![row.saturating_sub(1)..(row + 2).min(height), col.saturating_sub(1)..(col + 2).min(width)]);
        around.iter().map(|pixel| f32::from(*pixel)).sum::<f32>() / around.len() as f32
    })
}

/// Filters tiles that overlap on all cores, puts them together, and counts the pixels that are as without tiles.
fn filter_by_tiles(dem: &Raster) -> Result<usize> {
    let windows: Vec<_> = dem.tile_windows(64, 64, 1)?.collect();
    let tiles = windows.into_par_iter().map(|window| {
        let tile = dem.window(window.rows, window.cols)?;
        Raster::from_ndarray(smooth(&tile.as_array_view2()?))?.with_grid_of(&tile)
    });
    let whole = RasterArray::from_iter(tiles.collect::<Result<Vec<_>>>()?).to_mosaic(1)?;
    let untiled = smooth(&dem.as_array_view2()?);
    Ok(whole.as_array_view2::<f32>()?.iter().zip(&untiled).filter(|(tiled, whole)| tiled == whole).count())
}

/// The western and the eastern half side by side.
fn two_into_one(dem: &Raster) -> Result<Raster> {
    let mosaic = RasterArray::from_iter([dem.window(.., ..150)?, dem.window(.., 150..)?]).to_mosaic(0)?;
    assert_eq!(mosaic.as_array_view2::<i16>()?, dem.as_array_view2::<i16>()?);
    Ok(mosaic)
}

/// January of a climate cube whose latitudes ascend, and the mean of the year on the same grid.
fn month_and_mean() -> Result<(Option<f32>, Option<f32>)> {
    let lon: Vec<f64> = (0..36).map(|i| 10.0 * f64::from(i) + 5.0).collect();
    let lat: Vec<f64> = (0..18).map(|i| 10.0 * f64::from(i) - 85.0).collect();
    let cube = Array3::from_shape_fn((12, 18, 36), |(month, row, col)| (100 * month + 10 * row + col) as f32);
    let band = Band::from_ndarray(cube)?.with_dim_names(["time", "lat", "lon"])?;
    let climate = Raster::from_bands([band])?.with_coords(&lon, &lat)?;
    let january = climate.slice_dim("time", 0..1)?;
    let january =
        Raster::from_ndarray(january.as_array_view::<f32>()?.index_axis(Axis(0), 0))?.with_grid_of(&climate)?;
    let mean = climate.as_array_view::<f32>()?.mean_axis(Axis(0)).unwrap_or_default();
    let mean = Raster::from_ndarray(mean)?.with_grid_of(&climate)?;
    Ok((january.sample(15.0, -75.0)?, mean.sample(15.0, -75.0)?))
}

/// Two of four bands, and an index of them as one band more. No pixel of the image is copied.
fn ndvi() -> Result<Raster> {
    let image = Array3::from_shape_fn((4, 100, 100), |(band, row, col)| (band * 50 + (row + col) % 50) as u8);
    let address = image.index_axis(Axis(0), 3).as_ptr();
    let image = Raster::from_bands(Band::split(image, Axis(0))?)?.with_band_names(["blue", "green", "red", "nir"])?;
    let (red, nir) = (image.band_by_name("red")?, image.band_by_name("nir")?);
    let (red, nir) = (red.to_array_exact::<f32>()?, nir.to_array_exact::<f32>()?);
    // Where both are 0 there is no index.
    let index = Band::from_ndarray((&nir - &red) / (&nir + &red))?.with_name("ndvi").with_nodata(f32::NAN)?;
    let result = image.select_bands([3, 2])?.with_band(index)?;
    assert_eq!(result.band(0)?.as_array_view2::<u8>()?.as_ptr(), address);
    Ok(result)
}

/// Tiles of one size as one array of (tile, band, row, column).
fn batch(dem: &Raster) -> Result<Array4<i16>> {
    let tiles = dem.window(..192, ..256)?.tiles(64, 64)?;
    let mut batch = Array4::zeros((tiles.len(), 1, 64, 64));
    for (tile, slot) in tiles.iter().flatten().zip(batch.axis_iter_mut(Axis(0))) {
        tile.copy_into(slot.index_axis_move(Axis(0), 0))?;
    }
    Ok(batch)
}

/// Feet, with NaN where there is no elevation.
fn feet(dem: &Raster) -> Result<Raster> {
    dem.map_with(MapNodata::Replace(f32::NAN), |metres: i16| f32::from(metres) / 0.3048)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dem() -> Raster {
        let pixels = Array2::from_shape_fn((60, 80), |(row, col)| ((row * 7 + col * 5) % 11) as i16);
        let bbox = [500_000.0, 4_000_000.0, 500_800.0, 4_000_600.0];
        Raster::from_ndarray(pixels).unwrap().with_bbox(bbox, Registration::Pixel).unwrap().with_nodata(0i16).unwrap()
    }

    #[test]
    fn each_is_what_a_loop_by_hand_gives() {
        let dem = dem();
        let pixels = dem.as_array_view2::<i16>().unwrap();
        // Rows 30 to 39 and columns 10 to 19 have their centres in the box.
        let valid: Vec<f64> =
            pixels.slice(s![30..40, 10..20]).iter().filter(|p| **p != 0).map(|p| f64::from(*p)).collect();
        let mean = box_mean(&dem, [500_100.0, 4_000_200.0, 500_200.0, 4_000_300.0]).unwrap();
        assert_eq!(mean, valid.iter().sum::<f64>() / valid.len() as f64);
        assert_eq!(statistics(&dem.band(0).unwrap()).unwrap().unwrap().0, 1.0);
        assert_eq!(filter_by_tiles(&dem).unwrap(), pixels.len());
        assert_eq!(month_and_mean().unwrap(), (Some(11.0), Some(561.0)));
        assert_eq!(ndvi().unwrap().num_bands().unwrap(), 3);
        assert!(feet(&dem).unwrap().as_array_view2::<f32>().unwrap()[[0, 0]].is_nan());
    }
}
