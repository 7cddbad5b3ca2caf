//! The queries of `dem_sql` on a cluster: `client SCHEDULER_PORT FOLDER [slow]`.
//!
//! Writes the dataset, asks the cluster and a DataFusion of its own, and fails unless both answer the same, pixel by pixel,
//! and all executors took part. With `slow` it asks for something that takes long enough to kill an executor meanwhile.

#[allow(dead_code, reason = "no picture is drawn here")]
#[path = "../dem_sql/dataset.rs"]
mod dataset;
#[path = "../../../../examples/shared/elevation.rs"]
mod elevation;
mod session;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_schema::{DataType, Field, Schema};
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use ndraster::{RasterArray, RasterType};
use ndraster_datafusion::register_all;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Executors that the script starts.
const EXECUTORS: usize = 2;

const SHADES_IN_ORDER: &str = "SELECT nd_hillshade(rast, 111120) AS shade FROM dem ORDER BY tile_row, tile_col";
const SLOW: &str =
    "SELECT tile_row, round(avg(nd_slow_mean(rast)), 6) AS mean FROM dem GROUP BY tile_row ORDER BY tile_row";
const WORKERS: &str = "SELECT nd_who(rast) AS process, count(*) AS tiles FROM dem GROUP BY process ORDER BY process";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(port), Some(folder)) = (arguments.first(), arguments.get(1)) else {
        return Err("client SCHEDULER_PORT FOLDER [slow]".into());
    };
    let folder = Path::new(folder);
    dataset::write(folder)?;
    let (cluster, alone) = (on_cluster(port, folder).await?, alone(folder).await?);
    if arguments.get(2).is_some_and(|argument| argument == "slow") {
        return same_answer(&cluster, &alone, SLOW).await;
    }
    same_answer(&cluster, &alone, dataset::STATISTICS).await?;
    same_pixels(&cluster, &alone).await?;
    let workers = cluster.sql(WORKERS).await?;
    let count: usize = workers.clone().collect().await?.iter().map(|batch| batch.num_rows()).sum();
    println!("{}", workers.to_string().await?);
    if count == EXECUTORS { Ok(()) } else { Err(format!("{count} executors worked, of {EXECUTORS}").into()) }
}

async fn on_cluster(port: &str, folder: &Path) -> Result<SessionContext> {
    // Adaptive planning gives wrong results for scalar subqueries and for outer joins without an equality in Ballista 55.
    let config =
        SessionConfig::new_with_ballista().with_target_partitions(4).with_ballista_adaptive_query_planner(false);
    let state = session::state(config)?;
    let mut ctx = SessionContext::remote_with_state(&format!("df://127.0.0.1:{port}"), state).await?;
    // Becoming Ballista's, the state loses its functions.
    register_all(&mut ctx)?;
    ctx.register_udf(session::who());
    ctx.register_udf(session::slow());
    register(&ctx, folder).await?;
    Ok(ctx)
}

async fn alone(folder: &Path) -> Result<SessionContext> {
    let ctx = SessionContext::new_with_state(session::state(SessionConfig::new())?);
    register(&ctx, folder).await?;
    Ok(ctx)
}

/// The dataset as a table without view types, of which each shuffle and each message would carry all buffers.
async fn register(ctx: &SessionContext, folder: &Path) -> Result<()> {
    let number = |name| Field::new(name, DataType::Int64, false);
    let rasters = RasterType::field("rast").with_data_type(RasterType::wire_type());
    let schema = Arc::new(Schema::new(vec![number("tile_row"), number("tile_col"), rasters]));
    let options = ParquetReadOptions::default().schema(&schema).skip_metadata(false);
    Ok(ctx.register_parquet("dem", folder.to_str().ok_or("the path is not UTF-8")?, options).await?)
}

async fn same_answer(cluster: &SessionContext, alone: &SessionContext, sql: &str) -> Result<()> {
    let start = Instant::now();
    let theirs = cluster.sql(sql).await?.to_string().await?;
    let between = Instant::now();
    let ours = alone.sql(sql).await?.to_string().await?;
    println!("{theirs}\n{:?} on the cluster, {:?} alone", between - start, between.elapsed());
    if theirs == ours { Ok(()) } else { Err(format!("alone the answer is\n{ours}").into()) }
}

async fn same_pixels(cluster: &SessionContext, alone: &SessionContext) -> Result<()> {
    let mut pixels = Vec::new();
    for ctx in [cluster, alone] {
        let mut found: Vec<u8> = Vec::new();
        for batch in ctx.sql(SHADES_IN_ORDER).await?.collect().await? {
            for shade in RasterArray::from_batch(&batch, "shade")?.iter().flatten() {
                found.extend(shade.to_array::<u8>()?);
            }
        }
        pixels.push(found);
    }
    println!("{} pixels in light and shade", pixels[0].len());
    if pixels[0] == pixels[1] { Ok(()) } else { Err("they are not the same".into()) }
}
