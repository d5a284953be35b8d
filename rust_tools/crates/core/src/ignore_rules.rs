//! Ignore rules as git has them: of the folder itself, of the folders above it, and of the repository.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::root::Root;

/// Rule files above this size are read up to it.
const MAX_RULES_BYTES: u64 = 1024 * 1024;

/// The rules that hold in one folder. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// The root's path below the top of its work tree, with a slash behind it; empty at the top.
    prefix: Arc<str>,
    innermost: Option<Arc<Layer>>,
    /// The root itself is ignored.
    everything: bool,
}

/// The rules of one file.
#[derive(Debug)]
struct Layer {
    matcher: Gitignore,
    /// Length of the folder's path below the top of the work tree, with a slash behind it.
    folder_bytes: usize,
    above: Option<Arc<Layer>>,
}

impl Rules {
    /// The rules that come from outside the root: `exclude` is the repository's own file, `top` the top of the work
    /// tree, `prefix` the root's path below it.
    pub(crate) fn of_repository(exclude: &Path, top: &Path, prefix: &str) -> Self {
        let slash = if prefix.is_empty() { "" } else { "/" };
        let mut rules = Self { prefix: format!("{prefix}{slash}").into(), ..Self::default() };
        rules.add(0, fs::read(exclude).ok());
        for folder_bytes in std::iter::once(0).chain(prefix.match_indices('/').map(|(at, _)| at + 1)) {
            if prefix.is_empty() || rules.everything {
                break;
            }
            rules.add(folder_bytes, fs::read(top.join(&prefix[..folder_bytes]).join(".gitignore")).ok());
            let end = prefix[folder_bytes..].find('/').map_or(prefix.len(), |at| folder_bytes + at);
            rules.everything = rules.ignore_whole(&prefix[..end], true);
        }
        rules
    }

    /// The rules in a folder that has a rule file of its own; `folder` is its path below the root.
    pub(crate) fn below(&self, root: &Root, folder: &str) -> Self {
        let mut rules = self.clone();
        let (file, folder_bytes) = match folder {
            "" => (".gitignore".to_owned(), self.prefix.len()),
            _ => (format!("{folder}/.gitignore"), self.prefix.len() + folder.len() + 1),
        };
        rules.add(folder_bytes, root.read(&file, MAX_RULES_BYTES).ok());
        rules
    }

    /// Whether they ignore a path below the root. Its folder must be known not to be ignored.
    pub(crate) fn ignore(&self, path: &str, is_folder: bool) -> bool {
        if self.everything || self.innermost.is_none() {
            return self.everything;
        }
        self.ignore_whole(&format!("{}{path}", self.prefix), is_folder)
    }

    /// The same for a path below the top of the work tree: the innermost rule that says something counts.
    fn ignore_whole(&self, path: &str, is_folder: bool) -> bool {
        let mut layer = self.innermost.as_deref();
        while let Some(rules) = layer {
            match rules.matcher.matched(&path[rules.folder_bytes..], is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => layer = rules.above.as_deref(),
            }
        }
        false
    }

    fn add(&mut self, folder_bytes: usize, file: Option<Vec<u8>>) {
        let Some(text) = file.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else { return };
        let mut builder = GitignoreBuilder::new(".");
        for line in text.trim_start_matches('\u{feff}').lines() {
            let _ = builder.add_line(None, line); // like git, a line that cannot be read is passed over
        }
        if let Ok(matcher) = builder.build()
            && !matcher.is_empty()
        {
            self.innermost = Some(Arc::new(Layer { matcher, folder_bytes, above: self.innermost.take() }));
        }
    }
}
