//! The threads that do the work: as many as there are processors, with stacks for deeply nested sources.

use std::sync::LazyLock;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::cancel::Token;

/// Parsers and visitors of syntax trees recurse; a stack of this size carries [`crate::nesting::MOST_LEVELS`]
/// with a wide margin. Only the part that is used costs memory.
const STACK_BYTES: usize = 128 * 1024 * 1024;

static POOL: LazyLock<ThreadPool> = LazyLock::new(|| {
    let builder = ThreadPoolBuilder::new().stack_size(STACK_BYTES).thread_name(|n| format!("tools-{n}"));
    builder.build().expect("the system can start threads")
});

/// Runs work on one of the threads; what it does in parallel runs on the others.
pub(crate) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    POOL.install(work)
}

/// Like [`run`], and meanwhile the calling thread ticks as the token wants. The work itself looks at the token.
pub(crate) fn run_until<T: Send>(token: &Token, work: impl FnOnce() -> T + Send) -> T {
    // One of the threads must not wait for work that may stand behind it in its own queue.
    if !token.ticks() || rayon::current_thread_index().is_some() {
        return run(work);
    }
    let mut answer = None;
    POOL.in_place_scope(|scope| {
        let (sender, receiver) = sync_channel::<()>(0);
        let slot = &mut answer;
        scope.spawn(move |_| {
            let _ended = sender; // dropped at the end, and by a panic, which the scope hands on
            *slot = Some(work());
        });
        while receiver.recv_timeout(Token::TICK) == Err(RecvTimeoutError::Timeout) {
            token.tick();
        }
    });
    answer.expect("the scope has ended without a panic")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_calling_thread_ticks_while_others_work() {
        let ticks = Arc::new(AtomicUsize::new(0));
        let (seen, asker) = (Arc::clone(&ticks), std::thread::current().id());
        let token = Token::default().ticking(move || {
            assert_eq!(std::thread::current().id(), asker);
            seen.fetch_add(1, Ordering::Relaxed) < 2
        });
        let worker = run_until(&token, || {
            while token.stopped().is_none() {
                std::thread::yield_now();
            }
            std::thread::current().id()
        });
        assert_ne!(worker, asker);
        assert_eq!(ticks.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn nested_work_needs_no_further_thread() {
        let token = Token::default().ticking(|| true);
        assert_eq!(run_until(&token, || run_until(&token, || run_until(&token, || 7))), 7);
    }
}
