//! One raster taken apart: what every way into a column goes through.
//!
//! Parts read from a column were checked in full (metadata, transform, nodata, payload); parts of owned bands are valid by
//! construction. So writing them can only meet Arrow's own limits.
//!
//! Nearly every raster has one band, dims `["y", "x"]` and no view. Parts say that in a few numbers, without lists.

use arrow_buffer::Buffer;

use crate::error::{Result, error};
use crate::format::defaults::{XY, YX};
use crate::format::payload::{Location, MAX_INLINE, Payload};
use crate::geo::GeoTransform;
use crate::pixel::PixelType;
use crate::view::{Axes, View};

/// A raster on its way into a column.
#[derive(Clone)]
pub(crate) struct RasterParts<'a> {
    pub(super) crs: Option<&'a str>,
    pub(super) transform: GeoTransform,
    /// `None` for the default, `["x", "y"]`.
    pub(super) spatial_dims: Option<Axes<&'a str>>,
    pub(super) spatial_shape: Axes<usize>,
    pub(super) bands: BandList<'a>,
}

/// The bands of a raster, without an allocation if there is one.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "a box would be an allocation a row")]
pub(crate) enum BandList<'a> {
    One(BandParts<'a>),
    Any(Vec<BandParts<'a>>),
}

/// A band on its way into a column.
#[derive(Clone)]
pub(crate) struct BandParts<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) axes: BandAxes<'a>,
    pub(super) pixel_type: PixelType,
    pub(super) nodata: Option<&'a [u8]>,
    pub(super) outdb_uri: Option<&'a str>,
    pub(super) outdb_format: Option<&'a str>,
    pub(super) payload: &'a [u8],
    /// `None` for inline bytes.
    pub(super) location: Option<Location<'a>>,
}

/// The dims of a band, and how they lie over its payload.
#[derive(Clone)]
pub(crate) enum BandAxes<'a> {
    /// `["y", "x"]` of that height and width, without a view.
    Default([usize; 2]),
    Any {
        dim_names: Axes<&'a str>,
        view: View,
    },
}

impl<'a> RasterParts<'a> {
    /// Bands on a grid of which only the two dimensions are known, x first.
    pub(super) fn new(bands: Vec<BandParts<'a>>, [x, y]: [&'a str; 2]) -> Result<Self> {
        let mut parts = RasterParts {
            crs: None,
            transform: GeoTransform::default(),
            spatial_dims: None,
            spatial_shape: Axes::new(),
            bands: BandList::Any(bands),
        };
        parts.set_spatial_dims(x, y)?;
        Ok(parts)
    }

    pub(crate) fn bands(&self) -> &[BandParts<'a>] {
        match &self.bands {
            BandList::One(band) => std::slice::from_ref(band),
            BandList::Any(bands) => bands,
        }
    }

    pub(crate) fn bands_mut(&mut self) -> &mut [BandParts<'a>] {
        match &mut self.bands {
            BandList::One(band) => std::slice::from_mut(band),
            BandList::Any(bands) => bands,
        }
    }

    pub(crate) fn spatial_dims(&self) -> &[&'a str] {
        self.spatial_dims.as_deref().unwrap_or(&XY)
    }

    pub(crate) fn spatial_shape(&self) -> &[usize] {
        &self.spatial_shape
    }

    /// Makes two dimensions that every band has, with the same extents, the spatial ones.
    pub(super) fn set_spatial_dims(&mut self, x: &'a str, y: &'a str) -> Result<()> {
        if x == y {
            return Err(error!(Argument, "spatial_dims: `{x}` cannot be both x and y"));
        }
        let shape = [self.common_extent(x)?, self.common_extent(y)?];
        self.spatial_dims = Some([x, y].into_iter().collect());
        self.spatial_shape = shape.into_iter().collect();
        Ok(())
    }

    /// Gives the spatial dimensions other names, in the raster and in every band.
    pub(super) fn rename_spatial_dims(&mut self, names: &[&'a str]) -> Result<()> {
        let old = self.spatial_dims().to_vec();
        let renamed = |dim: &'a str| {
            let position = old.iter().position(|name| *name == dim);
            position.and_then(|position| names.get(position)).copied().unwrap_or(dim)
        };
        for (number, band) in self.bands_mut().iter_mut().enumerate() {
            let dims: Axes<&str> = band.axes.dim_names().iter().map(|dim| renamed(dim)).collect();
            if let Some(twice) = dims.iter().find(|dim| dims.iter().filter(|other| other == dim).count() > 1) {
                let error = error!(Argument, "grid: the band has an axis `{twice}` that is not the spatial one");
                return Err(error.in_band(number));
            }
            band.axes = BandAxes::Any { dim_names: dims, view: band.axes.to_view()? };
        }
        self.spatial_dims = Some(names.iter().copied().collect());
        Ok(())
    }

    /// Takes every `step`-th index along a spatial dimension (0 is x), `steps` of them from `start` on.
    pub(crate) fn slice_grid(&mut self, position: usize, start: usize, step: isize, steps: usize) {
        if let Some(extent) = self.spatial_shape.get_mut(position) {
            *extent = steps;
        }
        match position {
            0 => self.transform = self.transform.slice_x(start, step),
            1 => self.transform = self.transform.slice_y(start, step),
            // No transform has a height above ground.
            _ => {}
        }
    }

    fn common_extent(&self, dim: &str) -> Result<usize> {
        let mut common = None;
        for (number, band) in self.bands().iter().enumerate() {
            let names = band.axes.dim_names();
            let Some(extent) = band.extent(dim) else {
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
    pub(crate) fn axes(&self) -> &BandAxes<'a> {
        &self.axes
    }

    /// The payload's bytes.
    pub(crate) fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The payload as an owner of its memory: shared where it lies, but for what Arrow stores in place.
    pub(super) fn to_payload(&self) -> Result<Payload> {
        match self.location {
            Some((buffer, start)) if self.payload.len() > MAX_INLINE => {
                Payload::new(buffer.clone(), start, self.payload.len())
            }
            _ => Payload::new(Buffer::from_vec(self.payload.to_vec()), 0, self.payload.len()),
        }
    }

    /// Says that the payload's bytes are also to be had elsewhere.
    pub(crate) fn redirect(&mut self, location: Location<'a>) {
        self.location = Some(location);
    }

    /// Replaces the payload by a buffer of the visible pixels in C order.
    pub(crate) fn set_packed(&mut self, pixels: &'a Buffer) -> Result<()> {
        let view = View::identity(self.axes.shape())?;
        self.axes = BandAxes::Any { dim_names: self.axes.dim_names().iter().copied().collect(), view };
        self.payload = pixels.as_slice();
        self.location = Some((pixels, 0));
        Ok(())
    }

    /// The extent of a dimension, if the band has it.
    pub(crate) fn extent(&self, dim: &str) -> Option<usize> {
        let axis = self.axes.dim_names().iter().position(|name| *name == dim)?;
        self.axes.shape().get(axis).copied()
    }

    /// Takes every `step`-th index along a dimension, `steps` of them from `start` on.
    pub(crate) fn slice(&mut self, dim: &str, start: usize, step: isize, steps: usize) -> Result<()> {
        let dim_names: Axes<&str> = self.axes.dim_names().iter().copied().collect();
        let Some(axis) = dim_names.iter().position(|name| *name == dim) else { return Ok(()) };
        let view = self.axes.to_view()?.slice(axis, start, step, steps)?;
        self.axes = BandAxes::Any { dim_names, view };
        Ok(())
    }
}

impl<'a> BandAxes<'a> {
    pub(crate) fn dim_names(&self) -> &[&'a str] {
        match self {
            BandAxes::Default(_) => &YX,
            BandAxes::Any { dim_names, .. } => dim_names,
        }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            BandAxes::Default(shape) => shape,
            BandAxes::Any { view, .. } => view.shape(),
        }
    }

    pub(super) fn to_view(&self) -> Result<View> {
        match self {
            BandAxes::Default(shape) => View::identity(shape),
            BandAxes::Any { view, .. } => Ok(view.clone()),
        }
    }
}

/// The names by which x and y go, in that order.
const SPATIAL_PAIRS: [[&str; 2]; 4] = [XY, ["lon", "lat"], ["longitude", "latitude"], ["easting", "northing"]];

/// Finds x and y among dims: a known pair wherever it stands, else the last two axes, y before x.
pub(super) fn spatial_pair<'a>(dim_names: &[&'a str]) -> [&'a str; 2] {
    let find = |name: &str| dim_names.iter().copied().find(|found| *found == name);
    let known = SPATIAL_PAIRS.iter().find_map(|[x, y]| Some([find(x)?, find(y)?]));
    known.unwrap_or(match dim_names {
        [.., y, x] => [x, y],
        _ => XY,
    })
}
