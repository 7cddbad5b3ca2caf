//! Borrows the pixels of a default band without reading all of its metadata.
//!
//! A default band is the only band of its raster, and has the dims `["y", "x"]` where the raster's spatial dims are
//! `["x", "y"]`. Nearly every band is one. A few comparisons decide whether a band is one, without the lists that the
//! general reading ([`band_metadata`](crate::read::band_metadata)) builds. Every other band, valid or not, is left to
//! the general reading, which also makes the error messages.

use ndarray::{ArrayView, ArrayView2, Dimension};

use crate::format::columns::Columns;
use crate::format::lists::ViewEntryColumns;
use crate::pixel::{Pixel, aligned};
use crate::read::band_metadata::is_on_grid;
use crate::strided::array_view;
use crate::strided::layout::Layout;
use crate::view::ViewEntry;

/// The only band of a row, with the default dims.
#[derive(Clone, Copy)]
pub(crate) struct DefaultBand {
    index: usize,
    source_shape: [usize; 2],
}

impl DefaultBand {
    /// Returns the band of a row, or `None` if the row has another number of bands or other dims, or is malformed.
    #[inline]
    pub(crate) fn find(columns: &Columns<'_>, row: usize) -> Option<Self> {
        let bands = columns.bands().range(row, "").ok()??;
        let index = bands.start;
        if bands.len() != 1 || index >= columns.num_bands() || columns.is_null_band(index) {
            return None;
        }
        let &[height, width] = columns.source_shape(index).ok()? else { return None };
        let source_shape = [usize::try_from(height).ok()?, usize::try_from(width).ok()?];
        columns.has_default_dims(row, index).then_some(DefaultBand { index, source_shape })
    }

    /// Returns its position among the bands of all rows.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// Returns the height and the width of the payload, in pixels.
    #[inline]
    pub(crate) fn source_shape(self) -> [usize; 2] {
        self.source_shape
    }

    /// Returns the payload, or `None` if it is empty or does not have exactly the bytes that its shape needs.
    #[inline]
    pub(crate) fn payload<'a>(self, columns: &Columns<'a>, pixel_size: usize) -> Option<&'a [u8]> {
        let [height, width] = self.source_shape;
        let len = height.checked_mul(width)?.checked_mul(pixel_size)?;
        let bytes = columns.payloads().payload(self.index).ok()?;
        (bytes.len() == len && len > 0).then_some(bytes)
    }
}

/// Borrows the pixels of a row's default band if they are `T`, loaded, and aligned for `T`.
///
/// Returns `None` for everything else, also for what is malformed.
#[inline]
pub(crate) fn view<'a, T: Pixel, D: Dimension>(columns: &Columns<'a>, row: usize) -> Option<ArrayView<'a, T, D>> {
    if D::NDIM.is_some_and(|ndim| ndim != 2) {
        return None;
    }
    let band = DefaultBand::find(columns, row)?;
    let index = band.index;
    if columns.pixel_type_id(index).ok()? != T::PIXEL_TYPE.id() || !columns.has_valid_optionals(index) {
        return None;
    }
    let pixels = aligned(band.payload(columns, size_of::<T>())?)?;
    // Makes a matrix first, because that is cheaper than an array of any number of axes.
    let view = match columns.view_entries(index, 2).ok()? {
        None if is_on_grid(columns, row, band.source_shape) => {
            ArrayView2::from_shape(band.source_shape, pixels).ok()?
        }
        None => return None,
        Some(entries) => through_view(columns, row, band.source_shape, &entries, pixels)?,
    };
    view.into_dimensionality().ok()
}

/// Lays the stored view over the pixels. Returns `None` if it is not valid, shows no pixels or does not fit the row's
/// grid.
#[inline]
fn through_view<'a, T: Pixel>(
    columns: &Columns<'a>,
    row: usize,
    source: [usize; 2],
    stored: &ViewEntryColumns<'_>,
    pixels: &'a [T],
) -> Option<ArrayView2<'a, T>> {
    let mut pair = [ViewEntry::default(); 2];
    pair.iter_mut().zip(stored.entries()).for_each(|(slot, entry)| *slot = entry);
    // These are the invariants that `View::new` checks.
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
    array_view::view(seen, &shape, Some(&layout.strides)).ok()
}
