//! Every file of SedonaDB's reads equal out of an IPC stream and out of an IPC file.

use std::io::Cursor;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use ndraster::{RasterArray, RasterType};
use ndraster_formats::{batch, elevation, folder};
use ndraster_test_support::manifest::every_column_survives;

#[path = "../../examples/ipc.rs"]
#[allow(dead_code, reason = "its `main` is not run")]
pub(crate) mod example;

#[test]
fn the_example_runs() {
    example::run(&folder("test-ipc").unwrap()).unwrap();
}

fn options(compression: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(compression).unwrap()
}

fn as_stream(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<RecordBatch> {
    let Some(first) = batches.first() else { return vec![] };
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &first.schema(), options(compression)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    let bytes = writer.into_inner().unwrap();
    StreamReader::try_new(bytes.as_slice(), None).unwrap().map(Result::unwrap).collect()
}

fn as_file(batches: &[RecordBatch]) -> Vec<RecordBatch> {
    let Some(first) = batches.first() else { return vec![] };
    let mut writer = FileWriter::try_new(Vec::new(), &first.schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    let bytes = writer.into_inner().unwrap();
    FileReader::try_new(Cursor::new(bytes), None).unwrap().map(Result::unwrap).collect()
}

fn columns(batches: &[RecordBatch], name: &str) -> Vec<RasterArray> {
    batches.iter().map(|batch| RasterArray::from_batch(batch, name).unwrap()).collect()
}

#[test]
fn every_file_reads_equal_out_of_a_stream() {
    for compression in [None, Some(CompressionType::LZ4_FRAME)] {
        every_column_survives(|file, name, batches| {
            let back = as_stream(&batches, compression);
            for (back, batch) in back.iter().zip(&batches) {
                assert_eq!(back.schema(), batch.schema(), "{file}");
            }
            columns(&back, name)
        });
    }
}

#[test]
fn every_file_reads_equal_out_of_a_file() {
    every_column_survives(|file, name, batches| {
        let back = as_file(&batches);
        for (back, batch) in back.iter().zip(&batches) {
            assert_eq!(back.schema(), batch.schema(), "{file}");
        }
        columns(&back, name)
    });
}

#[test]
fn every_file_reads_equal_out_of_a_stream_once_compact_or_in_offset_types() {
    every_column_survives(|_, name, batches| {
        let compact = columns(&batches, name).into_iter().map(|column| batch(column.to_compact().unwrap()).unwrap());
        columns(&as_stream(&compact.collect::<Vec<_>>(), None), "rast")
    });
    every_column_survives(|file, name, batches| {
        let offset =
            columns(&batches, name).into_iter().map(|column| batch(column.to_offset_types().unwrap()).unwrap());
        let back = as_stream(&offset.collect::<Vec<_>>(), None);
        for batch in &back {
            assert_eq!(batch.schema_ref().field(0).data_type(), &RasterType::offset_storage_type(), "{file}");
        }
        columns(&back, "rast")
    });
}

#[test]
fn a_compact_slice_is_written_as_the_bytes_of_its_rows() {
    let tiles = elevation().unwrap().tiles(64, 64).unwrap().to_standard().unwrap();
    let len = |column: RasterArray| {
        let batch = batch(column).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap().len()
    };
    let row = tiles.slice(10, 1).unwrap();
    let (payload, listed) = (row.payload_bytes().unwrap(), row.buffer_bytes());
    assert_eq!(payload, 64 * 64 * 2);
    // Every buffer that is listed is written, and a few kilobytes besides.
    assert!((listed..listed + 8192).contains(&len(row.clone())));
    assert!((payload..payload + 8192).contains(&len(row.to_compact().unwrap())));
    // In offset types a slice is as long as its rows anyway.
    assert!((payload..payload + 8192).contains(&len(tiles.to_offset_types().unwrap().slice(10, 1).unwrap())));
}
