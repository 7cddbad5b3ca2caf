//! Stores arrays of any size as a column of strips, because one payload has at most 2^31 - 1 bytes.

use std::fmt;
use std::ops::Range;

use arrow_buffer::Buffer;

use crate::error::{Result, error};
use crate::format::defaults::YX;
use crate::format::memory::{AXIS_BYTES, BAND_BYTES, ROW_BYTES};
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::format::text_builders::ByContent;
use crate::geo::{GeoTransform, Registration};
use crate::limits::{MAX_LEN, require_room};
use crate::pixel::{Pixel, PixelType};
use crate::read::raster_array::RasterArray;
use crate::shown::{Few, Short};
use crate::strided::layout::num_pixels;
use crate::view::View;
use crate::write::band::dim_names;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::parts::{BandAxes, BandFields, BandParts, RasterParts, chosen_or_known};
use crate::write::storage::{MemoryLayout, PixelArray, too_few_axes};

/// A builder that turns one array of any size into a column of strips, which have the full width of the array.
///
/// [`Strips::from_ndarray`] takes the array, and [`finish`](Self::finish) returns the column.
///
/// # Examples
///
/// ```
/// use ndraster::{Registration, Strips, ndarray::Array2};
///
/// let elevation = Array2::<i16>::zeros((1000, 800));
/// let column = Strips::from_ndarray(elevation)?
///     .with_rows(300)?
///     .with_crs("EPSG:32616")
///     .with_bbox([0.0, 0.0, 8000.0, 10000.0], Registration::Pixel)?
///     .with_nodata(-9999i16)?
///     .finish()?;
/// assert_eq!(column.len(), 4);
/// assert_eq!(column.get(3).unwrap().bbox()?, [0.0, 0.0, 8000.0, 1000.0]);
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct Strips {
    buffer: Buffer,
    start: usize,
    shape: Vec<usize>,
    pixel_type: PixelType,
    dim_names: Option<Vec<String>>,
    /// x first.
    spatial_dims: Option<[String; 2]>,
    rows: Option<usize>,
    crs: Option<String>,
    transform: GeoTransform,
    nodata: Option<Nodata>,
}

impl fmt::Debug for Strips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strips")
            .field("shape", &Few(&self.shape))
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names.as_deref().map(Few))
            .finish_non_exhaustive()
    }
}

impl RasterArray {
    /// Makes a column of full-width strips from a 2-D array of any size.
    ///
    /// Each strip is one raster of at most 2^31 - 1 bytes, and there are as few strips as possible. They go from the
    /// first row down, and each has its own transform. To set the number of rows in each strip, a CRS or a transform,
    /// or for an array of more than two axes, use [`Strips`].
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than two axes.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if it has more than two axes, because these need names.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one row has more than 2^31 - 1 bytes, or if there would
    ///   be more than 2^21 - 1 strips, or fewer of many axes.
    ///
    /// # Cost
    ///
    /// About 1 KB for each strip. Memory in C order moves or is shared. Memory in another order, array views and
    /// references are copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array2};
    /// let pixels = Array2::<f32>::zeros((100, 200));
    /// let address = pixels.as_ptr();
    /// let column = RasterArray::from_ndarray_strips(pixels)?;
    /// assert_eq!(column.len(), 1); // it would take more than 2 GiB to need two
    /// assert_eq!(column.get(0).unwrap().as_array_view::<f32>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarray_strips<A: PixelArray>(array: A) -> Result<Self> {
        Strips::from_ndarray(array)?.finish()
    }
}

impl Strips {
    /// Takes an array of two or more axes, the slowest of which is y.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than two axes.
    ///
    /// # Cost
    ///
    /// Memory in C order moves or is shared. Memory in another order, array views and references are copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array2};
    /// assert_eq!(Strips::from_ndarray(Array2::<u8>::zeros((2, 3)))?.finish()?.len(), 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("from_numpy", "DataArray"))]
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        array.with_memory(|memory| {
            let shape = memory.shape().to_vec();
            if shape.len() < 2 {
                return Err(too_few_axes(&shape));
            }
            let (buffer, start) = memory.into_c_order(MemoryLayout::Standard)?;
            Ok(Strips {
                buffer,
                start,
                shape,
                pixel_type: A::Pixel::PIXEL_TYPE,
                dim_names: None,
                spatial_dims: None,
                rows: None,
                crs: None,
                transform: GeoTransform::default(),
                nodata: None,
            })
        })
    }

    /// Sets the number of rows in each strip, of which the last may have fewer. The default is as many as fit.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the number is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array2};
    /// assert_eq!(Strips::from_ndarray(Array2::<u8>::zeros((10, 3)))?.with_rows(4)?.finish()?.len(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_rows(mut self, rows: usize) -> Result<Self> {
        if rows == 0 {
            return Err(error!(Argument, "strips of no rows cover nothing"));
        }
        self.rows = Some(rows);
        Ok(self)
    }

    /// Names the axes, slowest first. The first one must be y.
    ///
    /// Two axes have the names `["y", "x"]` unless they get others. More axes need names.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless there is one name for each axis, and each
    /// name is there once.
    ///
    /// # Cost
    ///
    /// Copies the names, unless they are `String`s.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array3};
    /// let rgb = Array3::<u8>::zeros((10, 20, 3));
    /// let column = Strips::from_ndarray(rgb)?.with_dim_names(["y", "x", "rgb"])?.with_rows(5)?.finish()?;
    /// assert_eq!(column.get(1).unwrap().band(0)?.shape(), [5, 20, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_dim_names<I>(mut self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.dim_names = Some(dim_names(names, &self.shape)?);
        Ok(self)
    }

    /// Sets the coordinate reference system of every strip.
    ///
    /// # Cost
    ///
    /// Copies the text, unless it is a `String`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array2};
    /// let column = Strips::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_crs("EPSG:4326").finish()?;
    /// assert_eq!(column.get(0).unwrap().crs()?, Some("EPSG:4326"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("write_crs", "SetProjection", "RS_SetCRS"))]
    #[must_use]
    pub fn with_crs(mut self, crs: impl Into<String>) -> Self {
        self.crs = Some(crs.into());
        self
    }

    /// Sets the transform of the whole array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{GeoTransform, Strips, ndarray::Array2};
    /// let strips = Strips::from_ndarray(Array2::<u8>::zeros((4, 3)))?.with_rows(2)?;
    /// let column = strips.with_transform(GeoTransform::from_gdal([100.0, 2.0, 0.0, 50.0, 0.0, -2.0])?).finish()?;
    /// assert_eq!(column.get(1).unwrap().transform()?.to_gdal(), [100.0, 2.0, 0.0, 46.0, 0.0, -2.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetGeoTransform", "write_transform"))]
    #[must_use]
    pub fn with_transform(mut self, transform: GeoTransform) -> Self {
        self.transform = transform;
        self
    }

    /// Sets the north-up transform with which the whole array fills a bounding box `[xmin, ymin, xmax, ymax]`.
    ///
    /// If there are more than two axes, call [`with_dim_names`](Self::with_dim_names) first, because the names say
    /// which axis is x.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Argument`](crate::ErrorKind::Argument) in these cases:
    ///
    /// - A number of the box is not finite, or `xmin < xmax` or `ymin < ymax` does not hold.
    /// - The width or the height is zero, or is one with [`Registration::Node`].
    /// - There are more than two axes, and they have no names.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Registration, Strips, ndarray::Array2};
    /// let strips = Strips::from_ndarray(Array2::<u8>::zeros((4, 3)))?;
    /// let column = strips.with_bbox([0.0, 0.0, 30.0, 40.0], Registration::Pixel)?.finish()?;
    /// assert_eq!(column.get(0).unwrap().bbox()?, [0.0, 0.0, 30.0, 40.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("from_bounds"))]
    pub fn with_bbox(mut self, bbox: [f64; 4], registration: Registration) -> Result<Self> {
        let names = self.names()?;
        let [x, _] = chosen_or_known(self.spatial_dims.as_ref(), &names, "Strips")?;
        let width = names.iter().zip(&self.shape).find(|(name, _)| **name == x).map_or(0, |(_, extent)| *extent);
        let height = self.shape.first().copied().unwrap_or_default();
        self.transform = GeoTransform::from_bbox(bbox, width, height, registration)?;
        Ok(self)
    }

    /// Sets which two dims are the spatial ones, x first. y must be the first, the slowest one.
    ///
    /// Known pairs, such as x and y or lon and lat, need not be set. [`with_bbox`](Self::with_bbox) goes after this.
    ///
    /// # Cost
    ///
    /// Keeps the names.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array3};
    /// let strips = Strips::from_ndarray(Array3::<u8>::zeros((10, 20, 3)))?.with_dim_names(["along", "across", "rgb"])?;
    /// let column = strips.with_spatial_dims("across", "along").finish()?;
    /// assert_eq!(column.get(0).unwrap().width()?, 20);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_spatial_dims(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        self.spatial_dims = Some([x.into(), y.into()]);
        self
    }

    /// Sets the nodata value of every strip. It must have the type of the pixels.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the value has another type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array2};
    /// let strips = Strips::from_ndarray(Array2::<u8>::zeros((4, 3)))?;
    /// assert!(strips.with_nodata(-9999i16).is_err());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetNoDataValue", "write_nodata"))]
    pub fn with_nodata<T: Pixel>(mut self, nodata: T) -> Result<Self> {
        self.nodata = Some(Nodata::new(nodata, self.pixel_type)?);
        Ok(self)
    }

    fn names(&self) -> Result<Vec<&str>> {
        match &self.dim_names {
            Some(names) => Ok(names.iter().map(String::as_str).collect()),
            None if self.shape.len() == 2 => Ok(YX.to_vec()),
            None => Err(error!(
                Argument,
                "the axes of the shape {} need names: `Strips::from_ndarray(a)?.with_dim_names([\"y\", \"x\", ..])?` if the first \
                 is y, along which strips are cut; if the first is the bands, `Raster::from_bands(Band::split(a, Axis(0))?)`",
                Few(&self.shape)
            )),
        }
    }

    /// Returns the column: one raster for each strip, from the first row down.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if there are more than two axes, and they have no names.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if y is not the slowest axis.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if there are more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one row, or the number of rows that was set, has more
    ///   than 2^31 - 1 bytes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if there would be more than 2^21 - 1 strips, or fewer of many
    ///   axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the CRS or all dim names of the column have more than
    ///   2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// About 1 KB for each strip.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Strips, ndarray::Array2};
    /// assert_eq!(Strips::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_rows(1)?.finish()?.len(), 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn finish(self) -> Result<RasterArray> {
        let names = self.names()?;
        let [x, y] = chosen_or_known(self.spatial_dims.as_ref(), &names, "Strips")?;
        if names.first() != Some(&y) {
            return Err(error!(
                Argument,
                "strips run along `{}`, which is not the slowest axis of {}: move it to the front \
                 (`permuted_axes`), or make one band a slice with `Band::split`",
                Short(y),
                Few(&names)
            ));
        }
        let (&height, row) = self.shape.split_first().unwrap_or((&0, &[]));
        let row_len = num_pixels(row).and_then(|pixels| pixels.checked_mul(self.pixel_type.size()));
        let rows = self.rows_of_a_strip(height, row_len)?;
        let each = names
            .iter()
            .map(|name| name.len().saturating_add(AXIS_BYTES))
            .fold(ROW_BYTES + BAND_BYTES, usize::saturating_add);
        require_room(height.div_ceil(rows), each, "strips")?;
        let mut column = RasterColumnBuilder::sharing();
        for first in (0..height.max(1)).step_by(rows) {
            self.push(&mut column, [x, y], &names, row_len.unwrap_or(0), first..height.min(first + rows))?;
        }
        column.finish()
    }

    /// Returns the number of rows that was set, otherwise as many as fit. At most the height, at least one.
    fn rows_of_a_strip(&self, height: usize, row_len: Option<usize>) -> Result<usize> {
        let fitting = match row_len {
            Some(0) => height,
            Some(len) => MAX_LEN / len,
            None => 0,
        };
        let rows = self.rows.unwrap_or(fitting).min(height.max(1)).max(1);
        if height > 0 && rows > fitting {
            return Err(error!(
                TooLarge,
                "{rows} rows of the shape {} of {} are more than the {MAX_LEN} bytes that one Arrow payload may have: \
                 {fitting} would fit",
                Few(&self.shape),
                self.pixel_type
            ));
        }
        Ok(rows)
    }

    fn push(
        &self,
        column: &mut RasterColumnBuilder<ByContent>,
        [x, y]: [&str; 2],
        names: &[&str],
        row_len: usize,
        rows: Range<usize>,
    ) -> Result<()> {
        let mut shape = self.shape.clone();
        if let Some(height) = shape.first_mut() {
            *height = rows.len();
        }
        let (len, before) = (row_len * rows.len(), row_len * rows.start);
        let part = self.buffer.slice_with_length(self.start + before, len);
        let payload = Payload::new(part, 0, len)?;
        let fields = BandFields {
            name: None,
            pixel_type: self.pixel_type,
            nodata: self.nodata.as_ref().map(Nodata::bytes),
            outdb_uri: None,
            outdb_format: None,
            payload: payload.bytes(),
            location: Some(payload.location()),
        };
        let axes = BandAxes::named(names.iter().copied().collect(), View::identity(&shape)?);
        let band = BandParts { axes, fields };
        let mut parts = RasterParts::new(vec![band], [x, y])?;
        parts.crs = self.crs.as_deref();
        parts.transform = self.transform.slice_y(rows.start, 1)?;
        column.push(&parts)
    }
}
