//! The engines that find matches: each is the fastest for some patterns.

use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::Span;
use aho_corasick::packed::Searcher;
use fancy_regex::Regex as BacktrackingRegex;
use grep_matcher::{Match, Matcher as _};
use grep_regex::RegexMatcher;
use memchr::memmem::Finder;

/// Finds matches in a text.
#[derive(Debug)]
pub(super) enum Engine {
    /// One literal text, case counted.
    Literal(Finder<'static>),
    /// Several of them; in a text that can hold only one, that one is looked for alone.
    Literals(Searcher, Vec<Finder<'static>>),
    /// A regular expression; its time grows with the length of the text alone.
    Linear(RegexMatcher),
    /// For lookaround and backreferences: each pattern for itself, because the numbers of its groups are its own.
    Backtracking(Backtracking),
}

#[derive(Debug)]
pub(super) struct Backtracking {
    patterns: Vec<BacktrackingRegex>,
    /// On how many lines a pattern took too many steps.
    given_up: AtomicUsize,
}

/// How much of a text can be searched on its own with the same result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Matches can reach over several lines, or depend on where the text ends.
    Text,
    /// A match depends on its line alone; a part is as many whole lines as make a chunk.
    Lines,
    /// Likewise, and every line is a part: a pattern may take long and is given up line by line.
    Line,
}

impl Engine {
    /// The first match at or behind a place. `only`: of several literal texts the one that the text can hold.
    pub(super) fn find(&self, text: &[u8], from: usize, only: Option<u32>) -> Option<Match> {
        if from > text.len() {
            return None;
        }
        match self {
            Self::Literal(finder) => find(finder, text, from),
            Self::Literals(searcher, finders) => {
                if let Some(only) = only {
                    return find(&finders[only as usize], text, from);
                }
                let found = searcher.find_in(text, Span::from(from..text.len()))?;
                Some(Match::new(found.start(), found.end()))
            }
            Self::Linear(regex) => regex.find_at(text, from).ok().flatten(), // its error type has no values
            Self::Backtracking(regexes) => regexes.find(text, from),
        }
    }

    /// Of several literal texts the only one that a text holds, where that is quickly told: then it is found faster than
    /// all of them together. `among`: those that it can hold, as a set.
    pub(super) fn only(&self, text: &[u8], among: u64) -> Option<u32> {
        const FEW: u32 = 4;
        let Self::Literals(_, finders) = self else { return None };
        let possible = among.count_ones();
        if possible > FEW {
            return None;
        }
        let can_be = (0..finders.len() as u32).filter(|at| among >> at & 1 == 1);
        let mut held = can_be.filter(|at| possible == 1 || finders[*at as usize].find(text).is_some());
        match (held.next(), held.next()) {
            (None, _) => Some(among.trailing_zeros()),
            (only, None) => only,
            _ => None,
        }
    }

    /// On how many lines a pattern was given up so far: they count as lines without a match.
    pub(super) fn given_up(&self) -> usize {
        if let Self::Backtracking(regexes) = self { regexes.given_up.load(Ordering::Relaxed) } else { 0 }
    }
}

fn find(finder: &Finder<'_>, text: &[u8], from: usize) -> Option<Match> {
    let start = from + finder.find(&text[from..])?;
    Some(Match::new(start, start + finder.needle().len()))
}

impl Backtracking {
    pub(super) fn new(patterns: Vec<BacktrackingRegex>) -> Self {
        Self { patterns, given_up: AtomicUsize::new(0) }
    }

    fn find(&self, text: &[u8], from: usize) -> Option<Match> {
        let mut first: Option<Match> = None;
        for pattern in &self.patterns {
            match pattern.find_from_pos(text, from) {
                Ok(Some(found)) if first.is_none_or(|first| found.start() < first.start()) => {
                    first = Some(Match::new(found.start(), found.end()));
                }
                Ok(_) => {}
                Err(_) => drop(self.given_up.fetch_add(1, Ordering::Relaxed)),
            }
        }
        first
    }
}

impl Reach {
    /// Where a part of the text ends that begins at `from`: behind a line's ending, or at the end of the text.
    pub(super) fn part_end(self, text: &[u8], from: usize) -> usize {
        /// After so many bytes without a match it is looked whether to go on.
        const CHUNK_BYTES: usize = 1024 * 1024;
        let at_least = match self {
            Self::Lines => from + CHUNK_BYTES,
            Self::Line => from,
            Self::Text => text.len(),
        };
        let rest = text.get(at_least..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(text.len(), |at| at_least + at + 1)
    }
}
