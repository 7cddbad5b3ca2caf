//! Runs [tract](tract_core)'s models over columns of tiles.
//!
//! ```
//! use ndraster::{Band, Raster, ndarray::{Array2, Array3, Axis}};
//! use tract_core::prelude::*;
//!
//! // A model that adds one band to another: (n, 2, y, x) in, (n, 1, y, x) out.
//! let mut model = TypedModel::default();
//! let tiles = model.add_source("tiles", f32::fact([6, 2, 10, 10]))?;
//! let axes = tvec!(1);
//! let sum = tract_core::ops::nn::Reduce::new(axes, tract_core::ops::nn::Reducer::Sum);
//! let sum = model.wire_node("sum", sum, &[tiles])?;
//! model.select_output_outlets(&sum)?;
//! let model = model.into_runnable()?;
//!
//! let bands = Raster::from_bands(Band::split(Array3::<u8>::from_elem((2, 20, 30), 4), Axis(0))?)?;
//! let tiles = bands.tiles(10, 10)?;
//! let sums = ndraster_tract::predict(&model, &tiles)?.with_grid_of(&tiles)?.finish()?;
//! assert_eq!(sums.to_mosaic(0)?.to_array2::<f32>()?, Array2::from_elem((20, 30), 8.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use ndraster::ndarray::Ix4;
use ndraster::{Batch, RasterArray};
use tract_core::internal::{Tensor, TractResult, TypedRunnableModel, anyhow, tvec};

/// Runs a model over all tiles of a column at once.
///
/// The model takes (n, band, y, x) of float32, and gives float32 of shape (n, y, x) or (n, band, y, x) back. The result is a
/// [`Batch`] of one raster for each tile, in the same order. It does not know where the tiles lie: set
/// [`with_grid_of`](Batch::with_grid_of), or where the model gives other extents [`with_transforms`](Batch::with_transforms) and
/// the CRS.
///
/// # Errors
///
/// As [`to_tensor`]; and what the model refuses, or gives back in another shape or type.
///
/// # Cost
///
/// The tiles are copied once, and so is what the model gives back: tract computes on memory of its own.
pub fn predict(model: &Arc<TypedRunnableModel>, tiles: &RasterArray) -> TractResult<Batch> {
    let outputs = model.run(tvec![to_tensor(tiles)?.into()])?;
    let output = outputs.first().ok_or_else(|| anyhow!("the model has no output"))?;
    Ok(Batch::from_ndarray(output.to_plain_array_view::<f32>()?)?)
}

/// Copies the tiles into a tensor (n, band, y, x) of float32.
///
/// # Errors
///
/// If the column is empty, or has a null row, or tiles of different shapes. A pixel that float32 cannot hold is no error: each is
/// converted by Rust's `as`, and nodata is a number like others.
///
/// # Cost
///
/// One tensor. Pixels of other types are converted on the way.
pub fn to_tensor(tiles: &RasterArray) -> TractResult<Tensor> {
    let first = tiles.iter().flatten().next().ok_or_else(|| anyhow!("there is no tile, so no shape of a batch"))?;
    let shape = [tiles.len(), first.num_bands()?, first.height()?, first.width()?];
    let mut tensor = Tensor::zero::<f32>(&shape)?;
    // Four axes that the type says are (row, band, y, x), whatever the order of the tiles' dims.
    let batch = tensor.to_plain_array_view_mut::<f32>()?.into_dimensionality::<Ix4>()?;
    tiles.copy_batch_into_cast(batch)?;
    Ok(tensor)
}
