//! Rows in parallel, by rayon, as ndarray has it.

use std::ops::Range;

use rayon::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::read::iter::Iter;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;

/// The rows of a [`RasterArray`], in parallel: `None` for a null. By the feature `rayon`.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, RasterArray, Result, ndarray::Array2};
/// use rayon::prelude::*;
///
/// let tiles = Raster::from_ndarray(Array2::<f32>::ones((512, 512)))?.tiles(64, 64)?;
/// let sums: Vec<f32> = tiles
///     .par_iter()
///     .flatten()
///     .map(|tile| Ok(tile.as_array_view2::<f32>()?.sum()))
///     .collect::<Result<_>>()?;
/// assert_eq!(sums, [4096.0; 64]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParIter<'a> {
    rows: Rows<'a>,
}

/// Rows of a column. Each thread looks the column's arrays up once.
#[derive(Clone, Debug)]
struct Rows<'a> {
    column: &'a RasterArray,
    rows: Range<usize>,
}

impl<'a> IntoParallelIterator for &'a RasterArray {
    type Item = Option<RasterRef<'a>>;
    type Iter = ParIter<'a>;

    fn into_par_iter(self) -> ParIter<'a> {
        ParIter { rows: Rows { column: self, rows: 0..self.len() } }
    }
}

impl<'a> ParallelIterator for ParIter<'a> {
    type Item = Option<RasterRef<'a>>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl IndexedParallelIterator for ParIter<'_> {
    fn len(&self) -> usize {
        self.rows.rows.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<C: ProducerCallback<Self::Item>>(self, callback: C) -> C::Output {
        callback.callback(self.rows)
    }
}

impl<'a> Producer for Rows<'a> {
    type Item = Option<RasterRef<'a>>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.column.iter_rows(self.rows)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let middle = self.rows.start + index;
        let rows = |rows| Rows { column: self.column, rows };
        (rows(self.rows.start..middle), rows(middle..self.rows.end))
    }
}
