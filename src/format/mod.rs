//! The storage type: its schema, its nested arrays, their values and builders.
//!
//! Knows Arrow arrays and single values. Knows nothing of what makes a valid band or raster, which `read` checks and
//! `write` guarantees.

pub(crate) mod builders;
pub(crate) mod columns;
pub(crate) mod defaults;
pub(crate) mod intervals;
pub(crate) mod nodata;
pub(crate) mod payload;
pub(crate) mod payload_builder;
pub(crate) mod schema;
pub(crate) mod values;
