//! The files at one moment: questions look at a snapshot, changes make the next one.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::contents::Entry;
use crate::listing::{Listed, Skipped, Stamp};
use crate::names::Names;
use crate::postings::Coverage;
use crate::reading::{Glance, MAX_SEARCHED_BYTES};
use crate::root::Root;
use crate::search::globs::Globs;

/// The listed files in the order of their paths, and what is known of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) entries: Vec<Arc<Entry>>,
    pub(crate) skipped: Skipped,
    pub(crate) notes: Vec<String>,
    pub(crate) coverage: Coverage,
    /// Ignored files and folders and those that tools made, sorted.
    pub(crate) left_out: Arc<[String]>,
    memo: Memo,
}

/// What was found out about the paths; it holds as long as they are the same.
#[derive(Debug, Default)]
struct Memo {
    names: OnceLock<Names>,
    /// The choices of the last few path globs, newest last: agents ask about the same places again and again.
    choices: Mutex<Vec<(Globs, Arc<[bool]>)>>,
}

impl Clone for Memo {
    /// A snapshot is cloned in order to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Snapshot {
    /// Takes over a new list of files in the order of their paths. Gives the paths that were added, removed or changed.
    pub(crate) fn take_over(
        &mut self,
        root: &Root,
        files: Vec<Listed>,
        mut learn: impl FnMut(&Entry, Glance),
    ) -> Vec<String> {
        let (mut entries, mut changed) = (Vec::with_capacity(files.len()), Vec::new());
        let mut new_position = vec![None; self.entries.len()];
        let mut at = 0;
        for Listed { path, stamp, glance } in files {
            while self.entries.get(at).is_some_and(|old| old.path < path) {
                changed.push(self.entries[at].path.clone());
                at += 1;
            }
            let old = self.entries.get(at).filter(|old| old.path == path);
            let entry = match old {
                Some(old) if old.stamp == stamp && !old.is_racy() => {
                    new_position[at] = Some(entries.len() as u32);
                    Arc::clone(old)
                }
                _ => {
                    let entry = Arc::new(Entry::new(path, stamp));
                    if let Some(glance) = glance {
                        learn(&entry, glance);
                    }
                    if !old.is_some_and(|old| old.stamp == stamp && old.is_same(root, &entry)) {
                        changed.push(entry.path.clone());
                    }
                    entry
                }
            };
            at += usize::from(old.is_some());
            entries.push(entry);
        }
        changed.extend(self.entries[at..].iter().map(|gone| gone.path.clone()));
        self.coverage.rearrange(entries.len(), &new_position);
        self.entries = entries;
        self.memo = Memo::default();
        changed
    }

    /// One file changed, appeared, or, without a stamp, is gone.
    pub(crate) fn put(&mut self, path: String, stamp: Option<Stamp>) {
        self.memo = Memo::default();
        match (self.position(&path), stamp) {
            (Ok(at), Some(stamp)) => {
                self.entries[at] = Arc::new(Entry::new(path, stamp));
                self.coverage.forget(at);
            }
            (Err(at), Some(stamp)) => {
                self.entries.insert(at, Arc::new(Entry::new(path, stamp)));
                self.coverage.insert(at);
            }
            (Ok(at), None) => {
                self.entries.remove(at);
                self.coverage.remove(at);
            }
            (Err(_), None) => {}
        }
    }

    /// The paths, prepared for being searched by name.
    pub(crate) fn names(&self) -> &Names {
        self.memo.names.get_or_init(|| Names::of(self.entries.iter().map(|entry| entry.path.as_str())))
    }

    /// For each entry whether path globs choose it.
    pub(crate) fn chosen_by(&self, globs: &Globs) -> Arc<[bool]> {
        const REMEMBERED: usize = 8;
        let mut choices = self.memo.choices.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chosen)) = choices.iter().find(|(known, _)| known == globs) {
            return Arc::clone(chosen);
        }
        let chosen: Arc<[bool]> = self.entries.iter().map(|entry| globs.allow(&entry.path)).collect();
        if choices.len() == REMEMBERED {
            choices.remove(0);
        }
        choices.push((globs.clone(), Arc::clone(&chosen)));
        chosen
    }

    /// The entry of a path.
    pub(crate) fn entry(&self, path: &str) -> Option<&Arc<Entry>> {
        self.position(path).ok().map(|at| &self.entries[at])
    }

    /// Where an entry is now, unless its file has changed or gone.
    pub(crate) fn position_of(&self, entry: &Arc<Entry>) -> Option<usize> {
        self.position(&entry.path).ok().filter(|at| Arc::ptr_eq(&self.entries[*at], entry))
    }

    /// Bytes of the files without postings.
    pub(crate) fn loose_bytes(&self) -> u64 {
        self.coverage.loose().map(|at| self.entries[at].stamp.size.min(MAX_SEARCHED_BYTES)).sum()
    }

    /// How many files, in the order of their paths, are looked into for similar names: all, unless they are very large.
    pub(crate) fn read_for_names(&self) -> usize {
        const NAMES_BUDGET_BYTES: u64 = 32 * 1024 * 1024;
        let mut bytes = 0;
        let is_over = |entry: &Arc<Entry>| {
            bytes += entry.stamp.size.min(MAX_SEARCHED_BYTES);
            bytes > NAMES_BUDGET_BYTES
        };
        self.entries.iter().position(is_over).map_or(self.entries.len(), |last| last + 1)
    }

    fn position(&self, path: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path))
    }
}
