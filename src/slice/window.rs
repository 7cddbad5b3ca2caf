//! Cuts out rows and columns, without a copy.

use std::ops::{Bound, RangeBounds};

use ndarray::Slice;

use crate::error::{Result, error};
use crate::read::ground::WindowRounding;
use crate::read::raster_ref::RasterRef;
use crate::write::parts::RasterParts;
use crate::write::raster::Raster;

impl RasterRef<'_> {
    /// Cuts out these rows and columns of every band. Takes any kind of range.
    ///
    /// Rows and columns are those that a reader sees, whatever the order of the axes in memory. The transform is
    /// adjusted, so that pixels stay where they are on the ground.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a range leaves the raster.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a range runs backwards, or ends beyond `isize::MAX`.
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
    #[doc(alias("isel", "Window"))]
    pub fn window(&self, rows: impl RangeBounds<usize>, cols: impl RangeBounds<usize>) -> Result<Raster> {
        let rows = to_slice("rows", &rows).map_err(|e| self.annotate(e))?;
        let cols = to_slice("columns", &cols).map_err(|e| self.annotate(e))?;
        let parts = RasterParts::read(self)?.cut(rows, cols).map_err(|e| self.annotate(e))?;
        Raster::copy(&parts)
    }

    /// Cuts out the pixels of which a box `[xmin, ymin, xmax, ymax]` on the ground covers some part
    /// ([`WindowRounding::Touched`]), as far as the raster goes.
    ///
    /// For other pixels of the box, take the [`window`](Self::window) of [`window_of`](Self::window_of).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the box has no pixel of the raster.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the box ends before it begins, or is not finite, or if the
    ///   transform cannot be inverted.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is malformed.
    ///
    /// # Cost
    ///
    /// Copies metadata, in about ten small allocations; every payload is shared as a whole, and seen through a view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, Registration, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 20)))?
    ///     .with_bbox([0.0, 0.0, 200.0, 100.0], Registration::Pixel)?;
    /// let column = RasterArray::from_iter([raster]);
    /// let part = column.get(0).unwrap().clip_bbox([55.0, 20.0, 80.0, 300.0])?;
    /// assert_eq!(part.bbox()?, [50.0, 20.0, 80.0, 100.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "clip_box")]
    pub fn clip_bbox(&self, bbox: [f64; 4]) -> Result<Raster> {
        let (rows, cols) = self.window_of(bbox, WindowRounding::Touched)?;
        self.window(rows, cols)
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
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if a range runs backwards, or ends beyond `isize::MAX`.
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
    #[doc(alias("isel", "Window"))]
    pub fn window(&self, rows: impl RangeBounds<usize>, cols: impl RangeBounds<usize>) -> Result<Raster> {
        self.as_ref().window(rows, cols)
    }

    /// Cuts out the pixels of which a box `[xmin, ymin, xmax, ymax]` on the ground covers some part
    /// ([`WindowRounding::Touched`]), as far as the raster goes.
    ///
    /// For other pixels of the box, take the [`window`](Self::window) of [`window_of`](Self::window_of).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the box has no pixel of the raster.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the box ends before it begins, or is not finite, or if the
    ///   transform cannot be inverted.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is malformed.
    ///
    /// # Cost
    ///
    /// Copies metadata, in about ten small allocations; every payload is shared as a whole, and seen through a view.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, Registration, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((10, 20)))?
    ///     .with_bbox([0.0, 0.0, 200.0, 100.0], Registration::Pixel)?;
    /// let part = raster.clip_bbox([55.0, 20.0, 80.0, 300.0])?;
    /// assert_eq!(part.bbox()?, [50.0, 20.0, 80.0, 100.0]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "clip_box")]
    pub fn clip_bbox(&self, bbox: [f64; 4]) -> Result<Raster> {
        self.as_ref().clip_bbox(bbox)
    }
}

/// Returns a range of rows or columns as ndarray's slice.
fn to_slice(what: &str, range: &impl RangeBounds<usize>) -> Result<Slice> {
    let beyond = || error!(Argument, "window: a range of {what} that ends beyond {}", isize::MAX);
    let start = match range.start_bound() {
        Bound::Included(start) => Some(*start),
        Bound::Excluded(before) => before.checked_add(1),
        Bound::Unbounded => Some(0),
    };
    let end = match range.end_bound() {
        Bound::Included(last) => Some(last.checked_add(1).ok_or_else(beyond)?),
        Bound::Excluded(end) => Some(*end),
        Bound::Unbounded => None,
    };
    let start = start.and_then(|start| isize::try_from(start).ok()).ok_or_else(beyond)?;
    let end = end.map(isize::try_from).transpose().map_err(|_| beyond())?;
    if let Some(end) = end.filter(|end| *end < start) {
        return Err(error!(
            Argument,
            "window: the {what} {start}..{end} run backwards: reverse an axis by `slice_dim` with a step of -1"
        ));
    }
    Ok(Slice { start, end, step: 1 })
}
