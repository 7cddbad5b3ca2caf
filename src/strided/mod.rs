//! Computes where pixels lie in memory, and copies them.
//!
//! This folder uses slices, shapes, strides and the format's [view](crate::view). It does not use Arrow, bands or
//! rasters.
//!
//! - [`layout`] turns a view into strides, [`infer`] turns strides into a view.
//! - [`array_view`] makes an ndarray array view from strides.
//! - [`copy`] plans a copy into C order. [`transpose`] and [`simd`] copy what is not a plain run of pixels.
//! - [`gather`] copies whole arrays into C order, [`convert`] changes the type of pixels.

pub(crate) mod array_view;
pub(crate) mod convert;
pub(crate) mod copy;
pub(crate) mod gather;
pub(crate) mod infer;
pub(crate) mod layout;
pub(crate) mod level;
#[cfg(test)]
mod oracle;
mod simd;
mod transpose;
