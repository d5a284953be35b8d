//! One error type for the whole crate; the Python face maps each kind to an exception.

use std::io;

/// What can go wrong, with messages written for the person or model that has to act on them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A pattern or path glob cannot be used.
    #[error("{0}")]
    Pattern(String),

    /// A path would leave the root.
    #[error("{path:?} is refused: {reason}")]
    Escape {
        /// The path as it was asked for.
        path: String,
        /// Why, and what to do instead.
        reason: String,
    },

    /// An edit cannot be applied; nothing was written.
    #[error("{message}{}", after_semicolon(.hint))]
    Edit {
        /// The file that the edit names.
        path: String,
        /// The first line that it is about, where it is about lines.
        line: Option<u32>,
        /// What is wrong.
        message: String,
        /// What to do, with the nearest places where the text was not found; may be empty.
        hint: String,
    },

    /// The disk is no longer what the edit started from, or another edit is under way; nothing was written.
    #[error("{message}{}", after_semicolon(.hint))]
    Conflict {
        /// The file or folder that changed.
        path: String,
        /// What is wrong.
        message: String,
        /// What to do; may be empty.
        hint: String,
    },

    /// The call was cancelled, or its time was over, before there was a part worth having.
    #[error("cancelled before {0}")]
    Cancelled(&'static str),

    /// No such file.
    #[error("{path:?} does not exist{}", nearest_sentence(.nearest))]
    NotFound {
        /// The path as it was asked for.
        path: String,
        /// Up to three real paths that look most like it.
        nearest: Vec<String>,
    },

    /// A folder where a file is needed.
    #[error("{path:?} is a folder; name a file in it")]
    Folder {
        /// The path as it was asked for.
        path: String,
    },

    /// The operating system said no.
    #[error("{path:?}: {source}{}", after_semicolon(way_on(.source)))]
    Io {
        /// The path that was used.
        path: String,
        /// What the system answered.
        source: io::Error,
    },
}

/// The result of most calls in this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The path that it is about, if it is about one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Pattern(_) | Self::Cancelled(_) => None,
            Self::Escape { path, .. }
            | Self::Edit { path, .. }
            | Self::Conflict { path, .. }
            | Self::NotFound { path, .. }
            | Self::Folder { path }
            | Self::Io { path, .. } => Some(path).filter(|path| !path.is_empty()).map(String::as_str),
        }
    }

    /// The line that it is about, from 1, if it is about one.
    pub fn line(&self) -> Option<u32> {
        if let Self::Edit { line, .. } = self { *line } else { None }
    }

    /// What to do about it, where that is said apart from what is wrong.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Edit { hint, .. } | Self::Conflict { hint, .. } => hint.clone(),
            Self::Escape { reason, .. } => reason.clone(),
            Self::NotFound { nearest, .. } if !nearest.is_empty() => format!("closest: {}", nearest.join(", ")),
            Self::Folder { .. } => "name a file in it".to_owned(),
            Self::Io { source, .. } => way_on(source).to_owned(),
            _ => return None,
        };
        Some(hint).filter(|hint| !hint.is_empty())
    }

    pub(crate) fn io(path: &str, source: impl Into<io::Error>) -> Self {
        Self::Io { path: path.to_owned(), source: source.into() }
    }

    pub(crate) fn escape(path: &str, reason: &str) -> Self {
        Self::Escape { path: path.to_owned(), reason: reason.to_owned() }
    }

    pub(crate) fn not_found(path: &str) -> Self {
        Self::NotFound { path: path.to_owned(), nearest: Vec::new() }
    }

    pub(crate) fn edit(path: &str, message: impl Into<String>) -> Self {
        Self::Edit { path: path.to_owned(), line: None, message: message.into(), hint: String::new() }
    }

    pub(crate) fn conflict(path: &str, message: impl Into<String>, hint: &str) -> Self {
        Self::Conflict { path: path.to_owned(), message: message.into(), hint: hint.to_owned() }
    }

    /// The same refusal of an edit with what to do about it.
    pub(crate) fn with_hint(mut self, told: impl Into<String>) -> Self {
        if let Self::Edit { hint, .. } = &mut self {
            *hint = told.into();
        }
        self
    }

    /// The same refusal of an edit with the line that it is about.
    pub(crate) fn at_line(mut self, number: u32) -> Self {
        if let Self::Edit { line, .. } = &mut self {
            *line = Some(number);
        }
        self
    }
}

fn nearest_sentence(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; closest: {}", nearest.join(", ")) }
}

fn after_semicolon(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!("; {hint}") }
}

/// What a person can do about a failure of the system.
fn way_on(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and try again",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only",
        io::ErrorKind::PermissionDenied => "check who owns it and its mode",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_what_is_wrong_where_and_what_to_do() {
        let kinds = [
            Error::Pattern("the pattern is empty".to_owned()),
            Error::escape("../a", "it leads above the project's root"),
            Error::edit("a.py", "a.py: SEARCH matches 2 places").at_line(3).with_hint("add neighbouring lines"),
            Error::conflict("a.py", "a.py changed on disk meanwhile", "read it again"),
            Error::Cancelled("the first file was read"),
            Error::NotFound { path: "cart".to_owned(), nearest: vec!["cart.py".to_owned()] },
            Error::Folder { path: "src".to_owned() },
            Error::io("a.py", io::Error::from(io::ErrorKind::StorageFull)),
        ];
        let told: Vec<String> = kinds
            .iter()
            .map(|kind| format!("{kind}\n  path {:?}, line {:?}, hint {:?}", kind.path(), kind.line(), kind.hint()))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
