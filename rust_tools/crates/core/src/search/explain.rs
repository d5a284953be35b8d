//! Why a search found nothing, and what would have found something.

use std::collections::BTreeSet;

use super::globs::Globs;
use super::matcher::{Case, Matcher, Patterns};
use super::scan::Scan;
use super::{Request, left_out};
use crate::contents::Content;
use crate::index::View;
use crate::near::{Wanted, closest_paths};
use crate::postings::{MOST_NAME_BYTES, Query};
use crate::text::count;

/// Sentences that explain an empty result, each with the number that proves it.
pub(super) fn nothing(view: &View<'_>, request: &Request, matcher: &Matcher, globs: &Globs) -> Vec<String> {
    let mut advice = Vec::new();
    if !request.globs.is_empty() {
        advice.extend(outside_the_globs(view, request, matcher, globs));
    }
    if !matcher.ignores_case {
        let folded = Patterns { case: Case::Ignored, ..request.patterns.clone() };
        advice.extend(tell(view, globs, &folded, "Ignoring case"));
    }
    if request.patterns.word {
        let parts = Patterns { word: false, ..request.patterns.clone() };
        advice.extend(tell(view, globs, &parts, "As part of longer words"));
    }
    let is_regex = |pattern: &String| *pattern != regex::escape(pattern);
    if !request.patterns.regex && request.patterns.patterns.iter().any(is_regex) {
        let regex = Patterns { regex: true, ..request.patterns.clone() };
        advice.extend(tell(view, globs, &regex, "As a regular expression"));
    }
    if let [pattern] = request.patterns.patterns.as_slice() {
        advice.extend(similar_names(view, globs, pattern));
        advice.extend(its_words(view, globs, pattern));
        advice.extend(paths_with(view, pattern));
    }
    advice.extend(left_out::tell(view, matcher, globs));
    advice
}

fn outside_the_globs(view: &View<'_>, request: &Request, matcher: &Matcher, globs: &Globs) -> Option<String> {
    let asked = request.globs.join(", ");
    if !view.entries.iter().any(|entry| globs.allow(&entry.path)) {
        let places = request.globs.iter().map(|glob| glob.trim_matches(['*', '/', '!', '.']));
        let known = paths_and_folders(view);
        let near: Vec<&str> = places.flat_map(|place| closest_paths(place, known.iter().copied(), 3)).take(3).collect();
        let similar = if near.is_empty() { String::new() } else { format!(" Similar: {}.", near.join(", ")) };
        return Some(format!("No file matches the path glob {asked}.{similar}"));
    }
    let everywhere = Globs::compile(&[]).ok()?;
    let (lines, files) = totals(view, &everywhere, matcher);
    (lines > 0).then(|| format!("Outside the path glob {asked}: {} in {}.", count(lines, "line"), count(files, "file")))
}

fn paths_and_folders<'a>(view: &'a View<'_>) -> BTreeSet<&'a str> {
    let paths = view.entries.iter().map(|entry| entry.path.as_str());
    paths.flat_map(|path| std::iter::once(path).chain(path.match_indices('/').map(|(at, _)| &path[..at]))).collect()
}

fn tell(view: &View<'_>, globs: &Globs, patterns: &Patterns, how: &str) -> Option<String> {
    let matcher = patterns.compile().ok().filter(|matcher| matcher.notes.is_empty())?;
    let (lines, files) = totals(view, globs, &matcher);
    (lines > 0).then(|| format!("{how}: {} in {}.", count(lines, "line"), count(files, "file")))
}

fn totals(view: &View<'_>, globs: &Globs, matcher: &Matcher) -> (usize, usize) {
    let scan = Scan::of(view, matcher, globs, &[]);
    (scan.lines(), scan.matching.len())
}

/// Names in the searched files that differ from a looked-for name by little.
fn similar_names(view: &View<'_>, globs: &Globs, pattern: &str) -> Option<String> {
    const MOST_NAMES: usize = 5;
    if pattern.chars().count() < 3 || pattern.len() > MOST_NAME_BYTES || !pattern.bytes().all(is_name_byte) {
        return None;
    }
    let files = view.read_for_names();
    let counted = close_names(view, files, pattern).into_iter().filter_map(|(_, name)| {
        let times = occurrences(view, files, globs, &name);
        (times > 0).then(|| format!("{} ({times}×)", String::from_utf8_lossy(&name)))
    });
    let told: Vec<String> = counted.take(MOST_NAMES).collect();
    (!told.is_empty()).then(|| format!("Similar names: {}.", told.join(", ")))
}

/// Names that are close, with their distance, nearest first: of the first files, and some that stand in none any more.
fn close_names(view: &View<'_>, files: usize, pattern: &str) -> BTreeSet<(usize, Vec<u8>)> {
    let wanted = Wanted::new(pattern);
    let known = view.coverage.vocabularies().iter().flat_map(|vocabulary| vocabulary.names());
    let mut close: BTreeSet<(usize, Vec<u8>)> =
        known.filter_map(|(name, letters)| Some((wanted.among(name, letters)?, name.to_vec()))).collect();
    let unnamed: Vec<u32> = (0..files).filter(|at| !view.coverage.is_named(*at)).map(|at| at as u32).collect();
    let per_file = view.map_at(&unnamed, false, |entry| {
        let mut close = BTreeSet::new();
        if let Content::Text(text) = view.content(entry) {
            wanted.in_text(&text, |name, distance| {
                close.insert((distance, name.to_vec()));
            });
        }
        close
    });
    close.extend(per_file.into_iter().flatten());
    close
}

/// How often a name stands in those of the first files that are searched, on its own and not as part of a longer one.
fn occurrences(view: &View<'_>, files: usize, globs: &Globs, name: &[u8]) -> usize {
    let all = || (0..files as u32).collect();
    let mut positions = view.coverage.candidates(&Query::text(name)).unwrap_or_else(all);
    positions.retain(|at| (*at as usize) < files && globs.allow(&view.entries[*at as usize].path));
    let finder = memchr::memmem::Finder::new(name);
    let times = view.map_at(&positions, false, |entry| {
        let Content::Text(text) = view.content(entry) else { return 0 };
        let is_alone = |at: &usize| {
            let (before, behind) = (at.checked_sub(1).and_then(|at| text.get(at)), text.get(at + name.len()));
            ![before, behind].into_iter().flatten().any(|byte| is_name_byte(*byte))
        };
        finder.find_iter(&text).filter(is_alone).count()
    });
    times.into_iter().sum()
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How often the words of a phrase occur on their own.
fn its_words(view: &View<'_>, globs: &Globs, pattern: &str) -> Option<String> {
    const MOST_WORDS: usize = 5;
    let mut words: Vec<&str> =
        pattern.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| w.len() > 2).collect();
    words.dedup();
    if words.len() < 2 {
        return None;
    }
    let told: Vec<String> = words
        .into_iter()
        .take(MOST_WORDS)
        .filter_map(|word| {
            let patterns = Patterns { patterns: vec![word.to_owned()], case: Case::Ignored, ..Patterns::default() };
            let (lines, _) = totals(view, globs, &patterns.compile().ok()?);
            Some(format!("{word} {}", count(lines, "line")))
        })
        .collect();
    Some(format!("Its words on their own: {}.", told.join(", ")))
}

fn paths_with(view: &View<'_>, pattern: &str) -> Option<String> {
    const MOST_PATHS: usize = 3;
    let holding = view.names().holding(&pattern.to_lowercase());
    let named: Vec<&str> = holding.iter().take(MOST_PATHS).map(|at| view.entries[*at].path.as_str()).collect();
    (!named.is_empty()).then(|| format!("In file names: {}.", named.join(", ")))
}
