//! Looks up names of axes, without comparing each with each.
//!
//! A column may give a band 64 axes with long names that begin alike. Compared pairwise, a megabyte of names would keep a
//! reader busy for seconds. So more than a few names are looked up by their hash, for which each is read once.

use std::collections::{HashMap, HashSet};
use std::ptr;

/// So many names are compared pairwise, because that is faster and needs no allocation.
const FEW: usize = 4;

/// A list of names to look up.
pub(crate) struct NameIndex<'n> {
    names: &'n [&'n str],
    /// The place of each name. `None` if names are compared.
    places: Option<HashMap<&'n [u8], Place>>,
}

/// Where a name is in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Nowhere,
    Once(usize),
    Repeatedly,
}

impl<'n> NameIndex<'n> {
    /// Makes an index of names of which `lookups` are going to be looked up.
    #[inline]
    pub(crate) fn new(names: &'n [&'n str], lookups: usize) -> Self {
        NameIndex { names, places: (names.len().min(lookups) > FEW).then(|| places(names)) }
    }

    /// Returns the place of a name, which may be no text.
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Place {
        if let Some(places) = &self.places {
            return places.get(name).copied().unwrap_or(Place::Nowhere);
        }
        let mut found = self.names.iter().enumerate().filter(|(_, other)| other.as_bytes() == name);
        match (found.next(), found.next()) {
            (None, _) => Place::Nowhere,
            (Some((position, _)), None) => Place::Once(position),
            (Some(_), Some(_)) => Place::Repeatedly,
        }
    }

    /// Returns the position of the first name that equals this one.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        match self.find(name.as_bytes()) {
            Place::Nowhere => None,
            Place::Once(position) => Some(position),
            Place::Repeatedly => self.names.iter().position(|other| *other == name),
        }
    }
}

fn places<'n>(names: &[&'n str]) -> HashMap<&'n [u8], Place> {
    let mut places = HashMap::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        let place = places.entry(name.as_bytes()).or_insert(Place::Nowhere);
        *place = if *place == Place::Nowhere { Place::Once(position) } else { Place::Repeatedly };
    }
    places
}

/// Returns the first name that is at an earlier position too.
pub(crate) fn first_repeated<N: AsRef<str>>(names: &[N]) -> Option<&str> {
    let mut names = names.iter().map(AsRef::as_ref).enumerate();
    if names.len() <= FEW {
        let all = names.clone();
        return names.find(|(i, name)| all.clone().take(*i).any(|(_, other)| other == *name)).map(|(_, name)| name);
    }
    let mut seen = HashSet::with_capacity(names.len());
    names.find(|(_, name)| !seen.insert(*name)).map(|(_, name)| name)
}

/// Returns whether two lists are of the same texts in memory, without reading them.
pub(crate) fn are_same_texts(names: &[&str], others: &[&str]) -> bool {
    names.len() == others.len() && names.iter().zip(others).all(|(name, other)| ptr::eq(*name, *other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_by_their_place_and_length() {
        let text = "xyxy";
        let (x, y, other_x) = (&text[..1], &text[1..2], &text[2..3]);
        assert!(are_same_texts(&[x, y], &[x, y]) && are_same_texts(&[], &[]));
        for others in [&[x, x] as &[&str], &[other_x, y], &[&text[..2], y], &[x], &[y, x]] {
            assert!(!are_same_texts(&[x, y], others), "{others:?}");
        }
    }

    /// Every list of up to six names of three letters, by plain loops.
    #[test]
    fn names_are_found_as_by_a_loop() {
        for len in 0..=6u32 {
            for number in 0..3usize.pow(len) {
                let names: Vec<&str> = (0..len).map(|i| ["a", "b", "c"][number / 3usize.pow(i) % 3]).collect();
                let indices = [1, 64].map(|lookups| NameIndex::new(&names, lookups));
                for (name, index) in
                    ["a", "b", "c", "d"].iter().flat_map(|name| indices.iter().map(move |i| (*name, i)))
                {
                    let at: Vec<usize> = (0..names.len()).filter(|i| names[*i] == name).collect();
                    let expected = match at.as_slice() {
                        [] => Place::Nowhere,
                        [position] => Place::Once(*position),
                        _ => Place::Repeatedly,
                    };
                    assert_eq!(index.find(name.as_bytes()), expected, "{name} in {names:?}");
                    assert_eq!(index.position(name), at.first().copied(), "{name} in {names:?}");
                }
                let repeated = (0..names.len()).find(|i| names[..*i].contains(&names[*i])).map(|i| names[i]);
                assert_eq!(first_repeated(&names), repeated, "{names:?}");
            }
        }
    }
}
