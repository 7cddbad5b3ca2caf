//! Packs the pixels of rows that are alike, so that one array view shows them.

use arrow_buffer::Buffer;

use crate::error::Result;
use crate::format::payload_builder::most_payloads;
use crate::format::text_builders::ByAddress;
use crate::limits::MAX_LEN;
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::raster_array::RasterArray;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::row::RowReader;

impl RasterArray {
    /// Returns the rasters as a column whose pixels lie one after the other in one buffer, without padding and without views,
    /// so that [`as_batch_view`](Self::as_batch_view) borrows them as one array in C order.
    ///
    /// The rows must have as many bands, of the same dims, extents and pixel type. Beyond 2^31 - 1 bytes there are as few buffers
    /// as possible, which [`batch_views`](Self::batch_views) borrows one by one. Bands of up to 12 bytes stay where Arrow stores
    /// them, so that nobody can borrow them as one; [`to_batch`](Self::to_batch) copies those. A column that lies like that already
    /// keeps its buffer, also what other columns show of it; [`to_compact`](Self::to_compact) leaves that behind.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if the bands have different pixel types.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the pixels would have more than 2^31 - 1 bytes, and more than
    ///   all payloads together, where bytes that bands share count once, or if the metadata of all rows would have more than
    ///   that, and more than the column has in memory.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster.
    /// - Those of [`to_batch`](Self::to_batch).
    ///
    /// # Cost
    ///
    /// None but for the look at each row, if the pixels lie like that already. Otherwise one copy of the pixels, and the
    /// metadata are written anew.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let tiles = Raster::from_ndarray(Array2::<f32>::zeros((64, 64)))?.tiles(16, 16)?; // 16 windows of one payload
    /// let packed = tiles.to_packed_batch()?;
    /// assert!(packed.as_batch_view::<f32>()?.is_standard_layout());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_packed_batch(&self) -> Result<Self> {
        let first = self.iter().flatten().find_map(|raster| raster.bands().next()?.ok());
        match first.map(|band| band.pixel_type()) {
            Some(pixel_type) => match_pixel_type!(pixel_type, P => self.packed::<P>()),
            // What prevents a batch is what prevents this one.
            None => self.to_batch::<u8>().map(|_| self.clone()),
        }
    }

    /// Returns whether a band shows something else than its whole payload.
    fn has_view(&self) -> Result<bool> {
        if self.uniform_rows().is_some() {
            return Ok(false);
        }
        let mut has_view = false;
        self.try_for_each_row(|raster| {
            raster.into_iter().flat_map(|raster| raster.bands()).try_for_each(|band| {
                has_view |= !band?.view().is_identity();
                Ok(())
            })
        })?;
        Ok(has_view)
    }

    fn packed<T: Pixel>(&self) -> Result<Self> {
        if self.as_batch_view::<T>().is_ok_and(|batch| batch.is_standard_layout()) && !self.has_view()? {
            return Ok(self.clone());
        }
        self.require_room()?;
        let batch = self.to_batch::<T>()?;
        let (rows, bands) = (self.len(), batch.shape().get(1).copied().unwrap_or_default());
        let pixels = Buffer::from_vec(batch.into_raw_vec_and_offset().0);
        let len = pixels.len() / (rows * bands).max(1);
        let buffers = sliced(&pixels, len, bands);
        let (mut column, mut reader) = (RasterColumnBuilder::<ByAddress<'_>>::sharing(), RowReader::default());
        // All payloads in order, each with its place.
        let mut places = buffers.iter().flat_map(|buffer| {
            let starts = (0..buffer.len()).step_by(len.max(1));
            starts.filter_map(move |start| Some((buffer.as_slice().get(start..)?.get(..len)?, (buffer, start))))
        });
        self.try_for_each_row(|raster| {
            let Some(raster) = raster else { return column.push_null() };
            let mut parts = reader.read(&raster)?;
            for band in parts.bands_mut() {
                let empty = (&[] as &[u8], (&pixels, 0));
                let (bytes, place) = places.next().unwrap_or(empty);
                band.set_packed(bytes, place)?;
            }
            column.push(&parts)
        })?;
        column.finish()
    }
}

/// Cuts a buffer into as few as Arrow can count bytes in, each with whole rows.
fn sliced(pixels: &Buffer, len: usize, bands: usize) -> Vec<Buffer> {
    if pixels.len() <= MAX_LEN {
        return vec![pixels.clone()];
    }
    let most = most_payloads(len, bands) * len;
    (0..pixels.len())
        .step_by(most)
        .map(|start| pixels.slice_with_length(start, most.min(pixels.len() - start)))
        .collect()
}
