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
    #[error("{message}")]
    Edit {
        /// The file that the edit names.
        path: String,
        /// The reason and the nearest places.
        message: String,
    },

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
    #[error("{path:?}: {source}")]
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
        Self::Edit { path: path.to_owned(), message: message.into() }
    }
}

fn nearest_sentence(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; closest: {}", nearest.join(", ")) }
}
