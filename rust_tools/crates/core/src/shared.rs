//! What an index, its questions and its background thread share.

use std::ffi::CStr;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::contents::{Content, Entry};
use crate::error::Result;
use crate::indexer::Indexer;
use crate::listing::{self, Listing, Look};
use crate::memory::{Keep, Memory};
use crate::reading::Reading;
use crate::root::Root;
use crate::snapshot::Snapshot;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) root: Root,
    pub(crate) indexer: Indexer,
    memory: Memory,
    git_index: Option<PathBuf>,
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

    /// Lists the files for the first time, and reads them on the same occasion as long as there is room for them:
    /// the first question and the postings need their contents.
    pub(crate) fn begin(&self) {
        let room = AtomicU64::new(self.memory.room());
        let read_or_not = |folder: BorrowedFd<'_>, name: &CStr| {
            if room.load(Ordering::Relaxed) == 0 {
                return listing::stamp_only(folder, name);
            }
            let Some((stamp, reading)) = Reading::in_folder(folder, name) else {
                return listing::stamp_only(folder, name);
            };
            let bytes = reading.content.text().map_or(0, <[u8]>::len) as u64;
            let left = room.load(Ordering::Relaxed).saturating_sub(bytes);
            room.store(left, Ordering::Relaxed);
            Some((stamp, Some(reading)))
        };
        self.look(&read_or_not);
    }

    /// Lists the files anew. Gives the paths that were added, removed or changed since, sorted.
    pub(crate) fn refresh(&self) -> Vec<String> {
        self.look(&listing::stamp_only)
    }

    fn look(&self, look: Look<'_>) -> Vec<String> {
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let Listing { files, skipped, notes, left_out } = listing::list(&self.root, self.git_index.as_deref(), look);
        let question = self.next_question();
        self.change(|snapshot| {
            (snapshot.skipped, snapshot.notes, snapshot.left_out) = (skipped, notes, left_out.into());
            snapshot.take_over(&self.root, files, |entry, reading| entry.take(reading, &self.memory, question))
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
