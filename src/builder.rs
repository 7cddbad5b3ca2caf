//! A raster column, row by row.

use std::fmt;

use crate::assemble::Assembly;
use crate::error::{Error, Result};
use crate::raster_array::RasterArray;
#[cfg(doc)]
use crate::raster_ref::RasterRef;
use crate::read_row::ReadRow;

/// From this many bytes on a payload keeps its own buffer in a column.
///
/// Appending costs the same on both sides of it, as measured; above, copying begins to cost more than sharing.
/// Each buffer costs its column an atomic count when it is dropped, and a place in the list that filters
/// copy: a million small tiles in a million buffers is what the blocks are there to avoid.
pub(crate) const SHARE_FROM: usize = 4097;

/// Builds a [`RasterArray`], one raster after the other.
///
/// Payloads of more than 4 KiB keep the buffer that they are in; smaller ones are copied, each to a
/// multiple of 64 bytes, into common blocks.
///
/// ```
/// use ndraster::{Raster, RasterArrayBuilder, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2]])?;
/// let mut column = RasterArrayBuilder::new();
/// column.append(&raster)?;
/// column.append_null();
/// column.append(raster.as_ref())?;
/// let column = column.finish()?;
/// assert_eq!(column.len(), 3);
/// assert!(column.is_null(1));
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct RasterArrayBuilder {
    assembly: Assembly,
    rows: usize,
    /// Why a row could be written in part only: then there is no column to finish.
    failure: Option<Error>,
}

impl RasterArrayBuilder {
    /// A column without rows.
    ///
    /// Cost: none until something is appended.
    ///
    /// ```
    /// assert!(ndraster::RasterArrayBuilder::new().finish()?.is_empty());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn new() -> Self {
        RasterArrayBuilder { assembly: Assembly::new(SHARE_FROM), rows: 0, failure: None }
    }

    /// A column that shares every payload that Arrow does not store in place.
    pub(crate) fn sharing() -> Self {
        RasterArrayBuilder { assembly: Assembly::new(0), rows: 0, failure: None }
    }

    /// Adds a raster, or a null for a `None`: a [`RasterRef`], a `&Raster`, or an option of either.
    ///
    /// Cost: metadata are copied; a payload of more than 4 KiB is shared, a smaller one copied.
    ///
    /// # Errors
    /// Whatever is wrong with the raster: its metadata (as [`RasterRef::band`]), transform, nodata or
    /// payload. The column stays as it was. [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more
    /// list items or text than Arrow can count in one column, which then cannot be finished.
    ///
    /// ```
    /// use ndraster::{Raster, RasterArrayBuilder, ndarray::array};
    ///
    /// let mut column = RasterArrayBuilder::new();
    /// column.append(&Raster::from_ndarray(array![[1u8, 2]])?)?;
    /// column.append(None::<&Raster>)?;
    /// assert!(column.finish()?.is_null(1));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn append<'a>(&mut self, raster: impl RasterRow<'a>) -> Result<()> {
        let pushed = match raster.into_row() {
            Row::Null => {
                self.append_null();
                return Ok(());
            }
            Row::Ref(raster) => self.assembly.push_row(&ReadRow::read(raster)?),
            Row::Raster(raster) => self.assembly.push_owned(raster.parts()),
        };
        self.rows += 1;
        pushed.inspect_err(|error| {
            self.failure = Some(Error::new(error.kind(), format!("an earlier row did not fit: {error}")));
        })
    }

    /// Adds a null, as SedonaDB writes it.
    ///
    /// Cost: some fifty bytes.
    ///
    /// ```
    /// let mut column = ndraster::RasterArrayBuilder::new();
    /// column.append_null();
    /// assert_eq!(column.finish()?.iter().flatten().count(), 0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn append_null(&mut self) {
        self.rows += 1;
        if let Err(error) = self.assembly.push_null() {
            self.failure = Some(error);
        }
    }

    /// The number of rows so far.
    ///
    /// Cost: none.
    ///
    /// ```
    /// assert_eq!(ndraster::RasterArrayBuilder::new().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Are there no rows yet?
    ///
    /// Cost: none.
    ///
    /// ```
    /// assert!(ndraster::RasterArrayBuilder::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The column.
    ///
    /// Cost: none of it depends on pixels.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a row did not fit.
    ///
    /// ```
    /// assert_eq!(ndraster::RasterArrayBuilder::new().finish()?.len(), 0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn finish(self) -> Result<RasterArray> {
        match self.failure {
            Some(error) => Err(error),
            None => self.assembly.finish(),
        }
    }
}

impl Default for RasterArrayBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// What [`RasterArrayBuilder::append`] takes: a [`RasterRef`], a `&Raster`, or an option of either.
///
/// Sealed.
///
/// ```
/// use ndraster::{Raster, RasterArray, RasterArrayBuilder, RasterRow, ndarray::array};
///
/// fn twice<'a, R: RasterRow<'a> + Copy>(raster: R) -> ndraster::Result<RasterArray> {
///     let mut column = RasterArrayBuilder::new();
///     column.append(raster)?;
///     column.append(raster)?;
///     column.finish()
/// }
/// assert_eq!(twice(&Raster::from_ndarray(array![[1u8, 2]])?)?.len(), 2);
/// # Ok::<(), ndraster::Error>(())
/// ```
pub trait RasterRow<'a>: sealed::IntoRow<'a> {}

impl<'a, R: sealed::IntoRow<'a>> RasterRow<'a> for R {}

use sealed::Row;

mod sealed {
    use crate::{Raster, RasterRef};

    /// Made to be taken apart at once, never kept.
    #[allow(clippy::large_enum_variant, reason = "a box would be an allocation a row")]
    #[derive(Debug)]
    pub enum Row<'a> {
        Null,
        Ref(RasterRef<'a>),
        Raster(&'a Raster),
    }

    pub trait IntoRow<'a> {
        fn into_row(self) -> Row<'a>;
    }

    impl<'a> IntoRow<'a> for RasterRef<'a> {
        fn into_row(self) -> Row<'a> {
            Row::Ref(self)
        }
    }

    impl<'a> IntoRow<'a> for &'a Raster {
        fn into_row(self) -> Row<'a> {
            Row::Raster(self)
        }
    }

    impl<'a, R: IntoRow<'a>> IntoRow<'a> for Option<R> {
        fn into_row(self) -> Row<'a> {
            self.map_or(Row::Null, IntoRow::into_row)
        }
    }
}

impl fmt::Debug for RasterArrayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RasterArrayBuilder").field("rows", &self.rows).finish_non_exhaustive()
    }
}
