//! An array becomes a raster, goes through a column and an IPC stream, and comes out as it was.

use std::io::Cursor;
use std::sync::Arc;

use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use ndraster::arrow_array::{Array as _, RecordBatch, StructArray};
use ndraster::arrow_schema::Schema;
use ndraster::ndarray::{ArcArray, ArrayD, CowArray, IxDyn};
use ndraster::{Band, ErrorKind, MemoryLayout, Pixel, PixelType, Raster, RasterArray, Result};

use super::memory::{Memory, pixel};
use super::reads::{assert_reads, bytes};
use crate::for_pixel_type;
use crate::payloads::payloads;

/// Which kind of array goes in, and who else holds its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Array,
    LastArc,
    SharedArc,
    View,
    Reference,
    OwnedCow,
    BorrowedCow,
}

impl Owner {
    /// Every owner.
    pub const ALL: [Owner; 7] = [
        Owner::Array,
        Owner::LastArc,
        Owner::SharedArc,
        Owner::View,
        Owner::Reference,
        Owner::OwnedCow,
        Owner::BorrowedCow,
    ];
}

/// An array, and how it is stored.
#[derive(Clone, Debug)]
pub struct Case {
    pub pixel_type: PixelType,
    pub memory: Memory,
    pub owner: Owner,
    pub layout: MemoryLayout,
    pub nodata: Option<[u8; 8]>,
}

/// Stores the array and reads it back in every way.
pub fn check(case: &Case) {
    for_pixel_type!(case.pixel_type, T => check_as::<T>(case));
}

/// What is known of an array before it goes in.
struct Before<T> {
    c_order: bool,
    address: *const T,
    strides: Vec<isize>,
    ndim: usize,
}

/// Returns the strides, with zero for axes of at most one index, whose stride leads nowhere.
fn strides<T>(array: &ArrayD<T>) -> Vec<isize> {
    array.strides().iter().zip(array.shape()).map(|(stride, extent)| if *extent > 1 { *stride } else { 0 }).collect()
}

fn check_as<T: Pixel>(case: &Case) {
    let (array, expected) = (case.memory.array::<T>(), case.memory.expected::<T>());
    let (c_order, address) = (array.is_standard_layout(), array.as_ptr());
    let before = Before { c_order, address, strides: strides(&array), ndim: array.ndim() };
    let (band, held) = store(case, array);
    let band = match band {
        Ok(band) => band,
        Err(error) => {
            let kind = if before.ndim < 2 { ErrorKind::Shape } else { ErrorKind::Layout };
            assert_eq!(error.kind(), kind, "{error}");
            assert!(may_be_refused(case, &before), "{error}");
            return;
        }
    };
    assert!(!must_be_refused(case, &before));
    let raster = raster::<T>(band, before.ndim, case.nodata).unwrap();
    let band = raster.band(0).unwrap();
    assert_eq!(band.nodata_bytes(), case.nodata.as_ref().map(|bytes| &bytes[..size_of::<T>()]));
    // An array in C order needs no view. The strides of axes of length one do not count.
    let other_order = case.memory.repeats() || !before.c_order;
    assert!(band.view().is_identity() || case.layout == MemoryLayout::AsIs && other_order);
    let address = assert_reads::<T>(&band, &case.memory.shape(), &expected);
    let payload = band.source_data().unwrap().len();
    let stays = stays(case, &before) && payload > 12 && !expected.is_empty();
    if stays {
        assert_eq!(address, Some(before.address));
    } else if !expected.is_empty() && is_borrowed(case) {
        assert_ne!(address, Some(before.address), "borrowed memory must be copied");
        let once =
            if case.layout == MemoryLayout::AsIs { case.memory.pixels_once() * size_of::<T>() } else { expected.len() };
        assert_eq!(payload, once, "without gaps or repetition");
    }
    assert_through_ipc::<T>(&raster, &expected);
    let standard = raster.to_standard().unwrap();
    assert!(standard.band(0).unwrap().view().is_identity());
    assert_reads::<T>(&standard.band(0).unwrap(), &case.memory.shape(), &expected);
    drop(standard);
    let owned = !is_borrowed(case) && case.owner != Owner::SharedArc;
    match raster.into_array::<T>() {
        Ok(array) => {
            assert_eq!((array.shape(), bytes(&array)), (case.memory.shape().as_slice(), expected));
            assert!(!stays || (array.as_ptr(), strides(&array)) == (before.address, before.strides));
        }
        Err(refused) => {
            assert!(!(stays && owned), "{refused}");
            assert_reads::<T>(&refused.into_raster().band(0).unwrap(), &case.memory.shape(), &expected);
        }
    }
    drop(held);
}

/// Returns the band, and a handle on the memory that it may share.
fn store<T: Pixel>(case: &Case, array: ArrayD<T>) -> (Result<Band>, Option<ArcArray<T, IxDyn>>) {
    let layout = case.layout;
    if case.memory.repeats() {
        let repeated = array.broadcast(case.memory.shape()).unwrap();
        return (Band::from_ndarray_with(repeated, layout), Some(array.into_shared()));
    }
    match case.owner {
        Owner::Array => (Band::from_ndarray_with(array, layout), None),
        Owner::LastArc => (Band::from_ndarray_with(array.into_shared(), layout), None),
        Owner::OwnedCow => (Band::from_ndarray_with(CowArray::from(array), layout), None),
        owner => {
            let shared = array.into_shared();
            let band = match owner {
                Owner::View => Band::from_ndarray_with(shared.view(), layout),
                Owner::Reference => Band::from_ndarray_with(&shared, layout),
                Owner::BorrowedCow => Band::from_ndarray_with(CowArray::from(&shared), layout),
                _ => Band::from_ndarray_with(shared.clone(), layout),
            };
            (band, Some(shared))
        }
    }
}

fn is_borrowed(case: &Case) -> bool {
    case.memory.repeats() || matches!(case.owner, Owner::View | Owner::Reference | Owner::BorrowedCow)
}

fn must_be_refused<T>(case: &Case, before: &Before<T>) -> bool {
    before.ndim < 2 || case.layout == MemoryLayout::Strict && (is_borrowed(case) || !before.c_order)
}

fn may_be_refused<T>(case: &Case, before: &Before<T>) -> bool {
    let gaps = case.layout == MemoryLayout::AsIs && !is_borrowed(case) && !case.memory.is_dense();
    must_be_refused(case, before) || gaps
}

/// Returns whether the pixels stay where they are.
fn stays<T>(case: &Case, before: &Before<T>) -> bool {
    !is_borrowed(case) && (before.c_order || case.layout == MemoryLayout::AsIs)
}

fn raster<T: Pixel>(band: Band, ndim: usize, nodata: Option<[u8; 8]>) -> Result<Raster> {
    let band = band.with_dim_names(super::dim_names(ndim))?;
    let band = match nodata {
        Some(bytes) => band.with_nodata::<T>(pixel(&bytes))?,
        None => band,
    };
    Raster::from_bands([band])
}

/// Asserts that the raster is a valid array, and that an IPC stream gives the same array back.
fn assert_through_ipc<T: Pixel>(raster: &Raster, expected: &[u8]) {
    let array = StructArray::from(raster.clone());
    assert_valid(&array);
    let back = through_ipc(&array);
    assert_eq!(back, array);
    let column = RasterArray::try_from(back).unwrap();
    let band = column.get(0).unwrap().band(0).unwrap();
    assert_reads::<T>(&band, raster.band(0).unwrap().shape(), expected);
}

/// Asserts that arrow's own validation passes, and that every length and offset is one that Arrow can count.
pub fn assert_valid(array: &StructArray) {
    array.to_data().validate_full().unwrap();
    for view in payloads(array).views() {
        let word = |at: u32| (view >> (32 * at)) as u32;
        assert!(word(0) <= i32::MAX as u32);
        assert!(word(0) <= 12 || word(2) <= i32::MAX as u32 && word(3) <= i32::MAX as u32);
    }
}

/// Writes an array as an IPC stream and reads it back.
pub fn through_ipc(array: &StructArray) -> StructArray {
    let field = RasterArray::try_from(array).unwrap().field("rast");
    let schema = Arc::new(Schema::new(vec![field]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(array.clone())]).unwrap();
    let mut stream = Vec::new();
    let mut writer = StreamWriter::try_new(&mut stream, &schema).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    let batch = StreamReader::try_new(Cursor::new(stream), None).unwrap().next().unwrap().unwrap();
    batch.column(0).as_any().downcast_ref::<StructArray>().unwrap().clone()
}
