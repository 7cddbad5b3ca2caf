//! Reads rows that are alike, one after the other.

use ndarray::ArrayViewD;

use crate::error::{Error, ErrorKind, Result, error};
use crate::pixel::Pixel;
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::shown::Few;
use crate::view::Axes;

/// Reads rows of a column. Each must have as many bands as the first that was read, all with the dims and extents of its first
/// band.
pub(super) struct AlikeRows<'a> {
    column: &'a RasterArray,
    first: Option<First<'a>>,
}

/// What all rows must be like.
struct First<'a> {
    row: usize,
    num_bands: usize,
    band: BandRef<'a>,
}

impl<'a> AlikeRows<'a> {
    /// For all rows of a column, which must have one. Refuses a column whose rows refer to more bands than it has.
    pub(super) fn of_column(column: &'a RasterArray) -> Result<Self> {
        if column.is_empty() {
            return Err(no_rows());
        }
        column.require_bands_once()?;
        Ok(Self::new(column))
    }

    /// For a column that is known not to be such a one.
    pub(super) fn new(column: &'a RasterArray) -> Self {
        AlikeRows { column, first: None }
    }

    /// Borrows each band of a row.
    pub(super) fn for_each_view<T: Pixel>(
        &mut self,
        row: usize,
        mut f: impl FnMut(&BandRef<'a>, ArrayViewD<'a, T>) -> Result<()>,
    ) -> Result<()> {
        self.for_each_band(row, |band| {
            require_type::<T>(&band)?;
            let view = band.as_array_view::<T>().map_err(|error| match error.kind() {
                ErrorKind::Misaligned if band.location().is_none() => in_place(row),
                ErrorKind::Misaligned => misaligned(&band),
                _ => error,
            })?;
            f(&band, view)
        })
    }

    /// Calls `f` with each band of a row.
    ///
    /// # Errors
    ///
    /// `Null` for a null row, `Shape` for one that is not alike, or has no bands.
    pub(super) fn for_each_band(&mut self, row: usize, mut f: impl FnMut(BandRef<'a>) -> Result<()>) -> Result<()> {
        let raster = self.column.get(row).ok_or_else(|| null_row(row))?;
        let num_bands = raster.num_bands()?;
        if num_bands == 0 {
            return Err(
                raster.annotate(error!(Shape, "a raster without bands has no pixels for a batch: give it a band"))
            );
        }
        let first = match &mut self.first {
            Some(first) => first,
            none => none.insert(First { row, num_bands, band: raster.band(0)? }),
        };
        for band in raster.bands() {
            let band = band?;
            if num_bands != first.num_bands
                || band.shape() != first.band.shape()
                || band.dim_names() != first.band.dim_names()
                || band.is_x_first() != first.band.is_x_first()
            {
                return Err(first.unlike(num_bands, &band));
            }
            f(band)?;
        }
        Ok(())
    }

    /// Returns the dim names of the bands.
    pub(super) fn dim_names(&self) -> Result<&[&'a str]> {
        Ok(self.first()?.band.dim_names())
    }

    fn first(&self) -> Result<&First<'a>> {
        self.first.as_ref().ok_or_else(no_rows)
    }

    /// Returns the shape of a batch of so many rows: rows, bands, and the extents of a band.
    pub(super) fn batch_shape(&self, rows: usize) -> Result<Axes<usize>> {
        let First { num_bands, band, .. } = self.first()?;
        Ok([rows, *num_bands].into_iter().chain(band.shape().iter().copied()).collect())
    }

    /// Returns whether the bands have two axes, x first.
    pub(super) fn is_x_first(&self) -> bool {
        self.first.as_ref().is_some_and(|first| first.band.is_x_first())
    }
}

impl First<'_> {
    #[cold]
    fn unlike(&self, num_bands: usize, band: &BandRef<'_>) -> Error {
        let has_dims = num_bands == self.num_bands && band.dim_names() == self.band.dim_names();
        let advice = if has_dims && band.is_x_first() != self.band.is_x_first() {
            "the spatial dims of these rows are in two orders, so bring them into one with `with_spatial_dims` or `transpose_dims`"
        } else if has_dims {
            "copy each row into a part of an array as large as the largest (`slice(row, 1)`, `copy_batch_into`), as for tiles \
             at an edge"
        } else {
            "bring dims into one order with `transpose_dims`, or put rows that are alike into a column of their own"
        };
        band.annotate(error!(
            Shape,
            "its row has {num_bands} bands, its dims are {} and its extents {}, where row {} has {} bands on {} of {}: {advice}",
            Few(band.dim_names()),
            Few(band.shape()),
            self.row,
            self.num_bands,
            Few(self.band.dim_names()),
            Few(self.band.shape())
        ))
    }
}

/// Refuses a band of another pixel type, with the calls that convert a batch.
pub(super) fn require_type<T: Pixel>(band: &BandRef<'_>) -> Result<()> {
    let (found, asked) = (band.pixel_type(), T::PIXEL_TYPE);
    if found == asked {
        return Ok(());
    }
    Err(band.annotate(error!(
        PixelType,
        "its pixels are {found}, not {asked}: ask for `{}`, convert them with `to_batch_cast` or `copy_batch_into_cast`, or \
         exactly with `to_batch_filled`",
        found.rust_name()
    )))
}

#[cold]
fn misaligned(band: &BandRef<'_>) -> Error {
    band.annotate(error!(
        Misaligned,
        "its pixels lie at an address that {} does not allow: copy all rows with `to_batch`, or move such payloads once with \
         `to_aligned`",
        band.pixel_type()
    ))
}

#[cold]
pub(super) fn in_place(row: usize) -> Error {
    let error = error!(
        Layout,
        "its bands have up to 12 bytes, which lie inside of Arrow's views, so that rows are no array: copy them with `to_batch`"
    );
    error.in_row(Some(row))
}

#[cold]
fn null_row(row: usize) -> Error {
    let error = error!(
        Null,
        "the row is null, and a batch has pixels for each row: leave null rows out (`iter().flatten()`, `to_raster`, \
         `RasterArray::from_iter`), or give them a value with `to_batch_filled`"
    );
    error.in_row(Some(row))
}

#[cold]
pub(super) fn no_rows() -> Error {
    error!(Shape, "a column without rasters does not say which bands and extents its batch would have: leave it out")
}
