//! Listed files, and what has been learnt of their contents.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::listing::Stamp;
use crate::memory::{Held, Keep, Memory};
use crate::outline::{self, Facts, Symbol};
use crate::reading::{Glance, Reading};
use crate::root::Root;
use crate::text::lossy;

/// What there is to search in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(Arc<[u8]>),
    Binary,
    TooBig,
    Unreadable,
}

/// The same without the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
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
        seen.is_some_and(|digest| digest == new.read(root).digest())
    }

    /// The symbols of a file, parsed once; empty for a file in no known language.
    pub(crate) fn symbols(&self, content: &[u8]) -> Arc<[Symbol]> {
        Arc::clone(&self.facts(content).symbols)
    }

    /// Symbols and uses of names of a file, parsed once.
    pub(crate) fn facts(&self, content: &[u8]) -> Arc<Facts> {
        let parse = || outline::facts(&self.path, &lossy(content)).into();
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
                let text = Arc::clone(held.as_ref()?.text());
                self.used.store(question, Ordering::Relaxed);
                Some(Content::Text(text))
            }
            Kind::Binary => Some(Content::Binary),
            Kind::TooBig => Some(Content::TooBig),
            Kind::Unreadable => Some(Content::Unreadable),
            Kind::Unknown => None,
        }
    }

    /// The content for a question, which are numbered from 1: from memory, else from disk.
    pub(crate) fn content(&self, root: &Root, memory: &Memory, question: u64, keep: Keep<'_>) -> Content {
        self.known(question).unwrap_or_else(|| {
            let content = self.read(root);
            if let Content::Text(text) = &content {
                self.keep(text, memory, question, keep);
            }
            content
        })
    }

    /// Takes over what was seen while the file was listed.
    pub(crate) fn take(&self, Glance { kind, racy, text }: Glance, memory: &Memory, question: u64) {
        self.learnt.get_or_init(|| Learnt { kind, racy });
        if let Some(text) = text {
            self.keep(&text, memory, question, Keep::IfRoom);
        }
    }

    /// Lets the text go: the next question reads it again.
    pub(crate) fn let_go(&self) {
        *self.text.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The last question that looked at the text; 0 if none has.
    pub(crate) fn last_used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn keep(&self, text: &Arc<[u8]>, memory: &Memory, question: u64, keep: Keep<'_>) {
        if let Some(held) = memory.hold(text, question, keep) {
            self.used.store(question, Ordering::Relaxed);
            self.text.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(held);
        }
    }

    /// Reads the file from disk, and learns its kind if that is new.
    fn read(&self, root: &Root) -> Content {
        self.learn(Reading::of(root, &self.path, self.stamp.size))
    }

    fn learn(&self, Reading { content, read_ns }: Reading) -> Content {
        self.learnt.get_or_init(|| Learnt {
            kind: content.kind(),
            racy: self.stamp.is_racy_at(read_ns).then(|| content.digest()),
        });
        content
    }
}

/// Content of the same kind with the same text has the same digest.
pub(crate) fn digest(kind: Kind, text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind as u8, text).hash(&mut hasher);
    hasher.finish()
}

impl Content {
    /// Of a kind that is known; only what is text has a text.
    pub(crate) fn of(kind: Kind, text: &[u8]) -> Self {
        match kind {
            Kind::Text => Self::Text(text.into()),
            Kind::Binary => Self::Binary,
            Kind::TooBig => Self::TooBig,
            Kind::Unknown | Kind::Unreadable => Self::Unreadable,
        }
    }

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

    fn digest(&self) -> u64 {
        digest(self.kind(), self.text().unwrap_or_default())
    }
}
