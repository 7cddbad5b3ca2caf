//! What docs/compare.md says of sedona-raster 0.5.0 is so.

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use arrow_array::{Array, RecordBatch, StructArray};
use arrow_ipc::reader::FileReader;
use ndarray::Array2;
use ndraster::{ErrorKind, Raster, RasterArray};
use sedona_raster::array::RasterStructArray;
use sedona_raster::traits::RasterRef as _;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/sedonadb").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|found| found == "arrow")).collect();
    files.sort();
    files
}

#[allow(unsafe_code, reason = "validation can be skipped by an unsafe call only")]
fn batches(path: &Path) -> Vec<RecordBatch> {
    let reader = FileReader::try_new_buffered(File::open(path).unwrap(), None).unwrap();
    // SAFETY: the files have valid buffers. Malformed is what they say of rasters, and nulls where fields allow none.
    let reader = unsafe { reader.with_skip_validation(true) };
    reader.filter_map(Result::ok).collect()
}

fn by_them(array: &StructArray) -> Result<(), Box<dyn Error>> {
    let rasters = RasterStructArray::try_new(array)?;
    for row in (0..rasters.len()).filter(|row| !rasters.is_null(*row)) {
        let raster = rasters.get(row)?;
        black_box((raster.crs(), raster.transform().len(), raster.spatial_dims(), raster.width().ok()));
        for number in 0..raster.num_bands() {
            let band = raster.band(number)?;
            black_box((band.dim_names(), band.nodata(), band.shape().len()));
            black_box(band.nd_buffer()?.buffer.len());
        }
    }
    Ok(())
}

fn by_us(array: &StructArray) -> Result<(), Box<dyn Error>> {
    for raster in RasterArray::try_from(array)?.iter().flatten() {
        black_box((raster.crs()?, raster.transform()?, raster.spatial_dims()?, raster.width()?));
        for band in raster.bands() {
            let band = band?;
            black_box((band.dim_names().len(), band.shape().len()));
            black_box(band.as_any_view()?.shape().len());
        }
    }
    Ok(())
}

/// Counts the files on which a reader panics, those that are errors, and those that it reads.
fn outcomes(read: fn(&StructArray) -> Result<(), Box<dyn Error>>) -> [usize; 3] {
    let mut counts = [0; 3];
    for path in files("malformed") {
        for batch in batches(&path) {
            let Some(array) = batch.column(0).as_any().downcast_ref::<StructArray>() else { continue };
            match panic::catch_unwind(AssertUnwindSafe(|| read(array))) {
                Err(_) => counts[0] += 1,
                Ok(Err(_)) => counts[1] += 1,
                Ok(Ok(())) => counts[2] += 1,
            }
        }
    }
    counts
}

#[test]
fn their_reader_panics_on_4_of_105_malformed_columns_and_ours_on_none() {
    panic::set_hook(Box::new(|_| {}));
    let (theirs, ours) = (outcomes(by_them), outcomes(by_us));
    let _ = panic::take_hook();
    assert_eq!(theirs, [4, 69, 32], "panics, errors and reads by sedona-raster");
    // A file that is read has its fault in a part that this does not read, such as nodata, or docs/design.md allows it.
    assert_eq!(ours, [0, 89, 16], "panics, errors and reads by ndraster");
}

#[test]
fn their_reader_finds_fields_by_position_and_ours_refuses_another_name() {
    let path = files("malformed").into_iter().find(|path| path.ends_with("schema_renamed_column.arrow")).unwrap();
    let batch = batches(&path).remove(0);
    let array: &StructArray = batch.column(0).as_any().downcast_ref().unwrap();
    assert!(RasterStructArray::try_new(array).is_ok());
    assert_eq!(RasterArray::try_from(array).unwrap_err().kind(), ErrorKind::Schema);
}

#[test]
fn their_reader_refuses_offset_types_and_ours_reads_them() {
    let raster = Raster::from_ndarray(Array2::<u8>::zeros((20, 20))).unwrap();
    let offset = StructArray::from(RasterArray::from(raster).to_offset_types().unwrap());
    assert!(RasterStructArray::try_new(&offset).is_err());
    assert!(by_us(&offset).is_ok());
}

#[test]
fn both_readers_read_nullable_fields_and_other_item_names() {
    for name in ["42_nullable_children.arrow", "43_list_item_names.arrow"] {
        let path = files("").into_iter().find(|path| path.ends_with(name)).unwrap();
        for batch in batches(&path) {
            let array: &StructArray = batch.column_by_name("raster").unwrap().as_any().downcast_ref().unwrap();
            assert!(by_them(array).is_ok() && by_us(array).is_ok(), "{name}");
        }
    }
}
