//! The first look at the files, on the occasion of the first question: they are listed and, if the question needs their
//! contents, read at the same time.

use std::ffi::CStr;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cancel::Token;
use crate::contents::Kind;
use crate::listing::{self, Listing, Seen};
use crate::reading::Glance;
use crate::shared::Shared;
use crate::snapshot::Snapshot;

/// What the first question needs.
#[derive(Clone, Copy)]
pub(crate) enum Needs<'a> {
    Paths,
    /// Contents; they are kept as long as there is room.
    Contents,
    /// Texts of which a search says that they match; the others are let go at once.
    Matches(&'a (dyn Fn(&[u8]) -> bool + Sync)),
}

/// What a first look for a search has seen.
pub(crate) struct Sifted {
    pub(crate) snapshot: Arc<Snapshot>,
    /// For each of its entries whether it is a text that does not match.
    pub(crate) passed: Vec<bool>,
}

impl Shared {
    /// Looks for the first time, unless someone has: then it waits until that one has ended. The answer is what the
    /// caller has seen.
    ///
    /// Not to be called on the threads of [`crate::workers`]: one that waits here could be the one that is waited for.
    pub(crate) fn look_first(&self, needs: Needs<'_>, token: &Token) -> Option<Sifted> {
        let mut sifted = None;
        self.first_look.call_once_force(|_| sifted = Some(self.look(needs, token)));
        sifted
    }

    fn look(&self, needs: Needs<'_>, token: &Token) -> Sifted {
        let room = AtomicU64::new(self.memory.room());
        let keep = |text: &[u8]| match needs {
            Needs::Paths => false,
            Needs::Matches(matches) => matches(text),
            Needs::Contents => {
                let left = room.load(Ordering::Relaxed).saturating_sub(text.len() as u64);
                room.store(left, Ordering::Relaxed);
                true
            }
        };
        let look = |folder: BorrowedFd<'_>, name: &CStr| -> Option<Seen> {
            let reads = match needs {
                Needs::Paths => false,
                Needs::Matches(_) => true,
                Needs::Contents => room.load(Ordering::Relaxed) > 0,
            };
            let glance = (reads && token.stopped().is_none()).then(|| Glance::at(folder, name, keep)).flatten();
            glance.map(|(stamp, glance)| (stamp, Some(glance))).or_else(|| listing::stamp_only(folder, name))
        };
        let listing = listing::list(&self.root, self.git_index.as_deref(), &look);
        let passed = passed(&listing);
        self.take_over(listing);
        Sifted { snapshot: self.snapshot(), passed }
    }
}

fn passed(listing: &Listing) -> Vec<bool> {
    let is_let_go = |glance: &Glance| glance.kind == Kind::Text && glance.text.is_none();
    listing.files.iter().map(|file| file.glance.as_ref().is_some_and(is_let_go)).collect()
}
