//! Makes columns into other columns of the same rasters.
//!
//! This folder stands above everything else: nothing imports from it.
//!
//! - [`aligned`]: payloads at addresses that suit their pixels. [`standard`]: pixels in C order without a view.
//! - [`load`]: with the pixels of bands that were elsewhere.
//! - [`compact`]: without memory that the column does not refer to.
//! - [`canonical`]: in SedonaDB's own storage type. [`offset`]: without Arrow's view types.
//! - [`relocate`] rewrites columns for the others, [`room`] asks before whether that takes too much.

mod aligned;
mod canonical;
mod compact;
pub(crate) mod load;
mod offset;
mod relocate;
mod room;
mod standard;
