//! One file, read from many threads at once: windows, overviews and whole, of a file, of bytes, and of a source of
//! ranges.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ndraster::ndarray::{Array3, Axis, s};
use ndraster::{Band, Raster};
use ndraster_geotiff::{ByteRanges, GeoTiff, Interleave, OpenOptions, WriteOptions, write_cog_to, write_geotiff_to};

fn pixels() -> Array3<u16> {
    Array3::from_shape_fn((3, 211, 307), |(band, row, col)| (20_000 * band + 307 * row / 3 + col) as u16)
}

fn file(options: &WriteOptions, is_cog: bool) -> Vec<u8> {
    let raster = Raster::from_bands(Band::split(pixels(), Axis(0)).unwrap()).unwrap();
    let writer = io::Cursor::new(vec![]);
    let written =
        if is_cog { write_cog_to(&raster, writer, options) } else { write_geotiff_to(&raster, writer, options) };
    written.unwrap().into_inner()
}

/// Ranges of bytes in memory, and how many were read.
#[derive(Debug, Clone)]
struct Counted {
    bytes: Arc<Vec<u8>>,
    read: Arc<AtomicUsize>,
}

impl ByteRanges for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        self.read.fetch_add((range.end - range.start) as usize, Ordering::Relaxed);
        Ok(self.bytes[range.start as usize..range.end as usize].to_vec())
    }
}

fn check(file: &GeoTiff, seed: usize) {
    let expected = pixels();
    for turn in 0..20 {
        let (row, col) = ((seed * 37 + turn * 13) % 200, (seed * 53 + turn * 29) % 290);
        let (rows, cols) = (row..(row + 1 + turn * 7).min(211), col..(col + 1 + turn * 11).min(307));
        let window = file.window(rows.clone(), cols.clone()).unwrap();
        assert_eq!(window.read_array::<u16>().unwrap(), expected.slice(s![.., rows, cols]), "seed {seed}, turn {turn}");
    }
    let one = file.bands([seed % 3]).unwrap().read_array::<u16>().unwrap();
    assert_eq!(one.index_axis(Axis(0), 0), expected.index_axis(Axis(0), seed % 3));
}

#[test]
fn many_threads_read_one_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, options) in [
        ("pixel", WriteOptions::new().tile_size(32)),
        ("band", WriteOptions::new().tile_size(64).interleave(Interleave::Band)),
    ] {
        let path = folder.path().join(name);
        let bytes = file(&options, false);
        std::fs::write(&path, &bytes).unwrap();
        let counted = Counted { bytes: Arc::new(bytes.clone()), read: Arc::default() };
        let files = [
            GeoTiff::open(&path).unwrap(),
            OpenOptions::new().cache_bytes(0).open(&path).unwrap(),
            GeoTiff::from_bytes(bytes).unwrap(),
            GeoTiff::from_source(counted).unwrap(),
        ];
        for file in files {
            thread::scope(|scope| {
                for seed in 0..8 {
                    let file = &file;
                    scope.spawn(move || check(file, seed));
                }
            });
        }
    }
}

#[test]
fn a_window_reads_its_own_blocks_alone() {
    let counted = Counted { bytes: Arc::new(file(&WriteOptions::new().tile_size(16), true)), read: Arc::default() };
    let file = GeoTiff::from_source(counted.clone()).unwrap();
    let opened = counted.read.swap(0, Ordering::Relaxed);
    assert!(opened < 20_000, "opening reads {opened} bytes");
    file.window(33..40, 20..30).unwrap().read_array::<u16>().unwrap();
    let one = counted.read.swap(0, Ordering::Relaxed);
    assert!((1..3 * 16 * 16 * 2).contains(&one), "one block takes {one} bytes");
    // It is kept.
    file.window(40..41, 20..30).unwrap().read_array::<u16>().unwrap();
    assert_eq!(counted.read.load(Ordering::Relaxed), 0);
}

/// The same file with its only strip at the end, behind what is read when a file is opened. Returns its length as well.
fn strip_at_the_end(mut bytes: Vec<u8>) -> (Vec<u8>, usize) {
    let u16_at = |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize;
    let directory = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let entries: Vec<usize> = (0..u16_at(&bytes, directory)).map(|entry| directory + 2 + 12 * entry).collect();
    // The numbers of both tags are small, so their lower two bytes are the number, whatever its type is.
    let value_of = |bytes: &[u8], tag: usize| entries.iter().find(|at| u16_at(bytes, **at) == tag).unwrap() + 8;
    let (place, len) = (value_of(&bytes, 273), u16_at(&bytes, value_of(&bytes, 279)));
    let strip = bytes[u16_at(&bytes, place)..][..len].to_vec();
    bytes.resize(20_000, 0);
    bytes[place..place + 2].copy_from_slice(&20_000u16.to_le_bytes());
    bytes.extend(strip);
    (bytes, len)
}

/// Blocks of JPEG and LERC are looked at before a decoder has them: once, and asked for once.
#[test]
fn a_block_of_jpeg_or_lerc_is_one_range() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/files");
    for name in ["jpeg_gray.tif", "compress_lerc_i8.tif"] {
        let (bytes, len) = strip_at_the_end(std::fs::read(folder.join(name)).unwrap());
        let counted = Counted { bytes: Arc::new(bytes), read: Arc::default() };
        let file = GeoTiff::from_source(counted.clone()).unwrap();
        counted.read.store(0, Ordering::Relaxed);
        let part = file.window(3..5, 2..9).unwrap().read().unwrap();
        assert_eq!(counted.read.swap(0, Ordering::Relaxed), len, "{name}");
        assert_eq!(part.height().unwrap(), 2);
        // The decoder keeps the block, and nobody looks at it again.
        file.window(5..7, 2..9).unwrap().read().unwrap();
        assert_eq!(counted.read.load(Ordering::Relaxed), 0, "{name}");
    }
}

/// A source that gives fewer bytes than it was asked for.
#[derive(Debug)]
struct Short(Vec<u8>);

impl ByteRanges for Short {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let end = range.end as usize - usize::from(range.end - range.start > 8);
        Ok(self.0[range.start as usize..end].to_vec())
    }
}

#[test]
fn a_source_that_gives_too_few_bytes_is_an_error() {
    let bytes = file(&WriteOptions::new(), false);
    let error = GeoTiff::from_source(Short(bytes)).and_then(|file| file.read().map(drop)).unwrap_err();
    assert_eq!(error.kind(), ndraster_geotiff::ErrorKind::Io);
    assert!(error.to_string().contains("bytes of the range"), "{error}");
}
