//! The set of files that matter: tracked ∪ (untracked and not ignored), and what was left out of it.

use std::collections::BTreeMap;
use std::fs::{FileType, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::git_index::{self, Location};
use crate::root::Root;

/// Why something was left out, and how often; the key reads well after the number ("3 binary").
pub type Skipped = BTreeMap<&'static str, u32>;

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
    fn of(metadata: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            size: metadata.len(),
            modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    /// Whether the file changed so shortly before `moment_ns` that a later change could bear the same times.
    pub(crate) fn is_racy_at(&self, moment_ns: i128) -> bool {
        const CLOCK_STEP_NS: i128 = 20_000_000;
        self.modified_ns.max(self.changed_ns) + CLOCK_STEP_NS >= moment_ns
    }
}

/// The files below a root, and what was left out.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the order of their paths.
    pub(crate) files: Vec<(String, Stamp)>,
    pub(crate) skipped: Skipped,
    /// What a reader of any result should know about the list.
    pub(crate) notes: Vec<String>,
}

/// Lists the files below `root`. `git_index` names an index file that lists its tracked files, for a
/// work tree that has no `.git` of its own.
pub(crate) fn list(root: &Root, git_index: Option<&Path>) -> Listing {
    let mut listing = Listing::default();
    let tracked = Tracked::below(root, git_index, &mut listing);
    let mut seen = walk(root, tracked.prefix.as_deref());
    for path in tracked.paths {
        if !seen.contains_key(&path)
            && let Some(state) = look_at(root, &path)
        {
            seen.insert(path, state);
        }
    }
    for (path, state) in seen {
        match state {
            Ok(stamp) => listing.files.push((path, stamp)),
            Err(reason) => *listing.skipped.entry(reason).or_default() += 1,
        }
    }
    listing
}

/// The state of one file of the set; nothing if there is none at that path.
pub(crate) fn stamp(root: &Root, path: &str) -> Option<Stamp> {
    look_at(root, path)?.ok()
}

/// What is at a path: a file, or the reason why it is left out.
type State = Result<Stamp, &'static str>;

fn look_at(root: &Root, path: &str) -> Option<State> {
    let metadata = root.path().join(path).symlink_metadata().ok()?;
    Some(state(metadata.file_type(), || Some(metadata)).unwrap_or(Err(NESTED_REPOSITORY)))
}

/// Nothing for a folder.
fn state(kind: FileType, metadata: impl FnOnce() -> Option<Metadata>) -> Option<State> {
    if kind.is_dir() {
        None
    } else if kind.is_file() {
        metadata().map(|metadata| Ok(Stamp::of(&metadata)))
    } else {
        Some(Err(if kind.is_symlink() { LINK } else { SPECIAL }))
    }
}

/// What git knows of a root.
#[derive(Default)]
struct Tracked {
    paths: Vec<String>,
    /// The root's path below the top of its work tree; nothing if it is in none.
    prefix: Option<String>,
}

impl Tracked {
    fn below(root: &Root, git_index: Option<&Path>, listing: &mut Listing) -> Self {
        let own = || Location { index: git_index.map(Path::to_owned).unwrap_or_default(), ..Location::default() };
        let Some(location) = git_index.map_or_else(|| git_index::locate(root.path()), |_| Some(own())) else {
            return Self::default();
        };
        let Some(entries) = git_index::read(&location.index, location.id_bytes) else {
            listing.notes.push(
                "git's index could not be read whole: tracked files that .gitignore names are not listed".to_owned(),
            );
            return Self { paths: Vec::new(), prefix: git_index.is_none().then_some(location.prefix) };
        };
        let prefix = if location.prefix.is_empty() { String::new() } else { format!("{}/", location.prefix) };
        let below: Vec<&[u8]> = entries.iter().filter_map(|entry| entry.strip_prefix(prefix.as_bytes())).collect();
        // A home folder under git does not make a project below it, which it does not track, its own.
        let known = git_index.is_none() && (prefix.is_empty() || !below.is_empty());
        let paths: Vec<String> =
            below.iter().filter_map(|path| std::str::from_utf8(path).ok().map(str::to_owned)).collect();
        Self { paths, prefix: known.then_some(location.prefix) }
    }
}

/// What a walk has seen: by path, and folders that turned out to be left out as a whole.
#[derive(Default)]
struct Walked {
    seen: BTreeMap<String, State>,
    left_out: Vec<(String, &'static str)>,
}

/// Everything that ignore rules leave. `prefix`: the root's place in its work tree, if it is in one.
fn walk(root: &Root, prefix: Option<&str>) -> BTreeMap<String, State> {
    const THREADS: usize = 4;
    let walked = Arc::new(Mutex::new(Walked::default()));
    let (noted, top) = (Arc::clone(&walked), root.path().to_owned());
    let paths = WalkBuilder::new(root.path())
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(prefix.is_some())
        .parents(prefix.is_some_and(|p| !p.is_empty()))
        .require_git(false)
        .threads(std::thread::available_parallelism().map_or(1, usize::from).min(THREADS))
        .filter_entry(move |entry| {
            let Some((folder, reason)) = left_out_folder(entry) else { return true };
            let below = folder.strip_prefix(&top).ok().and_then(Path::to_str).unwrap_or_default();
            if !below.is_empty() {
                lock(&noted).left_out.push((below.to_owned(), reason));
            }
            false
        })
        .build_parallel();
    paths.run(|| {
        let mut batch = Batch { found: Vec::new(), walked: &walked };
        Box::new(move |entry| {
            batch.found.extend(found(root, entry));
            WalkState::Continue
        })
    });
    let Walked { mut seen, left_out } = std::mem::take(&mut *lock(&walked));
    for (folder, reason) in left_out {
        let below = format!("{folder}/");
        let inside: Vec<String> =
            seen.range(below.clone()..).map(|(path, _)| path).take_while(|p| p.starts_with(&below)).cloned().collect();
        seen.retain(|path, _| inside.binary_search(path).is_err());
        seen.insert(folder, Err(reason));
    }
    seen
}

/// What one thread of the walk has found; handed over when the thread ends.
struct Batch<'a> {
    found: Vec<(String, State)>,
    walked: &'a Mutex<Walked>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        lock(self.walked).seen.extend(std::mem::take(&mut self.found));
    }
}

fn lock(walked: &Mutex<Walked>) -> MutexGuard<'_, Walked> {
    walked.lock().unwrap_or_else(PoisonError::into_inner)
}

fn found(root: &Root, entry: Result<DirEntry, ignore::Error>) -> Option<(String, State)> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return Some((error.to_string(), Err(UNREADABLE_FOLDER))),
    };
    let state = state(entry.file_type()?, || entry.metadata().ok())?;
    let below = entry.path().strip_prefix(root.path()).ok()?;
    Some(match below.to_str() {
        Some(path) => (path.to_owned(), state),
        None => (below.to_string_lossy().into_owned(), Err(STRANGE_NAME)),
    })
}

/// The folder that is left out because of an entry: the entry itself, or the folder that it marks.
fn left_out_folder(entry: &DirEntry) -> Option<(&Path, &'static str)> {
    let (path, name) = (entry.path(), entry.file_name().to_str().unwrap_or_default());
    match name {
        _ if entry.depth() == 0 => None,
        ".git" => Some((path.parent()?, NESTED_REPOSITORY)), // of the root itself: nothing is left out
        "pyvenv.cfg" | "CACHEDIR.TAG" => Some((path.parent()?, TOOL_FOLDER)),
        _ if entry.file_type().is_some_and(|kind| kind.is_dir()) && is_made_by_tools(path, name) => {
            Some((path, TOOL_FOLDER))
        }
        _ => None,
    }
}

/// Whether a folder need not even be walked. Folders of other names are known by the files that mark them.
fn is_made_by_tools(folder: &Path, name: &str) -> bool {
    let beside = |file: &str| folder.parent().is_some_and(|parent| parent.join(file).exists());
    MADE_BY_TOOLS.contains(&name)
        || (name.contains("env") && folder.join("pyvenv.cfg").exists())
        || (name == "target" && (beside("Cargo.toml") || beside("pom.xml")))
}
