//! Stopping a long question early: on demand, at a deadline, or because its asker was interrupted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Why a question was stopped before it was finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Somebody no longer wants the answer.
    Cancelled,
    /// Its time is over.
    Deadline,
}

impl Stop {
    /// The lower-case word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Deadline => "deadline",
        }
    }
}

/// Stops the questions that it was handed to. Clones are the same token; the default one never stops anything.
#[derive(Clone, Default)]
pub struct Token {
    cancelled: Arc<AtomicBool>,
    deadline: Option<Instant>,
    tick: Option<Arc<Tick>>,
}

struct Tick {
    goes_on: Box<dyn Fn() -> bool + Send + Sync>,
    interrupted: AtomicBool,
}

impl Token {
    /// How often the asking thread looks up from its waiting.
    pub(crate) const TICK: Duration = Duration::from_millis(50);

    /// A token that stops by itself after some time from now, if that is given.
    pub fn new(timeout: Option<Duration>) -> Self {
        // A time too far away to be represented never comes.
        Self { deadline: timeout.and_then(|time| Instant::now().checked_add(time)), ..Self::default() }
    }

    /// The same token for one question, whose asking thread calls `goes_on` every 50 ms while it waits. An answer of
    /// false stops this question, and no other one that holds the token.
    #[must_use]
    pub fn ticking(&self, goes_on: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let tick = Tick { goes_on: Box::new(goes_on), interrupted: AtomicBool::new(false) };
        Self { tick: Some(Arc::new(tick)), ..self.clone() }
    }

    /// Stops every question that holds this token, from any thread.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether questions must stop, and why.
    pub fn stopped(&self) -> Option<Stop> {
        let interrupted = self.tick.as_ref().is_some_and(|tick| tick.interrupted.load(Ordering::Relaxed));
        if interrupted || self.cancelled.load(Ordering::Relaxed) {
            return Some(Stop::Cancelled);
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(Stop::Deadline)
    }

    /// Whether a stop is so long ago that not even what was found so far is worth more work.
    pub(crate) fn is_overdue(&self) -> bool {
        const GRACE: Duration = Duration::from_millis(100);
        match self.stopped() {
            None => false,
            Some(Stop::Cancelled) => true,
            Some(Stop::Deadline) => self.deadline.is_some_and(|deadline| deadline.elapsed() > GRACE),
        }
    }

    /// Whether the asking thread wants to be woken every now and then.
    pub(crate) fn ticks(&self) -> bool {
        self.tick.is_some()
    }

    /// Asks the asker, on its own thread, whether to go on.
    pub(crate) fn tick(&self) {
        if let Some(tick) = &self.tick
            && !tick.interrupted.load(Ordering::Relaxed)
            && !(tick.goes_on)()
        {
            tick.interrupted.store(true, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("stopped", &self.stopped()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stops_at_its_deadline_and_on_demand() {
        assert_eq!(Token::default().stopped(), None);
        assert_eq!(Token::new(Some(Duration::ZERO)).stopped(), Some(Stop::Deadline));
        assert_eq!(Token::new(Some(Duration::MAX)).stopped(), None);
        let token = Token::new(Some(Duration::ZERO));
        token.clone().cancel();
        assert_eq!(token.stopped(), Some(Stop::Cancelled));
    }

    #[test]
    fn an_interrupted_question_leaves_the_token_to_others() {
        let token = Token::default();
        let question = token.ticking(|| false);
        question.tick();
        assert_eq!((question.stopped(), token.stopped()), (Some(Stop::Cancelled), None));
        let other = token.ticking(|| true);
        other.tick();
        assert_eq!(other.stopped(), None);
        token.cancel();
        assert_eq!(other.stopped(), Some(Stop::Cancelled));
    }
}
