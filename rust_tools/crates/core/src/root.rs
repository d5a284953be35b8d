//! Confinement: every file is reached through the opened root, and no path or link leads out of it.

mod beneath;

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

use crate::error::{Error, Result};
pub(crate) use beneath::{LOOK, Links};

/// A folder that was opened once and that no later path can leave.
#[derive(Debug)]
pub struct Root {
    directory: OwnedFd,
    path: PathBuf,
    given: PathBuf,
}

impl Root {
    /// Opens a folder as the root of all later paths.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.to_string_lossy();
        let real = path.canonicalize().map_err(|e| Error::io(&name, e))?;
        let directory = open(&real, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|e| Error::io(&name, e))?;
        Ok(Self { directory, path: real, given: path.to_owned() })
    }

    /// The real path of the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The opened root folder.
    pub(crate) fn directory(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }

    /// A path as people and models write it (`./a`, `a/`, `a//b`, absolute inside the root) in its one
    /// form: relative, POSIX, no dots; `"."` for the root itself. Nothing on disk is looked at.
    pub fn relative(&self, path: &str) -> Result<String> {
        if path.contains('\0') {
            return Err(Error::escape(path, "it holds a NUL byte"));
        }
        let asked = Path::new(path.trim());
        let inside = if asked.is_absolute() {
            asked
                .strip_prefix(&self.path)
                .or_else(|_| asked.strip_prefix(&self.given))
                .map_err(|_| Error::escape(path, "it lies outside the project; use a path relative to its root"))?
        } else {
            asked
        };
        let mut parts: Vec<&str> = Vec::new();
        for component in inside.components() {
            match component {
                Component::Normal(part) => parts.extend(part.to_str()),
                Component::ParentDir if parts.pop().is_none() => {
                    return Err(Error::escape(path, "it leads above the project's root"));
                }
                _ => {}
            }
        }
        Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
    }

    /// Like [`Root::relative`], and what exists of the path, links followed, stays inside the root.
    pub fn resolve(&self, path: &str) -> Result<String> {
        let relative = self.relative(path)?;
        let mut existing = relative.as_str();
        loop {
            match self.open_at(existing, LOOK, Links::Follow) {
                Err(Error::NotFound { .. }) => existing = parent(existing),
                Err(error) => return Err(error),
                Ok(_) => return Ok(relative),
            }
        }
    }

    /// Reads a regular file whole, at most `limit` bytes of it.
    pub(crate) fn read(&self, relative: &str, limit: u64) -> Result<Vec<u8>> {
        let file = self.open_file(relative)?;
        let size = file.metadata().map_err(|e| Error::io(relative, e))?.len();
        let mut bytes = Vec::with_capacity(size.min(limit) as usize + 1);
        file.take(limit).read_to_end(&mut bytes).map_err(|e| Error::io(relative, e))?;
        Ok(bytes)
    }

    /// Opens a regular file for reading; a folder, pipe, socket or device is refused.
    pub(crate) fn open_file(&self, relative: &str) -> Result<File> {
        // Without NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        let file = File::from(self.open_at(relative, OFlags::RDONLY | OFlags::NONBLOCK, Links::Follow)?);
        let kind = file.metadata().map_err(|e| Error::io(relative, e))?.file_type();
        if kind.is_dir() {
            return Err(Error::Folder { path: relative.to_owned() });
        }
        if !kind.is_file() {
            return Err(Error::io(relative, io::Error::other("it is no regular file")));
        }
        Ok(file)
    }

    /// Opens whatever `relative` names, never outside the root.
    pub(crate) fn open_at(&self, relative: &str, flags: OFlags, links: Links) -> Result<OwnedFd> {
        beneath::open_beneath(self.directory(), relative, flags, links).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR => Error::not_found(relative),
            Errno::XDEV => Error::escape(relative, "a symbolic link on the way leads out of the project"),
            Errno::LOOP if links == Links::Refuse => {
                Error::escape(relative, "it is or goes through a symbolic link; name the real file")
            }
            Errno::LOOP => Error::escape(relative, "its symbolic links form a loop"),
            other => Error::io(relative, other),
        })
    }
}

/// The folder part of a relative path; `"."` at the top.
pub(crate) fn parent(relative: &str) -> &str {
    relative.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn project() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let inside = folder.path().join("project");
        fs::create_dir_all(inside.join("src")).expect("folders");
        fs::write(inside.join("src/a.txt"), "in\n").expect("a file");
        fs::write(folder.path().join("secret.txt"), "out\n").expect("a file");
        symlink("../secret.txt", inside.join("leak")).expect("a link");
        symlink("/etc/hostname", inside.join("absolute")).expect("a link");
        symlink("src", inside.join("alias")).expect("a link");
        symlink("loop", inside.join("loop")).expect("a link");
        let root = Root::open(&inside).expect("the root");
        (folder, root)
    }

    #[test]
    fn sloppy_spellings_have_one_form() {
        let (_folder, root) = project();
        let absolute = root.path().join("src/a.txt");
        for spelling in
            ["src/a.txt", "./src/a.txt", "src//a.txt/", "src/../src/a.txt", absolute.to_str().expect("text")]
        {
            assert_eq!(root.relative(spelling).expect(spelling), "src/a.txt");
        }
        assert_eq!(root.relative("./").expect("the root"), ".");
    }

    #[test]
    fn paths_and_links_that_leave_the_root_are_refused() {
        let (_folder, root) = project();
        for path in ["../secret.txt", "/etc/hostname", "src/../../secret.txt", "a\0b", "leak", "absolute", "loop"] {
            assert!(matches!(root.resolve(path), Err(Error::Escape { .. })), "{path:?}");
        }
        assert_eq!(root.resolve("alias/a.txt").expect("a link inside"), "alias/a.txt");
        assert_eq!(root.resolve("src/new/deep.txt").expect("a file to come"), "src/new/deep.txt");
    }

    #[test]
    fn folders_and_pipes_are_no_files() {
        let (folder, root) = project();
        let pipe = folder.path().join("project/pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
        assert!(matches!(root.open_file("src"), Err(Error::Folder { .. })));
        assert!(matches!(root.open_file("pipe"), Err(Error::Io { .. })));
    }
}
