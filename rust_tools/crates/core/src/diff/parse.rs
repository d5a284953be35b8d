//! The files of a diff and their hunks.

use crate::diff::hunk::{self, Hunk, is_file_header};
use crate::diff::names;
use crate::error::{Error, Result};

/// What a diff does to one file.
#[derive(Debug)]
pub(super) struct FileDiff {
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) hunks: Vec<Hunk>,
    /// The line of the diff, from 1, where the file begins.
    pub(super) line: u32,
}

/// Whether the file is there before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Created,
    Changed,
    Deleted,
}

/// Reads all files of a diff; text before, between and after them is passed over.
pub(super) fn files(diff: &str) -> Result<Vec<FileDiff>> {
    let plain;
    let diff = if has_crlf_headers(diff) {
        plain = diff.replace("\r\n", "\n");
        plain.as_str()
    } else {
        diff
    };
    let lines: Vec<&str> = diff.split_inclusive('\n').collect();
    let mut reader = Reader::default();
    let mut at = 0;
    while at < lines.len() {
        at += reader.step(&lines[at..], at as u32 + 1)?;
    }
    reader.finish()?;
    Ok(reader.files)
}

/// Whether the line endings are those of the diff as a text, and not of the lines in it.
fn has_crlf_headers(diff: &str) -> bool {
    let mut headers = diff.split_inclusive('\n').filter(|line| line.starts_with("@@") || line.starts_with("+++ "));
    headers.next().is_some_and(|first| first.ends_with("\r\n")) && headers.all(|line| line.ends_with("\r\n"))
}

#[derive(Default)]
struct Reader {
    files: Vec<FileDiff>,
    current: Option<Header>,
}

/// What the lines before the hunks say of a file.
#[derive(Default)]
struct Header {
    git_name: Option<String>,
    old: Option<String>,
    new: Option<String>,
    named: bool,
    created: bool,
    deleted: bool,
    refused: Option<(&'static str, &'static str)>,
    hunks: Vec<Hunk>,
    line: u32,
}

impl Reader {
    /// Takes one or more lines; `number` is that of the first one.
    fn step(&mut self, lines: &[&str], number: u32) -> Result<usize> {
        let line = lines[0].trim_end_matches(['\r', '\n']);
        if line.starts_with("diff --git ") {
            self.finish()?;
            self.current = Some(Header { git_name: names::of_git_line(line), line: number, ..Header::default() });
        } else if is_file_header(lines) {
            self.take_names(lines, number)?;
            return Ok(2);
        } else if line.starts_with("@@@") {
            return Err(Error::edit("", "the diff of a merge cannot be applied")
                .at_line(number)
                .with_hint("give the diff against one version"));
        } else if line.starts_with("@@") {
            let Some(current) = self.current.as_mut().filter(|current| current.named) else {
                return Err(Error::edit("", format!("line {number} of the diff begins a hunk, but no file is named"))
                    .at_line(number)
                    .with_hint("put a --- and a +++ line with its path before it"));
            };
            let (hunk, taken) = hunk::read(lines);
            current.hunks.push(hunk);
            return Ok(taken);
        } else if let Some(current) = &mut self.current {
            current.take(line, number)?;
        }
        Ok(1)
    }

    fn take_names(&mut self, lines: &[&str], number: u32) -> Result<()> {
        let (old, new) = (names::name(&lines[0][4..]), names::name(&lines[1][4..]));
        let path = names::common(old.as_deref(), new.as_deref());
        if !self.current.as_ref().is_some_and(|current| current.awaits(path.as_deref())) {
            self.finish()?;
            self.current = Some(Header { line: number, ..Header::default() });
        }
        if let Some(current) = &mut self.current {
            (current.old, current.new, current.named) = (old, new, true);
        }
        Ok(())
    }

    /// The current file is complete.
    fn finish(&mut self) -> Result<()> {
        let Some(header) = self.current.take() else { return Ok(()) };
        if let Some(file) = header.file()? {
            self.files.push(file);
        }
        Ok(())
    }
}

impl Header {
    /// Whether names that come now are those of the file that git's line announced.
    fn awaits(&self, path: Option<&str>) -> bool {
        !self.named && (self.git_name.is_none() || self.git_name.as_deref() == path)
    }

    /// Git's lines between the names of a file and its hunks; after them, a line that belongs nowhere.
    fn take(&mut self, line: &str, number: u32) -> Result<()> {
        const MODE: (&str, &str) =
            ("changes the mode of a file, or makes one that is executable or a link", "leave modes out of the diff");
        const RENAME: (&str, &str) = ("renames or copies a file", "give the new file whole and delete the old one");
        const BINARY: (&str, &str) = ("changes a binary file", "only text files are edited");
        if !self.hunks.is_empty() {
            let astray = line.starts_with(['+', '-']) && !line.starts_with("---") && line != "-- ";
            return if astray { Err(self.astray(line, number)) } else { Ok(()) };
        }
        if let Some(mode) = line.strip_prefix("new file mode ") {
            self.created = true;
            self.refused = self.refused.or((mode.trim() != "100644").then_some(MODE));
        } else if line.starts_with("deleted file mode ") {
            self.deleted = true;
        } else if line.starts_with("old mode ") || line.starts_with("new mode ") {
            self.refused = Some(MODE);
        } else if ["rename from ", "rename to ", "copy from ", "copy to "].iter().any(|start| line.starts_with(start)) {
            self.git_name = self.git_name.take().or_else(|| names::name(line.splitn(3, ' ').last()?));
            self.refused = Some(RENAME);
        } else if line.starts_with("Binary files ") || line.starts_with("GIT binary patch") {
            self.refused = Some(BINARY);
        } else if self.named && line.starts_with(['+', '-']) {
            return Err(self.astray(line, number));
        }
        Ok(())
    }

    /// A line that would silently be lost.
    fn astray(&self, line: &str, number: u32) -> Error {
        let path = self.path().unwrap_or_default();
        let shown: String = line.chars().take(60).collect();
        Error::edit(&path, format!("{path}: line {number} of the diff belongs to no hunk: {shown}"))
            .at_line(number)
            .with_hint("begin each hunk with @@, and each line in it with a space, + or -")
    }

    fn path(&self) -> Option<String> {
        if self.named { names::common(self.old.as_deref(), self.new.as_deref()) } else { self.git_name.clone() }
    }

    /// Nothing where a `diff --git` line was followed by nothing that says what to do.
    fn file(self) -> Result<Option<FileDiff>> {
        if let Some((what, hint)) = self.refused {
            let path = self.path().or(self.git_name).unwrap_or_default();
            return Err(Error::edit(&path, format!("{path}: the diff {what}, which is not supported"))
                .at_line(self.line)
                .with_hint(hint));
        }
        let kind = match (&self.old, &self.new) {
            (None, _) if self.named => Kind::Created,
            (_, None) if self.named => Kind::Deleted,
            _ if self.created => Kind::Created,
            _ if self.deleted => Kind::Deleted,
            _ => Kind::Changed,
        };
        if !self.named && kind == Kind::Changed {
            return Ok(None);
        }
        let Some(path) = self.path() else {
            let (old, new) = (self.old.as_deref().unwrap_or("/dev/null"), self.new.as_deref().unwrap_or("/dev/null"));
            return Err(Error::edit(new, format!("the --- and +++ lines mean no one file: {old:?} and {new:?}"))
                .at_line(self.line)
                .with_hint("name the same path on both; to rename, give the new file whole and delete the old one"));
        };
        Ok(Some(FileDiff { path, kind, hunks: self.hunks, line: self.line }))
    }
}
