//! Tables of rasters in a SedonaDB context, and queries.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::error::Result;
use ndraster::{RasterArray, RasterRef};
use sedona::context::SedonaContext;

/// A context with all functions, and a table `t` of the columns `id`, which counts from 0, and `rast`.
pub(crate) async fn context(rasters: RasterArray) -> SedonaContext {
    let ctx = SedonaContext::new_local_interactive().await.unwrap();
    ndraster_sedonadb::register_all(&ctx).unwrap();
    ctx.ctx.register_batch("t", batch(rasters)).unwrap();
    ctx
}

pub(crate) fn batch(rasters: RasterArray) -> RecordBatch {
    let ids = Int64Array::from_iter_values(0..rasters.len() as i64);
    let schema = Schema::new(vec![Field::new("id", DataType::Int64, false), rasters.field("rast")]);
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(StructArray::from(rasters))];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

pub(crate) async fn batches(ctx: &SedonaContext, sql: &str) -> Result<Vec<RecordBatch>> {
    ctx.sql(sql).await?.collect().await
}

/// The rasters of a query's first column, batch by batch.
pub(crate) async fn rasters(ctx: &SedonaContext, sql: &str) -> Vec<RasterArray> {
    let batches = batches(ctx, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    batches.iter().map(|batch| RasterArray::try_from(batch.column(0)).unwrap()).collect()
}

/// All columns of a query as numbers, row by row.
pub(crate) async fn numbers(ctx: &SedonaContext, sql: &str) -> Vec<Vec<Option<f64>>> {
    let mut rows = Vec::new();
    for batch in batches(ctx, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}")) {
        let columns: Vec<ArrayRef> = batch
            .columns()
            .iter()
            .map(|column| datafusion::arrow::compute::cast(column, &DataType::Float64).unwrap())
            .collect();
        let value =
            |column: &ArrayRef, row| column.is_valid(row).then(|| column.as_primitive::<Float64Type>().value(row));
        rows.extend((0..batch.num_rows()).map(|row| columns.iter().map(|column| value(column, row)).collect()));
    }
    rows
}

/// The message of a query that fails.
pub(crate) async fn error(ctx: &SedonaContext, sql: &str) -> String {
    match batches(ctx, sql).await {
        Ok(found) => panic!("{sql}: {found:?}"),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn address(raster: &RasterRef<'_>) -> *const f32 {
    raster.as_array_view2::<f32>().unwrap().as_ptr()
}
