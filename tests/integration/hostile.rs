//! Columns whose bytes are overwritten at random, below the types. No reader panics, whatever the bytes claim.

use arrow_data::ArrayData;
use ndraster::RasterArray;
use ndraster::arrow_array::{Array, StructArray, make_array};
use ndraster::arrow_buffer::Buffer;
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::fixtures::batches;
use ndraster_test_support::random::Random;
use ndraster_test_support::raw::aligned_buffer;
use ndraster_test_support::readers::read_everything;

/// A number at which arithmetic or look-ups tend to break, or any other number.
fn evil(random: &mut Random) -> [u8; 8] {
    let any = i64::from_le_bytes(random.bytes(8).try_into().unwrap());
    let numbers = [0, 1, -1, 2, 13, 255, i64::MAX, i64::MIN, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 62, any];
    numbers[random.below(numbers.len())].to_le_bytes()
}

/// The array with other bytes here and there in some of its buffers.
#[allow(unsafe_code, reason = "arrays without validation are made by an unsafe call only")]
fn mutated(data: &ArrayData, random: &mut Random, chance: usize) -> ArrayData {
    let buffers = data.buffers().iter().map(|buffer| overwritten(buffer, random, chance)).collect();
    let children = data.child_data().iter().map(|child| mutated(child, random, chance)).collect();
    let builder = data.clone().into_builder().buffers(buffers).child_data(children);
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests. Its
    // buffers have the lengths that they had, so that arrow's own slices stay inside.
    unsafe { builder.build_unchecked() }
}

fn overwritten(buffer: &Buffer, random: &mut Random, chance: usize) -> Buffer {
    let mut bytes = buffer.to_vec();
    if !bytes.is_empty() && random.below(chance) == 0 {
        for _ in 0..1 + random.below(3) {
            let width = [1, 4, 8][random.below(3)];
            let at = random.below(bytes.len()) / width * width;
            for (to, from) in bytes[at..].iter_mut().zip(&evil(random)[..width]) {
                *to = *from;
            }
        }
    }
    aligned_buffer(&bytes)
}

#[test]
fn overwritten_columns_never_panic() {
    let files = [
        "19_many_rows.arrow",
        "29_multiband.arrow",
        "32_views.arrow",
        "33_views_sql.arrow",
        "37_shared_buffer_unaligned.arrow",
        "05_nodata.arrow",
        "14_null_rows_populated.arrow",
    ];
    let mut random = Random::new(99);
    let (mut failed, mut read) = (0, 0);
    for file in files {
        let batch = batches(file).remove(0);
        let data = batch.column(0).to_data();
        for round in 0..60 {
            let chance = [2, 5, 20][round % 3];
            let array = make_array(mutated(&data, &mut random, chance));
            let column: &StructArray = array.as_any().downcast_ref().unwrap();
            match RasterArray::try_from(column) {
                Ok(column) => {
                    let (_, bytes, found) = allocated(|| read_everything(&column));
                    assert!(bytes < 64 << 20, "{file}: {bytes} bytes");
                    read += found;
                }
                Err(_) => failed += 1,
            }
        }
    }
    assert!(read > 200_000, "{read} readers worked, {failed} columns were refused");
}
