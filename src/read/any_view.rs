//! A view whose pixel type is known at run time only.

use ndarray::ArrayViewD;

use crate::error::Result;
use crate::pixel::{PixelType, pixel_types};
use crate::read::band::BandRef;

macro_rules! define {
    ($($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        /// A borrowed band of any pixel type: what [`BandRef::as_any_view`](crate::BandRef::as_any_view) gives.
        ///
        /// [`dispatch!`](crate::dispatch) runs the same generic code on whichever it is.
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
            /// The type of its pixels.
            ///
            /// # Examples
            ///
            /// ```
            /// # use ndraster::{PixelType, Raster, ndarray::array};
            /// let raster = Raster::from_ndarray(array![[1.0f32, 2.0], [3.0, 4.0]])?;
            /// assert_eq!(raster.as_any_view()?.pixel_type(), PixelType::Float32);
            /// # Ok::<(), ndraster::Error>(())
            /// ```
            pub fn pixel_type(&self) -> PixelType {
                match self { $(Self::$variant(_) => PixelType::$variant,)* }
            }

            /// Its extents.
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
    };
}
pixel_types!(define);

impl<'a> BandRef<'a> {
    /// Borrows the pixels, of whatever type they are.
    ///
    /// Cost and errors: as [`as_array_view`](BandRef::as_array_view), but that any type will do.
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
}

macro_rules! define_dispatch {
    ($d:tt $($variant:ident $rust:ident $id:literal $name:literal,)*) => {
        /// Runs an expression on the view inside of an [`AnyArrayView`], whatever its pixel type.
        ///
        /// The expression is compiled once a type, so it may call generic functions, and must be of one type
        /// throughout.
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
                match $d any {
                    $($crate::AnyArrayView::$variant($d view) => $d body,)*
                }
            };
        }
    };
}
pixel_types!(define_dispatch $);
