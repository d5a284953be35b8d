//! The resident index: which files there are, their contents, and the questions asked of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use rayon::prelude::*;

use crate::cancel::Token;
use crate::contents::{Budget, Content, Entry};
use crate::error::{Error, Result};
use crate::find::{self, Found};
use crate::listing::{self, Listing, Skipped};
use crate::near::closest_paths;
use crate::outline::{self, Symbol};
use crate::read::{self, Excerpt, Range};
use crate::root::Root;
use crate::search::{self, Request, Search};
use crate::symbols;
use crate::workers;

/// Bytes of file contents held in memory unless told otherwise.
pub const DEFAULT_BUDGET_BYTES: u64 = 512 * 1024 * 1024;

/// Up to so many files are worked on by the calling thread: starting others would cost more.
const ALONE_FILES: usize = 64;

/// The files below one root. Safe to share between threads.
#[derive(Debug)]
pub struct Index {
    root: Root,
    tracked_list: Option<PathBuf>,
    budget: Budget,
    files: RwLock<Files>,
}

#[derive(Debug, Default)]
struct Files {
    by_path: BTreeMap<String, Arc<Entry>>,
    skipped: Skipped,
    notes: Vec<String>,
}

/// What a question is asked of: the files at one moment.
pub(crate) struct View<'a> {
    index: &'a Index,
    token: Token,
    pub(crate) entries: Vec<Arc<Entry>>,
    pub(crate) skipped: Skipped,
    pub(crate) notes: Vec<String>,
}

impl Index {
    /// Lists the files below `root`. `git_index` names an index file with the tracked files, for a work
    /// tree without a `.git` of its own.
    pub fn open(root: &Path, git_index: Option<&Path>, budget_bytes: u64) -> Result<Self> {
        let index = Self {
            root: Root::open(root)?,
            tracked_list: git_index.map(Path::to_owned),
            budget: Budget::new(budget_bytes),
            files: RwLock::default(),
        };
        index.refresh();
        Ok(index)
    }

    /// Paths of all files, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.read_files(|files| files.by_path.keys().cloned().collect())
    }

    /// What the list leaves out, by reason.
    pub fn skipped(&self) -> Skipped {
        self.read_files(|files| files.skipped.clone())
    }

    /// Looks at the disk again. Gives the paths that were added, removed or changed since, sorted.
    pub fn refresh(&self) -> Vec<String> {
        let Listing { files: listed, skipped, notes } = listing::list(&self.root, self.tracked_list.as_deref());
        let mut changed = BTreeSet::new();
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let mut old = std::mem::take(&mut files.by_path);
        for (path, stamp) in listed {
            let known = old.remove(&path);
            let entry = match known {
                Some(entry) if entry.stamp == stamp && !entry.is_racy() => entry,
                known => {
                    let entry = Arc::new(Entry::new(path.clone(), stamp));
                    let same = known
                        .as_ref()
                        .is_some_and(|old| old.stamp == stamp && self.budget.is_same(&self.root, old, &entry));
                    if !same {
                        changed.insert(path.clone());
                    }
                    if let Some(old) = known {
                        self.budget.release(&old);
                    }
                    entry
                }
            };
            files.by_path.insert(path, entry);
        }
        for (path, entry) in old {
            self.budget.release(&entry);
            changed.insert(path);
        }
        files.skipped = skipped;
        files.notes = notes;
        changed.into_iter().collect()
    }

    /// Takes over own edits: the named files are looked at again, new ones join the set, gone ones leave it.
    pub fn update<S: AsRef<str>>(&self, paths: &[S]) -> Result<()> {
        let paths = paths.iter().map(|path| self.root.relative(path.as_ref())).collect::<Result<Vec<_>>>()?;
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        for path in paths {
            let entry = listing::stamp(&self.root, &path).map(|stamp| Arc::new(Entry::new(path.clone(), stamp)));
            let dropped = match entry {
                Some(entry) => files.by_path.insert(path, entry),
                None => files.by_path.remove(&path),
            };
            if let Some(entry) = dropped {
                self.budget.release(&entry);
            }
        }
        Ok(())
    }

    /// Lines that match, ranked and counted.
    pub fn search(&self, request: &Request) -> Result<Search> {
        self.search_until(request, &Token::default())
    }

    /// Like [`Index::search`]; a stopped search gives what it has found so far, and says so.
    pub fn search_until(&self, request: &Request, token: &Token) -> Result<Search> {
        search::run(&self.view_until(token), request)
    }

    /// Part of a file as text, read from disk.
    pub fn read(&self, path: &str, range: Range, max_chars: usize) -> Result<Excerpt> {
        let relative = self.root.relative(path)?;
        read::excerpt(&self.root, &relative, range, max_chars).map_err(|error| self.with_nearest(path, error))
    }

    /// Files whose path matches a glob or looks like a name.
    pub fn find(&self, query: &str, limit: usize) -> Result<Found> {
        find::run(query, &self.paths(), limit)
    }

    /// The symbols of one file, in the order of their lines; empty for a file in no known language.
    pub fn outline(&self, path: &str) -> Result<Vec<Symbol>> {
        let relative = self.root.relative(path)?;
        let text = read::text(&self.root, &relative).map_err(|error| self.with_nearest(path, error))?;
        Ok(text.map_or_else(Vec::new, |text| workers::run(|| outline::of(&relative, &text))))
    }

    /// Where files define a name: plain (`save`) or qualified (`Model.save`).
    pub fn definitions(&self, name: &str) -> Vec<(String, Symbol)> {
        workers::run(|| symbols::defining(&self.view(), name))
    }

    pub(crate) fn view(&self) -> View<'_> {
        self.view_until(&Token::default())
    }

    /// A view whose work stops when the token says so.
    pub(crate) fn view_until(&self, token: &Token) -> View<'_> {
        self.read_files(|files| View {
            index: self,
            token: token.clone(),
            entries: files.by_path.values().cloned().collect(),
            skipped: files.skipped.clone(),
            notes: files.notes.clone(),
        })
    }

    fn read_files<T>(&self, look: impl FnOnce(&Files) -> T) -> T {
        look(&self.files.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_nearest(&self, path: &str, error: Error) -> Error {
        match error {
            Error::NotFound { path: missing, .. } => {
                let known = self.paths();
                let nearest = closest_paths(&missing, known.iter().map(String::as_str), 3);
                Error::NotFound { path: path.to_owned(), nearest: nearest.into_iter().map(str::to_owned).collect() }
            }
            other => other,
        }
    }
}

impl View<'_> {
    pub(crate) fn content(&self, entry: &Entry) -> Content {
        self.index.budget.content(&self.index.root, entry)
    }

    /// The text of one file; nothing if it is not listed or is no text.
    pub(crate) fn text_of(&self, path: &str) -> Option<String> {
        let at = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        match self.content(&self.entries[at]) {
            Content::Text(text) => Some(String::from_utf8_lossy(&text).into_owned()),
            _ => None,
        }
    }

    /// What may stop the question.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// Applies `work` to every entry, in parallel where that pays; results keep the order of the paths. All are
    /// visited: `work` itself looks whether the token has stopped.
    pub(crate) fn map<T: Send>(&self, work: impl Fn(&Entry) -> T + Sync) -> Vec<T> {
        if self.entries.len() <= ALONE_FILES { self.map_alone(work) } else { self.map_together(work) }
    }

    /// On the calling thread, which then cannot be interrupted in the middle of an entry.
    fn map_alone<T>(&self, work: impl Fn(&Entry) -> T) -> Vec<T> {
        let mut last_tick = Instant::now();
        let visit = |entry: &Arc<Entry>| {
            if self.token.ticks() && last_tick.elapsed() >= Token::TICK {
                self.token.tick();
                last_tick = Instant::now();
            }
            work(entry)
        };
        self.entries.iter().map(visit).collect()
    }

    /// On the worker threads, while the calling one can be interrupted at any time.
    pub(crate) fn map_together<T: Send>(&self, work: impl Fn(&Entry) -> T + Sync) -> Vec<T> {
        workers::run_until(&self.token, || self.entries.par_iter().with_min_len(16).map(|entry| work(entry)).collect())
    }
}
