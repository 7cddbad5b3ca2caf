//! Every reader, called one after the other on a column that may be malformed.

use std::ops::RangeInclusive;

use ndraster::arrow_array::StructArray;
use ndraster::ndarray::{ArrayViewD, Slice};
use ndraster::{BandRef, Error, GeoTransform, Pixel, PixelType, Raster, RasterArray, RasterRef, Registration, Result};

use super::batches::assert_batches_are_their_rows;
use super::{Call, Copies, READERS, Reader, short_message};

/// Calls every reader, and what an owner of the rasters can call. Returns how many calls worked.
///
/// # Panics
///
/// If a reader panics, or if two readers of the same pixels differ.
pub fn read_everything(column: &RasterArray) -> usize {
    let copies = column.iter().flatten().all(|raster| copies_are_cheap(&raster));
    let outcomes = outcomes(copies, |call| match call {
        Call::Column(read) => Some(read(column)),
        Call::Raster(_) | Call::Band(_) => None,
    });
    // Few rows, because each is read many times. All together may be copied, also where one of them is more than may.
    let mut bands = column.iter().flatten().flat_map(|raster| raster.bands()).flatten();
    if column.len() <= 32 && bands.all(|band| shows_few(&band)) {
        assert_batches_are_their_rows(column);
    }
    let read = count(&outcomes) + column.iter().flatten().map(|raster| read_raster(&raster)).sum::<usize>();
    assert!(column.slice(1, usize::MAX).is_err());
    let works = [
        Raster::try_from(column.clone()).is_ok(),
        column.to_compact().is_ok_and(|compact| compact.to_canonical().is_ok()),
        column.to_offset_types().is_ok_and(|offset| offset.to_canonical().is_ok()),
    ];
    read + count_true(&works)
}

fn read_raster(raster: &RasterRef<'_>) -> usize {
    let copies = copies_are_cheap(raster);
    let outcomes = outcomes(copies, |call| match call {
        Call::Raster(read) => Some(read(raster)),
        Call::Column(_) | Call::Band(_) => None,
    });
    let of_bands: Vec<_> = raster.bands().take(100).flatten().map(|band| read_band(&band)).collect();
    assert_shorthands_read_the_one_band(raster, &outcomes, of_bands.first());
    let read = count(&outcomes) + of_bands.iter().map(|outcomes| count(outcomes)).sum::<usize>();
    assert_borrows_the_one_band::<u8>(raster);
    assert_borrows_the_one_band::<i16>(raster);
    assert_borrows_the_one_band::<f32>(raster);
    assert_borrows_the_one_band::<f64>(raster);
    let width = raster.width().ok().filter(|width| !GIGABYTES.contains(&(*width as u128)));
    let works = [
        raster.transform().is_ok_and(|transform| transform.invert().is_ok()),
        raster.transform().is_ok_and(|transform| width.is_some_and(|width| transform.x_coords(width).is_ok())),
        raster.slice_dim("time", Slice::new(0, None, -1)).is_ok(),
        raster.to_raster().is_ok_and(|raster| owner_can_change(&raster)),
    ];
    read + count_true(&works)
}

fn read_band(band: &BandRef<'_>) -> Vec<Outcome> {
    let text = [band.name(), band.outdb_uri(), band.outdb_format()];
    let axes = [band.dim_names().len(), band.source_shape().len(), band.view().entries().len(), band.shape().len()];
    assert_eq!(axes, [band.ndim(); 4], "{band:?} {text:?}");
    outcomes(!is_gigabytes(band), |call| match call {
        Call::Band(read) => Some(read(band)),
        Call::Column(_) | Call::Raster(_) => None,
    })
}

/// The name of a reader that was called, and its message if it failed.
type Outcome = (&'static str, Result<(), String>);

/// Calls the readers of one type, if `copies` is false without those that copy what a band shows.
fn outcomes(copies: bool, read: impl Fn(Call) -> Option<Result<()>>) -> Vec<Outcome> {
    let affordable = READERS.iter().filter(|reader| copies || reader.copies != Copies::Shown);
    let outcome = |reader: &Reader| Some((reader.name, read(reader.call)?.map_err(|error| short_message(&error))));
    affordable.filter_map(outcome).collect()
}

fn count(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|(_, result)| result.is_ok()).count()
}

fn count_true(works: &[bool]) -> usize {
    works.iter().filter(|works| **works).count()
}

/// So many pixels are up to 16 GiB, of which up to 2 GiB are copied when asked for. More are refused.
const GIGABYTES: RangeInclusive<u128> = 10_000..=1 << 31;

fn copies_are_cheap(raster: &RasterRef<'_>) -> bool {
    raster.bands().flatten().all(|band| !is_gigabytes(&band))
}

fn is_gigabytes(band: &BandRef<'_>) -> bool {
    let pixels = band.shape().iter().fold(1u128, |all, extent| all.saturating_mul(*extent as u128));
    GIGABYTES.contains(&pixels)
}

/// Returns whether a band has so few pixels that an array of its shape may be made, by ndarray's rule: axes without extent do
/// not count.
pub(super) fn shows_few(band: &BandRef<'_>) -> bool {
    let filled = band.shape().iter().filter(|extent| **extent > 0);
    filled.fold(1u128, |all, extent| all.saturating_mul(*extent as u128)) < *GIGABYTES.start()
}

/// Asserts that the readers which a raster has for its one band work where those of the band work, and fail with the same
/// message.
fn assert_shorthands_read_the_one_band(raster: &RasterRef<'_>, of_raster: &[Outcome], of_band: Option<&Vec<Outcome>>) {
    let no_band = raster.only_band().err().map(|error| error.to_string());
    for reader in READERS {
        let Some(name) = reader.name.strip_prefix("BandRef::") else { continue };
        let named = |(other, _): &&Outcome| other.strip_prefix("RasterRef::") == Some(name);
        let Some((_, short)) = of_raster.iter().find(named) else { continue };
        let long = match &no_band {
            Some(message) => Some(&Err(message.clone())),
            None => of_band.and_then(|band| band.iter().find(|(other, _)| *other == reader.name)).map(|(_, long)| long),
        };
        assert_eq!(Some(short), long, "{name} of {raster:?}");
    }
}

/// Asserts that the raster borrows the very pixels that its one band does, and refuses what the band refuses, whatever the
/// type that is asked for. The raster has a faster way of its own to bands that need no view.
fn assert_borrows_the_one_band<T: Pixel>(raster: &RasterRef<'_>) {
    let same = |short: Result<(Vec<usize>, Vec<isize>, *const T)>, long| match (short, long) {
        (Ok(short), Ok(long)) => assert_eq!(short, long, "{raster:?}"),
        (Err(short), Err(long)) => assert_eq!(short.to_string(), Error::to_string(&long), "{raster:?}"),
        (short, long) => panic!("{short:?} is not {long:?} of {raster:?}"),
    };
    let parts = |view: ArrayViewD<'_, T>| (view.shape().to_vec(), view.strides().to_vec(), view.as_ptr());
    let of_band = |band: BandRef<'_>| band.as_array_view::<T>().map(parts);
    same(raster.as_array_view::<T>().map(parts), raster.only_band().and_then(of_band));
    let of_band = |band: BandRef<'_>| band.as_array_view2::<T>().map(|view| parts(view.into_dyn()));
    same(raster.as_array_view2::<T>().map(|view| parts(view.into_dyn())), raster.only_band().and_then(of_band));
}

/// Calls what an owner alone can call. Returns whether all of it works that must work for a valid raster.
fn owner_can_change(raster: &Raster) -> bool {
    let changed = [
        raster
            .clone()
            .with_crs("EPSG:4326")
            .with_transform(GeoTransform::from_gdal([0.0; 6]).unwrap())
            .num_bands()
            .is_ok(),
        raster.clone().with_grid_of(raster).is_ok() == raster.spatial_dims().is_ok_and(|dims| dims.len() == 2),
        raster.clone().with_nodata(0u8).is_ok()
            == raster.bands().all(|band| band.is_ok_and(|band| band.pixel_type() == PixelType::UInt8)),
    ];
    let _ = raster.clone().with_bbox([0.0, 0.0, 1.0, 1.0], Registration::Pixel);
    let _ = raster.clone().with_spatial_dims("x", "y");
    let back = match raster.clone().into_array::<u8>() {
        Ok(array) => !array.is_empty(),
        Err(refused) => refused.into_raster().num_bands().is_ok(),
    };
    changed == [true; 3] && back && Raster::try_from(StructArray::from(raster.clone())).is_ok()
}
