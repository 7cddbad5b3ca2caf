//! Writes columns without Arrow's view types.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, ArrayRef, BinaryViewArray, LargeBinaryArray, ListArray, StringViewArray, StructArray};
use arrow_buffer::{MutableBuffer, OffsetBuffer, ScalarBuffer};

use crate::error::{Result, error};
use crate::format::memory::held;
use crate::format::schema::{OFFSET_STORAGE, band, raster};
use crate::format::values::{column, downcast};
use crate::limits::{Budget, FEWER_ROWS, MAX_LEN};
use crate::read::raster_array::RasterArray;
use crate::repack::relocate::Copies;

impl RasterArray {
    /// Returns the rasters as a column of the type
    /// [`RasterType::offset_storage_type`](crate::RasterType::offset_storage_type), without Arrow's view types.
    ///
    /// The payloads of each row follow those of the row before, so nothing of a larger column remains after a slice or
    /// a filter. Use it for engines that write every buffer that a view type lists, once for each batch that they cut,
    /// such as Flight and Ballista. Use it also for files whose readers do not know view types.
    ///
    /// [`RasterArray::try_from`] reads such a column like any other, and copies no payload for that. A payload starts
    /// where the one before it ends, so it may be misaligned. Then it cannot be borrowed, and
    /// [`to_aligned`](Self::to_aligned) copies it to another address.
    ///
    /// # Errors
    ///
    /// A column that has this type is returned without further checks. For other columns:
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if bands share payloads, as tiles do, and one copy for
    ///   each band would take more than 2^31 - 1 bytes.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if
    ///   the metadata of all rows would have more than that, and more than the column has in memory: rows can share texts,
    ///   names and bands. A text that rows share counts once for each row.
    ///
    /// # Cost
    ///
    /// None for a column of this type. For other columns the metadata are written anew, and every payload is copied,
    /// once for each band that has it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, RasterType, arrow_array::Array, ndarray::Array2};
    /// let column = RasterArray::from_iter([Raster::from_ndarray(Array2::<f32>::ones((64, 64)))?]);
    /// let offsets = column.to_offset_types()?;
    /// assert_eq!(offsets.as_struct_array().data_type(), &RasterType::offset_storage_type());
    /// assert_eq!(offsets.get(0).unwrap().as_array_view2::<f32>()?.sum(), 4096.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_offset_types(&self) -> Result<Self> {
        if *self.as_struct_array().fields() == OFFSET_STORAGE.raster {
            return Ok(self.clone());
        }
        let column = self.rewritten(&Copies::default())?;
        column.require_room_without_views()?;
        column.without_views()
    }

    /// Refuses a column whose texts and payloads would take more than 2^31 - 1 bytes if each were written out, and more than
    /// the column holds in memory.
    fn require_room_without_views(&self) -> Result<()> {
        let columns = self.columns()?;
        let instead = "take fewer rows at a time (`slice`), or cut views down to what is seen with `to_standard`";
        let mut budget = Budget::new(|| held(self.as_struct_array()), instead);
        let texts = [columns.crs()?, columns.spatial_dims().values(), columns.dim_names().values()];
        texts.into_iter().chain(columns.band_texts()).try_for_each(|text| budget.spend(text.total()))?;
        self.try_for_each_payload(|payload| budget.spend(payload.len()))
    }

    /// Replaces the view types of a column that this crate wrote.
    fn without_views(&self) -> Result<Self> {
        let array = self.as_struct_array();
        let bands: &ListArray = column(array, raster::BANDS, "bands")?;
        let band: &StructArray = downcast(bands.values(), "bands.band")?;
        let mut band_columns = band.columns().to_vec();
        let mut columns = array.columns().to_vec();
        replace(&mut band_columns, band::OUTDB_FORMAT, text)?;
        replace(&mut band_columns, band::DATA, payloads)?;
        let band: ArrayRef = Arc::new(StructArray::try_new(OFFSET_STORAGE.band.clone(), band_columns, None)?);
        replace(&mut columns, raster::CRS, text)?;
        replace(&mut columns, raster::SPATIAL_DIMS, list_of_text)?;
        replace(&mut columns, raster::BANDS, |_| {
            let offsets = bands.offsets().clone();
            Ok(Arc::new(ListArray::try_new(Arc::clone(&OFFSET_STORAGE.band_entry), offsets, band, None)?))
        })?;
        Ok(RasterArray::from_own(
            StructArray::try_new(OFFSET_STORAGE.raster.clone(), columns, array.nulls().cloned())?,
            false,
        ))
    }
}

/// Replaces the column at a position by one that `change` makes of it.
fn replace(
    columns: &mut [ArrayRef],
    position: usize,
    change: impl FnOnce(&ArrayRef) -> Result<ArrayRef>,
) -> Result<()> {
    columns.get_mut(position).map_or(Ok(()), |column| {
        *column = change(column)?;
        Ok(())
    })
}

fn text(array: &ArrayRef) -> Result<ArrayRef> {
    let views: &StringViewArray = downcast(array, "text")?;
    let bytes = views.iter().flatten().map(str::len).fold(0, usize::saturating_add);
    if bytes > MAX_LEN {
        return Err(error!(
            TooLarge,
            "{bytes} bytes of text, such as CRSs, are more than the {MAX_LEN} of a column without views: {FEWER_ROWS}"
        ));
    }
    let mut builder = StringBuilder::with_capacity(views.len(), bytes);
    views.iter().for_each(|text| builder.append_option(text));
    Ok(Arc::new(builder.finish()))
}

fn list_of_text(array: &ArrayRef) -> Result<ArrayRef> {
    let lists: &ListArray = downcast(array, "text")?;
    let items = text(lists.values())?;
    Ok(Arc::new(ListArray::try_new(Arc::clone(&OFFSET_STORAGE.text_item), lists.offsets().clone(), items, None)?))
}

fn payloads(array: &ArrayRef) -> Result<ArrayRef> {
    let views: &BinaryViewArray = downcast(array, "data")?;
    let payloads = || views.iter().map(Option::unwrap_or_default);
    let mut values = MutableBuffer::with_capacity(payloads().map(<[u8]>::len).sum());
    let mut offsets = Vec::with_capacity(views.len() + 1);
    offsets.push(0);
    for payload in payloads() {
        values.extend_from_slice(payload);
        offsets.push(values.len() as i64);
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(LargeBinaryArray::try_new(offsets, values.into(), None)?))
}
