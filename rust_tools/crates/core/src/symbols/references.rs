//! Where code uses a name: real names of the syntax tree, not words in strings and comments.

use memchr::memmem::Finder;

use super::render;
use super::{Use, may_hold, parts};
use crate::cancel::{Stop, Token};
use crate::contents::Content;
use crate::index::{Index, View};
use crate::languages::Grammar;
use crate::outline::{Facts, Occurrence};
use crate::python::is_python;
use crate::search::rank::is_test;
use crate::text::window;
use crate::workers;

const MAX_LINE_CHARS: usize = 200;

/// One use of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The file's path, relative to the root.
    pub path: String,
    /// Line number, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What the code does with the name.
    pub role: Use,
    /// Whether the file is a test.
    pub test: bool,
    /// Qualified name of the function or type around it; empty at the top of a file.
    pub inside: String,
    /// The line without its indentation and ending; a long one is cut to a window around the name.
    pub text: String,
}

/// Where a name is used, counted over all files, and the uses that are shown.
#[derive(Debug, Clone)]
pub struct References {
    /// The shown uses in the order in which they are rendered: definitions, imports, calls, others, then tests.
    pub hits: Vec<Reference>,
    /// How many uses there are.
    pub total: usize,
    /// In how many files.
    pub files: usize,
    /// How often the name is a word in comments, strings and other text of these and other source files.
    pub in_text: usize,
    /// Files in no known language that hold the word, and how often; in the order of their paths.
    pub other_files: Vec<(String, usize)>,
    /// Files that hold the word and could not be parsed; their uses are not counted.
    pub unparsed: Vec<String>,
    /// Why some files were not looked at.
    pub partial: Option<Stop>,
    /// Whether every use is among the hits, and every file with the word was parsed.
    pub complete: bool,
    /// Files with uses that are not shown, and how many.
    pub rest: Vec<(String, usize)>,
    pub(super) rendered: String,
}

impl References {
    /// The result for a model: totals by kind, then the uses grouped by kind and file.
    pub fn render(&self) -> &str {
        &self.rendered
    }
}

/// Uses of a name in one file, in order; made into references only if they are shown.
pub(super) struct FileUses {
    position: u32,
    pub(super) path: String,
    pub(super) test: bool,
    pub(super) uses: Vec<Occurrence>,
}

/// What one file has to say about a name.
enum Seen {
    Nothing,
    /// The question was stopped before it.
    NotReached,
    Parsed {
        uses: Vec<Occurrence>,
        in_text: usize,
    },
    Unparsed,
    NoLanguage(usize),
}

impl Index {
    /// Where files of every language use a name. Of a qualified name the last part is looked for.
    ///
    /// At most `limit` uses are shown and `budget_chars` characters rendered; all are counted.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("a.go"), "package a\n\nfunc load() {}\n\nfunc run() { load() } // load\n")?;
    /// let index = orchestrator_tools::index::Index::open(root, None, 1 << 20)?;
    /// let found = index.references("load", 50, 6000);
    /// assert_eq!((found.total, found.in_text, found.hits[1].inside.as_str()), (2, 1, "run"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn references(&self, name: &str, limit: usize, budget_chars: usize) -> References {
        self.references_until(name, limit, budget_chars, &Token::default())
    }

    /// Like [`Index::references`]; a stopped question gives what it has found so far, and says so.
    pub fn references_until(&self, name: &str, limit: usize, budget_chars: usize, token: &Token) -> References {
        let view = self.view_until(token);
        workers::run_until(token, || {
            let asked = parts(name);
            let last = asked.last().copied().unwrap_or_default();
            let mut found = References {
                hits: Vec::new(),
                total: 0,
                files: 0,
                in_text: 0,
                other_files: Vec::new(),
                unparsed: Vec::new(),
                partial: None,
                complete: true,
                rest: Vec::new(),
                rendered: String::new(),
            };
            let uses = gather(&view, last, &mut found);
            render::fill(&mut found, &view, name, last, &uses, limit, budget_chars);
            found
        })
    }
}

/// All uses, counted; in the order of the files.
fn gather(view: &View<'_>, name: &str, found: &mut References) -> Vec<FileUses> {
    let mut all = Vec::new();
    if name.is_empty() {
        return all;
    }
    let finder = Finder::new(name);
    let positions = may_hold(view, name);
    let seen = view.map_at(&positions, true, |entry| match view.content(entry) {
        _ if view.token().stopped().is_some() => Seen::NotReached,
        Content::Text(text) if finder.find(&text).is_some() => {
            if !is_python(&entry.path) && Grammar::of(&entry.path, &text).is_none() {
                return Seen::NoLanguage(words(&text, &finder));
            }
            let facts = entry.facts(&text);
            if facts.unparsed.is_some() {
                return Seen::Unparsed;
            }
            let uses = uses(&facts, &String::from_utf8_lossy(&text), name);
            let in_text = words(&text, &finder).saturating_sub(uses.len());
            Seen::Parsed { uses, in_text }
        }
        _ => Seen::Nothing,
    });
    let mut not_reached = 0;
    for (position, seen) in positions.into_iter().zip(seen) {
        let entry = &view.entries[position as usize];
        match seen {
            Seen::NotReached => not_reached += 1,
            Seen::Nothing | Seen::NoLanguage(0) => {}
            Seen::NoLanguage(words) => found.other_files.push((entry.path.clone(), words)),
            Seen::Unparsed => found.unparsed.push(entry.path.clone()),
            Seen::Parsed { uses, in_text } => {
                found.in_text += in_text;
                if !uses.is_empty() {
                    found.total += uses.len();
                    found.files += 1;
                    let (path, test) = (entry.path.clone(), is_test(&entry.path));
                    all.push(FileUses { position, path, test, uses });
                }
            }
        }
    }
    found.partial = view.token().stopped().filter(|_| not_reached > 0);
    all
}

fn uses(facts: &Facts, text: &str, name: &str) -> Vec<Occurrence> {
    let is_name = |it: &&Occurrence| usize::from(it.length) == name.len() && it.text(text) == name;
    facts.occurrences.iter().filter(is_name).copied().collect()
}

impl FileUses {
    /// These of its uses with their lines and what is around them.
    pub(super) fn references(&self, view: &View<'_>, uses: &[Occurrence]) -> Vec<Reference> {
        let entry = &view.entries[self.position as usize];
        let Content::Text(bytes) = view.content(entry) else { return Vec::new() };
        let (facts, text) = (entry.facts(&bytes), String::from_utf8_lossy(&bytes));
        let (mut counted_to, mut line) = (0, 1);
        let mut references = Vec::new();
        for occurrence in uses {
            let Some(before) = text.get(counted_to..occurrence.at()) else { break };
            line += memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32;
            counted_to = occurrence.at();
            references.push(self.reference(&facts, &text, *occurrence, line));
        }
        references
    }

    fn reference(&self, facts: &Facts, text: &str, occurrence: Occurrence, line: u32) -> Reference {
        let at = occurrence.at();
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let whole = text[start..end].trim_end();
        let shown = whole.trim_start();
        let column = text[start..at].chars().count();
        let focus = column.saturating_sub(whole.chars().count() - shown.chars().count());
        // What is defined lies inside of what is around it, not of itself.
        let outer = facts.enclosing(line).filter(|it| occurrence.role != Use::Definition || it.line != line);
        Reference {
            path: self.path.clone(),
            line,
            column: column as u32 + 1,
            role: occurrence.role,
            test: self.test,
            inside: outer.map_or_else(String::new, |symbol| symbol.qualified_name.clone()),
            text: window(shown, focus, MAX_LINE_CHARS),
        }
    }
}

/// How often a name is a whole word of a text.
pub(crate) fn words(text: &[u8], name: &Finder<'_>) -> usize {
    let is_name = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    let length = name.needle().len();
    let whole = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        !is_name(before) && !is_name(text.get(at + length))
    };
    name.find_iter(text).filter(whole).count()
}
