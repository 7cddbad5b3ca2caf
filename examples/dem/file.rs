//! Rasters in an Arrow IPC file, read back through a memory map.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_ipc::reader::{FileDecoder, FileReader, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_ipc::{Block, root_as_footer};
use memmap2::Mmap;
use ndraster::RasterArray;
use ndraster::arrow_array::{RecordBatch, StructArray};
use ndraster::arrow_buffer::Buffer;
use ndraster::arrow_schema::Schema;

use super::Result;

/// Writes a column called `rast`.
pub(crate) fn write(path: &Path, column: RasterArray) -> Result<()> {
    let schema = Arc::new(Schema::new(vec![column.field("rast")]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StructArray::from(column))])?;
    let mut writer = FileWriter::try_new(File::create(path)?, &schema)?;
    writer.write(&batch)?;
    Ok(writer.finish()?)
}

/// The batches of a file, whose buffers point into the map, and the addresses of the map.
pub(crate) fn map(path: &Path) -> Result<(Vec<RecordBatch>, Range<*const u8>)> {
    // SAFETY: nobody changes the file while it is mapped; this program wrote it and is its only user.
    #[allow(unsafe_code, reason = "mapping a file cannot be made safe: another program may truncate it")]
    let map = unsafe { Mmap::map(&File::open(path)?)? };
    let addresses = map.as_ptr_range();
    let schema = FileReader::try_new(std::io::Cursor::new(&map[..]), None)?.schema();
    let file = Buffer::from(bytes::Bytes::from_owner(map));

    let trailer = file.len().checked_sub(10).ok_or("the file is too short")?;
    let footer_len = read_footer_length(file[trailer..].try_into()?)?;
    let footer = root_as_footer(&file[trailer.checked_sub(footer_len).ok_or("the footer is too long")?..trailer])
        .map_err(|e| format!("the footer is broken: {e}"))?;
    let decoder = FileDecoder::new(schema, footer.version());

    let mut batches = Vec::new();
    for block in footer.recordBatches().iter().flatten() {
        let len = usize::try_from(block.metaDataLength())? + usize::try_from(block.bodyLength())?;
        let message = file.slice_with_length(offset(block)?, len);
        batches.extend(decoder.read_record_batch(block, &message)?);
    }
    Ok((batches, addresses))
}

fn offset(block: &Block) -> Result<usize> {
    Ok(usize::try_from(block.offset())?)
}
