//! Defines array views whose pixel type is known at run time only.

use ndarray::{ArrayViewD, CowArray, IxDyn};

use crate::cast::pixel_types;
use crate::error::Result;
use crate::pixel::PixelType;
use crate::read::band::BandRef;

macro_rules! define {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        /// An array view of a band's pixels, of any of the ten pixel types.
        ///
        /// [`BandRef::as_any_view`](crate::BandRef::as_any_view) makes one. [`dispatch!`](crate::dispatch) runs the
        /// same code on it for each pixel type.
        ///
        /// # Examples
        ///
        /// ```
        /// use ndraster::{AnyArrayView, Raster, ndarray::array};
        ///
        /// let raster = Raster::from_ndarray(array![[1i16, 2], [3, 4]])?;
        /// let AnyArrayView::Int16(view) = raster.as_any_view()? else { panic!("not int16") };
        /// assert_eq!(view[[1, 0]], 3);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each variant's name says all there is")]
        pub enum AnyArrayView<'a> {
            $($variant(ArrayViewD<'a, $rust>),)*
        }

        impl<'a> AnyArrayView<'a> {
            /// Returns the type of the pixels.
            ///
            /// # Examples
            ///
            /// ```
            /// # use ndraster::{PixelType, Raster, ndarray::array};
            /// let raster = Raster::from_ndarray(array![[1.0f32, 2.0], [3.0, 4.0]])?;
            /// assert_eq!(raster.as_any_view()?.pixel_type(), PixelType::Float32);
            /// # Ok::<(), ndraster::Error>(())
            /// ```
            #[doc(alias("dtype", "GetRasterDataType"))]
            pub fn pixel_type(&self) -> PixelType {
                match self { $(Self::$variant(_) => PixelType::$variant,)* }
            }

            /// Returns the extents of the axes, in pixels.
            ///
            /// # Examples
            ///
            /// ```
            /// # use ndraster::{Raster, ndarray::array};
            /// let raster = Raster::from_ndarray(array![[1u8, 2, 3]])?;
            /// assert_eq!(raster.as_any_view()?.shape(), [1, 3]);
            /// # Ok::<(), ndraster::Error>(())
            /// ```
            pub fn shape(&self) -> &[usize] {
                match self { $(Self::$variant(view) => view.shape(),)* }
            }
        }

        fn any_view<'a>(band: &BandRef<'a>) -> Result<AnyArrayView<'a>> {
            Ok(match band.pixel_type() {
                $(PixelType::$variant => AnyArrayView::$variant(band.as_array_view()?),)*
            })
        }

        /// The pixels of a band, of any of the ten pixel types: borrowed, or copied because they are misaligned.
        ///
        /// [`BandRef::to_any_cow_array`](crate::BandRef::to_any_cow_array) makes one. [`view`](Self::view) borrows from it what
        /// [`dispatch!`](crate::dispatch) takes.
        ///
        /// # Examples
        ///
        /// ```
        /// use ndraster::{Raster, dispatch, ndarray::array};
        ///
        /// let raster = Raster::from_ndarray(array![[1i16, 2], [3, 4]])?;
        /// let pixels = raster.band(0)?.to_any_cow_array()?;
        /// assert_eq!(dispatch!(pixels.view(), view => view.iter().map(|&pixel| pixel as f64).sum::<f64>()), 10.0);
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each variant's name says all there is")]
        pub enum AnyCowArray<'a> {
            $($variant(CowArray<'a, $rust, IxDyn>),)*
        }

        impl AnyCowArray<'_> {
            /// Borrows the pixels.
            ///
            /// # Examples
            ///
            /// ```
            /// # use ndraster::{Raster, ndarray::array};
            /// let raster = Raster::from_ndarray(array![[1u8, 2, 3]])?;
            /// assert_eq!(raster.band(0)?.to_any_cow_array()?.view().shape(), [1, 3]);
            /// # Ok::<(), ndraster::Error>(())
            /// ```
            pub fn view(&self) -> AnyArrayView<'_> {
                match self { $(Self::$variant(pixels) => AnyArrayView::$variant(pixels.view()),)* }
            }
        }

        fn any_cow_array<'a>(band: &BandRef<'a>) -> Result<AnyCowArray<'a>> {
            Ok(match band.pixel_type() {
                $(PixelType::$variant => AnyCowArray::$variant(band.to_cow_array()?),)*
            })
        }
    };
}
pixel_types!(define);

impl<'a> BandRef<'a> {
    /// Borrows the pixels as an array view of the band's own pixel type.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::Misaligned`](crate::ErrorKind::Misaligned) if the pixels lie at an address that their type does
    ///   not allow. [`to_cow_array`](BandRef::to_cow_array) copies such pixels.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2], [3, 4]])?;
    /// let mean = ndraster::dispatch!(raster.band(0)?.as_any_view()?, view => {
    ///     view.iter().map(|&pixel| pixel as f64).sum::<f64>() / view.len() as f64
    /// });
    /// assert_eq!(mean, 2.5);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_any_view(&self) -> Result<AnyArrayView<'a>> {
        any_view(self)
    }

    /// Borrows the pixels with the band's own pixel type, or copies them if they are misaligned.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the shape has more pixels than memory can address, or if
    ///   misaligned pixels that a view repeats would be copied as more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// No allocation up to four axes; one array, if the pixels are misaligned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{AnyCowArray, Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[0.5f64]])?; // a single pixel of 8 bytes cannot be borrowed
    /// assert!(raster.band(0)?.as_any_view().is_err());
    /// assert!(matches!(raster.band(0)?.to_any_cow_array()?, AnyCowArray::Float64(_)));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_any_cow_array(&self) -> Result<AnyCowArray<'a>> {
        any_cow_array(self)
    }
}

macro_rules! define_dispatch {
    ($d:tt $($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        /// Evaluates an expression with the array view inside of an [`AnyArrayView`], for any pixel type.
        ///
        /// The expression is compiled once for each pixel type, so it may call generic functions. Its own type must be
        /// the same for all of them.
        ///
        /// # Examples
        ///
        /// ```
        /// use ndraster::{Pixel, Raster, ndarray::{ArrayViewD, array}};
        ///
        /// fn distinct<T: Pixel>(view: ArrayViewD<'_, T>) -> usize {
        ///     let mut pixels = view.iter().copied().collect::<Vec<_>>();
        ///     pixels.sort_by(|a, b| a.partial_cmp(b).expect("no NaN"));
        ///     pixels.dedup();
        ///     pixels.len()
        /// }
        ///
        /// let raster = Raster::from_ndarray(array![[1u16, 700], [1, 4]])?;
        /// let (count, sum) = ndraster::dispatch!(raster.as_any_view()?, view => {
        ///     let sum = view.iter().map(|&pixel| pixel as f64).sum::<f64>();
        ///     (distinct(view), sum)
        /// });
        /// assert_eq!((count, sum), (3, 706.0));
        /// # Ok::<(), ndraster::Error>(())
        /// ```
        #[macro_export]
        macro_rules! dispatch {
            ($d any:expr, $d view:pat => $d body:expr) => {
                match $crate::__any_view($d any) {
                    $($crate::AnyArrayView::$variant($d view) => $d body,)*
                }
            };
        }
    };
}
pixel_types!(define_dispatch $);

/// Says at the place of the call which type [`dispatch!`] takes.
#[doc(hidden)]
pub fn __any_view(view: AnyArrayView<'_>) -> AnyArrayView<'_> {
    view
}
