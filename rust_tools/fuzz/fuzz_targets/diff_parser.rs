//! Any text is read as a diff or refused, and what is read applies to any file or is refused.
//!
//! An input is a diff and the text of a file, with a line of `~~~` between them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orchestrator_tools::diff::edits_of;
use orchestrator_tools::edit::in_memory;

fuzz_target!(|input: &str| {
    let (diff, text) = input.split_once("~~~\n").unwrap_or((input, ""));
    let Ok(edits) = edits_of(diff) else { return };
    assert!(!edits.is_empty());
    let mut text = text.to_owned();
    for edit in edits {
        assert!(!edit.path.is_empty());
        if let Ok(file) = in_memory(&edit.path, Some(&text), &edit.change) {
            text = file.after.unwrap_or_default();
        }
    }
});
