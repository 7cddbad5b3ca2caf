//! Tables of rasters, and queries that give one value.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;
use ndraster::RasterArray;

/// Makes a session with all functions of the package, the given functions, and a table `t`. It has a column `id`, which counts
/// from 0, and a column `rast`.
pub(crate) fn session(rasters: RasterArray, functions: impl IntoIterator<Item = ScalarUDF>) -> SessionContext {
    let mut ctx = SessionContext::new();
    ndraster_datafusion::register_all(&mut ctx).unwrap();
    functions.into_iter().for_each(|function| ctx.register_udf(function));
    let ids = Int64Array::from_iter_values(0..rasters.len() as i64);
    let schema = Schema::new(vec![Field::new("id", DataType::Int64, false), rasters.field("rast")]);
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(StructArray::from(rasters))];
    ctx.register_batch("t", RecordBatch::try_new(Arc::new(schema), columns).unwrap()).unwrap();
    ctx
}

/// Returns all batches of a query.
pub(crate) async fn batches(ctx: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>> {
    ctx.sql(sql).await?.collect().await
}

/// Returns the first column of a query's only batch.
pub(crate) async fn column(ctx: &SessionContext, sql: &str) -> ArrayRef {
    let batches = batches(ctx, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    assert_eq!(batches.len(), 1, "{sql}");
    Arc::clone(batches[0].column(0))
}

/// Returns the rasters of a query's first column.
pub(crate) async fn rasters(ctx: &SessionContext, sql: &str) -> RasterArray {
    RasterArray::try_from(column(ctx, sql).await).unwrap()
}

/// Returns the message of a query that fails.
pub(crate) async fn error(ctx: &SessionContext, sql: &str) -> String {
    match batches(ctx, sql).await {
        Ok(found) => panic!("{sql}: {found:?}"),
        Err(error) => error.to_string(),
    }
}
