//! The names of a band's axes.

use crate::format::defaults::YX;

/// A list of names that allocates beyond four names only.
///
/// Not [`Axes`](crate::view::Axes), which would tie a band to exactly one lifetime (`TinyVec` is invariant in its items).
#[derive(Clone, Default)]
pub(crate) struct DimNames<'a> {
    first: [&'a str; 4],
    len: usize,
    /// All of them, if there are more than four.
    all: Vec<&'a str>,
}

impl<'a> DimNames<'a> {
    /// The default, `["y", "x"]`.
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
