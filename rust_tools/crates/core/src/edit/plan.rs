//! What a patch would do, worked out in memory.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::edit::change::changed;
use crate::edit::encoding::{self, Encoding};
use crate::edit::ladder::{Wanted, locate};
use crate::edit::{Change, Edit, FileEdit};
use crate::error::{Error, Result};
use crate::listing;
use crate::near::closest_paths;
use crate::root::{LOOK, Links, Root, parent};

use rustix::fs::OFlags;
use rustix::io::Errno;

const MAX_EDITED_BYTES: u64 = 16 * 1024 * 1024;

/// A file's change, and the encoding in which it is read and written.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) file: FileEdit,
    encoding: Encoding,
    /// Whether `file.after` holds: before the first edit of the file nothing is copied there.
    changed: bool,
}

impl Planned {
    /// The exact bytes that it starts from; nothing where the file is made.
    pub(super) fn before_bytes(&self) -> Option<Cow<'_, [u8]>> {
        self.file.before.as_deref().map(|text| encoding::encode(text, self.encoding))
    }

    /// The exact bytes that it ends with; nothing where the file is removed.
    pub(super) fn after_bytes(&self) -> Option<Cow<'_, [u8]>> {
        self.file.after.as_deref().map(|text| encoding::encode(text, self.encoding))
    }

    /// The text that the next edit sees.
    fn current(&self) -> Option<&str> {
        if self.changed { self.file.after.as_deref() } else { self.file.before.as_deref() }
    }
}

/// Works out every edit in order; later edits see what earlier ones did. All or an error.
pub(super) fn plan(root: &Root, edits: &[Edit]) -> Result<Vec<Planned>> {
    if edits.is_empty() {
        return Err(Error::edit("", "there is no edit"));
    }
    let mut files: Vec<Planned> = Vec::new();
    for (at, edit) in edits.iter().enumerate() {
        add(root, &mut files, edit).map_err(as_refusal).map_err(|error| match error {
            Error::Edit { path, line, message, hint } if edits.len() > 1 => {
                Error::Edit { path, line, message: format!("edit {} of {}: {message}", at + 1, edits.len()), hint }
            }
            other => other,
        })?;
    }
    if let Some(same) = files.iter().find(|planned| planned.file.before == planned.file.after) {
        return Err(Error::edit(&same.file.path, format!("{}: the edits change nothing", same.file.path)));
    }
    Ok(files)
}

/// Opens files and lets `change` give them new texts. All or an error.
pub(super) fn plan_rewrite<T>(
    root: &Root,
    paths: &[String],
    change: impl FnOnce(&mut [FileEdit]) -> Result<T>,
) -> Result<(Vec<Planned>, T)> {
    let mut planned: Vec<Planned> = Vec::new();
    for path in paths {
        refuse_unwritable(path, path)?;
        if open(root, &mut planned, path)?.is_none() {
            return Err(Error::edit(path, format!("{path} does not exist any more; refresh the index")));
        }
    }
    let mut files: Vec<FileEdit> = planned.iter_mut().map(|planned| std::mem::take(&mut planned.file)).collect();
    let answer = change(&mut files)?;
    for (planned, file) in planned.iter_mut().zip(files) {
        planned.file = file;
    }
    Ok((planned, answer))
}

/// What only the author of the edit can mend is a refusal of the edit, not a fault of the system.
fn as_refusal(error: Error) -> Error {
    match error {
        Error::Folder { path } => Error::edit(&path, format!("{path} is a folder; name a file in it")),
        Error::Io { path, source } if source.raw_os_error() == Some(Errno::NAMETOOLONG.raw_os_error()) => {
            Error::edit(&path, "the file's name is too long")
        }
        other => other,
    }
}

fn add(root: &Root, files: &mut Vec<Planned>, edit: &Edit) -> Result<()> {
    let asked = root.relative(&edit.path)?;
    refuse_unwritable(&edit.path, &asked)?;
    let at = match open(root, files, &asked)? {
        Some(at) => at,
        None => start_missing(root, files, edit, asked)?,
    };
    let planned = &mut files[at];
    let path = &planned.file.path;
    let (after, how) = changed(path, planned.file.before.as_deref(), planned.current(), &edit.change)?;
    if after.is_some() && after.as_deref() == planned.current() {
        return Err(Error::edit(path, format!("{path}: the edit changes nothing")));
    }
    (planned.file.after, planned.changed) = (after, true);
    if !planned.file.how.is_empty() {
        planned.file.how.push_str("; ");
    }
    planned.file.how.push_str(&how);
    Ok(())
}

fn refuse_unwritable(given: &str, path: &str) -> Result<()> {
    if path == "." {
        return Err(Error::Folder { path: given.to_owned() });
    }
    if path.split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(Error::escape(given, "git's own data is not edited"));
    }
    Ok(())
}

/// Position of a file in the plan, read from disk at its first edit; nothing if it does not exist.
fn open(root: &Root, files: &mut Vec<Planned>, path: &str) -> Result<Option<usize>> {
    if let Some(at) = files.iter().position(|planned| planned.file.path == path) {
        return Ok(Some(at));
    }
    match root.open_at(path, LOOK, Links::Refuse) {
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let bytes = root.read(path, MAX_EDITED_BYTES + 1)?;
    if bytes.len() as u64 > MAX_EDITED_BYTES {
        return Err(
            Error::edit(path, format!("{path}: the file is larger than 16 MB")).with_hint("change it with a command")
        );
    }
    let (text, encoding) = encoding::decode(bytes)
        .map_err(|refusal| Error::edit(path, format!("{path}: {}", refusal.why)).with_hint(refusal.hint))?;
    let file = FileEdit { path: path.to_owned(), before: Some(text), after: None, how: String::new() };
    files.push(Planned { file, encoding, changed: false });
    Ok(Some(files.len() - 1))
}

/// A file that is not there: created, or the one file of that name elsewhere is meant.
fn start_missing(root: &Root, files: &mut Vec<Planned>, edit: &Edit, path: String) -> Result<usize> {
    match &edit.change {
        Change::Replace { search, replace } if !search.trim().is_empty() => {
            namesake(root, files, &path, &Wanted { search, replace, whole_lines: false, near: None })
        }
        Change::Hunk { search, replace, line } if !search.is_empty() => {
            namesake(root, files, &path, &Wanted { search, replace, whole_lines: true, near: *line })
        }
        Change::Delete => Err(Error::edit(&path, format!("{path} does not exist, so it cannot be removed"))),
        _ => {
            refuse_file_as_folder(root, &path)?;
            let file = FileEdit { path, before: None, after: None, how: String::new() };
            files.push(Planned { file, encoding: Encoding::Utf8, changed: false });
            Ok(files.len() - 1)
        }
    }
}

/// The one file elsewhere that has the name of a missing one and holds the SEARCH text.
fn namesake(root: &Root, files: &mut Vec<Planned>, missing: &str, wanted: &Wanted<'_>) -> Result<usize> {
    let known: Vec<String> = listing::paths(root);
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let namesakes: Vec<&String> = known.iter().filter(|path| name(path) == name(missing)).collect();
    if let [only] = namesakes.as_slice() {
        let planned_before = files.len();
        if let Some(at) = open(root, files, only)? {
            let planned = &mut files[at];
            if locate(planned.current().unwrap_or_default(), wanted).is_ok() {
                let separator = if planned.file.how.is_empty() { "" } else { "; " };
                let _ = write!(planned.file.how, "{separator}path corrected from {missing}");
                return Ok(at);
            }
        }
        files.truncate(planned_before);
    }
    let nearest = closest_paths(missing, known.iter().map(String::as_str), 3);
    let closest = if nearest.is_empty() { String::new() } else { format!("closest: {}. ", nearest.join(", ")) };
    let hint = format!("{closest}To create it, leave SEARCH empty or give its whole content");
    Err(Error::edit(missing, format!("{missing} does not exist")).with_hint(hint))
}

/// A new file's folders are folders, or do not exist yet.
fn refuse_file_as_folder(root: &Root, path: &str) -> Result<()> {
    let mut folder = parent(path);
    while folder != "." {
        match root.open_at(folder, LOOK | OFlags::DIRECTORY, Links::Refuse) {
            Ok(_) => return Ok(()),
            Err(Error::NotFound { .. }) => {
                if root.open_at(folder, LOOK, Links::Refuse).is_ok() {
                    return Err(Error::edit(path, format!("{path}: {folder} is a file, not a folder")));
                }
            }
            Err(error) => return Err(error),
        }
        folder = parent(folder);
    }
    Ok(())
}
