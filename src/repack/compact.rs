//! Columns without memory that nobody refers to.
//!
//! A filtered or sliced column still lists every buffer of the column that it came from, and whoever writes it to a
//! stream, a file or a socket writes those buffers whole.

use std::ops::Range;

use arrow_array::types::{ByteViewType, StringViewType};
use arrow_array::{GenericByteViewArray, OffsetSizeTrait};
use arrow_buffer::Buffer;

use crate::error::Result;
use crate::format::columns::Columns;
use crate::format::intervals::{Interval, has_gap, union_len};
use crate::format::payload;
use crate::format::payload_builder::ALIGNMENT;
use crate::format::values::{PayloadColumn, TextColumn, TextListColumn};
use crate::read::raster_array::RasterArray;
use crate::repack::relocate::ToCopy;
use crate::view::MAX_AXES;

impl RasterArray {
    /// The bytes of memory that payloads lie in: each byte once, however many bands share it, and nothing below null
    /// rows.
    ///
    /// Beside [`buffer_bytes`](Self::buffer_bytes) it says whether [`to_compact`](Self::to_compact) is worth its
    /// while.
    ///
    /// # Errors
    ///
    /// As [`band`](crate::RasterRef::band) and [`source_data`](crate::BandRef::source_data), for the first band that is
    /// malformed.
    ///
    /// # Cost
    ///
    /// A look at each band.
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
        Ok(union_len(self.payload_intervals()?))
    }

    /// Where the payload of every band is in memory.
    pub(crate) fn payload_intervals(&self) -> Result<Vec<Interval>> {
        let mut intervals = Vec::new();
        self.try_for_each_row(|raster| {
            for band in raster.into_iter().flat_map(|raster| raster.bands()) {
                intervals.push(Interval::of(band?.payload_if_loaded()?));
            }
            Ok(())
        })?;
        Ok(intervals)
    }

    /// The bytes of the buffers that payloads, CRSs, formats and spatial dims lie in: what a stream, a file or a socket
    /// takes for each batch, since Arrow writes every buffer whole that a view type lists.
    ///
    /// Of offset types, such as those of [`to_offset_types`](Self::to_offset_types), the values between the first and the last row
    /// count. Everything else in a column is a few numbers a row.
    ///
    /// # Cost
    ///
    /// A look at each buffer.
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
        let Ok(columns) = Columns::new(self.as_struct_array()) else { return 0 };
        let bands = columns.bands().span(self.len());
        let dims = columns.spatial_dims().span(self.len());
        let payloads = match columns.payloads() {
            PayloadColumn::BinaryView(array) => listed(array),
            PayloadColumn::Binary(array) => between(array.value_offsets(), &bands),
            PayloadColumn::LargeBinary(array) => between(array.value_offsets(), &bands),
        };
        let crs = columns.crs().map_or(0, |crs| text_bytes(crs, &(0..self.len())));
        let format = text_bytes(columns.outdb_formats(), &bands);
        let dims = text_bytes(columns.spatial_dims().values(), &dims);
        [payloads, crs, format, dims].into_iter().fold(0, usize::saturating_add)
    }

    /// The same rasters without memory that none of them refers to: for what is to be written, sent or kept.
    ///
    /// A buffer all of which belongs to payloads of this column is shared, however many there are in it. Out of any
    /// other buffer the payloads are copied, once each, aligned for their pixels: those of up to 4 KiB side by side
    /// into common blocks, larger ones into memory of their own. CRSs and other text likewise lose what nobody refers to.
    ///
    /// Views stay: a small window keeps its whole payload. Call [`to_standard`](Self::to_standard) first to cut that
    /// down to what is seen.
    ///
    /// # Errors
    ///
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), for the first row that is not a valid
    /// raster; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for payloads that overlap in memory, if copying each
    /// would take more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// A look at each band, and nothing more for a column of SedonaDB's storage type that is compact. Else metadata
    /// are written anew, and payloads copied as said.
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
    pub fn to_compact(&self) -> Result<Self> {
        let column = self.to_canonical()?;
        let columns = Columns::new(column.as_struct_array())?;
        let PayloadColumn::BinaryView(data) = columns.payloads() else { return Ok(column) };
        let (mut payloads, mut text) = (Usage::new(data), TextUsage::new(&columns)?);
        column.try_for_each_row(|raster| {
            let Some(raster) = raster else { return Ok(()) };
            text.add_row(raster.row())?;
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
            for (band, index) in raster.bands().zip(raster.band_range()?) {
                let band = band?;
                let buffer = payload::locate(data, index).and_then(|(buffer, _)| wasteful.get(buffer as usize));
                if buffer.is_some_and(|is_wasteful| *is_wasteful) {
                    scattered.add(band.payload_if_loaded()?, band.pixel_type());
                }
            }
            Ok(())
        })?;
        column.rewritten(&scattered.copy()?)
    }
}

/// Which bytes of an array's buffers are referred to.
struct Usage<'a, T: ByteViewType> {
    array: &'a GenericByteViewArray<T>,
    /// By the number of the buffer.
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

    /// For each buffer: does it contain an unreferenced gap of at least `min_gap` bytes, or nothing that is referred to?
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

/// Which bytes of the buffers of text are referred to.
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
            TextColumn::Utf8(_) | TextColumn::LargeUtf8(_) => None,
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
            // More than that is no raster, which is found out when it is written.
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

/// The bytes of every buffer that an array lists.
fn listed<T: ByteViewType>(array: &GenericByteViewArray<T>) -> usize {
    array.data_buffers().iter().map(Buffer::len).fold(0, usize::saturating_add)
}

/// The bytes of the values of a range, by their offsets.
fn between<O: OffsetSizeTrait>(offsets: &[O], range: &Range<usize>) -> usize {
    let at = |index: usize| offsets.get(index).map_or(0, |offset| offset.as_usize());
    at(range.end).saturating_sub(at(range.start))
}

fn text_bytes(text: TextColumn<'_>, range: &Range<usize>) -> usize {
    match text {
        TextColumn::Utf8View(array) => listed(array),
        TextColumn::Utf8(array) => between(array.value_offsets(), range),
        TextColumn::LargeUtf8(array) => between(array.value_offsets(), range),
    }
}
