//! Transposes squares of pixels in vector registers, for each size that a pixel can have.
//!
//! The crate `wide` compiles these to unpack instructions on targets that have them (SSE2, NEON, SIMD128), and to plain
//! code on others. The intrinsics are not called directly, because that needs `unsafe`.

use bytemuck::Pod;
use wide::{u8x16, u16x8, u32x4, u64x2};

/// An unsigned integer that stands for a pixel of its size. `N` of them fill 16 bytes.
pub(crate) trait Lanes<const N: usize>: Pod + Default {
    /// Transposes a square of `N` by `N` words.
    fn transpose(rows: [[Self; N]; N]) -> [[Self; N]; N];

    /// Splits `N` pixels of `B` interleaved bands into bands. Returns `None` where transposing squares is the best way.
    #[inline(always)]
    fn split<const B: usize>(_pixels: &[[Self; N]; B]) -> Option<[[Self; N]; B]> {
        None
    }

    /// Interleaves `N` pixels of each of `B` bands. Returns `None` where transposing squares is the best way.
    #[inline(always)]
    fn join<const B: usize>(_bands: &[[Self; N]; B]) -> Option<[[Self; N]; B]> {
        None
    }

    /// Reverses the order of the words.
    #[inline(always)]
    fn reverse(mut words: [Self; N]) -> [Self; N] {
        words.reverse();
        words
    }
}

impl Lanes<16> for u8 {
    /// Transposes in rounds, because `wide` transposes bytes one by one.
    ///
    /// Three rounds run within each half of the rows. After them every vector holds two columns of that half. One more
    /// round joins the halves. Each half has eight vectors, which fit the registers.
    #[inline(always)]
    fn transpose(rows: [[u8; 16]; 16]) -> [[u8; 16]; 16] {
        let [upper, lower]: [[u8x16; 8]; 2] = bytemuck::cast(rows);
        let (upper, lower) = (columns_of_half(upper), columns_of_half(lower));
        let mut columns = [[u64x2::ZERO; 2]; 8];
        for ((columns, upper), lower) in columns.iter_mut().zip(upper).zip(lower) {
            let (upper, lower): (u64x2, u64x2) = (bytemuck::cast(upper), bytemuck::cast(lower));
            *columns = [upper.unpack_lo(lower), upper.unpack_hi(lower)];
        }
        bytemuck::cast(columns)
    }

    #[inline(always)]
    fn split<const B: usize>(pixels: &[[u8; 16]; B]) -> Option<[[u8; 16]; B]> {
        let mut bands = [[0; 16]; B];
        match (pixels.as_slice(), bands.as_mut_slice()) {
            (&[a, b, c], [x, y, z]) => {
                [*x, *y, *z] = deal_3(deal_3(deal_3(deal_3([a, b, c].map(u8x16::new))))).map(u8x16::to_array);
            }
            (&[a, b, c, d], [w, x, y, z]) => {
                [*w, *x, *y, *z] = deal_4(deal_4(deal_4(deal_4([a, b, c, d].map(u8x16::new))))).map(u8x16::to_array);
            }
            _ => return None,
        }
        Some(bands)
    }

    #[inline(always)]
    fn join<const B: usize>(bands: &[[u8; 16]; B]) -> Option<[[u8; 16]; B]> {
        let mut pixels = [[0; 16]; B];
        match bands.as_slice() {
            [a, b, c] => pixels.copy_from_slice(drop_fourth(join_4([*a, *b, *c, [0; 16]])).get(..B)?),
            [a, b, c, d] => pixels.copy_from_slice(join_4([*a, *b, *c, *d]).get(..B)?),
            _ => return None,
        }
        Some(pixels)
    }

    #[inline(always)]
    fn reverse(words: [u8; 16]) -> [u8; 16] {
        u128::from_ne_bytes(words).swap_bytes().to_ne_bytes()
    }
}

/// Interleaves the two halves of 48 bytes, which moves byte `i` to `2 i` modulo 47.
///
/// Four rounds move byte `i` to `16 i` modulo 47, and `16 * 3` is 1 modulo 47. So they put every third byte next to the
/// one before it.
#[inline(always)]
fn deal_3([a, b, c]: [u8x16; 3]) -> [u8x16; 3] {
    let low = u8x16::unpack_low;
    [low(a, upper_half(b)), low(upper_half(a), c), low(b, upper_half(c))]
}

/// Interleaves the two halves of 64 bytes, which moves byte `i` to `2 i` modulo 63.
///
/// Four rounds put every fourth byte next to the one before it, because `16 * 4` is 1 modulo 63.
#[inline(always)]
fn deal_4([a, b, c, d]: [u8x16; 4]) -> [u8x16; 4] {
    let (low, high) = (u8x16::unpack_low, u8x16::unpack_high);
    [low(a, c), high(a, c), low(b, d), high(b, d)]
}

#[inline(always)]
fn upper_half(bytes: u8x16) -> u8x16 {
    let bytes: u64x2 = bytemuck::cast(bytes);
    bytemuck::cast(bytes.unpack_hi(bytes))
}

/// Interleaves sixteen pixels of each of four bands.
#[inline(always)]
fn join_4(bands: [[u8; 16]; 4]) -> [[u8; 16]; 4] {
    let (low, high) = (u8x16::unpack_low, u8x16::unpack_high);
    let [a, b, c, d] = bands.map(u8x16::new);
    let [ac, bd] = [[low(a, c), high(a, c)], [low(b, d), high(b, d)]];
    let [[ac_low, ac_high], [bd_low, bd_high]] = [ac, bd];
    [low(ac_low, bd_low), high(ac_low, bd_low), low(ac_high, bd_high), high(ac_high, bd_high)].map(u8x16::to_array)
}

/// Removes the last byte of each pixel of four bytes.
#[inline(always)]
fn drop_fourth(pixels: [[u8; 16]; 4]) -> [[u8; 16]; 3] {
    let pairs: [u64; 8] = bytemuck::cast(pixels);
    // Keeps six bytes of each pair of pixels. The first byte is the lowest one (little-endian).
    let [a, b, c, d, e, f, g, h] = pairs.map(|pair| (pair & 0xff_ffff) | ((pair >> 8) & 0xffff_ff00_0000));
    let pack = |a, b, c, d| [a | (b << 48), (b >> 16) | (c << 32), (c >> 32) | (d << 16)];
    bytemuck::cast([pack(a, b, c, d), pack(e, f, g, h)])
}

#[inline(always)]
fn columns_of_half(rows: [u8x16; 8]) -> [u8x16; 8] {
    shuffle(shuffle(shuffle(rows)))
}

/// Interleaves the bytes of the first four vectors with those of the last four.
#[inline(always)]
fn shuffle([a, b, c, d, e, f, g, h]: [u8x16; 8]) -> [u8x16; 8] {
    let (low, high) = (u8x16::unpack_low, u8x16::unpack_high);
    [low(a, e), high(a, e), low(b, f), high(b, f), low(c, g), high(c, g), low(d, h), high(d, h)]
}

impl Lanes<8> for u16 {
    #[inline(always)]
    fn transpose(rows: [[u16; 8]; 8]) -> [[u16; 8]; 8] {
        bytemuck::cast(u16x8::transpose(bytemuck::cast(rows)))
    }
}

impl Lanes<4> for u32 {
    #[inline(always)]
    fn transpose(rows: [[u32; 4]; 4]) -> [[u32; 4]; 4] {
        bytemuck::cast(u32x4::transpose(bytemuck::cast(rows)))
    }
}

impl Lanes<2> for u64 {
    #[inline(always)]
    fn transpose(rows: [[u64; 2]; 2]) -> [[u64; 2]; 2] {
        bytemuck::cast(u64x2::transpose(bytemuck::cast(rows)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<W: Lanes<N> + PartialEq + std::fmt::Debug, const N: usize>(word: impl Fn(usize) -> W) {
        let rows: [[W; N]; N] = std::array::from_fn(|row| std::array::from_fn(|col| word(N * row + col)));
        let columns = W::transpose(rows);
        for (row, words) in rows.iter().enumerate() {
            for (col, word) in words.iter().enumerate() {
                assert_eq!(columns[col][row], *word, "row {row}, column {col} of {N}");
                assert_eq!(W::reverse(*words)[N - 1 - col], *word, "word {col} of {N}");
            }
        }
    }

    fn check_few<const B: usize>() {
        let bands: [[u8; 16]; B] = std::array::from_fn(|band| std::array::from_fn(|pixel| (16 * band + pixel) as u8));
        let mut pixels = [[0; 16]; B];
        for (number, word) in pixels.as_flattened_mut().iter_mut().enumerate() {
            *word = bands[number % B][number / B];
        }
        assert_eq!(u8::split(&pixels), Some(bands));
        assert_eq!(u8::join(&bands), Some(pixels));
    }

    #[test]
    fn three_and_four_bands_of_bytes() {
        check_few::<3>();
        check_few::<4>();
    }

    #[test]
    fn every_word_changes_places() {
        check::<u8, 16>(|i| i as u8);
        check::<u16, 8>(|i| 0x0101 * i as u16);
        check::<u32, 4>(|i| 0x0101_0101 * i as u32);
        check::<u64, 2>(|i| u64::MAX - i as u64);
    }
}
