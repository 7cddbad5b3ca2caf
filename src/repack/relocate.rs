//! Rewrites columns with copies of some of their payloads.

use std::collections::HashMap;

use arrow_buffer::Buffer;

use crate::error::Result;
use crate::format::intervals::{Interval, Union};
use crate::format::payload_builder::{BlockAllocator, SHARE_FROM};
use crate::format::text_builders::ByAddress;
use crate::limits::{Budget, FEWER_ROWS, MAX_LEN};
use crate::pixel::{Pixel, PixelType, match_pixel_type};
use crate::read::raster_array::RasterArray;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::parts::{BandParts, RasterParts};
use crate::write::row::RowReader;

/// The payloads that are to be copied, each of them once.
#[derive(Default)]
pub(crate) struct ToCopy<'a> {
    known: HashMap<Interval, usize>,
    payloads: Vec<Payload<'a>>,
}

#[derive(Clone, Copy)]
struct Payload<'a> {
    bytes: &'a [u8],
    /// The largest of those that share it.
    pixel_type: PixelType,
    /// The first band of a row has it.
    starts_row: bool,
}

impl<'a> ToCopy<'a> {
    /// Adds the payload of a band, the first one of its row or not, unless it is there already.
    pub(crate) fn add(&mut self, bytes: &'a [u8], pixel_type: PixelType, starts_row: bool) {
        let next = self.payloads.len();
        let place = *self.known.entry(Interval::of(bytes)).or_insert(next);
        match self.payloads.get_mut(place) {
            None => self.payloads.push(Payload { bytes, pixel_type, starts_row }),
            Some(known) if pixel_type.size() > known.pixel_type.size() => known.pixel_type = pixel_type,
            Some(_) => {}
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }

    /// Copies the payloads: those that lie side by side as one, large ones into memory of their own, small ones into blocks.
    /// All copies are aligned.
    ///
    /// Fails before anything is copied if payloads overlap, so that more than 2^31 - 1 bytes would be made out of less
    /// memory.
    pub(crate) fn copy(&self) -> Result<Copies> {
        let runs = self.runs();
        let mut budget = Budget::new(|| self.intervals().collect::<Union>().len(), FEWER_ROWS);
        runs.iter().try_for_each(|run| budget.spend(run.place.len()))?;
        // Small ones in one block, as far as Arrow can count, so that it ends within no row.
        let small = runs.iter().map(|run| run.place.len()).filter(|len| *len < SHARE_FROM);
        let (mut blocks, mut scratch) = (BlockAllocator::for_all(small), Vec::new());
        let targets: Vec<Target> = runs.iter().map(|run| run.copy(&mut blocks, &mut scratch)).collect();
        let blocks = blocks.finish();
        let mut copies = HashMap::with_capacity(self.known.len());
        for (run, target) in runs.iter().zip(targets) {
            let (buffer, first) = match &target {
                Target::Own(buffer) => (buffer, 0),
                Target::Block(block, start) => match blocks.get(*block) {
                    Some(buffer) => (buffer, *start),
                    None => continue,
                },
            };
            copies.extend(run.payloads.iter().map(|payload| {
                let payload = Interval::of(payload.bytes);
                (payload, (buffer.clone(), first + run.place.offset_of(payload)))
            }));
        }
        Ok(Copies(copies))
    }

    fn intervals(&self) -> impl Iterator<Item = Interval> {
        self.payloads.iter().map(|payload| Interval::of(payload.bytes))
    }

    fn runs(&self) -> Vec<Run<'a>> {
        let mut payloads = self.payloads.clone();
        payloads.sort_unstable_by_key(|payload| Interval::of(payload.bytes));
        let mut runs = runs_of(payloads, usize::MAX);
        if runs.iter().any(|run| run.place.len() > MAX_LEN) {
            runs = runs.into_iter().flat_map(|run| run.cut(MAX_LEN)).collect();
        }
        runs
    }
}

/// Puts payloads that are sorted by their addresses into runs of at most so many bytes.
fn runs_of<'a>(payloads: impl IntoIterator<Item = Payload<'a>>, most: usize) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for payload in payloads {
        if runs.last_mut().is_none_or(|run| !run.take(payload, most)) {
            runs.push(Run::new(payload));
        }
    }
    runs
}

/// Payloads that lie side by side, or overlap. All are as many pixels apart as they look, so one copy aligns them all, and a
/// batch of rows remains one.
struct Run<'a> {
    /// From the start of the first to the end of the last.
    place: Interval,
    pixel_type: PixelType,
    payloads: Vec<Payload<'a>>,
}

impl<'a> Run<'a> {
    fn new(payload: Payload<'a>) -> Self {
        Run { place: Interval::of(payload.bytes), pixel_type: payload.pixel_type, payloads: vec![payload] }
    }

    /// Adds a payload that does not start before the others, if it belongs to them.
    fn take(&mut self, payload: Payload<'a>, most: usize) -> bool {
        let place = Interval::of(payload.bytes);
        let is_aligned = self.place.offset_of(place).is_multiple_of(payload.pixel_type.size());
        let all = self.place.joined(place).filter(|all| all.len() <= most);
        match all.filter(|_| is_aligned && payload.pixel_type == self.pixel_type) {
            Some(all) => {
                self.place = all;
                self.payloads.push(payload);
                true
            }
            None => false,
        }
    }

    /// Cuts it into runs of at most so many bytes, each of whole rows if these are not longer.
    fn cut(self, most: usize) -> Vec<Self> {
        let (mut runs, mut left) = (Vec::new(), self.payloads);
        while let Some((first, others)) = left.split_first() {
            let mut run = Run::new(*first);
            let fits = 1 + others.iter().take_while(|payload| run.take(**payload, most)).count();
            let starts_row = |at: &usize| left.get(*at).is_none_or(|payload| payload.starts_row);
            let rest = left.split_off((1..=fits).rev().find(starts_row).unwrap_or(fits));
            runs.extend(runs_of(left, most));
            left = rest;
        }
        runs
    }

    fn copy(&self, blocks: &mut BlockAllocator, scratch: &mut Vec<u8>) -> Target {
        /// Copies into a `Vec` of pixels, so that `into_array` can move it out again.
        fn own<T: Pixel>(run: &Run<'_>) -> Buffer {
            let mut pixels = vec![T::default(); run.place.len().div_ceil(size_of::<T>())];
            run.write(bytemuck::cast_slice_mut(&mut pixels));
            Buffer::from_vec(pixels)
        }
        if self.place.len() >= SHARE_FROM {
            return Target::Own(match_pixel_type!(self.pixel_type, P => own::<P>(self)));
        }
        scratch.resize(self.place.len(), 0);
        self.write(scratch);
        let (block, start) = blocks.copy(scratch);
        Target::Block(block, start)
    }

    /// Writes each byte once, to where it lies in the run.
    fn write(&self, to: &mut [u8]) {
        let mut written = 0;
        for payload in &self.payloads {
            let start = self.place.offset_of(Interval::of(payload.bytes));
            let new = payload.bytes.get(written.max(start) - start..).unwrap_or_default();
            written = written.max(start);
            if let Some(to) = to.get_mut(written..).and_then(|to| to.get_mut(..new.len())) {
                to.copy_from_slice(new);
                written += new.len();
            }
        }
    }
}

/// Where a copy is.
enum Target {
    Own(Buffer),
    /// The number of a block, and the byte at which the copy starts in it.
    Block(usize, usize),
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
        self.rewritten_by(|parts| {
            parts.bands_mut().iter_mut().for_each(|band| copies.redirect(band));
            Ok(())
        })
    }

    /// Returns the rasters as a column of SedonaDB's storage type, after a change to each. Payloads are shared. Whether there is
    /// room for the metadata was asked before.
    pub(crate) fn rewritten_by<'a>(
        &'a self,
        mut change: impl FnMut(&mut RasterParts<'a>) -> Result<()>,
    ) -> Result<Self> {
        let (mut column, mut rows) = (RasterColumnBuilder::<ByAddress<'_>>::sharing(), RowReader::default());
        self.try_for_each_row(|raster| match raster {
            None => column.push_null(),
            Some(raster) => {
                let mut parts = rows.read(&raster)?;
                change(&mut parts)?;
                column.push(&parts)
            }
        })?;
        column.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_cut_between_rows() {
        // Rows of three bands of ten bytes, and one of seven.
        let memory = [0u8; 12 * 30 + 70];
        let payload = |band: usize| Payload {
            bytes: &memory[10 * band..][..10],
            pixel_type: PixelType::UInt8,
            starts_row: if band < 36 { band.is_multiple_of(3) } else { band == 36 },
        };
        let cut = |most| {
            let runs = runs_of((0..43).map(payload), usize::MAX);
            assert_eq!(runs.len(), 1);
            let runs: Vec<_> = runs.into_iter().flat_map(|run| run.cut(most)).collect();
            assert!(runs.iter().all(|run| run.place.len() <= most && run.place.len() == 10 * run.payloads.len()));
            runs.iter().map(|run| run.payloads.len()).collect::<Vec<_>>()
        };
        assert_eq!(cut(200), [18, 18, 7]);
        assert_eq!(cut(209), [18, 18, 7]);
        assert_eq!(cut(210), [21, 15, 7]);
        assert_eq!(cut(1000), [43]);
        // A row that is longer than a run is cut, and no other.
        assert_eq!(cut(40), [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3]);
    }
}
