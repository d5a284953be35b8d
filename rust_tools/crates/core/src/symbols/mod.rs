//! Questions about names: where one is defined, and where it is used.

mod definitions;
mod near;
mod references;
mod render;

use crate::index::View;
use crate::outline::Symbol;
use crate::postings::Query;

pub use crate::outline::Use;
pub use definitions::Definitions;
pub(crate) use definitions::defining;
pub(crate) use references::words;
pub use references::{Reference, References};

/// The parts of a name, however they are joined: `Model.save`, `Type::new`, `Cart#total`, `point->x`.
///
/// The words that Python puts between a function and what it holds are no parts.
pub(crate) fn parts(name: &str) -> Vec<&str> {
    let joints = ['.', ':', '#', '\\'];
    let parts = name.split("->").flat_map(|part| part.split(joints));
    // A name of one part keeps its own signs: C++'s `operator->`, JavaScript's `#private`, Ruby's `:symbol`.
    let found: Vec<&str> = parts.filter(|part| !part.is_empty() && *part != "<locals>").collect();
    if found.len() < 2 { vec![name.trim()] } else { found }
}

/// Positions of the files that may hold a text.
fn may_hold(view: &View<'_>, text: &str) -> Vec<u32> {
    let all = || (0..view.entries.len() as u32).collect();
    view.coverage.candidates(&Query::text(text.as_bytes())).unwrap_or_else(all)
}

/// Whether a symbol is what a plain or qualified name asks for.
pub(crate) fn is_asked_for(symbol: &Symbol, asked: &[&str]) -> bool {
    match asked {
        [] => false,
        [name] => symbol.name == *name,
        [.., name] => symbol.name == *name && parts(&symbol.qualified_name).ends_with(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_names_in_every_language() {
        assert_eq!(parts("Model.save"), ["Model", "save"]);
        assert_eq!(parts("outer.<locals>.inner"), ["outer", "inner"]);
        assert_eq!(parts("shop::Cart::total"), ["shop", "Cart", "total"]);
        assert_eq!(parts("Shop::Cart#empty?"), ["Shop", "Cart", "empty?"]);
        assert_eq!(parts("Shop\\Cart->lines"), ["Shop", "Cart", "lines"]);
        assert_eq!(
            ["#made", "operator->", "add-line"].map(|name| parts(name)),
            [["#made"], ["operator->"], ["add-line"]]
        );
        assert_eq!(parts("total"), ["total"]);
    }
}
