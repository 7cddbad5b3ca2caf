//! Defines the parts of a raster on its way into a column. Every way into a column goes through them.
//!
//! Parts that are read from a column are checked in full: metadata, transform, nodata and payload. Parts of owned bands
//! are valid by construction. So writing parts can fail only at the limits of Arrow.
//!
//! Nearly every raster has one band, the dims `["y", "x"]` and no view. Parts hold such a raster as a few numbers,
//! without lists.

use arrow_buffer::Buffer;

use crate::error::{Result, error};
use crate::format::defaults::{XY, YX};
use crate::format::memory::{AXIS_BYTES, BAND_BYTES, ROW_BYTES, SPATIAL_DIM_BYTES, VIEW_ENTRY_BYTES};
use crate::format::payload::{Location, MAX_INLINE, Payload};
use crate::format::payload_builder::NewPayload;
use crate::geo::GeoTransform;
use crate::names::{NameIndex, first_repeated};
use crate::pixel::PixelType;
use crate::shown::{Few, Short};
use crate::view::{Axes, View, ViewEntry};

/// A raster on its way into a column.
#[derive(Clone)]
pub(crate) struct RasterParts<'a> {
    pub(super) crs: Option<&'a str>,
    pub(super) transform: GeoTransform,
    pub(super) grid: GridAxes<'a>,
    pub(super) bands: BandList<'a>,
}

/// The spatial dims of a raster and their extents.
#[derive(Clone)]
pub(super) enum GridAxes<'a> {
    /// `["x", "y"]` with this width and height.
    Default([usize; 2]),
    /// Any other dims. Boxed, because parts are moved often and should stay small.
    Named(Box<NamedGrid<'a>>),
}

#[derive(Clone)]
pub(super) struct NamedGrid<'a> {
    pub(super) dims: Axes<&'a str>,
    pub(super) shape: Axes<usize>,
}

/// The bands of a raster. One band needs no allocation.
#[derive(Clone)]
pub(super) enum BandList<'a> {
    One(BandParts<'a>),
    Any(Vec<BandParts<'a>>),
}

/// A band on its way into a column.
#[derive(Clone)]
pub(crate) struct BandParts<'a> {
    pub(super) axes: BandAxes<'a>,
    pub(super) fields: BandFields<'a>,
}

/// What a band has besides its axes.
#[derive(Clone, Copy)]
pub(super) struct BandFields<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) pixel_type: PixelType,
    pub(super) nodata: Option<&'a [u8]>,
    pub(super) outdb_uri: Option<&'a str>,
    pub(super) outdb_format: Option<&'a str>,
    pub(super) payload: &'a [u8],
    /// `None` for bytes that Arrow stores in place.
    pub(super) location: Option<Location<'a>>,
}

impl<'a> BandFields<'a> {
    /// Returns the payload for a builder, as a band with this view shows it.
    pub(super) fn new_payload(&self, view: &View) -> NewPayload<'a> {
        NewPayload { bytes: self.payload, location: self.location, is_partial: view.is_partial() }
    }
}

impl<'a> BandParts<'a> {
    /// Returns the payload for a builder.
    pub(super) fn new_payload(&self) -> NewPayload<'a> {
        let BandFields { payload: bytes, location, .. } = self.fields;
        match &self.axes {
            BandAxes::Default(_) => NewPayload { bytes, location, is_partial: false },
            BandAxes::Named(axes) => self.fields.new_payload(&axes.view),
        }
    }
}

/// The dims of a band, and how they lie over its payload.
#[derive(Clone)]
pub(super) enum BandAxes<'a> {
    /// `["y", "x"]` with this height and width, and no view.
    Default([usize; 2]),
    /// Any other dims or view. Boxed, because views are large and parts are moved often.
    Named(Box<NamedAxes<'a>>),
}

#[derive(Clone)]
pub(super) struct NamedAxes<'a> {
    pub(super) dim_names: Axes<&'a str>,
    pub(super) view: View,
}

impl<'a> RasterParts<'a> {
    /// Makes parts from bands and the names of the two spatial dims, x first.
    pub(super) fn new(bands: Vec<BandParts<'a>>, [x, y]: [&'a str; 2]) -> Result<Self> {
        let mut parts = RasterParts {
            crs: None,
            transform: GeoTransform::default(),
            grid: GridAxes::Default([0, 0]),
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

    pub(super) fn with_bands(self, bands: Vec<BandParts<'a>>) -> Self {
        RasterParts { bands: BandList::Any(bands), ..self }
    }

    pub(crate) fn bands_mut(&mut self) -> &mut [BandParts<'a>] {
        match &mut self.bands {
            BandList::One(band) => std::slice::from_mut(band),
            BandList::Any(bands) => bands,
        }
    }

    pub(crate) fn spatial_dims(&self) -> &[&'a str] {
        match &self.grid {
            GridAxes::Default(_) => &XY,
            GridAxes::Named(grid) => &grid.dims,
        }
    }

    pub(crate) fn spatial_shape(&self) -> &[usize] {
        match &self.grid {
            GridAxes::Default(shape) => shape,
            GridAxes::Named(grid) => &grid.shape,
        }
    }

    /// Sets the spatial dims. Every band must have both, with the same extents.
    pub(super) fn set_spatial_dims(&mut self, x: &'a str, y: &'a str) -> Result<()> {
        if x == y {
            return Err(error!(Argument, "spatial_dims: `{}` cannot be both x and y", Short(x)));
        }
        require_x_first(x, y)?;
        let shape = [self.common_extent(x)?, self.common_extent(y)?];
        self.grid = match [x, y] {
            XY => GridAxes::Default(shape),
            dims => GridAxes::named(dims.into_iter().collect(), shape.into_iter().collect()),
        };
        Ok(())
    }

    /// Refuses a grid of other extents, or one that is not of two dims.
    pub(super) fn require_grid(&self, dims: &[&str], shape: &[usize]) -> Result<()> {
        let (&[x, y], &[own_x, own_y]) = (dims, self.spatial_dims()) else {
            let own = self.spatial_dims();
            return Err(error!(
                Shape,
                "grid: a grid has two spatial dims, here they are {} and {}",
                Few(own),
                Few(dims)
            ));
        };
        let (&[width, height], &[own_width, own_height]) = (shape, self.spatial_shape()) else {
            let own = self.spatial_shape();
            return Err(error!(Shape, "grid: a grid has two extents, here they are {} and {}", Few(own), Few(shape)));
        };
        if [width, height] == [own_width, own_height] {
            return Ok(());
        }
        let hint = if [width, height] == [own_height, own_width] {
            ": the array is transposed, a matrix is (y, x)"
        } else {
            ": cut or tile the other raster in the same way first"
        };
        Err(error!(
            Shape,
            "grid: this raster has {} {own_height} and {} {own_width}, the other one has {} {height} and {} {width}{hint}",
            Short(own_y),
            Short(own_x),
            Short(y),
            Short(x)
        ))
    }

    /// Renames the spatial dims, in the raster and in every band.
    pub(super) fn rename_spatial_dims(&mut self, names: &[&'a str]) -> Result<()> {
        let old = self.spatial_dims().to_vec();
        let renamed = |dim: &'a str| {
            let position = old.iter().position(|name| *name == dim);
            position.and_then(|position| names.get(position)).copied().unwrap_or(dim)
        };
        for (number, band) in self.bands_mut().iter_mut().enumerate() {
            let dims: Axes<&str> = band.dim_names().iter().map(|dim| renamed(dim)).collect();
            if let Some(twice) = first_repeated(&dims) {
                let error = error!(Argument, "grid: the band already has another axis named `{}`", Short(twice));
                return Err(error.in_band(number));
            }
            band.named_axes()?.dim_names = dims;
        }
        self.grid = GridAxes::named(names.iter().copied().collect(), Axes::from(self.spatial_shape()));
        Ok(())
    }

    /// Keeps `steps` indices along a spatial dim (0 is x): every `step`-th, from `start` on.
    pub(crate) fn slice_grid(&mut self, position: usize, start: usize, step: isize, steps: usize) -> Result<()> {
        let shape: &mut [usize] = match &mut self.grid {
            GridAxes::Default(shape) => shape,
            GridAxes::Named(grid) => &mut grid.shape,
        };
        if let Some(extent) = shape.get_mut(position) {
            *extent = steps;
        }
        match position {
            0 => self.transform = self.transform.slice_x(start, step)?,
            1 => self.transform = self.transform.slice_y(start, step)?,
            // A transform has no third axis.
            _ => {}
        }
        Ok(())
    }

    fn common_extent(&self, dim: &str) -> Result<usize> {
        let mut common = None;
        for (number, band) in self.bands().iter().enumerate() {
            let names = band.dim_names();
            let Some(extent) = band.extent(dim) else {
                let error =
                    error!(Argument, "the spatial dimension `{}` is not among its dims {}", Short(dim), Few(names));
                return Err(error.in_band(number));
            };
            if let Some(first) = common.filter(|first| *first != extent) {
                let error =
                    error!(Shape, "`{}` has extent {extent}, but {first} in band 0: bands share one grid", Short(dim));
                return Err(error.in_band(number));
            }
            common = Some(extent);
        }
        common.ok_or_else(|| error!(Argument, "a raster without bands has no spatial dimensions to choose"))
    }
}

impl<'a> BandParts<'a> {
    /// Returns the names of the visible axes, slowest first.
    pub(crate) fn dim_names(&self) -> &[&'a str] {
        match &self.axes {
            BandAxes::Default(_) => &YX,
            BandAxes::Named(axes) => &axes.dim_names,
        }
    }

    /// Returns the extents of the visible axes.
    pub(crate) fn shape(&self) -> &[usize] {
        match &self.axes {
            BandAxes::Default(shape) => shape,
            BandAxes::Named(axes) => axes.view.shape(),
        }
    }

    /// Returns the extent of a dim, if the band has it.
    pub(crate) fn extent(&self, dim: &str) -> Option<usize> {
        let axis = self.dim_names().iter().position(|name| *name == dim)?;
        self.shape().get(axis).copied()
    }

    /// Names the axes, if they are the default ones.
    pub(super) fn name_default_axes(&mut self, names: [&'a str; 2]) -> Result<()> {
        if matches!(self.axes, BandAxes::Default(_)) && names != YX {
            self.named_axes()?.dim_names = names.into_iter().collect();
        }
        Ok(())
    }

    /// Returns the axes by name, so that they can be changed.
    fn named_axes(&mut self) -> Result<&mut NamedAxes<'a>> {
        if let BandAxes::Default(shape) = self.axes {
            self.axes = BandAxes::named(YX.into_iter().collect(), View::identity(&shape)?);
        }
        match &mut self.axes {
            BandAxes::Named(axes) => Ok(axes),
            BandAxes::Default(_) => Err(error!(Shape, "the band has no named axes")),
        }
    }

    /// Returns for each dim of an order which axis it is. Refuses an order in which not each of the dims stands once.
    pub(crate) fn axes_in_order(&self, order: &[&str]) -> Result<Axes<usize>> {
        let dim_names = self.dim_names();
        let index = NameIndex::new(dim_names, order.len());
        let axes: Axes<usize> = order.iter().filter_map(|dim| index.position(dim)).collect();
        let is_permutation = (0..dim_names.len()).all(|axis| axes.contains(&axis));
        if order.len() != dim_names.len() || !is_permutation {
            return Err(error!(
                Argument,
                "transpose_dims: {} is no order of the dims {}: name each of them once",
                Few(order),
                Few(dim_names)
            ));
        }
        Ok(axes)
    }

    /// Puts the axes into another order.
    pub(crate) fn transpose(&mut self, axes: &[usize]) -> Result<()> {
        let NamedAxes { dim_names, view } = self.named_axes()?;
        let entries: Axes<ViewEntry> = axes.iter().filter_map(|axis| view.entries().get(*axis).copied()).collect();
        *view = View::new(view.source_shape(), &entries)?;
        *dim_names = axes.iter().filter_map(|axis| dim_names.get(*axis).copied()).collect();
        Ok(())
    }

    /// Keeps `steps` indices along a dim: every `step`-th, from `start` on.
    pub(crate) fn slice(&mut self, dim: &str, start: usize, step: isize, steps: usize) -> Result<()> {
        let NamedAxes { dim_names, view } = self.named_axes()?;
        if let Some(axis) = dim_names.iter().position(|name| *name == dim) {
            *view = view.slice(axis, start, step, steps)?;
        }
        Ok(())
    }

    /// Returns the bytes of the payload.
    pub(crate) fn payload(&self) -> &'a [u8] {
        self.fields.payload
    }

    /// Sets another location at which the bytes of the payload lie too.
    pub(crate) fn redirect(&mut self, location: Location<'a>) {
        self.fields.location = Some(location);
    }

    /// Replaces the payload by the visible pixels in C order, which lie there.
    pub(crate) fn set_packed(&mut self, pixels: &'a [u8], location: Location<'a>) -> Result<()> {
        let view = View::identity(self.shape())?;
        self.set_source(view, pixels, location)
    }

    /// Replaces the payload by pixels that lie there, and the view by one of them that shows the same shape.
    pub(crate) fn set_source(&mut self, view: View, pixels: &'a [u8], location: Location<'a>) -> Result<()> {
        self.named_axes()?.view = view;
        self.fields.payload = pixels;
        self.fields.location = Some(location);
        Ok(())
    }
}

impl RasterParts<'_> {
    /// Returns how many bytes the metadata takes in a column, apart from what other rows may share: the CRS and the
    /// formats.
    pub(crate) fn metadata_len(&self) -> usize {
        let dims = self.spatial_dims().iter().map(|dim| dim.len().saturating_add(SPATIAL_DIM_BYTES));
        dims.chain(self.bands().iter().map(BandParts::metadata_len)).fold(ROW_BYTES, usize::saturating_add)
    }

    /// Returns at least what the metadata take in each of many parts that are cut out of the raster, which have views.
    pub(crate) fn part_len(&self) -> usize {
        let axes: usize = self.bands().iter().map(|band| band.shape().len()).sum();
        self.metadata_len().saturating_add(axes.saturating_mul(VIEW_ENTRY_BYTES))
    }

    /// Returns the texts that a column stores once for all rows that have them from the same memory.
    pub(crate) fn shared_texts(&self) -> impl Iterator<Item = &str> {
        self.crs.into_iter().chain(self.bands().iter().filter_map(|band| band.fields.outdb_format))
    }

    /// Returns how many bytes the metadata takes without other rows to share it with.
    pub(crate) fn own_len(&self) -> usize {
        self.shared_texts().map(str::len).fold(self.metadata_len(), usize::saturating_add)
    }
}

impl BandParts<'_> {
    fn metadata_len(&self) -> usize {
        let texts = [self.fields.name, self.fields.outdb_uri].into_iter().flatten().map(str::len);
        let has_view = matches!(&self.axes, BandAxes::Named(axes) if !axes.view.is_identity());
        let axis = AXIS_BYTES + if has_view { VIEW_ENTRY_BYTES } else { 0 };
        let dims = self.dim_names().iter().map(|dim| dim.len().saturating_add(axis));
        texts.chain(dims).fold(BAND_BYTES, usize::saturating_add)
    }
}

impl<'a> GridAxes<'a> {
    pub(super) fn named(dims: Axes<&'a str>, shape: Axes<usize>) -> Self {
        GridAxes::Named(Box::new(NamedGrid { dims, shape }))
    }
}

impl<'a> BandAxes<'a> {
    pub(super) fn named(dim_names: Axes<&'a str>, view: View) -> Self {
        BandAxes::Named(Box::new(NamedAxes { dim_names, view }))
    }
}

impl BandFields<'_> {
    /// Makes a payload that owns its memory. Shares the buffer, but copies bytes that Arrow stores in place.
    pub(super) fn to_payload(self) -> Result<Payload> {
        match self.location {
            Some((buffer, start)) if self.payload.len() > MAX_INLINE => {
                Payload::new(buffer.clone(), start, self.payload.len())
            }
            _ => Payload::new(Buffer::from_vec(self.payload.to_vec()), 0, self.payload.len()),
        }
    }
}

/// The names that mean x and those that mean y, in any case. Names of one line belong together.
const SPATIAL_PAIRS: [[&str; 2]; 8] = [
    XY,
    ["lon", "lat"],
    ["longitude", "latitude"],
    ["easting", "northing"],
    ["col", "row"],
    ["cols", "rows"],
    ["column", "row"],
    ["columns", "rows"],
];

/// Returns the spatial dims, x first: those that were set, or those that the names of the axes say. `builder` is whose call sets
/// them.
pub(super) fn chosen_or_known<'a>(
    chosen: Option<&'a [String; 2]>,
    names: &[&'a str],
    builder: &str,
) -> Result<[&'a str; 2]> {
    let chosen = chosen.map(|[x, y]| [x.as_str(), y.as_str()]);
    if let Some([x, y]) = chosen {
        require_x_first(x, y)?;
    }
    chosen.or_else(|| spatial_pair(names)).ok_or_else(|| {
        error!(
            Argument,
            "the dims {} do not say which ones are x and y: name them with `{builder}::with_spatial_dims(x, y)`",
            Few(names)
        )
    })
}

/// Refuses the names of x and y in the order of an array's axes, y first.
pub(super) fn require_x_first(x: &str, y: &str) -> Result<()> {
    let is_known = |name: &str, place: usize| {
        SPATIAL_PAIRS.iter().filter_map(|pair| pair.get(place)).any(|known| known.eq_ignore_ascii_case(name))
    };
    if is_known(x, 1) && is_known(y, 0) {
        return Err(error!(Argument, "spatial_dims: x is called `{x}`, and y `{y}`: the name of x comes first"));
    }
    Ok(())
}

/// Finds x and y among dims: a pair that belongs together, or any name of each list, in any position. Of only two dims, one name
/// is enough, and without any, y comes before x. More dims than that do not say which ones are x and y.
pub(super) fn spatial_pair<'a>(dim_names: &[&'a str]) -> Option<[&'a str; 2]> {
    let find = |name: &str| dim_names.iter().copied().find(|found| found.eq_ignore_ascii_case(name));
    if let Some(pair) = SPATIAL_PAIRS.iter().find_map(|[x, y]| Some([find(x)?, find(y)?])) {
        return Some(pair);
    }
    let x = SPATIAL_PAIRS.iter().find_map(|[x, _]| find(x));
    let y = SPATIAL_PAIRS.iter().find_map(|[_, y]| find(y));
    match (x, y, dim_names) {
        (Some(x), Some(y), _) => Some([x, y]),
        (Some(x), None, &[first, second]) => Some([x, if x == first { second } else { first }]),
        (None, Some(y), &[first, second]) => Some([if y == first { second } else { first }, y]),
        (None, None, &[y, x]) => Some([x, y]),
        _ => None,
    }
}
