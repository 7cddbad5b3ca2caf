//! Tiles of an elevation model through an Arrow IPC stream and an Arrow IPC file.
//!
//! `cargo run --example ipc`: what a stream takes for a few tiles before and after `to_compact`; compressed by LZ4 and
//! back; into a file that is mapped into memory and read there, where no pixel is copied.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use ndraster::RasterArray;
use ndraster_formats::{Result, batch, elevation, folder, same_pixels};

/// Writing a file and mapping it, as the elevation model's own example does.
#[path = "../../../examples/dem/file.rs"]
pub(crate) mod file;

fn main() -> Result<()> {
    run(&folder("ipc")?)
}

/// Everything, with its file in a folder.
pub(crate) fn run(folder: &Path) -> Result<()> {
    let model = elevation()?;
    // Tiles are views of the model's one payload. Whoever keeps a few of them wants the pixels of those alone.
    let tiles = model.tiles(64, 64)?;
    let few = tiles.slice(10, 3)?;
    let packed = few.to_standard()?.to_compact()?;
    println!("{} of {} tiles of 64 x 64 int16", few.len(), tiles.len());
    println!("as they are   {:>7} bytes in buffers, {:>7} in the stream", few.buffer_bytes(), stream(&few)?.len());
    println!(
        "packed        {:>7} bytes in buffers, {:>7} in the stream",
        packed.buffer_bytes(),
        stream(&packed)?.len()
    );
    if packed.buffer_bytes() != 3 * 64 * 64 * 2 {
        return Err("there is more in the buffers than three tiles".into());
    }

    let bytes = compressed(&packed)?;
    println!("by LZ4                                {:>7} in the stream", bytes.len());
    let back: Vec<RecordBatch> =
        StreamReader::try_new(bytes.as_slice(), None)?.collect::<std::result::Result<_, _>>()?;
    same_pixels(&RasterArray::from_batch(&back[0], "rast")?, &few)?;

    let path = folder.join("tiles.arrow");
    file::write(&path, tiles.to_standard()?)?;
    let (batches, map) = file::map(&path)?;
    let mapped = RasterArray::from_batch(&batches[0], "rast")?;
    same_pixels(&mapped, &tiles)?;
    for tile in mapped.iter().flatten() {
        if !map.contains(&tile.as_array_view2::<i16>()?.as_ptr().cast()) {
            return Err("a tile was copied out of the memory map".into());
        }
    }
    println!("mapped        {} tiles, all of them read where the file is", mapped.len());
    Ok(())
}

/// One batch as a stream.
fn stream(column: &RasterArray) -> Result<Vec<u8>> {
    write(column, IpcWriteOptions::default())
}

/// The same, each buffer by LZ4.
fn compressed(column: &RasterArray) -> Result<Vec<u8>> {
    write(column, IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?)
}

fn write(column: &RasterArray, options: IpcWriteOptions) -> Result<Vec<u8>> {
    let batch = batch(column.clone())?;
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options)?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}
