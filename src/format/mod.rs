//! Defines how rasters are stored in Arrow: the schema, the nested arrays, their values and their builders.
//!
//! The code here handles Arrow arrays and single values. Whether they make a valid band or raster is checked in `read`
//! and guaranteed by `write`.
//!
//! - [`schema`] is the storage type. [`columns`] finds its nested arrays, [`values`] reads single values, [`payload`] the
//!   values of the payload column.
//! - [`builders`] and [`payload_builder`] build these arrays. [`defaults`] caches those that most rasters share.
//! - [`nodata`] converts between stored bytes and a pixel, [`intervals`] counts memory that payloads share once.

pub(crate) mod builders;
pub(crate) mod columns;
pub(crate) mod defaults;
pub(crate) mod intervals;
pub(crate) mod nodata;
pub(crate) mod payload;
pub(crate) mod payload_builder;
pub(crate) mod schema;
pub(crate) mod values;
