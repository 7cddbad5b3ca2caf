//! What calls cost, and what they cost as the work grows. `cargo bench --bench costs -- read` runs a part.
//!
//! Where pixels are copied, memcpy and ndarray stand beside it. SedonaDB's own crate is in `integrations/sedona`.

mod calls;
mod column;
mod convert;
mod gather;
mod read;
mod round_trip;
mod write;

criterion::criterion_main!(
    write::costs,
    read::costs,
    column::costs,
    gather::costs,
    convert::costs,
    round_trip::costs,
    calls::costs
);

/// Columns of tiles.
mod tiles {
    use ndraster::ndarray::Array2;
    use ndraster::{Raster, RasterArray};

    pub(crate) const EXTENTS: [usize; 2] = [16, 16];

    pub(crate) fn rasters(count: usize) -> Vec<Raster> {
        (0..count).map(|tile| Raster::from_ndarray(Array2::from_elem(EXTENTS, tile as f32)).unwrap()).collect()
    }

    pub(crate) fn column(count: usize) -> RasterArray {
        let raster = rasters(1).remove(0);
        (0..count).map(|_| raster.clone()).collect()
    }
}
