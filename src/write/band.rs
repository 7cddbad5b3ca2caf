//! An array on its way into a raster.

use std::fmt;

use ndarray::Axis;

use crate::error::{Error, Result, error};
use crate::format::defaults::YX;
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::pixel::{Pixel, PixelType};
use crate::view::{Axes, View};
use crate::write::parts::{BandAxes, BandFields, BandParts};
use crate::write::storage::{MemoryLayout, PixelArray, split, too_few_axes};

/// A band that is not part of a raster yet: pixels, or where they are to be had, and how they are called.
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
    /// `None` for the default of two axes, `["y", "x"]`, and for axes that have no names yet.
    dim_names: Option<Vec<String>>,
    view: View,
    pixel_type: PixelType,
    nodata: Option<Nodata>,
    outdb_uri: Option<String>,
    outdb_format: Option<String>,
    payload: Payload,
}

impl Band {
    /// Pixels from an array of two or more axes, slowest first.
    ///
    /// Cost, by what it is given:
    /// - an `Array`, an `ArcArray` that is the last handle, an owned `CowArray`, in C order, sliced or
    ///   not: the memory moves, nothing is copied;
    /// - an `ArcArray` with other handles, in C order: the memory is shared, nothing is copied;
    /// - memory in another order, views and references: copied once, into C order.
    ///
    /// Up to 12 bytes Arrow stores in place, so those are copied always.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) for fewer than two axes,
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 2^31 - 1 bytes.
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
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        Self::from_ndarray_with(array, MemoryLayout::Standard)
    }

    /// Pixels from an array, its memory stored as asked.
    ///
    /// # Errors
    ///
    /// As [`from_ndarray`](Band::from_ndarray); and [`ErrorKind::Layout`](crate::ErrorKind::Layout) under
    /// `Strict` for what would be copied, under `AsIs` for what no view can say.
    ///
    /// # Cost
    ///
    /// Under [`Standard`](MemoryLayout::Standard) as [`from_ndarray`](Band::from_ndarray); under
    /// [`Strict`](MemoryLayout::Strict) nothing is copied; under [`AsIs`](MemoryLayout::AsIs) nothing but views
    /// and references.
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

    /// One band a slice along an axis: a stack of images as bands.
    ///
    /// All bands share one buffer, in which they lie one after the other, so that
    /// [`as_stack_view`](crate::RasterRef::as_stack_view) gives the same memory back. Beyond 2^31 - 1 bytes in
    /// all each band has its own part of the allocation, and the stack must be copied.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if there is no such axis,
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if bands would have fewer than two,
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for bands of more than 2^31 - 1 bytes each.
    ///
    /// # Cost
    ///
    /// Along the first axis of an array in C order the memory moves or is shared; any other axis is
    /// moved to the front first, by a copy. [`split_with`](Band::split_with) and
    /// [`AsIs`](MemoryLayout::AsIs) spare that.
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
    pub fn split<A: PixelArray>(array: A, axis: Axis) -> Result<Vec<Self>> {
        Self::split_with(array, axis, MemoryLayout::Standard)
    }

    /// One band a slice along an axis, the memory stored as asked.
    ///
    /// Under [`AsIs`](MemoryLayout::AsIs) any axis splits without a copy: every band has the same payload, and
    /// a view with another start. Views and references are copied once, before they are split.
    ///
    /// # Errors
    ///
    /// As [`split`](Band::split) and [`from_ndarray_with`](Band::from_ndarray_with).
    ///
    /// # Cost
    ///
    /// As [`from_ndarray_with`](Band::from_ndarray_with).
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

    /// A band whose pixels are elsewhere: its shape and type, and the URI of what has them.
    ///
    /// The URI is stored as it is. Nothing is loaded, here or by any reader of this crate.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) for fewer than two axes.
    ///
    /// # Cost
    ///
    /// Keeps the text.
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

    /// Names the band.
    ///
    /// # Cost
    ///
    /// Keeps the text.
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

    /// Names the axes, slowest first. Two axes are `["y", "x"]` unless named, more need names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless there is one name an axis, each once.
    ///
    /// # Cost
    ///
    /// Keeps the text.
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

    /// The value that marks pixels without data. It must be of the pixels' own type.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) for a value of another type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, ndarray::Array2};
    /// let band = Band::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(
    ///     band.with_nodata(-9999i32).unwrap_err().to_string(),
    ///     "nodata is int32, the pixels are uint8: write it as `u8`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_nodata<T: Pixel>(mut self, nodata: T) -> Result<Self> {
        self.nodata = Some(Nodata::new(nodata, self.pixel_type)?);
        Ok(self)
    }

    /// How the pixels at the URI of a [`outdb`](Self::outdb) band are to be read: `"zarr"`, `"geotiff"`.
    ///
    /// # Cost
    ///
    /// Keeps the text.
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

    /// Borrows the band on its way into a column.
    pub(super) fn parts(&self) -> Result<BandParts<'_>> {
        let axes = match self.default_shape() {
            Some(shape) => BandAxes::Default(shape),
            None => BandAxes::named(self.dim_names()?, self.view.clone()),
        };
        Ok(BandParts { axes, fields: self.fields() })
    }

    /// Borrows what the band has beside its axes.
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

    /// The names of the axes. Fails for more than two axes without names.
    pub(super) fn dim_names(&self) -> Result<Axes<&str>> {
        match &self.dim_names {
            Some(names) => Ok(names.iter().map(String::as_str).collect()),
            None if self.view.shape().len() == YX.len() => Ok(YX.into_iter().collect()),
            None => Err(unnamed(self.view.shape())),
        }
    }

    /// Copies everything but the payload, which is shared.
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

    /// The height and width of a band with the default dims and without a view.
    pub(crate) fn default_shape(&self) -> Option<[usize; 2]> {
        let is_default = self.dim_names.is_none() && self.view.is_identity();
        <[usize; 2]>::try_from(self.view.shape()).ok().filter(|_| is_default)
    }

    pub(crate) fn pixel_type(&self) -> PixelType {
        self.pixel_type
    }

    /// Replaces the value that marks pixels without data, which is of the pixels' type.
    pub(crate) fn set_nodata(&mut self, nodata: Nodata) {
        self.nodata = Some(nodata);
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

    /// The bytes of text and the numbers that the band puts into its columns, at least.
    pub(crate) fn metadata_len(&self) -> usize {
        let texts = [&self.name, &self.outdb_uri, &self.outdb_format].into_iter().flatten();
        let dims = self.dim_names.iter().flatten();
        let numbers = self.view.shape().len() + size_of::<Nodata>();
        texts.chain(dims).map(String::len).fold(numbers, usize::saturating_add)
    }
}

/// Names for the axes of a shape: one each, and none twice.
pub(crate) fn dim_names<I>(names: I, shape: &[usize]) -> Result<Vec<String>>
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    if names.len() != shape.len() {
        return Err(error!(Argument, "dim_names: {names:?} are {} names for the shape {shape:?}", names.len()));
    }
    match names.iter().enumerate().find(|(i, name)| names.iter().take(*i).any(|other| other == *name)) {
        Some((_, twice)) => Err(error!(Argument, "dim_names: `{twice}` is there twice in {names:?}")),
        None => Ok(names),
    }
}

/// Names, unless they are the default.
pub(crate) fn unless_default(names: &[&str], default: [&str; 2]) -> Option<Vec<String>> {
    (names != default).then(|| names.iter().map(|&name| name.to_owned()).collect())
}

#[cold]
fn unnamed(shape: &[usize]) -> Error {
    error!(
        Argument,
        "the axes of the shape {shape:?} need names: `Band::from_ndarray(a)?.with_dim_names([\"time\", \"y\", \"x\"])?`, \
         then `Raster::from_bands`"
    )
}

impl fmt::Debug for Band {
    /// Name, type, dims and shape; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Band")
            .field("name", &self.name)
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names)
            .field("shape", &self.view.shape())
            .finish_non_exhaustive()
    }
}
