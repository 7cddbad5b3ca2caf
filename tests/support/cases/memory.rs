//! Arrays that lie in an allocation in any way: axes in any order, backwards, with steps, with other pixels around.

use ndraster::ndarray::{ArrayD, Axis, IxDyn, Slice};
use ndraster::{Band, MemoryLayout, Pixel, Result};

/// One visible axis, and where its pixels lie.
#[derive(Clone, Copy, Debug)]
pub struct AxisInMemory {
    pub extent: usize,
    /// The slowest axis in memory has the lowest place. Axes of one place keep their order.
    pub place: u8,
    /// How many pixels lie between one index and the next: negative for an axis that runs backwards, zero for one that
    /// repeats a pixel.
    pub step: isize,
    /// Pixels before the first and after the last along this axis.
    pub around: (usize, usize),
}

impl AxisInMemory {
    fn reach(&self) -> usize {
        match self.extent.checked_sub(1) {
            None if self.step == 0 => 1,
            None => 0,
            Some(last) => last * self.step.unsigned_abs() + 1,
        }
    }

    /// Returns the extent without repetition.
    fn once(&self) -> usize {
        if self.step == 0 { 1 } else { self.extent }
    }

    fn extent_in_memory(&self) -> usize {
        self.around.0 + self.reach() + self.around.1
    }

    fn index_in_memory(&self, index: usize) -> usize {
        let along = index * self.step.unsigned_abs();
        self.around.0 + if self.step < 0 { self.reach() - 1 - along } else { along }
    }
}

/// An array, and the allocation that it lies in.
#[derive(Clone, Debug)]
pub struct Memory {
    pub axes: Vec<AxisInMemory>,
    /// The bytes of every third pixel. All other pixels differ from each other.
    pub special: [u8; 8],
}

impl Memory {
    /// Returns the array's shape.
    pub fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(|axis| axis.extent).collect()
    }

    /// Returns whether the allocation holds the array's pixels alone.
    pub fn is_dense(&self) -> bool {
        self.axes.iter().all(|axis| axis.extent_in_memory() == axis.extent)
    }

    /// Returns whether an axis repeats one pixel. Only a view can do that, no owned array.
    pub fn repeats(&self) -> bool {
        self.axes.iter().any(|axis| axis.step == 0)
    }

    /// Returns the number of pixels, each counted once.
    pub fn pixels_once(&self) -> usize {
        self.axes.iter().map(AxisInMemory::once).product()
    }

    /// Makes a band of the array, or of a view of it if an axis repeats.
    pub fn band<T: Pixel>(&self, layout: MemoryLayout) -> Result<Band> {
        let array = self.array::<T>();
        if self.repeats() {
            return Band::from_ndarray_with(array.broadcast(self.shape()).unwrap(), layout);
        }
        Band::from_ndarray_with(array, layout)
    }

    /// Returns the number of pixels in the allocation.
    pub fn pixels_in_memory(&self) -> usize {
        self.axes.iter().map(AxisInMemory::extent_in_memory).product()
    }

    /// Returns the axes from the slowest to the fastest.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.axes.len()).collect();
        order.sort_by_key(|axis| self.axes[*axis].place);
        order
    }

    /// Makes the array. An axis that repeats has extent one in it: `broadcast` to `shape` repeats it.
    pub fn array<T: Pixel>(&self) -> ArrayD<T> {
        let order = self.order();
        let source: Vec<usize> = order.iter().map(|axis| self.axes[*axis].extent_in_memory()).collect();
        let pixels = (0..self.pixels_in_memory()).map(|number| pixel(&self.pixel_bytes(number)));
        let mut array = ArrayD::from_shape_vec(IxDyn(&source), pixels.collect()).unwrap();
        for (position, axis) in order.iter().map(|axis| &self.axes[*axis]).enumerate() {
            let (start, end) = (axis.around.0 as isize, (axis.around.0 + axis.reach()) as isize);
            let step = if axis.step == 0 { 1 } else { axis.step };
            array.slice_axis_inplace(Axis(position), Slice::new(start, Some(end), step));
        }
        let position = |axis: usize| order.iter().position(|other| *other == axis).unwrap();
        let permutation: Vec<usize> = (0..order.len()).map(position).collect();
        array.permuted_axes(IxDyn(&permutation))
    }

    /// Returns the bytes of the visible pixels in C order, by the definition of each axis.
    pub fn expected<T: Pixel>(&self) -> Vec<u8> {
        let places = self.places();
        let mut pixels: Vec<T> = Vec::new();
        for_each_index(&self.shape(), |index| {
            let number = places.iter().zip(index).map(|(places, index)| places[*index]).sum();
            pixels.push(pixel(&self.pixel_bytes(number)));
        });
        bytemuck::cast_slice(&pixels).to_vec()
    }

    /// Returns for each index along each axis how far into the memory it leads, in pixels.
    fn places(&self) -> Vec<Vec<usize>> {
        let mut places = vec![vec![]; self.axes.len()];
        let mut stride = 1;
        for axis in self.order().into_iter().rev() {
            let in_memory = &self.axes[axis];
            places[axis] = (0..in_memory.extent).map(|index| stride * in_memory.index_in_memory(index)).collect();
            stride *= in_memory.extent_in_memory();
        }
        places
    }

    fn pixel_bytes(&self, number: usize) -> [u8; 8] {
        if number % 3 == 2 {
            self.special
        } else {
            (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()
        }
    }
}

/// Returns the pixel whose bytes are the first ones.
pub fn pixel<T: Pixel>(bytes: &[u8]) -> T {
    bytemuck::pod_read_unaligned(&bytes[..size_of::<T>()])
}

/// Calls `f` with every index of a shape, in C order.
pub fn for_each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    let mut index = vec![0; shape.len()];
    let len = if shape.contains(&0) { 0 } else { shape.iter().product() };
    for _ in 0..len {
        f(&index);
        for (slot, extent) in index.iter_mut().zip(shape).rev() {
            *slot += 1;
            if *slot < *extent {
                break;
            }
            *slot = 0;
        }
    }
}
