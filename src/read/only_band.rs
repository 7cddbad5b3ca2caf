//! Defines the methods that read the only band of a raster. [`RasterRef`] and `Raster` have the same ones.

/// Defines these methods for a type that has the methods `only_band` and `only_view`. Array views live for `$a`.
macro_rules! only_band_readers {
    ($a:lifetime) => {
        /// Borrows the pixels of the only band, with as many axes as it has.
        ///
        /// The pixels are not copied. The array view has the order, direction and repetition that the band's view says.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that `T` does not
        ///   allow. [`to_cow_array`](Self::to_cow_array) copies such pixels.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. No allocation up to four axes.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let pixels = array![[1u8, 2], [3, 4]];
        /// let raster = Raster::from_ndarray(pixels.clone())?;
        /// assert_eq!(raster.as_array_view::<u8>()?, pixels.into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("asarray", "to_numpy"))]
        pub fn as_array_view<T: Pixel>(&self) -> Result<ArrayViewD<$a, T>> {
            self.only_view()
        }

        /// Borrows the pixels of the only band as a matrix: rows are y, columns are x, whatever the order of the dims. Other axes must
        /// have one index, as `slice_dim("time", 6..7)` leaves it.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has other axes than y and x with more than one
        ///   index.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that `T` does not
        ///   allow. [`to_cow_array`](Self::to_cow_array) copies such pixels.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. No allocation.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_array_view2::<u8>()?.row(1).sum(), 7);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("asarray", "to_numpy", "values"))]
        pub fn as_array_view2<T: Pixel>(&self) -> Result<ArrayView2<$a, T>> {
            self.only_view()
        }

        /// Borrows the pixels of the only band with a number of axes that is fixed at compile time.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another number of axes.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that `T` does not
        ///   allow. [`to_cow_array`](Self::to_cow_array) copies such pixels.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. No allocation up to four axes.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Ix2, array}};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_array_view_dim::<u8, Ix2>()?.dim(), (2, 2));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_array_view_dim<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<$a, T, D>> {
            self.only_view()
        }

        /// Borrows the pixels of the only band as an array view of the band's own pixel type.
        ///
        /// [`dispatch!`](crate::dispatch) runs the same code on each type.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that their type
        ///   does not allow. [`to_cow_array`](Self::to_cow_array) copies such pixels.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. No allocation up to four axes.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{PixelType, Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_any_view()?.pixel_type(), PixelType::UInt8);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_any_view(&self) -> Result<AnyArrayView<$a>> {
            self.only_band()?.as_any_view()
        }

        /// Borrows the pixels of the only band, or copies them if they are misaligned.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address,
        ///   or if a copy would have more than 2^31 - 1 bytes, and more bytes than the payload (a view can repeat
        ///   pixels).
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. No allocation up to four axes for aligned pixels. Misaligned pixels are copied
        /// into one array in C order, and under a view that is not the identity, the bytes from the first to the last
        /// visible pixel are copied once more.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// // Arrow stores a single f64 inside of its 16-byte view, at an address where it cannot be borrowed.
        /// let raster = Raster::from_ndarray(array![[0.5f64]])?;
        /// assert_eq!(raster.to_cow_array::<f64>()?[[0, 0]], 0.5);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_cow_array<T: Pixel>(&self) -> Result<CowArray<$a, T, IxDyn>> {
            self.only_band()?.to_cow_array()
        }

        /// Copies the pixels of the only band into an array in C order.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload (a view can repeat pixels). [`copy_into`](Self::copy_into) has no such limit.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One allocation of the array's size, and one copy. If the pixels are misaligned
        /// and the view is not the identity, the bytes from the first to the last visible pixel are copied once more.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let pixels = array![[1u8, 2], [3, 4]];
        /// let raster = Raster::from_ndarray(pixels.clone())?;
        /// assert_eq!(raster.to_array::<u8>()?, pixels.into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("copy", "ReadAsArray"))]
        pub fn to_array<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array()
        }

        /// Converts the pixels of the only band exactly to any type, into an array in C order.
        ///
        /// A conversion is exact if it gives an equal number: 3.0 may become 3, and -0.0 may become 0. NaN stays NaN.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel whose value `T` cannot hold. The
        ///   message names it.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload (a view can repeat pixels). [`copy_into_filled`](Self::copy_into_filled)
        ///   of a band without nodata has no such limit.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One array, and one conversion a pixel, or a copy if the pixels are `T`. If the
        /// pixels are misaligned, the bytes from the first to the last visible pixel are copied once more.
        /// Pixels of a view without long runs go through 64 KiB of memory.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.to_array_exact::<f64>()?.sum(), 10.0);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("astype"))]
        pub fn to_array_exact<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_exact()
        }

        /// Converts the pixels of the only band to any type by Rust's `as`, into an array in C order.
        ///
        /// - A float that becomes an integer loses its fraction. Out of range it becomes the nearest limit, and NaN
        ///   becomes 0.
        /// - An integer that becomes an integer wraps if it is out of range.
        /// - A number that becomes a float is rounded to the nearest one, and to an infinity if it is too large.
        /// - Nodata is converted like any pixel: -9999 becomes 241 as `u8`. See [`to_array_filled`](Self::to_array_filled).
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload (a view can repeat pixels). [`copy_into_cast`](Self::copy_into_cast)
        ///   has no such limit.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One array, and one conversion a pixel. If the pixels are misaligned, the bytes
        /// from the first to the last visible pixel are copied once more.
        /// Pixels of a view without long runs go through 64 KiB of memory.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1.5f32, 2.5]])?;
        /// assert_eq!(raster.to_array_cast::<u8>()?, array![[1, 2]].into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("astype"))]
        pub fn to_array_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_cast()
        }

        /// Converts the pixels of the only band exactly to any type, with `fill` in place of each nodata pixel, into an
        /// array in C order.
        ///
        /// A pixel is nodata if it has the value of nodata: 0.0 and -0.0 are the same value. A NaN nodata matches every
        /// NaN. If nodata is a number, NaN pixels are not nodata, as in GDAL.
        ///
        /// A band without nodata is only converted.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the stored nodata value is not exactly one pixel.
        /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel that is not nodata and whose value
        ///   `T` cannot hold. The message names it.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload (a view can repeat pixels). [`copy_into_filled`](Self::copy_into_filled)
        ///   has no such limit.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One array, and one conversion a pixel. If the pixels are misaligned, the bytes
        /// from the first to the last visible pixel are copied once more.
        /// Pixels of a view without long runs go through 64 KiB of memory.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert!(raster.to_array_filled(f32::NAN)?[[0, 1]].is_nan());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("filled", "fillna", "nan_to_num"))]
        pub fn to_array_filled<T: Pixel>(&self, fill: T) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_filled(fill)
        }

        /// Converts the pixels of the only band like [`to_array_filled`](Self::to_array_filled), into a matrix: rows are y,
        /// columns are x, whatever the order of the dims.
        ///
        /// # Errors
        ///
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band, and it two axes. Also the
        /// errors of `to_array_filled`: for a pixel that `T` cannot hold, and for nodata and pixels that are malformed, not
        /// loaded or too many.
        ///
        /// # Cost
        ///
        /// That of `to_array_filled`: one array, and one conversion a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.to_array_filled2(0f32)?, array![[1.0, 0.0]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("filled", "fillna", "nan_to_num"))]
        pub fn to_array_filled2<T: Pixel>(&self, fill: T) -> Result<Array2<T>> {
            self.only_band()?.to_array_filled2(fill)
        }

        /// Copies the pixels of the only band into an array of the caller, which has the band's shape and any layout.
        ///
        /// There is no limit on its size.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One copy, and no allocation up to four axes. There is an exception for misaligned
        /// pixels: if the view is not the identity, or the target is not in C order, the bytes from the first to the
        /// last visible pixel are copied once more.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Array2, array}};
        /// let mut reused = Array2::<u8>::zeros((2, 2));
        /// Raster::from_ndarray(array![[1u8, 2], [3, 4]])?.copy_into(reused.view_mut())?;
        /// assert_eq!(reused, array![[1, 2], [3, 4]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("copyto", "read_into"))]
        pub fn copy_into<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>) -> Result<()> {
            self.only_band()?.copy_into(target)
        }

        /// Converts the pixels of the only band to any type by Rust's `as`, into an array of the caller, in any memory layout.
        ///
        /// It converts as [`to_array_cast`](Self::to_array_cast) does. A matrix (`Ix2`) is (y, x). An array of any other rank
        /// has the band's own order of axes. There is no limit on its size.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, or if its
        ///   payload cannot be read or does not fit the source shape.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One conversion a pixel. Pixels of a view without long runs go through 64 KiB of memory.
        /// If the pixels are misaligned, the bytes from the first to the last visible pixel are copied.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Array2, array}};
        /// let mut reused = Array2::<f32>::zeros((2, 2));
        /// Raster::from_ndarray(array![[1u8, 2], [3, 4]])?.copy_into_cast(reused.view_mut())?;
        /// assert_eq!(reused, array![[1.0, 2.0], [3.0, 4.0]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("copyto"))]
        pub fn copy_into_cast<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>) -> Result<()> {
            self.only_band()?.copy_into_cast(target)
        }

        /// Converts the pixels of the only band exactly to any type, with `fill` in place of each nodata pixel, into an array of
        /// the caller, in any memory layout.
        ///
        /// It converts as [`to_array_filled`](Self::to_array_filled) does. A matrix (`Ix2`) is (y, x). An array of any other rank
        /// has the band's own order of axes. There is no limit on its size.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
        /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel that is not nodata and whose value `T`
        ///   cannot hold. The message names it. Some of the target is overwritten then.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid, if the stored nodata
        ///   value is not exactly one pixel, or if the payload cannot be read or does not fit the source shape.
        ///
        /// # Cost
        ///
        /// That of [`copy_into_cast`](Self::copy_into_cast), and one comparison a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Array2, array}};
        /// let mut reused = Array2::<f32>::zeros((1, 2));
        /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
        /// raster.copy_into_filled(0.0, reused.view_mut())?;
        /// assert_eq!(reused, array![[7.0, 0.0]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn copy_into_filled<T: Pixel, D: Dimension>(&self, fill: T, target: ArrayViewMut<'_, T, D>) -> Result<()> {
            self.only_band()?.copy_into_filled(fill, target)
        }

        /// Returns the value that marks pixels without data, if the only band has one.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the stored nodata value is not exactly one pixel.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. No allocation up to four axes.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.nodata::<u8>()?, Some(255));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("GetNoDataValue", "_FillValue"))]
        pub fn nodata<T: Pixel>(&self) -> Result<Option<T>> {
            self.only_band()?.nodata()
        }

        /// Returns a mask that is `true` for each valid pixel of the only band, or `None` if the band has no nodata
        /// value.
        ///
        /// The mask has the band's shape, in C order. A pixel is valid if its value is not nodata: 0.0 and -0.0 are the
        /// same value. A NaN nodata matches every NaN. If nodata is a number, NaN pixels are valid, as in GDAL.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are not valid.
        ///
        /// If the band has a nodata value, also:
        ///
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the stored nodata value is not exactly one pixel.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
        ///   source shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the mask would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload (a view can repeat pixels).
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One byte and one comparison a pixel. If the pixels are misaligned, the bytes from
        /// the first to the last visible pixel are copied as well.
        /// Pixels of a view without long runs go through 64 KiB of memory.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.valid_mask()?, Some(array![[true, false]].into_dyn()));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("read_masks", "notnull", "isnan"))]
        pub fn valid_mask(&self) -> Result<Option<ArrayD<bool>>> {
            self.only_band()?.valid_mask()
        }

        /// Returns the mask of [`valid_mask`](Self::valid_mask) as a matrix: rows are y, columns are x, whatever the order of
        /// the dims, as in [`as_array_view2`](Self::as_array_view2).
        ///
        /// # Errors
        ///
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band, and it two axes. Also the
        /// errors of `valid_mask`: for nodata and pixels that are malformed, not loaded or too many.
        ///
        /// # Cost
        ///
        /// That of `valid_mask`: one byte and one comparison a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.valid_mask2()?, Some(array![[true, false]]));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("read_masks", "dataset_mask", "notnull"))]
        pub fn valid_mask2(&self) -> Result<Option<Array2<bool>>> {
            self.only_band()?.valid_mask2()
        }

        /// Copies the pixels of the only band into a matrix in C order: rows are y, columns are x, whatever the order
        /// of the dims.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has other axes than y and x with more than one
        ///   index.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One array and one copy.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Band, Raster, ndarray::array};
        /// let band = Band::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.with_dim_names(["lon", "lat"])?;
        /// assert_eq!(Raster::from_bands([band])?.to_array2::<u8>()?, array![[1, 4], [2, 5], [3, 6]]); // (lat, lon)
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("copy", "ReadAsArray"))]
        pub fn to_array2<T: Pixel>(&self) -> Result<Array2<T>> {
            self.only_band()?.to_array2()
        }

        /// Copies the pixels of the only band into an array in C order, with a number of axes that is fixed at compile
        /// time. A matrix (`Ix2`) is always (y, x), and other axes of its band must have one index; all others have the band's own
        /// order of axes.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another number of axes.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. One array and one copy.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Ix2, array}};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.to_array_dim::<u8, Ix2>()?.row(1).sum(), 7);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_dim<T: Pixel, D: Dimension>(&self) -> Result<Array<T, D>> {
            self.only_band()?.to_array_dim()
        }

        /// Borrows the pixels of the only band, whatever their type, or copies them if they are misaligned.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more bytes than the payload.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata; and one array, if the pixels are misaligned.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, dispatch, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[0.5f64]])?; // a single pixel of 8 bytes cannot be borrowed
        /// let pixels = raster.to_any_cow_array()?;
        /// assert_eq!(dispatch!(pixels.view(), view => view.len()), 1);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_any_cow_array(&self) -> Result<AnyCowArray<$a>> {
            self.only_band()?.to_any_cow_array()
        }

        /// Returns the pixel of the only band under a point on the ground: `None` outside of the raster, and `None` for
        /// nodata.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if another axis than x and y has more than one index: slice it
        ///   first.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `x` or `y` is not finite, or if the transform
        ///   cannot be inverted.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata and one pixel. No allocation.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.sample::<u8>(1.5, -0.5)?, Some(2));
        /// assert_eq!(raster.sample::<u8>(2.5, -0.5)?, None);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("sel", "RS_Value"))]
        pub fn sample<T: Pixel>(&self, x: f64, y: f64) -> Result<Option<T>> {
            self.only_band()?.sample(x, y)
        }

        /// Returns the pixel of the only band under each of many points `(x, y)`: `None` outside of the raster, and
        /// `None` for nodata.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if another axis than x and y has more than one index: slice it
        ///   first.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a point is not finite, or if the transform cannot
        ///   be inverted.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata once, and one pixel a point. One allocation.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.sample_many::<u8>(&[(1.5, -0.5), (9.0, 9.0)])?, [Some(2), None]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("sel", "RS_Values"))]
        pub fn sample_many<T: Pixel>(&self, points: &[(f64, f64)]) -> Result<Vec<Option<T>>> {
            self.only_band()?.sample_many(points)
        }

        /// Returns a test for pixels of the only band: is a pixel valid, that is, anything but nodata? -0.0 is 0.0, and
        /// NaN is any NaN.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1.5f32, f32::NAN]])?.with_nodata(f32::NAN)?;
        /// let is_valid = raster.is_valid::<f32>()?;
        /// assert_eq!(raster.as_array_view2::<f32>()?.mapv(is_valid), array![[true, false]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn is_valid<T: Pixel>(&self) -> Result<impl Fn(T) -> bool + Copy + use<T>> {
            self.only_band()?.is_valid()
        }

        /// Iterates over the pixels of the only band that are not nodata, in C order of the band's own axes.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata, its payload or its nodata
        ///   value are malformed.
        ///
        /// # Cost
        ///
        /// Reads the band's metadata. Copies the pixels if they are misaligned.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[7i16, -9999, 9]])?.with_nodata(-9999i16)?;
        /// assert_eq!(raster.valid_pixels::<i16>()?.map(i64::from).sum::<i64>(), 16);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[doc(alias("compressed", "nanmean"))]
        pub fn valid_pixels<T: Pixel>(&self) -> Result<impl Iterator<Item = T> + use<$a, T>> {
            self.only_band()?.valid_pixels()
        }
    };
}
pub(crate) use only_band_readers;

use ndarray::{Array, Array2, ArrayD, ArrayView, ArrayView2, ArrayViewD, ArrayViewMut, CowArray, Dimension, IxDyn};

use crate::error::Result;
use crate::pixel::Pixel;
use crate::read::any_view::{AnyArrayView, AnyCowArray};
use crate::read::fast_path;
use crate::read::raster_ref::RasterRef;

impl<'a> RasterRef<'a> {
    only_band_readers!('a);

    #[inline]
    pub(crate) fn only_view<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'a, T, D>> {
        match self.known_view().or_else(|| fast_path::view(self.columns(), self.row())) {
            Some(view) => Ok(view),
            None => self.only_band()?.as_array_view_dim(),
        }
    }
}
