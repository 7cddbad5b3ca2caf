//! How fast SQL takes pixels in: `cargo run --release --example throughput [GB]`, 10 without.
//!
//! The mean of that many bytes of tiles, which are a quarter of it, in memory, scanned four times, on one partition and on two;
//! beside it the same bytes summed by ndarray on one thread and on two, which is what memory gives.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{RecordBatch, StructArray};
use arrow_schema::Schema;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use ndarray::{Array2, ArrayView2};
use ndraster::{Raster, RasterArray};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SIDE: usize = 256;
const SCANS: usize = 4;
const ROWS: usize = 64;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let gigabytes: f64 = std::env::args().nth(1).map_or(Ok(10.0), |argument| argument.parse())?;
    let batches = (gigabytes * 1e9 / (SCANS * ROWS * SIDE * SIDE * 4) as f64).ceil() as usize;
    let tile = |fill: usize| Raster::from_ndarray(Array2::from_elem((SIDE, SIDE), fill as f32)).unwrap();
    let columns: Vec<RasterArray> =
        (0..batches).map(|batch| (0..ROWS).map(|row| tile(batch + row)).collect()).collect();
    let bytes = (batches * ROWS * SIDE * SIDE * 4 * SCANS) as f64;
    println!("{:.1} GB of tiles of {SIDE} x {SIDE} float32", bytes / 1e9);
    for threads in [1, 2] {
        let start = Instant::now();
        for _ in 0..SCANS {
            summed(&columns, threads);
        }
        println!("ndarray, {threads} threads     {:5.1} GB/s", bytes / 1e9 / start.elapsed().as_secs_f64());
        let ctx = table(&columns, threads)?;
        let start = Instant::now();
        for _ in 0..SCANS {
            let found = ctx.sql("SELECT count(nd_mean(rast)) FROM t").await?.collect().await?;
            assert_eq!(found.len(), 1);
        }
        println!("nd_mean, {threads} partitions  {:5.1} GB/s", bytes / 1e9 / start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// All pixels, by so many threads.
fn summed(columns: &[RasterArray], threads: usize) {
    std::thread::scope(|scope| {
        for part in columns.chunks(columns.len().div_ceil(threads)) {
            scope.spawn(move || {
                for tile in part.iter().flat_map(RasterArray::iter).flatten() {
                    let view: ArrayView2<'_, f32> = tile.as_array_view2().unwrap();
                    std::hint::black_box(view.sum());
                }
            });
        }
    });
}

fn table(columns: &[RasterArray], partitions: usize) -> Result<SessionContext> {
    let mut ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(partitions));
    ndraster_datafusion::register_all(&mut ctx)?;
    let schema = Arc::new(Schema::new(vec![columns[0].field("rast")]));
    let batch = |column: &RasterArray| {
        RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StructArray::from(column.clone()))])
    };
    let batches = columns.iter().map(batch).collect::<std::result::Result<Vec<_>, _>>()?;
    let parts = batches.chunks(batches.len().div_ceil(partitions)).map(<[RecordBatch]>::to_vec).collect();
    ctx.register_table("t", Arc::new(MemTable::try_new(schema, parts)?))?;
    Ok(ctx)
}
