//! The threads that do the work: as many as there are processors, with stacks for deeply nested sources.

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Parsers and visitors of syntax trees recurse; a stack of this size carries [`crate::nesting::MOST_LEVELS`]
/// with a wide margin. Only the part that is used costs memory.
const STACK_BYTES: usize = 128 * 1024 * 1024;

/// Runs work on one of the threads; what it does in parallel runs on the others.
pub(crate) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static POOL: LazyLock<ThreadPool> = LazyLock::new(|| {
        let builder = ThreadPoolBuilder::new().stack_size(STACK_BYTES).thread_name(|n| format!("tools-{n}"));
        builder.build().expect("the system can start threads")
    });
    POOL.install(work)
}
