//! Builds the payload column, one payload at a time.
//!
//! A large payload shares the buffer that it comes in. Small payloads are copied into common blocks: a million small
//! tiles in a million buffers would make a column that is slow to filter, because every filter copies the list of
//! buffers.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryViewArray};
use arrow_buffer::{Buffer, MutableBuffer, ScalarBuffer};
use arrow_data::ByteView;

use crate::error::{Result, error};
use crate::format::payload::{Location, MAX_INLINE, inline_view, outer_view};
use crate::limits::MAX_LEN;

/// The smallest length in bytes of a payload that shares its buffer.
///
/// Measured at 4096 and 4097 bytes: appending takes the same time with a copy as with a shared buffer, and dropping the
/// column takes 14 ns longer for each buffer.
pub(crate) const SHARE_FROM: usize = 4097;

/// A copied payload starts at a multiple of this many bytes, which fits every pixel type and a cache line.
pub(crate) const ALIGNMENT: usize = 64;

/// The number of latest buffers that are compared one by one, before the map is used.
const FEW: usize = 8;

const FIRST_BLOCK: usize = 16 << 10;
const LARGEST_BLOCK: usize = 2 << 20;

/// The smallest length in bytes of a payload that shares its buffer also where payloads are packed.
const PACK_BELOW: usize = (1 << 20) + 1;

/// The most bytes of a block of packed payloads.
const LARGEST_PACK: usize = 64 << 20;

/// Allocates memory in blocks, in which small payloads lie side by side.
pub(crate) struct BlockAllocator {
    full: Vec<Buffer>,
    last: MutableBuffer,
    next_size: usize,
    /// Set if payloads of the same length lie without padding.
    packed: Option<Packed>,
}

struct Packed {
    /// How many more rows are expected.
    expected: usize,
    /// The length of all payloads of the last block, or `None` if they differ.
    len: Option<usize>,
}

impl BlockAllocator {
    pub(crate) fn new() -> Self {
        BlockAllocator { full: Vec::new(), last: MutableBuffer::new(0), next_size: FIRST_BLOCK, packed: None }
    }

    /// Makes one that has room for payloads of these lengths in one block, as far as Arrow can count.
    pub(crate) fn for_all(lengths: impl Iterator<Item = usize>) -> Self {
        let all = lengths.map(|len| len.next_multiple_of(ALIGNMENT)).fold(0, usize::saturating_add);
        BlockAllocator { next_size: all.min(MAX_LEN), ..Self::new() }
    }

    /// Makes one that puts payloads of the same length one after the other, of so many rows.
    fn packed(expected: usize) -> Self {
        BlockAllocator { packed: Some(Packed { expected, len: None }), ..Self::new() }
    }

    /// Copies bytes into a block. Returns the number of the block, and the offset of the bytes in it.
    #[inline]
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> (usize, usize) {
        // All payloads of the block have this length, so this one starts at a multiple of it, and so of its pixels' size.
        let is_packed = self.packed.as_ref().is_some_and(|packed| packed.len == Some(bytes.len()));
        let mut start = if is_packed { self.last.len() } else { self.last.len().next_multiple_of(ALIGNMENT) };
        if start + bytes.len() > self.last.capacity() {
            self.start_block(bytes.len());
            start = 0;
        }
        self.last.resize(start, 0);
        self.last.extend_from_slice(bytes);
        if let Some(packed) = &mut self.packed {
            packed.len = if start == 0 { Some(bytes.len()) } else { packed.len.filter(|len| *len == bytes.len()) };
        }
        (self.full.len(), start)
    }

    /// Keeps the payloads of a row, which take `len` bytes together, in one block.
    fn start_row(&mut self, len: usize) {
        if len == 0 {
            return;
        }
        let is_packed = self.packed.as_ref().is_some_and(|packed| packed.len.is_some());
        let start = if is_packed { self.last.len() } else { self.last.len().next_multiple_of(ALIGNMENT) };
        if start + len > self.last.capacity() {
            self.start_block(len);
        }
        if let Some(packed) = &mut self.packed {
            packed.expected = packed.expected.saturating_sub(1);
        }
    }

    /// Starts a block of at least `len` bytes, or of so many for each row that is expected.
    #[cold]
    fn start_block(&mut self, len: usize) {
        let expected = self.packed.as_ref().map_or(0, |packed| packed.expected.saturating_mul(len).min(LARGEST_PACK));
        let block = MutableBuffer::with_capacity(self.next_size.max(expected).max(len));
        self.next_size = (self.next_size * 2).min(if self.packed.is_some() { LARGEST_PACK } else { LARGEST_BLOCK });
        let last = std::mem::replace(&mut self.last, block);
        if !last.is_empty() {
            self.full.push(last.into());
        }
    }

    /// Returns the blocks, in the order of their numbers.
    pub(crate) fn finish(mut self) -> Vec<Buffer> {
        if !self.last.is_empty() {
            self.full.push(self.last.into());
        }
        self.full
    }
}

/// Returns how many payloads of `len` bytes one buffer may have: a multiple of `together`, if so many fit.
pub(crate) fn most_payloads(len: usize, together: usize) -> usize {
    let most = MAX_LEN / len.max(1);
    if most > together { most / together.max(1) * together.max(1) } else { most.max(1) }
}

/// Builds the payload column: the Arrow views, and the buffers that they refer to.
pub(crate) struct PayloadBuilder {
    views: Vec<u128>,
    buffers: Vec<Buffer>,
    /// The position of each buffer in the list, by its address and length. Empty while there are few buffers.
    known: HashMap<(usize, usize), usize>,
    share_from: usize,
    blocks: BlockAllocator,
    /// The position of each block in the list of buffers.
    block_indices: Vec<usize>,
    /// The parts of buffers that are too long for Arrow's offsets.
    parts: Vec<Part>,
    /// The number of the part that begins at an address.
    parts_by_address: HashMap<usize, usize>,
    /// That of the part in which the row begins that is being appended.
    row_part: Option<usize>,
    /// The address of the memory of each payload of the row that is being appended, sorted, if payloads are packed. The row may be
    /// all that holds it.
    row_memory: Vec<usize>,
    /// The latest copies of payloads that are shown in part, as by tiles of one raster.
    viewed: Vec<Viewed>,
}

/// A copied payload, and where it was copied from. The buffer is held, so that its memory is not used again.
struct Viewed {
    buffer: Buffer,
    start: usize,
    len: usize,
    view: u128,
}

/// How many copies are remembered: those of the bands of a raster.
const VIEWED: usize = 64;

/// A payload that is to be appended.
#[derive(Clone, Copy)]
pub(crate) struct NewPayload<'a> {
    pub(crate) bytes: &'a [u8],
    /// The buffer that it lies in, if it can be shared.
    pub(crate) location: Option<Location<'a>>,
    /// Whether its band shows only a part of it. Then bands of other rows may show the rest.
    pub(crate) is_partial: bool,
}

/// A part of a buffer of more than 2^31 - 1 bytes, which the column lists as a buffer of its own.
///
/// It begins at a multiple of [`PART`] bytes, and has the payloads of those rows that begin before the next one. In the end it is
/// cut to what these take.
struct Part {
    /// Its position in the list of buffers.
    index: usize,
    /// The buffer from there on.
    buffer: Buffer,
    /// From the first byte to the last that a payload has.
    used: Range<usize>,
}

/// The bytes from the beginning of a part to that of the next. Arrow counts twice as far, so that a row need not end before.
const PART: usize = 1 << 30;

impl Part {
    /// Extends the part so that it covers a payload. Returns the payload's offset in it, if Arrow can count so far.
    fn offset_of(&mut self, (buffer, start): Location<'_>, len: usize) -> Option<usize> {
        let address = buffer.as_ptr().addr() + start;
        let offset = address.checked_sub(self.buffer.as_ptr().addr()).filter(|offset| *offset <= MAX_LEN)?;
        let end = offset.checked_add(len).filter(|end| *end <= self.buffer.len())?;
        self.used = self.used.start.min(offset)..self.used.end.max(end);
        Some(offset)
    }
}

impl PayloadBuilder {
    /// Makes a builder that shares the buffers of payloads of at least `share_from` bytes, and copies smaller payloads.
    pub(crate) fn new(share_from: usize) -> Self {
        PayloadBuilder {
            views: Vec::new(),
            buffers: Vec::new(),
            known: HashMap::new(),
            share_from,
            blocks: BlockAllocator::new(),
            block_indices: Vec::new(),
            parts: Vec::new(),
            parts_by_address: HashMap::new(),
            row_part: None,
            row_memory: Vec::new(),
            viewed: Vec::new(),
        }
    }

    /// Makes a builder that puts payloads of the same length one after the other, of so many rows. Those of more than a mebibyte
    /// share their buffers, and so do those whose buffers others hold too, and those that are shown in part.
    pub(crate) fn packed(expected: usize) -> Self {
        PayloadBuilder { blocks: BlockAllocator::packed(expected), ..Self::new(SHARE_FROM) }
    }

    /// Returns whether a payload shares its buffer.
    fn is_shared(&self, payload: NewPayload<'_>, (buffer, _): Location<'_>) -> bool {
        let is_held = || payload.is_partial || buffer.strong_count() > self.held_by_row(buffer);
        let len = payload.bytes.len();
        let is_packed = || self.blocks.packed.is_some() && len < PACK_BELOW && !is_held();
        len >= self.share_from && !is_packed()
    }

    /// Returns how many payloads of the row lie in the memory of a buffer.
    fn held_by_row(&self, buffer: &Buffer) -> usize {
        let memory = buffer.data_ptr().addr().get();
        let before = self.row_memory.partition_point(|other| *other < memory);
        let up_to = self.row_memory.partition_point(|other| *other <= memory);
        up_to - before
    }

    /// Returns the smallest length of a payload that shares a buffer of its own.
    pub(crate) fn share_from(&self) -> usize {
        if self.blocks.packed.is_some() { PACK_BELOW } else { self.share_from }
    }

    /// Makes room for so many more payloads, without their bytes.
    pub(crate) fn reserve(&mut self, payloads: usize) {
        self.views.reserve(payloads);
    }

    /// Says which payloads come next, those of one row.
    #[inline]
    pub(crate) fn start_row<'a>(&mut self, payloads: impl ExactSizeIterator<Item = NewPayload<'a>> + Clone) {
        self.row_part = None;
        let is_packed = self.blocks.packed.is_some();
        if is_packed {
            self.row_memory.clear();
            let locations = payloads.clone().filter_map(|payload| payload.location);
            self.row_memory.extend(locations.map(|(buffer, _)| buffer.data_ptr().addr().get()));
            self.row_memory.sort_unstable();
        }
        if is_packed || payloads.len() > 1 {
            let is_copied = |payload: &NewPayload<'_>| {
                let is_shared = payload.location.is_some_and(|location| self.is_shared(*payload, location));
                payload.bytes.len() > MAX_INLINE && !is_shared
            };
            let room = |len: usize| if is_packed { len } else { len.next_multiple_of(ALIGNMENT) };
            let room = payloads.filter(is_copied).map(|payload| room(payload.bytes.len())).sum();
            self.blocks.start_row(room);
        }
    }

    /// Appends a payload. It is copied if it has no location, that is, no buffer to share.
    pub(crate) fn push(&mut self, payload: NewPayload<'_>) -> Result<()> {
        let view = match payload.location {
            _ if payload.bytes.len() <= MAX_INLINE => inline_view(payload.bytes),
            Some(location) if self.is_shared(payload, location) => self.share(payload.bytes, location)?,
            Some(location) if payload.is_partial => self.copy_once(payload.bytes, location)?,
            _ => self.copy(payload.bytes)?,
        };
        self.views.push(view);
        Ok(())
    }

    /// Copies a payload, unless that was done for one of the latest rows.
    fn copy_once(&mut self, bytes: &[u8], (buffer, start): Location<'_>) -> Result<u128> {
        let is_it =
            |other: &&Viewed| (other.buffer.as_ptr(), other.start, other.len) == (buffer.as_ptr(), start, bytes.len());
        if let Some(known) = self.viewed.iter().find(is_it) {
            return Ok(known.view);
        }
        let view = self.copy(bytes)?;
        if self.viewed.len() == VIEWED {
            self.viewed.clear();
        }
        self.viewed.push(Viewed { buffer: buffer.clone(), start, len: bytes.len(), view });
        Ok(view)
    }

    /// Appends `count` payloads of `len` bytes, which lie one after the other from a place in a buffer on. They share it.
    ///
    /// Beyond 2^31 - 1 bytes the column gets slices of the buffer. Each has a multiple of `together` payloads, if so many fit.
    pub(crate) fn push_evenly(
        &mut self,
        (buffer, start): Location<'_>,
        len: usize,
        count: usize,
        together: usize,
    ) -> Result<()> {
        let all = len.checked_mul(count).and_then(|len| buffer.as_slice().get(start..)?.get(..len));
        let all = all.ok_or_else(|| {
            error!(Malformed, "data: {count} payloads of {len} bytes do not fit a buffer of {} bytes", buffer.len())
        })?;
        self.views.reserve(count);
        if len <= MAX_INLINE {
            self.views
                .extend((0..count).map(|number| all.get(number * len..(number + 1) * len).map_or(0, inline_view)));
            return Ok(());
        }
        if start + all.len() <= MAX_LEN {
            let index = self.index_of(buffer);
            return self.push_outer(all, len, (index, start));
        }
        let most = most_payloads(len, together);
        for (number, part) in all.chunks(most * len).enumerate() {
            let index = self.index_of(&buffer.slice_with_length(start + number * most * len, part.len()));
            self.push_outer(part, len, (index, 0))?;
        }
        Ok(())
    }

    fn push_outer(&mut self, payloads: &[u8], len: usize, (index, start): (usize, usize)) -> Result<()> {
        for (number, payload) in payloads.chunks_exact(len).enumerate() {
            self.views.push(outer_view(payload, index, start + number * len)?);
        }
        Ok(())
    }

    fn share(&mut self, bytes: &[u8], (buffer, start): Location<'_>) -> Result<u128> {
        if buffer.len() <= MAX_LEN {
            let index = self.index_of(buffer);
            return outer_view(bytes, index, start);
        }
        if let Some(part) = self.row_part.and_then(|part| self.parts.get_mut(part))
            && let Some(offset) = part.offset_of((buffer, start), bytes.len())
        {
            return outer_view(bytes, part.index, offset);
        }
        let number = self.part_at((buffer, start));
        self.row_part.get_or_insert(number);
        let part = self.parts.get_mut(number);
        let place = part.and_then(|part| Some((part.index, part.offset_of((buffer, start), bytes.len())?)));
        let (index, offset) = place.ok_or_else(|| error!(Malformed, "data: a payload leaves its buffer"))?;
        outer_view(bytes, index, offset)
    }

    /// Returns the number of the part in which a place lies. Adds the part if it is not there.
    fn part_at(&mut self, (buffer, start): Location<'_>) -> usize {
        let first = start / PART * PART;
        let next = self.parts.len();
        let number = *self.parts_by_address.entry(buffer.as_ptr().addr() + first).or_insert(next);
        if number == next {
            let index = self.reserve_buffer();
            self.parts.push(Part { index, buffer: buffer.slice(first), used: start - first..start - first });
        }
        number
    }

    /// Cuts each part to what its payloads take.
    fn cut_parts(&mut self) {
        if self.parts.is_empty() {
            return;
        }
        let mut starts = HashMap::new();
        for part in &mut self.parts {
            starts.insert(part.index, part.used.start);
            part.buffer = part.buffer.slice_with_length(part.used.start, part.used.len());
        }
        for view in &mut self.views {
            let mut place = ByteView::from(*view);
            if place.length as usize > MAX_INLINE
                && let Some(start) = starts.get(&(place.buffer_index as usize))
            {
                place.offset = place.offset.saturating_sub(u32::try_from(*start).unwrap_or_default());
                *view = place.as_u128();
            }
        }
    }

    /// Reserves a position in the list of buffers, for a buffer that `finish` puts there.
    fn reserve_buffer(&mut self) -> usize {
        self.buffers.push(MutableBuffer::new(0).into());
        self.buffers.len() - 1
    }

    /// Returns the position of a buffer in the list. Adds the buffer if it is not there.
    fn index_of(&mut self, buffer: &Buffer) -> usize {
        let key = |buffer: &Buffer| (buffer.as_ptr() as usize, buffer.len());
        let (sought, next) = (key(buffer), self.buffers.len());
        // Most columns have few buffers, or take many payloads in a row from one.
        let first = next.saturating_sub(FEW);
        let recent = self.buffers.iter().skip(first).position(|other| key(other) == sought);
        if let Some(position) = recent {
            return first + position;
        }
        if next >= FEW {
            if self.known.is_empty() {
                self.known.extend(self.buffers.iter().map(key).zip(0..));
            }
            if let Some(index) = self.known.get(&sought) {
                return *index;
            }
            self.known.insert(sought, next);
        }
        self.buffers.push(buffer.clone());
        next
    }

    fn copy(&mut self, bytes: &[u8]) -> Result<u128> {
        let (block, start) = self.blocks.copy(bytes);
        if block == self.block_indices.len() {
            let index = self.reserve_buffer();
            self.block_indices.push(index);
        }
        let index = self.block_indices.get(block).copied().unwrap_or_default();
        outer_view(bytes, index, start)
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        self.cut_parts();
        let parts = self.parts.iter().map(|part| (part.index, part.buffer.clone()));
        for (index, block) in self.block_indices.into_iter().zip(self.blocks.finish()).chain(parts) {
            if let Some(slot) = self.buffers.get_mut(index) {
                *slot = block;
            }
        }
        let views = ScalarBuffer::from(self.views);
        Ok(Arc::new(BinaryViewArray::try_new(views, self.buffers, None)?))
    }
}
