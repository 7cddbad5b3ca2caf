//! Columns written anew with some of their payloads elsewhere.

use std::collections::HashMap;

use arrow_buffer::{Buffer, MutableBuffer};

use crate::assemble::Assembly;
use crate::blocks::{ALIGNMENT, LARGEST_BLOCK};
use crate::builder::SHARE_FROM;
use crate::error::{Result, error};
use crate::parts::BandFields;
use crate::payload::MAX_LEN;
use crate::pixel::{Pixel, PixelType, match_pixel_type};
use crate::raster_array::RasterArray;
use crate::read_row::ReadRow;

/// Where a payload is, and how long: what tells it from all others.
pub(crate) type Place = (usize, usize);

pub(crate) fn place(bytes: &[u8]) -> Place {
    (bytes.as_ptr().addr(), bytes.len())
}

/// How much memory payloads lie in, each byte of it counted once.
pub(crate) fn memory(mut places: Vec<Place>) -> usize {
    places.sort_unstable();
    let (mut bytes, mut end) = (0, 0);
    for (start, len) in places {
        let stop = start + len;
        bytes += stop.saturating_sub(start.max(end));
        end = end.max(stop);
    }
    bytes
}

/// Fails unless payloads, written out one by one, have no more than 2^31 - 1 bytes or no more than there are in memory.
pub(crate) fn require_memory(places: Vec<Place>) -> Result<()> {
    let written = places.iter().fold(0usize, |bytes, (_, len)| bytes.saturating_add(*len));
    if written <= MAX_LEN {
        return Ok(());
    }
    let memory = memory(places);
    if written <= memory {
        return Ok(());
    }
    Err(error!(
        TooLarge,
        "{memory} bytes of memory, which payloads share, would be written out as {written}: cut views down to what is \
         seen with `to_standard`, or take fewer rows at a time (`slice`)"
    ))
}

/// Payloads that are to be copied, each of them once.
#[derive(Default)]
pub(crate) struct ToCopy<'a> {
    known: HashMap<Place, usize>,
    payloads: Vec<(&'a [u8], PixelType)>,
}

impl<'a> ToCopy<'a> {
    /// One more, unless it is there already.
    pub(crate) fn add(&mut self, payload: &'a [u8], pixel_type: PixelType) {
        let next = self.payloads.len();
        if *self.known.entry(place(payload)).or_insert(next) == next {
            self.payloads.push((payload, pixel_type));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }

    /// Copies them: large ones into memory of their own, small ones side by side, all of them aligned.
    ///
    /// Fails for payloads that overlap, before anything is copied, if all of them make more than 2^31 - 1 bytes out of
    /// less memory.
    pub(crate) fn copy(&self) -> Result<Copies> {
        require_memory(self.payloads.iter().map(|(payload, _)| place(payload)).collect())?;
        let mut blocks = Blocks::default();
        let homes: Vec<Home> =
            self.payloads.iter().map(|(bytes, pixel_type)| blocks.place(bytes, *pixel_type)).collect();
        let blocks = blocks.finish();
        let home = |place: &Place, index: &usize| match homes.get(*index)? {
            Home::Own(buffer) => Some((*place, (buffer.clone(), 0))),
            Home::Block(block, start) => Some((*place, (blocks.get(*block)?.clone(), *start))),
        };
        Ok(Copies(self.known.iter().filter_map(|(place, index)| home(place, index)).collect()))
    }
}

enum Home {
    Own(Buffer),
    /// In that block, from there on.
    Block(usize, usize),
}

/// Common memory for small payloads.
#[derive(Default)]
struct Blocks {
    full: Vec<Buffer>,
    last: MutableBuffer,
}

impl Blocks {
    fn place(&mut self, bytes: &[u8], pixel_type: PixelType) -> Home {
        fn own<T: Pixel>(bytes: &[u8]) -> Buffer {
            Buffer::from_vec(bytemuck::pod_collect_to_vec::<u8, T>(bytes))
        }
        if bytes.len() >= SHARE_FROM {
            return Home::Own(match_pixel_type!(pixel_type, P => own::<P>(bytes)));
        }
        let mut start = self.last.len().next_multiple_of(ALIGNMENT);
        if start + bytes.len() > LARGEST_BLOCK {
            self.full.push(std::mem::take(&mut self.last).into());
            start = 0;
        }
        self.last.resize(start, 0);
        self.last.extend_from_slice(bytes);
        Home::Block(self.full.len(), start)
    }

    fn finish(mut self) -> Vec<Buffer> {
        self.full.push(self.last.into());
        self.full
    }
}

/// Where the copies are of the payloads that were copied.
#[derive(Default)]
pub(crate) struct Copies(HashMap<Place, (Buffer, usize)>);

impl Copies {
    /// Leads a band to its copy.
    fn lead<'a>(&'a self, band: &mut BandFields<'a>) {
        if let Some((buffer, start)) = self.0.get(&place(band.bytes)) {
            band.home = Some((buffer, *start));
        }
    }
}

impl RasterArray {
    /// The same rasters in SedonaDB's storage type, with copied payloads where their copies are and all others shared.
    pub(crate) fn rewritten<'a>(&'a self, copies: &'a Copies) -> Result<Self> {
        let mut column = Assembly::new(0);
        self.try_for_each_row(|raster| match raster {
            None => column.push_null(),
            Some(raster) => {
                let mut row = ReadRow::read(raster)?;
                row.for_each_band(|band| copies.lead(band));
                column.push_row(&row)
            }
        })?;
        column.finish()
    }
}
