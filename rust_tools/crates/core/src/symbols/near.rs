//! Names that were probably meant.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::contents::Content;
use crate::index::View;
use crate::near::Wanted;

/// The up to `most` defined names closest to one that is not defined.
///
/// To be called on the threads of [`crate::workers`]. Parses what has not been parsed yet: an answer to a question
/// that would else be asked again and again.
pub(super) fn closest_names(view: &View<'_>, name: &str, most: usize) -> Vec<String> {
    if name.chars().count() < 3 {
        return Vec::new();
    }
    let wanted = Wanted::new(name);
    // Files differ much in size: each may go to another thread.
    let per_file = view.entries.par_iter().map(|entry| {
        let Content::Text(text) = view.content(entry) else { return Vec::new() };
        let symbols = entry.symbols(&text);
        let close = symbols.iter().filter_map(|symbol| {
            wanted.distance(symbol.name.as_bytes()).map(|distance| (symbol.name.clone(), distance))
        });
        close.collect::<Vec<_>>()
    });
    let per_file: Vec<Vec<(String, usize)>> = per_file.collect();
    let mut close: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (name, distance) in per_file.into_iter().flatten() {
        close.entry(name).or_insert((distance, 0)).1 += 1;
    }
    let mut ranked: Vec<(usize, std::cmp::Reverse<usize>, String)> =
        close.into_iter().map(|(name, (distance, times))| (distance, std::cmp::Reverse(times), name)).collect();
    ranked.sort();
    ranked.into_iter().take(most).map(|(_, _, name)| name).collect()
}
