//! Reads all bands of a raster as one array, with the band axis first.

use ndarray::{ArrayD, ArrayViewD, Axis};

use crate::error::{Error, Result, error};
use crate::format::intervals::{Interval, Union};
use crate::limits::check_result;
use crate::pixel::Pixel;
use crate::read::band::BandRef;
use crate::read::evenly::{Evenly, Extent};
use crate::read::raster_ref::RasterRef;
use crate::shown::Few;
use crate::strided::array_view;
use crate::strided::gather;
use crate::strided::layout::num_pixels;
use crate::view::Axes;

impl<'a> RasterRef<'a> {
    /// Borrows all bands as one array of shape `(band, ...)`.
    ///
    /// The bands must have the same dims, extents, pixel type and order in memory, and their first pixels must lie
    /// evenly spaced in one data buffer. The only band of a raster always does. [`to_stack`](Self::to_stack) copies
    /// bands that lie otherwise.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is a band, and all bands have the same dims and
    ///   extents.
    /// - [`ErrorKind::Layout`](crate::ErrorKind::Layout) if the pixels of the bands do not lie evenly spaced in one
    ///   data buffer, in the same order.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels of a band are not loaded (an out-of-db
    ///   band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the metadata of a band are not valid, or if its
    ///   payload cannot be read or does not fit its source shape.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels of a band lie at an address that `T`
    ///   does not allow.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a band has more pixels than memory can address.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band. Allocates lists with an entry for each band, and no pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from(Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?);
    /// assert_eq!(column.get(0).unwrap().as_stack_view::<u8>()?.shape(), [1, 2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("stack", "to_numpy"))]
    pub fn as_stack_view<T: Pixel>(&self) -> Result<ArrayViewD<'a, T>> {
        let bands = self.alike_bands()?;
        let views = bands.iter().map(BandRef::as_array_view::<T>).collect::<Result<Vec<_>>>()?;
        match <[ArrayViewD<'a, T>; 1]>::try_from(views) {
            Ok([only]) => Ok(only.insert_axis(Axis(0))),
            Err(views) if views.iter().all(ArrayViewD::is_empty) => self.empty_stack(&bands),
            Err(_) => stack_view(&bands).map_err(|e| self.annotate(e)),
        }
    }

    /// Makes a stack of bands that have no pixels, so it does not matter where they lie.
    fn empty_stack<T: Pixel>(&self, bands: &[BandRef<'_>]) -> Result<ArrayViewD<'a, T>> {
        array_view::view(&[], &stack_shape(bands), None).map_err(|e| self.annotate(e))
    }

    /// Copies all bands into one array of shape `(band, ...)`, in C order.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is a band, and all bands have the same dims and
    ///   extents.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels of a band are not `T`.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels of a band are not loaded (an out-of-db
    ///   band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the metadata of a band are not valid, or if its
    ///   payload cannot be read or does not fit its source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than all payloads together, where bytes that bands share count once.
    ///
    /// # Cost
    ///
    /// One allocation of the array's size, and one copy. For a band whose pixels are misaligned and whose view is not
    /// the identity, the bytes from its first to its last visible pixel are copied once more. Allocates lists with an
    /// entry for each band.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::Array2};
    /// let bands = [7u8, 9].map(|fill| Band::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap());
    /// let column = RasterArray::from(Raster::from_bands(bands)?);
    /// let stack = column.get(0).unwrap().to_stack::<u8>()?;
    /// assert_eq!(stack.shape(), [2, 2, 3]);
    /// assert_eq!((stack[[0, 1, 2]], stack[[1, 1, 2]]), (7, 9));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("stack", "ReadAsArray"))]
    pub fn to_stack<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.stack_with(|band, target| band.copy_into(target))
    }

    /// Converts all bands into one array of shape `(band, ...)` in C order, each pixel by Rust's `as`.
    ///
    /// The bands may have different pixel types.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is a band, and all bands have the same dims and
    ///   extents.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels of a band are not loaded (an out-of-db
    ///   band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the metadata of a band are not valid, or if its
    ///   payload cannot be read or does not fit its source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than all payloads together, where bytes that bands share count once.
    ///
    /// # Cost
    ///
    /// One array of the result, and one conversion a pixel. Pixels of a view without long runs go through 64 KiB of memory.
    /// If the pixels of a band are misaligned, the bytes from its first to its last visible pixel are copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::array};
    /// let column = RasterArray::from(Raster::from_bands([
    ///     Band::from_ndarray(array![[1u8, 2]])?,
    ///     Band::from_ndarray(array![[0.5f64, -3.0]])?,
    /// ])?);
    /// let stack = column.get(0).unwrap().to_stack_cast::<f32>()?;
    /// assert_eq!(stack, array![[[1.0, 2.0]], [[0.5, -3.0]]].into_dyn());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_stack_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.stack_with(|band, target| band.copy_into_cast(target))
    }

    /// Makes the stack and calls `fill` with each band and its place in the stack.
    fn stack_with<T: Pixel>(
        &self,
        fill: impl Fn(&BandRef<'a>, ndarray::ArrayViewMutD<'_, T>) -> Result<()>,
    ) -> Result<ArrayD<T>> {
        let bands = self.alike_bands()?;
        let shape = stack_shape(&bands);
        let payloads = bands.iter().map(BandRef::source_data).collect::<Result<Vec<_>>>()?;
        let payload = payloads.into_iter().map(Interval::of).collect::<Union>().len();
        let pixels = num_pixels(&shape);
        check_result(pixels, size_of::<T>(), payload).map_err(|e| self.annotate(e))?;
        let zeros = vec![T::default(); pixels.unwrap_or_default()];
        let mut stack = gather::from_pixels(&shape, zeros).map_err(|e| self.annotate(e))?;
        for (band, target) in bands.iter().zip(stack.axis_iter_mut(Axis(0))) {
            fill(band, target)?;
        }
        Ok(stack)
    }

    /// Returns the bands. Refuses a raster without bands, or with bands whose dims or extents differ.
    fn alike_bands(&self) -> Result<Vec<BandRef<'a>>> {
        let bands = self.bands().collect::<Result<Vec<_>>>()?;
        let Some(first) = bands.first() else {
            return Err(self.annotate(error!(Shape, "a raster without bands has nothing to stack")));
        };
        let alike = |band: &&BandRef<'_>| band.dim_names() == first.dim_names() && band.shape() == first.shape();
        match bands.iter().find(|band| !alike(band)) {
            None => Ok(bands),
            Some(other) => Err(other.annotate(error!(
                Shape,
                "{} of extents {} do not stack with {} of {} in band 0: bring the dims into one order with `transpose_dims`, or \
                 take bands that are alike with `select_bands`",
                Few(other.dim_names()),
                Few(other.shape()),
                Few(first.dim_names()),
                Few(first.shape())
            ))),
        }
    }
}

fn stack_shape(bands: &[BandRef<'_>]) -> Axes<usize> {
    let band = bands.first().map_or(&[] as &[usize], BandRef::shape);
    std::iter::once(bands.len()).chain(band.iter().copied()).collect()
}

/// Makes one array view of all bands. The caller has checked that they have the same dims and extents, have pixels, and
/// can each be borrowed as `T`.
fn stack_view<'a, T: Pixel>(bands: &[BandRef<'a>]) -> Result<ArrayViewD<'a, T>> {
    let mut evenly = Evenly::new(bands.len());
    let all = bands.iter().try_for_each(|band| evenly.push::<T>(Extent::new::<T>(band)?));
    let view = all.and_then(|()| evenly.view(bands.first()?.shape())).ok_or_else(uneven)?;
    Ok(view.index_axis_move(Axis(0), 0))
}

#[cold]
fn uneven() -> Error {
    error!(
        Layout,
        "the bands' pixels do not lie evenly spaced in one data buffer, as a view of them all needs: copy them with \
         `to_stack`"
    )
}
