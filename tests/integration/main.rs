//! The promises of the crate, a module each.

mod allocations;
mod cases;
mod columns;
mod conversions;
mod dem;
mod errors;
mod fixtures;
mod geo;
mod hostile;
mod inputs;
mod layouts;
mod limits;
mod malformed;
mod nodata;
mod properties;
mod random;
mod raw;
mod readers;
mod round_trip;
mod sedonadb;
mod slicing;
mod stack;
mod storage;
mod tiles;
mod views;
mod zero_copy;
