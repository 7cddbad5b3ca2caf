//! The promises of the crate, a module each.

mod allocations;
mod fixtures;
mod limits;
mod malformed;
mod random;
mod raw;
mod round_trip;
mod sedonadb;
mod views;
mod zero_copy;
