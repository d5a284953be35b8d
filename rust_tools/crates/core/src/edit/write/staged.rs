//! One file that is ready to be put into place by one rename, through its opened folder.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{
    AtFlags, Gid, Mode, OFlags, RenameFlags, Stat, Uid, fchmod, fchown, fstat, mkdirat, openat, renameat,
    renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::Step;
use crate::edit::plan::Planned;
use crate::error::{Error, Result};
use crate::root::{LOOK, Links, Root, parent};

/// A planned file with its opened folder, in which a temporary file holds first the new and then the old content.
pub(super) struct Staged<'a> {
    planned: &'a Planned,
    folder: OwnedFd,
    name: &'a str,
    temporary: &'a str,
    /// Whether the temporary name is ours: what else lies there is not touched.
    ours: bool,
    /// Whether the old file lies under the temporary name.
    holds_old: bool,
}

impl<'a> Staged<'a> {
    pub(super) fn open(root: &Root, planned: &'a Planned, temporary: &'a str) -> Result<Self> {
        let path = planned.file.path.as_str();
        let folder = open_folder(root, parent(path))?;
        Ok(Self { planned, folder, name: file_name(path), temporary, ours: false, holds_old: false })
    }

    pub(super) fn path(&self) -> &str {
        &self.planned.file.path
    }

    pub(super) fn step(&self) -> Step {
        let path = self.path().to_owned();
        if self.planned.file.after.is_some() { Step::Replace(path) } else { Step::Remove(path) }
    }

    /// Writes the new content under the temporary name, with the owner and the mode of the file.
    pub(super) fn prepare(&mut self) -> Result<()> {
        let Some(content) = self.planned.after_bytes() else { return Ok(()) };
        let like = statat(&self.folder, self.name, AtFlags::SYMLINK_NOFOLLOW).ok();
        let made = create(&self.folder, self.temporary).map_err(|error| Error::io(self.path(), error))?;
        self.ours = true;
        fill(made, &content, like.as_ref()).map_err(|error| Error::io(self.path(), error))
    }

    /// The file on disk is still what the plan started from.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        if self.is_before(self.content_of(self.name)?.as_deref()) { Ok(()) } else { Err(self.conflict()) }
    }

    /// Puts the new content into place, and the old one under the temporary name.
    pub(super) fn exchange(&mut self) -> Result<()> {
        let (from, to, flags) = match (&self.planned.file.before, &self.planned.file.after) {
            (None, _) => (self.temporary, self.name, RenameFlags::NOREPLACE),
            (Some(_), Some(_)) => (self.temporary, self.name, RenameFlags::EXCHANGE),
            (Some(_), None) => (self.name, self.temporary, RenameFlags::NOREPLACE),
        };
        match renameat_with(&self.folder, from, &self.folder, to, flags) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(self.conflict()),
            // A file system that cannot: the plain rename, and the old content is kept in memory only.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                return renameat(&self.folder, from, &self.folder, to).map_err(|error| self.failed(error.into()));
            }
            Err(error) => return Err(self.failed(error.into())),
        }
        if self.planned.file.before.is_none() {
            return Ok(());
        }
        self.ours = true;
        self.holds_old = true;
        // Somebody may have written between the check and the exchange: that is not overwritten either.
        if self.content_of(self.temporary).is_ok_and(|content| self.is_before(content.as_deref())) {
            return Ok(());
        }
        self.put_back()?;
        Err(self.conflict())
    }

    /// Undoes the exchange. What somebody wrote over the new content stays, and is said.
    pub(super) fn put_back(&mut self) -> Result<()> {
        let Some(bytes) = self.planned.before_bytes() else {
            return unlinkat(&self.folder, self.name, AtFlags::empty()).map_err(|error| self.failed(error.into()));
        };
        if !self.holds_old {
            return replace(&self.folder, self.name, &bytes).map_err(|error| self.failed(error));
        }
        if self.planned.file.after.is_none() {
            self.rename(self.temporary, self.name, RenameFlags::NOREPLACE)?;
            self.holds_old = false;
            return Ok(());
        }
        self.rename(self.temporary, self.name, RenameFlags::EXCHANGE)?;
        if self
            .content_of(self.temporary)
            .is_ok_and(|content| content.as_deref() == self.planned.after_bytes().as_deref())
        {
            self.holds_old = false;
            return Ok(());
        }
        self.rename(self.temporary, self.name, RenameFlags::EXCHANGE)?;
        Err(self.conflict())
    }

    fn rename(&self, from: &str, to: &str, flags: RenameFlags) -> Result<()> {
        renameat_with(&self.folder, from, &self.folder, to, flags).map_err(|error| self.failed(error.into()))
    }

    /// Removes what lies under the temporary name.
    pub(super) fn clean(&self) {
        if self.ours {
            // Gone already if it was renamed.
            let _ = unlinkat(&self.folder, self.temporary, AtFlags::empty());
        }
    }

    /// Makes the renames durable; a file system that cannot is no reason to fail.
    pub(super) fn sync_folder(&self) {
        let _ = rustix::fs::fsync(&self.folder);
    }

    fn is_before(&self, content: Option<&[u8]>) -> bool {
        content == self.planned.before_bytes().as_deref()
    }

    fn content_of(&self, name: &str) -> Result<Option<Vec<u8>>> {
        content(&self.folder, name).map_err(|error| self.failed(error))
    }

    fn conflict(&self) -> Error {
        let message = format!("{}: somebody changed the file meanwhile", self.path());
        Error::conflict(self.path(), message, "read it again")
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(self.path(), error)
    }
}

/// The name of a file without its folders.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Opens a folder below the root; no link leads to it.
pub(super) fn open_folder(root: &Root, path: &str) -> Result<OwnedFd> {
    root.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY, Links::Refuse)
}

/// What a name in a folder holds; nothing if there is no such file. A link is not followed.
pub(super) fn content(folder: &OwnedFd, name: &str) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut file = match openat(folder, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        opened => File::from(opened?),
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Puts a content into place at once, with the owner and mode of the file that is there.
pub(super) fn replace(folder: &OwnedFd, name: &str, content: &[u8]) -> io::Result<()> {
    let temporary = temporary_name();
    let like = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok();
    let written = create(folder, &temporary)
        .and_then(|file| fill(file, content, like.as_ref()))
        .and_then(|()| renameat(folder, temporary.as_str(), folder, name).map_err(io::Error::from));
    if written.is_err() {
        let _ = unlinkat(folder, temporary.as_str(), AtFlags::empty()); // may not even have been made
    }
    written
}

/// A name that no other process and no earlier one uses.
pub(super) fn temporary_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!(".edit-{:x}-{now:x}-{:x}.tmp", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn create(folder: &OwnedFd, name: &str) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(folder, name, flags, Mode::from_raw_mode(0o666))?.into())
}

fn fill(mut file: File, content: &[u8], like: Option<&Stat>) -> io::Result<()> {
    if let Some(like) = like {
        let own = fstat(&file)?;
        if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid) {
            // Only root may give files away; another user's edit makes the file his own, as editors do.
            let _ = fchown(&file, Some(Uid::from_raw(like.st_uid)), Some(Gid::from_raw(like.st_gid)));
        }
        fchmod(file.as_fd(), Mode::from_raw_mode(like.st_mode))?;
    }
    file.write_all(content)?;
    file.sync_all()
}

/// The folders that the patch needs and that do not exist yet, outer ones first.
pub(super) fn missing_folders(root: &Root, planned: &[Planned]) -> Result<Vec<String>> {
    let mut missing: Vec<String> = Vec::new();
    for planned in planned {
        let mut inner = Vec::new();
        let mut folder = parent(&planned.file.path);
        while folder != "." && !missing.iter().any(|known| known == folder) {
            match root.open_at(folder, LOOK | OFlags::DIRECTORY, Links::Refuse) {
                Ok(_) => break,
                Err(Error::NotFound { .. }) => inner.push(folder.to_owned()),
                Err(error) => return Err(error),
            }
            folder = parent(folder);
        }
        missing.extend(inner.into_iter().rev());
    }
    Ok(missing)
}

pub(super) fn make_folder(root: &Root, path: &str) -> Result<()> {
    let above = open_folder(root, parent(path))?;
    mkdirat(&above, file_name(path), Mode::from_raw_mode(0o777)).map_err(|error| Error::io(path, error))
}
