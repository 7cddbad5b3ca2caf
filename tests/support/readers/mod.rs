//! Every public call that reads a column, a raster or a band, in one table.
//!
//! Each entry says what the call takes, which parts of a row it reads, and whether it copies pixels. So a test of a bad row
//! knows which readers must fail, a test of cost knows which ones may allocate, and the fuzz targets call all of them. The
//! integration tests compare the table with the sources of ndraster.

mod batches;
mod everything;
mod same;
mod table;

use ndraster::{BandRef, Error, RasterArray, RasterRef, Result};

pub use batches::assert_batches_are_their_rows;
pub use everything::read_everything;
pub use same::assert_same_rasters;
pub use table::READERS;

/// A call that reads.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The type and the name of the function.
    pub name: &'static str,
    /// What it reads of any row. It fails if one of these parts is bad.
    pub reads: Parts,
    /// What it reads besides, of a row that has a band name or nodata, or of a column that has to be rewritten.
    pub may_read: Parts,
    pub copies: Copies,
    pub call: Call,
}

/// What a reader takes. Its result is dropped, its error is not.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    Column(fn(&RasterArray) -> Result<()>),
    Raster(fn(&RasterRef<'_>) -> Result<()>),
    Band(fn(&BandRef<'_>) -> Result<()>),
}

/// Which pixels a reader copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// None.
    Nothing,
    /// Payloads as they are stored, so no more than there are.
    Stored,
    /// The pixels that a band shows. A broadcast of a few pixels may show any number of them.
    Shown,
}

/// A set of parts of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts(u16);

impl Parts {
    pub const NONE: Parts = Parts(0);
    pub const CRS: Parts = Parts(1);
    pub const TRANSFORM: Parts = Parts(1 << 1);
    pub const SPATIAL_DIMS: Parts = Parts(1 << 2);
    pub const SPATIAL_SHAPE: Parts = Parts(1 << 3);
    /// The first extent of the spatial shape, which a row may lack.
    pub const WIDTH: Parts = Parts(1 << 4);
    /// The second extent of the spatial shape, which a row may lack.
    pub const HEIGHT: Parts = Parts(1 << 5);
    /// Which bands are the row's.
    pub const BANDS: Parts = Parts(1 << 6);
    /// The metadata of a band: its names, dims, source shape, view and pixel type.
    pub const METADATA: Parts = Parts(1 << 7);
    pub const NODATA: Parts = Parts(1 << 8);
    /// The stored bytes, and that their number fits the source shape.
    pub const PAYLOAD: Parts = Parts(1 << 9);
    /// Pixels, where the shape says that there are some.
    pub const LOADED: Parts = Parts(1 << 10);
    /// That memory can address as many pixels as the shape has.
    pub const SIZE: Parts = Parts(1 << 11);

    /// What every band is checked against before it is read.
    pub const BAND: Parts = Parts::BANDS.and(Parts::METADATA).and(Parts::SPATIAL_DIMS).and(Parts::SPATIAL_SHAPE);
    /// What a row must have to be a valid raster.
    pub const WHOLE: Parts = Parts::BAND.and(Parts::CRS).and(Parts::TRANSFORM).and(Parts::NODATA).and(Parts::PAYLOAD);
    /// What a band must have for its stored bytes to be read.
    pub const SOURCE: Parts = Parts::BAND.and(Parts::PAYLOAD).and(Parts::LOADED);
    /// What a band must have for its pixels to be read.
    pub const PIXELS: Parts = Parts::SOURCE.and(Parts::SIZE);
    /// What a row must have to have rows and columns of pixels.
    pub const EXTENTS: Parts = Parts::SPATIAL_SHAPE.and(Parts::WIDTH).and(Parts::HEIGHT);

    /// Returns the parts of both sets.
    pub const fn and(self, other: Parts) -> Parts {
        Parts(self.0 | other.0)
    }

    /// Returns whether the sets have a part in common.
    pub const fn meets(self, other: Parts) -> bool {
        self.0 & other.0 != 0
    }
}

/// The name of a reader that failed, and its message.
pub type Failure = (&'static str, String);

/// Calls every reader of rasters on a row, and every reader of bands on one of its bands if there is such a band.
pub fn failures_of_row(raster: &RasterRef<'_>, band: usize) -> Vec<Failure> {
    let band = raster.band(band).ok();
    failures(|call| match call {
        Call::Column(_) => None,
        Call::Raster(read) => Some(read(raster)),
        Call::Band(read) => band.as_ref().map(read),
    })
}

/// Calls every reader of columns.
pub fn failures_of_column(column: &RasterArray) -> Vec<Failure> {
    failures(|call| match call {
        Call::Column(read) => Some(read(column)),
        Call::Raster(_) | Call::Band(_) => None,
    })
}

/// Returns the message of an error, which is shorter than 1 KiB whatever the column holds.
fn short_message(error: &Error) -> String {
    let message = error.to_string();
    assert!(message.len() < 1024, "{message}");
    message
}

fn failures(read: impl Fn(Call) -> Option<Result<()>>) -> Vec<Failure> {
    let failure = |reader: &Reader| Some((reader.name, short_message(&read(reader.call)?.err()?)));
    READERS.iter().filter_map(failure).collect()
}

/// Asserts that the readers of columns which read a bad part failed, and besides at most those that may read one.
pub fn assert_column_failed(failed: &[Failure], bad: Parts, place: &str) {
    for Reader { name, reads, may_read, call, .. } in READERS {
        let Call::Column(_) = call else { continue };
        if failed.iter().any(|(failed, _)| failed == name) {
            assert!(reads.and(*may_read).meets(bad), "{place}: {name} fails");
        } else {
            assert!(!reads.meets(bad), "{place}: {name} does not fail");
        }
    }
}

/// Returns the names of the readers of rasters and bands that fail on a row with bad parts, in the table's order: those that
/// read one of them by `parts`. Where a band cannot be read there is none for a reader of bands to fail on.
pub fn must_fail(bad: Parts, parts: impl Fn(&Reader) -> Parts) -> Vec<&'static str> {
    let is_called = |reader: &&Reader| match reader.call {
        Call::Column(_) => false,
        Call::Raster(_) => true,
        Call::Band(_) => !bad.meets(Parts::BAND),
    };
    READERS.iter().filter(is_called).filter(|reader| parts(reader).meets(bad)).map(|reader| reader.name).collect()
}
