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
