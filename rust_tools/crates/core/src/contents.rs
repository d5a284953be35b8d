//! The contents of listed files: read once, kept in memory up to a budget of bytes.

use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::listing::Stamp;
use crate::outline::{self, Facts, Symbol};
use crate::root::Root;

/// Files above this size are listed and readable, but not searched.
pub const MAX_SEARCHED_BYTES: u64 = 4 * 1024 * 1024;

const BINARY_PROBE_BYTES: usize = 8 * 1024;

/// What there is to search in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(Arc<[u8]>),
    Binary,
    TooBig,
    Unreadable,
}

/// The same without the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unknown,
    Text,
    Binary,
    TooBig,
    Unreadable,
}

/// One listed file with what has been learnt of it so far.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) stamp: Stamp,
    learnt: OnceLock<Learnt>,
    text: RwLock<Option<Held>>,
    /// The last question that looked at the text.
    used: AtomicU64,
    facts: OnceLock<Arc<Facts>>,
}

/// What stays true of a file until it changes.
#[derive(Debug)]
struct Learnt {
    kind: Kind,
    /// The text's digest, where it was read so shortly after a change that an equal stamp does not prove it equal.
    racy: Option<u64>,
}

/// A text in memory; dropping it gives its bytes back to the budget.
#[derive(Debug)]
struct Held {
    text: Arc<[u8]>,
    total: Arc<AtomicU64>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.total.fetch_sub(self.text.len() as u64, Ordering::Relaxed);
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Unknown, Self::Text, Self::Binary, Self::TooBig, Self::Unreadable];

    /// Why a file of this kind is not searched.
    pub(crate) fn as_skipped(self) -> Option<&'static str> {
        match self {
            Self::Unknown | Self::Text => None,
            Self::Binary => Some("binary"),
            Self::TooBig => Some("too big"),
            Self::Unreadable => Some("unreadable"),
        }
    }
}

impl Entry {
    pub(crate) fn new(path: String, stamp: Stamp) -> Self {
        Self {
            path,
            stamp,
            learnt: OnceLock::new(),
            text: RwLock::default(),
            used: AtomicU64::new(0),
            facts: OnceLock::new(),
        }
    }

    /// Whether the file was read so shortly after a change that an equal stamp does not prove it unchanged.
    pub(crate) fn is_racy(&self) -> bool {
        self.learnt.get().is_some_and(|learnt| learnt.racy.is_some())
    }

    /// Whether a file with the same stamp, read again through a new entry, is what this racy entry has seen.
    pub(crate) fn is_same(&self, root: &Root, new: &Self) -> bool {
        let seen = self.learnt.get().and_then(|learnt| learnt.racy);
        seen.is_some_and(|digest| digest == digest_of(&new.read(root)))
    }

    /// The symbols of a file, parsed once; empty for a file in no known language.
    pub(crate) fn symbols(&self, content: &[u8]) -> Arc<[Symbol]> {
        Arc::clone(&self.facts(content).symbols)
    }

    /// Symbols and uses of names of a file, parsed once.
    pub(crate) fn facts(&self, content: &[u8]) -> Arc<Facts> {
        let parse = || outline::facts(&self.path, &String::from_utf8_lossy(content)).into();
        Arc::clone(self.facts.get_or_init(parse))
    }

    /// Whether looking at the content needs no reading.
    pub(crate) fn is_held(&self) -> bool {
        let held = || self.text.read().unwrap_or_else(PoisonError::into_inner).is_some();
        self.learnt.get().is_some_and(|learnt| learnt.kind != Kind::Text || held())
    }

    /// What is known of the content without reading.
    fn known(&self, question: u64) -> Option<Content> {
        match self.learnt.get()?.kind {
            Kind::Text => {
                let held = self.text.read().unwrap_or_else(PoisonError::into_inner);
                let text = Arc::clone(&held.as_ref()?.text);
                self.used.store(question, Ordering::Relaxed);
                Some(Content::Text(text))
            }
            Kind::Binary => Some(Content::Binary),
            Kind::TooBig => Some(Content::TooBig),
            Kind::Unreadable => Some(Content::Unreadable),
            Kind::Unknown => None,
        }
    }

    /// Reads the file from disk, and learns its kind if that is new.
    fn read(&self, root: &Root) -> Content {
        let read_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed());
        let content = read(root, self);
        self.learnt.get_or_init(|| Learnt {
            kind: content.kind(),
            racy: self.stamp.is_racy_at(read_ns).then(|| digest_of(&content)),
        });
        content
    }
}

/// How many bytes of texts are held, and how many may be.
#[derive(Debug)]
pub(crate) struct Memory {
    held: Arc<AtomicU64>,
    limit: u64,
    /// The last question for which nothing more could be let go.
    exhausted_for: AtomicU64,
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

    /// The content of a file for a question, which are numbered from 1: from memory, else from disk.
    pub(crate) fn content(&self, root: &Root, entry: &Entry, question: u64, keep: Keep<'_>) -> Content {
        if let Some(known) = entry.known(question) {
            return known;
        }
        let content = entry.read(root);
        if let Content::Text(text) = &content {
            self.keep(entry, text, question, keep);
        }
        content
    }

    fn keep(&self, entry: &Entry, text: &Arc<[u8]>, question: u64, keep: Keep<'_>) {
        let size = text.len() as u64;
        if let Keep::InsteadOf(others) = keep
            && size <= self.limit
            && self.held.load(Ordering::Relaxed) + size > self.limit
        {
            self.let_go(others, question);
        }
        let total = self.held.fetch_add(size, Ordering::Relaxed) + size;
        let held = Held { text: Arc::clone(text), total: Arc::clone(&self.held) };
        let mut slot = entry.text.write().unwrap_or_else(PoisonError::into_inner);
        if total <= self.limit && slot.is_none() {
            entry.used.store(question, Ordering::Relaxed);
            *slot = Some(held);
        }
    }

    /// Lets the least recently used texts go until an eighth of the budget is free. What the question itself uses
    /// stays: a scan of more than fits must not push out at its end what it has read at its beginning.
    fn let_go(&self, entries: &[Arc<Entry>], question: u64) {
        if self.exhausted_for.load(Ordering::Relaxed) == question {
            return;
        }
        let mut by_use: Vec<(u64, &Entry)> =
            entries.iter().map(|entry| (entry.used.load(Ordering::Relaxed), &**entry)).collect();
        by_use.retain(|(used, _)| *used > 0 && *used < question);
        by_use.sort_by_key(|(used, _)| *used);
        for (_, entry) in by_use {
            if self.held.load(Ordering::Relaxed) <= self.limit / 8 * 7 {
                return;
            }
            *entry.text.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        self.exhausted_for.store(question, Ordering::Relaxed);
    }
}

impl Content {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Binary => Kind::Binary,
            Self::TooBig => Kind::TooBig,
            Self::Unreadable => Kind::Unreadable,
        }
    }

    pub(crate) fn text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

fn digest_of(content: &Content) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(content).hash(&mut hasher);
    content.text().hash(&mut hasher);
    hasher.finish()
}

fn read(root: &Root, entry: &Entry) -> Content {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    const KEPT_BUFFER_BYTES: usize = 256 * 1024;
    if entry.stamp.size > MAX_SEARCHED_BYTES {
        return Content::TooBig;
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        buffer.shrink_to(KEPT_BUFFER_BYTES);
        // One byte more than allowed shows a file that has grown since it was listed.
        match root.read_into(&entry.path, MAX_SEARCHED_BYTES + 1, buffer) {
            Err(_) => Content::Unreadable,
            Ok(()) if buffer.len() as u64 > MAX_SEARCHED_BYTES => Content::TooBig,
            Ok(()) => match utf16(buffer) {
                Some(text) => Content::Text(text.into_bytes().into()),
                None if is_binary(buffer) => Content::Binary,
                None => Content::Text(buffer.as_slice().into()),
            },
        }
    })
}

/// A NUL byte near the beginning makes a file binary, as for git and grep.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(BINARY_PROBE_BYTES)]).is_some()
}

/// The text of a file that begins with a UTF-16 byte order mark.
pub(crate) fn utf16(bytes: &[u8]) -> Option<String> {
    let decode: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| decode([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::listing;

    /// Files `a`, `b`, `c` of four bytes each, and room for two of them.
    fn three_files() -> (tempfile::TempDir, Root, Vec<Arc<Entry>>, Memory) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["a", "b", "c"] {
            fs::write(folder.path().join(name), name.repeat(4)).expect("a file");
        }
        let root = Root::open(folder.path()).expect("the root");
        let listed = listing::list(&root, None).files;
        let entries = listed.into_iter().map(|(path, stamp)| Arc::new(Entry::new(path, stamp))).collect();
        (folder, root, entries, Memory::new(9))
    }

    fn held(entries: &[Arc<Entry>]) -> Vec<&str> {
        entries.iter().filter(|entry| entry.is_held()).map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn the_least_recently_used_text_leaves_when_the_budget_is_full() {
        let (_folder, root, entries, memory) = three_files();
        let look = |at: usize, question| memory.content(&root, &entries[at], question, Keep::InsteadOf(&entries));
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
            memory.content(&root, entry, 1, Keep::InsteadOf(&entries));
        }
        assert_eq!(held(&entries), ["a", "b"]);
    }

    #[test]
    fn without_room_a_text_is_read_and_not_kept_and_a_dropped_file_makes_room() {
        let (_folder, root, mut entries, memory) = three_files();
        for entry in &entries {
            assert_eq!(memory.content(&root, entry, 1, Keep::IfRoom).text().map(<[u8]>::len), Some(4));
        }
        assert_eq!(held(&entries), ["a", "b"]);
        entries.remove(0);
        assert_eq!(memory.held.load(Ordering::Relaxed), 4);
    }
}
