//! Defines [`RasterArray`]: a column of rasters.

use std::fmt;
use std::ops::Range;

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::Field;
use ndarray::{Dimension, Ix2};

use crate::error::{Error, Result, error};
use crate::format::columns::Columns;
use crate::format::lists::broken_offsets;
use crate::format::memory::held;
use crate::format::schema::{self, RasterType};
use crate::format::values::is_null;
use crate::limits::{Budget, FEWER_ROWS};
use crate::pixel::Pixel;
use crate::read::iter::{ArrayViews, Iter};
use crate::read::raster_array_view::{RasterArrayView, as_struct, checked, named};
use crate::read::raster_ref::RasterRef;

/// A column of rasters: a `StructArray` whose types were checked once.
///
/// `RasterArray::try_from` makes one from an array, [`from_batch`](Self::from_batch) from a column of a record batch,
/// and `collect` or a [`RasterArrayBuilder`](crate::RasterArrayBuilder) from rasters.
///
/// The names, the order and the kinds of all fields must be those of a raster column. Polars, pyarrow, DuckDB and Parquet
/// change the rest, and columns from there are read as they are, without a copy. These may differ:
///
/// | in the column | may be |
/// |---|---|
/// | lists | `List`, `LargeList`, `FixedSizeList`, `ListView`, `LargeListView` |
/// | text | `Utf8`, `LargeUtf8`, `Utf8View`, or a dictionary of one of them, with any keys |
/// | payloads and nodata | `Binary`, `LargeBinary`, `BinaryView`, `FixedSizeBinary` |
/// | fields and items | nullable or not, items of any name, with any metadata |
///
/// The array itself is kept as it was given. [`to_canonical`](Self::to_canonical) makes SedonaDB's own types of it.
///
/// Values are checked when they are read, so one bad row does not make the others unreadable.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, RasterArray, arrow_array::StructArray, ndarray::array};
///
/// let column: RasterArray = [Some(Raster::from_ndarray(array![[1u8, 2]])?), None].into_iter().collect();
/// let array = StructArray::from(column); // to Arrow ...
/// let column = RasterArray::try_from(array)?; // ... and back
/// let sums = column.iter().map(|raster| {
///     raster.map(|raster| Ok(raster.as_array_view::<u8>()?.sum())).transpose()
/// });
/// assert_eq!(sums.collect::<ndraster::Result<Vec<_>>>()?, [Some(3), None]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct RasterArray {
    array: StructArray,
    /// Whether no band has a name, a nodata value, a URI or a format.
    all_optional_null: bool,
}

impl RasterArray {
    /// Returns the raster column `name` of a record batch.
    ///
    /// A field without an extension name is accepted.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the batch has no such column.
    /// - [`ErrorKind::Schema`](crate::ErrorKind::Schema) if the field names another extension type, or if the column's
    ///   type cannot be read as rasters. The message says the path of the field.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if a field of the raster struct or of the band struct
    ///   has another length than the struct.
    ///
    /// # Cost
    ///
    /// Clones the struct array, which shares every buffer. Does not depend on the number of rows.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use ndraster::arrow_array::{RecordBatch, StructArray};
    /// use ndraster::{Raster, RasterArray, arrow_schema::Schema, ndarray::array};
    ///
    /// let column = RasterArray::from_iter([Raster::from_ndarray(array![[1u8, 2]])?]);
    /// let schema = Schema::new(vec![column.field("rast")]);
    /// let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?;
    ///
    /// assert_eq!(RasterArray::from_batch(&batch, "rast")?.len(), 1);
    /// assert!(RasterArray::from_batch(&batch, "raster").is_err());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_batch(batch: &RecordBatch, name: &str) -> Result<Self> {
        Self::try_from(named(batch, name)?)
    }

    /// Returns the number of rows, including null rows.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::RasterArrayBuilder;
    /// let mut column = RasterArrayBuilder::new();
    /// column.append_null();
    /// assert_eq!(column.finish()?.len(), 1);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.array.len()
    }

    /// Returns whether there are no rows.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::RasterArrayBuilder;
    /// assert!(RasterArrayBuilder::new().finish()?.is_empty());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.array.is_empty()
    }

    /// Returns whether a row is null. Also returns `true` beyond the last row.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::RasterArrayBuilder;
    /// let mut column = RasterArrayBuilder::new();
    /// column.append_null();
    /// assert!(column.finish()?.is_null(0));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_null(&self, row: usize) -> bool {
        row >= self.len() || is_null(self.array.nulls(), row)
    }

    /// Returns the raster in a row, or `None` if the row is null or beyond the last row.
    ///
    /// Values are checked when they are read. Those of a null row are never read.
    ///
    /// # Cost
    ///
    /// A dozen pointer casts, and no allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(array![[1u8, 2]])?]);
    /// assert_eq!(column.get(0).unwrap().width()?, 2);
    /// assert!(column.get(1).is_none());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn get(&self, row: usize) -> Option<RasterRef<'_>> {
        if self.is_null(row) {
            return None;
        }
        // Cannot fail: the same look-up succeeded when this column was made.
        let columns = self.columns().ok()?;
        Some(RasterRef::new(&columns, row, Some(row)))
    }

    /// Returns an iterator over the rows, in order: `None` for a null row.
    ///
    /// Pixels and text that are borrowed from a raster live as long as the column.
    ///
    /// # Cost
    ///
    /// A dozen pointer casts for the iterator, and a copy of them for each row. So a row costs less than by
    /// [`get`](Self::get). No allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(array![[1u8, 2]])?]);
    /// let mut views = Vec::new();
    /// for raster in &column {
    ///     views.push(raster.unwrap().as_array_view2::<u8>()?); // lives longer than `raster`
    /// }
    /// assert_eq!(views[0].sum(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn iter(&self) -> Iter<'_> {
        self.iter_rows(0..self.len())
    }

    /// The rows of a range that is not longer than the column.
    pub(crate) fn iter_rows(&self, rows: Range<usize>) -> Iter<'_> {
        Iter::new(self.columns().ok(), rows)
    }

    /// Returns an iterator over the pixels of the rows as matrices, in order: rows are y, columns are x. `None` for a null row.
    ///
    /// # Errors
    ///
    /// An item is an error for the reasons of [`RasterRef::as_array_view2`](crate::RasterRef::as_array_view2), such as a raster
    /// of several bands.
    ///
    /// # Cost
    ///
    /// A few nanoseconds a row, if all rows are alike and have one band with the default dims and no view. Otherwise that of
    /// [`iter`](Self::iter) and of `as_array_view2`. No allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<f32>::ones((1000, 16, 16)))?;
    /// let mut sum = 0.0;
    /// for tile in column.array_views2::<f32>() {
    ///     sum += tile?.unwrap().sum();
    /// }
    /// assert_eq!(sum, 256000.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn array_views2<T: Pixel>(&self) -> ArrayViews<'_, T, Ix2> {
        self.array_views_dim()
    }

    /// Returns an iterator over the pixels of the rows, as array views with a number of axes that is fixed at compile time, or
    /// with any (`IxDyn`). `None` for a null row.
    ///
    /// # Errors
    ///
    /// An item is an error for the reasons of [`RasterRef::as_array_view_dim`](crate::RasterRef::as_array_view_dim).
    ///
    /// # Cost
    ///
    /// That of [`array_views2`](Self::array_views2).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::{Array3, IxDyn}};
    /// let column = RasterArray::from_ndarray_batch(Array3::<f32>::ones((10, 16, 16)))?;
    /// let views = column.array_views_dim::<f32, IxDyn>().collect::<ndraster::Result<Vec<_>>>()?;
    /// assert_eq!(views[9].as_ref().unwrap().shape(), [16, 16]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn array_views_dim<T: Pixel, D: Dimension>(&self) -> ArrayViews<'_, T, D> {
        ArrayViews::new(self.columns().ok(), 0..self.len())
    }

    /// Borrows the column with its arrays looked up, for reading many single rows by [`get`](RasterArrayView::get).
    ///
    /// # Cost
    ///
    /// A dozen pointer casts, which `get` of the view does not repeat.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((10, 16, 16)))?;
    /// let view = column.as_view();
    /// assert_eq!(view.get(7).unwrap().width()?, 16);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_view(&self) -> RasterArrayView<'_> {
        RasterArrayView::of(self.columns())
    }

    /// Returns the `len` rows that begin at row `offset`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the column has fewer rows.
    ///
    /// # Cost
    ///
    /// Slices the struct array, which shares every buffer. Arrow counts the nulls of the slice, so the cost depends on
    /// `len` if there are validity bitmaps: one bit a row and bitmap.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from_iter([Some(Raster::from_ndarray(array![[1u8, 2]])?), None]);
    /// assert!(column.slice(1, 1)?.is_null(0));
    /// assert!(column.slice(1, 2).is_err());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn slice(&self, offset: usize, len: usize) -> Result<Self> {
        if offset.checked_add(len).is_none_or(|end| end > self.len()) {
            let rows = self.len();
            return Err(error!(NotFound, "slice: {len} rows from row {offset} on, of a column of {rows}"));
        }
        Ok(RasterArray { array: self.array.slice(offset, len), all_optional_null: self.all_optional_null })
    }

    /// Makes a nullable field for a schema, with this column's own storage type and the extension name.
    ///
    /// # Cost
    ///
    /// Clones the type, which is shared, and allocates the field's name and metadata.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArrayBuilder, RasterType};
    /// let column = RasterArrayBuilder::new().finish()?;
    /// assert_eq!(column.field("rast"), RasterType::field("rast"));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn field(&self, name: &str) -> Field {
        // The type was checked when this column was made, so naming the extension cannot fail.
        Field::new(name, self.array.data_type().clone(), true).with_extension_type(RasterType)
    }

    /// Borrows the array as it was given.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArrayBuilder, arrow_array::Array};
    /// let column = RasterArrayBuilder::new().finish()?;
    /// assert_eq!(column.as_struct_array().num_columns(), 5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_struct_array(&self) -> &StructArray {
        &self.array
    }

    /// Calls `f` with each row in order, for callers that write the whole column anew.
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the rows together refer to more bands than the
    /// column has. Otherwise rows could share bands, and a few offsets could claim any number of bands to write.
    pub(crate) fn try_for_each_row<'a>(&'a self, mut f: impl FnMut(Option<RasterRef<'a>>) -> Result<()>) -> Result<()> {
        let columns = self.columns()?;
        let mut left = if columns.bands().may_share_values() {
            self.require_few_bands(&columns)?;
            usize::MAX
        } else {
            columns.num_bands()
        };
        for raster in self {
            if let Some(raster) = raster {
                let left_after = left.checked_sub(raster.num_bands()?);
                left = left_after.ok_or_else(|| raster.annotate(broken_offsets("bands")))?;
            }
            f(raster)?;
        }
        Ok(())
    }

    /// Refuses a column whose rows refer to more bands than it has, or share them so often that no result could hold them.
    pub(crate) fn require_bands_once(&self) -> Result<()> {
        let columns = self.columns()?;
        if columns.bands().may_share_values() {
            return self.require_few_bands(&columns);
        }
        let mut left = columns.num_bands();
        self.iter().flatten().try_for_each(|raster| {
            let left_after = left.checked_sub(raster.num_bands()?);
            left = left_after.ok_or_else(|| raster.annotate(broken_offsets("bands")))?;
            Ok(())
        })
    }

    /// Refuses a column whose rows share bands so often that no result could hold them: their metadata, with the texts that are
    /// read with each band.
    fn require_few_bands(&self, columns: &Columns<'_>) -> Result<()> {
        let lists = columns.bands();
        // Those that the rows refer to: a column may be a slice of a large one.
        let span = lists.extent(0..self.len()).span;
        let span = span.start..span.end.min(columns.num_bands());
        let mut ends = Vec::with_capacity(span.len() + 1);
        ends.push(0usize);
        for band in span.clone() {
            let end = ends.last().copied().unwrap_or_default().saturating_add(columns.metadata_len(band));
            ends.push(end);
        }
        let mut budget = Budget::new(|| held(&self.array), FEWER_ROWS);
        (0..self.len()).filter(|row| !self.is_null(*row)).try_for_each(|row| {
            let Ok(Some(bands)) = lists.range(row, "") else { return Ok(()) };
            let at = |band: usize| ends.get(band.saturating_sub(span.start)).copied().unwrap_or_default();
            let bytes = at(bands.end).saturating_sub(at(bands.start));
            budget.spend(bytes).map_err(|e| e.in_row(Some(row)))
        })
    }

    /// Makes a column of one null row.
    pub(crate) fn null_row() -> Self {
        Self::from_own(StructArray::new_null(schema::STORAGE.raster.clone(), 1), false)
    }

    /// Wraps an array that this crate made.
    pub(crate) fn from_own(array: StructArray, all_optional_null: bool) -> Self {
        RasterArray { array, all_optional_null }
    }

    /// What [`from_own`](Self::from_own) was told.
    pub(crate) fn all_optional_null(&self) -> bool {
        self.all_optional_null
    }

    /// Finds the nested arrays.
    #[inline]
    pub(crate) fn columns(&self) -> Result<Columns<'_>> {
        Columns::new(&self.array, self.all_optional_null)
    }
}

impl TryFrom<StructArray> for RasterArray {
    type Error = Error;

    /// Checks the types of the array and the lengths of its children, and wraps it.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Schema`](crate::ErrorKind::Schema) if the type cannot be read as rasters. The message says the
    ///   path of the field.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if a field of the raster struct or of the band struct
    ///   has another length than the struct.
    ///
    /// # Cost
    ///
    /// Compares the types. Does not depend on the number of rows.
    fn try_from(array: StructArray) -> Result<Self> {
        let all_optional_null = checked(&array)?.all_optional_null();
        Ok(RasterArray { array, all_optional_null })
    }
}

impl TryFrom<&StructArray> for RasterArray {
    type Error = Error;

    /// Checks and wraps a clone of the array, which shares every buffer.
    ///
    /// # Errors
    ///
    /// Fails for the same arrays as `RasterArray::try_from(StructArray)`.
    fn try_from(array: &StructArray) -> Result<Self> {
        Self::try_from(array.clone())
    }
}

impl TryFrom<&ArrayRef> for RasterArray {
    type Error = Error;

    /// Checks and wraps a clone of the array, which shares every buffer.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Schema`](crate::ErrorKind::Schema) for any array that is not a `StructArray`. Fails for the
    /// same struct arrays as `RasterArray::try_from(StructArray)`.
    fn try_from(array: &ArrayRef) -> Result<Self> {
        Self::try_from(as_struct(array)?)
    }
}

impl TryFrom<ArrayRef> for RasterArray {
    type Error = Error;

    /// Checks and wraps the array.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Schema`](crate::ErrorKind::Schema) for any array that is not a `StructArray`. Fails for the
    /// same struct arrays as `RasterArray::try_from(StructArray)`.
    fn try_from(array: ArrayRef) -> Result<Self> {
        Self::try_from(&array)
    }
}

impl From<RasterArray> for StructArray {
    /// Returns the array as it was given to the column.
    fn from(column: RasterArray) -> Self {
        column.array
    }
}

impl<'a> IntoIterator for &'a RasterArray {
    type Item = Option<RasterRef<'a>>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl fmt::Debug for RasterArray {
    /// Shows the number of rows, and the shape, type and CRS of the first rasters. Never shows pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        write!(f, "RasterArray ({} rows) ", self.len())?;
        let mut list = f.debug_list();
        list.entries(self.iter().take(SHOWN));
        if self.len() > SHOWN { list.finish_non_exhaustive() } else { list.finish() }
    }
}
