//! Copies and converts the pixels of a band into arrays of the caller.

use std::mem::take;

use fearless_simd::Level;
use ndarray::{ArrayViewMut, ArrayViewMut1, ArrayViewMutD, Axis, Dimension, IxDyn};

use crate::cast::{cast, checked, fill_for};
use crate::error::{Error, Result, error};
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;
use crate::read::pixels::{Region, leaves_the_payload};
use crate::shown::Few;
use crate::strided::convert;
use crate::strided::layout::by_stride;

impl BandRef<'_> {
    /// Copies the pixels into an array of the caller, in any memory layout.
    ///
    /// A matrix (`Ix2`) is (y, x). An array of any other rank has the band's own order of axes, which
    /// [`dim_names`](BandRef::dim_names) says.
    ///
    /// There is no limit on its size.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    ///
    /// # Cost
    ///
    /// One copy. A target without gaps, in whatever order of axes and direction, is filled in the order of its memory, with no
    /// allocation up to four axes. Into a target with gaps, pixels without [long runs](crate::_performance) go through 64 KiB of
    /// memory. Misaligned pixels whose view is not the identity are copied once more, from the first to the last visible one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::{Array3, Axis, array}};
    /// let raster = Raster::from_ndarray(array![[1.0f32, 2.0], [3.0, 4.0]])?;
    /// let mut batch = Array3::<f32>::zeros((8, 2, 2)); // reused from tile to tile
    /// raster.band(0)?.copy_into(batch.index_axis_mut(Axis(0), 5))?;
    /// assert_eq!(batch[[5, 1, 0]], 3.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("copyto", "read_into"))]
    pub fn copy_into<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>) -> Result<()> {
        self.require_type::<T>()?;
        self.copy_to(self.ordered(target)?)
    }

    /// Converts the pixels to any type by Rust's `as`, into an array of the caller, in any memory layout.
    ///
    /// It converts as [`to_array_cast`](BandRef::to_array_cast) does. A matrix (`Ix2`) is (y, x). An array of any other rank has
    /// the band's own order of axes, which [`dim_names`](BandRef::dim_names) says.
    ///
    /// There is no limit on its size.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    ///
    /// # Cost
    ///
    /// One conversion a pixel. Pixels of a view without long runs go through 64 KiB of memory. If the pixels are misaligned, the
    /// bytes from the first to the last visible pixel are copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::{Array3, Axis, array}};
    /// let raster = Raster::from_ndarray(array![[1i16, 2], [3, -4]])?;
    /// let mut batch = Array3::<f32>::zeros((8, 2, 2)); // reused from tile to tile
    /// raster.band(0)?.copy_into_cast(batch.index_axis_mut(Axis(0), 5))?;
    /// assert_eq!(batch[[5, 1, 1]], -4.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("copyto"))]
    pub fn copy_into_cast<T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'_, T, D>) -> Result<()> {
        if T::PIXEL_TYPE == self.pixel_type() {
            return self.copy_into(target);
        }
        self.cast_to(self.ordered(target)?)
    }

    /// Converts the pixels exactly to any type, with `fill` in place of each nodata pixel, into an array of the caller, in any
    /// memory layout.
    ///
    /// It converts as [`to_array_filled`](BandRef::to_array_filled) does. A matrix (`Ix2`) is (y, x). An array of any other rank
    /// has the band's own order of axes, which [`dim_names`](BandRef::dim_names) says.
    ///
    /// There is no limit on its size.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the target has another shape.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the stored nodata value is not exactly one pixel.
    /// - [`ErrorKind::Inexact`](crate::ErrorKind::Inexact) for the first pixel that is not nodata and whose value `T`
    ///   cannot hold. The message names it. Some of the target is overwritten then.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if the pixels are not loaded (an out-of-db band).
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the payload cannot be read, or does not fit the
    ///   source shape.
    ///
    /// # Cost
    ///
    /// That of [`copy_into_cast`](BandRef::copy_into_cast), and one comparison a pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::{Array3, Axis, array}};
    /// let raster = Raster::from_ndarray(array![[7i16, -9999]])?.with_nodata(-9999i16)?;
    /// let mut batch = Array3::<f32>::zeros((8, 1, 2)); // reused from tile to tile
    /// raster.band(0)?.copy_into_filled(f32::NAN, batch.index_axis_mut(Axis(0), 5))?;
    /// assert_eq!(batch[[5, 0, 0]], 7.0);
    /// assert!(batch[[5, 0, 1]].is_nan());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn copy_into_filled<T: Pixel, D: Dimension>(&self, fill: T, target: ArrayViewMut<'_, T, D>) -> Result<()> {
        self.fill_to(fill, self.ordered(target)?)
    }

    /// Checks the shape of the target, and orders its axes and those of the pixels.
    fn ordered<'t, T: Pixel, D: Dimension>(&self, target: ArrayViewMut<'t, T, D>) -> Result<Ordered<'_, 't, T>> {
        let (region, is_matrix) = (self.region::<D>()?, D::NDIM == Some(2));
        self.check_target(target.shape(), &region)?;
        let (region, target) = in_memory_order(region, target.into_dyn());
        Ok(Ordered { region, target, is_matrix })
    }

    fn copy_to<T: Pixel>(&self, Ordered { region, mut target, .. }: Ordered<'_, '_, T>) -> Result<()> {
        let copied = match target.as_slice_mut() {
            Some(pixels) => region.copy(pixels),
            None => convert_into(&region, target, |pixel: T| (pixel, true)),
        };
        copied.ok_or_else(|| self.annotate(leaves_the_payload()))
    }

    fn cast_to<T: Pixel>(&self, ordered: Ordered<'_, '_, T>) -> Result<()> {
        match_pixel_type!(self.pixel_type(), P => self.put::<P, T>(ordered, |pixel| (cast(pixel), true)))
    }

    fn fill_to<T: Pixel>(&self, fill: T, ordered: Ordered<'_, '_, T>) -> Result<()> {
        match_pixel_type!(self.pixel_type(), P => match self.nodata::<P>()? {
            None => self.put::<P, T>(ordered, checked),
            Some(nodata) => self.put::<P, T>(ordered, fill_for(nodata, fill)),
        })
    }

    /// Converts the pixels, which are `P`, by `f`. Fails for the first one in C order to which it says `false`.
    fn put<P: Pixel, T: Pixel>(
        &self,
        Ordered { region, target, is_matrix }: Ordered<'_, '_, T>,
        f: impl Fn(P) -> (T, bool) + Copy,
    ) -> Result<()> {
        match convert_into(&region, target, f) {
            Some(()) => Ok(()),
            None => Err(self.first_lost::<P, T>(is_matrix, f)),
        }
    }

    /// Makes the error for the first pixel that cannot be converted.
    #[cold]
    fn first_lost<P: Pixel, T: Pixel>(&self, is_matrix: bool, f: impl Fn(P) -> (T, bool) + Copy) -> Error {
        let region = match self.region_as(is_matrix) {
            Ok(region) => region,
            Err(error) => return error,
        };
        let (mut before, mut lost) = (0, None);
        let _ = region.try_for_each_block(&mut |block: &[P]| {
            lost = block.iter().position(|pixel| !f(*pixel).1).and_then(|at| Some((before + at, *block.get(at)?)));
            before += block.len();
            lost.is_none().then_some(())
        });
        match lost {
            Some(lost) => self.lost::<P, T>(&region, lost.0, lost.1),
            None => self.annotate(leaves_the_payload()),
        }
    }

    fn check_target(&self, found: &[usize], region: &Region<'_>) -> Result<()> {
        if found == region.shape() {
            return Ok(());
        }
        let order = if region.shape() == self.shape() { "" } else { ", and a matrix of it is (y, x)" };
        let (dims, expected) = (self.described(), region.shape());
        Err(self.annotate(error!(
            Shape,
            "its dims are {dims}{order}: the target must have the shape {}, not {}",
            Few(expected),
            Few(found)
        )))
    }
}

/// Pixels and their target, in the order of the target's memory. What is done with them does not depend on the target's rank,
/// so it is compiled once for all ranks.
struct Ordered<'r, 't, T> {
    region: Region<'r>,
    target: ArrayViewMutD<'t, T>,
    is_matrix: bool,
}

/// Orders the axes of the target by their place in memory and turns those that run backwards, and the same axes of the pixels. A
/// target without gaps is in C order then.
fn in_memory_order<'r, 't, T: Pixel>(
    mut region: Region<'r>,
    mut target: ArrayViewMutD<'t, T>,
) -> (Region<'r>, ArrayViewMutD<'t, T>) {
    if target.is_standard_layout() {
        return (region, target);
    }
    for axis in 0..target.ndim() {
        if target.strides().get(axis).is_some_and(|stride| *stride < 0) {
            target.invert_axis(Axis(axis));
            region.invert_axis(axis);
        }
    }
    let order = by_stride(target.strides());
    (region.with_axes(&order), target.permuted_axes(IxDyn(&order)))
}

/// Converts all pixels in C order. `None` if `f` says `false` to one, or if they do not all lie in the payload.
fn convert_into<P: Pixel, T: Pixel>(
    region: &Region<'_>,
    mut target: ArrayViewMutD<'_, T>,
    f: impl Fn(P) -> (T, bool) + Copy,
) -> Option<()> {
    let level = Level::new();
    if let Some(mut rest) = target.as_slice_mut() {
        return region.try_for_each_block(&mut |block| {
            let (part, after) = take(&mut rest).split_at_mut_checked(block.len())?;
            rest = after;
            convert::fill(level, block, part, f).ok()
        });
    }
    let mut lanes = target.rows_mut().into_iter();
    let mut rest: ArrayViewMut1<'_, T> = lanes.next()?;
    region.try_for_each_block(&mut |mut block| {
        while !block.is_empty() {
            if rest.is_empty() {
                rest = lanes.next()?;
            }
            let (now, later) = block.split_at(block.len().min(rest.len()));
            let lane = std::mem::replace(&mut rest, ArrayViewMut1::from(&mut []));
            let (mut part, after) = lane.split_at(Axis(0), now.len());
            (rest, block) = (after, later);
            match part.as_slice_mut() {
                Some(part) => convert::fill(level, now, part, f).ok()?,
                None => part.iter_mut().zip(now).try_for_each(|(target, pixel)| {
                    let (converted, is_right) = f(*pixel);
                    *target = converted;
                    is_right.then_some(())
                })?,
            }
        }
        Some(())
    })
}
