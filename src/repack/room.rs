//! Asks whether there is room for the metadata of a column, before it is written anew.
//!
//! Rows and bands may share texts, lists and whole bands, where the column that is written has each of them for itself.

use std::collections::HashSet;

use crate::error::Result;
use crate::format::memory::{AXIS_BYTES, BAND_BYTES, ROW_BYTES, SPATIAL_DIM_BYTES, VIEW_ENTRY_BYTES, held};
use crate::limits::{Budget, FEWER_ROWS, MAX_LEN};
use crate::read::raster_array::RasterArray;
use crate::write::row::RowReader;

impl RasterArray {
    /// Refuses a column whose metadata would take more than 2^31 - 1 bytes, and more than the column holds in memory.
    ///
    /// # Cost
    ///
    /// A look at each offset and at the length of each text. Only if these could be too many, it reads every row.
    pub(crate) fn require_room(&self) -> Result<()> {
        if self.most_metadata()? <= MAX_LEN {
            return Ok(());
        }
        // What is counted is a little more than what is written. A column that shares nothing must have room.
        let held = || held(self.as_struct_array());
        let mut budget = Budget::new(|| held().saturating_add(held() / 4), FEWER_ROWS);
        let (mut rows, mut seen) = (RowReader::default(), HashSet::new());
        self.try_for_each_row(|raster| {
            let Some(raster) = raster else { return budget.spend(ROW_BYTES) };
            let parts = rows.read(&raster)?;
            let texts = parts.shared_texts().filter(|text| seen.insert((text.as_ptr().addr(), text.len())));
            let bytes = texts.map(str::len).fold(parts.metadata_len(), usize::saturating_add);
            budget.spend(bytes).map_err(|e| raster.annotate(e))
        })
    }

    /// Returns at least the bytes that the metadata of the column take: as if each row, band and axis had the longest texts
    /// of all.
    fn most_metadata(&self) -> Result<usize> {
        let columns = self.columns()?;
        let rows = 0..self.len();
        let dims = columns.spatial_dims().extent(rows.clone());
        let bands = columns.bands().extent(rows.clone());
        let names = columns.dim_names().extent(bands.span.clone());
        let each = |count: usize, bytes: usize| count.saturating_mul(bytes);
        let of_row = [
            ROW_BYTES,
            columns.crs()?.longest(rows),
            each(dims.longest, columns.spatial_dims().values().longest(dims.span).saturating_add(SPATIAL_DIM_BYTES)),
        ];
        let of_band = [
            BAND_BYTES,
            columns
                .band_texts()
                .map(|text| text.longest(bands.span.clone()))
                .into_iter()
                .fold(0, usize::saturating_add),
            each(
                names.longest,
                columns.dim_names().values().longest(names.span).saturating_add(AXIS_BYTES + VIEW_ENTRY_BYTES),
            ),
        ];
        let sum = |bytes: [usize; 3]| bytes.into_iter().fold(0, usize::saturating_add);
        Ok(each(self.len(), sum(of_row)).saturating_add(each(bands.total, sum(of_band))))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::write::raster::Raster;

    #[test]
    fn a_column_that_shares_nothing_has_room() {
        let of = |raster: Raster| RasterArray::from_iter(vec![raster; 4096]);
        let small = Raster::from_ndarray(Array2::<u8>::zeros((3, 3))).unwrap();
        let window = small.window(1.., 1..).unwrap();
        for column in [of(small.clone()), of(small.with_crs("EPSG:32632").with_nodata(7u8).unwrap()), of(window)] {
            let (mut rows, held) = (RowReader::default(), held(column.as_struct_array()));
            let counted: usize = column.iter().flatten().map(|row| rows.read(&row).unwrap().metadata_len()).sum();
            assert!(
                (held / 2..held + held / 4).contains(&counted),
                "{counted} bytes are counted where {held} are held"
            );
            assert!((counted..3 * counted).contains(&column.most_metadata().unwrap()));
        }
    }
}
