//! Costs that do not depend on the number of pixels.

use arrow_array::StructArray;
use arrow_buffer::Buffer;
use ndarray::Array2;
use ndraster::{Band, Raster, RasterArray, RasterArrayBuilder, RasterArrayView};
use ndraster_sedona::peer;
use sedona_raster::array::RasterStructArray;

use crate::measure::{medians, work};
use crate::report::Report;

const EXTENTS: [usize; 2] = [256, 256];
const TILE: [usize; 2] = [16, 16];
const TILES: usize = 10_000;

fn buffer() -> Buffer {
    Buffer::from_vec(vec![1f32; EXTENTS[0] * EXTENTS[1]])
}

/// Rasters and columns out of arrays.
pub fn write(report: &mut Report) {
    // A shared handle stands for the array, so that neither side's time has an array's allocation in it.
    let shared = Array2::<f32>::ones(EXTENTS).into_shared();
    let pixels = buffer();
    for (bands, ratio) in [(1, 1.0 / 10.0), (4, 1.0 / 7.0)] {
        let ours = || {
            let bands = (0..bands).map(|_| Band::from_ndarray(shared.clone()).unwrap());
            StructArray::from(Raster::from_bands(bands).unwrap())
        };
        let buffers = vec![pixels.clone(); bands];
        let theirs = || peer::share(&buffers, EXTENTS).unwrap();
        let [our_time, their_time] = medians([work(ours), work(theirs)]);
        report.ratio(&format!("a raster of {bands} band(s)"), ratio, our_time, their_time, "");
    }
    columns(report);
}

fn columns(report: &mut Report) {
    let tiles: Vec<Array2<f32>> = (0..TILES).map(|tile| Array2::from_elem(TILE, tile as f32)).collect();
    let bytes = |tile: &'static Array2<f32>| bytemuck::cast_slice(tile.as_slice().unwrap());
    let tiles: &'static [Array2<f32>] = tiles.leak();
    let rasters: Vec<Raster> = tiles.iter().map(|tile| Raster::from_ndarray(tile).unwrap()).collect();
    let ours = || {
        let mut column = RasterArrayBuilder::new();
        rasters.iter().for_each(|raster| column.append(raster).unwrap());
        column.finish().unwrap()
    };
    let column = ours();
    let from_column = || {
        let mut builder = RasterArrayBuilder::new();
        column.iter().for_each(|raster| builder.append(raster).unwrap());
        builder.finish().unwrap()
    };
    let from_rasters = || -> RasterArray { tiles.iter().map(|tile| Raster::from_ndarray(tile).unwrap()).collect() };
    let from_arrays = || RasterArray::from_ndarrays(tiles).unwrap();
    let theirs = || peer::copy(tiles.iter().map(bytes), TILES, TILE).unwrap();
    let pixels = || copied_into_blocks(tiles.iter().map(bytes));
    let [appended, rows, wrapped, arrays, copied, their_time] =
        medians([work(ours), work(from_column), work(from_rasters), work(from_arrays), work(pixels), work(theirs)]);
    let floor = format!("the pixels alone {:.2} x", copied / their_time);
    report.ratio("column of 10,000 16x16 f32 tiles, of rasters", 0.3, appended, their_time, &floor);
    report.ratio("the same, of rows of a column", 0.3, rows, their_time, &floor);
    report.ratio("the same, of arrays by a raster each", 1.4, wrapped, their_time, &floor);
    report.ratio("the same, of arrays by append_ndarray", 0.45, arrays, their_time, &floor);
}

/// The pixels and nothing else, in blocks as large as a column's.
fn copied_into_blocks<'a>(tiles: impl Iterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    const BLOCK: usize = 2 << 20;
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    for tile in tiles {
        match blocks.last_mut() {
            Some(block) if block.len() + tile.len() <= BLOCK => block.extend_from_slice(tile),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.extend_from_slice(tile);
                blocks.push(block);
            }
        }
    }
    blocks
}

/// Columns read as arrays.
pub fn read(report: &mut Report) {
    let raster = Raster::from_ndarray(Array2::<f32>::ones(EXTENTS)).unwrap();
    let array = StructArray::from(raster);
    let mut given = Some(array.clone());
    let row = || RasterArrayView::try_from(&array).unwrap().get(0).unwrap();
    let [ours, borrowed, borrowed2, theirs] = medians([
        work(|| {
            let column = RasterArray::try_from(given.take().unwrap()).unwrap();
            let corners = column.get(0).unwrap().as_array_view::<f32>().unwrap().sum_of_corners();
            given = Some(StructArray::from(column));
            corners
        }),
        work(|| row().as_array_view::<f32>().unwrap().sum_of_corners()),
        work(|| row().as_array_view2::<f32>().unwrap().sum_of_corners()),
        work(|| peer::read_row(&array, peer_corner).unwrap()),
    ]);
    report.ratio("read: StructArray row to ArrayViewD, column moved", 1.0, ours, theirs, "");
    report.ratio("read: StructArray row to ArrayViewD, borrowed", 0.60, borrowed, theirs, "");
    report.ratio("read: StructArray row to ArrayView2, borrowed", 0.52, borrowed2, theirs, "");
    in_hand(report, "read: raster in hand", &array, [0.5, 0.12]);
    let view = peer::with_view(&buffer(), EXTENTS).unwrap();
    in_hand(report, "read through a view: raster in hand", &view, [0.75, 0.75]);
    scan(report);
}

fn in_hand(report: &mut Report, what: &str, array: &StructArray, [goal, goal2]: [f64; 2]) {
    let column = RasterArray::try_from(array).unwrap();
    let ours = column.get(0).unwrap();
    let theirs = RasterStructArray::try_new(array).unwrap();
    let theirs = theirs.get(0).unwrap();
    let [dynamic, fixed, their_time] = medians([
        work(|| ours.as_array_view::<f32>().unwrap().sum_of_corners()),
        work(|| ours.as_array_view2::<f32>().unwrap().sum_of_corners()),
        work(|| peer::read_band(&theirs, peer_corner).unwrap()),
    ]);
    report.ratio(&format!("{what} to ArrayViewD"), goal, dynamic, their_time, "");
    report.ratio(&format!("{what} to ArrayView2"), goal2, fixed, their_time, "");
}

fn scan(report: &mut Report) {
    let tile = Raster::from_ndarray(Array2::<f32>::ones(TILE)).unwrap();
    let column: RasterArray = (0..TILES).map(|_| tile.clone()).collect();
    let array = column.as_struct_array();
    let [dynamic, fixed, typed, their_time] = medians([
        work(|| {
            column.iter().flatten().map(|raster| raster.as_array_view::<f32>().unwrap().sum_of_corners()).sum::<f32>()
        }),
        work(|| {
            column.iter().flatten().map(|raster| raster.as_array_view2::<f32>().unwrap().sum_of_corners()).sum::<f32>()
        }),
        work(|| column.array_views2::<f32>().map(|view| view.unwrap().unwrap().sum_of_corners()).sum::<f32>()),
        work(|| {
            let rasters = RasterStructArray::try_new(array).unwrap();
            (0..rasters.len()).map(|row| peer::read_band(&rasters.get(row).unwrap(), peer_corner).unwrap()).sum::<u64>()
        }),
    ]);
    report.ratio("scan of 10,000 tiles to ArrayViewD", 0.42, dynamic, their_time, "");
    report.ratio("scan of 10,000 tiles to ArrayView2", 0.22, fixed, their_time, "");
    report.ratio("scan of 10,000 tiles by array_views2", 0.07, typed, their_time, "");
}

/// Something that takes the view's shape, strides and pixels, so that none of them is optimised away.
pub trait Corners {
    fn sum_of_corners(&self) -> f32;
}

impl<D: ndarray::Dimension> Corners for ndarray::ArrayView<'_, f32, D> {
    fn sum_of_corners(&self) -> f32 {
        std::hint::black_box(self);
        self.first().copied().unwrap_or_default()
    }
}

pub fn peer_corner(buffer: &sedona_raster::traits::NdBuffer<'_>) -> u64 {
    std::hint::black_box(buffer);
    u64::from(buffer.buffer[buffer.offset as usize])
}

/// An array to Arrow and back out.
pub fn round_trip(report: &mut Report) {
    let array = Array2::<f32>::ones(EXTENTS);
    let mut kept = Some(array.into_dyn());
    let [ours] = medians([work(|| {
        let array = StructArray::from(Raster::from_ndarray(kept.take().unwrap()).unwrap());
        kept = Some(Raster::try_from(array).unwrap().into_array::<f32>().unwrap());
    })]);
    report.time("array to Arrow to array, the sole owner", 1300.0, ours);
}
