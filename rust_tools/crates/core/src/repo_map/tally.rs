//! Which names of other files a file uses, and how much that looks like a reference to them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::File;
use crate::index::View;
use crate::outline::{Occurrence, Use};

/// A name that more files define says nothing about which of them is meant.
const MOST_DEFINERS: usize = 24;

/// What a use that is no call tells: names of everyday variables and attributes are used for many things.
const OTHER_WEIGHT: f64 = 0.2;

/// What a file uses of a name that other files define and it does not.
pub(super) struct Tally<'n> {
    pub(super) name: &'n str,
    /// Uses that can mean a member of a type.
    pub(super) members: f64,
    /// Uses that can mean anything else.
    pub(super) tops: f64,
}

/// All of them in the order of the names.
pub(super) fn tally<'n>(view: &View<'_>, file: &File, by_name: &FxHashMap<&'n str, Vec<u32>>) -> Vec<Tally<'n>> {
    let Some(text) = view.text_of(&file.path) else { return Vec::new() };
    let uses = &file.facts.occurrences;
    let imported: FxHashSet<&str> = uses.iter().filter(|it| it.role == Use::Import).map(|it| it.text(&text)).collect();
    let imports_all = !matches!(file.language, "python" | "javascript" | "typescript" | "tsx");
    let mut found: FxHashMap<&'n str, Tally<'n>> = FxHashMap::default();
    let mut before: Option<&Occurrence> = None;
    for occurrence in uses {
        let word = occurrence.text(&text);
        if let Some((name, definers)) = by_name.get_key_value(word)
            && definers.len() <= MOST_DEFINERS
            && occurrence.role != Use::Definition
        {
            let tally = found.entry(name).or_insert_with(|| Tally { name, members: 0.0, tops: 0.0 });
            let says = if occurrence.role == Use::Other && !is_type(name) { OTHER_WEIGHT } else { 1.0 };
            match owner(&text, *occurrence, before) {
                // A module's function, if the module is imported; else a member of some value.
                Some(owner) if imported.contains(owner) => tally.tops += says,
                Some(_) => tally.members += says,
                None if occurrence.role == Use::Import || imported.contains(word) => tally.tops += says,
                // Without an import it is a local name or a built-in, in languages that import what they use.
                None if imports_all => (tally.members, tally.tops) = (tally.members + says, tally.tops + says),
                None => {}
            }
        }
        before = Some(occurrence);
    }
    for symbol in file.facts.symbols.iter() {
        found.remove(symbol.name.as_str());
    }
    let mut tallies: Vec<Tally<'n>> = found.into_values().filter(|it| it.members + it.tops > 0.0).collect();
    tallies.sort_unstable_by_key(|tally| tally.name);
    tallies
}

/// Types are named without being called.
fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The name in front of a dot before a name; empty where the dot follows something else.
fn owner<'t>(text: &'t str, name: Occurrence, before: Option<&Occurrence>) -> Option<&'t str> {
    let joint = ["?.", "::", "->", "."].into_iter().find(|joint| text[..name.at()].ends_with(joint))?;
    let owner = before.filter(|it| it.at() + it.text(text).len() + joint.len() == name.at());
    Some(owner.map_or("", |it| it.text(text)))
}
