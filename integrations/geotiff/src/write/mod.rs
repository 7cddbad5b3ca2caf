//! Writes files: [`options`] is what a caller chooses, [`source`] checks a raster and shows its bands as (y, x),
//! [`overview`] makes the smaller images, [`layout`] puts directories and blocks into the file, and [`target`] replaces
//! a file whole or not at all.

pub(crate) mod layout;
pub(crate) mod options;
pub(crate) mod overview;
pub(crate) mod source;
pub(crate) mod target;

use std::io::{Seek, Write};
use std::path::Path;

use ndraster::RasterRef;
use ndraster::ndarray::Array3;
use tiff_writer::TiffWriteSample;

use crate::error::Result;
use crate::pixel_type::with_pixel_type;
use crate::write::layout::{Planned, Structure};
use crate::write::options::WriteOptions;
use crate::write::source::{Metadata, Source};

/// Writes a raster as a GeoTIFF in tiles.
///
/// Each band of the raster becomes a band of the file; a band of more than two dims becomes one for each of its slices
/// of (y, x). Windows, tiles, strips and rasters of any order of dims are written as they look. Pixels, transform, CRS,
/// nodata and names are written. A raster without a CRS whose transform is the default one has no place, and none is
/// written.
///
/// # Errors
///
/// What cannot be written is refused before the target is touched, and a target is replaced whole or not at all:
///
/// - [`ErrorKind::Crs`](crate::ErrorKind::Crs) if the CRS has no EPSG code. GeoTIFF names a CRS by its code.
/// - [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if bands differ in type, shape or nodata, since a
///   GeoTIFF has one of each; if the raster has no pixels; or if a name has control characters.
/// - [`ErrorKind::Raster`](crate::ErrorKind::Raster) if the raster is malformed or not loaded.
/// - [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be written.
///
/// # Cost
///
/// Compresses on all cores. Pixels in C order are read where they are; misaligned ones are copied once. Allocates a few
/// blocks.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, Registration, ndarray::Array2};
/// use ndraster_geotiff::{Compression, GeoTiff, WriteOptions, write_geotiff};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("dem.tif");
/// let raster = Raster::from_ndarray(Array2::<i16>::zeros((300, 400)))?
///     .with_crs("EPSG:4326")
///     .with_bbox([10.0, 47.0, 11.0, 47.75], Registration::Pixel)?
///     .with_nodata(-9999i16)?;
/// write_geotiff(&raster, &path, &WriteOptions::new().compression(Compression::Zstd))?;
/// let back = GeoTiff::open(&path)?.read()?;
/// assert_eq!(back.crs()?, Some("EPSG:4326"));
/// assert_eq!(back.nodata::<i16>()?, Some(-9999));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "to_raster")]
pub fn write_geotiff<'a>(
    raster: impl Into<RasterRef<'a>>,
    path: impl AsRef<Path>,
    options: &WriteOptions,
) -> Result<()> {
    to_path(raster.into(), path.as_ref(), options, Structure::Plain)
}

/// Writes a raster as a Cloud Optimized GeoTIFF: in tiles, with overviews, and in the order that readers over a network
/// want.
///
/// There are overviews of a half, a quarter and so on, until one tile holds the image. Their pixels are those of
/// [`WriteOptions::resampling`].
///
/// # Errors
///
/// As [`write_geotiff`], and [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for
/// [`Interleave::Band`](crate::Interleave).
///
/// # Cost
///
/// As [`write_geotiff`], and the memory of the overviews, a third of the image.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, ndarray::Array2};
/// use ndraster_geotiff::{GeoTiff, Resampling, WriteOptions, write_cog};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cog.tif");
/// let raster = Raster::from_ndarray(Array2::from_shape_fn((2000, 1000), |(row, _)| row as f32))?;
/// write_cog(&raster, &path, &WriteOptions::new().resampling(Resampling::Average))?;
/// let file = GeoTiff::open(&path)?;
/// assert_eq!(file.info().overviews, [[1000, 500], [500, 250]]);
/// assert_eq!(file.overview(0)?.read()?.as_array_view2::<f32>()?[[0, 0]], 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_cog<'a>(raster: impl Into<RasterRef<'a>>, path: impl AsRef<Path>, options: &WriteOptions) -> Result<()> {
    to_path(raster.into(), path.as_ref(), options, Structure::Cog)
}

/// Writes a raster as a GeoTIFF into anything that can be written and searched, such as an
/// [`io::Cursor`](std::io::Cursor) over a `Vec<u8>`, from its current position 0. Returns the writer.
///
/// # Errors
///
/// As [`write_geotiff`].
///
/// # Cost
///
/// As [`write_geotiff`].
///
/// # Examples
///
/// See [`GeoTiff::from_bytes`](crate::GeoTiff::from_bytes).
pub fn write_geotiff_to<'a, W: Write + Seek>(
    raster: impl Into<RasterRef<'a>>,
    writer: W,
    options: &WriteOptions,
) -> Result<W> {
    plan(raster.into(), options, Structure::Plain)?.write(writer)
}

/// Writes a raster as a Cloud Optimized GeoTIFF into anything that can be written and searched. Returns the writer.
///
/// # Errors
///
/// As [`write_cog`].
///
/// # Cost
///
/// As [`write_cog`].
///
/// # Examples
///
/// See [`GeoTiff::overview`](crate::GeoTiff::overview).
pub fn write_cog_to<'a, W: Write + Seek>(
    raster: impl Into<RasterRef<'a>>,
    writer: W,
    options: &WriteOptions,
) -> Result<W> {
    plan(raster.into(), options, Structure::Cog)?.write(writer)
}

fn to_path(raster: RasterRef<'_>, path: &Path, options: &WriteOptions, structure: Structure) -> Result<()> {
    let write = || {
        let job = plan(raster, options, structure)?;
        target::replace(path, |file| job.write(file).map(drop))
    };
    write().map_err(|e| e.in_file(&path.display().to_string()))
}

/// A raster that can be written, and how.
struct Job<'a> {
    raster: RasterRef<'a>,
    metadata: Metadata,
    options: WriteOptions,
    structure: Structure,
}

/// Checks everything that can be checked without writing.
fn plan<'a>(raster: RasterRef<'a>, options: &WriteOptions, structure: Structure) -> Result<Job<'a>> {
    options.check(structure)?;
    let metadata = Metadata::of(&raster, options)?;
    let job = Job { raster, metadata, options: options.clone(), structure };
    with_pixel_type!(job.metadata.pixel_type, T => {
        let source = Source::<T>::of(&job.raster)?;
        Planned::new(&job.metadata, &job.options, structure, source.shape())?.check::<T>()?;
    });
    Ok(job)
}

impl Job<'_> {
    fn write<W: Write + Seek>(self, writer: W) -> Result<W> {
        with_pixel_type!(self.metadata.pixel_type, T => self.write_as::<T, W>(writer))
    }

    fn write_as<T: ndraster::Pixel + TiffWriteSample, W: Write + Seek>(self, writer: W) -> Result<W> {
        let source = Source::<T>::of(&self.raster)?;
        let views = source.views()?;
        let planned = Planned::new(&self.metadata, &self.options, self.structure, source.shape())?;
        let nodata = self.metadata.nodata.as_deref().and_then(crate::read::nodata::nodata::<T>);
        let mut overviews: Vec<Array3<T>> = vec![];
        for shape in planned.overview_shapes() {
            let smaller = overview::reduce(&views, overviews.last(), shape, self.options.resampling, nodata);
            overviews.push(smaller);
        }
        planned.write(&views, &overviews, writer)
    }
}
