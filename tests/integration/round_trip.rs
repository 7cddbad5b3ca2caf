//! An array becomes a row, and the row an array view of the same memory.

use ndarray::array;
use ndraster::arrow_array::StructArray;
use ndraster::{Raster, RasterArray, Result};

#[test]
fn an_array_becomes_a_struct_array_and_a_view_without_a_copy() -> Result<()> {
    let pixels = array![[1.5f32, 2.0, -0.0, 7.0], [5.0, f32::MAX, 3.0, 1.0]];
    let (expected, address) = (pixels.clone(), pixels.as_ptr());
    let array = StructArray::from(Raster::from_ndarray(pixels)?);
    let column = RasterArray::try_from(array)?;
    let view = column.get(0).unwrap().as_array_view2::<f32>()?;
    assert_eq!(view, expected);
    assert_eq!(view.as_ptr(), address);
    Ok(())
}
