//! A Ballista scheduler that knows the raster functions: `scheduler PORT`.

mod session;

use std::error::Error;
use std::net::{TcpStream, ToSocketAddrs};
use std::process;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::SessionConfigExt;
use ballista_scheduler::cluster::{BallistaCluster, ClusterState, JobState};
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::prelude::SessionConfig;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    env_logger::init();
    let port: u16 = std::env::args().nth(1).ok_or("scheduler PORT")?.parse()?;
    let config = SchedulerConfig {
        // Nothing is done again: see `stop_with_executors`.
        stage_max_failures: 1,
        ..SchedulerConfig::default()
            .with_hostname("127.0.0.1")
            .with_port(port)
            .with_scheduler_policy(session::POLICY)
            .with_override_config_producer(Arc::new(SessionConfig::new_with_ballista))
            .with_override_session_builder(Arc::new(session::state))
    };
    let cluster = BallistaCluster::new_from_config(&config).await?;
    tokio::spawn(stop_with_executors(cluster.cluster_state(), cluster.job_state()));
    Ok(start_server(cluster, format!("127.0.0.1:{port}").parse()?, Arc::new(config)).await?)
}

/// Stops the scheduler, and so fails its queries, when an executor that may be part of one no longer answers.
///
/// Ballista 55 gives a dead executor's work to others, and in about one of ten runs of `cluster.sh kill` it then answered
/// with some rows twice: what was finished before is not taken back.
/// So this is the way to be told and not to be misled; a supervisor starts the scheduler again, and the executors come back.
async fn stop_with_executors(executors: Arc<dyn ClusterState>, jobs: Arc<dyn JobState>) {
    let interval = Duration::from_millis(200);
    loop {
        tokio::time::sleep(interval).await;
        for executor in executors.registered_executor_metadata().await {
            let place = (executor.host.as_str(), executor.port);
            let answers = tokio::task::block_in_place(|| {
                let address = place.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
                address.is_some_and(|address| TcpStream::connect_timeout(&address, 10 * interval).is_ok())
            });
            if !answers && any_runs(jobs.as_ref()).await {
                eprintln!("executor {} at {place:?} does not answer: stopped, with all queries", executor.id);
                process::exit(1);
            }
        }
    }
}

/// In Ballista 55 `get_jobs` has the jobs that are done.
async fn any_runs(jobs: &dyn JobState) -> bool {
    let (all, done) = (jobs.get_all_jobs().await.unwrap_or_default(), jobs.get_jobs().await.unwrap_or_default());
    !all.is_subset(&done)
}
