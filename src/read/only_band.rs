//! Readers of pixels for a raster of one band: on [`RasterRef`] here, on `Raster` where that is.

/// Defines them for a type with `only_band` and `only_view`, whose views live for `$a`.
macro_rules! only_band_readers {
    ($a:lifetime) => {
        /// Borrows the pixels of the only band, with as many axes as it has.
        ///
        /// The memory is the column's own, in whatever order, direction and repetition the band's view says.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if its pixels lie at an address where no `T` may:
        ///   [`to_cow_array`](Self::to_cow_array) reads those too.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than can be addressed.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, and no allocation up to four axes.
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
        pub fn as_array_view<T: Pixel>(&self) -> Result<ArrayViewD<$a, T>> {
            self.only_view()
        }

        /// Borrows the pixels of the only band as a matrix.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another number of axes than two.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if its pixels lie at an address where no `T` may:
        ///   [`to_cow_array`](Self::to_cow_array) reads those too.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than can be addressed.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, and no allocation.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_array_view2::<u8>()?.row(1).sum(), 7);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_array_view2<T: Pixel>(&self) -> Result<ArrayView2<$a, T>> {
            self.only_view()
        }

        /// Borrows the pixels of the only band with a number of axes that is fixed at compile time.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the band has another number of axes.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if its pixels lie at an address where no `T` may:
        ///   [`to_cow_array`](Self::to_cow_array) reads those too.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than can be addressed.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, and no allocation up to four axes.
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

        /// Borrows the pixels of the only band, whatever their type.
        ///
        /// [`dispatch!`](crate::dispatch) runs the same code on each type.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if its pixels lie at an address where their type
        ///   may not: [`to_cow_array`](Self::to_cow_array) reads those too.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than can be addressed.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, and no allocation up to four axes.
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
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than can be addressed.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band; and one array, if the pixels are misaligned.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[0.5f64]])?; // a single pixel of 8 bytes cannot be borrowed
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
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more than the payload.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, one array, and one copy.
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
        pub fn to_array<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array()
        }

        /// Converts the pixels of the only band to another type, exactly.
        ///
        /// Values must be equal as numbers; NaN stays NaN.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel whose value `T` cannot hold, which
        ///   the error names.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more than the payload.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, one array, and one conversion a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.to_array_exact::<f64>()?.sum(), 10.0);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_exact<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_exact()
        }

        /// Converts the pixels of the only band to another type by Rust's `as`: saturating, truncating, rounding.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more than the payload.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, one array, and one conversion a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1.5f32, 2.5]])?;
        /// assert_eq!(raster.to_array_cast::<u8>()?, array![[1, 2]].into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_cast()
        }

        /// Converts the pixels of the only band exactly, with `fill` in place of nodata.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the nodata value is not one pixel.
        /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel whose value `T` cannot hold, which
        ///   the error names.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more than the payload.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, one array, and one conversion a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert!(raster.to_array_filled(f32::NAN)?[[0, 1]].is_nan());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_filled<T: Pixel>(&self, fill: T) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_filled(fill)
        }

        /// Copies the pixels of the only band into memory of the caller, of the band's shape and any layout.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, and one copy. No allocation, unless the pixels are misaligned and not in C
        /// order, or the target is not in C order.
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
        pub fn copy_into<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>) -> Result<()> {
            self.only_band()?.copy_into(target)
        }

        /// Returns the nodata value of the only band, if it has one.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if its pixels are not `T`.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the nodata value is not one pixel.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.nodata::<u8>()?, Some(255));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn nodata<T: Pixel>(&self) -> Result<Option<T>> {
            self.only_band()?.nodata()
        }

        /// Tells for each pixel of the only band whether it is valid: `None` if the band has no nodata value.
        ///
        /// # Errors
        ///
        /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless the raster has exactly one band.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the band's metadata are malformed.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the nodata value is not one pixel.
        /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if its pixels are elsewhere.
        /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload does not fit the band's shape.
        /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
        ///   more than the payload.
        ///
        /// # Cost
        ///
        /// Reading the metadata of the band, one byte a pixel, and one comparison a pixel.
        ///
        /// # Examples
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.valid_mask()?, Some(array![[true, false]].into_dyn()));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn valid_mask(&self) -> Result<Option<ArrayD<bool>>> {
            self.only_band()?.valid_mask()
        }
    };
}
pub(crate) use only_band_readers;

use ndarray::{ArrayD, ArrayView, ArrayView2, ArrayViewD, ArrayViewMut, CowArray, Dimension, IxDyn};

use crate::error::Result;
use crate::pixel::Pixel;
use crate::read::any_view::AnyArrayView;
use crate::read::fast_path;
use crate::read::raster_ref::RasterRef;

impl<'a> RasterRef<'a> {
    only_band_readers!('a);

    #[inline]
    pub(crate) fn only_view<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'a, T, D>> {
        match fast_path::view(self.columns(), self.row()) {
            Some(view) => Ok(view),
            None => self.only_band()?.as_array_view_dim(),
        }
    }
}
