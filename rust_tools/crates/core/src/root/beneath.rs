//! Opening what a relative path names below an opened folder, so that no name and no link leads out of it.

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path};
use std::sync::OnceLock;

use rustix::fs::{FileType, Mode, OFlags, fstat, openat, readlinkat};
use rustix::io::{Errno, Result};

/// Whether links are followed on the way to a file. They never lead out of the root either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    Follow,
    Refuse,
}

/// Opens something only to see that it is there, and what it is.
#[cfg(target_os = "linux")]
pub(crate) const LOOK: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
pub(crate) const LOOK: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK);

/// Links on one path; as many as the kernel follows.
const MOST_LINKS: usize = 40;

/// `XDEV`: it leads out. `LOOP`: a link where none may be, or a loop of them.
pub(super) fn open_beneath(root: BorrowedFd<'_>, relative: &str, flags: OFlags, links: Links) -> Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    if kernel_can() {
        // The kernel gives up where folders are renamed while it looks; single steps do not mind.
        match by_kernel(root, relative, flags, links) {
            Err(Errno::AGAIN) => {}
            answer => return answer,
        }
    }
    by_steps(root, relative, flags, links)
}

/// Asked once: kernels before 5.6 have no `openat2`, and some sandboxes forbid it.
#[cfg(target_os = "linux")]
fn kernel_can() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| by_kernel(rustix::fs::CWD, ".", LOOK | OFlags::DIRECTORY, Links::Follow).is_ok())
}

#[cfg(target_os = "linux")]
fn by_kernel(root: BorrowedFd<'_>, relative: &str, flags: OFlags, links: Links) -> Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    let mut resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    if links == Links::Refuse {
        resolve |= ResolveFlags::NO_SYMLINKS;
    }
    openat2(root, relative, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
}

/// The same promise by single steps, each from an opened folder to a name in it that is not followed.
fn by_steps(root: BorrowedFd<'_>, relative: &str, flags: OFlags, links: Links) -> Result<OwnedFd> {
    let mut entered: Vec<OwnedFd> = Vec::new();
    let mut ahead = names(Path::new(relative))?;
    let mut links_seen = 0;
    while let Some(name) = ahead.pop() {
        if name == "." {
            continue;
        }
        if name == ".." {
            drop(entered.pop().ok_or(Errno::XDEV)?);
            continue;
        }
        let here = entered.last().map_or(root, AsFd::as_fd);
        let wanted = if ahead.is_empty() { flags } else { LOOK | OFlags::DIRECTORY };
        match step(here, &name, wanted)? {
            Step::Opened(opened) if ahead.is_empty() => return Ok(opened),
            Step::Opened(folder) => entered.push(folder),
            Step::Link(target) => {
                links_seen += 1;
                if links == Links::Refuse || links_seen > MOST_LINKS {
                    return Err(Errno::LOOP);
                }
                ahead.extend(names(Path::new(&target))?);
            }
        }
    }
    // The path is the root itself, or ends with dots.
    openat(entered.last().map_or(root, AsFd::as_fd), ".", flags | OFlags::CLOEXEC, Mode::empty())
}

/// The names of a path, the first one last. What ends with a slash or a dot names a folder: the dot is kept.
fn names(path: &Path) -> Result<Vec<OsString>> {
    let mut names = Vec::new();
    let bytes = path.as_os_str().as_bytes();
    let folder = [b"/".as_slice(), b"/.", b"."].iter().any(|end| bytes.ends_with(end)) && !bytes.ends_with(b"..");
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_owned()),
            Component::ParentDir => names.push("..".into()),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return Err(Errno::XDEV),
        }
    }
    names.extend(folder.then(|| ".".into()));
    names.reverse();
    Ok(names)
}

enum Step {
    Opened(OwnedFd),
    Link(OsString),
}

fn step(folder: BorrowedFd<'_>, name: &OsString, flags: OFlags) -> Result<Step> {
    let target = || Ok(Step::Link(OsString::from_vec(readlinkat(folder, name, Vec::new())?.into_bytes())));
    match openat(folder, name.as_bytes(), flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
        // A mere look opens the link itself.
        Ok(opened) if flags.contains(LOOK) && is_link(&opened)? => target(),
        Ok(opened) => Ok(Step::Opened(opened)),
        // What a system answers for a link that may not be followed; with `DIRECTORY` Linux says "not a folder".
        Err(refusal @ (Errno::LOOP | Errno::MLINK | Errno::NOTDIR)) => target().map_err(|_: Errno| refusal),
        Err(error) => Err(error),
    }
}

fn is_link(opened: &OwnedFd) -> Result<bool> {
    Ok(FileType::from_raw_mode(fstat(opened)?.st_mode) == FileType::Symlink)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    use proptest::prelude::*;
    use rustix::fs::{RenameFlags, open, renameat_with};

    use super::*;

    /// What was opened, by device and inode, or why not.
    fn identity(opened: Result<OwnedFd>) -> Result<(u64, u64)> {
        let stat = fstat(&opened?)?;
        Ok((stat.st_dev, stat.st_ino))
    }

    fn a_name() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a", "b", "dir", "..", ".", "gone"])
    }

    fn a_path(most: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(a_name(), 1..=most).prop_map(|names| names.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn single_steps_open_what_the_kernel_opens(
            links in prop::collection::vec((a_path(2), a_path(3), any::<bool>()), 0..5),
            path in a_path(4),
            refuse in any::<bool>(),
            flags in prop::sample::select(vec![OFlags::RDONLY, LOOK, LOOK.union(OFlags::DIRECTORY)]),
        ) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let inside = folder.path().join("root");
            fs::create_dir_all(inside.join("dir/dir")).expect("folders");
            fs::write(inside.join("a"), "a").expect("a file");
            fs::write(inside.join("dir/b"), "b").expect("a file");
            fs::write(folder.path().join("a"), "outside").expect("a file");
            for (at, target, absolute) in links {
                let target = if absolute { folder.path().join(target) } else { target.into() };
                let _ = symlink(target, inside.join(at)); // where the name is free
            }
            let root = open(&inside, LOOK | OFlags::DIRECTORY, Mode::empty()).expect("the root");
            let links = if refuse { Links::Refuse } else { Links::Follow };
            let steps = identity(by_steps(root.as_fd(), &path, flags, links));
            prop_assert_eq!(identity(by_kernel(root.as_fd(), &path, flags, links)), steps);
        }
    }

    #[test]
    fn single_steps_are_not_led_astray_by_a_folder_that_turns_into_a_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (inside, outside) = (folder.path().join("root"), folder.path().join("outside"));
        for (at, text) in [(inside.join("dir"), "inside"), (outside.clone(), "outside")] {
            fs::create_dir_all(&at).expect("a folder");
            fs::write(at.join("a"), text).expect("a file");
        }
        symlink(&outside, inside.join("link")).expect("a link");
        let root = open(&inside, LOOK | OFlags::DIRECTORY, Mode::empty()).expect("the root");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    renameat_with(&root, "dir", &root, "link", RenameFlags::EXCHANGE).expect("one for the other");
                }
            });
            let (mut read, mut refused) = (0, 0);
            while (read < 50 || refused < 50) && read + refused < 200_000 {
                let links = if read % 2 == 0 { Links::Follow } else { Links::Refuse };
                match by_steps(root.as_fd(), "dir/a", OFlags::RDONLY, links) {
                    Ok(file) => {
                        let mut text = String::new();
                        fs::File::from(file).read_to_string(&mut text).expect("text");
                        assert_eq!(text, "inside");
                        read += 1;
                    }
                    Err(Errno::XDEV | Errno::LOOP | Errno::NOTDIR) => refused += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            done.store(true, Ordering::Relaxed);
            assert!(read >= 50 && refused >= 50, "{read} read, {refused} refused");
        });
    }
}
