//! Both readers agree on every column that the fuzzer kept, but for the differences that are listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ndraster_sedona::agreement::Difference::{self, RefusedHere, RefusedThere};
use ndraster_sedona::agreement::read_both;
use ndraster_test_support::panics::let_others_panic;
use ndraster_test_support::random::Random;

/// Why one reader refuses what the other reads. docs/design.md says the reasons for the reasons.
const LISTED: [Difference; 11] = [
    RefusedHere("a negative spatial extent"),
    RefusedHere("a null where the format has none"),
    RefusedHere("a payload that does not fill the source shape"),
    RefusedHere("a spatial dim or extent that the band does not have"),
    RefusedHere("a transform of more than six numbers"),
    RefusedHere("another number of dim names than of axes"),
    RefusedHere("extents that memory cannot have beside a zero"),
    RefusedHere("more than 64 axes"),
    RefusedHere("nodata that is not one pixel"),
    RefusedThere("a step that overflows and is never taken"),
    RefusedThere("a view without pixels that starts outside"),
];

/// Returns the differences of the columns that are drawn from these bytes.
fn differences(inputs: impl Iterator<Item = Vec<u8>>) -> BTreeSet<Difference> {
    inputs.flat_map(|input| read_both(&input)).collect()
}

#[test]
fn kept_columns_differ_in_each_listed_way_and_in_no_other() {
    let_others_panic();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/agreement");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 50, "{} inputs", files.len());
    let found = differences(files.iter().map(|file| fs::read(file).unwrap()));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), LISTED);
}

#[test]
fn columns_of_random_rows_differ_in_no_other_way() {
    let_others_panic();
    let mut random = Random::new(3);
    let inputs = (0..2000).map(|_| {
        let len = random.below(600);
        random.bytes(len)
    });
    let found = differences(inputs);
    assert!(found.len() > LISTED.len() / 2 && found.iter().all(|difference| LISTED.contains(difference)), "{found:?}");
}
