//! What a call allocates, counted for its thread alone.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Once;

use ndraster::arrow_array::StructArray;
use ndraster::ndarray::Array2;
use ndraster::{Raster, RasterArray};

/// The system's allocator, which counts. A test binary makes it the global one.
pub struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

fn note(bytes: usize) {
    // At the end of a thread its counters are gone.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    let _ = BYTES.try_with(|total| total.set(total.get() + bytes));
}

// SAFETY: every call goes to the system's allocator with the arguments that it came with.
#[allow(unsafe_code, reason = "an allocator that counts is implemented by an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Returns the number of allocations that `work` makes, their bytes, and its result.
///
/// # Panics
///
/// If [`Counting`] is not the global allocator: what is not counted proves nothing.
pub fn allocated<R>(work: impl FnOnce() -> R) -> (usize, usize, R) {
    // Also builds what is built once a process, so that it counts for no test, whichever runs first.
    static WARM: Once = Once::new();
    WARM.call_once(|| {
        let raster = Raster::from_ndarray(Array2::<u8>::zeros((2, 2))).unwrap();
        RasterArray::try_from(StructArray::from(raster)).unwrap();
        assert!(COUNT.get() > 0, "the global allocator does not count");
    });
    let before = (COUNT.get(), BYTES.get());
    let result = work();
    (COUNT.get() - before.0, BYTES.get() - before.1, result)
}
