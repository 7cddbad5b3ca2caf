//! The rasters of a group, and their order.

use std::cmp::Ordering;
use std::mem::size_of_val;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, SortOptions};
use datafusion_common::utils::compare_rows;
use datafusion_common::{DataFusionError, Result, ScalarValue, exec_datafusion_err, exec_err, internal_err};
use datafusion_expr::Accumulator;
use ndraster::{ErrorKind, RasterArray, RasterArrayBuilder, RasterArrayView, RasterRef, RasterType};

use crate::errors::with_advice;
use crate::functions::mosaic::NAME;

/// What rasters are ordered by.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) data_type: DataType,
    pub(super) options: SortOptions,
}

/// What was seen of a group.
#[derive(Debug, Default)]
pub(super) struct Seen {
    keys: Vec<Key>,
    /// The rasters that came before the last look at all of them, without nulls.
    settled: Vec<RasterArray>,
    /// Those that came since.
    recent: Option<RasterArrayBuilder>,
    /// The values of the keys for each raster.
    values: Vec<Vec<ScalarValue>>,
    /// The bytes of the pixels that the rasters show.
    bytes: usize,
    overlap: Option<i64>,
}

/// About how much memory a group takes that has rasters, and a raster of one band without its pixels.
const GROUP_BYTES: usize = 20 << 10;
const RASTER_BYTES: usize = 512;

impl Seen {
    /// Starts a group whose rasters are ordered by these keys.
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Seen { keys, ..Seen::default() }
    }

    /// Takes the rasters of an array, sharing their payloads and nothing else that the array holds.
    fn add(&mut self, rasters: &ArrayRef, overlaps: Option<&Int64Array>, keys: &[ArrayRef]) -> Result<()> {
        let column = RasterArrayView::try_from(rasters).map_err(|error| failed(&error))?;
        for (row, raster) in column.iter().enumerate() {
            let Some(raster) = raster else { continue };
            let shown = shown_bytes(&raster).map_err(|error| failed(&error))?;
            let Some(shown) = shown else { continue };
            self.recent.get_or_insert_default().append(raster).map_err(|error| failed(&error))?;
            self.bytes = self.bytes.saturating_add(shown);
            self.values.push(keys.iter().map(|key| ScalarValue::try_from_array(key, row)).collect::<Result<_>>()?);
            if let Some(overlaps) = overlaps.filter(|overlaps| overlaps.is_valid(row)) {
                self.set_overlap(overlaps.value(row))?;
            }
        }
        Ok(())
    }

    fn set_overlap(&mut self, overlap: i64) -> Result<()> {
        match *self.overlap.get_or_insert(overlap) {
            known if known == overlap => Ok(()),
            known => exec_err!("{NAME}: the overlap is {known} and {overlap}: it is one for all rasters"),
        }
    }

    /// Makes the recent rasters readable.
    fn settle(&mut self) -> Result<()> {
        if let Some(recent) = self.recent.take() {
            self.settled.push(recent.finish().map_err(|error| failed(&error))?);
        }
        Ok(())
    }

    /// Iterates over all rasters and the values of their keys.
    fn rows(&self) -> impl Iterator<Item = (RasterRef<'_>, &Vec<ScalarValue>)> {
        self.settled.iter().flat_map(|column| column.iter().flatten()).zip(&self.values)
    }

    /// Returns the rasters in the order that SQL says, or in that of their places.
    fn in_order(&self) -> Result<RasterArray> {
        let ordered = if self.keys.is_empty() { self.by_place()? } else { self.by_keys()? };
        column(ordered).map_err(|error| failed(&error))
    }

    fn by_keys(&self) -> Result<Vec<RasterRef<'_>>> {
        let options: Vec<SortOptions> = self.keys.iter().map(|key| key.options).collect();
        let mut rows: Vec<_> = self.rows().collect();
        let mut result = Ok(());
        rows.sort_by(|(_, a), (_, b)| {
            compare_rows(a, b, &options).unwrap_or_else(|error| {
                result = Err(error);
                Ordering::Equal
            })
        });
        result.map(|()| rows.into_iter().map(|(raster, _)| raster).collect())
    }

    fn by_place(&self) -> Result<Vec<RasterRef<'_>>> {
        let rows = self.rows().map(|(raster, _)| Ok((raster.bbox()?, raster))).collect::<ndraster::Result<Vec<_>>>();
        let rows = rows.map_err(|error| failed(&error))?;
        let Some((first, raster)) = rows.first() else { return Ok(Vec::new()) };
        let grid = Grid::new(*first, raster).map_err(|error| failed(&error))?;
        let mut rows: Vec<_> = rows.into_iter().map(|(bbox, raster)| (grid.place(bbox), bbox, raster)).collect();
        rows.sort_by_key(|(place, ..)| *place);
        if let Some([(_, bbox, _), _]) = rows.array_windows().find(|[(a, ..), (b, ..)]| a == b) {
            return exec_err!(
                "{NAME}: two rasters lie at {bbox:?}: say which comes first by ORDER BY, as in `{NAME}(rast ORDER BY id)`"
            );
        }
        Ok(rows.into_iter().map(|(.., raster)| raster).collect())
    }
}

/// Returns how many bytes the pixels of a raster are, and `None` for a raster without rows or columns.
fn shown_bytes(raster: &RasterRef<'_>) -> ndraster::Result<Option<usize>> {
    let mut bytes = RASTER_BYTES;
    if raster.width()? == 0 || raster.height()? == 0 {
        return Ok(None);
    }
    for band in raster.bands() {
        let band = band?;
        let pixels = band.shape().iter().fold(band.pixel_type().size(), |bytes, extent| bytes.saturating_mul(*extent));
        bytes = bytes.saturating_add(pixels);
    }
    Ok(Some(bytes))
}

/// Compares edges in quarters of a pixel, so that rounding errors of their coordinates do not count.
struct Grid {
    first: [f64; 4],
    quarters: [f64; 2],
}

impl Grid {
    /// Takes a raster on the grid, and its box.
    fn new(first: [f64; 4], raster: &RasterRef<'_>) -> ndraster::Result<Self> {
        let [xmin, ymin, xmax, ymax] = first;
        let (width, height) = (raster.width()? as f64, raster.height()? as f64);
        Ok(Grid { first, quarters: [4.0 * width / (xmax - xmin), 4.0 * height / (ymax - ymin)] })
    }

    /// Returns what boxes are ordered by: from the north, then from the west; larger ones first.
    fn place(&self, bbox: [f64; 4]) -> [i64; 4] {
        let [x, y] = self.quarters;
        let side = |side: usize, quarters: f64| ((bbox[side] - self.first[side]) * quarters).round() as i64;
        [side(3, y).saturating_neg(), side(0, x), side(1, y), side(2, x).saturating_neg()]
    }
}

fn column(rasters: Vec<RasterRef<'_>>) -> ndraster::Result<RasterArray> {
    let mut column = RasterArrayBuilder::with_capacity(rasters.len());
    rasters.into_iter().try_for_each(|raster| column.append(raster))?;
    column.finish()
}

/// Says which raster of a group does not fit: its row in SQL is not known here.
#[cold]
fn misfit(rasters: &RasterArray, error: &ndraster::Error) -> DataFusionError {
    let bbox = error.row().and_then(|row| rasters.get(row)).and_then(|raster| raster.bbox().ok());
    let place = bbox.map(|bbox| format!(" (rows in the order of the mosaic; this one lies at {bbox:?})"));
    let advice = match error.kind() {
        ErrorKind::Argument => "; in SedonaDB by `RS_SetBandNoDataValue(rast, band, value)`",
        _ => "",
    };
    exec_datafusion_err!("{NAME}: {}{advice}{}", with_advice(error), place.unwrap_or_default())
}

fn failed(error: &ndraster::Error) -> DataFusionError {
    exec_datafusion_err!("{NAME}: {}", with_advice(error))
}

impl Accumulator for Seen {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some((arguments, keys)) = values.split_at_checked(values.len().saturating_sub(self.keys.len())) else {
            return internal_err!("{NAME}: {} values", values.len());
        };
        let Some((rasters, others)) = arguments.split_first() else {
            return internal_err!("{NAME}: no argument");
        };
        self.add(rasters, others.first().and_then(|overlaps| overlaps.as_primitive_opt()), keys)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [rasters, overlaps, keys @ ..] = states else {
            return internal_err!("{NAME}: a state of {} columns", states.len());
        };
        let keys = keys.iter().map(|key| key.as_list_opt::<i32>()).collect::<Option<Vec<_>>>();
        let (Some(lists), Some(overlaps), Some(keys)) =
            (rasters.as_list_opt::<i32>(), overlaps.as_primitive_opt::<Int64Type>(), keys)
        else {
            return internal_err!("{NAME}: a state of other types");
        };
        overlaps.iter().flatten().try_for_each(|overlap| self.set_overlap(overlap))?;
        for (row, rasters) in lists.iter().enumerate() {
            let Some(rasters) = rasters else { continue };
            let keys: Vec<ArrayRef> = keys.iter().map(|key| key.value(row)).collect();
            self.add(&rasters, None, &keys)?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.settle()?;
        let all = self.rows().map(|(raster, _)| raster).collect();
        let all = StructArray::from(column(all).map_err(|error| failed(&error))?);
        let offsets = OffsetBuffer::from_lengths([all.len()]);
        let list = ListArray::try_new(Arc::new(RasterType::field("item")), offsets, Arc::new(all), None)?;
        let mut state = vec![ScalarValue::List(Arc::new(list)), ScalarValue::Int64(self.overlap)];
        for (position, key) in self.keys.iter().enumerate() {
            let values: Vec<_> = self.values.iter().filter_map(|values| values.get(position).cloned()).collect();
            state.push(ScalarValue::List(ScalarValue::new_list(&values, &key.data_type, true)));
        }
        Ok(state)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.settle()?;
        if self.settled.is_empty() {
            return ScalarValue::try_from(RasterType::storage_type());
        }
        let rasters = self.in_order()?;
        let overlap = self.overlap.unwrap_or(0);
        let Ok(overlap) = usize::try_from(overlap) else {
            return exec_err!("{NAME}: an overlap of {overlap} pixels");
        };
        let mosaic = rasters.to_mosaic(overlap).map_err(|error| misfit(&rasters, &error))?;
        Ok(ScalarValue::Struct(Arc::new(StructArray::from(RasterArray::from(mosaic)))))
    }

    fn size(&self) -> usize {
        let group = if self.values.is_empty() { 0 } else { GROUP_BYTES };
        let values = self.values.iter().flatten().map(ScalarValue::size).sum::<usize>();
        size_of_val(self) + group + self.bytes + values
    }
}
