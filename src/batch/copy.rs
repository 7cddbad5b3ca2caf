//! Copies and converts rows that are alike into one array.

use fearless_simd::Level;
use ndarray::{Array4, ArrayD, ArrayViewMut, ArrayViewMutD, Axis, Dimension, Ix2, Ix4};

use crate::batch::rows::{AlikeRows, no_rows, require_type};
use crate::cast::{cast, checked, fill_for};
use crate::error::{Result, error};
use crate::format::intervals::{Interval, Union};
use crate::format::nodata::parse;
use crate::limits::{MAX_LEN, check_result};
use crate::pixel::{Pixel, aligned, match_pixel_type};
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::read::uniform::UniformRows;
use crate::shown::Few;
use crate::strided::layout::num_pixels;
use crate::strided::{convert, gather};

impl RasterArray {
    /// Copies all rows into one array of shape `(row, band, ...)`, in C order.
    ///
    /// The rows must have as many bands, of the same dims and extents. [`as_batch_view`](Self::as_batch_view) borrows them
    /// where they lie evenly in one buffer. The axes of a band are in its own order; [`to_batch4`](Self::to_batch4) has y before x
    /// always.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Null`](crate::ErrorKind::Null) for the first null row.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there are no rows, if a row has no bands, or if bands differ in
    ///   number, dims or extents.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels of a band are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the metadata of a band are not valid, or if its payload
    ///   cannot be read or does not fit its source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and more than
    ///   all payloads together, where bytes that bands share count once.
    ///   [`copy_batch_into`](Self::copy_batch_into) has no such limit.
    ///
    /// # Cost
    ///
    /// One array and one copy. If all bands have the default dims and no view, a few nanoseconds a row besides. Otherwise the
    /// metadata of each band are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::{Array2, s}};
    /// let tile = |fill| Raster::from_ndarray(Array2::from_elem((16, 16), fill));
    /// let column = RasterArray::from_iter([tile(1i16)?, tile(2)?]); // two buffers
    /// let batch = column.to_batch::<i16>()?;
    /// assert_eq!(batch.shape(), [2, 1, 16, 16]);
    /// assert_eq!(batch[[1, 0, 5, 5]], 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_batch<T: Pixel>(&self) -> Result<ArrayD<T>> {
        if let Some(uniform) = self.uniform_rows().filter(|rows| rows.pixel_type() == T::PIXEL_TYPE)
            && let Some(batch) =
                collect(&uniform, |parts, pixels| parts.try_for_each(&mut |bytes| append(bytes, pixels)))?
        {
            return Ok(batch);
        }
        let mut batch = self.filled_with(T::default(), |_| true)?;
        self.copy_rows(batch.view_mut(), Same)?;
        Ok(batch)
    }

    /// Converts all rows into one array of shape `(row, band, ...)` in C order, each pixel by Rust's `as`.
    ///
    /// The bands may have different pixel types. The axes of a band are in its own order;
    /// [`to_batch_cast4`](Self::to_batch_cast4) has y before x always.
    ///
    /// # Errors
    ///
    /// Those of [`to_batch`](Self::to_batch), but for `PixelType`. `TooLarge` is by the bytes of the result.
    ///
    /// # Cost
    ///
    /// One array, and one conversion a pixel. If all bands have the default dims and no view, a few nanoseconds a row besides.
    /// Otherwise the metadata of each band are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array4};
    /// let images = RasterArray::from_ndarray_batch(Array4::<u8>::from_elem((8, 3, 32, 32), 51))?;
    /// let batch = images.to_batch_cast::<f32>()? / 255.0;
    /// assert_eq!(batch[[7, 2, 31, 31]], 0.2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_batch_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        if let Some(uniform) = self.uniform_rows() {
            let level = Level::new();
            let batch = match_pixel_type!(uniform.pixel_type(), P => collect(&uniform, |parts, converted| {
                parts.try_for_each(&mut |bytes| {
                    convert::extend(level, aligned::<P>(bytes)?, converted, |pixel| (cast(pixel), true)).ok()
                })
            })?);
            if let Some(batch) = batch {
                return Ok(batch);
            }
        }
        let mut batch = self.filled_with(T::default(), |_| true)?;
        self.copy_rows(batch.view_mut(), Cast)?;
        Ok(batch)
    }

    /// Converts all rows exactly into one array of shape `(row, band, ...)` in C order, with `fill` for each pixel that is
    /// nodata, and for null rows.
    ///
    /// Bands may have different pixel types and nodata values. The axes of a band are in its own order;
    /// [`to_batch_filled4`](Self::to_batch_filled4) has y before x always. Other pixels are converted as by
    /// [`to_array_exact`](crate::BandRef::to_array_exact). For float64 as float32, with rounding, fill first and convert then:
    /// `to_batch_filled(f64::NAN)?.mapv(|pixel| pixel as f32)`.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel that is not nodata and whose value `T` cannot
    ///   hold. The message names it.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if a nodata value is not exactly one pixel.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if all rows are null.
    /// - Those of [`to_batch`](Self::to_batch), but for `PixelType` and `Null`.
    ///
    /// # Cost
    ///
    /// One array, and one conversion and comparison a pixel. If all bands have the default dims and no view, a few nanoseconds
    /// a row besides. Otherwise the metadata of each band are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let tile = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let batch = RasterArray::from_iter([None, Some(tile)]).to_batch_filled(f32::NAN)?;
    /// assert_eq!(batch.shape(), [2, 1, 1, 2]);
    /// assert_eq!(batch[[1, 0, 0, 0]], 7.0);
    /// assert!(batch[[0, 0, 0, 0]].is_nan() && batch[[1, 0, 0, 1]].is_nan());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_batch_filled<T: Pixel>(&self, fill: T) -> Result<ArrayD<T>> {
        if let Some(uniform) = self.uniform_rows()
            && let Some(batch) = self.uniform_filled(&uniform, fill)?
        {
            return Ok(batch);
        }
        let mut batch = self.filled_with(fill, |row| !self.is_null(row))?;
        self.copy_rows(batch.view_mut(), Filled(fill))?;
        Ok(batch)
    }

    /// Copies all rows into one array of shape `(row, band, y, x)` in C order, whatever the order of a band's dims.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands have not two axes, and the errors of [`to_batch`](Self::to_batch).
    ///
    /// # Cost
    ///
    /// That of `to_batch`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array3};
    /// let column = RasterArray::from_ndarray_batch(Array3::<u8>::ones((100, 4, 5)))?;
    /// assert_eq!(column.to_batch4::<u8>()?.dim(), (100, 1, 4, 5));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("stack", "collate"))]
    pub fn to_batch4<T: Pixel>(&self) -> Result<Array4<T>> {
        self.four_axes(Same, Self::to_batch)
    }

    /// Converts all rows into one array of shape `(row, band, y, x)` in C order, each pixel by Rust's `as`, whatever the order of
    /// a band's dims.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands have not two axes, and the errors of
    /// [`to_batch_cast`](Self::to_batch_cast).
    ///
    /// # Cost
    ///
    /// That of `to_batch_cast`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::array};
    /// let band = Band::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.with_dim_names(["x", "y"])?;
    /// let column = RasterArray::from(Raster::from_bands([band])?);
    /// assert_eq!(column.to_batch_cast4::<f32>()?, array![[[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_batch_cast4<T: Pixel>(&self) -> Result<Array4<T>> {
        self.four_axes(Cast, Self::to_batch_cast)
    }

    /// Converts all rows exactly into one array of shape `(row, band, y, x)` in C order, with `fill` for nodata and null rows,
    /// whatever the order of a band's dims.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the bands have not two axes, and the errors of
    /// [`to_batch_filled`](Self::to_batch_filled).
    ///
    /// # Cost
    ///
    /// That of `to_batch_filled`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let tile = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// assert_eq!(RasterArray::from(tile).to_batch_filled4(0.5f32)?, array![[[[7.0, 0.5]]]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_batch_filled4<T: Pixel>(&self, fill: T) -> Result<Array4<T>> {
        self.four_axes(Filled(fill), |column| column.to_batch_filled(fill))
    }

    /// Makes an array (row, band, y, x), by `in_order` if that is the order of the bands' dims.
    fn four_axes<T: Pixel>(
        &self,
        way: impl Way<T>,
        in_order: impl FnOnce(&Self) -> Result<ArrayD<T>>,
    ) -> Result<Array4<T>> {
        // One row is read; all others are alike, or refused below.
        let mut rows = AlikeRows::new(self);
        rows.for_each_band(way.first_row(self)?, |_| Ok(()))?;
        let dims = rows.dim_names()?;
        if dims.len() != 2 {
            let dims = Few(dims);
            return Err(error!(
                Shape,
                "the bands have the dims {dims}, where (row, band, y, x) has two: take the call without `4`, for any number"
            ));
        }
        if !rows.is_x_first() {
            return Ok(in_order(self)?.into_dimensionality()?);
        }
        let batch = self.filled_with(T::default(), |row| way.is_read(self, row))?;
        let (mut shape, pixels) = (rows.batch_shape(self.len())?, batch.into_raw_vec_and_offset().0);
        shape.swap(2, 3);
        let mut batch = gather::from_pixels::<T, Ix4>(&shape, pixels)?;
        self.copy_rows(batch.view_mut(), way)?;
        Ok(batch)
    }

    fn uniform_filled<T: Pixel>(&self, uniform: &UniformRows<'_>, fill: T) -> Result<Option<ArrayD<T>>> {
        let (columns, level) = (self.columns()?, Level::new());
        match_pixel_type!(uniform.pixel_type(), P => collect(uniform, |_, converted| {
            for index in uniform.rows().filter_map(|row| uniform.band_range(row)).flatten() {
                let pixels = aligned::<P>(uniform.payload(index)?)?;
                match columns.nodata(index).ok()?.map(parse::<P>).transpose().ok()? {
                    None => convert::extend(level, pixels, converted, checked).ok()?,
                    Some(nodata) => convert::extend(level, pixels, converted, fill_for(nodata, fill)).ok()?,
                }
            }
            Some(())
        }))
    }

    /// Copies all rows into an array of the caller, of shape `(row, band, ...)` and in any memory layout.
    ///
    /// An array whose type has four axes (`ArrayViewMut4`) is (row, band, y, x). Any other, also an `ArrayViewMutD` of four axes,
    /// has a band's own order of axes. Null rows, bands and extents are as in [`to_batch`](Self::to_batch).
    ///
    /// Rows of different extents, such as tiles at an edge, are copied one by one into parts of an array as large as the
    /// largest: `column.slice(row, 1)?.copy_batch_into(batch.slice_mut(s![row..row + 1, .., ..height, ..width]))`.
    ///
    /// There is no limit on its size. To copy on several cores, cut the column with [`slice`](Self::slice) and the array with
    /// `axis_chunks_iter_mut`.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
    /// - Those of [`to_batch`](Self::to_batch), but for `TooLarge`. Rows before the one that cannot be read are copied then.
    ///
    /// # Cost
    ///
    /// One copy, and no allocation if all bands have the default dims and no view, and the target is in C order. Otherwise the
    /// metadata of each band are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array4};
    /// let tiles = RasterArray::from_ndarray_batch(Array4::<f32>::ones((64, 3, 16, 16)))?;
    /// let mut batch = Array4::<f32>::zeros((16, 3, 16, 16)); // reused from step to step
    /// for start in (0..64).step_by(16) {
    ///     tiles.slice(start, 16)?.copy_batch_into(batch.view_mut())?;
    ///     assert_eq!(batch.sum(), 16.0 * 768.0);
    /// }
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn copy_batch_into<T: Pixel, D: Dimension>(&self, mut target: ArrayViewMut<'_, T, D>) -> Result<()> {
        if let Some(uniform) = self.uniform_rows().filter(|rows| rows.pixel_type() == T::PIXEL_TYPE) {
            check_target(&uniform.batch_shape(self.len()), target.shape())?;
            if let Some(pixels) = target.as_slice_mut() {
                let mut rest: &mut [u8] = bytemuck::cast_slice_mut(pixels);
                let copied = Parts(&uniform).try_for_each(&mut |bytes| {
                    let (part, after) = std::mem::take(&mut rest).split_at_mut_checked(bytes.len())?;
                    part.copy_from_slice(bytes);
                    rest = after;
                    Some(())
                });
                if copied.is_some() {
                    return Ok(());
                }
            }
        }
        self.copy_rows(target, Same)
    }

    /// Converts all rows by Rust's `as` into an array of the caller, as [`copy_batch_into`](Self::copy_batch_into) copies them.
    ///
    /// # Errors
    ///
    /// Those of `copy_batch_into`, but for `PixelType`.
    ///
    /// # Cost
    ///
    /// One conversion a pixel, and no allocation if all bands have the default dims and no view, and the target is in C order.
    /// Otherwise the metadata of each band are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArray, ndarray::Array4};
    /// let images = RasterArray::from_ndarray_batch(Array4::<u8>::from_elem((4, 3, 16, 16), 9))?;
    /// let mut batch = Array4::<f32>::zeros((4, 3, 16, 16)); // reused from step to step
    /// images.copy_batch_into_cast(batch.view_mut())?;
    /// assert_eq!(batch[[3, 2, 1, 0]], 9.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn copy_batch_into_cast<T: Pixel, D: Dimension>(&self, mut target: ArrayViewMut<'_, T, D>) -> Result<()> {
        if let Some(uniform) = self.uniform_rows() {
            check_target(&uniform.batch_shape(self.len()), target.shape())?;
            if let Some(mut rest) = target.as_slice_mut() {
                let level = Level::new();
                let converted = match_pixel_type!(uniform.pixel_type(), P => Parts(&uniform).try_for_each(&mut |bytes| {
                    let pixels = aligned::<P>(bytes)?;
                    let (part, after) = std::mem::take(&mut rest).split_at_mut_checked(pixels.len())?;
                    convert::fill(level, pixels, part, |pixel| (cast(pixel), true)).ok()?;
                    rest = after;
                    Some(())
                }));
                if converted.is_some() {
                    return Ok(());
                }
            }
        }
        self.copy_rows(target, Cast)
    }

    /// Converts all rows exactly into an array of the caller, with `fill` for nodata and null rows, as
    /// [`to_batch_filled`](Self::to_batch_filled) converts them and [`copy_batch_into`](Self::copy_batch_into) copies them.
    ///
    /// # Errors
    ///
    /// Those of `to_batch_filled`, but for `TooLarge`. Some of the target is overwritten then.
    ///
    /// # Cost
    ///
    /// One conversion and comparison a pixel. The metadata of each band are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::{Array4, array}};
    /// let tile = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let mut batch = Array4::<f32>::zeros((2, 1, 1, 2)); // reused from step to step
    /// RasterArray::from_iter([None, Some(tile)]).copy_batch_into_filled(-1.0, batch.view_mut())?;
    /// assert_eq!(batch.into_raw_vec_and_offset().0, [-1.0, -1.0, 7.0, -1.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn copy_batch_into_filled<T: Pixel, D: Dimension>(
        &self,
        fill: T,
        target: ArrayViewMut<'_, T, D>,
    ) -> Result<()> {
        self.copy_rows(target, Filled(fill))
    }

    /// Makes an array of the shape of a batch, of all rows. Reads those of which `is_read` says so, to know that there are such
    /// rows before memory is taken.
    fn filled_with<T: Pixel>(&self, pixel: T, is_read: impl Fn(usize) -> bool) -> Result<ArrayD<T>> {
        let (mut rows, mut payloads) = (AlikeRows::of_column(self)?, Union::default());
        for row in (0..self.len()).filter(|row| is_read(*row)) {
            rows.for_each_band(row, |band| {
                payloads.add(Interval::of(band.source_data()?));
                Ok(())
            })?;
        }
        let shape = rows.batch_shape(self.len())?;
        let pixels = num_pixels(&shape);
        require_room(pixels, size_of::<T>(), payloads.len())?;
        gather::from_pixels(&shape, vec![pixel; pixels.unwrap_or_default()])
    }

    /// Copies row by row and band by band.
    fn copy_rows<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>, way: impl Way<T>) -> Result<()> {
        let mut rows = AlikeRows::of_column(self)?;
        rows.for_each_band(way.first_row(self)?, |_| Ok(()))?;
        let (are_matrices, mut target) = (D::NDIM == Some(4), target.into_dyn());
        let mut shape = rows.batch_shape(self.len())?;
        if are_matrices && rows.is_x_first() {
            shape.swap(2, 3);
        }
        check_target(&shape, target.shape())?;
        for (row, mut target) in target.axis_iter_mut(Axis(0)).enumerate() {
            if let Some(fill) = way.of_null()
                && self.is_null(row)
            {
                target.fill(fill);
                continue;
            }
            let mut targets = target.axis_iter_mut(Axis(0));
            rows.for_each_band(row, |band| match targets.next() {
                Some(target) => way.copy_band(&band, target, are_matrices),
                None => Ok(()),
            })?;
        }
        Ok(())
    }
}

/// How pixels are copied: a type for each way, so that a call compiles the conversions of its own way alone.
trait Way<T: Pixel>: Copy {
    /// Copies the pixels of a band.
    fn copy<D: Dimension>(self, band: &BandRef<'_>, target: ArrayViewMut<'_, T, D>) -> Result<()>;

    /// Returns what stands for the pixels of null rows, or `None` if they are errors.
    fn of_null(self) -> Option<T> {
        None
    }

    /// Returns whether the bands of a row are read. Of null rows there are none.
    fn is_read(self, column: &RasterArray, row: usize) -> bool {
        self.of_null().is_none() || !column.is_null(row)
    }

    fn first_row(self, column: &RasterArray) -> Result<usize> {
        (0..column.len()).find(|row| self.is_read(column, *row)).ok_or_else(no_rows)
    }

    fn copy_band(self, band: &BandRef<'_>, target: ArrayViewMutD<'_, T>, is_matrix: bool) -> Result<()> {
        if is_matrix && target.ndim() == 2 {
            let matrix = target.into_dimensionality::<Ix2>();
            return self.copy(band, matrix.map_err(|_| error!(Shape, "the band has not two axes"))?);
        }
        self.copy(band, target)
    }
}

/// As they are: the types must be the same.
#[derive(Clone, Copy)]
struct Same;

/// By `as`.
#[derive(Clone, Copy)]
struct Cast;

/// Exactly, with this value for nodata.
#[derive(Clone, Copy)]
struct Filled<T>(T);

impl<T: Pixel> Way<T> for Same {
    fn copy<D: Dimension>(self, band: &BandRef<'_>, target: ArrayViewMut<'_, T, D>) -> Result<()> {
        require_type::<T>(band)?;
        band.copy_into(target)
    }
}

impl<T: Pixel> Way<T> for Cast {
    fn copy<D: Dimension>(self, band: &BandRef<'_>, target: ArrayViewMut<'_, T, D>) -> Result<()> {
        band.copy_into_cast(target)
    }
}

impl<T: Pixel> Way<T> for Filled<T> {
    fn copy<D: Dimension>(self, band: &BandRef<'_>, target: ArrayViewMut<'_, T, D>) -> Result<()> {
        band.copy_into_filled(self.0, target)
    }

    fn of_null(self) -> Option<T> {
        Some(self.0)
    }
}

/// The payloads of rows in order, those that touch in one piece.
struct Parts<'u, 'a>(&'u UniformRows<'a>);

impl<'a> Parts<'_, 'a> {
    /// Calls `f` with each piece. Returns `None` if a payload is missing, or if `f` does.
    fn try_for_each(&self, f: &mut impl FnMut(&'a [u8]) -> Option<()>) -> Option<()> {
        let uniform = self.0;
        let mut rows = uniform.rows();
        while !rows.is_empty() {
            let (bands, len, run) =
                (uniform.band_range(rows.start)?.len(), uniform.payload_len(), uniform.run(rows.start));
            let end = rows.start + run.as_ref().map_or(1, |run| run.rows);
            match run.filter(|run| run.is_dense(bands, len)) {
                Some(run) => {
                    let len = run.rows.checked_mul(bands)?.checked_mul(len)?;
                    f(run.buffer.as_slice().get(run.start..run.start.checked_add(len)?)?)?;
                }
                // All rows of the run, of which none is looked at again.
                None => (rows.start..end)
                    .try_for_each(|row| uniform.band_range(row)?.try_for_each(|index| f(uniform.payload(index)?)))?,
            }
            rows.start = end;
        }
        Some(())
    }
}

/// Makes an array of all rows, of which `read` appends the pixels. `None` if `read` says so.
fn collect<T: Pixel>(
    uniform: &UniformRows<'_>,
    read: impl FnOnce(Parts<'_, '_>, &mut Vec<T>) -> Option<()>,
) -> Result<Option<ArrayD<T>>> {
    let shape = uniform.batch_shape(uniform.rows().len());
    let len = num_pixels(&shape);
    let bytes = len.and_then(|len| len.checked_mul(size_of::<T>()));
    if bytes.is_none_or(|bytes| bytes > MAX_LEN) {
        let bands = uniform.rows().filter_map(|row| uniform.band_range(row)).flatten();
        let payloads = bands.filter_map(|index| uniform.payload(index)).map(Interval::of).collect::<Union>();
        require_room(len, size_of::<T>(), payloads.len())?;
    }
    let mut pixels = Vec::with_capacity(len.unwrap_or_default());
    match read(Parts(uniform), &mut pixels) {
        Some(()) => gather::from_pixels(&shape, pixels).map(Some),
        None => Ok(None),
    }
}

/// Appends the bytes of pixels, at any address.
fn append<T: Pixel>(bytes: &[u8], pixels: &mut Vec<T>) -> Option<()> {
    match aligned::<T>(bytes) {
        Some(part) => pixels.extend_from_slice(part),
        None => pixels.extend(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>)),
    }
    Some(())
}

/// As [`check_result`], with the calls that a column has for more.
fn require_room(pixels: Option<usize>, size: usize, payloads: usize) -> Result<()> {
    check_result(pixels, size, payloads).map_err(|_| {
        error!(
            TooLarge,
            "the batch would have more than {MAX_LEN} bytes, and more than the {payloads} of its payloads: take fewer rows at a \
             time (`slice`), borrow them with `batch_views`, or copy them into an array of your own with `copy_batch_into`"
        )
    })
}

fn check_target(shape: &[usize], found: &[usize]) -> Result<()> {
    if shape == found {
        return Ok(());
    }
    Err(error!(Shape, "the batch has the shape {} (row, band, ...), the target {}", Few(shape), Few(found)))
}
