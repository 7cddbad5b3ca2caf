//! Slices and transposes bands by the names of their dims, without a copy.
//!
//! A slice is another view of the same payload. Bands are sliced by the *name* of a dim, whatever the order of their
//! axes. The transform is adjusted, so that pixel centres stay where they are on the ground.

use ndarray::Slice;

use crate::error::{Error, Result, error};
use crate::names::are_same_texts;
use crate::read::raster_ref::RasterRef;
use crate::shown::{Few, SHOWN, Short};
use crate::view::Axes;
use crate::write::parts::{BandParts, RasterParts};
use crate::write::raster::Raster;

/// Indices along a dim: `steps` of them, every `step`-th from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Indices {
    start: usize,
    step: isize,
    steps: usize,
}

impl Indices {
    /// Returns the indices that ndarray's slice takes of an axis of that extent.
    ///
    /// A negative start or end counts from the end. A negative step takes the same indices as ndarray does, from the
    /// last to the first.
    fn of(slice: Slice, extent: usize) -> Option<Self> {
        let absolute = |index: isize| match usize::try_from(index) {
            Ok(index) => Some(index),
            Err(_) => extent.checked_sub(index.unsigned_abs()),
        };
        let start = absolute(slice.start).filter(|start| *start <= extent)?;
        let end = slice.end.map_or(Some(extent), absolute).filter(|end| *end <= extent)?.max(start);
        let stride = Some(slice.step.unsigned_abs()).filter(|stride| *stride > 0)?;
        let steps = (end - start).div_ceil(stride);
        let start = if slice.step < 0 && steps > 0 { end - 1 } else { start };
        Some(Indices { start, step: slice.step, steps })
    }
}

impl<'a> RasterParts<'a> {
    /// Slices every band that has the dim, and the grid if it is a spatial dim.
    fn slice_dim(&mut self, dim: &str, slice: Slice) -> Result<()> {
        let spatial = self.spatial_dims().iter().position(|name| *name == dim);
        let mut found = spatial.is_some();
        for (number, band) in self.bands_mut().iter_mut().enumerate() {
            let Some(extent) = band.extent(dim) else { continue };
            let Some(Indices { start, step, steps }) = Indices::of(slice, extent) else {
                return Err(outside(dim, slice, extent).in_band(number));
            };
            band.slice(dim, start, step, steps).map_err(|e| e.in_band(number))?;
            found = true;
        }
        if let Some(position) = spatial
            && let Some(&extent) = self.spatial_shape().get(position)
        {
            let indices = Indices::of(slice, extent);
            let Indices { start, step, steps } = indices.ok_or_else(|| outside(dim, slice, extent))?;
            // A step beyond the extent takes one index, whatever it is.
            let most = isize::try_from(extent).unwrap_or(isize::MAX).max(1);
            self.slice_grid(position, start, step.clamp(-most, most), steps)?;
        }
        if found { Ok(()) } else { Err(self.no_such_dim(dim)) }
    }

    /// Puts the axes of every band into another order.
    fn transpose_dims(&mut self, order: &[&str]) -> Result<()> {
        // Bands mostly have the same dims, often as the same texts in memory. Those are looked up once.
        let mut known: Option<(Axes<&str>, Axes<usize>)> = None;
        for (number, band) in self.bands_mut().iter_mut().enumerate() {
            let dims: Axes<&str> = band.dim_names().iter().copied().collect();
            let axes = match known {
                Some((known, axes)) if are_same_texts(&known, &dims) => axes,
                _ => band.axes_in_order(order).map_err(|e| e.in_band(number))?,
            };
            band.transpose(&axes).map_err(|e| e.in_band(number))?;
            known = Some((dims, axes));
        }
        Ok(())
    }

    #[cold]
    fn no_such_dim(&self, dim: &str) -> Error {
        // Bands mostly have the same dims.
        let mut dims: Vec<&[&str]> = self.bands().iter().map(BandParts::dim_names).take(SHOWN).collect();
        dims.dedup();
        let shown: Vec<String> = dims.iter().map(|dims| Few(dims).to_string()).take(3).collect();
        let (dim, shown) = (Short(dim), shown.join(", "));
        error!(NotFound, "no band has a dimension `{dim}`: the bands' dims are {shown}")
    }

    /// Returns the spatial dims and their extents: `[(x, width), (y, height)]`.
    pub(super) fn grid(&self) -> Result<[(&'a str, usize); 2]> {
        match (self.spatial_dims(), self.spatial_shape()) {
            (&[x, y, ..], &[width, height, ..]) => Ok([(x, width), (y, height)]),
            (dims, _) => Err(error!(Shape, "a raster with the spatial dims {} has no rows and columns", Few(dims))),
        }
    }

    pub(super) fn cut(&self, rows: Slice, cols: Slice) -> Result<Self> {
        let [(x, _), (y, _)] = self.grid()?;
        let mut part = self.clone();
        part.slice_dim(y, rows)?;
        part.slice_dim(x, cols)?;
        Ok(part)
    }
}

#[cold]
fn outside(dim: &str, slice: Slice, extent: usize) -> Error {
    let Slice { start, end, step } = slice;
    let end = end.map_or(String::new(), |end| end.to_string());
    let by = if step == 1 { String::new() } else { format!(" by steps of {step}") };
    error!(NotFound, "`{}` has extent {extent}, but {start}..{end}{by} reaches outside of it", Short(dim))
}

impl RasterRef<'_> {
    /// Slices every band that has a dim of this name along it, by ndarray's [`Slice`].
    ///
    /// A negative start or end counts from the end. A negative step takes the same indices in reverse order. Bands
    /// without the dim stay as they are.
    ///
    /// Along a spatial dim the transform is adjusted: the centres of the pixels that are kept stay where they are on
    /// the ground. With a step of `k`, each of them is `|k|` times as wide (or high), so the bounds reach
    /// `(|k| - 1) / 2` old pixels beyond the first and the last one. A step of -1 along the whole dim keeps the bounds
    /// and changes the sign of the scale.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the raster has no such dim, or if the slice leaves the
    ///   dim or has a step of zero.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload, the CRS, or all names and other text
    ///   together have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata, in about ten small allocations. Payloads of more than 12 bytes are shared as a whole, and a
    /// view shows the part.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::{Array3, Slice}};
    /// let cube = Band::from_ndarray(Array3::<f32>::zeros((12, 4, 6)))?.with_dim_names(["time", "y", "x"])?;
    /// let column = RasterArray::from(Raster::from_bands([cube])?);
    /// let raster = column.get(0).unwrap();
    /// let winter = raster.slice_dim("time", Slice::from(-3..))?;
    /// assert_eq!(winter.band(0)?.shape(), [3, 4, 6]);
    /// let flipped = raster.slice_dim("y", Slice::new(0, None, -1))?;
    /// assert_eq!(flipped.transform()?.to_gdal(), [0.0, 1.0, 0.0, -4.0, 0.0, 1.0]);
    /// assert_eq!(flipped.bbox()?, raster.bbox()?);
    /// let every_second = raster.slice_dim("x", Slice::new(0, None, 2))?; // columns 0, 2, 4
    /// assert_eq!(every_second.bbox()?, [-0.5, -4.0, 5.5, 0.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("isel", "RS_Slice"))]
    pub fn slice_dim(&self, dim: &str, slice: impl Into<Slice>) -> Result<Raster> {
        let mut parts = RasterParts::read(self)?;
        parts.slice_dim(dim, slice.into()).map_err(|e| self.annotate(e))?;
        Raster::copy(&parts)
    }

    /// Puts the axes of every band into another order, by the names of its dims. No pixel moves: a view says the order.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless `order` has each dim of each band exactly once.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is malformed.
    ///
    /// # Cost
    ///
    /// Copies metadata, in about ten small allocations; every payload is shared as a whole, and seen through a view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, RasterArray, ndarray::Array3};
    /// let cube = Band::from_ndarray(Array3::<f32>::zeros((4, 6, 12)))?.with_dim_names(["lon", "lat", "time"])?;
    /// let column = RasterArray::from_iter([Raster::from_bands([cube])?]);
    /// let raster = column.get(0).unwrap().transpose_dims(["time", "lat", "lon"])?;
    /// assert_eq!(raster.band(0)?.shape(), [12, 6, 4]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "transpose")]
    #[doc(alias = "permuted_axes")]
    pub fn transpose_dims<D: AsRef<str>>(&self, order: impl IntoIterator<Item = D>) -> Result<Raster> {
        let order: Vec<D> = order.into_iter().collect();
        let order: Vec<&str> = order.iter().map(AsRef::as_ref).collect();
        let mut parts = RasterParts::read(self)?;
        parts.transpose_dims(&order).map_err(|e| self.annotate(e))?;
        Raster::copy(&parts)
    }
}

impl Raster {
    /// Slices every band that has a dim of this name along it, by ndarray's [`Slice`].
    ///
    /// A negative start or end counts from the end. A negative step takes the same indices in reverse order. Bands
    /// without the dim stay as they are.
    ///
    /// Along a spatial dim the transform is adjusted: the centres of the pixels that are kept stay where they are on
    /// the ground. With a step of `k`, each of them is `|k|` times as wide (or high), so the bounds reach
    /// `(|k| - 1) / 2` old pixels beyond the first and the last one. A step of -1 along the whole dim keeps the bounds
    /// and changes the sign of the scale.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the raster has no such dim, or if the slice
    /// leaves the dim or has a step of zero.
    ///
    /// # Cost
    ///
    /// Copies the metadata, in about ten small allocations. Payloads of more than 12 bytes are shared as a whole, and a
    /// view shows the part.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::{Slice, array}};
    /// let raster = Raster::from_ndarray(array![[1u8, 2, 3]])?.slice_dim("x", Slice::new(0, None, -1))?;
    /// assert_eq!(raster.as_array_view2::<u8>()?, array![[3, 2, 1]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("isel", "RS_Slice"))]
    pub fn slice_dim(&self, dim: &str, slice: impl Into<Slice>) -> Result<Raster> {
        self.as_ref().slice_dim(dim, slice)
    }

    /// Puts the axes of every band into another order, by the names of its dims. No pixel moves: a view says the order.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) unless `order` has each dim of each band exactly once.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is malformed.
    ///
    /// # Cost
    ///
    /// Copies metadata, in about ten small allocations; every payload is shared as a whole, and seen through a view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, Raster, ndarray::array};
    /// let band = Band::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.with_dim_names(["x", "y"])?;
    /// let raster = Raster::from_bands([band])?.transpose_dims(["y", "x"])?;
    /// assert_eq!(raster.as_array_view::<u8>()?, array![[1, 4], [2, 5], [3, 6]].into_dyn());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "transpose")]
    #[doc(alias = "permuted_axes")]
    pub fn transpose_dims<D: AsRef<str>>(&self, order: impl IntoIterator<Item = D>) -> Result<Raster> {
        self.as_ref().transpose_dims(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Axis};

    #[test]
    fn indices_are_ndarrays() {
        for extent in 0..6usize {
            let array = Array1::from_iter(0..extent);
            for start in -7..8 {
                for end in (-7..8).map(Some).chain([None]) {
                    for step in [-3, -2, -1, 1, 2, 3] {
                        let slice = Slice { start, end, step };
                        let inside = |index: isize| (-(extent as isize)..=extent as isize).contains(&index);
                        let found = Indices::of(slice, extent);
                        assert_eq!(found.is_some(), inside(start) && end.is_none_or(inside), "{slice:?} of {extent}");
                        let Some(found) = found else { continue };
                        let taken: Vec<isize> =
                            (0..found.steps).map(|i| found.start as isize + i as isize * found.step).collect();
                        let expected: Vec<isize> =
                            array.slice_axis(Axis(0), slice).iter().map(|index| *index as isize).collect();
                        assert_eq!(taken, expected, "{slice:?} of {extent}");
                    }
                }
            }
        }
        assert_eq!(Indices::of(Slice { start: 0, end: None, step: 0 }, 3), None);
    }
}
