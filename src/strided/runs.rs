//! Copies pixels along one axis into a contiguous run.

use fearless_simd::Level;

use crate::strided::bands::split_first;
use crate::strided::reverse::reverse;

/// Copies every `step`-th word of `E` bytes, from the one at `start` on, until `to` is full. A negative step runs backwards, a
/// step of zero repeats one word.
pub(super) fn copy_run<const E: usize>(
    level: Level,
    from: &[u8],
    start: usize,
    step: isize,
    to: &mut [u8],
) -> Option<()> {
    let words = to.len() / E;
    let reach = words.checked_sub(1)?.checked_mul(step.unsigned_abs())?;
    let (first, last) = if step < 0 { (start.checked_sub(reach)?, start) } else { (start, start.checked_add(reach)?) };
    let source = from.get(first.checked_mul(E)?..last.checked_add(1)?.checked_mul(E)?)?;
    let every = step.unsigned_abs();
    match step {
        0 => to.as_chunks_mut::<E>().0.fill(*source.first_chunk()?),
        1 => to.copy_from_slice(source),
        -1 => reverse::<E>(level, source, to)?,
        // Several words of a block, which may reach beyond the last word.
        2.. if every * E < 16 => split_first::<E>(level, every, from.get(first * E..)?, to)?,
        2.. => {
            let source = source.as_chunks::<E>().0.iter().step_by(every);
            to.as_chunks_mut::<E>().0.iter_mut().zip(source).for_each(|(to, word)| *to = *word);
        }
        _ => {
            let source = source.as_chunks::<E>().0.iter().rev().step_by(every);
            to.as_chunks_mut::<E>().0.iter_mut().zip(source).for_each(|(to, word)| *to = *word);
        }
    }
    Some(())
}
