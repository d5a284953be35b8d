//! Makes postings in the background: after the first question has been answered, and when many files have changed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::cancel::Token;
use crate::contents::Entry;
use crate::memory::Keep;
use crate::postings::{BlockBuilder, Known};
use crate::shared::Shared;

/// The background work of one index.
#[derive(Debug)]
pub(crate) struct Indexer {
    /// So many bytes of files without postings are searched as they are.
    loose_bytes: u64,
    phase: Mutex<Phase>,
    changed: Condvar,
    /// Whether the work waits for the first question; to be asked without a lock.
    waits: AtomicBool,
    /// How many questions are under way.
    asked: AtomicUsize,
    stopped: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// The first question should have all processors for itself.
    WaitsForQuestion,
    Works,
}

/// How long the first question is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// So many times as long its answer is waited for.
const MOST_PATIENCE: u32 = 50;

/// A question that is under way.
pub(crate) struct Asking<'a>(&'a Indexer);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.asked.fetch_sub(1, Ordering::Relaxed);
        self.0.question_answered();
    }
}

impl Indexer {
    pub(crate) fn new(loose_bytes: u64) -> Self {
        Self {
            loose_bytes,
            phase: Mutex::new(Phase::Idle),
            changed: Condvar::new(),
            waits: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    /// Whether all postings that are worth it are made.
    pub(crate) fn is_ready(&self) -> bool {
        *self.phase() == Phase::Idle
    }

    /// Waits until then. The answer is false if the token stopped the waiting.
    pub(crate) fn wait_ready(&self, token: &Token) -> bool {
        self.end_patience();
        let mut phase = self.phase();
        while *phase != Phase::Idle && token.stopped().is_none() {
            let waited = self.changed.wait_timeout(phase, Token::TICK).unwrap_or_else(PoisonError::into_inner);
            drop(waited);
            token.tick();
            phase = self.phase();
        }
        *phase == Phase::Idle
    }

    /// A question begins; the work waits until the first one has been answered.
    pub(crate) fn ask(&self) -> Asking<'_> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Asking(self)
    }

    fn question_answered(&self) {
        if self.waits.load(Ordering::Relaxed) {
            self.end_patience();
        }
    }

    /// Ends the work soon: nobody will ask any more.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.end_patience();
    }

    fn end_patience(&self) {
        self.waits.store(false, Ordering::Relaxed);
        let mut phase = self.phase();
        if *phase == Phase::WaitsForQuestion {
            *phase = Phase::Works;
            self.changed.notify_all();
        }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the work if there is enough of it. `patient`: it waits a little for the first question.
pub(crate) fn start(shared: &Arc<Shared>, patient: bool) {
    let indexer = &shared.indexer;
    let mut phase = indexer.phase();
    if *phase != Phase::Idle || shared.snapshot().loose_bytes() <= indexer.loose_bytes {
        return;
    }
    let own = Arc::clone(shared);
    let started = thread::Builder::new().name("tools-index".to_owned()).spawn(move || work(&own));
    if started.is_ok() {
        *phase = if patient { Phase::WaitsForQuestion } else { Phase::Works };
        indexer.waits.store(patient, Ordering::Relaxed);
    }
}

fn work(shared: &Shared) {
    let indexer = &shared.indexer;
    let _at_the_end = TellWaiting(indexer);
    let waiting = |phase: &mut Phase| *phase == Phase::WaitsForQuestion;
    for _ in 0..MOST_PATIENCE {
        let waited = indexer.changed.wait_timeout_while(indexer.phase(), PATIENCE, waiting);
        let is_over = *waited.unwrap_or_else(PoisonError::into_inner).0 != Phase::WaitsForQuestion;
        if is_over || indexer.asked.load(Ordering::Relaxed) == 0 {
            break;
        }
    }
    indexer.end_patience();
    let question = shared.next_question();
    loop {
        let snapshot = shared.snapshot();
        let loose: Vec<Arc<Entry>> = snapshot.coverage.loose().map(|at| Arc::clone(&snapshot.entries[at])).collect();
        let for_names = snapshot.read_for_names();
        let named = snapshot.coverage.loose().take_while(|at| *at < for_names).count();
        drop(snapshot); // else every change would copy it
        cover(shared, &loose, named, question);
        let mut phase = indexer.phase();
        if indexer.stopped.load(Ordering::Relaxed) || shared.snapshot().loose_bytes() <= indexer.loose_bytes {
            *phase = Phase::Idle; // under the lock, so that a change sees either work under way or none
            return;
        }
    }
}

/// Makes postings of these files, block by block, and adds each block to the current snapshot. The names of the first
/// `named` of them are taken up too.
fn cover(shared: &Shared, files: &[Arc<Entry>], named: usize, question: u64) {
    let mut builder = BlockBuilder::new();
    let mut known: Vec<Known> = Vec::new();
    let mut first = 0;
    for (at, entry) in files.iter().enumerate() {
        if shared.indexer.stopped.load(Ordering::Relaxed) {
            return;
        }
        let content = shared.content(entry, question, Keep::IfRoom);
        let named = at < named;
        builder.push(content.text(), named);
        known.push(Known { kind: content.kind(), named });
        if builder.is_full() || at + 1 == files.len() {
            let block = builder.finish();
            shared.change(|snapshot| {
                let places = files[first..=at].iter().map(|entry| snapshot.position_of(entry)).collect::<Vec<_>>();
                snapshot.coverage.add(block, places.into_iter().zip(known.drain(..)));
            });
            first = at + 1;
        }
    }
}

/// Wakes who waits when the work has ended. After a panic too, for files without postings are searched all the same.
struct TellWaiting<'a>(&'a Indexer);

impl Drop for TellWaiting<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            *self.0.phase() = Phase::Idle;
        }
        self.0.changed.notify_all();
    }
}
