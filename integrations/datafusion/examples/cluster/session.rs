//! What client, scheduler and executors must agree on: the functions.

use std::process;
use std::thread;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use datafusion::error::Result;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use ndraster_datafusion::{raster_udf, register_all};

/// Executors ask for work. In Ballista 55 a scheduler that hands it out may wait forever once it finds an executor dead: the
/// work that it takes back is offered to nobody.
#[allow(dead_code, reason = "the client has no say in it")]
pub const POLICY: TaskSchedulingPolicy = TaskSchedulingPolicy::PullStaged;

/// A session that knows the raster functions.
pub fn state(config: SessionConfig) -> Result<SessionState> {
    let mut state = SessionStateBuilder::new().with_config(config).with_default_features().build();
    register_all(&mut state)?;
    for function in [who(), slow()] {
        datafusion::execution::FunctionRegistry::register_udf(&mut state, function.into())?;
    }
    Ok(state)
}

/// `nd_who(raster)`: the process that looks at the raster, to see which executors work. It takes its time, so that none does
/// all of it before another has asked for work.
pub fn who() -> datafusion::logical_expr::ScalarUDF {
    raster_udf("nd_who", |_| {
        thread::sleep(Duration::from_millis(20));
        Ok(process::id())
    })
}

/// `nd_slow_mean(raster)`: the mean, after a while, so that there is time to kill somebody.
pub fn slow() -> datafusion::logical_expr::ScalarUDF {
    raster_udf("nd_slow_mean", |raster| {
        thread::sleep(Duration::from_millis(150));
        Ok(raster.to_array_cast::<f64>()?.mean())
    })
}
