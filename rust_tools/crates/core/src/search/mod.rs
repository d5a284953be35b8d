//! Searching contents: count everything, rank the files, then fetch the lines that are shown.

mod engine;
mod explain;
pub(crate) mod globs;
mod left_out;
mod matcher;
pub(crate) mod rank;
mod render;
mod required;
mod scan;
mod smart_case;

use crate::cancel::Stop;
use crate::contents::Entry;
use crate::error::Result;
use crate::first_look::Needs;
use crate::index::View;
use crate::listing::Skipped;
use crate::text::count;

use globs::Globs;
pub use matcher::{Case, Patterns};
use rank::{Rank, rank};
use scan::{Matching, Scan};

/// One search.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is looked for.
    pub patterns: Patterns,
    /// Which paths are looked at; all if empty. See [`crate::search`] for the forms that are understood.
    pub globs: Vec<String>,
    /// At most so many lines are shown.
    pub limit: usize,
    /// Lines shown around each hit.
    pub context: usize,
    /// At most so many characters are rendered; the first line and one hit are always shown.
    pub budget_chars: usize,
}

impl Request {
    /// A search for one literal text with the usual limits.
    pub fn literal(text: &str) -> Self {
        Self {
            patterns: Patterns { patterns: vec![text.to_owned()], ..Patterns::default() },
            globs: Vec::new(),
            limit: 50,
            context: 0,
            budget_chars: 6000,
        }
    }
}

/// What a search found, counted over all files, and the hits that are shown.
#[derive(Debug, Clone)]
pub struct Search {
    /// The shown hits, in the order in which they are rendered.
    pub hits: Vec<Hit>,
    /// Number of lines that match.
    pub total: usize,
    /// Number of files with such lines.
    pub files: usize,
    /// Number of files that were searched.
    pub files_searched: usize,
    /// Whether every line that matches is among the hits.
    pub complete: bool,
    /// What was not searched, by reason.
    pub skipped: Skipped,
    /// How the question was understood, where that is not plain.
    pub notes: Vec<String>,
    /// Files with matching lines that are not shown, and how many; in order of rank.
    pub rest: Vec<(String, usize)>,
    /// Why it was stopped before all files were searched; the numbers are those of the searched ones.
    pub partial: Option<Stop>,
    /// Number of files that it did not come to.
    pub not_reached: usize,
    rendered: String,
}

impl Search {
    /// The result for a model. The same files and question give the same bytes.
    pub fn render(&self) -> &str {
        &self.rendered
    }
}

/// One line that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The file's path, relative to the root.
    pub path: String,
    /// Line number, from 1.
    pub line: u32,
    /// Column of the first match in characters, from 1.
    pub column: u32,
    /// The line without its ending; a long one is cut to a window around the match.
    pub text: String,
    /// The lines before it, as far as context was asked for.
    pub before: Vec<String>,
    /// The lines after it.
    pub after: Vec<String>,
}

/// A file with hits, before they are fetched.
struct Candidate<'a> {
    entry: &'a Entry,
    count: u32,
    rank: Rank,
}

/// Asks the view that `look` gives. If that looks at the files for the first time, it may search them at once: it then
/// tells which of the view's entries do not match.
pub(crate) fn run<'v>(request: &Request, look: impl FnOnce(Needs<'_>) -> (View<'v>, Vec<bool>)) -> Result<Search> {
    let matcher = request.patterns.compile()?;
    let globs = Globs::compile(&request.globs)?;
    let is_hit = |text: &[u8]| matcher.is_in(text);
    let in_passing = !globs.choose() && !matcher.may_be_slow();
    let (view, passed) = look(if in_passing { Needs::Matches(&is_hit) } else { Needs::Paths });
    let view = &view;
    let scan = Scan::of(view, &matcher, &globs, &passed);
    let total = scan.lines();
    let Scan { matching, files_searched, not_reached, skipped } = scan;
    let of = |Matching { entry, lines, defines }| Candidate { entry, count: lines, rank: rank(&entry.path, defines) };
    let mut candidates: Vec<Candidate<'_>> = matching.into_iter().map(of).collect();
    candidates.sort_by_key(|candidate| candidate.rank); // stable: within a rank they stay in the order of their paths

    let mut notes = matcher.notes.clone();
    notes.extend(view.notes.iter().cloned());
    if matcher.given_up() > 0 {
        let lines = count(matcher.given_up(), "line");
        notes.push(format!("{lines} took the pattern too many steps to decide and count as not matching"));
    }
    let mut search = Search {
        hits: Vec::new(),
        total,
        files: candidates.len(),
        files_searched,
        complete: true,
        skipped: together(&view.skipped, skipped),
        notes,
        rest: Vec::new(),
        partial: view.token().stopped().filter(|_| not_reached > 0),
        not_reached,
        rendered: String::new(),
    };
    let advice = if search.total == 0 && not_reached == 0 {
        explain::nothing(view, request, &matcher, &globs)
    } else {
        Vec::new()
    };
    render::fill(&mut search, view, request, &matcher, &candidates, &advice);
    Ok(search)
}

fn together(listed: &Skipped, searched: Skipped) -> Skipped {
    let mut all = listed.clone();
    for (reason, files) in searched {
        *all.entry(reason).or_default() += files;
    }
    all
}
