//! Data files, by the parsers that programs read them with.

use super::{Finding, Source};

/// JSON. Files that are JSON with comments by custom (`tsconfig.json`, `.vscode/`) are not judged.
pub(super) fn json(path: &str, text: &str) -> Vec<Finding> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let with_comments = name.starts_with("tsconfig") || name.starts_with("jsconfig") || path.contains(".vscode/");
    if with_comments || text.trim().is_empty() {
        return Vec::new();
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Vec::new(),
        Err(error) if error.to_string().starts_with("recursion limit") => Vec::new(), // deep is not wrong
        Err(error) => {
            let message = error.to_string();
            let what = message.split(" at line ").next().unwrap_or(&message);
            // The end of the file is reported on the line after the last.
            let line = error.line().min(text.lines().count());
            vec![syntax_error(line as u32, error.column() as u32, format!("invalid JSON: {what}"))]
        }
    }
}

/// TOML, duplicate keys included.
pub(super) fn toml(_path: &str, text: &str) -> Vec<Finding> {
    match text.parse::<toml::Table>() {
        Ok(_) => Vec::new(),
        Err(error) if error.message().contains("recursion") => Vec::new(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = &text[..at];
            let line = before.matches('\n').count() as u32 + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
            vec![syntax_error(line, column, format!("invalid TOML: {}", error.message()))]
        }
    }
}

fn syntax_error(line: u32, column: u32, message: String) -> Finding {
    Finding {
        source: Source::Syntax,
        line: line.max(1),
        column: column.max(1),
        code: "syntax-error".to_owned(),
        message,
    }
}
