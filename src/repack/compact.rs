//! Removes memory that a column does not refer to.
//!
//! A filtered or sliced column still lists every buffer of the column that it came from. Arrow writes those buffers
//! whole to a stream, a file or a socket.

use std::ops::Range;

use arrow_array::types::{ByteViewType, StringViewType};
use arrow_array::{GenericByteViewArray, OffsetSizeTrait};
use arrow_buffer::Buffer;

use crate::error::Result;
use crate::format::bytes::BytesColumn;
use crate::format::columns::Columns;
use crate::format::intervals::{Interval, Union, has_gap};
use crate::format::payload;
use crate::format::payload_builder::ALIGNMENT;
use crate::format::text::{TextColumn, TextListColumn};
use crate::read::raster_array::RasterArray;
use crate::repack::relocate::ToCopy;
use crate::view::MAX_AXES;

impl RasterArray {
    /// Returns the bytes of memory in which payloads lie.
    ///
    /// Each byte counts once, however many bands share it. Payloads of null rows do not count. Compare with
    /// [`buffer_bytes`](Self::buffer_bytes) to decide whether to call [`to_compact`](Self::to_compact).
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first band whose metadata or payload is
    /// not valid.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let tiles = Raster::from_ndarray(Array2::<f32>::zeros((100, 100)))?.tiles(10, 10)?;
    /// assert_eq!(tiles.payload_bytes()?, 40_000); // 100 tiles of the same payload
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn payload_bytes(&self) -> Result<usize> {
        let mut payloads = Union::default();
        self.try_for_each_payload(|payload| {
            payloads.add(Interval::of(payload));
            Ok(())
        })?;
        Ok(payloads.len())
    }

    /// Calls `f` with the payload of each band, which is empty if its pixels are not loaded.
    pub(super) fn try_for_each_payload<'a>(&'a self, mut f: impl FnMut(&'a [u8]) -> Result<()>) -> Result<()> {
        self.try_for_each_row(|raster| {
            raster.into_iter().flat_map(|raster| raster.bands()).try_for_each(|band| f(band?.payload_if_loaded()?))
        })
    }

    /// Returns the bytes of the buffers in which payloads, CRSs, formats and spatial dims lie.
    ///
    /// A stream, a file or a socket takes as many bytes for each batch, because Arrow writes every buffer whole that an
    /// array of a view type lists. For offset types, such as those of [`to_offset_types`](Self::to_offset_types), only
    /// the values between the first and the last row count. Everything else in a column is a few numbers for each row.
    ///
    /// # Cost
    ///
    /// Looks at each buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let raster = |fill| Raster::from_ndarray(Array2::<f32>::from_elem((64, 64), fill)).unwrap();
    /// let column: RasterArray = (0..8).map(|row| raster(row as f32)).collect();
    /// let row = column.slice(3, 1)?;
    /// assert_eq!(row.buffer_bytes(), 8 * 64 * 64 * 4); // one row, and the buffers of all eight
    /// assert_eq!(row.to_compact()?.buffer_bytes(), 64 * 64 * 4);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn buffer_bytes(&self) -> usize {
        let Ok(columns) = self.columns() else { return 0 };
        let bands = columns.bands().extent(0..self.len()).span;
        let dims = columns.spatial_dims().extent(0..self.len()).span;
        let payloads = match columns.payloads() {
            BytesColumn::BinaryView(array) => listed(array),
            BytesColumn::Binary(array) => between(array.value_offsets(), &bands),
            BytesColumn::LargeBinary(array) => between(array.value_offsets(), &bands),
            BytesColumn::FixedSizeBinary(array) => array.value_data().len(),
        };
        let crs = columns.crs().map_or(0, |crs| text_bytes(crs, &(0..self.len())));
        let format = text_bytes(columns.outdb_formats(), &bands);
        let dims = text_bytes(columns.spatial_dims().values(), &dims);
        [payloads, crs, format, dims].into_iter().fold(0, usize::saturating_add)
    }

    /// Returns the rasters as a column without memory that none of them refers to.
    ///
    /// Use it before a column is written, sent or kept. A buffer is shared if the payloads of this column leave no gap
    /// of 64 bytes or more in it. Payloads in other buffers are copied, once each, and aligned for their pixels: those
    /// that lie side by side, or overlap, stay so, and thus a [batch](Self::as_batch_view) without gaps remains one; with gaps call
    /// [`to_packed_batch`](Self::to_packed_batch). Up to 4 KiB go into common blocks, more into memory of their own. Text that no
    /// row refers to, such as CRSs, is removed too.
    ///
    /// Views stay, so a small window keeps its whole payload. To reduce it to the visible pixels, call
    /// [`to_standard`](Self::to_standard) first.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if payloads that must be copied overlap in memory, and
    ///   their copies would have more than 2^31 - 1 bytes together.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if
    ///   the metadata of all rows would have more than that, and more than the column has in memory: rows can share texts,
    ///   names and bands.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band. That is all for a compact column of SedonaDB's storage type. For other columns
    /// the metadata are written anew, and payloads are copied as described.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let raster = |fill| Raster::from_ndarray(Array2::<f32>::from_elem((64, 64), fill)).unwrap();
    /// let column: RasterArray = (0..8).map(|row| raster(row as f32)).collect();
    /// let compact = column.slice(3, 1)?.to_compact()?;
    /// assert_eq!(compact.buffer_bytes(), compact.payload_bytes()?);
    /// // This payload had a buffer to itself, so it was not copied.
    /// let first = |column: &RasterArray, row| column.get(row).unwrap().as_array_view::<f32>().unwrap().as_ptr();
    /// assert_eq!(first(&compact, 0), first(&column, 3));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias("gc"))]
    pub fn to_compact(&self) -> Result<Self> {
        let column = self.to_canonical()?;
        let columns = column.columns()?;
        let BytesColumn::BinaryView(data) = columns.payloads() else { return Ok(column) };
        let (mut payloads, mut text) = (Usage::new(data), TextUsage::new(&columns)?);
        column.try_for_each_row(|raster| {
            let Some(raster) = raster else { return Ok(()) };
            text.add_row(raster.row()).map_err(|e| raster.annotate(e))?;
            for (band, index) in raster.bands().zip(raster.band_range()?) {
                band?.payload_if_loaded()?;
                payloads.add(index);
                text.add_band(index);
            }
            Ok(())
        })?;
        let wasteful = payloads.wasteful(ALIGNMENT);
        if !wasteful.contains(&true) && text.wastes_nothing() {
            return Ok(column);
        }
        let mut scattered = ToCopy::default();
        column.try_for_each_row(|raster| {
            let Some(raster) = raster else { return Ok(()) };
            for (number, (band, index)) in raster.bands().zip(raster.band_range()?).enumerate() {
                let band = band?;
                let buffer = payload::locate(data, index).and_then(|(buffer, _)| wasteful.get(buffer as usize));
                if buffer.is_some_and(|is_wasteful| *is_wasteful) {
                    scattered.add(band.payload_if_loaded()?, band.pixel_type(), number == 0);
                }
            }
            Ok(())
        })?;
        column.rewritten(&scattered.copy()?)
    }
}

/// The bytes of an array's buffers that are referred to.
struct Usage<'a, T: ByteViewType> {
    array: &'a GenericByteViewArray<T>,
    /// The number of each buffer, and the bytes in it.
    used: Vec<(u32, Interval)>,
}

impl<'a, T: ByteViewType> Usage<'a, T> {
    fn new(array: &'a GenericByteViewArray<T>) -> Self {
        Usage { array, used: Vec::new() }
    }

    fn add(&mut self, index: usize) {
        if let Some((buffer, start)) = payload::locate(self.array, index)
            && let Some(bytes) = payload::resolve(self.array, index)
        {
            self.used.push((buffer, Interval::new(start, bytes.len())));
        }
    }

    /// Returns for each buffer whether it contains an unreferenced gap of at least `min_gap` bytes, or nothing that is
    /// referred to.
    fn wasteful(mut self, min_gap: usize) -> Vec<bool> {
        self.used.sort_unstable();
        let mut used = self.used.iter().peekable();
        let is_wasteful = |(number, buffer): (usize, &Buffer)| {
            let mut intervals = Vec::new();
            while let Some((_, interval)) = used.next_if(|(other, _)| *other as usize == number) {
                intervals.push(*interval);
            }
            intervals.is_empty() || has_gap(intervals, buffer.len(), min_gap)
        };
        self.array.data_buffers().iter().enumerate().map(is_wasteful).collect()
    }
}

/// The bytes of the buffers of text that are referred to.
struct TextUsage<'a> {
    dims: TextListColumn<'a>,
    crs: Option<Usage<'a, StringViewType>>,
    items: Option<Usage<'a, StringViewType>>,
    format: Option<Usage<'a, StringViewType>>,
}

impl<'a> TextUsage<'a> {
    fn new(columns: &Columns<'a>) -> Result<Self> {
        let usage = |text| match text {
            TextColumn::Utf8View(array) => Some(Usage::new(array)),
            TextColumn::Utf8(_) | TextColumn::LargeUtf8(_) | TextColumn::Dictionary(_) => None,
        };
        Ok(TextUsage {
            dims: columns.spatial_dims(),
            crs: usage(columns.crs()?),
            items: usage(columns.spatial_dims().values()),
            format: usage(columns.outdb_formats()),
        })
    }

    fn add_row(&mut self, row: usize) -> Result<()> {
        self.crs.iter_mut().for_each(|crs| crs.add(row));
        if let Some(items) = &mut self.items {
            // A raster cannot have more dims. If it does, writing it fails.
            self.dims.range(row, "spatial_dims")?.take(MAX_AXES).for_each(|item| items.add(item));
        }
        Ok(())
    }

    fn add_band(&mut self, index: usize) {
        self.format.iter_mut().for_each(|format| format.add(index));
    }

    fn wastes_nothing(self) -> bool {
        let mut usages = [self.crs, self.items, self.format].into_iter().flatten();
        usages.all(|usage| !usage.wasteful(1).contains(&true))
    }
}

/// Returns the bytes of every buffer that an array lists.
fn listed<T: ByteViewType>(array: &GenericByteViewArray<T>) -> usize {
    array.data_buffers().iter().map(Buffer::len).fold(0, usize::saturating_add)
}

/// Returns the bytes of a range of values, from their offsets.
fn between<O: OffsetSizeTrait>(offsets: &[O], range: &Range<usize>) -> usize {
    let at = |index: usize| offsets.get(index).map_or(0, |offset| offset.as_usize());
    at(range.end).saturating_sub(at(range.start))
}

fn text_bytes(text: TextColumn<'_>, range: &Range<usize>) -> usize {
    match text {
        TextColumn::Utf8View(array) => listed(array),
        TextColumn::Utf8(array) => between(array.value_offsets(), range),
        TextColumn::LargeUtf8(array) => between(array.value_offsets(), range),
        // Its values are there whole, however many keys name them.
        TextColumn::Dictionary(array) => {
            TextColumn::of_dictionary(array).map_or(0, |(values, len)| text_bytes(values, &(0..len)))
        }
    }
}
