//! Many threads read one column, cut it, and take its memory, all at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use ndraster::ndarray::{Array2, Array3, ArrayD, Axis};
use ndraster::{Band, Raster, RasterArray, RasterArrayBuilder, Result};
use rayon::prelude::*;

const ROWS: usize = 64;
const ROUNDS: usize = 200;

fn tile(number: usize) -> Array2<u32> {
    Array2::from_shape_fn((20, 30 + number), |(row, col)| (number * 10_000 + row * 100 + col) as u32)
}

fn column() -> Result<RasterArray> {
    (0..ROWS).map(|number| Raster::from_ndarray(tile(number))).collect()
}

/// The sum of a row's pixels by a loop over indices, without a reader of ndraster.
fn expected(number: usize) -> u64 {
    let pixel = |row: usize, col: usize| (number * 10_000 + row * 100 + col) as u64;
    (0..20).flat_map(|row| (0..30 + number).map(move |col| pixel(row, col))).sum()
}

fn sum(array: &ArrayD<u32>) -> u64 {
    array.iter().map(|pixel| u64::from(*pixel)).sum()
}

#[test]
fn threads_that_read_cut_and_copy_one_column_find_its_pixels() -> Result<()> {
    let column = Arc::new(column()?);
    let work = |offset: usize| {
        let column = Arc::clone(&column);
        move || {
            for round in 0..ROUNDS {
                let number = (round * 7 + offset) % ROWS;
                let raster = column.get(number).unwrap();
                let whole = raster.as_array_view2::<u32>().unwrap();
                assert_eq!(whole, tile(number));
                let halves = [raster.window(..10, ..).unwrap(), raster.window(10.., ..).unwrap()];
                let parts: u64 = halves.iter().map(|half| sum(&half.to_array::<u32>().unwrap())).sum();
                assert_eq!(parts, expected(number));
                let mut again = RasterArrayBuilder::new();
                again.append(raster).unwrap();
                again.append(&halves[0].to_standard().unwrap()).unwrap();
                let again = again.finish().unwrap();
                assert_eq!(again.get(0).unwrap().as_array_view2::<u32>().unwrap(), whole);
            }
        }
    };
    let threads: Vec<_> = (0..8).map(|number| thread::spawn(work(number * 11))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    Ok(())
}

#[test]
fn tiles_in_rayon_are_those_of_one_thread() -> Result<()> {
    let pixels = Array2::from_shape_fn((700, 900), |(row, col)| (row * 900 + col) as u32);
    let tiles = Raster::from_ndarray(pixels.clone())?.tiles_with_overlap(64, 64, 3)?;
    let sums = |number: usize| sum(&tiles.get(number).unwrap().to_array::<u32>().unwrap());
    let parallel: Vec<u64> = (0..tiles.len()).into_par_iter().map(sums).collect();
    let across = 900usize.div_ceil(64);
    for (number, found) in parallel.into_iter().enumerate() {
        let (top, left) = (number / across * 64, number % across * 64);
        let rows = top.saturating_sub(3)..(top + 67).min(700);
        let expected: u64 = rows
            .flat_map(|row| (left.saturating_sub(3)..(left + 67).min(900)).map(move |col| (row * 900 + col) as u64))
            .sum();
        assert_eq!(found, expected, "tile {number}");
    }
    Ok(())
}

/// Some threads read through handles of their own while others try to take the memory. A thread that takes it is alone with
/// it, and a thread that is refused gets the raster back whole.
#[test]
fn memory_that_others_share_is_never_taken() -> Result<()> {
    let (taken, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    for round in 0..ROUNDS {
        let raster = Raster::from_ndarray(tile(round % ROWS))?;
        thread::scope(|scope| {
            for _ in 0..2 {
                let reader = raster.clone();
                scope.spawn(move || assert_eq!(sum(&reader.to_array().unwrap()), expected(round % ROWS)));
            }
            for taker in [raster.clone(), raster] {
                let (taken, refused) = (&taken, &refused);
                scope.spawn(move || match taker.into_array::<u32>() {
                    Ok(mut array) => {
                        assert_eq!(sum(&array), expected(round % ROWS));
                        // Any other handle would see this.
                        array.fill(u32::MAX);
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(back) => {
                        assert_eq!(sum(&back.into_raster().to_array().unwrap()), expected(round % ROWS));
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
    }
    assert_eq!(taken.into_inner() + refused.into_inner(), 2 * ROUNDS);
    Ok(())
}

#[test]
fn clones_made_and_dropped_meanwhile_change_nothing() -> Result<()> {
    let stop = AtomicBool::new(false);
    let cube = Array3::from_shape_fn((8, 40, 50), |(band, row, col)| (band * 10_000 + row * 100 + col) as u32);
    let raster = Raster::from_bands(Band::split(cube.clone(), Axis(0))?)?;
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let copy = raster.clone();
                    let tiles = copy.tiles(16, 16).unwrap();
                    drop(copy);
                    assert_eq!(tiles.len(), 12);
                }
            });
        }
        let same =
            (0..ROUNDS).all(|_| raster.as_stack_view::<u32>().is_ok_and(|stack| stack == cube.view().into_dyn()));
        stop.store(true, Ordering::Relaxed);
        assert!(same);
    });
    // The other handles are gone, and the bands still share one memory.
    assert_eq!(raster.to_stack::<u32>()?, cube.into_dyn());
    Ok(())
}
