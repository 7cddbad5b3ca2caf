//! What the tests of ndraster share: its integration tests, its fuzz targets and its integrations with other crates.
//!
//! - Columns to read: [`fixtures`] opens the files that SedonaDB and other engines wrote, [`hostile`] makes valid columns that
//!   claim more than they are, [`raw`] puts a column together by arrow's own constructors, [`engine_types`] puts one into the
//!   types that engines make of it, [`random`] gives the same numbers in every run.
//! - Expectations: [`cases`] says what must hold for any array, view or chain of slices, [`manifest`] what each file of
//!   SedonaDB must read as.
//! - Means: [`readers`] is the table of every call that reads, [`strategies`] draws cases for property tests,
//!   [`allocations`] counts what a call allocates, [`panics`] lets other crates panic, [`payloads`] finds the payloads of a
//!   column in arrow's arrays.

pub mod allocations;
pub mod cases;
pub mod engine_types;
#[cfg(feature = "fixtures")]
pub mod fixtures;
pub mod hostile;
#[cfg(feature = "fixtures")]
pub mod manifest;
pub mod panics;
pub mod payloads;
pub mod random;
pub mod raw;
pub mod readers;
#[cfg(feature = "proptest")]
pub mod strategies;

// For the macros of this package.
#[doc(hidden)]
pub use ndraster::PixelType;
