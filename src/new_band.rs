//! An array on its way into a raster.

use std::fmt;

use crate::error::{Result, error};
use crate::memory::{PixelArray, Stored, too_few_axes};
use crate::nodata::Nodata;
use crate::parts::BandParts;
use crate::payload::Payload;
use crate::pixel::{Pixel, PixelType};
use crate::view::View;

/// A band that is not part of a raster yet: pixels, or where they are to be had, and how they are called.
///
/// ```
/// use ndraster::{NewBand, Raster, ndarray::Array3};
///
/// let cube = Array3::<f32>::zeros((12, 256, 512));
/// let band = NewBand::from_ndarray(cube)?
///     .with_name("temperature")
///     .with_dim_names(["time", "lat", "lon"])?
///     .with_nodata(f32::NAN)?;
/// let raster = Raster::from_bands([band])?;
/// assert_eq!(raster.spatial_dims()?, ["lon", "lat"]);
/// assert_eq!(raster.band_by_name("temperature")?.shape(), [12, 256, 512]);
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct NewBand {
    name: Option<String>,
    dim_names: Option<Vec<String>>,
    view: View,
    pixel_type: PixelType,
    nodata: Option<Nodata>,
    outdb_uri: Option<String>,
    outdb_format: Option<String>,
    payload: Payload,
}

impl NewBand {
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
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) for fewer than two axes,
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 2^31 - 1 bytes.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::array};
    /// let pixels = array![[1.0f64, 2.0], [3.0, 4.0]];
    /// let address = pixels.as_ptr();
    /// let raster = Raster::from_bands([NewBand::from_ndarray(pixels)?])?;
    /// assert_eq!(raster.as_array_view::<f64>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarray<A: PixelArray>(array: A) -> Result<Self> {
        let Stored { shape, payload } = array.into_stored()?;
        Ok(NewBand::new(View::identity(&shape)?, A::Pixel::PIXEL_TYPE, payload))
    }

    /// A band whose pixels are elsewhere: its shape and type, and the URI of what has them.
    ///
    /// The URI is stored as it is. Nothing is loaded, here or by any reader of this crate.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) for fewer than two axes.
    ///
    /// ```
    /// # use ndraster::{NewBand, PixelType, Raster};
    /// let cube = NewBand::lazy("s3://bucket/cube.zarr", [12, 1024, 2048], PixelType::Float32)?
    ///     .with_format("zarr")
    ///     .with_dim_names(["time", "y", "x"])?;
    /// let raster = Raster::from_bands([cube])?;
    /// assert!(!raster.band(0)?.is_loaded());
    /// assert_eq!(raster.width()?, 2048);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn lazy(uri: impl Into<String>, shape: impl AsRef<[usize]>, pixel_type: PixelType) -> Result<Self> {
        let shape = shape.as_ref();
        if shape.len() < 2 {
            return Err(too_few_axes(shape));
        }
        let mut band = NewBand::new(View::identity(shape)?, pixel_type, Payload::empty());
        band.outdb_uri = Some(uri.into());
        Ok(band)
    }

    fn new(view: View, pixel_type: PixelType, payload: Payload) -> Self {
        NewBand {
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
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let band = NewBand::from_ndarray(Array2::<u8>::zeros((1, 1)))?.with_name("red");
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
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless there is one name an axis, each once.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let band = NewBand::from_ndarray(Array2::<u8>::zeros((2, 3)))?.with_dim_names(["lat", "lon"])?;
    /// assert_eq!(Raster::from_bands([band])?.spatial_dims()?, ["lon", "lat"]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_dim_names<I>(mut self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let shape = self.view.shape();
        if names.len() != shape.len() {
            return Err(error!(Argument, "dim_names: {names:?} are {} names for the shape {shape:?}", names.len()));
        }
        if let Some(twice) = names.iter().enumerate().find(|(i, name)| names.iter().take(*i).any(|n| n == *name)) {
            return Err(error!(Argument, "dim_names: `{}` is there twice in {names:?}", twice.1));
        }
        self.dim_names = Some(names);
        Ok(self)
    }

    /// The value that marks pixels without data. It must be of the pixels' own type.
    ///
    /// # Errors
    /// [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) for a value of another type.
    ///
    /// ```
    /// # use ndraster::{NewBand, ndarray::Array2};
    /// let band = NewBand::from_ndarray(Array2::<u8>::zeros((2, 3)))?;
    /// assert_eq!(
    ///     band.with_nodata(-9999i32).unwrap_err().to_string(),
    ///     "nodata is int32, the pixels are uint8: write it as `u8`"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_nodata<T: Pixel>(mut self, nodata: T) -> Result<Self> {
        let nodata = Nodata::new(nodata);
        nodata.check_type(self.pixel_type)?;
        self.nodata = Some(nodata);
        Ok(self)
    }

    /// How the pixels at the URI of a [`lazy`](Self::lazy) band are to be read: `"zarr"`, `"geotiff"`.
    ///
    /// ```
    /// # use ndraster::{NewBand, PixelType, Raster};
    /// let band = NewBand::lazy("file:///dem.tif", [2, 3], PixelType::Int16)?.with_format("geotiff");
    /// assert_eq!(Raster::from_bands([band])?.band(0)?.outdb_format(), Some("geotiff"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[must_use]
    pub fn with_format(mut self, format: impl Into<String>) -> Self {
        self.outdb_format = Some(format.into());
        self
    }

    /// What goes into the columns.
    pub(crate) fn parts(&self) -> Result<BandParts<'_>> {
        let dim_names = match &self.dim_names {
            Some(names) => names.iter().map(String::as_str).collect(),
            None if self.view.shape().len() == 2 => ["y", "x"].into_iter().collect(),
            None => return Err(unnamed(self.view.shape())),
        };
        Ok(BandParts {
            name: self.name.as_deref(),
            dim_names,
            view: self.view.clone(),
            pixel_type: self.pixel_type,
            nodata: self.nodata.as_ref().map(Nodata::bytes),
            outdb_uri: self.outdb_uri.as_deref(),
            outdb_format: self.outdb_format.as_deref(),
            bytes: self.payload.bytes(),
            home: Some(self.payload.home()),
        })
    }
}

#[cold]
fn unnamed(shape: &[usize]) -> crate::Error {
    error!(
        Argument,
        "the axes of the shape {shape:?} need names: `NewBand::from_ndarray(a)?.with_dim_names([\"time\", \"y\", \"x\"])?`, \
         then `Raster::from_bands`"
    )
}

impl fmt::Debug for NewBand {
    /// Name, type, dims and shape; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewBand")
            .field("name", &self.name)
            .field("pixel_type", &self.pixel_type)
            .field("dim_names", &self.dim_names)
            .field("shape", &self.view.shape())
            .finish_non_exhaustive()
    }
}
