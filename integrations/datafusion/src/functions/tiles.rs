//! Defines `nd_tiles`: a raster cut into tiles, with the place of each.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, ListArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBufferBuilder};
use arrow_schema::{DataType, Field, Fields};
use datafusion_expr::ScalarUDF;
use ndraster::{Error, RasterArray, RasterArrayBuilder, RasterType, Result};

use crate::output::Output;
use crate::raster_udf_with;

/// Returns the SQL function `nd_tiles(raster, width, height [, overlap])`: a list of structs `{x, y, tile}`, row by row of the
/// grid, for `unnest`. `x` and `y` count the tiles to the right and down, from 0.
///
/// The first three arguments and the type of the result are those of SedonaDB's `RS_Tile`, so the extension name of a tile is not
/// lost. Tiles at the right and lower edge of the raster are smaller. With `overlap`, each tile has up to so many more pixels on
/// every side, as far as the raster goes; [`nd_mosaic`](crate::functions::nd_mosaic) takes the same number.
///
/// Tiles share the payload, which is copied once if it has up to 4 KiB. So their cost does not depend on their pixels.
pub fn nd_tiles() -> ScalarUDF {
    raster_udf_with("nd_tiles", |raster, &(width, height, overlap): &(i64, i64, Option<i64>)| {
        let pixels = |n: i64, what, least: usize| {
            let n = usize::try_from(n).ok().filter(|n| *n >= least).ok_or(n);
            n.map_err(|n| Error::other(format!("{what} of {n} pixels, where {least} or more is expected")))
        };
        let (width, height) = (pixels(width, "a width", 1)?, pixels(height, "a height", 1)?);
        let tiles = raster.tiles_with_overlap(height, width, pixels(overlap.unwrap_or(0), "an overlap", 0)?)?;
        let (_, across) = raster.tile_grid(height, width)?;
        Ok(Tiles { tiles, across })
    })
}

/// The tiles of one raster, row by row, and how many make a row of the grid.
struct Tiles {
    tiles: RasterArray,
    across: usize,
}

/// The builder of a column of lists of tiles.
#[derive(Default)]
struct TileLists {
    x: Vec<i32>,
    y: Vec<i32>,
    tiles: RasterArrayBuilder,
    lengths: Vec<Option<usize>>,
}

fn fields() -> Fields {
    let count = |name| Field::new(name, DataType::Int32, false);
    Fields::from(vec![count("x"), count("y"), RasterType::field("tile").with_nullable(false)])
}

impl Output for Tiles {
    type Column = TileLists;

    fn field(name: &str) -> Field {
        Field::new_list(name, Field::new_struct("item", fields(), true), true)
    }

    fn append_to(self, column: &mut TileLists) -> Result<()> {
        let place = |index: usize| i32::try_from(index).map_err(|_| Error::other("more than 2^31 - 1 tiles in a row"));
        for (index, tile) in self.tiles.iter().flatten().enumerate() {
            column.x.push(place(index % self.across.max(1))?);
            column.y.push(place(index / self.across.max(1))?);
            column.tiles.append(tile)?;
        }
        column.lengths.push(Some(self.tiles.len()));
        Ok(())
    }

    fn append_null(column: &mut TileLists) {
        column.lengths.push(None);
    }

    fn finish(column: TileLists) -> Result<ArrayRef> {
        i32::try_from(column.x.len()).map_err(|_| Error::other("more than 2^31 - 1 tiles in a batch"))?;
        let (mut offsets, mut valid) = (OffsetBufferBuilder::new(column.lengths.len()), NullBufferBuilder::new(0));
        for length in column.lengths {
            offsets.push_length(length.unwrap_or(0));
            valid.append(length.is_some());
        }
        let children: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(column.x)),
            Arc::new(Int32Array::from(column.y)),
            Arc::new(StructArray::from(column.tiles.finish()?)),
        ];
        let items = Arc::new(StructArray::try_new(fields(), children, None)?);
        let item = Arc::new(Field::new_struct("item", fields(), true));
        Ok(Arc::new(ListArray::try_new(item, offsets.finish(), items, valid.finish())?))
    }
}
