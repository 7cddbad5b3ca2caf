//! Reads bytes as an Arrow IPC stream, with and without arrow's validation, and calls every reader on the columns.

use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use ndraster::RasterArray;
use ndraster::arrow_array::RecordBatch;
use ndraster_test_support::panics::caught;
use ndraster_test_support::readers::read_everything;

/// The padded magic bytes at the start of a file, which a stream follows.
const FILE: &[u8] = b"ARROW1\0\0";

/// Calls every reader on the columns of a stream.
pub fn read_ipc(bytes: &[u8]) {
    let stream = bytes.strip_prefix(FILE).unwrap_or(bytes);
    for validate in [true, false] {
        for batch in caught(|| batches(stream, validate)).unwrap_or_default() {
            read_batch(&batch);
        }
    }
}

/// Returns the batches up to the first one that arrow refuses.
fn batches(stream: &[u8], validate: bool) -> Vec<RecordBatch> {
    // SAFETY: nothing is promised of these arrays. They are read by checked look-ups alone, which is what this tests.
    let mut decoder = unsafe { StreamDecoder::new().with_skip_validation(!validate) };
    // Aligned, so that arrow borrows these bytes instead of allocating what a length claims.
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
        // Two columns may have one name, so the name may find the other one.
        for column in
            [RasterArray::from_batch(batch, field.name()), RasterArray::try_from(column)].into_iter().flatten()
        {
            read_everything(&column);
        }
    }
}
