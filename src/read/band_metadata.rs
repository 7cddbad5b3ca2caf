//! Reads a band's metadata from the columns, and checks that they do not contradict each other.

use arrow_array::StructArray;

use crate::error::{Result, error};
use crate::format::columns::{Columns, spatial_dims, transform};
use crate::format::defaults::YX;
use crate::geo::GeoTransform;
use crate::pixel::PixelType;
use crate::view::{Axes, View, ViewEntry, for_each_axis};

/// Reads the transform of a row.
#[inline]
pub(crate) fn read_transform(rasters: &StructArray, row: usize) -> Result<GeoTransform> {
    let found = transform(rasters, row)?;
    match <[f64; 6]>::try_from(found) {
        Ok(gdal) => Ok(GeoTransform::from_stored(gdal)),
        Err(_) => Err(error!(Malformed, "transform: expected six numbers, found {}", found.len())),
    }
}

/// Returns which of a band's dims are x and y, if its raster has two spatial dims.
pub(crate) fn x_and_y(rasters: &StructArray, row: usize, dim_names: &[&str]) -> Result<Option<[usize; 2]>> {
    let mut dims = spatial_dims(rasters)?.get_bytes(row, "spatial_dims")?;
    let mut axis = || {
        let dim = dims.next()?.ok()?;
        dim_names.iter().position(|name| name.as_bytes() == dim)
    };
    let (x, y) = (axis(), axis());
    Ok(if dims.next().is_none() { x.zip(y).map(|(x, y)| [x, y]) } else { None })
}

pub(crate) fn read_pixel_type(columns: &Columns<'_>, index: usize) -> Result<PixelType> {
    PixelType::try_from(columns.pixel_type_id(index)?)
}

pub(crate) fn read_view(columns: &Columns<'_>, index: usize) -> Result<View> {
    let source_shape = extents(columns.source_shape(index)?, "source_shape")?;
    match columns.view_range(index)? {
        None => View::identity(&source_shape),
        Some(range) => {
            if range.len() != source_shape.len() {
                let (found, expected) = (range.len(), source_shape.len());
                return Err(error!(Malformed, "view: expected one entry for each of {expected} axes, found {found}"));
            }
            let entries: Axes<ViewEntry> = columns.view_entries(&range)?.entries().collect();
            View::new(&source_shape, &entries)
        }
    }
}

/// Converts stored extents. Refuses a negative one.
pub(crate) fn extents(stored: &[i64], what: &str) -> Result<Axes<usize>> {
    if let Some(extent) = stored.iter().find(|extent| usize::try_from(**extent).is_err()) {
        return Err(error!(Malformed, "{what}: {extent} in {stored:?} is not a valid extent"));
    }
    Ok(for_each_axis(stored.len(), |axis| stored.get(axis).copied().unwrap_or_default() as usize))
}

/// Reads the dim names of a band with the visible shape `shape`.
///
/// Checks that the band has each spatial dimension of its row, with the extent that the row says. First tries the
/// default dims, which need no list of names.
#[inline]
pub(crate) fn read_dims<'a>(columns: &Columns<'a>, row: usize, index: usize, shape: &[usize]) -> Result<Dims<'a>> {
    if let &[height, width] = shape
        && is_on_grid(columns, row, [height, width])
        && columns.has_default_dims(row, index)
    {
        return Ok(Dims { names: DimNames::yx(), x_first: false });
    }
    let names = read_dim_names(columns, index, shape.len())?;
    let x_first = check_grid(columns, row, names.as_slice(), shape)?;
    Ok(Dims { names, x_first })
}

/// The dims of a band.
#[derive(Clone)]
pub(crate) struct Dims<'a> {
    pub(crate) names: DimNames<'a>,
    /// Are they x and y, in this order?
    pub(crate) x_first: bool,
}

/// Returns whether the spatial extents of a row are exactly this height and width.
#[inline]
pub(crate) fn is_on_grid(columns: &Columns<'_>, row: usize, [height, width]: [usize; 2]) -> bool {
    let Ok(&[cols, rows]) = columns.spatial_shape(row) else { return false };
    i64::try_from(width) == Ok(cols) && i64::try_from(height) == Ok(rows)
}

#[inline]
fn read_dim_names<'a>(columns: &Columns<'a>, index: usize, ndim: usize) -> Result<DimNames<'a>> {
    let names = columns.dim_names().get(index, "dim_names")?;
    if names.len() != ndim {
        return Err(error!(Malformed, "dim_names: found {} names for {ndim} axes", names.len()));
    }
    let mut dim_names = DimNames::default();
    for name in names {
        dim_names.push(name?);
    }
    Ok(dim_names)
}

/// Checks that the band has each spatial dimension of its row exactly once, with the extent that the row says. Returns whether
/// the band's dims are x and y, in this order.
#[inline]
fn check_grid(columns: &Columns<'_>, row: usize, dim_names: &[&str], shape: &[usize]) -> Result<bool> {
    let extents = columns.spatial_shape(row)?;
    // Needs no UTF-8 validation: a name is only accepted if it equals a dim name of the band, which was validated.
    let dims = columns.spatial_dims().get_bytes(row, "spatial_dims")?;
    if dims.len() != extents.len() {
        let (dims, extents) = (dims.len(), extents.len());
        return Err(error!(Malformed, "spatial_shape: it has {extents} extents for {dims} spatial_dims"));
    }
    let has_x_and_y = dim_names.len() == 2 && dims.len() == 2;
    let mut x_first = false;
    for (position, (dim, &extent)) in dims.zip(extents).enumerate() {
        let dim = dim?;
        if position == 0 {
            x_first = has_x_and_y && dim_names.first().is_some_and(|name| name.as_bytes() == dim);
        }
        let mut found = dim_names.iter().zip(shape).filter(|(name, _)| name.as_bytes() == dim);
        match (found.next(), found.next()) {
            (Some((_, &size)), None) if i64::try_from(size) == Ok(extent) => {}
            (Some((dim, size)), None) => {
                return Err(error!(Malformed, "spatial_shape: `{dim}` has extent {extent}, but {size} in the band"));
            }
            (count, _) => {
                let how = if count.is_none() { "not" } else { "more than once" };
                let dim = String::from_utf8_lossy(dim);
                return Err(error!(Malformed, "spatial_dims: `{dim}` is {how} among the band's dims {dim_names:?}"));
            }
        }
        if position > 0 {
            refuse_repeated(columns, row, position, dim)?;
        }
    }
    Ok(x_first)
}

/// Refuses a spatial dimension that is also at an earlier position of the row's list.
#[inline]
fn refuse_repeated(columns: &Columns<'_>, row: usize, position: usize, dim: &[u8]) -> Result<()> {
    let mut before = columns.spatial_dims().get_bytes(row, "spatial_dims")?.take(position);
    if before.any(|other| other.is_ok_and(|other| other == dim)) {
        return Err(error!(Malformed, "spatial_dims: `{}` is there twice", String::from_utf8_lossy(dim)));
    }
    Ok(())
}

/// A list of names that allocates only for more than four names.
///
/// It is not an [`Axes`](crate::view::Axes), because `TinyVec` is invariant in the type of its items: a `BandRef<'a>`
/// could not be used where a shorter lifetime is expected.
#[derive(Clone, Default)]
pub(crate) struct DimNames<'a> {
    first: [&'a str; 4],
    len: usize,
    /// All names, if there are more than four. Else empty.
    all: Vec<&'a str>,
}

impl<'a> DimNames<'a> {
    /// Returns the default names, `["y", "x"]`.
    #[inline]
    pub(crate) fn yx() -> Self {
        let [y, x] = YX;
        DimNames { first: [y, x, "", ""], len: YX.len(), all: Vec::new() }
    }

    pub(crate) fn as_slice(&self) -> &[&'a str] {
        self.first.get(..self.len).unwrap_or(&self.all)
    }

    pub(crate) fn push(&mut self, name: &'a str) {
        if let Some(slot) = self.first.get_mut(self.len) {
            *slot = name;
        } else {
            if self.all.is_empty() {
                self.all.extend(self.first);
            }
            self.all.push(name);
        }
        self.len += 1;
    }
}
