//! # Secrets
//!
//! **What it does**: finds keys, tokens and passwords that the file did not hold before.
//!
//! **Why is this bad?** What is once in a repository is read by everybody who ever gets a copy.
//!
//! **Example**
//! ```text
//! API_KEY = "<a real key>"
//! ```
//! **Use instead**: a value that is read from the environment or a secret store.

use super::finding;
use crate::check::{Change, Finding};
use crate::secrets;

pub(super) fn find(change: &Change<'_>) -> Vec<Finding> {
    secrets::introduced(change.after, change.before)
        .into_iter()
        .map(|(line, kind)| {
            let message = format!("looks like a secret ({kind}); read it from the environment instead");
            finding(change, "secret", line, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::lines_found;
    use super::*;

    #[test]
    fn a_secret_is_found_once_it_is_new() {
        let text = format!("import os\nAPI_TOKEN = \"{}\"\n", "q8Zr3vT0pLw7Ks2nYb5D");
        assert_eq!(lines_found(find, "a.py", &text, None), [2]);
        assert_eq!(lines_found(find, "a.py", &format!("\n{text}"), Some(&text)), [0; 0]);
    }
}
