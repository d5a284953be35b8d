//! After a crash: the patch that was interrupted is completed, or undone if that is not possible.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, unlinkat};

use super::journal::{FileRecord, Journal, Phase};
use super::staged::{content, file_name, open_folder, replace};
use super::{Step, Watch, step};
use crate::error::{Error, Result};
use crate::root::{Root, parent};

/// What a recovery found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// No edit was interrupted.
    Nothing,
    /// The interrupted patch is written whole now.
    Completed,
    /// Everything is as it was before the interrupted patch.
    RolledBack,
}

/// Ends an interrupted patch: whole, or not at all. Files that somebody changed since are never overwritten.
pub fn recover(root: &Path, journal: &Path) -> Result<Recovery> {
    recover_watched(root, journal, &mut |_| Ok(()))
}

/// The same, with a function that is called before each step.
pub fn recover_watched(root: &Path, journal: &Path, watch: Watch<'_>) -> Result<Recovery> {
    let root = Root::open(root)?;
    let Some(mut journal) = Journal::reopen(&root, journal)? else { return Ok(Recovery::Nothing) };
    let Some((record, images)) = journal.interrupted()? else {
        journal.forget(watch)?;
        return Ok(Recovery::Nothing);
    };
    let image = |span: Option<(usize, usize)>| span.map(|(start, length)| &images[start..start + length]);
    let files = record.files.iter().filter_map(|file| Interrupted::open(&root, file, &image).transpose());
    let files: Vec<Interrupted<'_>> = files.collect::<Result<_>>()?;
    let complete = match record.phase {
        Phase::Announced | Phase::Undoing => false,
        Phase::Ready => files.len() == record.files.len() && can_be_completed(&files),
        Phase::Written => true,
    };
    match record.phase {
        Phase::Announced | Phase::Written => {}
        _ if complete => complete_all(&files, watch)?,
        _ => {
            journal.enter(Phase::Undoing, &Step::Announce, watch)?;
            undo(&files, watch)?;
        }
    }
    for file in &files {
        let _ = unlinkat(&file.folder, file.record.temporary.as_str(), AtFlags::empty()); // gone where it was used
        let _ = rustix::fs::fsync(&file.folder);
    }
    if !complete {
        for folder in record.folders.iter().rev() {
            let _ = unlinkat(root.directory(), folder.as_str(), AtFlags::REMOVEDIR); // stays if it is in use
        }
    }
    journal.forget(watch)?;
    Ok(if complete { Recovery::Completed } else { Recovery::RolledBack })
}

/// A file of the interrupted patch as it is now.
struct Interrupted<'a> {
    record: &'a FileRecord,
    folder: OwnedFd,
    before: Option<&'a [u8]>,
    after: Option<&'a [u8]>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    After,
    /// Somebody changed it after the patch had reached it.
    ChangedAfter,
    /// Somebody changed it before the patch reached it.
    ChangedBefore,
}

impl<'a> Interrupted<'a> {
    /// Nothing where its folder was not made yet.
    fn open(
        root: &Root,
        record: &'a FileRecord,
        image: &impl Fn(Option<(usize, usize)>) -> Option<&'a [u8]>,
    ) -> Result<Option<Self>> {
        let folder = match open_folder(root, parent(&record.path)) {
            Err(Error::NotFound { .. }) => return Ok(None),
            folder => folder?,
        };
        let read = |name: &str| content(&folder, name).map_err(|error| Error::io(&record.path, error));
        let (now, beside) = (read(file_name(&record.path))?, read(&record.temporary)?);
        let (before, after) = (image(record.before), image(record.after));
        let state = match now.as_deref() {
            now if now == before => State::Before,
            now if now == after => State::After,
            // An exchange leaves the old content beside the file.
            _ if beside.as_deref() == before && before.is_some() => State::ChangedAfter,
            // Prepared content that is no longer beside the file is in it, or was.
            _ if beside.is_none() && after.is_some() => State::ChangedAfter,
            _ => State::ChangedBefore,
        };
        Ok(Some(Self { record, folder, before, after, state }))
    }

    fn next_step(&self) -> Step {
        let path = self.record.path.clone();
        if self.after.is_some() { Step::Replace(path) } else { Step::Remove(path) }
    }

    /// Gives the file one of its two contents.
    fn turn_into(&self, content: Option<&[u8]>, what: &Step, watch: Watch<'_>) -> Result<()> {
        let path = &self.record.path;
        step(watch, what, path)?;
        let name = file_name(path);
        match content {
            Some(bytes) => replace(&self.folder, name, bytes),
            None => unlinkat(&self.folder, name, AtFlags::empty()).map_err(Into::into),
        }
        .map_err(|error| Error::io(path, error))
    }
}

fn can_be_completed(files: &[Interrupted<'_>]) -> bool {
    files.iter().all(|file| file.state != State::ChangedBefore)
}

fn complete_all(files: &[Interrupted<'_>], watch: Watch<'_>) -> Result<()> {
    let mut left = files.iter().filter(|file| file.state == State::Before);
    left.try_for_each(|file| file.turn_into(file.after, &file.next_step(), watch))
}

/// Puts back what the patch has written; what somebody wrote over it is left, and said.
fn undo(files: &[Interrupted<'_>], watch: Watch<'_>) -> Result<()> {
    if let Some(changed) = files.iter().find(|file| file.state == State::ChangedAfter) {
        let path = &changed.record.path;
        let message = format!("{path}: somebody changed the file after the interrupted edit had written it");
        return Err(Error::conflict(path, message, "decide what it shall hold, then remove the journal"));
    }
    for file in files.iter().rev().filter(|file| file.state == State::After) {
        file.turn_into(file.before, &Step::PutBack(file.record.path.clone()), watch)?;
    }
    Ok(())
}
