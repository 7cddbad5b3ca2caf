//! Defines the owned band: pixels, or the URI where they are, on their way into a raster.

use std::fmt;

use ndarray::Axis;

use crate::error::{Error, Result, error};
use crate::format::defaults::YX;
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::names::first_repeated;
use crate::pixel::{Pixel, PixelType};
use crate::shown::{Few, Short};
use crate::view::{Axes, View};
use crate::write::parts::{BandAxes, BandFields, BandParts};
use crate::write::storage::{MemoryLayout, PixelArray, split, too_few_axes};

/// An owned band, on its way into a raster: pixels or the URI where they are, with a name, dim names and a nodata
/// value.
///
/// - [`Band::from_ndarray`] makes a band from an array of two or more axes.
/// - [`Band::split`] makes one band from each slice of an array along an axis.
/// - [`Band::outdb`] makes an out-of-db band from a URI, a shape and a pixel type.
///
/// [`from_ndarray_with`](Band::from_ndarray_with) and [`split_with`](Band::split_with) also choose how the memory is
/// stored. [`Raster::from_bands`](crate::Raster::from_bands) makes a raster from bands. A band that is read from a
/// raster is a [`BandRef`](crate::BandRef).
///
/// # Examples
///
/// ```
/// use ndraster::{Band, Raster, ndarray::Array3};
///
/// let cube = Array3::<f32>::zeros((12, 256, 512));
/// let band = Band::from_ndarray(cube)?
///     .with_name("temperature")
///     .with_dim_names(["time", "lat", "lon"])?
///     .with_nodata(f32::NAN)?;
/// let raster = Raster::from_bands([band])?;
/// assert_eq!(raster.spatial_dims()?, ["lon", "lat"]);
/// assert_eq!(raster.band_by_name("temperature")?.shape(), [12, 256, 512]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct Band {
    name: Option<String>,
    /// `None` for the default of two axes, `["y", "x"]`, and for more axes that have no names yet.
    dim_names: Option<Vec<String>>,
    view: View,
    pixel_type: PixelType,
    nodata: Option<Nodata>,
    outdb_uri: Option<String>,
    outdb_format: Option<String>,
    payload: Payload,
}

impl Band {
    /// Makes a band from an array of two or more axes, slowest first.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than two axes.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if it has more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if it has more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Depends on the array:
    ///
    /// - The memory of an `Array`, of an owned `CowArray` or of the last handle of an `ArcArray` moves if it is in C
    ///   order, even if the array is a slice of it. No pixel is copied.
    /// - The memory of an `ArcArray` with other handles is shared if it is in C order. No pixel is copied.
    /// - Memory in another order, array views and references are copied once, into C order.
    ///
    /// Up to 12 bytes are always copied, because Arrow stores them in place.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let pixels = array![[1.0f64, 2.0], [3.0, 4.0]];
    /// let address = pixels.as_ptr();
    /// let raster = Raster::from_bands([Band::from_ndarray(pixels)?])?;
    /// assert_eq!(raster.as_array_view::<f64>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("from_numpy", "DataArray"))]
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        Self::from_ndarray_with(array, MemoryLayout::Standard)
    }

    /// Makes a band from an array, with its memory stored as `layout` says.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the array has fewer than two axes.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if it has more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the payload would have more than 2^31 - 1 bytes. Under
    ///   [`AsIs`](MemoryLayout::AsIs) gaps count too.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) under [`Strict`](MemoryLayout::Strict) if the array would have
    ///   to be copied.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) under [`AsIs`](MemoryLayout::AsIs) if no view can describe the
    ///   array in its memory, or if an `ArcArray` with other handles has gaps.
    ///
    /// # Cost
    ///
    /// - Under [`Standard`](MemoryLayout::Standard) memory in C order moves or is shared. Memory in another order,
    ///   array views and references are copied once.
    /// - Under [`Strict`](MemoryLayout::Strict) nothing is copied.
    /// - Under [`AsIs`](MemoryLayout::AsIs) only array views and references are copied, once.
    ///
    /// Up to 12 bytes are always copied, because Arrow stores them in place.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{ErrorKind, MemoryLayout, Band, ndarray::Array2};
    /// let fortran = || Array2::<f32>::zeros((20, 30)).reversed_axes();
    /// let refused = Band::from_ndarray_with(fortran(), MemoryLayout::Strict).unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::Layout);
    /// assert!(Band::from_ndarray_with(fortran(), MemoryLayout::AsIs).is_ok());
    /// ```
    pub fn from_ndarray_with<A: PixelArray>(array: A, layout: MemoryLayout) -> Result<Self> {
        let (view, payload) = array.with_memory(|memory| memory.store(layout))?;
        Ok(Band::new(view, A::Pixel::PIXEL_TYPE, payload))
    }

    /// Makes one band from each slice of an array along an axis, for example from a stack of images.
    ///
    /// All bands share one buffer and lie in it one after the other, so that
    /// [`as_stack_view`](crate::RasterRef::as_stack_view) borrows them as one array again. If the bands have more than
    /// 2^31 - 1 bytes together, each gets its own part of the allocation as a buffer. Then `as_stack_view` fails, and
    /// [`to_stack`](crate::RasterRef::to_stack) copies them.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the array has no such axis.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands would have fewer than two axes.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the bands would have more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one band would have more than 2^31 - 1 bytes, or if
    ///   there would be more than 2^21 - 1 bands, or fewer of many axes.
    ///
    /// # Cost
    ///
    /// About 1 KB for each band. If the array is in C order with `axis` in front, its memory moves or is shared.
    /// Otherwise all pixels are copied once; [`split_with`](Band::split_with) and [`AsIs`](MemoryLayout::AsIs) avoid
    /// this copy. Array views and references are always copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::{Array3, Axis}};
    /// let images = Array3::<u16>::zeros((13, 64, 64));
    /// let address = images.as_ptr();
    /// let raster = Raster::from_bands(Band::split(images, Axis(0))?)?;
    /// assert_eq!(raster.num_bands()?, 13);
    /// assert_eq!(raster.as_stack_view::<u16>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("moveaxis", "reshape_as_raster", "unstack"))]
    pub fn split<A: PixelArray>(array: A, axis: Axis) -> Result<Vec<Self>> {
        Self::split_with(array, axis, MemoryLayout::Standard)
    }

    /// Makes one band from each slice of an array along an axis, with the memory stored as `layout` says.
    ///
    /// Under [`AsIs`](MemoryLayout::AsIs) an array is split along any axis without a copy: all bands share its memory,
    /// and the view of each shows its own pixels in it.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the array has no such axis.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands would have fewer than two axes.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the bands would have more than 64 axes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if one payload would have more than 2^31 - 1 bytes, or if
    ///   there would be more than 2^21 - 1 bands, or fewer of many axes.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) under [`Strict`](MemoryLayout::Strict) if the array would have
    ///   to be copied.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) under [`AsIs`](MemoryLayout::AsIs) if no view can describe a
    ///   band in the array's memory, or if an `ArcArray` with other handles has gaps.
    ///
    /// # Cost
    ///
    /// About 1 KB for each band, and one copy of all pixels in these cases:
    ///
    /// - Under [`Standard`](MemoryLayout::Standard) unless the array is in C order with `axis` in front.
    /// - Under [`Standard`](MemoryLayout::Standard) and [`AsIs`](MemoryLayout::AsIs) for array views and references.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{MemoryLayout, Band, Raster, ndarray::{Array3, Axis}};
    /// // Pixel-interleaved, as cameras and PNG files have it.
    /// let rgb = Array3::from_shape_fn((32, 48, 3), |(_, _, band)| band as u8);
    /// let address = rgb.as_ptr();
    /// let raster = Raster::from_bands(Band::split_with(rgb, Axis(2), MemoryLayout::AsIs)?)?;
    /// assert_eq!(raster.as_stack_view::<u8>()?.as_ptr(), address);
    /// assert!(raster.band(2)?.as_array_view::<u8>()?.iter().all(|pixel| *pixel == 2));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn split_with<A: PixelArray>(array: A, axis: Axis, layout: MemoryLayout) -> Result<Vec<Self>> {
        let stored = array.with_memory(|memory| split(memory, axis, layout))?;
        let band = |(view, payload)| Band::new(view, A::Pixel::PIXEL_TYPE, payload);
        Ok(stored.into_iter().map(band).collect())
    }

    /// Makes an out-of-db band: the shape and the type of pixels that are at a URI.
    ///
    /// The URI is stored as it is given. [`load_with`](crate::RasterArray::load_with) loads the pixels by a function of yours.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the shape has fewer than two axes.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if it has more than 64 axes, or an extent above
    ///   `i64::MAX`.
    ///
    /// # Cost
    ///
    /// Copies the URI, unless it is a `String`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster};
    /// let cube = Band::outdb("s3://bucket/cube.zarr", [12, 1024, 2048], PixelType::Float32)?
    ///     .with_outdb_format("zarr")
    ///     .with_dim_names(["time", "y", "x"])?;
    /// let raster = Raster::from_bands([cube])?;
    /// assert!(!raster.band(0)?.is_loaded());
    /// assert_eq!(raster.width()?, 2048);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("lazy", "RS_FromPath"))]
    pub fn outdb(uri: impl Into<String>, shape: impl AsRef<[usize]>, pixel_type: PixelType) -> Result<Self> {
        let shape = shape.as_ref();
        if shape.len() < 2 {
            return Err(too_few_axes(shape));
        }
        let mut band = Band::new(View::identity(shape)?, pixel_type, Payload::empty());
        band.outdb_uri = Some(uri.into());
        Ok(band)
    }

    fn new(view: View, pixel_type: PixelType, payload: Payload) -> Self {
        Band {
            name: None,
            dim_names: None,
            view,
            pixel_type,
            nodata: None,
            outdb_uri: None,
            outdb_format: None,
            payload,
        }
    }

    /// Sets the name of the band.
    ///
    /// # Cost
    ///
    /// Copies the text, unless it is a `String`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let band = Band::from_ndarray(Array2::<u8>::zeros((1, 1)))?.with_name("red");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.name(), Some("red"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Names the axes, slowest first.
    ///
    /// A band of two axes has the names `["y", "x"]` unless it gets others. A band of more axes needs names before it
    /// goes into a raster.
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
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let band = Band::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_dim_names(["lat", "lon"])?;
    /// assert_eq!(Raster::from_bands([band])?.spatial_dims()?, ["lon", "lat"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_dim_names<I>(mut self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names = dim_names(names, self.view.shape())?;
        self.dim_names = (names != YX).then_some(names);
        Ok(self)
    }

    /// Sets the nodata value, which marks pixels that hold no data. It must have the type of the pixels.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the value has another type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, ndarray::Array2};
    /// let band = Band::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(
    ///     band.with_nodata(-9999i32).unwrap_err().to_string(),
    ///     "nodata -9999 is int32, where the pixels are uint8: no pixel can be it: give a value of type `u8`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("SetNoDataValue", "write_nodata"))]
    pub fn with_nodata<T: Pixel>(mut self, nodata: T) -> Result<Self> {
        self.nodata = Some(Nodata::new(nodata, self.pixel_type)?);
        Ok(self)
    }

    /// Sets the format of the pixels that an [`outdb`](Self::outdb) band has at its URI, such as `"zarr"` or
    /// `"geotiff"`.
    ///
    /// # Cost
    ///
    /// Copies the text, unless it is a `String`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster};
    /// let band = Band::outdb("file:///dem.tif", [2, 3], PixelType::Int16)?.with_outdb_format("geotiff");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.outdb_format(), Some("geotiff"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_outdb_format(mut self, format: impl Into<String>) -> Self {
        self.outdb_format = Some(format.into());
        self
    }

    /// Borrows the band as parts for a column.
    pub(super) fn parts(&self) -> Result<BandParts<'_>> {
        let axes = match self.default_shape() {
            Some(shape) => BandAxes::Default(shape),
            None => BandAxes::named(self.dim_names()?, self.view.clone()),
        };
        Ok(BandParts { axes, fields: self.fields() })
    }

    /// Borrows everything but the axes.
    pub(super) fn fields(&self) -> BandFields<'_> {
        BandFields {
            name: self.name.as_deref(),
            pixel_type: self.pixel_type,
            nodata: self.nodata.as_ref().map(Nodata::bytes),
            outdb_uri: self.outdb_uri.as_deref(),
            outdb_format: self.outdb_format.as_deref(),
            payload: self.payload.bytes(),
            location: Some(self.payload.location()),
        }
    }

    /// Returns the names of the axes. Fails if there are more than two axes and they have no names.
    pub(super) fn dim_names(&self) -> Result<Axes<&str>> {
        match &self.dim_names {
            Some(names) => Ok(names.iter().map(String::as_str).collect()),
            None if self.view.shape().len() == YX.len() => Ok(YX.into_iter().collect()),
            None => Err(unnamed(self.view.shape())),
        }
    }

    /// Makes a band from parts: copies everything but the payload, and shares the payload unless Arrow stores it in
    /// place.
    pub(super) fn copy(BandParts { axes, fields }: &BandParts<'_>) -> Result<Self> {
        let (dim_names, view) = match axes {
            BandAxes::Default(shape) => (None, View::identity(shape)?),
            BandAxes::Named(axes) => (unless_default(&axes.dim_names, YX), axes.view.clone()),
        };
        Ok(Band {
            name: fields.name.map(str::to_owned),
            dim_names,
            view,
            pixel_type: fields.pixel_type,
            nodata: fields.nodata.map(|bytes| Nodata::from_bytes(bytes, fields.pixel_type)).transpose()?,
            outdb_uri: fields.outdb_uri.map(str::to_owned),
            outdb_format: fields.outdb_format.map(str::to_owned),
            payload: fields.to_payload()?,
        })
    }

    /// Returns the height and width if the band has the default dims and no view.
    pub(crate) fn default_shape(&self) -> Option<[usize; 2]> {
        let is_default = self.dim_names.is_none() && self.view.is_identity();
        <[usize; 2]>::try_from(self.view.shape()).ok().filter(|_| is_default)
    }

    pub(crate) fn pixel_type(&self) -> PixelType {
        self.pixel_type
    }

    /// Replaces the nodata value, which must have the type of the pixels.
    pub(crate) fn set_nodata(&mut self, nodata: Option<Nodata>) {
        self.nodata = nodata;
    }

    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    pub(crate) fn payload_mut(&mut self) -> &mut Payload {
        &mut self.payload
    }

    pub(crate) fn outdb_uri(&self) -> Option<&str> {
        self.outdb_uri.as_deref()
    }

    pub(crate) fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Returns an upper limit for the bytes of text, and for the list items, that the band adds to any one column.
    pub(crate) fn metadata_len(&self) -> usize {
        let texts = [&self.name, &self.outdb_uri, &self.outdb_format].into_iter().flatten();
        let dims = self.dim_names.iter().flatten();
        let numbers = self.view.shape().len() + size_of::<Nodata>();
        texts.chain(dims).map(String::len).fold(numbers, usize::saturating_add)
    }
}

/// Checks names for the axes of a shape: one for each axis, and none twice.
pub(crate) fn dim_names<I>(names: I, shape: &[usize]) -> Result<Vec<String>>
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    if names.len() != shape.len() {
        return Err(error!(
            Argument,
            "dim_names: the shape {} needs {} names, one an axis; given are {}: {}",
            Few(shape),
            shape.len(),
            names.len(),
            Few(&names)
        ));
    }
    if let Some(twice) = first_repeated(&names) {
        return Err(error!(Argument, "dim_names: `{}` is there twice in {}", Short(twice), Few(&names)));
    }
    Ok(names)
}

/// Returns copies of the names, or `None` if they are the default.
pub(crate) fn unless_default(names: &[&str], default: [&str; 2]) -> Option<Vec<String>> {
    (names != default).then(|| names.iter().map(|&name| name.to_owned()).collect())
}

#[cold]
fn unnamed(shape: &[usize]) -> Error {
    let names = match shape.len() {
        3 => r#"["time", "y", "x"]"#,
        4 => r#"["time", "level", "y", "x"]"#,
        _ => r#"[.., "y", "x"]"#,
    };
    let named = format!("`Band::from_ndarray(a)?.with_dim_names({names})?`, then `Raster::from_bands`");
    let split = match shape {
        [_, _, _] => {
            "; if the first is the bands, `Raster::from_bands(Band::split(a, Axis(0))?)`; if the last is, `Axis(2)`"
        }
        _ => "",
    };
    error!(Argument, "the axes of the shape {} need names: {named}{split}", Few(shape))
}

impl fmt::Debug for Band {
    /// Shows name, type, dims and shape, never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Band")
            .field("name", &self.name.as_deref().map(Short))
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names.as_deref().map(Few))
            .field("shape", &Few(self.view.shape()))
            .finish_non_exhaustive()
    }
}
