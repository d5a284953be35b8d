//! # Stray fences
//!
//! **What it does**: finds Markdown code fences in program text, outside strings and comments.
//!
//! **Why is this bad?** The fence belongs to the answer around the code. In most languages it is a syntax
//! error far from its cause; in shell scripts it runs a command.
//!
//! **Example**
//! ````text
//! ```python
//! def area(r): ...
//! ```
//! ````
//! **Use instead**: the code alone.

use super::finding;
use crate::check::{Change, Finding};
use crate::language::State;

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    if !change.language.is_code() {
        return Vec::new();
    }
    change
        .new_lines()
        .iter()
        .filter(|(number, line)| is_fence(line) && change.states()[*number as usize - 1] == State::Code)
        .map(|(number, line)| {
            finding(change, "stray-fence", *number, format!("Markdown fence in the code: {}", line.trim()))
        })
        .collect()
}

/// Three or more backquotes or tildes, then nothing or the name of a language or file.
fn is_fence(line: &str) -> bool {
    let line = line.trim();
    let info = line.trim_start_matches('`');
    let info = if info.len() + 3 <= line.len() { info } else { line.trim_start_matches('~') };
    info.len() + 3 <= line.len() && info.chars().all(|c| c.is_ascii_alphanumeric() || "+-#._/:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::super::lines_found;
    use super::*;

    #[test]
    fn fences_around_code_are_found_in_every_language() {
        for path in ["a.py", "a.ts", "a.rs", "a.sh", "a.yaml", "a.html", "Makefile"] {
            assert_eq!(lines_found(find, path, "```python\nx\n```\n", None), [1, 3], "{path}");
        }
    }

    #[test]
    fn fences_in_prose_strings_and_comments_are_meant() {
        let cases = [
            ("a.md", "```python\nx\n```\n"),
            ("notes", "```\nx\n```\n"),
            ("a.py", "\"\"\"Use:\n\n```python\nx\n```\n\"\"\"\n"),
            ("a.rs", "//! ```text\n/*\n```\n*/\n"),
            ("a.js", "const md = `\n~~~\nx\n~~~\n`;\n"),
        ];
        for (path, text) in cases {
            assert_eq!(lines_found(find, path, text, None), [0; 0], "{path}");
        }
    }
}
