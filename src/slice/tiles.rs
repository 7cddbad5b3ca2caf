//! Cuts rasters into tiles, without a copy.

use std::ops::Range;

use ndarray::Slice;

use crate::error::{Result, error};
use crate::format::text_builders::ByAddress;
use crate::limits::require_room;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::parts::RasterParts;
use crate::write::raster::Raster;

/// Where a tile lies in its raster, in rows and columns.
///
/// # Examples
///
/// ```
/// use ndraster::{Raster, ndarray::Array2};
///
/// // Filter each tile with overlap, and keep the core of the result.
/// let raster = Raster::from_ndarray(Array2::<f32>::ones((100, 200)))?;
/// let mut result = Array2::<f32>::zeros((100, 200));
/// for window in raster.tile_windows(64, 64, 1)? {
///     let tile = raster.window(window.rows.clone(), window.cols.clone())?;
///     let filtered = tile.as_array_view2::<f32>()?.mapv(|pixel| 2.0 * pixel);
///     let (rows, cols) = window.core_in_tile();
///     let core = ndraster::ndarray::s![rows, cols];
///     result.slice_mut(ndraster::ndarray::s![window.core_rows, window.core_cols]).assign(&filtered.slice(core));
/// }
/// assert_eq!(result.sum(), 2.0 * 100.0 * 200.0);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TileWindow {
    /// The rows of the tile, with its overlap.
    pub rows: Range<usize>,
    /// The columns of the tile, with its overlap.
    pub cols: Range<usize>,
    /// The rows of the tile without its overlap. The cores of all tiles cover the raster once.
    pub core_rows: Range<usize>,
    /// The columns of the tile without its overlap.
    pub core_cols: Range<usize>,
}

impl TileWindow {
    /// Returns the rows and columns of the core, counted from the tile's own first row and column.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((100, 200)))?;
    /// let window = raster.tile_windows(64, 64, 8)?.last().unwrap();
    /// assert_eq!(window.core_in_tile(), (8..44, 8..16));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn core_in_tile(&self) -> (Range<usize>, Range<usize>) {
        let within = |core: &Range<usize>, tile: &Range<usize>| {
            core.start.saturating_sub(tile.start)..core.end.saturating_sub(tile.start)
        };
        (within(&self.core_rows, &self.rows), within(&self.core_cols, &self.cols))
    }
}

impl RasterRef<'_> {
    /// Cuts the raster into tiles of `height` rows and `width` columns, row by row.
    ///
    /// Tiles at the lower and right edge are smaller. Each tile has its own transform.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the number of tiles times the number of bands is more
    ///   than 2^21 - 1, or fewer of many axes or long names. The limit exists because a raster may claim any extent; cut such a raster by
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
    #[doc(alias("block_windows", "RS_TileExplode", "chunk"))]
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
    ///   than 2^21 - 1, or fewer of many axes or long names. The limit exists because a raster may claim any extent; cut such a raster by
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
    #[doc(alias("map_overlap"))]
    pub fn tiles_with_overlap(&self, height: usize, width: usize, overlap: usize) -> Result<RasterArray> {
        let parts = RasterParts::read(self)?;
        let [(_, cols), (_, rows)] = parts.grid().map_err(|e| self.annotate(e))?;
        let (down, across) = count_tiles((rows, cols), (height, width)).map_err(|e| self.annotate(e))?;
        let bands = parts.bands().len().max(1);
        let each = parts.part_len() / bands;
        let count = down.saturating_mul(across).saturating_mul(bands);
        require_room(count, each, "tiles, or bands of them").map_err(|e| self.annotate(e))?;
        let mut tiles = RasterColumnBuilder::<ByAddress<'_>>::sharing();
        for window in self.tile_windows(height, width, overlap)? {
            tiles.push(&parts.cut(slice(window.rows), slice(window.cols)).map_err(|e| self.annotate(e))?)?;
        }
        tiles.finish()
    }

    /// Iterates over the rows and columns of tiles, row by row: where each tile lies, and where its core, without overlap.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) for tiles without extent.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 2^21 - 1 tiles.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the spatial shape is malformed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(Array2::<u8>::zeros((100, 200)))?]);
    /// let windows: Vec<_> = column.get(0).unwrap().tile_windows(64, 64, 8)?.collect();
    /// assert_eq!(windows.len(), 8);
    /// assert_eq!((windows[1].cols.clone(), windows[1].core_cols.clone()), (56..136, 64..128));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("block_windows"))]
    pub fn tile_windows(
        &self,
        height: usize,
        width: usize,
        overlap: usize,
    ) -> Result<impl ExactSizeIterator<Item = TileWindow> + Clone + use<>> {
        let (all_rows, all_cols) = (self.height()?, self.width()?);
        let (down, across) = self.tile_grid(height, width)?;
        require_room(down.saturating_mul(across), 0, "tiles").map_err(|e| self.annotate(e))?;
        Ok((0..down * across).map(move |tile| {
            let (rows, core_rows) = tile_range(all_rows, height, overlap, tile / across);
            let (cols, core_cols) = tile_range(all_cols, width, overlap, tile % across);
            TileWindow { rows, cols, core_rows, core_cols }
        }))
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
    /// Cuts the raster into tiles of `height` rows and `width` columns, row by row.
    ///
    /// Tiles at the lower and right edge are smaller. Each tile has its own transform.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) if `height` or `width` is zero.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the number of tiles times the number of bands is more
    ///   than 2^21 - 1, or fewer of many axes or long names.
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
    #[doc(alias("block_windows", "RS_TileExplode", "chunk"))]
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
    ///   than 2^21 - 1, or fewer of many axes or long names.
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
    #[doc(alias("map_overlap"))]
    pub fn tiles_with_overlap(&self, height: usize, width: usize, overlap: usize) -> Result<RasterArray> {
        self.as_ref().tiles_with_overlap(height, width, overlap)
    }

    /// Iterates over the rows and columns of tiles, row by row: where each tile lies, and where its core, without overlap.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Argument`](crate::ErrorKind::Argument) for tiles without extent.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 2^21 - 1 tiles.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the spatial shape is malformed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((100, 200)))?;
    /// let windows: Vec<_> = raster.tile_windows(64, 64, 8)?.collect();
    /// assert_eq!(windows.len(), 8);
    /// assert_eq!((windows[1].cols.clone(), windows[1].core_cols.clone()), (56..136, 64..128));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("block_windows"))]
    pub fn tile_windows(
        &self,
        height: usize,
        width: usize,
        overlap: usize,
    ) -> Result<impl ExactSizeIterator<Item = TileWindow> + Clone + use<>> {
        self.as_ref().tile_windows(height, width, overlap)
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

/// Returns the range of tile number `tile` along an axis, with up to `overlap` more pixels at either end, and without.
fn tile_range(extent: usize, size: usize, overlap: usize, tile: usize) -> (Range<usize>, Range<usize>) {
    // The start lies before the end of the extent, so nothing can overflow.
    let start = tile * size;
    let end = start.saturating_add(size).min(extent);
    (start.saturating_sub(overlap)..end.saturating_add(overlap).min(extent), start..end)
}

/// Returns a range as ndarray's slice.
fn slice(Range { start, end }: Range<usize>) -> Slice {
    Slice { start: start as isize, end: Some(end as isize), step: 1 }
}

/// Returns the number of rows and of columns of tiles.
fn count_tiles(raster: (usize, usize), tile: (usize, usize)) -> Result<(usize, usize)> {
    let ((height, width), (rows, cols)) = (raster, tile);
    if rows == 0 || cols == 0 {
        return Err(error!(Argument, "tiles of {rows} rows and {cols} columns cover nothing"));
    }
    Ok((height.div_ceil(rows), width.div_ceil(cols)))
}
