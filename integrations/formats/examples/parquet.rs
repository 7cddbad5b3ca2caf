//! Tiles of an elevation model through Parquet, ours and a foreign writer's.
//!
//! `cargo run --example parquet`: written with options that suit pixels; read back, with metadata, and aligned once; and
//! the same file as a writer makes it that knows nothing of Arrow, whose types are read all the same.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use ndraster::{RasterArray, RasterType};
use ndraster_formats::{Result, batch, elevation, folder, same_pixels};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

fn main() -> Result<()> {
    run(&folder("parquet")?)
}

/// Everything, with its files in a folder.
pub(crate) fn run(folder: &Path) -> Result<()> {
    let tiles = elevation()?.tiles(64, 64)?.to_standard()?;

    let path = folder.join("tiles.parquet");
    write(&path, &tiles, ArrowWriterOptions::new())?;
    let mut misaligned = 0;
    let mut rows = 0;
    for batch in read(&path)? {
        let field = batch.schema_ref().field(0).clone();
        if field.extension_type_name() != Some("sedona.raster") || field.data_type() != &RasterType::storage_type() {
            return Err("the schema is not what was written".into());
        }
        // Payloads point into pages, at any address. Copied once here, they are borrowed from now on.
        let column = RasterArray::from_batch(&batch, "rast")?;
        misaligned += column.iter().flatten().filter(|tile| tile.as_array_view2::<i16>().is_err()).count();
        let column = column.to_aligned()?;
        same_pixels(&column, &tiles.slice(rows, column.len())?)?;
        rows += column.len();
    }
    println!("our own file: {rows} tiles, of which {misaligned} had to be copied to be aligned");

    let path = folder.join("foreign.parquet");
    write(&path, &tiles, ArrowWriterOptions::new().with_skip_arrow_metadata(true))?;
    rows = 0;
    for batch in read(&path)? {
        // No extension name, Binary payloads and Utf8 text: types are checked by what they mean.
        let column = RasterArray::from_batch(&batch, "rast")?;
        same_pixels(&column.to_aligned()?, &tiles.slice(rows, column.len())?)?;
        // SedonaDB's SQL insists on its own type, which shares the payloads.
        let canonical = column.to_canonical()?;
        if canonical.field("rast") != RasterType::field("rast") {
            return Err("the column did not become SedonaDB's".into());
        }
        rows += column.len();
    }
    println!("a foreign one: {rows} tiles, read as {}", describe(&path)?);
    if rows == tiles.len() { Ok(()) } else { Err("some tiles are missing".into()) }
}

/// A file with options that suit pixels.
pub(crate) fn write(path: &Path, column: &RasterArray, options: ArrowWriterOptions) -> Result<()> {
    // The name that the column of payloads has in Parquet; a single string would be one part, and do nothing.
    let data = ["rast", "bands", "list", "band", "data"].map(String::from).to_vec();
    let properties = WriterProperties::builder()
        // A dictionary of payloads only costs memory, and so do their least and largest ones.
        .set_column_dictionary_enabled(ColumnPath::new(data.clone()), false)
        .set_column_statistics_enabled(ColumnPath::new(data), EnabledStatistics::None)
        // A group is held in memory as a whole, when it is written and often when it is read.
        .set_max_row_group_row_count(Some(16))
        .set_compression(Compression::LZ4_RAW)
        .build();
    let batch = batch(column.clone())?;
    let options = options.with_properties(properties);
    let mut writer = ArrowWriter::try_new_with_options(File::create(path)?, batch.schema(), options)?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}

/// All batches of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<RecordBatch>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.with_batch_size(16).build()?;
    Ok(reader.collect::<std::result::Result<_, _>>()?)
}

/// The type of payloads in a file, as Arrow sees it.
fn describe(path: &Path) -> Result<String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let column = builder.parquet_schema().columns().last().ok_or("there are no columns")?.path().string();
    let dictionaries = builder.metadata().row_groups().iter().flat_map(|group| group.columns().last());
    if dictionaries.clone().any(|column| column.dictionary_page_offset().is_some()) {
        return Err("the payloads have a dictionary".into());
    }
    Ok(format!("{} row groups of {column}", dictionaries.count()))
}
