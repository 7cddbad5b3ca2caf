//! The work of `ndraster` as one does it with `sedona-raster` 0.5.0: what the benchmarks put side by side.

use arrow_array::StructArray;
use arrow_buffer::Buffer;
use sedona_raster::array::{RasterRefImpl, RasterStructArray};
use sedona_raster::builder::{RasterBuilder, StartBandArgs};
use sedona_raster::error::RasterError;
use sedona_raster::traits::{NdBuffer, RasterRef as _};
use sedona_raster::view_entries::{ViewEntries, ViewEntry};
use sedona_schema::raster::BandDataType;

type Result<T> = std::result::Result<T, RasterError>;

const NORTH_UP: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];

/// A column of one raster of f32 bands, which share the buffers of their pixels.
pub fn share(bands: &[Buffer], [height, width]: [usize; 2]) -> Result<StructArray> {
    let mut builder = RasterBuilder::new(1);
    start(&mut builder, [height, width])?;
    for pixels in bands {
        start_band(&mut builder, [height, width])?;
        builder.append_band_data_buffer(pixels, 0, pixels.len() as u32)?;
        builder.finish_band()?;
    }
    builder.finish_raster()?;
    builder.finish()
}

/// A column of rasters of one f32 band each, their pixels copied.
pub fn copy<'a>(tiles: impl Iterator<Item = &'a [u8]>, count: usize, extents: [usize; 2]) -> Result<StructArray> {
    let mut builder = RasterBuilder::new(count);
    for pixels in tiles {
        start(&mut builder, extents)?;
        start_band(&mut builder, extents)?;
        builder.band_data_writer().append_value(pixels);
        builder.finish_band()?;
        builder.finish_raster()?;
    }
    builder.finish()
}

fn start(builder: &mut RasterBuilder, [height, width]: [usize; 2]) -> Result<()> {
    builder.start_raster_nd(&NORTH_UP, &["x", "y"], &[width as i64, height as i64], None)
}

fn start_band(builder: &mut RasterBuilder, [height, width]: [usize; 2]) -> Result<()> {
    builder.start_band(StartBandArgs::new(&["y", "x"], &[height as i64, width as i64], BandDataType::Float32))
}

/// A column of one raster, of which every other row is seen, from the last one up.
pub fn with_view(pixels: &Buffer, [height, width]: [usize; 2]) -> Result<StructArray> {
    let (seen, width) = (height as i64 / 2, width as i64);
    let entries = [
        ViewEntry { source_axis: 0, start: height as i64 - 1, step: -2, steps: seen },
        ViewEntry { source_axis: 1, start: 0, step: 1, steps: width },
    ];
    let view = ViewEntries::new(entries.to_vec());
    let mut builder = RasterBuilder::new(1);
    builder.start_raster_nd(&NORTH_UP, &["x", "y"], &[width, seen], None)?;
    builder.start_band(StartBandArgs {
        view: Some(&view),
        ..StartBandArgs::new(&["y", "x"], &[height as i64, width], BandDataType::Float32)
    })?;
    builder.append_band_data_buffer(pixels, 0, pixels.len() as u32)?;
    builder.finish_band()?;
    builder.finish_raster()?;
    builder.finish()
}

/// From a struct array to the first row's pixels, which `f` sees.
pub fn read_row<R>(array: &StructArray, f: impl FnOnce(&NdBuffer<'_>) -> R) -> Result<R> {
    read_band(&RasterStructArray::try_new(array)?.get(0)?, f)
}

/// From a raster to its first band's pixels, which `f` sees.
pub fn read_band<R>(raster: &RasterRefImpl<'_>, f: impl FnOnce(&NdBuffer<'_>) -> R) -> Result<R> {
    let band = raster.band(0)?;
    Ok(f(&band.nd_buffer()?))
}
