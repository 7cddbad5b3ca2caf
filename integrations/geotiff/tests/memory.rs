//! What reading takes of memory, counted, and what 10,000 damaged files do: errors, never a panic, and never more than
//! the limit.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ndraster::Raster;
use ndraster::ndarray::{Array2, Array3};
use ndraster_geotiff::{Compression, GeoTiff, OpenOptions, WriteOptions, write_geotiff_to};

/// Counts the bytes that are allocated now, and the most that were.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: every call goes on to the system's allocator.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as said above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as said above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as said above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as said above.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// One test at a time, since all allocate from the same counters.
static ALONE: Mutex<()> = Mutex::new(());

/// The most bytes that a call has allocated at a time, beyond those before it.
fn most_of<R>(call: impl FnOnce() -> R) -> (R, usize) {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = call();
    (result, MOST.load(Ordering::Relaxed).saturating_sub(before))
}

#[test]
fn an_image_is_in_memory_once() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let side = 2048;
    let pixels = Array2::from_shape_fn((side, side), |(row, col)| (row * col) as u32);
    let options = WriteOptions::new().tile_size(128);
    let raster = Raster::from_ndarray(pixels).unwrap();
    let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &options).unwrap().into_inner();
    let file = OpenOptions::new().cache_bytes(0).from_bytes(bytes).unwrap();
    let image = side * side * 4;
    let (raster, most) = most_of(|| file.read().unwrap());
    assert!((image..image + image / 8).contains(&most), "reading {image} bytes takes {most}");
    assert_eq!(raster.as_array_view2::<u32>().unwrap()[[7, 9]], 63);
    // Into memory that is there already.
    let mut out = Array3::<u32>::zeros((1, side, side));
    let (_, most) = most_of(|| file.read_into(out.view_mut()).unwrap());
    assert!(most < image / 8, "reading into an array takes {most}");
    let (_, most) = most_of(|| file.tiles(256, 256).unwrap().for_each(|tile| drop(tile.unwrap())));
    assert!(most < image / 8, "reading by tiles takes {most}");
}

/// A small generator of numbers, the same on each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }
}

/// Damages a file: bytes, runs, lengths and offsets, the end.
fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.next(4) {
        if bytes.is_empty() {
            return;
        }
        // Directories are near the start and the end as a rule.
        let len = bytes.len();
        let at = match numbers.next(3) {
            0 => numbers.next(len),
            1 => numbers.next(len.min(400)),
            _ => len - 1 - numbers.next(len.min(400)),
        };
        match numbers.next(6) {
            0 => bytes[at] = numbers.next(256) as u8,
            1 => bytes[at] ^= 1 << numbers.next(8),
            2 => bytes.truncate(at),
            3 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
            4 => bytes[at..].iter_mut().take(8).for_each(|byte| *byte = 0),
            _ => {
                let from = numbers.next(len);
                let run: Vec<u8> = bytes[from..].iter().copied().take(12).collect();
                bytes[at..].iter_mut().zip(run).for_each(|(byte, other)| *byte = other);
            }
        }
    }
}

/// Does all that a reader does with a file.
fn read_all(bytes: Vec<u8>, limit: usize) {
    let Ok(file) = OpenOptions::new().max_bytes(limit).cache_bytes(0).from_bytes(bytes) else { return };
    let info = file.info();
    let _ = info.to_string();
    let file = file.without_crs();
    let _ = file.read();
    let _ = file.read_masked();
    let _ = file.window(..info.height.min(3), ..info.width.min(5)).and_then(|part| part.read());
    for level in 0..info.overviews.len().min(3) {
        let _ = file.overview(level).and_then(|smaller| smaller.read());
    }
    if let Some(tile) = file.tiles(64, 64).ok().and_then(|mut tiles| tiles.next()) {
        let _ = tile;
    }
}

#[test]
fn ten_thousand_damaged_files_are_errors_or_rasters() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    const LIMIT: usize = 1 << 20;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/files");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut numbers = Numbers(20);
    let started = Instant::now();
    let (mut largest, mut longest) = (0, Duration::ZERO);
    for turn in 0..10_000 {
        let chosen = turn % files.len();
        let mut bytes = files[chosen].clone();
        damage(&mut bytes, &mut numbers);
        let turn_started = Instant::now();
        let ((), most) = most_of(|| read_all(bytes, LIMIT));
        largest = largest.max(most);
        longest = longest.max(turn_started.elapsed());
        // The pixels, a mask as large, two blocks on each thread, and the tags.
        assert!(most < 8 * LIMIT, "turn {turn}, {}: {most} bytes", paths[chosen].display());
    }
    println!("{largest} bytes at most, {longest:?} at most, {:?} together", started.elapsed());
}

#[test]
fn a_file_that_claims_more_than_the_limit_is_refused_before_it_is_read() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let raster = Raster::from_ndarray(Array2::<u8>::zeros((64, 64))).unwrap();
    let options = WriteOptions::new().tile_size(64).compression(Compression::None);
    let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &options).unwrap().into_inner();
    // The width and the height are the first two tags: each claims 60,000.
    let mut claimed = bytes.clone();
    for tag in [256u16, 257] {
        let at = claimed.windows(4).position(|four| four == [tag.to_le_bytes(), [4, 0]].concat()).unwrap();
        claimed[at + 8..at + 12].copy_from_slice(&60_000u32.to_le_bytes());
    }
    let (error, most) = most_of(|| GeoTiff::from_bytes(claimed).unwrap().read().unwrap_err());
    assert_eq!(error.kind(), ndraster_geotiff::ErrorKind::TooLarge, "{error}");
    assert!(most < 300_000, "{most}");
}

/// Blocks of a few pixels are no reason to take more memory than the pixels.
#[test]
fn small_blocks_take_no_memory_each() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let raster = Raster::from_ndarray(Array2::<u8>::zeros((16, 16))).unwrap();
    let options = WriteOptions::new().tile_size(16).compression(Compression::None);
    let mut bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &options).unwrap().into_inner();
    // 1,000 x 1,000 pixels in tiles of one pixel, all at the offset of the first: the list of the others is missing, so they cannot
    // be read, which is found after the work is planned.
    for (tag, number) in [(256u16, 1000u32), (257, 1000), (322, 1), (323, 1)] {
        let at = bytes.windows(4).position(|four| four == [tag.to_le_bytes(), [4, 0]].concat()).unwrap();
        bytes[at + 8..at + 12].copy_from_slice(&number.to_le_bytes());
    }
    let file = GeoTiff::from_bytes(bytes).unwrap();
    let (error, most) = most_of(|| file.read().unwrap_err());
    assert_eq!(error.kind(), ndraster_geotiff::ErrorKind::Malformed, "{error}");
    assert!(most < 4_000_000, "{most}");
}

/// A file of one strip, one byte a pixel.
fn strip(side: u32, compression: u32, block: &[u8]) -> Vec<u8> {
    let tags = [
        (256u16, side),
        (257, side),
        (258, 8),
        (259, compression),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, side),
        (279, block.len() as u32),
    ];
    let directory = 8 + block.len() as u32;
    let mut bytes = [b"II*\0", &directory.to_le_bytes()[..], block].concat();
    bytes.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        bytes.extend([&tag.to_le_bytes()[..], &4u16.to_le_bytes(), &1u32.to_le_bytes(), &value.to_le_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

/// 67 bytes of LERC 1 are an image of one value, and a block may be a list of them.
#[test]
fn a_block_of_a_thousand_images_is_refused() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let side = 512i32;
    let numbers = |numbers: &[i32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let image = [
        b"CntZImage ".to_vec(),
        numbers(&[11, 8, side, side]),
        0.0f64.to_le_bytes().to_vec(),
        // Every pixel is valid.
        numbers(&[0, 0, 0]),
        1f32.to_le_bytes().to_vec(),
        // One block of a byte, which says that all pixels are 0.
        numbers(&[1, 1, 1]),
        0f32.to_le_bytes().to_vec(),
        vec![2],
    ];
    let file = GeoTiff::from_bytes(strip(side as u32, 34887, &image.concat().repeat(1000))).unwrap();
    let (error, most) = most_of(|| file.read().unwrap_err());
    assert_eq!(error.kind(), ndraster_geotiff::ErrorKind::Unsupported, "{error}");
    assert!(most < 2_000_000, "{most} bytes for {} pixels", side * side);
}

/// A scan of a few bytes goes over the whole block, and a JPEG may have thousands.
#[test]
fn a_jpeg_of_a_thousand_scans_is_refused() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let block = [&b"\xff\xd8"[..], &b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00".repeat(1000), b"\xff\xd9"].concat();
    let error = GeoTiff::from_bytes(strip(512, 7, &block)).unwrap().read().unwrap_err();
    assert_eq!(error.kind(), ndraster_geotiff::ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("1000 scans"), "{error}");
}

/// The tables that all blocks of JPEG share may hold scans, too.
#[test]
fn jpeg_tables_of_a_thousand_scans_are_refused() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let scans = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00".repeat(1000);
    let mut bytes = strip(512, 7, b"\xff\xd8\xff\xd9");
    // The tables stand at the end, in the place of a tag that says nothing new: one sample a pixel.
    let at = bytes.windows(4).position(|four| four == [277u16.to_le_bytes(), [4, 0]].concat()).unwrap();
    let (len, end) = (scans.len() as u32, bytes.len() as u32);
    bytes[at..at + 12].copy_from_slice(
        &[&347u16.to_le_bytes()[..], &7u16.to_le_bytes(), &len.to_le_bytes(), &end.to_le_bytes()].concat(),
    );
    bytes.extend(scans);
    let error = GeoTiff::from_bytes(bytes).unwrap().read().unwrap_err();
    assert!(error.to_string().contains("1000 scans"), "{error}");
}

/// Directories that a file refers to may all have one tag, as large as the file.
#[test]
fn directories_that_share_a_tag_take_its_memory_once() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let large = 4 << 20;
    let mut bytes = strip(64, 1, &[7; 64 * 64]);
    let payload = bytes.len() as u32;
    bytes.extend(vec![0u8; large]);
    let mut offsets = vec![];
    for _ in 0..32 {
        offsets.extend((bytes.len() as u32).to_le_bytes());
        bytes.extend(1u16.to_le_bytes());
        bytes.extend([&700u16.to_le_bytes()[..], &1u16.to_le_bytes()].concat());
        bytes.extend([(large as u32).to_le_bytes(), payload.to_le_bytes(), [0; 4]].concat());
    }
    let list = bytes.len() as u32;
    bytes.extend(offsets);
    let at = bytes.windows(4).position(|four| four == [277u16.to_le_bytes(), [4, 0]].concat()).unwrap();
    bytes[at..at + 12].copy_from_slice(
        &[&330u16.to_le_bytes()[..], &4u16.to_le_bytes(), &32u32.to_le_bytes(), &list.to_le_bytes()].concat(),
    );
    let (file, most) = most_of(|| GeoTiff::from_bytes(bytes).unwrap());
    assert_eq!(file.info().height, 64);
    assert!(most < 4 * large, "{most} bytes to open a file of {large}");
}

/// A tile that is much larger than its image is not allocated.
#[test]
fn a_small_image_in_large_tiles_takes_little() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let raster = Raster::from_ndarray(Array2::<f64>::ones((3, 600))).unwrap();
    let options = WriteOptions::new().tile_size(1 << 14);
    let writer = std::io::Cursor::new(vec![]);
    let (bytes, most) = most_of(|| write_geotiff_to(&raster, writer, &options).unwrap().into_inner());
    assert!(most < 20_000_000, "{most}");
    assert_eq!(GeoTiff::from_bytes(bytes).unwrap().info().block, [608, 608]);
}
