//! An array goes in, through a column and an IPC stream, and comes out as it was.

use std::io::Cursor;
use std::sync::Arc;

use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use ndraster::arrow_array::{Array as _, BinaryViewArray, ListArray, RecordBatch, StructArray};
use ndraster::arrow_schema::Schema;
use ndraster::ndarray::{ArcArray, ArrayD, CowArray, IxDyn};
use ndraster::{Band, ErrorKind, MemoryLayout, Pixel, PixelType, Raster, RasterArray, Result};

use super::for_pixel_type;
use super::memory::{Memory, pixel};
use super::reads::{assert_reads, bytes};

/// Who holds the memory that goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Array,
    LastArc,
    SharedArc,
    View,
    Reference,
    OwnedCow,
    BorrowedCow,
}

impl Owner {
    pub(crate) const ALL: [Owner; 7] = [
        Owner::Array,
        Owner::LastArc,
        Owner::SharedArc,
        Owner::View,
        Owner::Reference,
        Owner::OwnedCow,
        Owner::BorrowedCow,
    ];
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) pixel_type: PixelType,
    pub(crate) memory: Memory,
    pub(crate) owner: Owner,
    pub(crate) layout: MemoryLayout,
    pub(crate) nodata: Option<[u8; 8]>,
}

pub(crate) fn check(case: &Case) {
    for_pixel_type!(case.pixel_type, check_as(case));
}

/// What is known of an array before it goes in.
struct Before<T> {
    c_order: bool,
    address: *const T,
    strides: Vec<isize>,
    ndim: usize,
}

/// Strides where they lead somewhere.
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
    // What is in C order needs no view, whoever holds it; axes of length one have no say in that.
    let other_order = case.memory.repeats() || !before.c_order;
    assert!(band.view().is_identity() || case.layout == MemoryLayout::AsIs && other_order);
    let address = assert_reads::<T>(&band, &case.memory.shape(), &expected);
    let payload = band.source_data().unwrap().len();
    let stays = stays(case, &before) && payload > 12 && !expected.is_empty();
    if stays {
        assert_eq!(address, Some(before.address));
    } else if !expected.is_empty() && is_borrowed(case) {
        assert_ne!(address, Some(before.address), "what somebody else holds is copied");
        let once =
            if case.layout == MemoryLayout::AsIs { case.memory.pixels_once() * size_of::<T>() } else { expected.len() };
        assert_eq!(payload, once, "without gaps or repetition");
    }
    assert_on_the_wire::<T>(&raster, &expected);
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

/// The band, and what keeps the memory alive that it may share.
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

/// Whether the pixels stay where they are.
fn stays<T>(case: &Case, before: &Before<T>) -> bool {
    !is_borrowed(case) && (before.c_order || case.layout == MemoryLayout::AsIs)
}

pub(crate) fn raster<T: Pixel>(band: Band, ndim: usize, nodata: Option<[u8; 8]>) -> Result<Raster> {
    let band = band.with_dim_names((0..ndim).map(|axis| format!("d{axis}")))?;
    let band = match nodata {
        Some(bytes) => band.with_nodata::<T>(pixel(&bytes))?,
        None => band,
    };
    Raster::from_bands([band])
}

/// Arrow's own validation passes, no length or offset is beyond what Arrow can count, and a stream gives the same
/// array back.
fn assert_on_the_wire<T: Pixel>(raster: &Raster, expected: &[u8]) {
    let array = StructArray::from(raster.clone());
    assert_valid(&array);
    let back = through_ipc(&array);
    assert_eq!(back, array);
    let column = RasterArray::try_from(back).unwrap();
    let band = column.get(0).unwrap().band(0).unwrap();
    assert_reads::<T>(&band, raster.band(0).unwrap().shape(), expected);
}

pub(crate) fn assert_valid(array: &StructArray) {
    array.to_data().validate_full().unwrap();
    let bands: &ListArray = array.column(4).as_any().downcast_ref().unwrap();
    let band: &StructArray = bands.values().as_any().downcast_ref().unwrap();
    let data: &BinaryViewArray = band.column(8).as_any().downcast_ref().unwrap();
    for view in data.views() {
        let word = |at: u32| (view >> (32 * at)) as u32;
        assert!(word(0) <= i32::MAX as u32);
        assert!(word(0) <= 12 || word(2) <= i32::MAX as u32 && word(3) <= i32::MAX as u32);
    }
}

pub(crate) fn through_ipc(array: &StructArray) -> StructArray {
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
