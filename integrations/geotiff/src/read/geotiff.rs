//! An opened file, or a part of it, as rasters and arrays.

use std::ops::{Bound, Range, RangeBounds};
use std::path::Path;
use std::sync::Arc;

use ndraster::{Band, GeoTransform, Pixel, PixelType, Raster, WindowRounding};

use crate::crs::Crs;
use crate::error::{Error, Result, compression_name, error};
use crate::metadata::BandMetadata;
use crate::outdb::uri::to_path;
use crate::pixel_type::with_pixel_type;
use crate::read::file::{File, Level, OpenOptions};
use crate::read::grid::Grid;
use crate::read::info::{Info, Mask};
use crate::read::nodata::{self, nodata};
use crate::read::source::ByteRanges;

/// A GeoTIFF, or a part of it: an overview, a window, some bands. Pixels are read when they are asked for.
///
/// Open one by [`open`](Self::open), [`from_bytes`](Self::from_bytes) or [`from_source`](Self::from_source). Choose a
/// part by [`overview`](Self::overview), [`window`](Self::window), [`clip_bbox`](Self::clip_bbox) and
/// [`bands`](Self::bands), in any combination. Then read it: [`read`](Self::read) gives a raster,
/// [`read_array`](Self::read_array) an array of (band, y, x), and [`read_into`](Self::read_into) fills an array of the
/// caller. A clone is cheap, and refers to the same file.
///
/// Pixels are the values that the file stores: a palette's indices, no colours; no scale and no offset is applied. The
/// exception is JPEG in YCbCr, which is read as RGB, as in GDAL.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, Registration, ndarray::Array2};
/// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("dem.tif");
/// let heights = Raster::from_ndarray(Array2::from_shape_fn((600, 800), |(row, col)| (row + col) as f32))?
///     .with_crs("EPSG:32633")
///     .with_bbox([400_000.0, 5_000_000.0, 408_000.0, 5_006_000.0], Registration::Pixel)?;
/// write_geotiff(&heights, &path, &WriteOptions::new())?;
///
/// let file = GeoTiff::open(&path)?;
/// let part = file.clip_bbox([402_000.0, 5_001_000.0, 404_000.0, 5_002_000.0])?.read()?;
/// assert_eq!(part.bbox()?, [402_000.0, 5_001_000.0, 404_000.0, 5_002_000.0]);
/// assert_eq!(part.as_array_view2::<f32>()?[[0, 0]], 400.0 + 200.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "rasterio.open")]
#[doc(alias = "open_rasterio")]
pub struct GeoTiff {
    pub(super) file: Arc<File>,
    pub(super) overview: Option<usize>,
    pub(super) rows: Range<usize>,
    pub(super) cols: Range<usize>,
    pub(super) bands: Vec<usize>,
    pub(super) crs: Crs,
    pub(super) nodata: Option<String>,
    /// Of the base image, in the place of what the file says.
    pub(super) grid: Grid,
}

/// What a band takes in memory apart from its pixels: its name, its dims, its place in Arrow.
const BAND_BYTES: usize = 1 << 10;

/// A band by its number, counted from 0, or by its name.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::BandIndex;
///
/// assert_eq!(BandIndex::from("nir"), BandIndex::Name("nir"));
/// assert_eq!(BandIndex::from(3), BandIndex::Number(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BandIndex<'a> {
    /// The number of a band, counted from 0.
    Number(usize),
    /// The name of a band.
    Name(&'a str),
}

impl From<usize> for BandIndex<'_> {
    fn from(number: usize) -> Self {
        BandIndex::Number(number)
    }
}

impl<'a> From<&'a str> for BandIndex<'a> {
    fn from(name: &'a str) -> Self {
        BandIndex::Name(name)
    }
}

impl GeoTiff {
    /// Opens a file, by its path or its `file://` URI. No pixel is read.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be read.
    /// - [`ErrorKind::NotTiff`](crate::ErrorKind::NotTiff) if it is no TIFF.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if its tags contradict each other.
    /// - [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if its pixels are of a type that no raster has:
    ///   complex, or floats of 16 or 24 bits.
    ///
    /// # Cost
    ///
    /// Reads the tags. Files of many blocks have a list of where each is.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use ndraster_geotiff::GeoTiff;
    ///
    /// let file = GeoTiff::open("dem.tif")?;
    /// println!("{}", file.info());
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        OpenOptions::new().open(path)
    }

    /// Opens the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), apart from those of reading the file.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// assert_eq!(GeoTiff::from_bytes(bytes)?.read()?.as_array_view2::<u8>()?, array![[1, 2], [3, 4]]);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        OpenOptions::new().from_bytes(bytes)
    }

    /// Opens a file whose bytes are read by range.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    ///
    /// # Examples
    ///
    /// See [`ByteRanges`].
    pub fn from_source(source: impl ByteRanges + 'static) -> Result<Self> {
        OpenOptions::new().from_source(source)
    }

    fn new(file: File) -> Self {
        let [rows, cols] = file.base.image.shape();
        GeoTiff {
            overview: None,
            rows: 0..rows,
            cols: 0..cols,
            bands: (0..file.base.image.bands()).collect(),
            crs: file.crs.clone(),
            nodata: file.nodata.clone(),
            grid: file.grid,
            file: Arc::new(file),
        }
    }

    /// Returns what this shows: size, bands, CRS, transform, nodata, blocks, overviews.
    ///
    /// # Examples
    ///
    /// See [`Info`].
    pub fn info(&self) -> Info {
        let (file, level) = (&self.file, self.level());
        let image = &level.image;
        let compression = image.ifd(&file.tiff).map_or(0, |ifd| ifd.compression());
        Info {
            width: self.cols.len(),
            height: self.rows.len(),
            pixel_type: image.pixel_type,
            band_names: self.of_each_band(|metadata| metadata.name.clone()),
            crs: self.crs.clone(),
            transform: self.transform().ok().flatten(),
            is_point: file.is_point,
            is_nodata_a_pixel: self.nodata.as_ref().is_some_and(|text| nodata::is_pixel(text, image.pixel_type)),
            nodata: self.nodata.clone(),
            scales: self.of_each_band(|metadata| metadata.scale),
            offsets: self.of_each_band(|metadata| metadata.offset),
            units: self.of_each_band(|metadata| metadata.unit.clone()),
            mask: match (&level.mask, file.alpha) {
                (Some(_), _) => Mask::Internal,
                (None, Some(band)) => Mask::Alpha(band),
                (None, None) => Mask::None,
            },
            block: image.block,
            is_tiled: image.is_tiled,
            is_planar: image.is_planar(),
            compression: compression_name(compression),
            overviews: file.overviews.iter().map(|level| level.image.shape()).collect(),
        }
    }

    /// Chooses one of the overviews: smaller copies of the image, counted from 0 in the order of the file, the largest
    /// first as a rule.
    ///
    /// The transform is that of the image, with larger pixels. Choose the overview first, then the window.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such overview.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if this is a window or an overview already.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::Array2};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_cog_to};
    ///
    /// let raster = Raster::from_ndarray(Array2::<u8>::ones((600, 1000)))?;
    /// let options = WriteOptions::new().tile_size(256);
    /// let bytes = write_cog_to(&raster, std::io::Cursor::new(vec![]), &options)?.into_inner();
    /// let file = GeoTiff::from_bytes(bytes)?;
    /// assert_eq!(file.info().overviews, [[300, 500], [150, 250]]);
    /// let small = file.overview(1)?.read()?;
    /// assert_eq!(small.transform()?.to_gdal(), [0.0, 4.0, 0.0, 0.0, 0.0, -4.0]);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn overview(&self, level: usize) -> Result<Self> {
        let [rows, cols] = self.level().image.shape();
        if self.overview.is_some() || (self.rows.len(), self.cols.len()) != (rows, cols) {
            return Err(self.fail(error!(
                Argument,
                "this is a window or an overview: choose the overview of the file first, then the window"
            )));
        }
        let Some(chosen) = self.file.overviews.get(level) else {
            let count = self.file.overviews.len();
            return Err(self.fail(error!(NotFound, "there is no overview {level}: the file has {count}")));
        };
        let [rows, cols] = chosen.image.shape();
        Ok(GeoTiff { overview: Some(level), rows: 0..rows, cols: 0..cols, ..self.clone() })
    }

    /// Chooses rows and columns. Takes any kind of range. No pixel is read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a range leaves the image, or runs backwards.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let part = GeoTiff::from_bytes(bytes)?.window(.., 1..)?.read()?;
    /// assert_eq!(part.as_array_view2::<u8>()?, array![[2, 3], [5, 6]]);
    /// assert_eq!(part.transform()?.to_gdal()[0], 1.0);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn window(&self, rows: impl RangeBounds<usize>, cols: impl RangeBounds<usize>) -> Result<Self> {
        let rows = within(&self.rows, &rows, "rows").map_err(|e| self.fail(e))?;
        let cols = within(&self.cols, &cols, "columns").map_err(|e| self.fail(e))?;
        Ok(GeoTiff { rows, cols, ..self.clone() })
    }

    /// Chooses the pixels of which a box `[xmin, ymin, xmax, ymax]` on the ground covers some part, as far as the image
    /// goes. No pixel is read.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the box has no pixel of the image.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the box ends before it begins, or is not finite, or if
    ///   the image has no transform.
    ///
    /// # Examples
    ///
    /// See [`GeoTiff`].
    #[doc(alias = "clip_box")]
    pub fn clip_bbox(&self, bbox: [f64; 4]) -> Result<Self> {
        if self.transform()?.is_none() {
            return Err(self.fail(error!(
                Argument,
                "it has no transform, so a box on the ground selects no pixels: use `window`"
            )));
        }
        let (rows, cols) =
            self.outline("")?.window_of(bbox, WindowRounding::Touched).map_err(|e| self.fail(e.into()))?;
        self.window(rows, cols)
    }

    /// Chooses bands, by number or by name, in this order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band, or if two have the name.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Band, Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let red = Band::from_ndarray(array![[1u8, 2]])?.with_name("red");
    /// let nir = Band::from_ndarray(array![[3u8, 4]])?.with_name("nir");
    /// let raster = Raster::from_bands([red, nir])?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let file = GeoTiff::from_bytes(bytes)?;
    /// assert_eq!(file.bands(["nir", "red"])?.read_array::<u8>()?, array![[[3, 4]], [[1, 2]]]);
    /// assert_eq!(file.bands([1])?.read()?.as_array_view2::<u8>()?, array![[3, 4]]);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    #[doc(alias = "indexes")]
    pub fn bands<'a, B: Into<BandIndex<'a>>>(&self, bands: impl IntoIterator<Item = B>) -> Result<Self> {
        let bands = bands.into_iter().map(|band| self.find(band.into())).collect::<Result<Vec<_>>>();
        let bands = bands.map_err(|e| self.fail(e))?;
        if bands.is_empty() {
            return Err(self.fail(error!(Argument, "no band is chosen")));
        }
        Ok(GeoTiff { bands, ..self.clone() })
    }

    fn find(&self, band: BandIndex<'_>) -> Result<usize> {
        match band {
            BandIndex::Number(number) => self.bands.get(number).copied().ok_or_else(|| {
                error!(NotFound, "there is no band {number}: bands are numbered from 0 to {}", self.bands.len() - 1)
            }),
            BandIndex::Name(name) => {
                let names = self.bands.iter().map(|band| self.name(*band));
                let mut found = self.bands.iter().zip(names.clone()).filter(|(_, has)| *has == Some(name));
                match (found.next(), found.next()) {
                    (Some((band, _)), None) => Ok(*band),
                    (None, _) => {
                        let names: Vec<&str> = names.map(|name| name.unwrap_or("(no name)")).collect();
                        Err(error!(NotFound, "there is no band `{name}`: the bands are {}", names.join(", ")))
                    }
                    _ => Err(error!(NotFound, "two bands have the name `{name}`: choose by number")),
                }
            }
        }
    }

    /// Names the CRS, in place of what the file says.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let raster = GeoTiff::from_bytes(bytes)?.with_crs("EPSG:2056").read()?;
    /// assert_eq!(raster.crs()?, Some("EPSG:2056"));
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn with_crs(self, crs: impl Into<String>) -> Self {
        GeoTiff { crs: Crs::Text(crs.into()), ..self }
    }

    /// Leaves the CRS out. For files whose CRS has no code, where it does not matter.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_crs("EPSG:2056");
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// assert_eq!(GeoTiff::from_bytes(bytes)?.without_crs().read()?.crs()?, None);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn without_crs(self) -> Self {
        GeoTiff { crs: Crs::Missing, ..self }
    }

    /// Places the image on the ground, in place of what the file says: for a file without a transform, or with a wrong
    /// one.
    ///
    /// The transform is that of the whole image, also if this is a window or an overview.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{GeoTransform, Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let transform = GeoTransform::from_gdal([500.0, 10.0, 0.0, 900.0, 0.0, -10.0])?;
    /// let file = GeoTiff::from_bytes(bytes)?.with_transform(transform);
    /// assert_eq!(file.window(1.., ..)?.read()?.bbox()?, [500.0, 880.0, 520.0, 890.0]);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn with_transform(self, transform: GeoTransform) -> Self {
        GeoTiff { grid: Grid::Affine(transform), ..self }
    }

    /// Sets the nodata value of each band, in place of what the file says. It becomes the value of masked pixels in
    /// [`read_masked`](Self::read_masked).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if it has another type than the pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::array};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(array![[1u8, 0]])?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let raster = GeoTiff::from_bytes(bytes)?.with_nodata(0u8)?.read()?;
    /// assert_eq!(raster.valid_mask2()?, Some(array![[true, false]]));
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn with_nodata<T: Pixel>(self, nodata: T) -> Result<Self> {
        let found = self.pixel_type();
        if found != T::PIXEL_TYPE {
            let (found, given) = (found.rust_name(), T::PIXEL_TYPE.rust_name());
            return Err(self.fail(error!(
                PixelType,
                "with_nodata: its pixels are `{found}`, and `{nodata:?}` is `{given}`: write the number as `{found}`"
            )));
        }
        Ok(GeoTiff { nodata: Some(nodata::to_text(nodata)), ..self })
    }

    /// Returns a raster without pixels that has this grid, these bands and these names, each band at a URI of `base`.
    pub(crate) fn outline(&self, base: &str) -> Result<Raster> {
        self.require_room([self.bands.len(), 0, 0], self.pixel_type())?;
        let image = &self.level().image;
        let shape = [self.rows.len(), self.cols.len()];
        let bands = self.bands.iter().map(|band| {
            let outdb = Band::outdb(format!("{base}#band={}", band + 1), shape, image.pixel_type)?;
            Ok(self.with_name(outdb.with_outdb_format("geotiff"), *band))
        });
        let bands = bands.collect::<Result<Vec<_>>>()?;
        let bands = with_pixel_type!(image.pixel_type, T => match self.nodata_pixel::<T>() {
            Some(nodata) => bands.into_iter().map(|band| band.with_nodata(nodata)).collect::<ndraster::Result<Vec<_>>>()?,
            None => bands,
        });
        self.with_place(Raster::from_bands(bands)?)
    }

    /// The path of the file, if this is the whole image of a file that has one.
    pub(crate) fn whole_file(&self) -> Result<&Path> {
        let [rows, cols] = self.file.base.image.shape();
        if self.overview.is_some() || self.rows != (0..rows) || self.cols != (0..cols) {
            return Err(self.fail(error!(
                Argument,
                "a URI refers to a whole band: take the raster of the whole file, then its `window`"
            )));
        }
        if self.file.name.is_empty() {
            return Err(error!(Argument, "bytes in memory have no URI: only files that were opened by their path do"));
        }
        Ok(Path::new(&self.file.name))
    }

    /// Refuses what cannot be placed on the ground, before a pixel is read.
    pub(crate) fn require_place(&self) -> Result<()> {
        self.transform()?;
        let Crs::WithoutCode(name) = &self.crs else { return Ok(()) };
        Err(self.fail(error!(
            Crs,
            "its CRS \"{name}\" is described by parameters and has no code: name it by `with_crs(\"EPSG:32633\")` \
             (a code, WKT or PROJJSON), or read without one by `without_crs()`"
        )))
    }

    pub(crate) fn pixel_type(&self) -> PixelType {
        self.level().image.pixel_type
    }

    pub(crate) fn num_bands(&self) -> usize {
        self.bands.len()
    }

    pub(crate) fn shape(&self) -> [usize; 2] {
        [self.rows.len(), self.cols.len()]
    }

    /// Does the image have a mask that its overview lacks?
    pub(super) fn has_mask_elsewhere(&self) -> bool {
        self.overview.is_some() && self.file.base.mask.is_some()
    }

    pub(super) fn level(&self) -> &Level {
        self.file.level(self.overview)
    }

    pub(super) fn nodata_pixel<T: Pixel>(&self) -> Option<T> {
        self.nodata.as_deref().and_then(nodata)
    }

    /// The transform of what this shows, if the file has one.
    fn transform(&self) -> Result<Option<GeoTransform>> {
        match self.grid {
            Grid::Affine(transform) => Ok(Some(self.shown(transform)?)),
            Grid::Missing | Grid::ControlPoints => Ok(None),
            Grid::Invalid => Err(self
                .fail(error!(Malformed, "its transform has numbers that are not finite: set one by `with_transform`"))),
        }
    }

    /// The transform of what this shows of an image that lies so.
    fn shown(&self, image: GeoTransform) -> Result<GeoTransform> {
        let [base_rows, base_cols] = self.file.base.image.shape();
        let [rows, cols] = self.level().image.shape();
        let [x, a, b, y, d, e] = image.to_gdal();
        let (along_x, along_y) = (base_cols as f64 / cols as f64, base_rows as f64 / rows as f64);
        let level = GeoTransform::from_matrix([[a * along_x, b * along_y, x], [d * along_x, e * along_y, y]])?;
        Ok(level.slice_x(self.cols.start, 1)?.slice_y(self.rows.start, 1)?)
    }

    /// Gives a raster this transform and CRS. An image without a place has pixels of one unit.
    pub(super) fn with_place(&self, raster: Raster) -> Result<Raster> {
        let transform = self.transform()?.map_or_else(|| self.shown(GeoTransform::default()), Ok)?;
        let raster = raster.with_transform(transform);
        Ok(match &self.crs {
            Crs::Text(crs) => raster.with_crs(crs),
            Crs::Missing | Crs::WithoutCode(_) => raster,
        })
    }

    pub(super) fn with_name(&self, band: Band, number: usize) -> Band {
        match self.name(number) {
            Some(name) => band.with_name(name),
            None => band,
        }
    }

    fn name(&self, number: usize) -> Option<&str> {
        self.file.bands.get(&number).and_then(|metadata| metadata.name.as_deref())
    }

    fn of_each_band<R>(&self, of: impl Fn(&BandMetadata) -> R) -> Vec<R> {
        self.bands.iter().map(|band| of(self.file.bands.get(band).unwrap_or(&BandMetadata::NONE))).collect()
    }

    pub(super) fn require_type<T: Pixel>(&self) -> Result<()> {
        let found = self.pixel_type();
        if found == T::PIXEL_TYPE {
            return Ok(());
        }
        Err(self.fail(error!(
            PixelType,
            "its pixels are {found}, not {}: ask for `{}`, or `read` a raster and convert it with `to_array_exact` or \
             `to_array_cast`",
            T::PIXEL_TYPE,
            found.rust_name()
        )))
    }

    pub(crate) fn require_room(&self, shape: [usize; 3], pixel_type: PixelType) -> Result<()> {
        let most = self.file.max_bytes;
        let [bands, rows, cols] = shape;
        let pixels = shape.into_iter().try_fold(pixel_type.size(), usize::checked_mul);
        let bytes = pixels.and_then(|pixels| pixels.checked_add(bands.checked_mul(BAND_BYTES)?));
        if bytes.is_some_and(|bytes| bytes <= most) {
            return Ok(());
        }
        Err(self.fail(error!(
            TooLarge,
            "{bands} x {rows} x {cols} pixels of {pixel_type} are more than {most} bytes: read them by `window`, `tiles` \
             or `bands`, or raise the limit with `OpenOptions::max_bytes`"
        )))
    }

    /// Says in which file an error happened.
    #[cold]
    pub(super) fn fail(&self, error: Error) -> Error {
        error.in_file(&self.file.name)
    }
}

impl OpenOptions {
    /// Opens a file, as [`GeoTiff::open`] does.
    ///
    /// # Errors
    ///
    /// As [`GeoTiff::open`].
    ///
    /// # Examples
    ///
    /// See [`OpenOptions`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<GeoTiff> {
        let path = path.as_ref();
        match path.to_str().filter(|text| text.contains(":/") && !path.exists()) {
            Some(uri) => Ok(GeoTiff::new(File::open(&to_path(uri)?, self)?)),
            None => Ok(GeoTiff::new(File::open(path, self)?)),
        }
    }

    /// Opens the bytes of a file, as [`GeoTiff::from_bytes`] does.
    ///
    /// # Errors
    ///
    /// As [`GeoTiff::from_bytes`].
    ///
    /// # Examples
    ///
    /// See [`max_bytes`](Self::max_bytes).
    pub fn from_bytes(self, bytes: impl Into<Vec<u8>>) -> Result<GeoTiff> {
        Ok(GeoTiff::new(File::of_bytes(bytes.into(), self)?))
    }

    /// Opens a file whose bytes are read by range, as [`GeoTiff::from_source`] does.
    ///
    /// # Errors
    ///
    /// As [`GeoTiff::from_source`].
    ///
    /// # Examples
    ///
    /// See [`ByteRanges`].
    pub fn from_source(self, source: impl ByteRanges + 'static) -> Result<GeoTiff> {
        Ok(GeoTiff::new(File::of_ranges(source, self)?))
    }
}

/// Returns the part of a range that another one selects, counted from its start.
fn within(all: &Range<usize>, part: &impl RangeBounds<usize>, what: &str) -> Result<Range<usize>> {
    let len = all.len();
    let start = match part.start_bound() {
        Bound::Included(start) => Some(*start),
        Bound::Excluded(start) => start.checked_add(1),
        Bound::Unbounded => Some(0),
    };
    let end = match part.end_bound() {
        Bound::Included(end) => end.checked_add(1),
        Bound::Excluded(end) => Some(*end),
        Bound::Unbounded => Some(len),
    };
    match (start, end) {
        (Some(start), Some(end)) if start <= end && end <= len => Ok(all.start + start..all.start + end),
        (start, end) => {
            let shown = |bound: Option<usize>| bound.map_or("beyond".to_owned(), |bound| bound.to_string());
            Err(error!(NotFound, "{what} {}..{} are not within 0..{len}", shown(start), shown(end)))
        }
    }
}
