//! The project's files as they are, or as they would be with a patch.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contents::{Content, Entry};
use crate::index::View;

/// Every file of the project, some of them with another text than the index has.
pub(super) struct State<'a> {
    view: &'a View<'a>,
    /// Texts that differ from the index; nothing for a file that is not there.
    changed: BTreeMap<&'a str, Option<&'a str>>,
}

impl<'a> State<'a> {
    pub(super) fn new(view: &'a View<'a>, changed: BTreeMap<&'a str, Option<&'a str>>) -> Self {
        Self { view, changed }
    }

    /// The text of a file; nothing if it is not there or no text.
    pub(super) fn text(&self, path: &str) -> Option<Cow<'a, str>> {
        match self.changed.get(path) {
            Some(text) => text.map(Cow::Borrowed),
            None => match self.view.content(self.entry(path)?) {
                Content::Text(bytes) => Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())),
                _ => None,
            },
        }
    }

    pub(super) fn has_file(&self, path: &str) -> bool {
        self.changed.get(path).map_or_else(|| self.entry(path).is_some(), Option::is_some)
    }

    /// Paths of all files that begin with `start`, in no order that means anything.
    pub(super) fn starting_with(&self, start: &str) -> impl Iterator<Item = &str> {
        let entries = &self.view.entries;
        let first = entries.partition_point(|entry| entry.path.as_str() < start);
        let listed =
            entries[first..].iter().map(|entry| entry.path.as_str()).take_while(move |path| path.starts_with(start));
        let added = self.changed.iter().filter_map(|(path, text)| text.map(|_| *path));
        let start = start.to_owned();
        listed.filter(|path| !self.changed.contains_key(path)).chain(added.filter(move |path| path.starts_with(&start)))
    }

    pub(super) fn has_folder(&self, path: &str) -> bool {
        self.starting_with(&format!("{path}/")).next().is_some()
    }

    /// Files of the index whose text holds every one of `all` and at least one of `any`, patched ones left out.
    pub(super) fn holding(&self, is_wanted: impl Fn(&str) -> bool + Sync, all: &[&str], any: &[&str]) -> Vec<String> {
        let all: Vec<_> = all.iter().map(memchr::memmem::Finder::new).collect();
        let any: Vec<_> = any.iter().map(memchr::memmem::Finder::new).collect();
        let holds = |entry: &Entry| {
            if self.changed.contains_key(entry.path.as_str()) || !is_wanted(&entry.path) {
                return None;
            }
            let Content::Text(text) = self.view.content(entry) else { return None };
            let found =
                all.iter().all(|word| word.find(&text).is_some()) && any.iter().any(|word| word.find(&text).is_some());
            found.then(|| entry.path.clone())
        };
        self.view.map(holds).into_iter().flatten().collect()
    }

    fn entry(&self, path: &str) -> Option<&Arc<Entry>> {
        let at = self.view.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        self.view.entries.get(at)
    }
}
