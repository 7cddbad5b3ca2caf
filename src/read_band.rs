//! What a band is made of: its metadata, read from the columns and checked against each other.

use arrow_array::Array;

use crate::band::Band;
use crate::columns::{Columns, ViewColumns, binary, is_null, values};
use crate::constant::{XY_LETTERS, YX, YX_LETTERS};
use crate::error::{Error, Result, error};
use crate::pixel::PixelType;
use crate::view::{Axes, View, ViewEntry, for_each_axis};

impl<'a> Band<'a> {
    /// Reads and checks the metadata of band `number` of a row, which is entry `index` of the band columns.
    pub(crate) fn read(
        columns: &Columns<'a>,
        row: usize,
        index: usize,
        number: usize,
        place: Option<usize>,
    ) -> Result<Self> {
        let fail = |error: Error| error.in_band(number).in_row(place);
        if is_null(columns.band.nulls(), index) {
            return Err(fail(error!(Malformed, "the band is null")));
        }
        let pixel_type = read_pixel_type(columns, index).map_err(fail)?;
        let view = read_view(columns, index).map_err(fail)?;
        let dim_names = match usual_dim_names(columns, row, index, view.shape()) {
            Some(dim_names) => dim_names,
            None => {
                let dim_names = read_dim_names(columns, index, view.shape().len()).map_err(fail)?;
                check_grid(columns, row, dim_names.as_slice(), view.shape()).map_err(fail)?;
                dim_names
            }
        };
        Ok(Band {
            row: place,
            number,
            payloads: columns.data,
            index,
            pixel_type,
            dim_names,
            view,
            name: columns.name.get(index, "name").map_err(fail)?,
            outdb_uri: columns.outdb_uri.get(index, "outdb_uri").map_err(fail)?,
            outdb_format: columns.outdb_format.get(index, "outdb_format").map_err(fail)?,
            nodata: binary(columns.nodata, index, "nodata").map_err(fail)?,
        })
    }
}

pub(crate) fn read_pixel_type(columns: &Columns<'_>, index: usize) -> Result<PixelType> {
    let next = index.checked_add(1).unwrap_or(index);
    let ids = values(columns.data_type, index..next, "data_type")?;
    let id = ids.first().copied().ok_or_else(|| error!(Malformed, "data_type: it is missing"))?;
    PixelType::try_from(id)
}

fn read_view(columns: &Columns<'_>, index: usize) -> Result<View> {
    let stored = columns.source_shape.get(index, "source_shape")?;
    let source_shape = extents(stored, "source_shape")?;
    match columns.view.range(index, "view")? {
        None => View::identity(&source_shape),
        Some(range) => {
            if range.len() != source_shape.len() {
                let (found, expected) = (range.len(), source_shape.len());
                return Err(error!(Malformed, "view: expected one entry for each of {expected} axes, found {found}"));
            }
            let entries: Axes<ViewEntry> = ViewColumns::new(columns.view, &range)?.entries().collect();
            View::new(&source_shape, &entries)
        }
    }
}

/// Stored extents, none of them negative.
pub(crate) fn extents(stored: &[i64], what: &str) -> Result<Axes<usize>> {
    if let Some(extent) = stored.iter().find(|extent| usize::try_from(**extent).is_err()) {
        return Err(error!(Malformed, "{what}: {extent} in {stored:?} is no extent"));
    }
    Ok(for_each_axis(stored.len(), |axis| stored.get(axis).copied().unwrap_or_default() as usize))
}

/// The dims of a band on the usual grid: `["y", "x"]` on `["x", "y"]`, with the extents that the row says.
/// `None` for every other band, right or wrong, which the functions below read.
#[inline]
fn usual_dim_names<'a>(columns: &Columns<'a>, row: usize, index: usize, shape: &[usize]) -> Option<DimNames<'a>> {
    let &[height, width] = shape else { return None };
    let &[columns_of_pixels, rows_of_pixels] = columns.spatial_shape.get(row, "").ok()? else { return None };
    let same = i64::try_from(width) == Ok(columns_of_pixels) && i64::try_from(height) == Ok(rows_of_pixels);
    let usual = same && columns.dim_names.is_pair(index, YX_LETTERS) && columns.spatial_dims.is_pair(row, XY_LETTERS);
    let [y, x] = YX;
    usual.then(|| DimNames { first: [y, x, "", ""], len: 2, all: Vec::new() })
}

/// The names of a band's axes: a list that allocates beyond four names only.
///
/// Not [`Axes`], which would tie a band to exactly one lifetime (`TinyVec` is invariant in its items).
#[derive(Clone, Default)]
pub(crate) struct DimNames<'a> {
    first: [&'a str; 4],
    len: usize,
    /// All of them, if there are more than four.
    all: Vec<&'a str>,
}

impl<'a> DimNames<'a> {
    pub(crate) fn as_slice(&self) -> &[&'a str] {
        self.first.get(..self.len).unwrap_or(&self.all)
    }

    fn push(&mut self, name: &'a str) {
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

#[inline]
fn read_dim_names<'a>(columns: &Columns<'a>, index: usize, ndim: usize) -> Result<DimNames<'a>> {
    let names = columns.dim_names.get(index, "dim_names")?;
    if names.len() != ndim {
        return Err(error!(Malformed, "dim_names: found {} names for {ndim} axes", names.len()));
    }
    let mut dim_names = DimNames::default();
    for name in names {
        dim_names.push(name?);
    }
    Ok(dim_names)
}

/// Does the band have each spatial dimension of its row once, with the extent that the row says?
#[inline]
fn check_grid(columns: &Columns<'_>, row: usize, dim_names: &[&str], shape: &[usize]) -> Result<()> {
    let extents = columns.spatial_shape.get(row, "spatial_shape")?;
    // A name that equals one of the band's is UTF-8 as that one is.
    let dims = columns.spatial_dims.get_bytes(row, "spatial_dims")?;
    if dims.len() != extents.len() {
        let (dims, extents) = (dims.len(), extents.len());
        return Err(error!(Malformed, "spatial_shape: it has {extents} extents for {dims} spatial_dims"));
    }
    for (position, (dim, &extent)) in dims.zip(extents).enumerate() {
        let dim = dim?;
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
    Ok(())
}

/// Refuses a spatial dimension that stood before in the row's list.
#[inline]
fn refuse_repeated(columns: &Columns<'_>, row: usize, position: usize, dim: &[u8]) -> Result<()> {
    let mut before = columns.spatial_dims.get_bytes(row, "spatial_dims")?.take(position);
    if before.any(|other| other.is_ok_and(|other| other == dim)) {
        return Err(error!(Malformed, "spatial_dims: `{}` is there twice", String::from_utf8_lossy(dim)));
    }
    Ok(())
}
