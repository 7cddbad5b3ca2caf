//! Borrows rows that are alike as one array.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Range;

use ndarray::{ArrayView, ArrayView4, ArrayViewD, Axis, Dimension, IxDyn};

use crate::batch::rows::{AlikeRows, in_place};
use crate::error::{Error, Result, error};
use crate::pixel::{Pixel, aligned};
use crate::read::evenly::{Evenly, Extent, Steps};
use crate::read::raster_array::RasterArray;
use crate::read::uniform::UniformRows;
use crate::shown::Few;
use crate::strided::array_view;

impl RasterArray {
    /// Borrows all rows as one array of shape `(row, band, ...)`, for tiles `(row, band, y, x)`.
    ///
    /// The rows must have as many bands, of the same dims, extents, pixel type and order in memory, and all bands must lie
    /// evenly spaced in one data buffer, as those do that [`from_ndarray_batch`](Self::from_ndarray_batch) and
    /// [`to_packed_batch`](Self::to_packed_batch) make. Gaps between them, and a descending order, are strides.
    /// [`batch_views`](Self::batch_views) borrows what does not lie in one buffer piece by piece, and
    /// [`to_batch`](Self::to_batch) copies it.
    ///
    /// The axes of a band are in its own order, which [`dim_names`](crate::BandRef::dim_names) says.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) for the first null row.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there are no rows, if a row has no bands, or if bands differ in
    ///   number, dims or extents.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the pixels do not lie evenly spaced in one data buffer. Bands of up to
    ///   12 bytes lie in none: Arrow stores them in place.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels of a band are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the metadata of a band are not valid, or if its payload
    ///   cannot be read or does not fit its source shape.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels of a band lie at an address that `T` does not
    ///   allow.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a band has more pixels than memory can address.
    ///
    /// # Cost
    ///
    /// A few nanoseconds a row, and no allocation, if all bands have the default dims and no view. Otherwise the metadata of
    /// each band are read, and lists with an entry for each band are allocated. No pixels are copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array4};
    /// let tiles = Array4::<f32>::zeros((100, 3, 16, 16));
    /// let address = tiles.as_ptr();
    /// let column = RasterArray::from_ndarray_batch(tiles)?;
    /// let batch = column.as_batch_view::<f32>()?;
    /// assert_eq!((batch.shape(), batch.as_ptr()), ([100, 3, 16, 16].as_slice(), address));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_batch_view<T: Pixel>(&self) -> Result<ArrayViewD<'_, T>> {
        self.as_batch_view_dim()
    }

    /// Borrows all rows as one array of shape `(row, band, y, x)`, whatever the order of a band's dims.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands have not two axes, and the errors of
    /// [`as_batch_view`](Self::as_batch_view).
    ///
    /// # Cost
    ///
    /// That of `as_batch_view`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::{Array3, s}};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((100, 16, 16)))?;
    /// let batch = column.as_batch_view4::<u8>()?;
    /// assert_eq!(batch.slice(s![5, 0, .., ..]).shape(), [16, 16]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("stack", "collate"))]
    pub fn as_batch_view4<T: Pixel>(&self) -> Result<ArrayView4<'_, T>> {
        self.as_batch_view_dim()
    }

    /// Borrows all rows as one array with a number of axes that is fixed at compile time: `Ix4` for bands of two axes, which
    /// are (y, x) then, `Ix5` for bands of three.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands have another number of axes, and the errors of
    /// [`as_batch_view`](Self::as_batch_view).
    ///
    /// # Cost
    ///
    /// That of `as_batch_view`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::{Array3, Ix5}};
    /// let cube = Band::from_ndarray(Array3::<u8>::zeros((12, 4, 5)))?.with_dim_names(["time", "y", "x"])?;
    /// let column = RasterArray::from(Raster::from_bands([cube])?);
    /// assert_eq!(column.as_batch_view_dim::<u8, Ix5>()?.dim(), (1, 1, 12, 4, 5));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_batch_view_dim<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'_, T, D>> {
        if let Some(view) = self.uniform_batch::<T>()
            && let Ok(view) = view.into_dimensionality()
        {
            return Ok(view);
        }
        let mut rows = AlikeRows::of_column(self)?;
        let (view, len) = run(&mut rows, 0..self.len())?;
        if len < self.len() {
            rows.for_each_view::<T>(
                len,
                |band, _| if band.location().is_none() { Err(in_place(len)) } else { Ok(()) },
            )?;
            return Err(uneven(len));
        }
        let view =
            if D::NDIM == Some(4) && rows.is_x_first() { view.permuted_axes(IxDyn(&[0, 1, 3, 2])) } else { view };
        let (ndim, dims) = (view.ndim(), rows.dim_names()?);
        view.into_dimensionality().map_err(|_| {
            let asked = D::NDIM.unwrap_or_default();
            error!(
                Shape,
                "the batch has {ndim} axes, the rows, the bands and {}, not {asked}: ask for `Ix{ndim}`, or for any number with \
                 `as_batch_view`",
                Few(dims)
            )
        })
    }

    /// All rows, if they are alike in the usual way and lie evenly.
    fn uniform_batch<T: Pixel>(&self) -> Option<ArrayView4<'_, T>> {
        let uniform = self.uniform_rows()?;
        uniform_run(&uniform, 0).filter(|view| view.len_of(Axis(0)) == self.len())
    }

    /// Proves that all rows are alike in the usual way.
    pub(super) fn uniform_rows(&self) -> Option<UniformRows<'_>> {
        UniformRows::prove(&self.columns().ok()?, &(0..self.len()))
    }

    /// Returns an iterator over array views of shape `(row, band, ...)`, which have all rows between them, in order.
    ///
    /// Each has as many rows as [`as_batch_view`](Self::as_batch_view) could borrow at once. A column that was concatenated from two batches has two, and so has one of more than 2^31 - 1 bytes, which are two buffers in Arrow.
    ///
    /// # Errors
    ///
    /// An item is an error if a row cannot be borrowed by itself: for the reasons of
    /// [`as_array_view`](crate::BandRef::as_array_view), because it is null, or because its bands do not lie evenly spaced in one
    /// data buffer ([`ErrorKind::Layout`](crate::ErrorKind::Layout)). The next item begins with the row after it.
    ///
    /// # Cost
    ///
    /// That of `as_batch_view`. A row with which an array view ends is read twice.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let tile = |side| Raster::from_ndarray(Array2::<f32>::zeros((side, side)));
    /// let column = RasterArray::from_iter([tile(32)?, tile(16)?, tile(16)?]);
    /// let rows = column.batch_views::<f32>().map(|view| Ok(view?.shape()[0])).collect::<ndraster::Result<Vec<_>>>()?;
    /// assert_eq!(rows, [1, 2]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn batch_views<T: Pixel>(&self) -> BatchViews<'_, T> {
        let uniform = self.uniform_rows();
        BatchViews { column: self, is_checked: uniform.is_some(), uniform, rows: 0..self.len(), pixel: PhantomData }
    }
}

/// Borrows the rows from `row` on that lie evenly.
fn uniform_run<'a, T: Pixel>(uniform: &UniformRows<'a>, row: usize) -> Option<ArrayView4<'a, T>> {
    if uniform.pixel_type() != T::PIXEL_TYPE {
        return None;
    }
    let run = uniform.run(row)?;
    let shape = uniform.batch_shape(run.rows);
    let [_, bands, height, width] = shape;
    let Steps { down, across } = run.steps;
    let (len, size) = (uniform.payload_len(), isize::try_from(size_of::<T>()).ok()?);
    let last = |step: isize, count: usize| step.checked_mul(isize::try_from(count.checked_sub(1)?).ok()?);
    let (along_rows, along_bands) = (last(down, run.rows)?, last(across, bands)?);
    let backwards = along_rows.min(0).checked_add(along_bands.min(0))?;
    let forwards = along_rows.max(0).checked_add(along_bands.max(0))?;
    let lowest = run.start.checked_add_signed(backwards)?;
    let end = run.start.checked_add_signed(forwards)?.checked_add(len)?;
    let pixels = aligned::<T>(run.buffer.as_slice().get(lowest..end)?)?;
    if run.is_dense(bands, len) {
        return ArrayView4::from_shape(shape, pixels).ok();
    }
    if height == 0 || down % size != 0 || across % size != 0 {
        return None;
    }
    let strides = [down / size, across / size, isize::try_from(width).ok()?, 1];
    array_view::view(pixels, &shape, Some(&strides)).ok()
}

/// Borrows as many rows as lie evenly, at least one, and returns how many. Reads them one by one.
fn run<'a, T: Pixel>(rows: &mut AlikeRows<'a>, range: Range<usize>) -> Result<(ArrayViewD<'a, T>, usize)> {
    let (mut extents, mut last) = (Vec::new(), None);
    rows.for_each_view::<T>(range.start, |band, view| {
        last = Some(view);
        extents.push(if band.is_empty() { None } else { Extent::new::<T>(band) });
        Ok(())
    })?;
    let shape = rows.batch_shape(1)?;
    if shape.contains(&0) {
        return empty_run(rows, range);
    }
    let mut evenly = Evenly::new(extents.len());
    let (is_one, lie_in_buffers) = (extents.len() == 1, extents.iter().all(Option::is_some));
    if extents.into_iter().try_for_each(|extent| evenly.push::<T>(extent?)).is_none() {
        // One band may lie anywhere.
        let refused = || if lie_in_buffers { bands_apart(range.start) } else { in_place(range.start) };
        let only = last.filter(|_| is_one).ok_or_else(refused)?;
        return Ok((only.insert_axis(Axis(0)).insert_axis(Axis(0)), 1));
    }
    let mut len = 1;
    for row in range.clone().skip(1) {
        let pushed = rows.for_each_view::<T>(row, |band, _| {
            Extent::new::<T>(band).and_then(|extent| evenly.push::<T>(extent)).ok_or_else(|| uneven(row))
        });
        if pushed.is_err() {
            evenly.truncate(len);
            break;
        }
        len += 1;
    }
    Ok((evenly.view(shape.get(2..).unwrap_or_default()).ok_or_else(|| uneven(range.start))?, len))
}

/// Rows without pixels, so it does not matter where they lie.
fn empty_run<'a, T: Pixel>(rows: &mut AlikeRows<'a>, range: Range<usize>) -> Result<(ArrayViewD<'a, T>, usize)> {
    let mut is_readable = |row| rows.for_each_view::<T>(row, |_, _| Ok(())).is_ok();
    let len = range.take_while(|row| is_readable(*row)).count();
    Ok((array_view::view(&[], &rows.batch_shape(len)?, None)?, len))
}

#[cold]
fn uneven(row: usize) -> Error {
    let error = error!(
        Layout,
        "its pixels do not lie evenly spaced with those of the rows before it in one data buffer, as one view of all rows \
         needs: copy them with `to_batch`, take fewer at a time with `batch_views`, or pack the column with `to_packed_batch`"
    );
    error.in_row(Some(row))
}

#[cold]
fn bands_apart(row: usize) -> Error {
    let error = error!(
        Layout,
        "its bands do not lie evenly spaced in one data buffer: copy the rows with `to_batch`, or pack the column with \
         `to_packed_batch`"
    );
    error.in_row(Some(row))
}

/// An iterator over array views of as many rows as lie evenly, which [`RasterArray::batch_views`] makes.
///
/// # Examples
///
/// ```
/// # use ndraster::{RasterArray, ndarray::Array3};
/// let column = RasterArray::from_ndarray_batch(Array3::<u8>::zeros((3, 4, 5)))?;
/// let mut views = column.batch_views::<u8>();
/// assert_eq!(views.next().unwrap()?.shape(), [3, 1, 4, 5]);
/// assert!(views.next().is_none());
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone)]
pub struct BatchViews<'a, T> {
    column: &'a RasterArray,
    uniform: Option<UniformRows<'a>>,
    /// Is the column one whose rows may be read one by one?
    is_checked: bool,
    rows: Range<usize>,
    pixel: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for BatchViews<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchViews").field("rows", &self.rows).finish()
    }
}

impl<'a, T: Pixel> Iterator for BatchViews<'a, T> {
    type Item = Result<ArrayViewD<'a, T>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rows.is_empty() {
            return None;
        }
        if !std::mem::replace(&mut self.is_checked, true)
            && let Err(error) = self.column.require_bands_once()
        {
            self.rows = 0..0;
            return Some(Err(error));
        }
        let uniform = self.uniform.as_ref().and_then(|uniform| {
            let view = uniform_run(uniform, self.rows.start)?;
            // arrow's concat lists a buffer again. One by one, rows of both are found to lie together.
            let end = self.rows.start + view.len_of(Axis(0));
            (!self.rows.contains(&end) || !uniform.is_same_memory(self.rows.start, end)).then_some(view)
        });
        let run = match uniform {
            Some(view) => Ok((view.len_of(Axis(0)), view.into_dyn())),
            None => {
                // From here on one by one. Else each of many misaligned rows would be looked at again for each before it.
                self.uniform = None;
                run(&mut AlikeRows::new(self.column), self.rows.clone()).map(|(view, len)| (len, view))
            }
        };
        // After an error comes the next row.
        self.rows.start += run.as_ref().map_or(1, |(len, _)| *len);
        Some(run.map(|(_, view)| view))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::from(!self.rows.is_empty()), Some(self.rows.len()))
    }
}

impl<T: Pixel> FusedIterator for BatchViews<'_, T> {}
