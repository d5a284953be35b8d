//! Any bytes are a git index or none; paths come only from within them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orchestrator_tools::fuzzing::tracked_paths;

fuzz_target!(|bytes: &[u8]| {
    for id_bytes in [20, 32] {
        if let Some(paths) = tracked_paths(bytes, id_bytes) {
            assert!(paths.len() <= bytes.len() / id_bytes);
        }
    }
});
