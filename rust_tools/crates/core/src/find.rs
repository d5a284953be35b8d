//! Finding files by name: a glob, part of a path, or letters in order.

use std::fmt::Write as _;

use frizbee::{CaseMatching, Config, Matcher, SortStrategy};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::names::Names;
use crate::near::closest_paths;
use crate::search::globs::Globs;
use crate::snapshot::Snapshot;
use crate::text::{count, quoted};
use crate::workers;

/// No system opens a longer path.
const LONGEST_PATH_BYTES: usize = 4096;

/// Files that were found by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What was looked for.
    pub query: String,
    /// The best paths, best first.
    pub paths: Vec<String>,
    /// How many paths match.
    pub total: usize,
    /// How many files were looked at.
    pub searched: usize,
    /// Existing paths with a similar name, where nothing matches.
    pub similar: Vec<String>,
}

pub(crate) fn run(query: &str, files: &Snapshot, limit: usize) -> Result<Found> {
    let query = query.trim();
    if query.is_empty() {
        return Err(Error::Pattern("the name is empty; give part of a path or a glob".to_owned()));
    }
    if query.len() > LONGEST_PATH_BYTES {
        return Err(Error::Pattern(format!("no path is {} bytes long; give part of a path or a glob", query.len())));
    }
    let matching = if query.contains(['*', '?', '[', '{']) || query.ends_with('/') {
        let globs = Globs::compile(&[query.to_owned()])?;
        let chosen = files.chosen_by(&globs);
        (0..files.entries.len()).filter(|position| chosen[*position]).collect()
    } else {
        by_likeness(query, files.names(), limit)
    };
    let path = |position: &usize| files.entries[*position].path.as_str();
    let paths = || files.entries.iter().map(|entry| entry.path.as_str());
    let similar = if matching.is_empty() { closest_paths(query, paths(), 3) } else { Vec::new() };
    Ok(Found {
        query: query.to_owned(),
        paths: matching.iter().take(limit).map(path).map(str::to_owned).collect(),
        total: matching.len(),
        searched: files.entries.len(),
        similar: similar.into_iter().map(str::to_owned).collect(),
    })
}

/// Positions of the paths that match; the best `limit` of them stand in front in their order.
fn by_likeness(query: &str, names: &Names, limit: usize) -> Vec<usize> {
    let needle = query.trim_start_matches("./").to_lowercase();
    let holding = names.holding(&needle);
    // Letters in order match nearly every long path: they count only where nothing better does.
    if holding.is_empty() {
        return best_first(letters_in_order(&needle, names), limit, names);
    }
    let scored = holding.into_iter().map(|position| (likeness(&needle, names.folded(position)), position));
    best_first(scored.collect(), limit, names)
}

/// Sorts by score, length and path; only as far as it is asked for.
fn best_first<S: Ord + Copy>(mut scored: Vec<(S, usize)>, limit: usize, names: &Names) -> Vec<usize> {
    let order = |(score, position): &(S, usize)| (*score, names.folded(*position).len(), *position);
    if limit > 0 && limit < scored.len() {
        scored.select_nth_unstable_by_key(limit - 1, order);
    }
    let sorted = limit.min(scored.len());
    scored[..sorted].sort_unstable_by_key(order);
    scored.into_iter().map(|(_, position)| position).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    WholePath,
    WholeName,
    Stem,
    NameStart,
    InName,
    InPath,
}

/// How a path holds a needle that it does hold.
fn likeness(needle: &str, path: &str) -> Likeness {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if path == needle {
        Likeness::WholePath
    } else if name == needle {
        Likeness::WholeName
    } else if stem == needle {
        Likeness::Stem
    } else if name.starts_with(needle) {
        Likeness::NameStart
    } else if name.contains(needle) {
        Likeness::InName
    } else {
        Likeness::InPath
    }
}

/// The paths that hold the letters in their order, scored: letters that follow each other and begin words weigh more.
fn letters_in_order(needle: &str, names: &Names) -> Vec<(u16, usize)> {
    const TOGETHER: usize = 8 * 1024;
    let config = Config::default().max_typos(Some(0)).casing(CaseMatching::Respect).sort(SortStrategy::IndexAsc);
    let part = |first: usize| {
        let paths: Vec<&str> = (first..names.len().min(first + TOGETHER)).map(|at| names.folded(at)).collect();
        let found = Matcher::new(needle, &config).match_list(&paths);
        found.into_iter().map(|found| (u16::MAX - found.score, first + found.index as usize)).collect::<Vec<_>>()
    };
    if names.len() <= TOGETHER {
        return part(0);
    }
    let firsts: Vec<usize> = (0..names.len()).step_by(TOGETHER).collect();
    workers::run(|| firsts.into_par_iter().flat_map_iter(part).collect())
}

impl Found {
    /// The result for a model: the truth first, then one path a line.
    pub fn render(&self) -> String {
        let verb = if self.total == 1 { "matches" } else { "match" };
        let mut out = format!("{} {verb} {}", count(self.total, "file"), quoted(&self.query));
        let shown = self.paths.len();
        let complete = if shown == self.total { "complete".to_owned() } else { format!("the best {shown} shown") };
        let _ = writeln!(out, "; {complete}; looked at {}", count(self.searched, "file"));
        for path in &self.paths {
            let _ = writeln!(out, "{path}");
        }
        if !self.similar.is_empty() {
            let _ = writeln!(out, "Similar: {}", self.similar.join(", "));
        } else if self.total == 0 {
            let _ = writeln!(out, "Next: give a shorter part of the name, or search for a text that the file holds.");
        } else if shown < self.total {
            let _ = writeln!(out, "Not shown: {}", count(self.total - shown, "file"));
            let _ = writeln!(out, "Next: give more of the path, or a glob such as \"src/**/*.py\".");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds_in_order(needle: &str, path: &str) -> bool {
        let mut letters = path.chars();
        needle.chars().all(|wanted| letters.any(|letter| letter == wanted))
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_look_at_every_path_finds(
            paths in prop::collection::btree_set("[abü/._]{1,12}|[ab]{60,90}", 0..40), needle in "[abcü_./]{1,6}|[ab]{30,70}", limit in 0usize..50,
        ) {
            let paths: Vec<String> = paths.into_iter().collect();
            let names = Names::of(paths.iter().map(String::as_str));
            let found = by_likeness(&needle, &names, limit);
            let needle = needle.trim_start_matches("./");
            let mut wanted: Vec<usize> = (0..paths.len()).filter(|at| paths[*at].contains(needle)).collect();
            if wanted.is_empty() {
                wanted = (0..paths.len()).filter(|at| holds_in_order(needle, &paths[*at])).collect();
            }
            let all = by_likeness(needle, &names, usize::MAX);
            let shown = limit.min(found.len());
            prop_assert_eq!(&found[..shown], &all[..shown]);
            let (mut found, mut all) = (found, all);
            found.sort_unstable();
            all.sort_unstable();
            prop_assert_eq!(&found, &wanted);
            prop_assert_eq!(&all, &wanted);
        }
    }
}
