//! Changing code by its structure: replacing what matches a pattern, and renaming.

use std::fmt::Write as _;

use rayon::prelude::*;

use super::{Patterns, Request, Seen, collect};
use crate::contents::Content;
use crate::edit::{FileEdit, Writing, rewrite, write_hunks};
use crate::error::{Error, Result};
use crate::index::{Index, View};
use crate::languages::Grammar;
use crate::outline::{self, Facts};
use crate::search::globs::Globs;
use crate::symbols::words;
use crate::text::{count, quoted};
use crate::workers;

/// What a structural change did, or would do.
#[derive(Debug, Clone)]
pub struct Rewrite {
    /// The changed files.
    pub files: Vec<FileEdit>,
    /// Whether they were written.
    pub written: bool,
    /// Number of changed places.
    pub places: usize,
    rendered: String,
}

impl Rewrite {
    /// The result for a model: totals, what was left alone, then a small diff for each file.
    pub fn render(&self) -> &str {
        &self.rendered
    }
}

/// A file's new text.
struct Changed {
    after: String,
    places: usize,
}

impl Index {
    /// Replaces what matches a pattern, outermost matches first; the replacement may use the pattern's holes.
    /// All files or none.
    ///
    /// Refused where nothing matches, where the replacement uses a hole that the pattern does not have, and where a
    /// file cannot be edited.
    pub fn structural_replace(&self, request: &Request, replacement: &str, writing: Writing<'_>) -> Result<Rewrite> {
        let view = self.view();
        let answer = workers::run(|| {
            let patterns = Patterns::new(&request.pattern, request.language.as_deref())?;
            let globs = Globs::compile(&request.globs)?;
            let seen = view.map(|entry| patterns.look(&view, &globs, entry));
            let refuse = |why: String| Error::Pattern(why);
            let paths: Vec<String> = view
                .entries
                .iter()
                .zip(&seen)
                .filter(|(_, seen)| matches!(seen, Seen::Searched(_, found) if !found.is_empty()))
                .map(|(entry, _)| entry.path.clone())
                .collect();
            let (matches, _) = collect(&view, &patterns, seen)?;
            if paths.is_empty() {
                let files = count(matches.files_searched, "file");
                return Err(refuse(format!(
                    "nothing matches {} in {files}; nothing is changed",
                    quoted(&request.pattern)
                )));
            }
            let change = |path: &str, text: &str| -> Result<Changed> {
                let Some(Some(Ok(compiled))) = Grammar::of(path, text.as_bytes()).map(|it| patterns.of(it)) else {
                    return Ok(Changed { after: text.to_owned(), places: 0 });
                };
                let template = compiled.template(replacement).map_err(refuse)?;
                let replacements = compiled.replacements(text, &template).map_err(|_| cannot_be_parsed(path))?;
                let mut after = text.to_owned();
                for one in replacements.iter().rev() {
                    after.replace_range(one.range.clone(), &one.text);
                }
                Ok(Changed { after, places: replacements.len() })
            };
            let what = format!("Replaced {} by {}", quoted(&request.pattern), quoted(replacement));
            let mut notes = matches.notes;
            if !matches.unparsed.is_empty() {
                notes.push(format!("left alone, because they cannot be parsed: {}", matches.unparsed.join(", ")));
            }
            self.rewritten(&paths, &what, &notes, writing, change)
        })?;
        self.took_over(answer)
    }

    /// Renames a name in code: every identifier of that text in files of all languages, not words in strings and
    /// comments, which are counted. All files or none.
    ///
    /// Refused where the name is not used, where a file cannot be edited, and where the new name is none in a
    /// file's language.
    pub fn rename(&self, name: &str, to: &str, globs: &[String], writing: Writing<'_>) -> Result<Rewrite> {
        let view = self.view();
        let answer = workers::run(|| {
            if name == to || name.is_empty() || to.is_empty() || to.contains(char::is_whitespace) {
                return Err(Error::Pattern(format!("cannot rename {name:?} to {to:?}; give two names that differ")));
            }
            let compiled = Globs::compile(globs)?;
            let found = uses_of(&view, name, to, &compiled);
            if found.paths.is_empty() {
                return Err(Error::Pattern(format!("no code uses the name {name:?}; nothing is changed")));
            }
            let change = |path: &str, text: &str| renamed(path, text, name, to);
            self.rewritten(
                &found.paths,
                &format!("Renamed {name:?} to {to:?}"),
                &found.notes(name, to),
                writing,
                change,
            )
        })?;
        self.took_over(answer)
    }

    fn rewritten(
        &self,
        paths: &[String],
        what: &str,
        notes: &[String],
        writing: Writing<'_>,
        change: impl Fn(&str, &str) -> Result<Changed> + Sync,
    ) -> Result<Rewrite> {
        let change_all = |files: &mut [FileEdit]| -> Result<usize> {
            let places: Vec<Result<usize>> = files
                .par_iter_mut()
                .map(|file| {
                    let changed = change(&file.path, file.before.as_deref().unwrap_or_default())?;
                    file.after = Some(changed.after);
                    file.how = count(changed.places, "place");
                    Ok(changed.places)
                })
                .collect();
            // Not collected as one result: of several refusals it would tell whichever came first in time.
            places.into_iter().sum()
        };
        let (files, places) = rewrite(self.root(), paths, writing, change_all)?;
        let rendered = render(&files, places, what, notes, writing.is_dry_run());
        Ok(Rewrite { files, written: !writing.is_dry_run(), places, rendered })
    }

    /// Makes the index see what was written.
    fn took_over(&self, rewrite: Rewrite) -> Result<Rewrite> {
        if rewrite.written {
            let paths: Vec<&str> = rewrite.files.iter().map(|file| file.path.as_str()).collect();
            self.update(&paths)?;
        }
        Ok(rewrite)
    }
}

/// Which files use a name, and what a renaming leaves alone.
fn uses_of(view: &View<'_>, name: &str, to: &str, globs: &Globs) -> Uses {
    let (finder, new_finder) = (memchr::memmem::Finder::new(name), memchr::memmem::Finder::new(to));
    let seen = view.map(|entry| match view.content(entry) {
        Content::Text(text) if finder.find(&text).is_some() => {
            let facts = entry.facts(&text);
            let text = String::from_utf8_lossy(&text);
            let found = uses(&facts, &text, name);
            let taken = if new_finder.find(text.as_bytes()).is_some() { uses(&facts, &text, to) } else { 0 };
            (found, words(text.as_bytes(), &finder).saturating_sub(found), taken, facts.unparsed.is_some())
        }
        _ => (0, 0, 0, false),
    });
    let mut found = Uses::default();
    for (entry, (uses, in_text, taken, unparsed)) in view.entries.iter().zip(seen) {
        if unparsed {
            found.unparsed.push(entry.path.clone());
        } else if uses > 0 && !globs.allow(&entry.path) {
            found.elsewhere += uses;
        } else {
            found.in_text += in_text;
            if uses > 0 {
                found.paths.push(entry.path.clone());
                found.taken.extend((taken > 0).then(|| entry.path.clone()));
            }
        }
    }
    found
}

/// What a renaming touches and what it leaves alone.
#[derive(Default)]
struct Uses {
    paths: Vec<String>,
    in_text: usize,
    /// Uses in files outside the path globs.
    elsewhere: usize,
    /// Files of the change in which the new name is used already.
    taken: Vec<String>,
    unparsed: Vec<String>,
}

impl Uses {
    fn notes(&self, name: &str, to: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.in_text > 0 {
            let times = count(self.in_text, "time");
            notes.push(format!(
                "{name:?} also stands {times} in comments, strings and other text, which are left alone"
            ));
        }
        if self.elsewhere > 0 {
            notes.push(format!("{} outside the path globs are left alone", count(self.elsewhere, "use")));
        }
        if !self.taken.is_empty() {
            notes.push(format!("{to:?} is used already in {}; the two names become one", self.taken.join(", ")));
        }
        if !self.unparsed.is_empty() {
            notes.push(format!("left alone, because they cannot be parsed: {}", self.unparsed.join(", ")));
        }
        notes
    }
}

fn uses(facts: &Facts, text: &str, name: &str) -> usize {
    facts.occurrences.iter().filter(|it| it.text(text) == name).count()
}

/// A text with a name renamed; refused where the new name is not read as a name there.
fn renamed(path: &str, text: &str, name: &str, to: &str) -> Result<Changed> {
    let facts = outline::facts(path, text);
    let mut after = String::with_capacity(text.len());
    let (mut done, mut places) = (0, 0);
    for occurrence in facts.occurrences.iter().filter(|it| it.text(text) == name) {
        after.push_str(&text[done..occurrence.at()]);
        after.push_str(to);
        done = occurrence.at() + name.len();
        places += 1;
    }
    after.push_str(&text[done..]);
    let there = uses(&outline::facts(path, &after), &after, to);
    if there != places + uses(&facts, text, to) {
        return Err(Error::edit(path, format!("{path}: {to:?} cannot stand as a name there; choose another name")));
    }
    Ok(Changed { after, places })
}

fn cannot_be_parsed(path: &str) -> Error {
    Error::edit(path, format!("{path} cannot be parsed any more; read it first"))
}

fn render(files: &[FileEdit], places: usize, what: &str, notes: &[String], dry_run: bool) -> String {
    let state = if dry_run { "nothing is written yet" } else { "written" };
    let mut out = format!("{what}: {} in {}; {state}\n", count(places, "place"), count(files.len(), "file"));
    for note in notes {
        let _ = writeln!(out, "Note: {note}.");
    }
    write_hunks(&mut out, files);
    out
}
