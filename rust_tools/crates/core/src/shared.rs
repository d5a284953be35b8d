//! What an index, its questions and its background thread share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, RwLock};

use crate::contents::{Content, Entry};
use crate::error::Result;
use crate::indexer::Indexer;
use crate::listing::{self, Listing};
use crate::memory::{Keep, Memory};
use crate::root::Root;
use crate::snapshot::Snapshot;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) root: Root,
    pub(crate) indexer: Indexer,
    pub(crate) memory: Memory,
    pub(crate) git_index: Option<PathBuf>,
    pub(crate) first_look: Once,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Held by whoever looks at the disk, so that an older look is never taken over after a newer one.
    looking: Mutex<()>,
    questions: AtomicU64,
}

impl Shared {
    pub(crate) fn new(root: Root, git_index: Option<PathBuf>, budget_bytes: u64, indexer: Indexer) -> Self {
        Self {
            root,
            indexer,
            memory: Memory::new(budget_bytes),
            git_index,
            first_look: Once::new(),
            snapshot: RwLock::default(),
            looking: Mutex::default(),
            questions: AtomicU64::new(0),
        }
    }

    /// The files as they are known now.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The number of a new question.
    pub(crate) fn next_question(&self) -> u64 {
        self.questions.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn content(&self, entry: &Entry, question: u64, keep: Keep<'_>) -> Content {
        entry.content(&self.root, &self.memory, question, keep)
    }

    /// Makes the next snapshot. Questions that are under way keep theirs.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Snapshot) -> T) -> T {
        change(Arc::make_mut(&mut self.snapshot.write().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Lists the files anew. Gives the paths that were added, removed or changed since, sorted.
    pub(crate) fn refresh(&self) -> Vec<String> {
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_over(listing::list(&self.root, self.git_index.as_deref(), &listing::stamp_only))
    }

    /// The same with a list that was just made.
    pub(crate) fn take_over(&self, listing: Listing) -> Vec<String> {
        let Listing { files, skipped, notes, left_out } = listing;
        let question = self.next_question();
        self.change(|snapshot| {
            (snapshot.skipped, snapshot.notes, snapshot.left_out) = (skipped, notes, left_out.into());
            snapshot.take_over(&self.root, files, |entry, glance| entry.take(glance, &self.memory, question))
        })
    }

    /// Looks at some files again.
    pub(crate) fn update<S: AsRef<str>>(&self, paths: &[S]) -> Result<()> {
        let paths = paths.iter().map(|path| self.root.relative(path.as_ref())).collect::<Result<Vec<_>>>()?;
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let stamped = paths.into_iter().map(|path| (listing::stamp(&self.root, &path), path)).collect::<Vec<_>>();
        self.change(|snapshot| stamped.into_iter().for_each(|(stamp, path)| snapshot.put(path, stamp)));
        Ok(())
    }
}
