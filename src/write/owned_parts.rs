//! Defines what a [`Raster`](crate::Raster) is made of: its parts, owned.

use crate::error::{Result, error};
use crate::format::defaults::XY;
use crate::format::nodata::Nodata;
use crate::format::payload::Payload;
use crate::geo::GeoTransform;
use crate::limits::MAX_LEN;
use crate::shown::Few;
use crate::view::Axes;
use crate::write::band::{Band, unless_default};
use crate::write::parts::{BandList, GridAxes, RasterParts, spatial_pair};

/// The parts of a raster. They are valid by construction, and small enough for one row of a column.
#[derive(Clone)]
pub(crate) struct OwnedParts {
    crs: Option<String>,
    transform: GeoTransform,
    /// `None` for the default, `["x", "y"]`.
    spatial_dims: Option<Vec<String>>,
    spatial_shape: Axes<usize>,
    bands: Vec<Band>,
}

impl OwnedParts {
    /// Makes parts from bands. The dim names of the first band say which dims are the spatial ones.
    pub(crate) fn from_bands(bands: Vec<Band>) -> Result<Self> {
        let default_shape = bands.first().and_then(Band::default_shape);
        let Some([height, width]) = default_shape.filter(|_| bands.iter().all(|b| b.default_shape() == default_shape))
        else {
            return Self::new(bands, None);
        };
        Self::checked(bands, None, [width, height].into_iter().collect())
    }

    /// Makes parts from bands, of which two dims are the spatial ones, x first.
    pub(crate) fn new(bands: Vec<Band>, spatial: Option<[&str; 2]>) -> Result<Self> {
        let borrowed = RasterParts::of_bands(&bands, spatial)?;
        let spatial_dims = unless_default(borrowed.spatial_dims(), XY);
        let spatial_shape = Axes::from(borrowed.spatial_shape());
        Self::checked(bands, spatial_dims, spatial_shape)
    }

    fn checked(bands: Vec<Band>, spatial_dims: Option<Vec<String>>, spatial_shape: Axes<usize>) -> Result<Self> {
        let parts = OwnedParts { crs: None, transform: GeoTransform::default(), spatial_dims, spatial_shape, bands };
        parts.check_lengths()?;
        Ok(parts)
    }

    /// Copies everything but the payloads, which are shared.
    pub(crate) fn copy(parts: &RasterParts<'_>) -> Result<Self> {
        require_one_row(parts.own_len())?;
        let mut bands = Vec::with_capacity(parts.bands().len());
        for band in parts.bands() {
            bands.push(Band::copy(band)?);
        }
        Ok(OwnedParts {
            crs: parts.crs.map(str::to_owned),
            transform: parts.transform,
            spatial_dims: unless_default(parts.spatial_dims(), XY),
            spatial_shape: Axes::from(parts.spatial_shape()),
            bands,
        })
    }

    /// Refuses more text, or more axes, than the columns of one row can hold, because Arrow counts both in `i32`.
    fn check_lengths(&self) -> Result<()> {
        let dims = self.spatial_dims.iter().flatten().map(String::len);
        let bands = self.bands.iter().map(Band::metadata_len);
        let crs = self.crs.iter().map(String::len);
        require_one_row(dims.chain(bands).chain(crs).fold(0, usize::saturating_add))
    }

    /// Borrows the parts for a column.
    pub(crate) fn borrow(&self) -> Result<RasterParts<'_>> {
        Ok(RasterParts {
            crs: self.crs(),
            transform: self.transform,
            grid: GridAxes::named(self.spatial_dims(), self.spatial_shape.clone()),
            bands: BandList::Any(self.bands.iter().map(Band::parts).collect::<Result<_>>()?),
        })
    }

    pub(crate) fn crs(&self) -> Option<&str> {
        self.crs.as_deref()
    }

    pub(crate) fn transform(&self) -> GeoTransform {
        self.transform
    }

    fn spatial_dims(&self) -> Axes<&str> {
        self.named_spatial_dims().unwrap_or_else(|| XY.into_iter().collect())
    }

    /// Returns the names of the spatial dims, or `None` for the default, `["x", "y"]`.
    pub(crate) fn named_spatial_dims(&self) -> Option<Axes<&str>> {
        self.spatial_dims.as_ref().map(|dims| dims.iter().map(String::as_str).collect())
    }

    pub(crate) fn spatial_shape(&self) -> &[usize] {
        &self.spatial_shape
    }

    pub(crate) fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Sets the CRS, which must have at most 2^31 - 1 bytes.
    pub(crate) fn set_crs(&mut self, crs: String) {
        self.crs = Some(crs);
    }

    pub(crate) fn set_transform(&mut self, transform: GeoTransform) {
        self.transform = transform;
    }

    /// Sets the nodata value of every band, which must have the type of the pixels.
    pub(crate) fn set_nodata(&mut self, nodata: Option<Nodata>) {
        self.bands.iter_mut().for_each(|band| band.set_nodata(nodata));
    }

    pub(crate) fn first_payload_mut(&mut self) -> Option<&mut Payload> {
        self.bands.first_mut().map(Band::payload_mut)
    }
}

/// Refuses names and other metadata that one row of a column cannot hold.
fn require_one_row(len: usize) -> Result<()> {
    if len <= MAX_LEN {
        return Ok(());
    }
    Err(error!(
        TooLarge,
        "{len} bytes of names and other text are more than the {MAX_LEN} that one raster may have: shorten them, or make \
         several rasters"
    ))
}

impl<'a> RasterParts<'a> {
    /// Borrows bands on spatial dims, which the dim names of the first band say unless they are given.
    fn of_bands(bands: &'a [Band], spatial: Option<[&'a str; 2]>) -> Result<Self> {
        let parts = |(number, band): (usize, &'a Band)| band.parts().map_err(|e| e.in_band(number));
        let bands = bands.iter().enumerate().map(parts).collect::<Result<Vec<_>>>()?;
        let Some(first) = bands.first() else {
            return Err(error!(Argument, "a raster is made of at least one band"));
        };
        let Some(spatial) = spatial.or_else(|| spatial_pair(first.dim_names())) else {
            return Err(error!(
                Argument,
                "the dims {} do not say which ones are x and y: name them with \
                 `Raster::from_bands_with_spatial_dims(bands, x, y)`",
                Few(first.dim_names())
            ));
        };
        Self::new(bands, spatial)
    }
}
