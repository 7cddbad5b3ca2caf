//! Takes interleaved bands apart, and interleaves them.
//!
//! ```text
//! interleaved:  | r g b r g b r g b r g b ... |        apart:  | r r r r ... |
//!                                                              | g g g g ... |
//!                                                              | b b b b ... |
//! ```
//!
//! A block holds a few pixels of up to `N` bands. The words of each band are moved side by side, to a group of `G` bytes; then
//! the squares of `N` by `N` groups are transposed. So four bands of bytes take one shuffle a block and two rounds, where squares
//! of single bytes take four rounds of which a quarter is kept.

use bytemuck::Zeroable;
use fearless_simd::Level;
use tinyvec::ArrayVec;

use crate::strided::lanes::{Block, Kernel, Lanes, block_at, blocks, is_wide, run, run_wide, transpose};
use crate::strided::plane::{MOST_BANDS, Plane, pieces};
use crate::strided::reverse::reverse;

/// The bytes of each band that go through the first cache where they do not go straight to their place.
const BUFFER: usize = 512;

/// The first cache has room for so many lines whose addresses are equal modulo 4,096.
const COLLIDING_BANDS: usize = 8;

/// Evaluates an expression with the number of bands as a constant, if it is one of those listed, else with 0.
///
/// With a constant the compiler knows where each pixel is, which is twice as fast. But each has its own code.
macro_rules! with_known_count {
    ($count:expr, $B:ident => $work:expr, $($known:literal)*) => {
        match $count {
            $($known => {
                const $B: usize = $known;
                $work
            })*
            _ => {
                const $B: usize = 0;
                $work
            }
        }
    };
}

/// Takes bands apart: each row of the plane is a pixel, each column a band.
pub(super) fn split<const E: usize>(level: Level, plane: &Plane, from: &[u8], to: &mut [u8]) -> Option<()> {
    let collide =
        E == 1 && plane.cols > COLLIDING_BANDS && plane.to_stride.unsigned_abs().checked_mul(E)?.is_multiple_of(4096);
    let is_backwards = plane.from_stride < 0;
    if !is_backwards && !collide {
        return split_directly::<E>(level, plane, from, to);
    }
    let mut buffer = [0; MOST_BANDS * BUFFER];
    for (first, pixels) in pieces(plane.rows, BUFFER / E) {
        let mut part = plane.part(first, pixels, 0, plane.cols);
        if is_backwards {
            // The last pixel lies first.
            part = Plane { from_stride: -plane.from_stride, ..plane.part(first + pixels - 1, pixels, 0, plane.cols) };
        }
        let part = Plane { to_first: 0, to_stride: (BUFFER / E) as isize, ..part };
        split_directly::<E>(level, &part, from, &mut buffer)?;
        for (band, words) in buffer.as_chunks::<BUFFER>().0.iter().enumerate().take(plane.cols) {
            let target = plane.column::<E>(to, band)?.get_mut(first * E..)?;
            match target.first_chunk_mut() {
                _ if is_backwards => reverse::<E>(level, words.get(..pixels * E)?, target.get_mut(..pixels * E)?)?,
                // A copy of a constant size is no call.
                Some(target) if pixels * E == BUFFER => *target = *words,
                _ => target.get_mut(..pixels * E)?.copy_from_slice(words.get(..pixels * E)?),
            }
        }
    }
    Some(())
}

/// Copies the first band alone: every word that is `stride` behind the one before it, into a row of words.
pub(super) fn split_first<const E: usize>(level: Level, stride: usize, from: &[u8], to: &mut [u8]) -> Option<()> {
    let first = First { stride, from, to };
    if E > 4 || !is_wide(level) {
        return first.run::<E, 0>(level);
    }
    with_known_count!(stride, B => first.run::<E, B>(level), 2 3 4)
}

fn split_directly<const E: usize>(level: Level, plane: &Plane, from: &[u8], to: &mut [u8]) -> Option<()> {
    let stride = usize::try_from(plane.from_stride).ok()?;
    let split = Split { plane, stride, from, to };
    if E > 4 || !is_wide(level) || plane.cols != stride {
        return split.run::<E, 0>(level);
    }
    with_known_count!(stride, B => split.run::<E, B>(level), 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// Returns for how many bands a block has room, if pixels are so many words apart: 2, 4, 8 or 16.
const fn bands_a_block<const E: usize>(stride: usize) -> usize {
    let most = 16 / E;
    match stride {
        0..=2 => 2,
        _ if stride >= most => most,
        _ => stride.next_power_of_two(),
    }
}

/// Returns whether a block has room for `N` bands of `E` bytes, and `B` bands, if they are known, need such blocks.
const fn is_block_of<const E: usize, const B: usize>(n: usize) -> bool {
    n * E <= 16 && (B == 0 || bands_a_block::<E>(B) == n)
}

/// Runs a kernel: one for a known number of bands only with the widest vectors.
fn run_known<K: Kernel<Output = Option<()>>, const B: usize>(level: Level, kernel: K) -> Option<()> {
    if const { B == 0 } { run(level, kernel) } else { run_wide(level, kernel).flatten() }
}

/// Which byte of a block comes to a place of it: `G` bytes of each of `N` bands, where `stride` words are between pixels.
#[inline(always)]
fn grouped<const E: usize, const G: usize>(place: usize, stride: usize) -> usize {
    let (band, byte) = (place / G, place % G);
    (byte / E * stride + band) * E + byte % E
}

struct Split<'a> {
    plane: &'a Plane,
    /// The words from one pixel to the next.
    stride: usize,
    from: &'a [u8],
    to: &'a mut [u8],
}

impl Split<'_> {
    fn run<const E: usize, const B: usize>(self, level: Level) -> Option<()> {
        match bands_a_block::<E>(if B > 0 { B } else { self.stride }) {
            2 if const { is_block_of::<E, B>(2) } => run_known::<_, B>(level, SplitBy::<E, 2, 1, 8, B>(self)),
            4 if const { is_block_of::<E, B>(4) } => run_known::<_, B>(level, SplitBy::<E, 4, 2, 4, B>(self)),
            8 if const { is_block_of::<E, B>(8) } => run_known::<_, B>(level, SplitBy::<E, 8, 4, 2, B>(self)),
            16 if const { is_block_of::<E, B>(16) } => run_known::<_, B>(level, SplitBy::<E, 16, 8, 1, B>(self)),
            _ => None,
        }
    }
}

/// Takes bands apart by squares of `N` groups of `G` bytes. `H` is half of `N`. `B` is the distance of pixels, in words, or 0
/// where that is known at run time only.
struct SplitBy<'a, const E: usize, const N: usize, const H: usize, const G: usize, const B: usize>(Split<'a>);

impl<const E: usize, const N: usize, const H: usize, const G: usize, const B: usize> Kernel
    for SplitBy<'_, E, N, H, G, B>
{
    type Output = Option<()>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Option<()> {
        let Split { plane, stride, from, to } = self.0;
        let stride = if B > 0 { B } else { stride };
        let pixels = plane.rows;
        let bands = if B > 0 { B } else { plane.cols };
        let (block, px, group) = (16 / E, G / E, N.min(bands));
        let step = block * blocks::<L>();
        let places = lanes.vector(
            #[inline(always)]
            |_| Some(table(|place| grouped::<E, G>(place, stride))),
        )?;
        let memory = from.get(plane.from_first.checked_mul(E)?..)?;
        let end = pixels.checked_sub(1)?.checked_mul(stride)?.checked_add(bands)?;
        memory.get(..end.checked_mul(E)?)?;
        // The bytes that a step loads, from its first to its last, of the last band.
        let loaded = if pixels < step { 0 } else { ((step - px) * stride + bands - group) * E + 16 };
        let steps = steps(pixels / step, step * stride * E, loaded, memory.len());
        let mut columns = plane.columns::<E>(to)?;
        let mut targets = ArrayVec::<[&mut [L::Bytes]; MOST_BANDS]>::new();
        for column in columns.iter_mut().take(bands) {
            let whole = column.len() / size_of::<L::Bytes>() * size_of::<L::Bytes>();
            targets.push(bytemuck::try_cast_slice_mut(column.get_mut(..whole)?).ok()?);
        }
        for (first, many) in pieces(steps, if bands > N { a_line::<L>() } else { steps.max(1) }) {
            for group_number in 0..bands.div_ceil(group) {
                // The last group may overlap the one before it.
                let band = (group_number * group).min(bands - group);
                for number in first..first + many {
                    let words = memory.get(number * step * stride * E..)?.get(..loaded)?;
                    let mut vectors = [places; N];
                    for (row, vector) in vectors.iter_mut().enumerate() {
                        *vector = lanes.vector(
                            #[inline(always)]
                            |at| block_at(words, ((at * block + row * px) * stride + band) * E),
                        )?;
                        if px > 1 {
                            *vector = lanes.shuffle(*vector, places);
                        }
                    }
                    for (col, vector) in transpose::<L, G, N, H>(lanes, vectors)?.into_iter().enumerate() {
                        if col < group {
                            *targets.get_mut(band + col)?.get_mut(number)? = lanes.bytes(vector);
                        }
                    }
                }
            }
        }
        let done = steps * step;
        plane.part(done, pixels - done, 0, bands).copy_words::<E>(from, to)
    }
}

/// Every word that is `stride` words behind the one before it, from the first of `from` on, as many as `to` has.
struct First<'a> {
    stride: usize,
    from: &'a [u8],
    to: &'a mut [u8],
}

impl First<'_> {
    fn run<const E: usize, const B: usize>(self, level: Level) -> Option<()> {
        match bands_a_block::<E>(if B > 0 { B } else { self.stride }) {
            2 if const { is_block_of::<E, B>(2) } => run_known::<_, B>(level, FirstBy::<E, 2, 1, 8, B>(self)),
            4 if const { is_block_of::<E, B>(4) } => run_known::<_, B>(level, FirstBy::<E, 4, 2, 4, B>(self)),
            8 if const { is_block_of::<E, B>(8) } => run_known::<_, B>(level, FirstBy::<E, 8, 4, 2, B>(self)),
            16 if const { is_block_of::<E, B>(16) } => run_known::<_, B>(level, FirstBy::<E, 16, 8, 1, B>(self)),
            _ => None,
        }
    }
}

/// Takes the first band by the squares of [`SplitBy`], of which it keeps one column.
struct FirstBy<'a, const E: usize, const N: usize, const H: usize, const G: usize, const B: usize>(First<'a>);

impl<const E: usize, const N: usize, const H: usize, const G: usize, const B: usize> FirstBy<'_, E, N, H, G, B> {
    /// A vector of words, from a pixel on. `None` if there are not as many bytes as it loads.
    #[inline(always)]
    fn words<L: Lanes>(lanes: L, places: L::Vector, stride: usize, from: &[u8], pixel: usize) -> Option<L::Bytes> {
        let (block, px) = (16 / E, G / E);
        let loaded = (block * blocks::<L>() - px) * stride * E + 16;
        let words = from.get(pixel * stride * E..)?.get(..loaded)?;
        let mut vectors = [places; N];
        for (row, vector) in vectors.iter_mut().enumerate() {
            *vector = lanes.vector(
                #[inline(always)]
                |at| block_at(words, (at * block + row * px) * stride * E),
            )?;
            if px > 1 {
                *vector = lanes.shuffle(*vector, places);
            }
        }
        transpose::<L, G, N, H>(lanes, vectors)?.first().map(
            #[inline(always)]
            |vector| lanes.bytes(*vector),
        )
    }
}

impl<const E: usize, const N: usize, const H: usize, const G: usize, const B: usize> Kernel
    for FirstBy<'_, E, N, H, G, B>
{
    type Output = Option<()>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Option<()> {
        let First { stride, from, to } = self.0;
        let stride = if B > 0 { B } else { stride };
        let (pixels, size) = (to.len() / E, size_of::<L::Bytes>());
        let step = size / E;
        let places = lanes.vector(
            #[inline(always)]
            |_| Some(table(|place| grouped::<E, G>(place, stride))),
        )?;
        let mut done = 0;
        for target in to.chunks_exact_mut(size) {
            let Some(words) = Self::words(lanes, places, stride, from, done) else { break };
            target.copy_from_slice(bytemuck::bytes_of(&words));
            done += step;
        }
        // The last words again, with those that are left.
        if done < pixels
            && let Some(last) = pixels.checked_sub(step)
            && let Some(words) = Self::words(lanes, places, stride, from, last)
        {
            to.get_mut(last * E..)?.copy_from_slice(bytemuck::bytes_of(&words));
            done = pixels;
        }
        let rest = from.get(done * stride * E..).unwrap_or_default().chunks(stride * E);
        let targets = to.get_mut(done * E..)?.as_chunks_mut::<E>().0;
        let left = targets.len();
        let copied = targets.iter_mut().zip(rest).map_while(|(target, word)| {
            *target = *word.first_chunk()?;
            Some(())
        });
        (copied.count() == left).then_some(())
    }
}

/// Interleaves bands: each row of the plane is a band, each column a pixel, and pixels lie without gaps.
pub(super) fn join<const E: usize>(level: Level, plane: &Plane, from: &[u8], to: &mut [u8]) -> Option<()> {
    // The whole plane, so that what is written beyond a pixel stays in it.
    let to =
        to.get_mut(plane.to_first.checked_mul(E)?..)?.get_mut(..plane.rows.checked_mul(plane.cols)?.checked_mul(E)?)?;
    let plane = Plane { to_first: 0, ..*plane };
    let join = Join { plane: &plane, from, to };
    if E > 4 || !is_wide(level) {
        return join.run::<E, 0>(level);
    }
    with_known_count!(plane.rows, B => join.run::<E, B>(level), 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// Which byte of `G` bytes of each band comes to a place of a block of pixels.
#[inline(always)]
fn interleaved<const E: usize, const G: usize>(place: usize, bands: usize) -> usize {
    let (pixel, byte) = (place / (bands * E), place % (bands * E));
    byte / E * G + pixel * E + byte % E
}

struct Join<'a> {
    plane: &'a Plane,
    from: &'a [u8],
    /// The memory of this plane alone.
    to: &'a mut [u8],
}

impl Join<'_> {
    fn run<const E: usize, const B: usize>(self, level: Level) -> Option<()> {
        match bands_a_block::<E>(if B > 0 { B } else { self.plane.rows }) {
            2 if const { is_block_of::<E, B>(2) } => run_known::<_, B>(level, JoinBy::<E, 2, 1, 8, B>(self)),
            4 if const { is_block_of::<E, B>(4) } => run_known::<_, B>(level, JoinBy::<E, 4, 2, 4, B>(self)),
            8 if const { is_block_of::<E, B>(8) } => run_known::<_, B>(level, JoinBy::<E, 8, 4, 2, B>(self)),
            16 if const { is_block_of::<E, B>(16) } => run_known::<_, B>(level, JoinBy::<E, 16, 8, 1, B>(self)),
            _ => None,
        }
    }
}

/// Interleaves `B` bands by squares of `N` groups of `G` bytes. `H` is half of `N`. `B` is 0 where the number of bands is known
/// at run time only.
struct JoinBy<'a, const E: usize, const N: usize, const H: usize, const G: usize, const B: usize>(Join<'a>);

impl<const E: usize, const N: usize, const H: usize, const G: usize, const B: usize> Kernel
    for JoinBy<'_, E, N, H, G, B>
{
    type Output = Option<()>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Option<()> {
        let Join { plane, from, to } = self.0;
        let (pixels, bands) = (plane.cols, if B > 0 { B } else { plane.rows });
        let (block, px, group) = (16 / E, G / E, N.min(bands));
        let step = block * blocks::<L>();
        let places = lanes.vector(
            #[inline(always)]
            |_| Some(table(|place| interleaved::<E, G>(place, bands))),
        )?;
        let mut sources = ArrayVec::<[&[L::Bytes]; MOST_BANDS]>::new();
        for band in 0..bands {
            let words = plane.row::<E>(from, band)?.get(..pixels * E)?;
            let whole = words.len() / size_of::<L::Bytes>() * size_of::<L::Bytes>();
            sources.push(bytemuck::try_cast_slice(words.get(..whole)?).ok()?);
        }
        // The bytes that a step writes, from its first to its last, of the last band.
        let written = ((step - px) * bands + bands - group) * E + 16;
        let steps = steps(pixels / step, step * bands * E, written, to.len());
        for (first, many) in pieces(steps, if bands > N { a_line::<L>() } else { steps.max(1) }) {
            for group_number in 0..bands.div_ceil(group) {
                let band = (group_number * group).min(bands - group);
                for number in first..first + many {
                    let words = to.get_mut(number * step * bands * E..)?.get_mut(..written)?;
                    let mut vectors = [places; N];
                    for (row, vector) in vectors.iter_mut().enumerate() {
                        if row < group {
                            let words = bytemuck::bytes_of(sources.get(band + row)?.get(number)?);
                            *vector = lanes.vector(
                                #[inline(always)]
                                |at| block_at(words, 16 * at),
                            )?;
                        }
                    }
                    let vectors = transpose::<L, G, N, H>(lanes, vectors)?;
                    let mut lines = [L::Bytes::zeroed(); N];
                    for (line, vector) in lines.iter_mut().zip(vectors) {
                        *line = lanes.bytes(if px > 1 { lanes.shuffle(vector, places) } else { vector });
                    }
                    // In the order of the pixels: what is written beyond one is overwritten with the next.
                    for at in 0..blocks::<L>() {
                        for (row, line) in lines.iter().enumerate() {
                            let start = ((at * block + row * px) * bands + band) * E;
                            *words.get_mut(start..)?.first_chunk_mut()? = block_at(bytemuck::bytes_of(line), 16 * at)?;
                        }
                    }
                }
            }
        }
        let done = steps * step;
        plane.part(0, bands, done, pixels - done).copy_words::<E>(from, to)
    }
}

/// Returns how many of the steps find all the bytes that they touch, where each begins `apart` bytes behind the one before it.
#[inline(always)]
fn steps(steps: usize, apart: usize, touched: usize, len: usize) -> usize {
    let room = len.checked_sub(touched).map_or(0, |rest| rest.checked_div(apart).map_or(usize::MAX, |steps| steps + 1));
    steps.min(room)
}

/// Returns how many steps fill a cache line. It is written at once, before the lines of other bands take its place in the cache.
const fn a_line<L: Lanes>() -> usize {
    64usize.div_ceil(size_of::<L::Bytes>())
}

/// Makes a block of places. What is not in the block is not used.
#[inline(always)]
fn table(place: impl Fn(usize) -> usize) -> Block {
    let mut places = Block::default();
    for (number, slot) in places.iter_mut().enumerate() {
        *slot = (place(number) % 16) as u8;
    }
    places
}
