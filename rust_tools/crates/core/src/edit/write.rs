//! Writing a planned patch: every file is prepared beside its target, then all are renamed into place.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{AtFlags, Mode, OFlags, fchmod, mkdirat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

use crate::edit::plan::Planned;
use crate::error::{Error, Result};
use crate::root::{Links, Root, parent};

/// Writes all files of the plan. On failure what was already written is put back.
pub(super) fn write(root: &Root, planned: &[Planned]) -> Result<()> {
    write_with(root, planned, |_| {})
}

/// `before_rename` is called with the number of each file before it is put into place.
fn write_with(root: &Root, planned: &[Planned], mut before_rename: impl FnMut(usize)) -> Result<()> {
    let mut made = Vec::new();
    let staged: Result<Vec<Staged<'_>>> = planned.iter().map(|file| Staged::prepare(root, file, &mut made)).collect();
    let outcome = staged.and_then(|staged| {
        staged.iter().try_for_each(|file| file.check_unchanged(root))?;
        for (at, file) in staged.iter().enumerate() {
            before_rename(at);
            if let Err(error) = file.put_into_place() {
                return Err(put_back(root, &staged[..at], error));
            }
        }
        staged.iter().for_each(Staged::sync_folder);
        Ok(())
    });
    if outcome.is_err() {
        for folder in made.iter().rev() {
            let _ = unlinkat(root.directory(), folder.as_str(), AtFlags::REMOVEDIR); // stays if it is in use
        }
    }
    outcome
}

/// Undoes the renames that happened before `error`.
fn put_back(root: &Root, written: &[Staged<'_>], error: Error) -> Error {
    let lost: Vec<&str> = written.iter().rev().filter(|file| file.restore(root).is_err()).map(Staged::path).collect();
    if lost.is_empty() {
        return error;
    }
    Error::edit(lost[0], format!("{error}; putting back failed too, look at: {}", lost.join(", ")))
}

/// A file that is ready to be put into place by one rename.
struct Staged<'a> {
    planned: &'a Planned,
    folder: OwnedFd,
    name: &'a str,
    /// The prepared file beside the target; nothing where the target is removed.
    temporary: Option<Temporary>,
    permissions: Option<Mode>,
}

impl<'a> Staged<'a> {
    fn prepare(root: &Root, planned: &'a Planned, made: &mut Vec<String>) -> Result<Self> {
        let path = planned.file.path.as_str();
        let folder = open_folder(root, parent(path), made)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let permissions =
            statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).ok().map(|stat| Mode::from_raw_mode(stat.st_mode));
        let temporary = planned
            .after_bytes()
            .map(|content| Temporary::with(&folder, &content, permissions))
            .transpose()
            .map_err(|e| Error::io(path, e))?;
        Ok(Self { planned, folder, name, temporary, permissions })
    }

    fn path(&self) -> &str {
        &self.planned.file.path
    }

    /// The file on disk is still what the plan started from.
    fn check_unchanged(&self, root: &Root) -> Result<()> {
        let now = match root.read(self.path(), u64::MAX) {
            Ok(bytes) => Some(bytes),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        if now == self.planned.before_bytes {
            return Ok(());
        }
        let message = format!("{}: somebody changed the file meanwhile", self.path());
        Err(Error::conflict(self.path(), message, "read it again"))
    }

    fn put_into_place(&self) -> Result<()> {
        let done = match &self.temporary {
            Some(temporary) => temporary.rename_to(&self.folder, self.name),
            None => unlinkat(&self.folder, self.name, AtFlags::empty()).map_err(io::Error::from),
        };
        done.map_err(|error| Error::io(self.path(), error))
    }

    fn restore(&self, root: &Root) -> Result<()> {
        let fail = |error: io::Error| Error::io(self.path(), error);
        match &self.planned.before_bytes {
            None => unlinkat(&self.folder, self.name, AtFlags::empty()).map_err(|e| fail(e.into())),
            Some(bytes) => {
                let folder = root.open_at(parent(self.path()), OFlags::RDONLY | OFlags::DIRECTORY, Links::Refuse)?;
                let temporary = Temporary::with(&folder, bytes, self.permissions).map_err(fail)?;
                temporary.rename_to(&self.folder, self.name).map_err(fail)
            }
        }
    }

    /// Makes the rename durable; a file system that cannot is no reason to fail.
    fn sync_folder(&self) {
        let _ = rustix::fs::fsync(&self.folder);
    }
}

/// Opens a folder below the root, making what is missing; what was made is noted.
fn open_folder(root: &Root, path: &str, made: &mut Vec<String>) -> Result<OwnedFd> {
    match root.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY, Links::Refuse) {
        Err(Error::NotFound { .. }) if path != "." => {
            let above = open_folder(root, parent(path), made)?;
            let name = path.rsplit('/').next().unwrap_or(path);
            mkdirat(&above, name, Mode::from_raw_mode(0o777)).map_err(|e| Error::io(path, e))?;
            made.push(path.to_owned());
            root.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY, Links::Refuse)
        }
        answer => answer,
    }
}

/// A file of our own that disappears unless it is renamed.
struct Temporary {
    folder: OwnedFd,
    name: String,
}

impl Temporary {
    fn with(folder: &OwnedFd, content: &[u8], mode: Option<Mode>) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = folder.try_clone()?;
        let (file, name) = loop {
            let name = format!(".edit-{}-{}.tmp", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match openat(&folder, name.as_str(), flags, Mode::from_raw_mode(0o666)) {
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
                Ok(file) => break (file, name),
            }
        };
        let temporary = Self { folder, name };
        if let Some(mode) = mode {
            fchmod(file.as_fd(), mode)?;
        }
        let mut file = File::from(file);
        file.write_all(content)?;
        file.sync_all()?;
        Ok(temporary)
    }

    fn rename_to(&self, folder: &OwnedFd, name: &str) -> io::Result<()> {
        renameat(&self.folder, self.name.as_str(), folder, name).map_err(io::Error::from)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already if it was renamed.
        let _ = unlinkat(&self.folder, self.name.as_str(), AtFlags::empty());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::edit::plan::plan;
    use crate::edit::{Change, Edit};

    fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for entry in ignore::WalkBuilder::new(folder).hidden(false).build().flatten() {
            let name = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            let content =
                if entry.path().is_dir() { b"folder".to_vec() } else { fs::read(entry.path()).expect("bytes") };
            files.insert(name, content);
        }
        files
    }

    fn whole(path: &str, content: &str) -> Edit {
        Edit { path: path.to_owned(), change: Change::Whole { content: content.to_owned() } }
    }

    #[test]
    fn a_failure_in_the_middle_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("a"), "old a\n").expect("a file");
        fs::write(folder.path().join("b"), "old b\n").expect("a file");
        let before = tree(folder.path());
        let root = Root::open(folder.path()).expect("the root");
        let delete = Edit { path: "b".to_owned(), change: Change::Delete };
        let edits = [whole("a", "new a\n"), delete, whole("deep/new/c", "c\n"), whole("d", "d\n")];
        let planned = plan(&root, &edits).expect("a plan");
        for failing in 0..edits.len() {
            let outcome = write_with(&root, &planned, |at| {
                if at == failing {
                    // Takes away what is to be renamed or removed, so that this step fails.
                    for entry in tree(folder.path()).keys().filter(|name| name.contains(".edit-")) {
                        let _ = fs::remove_file(folder.path().join(entry));
                    }
                    if failing == 1 {
                        fs::remove_file(folder.path().join("b")).expect("removed");
                    }
                }
            });
            assert!(outcome.is_err());
            if failing == 1 {
                fs::write(folder.path().join("b"), "old b\n").expect("a file");
            }
            assert_eq!(tree(folder.path()), before, "step {failing}");
        }
    }

    #[test]
    fn a_file_that_changed_since_the_plan_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("a"), "old\n").expect("a file");
        let root = Root::open(folder.path()).expect("the root");
        let planned = plan(&root, &[whole("a", "new\n"), whole("b", "b\n")]).expect("a plan");
        fs::write(folder.path().join("a"), "theirs\n").expect("a file");
        assert!(matches!(write(&root, &planned), Err(Error::Conflict { .. })));
        assert_eq!(tree(folder.path()).keys().collect::<Vec<_>>(), ["", "a"]);
    }

    fn an_edit() -> impl Strategy<Value = Edit> {
        let path = prop::sample::select(vec!["a", "b", "dir/c", "dir/new", "a/below", "../out"]);
        let line = prop::sample::select(vec!["one\n", "two\n", "three\n", ""]);
        (path, line.clone(), line, 0..4).prop_map(|(path, search, replace, kind)| Edit {
            path: path.to_owned(),
            change: match kind {
                0 => Change::Delete,
                1 => Change::Whole { content: replace.to_owned() },
                _ => Change::Replace { search: search.to_owned(), replace: replace.to_owned() },
            },
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn a_patch_is_applied_as_planned_or_not_at_all(edits in prop::collection::vec(an_edit(), 1..5)) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::create_dir(folder.path().join("dir")).expect("a folder");
            for (name, text) in [("a", "one\ntwo\n"), ("b", "two\r\none\r\n"), ("dir/c", "one\none\n")] {
                fs::write(folder.path().join(name), text).expect("a file");
            }
            let mut expected = tree(folder.path());
            let outcome = crate::edit::apply(folder.path(), &edits);
            for file in outcome.iter().flatten() {
                match &file.after {
                    Some(text) => drop(expected.insert(file.path.clone(), text.clone().into_bytes())),
                    None => drop(expected.remove(&file.path)),
                }
            }
            prop_assert_eq!(tree(folder.path()), expected);
        }
    }
}
