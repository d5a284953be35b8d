//! Edits: understood and checked in memory first, then written all together or not at all.

mod change;
mod encoding;
mod ladder;
mod likeness;
mod nearest;
mod plan;
mod write;

use std::fmt::Write as _;
use std::path::Path;

pub use write::{Recovery, Step, Watch, recover, recover_watched};

use similar::TextDiff;

use crate::error::Result;
use crate::root::Root;
use crate::text::count;

/// Characters of diffs that are shown; what is beyond is counted.
const MAX_DIFF_CHARS: usize = 6000;

/// One wanted change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the root.
    pub path: String,
    /// What happens to it.
    pub change: Change,
}

/// The kinds of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The lines `search` become the lines `replace`. An empty `search` creates the file.
    Replace {
        /// Lines as they stand in the file.
        search: String,
        /// What stands there afterwards.
        replace: String,
    },
    /// A hunk of a diff: whole lines, and an end of the file with or without a newline is meant so.
    Hunk {
        /// Context and removed lines. If there are none, the new lines come before `line`.
        search: String,
        /// Context and new lines.
        replace: String,
        /// The line, from 1, where the hunk stands once the edits before it are done, as far as its author knows.
        line: Option<u32>,
    },
    /// The file gets this content, whether it exists or not.
    Whole {
        /// The new content.
        content: String,
    },
    /// The file is removed.
    Delete,
}

/// Whether a change is written, and what is kept for a process that is killed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing<'a> {
    /// It is only planned.
    DryRun,
    /// It is written; if this process is killed meanwhile, some files may be old and some new.
    Plain,
    /// It is written with a journal, a folder outside the root from which [`recover`] ends it.
    Journalled(&'a Path),
}

impl<'a> Writing<'a> {
    /// With a journal if there is one.
    pub fn new(dry_run: bool, journal: Option<&'a Path>) -> Self {
        match (dry_run, journal) {
            (true, _) => Self::DryRun,
            (false, None) => Self::Plain,
            (false, Some(folder)) => Self::Journalled(folder),
        }
    }

    pub(crate) fn is_dry_run(self) -> bool {
        self == Self::DryRun
    }
}

/// One file before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileEdit {
    /// The file that is changed, relative to the root.
    pub path: String,
    /// Its text before; nothing if the edit creates it.
    pub before: Option<String>,
    /// Its text afterwards; nothing if the edit removes it.
    pub after: Option<String>,
    /// How each edit found its place, such as `exact` or `re-indented by 4 spaces`.
    pub how: String,
}

impl FileEdit {
    /// The hunks of a unified diff with one line of context; empty where the text stays as it is.
    pub fn hunks(&self) -> String {
        let (before, after) = (self.before.as_deref().unwrap_or_default(), self.after.as_deref().unwrap_or_default());
        TextDiff::from_lines(before, after).unified_diff().context_radius(1).missing_newline_hint(false).to_string()
    }
}

/// Says what `edits` would do, without writing. Refused where one of them cannot be applied.
pub fn plan(root: &Path, edits: &[Edit]) -> Result<Vec<FileEdit>> {
    let root = Root::open(root)?;
    Ok(plan::plan(&root, edits)?.into_iter().map(|planned| planned.file).collect())
}

/// Says what one change would do to a text that is in no file; `path` is only its name.
pub fn in_memory(path: &str, before: Option<&str>, change: &Change) -> Result<FileEdit> {
    let (after, how) = change::changed(path, before, before, change)?;
    Ok(FileEdit { path: path.to_owned(), before: before.map(str::to_owned), after, how })
}

/// Does what [`plan`] says: every file, or none where something fails.
///
/// ```
/// # use orchestrator_tools::edit::{Change, Edit, apply};
/// # let folder = tempfile::tempdir()?;
/// # let root = folder.path();
/// std::fs::write(root.join("cart.py"), "def total(lines):\n    return sum(lines)\n")?;
/// let change = Change::Replace { search: "return sum(lines)".into(), replace: "return sum(lines, 0)".into() };
/// let files = apply(root, &[Edit { path: "cart.py".into(), change }])?;
/// assert_eq!(files[0].how, "re-indented by +4 spaces");
/// assert_eq!(std::fs::read_to_string(root.join("cart.py"))?, "def total(lines):\n    return sum(lines, 0)\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply(root: &Path, edits: &[Edit]) -> Result<Vec<FileEdit>> {
    apply_watched(root, edits, None, &mut |_| Ok(()))
}

/// The same with a journal, a folder outside the root from which [`recover`] ends the patch if this process is
/// killed, and with a function that is called before each step.
pub fn apply_watched(root: &Path, edits: &[Edit], journal: Option<&Path>, watch: Watch<'_>) -> Result<Vec<FileEdit>> {
    let root = Root::open(root)?;
    let planned = plan::plan(&root, edits)?;
    write::write(&root, &planned, journal, watch)?;
    Ok(planned.into_iter().map(|planned| planned.file).collect())
}

/// Gives files new texts that `change` works out from their present ones: every file, or none where something fails.
/// Also gives what `change` answers.
pub(crate) fn rewrite<T>(
    root: &Root,
    paths: &[String],
    writing: Writing<'_>,
    change: impl FnOnce(&mut [FileEdit]) -> Result<T>,
) -> Result<(Vec<FileEdit>, T)> {
    let (mut planned, answer) = plan::plan_rewrite(root, paths, change)?;
    planned.retain(|planned| planned.file.before != planned.file.after);
    match writing {
        Writing::DryRun => {}
        Writing::Plain => write::write(root, &planned, None, &mut |_| Ok(()))?,
        Writing::Journalled(journal) => write::write(root, &planned, Some(journal), &mut |_| Ok(()))?,
    }
    Ok((planned.into_iter().map(|planned| planned.file).collect(), answer))
}

/// The result for a model: how many files, then one line for each. Of a change that is only planned also its
/// diffs, as far as they fit.
pub fn render(files: &[FileEdit], written: bool) -> String {
    let state = if written { "written" } else { "nothing is written yet" };
    let mut out = format!("{} changed; {state}\n", count(files.len(), "file"));
    if written {
        for file in files {
            let _ = writeln!(out, "{}: {}", file.path, file.how);
        }
        return out;
    }
    write_hunks(&mut out, files);
    out
}

/// A heading and a small diff for each file; diffs that do not fit are counted.
pub(crate) fn write_hunks(out: &mut String, files: &[FileEdit]) {
    let (mut hidden, mut left) = (0, MAX_DIFF_CHARS);
    for file in files {
        let _ = writeln!(out, "\n{}: {}", file.path, file.how);
        let hunks = file.hunks();
        let size = hunks.chars().count();
        if size > left {
            hidden += 1;
        } else {
            left -= size;
            out.push_str(&hunks);
        }
    }
    if hidden > 0 {
        let _ = writeln!(out, "\nNot shown: the diffs of {}", count(hidden, "file"));
    }
}
