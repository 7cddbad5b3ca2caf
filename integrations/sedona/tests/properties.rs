//! Whatever is written here, SedonaDB reads, and reads as it is.

use arrow_array::StructArray;
use ndarray::Slice;
use ndraster::{MemoryLayout, Pixel, PixelType, Raster, RasterArray, RasterArrayBuilder};
use ndraster_sedona::assert_same_reading;
use proptest::collection::vec;
use proptest::prelude::*;

mod cases;
#[path = "../../../tests/integration/strategies.rs"]
mod strategies;

use cases::memory::{Memory, pixel};
use strategies::{layout, memory, one_in, pixel_bytes, pixel_type};

#[derive(Clone, Debug)]
struct Row {
    pixel_type: PixelType,
    memory: Memory,
    layout: MemoryLayout,
    nodata: Option<[u8; 8]>,
    crs: Option<String>,
    /// Indices to skip at the start of the first axis, and the step; seen through a view.
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
    /// None if the layout cannot say it, which is not the question here.
    fn raster<T: Pixel>(&self) -> Option<Raster> {
        let names: Vec<String> = (0..self.memory.shape().len()).map(|axis| format!("d{axis}")).collect();
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
        match self.pixel_type {
            PixelType::UInt8 => self.raster::<u8>(),
            PixelType::UInt16 => self.raster::<u16>(),
            PixelType::Int16 => self.raster::<i16>(),
            PixelType::UInt32 => self.raster::<u32>(),
            PixelType::Int32 => self.raster::<i32>(),
            PixelType::Float32 => self.raster::<f32>(),
            PixelType::Float64 => self.raster::<f64>(),
            PixelType::UInt64 => self.raster::<u64>(),
            PixelType::Int64 => self.raster::<i64>(),
            PixelType::Int8 => self.raster::<i8>(),
        }
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
