//! The contents of listed files: read once, kept in memory up to a budget of bytes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
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

/// One listed file with what has been learnt of it so far.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) stamp: Stamp,
    content: OnceLock<(Content, i128)>,
    facts: OnceLock<Arc<Facts>>,
}

impl Entry {
    pub(crate) fn new(path: String, stamp: Stamp) -> Self {
        Self { path, stamp, content: OnceLock::new(), facts: OnceLock::new() }
    }

    /// Whether the content was read so shortly after a change that an equal stamp does not prove it.
    pub(crate) fn is_racy(&self) -> bool {
        self.content.get().is_some_and(|(_, read_ns)| self.stamp.is_racy_at(*read_ns))
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
}

/// How many bytes of contents are held, and how many may be.
#[derive(Debug)]
pub(crate) struct Budget {
    held: AtomicU64,
    limit: u64,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Self { held: AtomicU64::new(0), limit }
    }

    /// The content of a file: from memory, else from disk, and then kept if the budget allows.
    pub(crate) fn content(&self, root: &Root, entry: &Entry) -> Content {
        if let Some((content, _)) = entry.content.get() {
            return content.clone();
        }
        let read_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed());
        let content = read(root, entry);
        let size = content.held_bytes();
        if self.held.fetch_add(size, Ordering::Relaxed) + size > self.limit
            || entry.content.set((content.clone(), read_ns)).is_err()
        {
            self.held.fetch_sub(size, Ordering::Relaxed);
        }
        content
    }

    /// Whether a file, read again through a new entry, is what the old entry holds.
    pub(crate) fn is_same(&self, root: &Root, old: &Entry, new: &Entry) -> bool {
        old.content.get().is_some_and(|(content, _)| *content == self.content(root, new))
    }

    /// Gives back what a dropped entry held.
    pub(crate) fn release(&self, entry: &Entry) {
        if let Some((content, _)) = entry.content.get() {
            self.held.fetch_sub(content.held_bytes(), Ordering::Relaxed);
        }
    }
}

impl Content {
    fn held_bytes(&self) -> u64 {
        if let Self::Text(text) = self { text.len() as u64 } else { 0 }
    }
}

fn read(root: &Root, entry: &Entry) -> Content {
    if entry.stamp.size > MAX_SEARCHED_BYTES {
        return Content::TooBig;
    }
    // One byte more than allowed shows a file that has grown since it was listed.
    match root.read(&entry.path, MAX_SEARCHED_BYTES + 1) {
        Err(_) => Content::Unreadable,
        Ok(bytes) if bytes.len() as u64 > MAX_SEARCHED_BYTES => Content::TooBig,
        Ok(bytes) => match utf16(&bytes) {
            Some(text) => Content::Text(text.into_bytes().into()),
            None if is_binary(&bytes) => Content::Binary,
            None => Content::Text(bytes.into()),
        },
    }
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
