//! Reverses runs of pixels.

use fearless_simd::Level;

use crate::strided::lanes::{Block, Kernel, Lanes, block_at, blocks, run};

/// Copies words of `E` bytes in reverse order, into as many.
pub(super) fn reverse<const E: usize>(level: Level, from: &[u8], to: &mut [u8]) -> Option<()> {
    (from.len() == to.len()).then_some(())?;
    run(level, Reverse::<E> { from, to })
}

struct Reverse<'a, const E: usize> {
    from: &'a [u8],
    to: &'a mut [u8],
}

impl<const E: usize> Kernel for Reverse<'_, E> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Option<()> {
        let size = size_of::<L::Bytes>();
        let places = lanes.vector(
            #[inline(always)]
            |_| {
                let mut places = Block::default();
                for (place, slot) in places.iter_mut().enumerate() {
                    *slot = ((16 / E - 1 - place / E) * E + place % E) as u8;
                }
                Some(places)
            },
        )?;
        // Reads forwards and writes backwards, because processors fetch ahead what is read.
        let mut lines = self.to.rchunks_exact_mut(size);
        let mut sources = self.from.chunks_exact(size);
        for (line, words) in lines.by_ref().zip(sources.by_ref()) {
            let vector = lanes.vector(
                #[inline(always)]
                |at| block_at(words, 16 * (blocks::<L>() - 1 - at)),
            )?;
            line.copy_from_slice(bytemuck::bytes_of(&lanes.bytes(lanes.shuffle(vector, places))));
        }
        let rest = sources.remainder().as_chunks::<E>().0.iter().rev();
        lines.into_remainder().as_chunks_mut::<E>().0.iter_mut().zip(rest).for_each(|(to, word)| *to = *word);
        Some(())
    }
}
