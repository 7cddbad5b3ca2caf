//! Columns whose bytes are overwritten at random, below the types. No reader panics, whatever the bytes claim.

use arrow_data::ArrayData;
use ndraster::arrow_array::{Array, StructArray, make_array};
use ndraster::arrow_buffer::{Buffer, NullBuffer};
use ndraster::ndarray::{Array3, Array4};
use ndraster::{Batch, RasterArray};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::fixtures::batches;
use ndraster_test_support::random::Random;
use ndraster_test_support::raw::aligned_buffer;
use ndraster_test_support::readers::{assert_batches_are_their_rows, read_everything};

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
    let builder = data.clone().into_builder().buffers(buffers).child_data(children).nulls(nulls(data, random, chance));
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests. Its
    // buffers have the lengths that they had, so that arrow's own slices stay inside.
    unsafe { builder.build_unchecked() }
}

/// The validity of the array, at times with one null more.
fn nulls(data: &ArrayData, random: &mut Random, chance: usize) -> Option<NullBuffer> {
    if data.is_empty() || random.below(2 * chance) > 0 {
        return data.nulls().cloned();
    }
    let null = random.below(data.len());
    let is_valid = |index: usize| index != null && data.nulls().is_none_or(|nulls| nulls.is_valid(index));
    Some((0..data.len()).map(is_valid).collect())
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

/// One row of many that are alike is not, in any of its parts. What is proven of all at once must not hold then.
#[test]
fn overwritten_batches_are_what_their_rows_are() {
    let columns = [
        RasterArray::from_ndarray_batch(Array3::<f32>::ones((24, 3, 5))).unwrap(),
        Batch::from_ndarray(Array4::<i16>::ones((20, 2, 4, 4)))
            .unwrap()
            .with_band_names(["red", "nir"])
            .unwrap()
            .with_nodata(-1i16)
            .unwrap()
            .finish()
            .unwrap(),
    ];
    let mut random = Random::new(7);
    let (mut borrowed, mut refused) = (0, 0);
    for column in columns {
        let data = column.as_struct_array().to_data();
        for round in 0..300 {
            let array = make_array(mutated(&data, &mut random, [15, 30, 60][round % 3]));
            let changed: &StructArray = array.as_any().downcast_ref().unwrap();
            let Ok(changed) = RasterArray::try_from(changed) else { continue };
            assert_batches_are_their_rows(&changed);
            let is_one = changed.as_batch_view::<f32>().is_ok() || changed.as_batch_view::<i16>().is_ok();
            *(if is_one { &mut borrowed } else { &mut refused }) += 1;
        }
    }
    assert!(borrowed > 50 && refused > 150, "{borrowed} are one view still, {refused} are not");
}
