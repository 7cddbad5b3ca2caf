//! Makes a column of rows that are alike out of one array.

use std::fmt;

use arrow_buffer::Buffer;

use crate::error::{Error, Result, error};
use crate::format::defaults::YX;
use crate::format::memory::{AXIS_BYTES, BAND_BYTES, ROW_BYTES, SPATIAL_DIM_BYTES, VIEW_ENTRY_BYTES};
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::format::text_builders::ByContent;
use crate::geo::GeoTransform;
use crate::limits::Budget;
use crate::pixel::{Pixel, PixelType};
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::shown::Few;
#[cfg(feature = "fixed_shape_tensor")]
use crate::strided::layout::c_strides;
use crate::view::View;
use crate::write::band::dim_names;
use crate::write::column_builder::{BatchParts, RasterColumnBuilder};
use crate::write::parts::{BandAxes, BandFields, BandParts, RasterParts, chosen_or_known};
use crate::write::storage::{Allocation, MemoryLayout, PixelArray, payload_len, too_few_axes};

/// A builder that turns one array `(row, y, x)` or `(row, band, y, x)` into a column of rasters that share its memory.
///
/// [`Batch::from_ndarray`] takes the array, and [`finish`](Self::finish) returns the column. Without anything to set,
/// [`RasterArray::from_ndarray_batch`] is shorter. Rows that are not placed lie on one another: see
/// [`with_grid_of`](Self::with_grid_of), [`with_tile_grid`](Self::with_tile_grid) and [`with_transforms`](Self::with_transforms).
///
/// # Examples
///
/// ```
/// use ndraster::{Batch, GeoTransform, ndarray::Array4};
///
/// // Predictions for 2 x 3 tiles, of two classes each.
/// let predictions = Array4::<f32>::zeros((6, 2, 256, 256));
/// let column = Batch::from_ndarray(predictions)?
///     .with_crs("EPSG:32616")
///     .with_tile_grid(GeoTransform::from_gdal([500000.0, 10.0, 0.0, 4100000.0, 0.0, -10.0])?, 3)?
///     .with_band_names(["water", "forest"])?
///     .finish()?;
/// assert_eq!(column.len(), 6);
/// assert_eq!(column.get(4).unwrap().transform()?.to_gdal()[0], 502560.0); // second row, second column
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct Batch {
    pixels: Pixels,
    shape: Vec<usize>,
    pixel_type: PixelType,
    dim_names: Option<Vec<String>>,
    /// x first.
    spatial_dims: Option<[String; 2]>,
    band_names: Option<Vec<String>>,
    crs: Option<String>,
    transforms: Transforms,
    nodata: Option<Nodata>,
}

enum Pixels {
    /// In C order, from this byte of the buffer on.
    Ordered(Buffer, usize),
    /// As the array lies.
    AsIs(Allocation),
}

enum Transforms {
    Same(GeoTransform),
    /// One for each row.
    Rows(Vec<GeoTransform>),
    /// That of the whole grid, and its number of tiles from left to right.
    Grid(GeoTransform, usize),
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("shape", &Few(&self.shape))
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names.as_deref().map(Few))
            .finish_non_exhaustive()
    }
}

impl RasterArray {
    /// Makes a column of an array `(row, y, x)` or `(row, band, y, x)`: one raster for each index of the first axis.
    ///
    /// All rows share the array's memory, in C order, so that [`as_batch_view`](Self::as_batch_view) borrows it back as one
    /// array, and [`into_batch`](Self::into_batch) moves it out. Bands of up to 12 bytes, such as one number a tile, are copied to
    /// where Arrow stores them, and [`to_batch`](Self::to_batch) reads them back. All rows lie at one place on the ground. To set
    /// a CRS, transforms, nodata or names, and for bands of more axes, use [`Batch`].
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the array has three or four axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one band has more than 2^31 - 1 bytes, or if the metadata of
    ///   all rows would have more than that, and more than the pixels.
    ///
    /// # Cost
    ///
    /// A few nanoseconds and about 250 bytes a row, whatever its size. Memory in C order moves or is shared. Memory in another
    /// order, array views and references are copied once. Beyond 2^31 - 1 bytes the column has slices of that memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let tiles = Array3::<u8>::ones((10, 16, 16));
    /// let address = tiles.as_ptr();
    /// let column = RasterArray::from_ndarray_batch(tiles)?;
    /// assert_eq!(column.len(), 10);
    /// assert_eq!(column.get(0).unwrap().as_array_view2::<u8>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarray_batch<A: PixelArray>(array: A) -> Result<Self> {
        Batch::from_ndarray(array)?.finish()
    }
}

impl Batch {
    /// Takes an array of three or more axes, the first of which is the rows.
    ///
    /// The second one is the bands, if there are four or more, and the last two are y and x, unless
    /// [`with_dim_names`](Self::with_dim_names) says otherwise.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than three axes.
    ///
    /// # Cost
    ///
    /// Memory in C order moves or is shared. Memory in another order, array views and references are copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array3};
    /// assert_eq!(Batch::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.finish()?.len(), 5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("from_numpy", "DataArray"))]
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        Self::from_ndarray_with(array, MemoryLayout::Standard)
    }

    /// Takes an array whose memory is kept as `layout` says.
    ///
    /// With [`AsIs`](MemoryLayout::AsIs) an array in another order, such as `(row, y, x, band)` seen as `(row, band, y, x)`, is
    /// stored as it lies, with a view for each band.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than three axes.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the layout is [`Strict`](MemoryLayout::Strict) and the pixels would
    ///   have to be copied, or if it is `AsIs` and other handles hold memory with gaps.
    ///
    /// # Cost
    ///
    /// As the layout says.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, MemoryLayout, ndarray::Array4};
    /// let images = Array4::<u8>::zeros((8, 32, 32, 3)); // row, y, x, band
    /// let address = images.as_ptr();
    /// let images = images.permuted_axes([0, 3, 1, 2]);
    /// let column = Batch::from_ndarray_with(images, MemoryLayout::AsIs)?.finish()?;
    /// let batch = column.as_batch_view4::<u8>()?;
    /// assert_eq!((batch.dim(), batch.as_ptr()), ((8, 3, 32, 32), address));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarray_with<A: PixelArray>(array: A, layout: MemoryLayout) -> Result<Self> {
        array.with_memory(|memory| {
            let shape = memory.shape().to_vec();
            if shape.len() < 3 {
                return Err(error!(
                    Shape,
                    "a batch has three axes or more, (row, y, x) or (row, band, y, x), this shape is {}: add one of extent 1 \
                     with `insert_axis`, or make one raster with `Raster::from_ndarray`",
                    Few(&shape)
                ));
            }
            let pixels = if layout == MemoryLayout::AsIs && !memory.is_c_order() {
                Pixels::AsIs(memory.into_allocation()?)
            } else {
                let (buffer, start) = memory.into_c_order(layout)?;
                Pixels::Ordered(buffer, start)
            };
            Ok(Self::of(pixels, shape, A::Pixel::PIXEL_TYPE))
        })
    }

    fn of(pixels: Pixels, shape: Vec<usize>, pixel_type: PixelType) -> Self {
        Batch {
            pixels,
            shape,
            pixel_type,
            dim_names: None,
            spatial_dims: None,
            band_names: None,
            crs: None,
            transforms: Transforms::Same(GeoTransform::default()),
            nodata: None,
        }
    }

    /// Takes an array of three or more axes that lies in a buffer, from this pixel on and with these strides.
    #[cfg(feature = "fixed_shape_tensor")]
    pub(crate) fn of_buffer(
        buffer: Buffer,
        pixel_type: PixelType,
        first: usize,
        shape: Vec<usize>,
        strides: &[isize],
    ) -> Result<Self> {
        if shape.len() < 3 {
            return Err(too_few_axes(shape.get(1..).unwrap_or_default()));
        }
        let pixels = if c_strides(&shape).is_some_and(|c_order| c_order.as_slice() == strides) {
            Pixels::Ordered(buffer, first.saturating_mul(pixel_type.size()))
        } else {
            Pixels::AsIs(Allocation::new(buffer, pixel_type.size(), first, &shape, strides))
        };
        Ok(Self::of(pixels, shape, pixel_type))
    }

    /// Names the axes of a band, slowest first, which are the last ones of the array.
    ///
    /// Before them is the axis of the rows, and that of the bands if there are two more. So the names also say whether there is
    /// an axis of bands. Without this, a band has the two axes y and x.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless the array has one or two axes more than there are
    /// names, and each name is there once.
    ///
    /// # Cost
    ///
    /// Copies the names, unless they are `String`s.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array4};
    /// let series = Array4::<f32>::zeros((100, 12, 16, 16)); // twelve months a tile
    /// let column = Batch::from_ndarray(series)?.with_dim_names(["time", "y", "x"])?.finish()?;
    /// assert_eq!(column.get(0).unwrap().only_band()?.shape(), [12, 16, 16]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_dim_names<I>(mut self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let band = self.shape.len().checked_sub(names.len()).filter(|outer| [1, 2].contains(outer));
        let Some(band) = band.and_then(|outer| self.shape.get(outer..)) else {
            return Err(error!(
                Argument,
                "dim_names: {} are {} names, where the shape {} has {} axes besides rows and bands, or {} besides rows",
                Few(&names),
                names.len(),
                Few(&self.shape),
                self.shape.len() - 2,
                self.shape.len() - 1
            ));
        };
        self.dim_names = Some(dim_names(names, band)?);
        Ok(self)
    }

    /// Sets which two dims are the spatial ones, x first.
    ///
    /// Known pairs, such as x and y or lon and lat, need not be set.
    ///
    /// # Cost
    ///
    /// Keeps the names.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array4};
    /// let batch = Batch::from_ndarray(Array4::<u8>::zeros((2, 3, 4, 5)))?.with_dim_names(["t", "along", "across"])?;
    /// let column = batch.with_spatial_dims("across", "along").finish()?;
    /// assert_eq!(column.get(0).unwrap().width()?, 5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_spatial_dims(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        self.spatial_dims = Some([x.into(), y.into()]);
        self
    }

    /// Names the bands, the same in each row. Set [`with_dim_names`](Self::with_dim_names) before.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless there is one name for each band of a row.
    ///
    /// # Cost
    ///
    /// Copies the names, unless they are `String`s.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array4};
    /// let images = Batch::from_ndarray(Array4::<u8>::zeros((10, 3, 8, 8)))?.with_band_names(["red", "green", "blue"])?;
    /// assert_eq!(images.finish()?.get(9).unwrap().band_by_name("blue")?.shape(), [8, 8]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("set_band_description", "rename"))]
    pub fn with_band_names<I>(mut self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let bands = self.num_bands();
        if names.len() != bands {
            let given = names.len();
            return Err(error!(
                Argument,
                "with_band_names: {given} names are given for {bands} bands a row: {}",
                Few(&names)
            ));
        }
        self.band_names = Some(names);
        Ok(self)
    }

    /// Sets the coordinate reference system of every row.
    ///
    /// # Cost
    ///
    /// Copies the text, unless it is a `String`. The column has it once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array3};
    /// let column = Batch::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.with_crs("EPSG:4326").finish()?;
    /// assert_eq!(column.get(4).unwrap().crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("write_crs", "SetProjection", "RS_SetCRS"))]
    #[must_use]
    pub fn with_crs(mut self, crs: impl Into<String>) -> Self {
        self.crs = Some(crs.into());
        self
    }

    /// Sets the same transform for every row, such as for several dates of one place.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, GeoTransform, ndarray::Array3};
    /// let transform = GeoTransform::from_gdal([100.0, 2.0, 0.0, 50.0, 0.0, -2.0])?;
    /// let column = Batch::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.with_transform(transform).finish()?;
    /// assert_eq!(column.get(4).unwrap().transform()?, transform);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetGeoTransform", "write_transform"))]
    #[must_use]
    pub fn with_transform(mut self, transform: GeoTransform) -> Self {
        self.transforms = Transforms::Same(transform);
        self
    }

    /// Sets the transform of each row.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless there is one for each row.
    ///
    /// # Cost
    ///
    /// Keeps them in a list.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, GeoTransform, RasterArray, ndarray::Array3};
    /// let tiles = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((5, 2, 3)))?;
    /// // Predictions lie where their tiles lie.
    /// let transforms = tiles.iter().map(|tile| tile.unwrap().transform()).collect::<ndraster::Result<Vec<_>>>()?;
    /// let column = Batch::from_ndarray(Array3::<f32>::zeros((5, 2, 3)))?.with_transforms(transforms)?.finish()?;
    /// assert_eq!(column.len(), 5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_transforms(mut self, transforms: impl IntoIterator<Item = GeoTransform>) -> Result<Self> {
        let rows = self.num_rows();
        // One more tells that there are too many.
        let transforms: Vec<GeoTransform> = transforms.into_iter().take(rows.saturating_add(1)).collect();
        if transforms.len() != rows {
            let given = if transforms.len() > rows { "more".to_owned() } else { format!("only {}", transforms.len()) };
            return Err(error!(Argument, "with_transforms: the batch has {rows} rows, {given} transforms are given"));
        }
        self.transforms = Transforms::Rows(transforms);
        Ok(self)
    }

    /// Places each row where the row of a column lies: the CRS of its first raster, the transform of each, and the names of its
    /// spatial dims. Use it for predictions, which have no place of their own.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless the column has as many rows, with one CRS.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if a raster has other extents in x or y. Where a model gives larger or
    ///   smaller pixels, set [`with_transforms`](Self::with_transforms).
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) for a null row, which lies nowhere.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the grid of a row cannot be read.
    ///
    /// # Cost
    ///
    /// Reads the CRS, the transform and the spatial dims of each row.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, Raster, ndarray::Array2};
    /// let scene = Raster::from_ndarray(Array2::<u16>::ones((40, 60)))?.with_crs("EPSG:32632");
    /// let tiles = scene.tiles(20, 20)?;
    /// let predictions = tiles.to_batch_cast4::<f32>()? / 2.0;
    /// let column = Batch::from_ndarray(predictions)?.with_grid_of(&tiles)?.finish()?;
    /// assert_eq!(column.to_mosaic(0)?.as_array_view2::<f32>()?, Array2::from_elem((40, 60), 0.5));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_grid_of(mut self, column: &RasterArray) -> Result<Self> {
        let (rows, given) = (self.num_rows(), column.len());
        if rows != given {
            return Err(error!(Argument, "with_grid_of: the batch has {rows} rows, the column {given}"));
        }
        let names = self.names()?;
        let own = chosen_or_known(self.spatial_dims.as_ref(), &names, "Batch")?;
        let mut grid = ColumnGrid { extents: own.map(|dim| self.extent(&names, dim)), transforms: vec![], like: None };
        column.try_for_each_row(|raster| {
            let raster = raster.ok_or_else(|| no_place(grid.transforms.len()))?;
            grid.add(&raster).map_err(|e| raster.annotate(e))
        })?;
        if let Some((crs, dims)) = grid.like {
            let renamed = |name: &&str| match own.iter().position(|dim| dim == name) {
                Some(place) => dims.get(place).copied().unwrap_or(name).to_owned(),
                None => (*name).to_owned(),
            };
            self.dim_names = Some(names.iter().map(renamed).collect());
            (self.crs, self.spatial_dims) = (crs.map(str::to_owned), Some(dims.map(str::to_owned)));
        }
        self.transforms = Transforms::Rows(grid.transforms);
        Ok(self)
    }

    /// Places the rows side by side, as tiles of one grid: `columns` from left to right, then the next ones below.
    ///
    /// This is the order of [`Raster::tiles`](crate::Raster::tiles). `transform` is that of the whole grid.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `columns` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, GeoTransform, ndarray::Array3};
    /// let transform = GeoTransform::from_gdal([100.0, 2.0, 0.0, 50.0, 0.0, -2.0])?;
    /// let column = Batch::from_ndarray(Array3::<u8>::zeros((6, 8, 16)))?.with_tile_grid(transform, 3)?.finish()?;
    /// // The second row of tiles is 8 pixels further down.
    /// assert_eq!(column.get(3).unwrap().transform()?.to_gdal(), [100.0, 2.0, 0.0, 34.0, 0.0, -2.0]);
    /// assert_eq!(column.to_mosaic(0)?.transform()?, transform);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_tile_grid(mut self, transform: GeoTransform, columns: usize) -> Result<Self> {
        if columns == 0 {
            return Err(error!(Argument, "with_tile_grid: a grid has at least one tile from left to right"));
        }
        self.transforms = Transforms::Grid(transform, columns);
        Ok(self)
    }

    /// Sets the nodata value of every band. It must have the type of the pixels.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the value has another type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array3};
    /// let batch = Batch::from_ndarray(Array3::<i16>::zeros((5, 2, 3)))?;
    /// assert_eq!(batch.with_nodata(-9999i16)?.finish()?.to_batch_filled(f32::NAN)?.shape(), [5, 1, 2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetNoDataValue", "write_nodata"))]
    pub fn with_nodata<T: Pixel>(mut self, nodata: T) -> Result<Self> {
        self.nodata = Some(Nodata::new(nodata, self.pixel_type)?);
        Ok(self)
    }

    /// Returns the column: one raster for each index of the first axis.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if there are five axes or more without names, or if the names do
    ///   not say which dims are x and y.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a transform is not finite.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has rows and an axis of bands of extent zero.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if a band has more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one band has more than 2^31 - 1 bytes, or if the metadata of
    ///   all rows would have more than that, and more than the pixels.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the array is kept as it lies, and no view can say where its pixels
    ///   are.
    ///
    /// # Cost
    ///
    /// A few nanoseconds and about 250 bytes a row, whatever its size. About a microsecond for each band that has a view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Batch, ndarray::Array3};
    /// assert_eq!(Batch::from_ndarray(Array3::<u8>::zeros((5, 2, 3)))?.finish()?.len(), 5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn finish(self) -> Result<RasterArray> {
        let mut column = RasterColumnBuilder::<ByContent>::sharing();
        let names = self.names()?;
        let [x, y] = chosen_or_known(self.spatial_dims.as_ref(), &names, "Batch")?;
        let band = self.band_shape(&names);
        if band.len() < 2 {
            return Err(too_few_axes(band));
        }
        let bands = self.num_bands();
        if bands == 0 && self.num_rows() > 0 {
            return Err(error!(
                Shape,
                "the shape {} has rows without bands: a raster has at least one",
                Few(&self.shape)
            ));
        }
        self.require_room(&names)?;
        let transforms = self.transforms(&names, [x, y])?;
        match &self.pixels {
            _ if transforms.is_empty() => {}
            Pixels::Ordered(buffer, start) => {
                let (view, len) = (View::identity(band)?, payload_len(band, self.pixel_type)?);
                let first = buffer.as_slice().get(*start..).and_then(|bytes| bytes.get(..len)).unwrap_or_default();
                let parts = (0..bands).map(|number| self.band(number, &names, view.clone(), first)).collect();
                let mut like = RasterParts::new(parts, [x, y])?;
                like.crs = self.crs.as_deref();
                column.push_batch(&BatchParts { like: &like, transforms: &transforms, payloads: (buffer, *start) })?;
            }
            Pixels::AsIs(allocation) => {
                for (row, transform) in transforms.into_iter().enumerate() {
                    self.push_as_is(&mut column, allocation, row, transform, (&names, [x, y]))?;
                }
            }
        }
        column.finish()
    }

    /// The parts of a band whose payload begins with the buffer's.
    fn band<'a>(&'a self, number: usize, names: &[&'a str], view: View, payload: &'a [u8]) -> BandParts<'a> {
        let fields = BandFields {
            name: self.band_names.as_ref().and_then(|names| names.get(number)).map(String::as_str),
            pixel_type: self.pixel_type,
            nodata: self.nodata.as_ref().map(Nodata::bytes),
            outdb_uri: None,
            outdb_format: None,
            payload,
            location: None,
        };
        let axes = match *view.shape() {
            [height, width] if names == YX && view.is_identity() => BandAxes::Default([height, width]),
            _ => BandAxes::named(names.iter().copied().collect(), view),
        };
        BandParts { axes, fields }
    }

    fn push_as_is(
        &self,
        column: &mut RasterColumnBuilder<ByContent>,
        allocation: &Allocation,
        row: usize,
        transform: GeoTransform,
        (names, spatial): (&[&str], [&str; 2]),
    ) -> Result<()> {
        let outer = self.shape.len() - names.len();
        let (shape, strides) = (allocation.shape.get(outer..), allocation.strides.get(outer..));
        let along = |axis: usize, index: usize| allocation.strides.get(axis)?.checked_mul(isize::try_from(index).ok()?);
        let first = |band: usize| {
            let across = if outer == 2 { along(1, band)? } else { 0 };
            allocation.first.checked_add_signed(along(0, row)?.checked_add(across)?)
        };
        let store = |band: usize| {
            let Some(((first, shape), strides)) = first(band).zip(shape).zip(strides) else {
                return Err(error!(Layout, "band {band} lies outside of the array's memory").in_row(Some(row)));
            };
            allocation.store(first, shape, strides)
        };
        let stored = (0..self.num_bands()).map(store).collect::<Result<Vec<(View, Payload)>>>()?;
        let parts = stored.iter().enumerate().map(|(number, (view, payload))| {
            let mut band = self.band(number, names, view.clone(), payload.bytes());
            band.redirect(payload.location());
            band
        });
        let mut parts = RasterParts::new(parts.collect(), spatial)?;
        (parts.crs, parts.transform) = (self.crs.as_deref(), transform);
        column.push(&parts)
    }

    fn num_rows(&self) -> usize {
        self.shape.first().copied().unwrap_or_default()
    }

    /// The bands of a row: the extent of the second axis, if a band has fewer axes than two less than the array.
    fn num_bands(&self) -> usize {
        let of_band = self.dim_names.as_ref().map_or(YX.len(), Vec::len);
        if self.shape.len() > of_band + 1 { self.shape.get(1).copied().unwrap_or_default() } else { 1 }
    }

    fn names(&self) -> Result<Vec<&str>> {
        match &self.dim_names {
            Some(names) => Ok(names.iter().map(String::as_str).collect()),
            None if self.shape.len() <= 4 => Ok(YX.to_vec()),
            None => Err(error!(
                Argument,
                "the axes of the shape {} besides rows and bands need names: `with_dim_names([\"time\", \"y\", \"x\"])?` before \
                 `finish`",
                Few(&self.shape)
            )),
        }
    }

    /// The extents of a band.
    fn band_shape(&self, names: &[&str]) -> &[usize] {
        self.shape.get(self.shape.len().saturating_sub(names.len())..).unwrap_or_default()
    }

    fn extent(&self, names: &[&str], dim: &str) -> usize {
        names.iter().zip(self.band_shape(names)).find(|(name, _)| **name == dim).map_or(0, |(_, extent)| *extent)
    }

    /// The transform of each row.
    fn transforms(&self, names: &[&str], [x, y]: [&str; 2]) -> Result<Vec<GeoTransform>> {
        let rows = self.num_rows();
        match &self.transforms {
            Transforms::Same(transform) => Ok(vec![transform.require_finite("with_transform")?; rows]),
            Transforms::Rows(transforms) => {
                let is_finite = |(row, transform): (usize, &GeoTransform)| {
                    transform.require_finite("with_transforms").map_err(|e| e.in_row(Some(row)))
                };
                transforms.iter().enumerate().map(is_finite).collect()
            }
            Transforms::Grid(transform, columns) => {
                let (width, height) = (self.extent(names, x), self.extent(names, y));
                let of_row = |row: usize| {
                    let left = (row % columns).saturating_mul(width);
                    transform.slice_x(left, 1)?.slice_y((row / columns).saturating_mul(height), 1)
                };
                (0..rows).map(|row| of_row(row).map_err(|e| e.in_row(Some(row)))).collect()
            }
        }
    }

    /// Refuses a column of which the metadata would take more than 2^31 - 1 bytes, and more than the pixels: a broadcast axis
    /// has any number of rows.
    fn require_room(&self, names: &[&str]) -> Result<()> {
        let views = matches!(self.pixels, Pixels::AsIs(_));
        let axis = AXIS_BYTES + if views { VIEW_ENTRY_BYTES } else { 0 };
        let axes: usize = names.iter().map(|name| name.len().saturating_add(axis)).fold(0, usize::saturating_add);
        let texts: usize = self.band_names.iter().flatten().map(String::len).fold(0, usize::saturating_add);
        let of_row = BAND_BYTES.saturating_add(axes).saturating_mul(self.num_bands()).saturating_add(texts);
        let of_row = of_row.saturating_add(ROW_BYTES + 2 * SPATIAL_DIM_BYTES);
        let held = match &self.pixels {
            Pixels::Ordered(buffer, _) => buffer.len(),
            Pixels::AsIs(allocation) => allocation.buffer.len(),
        };
        let mut budget = Budget::new(|| held, "make several columns of fewer rows");
        budget.spend(of_row.saturating_mul(self.num_rows()))
    }
}

/// Where the rows of a column lie, which must have the extents of a batch.
struct ColumnGrid<'a> {
    /// x first.
    extents: [usize; 2],
    transforms: Vec<GeoTransform>,
    /// The CRS and the spatial dims of all rows.
    like: Option<(Option<&'a str>, [&'a str; 2])>,
}

impl<'a> ColumnGrid<'a> {
    fn add(&mut self, raster: &RasterRef<'a>) -> Result<()> {
        let (crs, dims, shape) = (raster.crs()?, raster.spatial_dims()?, raster.spatial_shape()?);
        let (Ok(dims), Ok(shape)) = (<[&str; 2]>::try_from(dims), <[usize; 2]>::try_from(shape)) else {
            return Err(error!(Shape, "with_grid_of: its spatial dims are not two"));
        };
        if *self.like.get_or_insert((crs, dims)) != (crs, dims) {
            return Err(error!(
                Argument,
                "with_grid_of: its CRS or its spatial dims are not those of row 0: make a batch for each CRS"
            ));
        }
        let [width, height] = self.extents;
        if shape != self.extents {
            // What is smaller was padded.
            let advice = match shape {
                [x, y] if x <= width && y <= height => {
                    "cut the pixels of each row to the extents of its raster, and give each `with_grid_of`"
                }
                _ => "set `with_transforms` for pixels of another size or place",
            };
            return Err(error!(
                Shape,
                "with_grid_of: its extents in x and y are {}, those of the batch {width} and {height}: {advice}",
                Few(&shape)
            ));
        }
        self.transforms.push(raster.transform()?);
        Ok(())
    }
}

#[cold]
fn no_place(row: usize) -> Error {
    error!(Null, "with_grid_of: the row is null, so it lies nowhere: set `with_transforms`").in_row(Some(row))
}
