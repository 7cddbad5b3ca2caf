//! A fixed convolution by tract, over a column of tiles, beside ndarray's own arithmetic.

use std::sync::Arc;

use ndraster::ndarray::{Array4, ArrayView4, Axis, s};
use ndraster::{Band, Batch, GeoTransform, MemoryLayout, Raster, RasterArray};
use ndraster_tract::{predict, to_tensor};
use tract_core::internal::*;
use tract_core::ops::cnn::{Conv, KernelFormat, PaddingSpec, PoolSpec};
use tract_core::ops::nn::DataFormat;

const BANDS: usize = 3;
const OUT: usize = 2;

/// Whole numbers, so that sums are exact in any order.
fn weights() -> Array4<f32> {
    Array4::from_shape_fn((OUT, BANDS, 3, 3), |(o, i, y, x)| ((7 * o + 5 * i + 3 * y + x) % 11) as f32 - 5.0)
}

/// A convolution of 3 x 3 pixels, with zeros around the tiles.
fn model(shape: &[usize]) -> TractResult<Arc<TypedRunnableModel>> {
    let mut model = TypedModel::default();
    let tiles = model.add_source("tiles", f32::fact(shape))?;
    let kernel = model.add_const("kernel", Tensor::from(weights()))?;
    let bias = model.add_const("bias", tensor1(&[1f32, -2.0]))?;
    let pool_spec = PoolSpec {
        data_format: DataFormat::NCHW,
        kernel_shape: tvec!(3, 3),
        padding: PaddingSpec::SameUpper,
        dilations: None,
        strides: None,
        input_channels: BANDS,
        output_channels: OUT,
    };
    let conv = Conv { pool_spec, kernel_fmt: KernelFormat::OIHW, group: 1, q_params: None };
    let output = model.wire_node("conv", conv, &[tiles, kernel, bias])?;
    model.select_output_outlets(&output)?;
    model.into_optimized()?.into_runnable()
}

/// The same, with ndarray alone.
fn convolved(tiles: ArrayView4<'_, f32>) -> Array4<f32> {
    let (n, bands, height, width) = tiles.dim();
    let mut padded = Array4::zeros((n, bands, height + 2, width + 2));
    padded.slice_mut(s![.., .., 1..=height, 1..=width]).assign(&tiles);
    let mut results = Array4::zeros((n, OUT, height, width));
    for (out, mut result) in results.axis_iter_mut(Axis(1)).enumerate() {
        result.fill([1.0, -2.0][out]);
        for ((o, band, y, x), weight) in weights().indexed_iter() {
            if o == out {
                result.scaled_add(*weight, &padded.slice(s![.., band, y..y + height, x..x + width]));
            }
        }
    }
    results
}

fn tiles(n: usize) -> Array4<f32> {
    Array4::from_shape_fn((n, BANDS, 6, 9), |(n, band, y, x)| ((31 * n + 17 * band + 5 * y + 3 * x) % 200) as f32)
}

#[test]
fn a_batch_view_goes_through_a_convolution() -> TractResult<()> {
    let pixels = tiles(20);
    let (expected, address) = (convolved(pixels.view()), pixels.as_ptr());
    let column = RasterArray::from_ndarray_batch(pixels)?;
    let view = column.as_batch_view4::<f32>()?;
    assert_eq!(view.as_ptr(), address);
    // By hand, from the memory of the column itself.
    let tensor = Tensor::from_shape(view.shape(), view.as_slice().expect("one after the other"))?;
    let outputs = model(view.shape())?.run(tvec![tensor.into()])?;
    assert_eq!(outputs[0].to_plain_array_view::<f32>()?, expected.view().into_dyn());
    // And by one call.
    let results = predict(&model(view.shape())?, &column)?.finish()?;
    assert_eq!(results.as_batch_view4::<f32>()?, expected);
    Ok(())
}

#[test]
fn images_of_bytes_in_any_order_become_predictions_where_they_lie() -> TractResult<()> {
    // Interleaved bytes, cut into 2 by 3 tiles, which are views of one payload.
    let (rows, cols) = (2, 3);
    let scene = Array4::from_shape_fn((1, BANDS, rows * 6, cols * 9), |(_, band, y, x)| (50 * band + 7 * y + x) as u8);
    let scene = scene.index_axis_move(Axis(0), 0);
    let interleaved = scene.view().permuted_axes([1, 2, 0]).as_standard_layout().into_owned();
    let raster = Raster::from_bands(Band::split_with(interleaved, Axis(2), MemoryLayout::AsIs)?)?
        .with_transform(GeoTransform::from_gdal([600.0, 10.0, 0.0, 5000.0, 0.0, -10.0])?)
        .with_crs("EPSG:32632");
    let column = raster.tiles(6, 9)?;
    let model = model(&[rows * cols, BANDS, 6, 9])?;
    let map = predict(&model, &column)?.with_tile_grid(raster.transform()?, cols)?.finish()?.to_mosaic(0)?;
    assert_eq!(map.transform()?, raster.transform()?);
    for row in 0..rows {
        for col in 0..cols {
            let here = s![.., row * 6..(row + 1) * 6, col * 9..(col + 1) * 9];
            let tile = scene.slice(here).mapv(f32::from).insert_axis(Axis(0));
            assert_eq!(
                map.to_stack::<f32>()?.slice(here),
                convolved(tile.view()).index_axis(Axis(0), 0),
                "{row}, {col}"
            );
        }
    }
    Ok(())
}

#[test]
fn the_first_axis_of_a_tile_is_y_for_the_model_whatever_its_dims() -> TractResult<()> {
    // Square, so that a swapped axis shows in the pixels alone.
    let pixels = Array4::from_shape_fn((4, BANDS, 6, 6), |(n, band, y, x)| (100 * n + 40 * band + 6 * y + x) as f32);
    let x_first =
        Batch::from_ndarray(pixels.view().permuted_axes([0, 1, 3, 2]))?.with_dim_names(["x", "y"])?.finish()?;
    assert_eq!(to_tensor(&x_first)?.to_plain_array_view::<f32>()?, pixels.view().into_dyn());
    let results = predict(&model(pixels.shape())?, &x_first)?.finish()?;
    assert_eq!(results.as_batch_view4::<f32>()?, convolved(pixels.view()));
    Ok(())
}

#[test]
fn what_cannot_be_a_batch_is_an_error() -> TractResult<()> {
    let tile = |rows, cols| Raster::from_ndarray(ndraster::ndarray::Array2::<f32>::zeros((rows, cols)));
    let message = |column: RasterArray| to_tensor(&column).unwrap_err().to_string();
    assert_eq!(message(RasterArray::from_iter(Vec::<Raster>::new())), "there is no tile, so no shape of a batch");
    let with_null = RasterArray::from_iter([None, Some(tile(2, 2)?)]);
    assert!(message(with_null).contains("row 0"));
    let unequal = RasterArray::from_iter([tile(2, 2)?, tile(2, 3)?]);
    assert!(message(unequal).contains("row 1"));
    Ok(())
}
