//! The promises of the crate, a module each.

mod fixtures;
mod round_trip;
mod sedonadb;
