//! SedonaDB's reader finds the same in every column that ndraster writes.

use arrow_array::StructArray;
use ndarray::Slice;
use ndraster::{MemoryLayout, Pixel, PixelType, Raster, RasterArray, RasterArrayBuilder};
use ndraster_sedona::assert_same_reading;
use ndraster_test_support::cases::dim_names;
use ndraster_test_support::cases::memory::{Memory, pixel};
use ndraster_test_support::for_pixel_type;
use ndraster_test_support::strategies::{layout, memory, one_in, pixel_bytes, pixel_type};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Row {
    pixel_type: PixelType,
    memory: Memory,
    layout: MemoryLayout,
    nodata: Option<[u8; 8]>,
    crs: Option<String>,
    /// Indices to skip at the start of the first axis, and the step. The raster shows them through a view.
    slice: Option<(usize, isize)>,
}

fn rows() -> impl Strategy<Value = Vec<Option<Row>>> {
    let crs = prop::option::of("[A-Z]{0,4}:[0-9]{0,12}");
    let slice = prop::option::of((0..4usize, prop::sample::select(vec![-2isize, -1, 1, 3])));
    let row = (pixel_type(), memory(2..=5), layout(), prop::option::of(pixel_bytes()), crs, slice).prop_map(
        |(pixel_type, memory, layout, nodata, crs, slice)| Row { pixel_type, memory, layout, nodata, crs, slice },
    );
    vec(prop::option::weighted(0.9, row), 0..6)
}

impl Row {
    /// Returns `None` if the layout refuses the array, which other tests check.
    fn raster<T: Pixel>(&self) -> Option<Raster> {
        let names = dim_names(self.memory.shape().len());
        let mut band = self.memory.band::<T>(self.layout).ok()?.with_dim_names(&names).unwrap();
        if let Some(bytes) = self.nodata {
            band = band.with_nodata::<T>(pixel(&bytes)).unwrap();
        }
        let mut raster = Raster::from_bands([band]).unwrap();
        if let Some(crs) = &self.crs {
            raster = raster.with_crs(crs);
        }
        if let Some((start, step)) = self.slice {
            let start = start.min(self.memory.shape()[0]) as isize;
            raster = raster.slice_dim(&names[0], Slice::new(start, None, step)).unwrap();
        }
        Some(raster)
    }

    fn any_raster(&self) -> Option<Raster> {
        for_pixel_type!(self.pixel_type, T => self.raster::<T>())
    }
}

proptest! {
    #![proptest_config(one_in(1))]

    #[test]
    fn sedona_reads_what_is_written(rows in rows(), height in 1..4usize, width in 1..4usize) {
        let mut column = RasterArrayBuilder::new();
        for row in &rows {
            column.append(row.as_ref().and_then(Row::any_raster).as_ref()).unwrap();
        }
        let column = column.finish().unwrap();
        assert_same_reading(column.as_struct_array());
        assert_same_reading(column.slice(rows.len() / 2, rows.len().div_ceil(2)).unwrap().as_struct_array());
        assert_same_reading(column.to_standard().unwrap().as_struct_array());
        if let Some(raster) = column.iter().flatten().next() {
            let tiles: RasterArray = raster.tiles(height, width).unwrap();
            assert_same_reading(&StructArray::from(tiles));
        }
    }
}
