//! A column of rasters.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::Field;
use arrow_schema::extension::ExtensionType;

use crate::error::{Error, ErrorKind, Result, error};
use crate::format::columns::Columns;
use crate::format::schema::{self, RasterType};
use crate::format::values::{broken_offsets, is_null};
use crate::read::raster_ref::RasterRef;

/// A column of rasters: a `StructArray` whose types were checked once.
///
/// Types are checked by path: field names, order and kind strictly; nullability, names of list items,
/// metadata and the width of text (`Utf8`, `LargeUtf8`, `Utf8View`) and of payloads (`Binary`,
/// `LargeBinary`, `BinaryView`) leniently. The array itself stays as it was given.
///
/// What a row holds is checked where it is read, so one bad row does not spoil a column.
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
}

impl RasterArray {
    /// The raster column `name` of a record batch.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such column. [`ErrorKind::Schema`] if its type does not read
    /// as rasters, or its field names another extension type; a field without extension name is accepted.
    ///
    /// # Cost
    ///
    /// Clones the struct array, which shares every buffer.
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
        let schema = batch.schema_ref();
        let Some((index, field)) = schema.column_with_name(name) else {
            let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            return Err(error!(NotFound, "the batch has no column `{name}`, only {names:?}"));
        };
        if let Some(other) = field.extension_type_name().filter(|&found| found != RasterType::NAME) {
            return Err(error!(Schema, "column `{name}` is a `{other}`, not a `{}`", RasterType::NAME));
        }
        Self::try_from(batch.column(index))
    }

    /// The number of rows, null ones included.
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

    /// Are there no rows?
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

    /// Is this row null? Also true beyond the last row.
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

    /// The raster in a row: `None` for a null, and beyond the last row.
    ///
    /// # Cost
    ///
    /// A dozen pointer casts. Looks at validity alone: what the row holds is checked as it is read,
    /// and what lies below a null row is never looked at.
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
        let columns = Columns::new(&self.array).ok()?;
        Some(RasterRef::new(columns, row, Some(row)))
    }

    /// Every row in order: `None` for a null.
    ///
    /// Cheaper a row than [`get`](Self::get). What the rasters lend lives as long as the column.
    ///
    /// # Cost
    ///
    /// A dozen pointer casts, once; a row a copy of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(array![[1u8, 2]])?]);
    /// let mut views = Vec::new();
    /// for raster in &column {
    ///     views.push(raster.unwrap().as_array_view2::<u8>()?); // outlives the loop's body
    /// }
    /// assert_eq!(views[0].sum(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn iter(&self) -> Iter<'_> {
        Iter { columns: Columns::new(&self.array).ok(), rows: 0..self.len() }
    }

    /// `len` rows from `offset` on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there are not that many rows.
    ///
    /// # Cost
    ///
    /// Clones the struct array, which shares every buffer.
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
        Ok(RasterArray { array: self.array.slice(offset, len) })
    }

    /// A nullable field for a schema, of this column's own storage type and with the extension name.
    ///
    /// # Cost
    ///
    /// Clones the type, which is shared.
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

    /// The array as it was given.
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

    /// Every row, of a column that is about to be written anew: rows that are not null must not have bands in
    /// common, or a few offsets would claim any number of them.
    pub(crate) fn try_for_each_row<'a>(&'a self, mut f: impl FnMut(Option<RasterRef<'a>>) -> Result<()>) -> Result<()> {
        let mut left = Columns::new(&self.array)?.num_bands();
        for raster in self {
            if let Some(raster) = raster {
                let left_after = left.checked_sub(raster.num_bands()?);
                left = left_after.ok_or_else(|| raster.annotate(broken_offsets("bands")))?;
            }
            f(raster)?;
        }
        Ok(())
    }

    /// One null row.
    pub(crate) fn null_row() -> Self {
        RasterArray { array: StructArray::new_null(schema::STORAGE.raster.clone(), 1) }
    }

    /// Wraps an array that this crate made.
    pub(crate) fn from_own(array: StructArray) -> Self {
        RasterArray { array }
    }
}

/// Each child must be as long as the struct, or slicing would panic and a length would be a mere claim.
fn check_lengths(array: &StructArray, path: &str) -> Result<()> {
    let len = array.len();
    for (column, field) in array.columns().iter().zip(array.fields()) {
        let column = column.as_ref();
        let (name, found) = (field.name(), column.len());
        let nulls = column.nulls().map_or(found, arrow_buffer::NullBuffer::len);
        if found != len || nulls != len {
            return Err(error!(Malformed, "{path}{name}: it has {} rows, the column {len}", found.min(nulls)));
        }
    }
    match array.nulls() {
        Some(nulls) if nulls.len() != len => {
            Err(error!(Malformed, "{path}validity bitmap: it has {} rows, the column {len}", nulls.len()))
        }
        _ => Ok(()),
    }
}

impl TryFrom<StructArray> for RasterArray {
    type Error = Error;

    ///
    /// # Errors
    ///
    /// [`ErrorKind::Schema`], with the path of the field, for a type that does not read as rasters;
    /// [`ErrorKind::Malformed`] if the children have not as many rows as their parents say.
    ///
    /// # Cost
    ///
    /// A look at the types; none of it depends on the number of rows.
    fn try_from(array: StructArray) -> Result<Self> {
        schema::check_fields(array.fields())?;
        check_lengths(&array, "")?;
        check_lengths(Columns::new(&array)?.band_array(), "bands.band.")?;
        Ok(RasterArray { array })
    }
}

impl TryFrom<&StructArray> for RasterArray {
    type Error = Error;

    fn try_from(array: &StructArray) -> Result<Self> {
        Self::try_from(array.clone())
    }
}

impl TryFrom<&ArrayRef> for RasterArray {
    type Error = Error;

    fn try_from(array: &ArrayRef) -> Result<Self> {
        match array.as_any().downcast_ref::<StructArray>() {
            Some(array) => Self::try_from(array),
            None => Err(schema::check_type(array.data_type())
                .err()
                .unwrap_or_else(|| Error::new(ErrorKind::Schema, "the array is not a StructArray"))),
        }
    }
}

impl TryFrom<ArrayRef> for RasterArray {
    type Error = Error;

    fn try_from(array: ArrayRef) -> Result<Self> {
        Self::try_from(&array)
    }
}

impl From<RasterArray> for StructArray {
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

/// The rows of a [`RasterArray`], in order.
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
}

impl<'a> Iter<'a> {
    fn row(&self, row: usize) -> Option<RasterRef<'a>> {
        let columns = self.columns.filter(|columns| !columns.is_null(row))?;
        Some(RasterRef::new(columns, row, Some(row)))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Option<RasterRef<'a>>;

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
        Some(self.row(row))
    }
}

impl ExactSizeIterator for Iter<'_> {}
impl FusedIterator for Iter<'_> {}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("rows", &self.rows).finish()
    }
}

impl fmt::Debug for RasterArray {
    /// The number of rows and each raster's shape, type and CRS; never pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        write!(f, "RasterArray ({} rows) ", self.len())?;
        let mut list = f.debug_list();
        list.entries(self.iter().take(SHOWN));
        if self.len() > SHOWN { list.finish_non_exhaustive() } else { list.finish() }
    }
}
