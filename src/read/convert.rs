//! Converts the pixels of a band to other types.

use fearless_simd::Level;
use ndarray::{ArrayD, Ix2};

use crate::cast::{cast, checked};
use crate::error::{Error, Result, error};
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;
use crate::read::pixels::{Region, leaves_the_payload};
use crate::shown::Few;
use crate::strided::convert;
use crate::strided::gather;
use crate::strided::layout::num_pixels;
use crate::view::Axes;

impl BandRef<'_> {
    /// Converts the pixels exactly to any type, into an array in C order.
    ///
    /// The axes are in the band's own order, which [`dim_names`](BandRef::dim_names) says.
    ///
    /// A conversion is exact if it gives an equal number: 3.0 may become 3, and -0.0 may become 0. NaN stays NaN.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel whose value `T` cannot hold. The message
    ///   names it.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than the payload (a view can repeat pixels). [`copy_into_filled`](BandRef::copy_into_filled)
    ///   of a band without nodata has no such limit.
    ///
    /// # Cost
    ///
    /// One array, and one conversion a pixel, or a copy if the pixels are `T`.
    /// If the pixels are misaligned, the bytes from the first to the last visible pixel are copied once more.
    /// Pixels of a view without long runs go through 64 KiB of memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1i16, 2], [3, 400]])?;
    /// assert_eq!(raster.band(0)?.to_array_exact::<f64>()?[[1, 1]], 400.0);
    /// assert_eq!(
    ///     raster.band(0)?.to_array_exact::<u8>().unwrap_err().to_string(),
    ///     "band 0: the pixel at [1, 1] is 400, which uint8 cannot hold: ask for a type that can, or take \
    ///      `to_array_cast::<u8>()`, which makes it 144"
    /// );
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("astype"))]
    pub fn to_array_exact<T: Pixel>(&self) -> Result<ArrayD<T>> {
        if T::PIXEL_TYPE == self.pixel_type() {
            return self.to_array();
        }
        match_pixel_type!(self.pixel_type(), P => self.convert::<P, T>(false, checked))
    }

    /// Converts the pixels to any type by Rust's `as`, into an array in C order.
    ///
    /// The axes are in the band's own order, which [`dim_names`](BandRef::dim_names) says.
    ///
    /// - A float that becomes an integer loses its fraction. Out of range it becomes the nearest limit, and NaN becomes
    ///   0.
    /// - An integer that becomes an integer wraps if it is out of range.
    /// - A number that becomes a float is rounded to the nearest one, and to an infinity if it is too large.
    /// - Nodata is converted like any pixel: -9999 becomes 241 as `u8`. See [`to_array_filled`](BandRef::to_array_filled).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and
    ///   more bytes than the payload (a view can repeat pixels). [`copy_into_cast`](BandRef::copy_into_cast)
    ///   has no such limit.
    ///
    /// # Cost
    ///
    /// One array, and one conversion a pixel.
    /// If the pixels are misaligned, the bytes from the first to the last visible pixel are copied once more.
    /// Pixels of a view without long runs go through 64 KiB of memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1.9f32, -3.0]])?;
    /// assert_eq!(raster.band(0)?.to_array_cast::<u8>()?, array![[1, 0]].into_dyn());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("astype"))]
    pub fn to_array_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        match_pixel_type!(self.pixel_type(), P => self.convert::<P, T>(false, |pixel| (cast(pixel), true)))
    }

    /// Converts each pixel by `f`, into an array in C order, (y, x) if it is to be a matrix. `P` is the band's pixel type.
    ///
    /// Returns [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel to which `f` says `false`.
    pub(crate) fn convert<P: Pixel, T: Pixel>(
        &self,
        is_matrix: bool,
        f: impl Fn(P) -> (T, bool) + Copy,
    ) -> Result<ArrayD<T>> {
        self.collect(is_matrix, f, |region, (at, pixel)| self.lost::<P, T>(region, at, pixel))
    }

    /// Applies `f` to each pixel, into an array in C order, (y, x) if it is to be a matrix. `P` is the band's pixel type.
    pub(crate) fn map_pixels<P: Pixel, R>(&self, is_matrix: bool, f: impl Fn(P) -> R + Copy) -> Result<ArrayD<R>> {
        self.collect(is_matrix, move |pixel| (f(pixel), true), |_, _| self.annotate(leaves_the_payload()))
    }

    /// Converts the pixels, or makes an error of the first to which `f` says `false`: of its position in C order, and of it.
    fn collect<P: Pixel, R>(
        &self,
        is_matrix: bool,
        f: impl Fn(P) -> (R, bool) + Copy,
        error: impl FnOnce(&Region<'_>, (usize, P)) -> Error,
    ) -> Result<ArrayD<R>> {
        if is_matrix {
            self.require_ndim::<Ix2>()?;
        }
        let region = self.region_as(is_matrix)?;
        self.check_result_of::<R>()?;
        let mut converted = Vec::with_capacity(num_pixels(region.shape()).unwrap_or_default());
        let (level, mut lost) = (Level::new(), None);
        let all = region.try_for_each_block(&mut |block| {
            let before = converted.len();
            convert::extend(level, block, &mut converted, f)
                .map_err(|(at, pixel)| lost = Some((before + at, pixel)))
                .ok()
        });
        if let Some(lost) = lost {
            return Err(error(&region, lost));
        }
        all.ok_or_else(|| self.annotate(leaves_the_payload()))?;
        gather::from_pixels(region.shape(), converted).map_err(|e| self.annotate(e))
    }

    /// Makes the error for a pixel that cannot be converted. `at` is its position in C order.
    #[cold]
    pub(super) fn lost<P: Pixel, T: Pixel>(&self, region: &Region<'_>, at: usize, pixel: P) -> Error {
        let mut index = Axes::from(region.shape());
        let mut rest = at;
        for extent in index.iter_mut().rev() {
            (*extent, rest) = (rest % (*extent).max(1), rest / (*extent).max(1));
        }
        let (name, made) = (T::PIXEL_TYPE.rust_name(), cast::<T, P>(pixel));
        // As `f64`, which tells apart what a shorter float prints alike.
        let made = if T::IS_FLOAT { format!("{:?}", cast::<f64, T>(made)) } else { format!("{made:?}") };
        let how = match self.nodata_bytes() {
            None => format!("take `to_array_cast::<{name}>()`, which makes it {made}"),
            Some(_) => format!(
                "round it by `map_with(MapNodata::Replace({}), |pixel: {}| pixel as {name})`, which makes it {made}",
                if T::IS_FLOAT { format!("{name}::NAN") } else { format!("0{name}") },
                P::PIXEL_TYPE.rust_name()
            ),
        };
        self.annotate(error!(
            Inexact,
            "the pixel at {} is {pixel:?}, which {} cannot hold: ask for a type that can, or {how}",
            Few(&index),
            T::PIXEL_TYPE
        ))
    }
}
