//! TOML, duplicate keys included.

use super::super::Finding;
use super::syntax_error;

pub(super) fn problems(path: &str, text: &str) -> Vec<Finding> {
    match text.parse::<::toml::Table>() {
        Ok(_) => Vec::new(),
        Err(error) if error.message().contains("recursion") => Vec::new(), // deep is not wrong
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = text.get(..at).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            vec![syntax_error(path, line, column, format!("invalid TOML: {}", error.message()))]
        }
    }
}
