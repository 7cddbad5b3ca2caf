//! Times and allocations of work done side by side.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The system's allocator, which counts what each thread asks it for.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn note() {
    // At the end of a thread its counter is gone.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator as it came.
#[allow(unsafe_code, reason = "an allocator that counts is implemented by an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations the work makes.
pub fn allocations<R>(work: impl FnOnce() -> R) -> usize {
    let before = COUNT.get();
    black_box(work());
    COUNT.get() - before
}

/// Something to time.
pub struct Work<'a>(Box<dyn FnMut() + 'a>);

/// Work whose result is kept from the optimiser, and dropped within the time.
pub fn work<'a, R>(mut f: impl FnMut() -> R + 'a) -> Work<'a> {
    Work(Box::new(move || drop(black_box(f()))))
}

impl Work<'_> {
    /// Times so many repetitions, after some that bring into the caches what the works before it drove out.
    fn time(&mut self, times: u32) -> Duration {
        (0..WARM_UP).for_each(|_| (self.0)());
        let start = Instant::now();
        for _ in 0..times {
            (self.0)();
        }
        start.elapsed()
    }

    /// How often it is repeated within a sample, so that the clock's resolution does not show.
    fn repeats(&mut self) -> u32 {
        let once = self.time(1).max(Duration::from_nanos(20));
        (SAMPLE.as_nanos() / once.as_nanos()).clamp(3, 100_000) as u32
    }
}

const WARM_UP: usize = 3;
const SAMPLE: Duration = Duration::from_millis(5);
const SAMPLES: usize = 31;
/// Of work that takes longer than a sample should.
const LONGEST: Duration = Duration::from_millis(1500);

/// The median time of each work in nanoseconds. The works take turns, and each
/// has each other one before it, so that what slows the machine down or fills its caches does so for all.
pub fn medians<const N: usize>(mut works: [Work<'_>; N]) -> [f64; N] {
    let repeats: Vec<u32> = works.iter_mut().map(Work::repeats).collect();
    let mut samples = [const { Vec::new() }; N];
    let start = Instant::now();
    while samples[0].len() < SAMPLES && (samples[0].len() < 7 || start.elapsed() < LONGEST) {
        let round = samples[0].len();
        for work in (0..N).map(|turn| (turn + round) % N) {
            samples[work].push(works[work].time(repeats[work]).as_nanos() as f64 / f64::from(repeats[work]));
        }
    }
    samples.map(|mut samples| {
        samples.sort_by(f64::total_cmp);
        samples[samples.len() / 2]
    })
}
