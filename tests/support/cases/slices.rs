//! A chain of slices shows what ndarray's own slices show of the array, and pixel centres stay where they are on the
//! ground.

use ndraster::ndarray::{Array1, ArrayD, Axis, Slice};
use ndraster::{GeoTransform, MemoryLayout, Pixel, PixelType, Raster, RasterRef};

use super::memory::Memory;
use super::reads::{assert_reads, bytes};
use crate::for_pixel_type;

/// A slice, a window or a tile. Every number is taken modulo the extent, or the count, that it chooses from.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    Dim { axis: u8, range: Span, step: i8 },
    Window { rows: Span, cols: Span },
    Tile { height: u8, width: u8, overlap: u8, number: u8 },
}

/// A part of an axis. Each end counts from the start of the axis, or from its end where `negative` says so.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: u8,
    pub to: u8,
    pub negative: (bool, bool),
}

impl Span {
    /// Returns the first index, and the one past the last.
    fn within(self, extent: usize) -> (usize, usize) {
        let (a, b) = (usize::from(self.from) % (extent + 1), usize::from(self.to) % (extent + 1));
        (a.min(b), a.max(b))
    }

    fn slice(self, extent: usize, step: i8) -> Slice {
        let (start, end) = self.within(extent);
        let index = |index: usize, negative: bool| {
            if negative && index < extent { index as isize - extent as isize } else { index as isize }
        };
        let step = if step == 0 { 1 } else { isize::from(step) };
        Slice { start: index(start, self.negative.0), end: Some(index(end, self.negative.1)), step }
    }
}

/// An array, and the cuts that are made of it one after the other.
#[derive(Clone, Debug)]
pub struct Case {
    pub pixel_type: PixelType,
    pub memory: Memory,
    pub layout: MemoryLayout,
    /// Which axes are y and x, taken modulo their number.
    pub spatial: (u8, u8),
    pub cuts: Vec<Cut>,
}

/// A rotated grid of halves and quarters of small numbers, so that no product of them is rounded.
pub fn skewed() -> GeoTransform {
    GeoTransform::from_gdal([100.0, 2.0, 0.5, 50.0, -0.25, -3.0]).unwrap()
}

/// Cuts the raster and the array, and compares them after each cut.
pub fn check(case: &Case) {
    for_pixel_type!(case.pixel_type, T => check_as::<T>(case));
}

/// What the raster must show after the cuts so far.
struct Expected<T> {
    array: ArrayD<T>,
    /// The axis, and for each index that is left, its index before the first cut.
    y: (usize, Vec<usize>),
    x: (usize, Vec<usize>),
}

impl<T: Pixel> Expected<T> {
    fn cut(&mut self, axis: usize, slice: Slice) {
        self.array.slice_axis_inplace(Axis(axis), slice);
        for (other, seen) in [&mut self.y, &mut self.x] {
            if *other == axis {
                *seen = Array1::from(seen.clone()).slice_axis(Axis(0), slice).to_vec();
            }
        }
    }

    fn cut_range(&mut self, axis: usize, (start, end): (usize, usize)) {
        self.cut(axis, Slice::new(start as isize, Some(end as isize), 1));
    }
}

fn check_as<T: Pixel>(case: &Case) {
    let array = case.memory.array::<T>().broadcast(case.memory.shape()).unwrap().to_owned();
    let ndim = array.ndim();
    let y = usize::from(case.spatial.0) % ndim;
    let x = (y + 1 + usize::from(case.spatial.1) % (ndim - 1)) % ndim;
    let mut names: Vec<String> = (0..ndim).map(|axis| format!("d{axis}")).collect();
    (names[y], names[x]) = ("y".into(), "x".into());
    let Ok(band) = case.memory.band::<T>(case.layout) else { return };
    let raster = Raster::from_bands([band.with_dim_names(names.clone()).unwrap()]).unwrap();
    let mut raster = raster.with_transform(skewed());
    let all = |axis: usize| (axis, (0..array.shape()[axis]).collect());
    let mut expected = Expected { y: all(y), x: all(x), array };
    for cut in &case.cuts {
        raster = apply(*cut, &raster, &names, &mut expected);
        assert_shows(&raster.as_ref(), &expected);
    }
}

fn apply<T: Pixel>(cut: Cut, raster: &Raster, names: &[String], expected: &mut Expected<T>) -> Raster {
    let (y, x) = (expected.y.0, expected.x.0);
    let (height, width) = (expected.y.1.len(), expected.x.1.len());
    match cut {
        Cut::Dim { axis, range, step } => {
            let axis = usize::from(axis) % names.len();
            let slice = range.slice(expected.array.len_of(Axis(axis)), step);
            expected.cut(axis, slice);
            raster.slice_dim(&names[axis], slice).unwrap()
        }
        Cut::Window { rows, cols } => {
            let (rows, cols) = (rows.within(height), cols.within(width));
            assert!(raster.window(rows.0..height + 1, ..).is_err() && raster.window(.., width + 1..).is_err());
            expected.cut_range(y, rows);
            expected.cut_range(x, cols);
            raster.window(rows.0..rows.1, cols.0..cols.1).unwrap()
        }
        Cut::Tile { height: rows, width: cols, overlap, number } => {
            let size = (usize::from(rows % 7) + 1, usize::from(cols % 7) + 1);
            let overlap = usize::from(overlap % 4);
            let tiles = raster.tiles_with_overlap(size.0, size.1, overlap).unwrap();
            let (down, across) = (height.div_ceil(size.0), width.div_ceil(size.1));
            assert_eq!(raster.tile_grid(size.0, size.1).unwrap(), (down, across));
            assert_eq!(tiles.len(), down * across);
            if tiles.is_empty() {
                return raster.clone();
            }
            let number = usize::from(number) % tiles.len();
            let part = |tile: usize, size: usize, extent: usize| {
                ((tile * size).saturating_sub(overlap), ((tile + 1) * size + overlap).min(extent))
            };
            expected.cut_range(y, part(number / across, size.0, height));
            expected.cut_range(x, part(number % across, size.1, width));
            tiles.get(number).unwrap().to_raster().unwrap()
        }
    }
}

fn assert_shows<T: Pixel>(raster: &RasterRef<'_>, expected: &Expected<T>) {
    assert_reads::<T>(&raster.only_band().unwrap(), expected.array.shape(), &bytes(&expected.array));
    let (rows, cols) = (&expected.y.1, &expected.x.1);
    assert_eq!((raster.height().unwrap(), raster.width().unwrap()), (rows.len(), cols.len()));
    let transform = raster.transform().unwrap();
    for (row, was_row) in rows.iter().enumerate() {
        for (col, was_col) in cols.iter().enumerate() {
            let is = transform.pixel_center(row as i64, col as i64);
            assert_eq!(is, skewed().pixel_center(*was_row as i64, *was_col as i64));
        }
    }
}
