//! Reads a raster column with `sedona-raster` 0.5.0 and with `ndraster`, and compares every fact.

pub mod agreement;
pub mod peer;

use arrow_array::StructArray;
use arrow_buffer::ToByteSlice;
use ndraster::{BandRef, Pixel, RasterArray, RasterRef};
use sedona_raster::array::RasterStructArray;
use sedona_raster::traits::{BandRef as PeerBand, NdBuffer, RasterRef as _};
use sedona_schema::raster::BandDataType;

/// Asserts that both readers see the same rasters in a column.
///
/// # Panics
/// At the first difference.
pub fn assert_same_reading(array: &StructArray) {
    let theirs = RasterStructArray::try_new(array).expect("sedona-raster reads the type");
    let ours = RasterArray::try_from(array.clone()).expect("ndraster reads the type");
    assert_eq!(ours.len(), theirs.len());
    for row in 0..ours.len() {
        assert_eq!(ours.is_null(row), theirs.is_null(row), "row {row}");
        let Some(raster) = ours.get(row) else { continue };
        let their_raster = theirs.get(row).expect("the row is there");
        assert_eq!(raster.crs().unwrap(), their_raster.crs(), "row {row}");
        assert_eq!(raster.transform().unwrap().to_gdal(), their_raster.transform(), "row {row}");
        assert_eq!(raster.spatial_dims().unwrap(), their_raster.spatial_dims(), "row {row}");
        assert_eq!(as_i64(&raster.spatial_shape().unwrap()), their_raster.spatial_shape(), "row {row}");
        assert_same_bands(&raster, &their_raster, row);
    }
}

fn assert_same_bands(ours: &RasterRef<'_>, theirs: &sedona_raster::array::RasterRefImpl<'_>, row: usize) {
    assert_eq!(ours.num_bands().unwrap(), theirs.num_bands(), "row {row}");
    for number in 0..theirs.num_bands() {
        let place = format!("row {row}, band {number}");
        let band = ours.band(number).unwrap_or_else(|e| panic!("{e}"));
        assert_same_band(&band, &*theirs.band(number).expect("the band is there"), &place);
    }
}

fn assert_same_band(ours: &BandRef<'_>, theirs: &dyn PeerBand, place: &str) {
    assert_eq!(ours.name(), theirs.name(), "{place}");
    assert_eq!(ours.dim_names(), theirs.dim_names(), "{place}");
    assert_eq!(as_i64(ours.shape()), theirs.shape(), "{place}");
    assert_eq!(as_i64(ours.source_shape()), theirs.raw_source_shape(), "{place}");
    assert_eq!(ours.pixel_type().id(), theirs.data_type() as u32, "{place}");
    assert_eq!(ours.nodata_bytes(), theirs.nodata(), "{place}");
    assert_eq!(ours.outdb_uri(), theirs.outdb_uri(), "{place}");
    assert_eq!(ours.outdb_format(), theirs.outdb_format(), "{place}");
    assert_eq!(ours.is_loaded(), theirs.is_indb(), "{place}");
    let entries = |e: &sedona_raster::view_entries::ViewEntry| [e.source_axis, e.start, e.step, e.steps];
    let our_entries: Vec<_> = ours.view().entries().iter().map(|e| [e.source_axis, e.start, e.step, e.steps]).collect();
    assert_eq!(our_entries, theirs.view().iter().map(entries).collect::<Vec<_>>(), "{place}");
    if theirs.is_indb() {
        let pixels = visible_bytes(&theirs.nd_buffer().expect("the pixels are there"));
        assert_eq!(our_bytes(ours).unwrap_or_else(|e| panic!("{e}")), pixels, "{place}");
    }
}

/// The visible pixels in C order, picked one by one along the strides that sedona-raster found.
fn visible_bytes(buffer: &NdBuffer<'_>) -> Vec<u8> {
    if buffer.shape.contains(&0) {
        return vec![];
    }
    let mut starts = vec![buffer.offset as i64];
    for (&extent, &stride) in buffer.shape.iter().zip(&buffer.strides) {
        starts = starts.iter().flat_map(|start| (0..extent).map(move |index| start + index * stride)).collect();
    }
    let size = buffer.data_type.byte_size();
    starts.iter().flat_map(|&start| buffer.buffer[start as usize..][..size].to_vec()).collect()
}

fn our_bytes(band: &BandRef<'_>) -> ndraster::Result<Vec<u8>> {
    fn bytes<T: Pixel>(band: &BandRef<'_>) -> ndraster::Result<Vec<u8>> {
        let pixels = band.to_array::<T>()?;
        Ok(ndarray::Array::from_iter(pixels).into_raw_vec_and_offset().0.iter().flat_map(le_bytes).collect())
    }
    match BandDataType::try_from_u32(band.pixel_type().id()).expect("a pixel type that both know") {
        BandDataType::UInt8 => bytes::<u8>(band),
        BandDataType::UInt16 => bytes::<u16>(band),
        BandDataType::Int16 => bytes::<i16>(band),
        BandDataType::UInt32 => bytes::<u32>(band),
        BandDataType::Int32 => bytes::<i32>(band),
        BandDataType::Float32 => bytes::<f32>(band),
        BandDataType::Float64 => bytes::<f64>(band),
        BandDataType::UInt64 => bytes::<u64>(band),
        BandDataType::Int64 => bytes::<i64>(band),
        BandDataType::Int8 => bytes::<i8>(band),
    }
}

fn le_bytes<T: Pixel>(pixel: &T) -> Vec<u8> {
    // Little-endian targets only, like the format.
    pixel.to_byte_slice().to_vec()
}

fn as_i64(extents: &[usize]) -> Vec<i64> {
    extents.iter().map(|&extent| extent as i64).collect()
}
