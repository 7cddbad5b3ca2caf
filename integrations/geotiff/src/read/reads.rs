//! Reads the pixels of what a [`GeoTiff`] shows: as rasters, as arrays, into memory of the caller, and as masks.

use ndraster::ndarray::{Array2, Array3, ArrayViewMut3, Axis};
use ndraster::{Band, Pixel, Raster, TileWindow};

use crate::error::{Result, error};
use crate::pixel_type::with_pixel_type;
use crate::read::geotiff::GeoTiff;
use crate::read::nodata::{fill, nodata};
use crate::read::pixels::{self, Part};

impl GeoTiff {
    /// Reads the pixels as a raster of one band each, with names, nodata, CRS and transform.
    ///
    /// An alpha band is a band like others here. Masks are not applied: see [`read_masked`](Self::read_masked). A
    /// nodata value that no pixel can have, such as -9999 for `uint8`, is left out, as no pixel equals it;
    /// [`Info`](crate::Info) tells. A file without a transform gives a raster without a place: pixels of one unit, and
    /// the origin at (0, 0).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Crs`](crate::ErrorKind::Crs) if the file describes its CRS by parameters, without a code.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the pixels have more bytes than
    ///   [`OpenOptions::max_bytes`](crate::OpenOptions::max_bytes).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if a block is damaged.
    /// - [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a compression that is not supported, such as
    ///   LZMA.
    ///
    /// # Cost
    ///
    /// The memory of the pixels, and one decoded block for each core. Only blocks that the part needs are read. The
    /// pixels are not copied again: the memory becomes the Arrow buffer.
    ///
    /// # Examples
    ///
    /// See [`GeoTiff`].
    pub fn read(&self) -> Result<Raster> {
        self.require_place()?;
        self.require_payload(1)?;
        with_pixel_type!(self.pixel_type(), T => {
            let pixels = self.read_array::<T>()?;
            self.to_raster(pixels, &self.bands, self.nodata_pixel::<T>()).map_err(|e| self.fail(e))
        })
    }

    /// Reads the pixels as a raster of a single band with the dims (band, y, x). The names of the file's bands are left
    /// out, since a raster names bands, and this is one.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// # Cost
    ///
    /// As [`read`](Self::read).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Band, Raster, ndarray::{Array3, Axis}};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_bands(Band::split(Array3::<u8>::ones((3, 20, 30)), Axis(0))?)?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let raster = GeoTiff::from_bytes(bytes)?.read_stacked()?;
    /// assert_eq!(raster.band(0)?.dim_names(), ["band", "y", "x"]);
    /// assert_eq!(raster.as_array_view::<u8>()?.shape(), [3, 20, 30]);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn read_stacked(&self) -> Result<Raster> {
        self.require_place()?;
        self.require_payload(self.bands.len())?;
        with_pixel_type!(self.pixel_type(), T => {
            let band = Band::from_ndarray(self.read_array::<T>()?)?.with_dim_names(["band", "y", "x"])?;
            let band = match self.nodata_pixel::<T>() {
                Some(nodata) => band.with_nodata(nodata)?,
                None => band,
            };
            self.with_place(Raster::from_bands([band])?)
        })
    }

    /// Reads the pixels as an array of (band, y, x).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels have another type, and as
    /// [`read`](Self::read), apart from those of the CRS.
    ///
    /// # Cost
    ///
    /// The memory of the array, and one decoded block for each core.
    ///
    /// # Examples
    ///
    /// See [`bands`](Self::bands).
    pub fn read_array<T: Pixel>(&self) -> Result<Array3<T>> {
        self.require_type::<T>()?;
        let shape = [self.bands.len(), self.rows.len(), self.cols.len()];
        self.require_room(shape, T::PIXEL_TYPE)?;
        let mut pixels = Array3::from_elem(shape, T::default());
        self.read_into(pixels.view_mut())?;
        Ok(pixels)
    }

    /// Reads the pixels into an array of (band, y, x) of the caller: memory that is used again, or of another order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the array has another shape, and as
    /// [`read_array`](Self::read_array). After an error the array holds some of the pixels.
    ///
    /// # Cost
    ///
    /// One decoded block for each core.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::{Array2, Array3}};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(Array2::from_shape_fn((512, 512), |(row, _)| row as f32))?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let file = GeoTiff::from_bytes(bytes)?;
    /// let mut tile = Array3::<f32>::zeros((1, 256, 256));
    /// let mut sum = 0.0;
    /// for row in [0, 256] {
    ///     file.window(row..row + 256, 0..256)?.read_into(tile.view_mut())?;
    ///     sum += tile.mean().unwrap();
    /// }
    /// assert_eq!(sum / 2.0, 255.5);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn read_into<T: Pixel>(&self, out: ArrayViewMut3<'_, T>) -> Result<()> {
        self.require_type::<T>()?;
        let shape = [self.bands.len(), self.rows.len(), self.cols.len()];
        if out.shape() != shape {
            return Err(self.fail(error!(
                Argument,
                "the array has the shape {:?}, and the pixels (band, y, x) {shape:?}",
                out.shape()
            )));
        }
        // What the writer left out is what the file calls nodata, whatever the caller calls it.
        let missing = self.file.nodata.as_deref().map(fill).unwrap_or_default();
        let (file, image) = (&self.file, &self.level().image);
        pixels::read(file, image, &self.part(&self.bands), missing, out).map_err(|e| self.fail(e))
    }

    /// Reads which pixels are valid by the file's mask or by its alpha band, or `None` if it has neither.
    ///
    /// Pixels that equal nodata count as valid here.
    ///
    /// # Errors
    ///
    /// As [`read_array`](Self::read_array).
    ///
    /// # Cost
    ///
    /// The memory of the mask twice, one byte a pixel as a rule, and one decoded block for each core.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use ndraster_geotiff::GeoTiff;
    ///
    /// let file = GeoTiff::open("photo.tif")?;
    /// if let Some(mask) = file.mask()? {
    ///     println!("{} pixels are valid", mask.iter().filter(|valid| **valid).count());
    /// }
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    #[doc(alias = "dataset_mask")]
    pub fn mask(&self) -> Result<Option<Array2<bool>>> {
        let level = self.level();
        if level.mask.is_none() && self.has_mask_elsewhere() {
            return Err(self.fail(error!(
                Unsupported,
                "the file has a mask, and this overview has none: read the mask of the file, in its resolution"
            )));
        }
        let (image, band) = match (&level.mask, self.file.alpha) {
            (Some(mask), _) => (mask, 0),
            (None, Some(band)) => (&level.image, band),
            (None, None) => return Ok(None),
        };
        let shape = [1, self.rows.len(), self.cols.len()];
        self.require_room(shape, image.pixel_type)?;
        with_pixel_type!(image.pixel_type, T => {
            let mut mask = Array3::from_elem(shape, T::default());
            pixels::read(&self.file, image, &self.part(&[band]), T::default(), mask.view_mut())
                .map_err(|e| self.fail(e))?;
            let opaque = mask.index_axis_move(Axis(0), 0).mapv(|value| value != T::default());
            Ok(Some(opaque))
        })
    }

    /// Reads the pixels as [`read`](Self::read) does, and makes those nodata that the file's mask or its alpha band
    /// calls invalid, so that [`valid_mask`](ndraster::BandRef::valid_mask) sees them. The alpha band itself is left
    /// out.
    ///
    /// Masked pixels get the nodata value of the file or of [`with_nodata`](Self::with_nodata), and NaN if there is
    /// none and pixels are floats. A file without a mask is read as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if pixels are integers, and there is no nodata value, and as
    /// [`read`](Self::read).
    ///
    /// # Cost
    ///
    /// As [`read`](Self::read), and the mask.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use ndraster_geotiff::GeoTiff;
    ///
    /// let raster = GeoTiff::open("photo.tif")?.with_nodata(0u8)?.read_masked()?;
    /// let red = raster.band(0)?.valid_mask2()?;
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    #[doc(alias = "masked")]
    pub fn read_masked(&self) -> Result<Raster> {
        self.require_place()?;
        let Some(valid) = self.mask()? else { return self.read() };
        let level = self.level();
        let alpha = self.file.alpha.filter(|_| level.mask.is_none());
        let bands: Vec<usize> = self.bands.iter().copied().filter(|band| Some(*band) != alpha).collect();
        if bands.is_empty() {
            return Err(
                self.fail(error!(Argument, "only the alpha band is chosen, which is the mask: use `mask` or `read`"))
            );
        }
        let colours = GeoTiff { bands, ..self.clone() };
        with_pixel_type!(self.pixel_type(), T => {
            let nodata = self.nodata_pixel::<T>().or_else(not_a_number).ok_or_else(|| {
                let name = T::PIXEL_TYPE.rust_name();
                self.fail(error!(
                    Argument,
                    "it has a mask, and no nodata value to put in its place: choose one that no valid pixel has by \
                     `with_nodata(0{name})`"
                ))
            })?;
            let mut pixels = colours.read_array::<T>()?;
            for mut band in pixels.outer_iter_mut() {
                band.zip_mut_with(&valid, |pixel, is_valid| {
                    if !is_valid {
                        *pixel = nodata;
                    }
                });
            }
            self.to_raster(pixels, &colours.bands, Some(nodata)).map_err(|e| self.fail(e))
        })
    }

    /// Iterates over the rows and columns of tiles, row by row, with an overlap of so many pixels: for tiles that are
    /// read into memory that is used again, or masked.
    ///
    /// # Errors
    ///
    /// As [`tiles`](Self::tiles).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::{Array2, Array3, s}};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(Array2::<f32>::ones((500, 700)))?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let file = GeoTiff::from_bytes(bytes)?;
    /// let mut memory = Array3::<f32>::zeros((1, 256, 256));
    /// let mut sum = 0.0;
    /// for tile in file.tile_windows(256, 256, 0)? {
    ///     let mut pixels = memory.slice_mut(s![.., ..tile.rows.len(), ..tile.cols.len()]);
    ///     file.window(tile.rows, tile.cols)?.read_into(pixels.view_mut())?;
    ///     sum += pixels.sum();
    /// }
    /// assert_eq!(sum, 350_000.0);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    #[doc(alias = "block_windows")]
    pub fn tile_windows(
        &self,
        height: usize,
        width: usize,
        overlap: usize,
    ) -> Result<impl ExactSizeIterator<Item = TileWindow> + Clone + use<>> {
        self.outline("")?.tile_windows(height, width, overlap).map_err(|e| self.fail(e.into()))
    }

    /// Iterates over tiles of `height` rows and `width` columns, row by row, each read when it is asked for.
    ///
    /// Tiles at the lower and right edge are smaller. Tiles that are multiples of the blocks read each block once.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 2^21 - 1 tiles.
    ///
    /// Each tile has the errors of [`read`](Self::read).
    ///
    /// # Cost
    ///
    /// The pixels of one tile at a time.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{Raster, ndarray::Array2};
    /// use ndraster_geotiff::{GeoTiff, WriteOptions, write_geotiff_to};
    ///
    /// let raster = Raster::from_ndarray(Array2::<f32>::ones((500, 700)))?;
    /// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
    /// let mut sum = 0.0;
    /// for tile in GeoTiff::from_bytes(bytes)?.tiles(256, 256)? {
    ///     sum += tile?.as_array_view2::<f32>()?.sum();
    /// }
    /// assert_eq!(sum, 350_000.0);
    /// # Ok::<(), ndraster_geotiff::Error>(())
    /// ```
    pub fn tiles(&self, height: usize, width: usize) -> Result<impl ExactSizeIterator<Item = Result<Raster>> + use<>> {
        let windows = self.tile_windows(height, width, 0)?;
        let file = self.clone();
        Ok(windows.map(move |tile| file.window(tile.rows, tile.cols)?.read()))
    }

    /// Refuses a band of a raster that would have more bytes than Arrow counts.
    fn require_payload(&self, images: usize) -> Result<()> {
        let [rows, cols] = self.shape();
        let bytes = [images, rows, cols].into_iter().try_fold(self.pixel_type().size(), usize::checked_mul);
        if bytes.is_some_and(|bytes| i32::try_from(bytes).is_ok()) {
            return Ok(());
        }
        Err(self.fail(error!(
            TooLarge,
            "{images} x {rows} x {cols} pixels of {} are more than the 2 GiB that a band of a raster holds: read them by `window` \
             or `tiles`, or as an array by `read_array`",
            self.pixel_type()
        )))
    }

    fn part<'a>(&self, bands: &'a [usize]) -> Part<'a> {
        Part { bands, rows: self.rows.clone(), cols: self.cols.clone() }
    }

    fn to_raster<T: Pixel>(&self, pixels: Array3<T>, numbers: &[usize], nodata: Option<T>) -> Result<Raster> {
        let bands = Band::split(pixels, Axis(0))?.into_iter().zip(numbers).map(|(band, number)| {
            let band = self.with_name(band, *number);
            match nodata {
                Some(nodata) => band.with_nodata(nodata),
                None => Ok(band),
            }
        });
        self.with_place(Raster::from_bands(bands.collect::<ndraster::Result<Vec<_>>>()?)?)
    }
}

/// Returns NaN, for floats.
fn not_a_number<T: Pixel>() -> Option<T> {
    nodata("nan")
}
