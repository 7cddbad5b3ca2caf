//! Reads a band's metadata from the columns, and checks that they do not contradict each other.

use arrow_array::StructArray;

use crate::error::{Error, Result, error};
use crate::format::columns::{Columns, spatial_dims, transform};
use crate::format::defaults::YX;
use crate::format::text::utf8;
use crate::geo::GeoTransform;
use crate::names::{NameIndex, Place};
use crate::pixel::PixelType;
use crate::shown::{Few, ShortBytes};
use crate::view::{Axes, View, ViewEntry, for_each_axis};

/// Reads the transform of a row.
#[inline]
pub(crate) fn read_transform(rasters: &StructArray, row: usize) -> Result<GeoTransform> {
    transform(rasters, row).map(GeoTransform::from_stored)
}

/// Returns which of a band's dims are x and y, if its raster has two spatial dims.
pub(crate) fn x_and_y(rasters: &StructArray, row: usize, dim_names: &[&str]) -> Result<Option<[usize; 2]>> {
    let mut dims = spatial_dims(rasters)?.get(row, "spatial_dims")?;
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
    match columns.view_entries(index, source_shape.len())? {
        None => View::identity(&source_shape),
        Some(stored) => {
            let entries: Axes<ViewEntry> = stored.entries().collect();
            View::new(&source_shape, &entries)
        }
    }
}

/// Converts stored extents. Refuses a negative one.
pub(crate) fn extents(stored: &[i64], what: &str) -> Result<Axes<usize>> {
    if let Some(extent) = stored.iter().find(|extent| usize::try_from(**extent).is_err()) {
        return Err(error!(Malformed, "{what}: {extent} in {} is not a valid extent", Few(stored)));
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
        dim_names.push(utf8(name?, "dim_names")?);
    }
    Ok(dim_names)
}

/// Checks that the band has each spatial dimension of its row exactly once, with the extent that the row says. Returns whether
/// the band's dims are x and y, in this order.
#[inline]
fn check_grid(columns: &Columns<'_>, row: usize, dim_names: &[&str], shape: &[usize]) -> Result<bool> {
    let extents = columns.spatial_shape(row)?;
    // Needs no UTF-8 validation: a name is only accepted if it equals a dim name of the band, which was validated.
    let dims = columns.spatial_dims().get(row, "spatial_dims")?;
    if dims.len() != extents.len() {
        let (dims, extents) = (dims.len(), extents.len());
        return Err(error!(Malformed, "spatial_shape: it has {extents} extents for {dims} spatial_dims"));
    }
    let has_x_and_y = dim_names.len() == 2 && dims.len() == 2;
    let (mut x_first, index) = (false, NameIndex::new(dim_names, dims.len()));
    let mut is_taken: Axes<bool> = for_each_axis(shape.len(), |_| false);
    for (position, (dim, &extent)) in dims.zip(extents).enumerate() {
        let dim = dim?;
        let Place::Once(axis) = index.find(dim) else {
            return Err(not_once(dim, index.find(dim), dim_names));
        };
        x_first |= has_x_and_y && position == 0 && axis == 0;
        let size = shape.get(axis).copied().unwrap_or_default();
        if i64::try_from(size) != Ok(extent) {
            let dim = ShortBytes(dim);
            return Err(error!(Malformed, "spatial_shape: `{dim}` has extent {extent}, but {size} in the band"));
        }
        if is_taken.get_mut(axis).is_none_or(|taken| std::mem::replace(taken, true)) {
            return Err(error!(Malformed, "spatial_dims: `{}` is there twice", ShortBytes(dim)));
        }
    }
    Ok(x_first)
}

#[cold]
fn not_once(dim: &[u8], place: Place, dim_names: &[&str]) -> Error {
    let how = if place == Place::Nowhere { "not" } else { "more than once" };
    let (dim, dim_names) = (ShortBytes(dim), Few(dim_names));
    error!(Malformed, "spatial_dims: `{dim}` is {how} among the band's dims {dim_names}")
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
