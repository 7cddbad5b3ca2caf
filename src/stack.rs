//! All bands as one array, the band axis first.

use arrow_buffer::Buffer;
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn};

use crate::band::Band;
use crate::error::{Error, Result, error};
use crate::gather;
use crate::layout::{Layout, num_pixels};
use crate::pixel::Pixel;
use crate::raster_ref::RasterRef;
use crate::strided;
use crate::view::Axes;

/// Where a band's pixels are within a data buffer, in bytes.
struct Extent<'a> {
    buffer: &'a Buffer,
    first: usize,
    lowest: usize,
    end: usize,
    /// In pixels, along the band's own axes.
    strides: Axes<isize>,
}

impl<'a> RasterRef<'a> {
    /// Borrows all bands as one array of shape `(band, ...)`.
    ///
    /// That works without a copy if they have the same dims, extents, pixel type and order in memory, and
    /// their first pixels lie evenly spaced in one data buffer.
    ///
    /// Cost: that of reading each band's metadata, and two small allocations.
    ///
    /// # Errors
    /// As [`Band::as_array_view`] for each band, and [`ErrorKind::Layout`](crate::ErrorKind::Layout) or
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) for bands that do not lie like that:
    /// [`to_stack`](Self::to_stack) copies them.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let raster = Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?;
    /// assert_eq!(raster.as_ref().as_stack_view::<u8>()?.shape(), [1, 2, 3]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn as_stack_view<T: Pixel>(&self) -> Result<ArrayViewD<'a, T>> {
        let bands = self.alike_bands()?;
        let views = bands.iter().map(Band::as_array_view::<T>).collect::<Result<Vec<_>>>()?;
        match <[ArrayViewD<'a, T>; 1]>::try_from(views) {
            Ok([only]) => Ok(only.insert_axis(Axis(0))),
            Err(views) if views.iter().all(ArrayViewD::is_empty) => self.empty_stack(&bands),
            Err(_) => lay(&bands).map_err(|e| self.place(e)),
        }
    }

    fn empty_stack<T: Pixel>(&self, bands: &[Band<'_>]) -> Result<ArrayViewD<'a, T>> {
        strided::view(&[], &stack_shape(bands), None).map_err(|e| self.place(e))
    }

    /// All bands as one owned array of shape `(band, ...)`, in C order.
    ///
    /// Cost: one allocation of the array's size and one copy.
    ///
    /// # Errors
    /// As [`Band::to_array`] for each band, and [`ErrorKind::Shape`](crate::ErrorKind::Shape) unless all
    /// have the same dims and extents.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::Array2};
    /// let bands = [7u8, 9].map(|fill| NewBand::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap());
    /// let stack = Raster::from_bands(bands)?.as_ref().to_stack::<u8>()?;
    /// assert_eq!(stack.shape(), [2, 2, 3]);
    /// assert_eq!((stack[[0, 1, 2]], stack[[1, 1, 2]]), (7, 9));
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_stack<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.stack_with(|band, target| band.copy_into(target))
    }

    /// All bands as one owned array of shape `(band, ...)`, each pixel by Rust's `as`.
    ///
    /// Cost: one allocation of the array's size, one of a band's, and two copies.
    ///
    /// # Errors
    /// As [`to_stack`](Self::to_stack), but that bands of any pixel types will do.
    ///
    /// ```
    /// # use ndraster::{NewBand, Raster, ndarray::array};
    /// let raster = Raster::from_bands([
    ///     NewBand::from_ndarray(array![[1u8, 2]])?,
    ///     NewBand::from_ndarray(array![[0.5f64, -3.0]])?,
    /// ])?;
    /// assert_eq!(raster.as_ref().to_stack_cast::<f32>()?, array![[[1.0, 2.0]], [[0.5, -3.0]]].into_dyn());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_stack_cast<T: Pixel>(&self) -> Result<ArrayD<T>> {
        self.stack_with(|band, mut target| {
            target.assign(&band.to_array_cast::<T>()?);
            Ok(())
        })
    }

    fn stack_with<T: Pixel>(
        &self,
        fill: impl Fn(&Band<'a>, ndarray::ArrayViewMutD<'_, T>) -> Result<()>,
    ) -> Result<ArrayD<T>> {
        let bands = self.alike_bands()?;
        let shape = stack_shape(&bands);
        let payloads = bands.iter().map(Band::source_data).collect::<Result<Vec<_>>>()?;
        let payload = distinct_bytes(payloads);
        let pixels = num_pixels(&shape);
        gather::check_result(pixels, size_of::<T>(), payload).map_err(|e| self.place(e))?;
        let zeros = vec![T::default(); pixels.unwrap_or_default()];
        let mut stack = gather::from_pixels(&shape, zeros).map_err(|e| self.place(e))?;
        for (band, target) in bands.iter().zip(stack.axis_iter_mut(Axis(0))) {
            fill(band, target)?;
        }
        Ok(stack)
    }

    /// The bands, of which there must be one, all with the same dims and extents.
    fn alike_bands(&self) -> Result<Vec<Band<'a>>> {
        let bands = self.bands().collect::<Result<Vec<_>>>()?;
        let Some(first) = bands.first() else {
            return Err(self.place(error!(Shape, "a raster without bands has nothing to stack")));
        };
        let alike = |band: &&Band<'_>| band.dim_names() == first.dim_names() && band.shape() == first.shape();
        match bands.iter().find(|band| !alike(band)) {
            None => Ok(bands),
            Some(other) => Err(other.place(error!(
                Shape,
                "{:?} of extents {:?} do not stack with {:?} of {:?} in band 0",
                other.dim_names(),
                other.shape(),
                first.dim_names(),
                first.shape()
            ))),
        }
    }
}

/// How many bytes the payloads have, those that several share counted once.
fn distinct_bytes(mut payloads: Vec<&[u8]>) -> usize {
    payloads.sort_by_key(|payload| payload.as_ptr());
    let (mut bytes, mut end) = (0, 0);
    for payload in payloads {
        let start = (payload.as_ptr() as usize).max(end);
        end = end.max(payload.as_ptr() as usize + payload.len());
        bytes += end.saturating_sub(start);
    }
    bytes
}

fn stack_shape(bands: &[Band<'_>]) -> Axes<usize> {
    let band = bands.first().map_or(&[] as &[usize], Band::shape);
    std::iter::once(bands.len()).chain(band.iter().copied()).collect()
}

/// Lays one view over bands that are known to be alike, not empty, and readable one by one.
fn lay<'a, T: Pixel>(bands: &[Band<'a>]) -> Result<ArrayViewD<'a, T>> {
    let extents = bands.iter().map(extent::<T>).collect::<Result<Vec<_>>>()?;
    let (Some(first), Some(last)) = (extents.first(), extents.last()) else {
        return Err(uneven());
    };
    let same = |e: &Extent<'_>| e.buffer.as_ptr() == first.buffer.as_ptr() && e.strides == first.strides;
    let gaps =
        || extents.windows(2).filter_map(|pair| Some(pair.last()?.first as isize - pair.first()?.first as isize));
    let step = gaps().next().ok_or_else(uneven)?;
    if !extents.iter().all(same) || gaps().any(|gap| gap != step) || step % size_of::<T>() as isize != 0 {
        return Err(uneven());
    }
    let bytes = first.buffer.as_slice().get(first.lowest.min(last.lowest)..first.end.max(last.end));
    let pixels = bytes.and_then(|bytes| bytemuck::try_cast_slice(bytes).ok()).ok_or_else(uneven)?;
    let step = step / size_of::<T>() as isize;
    let strides: Axes<isize> = std::iter::once(step).chain(first.strides.iter().copied()).collect();
    strided::view::<T, IxDyn>(pixels, &stack_shape(bands), Some(&strides))
}

fn extent<'a, T>(band: &Band<'a>) -> Result<Extent<'a>> {
    let (buffer, start) = band.locate().ok_or_else(uneven)?;
    let Layout { strides, offset, lowest, extent } = match band.layout()? {
        Some(layout) => layout,
        None => Layout::new(band.view()).ok_or_else(uneven)?,
    };
    let at = |pixel: usize| start + pixel * size_of::<T>();
    Ok(Extent { buffer, first: at(offset), lowest: at(lowest), end: at(lowest + extent), strides })
}

#[cold]
fn uneven() -> Error {
    error!(
        Layout,
        "the bands' pixels do not lie evenly spaced in one data buffer, as a view of them all needs: copy them with \
         `to_stack`"
    )
}
