//! Makes rasters that refer to files.

use std::path::Path;

use ndraster::{Raster, RasterArray, RasterArrayBuilder};

use crate::error::Result;
use crate::outdb::uri::to_uri;
use crate::read::geotiff::GeoTiff;

/// Makes a column of one raster for each file, without its pixels: the start of a query over files.
///
/// Each band is out-of-db, at `file:///path#band=N` with N from 1, as SedonaDB writes such URIs. It has the grid, the
/// CRS, the names and the nodata of the file. [`Loader`](crate::Loader) loads what remains of them, after windows and
/// filters.
///
/// # Errors
///
/// As [`GeoTiff::open`], for the first file that cannot be opened, and [`ErrorKind::Crs`](crate::ErrorKind::Crs) for
/// one whose CRS has no code.
///
/// # Cost
///
/// Reads the tags of each file.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, RasterArray, Registration, ndarray::Array2};
/// use ndraster_geotiff::{Loader, WriteOptions, scan, write_geotiff};
///
/// # let folder = tempfile::tempdir()?;
/// # let paths = [folder.path().join("west.tif"), folder.path().join("east.tif")];
/// for (path, x) in paths.iter().zip([0.0, 100.0]) {
///     let raster = Raster::from_ndarray(Array2::from_elem((100, 100), x as f32))?
///         .with_bbox([x, 0.0, x + 100.0, 100.0], Registration::Pixel)?;
///     write_geotiff(&raster, path, &WriteOptions::new())?;
/// }
/// let files = scan(&paths)?;
/// // Windows of rasters that are not loaded cost nothing.
/// let mut column = vec![];
/// for raster in files.iter().flatten() {
///     if raster.bbox()?[0] >= 50.0 {
///         column.push(raster.window(0..10, 0..10)?);
///     }
/// }
/// let loader = Loader::new();
/// let loaded = RasterArray::from_iter(column).load_with(|band| loader.load(band))?;
/// assert_eq!(loaded.get(0).unwrap().as_array_view2::<f32>()?.sum(), 10_000.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scan<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<RasterArray> {
    paths.into_iter().map(|path| GeoTiff::open(path)?.to_outdb()).collect()
}

/// Makes a column of the tiles of each file, `height` rows by `width` columns, without their pixels.
///
/// # Errors
///
/// As [`scan`], and [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
///
/// # Cost
///
/// Reads the tags of each file. Each tile takes about 1 KB.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, ndarray::Array2};
/// use ndraster_geotiff::{Loader, WriteOptions, scan_tiles, write_geotiff};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("scene.tif");
/// let raster = Raster::from_ndarray(Array2::from_shape_fn((1024, 1024), |(row, _)| row as f32))?;
/// write_geotiff(&raster, &path, &WriteOptions::new().tile_size(256))?;
/// let tiles = scan_tiles([&path], 256, 256)?;
/// assert_eq!(tiles.len(), 16);
/// // Reads four of the sixteen blocks.
/// let loader = Loader::new();
/// let row = tiles.slice(4, 4)?.load_with(|band| loader.load(band))?;
/// assert_eq!(row.get(0).unwrap().as_array_view2::<f32>()?[[0, 0]], 256.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scan_tiles<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    height: usize,
    width: usize,
) -> Result<RasterArray> {
    let mut column = RasterArrayBuilder::new();
    for path in paths {
        let tiles = GeoTiff::open(path)?.to_outdb()?.tiles(height, width)?;
        for tile in tiles.iter().flatten() {
            column.append(tile)?;
        }
    }
    Ok(column.finish()?)
}

impl GeoTiff {
    /// Makes a raster that refers to the bands of this file, without their pixels. The opposite of
    /// [`Loader::load`](crate::Loader::load).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the file was not opened by its path, or if this is a
    ///   window or an overview: take the [`window`](ndraster::Raster::window) of the raster.
    /// - [`ErrorKind::Crs`](crate::ErrorKind::Crs) if the file describes its CRS by parameters, without a code.
    ///
    /// # Cost
    ///
    /// No pixel is read.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("dem.tif");
    /// write_geotiff(&Raster::from_ndarray(array![[1u8, 2]])?, &path, &WriteOptions::new())?;
    /// let raster = GeoTiff::open(&path)?.to_outdb()?;
    /// assert!(raster.band(0)?.outdb_uri().unwrap().ends_with("dem.tif#band=1"));
    /// assert!(!raster.band(0)?.is_loaded());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_outdb(&self) -> Result<Raster> {
        self.require_place()?;
        let path = std::path::absolute(self.whole_file()?)?;
        self.outline(&to_uri(&path)?)
    }
}
