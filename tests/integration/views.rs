//! Views, in examples. `properties` has views of every kind.

use ndraster::ndarray::array;
use ndraster::{RasterArray, View, ViewEntry};
use ndraster_test_support::raw::{RawBand, payload_at};

#[test]
fn an_entry_that_leaves_the_source_is_an_error() {
    let message = |entry: [i64; 4]| {
        let [source_axis, start, step, steps] = entry;
        View::new(&[3], &[ViewEntry { source_axis, start, step, steps }]).unwrap_err().to_string()
    };
    assert_eq!(message([0, 0, 1, -2]), "view[0]: steps is -2, which no extent can be");
    assert_eq!(message([0, 1, 1, 3]), "view[0]: start 1, step 1, steps 3 leaves source axis 0, which has extent 3");
    assert_eq!(message([1, 0, 1, 3]), "view[0]: source_axis 1 is none of the band's 1 axes");
}

#[test]
fn a_view_of_another_shape_cannot_be_composed() {
    let error = view(&[3], &[[0, 0, 1, 2]]).compose(&view(&[3], &[[0, 0, 1, 3]])).unwrap_err();
    assert_eq!(error.to_string(), "a view of the source shape [3] cannot be laid over one that shows [2]");
}

fn view(source_shape: &[i64], entries: &[[i64; 4]]) -> View {
    let entry = |&[source_axis, start, step, steps]: &[i64; 4]| ViewEntry { source_axis, start, step, steps };
    let shape: Vec<usize> = source_shape.iter().map(|extent| *extent as usize).collect();
    View::new(&shape, &entries.iter().map(entry).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_view_borrows_the_columns_own_memory() {
    let source: Vec<u8> = (0..24).collect();
    let view = vec![[1, 5, -2, 3], [0, 1, 1, 2]];
    let band = RawBand { view: Some(view), ..RawBand::new(&[4, 6], 1, payload_at(64, &source)) };
    let column = RasterArray::try_from(band.column()).unwrap();
    let band = column.get(0).unwrap().only_band().unwrap();
    let view = band.as_array_view2::<u8>().unwrap();
    assert_eq!(view.strides(), [-2, 6]);
    assert_eq!(view.as_ptr(), band.source_data().unwrap()[11..].as_ptr());
    assert_eq!(view, array![[11, 17], [9, 15], [7, 13]]);
}
