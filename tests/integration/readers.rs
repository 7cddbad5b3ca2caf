//! The table of readers is complete.

use ndraster_test_support::readers::READERS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Types whose functions read a column, a raster, a band, or what was read from one.
const TYPES: [&str; 7] =
    ["RasterArray", "RasterArrayView", "RasterRef", "Raster", "BandRef", "AnyArrayView", "AnyCowArray"];

/// Functions that take `&self` and are not in the table, with the reason.
const EXCEPTIONS: [(&str, &str); 5] = [
    ("AnyCowArray::view", "reads an array, which `to_any_cow_array` has checked"),
    ("AnyArrayView::pixel_type", "reads an array view, which `as_any_view` has checked"),
    ("AnyArrayView::shape", "reads an array view, which `as_any_view` has checked"),
    ("RasterArray::to_fixed_shape_tensor", "is behind a feature, and reads by `as_batch_view` and `to_batch`"),
    ("Raster::as_ref", "makes the `RasterRef` that the readers of rasters take"),
];

#[test]
fn every_public_function_that_reads_is_in_the_table() {
    let mut found = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
    each_source(&sources, &mut |path| found.extend(readers(path)));
    let listed: BTreeSet<String> =
        READERS.iter().map(|reader| reader.name.to_owned()).filter(|name| name.contains("::")).collect();
    let excepted: BTreeSet<String> = EXCEPTIONS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(listed.is_subset(&found), "the table has more: {:?}", listed.difference(&found));
    assert!(excepted.is_subset(&found), "the exceptions are more: {:?}", excepted.difference(&found));
    // `Raster` repeats the readers of its `RasterRef`.
    let repeats =
        |name: &str| name.strip_prefix("Raster::").is_some_and(|f| listed.contains(&format!("RasterRef::{f}")));
    let missing: Vec<_> =
        found.iter().filter(|name| !listed.contains(*name) && !excepted.contains(*name) && !repeats(name)).collect();
    assert!(missing.is_empty(), "the table lacks {missing:?}");
    assert!(found.len() > 60, "{} functions", found.len());
}

#[test]
fn no_reader_is_in_the_table_twice() {
    let names: BTreeSet<&str> = READERS.iter().map(|reader| reader.name).collect();
    assert_eq!(names.len(), READERS.len());
}

fn each_source(folder: &Path, f: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_source(&path, f);
        } else if path.extension().is_some_and(|end| end == "rs") {
            f(&path);
        }
    }
}

/// Returns the public functions of the types above that take `&self`, as `Type::function`.
fn readers(path: &Path) -> Vec<String> {
    let source = fs::read_to_string(path).unwrap();
    // A macro of this file writes out what a raster has for its one band, for `RasterRef` and for `Raster`.
    let of_macro = path.ends_with("only_band.rs").then_some("RasterRef");
    let (mut readers, mut owner) = (Vec::new(), None);
    let lines: Vec<&str> = source.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        if code.starts_with("impl") {
            owner = type_of_impl(code);
        } else if code.starts_with("macro_rules!") {
            owner = of_macro;
        } else if *line == "}" {
            owner = None;
        }
        if let (Some(owner), Some(function)) = (owner, code.strip_prefix("pub fn ")) {
            let name: String = function.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let rest: String = lines[number..].iter().flat_map(|line| line.split_whitespace()).collect();
            let signature = rest.split('{').next().unwrap();
            // The macro that repeats functions of `RasterRef` for `Raster` has no name here.
            if !name.is_empty() && (signature.contains("(&self,") || signature.contains("(&self)")) {
                readers.push(format!("{owner}::{name}"));
            }
        }
    }
    readers
}

/// Returns the type of a block like `impl<'a> RasterRef<'a> {`, if it is one of the types above and no trait is implemented.
fn type_of_impl(code: &str) -> Option<&'static str> {
    let after = code.strip_prefix("impl")?;
    let after = if after.starts_with('<') { after.split_once("> ")?.1 } else { after.trim_start() };
    let name = after.split(['<', ' ']).next()?;
    TYPES.into_iter().find(|known| *known == name && !code.contains(" for "))
}
