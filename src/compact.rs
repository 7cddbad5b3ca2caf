//! Columns without memory that nobody refers to.
//!
//! A filtered or sliced column still lists every buffer of the column that it came from, and whoever writes it to a
//! stream, a file or a socket writes those buffers whole.

use std::ops::Range;

use arrow_array::types::{ByteViewType, StringViewType};
use arrow_array::{GenericByteViewArray, OffsetSizeTrait};
use arrow_buffer::Buffer;

use crate::blocks::ALIGNMENT;
use crate::columns::{Columns, Payloads, Text, TextLists};
use crate::copies::{Place, ToCopy, memory, place};
use crate::error::Result;
use crate::payload;
use crate::raster_array::RasterArray;
use crate::view::MAX_AXES;

impl RasterArray {
    /// The bytes of memory that payloads lie in: each byte once, however many bands share it, and nothing below null
    /// rows.
    ///
    /// Beside [`buffer_bytes`](Self::buffer_bytes) it says whether [`to_compact`](Self::to_compact) is worth its
    /// while.
    ///
    /// Cost: a look at each band.
    ///
    /// # Errors
    /// As [`band`](crate::RasterRef::band) and [`source_data`](crate::Band::source_data), for the first band that is
    /// malformed.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let tiles = Raster::from_ndarray(Array2::<f32>::zeros((100, 100)))?.tiles(10, 10)?;
    /// assert_eq!(tiles.payload_bytes()?, 40_000); // 100 tiles of the same payload
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn payload_bytes(&self) -> Result<usize> {
        Ok(memory(self.payload_places()?))
    }

    /// Where the payload of every band is.
    pub(crate) fn payload_places(&self) -> Result<Vec<Place>> {
        let mut places = Vec::new();
        self.try_for_each_row(|raster| {
            for band in raster.into_iter().flat_map(|raster| raster.bands()) {
                places.push(place(band?.payload_if_loaded()?));
            }
            Ok(())
        })?;
        Ok(places)
    }

    /// The bytes of the buffers that payloads, CRSs, formats and spatial dims lie in: what a stream, a file or a socket
    /// takes for each batch, since Arrow writes every buffer whole that a view type lists.
    ///
    /// Of offset types, such as those of [`to_wire`](Self::to_wire), the values between the first and the last row
    /// count. Everything else in a column is a few numbers a row.
    ///
    /// Cost: a look at each buffer.
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
        let bands = columns.bands.span(self.len());
        let dims = columns.spatial_dims.span(self.len());
        let payloads = match columns.data {
            Payloads::BinaryView(array) => listed(array),
            Payloads::Binary(array) => between(array.value_offsets(), &bands),
            Payloads::LargeBinary(array) => between(array.value_offsets(), &bands),
        };
        let crs = columns.crs().map_or(0, |crs| text_bytes(crs, &(0..self.len())));
        let format = text_bytes(columns.outdb_format, &bands);
        let dims = text_bytes(columns.spatial_dims.values(), &dims);
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
    /// Cost: a look at each band, and nothing more for a column of SedonaDB's storage type that is compact. Else metadata
    /// are written anew, and payloads copied as said.
    ///
    /// # Errors
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), for the first row that is not a valid
    /// raster; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for payloads that overlap in memory, if copying each
    /// would take more than 2^31 - 1 bytes.
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
        let Payloads::BinaryView(data) = columns.data else { return Ok(column) };
        let (mut payloads, mut text) = (Usage::new(data), TextUsage::new(&columns)?);
        column.try_for_each_row(|raster| {
            let Some(raster) = raster else { return Ok(()) };
            text.add_row(raster.place_in_columns().1)?;
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
    /// The buffer, and from where to where.
    used: Vec<(u32, usize, usize)>,
}

impl<'a, T: ByteViewType> Usage<'a, T> {
    fn new(array: &'a GenericByteViewArray<T>) -> Self {
        Usage { array, used: Vec::new() }
    }

    fn add(&mut self, index: usize) {
        if let Some((buffer, start)) = payload::locate(self.array, index)
            && let Some(bytes) = payload::resolve(self.array, index)
        {
            self.used.push((buffer, start, start + bytes.len()));
        }
    }

    /// Of each buffer, whether so many bytes in a row are nobody's, or all of it.
    fn wasteful(mut self, many: usize) -> Vec<bool> {
        self.used.sort_unstable();
        let mut used = self.used.iter().peekable();
        let is_wasteful = |(index, buffer): (usize, &Buffer)| {
            let (mut end, mut is_wasteful) = (0, used.peek().is_none_or(|(other, ..)| *other as usize != index));
            while let Some((_, start, stop)) = used.next_if(|(other, ..)| *other as usize == index) {
                is_wasteful |= *start >= end + many;
                end = end.max(*stop);
            }
            is_wasteful || buffer.len() >= end + many
        };
        self.array.data_buffers().iter().enumerate().map(is_wasteful).collect()
    }
}

/// The same of all text that is stored as views.
struct TextUsage<'a> {
    dims: TextLists<'a>,
    crs: Option<Usage<'a, StringViewType>>,
    items: Option<Usage<'a, StringViewType>>,
    format: Option<Usage<'a, StringViewType>>,
}

impl<'a> TextUsage<'a> {
    fn new(columns: &Columns<'a>) -> Result<Self> {
        let usage = |text| match text {
            Text::Utf8View(array) => Some(Usage::new(array)),
            Text::Utf8(_) | Text::LargeUtf8(_) => None,
        };
        Ok(TextUsage {
            dims: columns.spatial_dims,
            crs: usage(columns.crs()?),
            items: usage(columns.spatial_dims.values()),
            format: usage(columns.outdb_format),
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

fn text_bytes(text: Text<'_>, range: &Range<usize>) -> usize {
    match text {
        Text::Utf8View(array) => listed(array),
        Text::Utf8(array) => between(array.value_offsets(), range),
        Text::LargeUtf8(array) => between(array.value_offsets(), range),
    }
}
