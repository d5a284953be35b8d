//! Finding files by name: a glob, part of a path, or letters in order.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::near::closest_paths;
use crate::search::globs::Globs;
use crate::text::count;

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

pub(crate) fn run(query: &str, paths: &[String], limit: usize) -> Result<Found> {
    let query = query.trim();
    if query.is_empty() {
        return Err(Error::Pattern("the name is empty; give part of a path or a glob".to_owned()));
    }
    let mut matching: Vec<&String> = if query.contains(['*', '?', '[', '{']) || query.ends_with('/') {
        let globs = Globs::compile(&[query.to_owned()])?;
        paths.iter().filter(|path| globs.allow(path)).collect()
    } else {
        by_likeness(query, paths)
    };
    let total = matching.len();
    matching.truncate(limit);
    let similar = if total == 0 { closest_paths(query, paths.iter().map(String::as_str), 3) } else { Vec::new() };
    Ok(Found {
        query: query.to_owned(),
        paths: matching.into_iter().cloned().collect(),
        total,
        searched: paths.len(),
        similar: similar.into_iter().map(str::to_owned).collect(),
    })
}

fn by_likeness<'a>(query: &str, paths: &'a [String]) -> Vec<&'a String> {
    let needle = query.trim_start_matches("./").to_lowercase();
    let mut scored: Vec<(Likeness, usize, &String)> =
        paths.iter().filter_map(|path| Some((likeness(&needle, &path.to_lowercase())?, path.len(), path))).collect();
    scored.sort_unstable();
    // Letters in order match nearly every long path: they count only where nothing better does.
    let best = scored.first().map(|(likeness, ..)| *likeness);
    let exact_enough = best.is_some_and(|best| best < Likeness::LettersInOrder);
    scored
        .into_iter()
        .filter(|(likeness, ..)| !exact_enough || *likeness < Likeness::LettersInOrder)
        .map(|(_, _, path)| path)
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    WholePath,
    WholeName,
    Stem,
    NameStart,
    InName,
    InPath,
    LettersInOrder,
}

fn likeness(needle: &str, path: &str) -> Option<Likeness> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Some(if path == needle {
        Likeness::WholePath
    } else if name == needle {
        Likeness::WholeName
    } else if stem == needle {
        Likeness::Stem
    } else if name.starts_with(needle) {
        Likeness::NameStart
    } else if name.contains(needle) {
        Likeness::InName
    } else if path.contains(needle) {
        Likeness::InPath
    } else {
        let mut letters = path.chars();
        needle.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(Likeness::LettersInOrder)?
    })
}

impl Found {
    /// The result for a model: the truth first, then one path a line.
    pub fn render(&self) -> String {
        let verb = if self.total == 1 { "matches" } else { "match" };
        let mut out = format!("{} {verb} {:?}", count(self.total, "file"), self.query);
        let shown = self.paths.len();
        let complete = if shown == self.total { "complete".to_owned() } else { format!("the best {shown} shown") };
        let _ = writeln!(out, "; {complete}; looked at {}", count(self.searched, "file"));
        for path in &self.paths {
            let _ = writeln!(out, "{path}");
        }
        if !self.similar.is_empty() {
            let _ = writeln!(out, "Similar: {}", self.similar.join(", "));
        }
        out
    }
}
