//! Defines how rasters are stored in Arrow: the schema, the nested arrays, their values and their builders.
//!
//! The code here handles Arrow arrays and single values. Whether they make a valid band or raster is checked in `read`
//! and guaranteed by `write`.

pub(crate) mod builders;
pub(crate) mod columns;
pub(crate) mod defaults;
pub(crate) mod intervals;
pub(crate) mod nodata;
pub(crate) mod payload;
pub(crate) mod payload_builder;
pub(crate) mod schema;
pub(crate) mod values;
