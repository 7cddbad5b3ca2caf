//! A Ballista scheduler that knows the raster functions: `scheduler PORT`.

use std::error::Error;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::SessionConfigExt;
use ballista_core::serde::protobuf::CancelJobParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_scheduler::cluster::{BallistaCluster, ClusterState, JobState};
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::prelude::SessionConfig;
use ndraster_ballista::{POLICY, state};
use tokio::net::TcpStream;
use tokio::time::timeout;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How long an executor may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<()> {
    env_logger::init();
    let port: u16 = std::env::args().nth(1).ok_or("scheduler PORT")?.parse()?;
    let config = SchedulerConfig {
        // Nothing is done again: see `cancel_with_executors`.
        stage_max_failures: 1,
        ..SchedulerConfig::default()
            .with_hostname("127.0.0.1")
            .with_port(port)
            .with_scheduler_policy(POLICY)
            .with_override_config_producer(Arc::new(SessionConfig::new_with_ballista))
            .with_override_session_builder(Arc::new(state))
    };
    let cluster = BallistaCluster::new_from_config(&config).await?;
    tokio::spawn(cancel_with_executors(cluster.cluster_state(), cluster.job_state(), port));
    Ok(start_server(cluster, format!("127.0.0.1:{port}").parse()?, Arc::new(config)).await?)
}

/// Cancels all queries when an executor no longer answers, and forgets it.
///
/// Ballista 55 gives a dead executor's work to others, and in about one of ten runs of `cluster.sh kill` it then answered
/// with some rows twice: what was finished before is not taken back. A query that is cancelled says so, and can be asked
/// again of the executors that are left.
async fn cancel_with_executors(executors: Arc<dyn ClusterState>, jobs: Arc<dyn JobState>, port: u16) {
    loop {
        tokio::time::sleep(PATIENCE / 10).await;
        let registered = executors.registered_executor_metadata().await;
        for executor in &registered {
            let place = (executor.host.as_str(), executor.port);
            let answers = matches!(timeout(PATIENCE, TcpStream::connect(place)).await, Ok(Ok(_)));
            // A successor in the place of one that died: which of them it is does not matter, it registers again.
            let alone = registered.iter().filter(|other| (other.host.as_str(), other.port) == place).count() == 1;
            if answers && alone {
                continue;
            }
            eprintln!("executor {} at {place:?} does not answer or was replaced", executor.id);
            if let Err(error) = cancel_all(jobs.as_ref(), port).await {
                eprintln!("its queries could not be cancelled: {error}");
                process::exit(1);
            }
            if let Err(error) = executors.remove_executor(&executor.id).await {
                eprintln!("it could not be removed: {error}");
            }
        }
    }
}

/// Cancels what runs, as any client of the scheduler could.
async fn cancel_all(jobs: &dyn JobState, port: u16) -> Result<()> {
    let mut scheduler = SchedulerGrpcClient::connect(format!("http://127.0.0.1:{port}")).await?;
    // In Ballista 55 `get_jobs` has the jobs that are done.
    let done = jobs.get_jobs().await?;
    for job in jobs.get_all_jobs().await?.difference(&done) {
        scheduler.cancel_job(CancelJobParams { job_id: job.to_string() }).await?;
        eprintln!("cancelled job {job}");
    }
    Ok(())
}
