//! The set of files that matter: tracked ∪ (untracked and not ignored), and what was left out of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};
use rustix::fs::{AtFlags, FileType, statat};

use crate::git_index::{self, Location};
use crate::root::Root;

/// Why something was left out, and how often; the key reads well after the number ("3 binary").
pub type Skipped = BTreeMap<&'static str, u32>;

/// Folders that hold what tools made, not what people wrote. Only untracked ones are left out.
const MADE_BY_TOOLS: [&str; 16] = [
    ".git",
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

const NESTED_REPOSITORY: &str = "nested repository";
const TOOL_FOLDER: &str = "tool-made folder";
const LINK: &str = "symbolic link";
const STRANGE_NAME: &str = "file name that is not UTF-8";
const SPECIAL: &str = "special file";
const UNREADABLE_FOLDER: &str = "unreadable folder";

/// What identifies the state of a file on disk: where it is equal, the content is taken to be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    modified_ns: i128,
    changed_ns: i128,
    inode: u64,
}

impl Stamp {
    /// Whether the file changed so shortly before `moment_ns` that a later change could bear the same times.
    pub(crate) fn is_racy_at(&self, moment_ns: i128) -> bool {
        const CLOCK_STEP_NS: i128 = 20_000_000;
        self.modified_ns.max(self.changed_ns) + CLOCK_STEP_NS >= moment_ns
    }
}

/// The files below a root, and what was left out.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) files: BTreeMap<String, Stamp>,
    pub(crate) skipped: Skipped,
    /// What a reader of any result should know about the list.
    pub(crate) notes: Vec<String>,
}

/// Lists the files below `root`. `git_index` names an index file that lists its tracked files, for a
/// work tree that has no `.git` of its own.
pub(crate) fn list(root: &Root, git_index: Option<&Path>) -> Listing {
    let mut listing = Listing::default();
    let prefix = listing.add_tracked(root, git_index);
    for found in walk(root, prefix.as_deref()) {
        match found {
            Found::File(path) if listing.files.contains_key(&path) => {}
            Found::File(path) => listing.add(root, path),
            Found::Skipped(reason) => listing.skip(reason),
        }
    }
    listing
}

/// The state of one regular file; `Err` says why it is no file of the set (`None`: it does not exist).
pub(crate) fn stamp(root: &Root, path: &str) -> Result<Stamp, Option<&'static str>> {
    let stat = statat(root.directory(), path, AtFlags::SYMLINK_NOFOLLOW).map_err(|_| None)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Stamp {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified_ns: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
            changed_ns: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
            inode: stat.st_ino,
        }),
        FileType::Symlink => Err(Some(LINK)),
        FileType::Directory => Err(Some(NESTED_REPOSITORY)),
        _ => Err(Some(SPECIAL)),
    }
}

fn nanoseconds(seconds: impl Into<i128>, rest: impl Into<i128>) -> i128 {
    seconds.into() * 1_000_000_000 + rest.into()
}

impl Listing {
    fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn add(&mut self, root: &Root, path: String) {
        match stamp(root, &path) {
            Ok(stamp) => {
                self.files.insert(path, stamp);
            }
            Err(Some(reason)) => self.skip(reason),
            Err(None) => {}
        }
    }

    /// Adds the tracked files; gives the root's path below the top of its work tree if git knows the root.
    fn add_tracked(&mut self, root: &Root, git_index: Option<&Path>) -> Option<String> {
        let location = match git_index {
            Some(index) => Location { index: index.to_owned(), prefix: String::new(), id_bytes: 20 },
            None => git_index::locate(root.path())?,
        };
        let Some(tracked) = git_index::read(&location.index, location.id_bytes) else {
            self.notes.push(
                "git's index could not be read whole: tracked files that .gitignore names are not listed".to_owned(),
            );
            return Some(location.prefix);
        };
        let prefix = if location.prefix.is_empty() { String::new() } else { format!("{}/", location.prefix) };
        let mut known = prefix.is_empty();
        for file in &tracked {
            let Some(below) = file.path.strip_prefix(prefix.as_bytes()) else { continue };
            known = true;
            match std::str::from_utf8(below) {
                Ok(path) => self.add(root, path.to_owned()),
                Err(_) => self.skip(STRANGE_NAME),
            }
        }
        // A home folder under git does not make a project below it, which it does not track, its own.
        (known && git_index.is_none()).then_some(location.prefix)
    }
}

enum Found {
    File(String),
    Skipped(&'static str),
}

/// Every file that ignore rules leave. `prefix`: the root's place in its work tree, if it is in one.
fn walk(root: &Root, prefix: Option<&str>) -> Vec<Found> {
    let left_out = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&left_out);
    let walker = WalkBuilder::new(root.path())
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(prefix.is_some())
        .parents(prefix.is_some_and(|p| !p.is_empty()))
        .require_git(false)
        .filter_entry(move |entry| match why_left_out(entry) {
            Some(reason) => {
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(Found::Skipped(reason));
                false
            }
            None => entry.file_name() != ".git",
        })
        .build();
    let mut found: Vec<Found> = walker.filter_map(|entry| look_at(root, entry)).collect();
    found.append(&mut left_out.lock().unwrap_or_else(PoisonError::into_inner));
    found
}

fn look_at(root: &Root, entry: Result<DirEntry, ignore::Error>) -> Option<Found> {
    let Ok(entry) = entry else { return Some(Found::Skipped(UNREADABLE_FOLDER)) };
    if entry.file_type().is_none_or(|kind| kind.is_dir()) {
        return None;
    }
    let below = entry.path().strip_prefix(root.path()).ok()?;
    Some(below.to_str().map_or(Found::Skipped(STRANGE_NAME), |path| Found::File(path.to_owned())))
}

/// Why a folder is not walked; version control's own folders are not worth a word.
fn why_left_out(entry: &DirEntry) -> Option<&'static str> {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return None;
    }
    let (folder, name) = (entry.path(), entry.file_name());
    if name != ".git" && folder.join(".git").exists() {
        return Some(NESTED_REPOSITORY);
    }
    let beside = |file: &str| folder.parent().is_some_and(|parent| parent.join(file).exists());
    let made_by_tools = name != ".git"
        && (MADE_BY_TOOLS.iter().any(|known| name == *known)
            || folder.join("pyvenv.cfg").exists()
            || folder.join("CACHEDIR.TAG").exists()
            || (name == "target" && (beside("Cargo.toml") || beside("pom.xml"))));
    made_by_tools.then_some(TOOL_FOLDER)
}
