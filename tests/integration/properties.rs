//! What holds for any array, view, slice and column. `PROPTEST_CASES=100000 cargo test properties` tries more cases.

use ndraster::arrow_array::{Array, BinaryViewArray, StructArray};
use ndraster::arrow_buffer::Buffer;
use ndraster::ndarray::Array2;
use ndraster::{
    Band, ErrorKind, MemoryLayout, Pixel, Raster, RasterArray, RasterArrayBuilder, RasterRef, View, ViewEntry,
};
use ndraster_test_support::cases::memory::{AxisInMemory, Memory, pixel};
use ndraster_test_support::cases::reads::{assert_reads, bytes};
use ndraster_test_support::cases::round_trip::{Owner, assert_valid, through_ipc};
use ndraster_test_support::cases::slices::{Cut, Span};
use ndraster_test_support::cases::{dim_names, round_trip, slices, views};
use ndraster_test_support::for_pixel_type;
use ndraster_test_support::raw::{self, with_payloads};
use ndraster_test_support::strategies::{layout, memory, one_in, pixel_bytes, pixel_type};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn round_trips() -> impl Strategy<Value = round_trip::Case> {
    let nodata = prop_oneof![Just(None), Just(Some(None)), pixel_bytes().prop_map(|bytes| Some(Some(bytes)))];
    (pixel_type(), memory(1..=6), select(Owner::ALL.to_vec()), layout(), nodata).prop_map(
        |(pixel_type, memory, owner, layout, nodata)| {
            // The pixel that the array has several times, or any other.
            let nodata = nodata.map(|bytes| bytes.unwrap_or(memory.special));
            round_trip::Case { pixel_type, memory, owner, layout, nodata }
        },
    )
}

/// Draws axes in any order and direction, without gaps around or between the pixels.
fn dense_memory() -> impl Strategy<Value = Memory> {
    memory(2..=5).prop_map(|mut memory| {
        for axis in &mut memory.axes {
            (axis.around, axis.step) = ((0, 0), if axis.step < 0 { -1 } else { 1 });
        }
        memory
    })
}

/// Draws an entry. Most fit: a start, a step, and as many steps as stay inside, or fewer.
fn entry(source_axis: usize, extent: usize) -> impl Strategy<Value = ViewEntry> {
    let fitting = (0..extent.max(1), -4..=4i64, 0..=6i64).prop_map(move |(start, step, steps)| {
        let room = match step {
            _ if extent == 0 => 0,
            0 => 6,
            1.. => (extent - 1 - start) as i64 / step + 1,
            _ => start as i64 / -step + 1,
        };
        ViewEntry { source_axis: source_axis as i64, start: start as i64, step, steps: steps.min(room) }
    });
    let number = || prop_oneof![-3..12i64, select(vec![i64::MIN, i64::MAX, 1 << 31, 1 << 40, 1 << 60])];
    let any = (number(), number(), number(), number()).prop_map(|(source_axis, start, step, steps)| ViewEntry {
        source_axis,
        start,
        step,
        steps,
    });
    let huge = select(vec![1i64 << 30, 1 << 31, 1 << 40, 1 << 60, i64::MAX]).prop_map(move |steps| ViewEntry {
        source_axis: source_axis as i64,
        start: 0,
        step: 0,
        steps,
    });
    prop_oneof![30 => fitting, 1 => any, 1 => huge]
}

/// Draws one entry for each extent, in any order.
fn entries(shape: Vec<usize>) -> impl Strategy<Value = Vec<ViewEntry>> {
    let entries: Vec<_> = shape.iter().enumerate().map(|(axis, extent)| entry(axis, *extent)).collect();
    entries.prop_shuffle()
}

fn any_view() -> impl Strategy<Value = views::Case> {
    let shape = |most: usize| vec(prop_oneof![1 => Just(0usize), 3 => Just(1), 12 => 2..6usize], 1..=most);
    let huge = vec(select(vec![3usize, 1 << 31, 1 << 62, i64::MAX as usize, usize::MAX]), 1..4);
    let source_shape = prop_oneof![20 => shape(4), 5 => shape(6), 1 => huge];
    let entries_of_both = source_shape.prop_flat_map(|shape| {
        entries(shape.clone()).prop_flat_map(move |inner| {
            let seen = inner.iter().map(|entry| usize::try_from(entry.steps).unwrap_or(1)).collect();
            (Just(shape.clone()), Just(inner), entries(seen))
        })
    });
    (pixel_type(), entries_of_both, 0..9usize).prop_map(|(pixel_type, (source_shape, entries, outer), offset)| {
        views::Case { pixel_type, source_shape, entries, outer, offset }
    })
}

fn span() -> impl Strategy<Value = Span> {
    (any::<u8>(), any::<u8>(), any::<(bool, bool)>()).prop_map(|(from, to, negative)| Span { from, to, negative })
}

fn any_slices() -> impl Strategy<Value = slices::Case> {
    let cut = prop_oneof![
        (any::<u8>(), span(), -3..=3i8).prop_map(|(axis, range, step)| Cut::Dim { axis, range, step }),
        (span(), span()).prop_map(|(rows, cols)| Cut::Window { rows, cols }),
        any::<[u8; 4]>().prop_map(|[height, width, overlap, number]| Cut::Tile { height, width, overlap, number }),
    ];
    (pixel_type(), memory(2..=5), layout(), any::<(u8, u8)>(), vec(cut, 1..5)).prop_map(
        |(pixel_type, memory, layout, spatial, cuts)| slices::Case { pixel_type, memory, layout, spatial, cuts },
    )
}

/// A strategy that never draws the cases which matter would prove nothing.
#[test]
fn the_strategy_draws_cases_of_every_kind() {
    let mut runner = TestRunner::deterministic();
    let mut draw = || round_trips().new_tree(&mut runner).unwrap().current();
    let cases: Vec<_> = (0..2000).map(|_| draw()).collect();
    let share = |what: &dyn Fn(&round_trip::Case) -> bool| cases.iter().filter(|case| what(case)).count();
    let bytes = |case: &round_trip::Case| case.memory.shape().iter().product::<usize>() * case.pixel_type.size();
    for len in [0, 1, 2, 4, 8, 12, 16] {
        assert!(share(&|case| bytes(case) == len) >= 10, "{len} bytes");
    }
    assert!(share(&|case| (1..=12).contains(&bytes(case))) > 200, "inline");
    assert!(share(&|case| (13..=16).contains(&bytes(case))) > 50, "just not inline");
    for ndim in 1..=6 {
        assert!(share(&|case| case.memory.axes.len() == ndim) > 150, "{ndim} axes");
    }
    for id in 1..=10 {
        assert!(share(&|case| case.pixel_type.id() == id) > 150, "pixel type {id}");
    }
    assert!(share(&|case| case.memory.repeats()) > 300, "broadcast");
    assert!(share(&|case| case.memory.is_dense()) > 200, "dense");
    assert!(share(&|case| !case.memory.is_dense()) > 200, "with gaps");
    assert!(share(&|case| case.nodata == Some(case.memory.special)) > 200, "nodata that is there");
}

/// What a view shows. The step of an axis of length one, and the start of an axis of length zero, may be any number.
fn shown(view: &View) -> Vec<ViewEntry> {
    let shown = |entry: &ViewEntry| match *entry {
        ViewEntry { source_axis, steps: 0, .. } => ViewEntry { source_axis, start: 0, step: 0, steps: 0 },
        ViewEntry { source_axis, start, steps: 1, .. } => ViewEntry { source_axis, start, step: 0, steps: 1 },
        other => other,
    };
    view.entries().iter().map(shown).collect()
}

/// Asserts that pixels which are converted to the type that they have keep their bits.
fn assert_stays_as_it_is<T: Pixel>(memory: &Memory, layout: MemoryLayout) {
    let Ok(band) = memory.band::<T>(layout) else { return };
    let expected = memory.expected::<T>();
    let band = band.with_dim_names(dim_names(memory.axes.len())).unwrap();
    let raster = Raster::from_bands([band]).unwrap();
    assert_eq!(bytes(&raster.to_array_exact::<T>().unwrap()), expected);
    assert_eq!(bytes(&raster.to_array_cast::<T>().unwrap()), expected);
    assert_eq!(bytes(&raster.to_array_filled(T::default()).unwrap()), expected);
    let raster = raster.with_nodata::<T>(pixel(&memory.special)).unwrap();
    let valid = raster.valid_mask().unwrap().unwrap();
    let pixels = expected.chunks_exact(size_of::<T>()).map(pixel::<T>).zip(&valid);
    let filled: Vec<T> = pixels.map(|(pixel, valid)| if *valid { pixel } else { T::default() }).collect();
    assert_eq!(bytes(&raster.to_array_filled(T::default()).unwrap()), bytes(&filled));
}

proptest! {
    #![proptest_config(one_in(1))]

    #[test]
    fn pixels_that_are_converted_to_their_own_type_keep_their_bits(
        pixel_type in pixel_type(), memory in memory(2..=4), layout in layout()
    ) {
        for_pixel_type!(pixel_type, T => assert_stays_as_it_is::<T>(&memory, layout));
    }

    #[test]
    fn an_array_comes_out_as_it_went_in(case in round_trips()) {
        round_trip::check(&case);
    }

    #[test]
    fn a_view_shows_what_its_definition_says(case in any_view()) {
        views::check(&case);
    }

    #[test]
    fn slices_are_those_of_ndarray_and_pixel_centres_stay(case in any_slices()) {
        slices::check(&case);
    }

    #[test]
    fn slicing_a_view_is_composing_it(case in any_view(), axis in any::<prop::sample::Index>(), span in span(), step in -3..=3isize) {
        let Ok(view) = View::new(&case.source_shape, &case.entries) else { return Ok(()) };
        let axis = axis.index(view.shape().len());
        let extent = view.shape()[axis];
        let (start, steps) = (usize::from(span.from) % (extent.min(300) + 1), usize::from(span.to) % 8);
        // The slice as a view of what the first view shows.
        let mut entries = View::identity(view.shape()).unwrap().entries().to_vec();
        (entries[axis].start, entries[axis].step, entries[axis].steps) = (start as i64, step as i64, steps as i64);
        match View::new(view.shape(), &entries) {
            Ok(outer) => {
                let (sliced, composed) = (view.slice(axis, start, step, steps).unwrap(), view.compose(&outer).unwrap());
                prop_assert_eq!(shown(&sliced), shown(&composed));
            }
            Err(_) => prop_assert_eq!(view.slice(axis, start, step, steps).unwrap_err().kind(), ErrorKind::NotFound),
        }
    }
}

/// One row of a column.
#[derive(Clone, Debug)]
struct Row {
    shape: (usize, usize),
    special: [u8; 8],
}

impl Row {
    fn memory(&self) -> Memory {
        let axis = |extent| AxisInMemory { extent, place: 0, step: 1, around: (0, 0) };
        Memory { axes: vec![axis(self.shape.0), axis(self.shape.1)], special: self.special }
    }

    fn raster<T: Pixel>(&self) -> Raster {
        let band = Band::from_ndarray(self.memory().array::<T>()).unwrap();
        let raster = Raster::from_bands([band.with_nodata::<T>(pixel(&self.special)).unwrap()]).unwrap();
        match self.crs() {
            Some(crs) => raster.with_crs(crs),
            None => raster,
        }
    }

    fn crs(&self) -> Option<String> {
        self.special[0].is_multiple_of(2).then(|| format!("EPSG:{}", self.special[1]))
    }

    fn assert_is<T: Pixel>(&self, raster: &RasterRef<'_>) {
        let memory = self.memory();
        assert_reads::<T>(&raster.only_band().unwrap(), &memory.shape(), &memory.expected::<T>());
        assert_eq!(raster.crs().unwrap(), self.crs().as_deref());
    }
}

/// Draws payloads without bytes, of about 12 bytes, and on both sides of 4 KiB, from where on a builder shares them.
fn rows() -> impl Strategy<Value = Vec<Option<Row>>> {
    let small = (0..5usize, 0..5usize);
    let large = (20..24usize, 170..220usize);
    let row = (prop_oneof![12 => small, 1 => large], pixel_bytes()).prop_map(|(shape, special)| Row { shape, special });
    vec(prop::option::weighted(0.8, row), 0..12)
}

fn assert_is_column<T: Pixel>(column: &RasterArray, rows: &[Option<Row>]) {
    assert_eq!(column.len(), rows.len());
    for (number, (raster, row)) in column.iter().zip(rows).enumerate() {
        assert_eq!(column.is_null(number), row.is_none());
        assert_eq!((raster.is_some(), column.get(number).is_some()), (row.is_some(), row.is_some()));
        if let (Some(raster), Some(row)) = (raster, row) {
            row.assert_is::<T>(&raster);
        }
    }
}

/// Checks a column of the rows, a part of it, and that part written again.
fn check_column<T: Pixel>(rows: &[Option<Row>], part: (usize, usize)) {
    let mut builder = RasterArrayBuilder::new();
    for row in rows {
        builder.append(row.as_ref().map(Row::raster::<T>).as_ref()).unwrap();
    }
    let column = builder.finish().unwrap();
    assert_is_column::<T>(&column, rows);
    assert_valid(column.as_struct_array());
    assert_is_column::<T>(&RasterArray::try_from(through_ipc(column.as_struct_array())).unwrap(), rows);

    let (start, end) = (part.0.min(part.1), part.0.max(part.1));
    let (part, rows) = (column.slice(start, end - start).unwrap(), &rows[start..end]);
    assert_is_column::<T>(&part, rows);
    assert_valid(part.as_struct_array());
    assert_is_column::<T>(&RasterArray::try_from(through_ipc(part.as_struct_array())).unwrap(), rows);
    let mut again = RasterArrayBuilder::new();
    part.iter().for_each(|raster| again.append(raster).unwrap());
    let again = again.finish().unwrap();
    assert_is_column::<T>(&again, rows);
    assert_valid(again.as_struct_array());
    for (number, row) in rows.iter().enumerate().filter_map(|(number, row)| Some((number, row.as_ref()?))) {
        let raster = Raster::try_from(part.slice(number, 1).unwrap()).unwrap();
        // The column shares its memory, so the raster comes back as it was.
        row.assert_is::<T>(&raster.into_array::<T>().unwrap_err().into_raster().as_ref());
    }
}

/// Checks a column whose payloads lie one after another in a few buffers, at any distance and so at any alignment.
fn check_packed<T: Pixel>(rows: &[Option<Row>], gaps: &[usize], buffers: usize) {
    let column: RasterArray = rows.iter().map(|row| row.as_ref().map(Row::raster::<T>)).collect();
    let mut packed = vec![Vec::new(); buffers];
    let mut views = Vec::new();
    for (number, (row, gap)) in rows.iter().flatten().zip(gaps.iter().cycle()).enumerate() {
        let (bytes, buffer) = (row.memory().expected::<T>(), number % buffers);
        let start = packed[buffer].len() + gap;
        packed[buffer].resize(start, 0xee);
        packed[buffer].extend_from_slice(&bytes);
        views.push(raw::view(&bytes, buffer, start));
    }
    let packed: Vec<Buffer> = packed.into_iter().map(Buffer::from_vec).collect();
    let data = BinaryViewArray::try_new(views.into(), packed, None).unwrap();
    let array: StructArray = with_payloads(column.as_struct_array(), data);
    array.to_data().validate_full().unwrap();
    let column = RasterArray::try_from(array).unwrap();
    assert_is_column::<T>(&column, rows);
    let half = rows.len() / 2;
    assert_is_column::<T>(&column.slice(half, rows.len() - half).unwrap(), &rows[half..]);
    assert_is_column::<T>(&RasterArray::try_from(through_ipc(column.as_struct_array())).unwrap(), rows);
}

fn check_around_two_gib<T: Pixel>(rows: usize, more: isize) {
    let most = i32::MAX as usize / size_of::<T>();
    let cols = ((most / rows) as isize + more) as usize;
    let fits = rows * cols * size_of::<T>() <= i32::MAX as usize;
    // The system zeroes pages as they are touched, and none of these is.
    let zeros = || Array2::<T>::from_shape_vec((rows, cols), bytemuck::zeroed_vec(rows * cols)).unwrap();
    let array = zeros();
    let address = array.as_ptr();
    let strips = RasterArray::from_ndarray_strips(zeros()).unwrap();
    assert_eq!(strips.len(), if fits { 1 } else { 2 });
    match Raster::from_ndarray(array) {
        Ok(raster) => {
            assert!(fits);
            assert_eq!(raster.as_array_view::<T>().unwrap().as_ptr(), address);
            assert_valid(&raster.into());
        }
        Err(error) => assert_eq!((error.kind(), fits), (ErrorKind::TooLarge, false)),
    }
}

proptest! {
    #![proptest_config(one_in(4))]

    #[test]
    fn memory_without_gaps_stays_where_it_is(
        pixel_type in pixel_type(),
        memory in dense_memory(),
        owner in select(vec![Owner::SharedArc, Owner::SharedArc, Owner::Array, Owner::OwnedCow]),
    ) {
        let layout = MemoryLayout::AsIs;
        round_trip::check(&round_trip::Case { pixel_type, memory, owner, layout, nodata: None });
    }

    #[test]
    fn columns_of_any_rows_read_back_equal(pixel_type in pixel_type(), rows in rows(), part in any::<[prop::sample::Index; 2]>()) {
        let [from, to] = part.map(|index| index.index(rows.len() + 1));
        for_pixel_type!(pixel_type, T => check_column::<T>(&rows, (from, to)));
    }

    #[test]
    fn payloads_at_any_address_read_equal(
        pixel_type in pixel_type(), rows in rows(), gaps in vec(0..9usize, 1..5), buffers in 1..4usize
    ) {
        for_pixel_type!(pixel_type, T => check_packed::<T>(&rows, &gaps, buffers));
    }

    #[test]
    fn an_array_below_2_gib_is_one_payload_and_one_strip(pixel_type in pixel_type(), rows in 2..9usize, more in -1..=1isize) {
        for_pixel_type!(pixel_type, T => check_around_two_gib::<T>(rows, more));
    }
}
