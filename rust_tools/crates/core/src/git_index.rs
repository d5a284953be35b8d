//! The list of tracked files, read from git's own index file (versions 2 to 4) without starting git.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ignore_rules::Rules;

/// Where a folder's index file is, and the folder's own path below the top of the work tree.
#[derive(Debug)]
pub(crate) struct Location {
    pub(crate) index: PathBuf,
    pub(crate) prefix: String,
    /// The top of the work tree and the repository's own ignore rules; nothing for an index file on its own.
    pub(crate) repository: Option<(PathBuf, PathBuf)>,
    /// Length of an object id: 20 for SHA-1, 32 for SHA-256.
    pub(crate) id_bytes: usize,
}

impl Default for Location {
    fn default() -> Self {
        Self { index: PathBuf::new(), prefix: String::new(), repository: None, id_bytes: 20 }
    }
}

impl Location {
    /// The ignore rules from outside the folder.
    pub(crate) fn rules(&self) -> Rules {
        let of = |(top, exclude): &(PathBuf, PathBuf)| Rules::of_repository(exclude, top, &self.prefix);
        self.repository.as_ref().map_or_else(Rules::default, of)
    }
}

/// Finds the repository that a folder belongs to: its own, or that of a folder above.
pub(crate) fn locate(root: &Path) -> Option<Location> {
    for top in root.ancestors() {
        let dot_git = top.join(".git");
        let Some(git_dir) = (if dot_git.is_dir() { Some(dot_git) } else { linked_git_dir(top, &dot_git) }) else {
            continue;
        };
        let prefix = root.strip_prefix(top).ok()?.to_str()?.to_owned();
        let common = common_dir(&git_dir);
        let id_bytes = if uses_sha256(&common) { 32 } else { 20 };
        let repository = Some((top.to_owned(), common.join("info/exclude")));
        return Some(Location { index: git_dir.join("index"), prefix, repository, id_bytes });
    }
    None
}

/// Reads the tracked paths, as bytes below the top of the work tree; a missing index file lists nothing. `None`: damaged, or of a kind that does not
/// list every path (a split or sparse index), so that the caller must walk instead.
pub(crate) fn read(index: &Path, id_bytes: usize) -> Option<Vec<Vec<u8>>> {
    match fs::read(index) {
        Ok(bytes) => decode(&bytes, id_bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Vec::new()),
        Err(_) => None,
    }
}

/// The `.git` of a linked work tree or submodule is a file that names the real folder.
fn linked_git_dir(top: &Path, dot_git: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(dot_git).ok()?;
    let target = text.strip_prefix("gitdir:")?.trim();
    Some(top.join(target))
}

/// What linked work trees share with the main one.
fn common_dir(git_dir: &Path) -> PathBuf {
    fs::read_to_string(git_dir.join("commondir")).map_or_else(|_| git_dir.to_owned(), |text| git_dir.join(text.trim()))
}

fn uses_sha256(common: &Path) -> bool {
    fs::read_to_string(common.join("config")).is_ok_and(|config| {
        config.lines().any(|line| {
            let line = line.to_ascii_lowercase();
            line.trim().starts_with("objectformat") && line.contains("sha256")
        })
    })
}

const ENTRY_STAT_BYTES: usize = 40;
const EXTENDED: u16 = 0x4000;
const NAME_LENGTH: u16 = 0x0fff;
const SPARSE_FOLDER: u32 = 0o040_000;

pub(crate) fn decode(bytes: &[u8], id_bytes: usize) -> Option<Vec<Vec<u8>>> {
    let body = bytes.get(..bytes.len().checked_sub(id_bytes)?)?;
    let version = u32_at(body, 4)?;
    if body.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let count = u32_at(body, 8)? as usize;
    let mut tracked = Vec::with_capacity(count.min(body.len() / 32));
    let mut at = 12;
    let mut previous: Vec<u8> = Vec::new();
    for _ in 0..count {
        let start = at;
        let mode = u32_at(body, start + 24)?;
        let flags = u16_at(body, start + ENTRY_STAT_BYTES + id_bytes)?;
        at = start + ENTRY_STAT_BYTES + id_bytes + 2;
        if flags & EXTENDED != 0 {
            at += 2;
        }
        let path = if version == 4 {
            let (dropped, used) = offset_varint(body.get(at..)?)?;
            at += used;
            let rest = until_nul(body.get(at..)?)?;
            at += rest.len() + 1;
            let mut path = previous.get(..previous.len().checked_sub(dropped)?)?.to_vec();
            path.extend_from_slice(rest);
            path
        } else {
            let rest = until_nul(body.get(at..)?)?;
            let padded = (at + rest.len() - start + 8) & !7;
            at = start + padded;
            rest.to_vec()
        };
        let short = usize::from(flags & NAME_LENGTH);
        if mode == SPARSE_FOLDER || (short < usize::from(NAME_LENGTH) && short != path.len()) {
            return None;
        }
        previous.clone_from(&path);
        tracked.push(path);
    }
    if has_extension(body, at, *b"link") {
        return None;
    }
    tracked.dedup(); // stages 1 to 3 of an unmerged path
    Some(tracked)
}

fn has_extension(body: &[u8], mut at: usize, name: [u8; 4]) -> bool {
    while let (Some(found), Some(size)) = (body.get(at..at + 4), u32_at(body, at + 4)) {
        if found == name {
            return true;
        }
        at += 8 + size as usize;
    }
    false
}

/// Git's variable-length offset: big-endian groups of seven bits, each further group counts from one up.
fn offset_varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = usize::from(bytes.first()? & 0x7f);
    let mut used = 1;
    while bytes[used - 1] & 0x80 != 0 {
        let byte = *bytes.get(used)?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
        used += 1;
    }
    Some((value, used))
}

fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memchr(0, bytes).map(|end| &bytes[..end])
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[test]
    fn every_version_lists_what_git_lists() {
        for version in ["2", "3", "4"] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            git(folder.path(), &["init", "-q"]);
            fs::create_dir_all(folder.path().join("src/deep")).expect("folders");
            for name in ["a", "src/one.py", "src/one.pyi", "src/deep/two.rs", "src/deep/ü.txt"] {
                fs::write(folder.path().join(name), name).expect("a file");
            }
            let long = "x".repeat(240);
            fs::write(folder.path().join(&long), "long").expect("a file");
            git(folder.path(), &["add", "-A"]);
            git(folder.path(), &["update-index", "--index-version", version]);
            if version == "3" {
                fs::write(folder.path().join("later"), "").expect("a file");
                git(folder.path(), &["add", "-N", "later"]); // intent to add needs version 3
            }
            let location = locate(folder.path()).expect("a repository");
            let tracked = read(&location.index, location.id_bytes).expect("an index");
            let listed: Vec<&[u8]> = tracked.iter().map(Vec::as_slice).collect();
            let output = git(folder.path(), &["ls-files", "-z"]);
            let wanted: Vec<&[u8]> = output.split(|b| *b == 0).filter(|p| !p.is_empty()).collect();
            assert_eq!(listed, wanted, "version {version}");
        }
    }

    #[test]
    fn sha256_repositories_are_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        git(folder.path(), &["init", "-q", "--object-format=sha256"]);
        fs::write(folder.path().join("a"), "a").expect("a file");
        git(folder.path(), &["add", "a"]);
        let location = locate(folder.path()).expect("a repository");
        assert_eq!(location.id_bytes, 32);
        assert_eq!(read(&location.index, 32).expect("an index"), [b"a"]);
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), count in 0u32..4) {
            let mut index = b"DIRC\0\0\0\x04".to_vec();
            index.extend_from_slice(&count.to_be_bytes());
            index.extend_from_slice(&bytes);
            let _ = decode(&index, 20);
            let _ = decode(&bytes, 32);
        }
    }
}
