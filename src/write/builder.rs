//! Builds a raster column row by row.

use std::fmt;

use crate::error::{Error, Result, error};
use crate::format::payload::Payload;
use crate::format::text_builders::ByContent;
use crate::pixel::Pixel;
use crate::read::raster_array::RasterArray;
use crate::shown::Few;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::parts::RasterParts;
use crate::write::raster::Raster;
use crate::write::storage::{MemoryLayout, PixelArray, payload_len};

/// A builder of a [`RasterArray`], which appends one row after the other.
///
/// [`RasterArrayBuilder::new`] starts a column without rows, and [`finish`](Self::finish) returns it.
///
/// Payloads of more than 4 KiB keep the buffer that they are in. Smaller ones are copied into common blocks, where each
/// starts at a multiple of 64 bytes. Up to 12 bytes are stored in place.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, RasterArrayBuilder, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2]])?;
/// let mut column = RasterArrayBuilder::new();
/// column.append(&raster)?;
/// column.append_null();
/// column.append(&raster)?;
/// let column = column.finish()?;
/// assert_eq!(column.len(), 3);
/// assert!(column.is_null(1));
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct RasterArrayBuilder {
    column: RasterColumnBuilder<ByContent>,
    rows: usize,
    /// Set if a row was written only in part. Then the column cannot be finished.
    failure: Option<Error>,
}

impl RasterArrayBuilder {
    /// Starts a column without rows.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(ndraster::RasterArrayBuilder::new().finish()?.is_empty());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn new() -> Self {
        RasterArrayBuilder { column: RasterColumnBuilder::growing(), rows: 0, failure: None }
    }

    /// Starts a column with room for the metadata of so many rows of one band each.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut column = ndraster::RasterArrayBuilder::with_capacity(1000);
    /// column.append_null();
    /// assert_eq!(column.finish()?.len(), 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn with_capacity(rows: usize) -> Self {
        let mut builder = Self::new();
        builder.column.reserve(rows);
        builder
    }

    /// Starts a column of about so many rows, whose payloads are copied one after the other, without padding.
    ///
    /// If all rows are alike, [`as_batch_view`](RasterArray::as_batch_view) borrows the column as one array, or
    /// [`batch_views`](RasterArray::batch_views) as one for each 64 MiB, and one for each few rows beyond the number. Payloads of
    /// more than 1 MiB are not copied, nor those of more than 4 KiB that the row shows in part, or whose memory something else
    /// than the row holds too. [`to_packed_batch`](RasterArray::to_packed_batch) copies those as well.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArrayBuilder, ndarray::Array2};
    /// let mut column = RasterArrayBuilder::packed(100);
    /// (0..100).try_for_each(|fill| column.append_ndarray(Array2::from_elem((3, 5), fill)))?;
    /// let column = column.finish()?;
    /// assert!(column.as_batch_view::<i32>()?.is_standard_layout());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn packed(rows: usize) -> Self {
        RasterArrayBuilder { column: RasterColumnBuilder::packed(rows), rows: 0, failure: None }
    }

    /// Appends an array of shape `(height, width)`, as [`Raster::from_ndarray`] makes a raster of it, without that raster.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the array has two axes. The column stays as it was.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the array has more than 2^31 - 1 bytes. The column stays as it
    ///   was.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the column would have more than 2^31 - 1 list items. Then it
    ///   cannot be finished.
    ///
    /// # Cost
    ///
    /// Up to 4 KiB are copied, and nothing is allocated but for growth. The memory of larger arrays moves or is shared if it is
    /// in C order; memory in another order, array views and references are copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{RasterArrayBuilder, ndarray::Array2};
    ///
    /// let mut column = RasterArrayBuilder::with_capacity(3);
    /// for fill in 0..3 {
    ///     column.append_ndarray(Array2::from_elem((16, 16), fill))?;
    /// }
    /// assert_eq!(column.finish()?.to_batch::<i32>()?.sum(), 768);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn append_ndarray<A: PixelArray>(&mut self, array: A) -> Result<()> {
        array.with_memory(|memory| {
            let pixel_type = A::Pixel::PIXEL_TYPE;
            let &[height, width] = memory.shape() else { return Err(not_a_matrix(memory.shape())) };
            let (shape, len) = ([height, width], payload_len(memory.shape(), pixel_type)?);
            let pushed = match memory.as_bytes().filter(|_| len < self.column.share_from()) {
                Some(bytes) => self.column.push_matrix(shape, pixel_type, bytes, None),
                None => {
                    let (buffer, start) = memory.into_c_order(MemoryLayout::Standard)?;
                    let payload = Payload::new(buffer, start, len)?;
                    self.column.push_matrix(shape, pixel_type, payload.bytes(), Some(payload.location()))
                }
            };
            self.pushed(pushed)
        })
    }

    /// Counts a row, and remembers an error after which the column cannot be finished.
    fn pushed(&mut self, pushed: Result<()>) -> Result<()> {
        self.rows += 1;
        pushed.inspect_err(|error| {
            self.failure = Some(Error::new(error.kind(), format_args!("an earlier row did not fit: {error}")));
        })
    }

    /// Appends a raster, or a null row for `None`.
    ///
    /// Takes a [`RasterRef`](crate::RasterRef), a `&Raster`, or an `Option` of either.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band. The column stays as it was. A `&Raster` is
    ///   always valid.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if the
    ///   column would have more list items than that, or more bytes of text, all its texts together. Then the column
    ///   cannot be finished.
    ///
    /// # Cost
    ///
    /// Copies the metadata. A payload of more than 4 KiB is shared, a smaller one is copied: once for the rows that show parts of
    /// it and come one after the other, such as tiles.
    ///
    /// # Examples
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
            Row::Ref(raster) => self.column.push(&RasterParts::read(&raster)?),
            Row::Raster(raster) => self.column.push_owned(raster.parts()),
        };
        self.pushed(pushed)
    }

    /// Appends a null row, as SedonaDB writes it.
    ///
    /// # Cost
    ///
    /// About fifty bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut column = ndraster::RasterArrayBuilder::new();
    /// column.append_null();
    /// assert_eq!(column.finish()?.iter().flatten().count(), 0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn append_null(&mut self) {
        self.rows += 1;
        if let Err(error) = self.column.push_null() {
            self.failure = Some(error);
        }
    }

    /// Returns the number of rows so far.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(ndraster::RasterArrayBuilder::new().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Returns whether there are no rows so far.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(ndraster::RasterArrayBuilder::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the column.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a row did not fit.
    ///
    /// # Cost
    ///
    /// Depends on the number of rows, not of pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(ndraster::RasterArrayBuilder::new().finish()?.len(), 0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn finish(self) -> Result<RasterArray> {
        match self.failure {
            Some(error) => Err(error),
            None => self.column.finish(),
        }
    }
}

#[cold]
fn not_a_matrix(shape: &[usize]) -> Error {
    error!(
        Shape,
        "a row of two axes is appended, this shape is {}: append `Raster::from_bands(Band::split(a, Axis(0))?)?` if the first of \
         three is the bands, or name axes with `Band::from_ndarray(a)?.with_dim_names(..)`; many arrays of one shape are a \
         batch, `RasterArray::from_ndarray_batch(ndarray::stack(Axis(0), ..)?)`",
        Few(shape)
    )
}

impl RasterArray {
    /// Makes a column of one raster for each array of shape `(height, width)`.
    ///
    /// # Errors
    ///
    /// Those of [`RasterArrayBuilder::append_ndarray`], with the row.
    ///
    /// # Cost
    ///
    /// That of `append_ndarray`, for each array. Of one array with all rows,
    /// [`from_ndarray_batch`](Self::from_ndarray_batch) copies nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array2};
    /// let column = RasterArray::from_ndarrays((1..4).map(|side| Array2::<u8>::zeros((side, side))))?;
    /// assert_eq!(column.get(2).unwrap().width()?, 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_ndarrays<A: PixelArray>(arrays: impl IntoIterator<Item = A>) -> Result<Self> {
        let arrays = arrays.into_iter();
        // An iterator may claim any number.
        let mut column = RasterArrayBuilder::with_capacity(arrays.size_hint().0.min(1 << 16));
        for (row, array) in arrays.enumerate() {
            column.append_ndarray(array).map_err(|e| e.in_row(Some(row)))?;
        }
        column.finish()
    }
}

impl Default for RasterArrayBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows that [`RasterArrayBuilder::append`] takes: a [`RasterRef`](crate::RasterRef), a `&Raster`, or an `Option`
/// of either.
///
/// This trait is sealed: other crates cannot implement it.
///
/// # Examples
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
    use crate::read::raster_ref::RasterRef;
    use crate::write::raster::Raster;

    /// Matched as soon as it is made, and never stored.
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

/// Collects rasters into a column. `None` becomes a null row.
///
/// # Panics
///
/// Panics if all names and other texts together have more than 2^31 - 1 bytes, where a CRS that rows repeat counts once.
/// [`RasterArrayBuilder`] returns an error instead.
impl FromIterator<Option<Raster>> for RasterArray {
    fn from_iter<I: IntoIterator<Item = Option<Raster>>>(rasters: I) -> Self {
        let mut column = RasterArrayBuilder::new();
        let appended = rasters.into_iter().try_for_each(|raster| column.append(raster.as_ref()));
        match appended.and_then(|()| column.finish()) {
            Ok(column) => column,
            // A `Raster` is valid by construction, so only the limits of an Arrow column are left.
            #[allow(clippy::panic, reason = "`FromIterator` cannot fail, and documents it")]
            Err(error) => panic!("{error}"),
        }
    }
}

/// Collects rasters into a column.
///
/// # Panics
///
/// Panics if all names and other texts together have more than 2^31 - 1 bytes, where a CRS that rows repeat counts once.
/// [`RasterArrayBuilder`] returns an error instead.
impl FromIterator<Raster> for RasterArray {
    fn from_iter<I: IntoIterator<Item = Raster>>(rasters: I) -> Self {
        rasters.into_iter().map(Some).collect()
    }
}

impl fmt::Debug for RasterArrayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RasterArrayBuilder").field("rows", &self.rows).finish_non_exhaustive()
    }
}
