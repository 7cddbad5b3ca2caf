//! Reads binary columns of any of Arrow's four binary types: payloads and nodata values.

use arrow_array::types::ByteArrayType;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, GenericByteArray, LargeBinaryArray,
};
use arrow_buffer::{ArrowNativeType, NullBuffer};

use crate::error::{Result, error};
use crate::format::payload::{self, Location};
use crate::format::values::{downcast, is_null, too_short};

/// A binary column.
#[derive(Clone, Copy)]
pub(crate) enum BytesColumn<'a> {
    BinaryView(&'a BinaryViewArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    FixedSizeBinary(&'a FixedSizeBinaryArray),
}

impl<'a> BytesColumn<'a> {
    #[inline]
    pub(crate) fn new(array: &'a ArrayRef, what: &str) -> Result<Self> {
        let any = array.as_ref().as_any();
        if let Some(bytes) = any.downcast_ref() {
            return Ok(BytesColumn::BinaryView(bytes));
        }
        if let Some(bytes) = any.downcast_ref() {
            return Ok(BytesColumn::Binary(bytes));
        }
        if let Some(bytes) = any.downcast_ref() {
            return Ok(BytesColumn::LargeBinary(bytes));
        }
        downcast(array, what).map(BytesColumn::FixedSizeBinary)
    }

    #[inline]
    fn nulls(self) -> Option<&'a NullBuffer> {
        match self {
            BytesColumn::BinaryView(array) => array.nulls(),
            BytesColumn::Binary(array) => array.nulls(),
            BytesColumn::LargeBinary(array) => array.nulls(),
            BytesColumn::FixedSizeBinary(array) => array.nulls(),
        }
    }

    /// Returns the stored bytes of value `index`, also of a null one, or `None` if they are not there.
    #[inline]
    fn stored(self, index: usize) -> Option<&'a [u8]> {
        match self {
            BytesColumn::BinaryView(array) => payload::resolve(array, index),
            BytesColumn::Binary(array) => by_offsets(array, index),
            BytesColumn::LargeBinary(array) => by_offsets(array, index),
            BytesColumn::FixedSizeBinary(array) => {
                let size = usize::try_from(array.value_length()).ok()?;
                array.value_data().get(index.checked_mul(size)?..)?.get(..size)
            }
        }
    }

    /// Returns value `index`, or `None` if it is null.
    #[inline]
    pub(crate) fn get(self, index: usize, what: &str) -> Result<Option<&'a [u8]>> {
        if is_null(self.nulls(), index) {
            return Ok(None);
        }
        self.stored(index).map(Some).ok_or_else(|| too_short(what))
    }

    /// Returns whether [`get`](Self::get) succeeds.
    #[inline]
    pub(crate) fn is_valid_or_null(self, index: usize) -> bool {
        is_null(self.nulls(), index) || self.stored(index).is_some()
    }

    /// Returns payload `index`. Refuses a null.
    #[inline]
    pub(crate) fn payload(self, index: usize) -> Result<&'a [u8]> {
        if is_null(self.nulls(), index) {
            return Err(error!(Malformed, "data: it is null"));
        }
        let bytes = self.stored(index);
        bytes.ok_or_else(|| error!(Malformed, "data: its view or offsets point outside of its buffers"))
    }

    /// Returns the data buffer that value `index` lies in and its offset there, or `None` if it is stored inline.
    pub(crate) fn locate(self, index: usize) -> Option<Location<'a>> {
        match self {
            BytesColumn::BinaryView(array) => {
                let (buffer, start) = payload::locate(array, index)?;
                Some((array.data_buffers().get(buffer as usize)?, start))
            }
            BytesColumn::Binary(array) => Some((array.values(), array.value_offsets().get(index)?.to_usize()?)),
            BytesColumn::LargeBinary(array) => Some((array.values(), array.value_offsets().get(index)?.to_usize()?)),
            BytesColumn::FixedSizeBinary(array) => {
                Some((array.values(), usize::try_from(array.value_length()).ok()?.checked_mul(index)?))
            }
        }
    }
}

/// Returns value `index`, or `None` if its offsets are missing, run backwards or point outside of the values.
#[inline]
pub(crate) fn by_offsets<T: ByteArrayType>(array: &GenericByteArray<T>, index: usize) -> Option<&[u8]> {
    let offsets = array.value_offsets();
    let start = offsets.get(index)?.to_usize()?;
    let end = offsets.get(index.checked_add(1)?)?.to_usize()?;
    array.values().as_slice().get(start..end)
}
