//! Defines [`RasterArrayView`]: a column of rasters, borrowed.

use std::fmt;

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::extension::ExtensionType;
use ndarray::{Dimension, Ix2};

use crate::error::{Error, Result, error};
use crate::format::columns::Columns;
use crate::format::schema::{self, RasterType};
use crate::pixel::Pixel;
use crate::read::iter::{ArrayViews, Iter};
use crate::read::raster_ref::RasterRef;
use crate::shown::{Few, Short};

/// A column of rasters, borrowed from a `StructArray`: a handle that can be copied.
///
/// It reads as a [`RasterArray`](crate::RasterArray) does, and costs less to make: no array is cloned, and the nested arrays are
/// looked up once. So it is what a function takes that reads a column once, such as one in a query engine. Everything that is
/// borrowed from it lives as long as the array.
///
/// # Examples
///
/// ```
/// use ndraster::arrow_array::StructArray;
/// use ndraster::ndarray::Array3;
/// use ndraster::{RasterArray, RasterArrayView, Result};
///
/// fn sums(array: &StructArray) -> Result<Vec<Option<f32>>> {
///     let column = RasterArrayView::try_from(array)?;
///     column.array_views2::<f32>().map(|pixels| Ok(pixels?.map(|pixels| pixels.sum()))).collect()
/// }
/// let array = StructArray::from(RasterArray::from_ndarray_batch(Array3::<f32>::ones((2, 16, 16)))?);
/// assert_eq!(sums(&array)?, [Some(256.0), Some(256.0)]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct RasterArrayView<'a> {
    /// `None` for a column that cannot be read, which is none that was checked.
    columns: Option<Columns<'a>>,
}

impl<'a> RasterArrayView<'a> {
    /// Borrows a column whose arrays were looked up.
    pub(crate) fn of(columns: Result<Columns<'a>>) -> Self {
        RasterArrayView { columns: columns.ok() }
    }

    /// Borrows the column of a record batch that has this name.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the batch has no such column.
    /// - [`ErrorKind::Schema`](crate::ErrorKind::Schema) if the column has another extension type, or a type that cannot be
    ///   read as rasters.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the lengths of its arrays differ.
    ///
    /// # Cost
    ///
    /// Compares the types. Does not depend on the number of rows.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use ndraster::arrow_array::{RecordBatch, StructArray};
    /// # use ndraster::arrow_schema::Schema;
    /// # use ndraster::{RasterArray, RasterArrayView, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((3, 2, 2)))?;
    /// let schema = Schema::new(vec![column.field("rast")]);
    /// let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?;
    /// assert_eq!(RasterArrayView::from_batch(&batch, "rast")?.len(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn from_batch(batch: &'a RecordBatch, name: &str) -> Result<Self> {
        Self::try_from(named(batch, name)?)
    }

    /// Returns the number of rows, including null rows.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((3, 2, 2)))?;
    /// assert_eq!(column.as_view().len(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.columns.as_ref().map_or(0, |columns| columns.rasters().len())
    }

    /// Returns whether there are no rows.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::RasterArrayBuilder;
    /// assert!(RasterArrayBuilder::new().finish()?.as_view().is_empty());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether a row is null. Also returns `true` beyond the last row.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::RasterArrayBuilder;
    /// let mut column = RasterArrayBuilder::new();
    /// column.append_null();
    /// assert!(column.finish()?.as_view().is_null(0));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn is_null(&self, row: usize) -> bool {
        self.columns.as_ref().is_none_or(|columns| row >= columns.rasters().len() || columns.is_null(row))
    }

    /// Returns the raster in a row, or `None` if the row is null or beyond the last row.
    ///
    /// # Cost
    ///
    /// A copy of the handles of the nested arrays.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((3, 2, 2)))?;
    /// assert_eq!(column.as_view().get(2).unwrap().as_array_view2::<u8>()?.sum(), 4);
    /// assert!(column.as_view().get(3).is_none());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[inline]
    pub fn get(&self, row: usize) -> Option<RasterRef<'a>> {
        let columns = self.columns.as_ref().filter(|_| !self.is_null(row))?;
        Some(RasterRef::new(columns, row, Some(row)))
    }

    /// Returns an iterator over the rows, in order: `None` for a null row.
    ///
    /// # Cost
    ///
    /// That of [`RasterArray::iter`](crate::RasterArray::iter).
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((3, 2, 2)))?;
    /// assert_eq!(column.as_view().iter().flatten().count(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn iter(&self) -> Iter<'a> {
        Iter::new(self.columns, 0..self.len())
    }

    /// Returns an iterator over the pixels of the rows as matrices, as
    /// [`RasterArray::array_views2`](crate::RasterArray::array_views2) does.
    ///
    /// # Errors
    ///
    /// An item is an error if a row cannot be borrowed, for the reasons that are given there.
    ///
    /// # Cost
    ///
    /// A few nanoseconds a row, if all rows are alike and have one band with the default dims and no view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((3, 2, 2)))?;
    /// assert!(column.as_view().array_views2::<u8>().all(|pixels| pixels.unwrap().unwrap().sum() == 4));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn array_views2<T: Pixel>(&self) -> ArrayViews<'a, T, Ix2> {
        self.array_views_dim()
    }

    /// Returns an iterator over the pixels of the rows, as
    /// [`RasterArray::array_views_dim`](crate::RasterArray::array_views_dim) does.
    ///
    /// # Errors
    ///
    /// An item is an error if a row cannot be borrowed, for the reasons that are given there.
    ///
    /// # Cost
    ///
    /// A few nanoseconds a row, if all rows are alike and have one band with the default dims and no view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::{Array3, IxDyn}};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((3, 2, 2)))?;
    /// assert_eq!(column.as_view().array_views_dim::<u8, IxDyn>().count(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn array_views_dim<T: Pixel, D: Dimension>(&self) -> ArrayViews<'a, T, D> {
        ArrayViews::new(self.columns, 0..self.len())
    }
}

/// Checks the types of an array and the lengths of its children, and looks them up.
pub(crate) fn checked(array: &StructArray) -> Result<Columns<'_>> {
    schema::check_fields(array.fields())?;
    check_lengths(array, "")?;
    let columns = Columns::new(array, false)?;
    columns.check_lists()?;
    check_lengths(columns.band_array(), "bands.band.")?;
    // Counting takes longer than looking at each of a few.
    const FEW: usize = 8;
    Ok(if columns.num_bands() < FEW { columns } else { columns.with_optionals_counted() })
}

/// Checks that the children and the validity bitmaps are as long as the struct array.
///
/// If they were not, slicing could panic, and the struct's length could be larger than what is stored.
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

/// Returns the column of a record batch that has this name. Refuses one of another extension type.
pub(crate) fn named<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef> {
    let schema = batch.schema_ref();
    let Some((index, field)) = schema.column_with_name(name) else {
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        return Err(error!(NotFound, "the batch has no column `{}`, only {}", Short(name), Few(&names)));
    };
    if let Some(other) = field.extension_type_name().filter(|&found| found != RasterType::NAME) {
        return Err(error!(Schema, "column `{}` is a `{}`, not a `{}`", Short(name), Short(other), RasterType::NAME));
    }
    Ok(batch.column(index))
}

impl<'a> TryFrom<&'a StructArray> for RasterArrayView<'a> {
    type Error = Error;

    /// Checks the types of the array and the lengths of its children, and borrows it.
    ///
    /// # Errors
    ///
    /// Fails for the same arrays as `RasterArray::try_from(StructArray)`.
    ///
    /// # Cost
    ///
    /// Compares the types. Does not depend on the number of rows. No allocation.
    fn try_from(array: &'a StructArray) -> Result<Self> {
        checked(array).map(|columns| RasterArrayView { columns: Some(columns) })
    }
}

impl<'a> TryFrom<&'a ArrayRef> for RasterArrayView<'a> {
    type Error = Error;

    /// Checks and borrows the array.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Schema`](crate::ErrorKind::Schema) for any array that is not a `StructArray`. Fails for the
    /// same struct arrays as `RasterArray::try_from(StructArray)`.
    fn try_from(array: &'a ArrayRef) -> Result<Self> {
        Self::try_from(as_struct(array)?)
    }
}

pub(crate) fn as_struct(array: &ArrayRef) -> Result<&StructArray> {
    array.as_any().downcast_ref().ok_or_else(|| {
        let error = schema::check_type(array.data_type()).err();
        error.unwrap_or_else(|| error!(Schema, "the array is not a StructArray"))
    })
}

impl<'a> IntoIterator for RasterArrayView<'a> {
    type Item = Option<RasterRef<'a>>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl fmt::Debug for RasterArrayView<'_> {
    /// Shows the number of rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RasterArrayView").field("rows", &self.len()).finish_non_exhaustive()
    }
}
