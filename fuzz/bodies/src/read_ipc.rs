//! Bytes as an Arrow IPC stream, through arrow's reader with and without its validation, to every reader of ours.

use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use ndraster::RasterArray;
use ndraster::arrow_array::RecordBatch;

use crate::arrow::arrow;
use crate::readers::read_everything;

/// The magic bytes with which a file starts, padded; a stream follows.
const FILE: &[u8] = b"ARROW1\0\0";

pub fn read_ipc(bytes: &[u8]) {
    let stream = bytes.strip_prefix(FILE).unwrap_or(bytes);
    for validate in [true, false] {
        for batch in arrow(|| Some(batches(stream, validate))).unwrap_or_default() {
            read_batch(&batch);
        }
    }
}

/// The batches up to the first that arrow refuses.
fn batches(stream: &[u8], validate: bool) -> Vec<RecordBatch> {
    // SAFETY: nothing is promised about these arrays: they are read by checked look-ups only, which is the test.
    let mut decoder = unsafe { StreamDecoder::new().with_skip_validation(!validate) };
    // Aligned, so that arrow lends what is here instead of allocating what a length claims.
    let mut rest = Buffer::from(stream);
    let mut batches = Vec::new();
    while !rest.is_empty() && batches.len() < 4 {
        match decoder.decode(&mut rest) {
            Ok(Some(batch)) => batches.push(batch),
            _ => break,
        }
    }
    batches
}

fn read_batch(batch: &RecordBatch) {
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        // By name it may be another column: names need not differ.
        for column in
            [RasterArray::from_batch(batch, field.name()), RasterArray::try_from(column)].into_iter().flatten()
        {
            read_everything(&column);
        }
    }
}
