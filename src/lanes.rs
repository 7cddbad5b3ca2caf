//! Squares of pixels transposed in vector registers, for each size that a pixel has.
//!
//! `wide` turns these into unpack instructions where the target has them (SSE2, NEON, SIMD128), and into plain code
//! elsewhere. (The intrinsics themselves cannot be called without `unsafe`.)

use bytemuck::Pod;
use wide::{u8x16, u16x8, u32x4, u64x2};

/// A pixel as a mere word, of which `N` fill 16 bytes.
pub(crate) trait Lanes<const N: usize>: Pod + Default {
    fn transpose(rows: [[Self; N]; N]) -> [[Self; N]; N];

    /// The last word first.
    #[inline(always)]
    fn reverse(mut words: [Self; N]) -> [Self; N] {
        words.reverse();
        words
    }
}

impl Lanes<16> for u8 {
    /// `wide` transposes bytes one by one, so this goes by rounds: three within each half of the rows, after which
    /// every vector holds two columns of that half, and one that joins the halves. Eight vectors at a time fit the
    /// registers.
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
    fn reverse(words: [u8; 16]) -> [u8; 16] {
        u128::from_ne_bytes(words).swap_bytes().to_ne_bytes()
    }
}

#[inline(always)]
fn columns_of_half(rows: [u8x16; 8]) -> [u8x16; 8] {
    shuffle(shuffle(shuffle(rows)))
}

/// The bytes of the first four vectors alternating with those of the last four.
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

    #[test]
    fn every_word_changes_places() {
        check::<u8, 16>(|i| i as u8);
        check::<u16, 8>(|i| 0x0101 * i as u16);
        check::<u32, 4>(|i| 0x0101_0101 * i as u32);
        check::<u64, 2>(|i| u64::MAX - i as u64);
    }
}
