//! What the client, the scheduler and the executors of a Ballista cluster must agree on: the raster functions.
//!
//! Copy [`state`] with functions of your own, and the two programs of `src/bin`: `scheduler` and `executor`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

use std::process;
use std::thread;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use datafusion::error::Result;
use datafusion::execution::{FunctionRegistry, SessionState, SessionStateBuilder};
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionConfig;
use ndraster_datafusion::{raster_udf, register_all};

/// Executors ask for work. In Ballista 55 a scheduler that hands it out may wait forever once it finds an executor dead: the
/// work that it takes back is offered to nobody.
pub const POLICY: TaskSchedulingPolicy = TaskSchedulingPolicy::PullStaged;

/// A session that knows the raster functions.
pub fn state(config: SessionConfig) -> Result<SessionState> {
    let mut state = SessionStateBuilder::new().with_config(config).with_default_features().build();
    register_all(&mut state)?;
    for function in [who(), slow()] {
        state.register_udf(function.into())?;
    }
    Ok(state)
}

/// `nd_who(raster)`: the process that looks at the raster, to see which executors work. It takes its time, so that none does
/// all of it before another has asked for work.
pub fn who() -> ScalarUDF {
    raster_udf("nd_who", |_| {
        thread::sleep(Duration::from_millis(20));
        Ok(process::id())
    })
}

/// `nd_slow_mean(raster)`: the mean, after a while, so that there is time to kill somebody.
pub fn slow() -> ScalarUDF {
    raster_udf("nd_slow_mean", |raster| {
        thread::sleep(Duration::from_millis(150));
        Ok(raster.to_array_cast::<f64>()?.mean())
    })
}
