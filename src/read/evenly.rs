//! Makes one array view of several bands that lie evenly spaced in one data buffer.

use arrow_buffer::Buffer;
use ndarray::{ArrayViewD, IxDyn};

use crate::pixel::Pixel;
use crate::read::band::BandRef;
use crate::strided::array_view;
use crate::strided::layout::Layout;
use crate::view::Axes;

/// Where the visible pixels of a band lie in a data buffer, in bytes: the pixel at index zero (`first`), the lowest
/// address, and the end of the highest pixel.
pub(crate) struct Extent<'a> {
    buffer: &'a Buffer,
    first: usize,
    lowest: usize,
    end: usize,
    /// The strides of the band's visible axes, in pixels.
    strides: Axes<isize>,
}

impl<'a> Extent<'a> {
    /// Returns `None` for a band that lies in no data buffer. It must have pixels, and be readable as `T`.
    pub(crate) fn new<T: Pixel>(band: &BandRef<'a>) -> Option<Self> {
        let (buffer, start) = band.location()?;
        let Layout { strides, offset, lowest, extent } = match band.layout().ok()? {
            Some(layout) => layout,
            None => Layout::new(band.view())?,
        };
        let at = |pixel: usize| start + pixel * size_of::<T>();
        Some(Extent { buffer, first: at(offset), lowest: at(lowest), end: at(lowest + extent), strides })
    }
}

/// The steps between bands that lie evenly: from a row to the next, and from a band of a row to the next.
#[derive(Clone, Copy, Default)]
pub(crate) struct Steps {
    pub(crate) down: isize,
    pub(crate) across: isize,
}

/// Bands that lie evenly so far, row by row.
pub(crate) struct Evenly<'a> {
    extents: Vec<Extent<'a>>,
    /// The number of bands of a row.
    bands: usize,
    /// Those that are known: `across` with the second band of a row, `down` with the second row.
    steps: Steps,
}

impl<'a> Evenly<'a> {
    pub(crate) fn new(bands: usize) -> Self {
        Evenly { extents: Vec::new(), bands, steps: Steps::default() }
    }

    /// Adds a band, the next of a row or the first of the next row. Returns `None` if it does not lie evenly with those before.
    pub(crate) fn push<T: Pixel>(&mut self, extent: Extent<'a>) -> Option<()> {
        let (row, band) = (self.extents.len().checked_div(self.bands)?, self.extents.len().checked_rem(self.bands)?);
        if let Some(first) = self.extents.first() {
            let distance = isize::try_from(extent.first).ok()?.checked_sub(isize::try_from(first.first).ok()?)?;
            match (row, band) {
                (0, 1) => self.steps.across = distance,
                (1, 0) => self.steps.down = distance,
                _ => {}
            }
            let along = |step: isize, index: usize| step.checked_mul(isize::try_from(index).ok()?);
            let expected = along(self.steps.down, row)?.checked_add(along(self.steps.across, band)?)?;
            let is_whole = distance % isize::try_from(size_of::<T>()).ok()? == 0;
            let is_alike = extent.buffer.as_ptr() == first.buffer.as_ptr() && extent.strides == first.strides;
            if !is_alike || !is_whole || distance != expected {
                return None;
            }
        }
        self.extents.push(extent);
        Some(())
    }

    /// Forgets bands until so many are left.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.extents.truncate(rows * self.bands);
    }

    /// Makes one array view of shape `(row, band, ...)` of all bands, which must be whole rows of `shape` pixels.
    pub(crate) fn view<T: Pixel>(&self, shape: &[usize]) -> Option<ArrayViewD<'a, T>> {
        let first = self.extents.first()?;
        let lowest = self.extents.iter().map(|extent| extent.lowest).min()?;
        let end = self.extents.iter().map(|extent| extent.end).max()?;
        // Of buffers that begin at one address, one that holds them all.
        let bytes = self.extents.iter().find_map(|extent| extent.buffer.as_slice().get(lowest..end))?;
        let pixels = bytemuck::try_cast_slice(bytes).ok()?;
        let size = isize::try_from(size_of::<T>()).ok()?;
        let Steps { down, across } = self.steps;
        let outer = [self.extents.len().checked_div(self.bands)?, self.bands];
        let shape: Axes<usize> = outer.into_iter().chain(shape.iter().copied()).collect();
        let strides: Axes<isize> =
            [down / size, across / size].into_iter().chain(first.strides.iter().copied()).collect();
        array_view::view::<T, IxDyn>(pixels, &shape, Some(&strides)).ok()
    }
}
