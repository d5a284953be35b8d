//! Whether what was not found stands in files that are not searched: ignored ones, and those that tools made.

use std::fs;

use super::globs::Globs;
use super::matcher::Matcher;
use crate::index::View;
use crate::reading::Reading;
use crate::text::count;

/// At most so many files are looked into, and so many bytes: a folder of dependencies can hold any number.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// A look into files that are left out.
struct Look<'a> {
    view: &'a View<'a>,
    matcher: &'a Matcher,
    globs: &'a Globs,
    files: usize,
    bytes: u64,
}

/// One sentence with the places and numbers; nothing if there are no hits.
pub(super) fn tell(view: &View<'_>, matcher: &Matcher, globs: &Globs) -> Option<String> {
    const MOST_PLACES: usize = 3;
    let mut look = Look { view, matcher, globs, files: 0, bytes: 0 };
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    for place in &*view.left_out {
        let (mut lines, mut files) = (0, 0);
        look.path(place, &mut |found| {
            lines += found;
            files += 1;
        });
        if files > 0 {
            places.push((lines, files, place));
        }
    }
    places.sort_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(b.2)));
    let told: Vec<String> = places
        .iter()
        .take(MOST_PLACES)
        .map(|(lines, files, place)| format!("{place} ({} in {})", count(*lines, "line"), count(*files, "file")))
        .collect();
    let more = places.len().saturating_sub(MOST_PLACES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let whole = if look.is_exhausted() {
        format!("; looked into the first {} of them", count(look.files, "file"))
    } else {
        String::new()
    };
    (!told.is_empty())
        .then(|| format!("Not searched because ignored or made by tools: {}{more}{whole}.", told.join(", ")))
}

impl Look<'_> {
    fn is_exhausted(&self) -> bool {
        self.files >= MOST_FILES || self.bytes >= MOST_BYTES || self.view.token().stopped().is_some()
    }

    /// Calls `found` with the number of matching lines of each file that has some.
    fn path(&mut self, path: &str, found: &mut dyn FnMut(usize)) {
        if self.is_exhausted() {
            return;
        }
        let Ok(metadata) = self.view.root().path().join(path).symlink_metadata() else { return };
        if metadata.is_dir() {
            self.folder(path, found);
        } else if metadata.is_file() && self.globs.allow(path) && self.view.entry(path).is_none() {
            let content = Reading::of(self.view.root(), path, metadata.len()).content;
            self.files += 1;
            self.bytes += metadata.len();
            let mut lines = 0;
            self.matcher.lines(content.text().unwrap_or_default(), &|| !self.is_exhausted(), |_| {
                lines += 1;
                true
            });
            if lines > 0 {
                found(lines);
            }
        }
    }

    fn folder(&mut self, path: &str, found: &mut dyn FnMut(usize)) {
        let Ok(entries) = fs::read_dir(self.view.root().path().join(path)) else { return };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name != ".git")
            .collect();
        names.sort_unstable();
        for name in names {
            self.path(&format!("{path}/{name}"), found);
        }
    }
}
