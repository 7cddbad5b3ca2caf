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

use ndraster::ndarray::{Array3, ArrayView2};
use ndraster::{Pixel, RasterRef};
use tiff_writer::TiffWriteSample;

use crate::error::Result;
use crate::pixel_type::with_pixel_type;
use crate::read::nodata::nodata;
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
    let path = path.as_ref();
    write(raster, ToPath(path), options, Structure::Plain).map_err(|e| e.in_file(&path.display().to_string()))
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
    let path = path.as_ref();
    write(raster, ToPath(path), options, Structure::Cog).map_err(|e| e.in_file(&path.display().to_string()))
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
    write(raster, ToWriter(writer), options, Structure::Plain)
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
    write(raster, ToWriter(writer), options, Structure::Cog)
}

/// Where a file goes to.
trait Target {
    type Done;

    /// Takes what writes the file, once nothing stands against it.
    fn put<T: Pixel + TiffWriteSample>(self, image: &Prepared<'_, T>) -> Result<Self::Done>;
}

struct ToWriter<W>(W);

impl<W: Write + Seek> Target for ToWriter<W> {
    type Done = W;

    fn put<T: Pixel + TiffWriteSample>(self, image: &Prepared<'_, T>) -> Result<W> {
        image.write(self.0)
    }
}

struct ToPath<'a>(&'a Path);

impl Target for ToPath<'_> {
    type Done = ();

    fn put<T: Pixel + TiffWriteSample>(self, image: &Prepared<'_, T>) -> Result<()> {
        target::replace(self.0, |file| image.write(file).map(drop))
    }
}

/// Checks everything that can be checked without writing, then writes.
fn write<'a, D>(
    raster: impl Into<RasterRef<'a>>,
    target: impl Target<Done = D>,
    options: &WriteOptions,
    structure: Structure,
) -> Result<D> {
    let raster = raster.into();
    options.check(structure)?;
    let metadata = Metadata::of(&raster, options)?;
    with_pixel_type!(metadata.pixel_type, T => {
        let source = Source::<T>::of(&raster)?;
        let planned = Planned::new(&metadata, options, structure, source.shape())?;
        planned.check::<T>()?;
        target.put(&Prepared { views: source.views()?, planned, metadata: &metadata, options })
    })
}

/// Pixels that can be written, and how.
struct Prepared<'a, T> {
    views: Vec<ArrayView2<'a, T>>,
    planned: Planned<'a>,
    metadata: &'a Metadata,
    options: &'a WriteOptions,
}

impl<T: Pixel + TiffWriteSample> Prepared<'_, T> {
    fn write<W: Write + Seek>(&self, writer: W) -> Result<W> {
        let nodata = self.metadata.nodata.as_deref().and_then(nodata);
        let mut overviews: Vec<Array3<T>> = vec![];
        for shape in self.planned.overview_shapes() {
            let smaller = overview::reduce(&self.views, overviews.last(), shape, self.options.resampling, nodata);
            overviews.push(smaller);
        }
        self.planned.write(&self.views, &overviews, writer)
    }
}
