//! Any patterns and globs compile or are refused, and what compiles answers for any text and path.
//!
//! An input has parts with lines of `~~~` between them: a text, patterns (a NUL between two), globs (one on each line).
//! A fourth part makes the patterns regular expressions; a fifth one is a structural pattern, searched for in Python.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use orchestrator_tools::cancel::Token;
use orchestrator_tools::fuzzing::{is_chosen, matching_lines};
use orchestrator_tools::index::{DEFAULT_BUDGET_BYTES, Index};
use orchestrator_tools::search::Patterns;
use orchestrator_tools::structure::Request;

fuzz_target!(|input: &str| {
    let mut parts = input.split("~~~\n");
    let mut next = || parts.next().unwrap_or_default();
    let (text, patterns, globs) = (next(), next(), next());
    let patterns = patterns.split('\0').map(str::to_owned).collect();
    let patterns = Patterns { patterns, regex: parts.next().is_some(), ..Patterns::default() };
    if let Ok(lines) = matching_lines(&patterns, text.as_bytes()) {
        assert!(lines <= text.split_inclusive('\n').count());
    }
    let globs: Vec<String> = globs.lines().map(str::to_owned).collect();
    let chosen = ["src/a.py", "b.txt", "docs/ä.md"].map(|path| is_chosen(&globs, path).ok());
    assert!(chosen.iter().all(Option::is_some) || chosen.iter().all(Option::is_none));
    if let Some(structure) = parts.next()
        && let Ok(found) = project().structural_search(&Request::pattern(structure), &Token::default())
    {
        assert!(found.matches.len() <= found.total);
        assert!(!found.render().is_empty());
    }
});

/// A small project, made once.
fn project() -> &'static Index {
    static PROJECT: OnceLock<(tempfile::TempDir, Index)> = OnceLock::new();
    let (_, index) = PROJECT.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = "def total(cart):\n    return sum(cart) + len(cart)\n";
        std::fs::write(folder.path().join("a.py"), source).expect("a file");
        let index = Index::open(folder.path(), None, DEFAULT_BUDGET_BYTES).expect("an index");
        (folder, index)
    });
    index
}
