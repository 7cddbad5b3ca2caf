//! Out-of-db bands that a function loads: they show the pixels that it returned, through the view of the band, in the memory
//! that it gave. All else stays as it is.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use arrow_ipc::reader::FileReader;
use ndraster::arrow_array::{Array, BinaryViewArray, StructArray};
use ndraster::ndarray::{ArcArray, Array2, ArrayD, Axis, IxDyn, Slice, array};
use ndraster::{
    Band, BandRef, Error, ErrorKind, LoadedBand, MemoryLayout, Pixel, PixelType, Raster, RasterArray, RasterType,
    Result,
};
use ndraster_test_support::cases::memory::{AxisInMemory, Memory, for_each_index};
use ndraster_test_support::cases::reads::assert_reads;
use ndraster_test_support::cases::slices::skewed;
use ndraster_test_support::fixtures::{batches, engines};
use ndraster_test_support::for_pixel_type;
use ndraster_test_support::manifest::{check_rows, for_every_column};
use ndraster_test_support::payloads::payloads;
use ndraster_test_support::random::Random;
use ndraster_test_support::raw::{RawBand, payload_at, with_payloads};
use serde_json::Value;

const URI: &str = "s3://bucket/scene.tif";

/// Pixels of small numbers that every type holds.
fn numbered<T: Pixel>(shape: &[usize]) -> ArrayD<T> {
    let mut numbers = (0..120).cycle();
    ArrayD::from_shape_simple_fn(IxDyn(shape), || T::from_f64(f64::from(numbers.next().unwrap())).unwrap())
}

/// A raster of one band that is not loaded.
fn outdb(shape: &[usize], pixel_type: PixelType) -> Result<Raster> {
    Ok(Raster::from_bands([Band::outdb(URI, shape, pixel_type)?])?.with_transform(skewed()))
}

fn payload_address(raster: &Raster) -> *const u8 {
    raster.band(0).unwrap().source_data().unwrap().as_ptr()
}

/// A function for columns in which all bands are loaded.
fn never(band: &BandRef<'_>) -> Result<Band> {
    panic!("{band:?} is loaded");
}

/// What a raster must show, by ndarray's own slicing.
struct Expected {
    array: ArrayD<i32>,
    dims: Vec<&'static str>,
}

impl Expected {
    fn slice(&mut self, dim: &str, slice: impl Into<Slice>) {
        let axis = self.dims.iter().position(|name| *name == dim).unwrap();
        self.array.slice_axis_inplace(Axis(axis), slice.into());
    }
}

fn window(raster: &Raster, expected: &mut Expected) -> Result<Raster> {
    expected.slice("y", 1..);
    expected.slice("x", ..2);
    raster.window(1.., ..2)
}

fn every_second(raster: &Raster, expected: &mut Expected) -> Result<Raster> {
    expected.slice("x", Slice::new(0, None, 2));
    raster.slice_dim("x", Slice::new(0, None, 2))
}

fn flipped(raster: &Raster, expected: &mut Expected) -> Result<Raster> {
    expected.slice("y", Slice::new(0, None, -1));
    raster.slice_dim("y", Slice::new(0, None, -1))
}

fn transposed(raster: &Raster, expected: &mut Expected) -> Result<Raster> {
    expected.array = expected.array.clone().reversed_axes();
    expected.dims.reverse();
    raster.transpose_dims(&expected.dims)
}

fn as_it_is(raster: &Raster, _: &mut Expected) -> Result<Raster> {
    Ok(raster.clone())
}

#[test]
fn a_loaded_band_shows_what_its_view_takes_of_the_source() -> Result<()> {
    const CUTS: [fn(&Raster, &mut Expected) -> Result<Raster>; 5] =
        [as_it_is, window, every_second, flipped, transposed];
    let cases: [(&[usize], &[&str]); 3] =
        [(&[4, 4], &["y", "x"]), (&[3, 5], &["y", "x"]), (&[2, 4, 3], &["time", "y", "x"])];
    for (shape, dims) in cases {
        for (first, second) in CUTS.iter().flat_map(|first| CUTS.map(|second| (first, second))) {
            let source = numbered::<i32>(shape);
            let mut expected = Expected { array: source.clone(), dims: dims.to_vec() };
            let band = Band::outdb(URI, shape, PixelType::Int32)?.with_dim_names(dims.iter().copied())?;
            let raster = Raster::from_bands([band])?.with_transform(skewed());
            let cut = second(&first(&raster, &mut expected)?, &mut expected)?;
            let address = source.as_ptr();
            let mut source = Some(source);
            let loaded = cut.load_with(|band| {
                assert_eq!((band.source_shape(), band.outdb_uri()), (shape, Some(URI)));
                Band::from_ndarray(source.take().unwrap())
            })?;
            assert_eq!(loaded.as_array_view::<i32>()?, expected.array);
            assert_eq!(payload_address(&loaded), address.cast());
            let (found, before) = (loaded.band(0)?, cut.band(0)?);
            assert_eq!((found.view(), found.dim_names()), (before.view(), expected.dims.as_slice()));
            assert_eq!((loaded.transform()?, loaded.spatial_shape()?), (cut.transform()?, cut.spatial_shape()?));
        }
    }
    Ok(())
}

/// A band of a source and a view, without its pixels. Entries are `[source_axis, start, step, steps]`.
fn unloaded(source_shape: &[usize], entries: &[[i64; 4]], pixel_type: PixelType) -> RasterArray {
    let extents: Vec<i64> = source_shape.iter().map(|extent| *extent as i64).collect();
    let view = Some(entries.to_vec());
    RasterArray::try_from(RawBand { view, ..RawBand::new(&extents, pixel_type.id(), payload_at(0, &[])) }.column())
        .unwrap()
}

fn random_memory(random: &mut Random) -> Memory {
    let axes = (0..2 + random.below(3)).map(|_| AxisInMemory {
        extent: 1 + random.below(4),
        place: random.below(3) as u8,
        step: [1, 1, 1, -1, 2, -3, 0][random.below(7)],
        around: (random.below(2), random.below(2)),
    });
    Memory { axes: axes.collect(), special: [0xff; 8] }
}

/// An entry for each axis of a shape, in any order. Steps go both ways, and may be zero.
fn random_view(random: &mut Random, shape: &[usize]) -> Vec<[i64; 4]> {
    let order = random.permutation(shape.len());
    let entry = |axis: usize| {
        let (extent, start) = (shape[axis], random.below(shape[axis]));
        let step = [1i64, 1, -1, 2, -2, 0][random.below(6)];
        let room = match step {
            0 => 3,
            1.. => (extent - 1 - start) / step as usize,
            _ => start / step.unsigned_abs() as usize,
        };
        [axis as i64, start as i64, step, 1 + random.below(room + 1) as i64]
    };
    order.into_iter().map(entry).collect()
}

#[test]
fn any_view_over_any_memory_shows_the_pixels_of_both() {
    fn check<T: Pixel>(memory: &Memory, entries: &[[i64; 4]], layout: MemoryLayout) {
        let (source_shape, source) = (memory.shape(), memory.expected::<T>());
        let shape: Vec<usize> = entries.iter().map(|entry| entry[3] as usize).collect();
        let mut expected: Vec<u8> = Vec::new();
        for_each_index(&shape, |index| {
            let mut in_source = vec![0; index.len()];
            for ([axis, start, step, _], index) in entries.iter().zip(index) {
                in_source[*axis as usize] = (start + step * *index as i64) as usize;
            }
            let pixel = in_source.iter().zip(&source_shape).fold(0, |pixel, (index, extent)| pixel * extent + index);
            expected.extend(&source[pixel * size_of::<T>()..][..size_of::<T>()]);
        });
        let column = unloaded(&source_shape, entries, T::PIXEL_TYPE);
        let loaded = column.load_with(|_| memory.band::<T>(layout)).unwrap();
        assert_reads::<T>(&loaded.get(0).unwrap().band(0).unwrap(), &shape, &expected);
    }
    let (random, mut as_is) = (&mut Random::new(11), 0);
    for _ in 0..2000 {
        let memory = random_memory(random);
        let entries = random_view(random, &memory.shape());
        let layout = [MemoryLayout::Standard, MemoryLayout::AsIs][random.below(2)];
        let pixel_type = PixelType::try_from(1 + random.below(10) as u32).unwrap();
        // An allocation that ends within its last row is described by no view.
        let has_view = for_pixel_type!(pixel_type, T => memory.band::<T>(layout).is_ok());
        if has_view {
            for_pixel_type!(pixel_type, T => check::<T>(&memory, &entries, layout));
            as_is += usize::from(layout == MemoryLayout::AsIs);
        }
    }
    assert!(as_is > 400, "{as_is}");
}

#[test]
fn memory_in_another_order_is_seen_through_two_views_and_not_copied() -> Result<()> {
    let fortran = Array2::from_shape_fn((30, 20), |(x, y)| (100 * y + x) as i32).reversed_axes();
    let (expected, address) = (fortran.clone(), fortran.as_ptr());
    let window = outdb(&[20, 30], PixelType::Int32)?.window(3..9, 10..)?.slice_dim("x", Slice::new(0, None, -3))?;
    let mut fortran = Some(fortran);
    let loaded = window.load_with(|_| Band::from_ndarray_with(fortran.take().unwrap(), MemoryLayout::AsIs))?;
    let mut shown = expected.view();
    shown.slice_axis_inplace(Axis(0), Slice::from(3..9));
    shown.slice_axis_inplace(Axis(1), Slice::new(10, None, -3));
    assert_eq!(loaded.as_array_view2::<i32>()?, shown);
    assert_eq!(payload_address(&loaded), address.cast());
    // The source is that of the memory. What is returned in C order is a copy, which `from_ndarray` makes.
    assert_eq!(loaded.band(0)?.source_shape(), [30, 20]);
    let copied = window.load_with(|_| Band::from_ndarray(&expected))?;
    assert_eq!(copied.as_array_view2::<i32>()?, shown);
    assert_eq!((copied.band(0)?.view(), copied.band(0)?.source_shape()), (window.band(0)?.view(), [20, 30].as_slice()));
    Ok(())
}

#[test]
fn a_view_that_repeats_pixels_shows_them_as_often() -> Result<()> {
    let column = unloaded(&[3, 4], &[[0, 1, 0, 5], [1, 3, -1, 4]], PixelType::UInt16);
    let source = array![[0u16, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]];
    let loaded = column.load_with(|_| Band::from_ndarray(&source))?;
    let row = array![13u16, 12, 11, 10];
    assert_eq!(loaded.get(0).unwrap().as_array_view2::<u16>()?, row.broadcast((5, 4)).unwrap());
    assert_eq!(loaded.get(0).unwrap().band(0)?.source_data()?.len(), 24);
    Ok(())
}

#[test]
fn a_view_stays_as_it_is_stored() -> Result<()> {
    // A step that is never taken may be any number.
    let column = unloaded(&[3, 4], &[[1, 2, -7, 1], [0, 2, -1, 2]], PixelType::Float64);
    let source = array![[0.0, 1.0, 2.0, 3.0], [10.0, 11.0, 12.0, 13.0], [20.0, 21.0, 22.0, 23.0]];
    let loaded = column.load_with(|_| Band::from_ndarray(&source))?;
    let (before, after) = (column.get(0).unwrap().band(0)?, loaded.get(0).unwrap().band(0)?);
    assert_eq!(after.view().entries(), before.view().entries());
    assert_eq!(after.as_array_view2::<f64>()?, array![[22.0, 12.0]]);
    Ok(())
}

#[test]
fn pixels_of_every_type_and_size_are_loaded() -> Result<()> {
    fn check<T: Pixel>() -> Result<()> {
        // One pixel, and others of which some fit into Arrow's descriptors.
        for shape in [[1, 1], [3, 1], [2, 3], [40, 30]] {
            let source = numbered::<T>(&shape);
            let (expected, address) = (source.clone(), source.as_ptr());
            let mut source = Some(source);
            let raster = outdb(&shape, T::PIXEL_TYPE)?;
            let loaded = raster.load_with(|_| Band::from_ndarray(source.take().unwrap()))?;
            assert_eq!(loaded.to_array::<T>()?, expected);
            if expected.len() * size_of::<T>() > 12 {
                assert_eq!(payload_address(&loaded), address.cast());
                // The memory comes out again: nothing else holds it.
                assert_eq!(loaded.into_array::<T>().unwrap().as_ptr(), address);
            }
        }
        Ok(())
    }
    (1..=10).try_for_each(|id| for_pixel_type!(PixelType::try_from(id)?, T => check::<T>()))
}

/// Rows of several bands, null rows, and bands of a view, of which some are not loaded: those that end in `?`.
fn mixed() -> Result<RasterArray> {
    let here = |fill: i16| Ok::<_, Error>(Band::from_ndarray(Array2::from_elem((6, 5), fill))?.with_name("here"));
    let there = |name: &str| {
        let band =
            Band::outdb(format!("mem://{name}"), [6, 5], PixelType::Int16)?.with_outdb_format("a format of many bytes");
        band.with_name(name).with_nodata(-1i16)
    };
    let lat_lon = here(7)?.with_dim_names(["lat", "lon"])?.with_nodata(7i16)?;
    let rasters = [
        Some(Raster::from_bands([here(1)?, there("0.1?")?, here(2)?, there("0.3?")?])?.with_crs("EPSG:4326")),
        None,
        Some(Raster::from_bands([lat_lon])?),
        Some(Raster::from_bands([there("3.0?")?, here(3)?])?.window(2.., 1..4)?.with_transform(skewed())),
        Some(Raster::from_bands([there("without pixels")?])?.window(2..2, ..)?),
        None,
    ];
    Ok(rasters.into_iter().collect())
}

#[test]
fn bands_are_loaded_in_order_and_loaded_ones_are_left_alone() -> Result<()> {
    let column = mixed()?;
    let mut calls = Vec::new();
    let pixels = |number: usize| Array2::from_shape_fn((6, 5), |(y, x)| (100 * number + 10 * y + x) as i16);
    let loaded = column.load_with(|band| {
        calls.push(band.name().unwrap().to_owned());
        Band::from_ndarray(pixels(calls.len()))
    })?;
    assert_eq!(calls, ["0.1?", "0.3?", "3.0?"]);
    assert_eq!(loaded.as_struct_array().data_type(), &RasterType::storage_type());
    let mut number = 0;
    for row in 0..column.len() {
        let (Some(before), Some(after)) = (column.get(row), loaded.get(row)) else {
            assert!(column.is_null(row) && loaded.is_null(row));
            continue;
        };
        assert_eq!((after.crs()?, after.transform()?), (before.crs()?, before.transform()?));
        assert_eq!((after.spatial_dims()?, after.spatial_shape()?), (before.spatial_dims()?, before.spatial_shape()?));
        assert_eq!(after.num_bands()?, before.num_bands()?);
        for (before, after) in before.bands().zip(after.bands()) {
            let (before, after) = (before?, after?);
            assert_eq!(
                [after.name(), after.outdb_uri(), after.outdb_format()],
                [before.name(), before.outdb_uri(), before.outdb_format()]
            );
            assert_eq!((after.dim_names(), after.view()), (before.dim_names(), before.view()));
            assert_eq!((after.pixel_type(), after.nodata_bytes()), (before.pixel_type(), before.nodata_bytes()));
            assert!(after.is_loaded());
            if before.is_loaded() {
                let (payload, same) = (after.source_data()?, before.source_data()?);
                assert!(payload.as_ptr_range() == same.as_ptr_range() || payload.is_empty() && same.is_empty());
                continue;
            }
            number += 1;
            let mut expected = pixels(number);
            if row == 3 {
                expected.slice_axis_inplace(Axis(0), Slice::from(2..));
                expected.slice_axis_inplace(Axis(1), Slice::from(1..4));
            }
            assert_eq!(after.as_array_view2::<i16>()?, expected);
        }
    }
    assert_eq!(number, 3);
    Ok(())
}

#[test]
fn where_all_bands_are_loaded_nothing_is_called_and_all_is_shared() -> Result<()> {
    let loaded = mixed()?.load_with(|_| Band::from_ndarray(Array2::<i16>::zeros((6, 5))))?;
    let again = loaded.load_with(never)?;
    for (before, after) in loaded.as_struct_array().columns().iter().zip(again.as_struct_array().columns()) {
        assert!(Arc::ptr_eq(before, after));
    }
    let raster = loaded.get(0).unwrap().load_with(never)?;
    assert_eq!(payload_address(&raster), loaded.get(0).unwrap().band(0)?.source_data()?.as_ptr());
    assert_eq!(payload_address(&raster.load_with(never)?), payload_address(&raster));
    // Bands without pixels need none.
    let empty = Raster::from_bands([Band::outdb(URI, [0, 1 << 40], PixelType::Float64)?])?;
    assert!(empty.load_with(never)?.band(0)?.is_loaded());
    assert!(RasterArray::from(empty).load_with(never)?.get(0).unwrap().band(0)?.is_loaded());
    assert_eq!(RasterArray::from_iter([None, None]).load_with(never)?.len(), 2);
    Ok(())
}

#[test]
fn tiles_of_one_source_share_its_memory() -> Result<()> {
    let source = ArcArray::from_shape_fn((50, 70), |(y, x)| (100 * y + x) as f32);
    let tiles = outdb(&[50, 70], PixelType::Float32)?.tiles(16, 32)?;
    let (mut reads, mut files) = (0, HashMap::new());
    let loaded = tiles.load_with(|band| {
        let file = files.entry(band.outdb_uri().unwrap().to_owned()).or_insert_with(|| {
            reads += 1;
            Band::from_ndarray(source.clone()).unwrap()
        });
        Ok(file.clone())
    })?;
    assert_eq!((reads, loaded.len()), (1, 12));
    assert_eq!(payloads(loaded.as_struct_array()).data_buffers().len(), 1);
    for (number, tile) in loaded.iter().flatten().enumerate() {
        let (row, col) = (number / 3 * 16, number % 3 * 32);
        let first = tile.as_array_view2::<f32>()?.as_ptr();
        assert_eq!(first, source.get((row, col)).unwrap() as *const f32);
    }
    assert_eq!(loaded.to_mosaic(0)?.as_array_view2::<f32>()?, source);
    Ok(())
}

#[test]
fn what_a_returned_band_is_called_does_not_matter() -> Result<()> {
    let band = Band::outdb(URI, [2, 3], PixelType::Int16)?.with_name("ours").with_nodata(-9999i16)?;
    let ours = Raster::from_bands([band.with_dim_names(["lat", "lon"])?])?;
    let theirs = Band::from_ndarray(array![[1i16, 2, -9999], [4, 5, 255]])?
        .with_name("theirs")
        .with_dim_names(["row", "col"])?
        .with_nodata(255i16)?
        .with_outdb_format("npy");
    let loaded = ours.load_with(|_| Ok(theirs.clone()))?;
    let band = loaded.band(0)?;
    assert_eq!((band.name(), band.dim_names()), (Some("ours"), ["lat", "lon"].as_slice()));
    assert_eq!((band.outdb_uri(), band.outdb_format()), (Some(URI), None));
    assert_eq!(loaded.valid_mask2()?.unwrap(), array![[true, true, false], [true, true, true]]);
    // Nor does its nodata where the column has none.
    let loaded = outdb(&[2, 3], PixelType::Int16)?.load_with(|_| Ok(theirs.clone()))?;
    assert_eq!((loaded.nodata::<i16>()?, loaded.band(0)?.name()), (None, None));
    Ok(())
}

#[test]
fn a_function_may_load_no_more_than_a_band_shows() -> Result<()> {
    let scene = outdb(&[1 << 20, 1 << 20], PixelType::UInt8)?;
    let window = scene.window(5..7, 1000..1003)?.slice_dim("x", Slice::new(0, None, -1))?;
    let part = array![[53u8, 52, 51], [63, 62, 61]];
    let load = |_: &BandRef<'_>| Ok(LoadedBand::Visible(Band::from_ndarray(&part)?));
    let loaded = window.load_with(load)?;
    assert_eq!(loaded.as_array_view2::<u8>()?, part);
    assert_eq!((loaded.band(0)?.source_shape(), loaded.band(0)?.source_data()?.len()), ([2, 3].as_slice(), 6));
    assert!(loaded.band(0)?.view().is_identity());
    assert_eq!((loaded.transform()?, loaded.bbox()?), (window.transform()?, window.bbox()?));
    assert_eq!(loaded.band(0)?.outdb_uri(), Some(URI));
    // A part of a larger piece, as the blocks of a file give it, and turned.
    let piece = Array2::from_shape_fn((64, 64), |(y, x)| (y + 2 * x) as u8);
    let cut = Raster::from_ndarray(piece.clone())?.window(3..6, 10..12)?.transpose_dims(["x", "y"])?;
    let address = cut.as_array_view::<u8>()?.as_ptr();
    let turned = window.transpose_dims(["y", "x"])?;
    let loaded = turned.load_with(|_| Ok(LoadedBand::Visible(cut.band(0)?.to_band()?)))?;
    let expected = Array2::from_shape_fn((2, 3), |(y, x)| piece[[3 + x, 10 + y]]);
    assert_eq!(loaded.as_array_view2::<u8>()?, expected);
    assert_eq!(loaded.as_array_view2::<u8>()?.as_ptr(), address);
    Ok(())
}

/// Returns the column without the payloads of the bands that have a URI.
fn without_outdb_payloads(column: &StructArray) -> StructArray {
    let rasters = RasterArray::try_from(column).unwrap();
    let bands = rasters.iter().flatten().flat_map(|raster| raster.bands()).map(Result::unwrap);
    let uris: Vec<bool> = bands.map(|band| band.outdb_uri().is_some()).collect();
    let stored = payloads(column).iter().map(|payload| payload.unwrap());
    let left = stored.zip(uris).map(|(payload, has_uri)| if has_uri { &[] } else { payload });
    let left: Vec<&[u8]> = left.collect();
    with_payloads(column, BinaryViewArray::from_iter_values(left))
}

#[test]
fn a_loaded_column_is_what_rs_ensureloaded_makes_of_it() {
    // SedonaDB loaded this file by a loader in Python. Its manifest has what came out.
    let mut files = 0;
    for_every_column(|file, name, batches, rows| {
        if file != "11_ensure_loaded.arrow" {
            return;
        }
        files += 1;
        let loaded = RasterArray::from_batch(&batches[0], name).unwrap();
        let column = RasterArray::try_from(without_outdb_payloads(loaded.as_struct_array())).unwrap();
        let pixels = |uri: &str| {
            let mut bands = loaded.iter().flatten().flat_map(|raster| raster.bands()).map(Result::unwrap);
            bands.find(|band| band.outdb_uri() == Some(uri)).unwrap()
        };
        let mut count = 0;
        let again = column
            .load_with(|band| {
                count += 1;
                let source = pixels(band.outdb_uri().unwrap());
                for_pixel_type!(band.pixel_type(), T => Band::from_ndarray(source.to_array::<T>()?))
            })
            .unwrap();
        let bands = rows.iter().flat_map(|row| row["bands"].as_array().unwrap());
        let with_pixels = |band: &&Value| band["outdb_uri"].is_string() && band["payload_len"] != 0;
        assert_eq!(count, bands.filter(with_pixels).count());
        assert_eq!(count, 3);
        check_rows(file, &again, rows);
    });
    assert_eq!(files, 1);
}

/// Loads all of a column, from sources of numbers, and compares each pixel with the number that its view says.
fn assert_loads(file: &str, column: &RasterArray) -> usize {
    let mut count = 0;
    let load = |band: &BandRef<'_>| {
        count += 1;
        for_pixel_type!(band.pixel_type(), T => Band::from_ndarray(numbered::<T>(band.source_shape())))
    };
    let loaded = column.load_with(load).unwrap_or_else(|e| panic!("{file}: {e}"));
    loaded.as_struct_array().to_data().validate_full().unwrap_or_else(|e| panic!("{file}: {e}"));
    for (before, after) in column.iter().flatten().zip(loaded.iter().flatten()) {
        for (before, after) in before.bands().map(Result::unwrap).zip(after.bands().map(Result::unwrap)) {
            assert_eq!((after.view(), after.outdb_uri()), (before.view(), before.outdb_uri()), "{file}");
            assert!(after.is_loaded(), "{file}");
            if before.is_loaded() {
                let same = (after.source_data().unwrap(), before.source_data().unwrap());
                assert_eq!(same.0, same.1, "{file}");
                continue;
            }
            let pixels = after.to_array_cast::<f64>().unwrap();
            // Of many pixels, some on each row and each column.
            let apart = if pixels.len() > 10_000 { 97 } else { 1 };
            for_each_index(after.shape(), |index| {
                if index.iter().sum::<usize>() % apart != 0 {
                    return;
                }
                let mut number = 0;
                for (axis, extent) in after.source_shape().iter().enumerate() {
                    let mut entries = after.view().entries().iter().zip(index);
                    let (entry, index) = entries.find(|(entry, _)| entry.source_axis == axis as i64).unwrap();
                    number = number * extent + (entry.start + entry.step * *index as i64) as usize;
                }
                assert_eq!(pixels[index], (number % 120) as f64, "{file}, {index:?}");
            });
        }
    }
    count
}

#[test]
fn bands_that_are_not_loaded_are_loaded_in_every_file_of_sedonadb_and_of_other_engines() {
    let mut count = 0;
    for_every_column(|file, name, batches, _| {
        // Its bands claim 2^80 pixels.
        if file == "36_outdb_huge_shape.arrow" {
            return;
        }
        for batch in batches {
            count += assert_loads(file, &RasterArray::from_batch(&batch, name).unwrap());
        }
    });
    let (manifest, path) = engines();
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let batch = FileReader::try_new(File::open(path(name)).unwrap(), None).unwrap().next().unwrap().unwrap();
        count += assert_loads(name, &RasterArray::from_batch(&batch, "raster").unwrap());
    }
    assert_eq!(count, 21 + 19, "bands that the manifests say are not loaded");
}

#[test]
fn errors_name_the_row_the_band_and_what_to_return() -> Result<()> {
    let scene = outdb(&[20, 30], PixelType::Int16)?;
    let window = scene.window(..10, ..10)?;
    let bands = [Band::from_ndarray(Array2::<u8>::zeros((10, 10)))?, window.band(0)?.to_band()?];
    let column: RasterArray = [None, Some(Raster::from_bands(bands)?)].into_iter().collect();
    let error_of = |returned: Result<LoadedBand>, kind: ErrorKind| {
        let mut returned = Some(returned);
        let error = column.load_with(|_| returned.take().unwrap()).unwrap_err();
        assert_eq!((error.row(), error.band(), error.kind()), (Some(1), Some(1), kind), "{error}");
        error.to_string().strip_prefix("row 1, band 1: ").unwrap().to_owned()
    };
    let zeros = |height, width| Band::from_ndarray(Array2::<i16>::zeros((height, width)));
    let source = |height, width| error_of(zeros(height, width).map(LoadedBand::Source), ErrorKind::Shape);
    let visible = |height, width| error_of(zeros(height, width).map(LoadedBand::Visible), ErrorKind::Shape);
    assert_eq!(
        source(20, 20),
        "load_with: the shape [20, 20] was returned, where the source of the band has [20, 30]: return all of its pixels, \
         or those that the band shows, [10, 10], as `LoadedBand::Visible`"
    );
    assert_eq!(
        source(10, 10),
        "load_with: the shape [10, 10] was returned, where the source of the band has [20, 30]: return what the band shows \
         as `LoadedBand::Visible`"
    );
    assert_eq!(
        source(30, 20),
        "load_with: the shape [30, 20] was returned, where the source of the band has [20, 30]: put its axes into the order \
         of the source (`permuted_axes`)"
    );
    assert_eq!(
        source(0, 30),
        "load_with: the shape [0, 30] was returned, where the source of the band has [20, 30]: return all of its pixels, \
         or those that the band shows, [10, 10], as `LoadedBand::Visible`"
    );
    assert_eq!(
        visible(20, 30),
        "load_with: the shape [20, 30] was returned as `LoadedBand::Visible`, where the band shows [10, 10]: return the \
         whole source as `LoadedBand::Source`"
    );
    assert_eq!(
        visible(10, 9),
        "load_with: the shape [10, 9] was returned as `LoadedBand::Visible`, where the band shows [10, 10]: return the \
         pixels of its view (`BandRef::view`)"
    );
    assert_eq!(
        error_of(Ok(Band::from_ndarray(Array2::<f64>::zeros((20, 30)))?.into()), ErrorKind::PixelType),
        "load_with: pixels of float64 were returned, where the band has int16: make the returned band of `i16`"
    );
    assert_eq!(
        error_of(scene.band(0)?.to_band().map(LoadedBand::Source), ErrorKind::NotLoaded),
        "load_with: the band that was returned is not loaded either: make it of its pixels (`Band::from_ndarray`)"
    );
    // Without a view there is nothing else to return. A turned raster shows its axes in another order.
    let error = scene.load_with(|_| zeros(20, 29)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "band 0: load_with: the shape [20, 29] was returned, where the source of the band has [20, 30]: return all of its pixels"
    );
    let turned = scene.window(.., 3..)?.transpose_dims(["x", "y"])?;
    let error = turned.load_with(|_| zeros(20, 27).map(LoadedBand::Visible)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "band 0: load_with: the shape [20, 27] was returned as `LoadedBand::Visible`, where the band shows [27, 20]: put its \
         axes into the order of `dim_names` (`permuted_axes`)"
    );
    Ok(())
}

#[test]
fn an_error_of_the_function_ends_the_call_and_gets_the_row_and_the_band() -> Result<()> {
    let column = mixed()?;
    let mut calls = 0;
    let error = column
        .load_with(|band| {
            calls += 1;
            match band.name() {
                Some("0.3?") => Err(Error::other("404 Not Found")),
                _ => Band::from_ndarray(Array2::<i16>::zeros((6, 5))),
            }
        })
        .unwrap_err();
    assert_eq!((calls, error.kind(), error.row(), error.band()), (2, ErrorKind::Other, Some(0), Some(3)));
    assert_eq!(error.to_string(), "row 0, band 3: 404 Not Found (`mem://0.3?`)");
    // Rows count from the first one of a slice.
    let sliced = column.slice(2, 3)?;
    let error = sliced.load_with(|_| Err::<Band, _>(Error::other("404 Not Found"))).unwrap_err();
    assert!(error.to_string().starts_with("row 1, band 0: 404 Not Found (`mem://3.0"), "{error}");
    assert!(sliced.load_with(|_| Band::from_ndarray(Array2::<i16>::zeros((6, 5))))?.get(1).is_some());
    // An error about another raster names its place in the message.
    let archive = RasterArray::from_iter([Raster::from_ndarray(array![[1u8]])?]);
    let error = sliced.load_with(|_| archive.get(0).unwrap().band(7)?.to_band()).unwrap_err();
    assert_eq!((error.kind(), error.row(), error.band()), (ErrorKind::NotFound, Some(1), Some(0)));
    assert_eq!(
        error.to_string(),
        "row 1, band 0: row 0, band 7: there is no such band, the raster has 1 (they count from 0)"
    );
    // One about the band itself does not name it twice.
    let error = sliced.load_with(|band| band.to_array::<i16>().and_then(Band::from_ndarray)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 1, band 0: its pixels are not loaded, only known to be at `mem://3.0?`: load them first (`load_with`)"
    );
    Ok(())
}

#[test]
fn a_malformed_row_is_found_before_anything_is_loaded() {
    for (case, message) in [
        ("nodata_short", "row 1, band 0: nodata: it has 2 bytes, where a pixel of float32 has 4"),
        ("payload_short", "row 1, band 0: data: it has 47 bytes, where the source_shape [3, 4] of float32 needs 48"),
        ("transform_5", "row 1: transform: expected six numbers, found 5"),
        ("view_axis_oob", "row 1, band 0: view[1]: source_axis 2 is none of the band's 2 axes"),
    ] {
        let batch = batches(&format!("malformed/{case}.arrow")).remove(0);
        let column: &StructArray = batch.column(0).as_any().downcast_ref().unwrap();
        let stored: Vec<&[u8]> = payloads(column).iter().map(|payload| payload.unwrap()).collect();
        // The first row has a band that is not loaded.
        let emptied = stored.iter().enumerate().map(|(band, payload)| if band == 0 { &[] } else { *payload });
        let emptied: Vec<&[u8]> = emptied.collect();
        let column = RasterArray::try_from(with_payloads(column, BinaryViewArray::from_iter_values(emptied))).unwrap();
        assert!(!column.get(0).unwrap().band(0).unwrap().is_loaded());
        assert_eq!(column.load_with(never).unwrap_err().to_string(), message);
    }
    let batch = batches("malformed/null_data.arrow").remove(0);
    let column = RasterArray::try_from(batch.column(0)).unwrap();
    // A payload that cannot be read is none that is elsewhere.
    assert_eq!(column.load_with(never).unwrap_err().to_string(), "row 1, band 0: data: it is null");
    assert_eq!(column.get(1).unwrap().load_with(never).unwrap_err().kind(), ErrorKind::Malformed);
}
