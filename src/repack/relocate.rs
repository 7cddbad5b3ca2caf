//! Rewrites columns with copies of some of their payloads.

use std::collections::HashMap;

use arrow_buffer::Buffer;

use crate::error::Result;
use crate::format::intervals::{Interval, Union};
use crate::format::payload_builder::{BlockAllocator, SHARE_FROM};
use crate::format::text_builders::ByAddress;
use crate::limits::{Budget, FEWER_ROWS};
use crate::pixel::{Pixel, PixelType, match_pixel_type};
use crate::read::raster_array::RasterArray;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::parts::BandParts;
use crate::write::row::RowReader;

/// The payloads that are to be copied, each of them once.
#[derive(Default)]
pub(crate) struct ToCopy<'a> {
    known: HashMap<Interval, usize>,
    payloads: Vec<(&'a [u8], PixelType)>,
}

impl<'a> ToCopy<'a> {
    /// Adds a payload, unless it is there already.
    pub(crate) fn add(&mut self, payload: &'a [u8], pixel_type: PixelType) {
        let next = self.payloads.len();
        if *self.known.entry(Interval::of(payload)).or_insert(next) == next {
            self.payloads.push((payload, pixel_type));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }

    /// Copies the payloads: large ones into memory of their own, small ones side by side into blocks. All copies are
    /// aligned.
    ///
    /// Fails before anything is copied if payloads overlap, so that more than 2^31 - 1 bytes would be made out of less
    /// memory.
    pub(crate) fn copy(&self) -> Result<Copies> {
        let payloads = || self.payloads.iter().map(|(payload, _)| Interval::of(payload));
        let mut budget = Budget::new(|| payloads().collect::<Union>().len(), FEWER_ROWS);
        payloads().try_for_each(|payload| budget.spend(payload.len()))?;
        let mut blocks = BlockAllocator::new();
        let targets: Vec<Target> = self.payloads.iter().map(|payload| Target::copy(&mut blocks, payload)).collect();
        let blocks = blocks.finish();
        let located = |(payload, index): (&Interval, &usize)| match targets.get(*index)? {
            Target::Own(buffer) => Some((*payload, (buffer.clone(), 0))),
            Target::Block(block, start) => Some((*payload, (blocks.get(*block)?.clone(), *start))),
        };
        Ok(Copies(self.known.iter().filter_map(located).collect()))
    }
}

/// Where a copy is.
enum Target {
    Own(Buffer),
    /// The number of a block, and the byte at which the copy starts in it.
    Block(usize, usize),
}

impl Target {
    fn copy(blocks: &mut BlockAllocator, (bytes, pixel_type): &(&[u8], PixelType)) -> Self {
        /// Copies into a `Vec` of pixels, so that `into_array` can move it out again.
        fn own<T: Pixel>(bytes: &[u8]) -> Buffer {
            Buffer::from_vec(bytemuck::pod_collect_to_vec::<u8, T>(bytes))
        }
        if bytes.len() >= SHARE_FROM {
            return Target::Own(match_pixel_type!(pixel_type, P => own::<P>(bytes)));
        }
        let (block, start) = blocks.copy(bytes);
        Target::Block(block, start)
    }
}

/// The copies, found by the address and the length of the payload that was copied.
#[derive(Default)]
pub(crate) struct Copies(HashMap<Interval, (Buffer, usize)>);

impl Copies {
    /// Makes a band refer to the copy of its payload, if there is one.
    fn redirect<'a>(&'a self, band: &mut BandParts<'a>) {
        if let Some((buffer, start)) = self.0.get(&Interval::of(band.payload())) {
            band.redirect((buffer, *start));
        }
    }
}

impl RasterArray {
    /// Returns the rasters as a column of SedonaDB's storage type. Payloads that have a copy refer to it, and all
    /// others are shared.
    pub(crate) fn rewritten<'a>(&'a self, copies: &'a Copies) -> Result<Self> {
        self.require_room()?;
        let (mut column, mut rows) = (RasterColumnBuilder::<ByAddress<'_>>::sharing(), RowReader::default());
        self.try_for_each_row(|raster| match raster {
            None => column.push_null(),
            Some(raster) => {
                let mut parts = rows.read(&raster)?;
                parts.bands_mut().iter_mut().for_each(|band| copies.redirect(band));
                column.push(&parts)
            }
        })?;
        column.finish()
    }
}
