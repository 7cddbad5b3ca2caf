//! Rasters read equal after they went through each format, and the examples run.

mod batches;
mod c_data;
mod ipc;
mod parquet;
