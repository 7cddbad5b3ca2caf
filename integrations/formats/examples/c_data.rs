//! Rasters over Arrow's C Data Interface: to another language or another version of arrow in the same process.
//!
//! `cargo run --example c_data`: one side exports a column and its field, as a module for Python does by PyCapsules; the
//! other imports them, finds the extension type, and reads the exporter's own memory.

use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::{Array, RecordBatch, make_array};
use arrow_schema::{Field, Schema};
use ndraster::RasterArray;
use ndraster_formats::{Result, elevation};

fn main() -> Result<()> {
    run()
}

/// Everything.
pub(crate) fn run() -> Result<()> {
    let model = elevation()?;
    let pixels_at = model.as_array_view2::<i16>()?.as_ptr();

    let (array, schema) = export(&RasterArray::from(model.clone()))?;
    // Only these two structs cross over. In Python they are the capsules of `__arrow_c_array__`.
    let column = import(array, &schema)?;

    let raster = column.get(0).ok_or("the row is null")?;
    let view = raster.as_array_view2::<i16>()?;
    println!("exported  {pixels_at:p}\nimported  {:p}", view.as_ptr());
    if view.as_ptr() != pixels_at {
        return Err("the pixels were copied".into());
    }
    if (raster.crs()?, raster.bbox()?) != (model.crs()?, model.bbox()?) {
        return Err("it came back to another place on the ground".into());
    }
    // The importer may outlive the exporter: the memory is let go by whoever is last.
    drop(model);
    println!(
        "highest   {} m",
        column.get(0).ok_or("the row is null")?.as_array_view2::<i16>()?.iter().max().ok_or("empty")?
    );
    Ok(())
}

/// A column as C structs; the schema is the field's, since an array alone has no extension name.
pub(crate) fn export(column: &RasterArray) -> Result<(FFI_ArrowArray, FFI_ArrowSchema)> {
    let (array, _) = to_ffi(&column.as_struct_array().to_data())?;
    Ok((array, FFI_ArrowSchema::try_from(&column.field("rast"))?))
}

/// The column that somebody exported.
pub(crate) fn import(array: FFI_ArrowArray, schema: &FFI_ArrowSchema) -> Result<RasterArray> {
    let field = Field::try_from(schema)?;
    // SAFETY: the structs come from an exporter that keeps to the interface's specification. What they point to is not
    // checked here: ndraster looks at nothing without checking it.
    #[allow(unsafe_code, reason = "importing is trusting the exporter with pointers")]
    let data = unsafe { from_ffi(array, schema) }?;
    // By a batch, so that a field of another extension type is refused.
    let name = field.name().clone();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![make_array(data)])?;
    Ok(RasterArray::from_batch(&batch, &name)?)
}
