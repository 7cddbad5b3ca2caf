//! The payloads of a column that grows: large ones share the buffer that they come in, small ones are copied
//! into common blocks.
//!
//! A million small tiles in a million buffers would make a column that nobody wants to filter, since every
//! filter copies the list of buffers.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryViewArray};
use arrow_buffer::{Buffer, MutableBuffer, ScalarBuffer};

use crate::error::Result;
use crate::parts::BandFields;
use crate::payload::{MAX_INLINE, MAX_LEN, inline_view, outer_view};

/// Payloads: large ones share the buffer that they come in, small ones are copied into common blocks.
pub(crate) struct Payloads {
    views: Vec<u128>,
    buffers: Vec<Buffer>,
    /// Which buffers are there already, by address and length.
    known: HashMap<(usize, usize), usize>,
    /// From this many bytes on payloads are shared.
    share_from: usize,
    block: Option<Block>,
    block_size: usize,
}

/// Common memory for small payloads, at its place among the buffers.
struct Block {
    index: usize,
    bytes: MutableBuffer,
}

/// Where a copied payload starts: a multiple of this, which suits every pixel type and a cache line.
pub(crate) const ALIGNMENT: usize = 64;
/// So many of the latest buffers are looked through one by one, before the map is asked.
const FEW: usize = 8;
const FIRST_BLOCK: usize = 16 << 10;
pub(crate) const LARGEST_BLOCK: usize = 2 << 20;

impl Payloads {
    pub(crate) fn new(share_from: usize) -> Self {
        Payloads {
            views: Vec::new(),
            buffers: Vec::new(),
            known: HashMap::new(),
            share_from,
            block: None,
            block_size: FIRST_BLOCK,
        }
    }

    pub(crate) fn push(&mut self, band: &BandFields<'_>) -> Result<()> {
        let bytes = band.bytes;
        let view = match band.home {
            _ if bytes.len() <= MAX_INLINE => inline_view(bytes),
            Some((buffer, start)) if bytes.len() >= self.share_from => self.share(bytes, buffer, start)?,
            _ => self.copy(bytes)?,
        };
        self.views.push(view);
        Ok(())
    }

    fn share(&mut self, bytes: &[u8], buffer: &Buffer, start: usize) -> Result<u128> {
        if start <= MAX_LEN {
            let index = self.index_of(buffer);
            return outer_view(bytes, index, start);
        }
        // Beyond what an offset can say, the buffer itself starts later.
        let index = self.index_of(&buffer.slice_with_length(start, bytes.len()));
        outer_view(bytes, index, 0)
    }

    /// Where a buffer stands in the list, to which it is added if need be.
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
        if self.block.as_ref().is_some_and(|block| block.room() < bytes.len()) {
            self.close_block();
        }
        let block = match &mut self.block {
            Some(block) => block,
            None => {
                let size = self.block_size.max(bytes.len());
                self.block_size = (self.block_size * 2).min(LARGEST_BLOCK);
                // A place for the block, which is filled in when it is closed.
                let index = self.buffers.len();
                self.buffers.push(MutableBuffer::new(0).into());
                self.block.insert(Block { index, bytes: MutableBuffer::with_capacity(size) })
            }
        };
        let start = block.bytes.len().next_multiple_of(ALIGNMENT);
        block.bytes.resize(start, 0);
        block.bytes.extend_from_slice(bytes);
        outer_view(bytes, block.index, start)
    }

    fn close_block(&mut self) {
        if let Some(Block { index, bytes }) = self.block.take()
            && let Some(place) = self.buffers.get_mut(index)
        {
            *place = bytes.into();
        }
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        self.close_block();
        let views = ScalarBuffer::from(self.views);
        Ok(Arc::new(BinaryViewArray::try_new(views, self.buffers, None)?))
    }
}

impl Block {
    fn room(&self) -> usize {
        self.bytes.capacity().saturating_sub(self.bytes.len().next_multiple_of(ALIGNMENT))
    }
}
