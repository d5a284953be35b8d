//! The set of files that matter: tracked ∪ (untracked and not ignored), and what was left out of it.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Stat, statat};

use crate::git_index::{self, Location};
use crate::ignore_rules::Rules;
use crate::reading::Glance;
use crate::root::Root;
use crate::walk::walk;

/// Why something was left out, and how often; the key reads well after the number ("3 binary").
pub type Skipped = BTreeMap<&'static str, u32>;

/// Not counted: what ignore rules name is not expected to be searched.
pub(crate) const IGNORED: &str = "ignored";
pub(crate) const NESTED_REPOSITORY: &str = "nested repository";
pub(crate) const TOOL_FOLDER: &str = "tool-made folder";
const LINK: &str = "symbolic link";
pub(crate) const STRANGE_NAME: &str = "file name that is not UTF-8";
const SPECIAL: &str = "special file";
pub(crate) const UNREADABLE_FOLDER: &str = "unreadable folder";

/// What identifies the state of a file on disk: where it is equal, the content is taken to be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    modified_ns: i128,
    changed_ns: i128,
    inode: u64,
}

impl Stamp {
    pub(crate) fn of(stat: &Stat) -> Self {
        let nanoseconds = |seconds: i64, rest| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            size: stat.st_size.cast_unsigned(),
            modified_ns: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
            changed_ns: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
            inode: stat.st_ino,
        }
    }

    /// Whether the file changed so shortly before `moment_ns` that a later change could bear the same times.
    pub(crate) fn is_racy_at(&self, moment_ns: i128) -> bool {
        const CLOCK_STEP_NS: i128 = 20_000_000;
        self.modified_ns.max(self.changed_ns) + CLOCK_STEP_NS >= moment_ns
    }
}

/// A file of the list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) stamp: Stamp,
    /// What was seen of its content, where it was looked into.
    pub(crate) glance: Option<Glance>,
}

/// How a regular file in an opened folder is looked at; nothing if it is gone.
pub(crate) type Look<'a> = &'a (dyn Fn(BorrowedFd<'_>, &CStr) -> Option<Seen> + Sync);

/// What a look at a file gives.
pub(crate) type Seen = (Stamp, Option<Glance>);

/// The files below a root, and what was left out.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the order of their paths.
    pub(crate) files: Vec<Listed>,
    pub(crate) skipped: Skipped,
    /// What a reader of any result should know about the list.
    pub(crate) notes: Vec<String>,
    /// Ignored files and folders, those that tools made, and nested repositories; sorted.
    pub(crate) left_out: Vec<String>,
}

/// Lists the files below `root`, each looked at by `look`. `git_index` names an index file that lists its tracked
/// files, for a work tree that has no `.git` of its own.
pub(crate) fn list(root: &Root, git_index: Option<&Path>, look: Look<'_>) -> Listing {
    let mut listing = Listing::default();
    let tracked = Tracked::below(root, git_index, &mut listing);
    let mut seen = walk(root, &tracked.paths, &tracked.rules, look);
    let unseen = unseen(&tracked.paths, &seen);
    if !unseen.is_empty() {
        seen.extend(unseen.into_iter().filter_map(|path| Some((path.clone(), look_at(root, path)?))));
        seen.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    }
    for (path, state) in seen {
        match state {
            Ok((stamp, glance)) => listing.files.push(Listed { path, stamp, glance }),
            Err(reason) => listing.leave_out(path, reason),
        }
    }
    listing
}

impl Listing {
    fn leave_out(&mut self, path: String, reason: &'static str) {
        if reason != IGNORED {
            *self.skipped.entry(reason).or_default() += 1;
        }
        if matches!(reason, IGNORED | TOOL_FOLDER | NESTED_REPOSITORY) {
            self.left_out.push(path);
        }
    }
}

/// The paths of all files.
pub(crate) fn paths(root: &Root) -> Vec<String> {
    list(root, None, &stamp_only).files.into_iter().map(|file| file.path).collect()
}

/// A look that does not read.
pub(crate) fn stamp_only(folder: BorrowedFd<'_>, name: &CStr) -> Option<Seen> {
    let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some((Stamp::of(&stat), None))
}

/// Tracked paths that the walk did not come by: in ignored folders, or gone. Both lists are sorted.
fn unseen<'a>(tracked: &'a [String], seen: &[(String, State)]) -> Vec<&'a String> {
    let mut seen = seen.iter().map(|(path, _)| path).peekable();
    let was_seen = |path: &&String| {
        while seen.next_if(|other| *other < *path).is_some() {}
        seen.peek() != Some(path)
    };
    tracked.iter().filter(was_seen).collect()
}

/// The state of one file of the set; nothing if there is none at that path.
pub(crate) fn stamp(root: &Root, path: &str) -> Option<Stamp> {
    look_at(root, path)?.ok().map(|(stamp, _)| stamp)
}

/// What is at a path: a file, or the reason why it is left out.
pub(crate) type State = Result<Seen, &'static str>;

fn look_at(root: &Root, path: &str) -> Option<State> {
    let stat = statat(root.directory(), path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let seen = || Some((Stamp::of(&stat), None));
    Some(state(FileType::from_raw_mode(stat.st_mode), seen).unwrap_or(Err(NESTED_REPOSITORY)))
}

/// Nothing for a folder, and for what is gone by now.
pub(crate) fn state(kind: FileType, seen: impl FnOnce() -> Option<Seen>) -> Option<State> {
    match kind {
        FileType::Directory => None,
        FileType::RegularFile => seen().map(Ok),
        FileType::Symlink => Some(Err(LINK)),
        _ => Some(Err(SPECIAL)),
    }
}

/// What git knows of a root.
#[derive(Default)]
struct Tracked {
    /// Sorted.
    paths: Vec<String>,
    /// Ignore rules from outside the root.
    rules: Rules,
}

impl Tracked {
    fn below(root: &Root, git_index: Option<&Path>, listing: &mut Listing) -> Self {
        let own = || Location { index: git_index.map(Path::to_owned).unwrap_or_default(), ..Location::default() };
        let Some(location) = git_index.map_or_else(|| git_index::locate(root.path()), |_| Some(own())) else {
            return Self::default();
        };
        let prefix = if location.prefix.is_empty() { String::new() } else { format!("{}/", location.prefix) };
        let Some(entries) = git_index::read(&location.index, location.id_bytes) else {
            listing.notes.push(
                "git's index could not be read whole: tracked files that .gitignore names are not listed".to_owned(),
            );
            return Self { paths: Vec::new(), rules: location.rules() };
        };
        let below = entries.iter().filter_map(|entry| entry.strip_prefix(prefix.as_bytes()));
        let mut paths: Vec<String> =
            below.filter_map(|path| std::str::from_utf8(path).ok().map(str::to_owned)).collect();
        paths.sort_unstable();
        // A home folder under git does not make a project below it, which it does not track, its own.
        let known = prefix.is_empty() || !paths.is_empty();
        Self { rules: if known { location.rules() } else { Rules::default() }, paths }
    }
}
