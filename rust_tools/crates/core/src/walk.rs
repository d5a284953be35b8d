//! One walk over the folders below a root: every folder is read once, by several threads.

use std::ffi::CString;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::Scope;
use rayon::prelude::*;
use rustix::fs::{AtFlags, Dir, DirEntry, FileType, Mode, OFlags, Stat, openat, statat};

use crate::error::{Error, Result};
use crate::ignore_rules::Rules;
use crate::listing::{self, IGNORED, Look, NESTED_REPOSITORY, STRANGE_NAME, State, TOOL_FOLDER, UNREADABLE_FOLDER};
use crate::root::{Links, Root};
use crate::workers;

/// Folders that hold what tools made, not what people wrote. Only untracked ones are left out.
const MADE_BY_TOOLS: [&str; 15] = [
    ".hg",
    ".svn",
    ".jj",
    "node_modules",
    "__pycache__",
    ".venv",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".gradle",
    ".next",
    ".terraform",
];

/// Everything below the root, sorted; of a folder that is left out, the folder. Of the `tracked` paths, which are sorted,
/// it gives those that it comes by, ignored or not.
pub(crate) fn walk(root: &Root, tracked: &[String], rules: &Rules, look: Look<'_>) -> Vec<(String, State)> {
    let walk = Walk { root, tracked, look, found: Mutex::default() };
    let top = Folder { path: String::new(), tracked: 0..tracked.len(), rules: rules.clone(), above: None };
    workers::run(|| {
        rayon::scope(|scope| walk.visit(scope, top));
        let mut found = walk.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found
    })
}

struct Walk<'a> {
    root: &'a Root,
    tracked: &'a [String],
    look: Look<'a>,
    found: Mutex<Vec<(String, State)>>,
}

/// A folder to be read.
struct Folder {
    /// Relative to the root; empty for the root itself.
    path: String,
    /// Which of the tracked paths lie below it.
    tracked: Range<usize>,
    rules: Rules,
    /// The opened folder above and the name in it: the shorter way to open this one.
    above: Option<(Arc<Dir>, CString)>,
}

impl Walk<'_> {
    fn visit<'s>(&'s self, scope: &Scope<'s>, folder: Folder) {
        let mut found = Vec::new();
        match self.read(&folder) {
            Err(_) => found.push((folder.path, Err(UNREADABLE_FOLDER))),
            Ok((directory, entries)) => match whole_folder(&folder, &entries) {
                Some(reason) => found.push((folder.path, Err(reason))),
                None => self.sort_out(scope, folder, directory, &entries, &mut found),
            },
        }
        self.found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut found);
    }

    fn read(&self, folder: &Folder) -> Result<(Dir, Vec<DirEntry>)> {
        let path = if folder.path.is_empty() { "." } else { &folder.path };
        let read = |opened| {
            let mut directory = Dir::new(opened)?;
            let mut entries = Vec::new();
            while let Some(entry) = directory.read() {
                entries.push(entry?);
            }
            rustix::io::Result::Ok((directory, entries))
        };
        read(self.open(folder, path)?).map_err(|errno| Error::io(path, errno))
    }

    fn open(&self, folder: &Folder, path: &str) -> Result<OwnedFd> {
        const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);
        if let Some((above, name)) = &folder.above
            && let Ok(above) = above.fd()
            && let Ok(opened) = openat(above, name, FLAGS | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        {
            return Ok(opened);
        }
        self.root.open_at(path, FLAGS, Links::Refuse)
    }

    /// Files and what else there is go into `found`, folders are visited by whichever thread is free.
    fn sort_out<'s>(
        &'s self,
        scope: &Scope<'s>,
        mut folder: Folder,
        directory: Dir,
        entries: &[DirEntry],
        found: &mut Vec<(String, State)>,
    ) {
        let is_rules = |entry: &DirEntry| entry.file_name() == c".gitignore";
        if entries.iter().any(|entry| is_rules(entry) && kind(&directory, entry) == FileType::RegularFile) {
            folder.rules = folder.rules.below(self.root, &folder.path);
        }
        let (folder, directory) = (&folder, Arc::new(directory));
        for entry in entries {
            let bytes = entry.file_name().to_bytes();
            if matches!(bytes, b"." | b".." | b".git") {
                continue;
            }
            let Ok(name) = std::str::from_utf8(bytes) else {
                found.push((folder.path_of(&String::from_utf8_lossy(bytes)), Err(STRANGE_NAME)));
                continue;
            };
            let path = folder.path_of(name);
            let kind = kind(&directory, entry);
            if let Some(reason) = self.left_out(folder, name, &path, kind, entries) {
                found.push((path, Err(reason)));
            } else if kind == FileType::Directory {
                let above = Some((Arc::clone(&directory), entry.file_name().to_owned()));
                let folder = Folder { above, ..self.below(path, folder) };
                scope.spawn(|scope| self.visit(scope, folder));
            } else {
                let seen = || (self.look)(directory.fd().ok()?, entry.file_name());
                found.extend(listing::state(kind, seen).map(|state| (path, state)));
            }
        }
    }

    /// Why something is not even looked at. What is tracked is, if the walk comes by it.
    fn left_out(
        &self,
        folder: &Folder,
        name: &str,
        path: &String,
        kind: FileType,
        beside: &[DirEntry],
    ) -> Option<&'static str> {
        let is_folder = kind == FileType::Directory;
        if is_folder && is_made_by_tools(name, beside) {
            return Some(TOOL_FOLDER);
        }
        let is_tracked = !is_folder && self.tracked[folder.tracked.clone()].binary_search(path).is_ok();
        (!is_tracked && folder.rules.ignore(path, is_folder)).then_some(IGNORED)
    }

    fn below(&self, path: String, above: &Folder) -> Folder {
        let (first, last) = (format!("{path}/"), format!("{path}0")); // `0` is what follows `/`
        let tracked = &self.tracked[above.tracked.clone()];
        let start = above.tracked.start + tracked.partition_point(|path| *path < first);
        let end = above.tracked.start + tracked.partition_point(|path| *path < last);
        Folder { path, tracked: start..end, rules: above.rules.clone(), above: None }
    }
}

impl Folder {
    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }
}

/// Why a folder is left out as a whole: what marks it lies in it.
fn whole_folder(folder: &Folder, entries: &[DirEntry]) -> Option<&'static str> {
    let holds = |name: &[u8]| entries.iter().any(|entry| entry.file_name().to_bytes() == name);
    if folder.path.is_empty() {
        None
    } else if holds(b".git") {
        Some(NESTED_REPOSITORY)
    } else {
        (holds(b"pyvenv.cfg") || holds(b"CACHEDIR.TAG")).then_some(TOOL_FOLDER)
    }
}

/// Whether a folder need not even be read.
fn is_made_by_tools(name: &str, beside: &[DirEntry]) -> bool {
    let build_file = |entry: &DirEntry| matches!(entry.file_name().to_bytes(), b"Cargo.toml" | b"pom.xml");
    MADE_BY_TOOLS.contains(&name) || (name == "target" && beside.iter().any(build_file))
}

/// Some file systems do not tell the kind of what a folder holds.
fn kind(directory: &Dir, entry: &DirEntry) -> FileType {
    match entry.file_type() {
        FileType::Unknown => {
            stat(directory, entry).map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode))
        }
        known => known,
    }
}

fn stat(directory: &Dir, entry: &DirEntry) -> Option<Stat> {
    statat(directory.fd().ok()?, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW).ok()
}
