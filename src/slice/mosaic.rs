//! Rasters of one grid put together: tiles back into one raster, or neighbours side by side.

use std::ops::Range;

use ndarray::{Array2, ArrayD, ArrayViewMut2, ArrayViewMutD, IxDyn};

use crate::error::{Result, error};
use crate::format::intervals::{Interval, Union};
use crate::geo::GeoTransform;
use crate::limits::{FEWER_ROWS, MAX_LEN, check_result};
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::shown::{Few, Short};
use crate::slice::margins::Margins;
use crate::slice::placement::{Layout, Part};
use crate::strided::gather::from_pixels;
use crate::strided::layout::num_pixels;
use crate::write::band::Band;
use crate::write::raster::Raster;

impl RasterArray {
    /// Puts rasters that lie on one grid together: tiles back into the raster that they were cut from, or neighbours side by
    /// side. Null rows are left out.
    ///
    /// `overlap` is that of [`tiles_with_overlap`](Raster::tiles_with_overlap), 0 for tiles without overlap and for neighbouring
    /// rasters. A raster's margin of so many pixels, on each side but those on the border of the result, counts only where no
    /// other raster has pixels inside of its own margins. So a smaller `overlap` than that of the tiles takes over pixels that a
    /// filter could not see the surroundings of. Where rasters still cover each other, the first valid pixel counts. What no
    /// raster covers becomes nodata.
    ///
    /// The axes of each result band are (y, x); axes of other dims, like time, stand before them.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there is no raster; or if one does not fit the grid, the CRS or the
    ///   bands of the first one, which the error names; or if several lie at the origin and none was placed, as results that did
    ///   not get the grid of their tile.
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if pixels are covered by no raster and a band has no nodata
    ///   value.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the result would have more than 2^31 - 1 bytes, and more bytes
    ///   than the payloads of all rasters together.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) or [`ErrorKind::Malformed`](crate::ErrorKind::Malformed), with
    ///   the row, if the pixels of a raster cannot be read.
    ///
    /// # Cost
    ///
    /// One array for each band, up to three bytes for each pixel of the result, and one copy of the pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::from_shape_fn((100, 130), |(row, col)| (row * col) as f32))?;
    /// let tiles = raster.tiles_with_overlap(32, 32, 2)?;
    /// let whole = tiles.to_mosaic(2)?;
    /// assert_eq!(whole.as_array_view2::<f32>()?, raster.as_array_view2::<f32>()?);
    /// assert_eq!(whole.transform()?, raster.transform()?);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("gdal_merge", "RS_Union_Aggr"))]
    #[doc(alias = "merge")]
    pub fn to_mosaic(&self, overlap: usize) -> Result<Raster> {
        let plan = Plan::new(self, overlap, |first, extents, payloads| check_bands(first, extents, payloads))?;
        let first = plan.first;
        let bands = (0..first.num_bands()?).map(|number| plan.band(number)).collect::<Result<Vec<_>>>()?;
        let dims = first.spatial_dims()?;
        let (x, y) = pair(&dims)?;
        let mosaic = Raster::from_bands_with_spatial_dims(bands, x, y)?.with_transform(plan.transform);
        Ok(match first.crs()? {
            Some(crs) => mosaic.with_crs(crs),
            None => mosaic,
        })
    }

    /// Puts rasters of one band and two axes together into an array of the caller's, and returns the transform of the result.
    ///
    /// The array has the rows and columns around all rasters. Pixels that no raster covers stay as they are. `overlap` is as
    /// for [`to_mosaic`](Self::to_mosaic).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if there is no raster, if one does not fit the grid, the CRS or the band
    ///   of the first one, if one has several bands, or if the array has another shape.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the pixels are not `T`.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the array has more than 2^31 - 1 pixels, and more than the
    ///   payloads have bytes.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) or [`ErrorKind::Malformed`](crate::ErrorKind::Malformed), with
    ///   the row, if the pixels of a raster cannot be read.
    ///
    /// # Cost
    ///
    /// Up to three bytes for each pixel of the result, and one copy of the pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u16>::ones((100, 130)))?;
    /// let mut reused = Array2::<u16>::zeros((100, 130));
    /// let transform = raster.tiles(64, 64)?.copy_mosaic_into(0, reused.view_mut())?;
    /// assert_eq!((transform, reused.sum()), (raster.transform()?, 13_000));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn copy_mosaic_into<T: Pixel>(&self, overlap: usize, mut target: ArrayViewMut2<'_, T>) -> Result<GeoTransform> {
        let found = target.dim();
        let plan = Plan::new(self, overlap, |first, (height, width), _| {
            let band = first.only_band()?;
            band.require_type::<T>()?;
            if band.ndim() != 2 {
                let described = band.described();
                return Err(band.annotate(error!(Shape, "its dims are {described}, where the target is a matrix")));
            }
            if found != (height, width) {
                return Err(error!(
                    Shape,
                    "the mosaic has {height} rows and {width} columns, the target {} and {}", found.0, found.1
                ));
            }
            Ok(())
        })?;
        plan.paste(0, &mut target.view_mut().into_dyn())?;
        Ok(plan.transform)
    }
}

/// Where each raster goes.
struct Plan<'a> {
    /// The first raster, whose bands the mosaic has.
    first: RasterRef<'a>,
    rasters: Vec<Placed<'a>>,
    transform: GeoTransform,
    height: usize,
    width: usize,
    /// Which pixels `rasters` cover.
    covered: Array2<bool>,
    is_disjoint: bool,
    /// The margins that have a pixel which is not covered.
    margins: Vec<Placed<'a>>,
    /// Which pixels are covered if margins count, if there are any.
    reached: Option<Array2<bool>>,
}

/// A raster that was cut down to a part of the mosaic.
struct Placed<'a> {
    origin: RasterRef<'a>,
    /// The rows and columns that are cut out, unless it is the whole raster. They are cut when they are read, because many
    /// cuts would hold the metadata of a raster many times.
    cut: Option<[Range<usize>; 2]>,
    part: Part,
}

impl<'a> Placed<'a> {
    /// Cuts a part out of a raster that covers the part `whole`.
    fn new(origin: RasterRef<'a>, whole: &Part, part: Part) -> Self {
        let (row, col) = (whole.rows.start, whole.cols.start);
        let rows = part.rows.start - row..part.rows.end - row;
        let cols = part.cols.start - col..part.cols.end - col;
        let cut = if part == *whole { None } else { Some([rows, cols]) };
        Placed { origin, cut, part }
    }

    /// Calls `read` with a band of the part. Names the row and the band in errors, which a part that was cut out does not
    /// know.
    fn with_band(&self, number: usize, read: impl FnOnce(&BandRef<'_>) -> Result<()>) -> Result<()> {
        let read = || match self.cut.clone() {
            None => read(&self.origin.band(number)?),
            Some([rows, cols]) => read(&self.origin.select_bands([number])?.window(rows, cols)?.only_band()?),
        };
        read().map_err(|e| self.origin.annotate(e.in_band(number)))
    }
}

impl<'a> Plan<'a> {
    /// Finds the place of each raster. `admit` looks at the first raster, at height and width, and at the length of all
    /// payloads, before anything is allocated for pixels.
    fn new(
        column: &'a RasterArray,
        overlap: usize,
        admit: impl FnOnce(&RasterRef<'a>, (usize, usize), usize) -> Result<()>,
    ) -> Result<Self> {
        let mut rasters: Vec<RasterRef<'a>> = Vec::new();
        column.try_for_each_row(|raster| {
            rasters.extend(raster);
            Ok(())
        })?;
        let Some(&first) = rasters.first() else {
            return Err(error!(Shape, "a column without rasters has nothing to put together"));
        };
        if first.num_bands()? == 0 {
            return Err(first.annotate(error!(
                Shape,
                "a raster without bands has nothing to put together: give each raster a band"
            )));
        }
        let Layout { transform, height, width, parts } = Layout::new(&first, &rasters)?;
        let payloads = loaded_payloads(&rasters)?;
        admit(&first, (height, width), payloads)?;
        // The mask of what is covered.
        check_size(height.checked_mul(width), (height, width), payloads)?;
        let mut plan = Plan {
            first,
            rasters: Vec::with_capacity(rasters.len()),
            transform,
            height,
            width,
            covered: Array2::default((height, width)),
            is_disjoint: true,
            margins: Vec::new(),
            reached: None,
        };
        let cutter = Cutter::new(&parts, (height, width), overlap);
        for (raster, whole) in rasters.iter().zip(&parts) {
            plan.add_core(*raster, whole, cutter.core(whole));
        }
        if overlap > 0 && plan.covered.iter().any(|covered| !*covered) {
            for (raster, whole) in rasters.iter().zip(&parts) {
                plan.add_margins(*raster, whole, &cutter.core(whole));
            }
        }
        Ok(plan)
    }

    /// Adds a raster without its margins.
    fn add_core(&mut self, raster: RasterRef<'a>, whole: &Part, core: Part) {
        let mut covered = core.of(self.covered.view_mut());
        self.is_disjoint &= !covered.iter().any(|covered| *covered);
        covered.fill(true);
        self.rasters.push(Placed::new(raster, whole, core));
    }

    /// Adds those margins of a raster that have pixels which no raster covers without margins.
    fn add_margins(&mut self, raster: RasterRef<'a>, whole: &Part, core: &Part) {
        let (rows, cols) = (&whole.rows, &whole.cols);
        let strips = [
            Part { rows: rows.start..core.rows.start, cols: cols.clone() },
            Part { rows: core.rows.end..rows.end, cols: cols.clone() },
            Part { rows: core.rows.clone(), cols: cols.start..core.cols.start },
            Part { rows: core.rows.clone(), cols: core.cols.end..cols.end },
        ];
        for strip in strips {
            if strip.of(self.covered.view_mut()).iter().any(|covered| !*covered) {
                strip.of(self.reached.get_or_insert_with(|| self.covered.clone()).view_mut()).fill(true);
                self.margins.push(Placed::new(raster, whole, strip));
            }
        }
    }

    fn band(&self, number: usize) -> Result<Band> {
        let like = self.first.band(number)?;
        match_pixel_type!(like.pixel_type(), P => self.typed_band::<P>(number, &like))
    }

    fn typed_band<T: Pixel>(&self, number: usize, like: &BandRef<'_>) -> Result<Band> {
        let nodata = like.nodata::<T>()?;
        if nodata.is_none()
            && let Some(((row, col), _)) =
                self.reached.as_ref().unwrap_or(&self.covered).indexed_iter().find(|(_, covered)| !**covered)
        {
            let error = error!(
                Argument,
                "the mosaic's pixel at row {row}, column {col} is in no raster, and the band has no nodata value to put there: \
                 give each raster one by `Raster::with_nodata`"
            );
            return Err(error.in_band(number));
        }
        let order = self.order(like)?;
        let dims = order.iter().filter_map(|axis| like.dim_names().get(*axis).copied());
        let mut shape: Vec<usize> = order.iter().filter_map(|axis| like.shape().get(*axis).copied()).collect();
        if let [.., height, width] = shape.as_mut_slice() {
            (*height, *width) = (self.height, self.width);
        }
        let pixels = vec![nodata.unwrap_or_default(); num_pixels(&shape).unwrap_or_default()];
        let mut target: ArrayD<T> = from_pixels(&shape, pixels)?;
        self.paste(number, &mut target.view_mut())?;
        let mut band = Band::from_ndarray(target)?.with_dim_names(dims)?;
        if let Some(name) = like.name() {
            band = band.with_name(name);
        }
        match nodata {
            Some(nodata) => band.with_nodata(nodata),
            None => Ok(band),
        }
    }

    /// Copies a band of every raster into an array of the mosaic's rows and columns, its last two axes.
    fn paste<T: Pixel>(&self, number: usize, target: &mut ArrayViewMutD<'_, T>) -> Result<()> {
        if self.is_disjoint {
            for placed in &self.rasters {
                placed.with_band(number, |band| {
                    band.copy_into(in_order_of(placed.part.of(target.view_mut()), &self.order(band)?))
                })?;
            }
        } else {
            self.paste_in_order(&self.rasters, number, target, ArrayD::default(target.raw_dim()))?;
        }
        if self.margins.is_empty() {
            return Ok(());
        }
        let written = self.covered.broadcast(target.raw_dim()).map(|covered| covered.to_owned());
        self.paste_in_order(&self.margins, number, target, written.unwrap_or_default())
    }

    /// Copies the pixels of rasters, in their order, to where no valid one was written before.
    fn paste_in_order<T: Pixel>(
        &self,
        rasters: &[Placed<'_>],
        number: usize,
        target: &mut ArrayViewMutD<'_, T>,
        mut written: ArrayD<bool>,
    ) -> Result<()> {
        for placed in rasters {
            placed.with_band(number, |band| {
                let order = self.order(band)?;
                let target = in_order_of(placed.part.of(target.view_mut()), &order);
                paste_first(band, target, in_order_of(placed.part.of(written.view_mut()), &order))
            })?;
        }
        Ok(())
    }

    /// The axes of a band in the order of the mosaic: the others, then y and x.
    fn order(&self, band: &BandRef<'_>) -> Result<Vec<usize>> {
        let dims = self.first.spatial_dims()?;
        let (x, y) = pair(&dims)?;
        let axis = |dim: &str| band.dim_names().iter().position(|name| *name == dim);
        let (Some(x), Some(y)) = (axis(x), axis(y)) else {
            return Err(band.annotate(error!(
                Shape,
                "its dims {} have no `{}` and `{}`",
                Few(band.dim_names()),
                Short(x),
                Short(y)
            )));
        };
        Ok((0..band.ndim()).filter(|axis| ![x, y].contains(axis)).chain([y, x]).collect())
    }
}

/// Copies pixels to where no valid one was written before.
fn paste_first<T: Pixel>(
    band: &BandRef<'_>,
    mut target: ArrayViewMutD<'_, T>,
    mut written: ArrayViewMutD<'_, bool>,
) -> Result<()> {
    let is_valid = band.is_valid::<T>()?;
    let pixels = band.to_cow_array::<T>()?;
    let both = target.iter_mut().zip(written.iter_mut());
    for (pixel, (target, written)) in pixels.iter().zip(both) {
        if !*written {
            (*target, *written) = (*pixel, is_valid(*pixel));
        }
    }
    Ok(())
}

/// An array in the order of the mosaic, with its axes in the order of a band whose axes stand there by `order`.
fn in_order_of<'a, T>(array: ArrayViewMutD<'a, T>, order: &[usize]) -> ArrayViewMutD<'a, T> {
    let mut axes = vec![0; order.len()];
    for (position, axis) in order.iter().enumerate() {
        if let Some(slot) = axes.get_mut(*axis) {
            *slot = position;
        }
    }
    array.permuted_axes(IxDyn(&axes))
}

/// Cuts the margins off.
struct Cutter {
    rows: Margins,
    cols: Margins,
}

impl Cutter {
    fn new(wholes: &[Part], (height, width): (usize, usize), overlap: usize) -> Self {
        Cutter {
            rows: Margins::new(wholes.iter().map(|whole| &whole.rows), height, overlap),
            cols: Margins::new(wholes.iter().map(|whole| &whole.cols), width, overlap),
        }
    }

    /// Returns what is left of a part without its margins.
    fn core(&self, whole: &Part) -> Part {
        Part { rows: self.rows.cut(&whole.rows), cols: self.cols.cut(&whole.cols) }
    }
}

/// Tiles with wide margins show each stored pixel so many times, or fewer.
const MOST_OVERLAP: usize = 16;

/// Returns the length of all payloads, where bytes that rasters share count once. Refuses a band that is not loaded, and
/// rasters that show more than 2^31 - 1 bytes by repeating what is stored: they would be copied one onto the other.
fn loaded_payloads(rasters: &[RasterRef<'_>]) -> Result<usize> {
    let (mut payloads, mut shown) = (Union::default(), 0usize);
    for raster in rasters {
        // The mask of what is covered is read and written for each raster.
        let covered = raster.height()?.saturating_mul(raster.width()?);
        shown = shown.saturating_add(covered);
        for band in raster.bands() {
            let band = band?;
            payloads.add(Interval::of(band.source_data()?));
            let bytes = num_pixels(band.shape()).and_then(|pixels| pixels.checked_mul(band.pixel_type().size()));
            shown = shown.saturating_add(bytes.unwrap_or(usize::MAX));
        }
    }
    let stored = payloads.len();
    if shown <= MAX_LEN.max(stored.saturating_mul(MOST_OVERLAP)) {
        return Ok(stored);
    }
    Err(error!(
        TooLarge,
        "the rasters cover and show {shown} bytes, one over the other, of the {stored} that they have in memory: above \
         {MAX_LEN} {FEWER_ROWS}"
    ))
}

/// May all bands of a mosaic be made, with their names?
fn check_bands(first: &RasterRef<'_>, (height, width): (usize, usize), payloads: usize) -> Result<()> {
    let dims = first.spatial_dims()?;
    let mut bytes = Some(0usize);
    for band in first.bands() {
        let band = band?;
        let axes = band.dim_names().iter().zip(band.shape()).filter(|(name, _)| !dims.contains(name));
        let other = axes.map(|(_, extent)| *extent).try_fold(band.pixel_type().size(), usize::checked_mul);
        let pixels = height.checked_mul(width).zip(other).and_then(|(pixels, other)| pixels.checked_mul(other));
        let names = band.name().into_iter().chain(band.dim_names().iter().copied()).map(str::len);
        let names = names.fold(0, usize::saturating_add);
        bytes = bytes.zip(pixels).and_then(|(all, more)| all.checked_add(more)?.checked_add(names));
    }
    check_size(bytes, (height, width), payloads)
}

/// Refuses a mosaic whose pixels would take too many bytes, which is what rasters that lie far apart make.
fn check_size(bytes: Option<usize>, (height, width): (usize, usize), payloads: usize) -> Result<()> {
    check_result(bytes, 1, payloads).map_err(|_| {
        error!(
            TooLarge,
            "the rasters span {height} rows and {width} columns, of which a mosaic would take more than {MAX_LEN} bytes, and \
             more than the {payloads} that they have in memory: put together fewer, or those that lie close to each other"
        )
    })
}

fn pair<'a>(dims: &[&'a str]) -> Result<(&'a str, &'a str)> {
    match dims {
        [x, y] => Ok((x, y)),
        dims => Err(error!(Shape, "a mosaic has two spatial dims, the first raster has {}", Few(dims))),
    }
}
