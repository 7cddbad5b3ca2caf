//! Loads out-of-db bands from GeoTIFFs, without GDAL.

use std::sync::Arc;

use arrow_schema::ArrowError;
use async_trait::async_trait;
use ndraster::arrow_buffer::Buffer;
use ndraster::{PixelType, View, ViewEntry};
use ndraster_geotiff::{Loader, OpenOptions, Request};
use sedona_raster::raster_loader::{AsyncRasterLoader, RasterLoadRequest, RasterLoadResult};
use sedona_raster::view_entries::ViewEntries;

/// Loads out-of-db bands at `file:///path#band=N` from GeoTIFFs, in pure Rust, so that `RS_` and `nd_` functions read
/// them without GDAL.
///
/// It loads bands of the format `geotiff`, which [`ndraster_geotiff::scan`] writes, and bands without a format. Of a
/// window or a tile of a file it reads the blocks that are shown, and no others. Decoding runs on tokio's threads for
/// blocking work. Files stay open as long as the loader lives.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use datafusion::arrow::array::{RecordBatch, StructArray};
/// use datafusion::arrow::datatypes::Schema;
/// use ndarray::array;
/// use ndraster::Raster;
/// use ndraster_geotiff::{WriteOptions, scan, write_geotiff};
/// use ndraster_sedonadb::GeoTiffLoader;
/// use sedona::context::SedonaContext;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("dem.tif");
/// write_geotiff(&Raster::from_ndarray(array![[1f32, 2.0], [3.0, 6.0]])?, &path, &WriteOptions::new())?;
/// let column = scan([&path])?; // rasters without pixels
/// let schema = Schema::new(vec![column.field("rast")]);
/// let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?;
///
/// let ctx = SedonaContext::new_local_interactive().await?;
/// ctx.register_raster_loader(Arc::new(GeoTiffLoader::new()));
/// ctx.ctx.register_batch("t", batch)?;
/// ndraster_sedonadb::register_all(&ctx)?;
/// let table = ctx.sql("SELECT nd_mean(rast), RS_Value(rast, 2, 1, 1) FROM t").await?.to_string().await?;
/// assert!(table.contains("3.0") && table.contains("2.0"), "{table}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct GeoTiffLoader(Arc<Loader>);

impl GeoTiffLoader {
    /// Makes a loader.
    ///
    /// # Examples
    ///
    /// See [`GeoTiffLoader`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a loader that opens files with these options, such as a limit of bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::OpenOptions;
    /// use ndraster_sedonadb::GeoTiffLoader;
    ///
    /// let loader = GeoTiffLoader::with_options(OpenOptions::new().max_bytes(1 << 24));
    /// ```
    pub fn with_options(options: OpenOptions) -> Self {
        GeoTiffLoader(Arc::new(Loader::with_options(options)))
    }
}

#[async_trait]
impl AsyncRasterLoader for GeoTiffLoader {
    fn name(&self) -> &str {
        "ndraster-geotiff"
    }

    fn supports_format(&self, format: Option<&str>) -> bool {
        format.is_none_or(|format| {
            ["geotiff", "gtiff", "tiff", "cog"].iter().any(|known| format.eq_ignore_ascii_case(known))
        })
    }

    #[allow(elided_lifetimes_in_paths, reason = "the trait elides it, which `async_trait` sees")]
    async fn load(&self, requests: &[&RasterLoadRequest]) -> Result<Vec<RasterLoadResult>, ArrowError> {
        let bands = requests.iter().map(|request| Band::of(request)).collect::<Result<Vec<_>, _>>()?;
        let loader = Arc::clone(&self.0);
        let load = move || bands.iter().map(|band| band.load(&loader)).collect();
        let failed = |e: tokio::task::JoinError| ArrowError::ExternalError(Box::new(e));
        tokio::task::spawn_blocking(load).await.map_err(failed)?
    }
}

/// A request that another thread can work on.
struct Band {
    uri: String,
    pixel_type: PixelType,
    dim_names: [String; 2],
    view: View,
}

impl Band {
    fn of(request: &RasterLoadRequest<'_>) -> Result<Self, ArrowError> {
        let invalid = |message: String| ArrowError::InvalidArgumentError(format!("{}: {message}", request.uri));
        let shape: Result<Vec<usize>, _> = request.source_shape.iter().map(|extent| usize::try_from(*extent)).collect();
        let shape = shape.map_err(|_| invalid(format!("its shape is {:?}", request.source_shape)))?;
        let entry = |entry: &sedona_raster::view_entries::ViewEntry| ViewEntry {
            source_axis: entry.source_axis,
            start: entry.start,
            step: entry.step,
            steps: entry.steps,
        };
        let entries: Vec<ViewEntry> = request.view.iter().map(entry).collect();
        let &[first, second] = request.dim_names else {
            return Err(invalid(format!("an image has two axes, and the band has {:?}", request.dim_names)));
        };
        Ok(Band {
            uri: request.uri.to_owned(),
            pixel_type: PixelType::try_from(request.data_type as u32).map_err(|e| invalid(e.to_string()))?,
            dim_names: [first, second].map(str::to_owned),
            view: View::new(&shape, &entries).map_err(|e| invalid(e.to_string()))?,
        })
    }

    fn load(&self, loader: &Loader) -> Result<RasterLoadResult, ArrowError> {
        let [first, second] = &self.dim_names;
        let request =
            Request { uri: &self.uri, pixel_type: self.pixel_type, dim_names: [first, second], view: &self.view };
        let bytes: Buffer = loader.load_buffer(request).map_err(|e| ArrowError::ExternalError(Box::new(e)))?;
        let shape: Vec<i64> = self.view.shape().iter().map(|extent| *extent as i64).collect();
        Ok(RasterLoadResult { bytes, view: ViewEntries::identity_for_shape(&shape), source_shape: shape })
    }
}
