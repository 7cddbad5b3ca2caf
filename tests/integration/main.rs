//! The promises of the crate, a module each.

mod round_trip;
