//! A Ballista executor that knows the raster functions: `executor SCHEDULER_PORT PORT FOLDER`.

use std::error::Error;
use std::sync::Arc;

use ballista_core::extension::SessionConfigExt;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use datafusion::prelude::SessionConfig;
use ndraster_ballista::{POLICY, state};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    env_logger::init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scheduler, port, folder] = arguments.as_slice() else {
        return Err("executor SCHEDULER_PORT PORT FOLDER".into());
    };
    let port: u16 = port.parse()?;
    let functions = state(SessionConfig::new_with_ballista())?;
    let config = ExecutorProcessConfig {
        scheduler_host: "127.0.0.1".into(),
        scheduler_port: scheduler.parse()?,
        scheduler_connect_timeout_seconds: 20,
        external_host: Some("127.0.0.1".into()),
        port,
        grpc_port: port + 1,
        vcores: 1,
        task_scheduling_policy: POLICY,
        work_dir: Some(folder.clone()),
        executor_heartbeat_interval_seconds: 2,
        override_function_registry: Some(Arc::new(BallistaFunctionRegistry::from(&functions))),
        ..Default::default()
    };
    Ok(start_executor_process(Arc::new(config)).await?)
}
