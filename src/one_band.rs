//! Readers of pixels on a raster: shorthands for the one band.

/// Writes the shorthands out, for a type with `only_band` whose views live for `$a`.
macro_rules! one_band {
    ($a:lifetime) => {
        /// [`Band::as_array_view`](crate::Band::as_array_view) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_ref().as_array_view::<u8>()?, array![[1, 2], [3, 4]].into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_array_view<T: Pixel>(&self) -> Result<ArrayViewD<$a, T>> {
            self.one_view()
        }

        /// [`Band::as_array_view2`](crate::Band::as_array_view2) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_ref().as_array_view2::<u8>()?.row(1).sum(), 7);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_array_view2<T: Pixel>(&self) -> Result<ArrayView2<$a, T>> {
            self.one_view()
        }

        /// [`Band::as_array_view_dim`](crate::Band::as_array_view_dim) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Ix2, array}};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_ref().as_array_view_dim::<u8, Ix2>()?.dim(), (2, 2));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_array_view_dim<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<$a, T, D>> {
            self.one_view()
        }

        /// [`Band::as_any_view`](crate::Band::as_any_view) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{PixelType, Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_ref().as_any_view()?.pixel_type(), PixelType::UInt8);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn as_any_view(&self) -> Result<AnyArrayView<$a>> {
            self.only_band()?.as_any_view()
        }

        /// [`Band::to_cow_array`](crate::Band::to_cow_array) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[0.5f64]])?;
        /// assert_eq!(raster.as_ref().to_cow_array::<f64>()?[[0, 0]], 0.5);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_cow_array<T: Pixel>(&self) -> Result<CowArray<$a, T, IxDyn>> {
            self.only_band()?.to_cow_array()
        }

        /// [`Band::to_array`](crate::Band::to_array) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_ref().to_array::<u8>()?, array![[1, 2], [3, 4]].into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array()
        }

        /// [`Band::to_array_as`](crate::Band::to_array_as) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
        /// assert_eq!(raster.as_ref().to_array_as::<f64>()?.sum(), 10.0);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_as<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_as()
        }

        /// [`Band::to_array_cast`](crate::Band::to_array_cast) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1.5f32, 2.5]])?;
        /// assert_eq!(raster.as_ref().to_array_cast::<u8>()?, array![[1, 2]].into_dyn());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_cast()
        }

        /// [`Band::to_array_filled`](crate::Band::to_array_filled) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert!(raster.as_ref().to_array_filled(f32::NAN)?[[0, 1]].is_nan());
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn to_array_filled<T: Pixel>(&self, fill: T) -> Result<ArrayD<T>> {
            self.only_band()?.to_array_filled(fill)
        }

        /// [`Band::copy_into`](crate::Band::copy_into) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::{Array2, array}};
        /// let mut reused = Array2::<u8>::zeros((2, 2));
        /// Raster::from_ndarray(array![[1u8, 2], [3, 4]])?.as_ref().copy_into(reused.view_mut())?;
        /// assert_eq!(reused, array![[1, 2], [3, 4]]);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn copy_into<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>) -> Result<()> {
            self.only_band()?.copy_into(target)
        }

        /// [`Band::nodata`](crate::Band::nodata) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.as_ref().nodata::<u8>()?, Some(255));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn nodata<T: Pixel>(&self) -> Result<Option<T>> {
            self.only_band()?.nodata()
        }

        /// [`Band::valid_mask`](crate::Band::valid_mask) of the one band.
        ///
        /// Cost: as there, and that of reading the band's metadata.
        ///
        /// # Errors
        /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless there is one band; else as there.
        ///
        /// ```
        /// # use ndraster::{Raster, ndarray::array};
        /// let raster = Raster::from_ndarray(array![[1u8, 255]])?.with_nodata(255u8)?;
        /// assert_eq!(raster.as_ref().valid_mask()?, Some(array![[true, false]].into_dyn()));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        pub fn valid_mask(&self) -> Result<Option<ArrayD<bool>>> {
            self.only_band()?.valid_mask()
        }
    };
}

use ndarray::{ArrayD, ArrayView, ArrayView2, ArrayViewD, ArrayViewMut, CowArray, Dimension, IxDyn};

use crate::any_view::AnyArrayView;
use crate::error::Result;
use crate::pixel::Pixel;
use crate::{Raster, RasterRef};

impl<'a> RasterRef<'a> {
    one_band!('a);

    #[inline]
    fn one_view<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'a, T, D>> {
        match self.usual_view() {
            Some(view) => Ok(view),
            None => self.only_band()?.as_array_view_dim(),
        }
    }
}

impl Raster {
    one_band!('_);

    fn one_view<T: Pixel, D: Dimension>(&self) -> Result<ArrayView<'_, T, D>> {
        self.as_ref().one_view()
    }
}
