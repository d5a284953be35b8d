//! Any patterns, globs and names are searched for or refused.
//!
//! An input is patterns, globs (one on each line) and the name of a file, with lines of `~~~` between them; a fourth
//! part makes the patterns regular expressions.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use orchestrator_tools::index::{DEFAULT_BUDGET_BYTES, Index};
use orchestrator_tools::search::Request;

fuzz_target!(|input: &str| {
    let mut parts = input.split("~~~\n");
    let mut next = || parts.next().unwrap_or_default();
    let (patterns, globs, name) = (next(), next(), next());
    let index = project();
    let mut request = Request::literal("");
    request.patterns.patterns = patterns.split('\0').map(str::to_owned).collect();
    request.patterns.regex = parts.next().is_some();
    request.globs = globs.lines().map(str::to_owned).collect();
    if let Ok(found) = index.search(&request) {
        assert!(found.hits.len() <= found.total);
        assert!(!found.render().is_empty());
    }
    if let Ok(found) = index.find(name, 5) {
        assert!(found.paths.len() <= 5);
    }
});

/// A small project, made once.
fn project() -> &'static Index {
    static PROJECT: OnceLock<(tempfile::TempDir, Index)> = OnceLock::new();
    let (_, index) = PROJECT.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in [("src/a.py", "def total(cart):\n    return sum(cart)\n"), ("b.txt", "a b\nA-B\u{e4}\n")] {
            let target = folder.path().join(path);
            std::fs::create_dir_all(target.parent().expect("a folder")).expect("folders");
            std::fs::write(target, text).expect("a file");
        }
        let index = Index::open(folder.path(), None, DEFAULT_BUDGET_BYTES).expect("an index");
        (folder, index)
    });
    index
}
