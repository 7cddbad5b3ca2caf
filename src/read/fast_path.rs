//! The pixels of a default band, read without a detour.
//!
//! Nearly every band is the only one of its raster, on dims `["y", "x"]` over the raster's `["x", "y"]`. A few comparisons
//! tell whether a band is one of those, where the general reading ([`band_metadata`](crate::read::band_metadata)) builds
//! lists. Every other band, right or wrong, is left to the general reading, which also has the words for what is wrong.

use std::ops::Range;

use ndarray::{ArrayView, ArrayView2, Dimension};

use crate::format::columns::Columns;
use crate::pixel::{Pixel, aligned};
use crate::read::band_metadata::is_on_grid;
use crate::strided::array_view;
use crate::strided::layout::Layout;
use crate::view::ViewEntry;

/// The only band of a row, whose dims are the default.
#[derive(Clone, Copy)]
pub(crate) struct DefaultBand {
    index: usize,
    source_shape: [usize; 2],
}

impl DefaultBand {
    /// `None` if the row has another number of bands, or other dims, or if something is wrong.
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

    /// Its position among the bands of all rows.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// The height and width of the payload.
    #[inline]
    pub(crate) fn source_shape(self) -> [usize; 2] {
        self.source_shape
    }

    /// The payload, if it is there and of the right length.
    #[inline]
    pub(crate) fn payload<'a>(self, columns: &Columns<'a>, pixel_size: usize) -> Option<&'a [u8]> {
        let [height, width] = self.source_shape;
        let len = height.checked_mul(width)?.checked_mul(pixel_size)?;
        let bytes = columns.payloads().get(self.index).ok()?;
        (bytes.len() == len && len > 0).then_some(bytes)
    }
}

/// Borrows the pixels of a row's default band: if they are `T`, loaded, and aligned for `T`. `None` for everything else.
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
    // As a matrix first, which is cheaper to make than an array of any number of axes.
    let view = match columns.view_range(index).ok()? {
        None if is_on_grid(columns, row, band.source_shape) => {
            ArrayView2::from_shape(band.source_shape, pixels).ok()?
        }
        None => return None,
        Some(entries) => through_view(columns, row, band.source_shape, &entries, pixels)?,
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
    let stored = columns.view_entries(entries).ok()?;
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
    array_view::view(seen, &shape, Some(&layout.strides)).ok()
}
