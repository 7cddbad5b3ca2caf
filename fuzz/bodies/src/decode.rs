//! Reads cases from bytes. Most of them are sound, or no case would reach more than the first check.

use arbitrary::{Arbitrary, Result, Unstructured};
use ndraster::{MemoryLayout, PixelType, ViewEntry};
use ndraster_test_support::cases::memory::{AxisInMemory, Memory};
use ndraster_test_support::cases::round_trip::Owner;
use ndraster_test_support::cases::slices::{Cut, Span};
use ndraster_test_support::cases::{round_trip, slices, views};

/// The most pixels that a case shows, and the most that a view is laid over. More of them cost time, and find nothing new.
const FEW: usize = 1024;

/// A number at which arithmetic or look-ups tend to break, or any other number.
pub(crate) fn evil(bytes: &mut Unstructured<'_>) -> Result<i64> {
    const KNOWN: [i64; 12] =
        [i64::MIN, i64::MAX, -1, 0, 1, 12, 13, 1 << 31, (1 << 31) - 1, 1 << 40, 1 << 60, u32::MAX as i64];
    if bytes.arbitrary()? { Ok(*bytes.choose(&KNOWN)?) } else { Ok(i64::from(i8::arbitrary(bytes)?)) }
}

fn pixel_type(bytes: &mut Unstructured<'_>) -> Result<PixelType> {
    Ok(PixelType::try_from(bytes.int_in_range(1..=10u32)?).unwrap())
}

fn layout(bytes: &mut Unstructured<'_>) -> Result<MemoryLayout> {
    bytes.choose(&[MemoryLayout::Standard, MemoryLayout::Strict, MemoryLayout::AsIs]).copied()
}

/// Reads an extent, where there is room for so many pixels along this axis and all further ones.
fn extent(bytes: &mut Unstructured<'_>, most: usize, room: &mut usize) -> Result<usize> {
    let extent = bytes.int_in_range(0..=most.min(*room))?;
    *room /= extent.max(1);
    Ok(extent)
}

fn axis(bytes: &mut Unstructured<'_>, room: &mut usize) -> Result<AxisInMemory> {
    let step = *bytes.choose(&[1, 1, 1, -1, 2, -3, 0])?;
    let around = if bytes.ratio(1, 4)? { (bytes.int_in_range(0..=2)?, bytes.int_in_range(0..=2)?) } else { (0, 0) };
    Ok(AxisInMemory { extent: extent(bytes, 6, room)?, place: bytes.arbitrary()?, step, around })
}

/// Returns `None` instead of thousands of pixels in memory.
fn memory(bytes: &mut Unstructured<'_>, ndim: std::ops::RangeInclusive<usize>) -> Result<Option<Memory>> {
    let ndim = bytes.int_in_range(ndim)?;
    let mut room = FEW;
    let axes = (0..ndim).map(|_| axis(bytes, &mut room)).collect::<Result<_>>()?;
    let memory = Memory { axes, special: bytes.arbitrary()? };
    Ok(Some(memory).filter(|memory| memory.pixels_in_memory() <= 4096))
}

pub(crate) fn round_trip(bytes: &mut Unstructured<'_>) -> Result<Option<round_trip::Case>> {
    let (pixel_type, owner, layout) = (pixel_type(bytes)?, *bytes.choose(&Owner::ALL)?, layout(bytes)?);
    let Some(memory) = memory(bytes, 1..=6)? else { return Ok(None) };
    let nodata = match bytes.int_in_range(0..=2)? {
        0 => None,
        1 => Some(memory.special),
        _ => Some(bytes.arbitrary()?),
    };
    Ok(Some(round_trip::Case { pixel_type, memory, owner, layout, nodata }))
}

/// Reads entries for these extents, in any order. Most of them stay inside.
fn entries(bytes: &mut Unstructured<'_>, extents: &[usize]) -> Result<Vec<ViewEntry>> {
    let mut axes: Vec<usize> = (0..extents.len()).collect();
    let mut entries = Vec::new();
    let mut room = FEW;
    while !axes.is_empty() {
        let axis = axes.swap_remove(bytes.int_in_range(0..=axes.len() - 1)?);
        let extent = i64::try_from(extents[axis]).unwrap_or(i64::MAX);
        let mut entry = entry(bytes, axis as i64, extent, &mut room)?;
        if bytes.ratio(1, 16)? {
            let number = evil(bytes)?;
            match bytes.int_in_range(0..=3)? {
                0 => entry.source_axis = number,
                1 => entry.start = number,
                2 => entry.step = number,
                _ => entry.steps = number,
            }
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(bytes: &mut Unstructured<'_>, source_axis: i64, extent: i64, room: &mut usize) -> Result<ViewEntry> {
    let start = bytes.int_in_range(0..=extent.saturating_sub(1).clamp(0, 100))?;
    let step = bytes.int_in_range(-4..=4i64)?;
    let inside = match step {
        _ if extent == 0 => 0,
        0 => 6,
        1.. => (extent - 1 - start) / step + 1,
        _ => start / -step + 1,
    };
    let steps = self::extent(bytes, inside.min(8) as usize, room)? as i64;
    Ok(ViewEntry { source_axis, start, step, steps })
}

pub(crate) fn views(bytes: &mut Unstructured<'_>) -> Result<views::Case> {
    let pixel_type = pixel_type(bytes)?;
    let offset = bytes.int_in_range(0..=8)?;
    let ndim = bytes.int_in_range(1..=6)?;
    let mut room = FEW;
    let mut source_shape: Vec<usize> = (0..ndim).map(|_| extent(bytes, 6, &mut room)).collect::<Result<_>>()?;
    if bytes.ratio(1, 16)? {
        source_shape[0] = evil(bytes)? as usize;
    }
    let entries_of_source = entries(bytes, &source_shape)?;
    let seen: Vec<usize> = entries_of_source.iter().map(|entry| usize::try_from(entry.steps).unwrap_or(0)).collect();
    let outer = entries(bytes, &seen)?;
    Ok(views::Case { pixel_type, source_shape, entries: entries_of_source, outer, offset })
}

fn span(bytes: &mut Unstructured<'_>) -> Result<Span> {
    Ok(Span { from: bytes.arbitrary()?, to: bytes.arbitrary()?, negative: bytes.arbitrary()? })
}

fn cut(bytes: &mut Unstructured<'_>) -> Result<Cut> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => Cut::Dim { axis: bytes.arbitrary()?, range: span(bytes)?, step: bytes.int_in_range(-3..=3)? },
        1 => Cut::Window { rows: span(bytes)?, cols: span(bytes)? },
        _ => Cut::Tile {
            height: bytes.arbitrary()?,
            width: bytes.arbitrary()?,
            overlap: bytes.arbitrary()?,
            number: bytes.arbitrary()?,
        },
    })
}

pub(crate) fn slices(bytes: &mut Unstructured<'_>) -> Result<Option<slices::Case>> {
    let (pixel_type, layout, spatial) = (pixel_type(bytes)?, layout(bytes)?, bytes.arbitrary()?);
    let Some(memory) = memory(bytes, 2..=5)? else { return Ok(None) };
    let cuts = (0..bytes.int_in_range(1..=5u8)?).map(|_| cut(bytes)).collect::<Result<_>>()?;
    Ok(Some(slices::Case { pixel_type, memory, layout, spatial, cuts }))
}
