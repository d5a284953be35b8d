//! Any edit on any text finds its place or is refused, and a rung that compares to the letter changes nothing else.
//!
//! An input is a text, a search and a replacement between lines of `~~~`; a fourth part is the line of a hunk.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orchestrator_tools::edit::{Change, in_memory};

fuzz_target!(|input: &str| {
    let mut parts = input.split("~~~\n");
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (text, search, replace) = (next(), next(), next());
    let most_removed = search.len() + 1; // and the newline that the search may lack
    let plain_endings = !text.contains('\r') && !search.contains('\r');
    let change = match parts.next() {
        Some(line) => Change::Hunk { search, replace, line: line.trim().parse().ok() },
        None => Change::Replace { search, replace },
    };
    match in_memory("file", Some(&text), &change) {
        Ok(file) => {
            let after = file.after.expect("an edit removes no file");
            assert!(!file.how.is_empty());
            assert!(file.how != "exact" || !plain_endings || after.len() + most_removed >= text.len());
        }
        Err(refusal) => assert!(refusal.to_string().starts_with("file: ")),
    }
});
