//! What a question is asked of: the files at one moment, and what may stop it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use crate::cancel::Token;
use crate::contents::{Content, Entry};
use crate::indexer::Asking;
use crate::memory::Keep;
use crate::root::Root;
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::text::lossy;
use crate::workers;

/// Up to so many files are worked on by the calling thread: waking others would cost more.
const ALONE_FILES: usize = 64;

/// Likewise for files of so many bytes.
const ALONE_BYTES: u64 = 2 * 1024 * 1024;

/// A snapshot with the means to read its files.
pub(crate) struct View<'a> {
    shared: &'a Shared,
    snapshot: Arc<Snapshot>,
    question: u64,
    token: Token,
    _asking: Asking<'a>,
}

impl Deref for View<'_> {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(shared: &'a Shared, token: &Token) -> Self {
        Self::of(shared.snapshot(), shared, token)
    }

    /// Of the files as they were at some moment.
    pub(crate) fn of(snapshot: Arc<Snapshot>, shared: &'a Shared, token: &Token) -> Self {
        let question = shared.next_question();
        Self { shared, snapshot, question, token: token.clone(), _asking: shared.indexer.ask() }
    }
}

impl View<'_> {
    pub(crate) fn content(&self, entry: &Entry) -> Content {
        self.shared.content(entry, self.question, Keep::InsteadOf(&self.entries))
    }

    /// The text of one file; nothing if it is not listed or is no text.
    pub(crate) fn text_of(&self, path: &str) -> Option<String> {
        let content = self.content(self.entry(path)?);
        content.text().map(|text| lossy(text).into_owned())
    }

    pub(crate) fn root(&self) -> &Root {
        &self.shared.root
    }

    /// What may stop the question.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// Applies `work` to every entry, in parallel where that pays; results keep the order of the paths. All are
    /// visited: `work` itself looks whether the token has stopped.
    pub(crate) fn map<T: Send>(&self, work: impl Fn(&Entry) -> T + Sync) -> Vec<T> {
        if self.entries.len() <= ALONE_FILES {
            self.alone(self.entries.iter(), |entry| work(entry))
        } else {
            self.together(&self.entries, |entry| work(entry))
        }
    }

    /// Looks into the entries at these positions, which takes little more than reading them. `slow`: even little is
    /// much work.
    pub(crate) fn map_at<T: Send>(&self, positions: &[u32], slow: bool, work: impl Fn(&Entry) -> T + Sync) -> Vec<T> {
        self.map_each(positions, |position| *position, slow, |_, entry| work(entry))
    }

    /// Likewise, with what else is known of each of them.
    pub(crate) fn map_each<I: Sync, T: Send>(
        &self,
        items: &[I],
        position: impl Fn(&I) -> u32 + Sync,
        slow: bool,
        work: impl Fn(&I, &Entry) -> T + Sync,
    ) -> Vec<T> {
        let entry = |item: &I| &*self.entries[position(item) as usize];
        if !slow && is_little(items.iter().map(entry)) {
            self.alone(items.iter(), |item| work(item, entry(item)))
        } else {
            self.together(items, |item| work(item, entry(item)))
        }
    }

    /// On the calling thread, which then cannot be interrupted in the middle of an entry.
    fn alone<S, T>(&self, items: impl Iterator<Item = S>, work: impl Fn(S) -> T) -> Vec<T> {
        let mut last_tick = Instant::now();
        let visit = |item| {
            if self.token.ticks() && last_tick.elapsed() >= Token::TICK {
                self.token.tick();
                last_tick = Instant::now();
            }
            work(item)
        };
        items.map(visit).collect()
    }

    /// On the worker threads, while the calling one can be interrupted at any time.
    fn together<S: Sync, T: Send>(&self, items: &[S], work: impl Fn(&S) -> T + Sync) -> Vec<T> {
        workers::run_until(&self.token, || items.par_iter().with_min_len(16).map(&work).collect())
    }
}

/// Whether so little is to be done that the calling thread does it faster alone.
fn is_little<'e>(entries: impl ExactSizeIterator<Item = &'e Entry>) -> bool {
    if entries.len() <= ALONE_FILES {
        return true;
    }
    let (mut left, mut entries) = (ALONE_BYTES, entries);
    entries.all(|entry| {
        let fits = entry.stamp.size <= left && entry.is_held();
        left = left.saturating_sub(entry.stamp.size);
        fits
    })
}
