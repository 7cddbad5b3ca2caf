//! One raster taken apart: what every way into a column goes through.
//!
//! Read from a column it was checked in full (metadata, transform, nodata, payload); made from new bands
//! it is right by construction. So writing it can only meet Arrow's own limits.

use arrow_buffer::Buffer;

use crate::band::Band;
use crate::error::{Result, error};
use crate::geo::GeoTransform;
use crate::new_band::NewBand;
use crate::nodata;
use crate::payload::{MAX_INLINE, Payload};
use crate::pixel::PixelType;
use crate::raster_ref::RasterRef;
use crate::view::{Axes, View, for_each_axis};

/// One band.
#[derive(Clone)]
pub(crate) struct BandParts<'a> {
    pub(crate) dim_names: Axes<&'a str>,
    pub(crate) view: View,
    pub(crate) fields: BandFields<'a>,
}

/// What a band is but for its axes.
#[derive(Clone, Copy)]
pub(crate) struct BandFields<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) pixel_type: PixelType,
    pub(crate) nodata: Option<&'a [u8]>,
    pub(crate) outdb_uri: Option<&'a str>,
    pub(crate) outdb_format: Option<&'a str>,
    pub(crate) bytes: &'a [u8],
    /// The buffer that the bytes lie in and where, unless they are inline.
    pub(crate) home: Option<(&'a Buffer, usize)>,
}

impl BandFields<'_> {
    /// The payload, shared where it lies, but for what Arrow stores in place.
    pub(crate) fn payload(&self) -> Result<Payload> {
        match self.home {
            Some((buffer, start)) if self.bytes.len() > MAX_INLINE => {
                Payload::new(buffer.clone(), start, self.bytes.len())
            }
            _ => Payload::new(Buffer::from_vec(self.bytes.to_vec()), 0, self.bytes.len()),
        }
    }
}

#[derive(Clone)]
pub(crate) struct RasterParts<'a> {
    pub(crate) crs: Option<&'a str>,
    pub(crate) transform: GeoTransform,
    pub(crate) spatial_dims: Axes<&'a str>,
    pub(crate) spatial_shape: Axes<usize>,
    pub(crate) bands: Vec<BandParts<'a>>,
}

impl<'a> RasterParts<'a> {
    /// Everything that a row holds, checked.
    pub(crate) fn read(raster: RasterRef<'a>) -> Result<Self> {
        let mut bands = Vec::with_capacity(raster.num_bands()?);
        for band in raster.bands() {
            bands.push(BandParts::read(band?)?);
        }
        let (spatial_dims, spatial_shape) = raster.spatial_axes()?;
        Ok(RasterParts { crs: raster.crs()?, transform: raster.transform()?, spatial_dims, spatial_shape, bands })
    }

    /// New bands, with the spatial dims that the first one's names suggest.
    pub(crate) fn from_new(bands: &'a [NewBand]) -> Result<Self> {
        let placed = |(number, band): (usize, &'a NewBand)| band.parts().map_err(|e| e.in_band(number));
        let bands = bands.iter().enumerate().map(placed).collect::<Result<Vec<_>>>()?;
        let Some(first) = bands.first() else {
            return Err(error!(Argument, "a raster is made of at least one band"));
        };
        let spatial = spatial_pair(&first.dim_names);
        Self::of_bands(bands, spatial)
    }

    /// Bands on a grid of which only the two dimensions are known.
    pub(crate) fn of_bands(bands: Vec<BandParts<'a>>, [x, y]: [&'a str; 2]) -> Result<Self> {
        let mut parts = RasterParts {
            crs: None,
            transform: GeoTransform::default(),
            spatial_dims: Axes::new(),
            spatial_shape: Axes::new(),
            bands,
        };
        parts.set_spatial_dims(x, y)?;
        Ok(parts)
    }

    /// Makes two dimensions that every band has, with the same extents, the spatial ones.
    pub(crate) fn set_spatial_dims(&mut self, x: &'a str, y: &'a str) -> Result<()> {
        if x == y {
            return Err(error!(Argument, "spatial_dims: `{x}` cannot be both x and y"));
        }
        let mut shape = Axes::new();
        for dim in [x, y] {
            shape.push(self.common_extent(dim)?);
        }
        self.spatial_dims = [x, y].into_iter().collect();
        self.spatial_shape = shape;
        Ok(())
    }

    fn common_extent(&self, dim: &str) -> Result<usize> {
        let mut common = None;
        for (number, band) in self.bands.iter().enumerate() {
            let names = band.dim_names.as_slice();
            let axis = names.iter().position(|name| *name == dim);
            let Some(&extent) = axis.and_then(|axis| band.view.shape().get(axis)) else {
                let error = error!(Argument, "the spatial dimension `{dim}` is not among its dims {names:?}");
                return Err(error.in_band(number));
            };
            if let Some(first) = common.filter(|first| *first != extent) {
                let error = error!(Shape, "`{dim}` has extent {extent}, but {first} in band 0: bands share one grid");
                return Err(error.in_band(number));
            }
            common = Some(extent);
        }
        common.ok_or_else(|| error!(Argument, "a raster without bands has no spatial dimensions to choose"))
    }
}

impl<'a> BandParts<'a> {
    fn read(band: Band<'a>) -> Result<Self> {
        if let Some(nodata) = band.nodata_bytes() {
            nodata::check_length(nodata, band.pixel_type()).map_err(|e| band.place(e))?;
        }
        let bytes = band.payload_if_loaded()?;
        let dim_names = for_each_axis(band.ndim(), |axis| band.dim_names().get(axis).copied().unwrap_or_default());
        let fields = BandFields {
            name: band.name(),
            pixel_type: band.pixel_type(),
            nodata: band.nodata_bytes(),
            outdb_uri: band.outdb_uri(),
            outdb_format: band.outdb_format(),
            bytes,
            home: band.locate(),
        };
        Ok(BandParts { dim_names, view: band.into_view(), fields })
    }
}

/// The names by which x and y go, in that order.
const SPATIAL_PAIRS: [[&str; 2]; 4] = [["x", "y"], ["lon", "lat"], ["longitude", "latitude"], ["easting", "northing"]];

/// Which dims are x and y: a known pair wherever it stands, else the last two axes, y before x.
pub(crate) fn spatial_pair<'a>(dim_names: &[&'a str]) -> [&'a str; 2] {
    let find = |name: &str| dim_names.iter().copied().find(|found| *found == name);
    let known = SPATIAL_PAIRS.iter().find_map(|[x, y]| Some([find(x)?, find(y)?]));
    known.unwrap_or(match dim_names {
        [.., y, x] => [x, y],
        _ => ["x", "y"],
    })
}
