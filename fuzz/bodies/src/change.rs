//! Changes arrays below their types: values, lengths, bitmaps, offsets, sizes, keys.

use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use ndraster::arrow_array::{Array, ArrayRef, StructArray, make_array};
use ndraster_test_support::raw::aligned_buffer;

use crate::decode::evil;

/// Returns a column with up to ten changes in any of its arrays.
pub(crate) fn changed(mut data: ArrayData, bytes: &mut Unstructured<'_>) -> Result<ArrayRef> {
    for _ in 0..bytes.int_in_range(0..=10u8)? {
        let node = bytes.int_in_range(0..=count(&data) - 1)?;
        data = change(&data, &mut 0, node, bytes)?;
    }
    let array = make_array(data);
    Ok(if bytes.ratio(1, 8)? { with_short_child(&array, bytes)? } else { array })
}

/// Counts the arrays in a nested one, itself included.
fn count(data: &ArrayData) -> usize {
    1 + data.child_data().iter().map(count).sum::<usize>()
}

/// Returns the array with another one in the place of number `node`.
fn change(data: &ArrayData, number: &mut usize, node: usize, bytes: &mut Unstructured<'_>) -> Result<ArrayData> {
    if *number == node {
        *number += count(data);
        return change_one(data, bytes);
    }
    *number += 1;
    let children = data.child_data().iter().map(|child| change(child, number, node, bytes)).collect::<Result<_>>()?;
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests.
    Ok(unsafe { data.clone().into_builder().child_data(children).build_unchecked() })
}

fn change_one(data: &ArrayData, bytes: &mut Unstructured<'_>) -> Result<ArrayData> {
    let builder = data.clone().into_builder();
    let builder = match bytes.int_in_range(0..=7)? {
        0 => builder.len(bytes.int_in_range(0..=data.len() + 2)?),
        1 => builder.offset(bytes.int_in_range(0..=3)?),
        2 => builder.nulls(None),
        3 => {
            let bitmap: Vec<u8> = bytes.bytes(data.len().div_ceil(8).min(bytes.len()))?.to_vec();
            builder.nulls(None).null_bit_buffer(Some(bitmap.into()))
        }
        _ => builder.buffers(other_buffers(data.buffers(), bytes)?),
    };
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests.
    Ok(unsafe { builder.build_unchecked() })
}

fn other_buffers(buffers: &[Buffer], bytes: &mut Unstructured<'_>) -> Result<Vec<Buffer>> {
    let mut buffers: Vec<Vec<u8>> = buffers.iter().map(|buffer| buffer.to_vec()).collect();
    if buffers.is_empty() {
        return Ok(vec![]);
    }
    let changed = bytes.int_in_range(0..=buffers.len() - 1)?;
    if let Some(buffer) = buffers.get_mut(changed).filter(|buffer| !buffer.is_empty()) {
        if bytes.ratio(1, 10)? {
            buffer.truncate(bytes.int_in_range(0..=buffer.len())?);
        }
        for _ in 0..bytes.int_in_range(1..=3u8)? {
            let width = *bytes.choose(&[1, 4, 8])?;
            let value = evil(bytes)?.to_le_bytes();
            let at = bytes.int_in_range(0..=buffer.len().saturating_sub(1))? / width * width;
            buffer.iter_mut().skip(at).zip(&value[..width]).for_each(|(to, from)| *to = *from);
        }
    }
    Ok(buffers.iter().map(|buffer| aligned_buffer(buffer)).collect())
}

/// Returns a struct with a child that is shorter than the others.
fn with_short_child(array: &ArrayRef, bytes: &mut Unstructured<'_>) -> Result<ArrayRef> {
    let Some(array) = array.as_any().downcast_ref::<StructArray>() else { return Ok(array.clone()) };
    let (fields, mut columns, nulls) = array.clone().into_parts();
    let short = bytes.int_in_range(0..=columns.len() - 1)?;
    columns[short] = columns[short].slice(0, bytes.int_in_range(0..=columns[short].len())?);
    // SAFETY: nothing is promised of this array. It is read by checked look-ups alone, which is what this tests.
    Ok(Arc::new(unsafe { StructArray::new_unchecked(fields, columns, nulls) }))
}
