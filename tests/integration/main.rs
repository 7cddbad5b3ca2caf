//! The promises of the crate, a module each. What the modules share is the package in `support`.

use ndraster_test_support::allocations::Counting;

mod allocations;
mod batch_memory;
mod batch_packing;
mod batches;
mod columns;
mod concurrency;
mod conversions;
mod cost;
mod dem;
mod engines;
mod errors;
mod gather;
mod geo;
mod grids;
mod ground;
mod hostile;
mod inputs;
mod layouts;
mod limits;
mod load;
mod malformed;
mod mosaics;
mod multiplied;
mod nodata;
mod properties;
mod readers;
mod round_trip;
mod sedonadb;
mod slicing;
mod stack;
mod storage;
mod tiles;
mod travel;
mod unvalidated;
mod views;
mod zero_copy;

#[global_allocator]
static ALLOCATOR: Counting = Counting;
