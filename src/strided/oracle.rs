//! Compares [`Walk`] with a loop over indices, for random layouts of every pixel size.
//!
//! The loop knows nothing of axes that nest, squares, tiles or thin planes: it adds up where each pixel lies.

use crate::pixel::Pixel;
use crate::strided::copy::Walk;
use crate::strided::layout::c_strides;
use crate::strided::level::levels;

/// A shape that lies in memory in any way.
#[derive(Debug)]
struct Lying {
    shape: Vec<usize>,
    strides: Vec<isize>,
    /// Where the pixel at index zero lies.
    first: usize,
    /// Where each pixel lies, in C order.
    places: Vec<usize>,
    /// The number of pixels in memory.
    len: usize,
}

impl Lying {
    /// `order` lists the axes from the slowest in memory to the fastest. Each axis takes every `step`-th index: backwards if
    /// that is negative, always the same one if it is zero. `around` pixels lie before the first index and after the last.
    fn new(shape: &[usize], order: &[usize], steps: &[isize], around: usize) -> Self {
        let span = |axis: usize| (shape[axis] - 1) * steps[axis].unsigned_abs();
        let source: Vec<usize> = order.iter().map(|&axis| 2 * around + span(axis) + 1).collect();
        let (mut strides, mut first) = (vec![0; shape.len()], 0);
        for (&axis, &stride) in order.iter().zip(&c_strides(&source).unwrap()) {
            strides[axis] = steps[axis] * stride;
            first += (around + if steps[axis] < 0 { span(axis) } else { 0 }) * stride as usize;
        }
        let places = places(shape, &strides, first);
        Lying { shape: shape.to_vec(), strides, first, places, len: source.iter().product() }
    }

    /// Compares both ways to copy with the places, in memory of all four pixel sizes.
    fn check(&self) {
        self.check_as(|number| number as u8);
        self.check_as(|number| number as i16);
        self.check_as(|number| number as f32);
        self.check_as(|number| number as f64);
    }

    fn check_as<T: Pixel>(&self, pixel: impl Fn(usize) -> T) {
        let memory: Vec<T> = (0..self.len).map(|i| pixel(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8)).collect();
        let expected: Vec<T> = self.places.iter().map(|&place| memory[place]).collect();
        let walk = Walk::new(&self.shape, &self.strides, self.first).unwrap();
        let name = format_args!("{} of {:?} by {:?}", T::PIXEL_TYPE, self.shape, self.strides).to_string();
        assert!(walk.collect(&memory).is_some_and(|found| found == expected), "collect: {name}");
        // A target that goes on, by pixels that must stay as they are.
        let (mut target, rest) = (vec![T::default(); expected.len() + 5], vec![pixel(77); 5]);
        target[expected.len()..].copy_from_slice(&rest);
        for level in levels() {
            target[..expected.len()].fill(T::default());
            assert_eq!(walk.copy_at(level, &memory, &mut target), Some(()), "{level:?}: {name}");
            let (found, beyond) = target.split_at(expected.len());
            assert!(found == expected && beyond == rest, "{level:?}: {name}");
        }

        // What does not lie in the memory, or does not fit into the target, is not copied.
        let (Some(&lowest), Some(&highest)) = (self.places.iter().min(), self.places.iter().max()) else { return };
        let short = &memory[..highest];
        assert!(walk.collect(short).is_none() && walk.copy(short, &mut target).is_none(), "short memory: {name}");
        assert!(walk.copy(&memory, &mut target[..expected.len() - 1]).is_none(), "short target: {name}");
        if let Some(first) = self.first.checked_sub(lowest + 1) {
            let walk = Walk::new(&self.shape, &self.strides, first).unwrap();
            assert!(walk.collect(&memory).is_none() && walk.copy(&memory, &mut target).is_none(), "before: {name}");
        }
    }
}

/// Where each pixel lies, in C order: index by index.
fn places(shape: &[usize], strides: &[isize], first: usize) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    let mut place = first as isize;
    let mut places = Vec::new();
    for _ in 0..shape.iter().product() {
        places.push(place as usize);
        for axis in (0..shape.len()).rev() {
            (index[axis], place) = (index[axis] + 1, place + strides[axis]);
            if index[axis] < shape[axis] {
                break;
            }
            place -= strides[axis] * shape[axis] as isize;
            index[axis] = 0;
        }
    }
    places
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn order(&mut self, ndim: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..ndim).collect();
        for last in (1..ndim).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }

    fn steps(&mut self, ndim: usize, steps: &[isize]) -> Vec<isize> {
        (0..ndim).map(|_| self.one_of(steps)).collect()
    }
}

/// Every index forwards or backwards: what a transposed or reversed array is like.
const DENSE: &[isize] = &[1, 1, 1, -1];

/// What a slice, or a broadcast, is like.
const SLICED: &[isize] = &[1, 1, 1, 1, -1, 2, -3, 0, 3, 4, 5, -2];

/// Layouts of the shape without gaps, and with gaps.
fn check_shape(random: &mut Random, shape: &[usize]) {
    let ndim = shape.len();
    Lying::new(shape, &random.order(ndim), &random.steps(ndim, DENSE), 0).check();
    Lying::new(shape, &random.order(ndim), &random.steps(ndim, SLICED), random.below(2)).check();
}

#[test]
fn planes_around_every_square_tile_and_block_are_copied_as_index_by_index() {
    let mut random = Random(1);
    let extents =
        [1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 127, 128, 129, 255, 257, 300];
    for rows in extents {
        for cols in extents {
            if rows * cols < 4_000 || random.below(8) == 0 {
                check_shape(&mut random, &[rows, cols]);
                Lying::new(&[rows, cols], &[1, 0], &random.steps(2, DENSE), 0).check();
            }
        }
    }
}

#[test]
fn thin_planes_of_1_to_36_columns_are_copied_as_index_by_index() {
    let mut random = Random(2);
    for bands in 1..=36 {
        for (height, width) in [(1, 1), (3, 5), (7, 19), (16, 16)] {
            // Bands apart out of interleaved ones, and interleaved out of bands apart.
            for (shape, order) in [([bands, height, width], [1, 2, 0]), ([height, width, bands], [2, 0, 1])] {
                for (steps, around) in [([1; 3], 0), ([1; 3], 1), ([1, -1, 1], 0), ([-1, 1, -1], 1)] {
                    Lying::new(&shape, &order, &steps, around).check();
                }
                check_shape(&mut random, &shape);
            }
        }
    }
}

#[test]
fn arrays_of_three_to_five_axes_are_copied_as_index_by_index() {
    let mut random = Random(3);
    for _ in 0..200 {
        let ndim = 3 + random.below(3);
        let most = [40, 16, 8][ndim - 3];
        let shape: Vec<usize> = (0..ndim).map(|_| 1 + random.below(most)).collect();
        check_shape(&mut random, &shape);
    }
}

#[test]
fn a_shape_without_pixels_is_copied_from_and_into_nothing() {
    for shape in [[0, 3], [3, 0], [0, 0]] {
        let walk = Walk::new(&shape, &[5, 1], 7).unwrap();
        assert_eq!((walk.collect::<u16>(&[]), walk.copy::<u16>(&[], &mut [])), (Some(vec![]), Some(())));
    }
}

/// In bytes these places overflow, to places in the memory.
#[test]
fn places_beyond_all_memory_are_not_places_in_it() {
    let memory = [0f64; 4096];
    for extent in [2, 12, 40] {
        for strides in [[1, 1 << 61], [1 << 61, 1], [1 << 61, 3], [-1, 1 << 61]] {
            let walk = Walk::new(&[extent, 40], &strides, 2_000).unwrap();
            let mut target = [0f64; 1600];
            assert_eq!((walk.collect(&memory), walk.copy(&memory, &mut target)), (None, None), "{extent}, {strides:?}");
        }
    }
}
