//! Defines the iterators over the rows of a column.
//!
//! They look ahead: what holds of the next rows is proven for all of them at once. The first look is at a few rows, so that the
//! first row stays cheap, and each later one at more.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Range;

use ndarray::{ArrayView, Dimension};

use crate::error::Result;
use crate::format::columns::Columns;
use crate::pixel::Pixel;
use crate::read::raster_ref::RasterRef;
use crate::read::uniform::{KnownBand, UniformRows};

/// The rows of the first look, and the most of one look.
const FIRST_LOOK: usize = 16;
const LONGEST_LOOK: usize = 4096;

/// What is known of the next rows.
#[derive(Clone)]
struct LookAhead<'a> {
    uniform: Option<UniformRows<'a>>,
    /// The end of the rows that were looked at.
    end: usize,
    next_look: usize,
}

impl<'a> LookAhead<'a> {
    fn new(row: usize) -> Self {
        LookAhead { uniform: None, end: row, next_look: FIRST_LOOK }
    }

    /// Returns what is known of the only band of a row, of which the column has `end`.
    #[inline]
    fn known(&mut self, columns: &Columns<'a>, row: usize, end: usize) -> Option<KnownBand<'a>> {
        if row >= self.end {
            self.look(columns, row, end);
        }
        self.uniform.as_ref()?.known_band(row)
    }

    #[inline(never)]
    fn look(&mut self, columns: &Columns<'a>, row: usize, end: usize) {
        self.end = end.min(row.saturating_add(self.next_look));
        self.next_look = (self.next_look * 4).min(LONGEST_LOOK);
        // A single row is not worth a look.
        let rows = row..self.end;
        self.uniform = if rows.len() > 1 { UniformRows::prove(columns, &rows) } else { None };
    }
}

/// An iterator over the rows of a [`RasterArray`](crate::RasterArray), in order, which
/// [`RasterArray::iter`](crate::RasterArray::iter) makes.
///
/// # Examples
///
/// ```
/// # use ndraster::RasterArrayBuilder;
/// let mut column = RasterArrayBuilder::new();
/// column.append_null();
/// let column = column.finish()?;
/// assert_eq!(column.iter().len(), 1);
/// assert!(column.iter().next_back().unwrap().is_none());
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct Iter<'a> {
    columns: Option<Columns<'a>>,
    rows: Range<usize>,
    ahead: LookAhead<'a>,
}

impl<'a> Iter<'a> {
    pub(crate) fn new(columns: Option<Columns<'a>>, rows: Range<usize>) -> Self {
        Iter { columns, ahead: LookAhead::new(rows.start), rows }
    }

    /// Returns a row that was taken from the front.
    #[inline]
    fn row(&mut self, row: usize) -> Option<RasterRef<'a>> {
        let columns = self.columns.as_ref()?;
        if let Some(known) = self.ahead.known(columns, row, self.rows.end) {
            return Some(RasterRef::with_known_band(columns, row, known));
        }
        (!columns.is_null(row)).then(|| RasterRef::new(columns, row, Some(row)))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Option<RasterRef<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(self.row(row))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        let row = self.rows.nth(n)?;
        Some(self.row(row))
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let row = self.rows.next_back()?;
        let columns = self.columns.as_ref().filter(|columns| !columns.is_null(row));
        Some(columns.map(|columns| RasterRef::new(columns, row, Some(row))))
    }
}

impl ExactSizeIterator for Iter<'_> {}
impl FusedIterator for Iter<'_> {}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("rows", &self.rows).finish()
    }
}

/// An iterator over the pixels of the rows of a column, in order, which
/// [`RasterArray::array_views2`](crate::RasterArray::array_views2) and
/// [`array_views_dim`](crate::RasterArray::array_views_dim) make. An item is `None` for a null row.
///
/// # Examples
///
/// ```
/// # use ndraster::{RasterArray, ndarray::Array3};
/// let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((3, 4, 5)))?;
/// let mut views = column.array_views2::<u8>();
/// assert_eq!(views.len(), 3);
/// assert_eq!(views.next().unwrap()?.unwrap().dim(), (4, 5));
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct ArrayViews<'a, T, D> {
    columns: Option<Columns<'a>>,
    rows: Range<usize>,
    ahead: LookAhead<'a>,
    pixels: PhantomData<fn() -> (T, D)>,
}

impl<'a, T: Pixel, D: Dimension> ArrayViews<'a, T, D> {
    pub(crate) fn new(columns: Option<Columns<'a>>, rows: Range<usize>) -> Self {
        ArrayViews { columns, ahead: LookAhead::new(rows.start), rows, pixels: PhantomData }
    }

    #[inline(never)]
    fn read(&self, row: usize) -> Result<Option<ArrayView<'a, T, D>>> {
        let columns = self.columns.as_ref().filter(|columns| !columns.is_null(row));
        columns.map(|columns| RasterRef::new(columns, row, Some(row)).as_array_view_dim()).transpose()
    }
}

impl<'a, T: Pixel, D: Dimension> Iterator for ArrayViews<'a, T, D> {
    type Item = Result<Option<ArrayView<'a, T, D>>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        let columns = self.columns.as_ref()?;
        let known = self.ahead.known(columns, row, self.rows.end);
        match known.and_then(|band| band.view()) {
            Some(view) => Some(Ok(Some(view))),
            None => Some(self.read(row)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        self.rows.start = self.rows.start.saturating_add(n).min(self.rows.end);
        self.next()
    }
}

impl<T: Pixel, D: Dimension> ExactSizeIterator for ArrayViews<'_, T, D> {}
impl<T: Pixel, D: Dimension> FusedIterator for ArrayViews<'_, T, D> {}

impl<T, D> fmt::Debug for ArrayViews<'_, T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrayViews").field("rows", &self.rows).finish()
    }
}
