//! A raster's memory back out, as an owned array.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryViewArray, ListArray, StructArray};
use arrow_buffer::{Buffer, ScalarBuffer};
use ndarray::{Array1, ArrayD, Axis, IxDyn, Slice};

use crate::band::Band;
use crate::columns::{column, downcast};
use crate::constant;
use crate::error::{Error, ErrorKind, Result, error};
use crate::pixel::Pixel;
use crate::raster::Raster;
use crate::raster_array::RasterArray;
use crate::schema::{STORAGE, band, raster};
use crate::view::{Axes, View, ViewEntry};

/// Why a raster's memory could not move, and the raster itself.
///
/// ```
/// use ndraster::{Raster, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2]])?; // up to 12 bytes lie inside of Arrow's view
/// let refused = raster.into_array::<u8>().unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "band 0: its 2 bytes are stored inside of an Arrow view and cannot move: copy them with `to_array`"
/// );
/// let copy = refused.into_raster().to_array::<u8>()?;
/// assert_eq!(copy, array![[1, 2]].into_dyn());
/// # Ok::<(), ndraster::Error>(())
/// ```
pub struct IntoArrayError {
    raster: Raster,
    error: Error,
}

impl IntoArrayError {
    /// The raster, as it was.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let refused = Raster::from_ndarray(array![[1u8, 2]])?.into_array::<u8>().unwrap_err();
    /// assert_eq!(refused.into_raster().width()?, 2);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn into_raster(self) -> Raster {
        self.raster
    }

    /// Why.
    ///
    /// Cost: none.
    ///
    /// ```
    /// # use ndraster::{ErrorKind, Raster, ndarray::array};
    /// let refused = Raster::from_ndarray(array![[1u8, 2]])?.into_array::<u8>().unwrap_err();
    /// assert_eq!(refused.error().kind(), ErrorKind::Layout);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl From<IntoArrayError> for Error {
    fn from(refused: IntoArrayError) -> Self {
        refused.error
    }
}

impl fmt::Display for IntoArrayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Debug for IntoArrayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl std::error::Error for IntoArrayError {}

impl Raster {
    /// The memory of the one band as an owned array: same address, same strides.
    ///
    /// That works for what came from ndarray by value (an `Array`, or an `ArcArray` that was the last handle,
    /// also sliced, also under [`AsIs`](crate::MemoryLayout::AsIs)) and for what this crate repacked, as long
    /// as nobody else holds the memory.
    ///
    /// Cost: one small allocation; no pixel is copied.
    ///
    /// # Errors
    /// [`IntoArrayError`] gives the raster back and says why its memory cannot move: it is shared, inline,
    /// somebody else's, broadcast, or there are several bands. [`to_array`](Raster::to_array) is the copy.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let pixels = Array2::<f32>::ones((30, 40));
    /// let address = pixels.as_ptr();
    /// let pixels = Raster::from_ndarray(pixels)?.into_array::<f32>()?;
    /// assert_eq!((pixels.as_ptr(), pixels.shape()), (address, [30, 40].as_slice()));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn into_array<T: Pixel>(self) -> Result<ArrayD<T>, IntoArrayError> {
        let plan = match self.only_band().and_then(|band| Plan::new::<T>(&band)) {
            Ok(plan) => plan,
            Err(error) => return Err(IntoArrayError { raster: self, error }),
        };
        let (shell, buffer) = Shell::new(self)?;
        match buffer.into_vec::<T>() {
            Ok(pixels) => Ok(plan.lay(pixels)),
            Err(buffer) => Err(shell.refuse(buffer)),
        }
    }
}

/// Where the array lies in the memory, and that it can be owned like that.
struct Plan {
    view: View,
    start: usize,
    len: usize,
}

impl Plan {
    fn new<T: Pixel>(band: &Band<'_>) -> Result<Self> {
        band.require_type::<T>()?;
        let payload = band.source_data()?;
        let Some((_, start)) = band.locate() else {
            let len = payload.len();
            return Err(band.place(error!(
                Layout,
                "its {len} bytes are stored inside of an Arrow view and cannot move: copy them with `to_array`"
            )));
        };
        if band.view().entries().iter().any(|entry| entry.step == 0 && entry.steps > 1) {
            return Err(band
                .place(error!(Layout, "its view repeats pixels, which no owned array can: copy it with `to_array`")));
        }
        if !start.is_multiple_of(size_of::<T>()) {
            return Err(band.place(error!(Misaligned, "it starts between two pixels: copy it with `to_array`")));
        }
        let (start, len) = (start / size_of::<T>(), payload.len() / size_of::<T>());
        Ok(Plan { view: band.view().clone(), start, len })
    }

    /// The payload's part of the memory, in the shape of the source, of which the view is taken axis by axis:
    /// all of it by moving a pointer and changing strides.
    fn lay<T: Pixel>(&self, pixels: Vec<T>) -> ArrayD<T> {
        let mut source = Array1::from_vec(pixels);
        source.slice_axis_inplace(Axis(0), Slice::from(self.start..self.start + self.len));
        let mut array = match source.into_shape_with_order(IxDyn(self.view.source_shape())) {
            Ok(array) => array,
            #[allow(clippy::unreachable, reason = "the payload had exactly the source's pixels")]
            Err(error) => unreachable!("{error}"),
        };
        let mut order: Axes<usize> = Axes::new();
        for entry in self.view.entries() {
            let axis = usize::try_from(entry.source_axis).unwrap_or_default();
            array.slice_axis_inplace(Axis(axis), taken(entry));
            order.push(axis);
        }
        array.permuted_axes(IxDyn(&order))
    }
}

/// What ndarray calls the indices of an entry: a range, and a step whose sign says from which end.
fn taken(entry: &ViewEntry) -> Slice {
    let start = entry.start as isize;
    if entry.steps == 0 {
        return Slice { start: 0, end: Some(0), step: 1 };
    }
    if entry.steps == 1 {
        return Slice { start, end: Some(start + 1), step: 1 };
    }
    let last = (entry.start + (entry.steps - 1) * entry.step) as isize;
    Slice { start: start.min(last), end: Some(start.max(last) + 1), step: entry.step as isize }
}

/// A raster of one band without its payload's buffer.
struct Shell {
    columns: Vec<ArrayRef>,
    band: Vec<ArrayRef>,
    views: ScalarBuffer<u128>,
}

impl Shell {
    /// Takes the one data buffer out of a raster, and lets go of every other handle on it.
    fn new(raster: Raster) -> Result<(Self, Buffer), IntoArrayError> {
        let array = StructArray::from(raster);
        let (data, mut band) = match payloads(&array) {
            Ok(parts) => parts,
            Err(error) => return Err(IntoArrayError { raster: rebuilt(array), error }),
        };
        let (views, buffers, _) = data.into_parts();
        let buffer = match &buffers[..] {
            [buffer] => buffer.clone(),
            several => {
                let count = several.len();
                let error = error!(Layout, "its column has {count} data buffers: copy it with `to_array`");
                return Err(IntoArrayError { raster: rebuilt(array), error });
            }
        };
        // The last references to the buffer, unless somebody else has some.
        let (_, mut columns, _) = array.into_parts();
        band.truncate(band::DATA);
        columns.truncate(raster::BANDS);
        drop(buffers);
        Ok((Shell { columns, band, views }, buffer))
    }

    /// The raster again, with the buffer that did not become a `Vec`.
    fn refuse(mut self, buffer: Buffer) -> IntoArrayError {
        let error = Error::new(
            ErrorKind::Layout,
            "its memory is shared with another raster, view or array, or was not allocated as a `Vec` of its pixel \
             type: copy it with `to_array`",
        );
        // The same parts were a raster before, so that no constructor can fail.
        self.band.push(Arc::new(BinaryViewArray::new(self.views, vec![buffer], None)));
        let band = StructArray::new(STORAGE.band.clone(), self.band, None);
        let item = Arc::clone(&STORAGE.band_entry);
        self.columns.push(Arc::new(ListArray::new(item, constant::offsets(1, 1), Arc::new(band), None)));
        let array = StructArray::new(STORAGE.raster.clone(), self.columns, None);
        IntoArrayError { raster: rebuilt(array), error: error.in_band(0) }
    }
}

fn rebuilt(array: StructArray) -> Raster {
    Raster::assembled(RasterArray::assembled(array))
}

/// The payload column, and all columns of the bands.
fn payloads(array: &StructArray) -> Result<(BinaryViewArray, Vec<ArrayRef>)> {
    let bands = column::<ListArray>(array, raster::BANDS, "bands")?;
    let band = downcast::<StructArray>(bands.values(), "bands.band")?;
    Ok((column::<BinaryViewArray>(band, band::DATA, "data")?.clone(), band.columns().to_vec()))
}
