//! The pixels of a usual band, read without a detour.
//!
//! Nearly every band that anybody reads is one of one, on dims `["y", "x"]` over a raster's `["x", "y"]`, in C order.
//! Whether it is one takes comparing a few numbers with what the general reading (`src/read_band.rs`) would build lists
//! of. Whatever is not usual, right or wrong, is left to that, which also has the words for what is wrong.

use std::ops::Range;

use arrow_array::Array;
use ndarray::{ArrayView, ArrayView2, Dimension};

use crate::band::aligned;
use crate::columns::{Columns, ViewColumns, binary, is_null, is_valid_or_null};
use crate::constant::{XY_LETTERS, YX_LETTERS};
use crate::geo::GeoTransform;
use crate::layout::Layout;
use crate::parts::BandFields;
use crate::pixel::{Pixel, PixelType};
use crate::raster_ref::RasterRef;
use crate::strided;
use crate::view::ViewEntry;

/// The one band of a row, if it is usual, its pixels are `T` and loaded, and `T` may be borrowed where they lie. `None`
/// for everything else.
#[inline]
pub(crate) fn view<'a, T: Pixel, D: Dimension>(columns: &Columns<'a>, row: usize) -> Option<ArrayView<'a, T, D>> {
    if D::NDIM.is_some_and(|ndim| ndim != 2) {
        return None;
    }
    let (index, source) = find(columns, row)?;
    if id(columns, index)? != T::PIXEL_TYPE.id() || !has_valid_words(columns, index) {
        return None;
    }
    let pixels = aligned(loaded(columns, index, source, size_of::<T>())?)?;
    // As a matrix first, which is cheaper to make than an array of any number of axes.
    let view = match columns.view.range(index, "").ok()? {
        None if is_on_grid(columns, row, source) => ArrayView2::from_shape(source, pixels).ok()?,
        None => return None,
        Some(entries) => through_view(columns, row, source, &entries, pixels)?,
    };
    view.into_dimensionality().ok()
}

/// The pixels through the view that is stored.
#[inline]
fn through_view<'a, T: Pixel>(
    columns: &Columns<'a>,
    row: usize,
    source: [usize; 2],
    entries: &Range<usize>,
    pixels: &'a [T],
) -> Option<ArrayView2<'a, T>> {
    let mut pair = [ViewEntry::default(); 2];
    let stored = ViewColumns::new(columns.view, entries).ok()?;
    if entries.len() != pair.len() {
        return None;
    }
    pair.iter_mut().zip(stored.entries()).for_each(|(slot, entry)| *slot = entry);
    // As `View::new` checks them.
    let ([rows, cols], [down, across]) = (&pair, source);
    let [height, width] = match (rows.source_axis, cols.source_axis) {
        (0, 1) => [rows.check(down)?, cols.check(across)?],
        (1, 0) => [rows.check(across)?, cols.check(down)?],
        _ => return None,
    };
    if height == 0 || width == 0 || !is_on_grid(columns, row, [height, width]) {
        return None;
    }
    let shape = [height, width];
    let layout = Layout::over(&[isize::try_from(across).ok()?, 1], &pair, &shape)?;
    let seen = pixels.get(layout.lowest..)?.get(..layout.extent)?;
    strided::view(seen, &shape, Some(&layout.strides)).ok()
}

/// A row whose one band is usual and loaded, checked as [`RasterParts`](crate::parts::RasterParts) checks it.
pub(crate) struct UsualRow<'a> {
    pub(crate) crs: Option<&'a str>,
    pub(crate) transform: GeoTransform,
    pub(crate) shape: [usize; 2],
    pub(crate) fields: BandFields<'a>,
}

impl<'a> UsualRow<'a> {
    /// `None` for every other row, right or wrong.
    #[inline]
    pub(crate) fn read(raster: RasterRef<'a>) -> Option<Self> {
        let (columns, row) = raster.place_in_columns();
        let (index, shape) = find(columns, row)?;
        if !is_null(columns.view.0.nulls(), index) || !is_on_grid(columns, row, shape) {
            return None;
        }
        let pixel_type = PixelType::try_from(id(columns, index)?).ok()?;
        let nodata = binary(columns.nodata, index, "").ok()?;
        if nodata.is_some_and(|nodata| nodata.len() != pixel_type.size()) {
            return None;
        }
        let fields = BandFields {
            name: columns.name.get(index, "").ok()?,
            pixel_type,
            nodata,
            outdb_uri: columns.outdb_uri.get(index, "").ok()?,
            outdb_format: columns.outdb_format.get(index, "").ok()?,
            bytes: loaded(columns, index, shape, pixel_type.size())?,
            home: columns.data.locate(index),
        };
        Some(UsualRow { crs: raster.crs().ok()?, transform: raster.transform().ok()?, shape, fields })
    }
}

/// The index and the source shape of the one band of a row, if its axes are the usual ones.
#[inline]
fn find(columns: &Columns<'_>, row: usize) -> Option<(usize, [usize; 2])> {
    let bands = columns.bands.range(row, "").ok()??;
    let index = bands.start;
    let band = columns.band;
    if bands.len() != 1 || index >= band.len() || is_null(band.nulls(), index) {
        return None;
    }
    let &[height, width] = columns.source_shape.get(index, "").ok()? else { return None };
    let source = [usize::try_from(height).ok()?, usize::try_from(width).ok()?];
    let usual = columns.dim_names.is_pair(index, YX_LETTERS) && columns.spatial_dims.is_pair(row, XY_LETTERS);
    usual.then_some((index, source))
}

/// Does the raster have that height and width?
#[inline]
fn is_on_grid(columns: &Columns<'_>, row: usize, [height, width]: [usize; 2]) -> bool {
    let shape = columns.spatial_shape.get(row, "").ok();
    shape.is_some_and(|shape| shape == [width as i64, height as i64])
}

/// The number of the pixel type.
#[inline]
fn id(columns: &Columns<'_>, index: usize) -> Option<u32> {
    let id = columns.data_type.values().get(index)?;
    (!is_null(columns.data_type.nulls(), index)).then_some(*id)
}

/// The payload, if it is there and of the right length.
#[inline]
fn loaded<'a>(columns: &Columns<'a>, index: usize, [height, width]: [usize; 2], size: usize) -> Option<&'a [u8]> {
    let len = height.checked_mul(width)?.checked_mul(size)?;
    let bytes = columns.data.get(index).ok()?;
    (bytes.len() == len && len > 0).then_some(bytes)
}

/// Could all that a band says in words, and its nodata, be read?
#[inline]
fn has_valid_words(columns: &Columns<'_>, index: usize) -> bool {
    let texts = [columns.name, columns.outdb_uri, columns.outdb_format];
    columns.no_words
        || (texts.iter().all(|text| text.is_valid_or_null(index)) && is_valid_or_null(columns.nodata, index))
}
