//! Searching and changing code by its structure: patterns with holes, and renaming.

mod holes;
mod pattern;
mod render;
mod rewrite;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::cancel::{Stop, Token};
use crate::contents::{Content, Entry};
use crate::error::{Error, Result};
use crate::index::{Index, View};
use crate::languages::Grammar;
use crate::search::globs::Globs;
use crate::text::count;
use crate::workers;

use pattern::{Compiled, Found};
pub use rewrite::Rewrite;

/// A structural search.
#[derive(Debug, Clone)]
pub struct Request {
    /// Source with holes: `$NAME` for one part, `$_` for one that does not matter, `$$$NAMES` for any number.
    pub pattern: String,
    /// The language that the pattern is written in; by default every language in which it parses.
    pub language: Option<String>,
    /// Which paths are looked at, as for a search; all if empty.
    pub globs: Vec<String>,
    /// At most so many matches are shown.
    pub limit: usize,
    /// At most so many characters are rendered; the first line and one match are always shown.
    pub budget_chars: usize,
}

impl Request {
    /// A search for a pattern in every language in which it parses, with the usual limits.
    pub fn pattern(pattern: &str) -> Self {
        Self { pattern: pattern.to_owned(), language: None, globs: Vec::new(), limit: 50, budget_chars: 6000 }
    }
}

/// One piece of code that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The file's path, relative to the root.
    pub path: String,
    /// First line, from 1.
    pub line: u32,
    /// Column of its beginning in characters, from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// The matching source.
    pub text: String,
    /// What each named hole holds, by its name without `$`.
    pub captures: BTreeMap<String, String>,
}

/// What a structural search found, counted over all files, and the matches that are shown.
#[derive(Debug, Clone)]
pub struct Matches {
    /// The shown matches: sources, then tests, then generated files, by path and line.
    pub matches: Vec<Match>,
    /// Number of matches, shown or not.
    pub total: usize,
    /// Number of files with matches.
    pub files: usize,
    /// Number of files that were searched.
    pub files_searched: usize,
    /// Languages whose files were searched.
    pub languages: Vec<&'static str>,
    /// Files that could not be parsed within bounds.
    pub unparsed: Vec<String>,
    /// Why the search stopped before its end.
    pub partial: Option<Stop>,
    /// Whether every match is shown, and every file of the languages was parsed.
    pub complete: bool,
    /// What is not plain about the result.
    pub notes: Vec<String>,
    /// Files with matches that are not shown, and how many.
    pub rest: Vec<(String, usize)>,
    rendered: String,
}

impl Matches {
    /// The result for a model: totals, then the matches grouped by file.
    pub fn render(&self) -> &str {
        &self.rendered
    }
}

impl Index {
    /// Finds code by its structure. A token that stops the search leaves what was found so far.
    ///
    /// ```
    /// # use orchestrator_tools::{cancel::Token, index::Index, structure::Request};
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("a.py"), "total = add(price, tax(price))\n")?;
    /// let index = Index::open(root, None, 1 << 20)?;
    /// let found = index.structural_search(&Request::pattern("add($A, tax($A))"), &Token::default())?;
    /// assert_eq!(found.matches[0].captures["A"], "price");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn structural_search(&self, request: &Request, token: &Token) -> Result<Matches> {
        let view = self.view_until(token);
        workers::run_until(token, || {
            let patterns = Patterns::new(&request.pattern, request.language.as_deref())?;
            let globs = Globs::compile(&request.globs)?;
            let seen = view.map(|entry| patterns.look(&view, &globs, entry));
            let (mut matches, per_file) = collect(&view, &patterns, seen)?;
            render::fill(&mut matches, &view, request, per_file);
            Ok(matches)
        })
    }
}

/// A pattern in every language that it may be written in, compiled when a file of the language turns up.
struct Patterns {
    pattern: String,
    by_language: Vec<(&'static Grammar, OnceLock<std::result::Result<Compiled, String>>)>,
}

/// What was seen of one file.
enum Seen {
    /// Its path or language is not asked for.
    Elsewhere,
    /// The pattern does not parse in its language.
    Foreign(&'static str),
    /// The search stopped before it.
    NotReached,
    Unparsed,
    Searched(&'static str, Vec<Found>),
}

impl Patterns {
    fn new(pattern: &str, language: Option<&str>) -> Result<Self> {
        let grammars = match language {
            Some(name) => Grammar::family(name).ok_or_else(|| {
                let known: Vec<&str> = Grammar::all().map(|grammar| grammar.name).collect();
                Error::Pattern(format!("there is no language {name:?}; known are: {}", known.join(", ")))
            })?,
            None => Grammar::all().collect(),
        };
        Ok(Self {
            pattern: pattern.to_owned(),
            by_language: grammars.into_iter().map(|grammar| (grammar, OnceLock::new())).collect(),
        })
    }

    /// The pattern in a language that is asked for.
    fn of(&self, grammar: &'static Grammar) -> Option<std::result::Result<&Compiled, &String>> {
        let (_, compiled) = self.by_language.iter().find(|(known, _)| *known == grammar)?;
        Some(compiled.get_or_init(|| Compiled::new(&self.pattern, grammar)).as_ref())
    }

    fn look(&self, view: &View<'_>, globs: &Globs, entry: &Entry) -> Seen {
        if !globs.allow(&entry.path) {
            return Seen::Elsewhere;
        }
        if view.token().stopped().is_some() {
            return Seen::NotReached;
        }
        let Content::Text(text) = view.content(entry) else { return Seen::Elsewhere };
        let Some(grammar) = Grammar::of(&entry.path, &text) else { return Seen::Elsewhere };
        match self.of(grammar) {
            None => Seen::Elsewhere,
            Some(Err(_)) => Seen::Foreign(grammar.name),
            Some(Ok(compiled)) if !compiled.may_match(&text) => Seen::Searched(grammar.name, Vec::new()),
            Some(Ok(compiled)) => match compiled.matches(&String::from_utf8_lossy(&text)) {
                Ok(found) => Seen::Searched(grammar.name, found),
                Err(_) => Seen::Unparsed,
            },
        }
    }

    /// Refuses a pattern that parses in none of the languages whose files were met.
    fn refuse_foreign(&self, foreign: &BTreeMap<&'static str, usize>) -> Result<()> {
        let most = foreign.iter().max_by_key(|(_, files)| **files).map(|(name, _)| *name);
        let asked =
            if self.by_language.len() <= 2 { self.by_language.first().map(|(grammar, _)| grammar.name) } else { None };
        let grammar = most.or(asked).and_then(Grammar::named);
        match grammar.and_then(|grammar| self.of(grammar)) {
            Some(Err(why)) => Err(Error::Pattern(why.clone())),
            _ => Ok(()),
        }
    }
}

/// Matches of one file.
struct FileMatches {
    path: String,
    found: Vec<Found>,
}

/// Adds up what was seen.
fn collect(view: &View<'_>, patterns: &Patterns, seen: Vec<Seen>) -> Result<(Matches, Vec<FileMatches>)> {
    let mut per_file = Vec::new();
    let mut languages = BTreeSet::new();
    let mut foreign: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut unparsed = Vec::new();
    let (mut files_searched, mut not_reached) = (0, 0);
    for (entry, seen) in view.entries.iter().zip(seen) {
        match seen {
            Seen::Elsewhere => {}
            Seen::NotReached => not_reached += 1,
            Seen::Foreign(language) => *foreign.entry(language).or_default() += 1,
            Seen::Unparsed => unparsed.push(entry.path.clone()),
            Seen::Searched(language, found) => {
                files_searched += 1;
                languages.insert(language);
                if !found.is_empty() {
                    per_file.push(FileMatches { path: entry.path.clone(), found });
                }
            }
        }
    }
    if files_searched == 0 && not_reached == 0 {
        patterns.refuse_foreign(&foreign)?;
    }
    let partial = view.token().stopped().filter(|_| not_reached > 0);
    let mut notes = Vec::new();
    if !foreign.is_empty() {
        let files: Vec<String> = foreign.iter().map(|(name, files)| count(*files, &format!("{name} file"))).collect();
        notes.push(format!("the pattern does not parse in {}, which are not searched", files.join(", ")));
    }
    if not_reached > 0 {
        notes.push(format!("{} not reached before the search was stopped", count(not_reached, "file")));
    }
    let matches = Matches {
        matches: Vec::new(),
        total: per_file.iter().map(|file| file.found.len()).sum(),
        files: per_file.len(),
        files_searched,
        languages: languages.into_iter().collect(),
        unparsed,
        partial,
        complete: true,
        notes,
        rest: Vec::new(),
        rendered: String::new(),
    };
    Ok((matches, per_file))
}
