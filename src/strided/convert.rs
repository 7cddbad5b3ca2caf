//! Converts pixels from one type to another, block by block.

use fearless_simd::Level;

use crate::strided::level::vectorized;

/// So many pixels are converted between two looks at whether all could be. A look at each would keep the compiler from
/// converting several at once.
const BLOCK: usize = 1024;

/// Converts pixels and appends them. If `convert` says `false` to one, returns the first such pixel, and its position.
///
/// What the block with that pixel made is appended too.
#[inline]
pub(crate) fn extend<P: Copy, T>(
    level: Level,
    pixels: &[P],
    target: &mut Vec<T>,
    convert: impl Fn(P) -> (T, bool) + Copy,
) -> Result<(), (usize, P)> {
    for (number, block) in pixels.chunks(BLOCK).enumerate() {
        let all = vectorized(
            level,
            #[inline(always)]
            || {
                let mut all = true;
                target.extend(block.iter().map(
                    #[inline(always)]
                    |&pixel| {
                        let (converted, is_right) = convert(pixel);
                        all &= is_right;
                        converted
                    },
                ));
                all
            },
        );
        if !all && let Some((at, pixel)) = block.iter().enumerate().find(|(_, pixel)| !convert(**pixel).1) {
            return Err((number * BLOCK + at, *pixel));
        }
    }
    Ok(())
}

/// Converts pixels into as many others. If `convert` says `false` to one, returns `Err`; the block with that pixel is converted
/// too, and none after it.
#[inline]
pub(crate) fn fill<P: Copy, T>(
    level: Level,
    pixels: &[P],
    target: &mut [T],
    convert: impl Fn(P) -> (T, bool) + Copy,
) -> Result<(), ()> {
    for (block, target) in pixels.chunks(BLOCK).zip(target.chunks_mut(BLOCK)) {
        let all = vectorized(
            level,
            #[inline(always)]
            || {
                let mut all = true;
                for (target, pixel) in target.iter_mut().zip(block) {
                    let (converted, is_right) = convert(*pixel);
                    *target = converted;
                    all &= is_right;
                }
                all
            },
        );
        if !all {
            return Err(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cast::checked;
    use crate::strided::level::levels;

    /// A conversion whose pixels are right or wrong in any pattern, in slices of any length, at each level.
    #[test]
    fn slices_convert_as_pixel_by_pixel_at_every_level() {
        let pixels: Vec<f32> = (0..3 * BLOCK + 77).map(|i| (i % 251) as f32).collect();
        for level in levels() {
            for len in [0, 1, 7, 31, 64, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, pixels.len()] {
                let expected: Vec<u8> = pixels[..len].iter().map(|pixel| *pixel as u8).collect();
                let mut found = vec![9];
                assert_eq!(extend(level, &pixels[..len], &mut found, checked::<u8, f32>), Ok(()));
                assert_eq!(found[1..], expected, "{level:?}, {len}");
                let mut filled = vec![0; len];
                assert_eq!(fill(level, &pixels[..len], &mut filled, checked::<u8, f32>), Ok(()));
                assert_eq!(filled, expected, "{level:?}, {len}");
            }
            for at in [0, 1, 7, 8, BLOCK - 1, BLOCK, 2 * BLOCK + 3, pixels.len() - 1] {
                for wrong in [256.0, -1.0, 0.5, 1e30, f32::INFINITY] {
                    let mut pixels = pixels.clone();
                    pixels[at] = wrong;
                    let lost = extend(level, &pixels, &mut vec![], checked::<u8, f32>);
                    assert_eq!(lost, Err((at, wrong)), "{level:?}");
                    let filled = fill(level, &pixels, &mut vec![0; pixels.len()], checked::<u8, f32>);
                    assert_eq!(filled, Err(()), "{level:?}");
                }
            }
        }
    }
}
