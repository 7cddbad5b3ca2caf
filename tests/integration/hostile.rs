//! Columns whose bytes were overwritten at random, below the types: whatever they claim, nothing panics.

use arrow_data::ArrayData;
use ndraster::arrow_array::{Array, StructArray, make_array};
use ndraster::arrow_buffer::{Buffer, MutableBuffer};
use ndraster::ndarray::Slice;
use ndraster::{Band, RasterArray, RasterRef};

use crate::allocations::allocated;
use crate::fixtures::batches;
use crate::random::Random;

/// A number that breaks things, or any other.
fn evil(random: &mut Random) -> [u8; 8] {
    let any = i64::from_le_bytes(random.bytes(8).try_into().unwrap());
    let numbers = [0, 1, -1, 2, 13, 255, i64::MAX, i64::MIN, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 62, any];
    numbers[random.below(numbers.len())].to_le_bytes()
}

/// The same array, of which some buffers have other bytes here and there.
#[allow(unsafe_code, reason = "arrays that nobody validated are made by an unsafe call only")]
fn mutated(data: &ArrayData, random: &mut Random, chance: usize) -> ArrayData {
    let buffers = data.buffers().iter().map(|buffer| overwritten(buffer, random, chance)).collect();
    let children = data.child_data().iter().map(|child| mutated(child, random, chance)).collect();
    let builder = data.clone().into_builder().buffers(buffers).child_data(children);
    // SAFETY: nothing is promised about this array: it is read by checked look-ups only, which is the test.
    // Its buffers have the lengths that they had, so that arrow's own slices of them stay inside.
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
    // Aligned as arrow insists that typed buffers are.
    let mut aligned = MutableBuffer::with_capacity(bytes.len());
    aligned.extend_from_slice(&bytes);
    aligned.into()
}

/// Calls everything that reads, and counts what worked.
fn read_everything(column: &RasterArray) -> usize {
    let mut read = format!("{column:?}").len();
    for raster in column {
        read += raster.map_or(0, |raster| read_raster(&raster));
    }
    read += usize::from(column.slice(column.len() / 2, column.len().div_ceil(2)).is_ok());
    read += usize::from(column.slice(1, usize::MAX).is_ok());
    // These copy what is claimed, up to 2 GiB: not here.
    if column.iter().flatten().flat_map(|raster| raster.bands()).flatten().all(|band| is_small(&band)) {
        read += usize::from(column.to_canonical().is_ok()) + usize::from(column.to_standard().is_ok());
    }
    read
}

fn is_small(band: &Band<'_>) -> bool {
    band.shape().iter().try_fold(1usize, |all, extent| all.checked_mul(*extent)).is_some_and(|all| all < 10_000)
}

fn read_raster(raster: &RasterRef<'_>) -> usize {
    let works = [
        raster.num_bands().is_ok(),
        raster.crs().is_ok(),
        raster.transform().is_ok_and(|transform| transform.invert().is_ok()),
        raster.width().is_ok(),
        raster.height().is_ok(),
        raster.bbox().is_ok(),
        raster.spatial_dims().is_ok(),
        raster.spatial_shape().is_ok(),
        raster.band_by_name("red").is_ok(),
        raster.as_stack_view::<u8>().is_ok(),
        raster.as_any_view().is_ok(),
        raster.window(1.., ..).is_ok(),
        raster.slice_dim("time", Slice::new(0, None, -1)).is_ok(),
        raster.to_raster().is_ok(),
        raster.tile_grid(100, 100).is_ok_and(|(rows, cols)| rows * cols > 100 || raster.tiles(100, 100).is_ok()),
    ];
    let bands = raster.bands().take(100).flatten().map(|band| read_band(&band)).sum::<usize>();
    bands + works.iter().filter(|works| **works).count()
}

fn read_band(band: &Band<'_>) -> usize {
    let mut works = vec![
        band.source_data().is_ok(),
        band.as_any_view().is_ok(),
        band.as_array_view2::<f32>().is_ok(),
        band.nodata::<i16>().is_ok(),
        band.is_loaded(),
    ];
    if is_small(band) {
        works.push(band.to_array_cast::<f64>().is_ok());
        works.push(band.to_array_as::<f64>().is_ok());
        works.push(band.to_array_filled(0f64).is_ok());
        works.push(band.valid_mask().is_ok());
    }
    works.iter().filter(|works| **works).count()
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
    assert!(read > 50_000, "{read} readers worked, {failed} columns were refused");
}
