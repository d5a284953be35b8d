//! The files at one moment: questions look at a snapshot, changes make the next one.

use std::sync::Arc;

use crate::contents::Entry;
use crate::listing::{Skipped, Stamp};
use crate::postings::Coverage;
use crate::root::Root;

/// The listed files in the order of their paths, and what is known of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) entries: Vec<Arc<Entry>>,
    pub(crate) skipped: Skipped,
    pub(crate) notes: Vec<String>,
    pub(crate) coverage: Coverage,
}

impl Snapshot {
    /// Takes over a new list of files in the order of their paths. Gives the paths that were added, removed or changed.
    pub(crate) fn take_over(&mut self, root: &Root, files: Vec<(String, Stamp)>) -> Vec<String> {
        let (mut entries, mut changed) = (Vec::with_capacity(files.len()), Vec::new());
        let mut new_position = vec![None; self.entries.len()];
        let mut at = 0;
        for (path, stamp) in files {
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
        changed
    }

    /// One file changed, appeared, or, without a stamp, is gone.
    pub(crate) fn put(&mut self, path: String, stamp: Option<Stamp>) {
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
        self.coverage.loose().map(|at| self.entries[at].stamp.size.min(crate::MAX_SEARCHED_BYTES)).sum()
    }

    fn position(&self, path: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path))
    }
}
