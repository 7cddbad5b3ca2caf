//! A column of rasters that are alike as one array, `(row, band, y, x)`, which is what models take.
//!
//! Stands above `read` and `write`.
//!
//! - [`rows`] reads rows that must be alike. [`view`] borrows them as one array, [`copy`] copies and converts them into one.
//! - [`into`] moves their memory out again. [`pack`] makes a column that can be borrowed.
//! - `tensor` (feature `fixed_shape_tensor`) exchanges it with Arrow's tensors.

mod rows;

// Constructors first: the documentation lists methods in the order of these lines.
pub(crate) mod view;

mod copy;

mod into;
mod pack;
#[cfg(feature = "fixed_shape_tensor")]
mod tensor;
