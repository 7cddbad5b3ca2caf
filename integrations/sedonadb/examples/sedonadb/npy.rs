//! A loader of out-of-db bands: NumPy's `.npy` files, mapped into memory.

use std::fs::File;
use std::path::Path;

use arrow_buffer::Buffer;
use arrow_schema::ArrowError;
use async_trait::async_trait;
use bytes::Bytes;
use memmap2::Mmap;
use ndarray::ArrayViewD;
use ndarray_npy::{ViewElement, ViewNpyExt};
use sedona_raster::raster_loader::{AsyncRasterLoader, RasterLoadRequest, RasterLoadResult};
use sedona_schema::raster::BandDataType;

/// Loads bands of the format `npy`, whose URI is the path of a file.
///
/// The pixels are the file's own pages: nothing is read before a function looks at a pixel, and nothing is copied. SedonaDB keeps
/// what it loaded by the URI, for the next query too. So the files must not change while there is a context.
#[derive(Debug)]
pub(crate) struct NpyLoader;

#[async_trait]
impl AsyncRasterLoader for NpyLoader {
    fn name(&self) -> &str {
        "npy"
    }

    fn supports_format(&self, format: Option<&str>) -> bool {
        format == Some("npy")
    }

    /// Mapping a file does not wait for it, so this does not block other tasks.
    #[allow(elided_lifetimes_in_paths, reason = "the trait elides it, which `async_trait` sees")]
    async fn load(&self, requests: &[&RasterLoadRequest]) -> Result<Vec<RasterLoadResult>, ArrowError> {
        let load = |request: &&RasterLoadRequest<'_>| {
            let pixels = map(request).map_err(|e| ArrowError::ExternalError(format!("{}: {e}", request.uri).into()))?;
            // The view of the band stays as it is.
            Ok(RasterLoadResult::unresolved(pixels, request))
        };
        requests.iter().map(load).collect()
    }
}

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The pixels of a file, which must be what the band says they are.
fn map(request: &RasterLoadRequest<'_>) -> Result<Buffer> {
    let file = File::open(Path::new(request.uri.strip_prefix("file://").unwrap_or(request.uri)))?;
    // SAFETY: as said above, nobody changes the file.
    #[allow(unsafe_code, reason = "mapping a file cannot be made safe: another program may truncate it")]
    let map = unsafe { Mmap::map(&file)? };
    let shape = request.source_shape;
    let (start, len) = match request.data_type {
        BandDataType::UInt8 => pixels::<u8>(&map, shape),
        BandDataType::Int8 => pixels::<i8>(&map, shape),
        BandDataType::UInt16 => pixels::<u16>(&map, shape),
        BandDataType::Int16 => pixels::<i16>(&map, shape),
        BandDataType::UInt32 => pixels::<u32>(&map, shape),
        BandDataType::Int32 => pixels::<i32>(&map, shape),
        BandDataType::UInt64 => pixels::<u64>(&map, shape),
        BandDataType::Int64 => pixels::<i64>(&map, shape),
        BandDataType::Float32 => pixels::<f32>(&map, shape),
        BandDataType::Float64 => pixels::<f64>(&map, shape),
    }?;
    Ok(Buffer::from(Bytes::from_owner(map)).slice_with_length(start, len))
}

/// Where the pixels begin in a file, and how many bytes they are.
fn pixels<T: ViewElement>(file: &[u8], shape: &[i64]) -> Result<(usize, usize)> {
    let array = ArrayViewD::<T>::view_npy(file)?;
    if !array.shape().iter().map(|extent| *extent as i64).eq(shape.iter().copied()) {
        return Err(format!("its shape is {:?}, that of the band {shape:?}", array.shape()).into());
    }
    if !array.is_standard_layout() {
        return Err("its pixels are in Fortran order: save `numpy.ascontiguousarray(a)`".into());
    }
    let len = array.len() * size_of::<T>();
    Ok((file.len() - len, len))
}
