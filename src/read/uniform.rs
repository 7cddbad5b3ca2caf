//! Proves what holds of many rows at once.
//!
//! Nearly every column that is read as a whole has rows that are alike: as many bands each, all with the default dims, of one
//! shape and pixel type, without views. Whether it has takes a comparison of a few slices with what they would be, in loops
//! without an exit, which compare several values at once. Rows that are not like that, valid or not, are left to the general
//! reading ([`band_metadata`](crate::read::band_metadata)), which also makes the error messages.

use std::ops::Range;

use arrow_array::{Array, BinaryViewArray};
use arrow_buffer::Buffer;
use arrow_data::ByteView;
use ndarray::{ArrayView, ArrayView2, Dimension};

use crate::format::bytes::BytesColumn;
use crate::format::columns::Columns;
use crate::format::payload::MAX_INLINE;
use crate::format::values::none_null;
use crate::pixel::{Pixel, PixelType, aligned};
use crate::read::evenly::Steps;

/// Rows that are alike. Their bands are as many, have the default dims, this shape and pixel type, no view, and text and nodata
/// that can be read. Of their payloads only the type of the column is known.
#[derive(Clone, Copy)]
pub(crate) struct UniformRows<'a> {
    /// The first row.
    row: usize,
    rows: usize,
    /// The position of the first band among the bands of all rows.
    index: usize,
    /// The number of bands of a row.
    bands: usize,
    shape: [usize; 2],
    pixel_type: PixelType,
    /// The bytes of each payload: more than Arrow stores in place.
    bytes: usize,
    payloads: &'a BinaryViewArray,
}

/// The only band of one of such rows.
#[derive(Clone, Copy)]
pub(crate) struct KnownBand<'a> {
    index: usize,
    shape: [usize; 2],
    pixel_type: PixelType,
    bytes: usize,
    payloads: &'a BinaryViewArray,
}

impl<'a> KnownBand<'a> {
    /// Borrows its pixels if they are `T` and lie where they should. Returns `None` otherwise.
    #[inline]
    pub(crate) fn view<T: Pixel, D: Dimension>(&self) -> Option<ArrayView<'a, T, D>> {
        if self.pixel_type != T::PIXEL_TYPE || D::NDIM.is_some_and(|ndim| ndim != 2) {
            return None;
        }
        let pixels = aligned(payload(self.payloads, self.index, self.bytes)?)?;
        // Makes a matrix first, because that is cheaper than an array of any number of axes.
        ArrayView2::from_shape(self.shape, pixels).ok()?.into_dimensionality().ok()
    }
}

/// Rows whose payloads lie evenly spaced in one buffer.
pub(crate) struct Run<'a> {
    pub(crate) buffer: &'a Buffer,
    /// The byte at which the first payload starts.
    pub(crate) start: usize,
    pub(crate) steps: Steps,
    /// The number of rows.
    pub(crate) rows: usize,
}

impl<'a> UniformRows<'a> {
    /// Looks at all of some rows. Returns `None` unless they are alike.
    pub(crate) fn prove(columns: &Columns<'a>, rows: &Range<usize>) -> Option<Self> {
        if rows.is_empty() || !columns.have_no_null(rows) {
            return None;
        }
        let lists = columns.bands().steady(rows)?;
        let bands = lists.items;
        if bands.is_empty() || !columns.have_no_null_band_and_no_view(&bands) {
            return None;
        }
        let pixel_type = PixelType::try_from(columns.common_pixel_type_id(&bands)?).ok()?;
        let [height, width] = columns.common_source_shape(&bands)?;
        if columns.common_spatial_shape(rows)? != [width, height]
            || !columns.have_default_dims(rows, &bands)
            || !columns.have_valid_optionals(&bands)
        {
            return None;
        }
        let BytesColumn::BinaryView(payloads) = columns.payloads() else { return None };
        let (height, width) = (usize::try_from(height).ok()?, usize::try_from(width).ok()?);
        let bytes = height.checked_mul(width)?.checked_mul(pixel_type.size())?;
        let is_usual = bytes > MAX_INLINE && u32::try_from(bytes).is_ok() && none_null(payloads.nulls(), &bands);
        is_usual.then_some(UniformRows {
            row: rows.start,
            rows: rows.len(),
            index: bands.start,
            bands: lists.each,
            shape: [height, width],
            pixel_type,
            bytes,
            payloads,
        })
    }

    pub(crate) fn rows(&self) -> Range<usize> {
        self.row..self.row + self.rows
    }

    /// Returns the shape of a batch of some rows: rows, bands, height, width.
    pub(crate) fn batch_shape(&self, rows: usize) -> [usize; 4] {
        let [height, width] = self.shape;
        [rows, self.bands, height, width]
    }

    pub(crate) fn pixel_type(&self) -> PixelType {
        self.pixel_type
    }

    /// Returns the bytes of each payload.
    pub(crate) fn payload_len(&self) -> usize {
        self.bytes
    }

    /// Returns the positions of a row's bands among the bands of all rows. `None` if it is none of these rows.
    pub(crate) fn band_range(&self, row: usize) -> Option<Range<usize>> {
        let offset = row.checked_sub(self.row).filter(|offset| *offset < self.rows)?;
        let first = self.index + offset * self.bands;
        Some(first..first + self.bands)
    }

    /// Returns the payload of the band at `index`, if it is there and as long as it must be.
    #[inline]
    pub(crate) fn payload(&self, index: usize) -> Option<&'a [u8]> {
        payload(self.payloads, index, self.bytes)
    }

    /// Returns what is known of a row's only band. `None` if it is none of these rows, or if they have several bands.
    #[inline]
    pub(crate) fn known_band(&self, row: usize) -> Option<KnownBand<'a>> {
        let offset = row.checked_sub(self.row).filter(|offset| *offset < self.rows && self.bands == 1)?;
        let UniformRows { shape, pixel_type, bytes, payloads, .. } = *self;
        Some(KnownBand { index: self.index + offset, shape, pixel_type, bytes, payloads })
    }

    /// Finds how many rows from `row` on have payloads that lie evenly spaced in one buffer: one at least, or `None`.
    pub(crate) fn run(&self, row: usize) -> Option<Run<'a>> {
        let first = self.band_range(row)?.start;
        let views: &[u128] = self.payloads.views();
        let views = views.get(first..self.index + self.rows * self.bands)?;
        let place = ByteView::from(*views.first()?);
        let buffer = self.payloads.data_buffers().get(place.buffer_index as usize)?;
        // What lies in another buffer, or has another length, lies nowhere: the rows before it are a run.
        let distance = |index: usize| {
            let other = views.get(index).map(|view| ByteView::from(*view));
            let other = other.filter(|other| other.buffer_index == place.buffer_index);
            other.map(|other| i64::from(other.offset) - i64::from(place.offset))
        };
        let len = i64::from(place.length);
        let across = if self.bands > 1 { distance(1)? } else { len };
        let down = distance(self.bands).or_else(|| across.checked_mul(i64::try_from(self.bands).ok()?))?;
        let expected = Expected { len: self.bytes as u32, place, bands: self.bands, down, across };
        let rows = expected.rows(views);
        let steps = Steps { down: isize::try_from(down).ok()?, across: isize::try_from(across).ok()? };
        (rows > 0).then_some(Run { buffer, start: place.offset as usize, steps, rows })
    }

    /// Returns whether the first payloads of two rows lie in buffers that begin at one address.
    pub(crate) fn is_same_memory(&self, row: usize, other: usize) -> bool {
        let buffer = |row: usize| {
            let view = ByteView::from(*self.payloads.views().get(self.band_range(row)?.start)?);
            Some(self.payloads.data_buffers().get(view.buffer_index as usize)?.as_ptr())
        };
        buffer(row).is_some() && buffer(row) == buffer(other)
    }
}

/// Returns the payload at `index`, if it lies in a buffer and has exactly so many bytes.
#[inline]
fn payload(payloads: &BinaryViewArray, index: usize, bytes: usize) -> Option<&[u8]> {
    let view = ByteView::from(*payloads.views().get(index)?);
    if view.length as usize != bytes {
        return None;
    }
    let buffer = payloads.data_buffers().get(view.buffer_index as usize)?;
    let start = view.offset as usize;
    buffer.as_slice().get(start..start.checked_add(bytes)?)
}

impl Run<'_> {
    /// Returns whether its payloads, of `len` bytes and so many a row, lie one after the other.
    pub(crate) fn is_dense(&self, bands: usize, len: usize) -> bool {
        let of_row = bands.checked_mul(len).and_then(|len| isize::try_from(len).ok());
        (self.rows == 1 || Some(self.steps.down) == of_row)
            && (bands == 1 || usize::try_from(self.steps.across) == Ok(len))
    }
}

/// What the descriptors of payloads are if these lie evenly.
struct Expected {
    len: u32,
    /// That of the first payload.
    place: ByteView,
    bands: usize,
    /// From a row to the next, in bytes.
    down: i64,
    /// From a band of a row to the next, in bytes.
    across: i64,
}

impl Expected {
    /// Returns how many rows, from the first on, are as expected.
    fn rows(&self, views: &[u128]) -> usize {
        let mut found = 0;
        let mut start = i64::from(self.place.offset);
        // Blocks of rows without an exit, so that several descriptors are compared at once.
        let rows = (64 / self.bands).max(1);
        for block in views.chunks(rows * self.bands) {
            let mut end = start;
            let wrong = block.chunks_exact(self.bands).fold(0, |wrong, row| {
                let wrong = wrong | self.differs(row, end);
                end = end.wrapping_add(self.down);
                wrong
            });
            if wrong != 0 {
                let is_even = |row: &&[u128]| {
                    let is_even = self.differs(row, start) == 0;
                    start = start.wrapping_add(self.down);
                    is_even
                };
                return found + block.chunks_exact(self.bands).take_while(is_even).count();
            }
            found += block.len() / self.bands;
            start = end;
        }
        found
    }

    /// Returns 0 if the descriptors of a row are as expected.
    #[inline(always)]
    fn differs(&self, row: &[u128], start: i64) -> u64 {
        let mut expected = start;
        row.iter().fold(0, |wrong, view| {
            let ByteView { length, buffer_index, offset, .. } = ByteView::from(*view);
            let other = (length ^ self.len) | (buffer_index ^ self.place.buffer_index);
            let wrong = wrong | u64::from(other) | (i64::from(offset) ^ expected) as u64;
            expected = expected.wrapping_add(self.across);
            wrong
        })
    }
}
