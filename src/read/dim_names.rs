//! Defines the list of a band's dim names.

use crate::format::defaults::YX;

/// A list of names that allocates only for more than four names.
///
/// It is not an [`Axes`](crate::view::Axes), because `TinyVec` is invariant in the type of its items: a `BandRef<'a>`
/// could not be used where a shorter lifetime is expected.
#[derive(Clone, Default)]
pub(crate) struct DimNames<'a> {
    first: [&'a str; 4],
    len: usize,
    /// All names, if there are more than four. Else empty.
    all: Vec<&'a str>,
}

impl<'a> DimNames<'a> {
    /// Returns the default names, `["y", "x"]`.
    #[inline]
    pub(crate) fn yx() -> Self {
        let [y, x] = YX;
        DimNames { first: [y, x, "", ""], len: YX.len(), all: Vec::new() }
    }

    pub(crate) fn as_slice(&self) -> &[&'a str] {
        self.first.get(..self.len).unwrap_or(&self.all)
    }

    pub(crate) fn push(&mut self, name: &'a str) {
        if let Some(slot) = self.first.get_mut(self.len) {
            *slot = name;
        } else {
            if self.all.is_empty() {
                self.all.extend(self.first);
            }
            self.all.push(name);
        }
        self.len += 1;
    }
}
