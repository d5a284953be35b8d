//! Texts in memory, up to a budget of bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::contents::Entry;

/// How many bytes of texts are held, and how many may be.
#[derive(Debug)]
pub(crate) struct Memory {
    held: Arc<AtomicU64>,
    limit: u64,
    /// The last question for which nothing more could be let go.
    exhausted_for: AtomicU64,
}

/// A text in memory; dropping it gives its bytes back to the budget.
#[derive(Debug)]
pub(crate) struct Held {
    text: Arc<[u8]>,
    total: Arc<AtomicU64>,
}

/// What may leave so that a text can be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep<'a> {
    /// Nothing: the text is kept if there is room.
    IfRoom,
    /// Texts of these entries that no current question uses.
    InsteadOf(&'a [Arc<Entry>]),
}

impl Memory {
    pub(crate) fn new(limit: u64) -> Self {
        Self { held: Arc::default(), limit, exhausted_for: AtomicU64::new(0) }
    }

    /// Bytes that there is room for.
    pub(crate) fn room(&self) -> u64 {
        self.limit.saturating_sub(self.held.load(Ordering::Relaxed))
    }

    /// Counts a text against the budget, for as long as the answer lives; nothing if it does not fit.
    pub(crate) fn hold(&self, text: &Arc<[u8]>, question: u64, keep: Keep<'_>) -> Option<Held> {
        let size = text.len() as u64;
        if let Keep::InsteadOf(others) = keep
            && size <= self.limit
            && size > self.room()
        {
            self.make_room(size, others, question);
        }
        let total = self.held.fetch_add(size, Ordering::Relaxed) + size;
        let held = Held { text: Arc::clone(text), total: Arc::clone(&self.held) };
        (total <= self.limit).then_some(held)
    }

    /// Lets the least recently used texts go until there is room, and an eighth of the budget for what follows. What the question itself uses
    /// stays: a scan of more than fits must not push out at its end what it has read at its beginning.
    fn make_room(&self, size: u64, entries: &[Arc<Entry>], question: u64) {
        if self.exhausted_for.load(Ordering::Relaxed) == question {
            return;
        }
        let mut by_use: Vec<(u64, &Entry)> = entries.iter().map(|entry| (entry.last_used(), &**entry)).collect();
        by_use.retain(|(used, _)| *used > 0 && *used < question);
        by_use.sort_by_key(|(used, _)| *used);
        for (_, entry) in by_use {
            if self.room() >= size.max(self.limit / 8) {
                return;
            }
            entry.let_go();
        }
        self.exhausted_for.store(question, Ordering::Relaxed);
    }
}

impl Held {
    pub(crate) fn text(&self) -> &Arc<[u8]> {
        &self.text
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.total.fetch_sub(self.text.len() as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::contents::Content;
    use crate::listing;
    use crate::root::Root;

    /// Files `a`, `b`, `c` of four bytes each, and room for two of them.
    fn three_files() -> (tempfile::TempDir, Root, Vec<Arc<Entry>>, Memory) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["a", "b", "c"] {
            fs::write(folder.path().join(name), name.repeat(4)).expect("a file");
        }
        let root = Root::open(folder.path()).expect("the root");
        let listed = listing::list(&root, None, &listing::stamp_only).files;
        let entries = listed.into_iter().map(|file| Arc::new(Entry::new(file.path, file.stamp))).collect();
        (folder, root, entries, Memory::new(9))
    }

    fn held(entries: &[Arc<Entry>]) -> Vec<&str> {
        entries.iter().filter(|entry| entry.is_held()).map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn the_least_recently_used_text_leaves_when_the_budget_is_full() {
        let (_folder, root, entries, memory) = three_files();
        let look = |at: usize, question| entries[at].content(&root, &memory, question, Keep::InsteadOf(&entries));
        look(0, 1);
        look(1, 2);
        look(0, 3);
        assert_eq!(look(2, 4), Content::Text(b"cccc".as_slice().into()));
        assert_eq!((held(&entries), memory.held.load(Ordering::Relaxed)), (vec!["a", "c"], 8));
    }

    #[test]
    fn a_question_about_more_than_fits_keeps_what_it_read_first() {
        let (_folder, root, entries, memory) = three_files();
        for entry in &entries {
            entry.content(&root, &memory, 1, Keep::InsteadOf(&entries));
        }
        assert_eq!(held(&entries), ["a", "b"]);
    }

    #[test]
    fn without_room_a_text_is_read_and_not_kept_and_a_dropped_file_makes_room() {
        let (_folder, root, mut entries, memory) = three_files();
        for entry in &entries {
            assert_eq!(entry.content(&root, &memory, 1, Keep::IfRoom).text().map(<[u8]>::len), Some(4));
        }
        assert_eq!(held(&entries), ["a", "b"]);
        entries.remove(0);
        assert_eq!(memory.held.load(Ordering::Relaxed), 4);
    }
}
