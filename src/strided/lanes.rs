//! Vectors of 16-byte blocks, and the three moves of bytes within blocks that all copies are made of.
//!
//! What a processor's vectors have in common is the block of 16 bytes: SSE2, NEON and wasm have one a vector, AVX2 has two, and
//! moves bytes between them at a cost. So kernels are written for any number of blocks in which the same happens. They run on
//! [`Plain`] too, which has no vector instructions, and is what the others are compared with.

use bytemuck::Pod;
use fearless_simd::Level;
#[allow(unused_imports, reason = "targets without vector instructions do not need it")]
use fearless_simd::Simd;

/// A block: what the smallest vector holds.
pub(super) type Block = [u8; 16];

/// The vectors of one level.
///
/// All methods must be inlined into [`run`], because what they compile to depends on it.
pub(super) trait Lanes: Copy {
    type Vector: Copy;
    /// The bytes of a vector.
    type Bytes: Pod;

    /// Makes a vector. `block` is called with the number of each block. `None` if it returns that for any.
    fn vector(self, block: impl Fn(usize) -> Option<Block>) -> Option<Self::Vector>;

    fn bytes(self, vector: Self::Vector) -> Self::Bytes;

    /// Takes words of `E` bytes from the first halves of the blocks of both vectors, by turns.
    fn low<const E: usize>(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// As [`low`](Self::low), from the second halves.
    fn high<const E: usize>(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// Takes the bytes of each block at these places of it. Places are below 16.
    fn shuffle(self, vector: Self::Vector, places: Self::Vector) -> Self::Vector;
}

/// The blocks in a vector.
pub(super) const fn blocks<L: Lanes>() -> usize {
    size_of::<L::Bytes>() / 16
}

/// Loads a block.
#[inline(always)]
pub(super) fn block_at(bytes: &[u8], start: usize) -> Option<Block> {
    bytes.get(start..)?.first_chunk().copied()
}

/// Work that is written for the vectors of any level.
pub(super) trait Kernel {
    type Output;

    /// Must be `#[inline(always)]`.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Runs a kernel with the widest vectors that the level has.
pub(super) fn run<K: Kernel>(level: Level, kernel: K) -> K::Output {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(avx2) = level.as_avx2() {
        return avx2.vectorize(
            #[inline(always)]
            || kernel.run(avx2),
        );
    }
    run_block_by_block(level, kernel)
}

/// Returns whether [`run_wide`] runs kernels at this level.
pub(super) fn is_wide(level: Level) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return level.as_avx2().is_some();
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    return !level.is_fallback();
}

/// Runs a kernel with the widest vectors of the target: there is no code for others, which would be as large again.
pub(super) fn run_wide<K: Kernel>(level: Level, kernel: K) -> Option<K::Output> {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return level.as_avx2().map(
        #[inline(always)]
        |avx2| {
            avx2.vectorize(
                #[inline(always)]
                || kernel.run(avx2),
            )
        },
    );
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    return Some(run_block_by_block(level, kernel));
}

/// Runs a kernel with vectors of one block.
pub(super) fn run_block_by_block<K: Kernel>(level: Level, kernel: K) -> K::Output {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let lanes = level.as_sse2();
    #[cfg(target_arch = "aarch64")]
    let lanes = level.as_neon();
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    let lanes = level.as_wasm_simd128();
    #[cfg(any(
        target_arch = "x86",
        target_arch = "x86_64",
        target_arch = "aarch64",
        all(target_arch = "wasm32", target_feature = "simd128")
    ))]
    if let Some(lanes) = lanes {
        return lanes.vectorize(
            #[inline(always)]
            || kernel.run(lanes),
        );
    }
    let _ = level;
    kernel.run(Plain)
}

/// Transposes the squares that `N` vectors hold in each of their blocks, of words of `E` bytes. `N * E` is 16, `H` is half of
/// `N`. Never `None`.
///
/// Some rounds run within each half of the rows. After them every vector has two columns of that half, of 8 bytes each, and one
/// more round joins the halves. So few vectors at a time fit the registers.
#[inline(always)]
pub(super) fn transpose<L: Lanes, const E: usize, const N: usize, const H: usize>(
    lanes: L,
    mut rows: [L::Vector; N],
) -> Option<[L::Vector; N]> {
    let upper = columns_of_half::<L, E, H>(lanes, *rows.first_chunk()?);
    let lower = columns_of_half::<L, E, H>(lanes, *rows.last_chunk()?);
    for ((pair, a), b) in rows.as_chunks_mut::<2>().0.iter_mut().zip(upper).zip(lower) {
        *pair = [lanes.low::<8>(a, b), lanes.high::<8>(a, b)];
    }
    Some(rows)
}

#[inline(always)]
fn columns_of_half<L: Lanes, const E: usize, const H: usize>(lanes: L, mut rows: [L::Vector; H]) -> [L::Vector; H] {
    let mut rounds = H;
    while rounds > 1 {
        let before = rows;
        let (first, second) = before.split_at(H / 2);
        for ((pair, a), b) in rows.as_chunks_mut::<2>().0.iter_mut().zip(first).zip(second) {
            *pair = [lanes.low::<E>(*a, *b), lanes.high::<E>(*a, *b)];
        }
        rounds /= 2;
    }
    rows
}

/// No vector instructions.
#[derive(Clone, Copy)]
pub(super) struct Plain;

/// Takes words of `E` bytes from the halves of two blocks that begin at `half`, by turns.
fn interleaved<const E: usize>(a: Block, b: Block, half: usize) -> Block {
    std::array::from_fn(|at| {
        let (word, byte) = (at / E, at % E);
        let from = if word % 2 == 0 { &a } else { &b };
        from.get(half + word / 2 * E + byte).copied().unwrap_or_default()
    })
}

impl Lanes for Plain {
    type Vector = Block;
    type Bytes = Block;

    fn vector(self, block: impl Fn(usize) -> Option<Block>) -> Option<Block> {
        block(0)
    }

    fn bytes(self, vector: Block) -> Block {
        vector
    }

    fn low<const E: usize>(self, a: Block, b: Block) -> Block {
        interleaved::<E>(a, b, 0)
    }

    fn high<const E: usize>(self, a: Block, b: Block) -> Block {
        interleaved::<E>(a, b, 8)
    }

    fn shuffle(self, vector: Block, places: Block) -> Block {
        places.map(|place| vector.get(usize::from(place)).copied().unwrap_or_default())
    }
}

/// Vectors of one block, by the operations that `fearless_simd` has for all of them.
#[cfg(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
))]
mod one_block {
    use fearless_simd::prelude::*;
    use fearless_simd::{Simd, u8x16};

    use super::{Block, Lanes};

    macro_rules! impl_lanes {
        ($level:ty) => {
            impl Lanes for $level {
                type Vector = u8x16<Self>;
                type Bytes = Block;

                #[inline(always)]
                fn vector(self, block: impl Fn(usize) -> Option<Block>) -> Option<Self::Vector> {
                    Some(block(0)?.simd_into(self))
                }

                #[inline(always)]
                fn bytes(self, vector: Self::Vector) -> Block {
                    vector.into()
                }

                #[inline(always)]
                fn low<const E: usize>(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                    match E {
                        1 => a.zip_low(b),
                        2 => self.zip_low_u16x8(a.bitcast(), b.bitcast()).bitcast(),
                        4 => self.zip_low_u32x4(a.bitcast(), b.bitcast()).bitcast(),
                        _ => self.zip_low_u64x2(a.bitcast(), b.bitcast()).bitcast(),
                    }
                }

                #[inline(always)]
                fn high<const E: usize>(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                    match E {
                        1 => a.zip_high(b),
                        2 => self.zip_high_u16x8(a.bitcast(), b.bitcast()).bitcast(),
                        4 => self.zip_high_u32x4(a.bitcast(), b.bitcast()).bitcast(),
                        _ => self.zip_high_u64x2(a.bitcast(), b.bitcast()).bitcast(),
                    }
                }

                #[inline(always)]
                fn shuffle(self, vector: Self::Vector, places: Self::Vector) -> Self::Vector {
                    vector.swizzle_dyn_within_blocks(places)
                }
            }
        };
    }
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    impl_lanes!(fearless_simd::x86::Sse2);
    #[cfg(target_arch = "aarch64")]
    impl_lanes!(fearless_simd::aarch64::Neon);
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    impl_lanes!(fearless_simd::wasm32::WasmSimd128);
}

/// Vectors of two blocks. `fearless_simd` interleaves whole vectors, where these kernels need blocks.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod two_blocks {
    #[cfg(target_arch = "x86")]
    use std::arch::x86::*;
    #[cfg(target_arch = "x86_64")]
    use std::arch::x86_64::*;

    use fearless_simd::kernel;
    use fearless_simd::x86::Avx2;

    use super::{Block, Lanes};

    kernel!(
        #[inline(always)]
        fn joined(token: Avx2, a: Block, b: Block) -> __m256i {
            _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(bytemuck::cast(a)), bytemuck::cast(b))
        }
    );

    macro_rules! define {
        ($($name:ident $intrinsic:ident)*) => {
            $(kernel!(
                #[inline(always)]
                fn $name(token: Avx2, a: __m256i, b: __m256i) -> __m256i {
                    $intrinsic(a, b)
                }
            );)*
        };
    }
    define! {
        low_1 _mm256_unpacklo_epi8
        low_2 _mm256_unpacklo_epi16
        low_4 _mm256_unpacklo_epi32
        low_8 _mm256_unpacklo_epi64
        high_1 _mm256_unpackhi_epi8
        high_2 _mm256_unpackhi_epi16
        high_4 _mm256_unpackhi_epi32
        high_8 _mm256_unpackhi_epi64
        shuffled _mm256_shuffle_epi8
    }

    impl Lanes for Avx2 {
        type Vector = __m256i;
        type Bytes = [u8; 32];

        #[inline(always)]
        fn vector(self, block: impl Fn(usize) -> Option<Block>) -> Option<__m256i> {
            Some(joined(self, block(0)?, block(1)?))
        }

        #[inline(always)]
        fn bytes(self, vector: __m256i) -> [u8; 32] {
            bytemuck::cast(vector)
        }

        #[inline(always)]
        fn low<const E: usize>(self, a: __m256i, b: __m256i) -> __m256i {
            match E {
                1 => low_1(self, a, b),
                2 => low_2(self, a, b),
                4 => low_4(self, a, b),
                _ => low_8(self, a, b),
            }
        }

        #[inline(always)]
        fn high<const E: usize>(self, a: __m256i, b: __m256i) -> __m256i {
            match E {
                1 => high_1(self, a, b),
                2 => high_2(self, a, b),
                4 => high_4(self, a, b),
                _ => high_8(self, a, b),
            }
        }

        #[inline(always)]
        fn shuffle(self, vector: __m256i, places: __m256i) -> __m256i {
            shuffled(self, vector, places)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_block(seed: usize) -> Block {
        std::array::from_fn(|byte| ((seed * 16 + byte).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24) as u8)
    }

    /// Every move of every level, as bytes one after another. The first block has this number.
    struct Moves(usize);

    impl Kernel for Moves {
        type Output = Vec<Vec<u8>>;

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Vec<Vec<u8>> {
            let vector = |seed: usize| lanes.vector(|block| Some(random_block(10 * (block + self.0) + seed))).unwrap();
            let (a, b) = (vector(1), vector(2));
            let places = lanes.vector(|block| Some(random_block(block + self.0).map(|byte| byte % 16))).unwrap();
            let all = [
                lanes.low::<1>(a, b),
                lanes.low::<2>(a, b),
                lanes.low::<4>(a, b),
                lanes.low::<8>(a, b),
                lanes.high::<1>(a, b),
                lanes.high::<2>(a, b),
                lanes.high::<4>(a, b),
                lanes.high::<8>(a, b),
                lanes.shuffle(a, places),
                a,
            ];
            all.into_iter().map(|vector| bytemuck::bytes_of(&lanes.bytes(vector)).to_vec()).collect()
        }
    }

    #[test]
    fn blocks_move_as_without_vector_instructions() {
        let plain = [0, 1].map(|block| Moves(block).run(Plain));
        for level in crate::strided::level::levels() {
            for (number, found) in run(level, Moves(0)).into_iter().enumerate() {
                for (found, plain) in found.chunks(16).zip(&plain) {
                    assert_eq!(found, plain[number], "{level:?}, move {number}");
                }
            }
        }
        let plain = &plain[0];
        assert_eq!(
            plain[1][..6],
            [plain[9][0], plain[9][1], random_block(2)[0], random_block(2)[1], plain[9][2], plain[9][3]]
        );
    }

    fn check<const E: usize, const N: usize, const H: usize>() {
        struct Square<const E: usize, const N: usize, const H: usize>;
        impl<const E: usize, const N: usize, const H: usize> Kernel for Square<E, N, H> {
            type Output = Vec<Vec<u8>>;

            #[inline(always)]
            fn run<L: Lanes>(self, lanes: L) -> Vec<Vec<u8>> {
                let rows: [L::Vector; N] = std::array::from_fn(|row| {
                    let byte = |block, byte| (100 * block + 16 * row + byte) as u8;
                    lanes.vector(|block| Some(std::array::from_fn(|at| byte(block, at)))).unwrap()
                });
                let columns = transpose::<L, E, N, H>(lanes, rows).unwrap();
                columns.map(|column| bytemuck::bytes_of(&lanes.bytes(column)).to_vec()).to_vec()
            }
        }
        for level in crate::strided::level::levels() {
            for (col, column) in run(level, Square::<E, N, H>).iter().enumerate() {
                for (at, byte) in column.iter().enumerate() {
                    let (block, row, within) = (at / 16, at % 16 / E, at % E);
                    assert_eq!(*byte, (100 * block + 16 * row + E * col + within) as u8, "{level:?}, {N}");
                }
            }
        }
    }

    #[test]
    fn squares_are_transposed_within_blocks() {
        check::<1, 16, 8>();
        check::<2, 8, 4>();
        check::<4, 4, 2>();
        check::<8, 2, 1>();
    }
}
