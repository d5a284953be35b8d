//! Writing a planned patch: every file is prepared beside its target, then all are exchanged with their targets.
//!
//! Until the first exchange nothing of the project has changed; after the last one everything has. In between a
//! failure puts back what was exchanged, and a journal lets [`recover`](recover::recover) do the same for a process
//! that was killed.

mod journal;
mod recover;
mod staged;

use std::io;
use std::path::Path;

use rustix::fs::{AtFlags, unlinkat};

pub use recover::{Recovery, recover, recover_watched};

use crate::edit::plan::Planned;
use crate::error::{Error, Result};
use crate::root::Root;
use journal::{Journal, Phase};
use staged::{Staged, make_folder, missing_folders};

/// What is about to happen to the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The contents before and after are kept in the journal.
    Keep,
    /// The journal gets to know what will be done.
    Announce,
    /// A folder for new files is made.
    Folder(String),
    /// The new content of a file is written beside it.
    Prepare(String),
    /// The journal says that all is prepared: from here on the patch is completed, even after a crash.
    Commit,
    /// A file gets its new content, or is made.
    Replace(String),
    /// A file is removed.
    Remove(String),
    /// The journal says that all files are written.
    Conclude,
    /// What was exchanged is put back.
    PutBack(String),
    /// The old content, which lies beside the file now, is removed.
    Clean(String),
    /// The journal is emptied.
    Forget,
}

/// Called before each step; an error stands for a failure of the step itself.
pub type Watch<'a> = &'a mut dyn FnMut(&Step) -> io::Result<()>;

/// Writes all files of the plan. On failure everything is as it was.
pub(super) fn write(root: &Root, planned: &[Planned], journal: Option<&Path>, watch: Watch<'_>) -> Result<()> {
    let mut journal = journal.map(|folder| Journal::begin(root, folder)).transpose()?;
    let folders = missing_folders(root, planned)?;
    let names: Vec<String> = planned.iter().map(|_| staged::temporary_name()).collect();
    let mut patch = Patch { root, planned, names: &names, folders, made: 0, staged: Vec::new(), exchanged: 0 };
    let done = patch.carry_out(journal.as_mut(), watch);
    if let Err(error) = done {
        return Err(patch.undo(error, journal, watch));
    }
    patch.clean(watch);
    // The patch is written: a journal that cannot be emptied now is emptied by the next recovery.
    journal.map_or(Ok(()), |mut journal| journal.forget(watch).or(Ok(())))
}

struct Patch<'a> {
    root: &'a Root,
    planned: &'a [Planned],
    /// The name of each file's temporary file, in the file's own folder.
    names: &'a [String],
    /// Folders that do not exist yet, outer ones first.
    folders: Vec<String>,
    made: usize,
    staged: Vec<Staged<'a>>,
    exchanged: usize,
}

impl<'a> Patch<'a> {
    fn carry_out(&mut self, mut journal: Option<&mut Journal>, watch: Watch<'_>) -> Result<()> {
        if let Some(journal) = journal.as_deref_mut() {
            journal.announce(self.planned, self.names, &self.folders, watch)?;
        }
        for folder in &self.folders {
            step(watch, &Step::Folder(folder.clone()), folder)?;
            make_folder(self.root, folder)?;
            self.made += 1;
        }
        let (files, names): (&'a [Planned], &'a [String]) = (self.planned, self.names);
        for (planned, name) in files.iter().zip(names) {
            step(watch, &Step::Prepare(planned.file.path.clone()), &planned.file.path)?;
            let mut staged = Staged::open(self.root, planned, name)?;
            let prepared = staged.prepare();
            self.staged.push(staged);
            prepared?;
        }
        self.staged.iter().try_for_each(Staged::check_unchanged)?;
        if let Some(journal) = journal.as_deref_mut() {
            journal.enter(Phase::Ready, &Step::Commit, watch)?;
        }
        for staged in &mut self.staged {
            step(watch, &staged.step(), staged.path())?;
            staged.exchange()?;
            self.exchanged += 1;
        }
        journal.map_or(Ok(()), |journal| journal.enter(Phase::Written, &Step::Conclude, watch))
    }

    /// Puts everything back; gives the error to report.
    fn undo(&mut self, error: Error, journal: Option<Journal>, watch: Watch<'_>) -> Error {
        let mut lost = Vec::new();
        for staged in self.staged[..self.exchanged].iter_mut().rev() {
            let back =
                step(watch, &Step::PutBack(staged.path().to_owned()), staged.path()).and_then(|()| staged.put_back());
            if back.is_err() {
                lost.push(staged.path().to_owned());
            }
        }
        self.staged.iter().for_each(Staged::clean);
        for folder in self.folders[..self.made].iter().rev() {
            let _ = unlinkat(self.root.directory(), folder.as_str(), AtFlags::REMOVEDIR); // stays if it is in use
        }
        self.staged.iter().for_each(Staged::sync_folder);
        if lost.is_empty() {
            if let Some(mut journal) = journal {
                let _ = journal.forget(watch); // what is left of it is emptied by the next recovery
            }
            return error;
        }
        Error::conflict(
            &lost[0],
            format!("{error}; putting back failed too"),
            &format!("look at {}, or recover from the journal if there is one", lost.join(", ")),
        )
    }

    fn clean(&self, watch: Watch<'_>) {
        for staged in &self.staged {
            if watch(&Step::Clean(staged.path().to_owned())).is_ok() {
                staged.clean();
            }
        }
        self.staged.iter().for_each(Staged::sync_folder);
    }
}

fn step(watch: Watch<'_>, step: &Step, path: &str) -> Result<()> {
    watch(step).map_err(|error| Error::io(path, error))
}

#[cfg(test)]
mod tests;
