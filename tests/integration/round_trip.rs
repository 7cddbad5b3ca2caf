//! What goes in comes out.

use ndarray::array;
use ndraster::arrow_array::StructArray;
use ndraster::{Raster, RasterArray, Result};

#[test]
fn array_to_struct_array_to_view() -> Result<()> {
    let pixels = array![[1.5f32, 2.0, -0.0, 7.0], [5.0, f32::MAX, 3.0, 1.0]];
    let (expected, address) = (pixels.clone(), pixels.as_ptr());
    let array = StructArray::from(Raster::from_ndarray(pixels)?);
    let column = RasterArray::try_from(array)?;
    let view = column.get(0).unwrap().as_array_view2::<f32>()?;
    assert_eq!(view, expected);
    assert_eq!(view.as_ptr(), address);
    Ok(())
}
