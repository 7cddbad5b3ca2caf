//! Strategies for property tests: pixels, and arrays that lie in memory in any order.

use std::ops::RangeInclusive;

use ndraster::{MemoryLayout, PixelType};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::memory::{AxisInMemory, Memory};

/// Returns a configuration with one in `part` of the cases that `PROPTEST_CASES` asks for. A failure becomes a test with a
/// name, so no seeds are kept in files.
pub fn one_in(part: u32) -> ProptestConfig {
    let cases = ProptestConfig::default().cases.div_ceil(part);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Draws one of the ten pixel types.
pub fn pixel_type() -> impl Strategy<Value = PixelType> {
    (1..=10u32).prop_map(|id| PixelType::try_from(id).unwrap())
}

/// Draws one of the three memory layouts.
pub fn layout() -> impl Strategy<Value = MemoryLayout> {
    select(vec![MemoryLayout::Standard, MemoryLayout::Strict, MemoryLayout::AsIs])
}

/// Draws bytes of a pixel: often zeros, NaN, infinity or the extremes of a type, else any bytes.
pub fn pixel_bytes() -> impl Strategy<Value = [u8; 8]> {
    let both = |value: f32| {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let known = vec![
        [0; 8],
        [0xff; 8],
        (-0.0f64).to_le_bytes(),
        f64::NAN.to_le_bytes(),
        (-f64::NAN).to_le_bytes(),
        f64::INFINITY.to_le_bytes(),
        both(-0.0),
        both(f32::NAN),
        both(f32::MIN),
        i64::MIN.to_le_bytes(),
    ];
    prop_oneof![select(known), any::<[u8; 8]>()]
}

/// Draws an axis. Extents are small, so that many arrays have 11 to 13 bytes: the limit of what Arrow stores inline.
fn axis() -> impl Strategy<Value = AxisInMemory> {
    let extent = prop_oneof![1 => Just(0usize), 4 => Just(1), 12 => 2..5usize];
    let step = select(vec![1, 1, 1, 1, 1, -1, 2, -3, 0]);
    let around = prop_oneof![3 => Just((0, 0)), 1 => (0..2usize, 0..2usize)];
    (extent, any::<u8>(), step, around).prop_map(|(extent, place, step, around)| AxisInMemory {
        extent,
        place,
        step,
        around,
    })
}

/// Draws an array with as many axes, in C order half of the time.
pub fn memory(ndim: RangeInclusive<usize>) -> impl Strategy<Value = Memory> {
    let axes = (vec(axis(), ndim), any::<bool>()).prop_map(|(mut axes, in_order)| {
        for axis in axes.iter_mut().filter(|_| in_order) {
            axis.place = 0;
        }
        axes
    });
    let memory = (axes, pixel_bytes()).prop_map(|(axes, special)| Memory { axes, special });
    memory.prop_filter("thousands of pixels", |memory| memory.pixels_in_memory() <= 4096)
}
