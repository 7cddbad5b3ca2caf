//! Cuts rasters into parts without a copy: windows, slices, tiles.
//!
//! A slice is another view of the same payload. Bands are sliced by the *name* of a dim, whatever the order of their
//! axes. The transform is adjusted, so that pixel centres stay where they are on the ground.

use std::ops::{Bound, RangeBounds};

use ndarray::Slice;

use crate::error::{Error, Result, error};
use crate::limits::require_few;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::write::column_builder::RasterColumnBuilder;
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
            self.slice_grid(position, start, step, steps);
        }
        if found { Ok(()) } else { Err(self.no_such_dim(dim)) }
    }

    #[cold]
    fn no_such_dim(&self, dim: &str) -> Error {
        let dims: Vec<&[&str]> = self.bands().iter().map(BandParts::dim_names).collect();
        error!(NotFound, "no band has a dimension `{dim}`: the bands' dims are {dims:?}")
    }

    /// Returns the spatial dims and their extents: `[(x, width), (y, height)]`.
    fn grid(&self) -> Result<[(&'a str, usize); 2]> {
        match (self.spatial_dims(), self.spatial_shape()) {
            (&[x, y, ..], &[width, height, ..]) => Ok([(x, width), (y, height)]),
            (dims, _) => Err(error!(Shape, "a raster with the spatial dims {dims:?} has no rows and columns")),
        }
    }

    fn cut(&self, rows: Slice, cols: Slice) -> Result<Self> {
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
    error!(NotFound, "`{dim}` has extent {extent}, but {start}..{end}{by} reaches outside of it")
}

/// Returns a range of pixels as ndarray's slice, or `None` if an end is beyond what ndarray counts.
fn to_slice(range: &impl RangeBounds<usize>) -> Option<Slice> {
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(before) => before.checked_add(1)?,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(last) => Some(last.checked_add(1)?),
        Bound::Excluded(end) => Some(*end),
        Bound::Unbounded => None,
    };
    let end = end.map(isize::try_from).transpose().ok()?;
    Some(Slice { start: isize::try_from(start).ok()?, end, step: 1 })
}

/// Returns the range of each tile along an axis, with up to `overlap` more pixels at either end.
fn tile_ranges(extent: usize, size: usize, overlap: usize) -> impl Iterator<Item = Slice> + Clone {
    (0..extent.div_ceil(size)).map(move |tile| {
        // The start lies before the end of the extent, so nothing can overflow.
        let start = tile * size;
        let end = start.saturating_add(size).saturating_add(overlap).min(extent);
        let start = start.saturating_sub(overlap);
        Slice { start: start as isize, end: Some(end as isize), step: 1 }
    })
}

/// Returns the number of rows and of columns of tiles.
fn count_tiles(raster: (usize, usize), tile: (usize, usize)) -> Result<(usize, usize)> {
    let ((height, width), (rows, cols)) = (raster, tile);
    if rows == 0 || cols == 0 {
        return Err(error!(Argument, "tiles of {rows} rows and {cols} columns cover nothing"));
    }
    Ok((height.div_ceil(rows), width.div_ceil(cols)))
}

impl RasterRef<'_> {
    /// Cuts out these rows and columns of every band. Takes any kind of range.
    ///
    /// Rows and columns are those that a reader sees, whatever the order of the axes in memory. The transform is
    /// adjusted, so that pixels stay where they are on the ground.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a range leaves the raster.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a range ends beyond `isize::MAX`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has fewer than two spatial dims.
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
    /// # use ndraster::{Raster, RasterArray, ndarray::{Array2, array}};
    /// let pixels = Array2::from_shape_fn((4, 6), |(row, col)| (10 * row + col) as u8);
    /// let column = RasterArray::from(Raster::from_ndarray(pixels)?);
    /// let window = column.get(0).unwrap().window(1..3, 2..=4)?;
    /// assert_eq!(window.as_array_view2::<u8>()?, array![[12, 13, 14], [22, 23, 24]]);
    /// assert_eq!(window.bbox()?, [2.0, -3.0, 5.0, -1.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn window(&self, rows: impl RangeBounds<usize>, cols: impl RangeBounds<usize>) -> Result<Raster> {
        let (Some(rows), Some(cols)) = (to_slice(&rows), to_slice(&cols)) else {
            return Err(self.annotate(error!(Argument, "window: a range that ends beyond {}", isize::MAX)));
        };
        let parts = RasterParts::read(*self)?.cut(rows, cols).map_err(|e| self.annotate(e))?;
        Raster::copy(&parts)
    }

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
    pub fn slice_dim(&self, dim: &str, slice: Slice) -> Result<Raster> {
        let mut parts = RasterParts::read(*self)?;
        parts.slice_dim(dim, slice).map_err(|e| self.annotate(e))?;
        Raster::copy(&parts)
    }

    /// Cuts the raster into tiles of `height` rows and `width` columns, row by row.
    ///
    /// Tiles at the lower and right edge are smaller. Each tile has its own transform.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the number of tiles times the number of bands is more
    ///   than 2^21 - 1. The limit exists because a raster may claim any extent; cut such a raster by
    ///   [`window`](RasterRef::window) first.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if the tiles
    ///   together have more list items or bytes of text than that.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has fewer than two spatial dims.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band.
    ///
    /// # Cost
    ///
    /// About 1 KB for each tile. Payloads of more than 12 bytes are shared as a whole, once for all tiles.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((500, 700)))?);
    /// let tiles = column.get(0).unwrap().tiles(256, 256)?;
    /// assert_eq!(tiles.len(), 6);
    /// assert_eq!(tiles.get(5).unwrap().as_array_view2::<u8>()?.dim(), (244, 188));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn tiles(&self, height: usize, width: usize) -> Result<RasterArray> {
        self.tiles_with_overlap(height, width, 0)
    }

    /// Cuts the raster into the tiles of [`tiles`](RasterRef::tiles), each with up to `overlap` more pixels on every
    /// side.
    ///
    /// The overlap ends at the edge of the raster. A filter or a model needs the overlap to be right up to the edge of
    /// its tile.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the number of tiles times the number of bands is more
    ///   than 2^21 - 1. The limit exists because a raster may claim any extent; cut such a raster by
    ///   [`window`](RasterRef::window) first.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if the tiles
    ///   together have more list items or bytes of text than that.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has fewer than two spatial dims.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band.
    ///
    /// # Cost
    ///
    /// About 1 KB for each tile. Payloads of more than 12 bytes are shared as a whole, once for all tiles.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((512, 512)))?);
    /// let tiles = column.get(0).unwrap().tiles_with_overlap(256, 256, 8)?;
    /// assert_eq!(tiles.len(), 4);
    /// assert_eq!(tiles.get(0).unwrap().spatial_shape()?, [264, 264]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn tiles_with_overlap(&self, height: usize, width: usize, overlap: usize) -> Result<RasterArray> {
        let parts = RasterParts::read(*self)?;
        let [(_, all_cols), (_, all_rows)] = parts.grid().map_err(|e| self.annotate(e))?;
        let (down, across) = count_tiles((all_rows, all_cols), (height, width)).map_err(|e| self.annotate(e))?;
        let bands = down.saturating_mul(across).saturating_mul(parts.bands().len().max(1));
        require_few(bands, "tiles, or bands of them").map_err(|e| self.annotate(e))?;
        let mut tiles = RasterColumnBuilder::sharing();
        // A raster without columns has no tiles, but may claim any number of rows to loop over.
        let all_rows = if across == 0 { 0 } else { all_rows };
        for rows in tile_ranges(all_rows, height, overlap) {
            for cols in tile_ranges(all_cols, width, overlap) {
                tiles.push(&parts.cut(rows, cols).map_err(|e| self.annotate(e))?)?;
            }
        }
        tiles.finish()
    }

    /// Returns how many rows and columns of tiles of this size there are.
    ///
    /// Tile `(i, j)` is row `i * columns + j` of the column that [`tiles`](RasterRef::tiles) returns.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the extents of the raster cannot be read, or if there
    ///   are fewer than two.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from(Raster::from_ndarray(Array2::<u8>::zeros((500, 700)))?);
    /// assert_eq!(column.get(0).unwrap().tile_grid(256, 256)?, (2, 3));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn tile_grid(&self, height: usize, width: usize) -> Result<(usize, usize)> {
        count_tiles((self.height()?, self.width()?), (height, width)).map_err(|e| self.annotate(e))
    }
}

impl Raster {
    /// Cuts out these rows and columns of every band. Takes any kind of range.
    ///
    /// Rows and columns are those that a reader sees, whatever the order of the axes in memory. The transform is
    /// adjusted, so that pixels stay where they are on the ground.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a range leaves the raster.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a range ends beyond `isize::MAX`.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has fewer than two spatial dims. Only a raster
    ///   that was read from such a row has fewer.
    ///
    /// # Cost
    ///
    /// Copies the metadata, in about ten small allocations. Payloads of more than 12 bytes are shared as a whole, and a
    /// view shows the part.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?;
    /// assert_eq!(raster.window(.., 1..)?.as_array_view2::<u8>()?, array![[2, 3], [5, 6]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn window(&self, rows: impl RangeBounds<usize>, cols: impl RangeBounds<usize>) -> Result<Raster> {
        self.as_ref().window(rows, cols)
    }

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
    pub fn slice_dim(&self, dim: &str, slice: Slice) -> Result<Raster> {
        self.as_ref().slice_dim(dim, slice)
    }

    /// Cuts the raster into tiles of `height` rows and `width` columns, row by row.
    ///
    /// Tiles at the lower and right edge are smaller. Each tile has its own transform.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the number of tiles times the number of bands is more
    ///   than 2^21 - 1.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the tiles together have more than 2^31 - 1 bytes of
    ///   text.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has fewer than two spatial dims. Only a raster
    ///   that was read from such a row has fewer.
    ///
    /// # Cost
    ///
    /// About 1 KB for each tile. Payloads of more than 12 bytes are shared as a whole, once for all tiles.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2, 3]])?.tiles(1, 2)?.len(), 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn tiles(&self, height: usize, width: usize) -> Result<RasterArray> {
        self.as_ref().tiles(height, width)
    }

    /// Cuts the raster into the tiles of [`tiles`](Self::tiles), each with up to `overlap` more pixels on every side.
    ///
    /// The overlap ends at the edge of the raster. A filter or a model needs the overlap to be right up to the edge of
    /// its tile.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the number of tiles times the number of bands is more
    ///   than 2^21 - 1.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the tiles together have more than 2^31 - 1 bytes of
    ///   text.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the raster has fewer than two spatial dims. Only a raster
    ///   that was read from such a row has fewer.
    ///
    /// # Cost
    ///
    /// About 1 KB for each tile. Payloads of more than 12 bytes are shared as a whole, once for all tiles.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let tiles = Raster::from_ndarray(array![[1u8, 2, 3]])?.tiles_with_overlap(1, 1, 1)?;
    /// assert_eq!(tiles.get(1).unwrap().as_array_view2::<u8>()?, array![[1, 2, 3]]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn tiles_with_overlap(&self, height: usize, width: usize, overlap: usize) -> Result<RasterArray> {
        self.as_ref().tiles_with_overlap(height, width, overlap)
    }

    /// Returns how many rows and columns of tiles of this size there are.
    ///
    /// Tile `(i, j)` is row `i * columns + j` of the column that [`tiles`](Self::tiles) returns.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster has fewer than two spatial dims. Only a
    ///   raster that was read from such a row has fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// assert_eq!(Raster::from_ndarray(array![[1u8, 2, 3]])?.tile_grid(1, 2)?, (1, 2));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn tile_grid(&self, height: usize, width: usize) -> Result<(usize, usize)> {
        self.as_ref().tile_grid(height, width)
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
