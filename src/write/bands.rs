//! Bands of a raster that is there: chosen, added, renamed. Payloads are shared.

use crate::error::{Result, error};
use crate::read::band::BandRef;
use crate::read::raster_ref::RasterRef;
use crate::shown::Few;
use crate::write::band::Band;
use crate::write::parts::{BandParts, RasterParts};
use crate::write::raster::Raster;

impl BandRef<'_> {
    /// Makes an owned band of a borrowed one, with its name, dims, view, nodata and URI.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape, or if the nodata
    /// value is not one pixel.
    ///
    /// # Cost
    ///
    /// Copies the metadata. The payload is shared, but for up to 12 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<f32>::ones((20, 30)))?;
    /// let renamed = Raster::from_bands([raster.band(0)?.to_band()?.with_name("height")])?;
    /// let address = |raster: &Raster| raster.as_array_view::<f32>().unwrap().as_ptr();
    /// assert_eq!(address(&renamed), address(&raster));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_band(&self) -> Result<Band> {
        Band::copy(&BandParts::read(self.clone())?)
    }
}

impl RasterRef<'_> {
    /// Makes a raster of some bands, by their numbers from 0 and in that order, on the same grid.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) for no bands at all.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster or one of the bands is malformed.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata. Payloads are shared, but for up to 12 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::{Array3, Axis}};
    /// let image = Raster::from_bands(Band::split(Array3::<u8>::zeros((4, 20, 30)), Axis(0))?)?;
    /// let column = RasterArray::from_iter([image]);
    /// let false_colour = column.get(0).unwrap().select_bands([3, 0, 1])?;
    /// assert_eq!(false_colour.num_bands()?, 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "indexes")]
    pub fn select_bands(&self, numbers: impl IntoIterator<Item = usize>) -> Result<Raster> {
        let mut bands = Vec::new();
        for number in numbers {
            bands.push(BandParts::read(self.band(number)?)?);
        }
        if bands.is_empty() {
            return Err(self.annotate(error!(Argument, "select_bands: a raster has at least one band")));
        }
        Raster::copy(&RasterParts::read_grid(self)?.with_bands(bands))
    }
}

impl Raster {
    /// Makes a raster of some bands, by their numbers from 0 and in that order, on the same grid.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such band.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) for no bands at all.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata. Payloads are shared, but for up to 12 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::{Array3, Axis}};
    /// let image = Raster::from_bands(Band::split(Array3::<u8>::zeros((4, 20, 30)), Axis(0))?)?;
    /// assert_eq!(image.select_bands(0..3)?.num_bands()?, 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn select_bands(&self, numbers: impl IntoIterator<Item = usize>) -> Result<Raster> {
        self.as_ref().select_bands(numbers)
    }

    /// Adds a band at the end. It must have the raster's spatial dims, with the same extents. A band of two axes without names is
    /// (y, x), and takes the names of the raster's.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the band has more than two axes and no names for them, or
    ///   lacks a spatial dim of the raster.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another extent along a spatial dim.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata. Payloads are shared, but for up to 12 bytes. Drops the cached Arrow array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((20, 30)))?;
    /// let index = Band::from_ndarray(Array2::<f32>::zeros((20, 30)))?.with_name("ndvi");
    /// assert_eq!(raster.with_band(index)?.band_by_name("ndvi")?.shape(), [20, 30]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("RS_AddBand", "concat"))]
    pub fn with_band(self, band: Band) -> Result<Self> {
        self.try_with(|parts| {
            let mut bands = parts.bands().to_vec();
            let dims = parts.spatial_dims().to_vec();
            let mut band = band.parts()?;
            if let &[x, y] = dims.as_slice() {
                band.name_default_axes([y, x])?;
            }
            bands.push(band);
            let mut with_band = parts.clone().with_bands(bands);
            if let &[x, y] = dims.as_slice() {
                with_band.set_spatial_dims(x, y)?;
                with_band.require_grid(&dims, parts.spatial_shape())?;
            } else {
                return Err(error!(
                    Shape,
                    "a raster with the spatial dims {} takes no bands: it has no x and y",
                    Few(&dims)
                ));
            }
            Self::copy(&with_band)
        })
    }

    /// Names all bands, in their order.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless there is one name for each band.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if all names and other text have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata. Payloads are shared, but for up to 12 bytes. Drops the cached Arrow array.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::{Array3, Axis}};
    /// let image = Raster::from_bands(Band::split(Array3::<u8>::zeros((3, 20, 30)), Axis(0))?)?;
    /// let image = image.with_band_names(["red", "green", "blue"])?;
    /// assert_eq!(image.band(2)?.name(), Some("blue"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("set_band_description", "rename"))]
    pub fn with_band_names<I>(self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let names: Vec<I::Item> = names.into_iter().collect();
        self.try_with(|parts| {
            let count = parts.bands().len();
            if names.len() != count {
                return Err(error!(Argument, "with_band_names: {} names are given for {count} bands", names.len()));
            }
            let mut renamed = parts.clone();
            for (band, name) in renamed.bands_mut().iter_mut().zip(&names) {
                band.fields.name = Some(name.as_ref());
            }
            Self::copy(&renamed)
        })
    }
}
