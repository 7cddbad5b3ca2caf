//! The promises of the crate, a module each.

mod fixtures;
mod malformed;
mod round_trip;
mod sedonadb;
