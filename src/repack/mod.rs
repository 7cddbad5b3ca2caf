//! Makes columns into other columns of the same rasters.
//!
//! This folder stands above everything else: nothing imports from it.

mod aligned;
mod canonical;
mod compact;
mod offset;
mod relocate;
mod standard;
