//! The order of the house: which file of `src/` may import which.
//!
//! Concepts stand in the order in which data flows. A file imports from its own concept and from lower ones, by the path of
//! the file that defines a name, and no files import each other in a circle. Every public item has an example.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The concepts, lowest first. The vocabulary is the files beside `lib.rs`.
const CONCEPTS: [&[&str]; 8] = [
    &["error", "limits", "names", "shown", "cast", "pixel", "view", "geo"],
    &["strided"],
    &["format"],
    &["read"],
    &["write"],
    &["batch"],
    &["slice"],
    &["repack"],
];

/// Files by module path, such as `read/band`. That of a folder is its `mod.rs`, that of the crate is empty.
type Sources = BTreeMap<String, String>;

fn sources(folder: &Path, module: &str, found: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let child = if module.is_empty() { name.clone() } else { format!("{module}/{name}") };
        if path.is_dir() {
            sources(&path, &child, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if ["lib", "mod"].contains(&name.as_str()) { module.to_owned() } else { child };
            found.insert(module, fs::read_to_string(&path).unwrap());
        }
    }
}

/// The code without comments, strings and test modules.
fn code(source: &str) -> String {
    let mut code = String::new();
    for line in source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines() {
        let mut pieces = line.split("//").next().unwrap_or_default().split('"');
        code.extend(pieces.next());
        code.extend(pieces.skip(1).step_by(2));
        code.push('\n');
    }
    code
}

/// Every path that starts with `crate::`, with the braces of imports written out. `$crate::` is for macros that other
/// crates use, and not looked at.
fn crate_paths(code: &str) -> Vec<String> {
    let starts = code.match_indices("crate::").map(|(start, _)| start).filter(|start| {
        let before = code[..*start].chars().next_back();
        !before.is_some_and(|c| c == '$' || c == '_' || c.is_alphanumeric())
    });
    starts.flat_map(|start| expand("", &code[start + "crate::".len()..]).0).collect()
}

/// The paths of a tree such as `a::{b, c::d}`, and what follows it.
fn expand<'a>(prefix: &str, tree: &'a str) -> (Vec<String>, &'a str) {
    let end = tree.find(|c: char| !(c == '_' || c == ':' || c.is_alphanumeric())).unwrap_or(tree.len());
    let (path, mut rest) = tree.split_at(end);
    let path = format!("{prefix}{path}");
    if !((path.is_empty() || path.ends_with("::")) && rest.starts_with('{')) {
        return (vec![path.trim_end_matches(':').to_owned()], rest);
    }
    let mut paths = Vec::new();
    while !rest.starts_with('}') && !rest.is_empty() {
        rest = rest[1..].trim_start();
        if rest.starts_with('}') {
            break;
        }
        let (found, after) = expand(&path, rest);
        paths.extend(found);
        rest = after.trim_start();
    }
    (paths, rest.get(1..).unwrap_or_default())
}

/// The file that a path leads into: the longest part of it that is a module.
fn file_of(path: &str, sources: &Sources) -> String {
    let mut module = path.replace("::", "/");
    while !sources.contains_key(&module) {
        module.truncate(module.rfind('/').unwrap_or_default());
    }
    module
}

fn concept(module: &str) -> Option<usize> {
    let folder = module.split('/').next().unwrap_or_default();
    CONCEPTS.iter().position(|concept| concept.contains(&folder))
}

/// What is wrong with the imports, and which files each file imports.
fn check(sources: &Sources) -> (Vec<String>, BTreeMap<&str, BTreeSet<String>>) {
    let (mut wrong, mut imports) = (Vec::new(), BTreeMap::new());
    for (module, source) in sources.iter().filter(|(module, _)| !module.is_empty()) {
        let Some(own) = concept(module) else {
            wrong.push(format!("{module} belongs to no concept: add it to CONCEPTS"));
            continue;
        };
        let code = code(source);
        if code.contains("\nuse super::") {
            wrong.push(format!("{module} imports from `super`: name the file"));
        }
        let mut files = BTreeSet::new();
        for path in crate_paths(&code) {
            let file = file_of(&path, sources);
            match concept(&file) {
                None => wrong
                    .push(format!("{module} imports `crate::{path}` from lib.rs, not from the file that defines it")),
                Some(other) if other > own => wrong.push(format!("{module} imports {file}, which stands above it")),
                Some(_) => files.extend((file != *module).then_some(file)),
            }
        }
        imports.insert(module.as_str(), files);
    }
    (wrong, imports)
}

/// The files that are left when files that import nothing of what is left are taken away, until there are none.
fn circles(imports: &BTreeMap<&str, BTreeSet<String>>) -> Vec<String> {
    let mut left: BTreeSet<&str> = imports.keys().copied().collect();
    loop {
        let in_circle = |module: &&str| imports[*module].iter().any(|other| left.contains(other.as_str()));
        let next: BTreeSet<&str> = left.iter().copied().filter(in_circle).collect();
        if next == left {
            return left.into_iter().map(str::to_owned).collect();
        }
        left = next;
    }
}

#[test]
fn no_file_imports_from_above_or_in_a_circle() {
    let mut found = Sources::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"), "", &mut found);
    assert!(found.len() > 30, "{:?}", found.keys());
    let (wrong, imports) = check(&found);
    assert_eq!(wrong, [""; 0]);
    assert_eq!(circles(&imports), [""; 0]);
    assert!(imports["repack/compact"].contains("read/raster_array"), "{imports:?}");
    let count: usize = imports.values().map(BTreeSet::len).sum();
    assert!(count > 150, "{count} imports");
}

#[test]
fn every_folder_says_what_lives_there() {
    let mut found = Sources::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"), "", &mut found);
    for (module, source) in found {
        assert!(source.starts_with("//! "), "{module} does not say what it is for");
    }
}

/// Public items whose docs have no example: those that nobody outside can name, what `dispatch!` expands to, and the alias
/// `Result`.
const WITHOUT_EXAMPLE: [&str; 5] = ["enum Memory", "enum Row", "fn __any_view", "trait Convert", "type Result"];

/// The public items of a file that have docs, and no example in them.
fn without_example(source: &str) -> Vec<String> {
    let (mut found, mut docs) = (vec![], String::new());
    for line in source.lines().map(str::trim_start) {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push_str(doc);
            continue;
        }
        if line.starts_with("#[") || line.starts_with("//") {
            continue;
        }
        let item =
            line.strip_prefix("pub ").map(|item| item.strip_prefix("const ").unwrap_or(item)).unwrap_or_default();
        let mut words = item.split(|c: char| !(c == '_' || c.is_alphanumeric()));
        if let (Some(kind @ ("fn" | "struct" | "enum" | "trait" | "type")), Some(name)) = (words.next(), words.next())
            && !docs.is_empty()
            && !docs.contains("# Examples")
        {
            found.push(format!("{kind} {name}"));
        }
        docs.clear();
    }
    found
}

#[test]
fn every_public_item_has_an_example() {
    let mut found = Sources::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"), "", &mut found);
    let mut missing: Vec<String> = found.values().flat_map(|source| without_example(source)).collect();
    missing.sort();
    assert_eq!(missing, WITHOUT_EXAMPLE);
    let seen: usize = found.values().map(|source| source.matches("# Examples").count()).sum();
    assert!(seen > 250, "{seen}");
    assert_eq!(without_example("/// Does it.\n#[inline]\npub const fn it() {}\npub(crate) fn other() {}"), ["fn it"]);
}

fn house<const N: usize>(files: [(&str, &str); N]) -> Sources {
    let lib = ("", "pub use read::band::BandRef;");
    files.into_iter().chain([lib]).map(|(module, source)| (module.to_owned(), source.to_owned())).collect()
}

#[test]
fn what_is_out_of_order_is_found() {
    let upwards = house([
        ("read/band", "use crate::{error::Error,\n    write::{band::Band, parts}};"),
        ("error", ""),
        ("write/band", ""),
    ]);
    assert_eq!(
        check(&upwards).0,
        [
            "read/band imports write/band, which stands above it",
            "read/band imports `crate::write::parts` from lib.rs, not from the file that defines it"
        ]
    );
    let through_lib = house([("write/row", "fn f(_: crate::BandRef) {}"), ("read/band", "")]);
    assert_eq!(
        check(&through_lib).0,
        ["write/row imports `crate::BandRef` from lib.rs, not from the file that defines it"]
    );
    let elsewhere = house([("utils", "")]);
    assert_eq!(check(&elsewhere).0, ["utils belongs to no concept: add it to CONCEPTS"]);
    let above = house([("read/band", "\nuse super::mask;")]);
    assert_eq!(check(&above).0, ["read/band imports from `super`: name the file"]);
}

#[test]
fn circles_are_found() {
    let files = house([
        ("read/band", "use crate::read::mask::Mask;"),
        ("read/mask", "use crate::read::stack::Stack; // crate::write::band"),
        ("read/stack", "use crate::{read::band::BandRef};"),
        ("read/any_view", "use crate::read::band::BandRef;\nconst A: &str = \"crate::write::band\";"),
    ]);
    let (wrong, imports) = check(&files);
    assert_eq!(wrong, [""; 0]);
    // `read/any_view` leads into the circle.
    assert_eq!(circles(&imports), ["read/any_view", "read/band", "read/mask", "read/stack"]);
    let straight = house([("read/band", "use crate::read::mask::Mask;"), ("read/mask", "")]);
    assert_eq!(circles(&check(&straight).1), [""; 0]);
}
