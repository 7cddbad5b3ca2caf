//! Reads the pixels that bands show of files.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use ndraster::arrow_buffer::Buffer;
use ndraster::ndarray::{Array2, Axis, s};
use ndraster::{Band, BandRef, LoadedBand, MemoryLayout, Pixel, PixelType, View, ViewEntry};

use crate::error::{Error, Result, error};
use crate::outdb::uri::from_uri;
use crate::pixel_type::with_pixel_type;
use crate::read::file::OpenOptions;
use crate::read::geotiff::GeoTiff;

/// How many files stay open.
const MOST_FILES: usize = 64;

/// Loads bands that refer to GeoTIFFs: at `file:///path#band=N`, or at a path.
///
/// [`load`](Self::load) is the function that [`load_with`](ndraster::RasterArray::load_with) calls. It reads the blocks
/// that the band shows, and no others: of a window or a tile of a large file only that part. Up to 64
/// files stay open for the next band, and a file that has changed since is opened anew. It can be shared by threads.
///
/// # Examples
///
/// See [`scan`](crate::scan).
pub struct Loader {
    options: OpenOptions,
    files: Mutex<HashMap<PathBuf, (Stamp, GeoTiff)>>,
}

/// What changes with a file: its length, and when it was written last.
type Stamp = (u64, Option<SystemTime>);

impl Default for Loader {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What to load: a band of a file, and what a view shows of it. A band's own, or the request of an engine.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The URI of the band: `file:///path#band=N`, or a path. Without a fragment it is the first band.
    pub uri: &'a str,
    /// The type of its pixels.
    pub pixel_type: PixelType,
    /// The names of the two axes of its source, as the column has them. The first one of a file is y.
    pub dim_names: [&'a str; 2],
    /// What is shown of it.
    pub view: &'a View,
}

impl Loader {
    /// Makes a loader.
    ///
    /// # Examples
    ///
    /// See [`scan`](crate::scan).
    pub fn new() -> Self {
        Self::with_options(OpenOptions::new())
    }

    /// Makes a loader that opens files with these options.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster_geotiff::{Loader, OpenOptions};
    ///
    /// let loader = Loader::with_options(OpenOptions::new().max_bytes(1 << 24));
    /// ```
    pub fn with_options(options: OpenOptions) -> Self {
        Loader { options, files: Mutex::new(HashMap::new()) }
    }

    /// Reads the pixels that a band shows.
    ///
    /// # Errors
    ///
    /// An [`ndraster::ErrorKind::Other`] whose source is an [`Error`](crate::Error) of this package: if the URI is none
    /// of a file, if the file cannot be read, if it has no such band, or if its bands have another shape or type than
    /// the column says.
    ///
    /// # Cost
    ///
    /// The pixels of the rows and columns between the first and the last one that the band shows, and no copy of them
    /// if the band shows each of them in order.
    ///
    /// # Examples
    ///
    /// See [`scan`](crate::scan).
    pub fn load(&self, band: &BandRef<'_>) -> ndraster::Result<LoadedBand> {
        let Some(uri) = band.outdb_uri() else {
            return Err(error!(Argument, "the band has no URI to load it from").into());
        };
        let name = |axis| {
            let mut entries = band.view().entries().iter().zip(band.dim_names());
            entries.find(|(entry, _)| entry.source_axis == axis).map_or("", |(_, name)| *name)
        };
        let dim_names = [name(0), name(1)];
        Ok(self.load_request(Request { uri, pixel_type: band.pixel_type(), dim_names, view: band.view() })?)
    }

    /// Reads the pixels that a view shows of a band: the same for engines that have requests of their own.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    ///
    /// # Cost
    ///
    /// As [`load`](Self::load).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{LoadedBand, PixelType, Raster, View, ndarray::array};
    /// use ndraster_geotiff::{Loader, Request, WriteOptions, write_geotiff};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("dem.tif");
    /// write_geotiff(&Raster::from_ndarray(array![[1u8, 2], [3, 4]])?, &path, &WriteOptions::new())?;
    /// let view = View::identity(&[2, 2])?.slice(0, 1, 1, 1)?;
    /// let uri = path.to_str().unwrap();
    /// let request = Request { uri, pixel_type: PixelType::UInt8, dim_names: ["y", "x"], view: &view };
    /// let LoadedBand::Visible(band) = Loader::new().load_request(request)? else { panic!() };
    /// assert_eq!(Raster::from_bands([band])?.as_array_view2::<u8>()?, array![[3, 4]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_request(&self, request: Request<'_>) -> Result<LoadedBand> {
        with_pixel_type!(request.pixel_type, T => {
            let shown = self.shown::<T>(request)?;
            Ok(LoadedBand::Visible(Band::from_ndarray_with(shown, MemoryLayout::AsIs)?))
        })
    }

    /// Reads the pixels that a view shows of a band, in C order, as an Arrow buffer: for engines whose loaders return
    /// one.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    ///
    /// # Cost
    ///
    /// As [`load`](Self::load), and one copy if the view steps, reverses or transposes.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{PixelType, Raster, View, ndarray::array};
    /// use ndraster_geotiff::{Loader, Request, WriteOptions, write_geotiff};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("dem.tif");
    /// write_geotiff(&Raster::from_ndarray(array![[1u8, 2], [3, 4]])?, &path, &WriteOptions::new())?;
    /// let view = View::identity(&[2, 2])?;
    /// let uri = path.to_str().unwrap();
    /// let request = Request { uri, pixel_type: PixelType::UInt8, dim_names: ["y", "x"], view: &view };
    /// assert_eq!(Loader::new().load_buffer(request)?.as_slice(), [1, 2, 3, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_buffer(&self, request: Request<'_>) -> Result<Buffer> {
        with_pixel_type!(request.pixel_type, T => {
            let shown = self.shown::<T>(request)?;
            let shown = if shown.is_standard_layout() { shown } else { shown.as_standard_layout().into_owned() };
            let len = size_of_val(shown.as_slice().unwrap_or_default());
            let (pixels, first) = shown.into_raw_vec_and_offset();
            Ok(Buffer::from_vec(pixels).slice_with_length(first.unwrap_or_default() * size_of::<T>(), len))
        })
    }

    /// The pixels that the view shows, of the type that the request names.
    fn shown<T: Pixel>(&self, request: Request<'_>) -> Result<Array2<T>> {
        let (path, band) = from_uri(request.uri)?;
        let file = self.open(&path)?;
        let count = file.num_bands();
        if band >= count {
            return Err(error!(NotFound, "`{}`: the file has {count} bands, which a URI counts from 1", request.uri));
        }
        let file = file.bands([band])?;
        let (source, found) = (request.view.source_shape(), file.shape());
        if source != found || request.pixel_type != file.pixel_type() {
            return Err(error!(
                Argument,
                "`{}` has {found:?} pixels of {}, and the column says {source:?} of {}: the file changed since, or \
                 its dims are in another order",
                request.uri,
                file.pixel_type(),
                request.pixel_type
            ));
        }
        if let ["x" | "lon" | "longitude", _] | [_, "y" | "lat" | "latitude"] = request.dim_names {
            return Err(error!(
                Argument,
                "`{}`: rows of a file go along its first axis, and the column calls its axes {:?}: make the band as \
                 (y, x), and turn the raster by `transpose_dims`",
                request.uri,
                request.dim_names
            ));
        }
        let [y, x] = [0, 1].map(|axis| request.view.entries().iter().find(|entry| entry.source_axis == axis));
        let (Some(y), Some(x), 2) = (y, x, request.view.entries().len()) else {
            return Err(error!(Argument, "`{}`: an image has two axes, and the view has other ones", request.uri));
        };
        let pixels = file.window(extent(y), extent(x))?.read_array::<T>()?.index_axis_move(Axis(0), 0);
        let shown = if y.step == 0 || x.step == 0 {
            file.require_room([1, steps(y), steps(x)], T::PIXEL_TYPE)?;
            pixels.select(Axis(0), &repeated(y)).select(Axis(1), &repeated(x))
        } else {
            pixels.slice_move(s![..;y.step as isize, ..;x.step as isize])
        };
        let is_transposed = request.view.entries().first().is_some_and(|entry| entry.source_axis == 1);
        Ok(if is_transposed { shown.reversed_axes() } else { shown })
    }

    fn open(&self, path: &Path) -> Result<GeoTiff> {
        // A thread that panicked left whole entries.
        let lock = || self.files.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let metadata = std::fs::metadata(path).map_err(|e| Error::from(e).in_file(&path.display().to_string()))?;
        let stamp = (metadata.len(), metadata.modified().ok());
        if let Some((_, file)) = lock().get(path).filter(|(opened, _)| *opened == stamp) {
            return Ok(file.clone());
        }
        // Without the lock, so that files are opened beside each other.
        let file = self.options.open(path)?;
        let mut files = lock();
        if files.len() >= MOST_FILES {
            files.clear();
        }
        files.insert(path.to_owned(), (stamp, file.clone()));
        Ok(file)
    }
}

fn steps(entry: &ViewEntry) -> usize {
    usize::try_from(entry.steps).unwrap_or_default()
}

/// The range from the first to the last index that an axis shows, in the order of the file. A view is always within its
/// source.
fn extent(entry: &ViewEntry) -> Range<usize> {
    let last = entry.start + (entry.steps - 1).max(0) * entry.step;
    let (start, end) = (entry.start.min(last), entry.start.max(last) + 1);
    let index = |index: i64| usize::try_from(index).unwrap_or_default();
    if entry.steps == 0 { 0..0 } else { index(start)..index(end) }
}

/// The indices that an axis shows, counted from its first one in the file.
fn repeated(entry: &ViewEntry) -> Vec<usize> {
    let first = extent(entry).start as i64;
    (0..entry.steps).map(|step| usize::try_from(entry.start + step * entry.step - first).unwrap_or_default()).collect()
}
