//! Columns made into other columns of the same rasters.
//!
//! Stands above everything else: nothing imports from here.

mod aligned;
mod canonical;
mod compact;
mod offset;
mod relocate;
mod standard;
