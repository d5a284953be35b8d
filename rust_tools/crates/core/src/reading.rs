//! Reading files for searches: with as few calls to the system as possible, and never more than is searched.

use std::cell::RefCell;
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::buffer::spare_capacity;
use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::{Errno, read};

use crate::contents::{Content, Kind, digest};
use crate::listing::Stamp;
use crate::root::Root;

/// Files above this size are listed and readable, but not searched.
pub const MAX_SEARCHED_BYTES: u64 = 4 * 1024 * 1024;

const BINARY_PROBE_BYTES: usize = 8 * 1024;

/// What was read, and when.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) content: Content,
    /// Nanoseconds since 1970, before the reading began.
    pub(crate) read_ns: i128,
}

/// What is learnt of a file while files are listed.
#[derive(Debug)]
pub(crate) struct Glance {
    pub(crate) kind: Kind,
    /// Of the content, where the file changed so shortly before that an equal stamp does not prove it equal.
    pub(crate) racy: Option<u64>,
    /// Nothing for a text that is not worth keeping.
    pub(crate) text: Option<Arc<[u8]>>,
}

impl Glance {
    /// At a regular file in an opened folder, together with its stamp. Links are not followed. `keep` is asked about
    /// every text.
    pub(crate) fn at(folder: BorrowedFd<'_>, name: &CStr, keep: impl FnOnce(&[u8]) -> bool) -> Option<(Stamp, Self)> {
        let read_ns = now_ns();
        // Without NONBLOCK, opening a pipe that took the file's place would wait for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(folder, name, flags, Mode::empty()).ok()?;
        let stat = fstat(&file).ok().filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)?;
        let stamp = Stamp::of(&stat);
        let glance = |kind, text: &[u8]| Self {
            kind,
            racy: stamp.is_racy_at(read_ns).then(|| digest(kind, text)),
            text: (kind == Kind::Text && keep(text)).then(|| text.into()),
        };
        Some((
            stamp,
            if stamp.size > MAX_SEARCHED_BYTES {
                glance(Kind::TooBig, b"")
            } else {
                take(file.as_fd(), stamp.size, glance)
            },
        ))
    }
}

impl Reading {
    /// Of a file that was listed with this size.
    pub(crate) fn of(root: &Root, path: &str, size: u64) -> Self {
        let read_ns = now_ns();
        let content = if size > MAX_SEARCHED_BYTES {
            Content::TooBig
        } else {
            root.open_file(path).map_or(Content::Unreadable, |file| take(file.as_fd(), size, Content::of))
        };
        Self { content, read_ns }
    }
}

fn now_ns() -> i128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed())
}

/// Reads a file and gives its kind and its text, which is empty for what is no text, to `took`.
fn take<T>(file: BorrowedFd<'_>, size: u64, took: impl FnOnce(Kind, &[u8]) -> T) -> T {
    const KEPT_BUFFER_BYTES: usize = 256 * 1024;
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        buffer.shrink_to(KEPT_BUFFER_BYTES);
        buffer.reserve(size as usize + 1);
        match read_to_end(file, buffer) {
            Err(_) => took(Kind::Unreadable, b""),
            Ok(()) if buffer.len() as u64 > MAX_SEARCHED_BYTES => took(Kind::TooBig, b""),
            Ok(()) => match utf16(buffer) {
                Some(text) => took(Kind::Text, text.as_bytes()),
                None if is_binary(buffer) => took(Kind::Binary, b""),
                None => took(Kind::Text, without_mark(buffer)),
            },
        }
    })
}

/// Reads a regular file, of one that has grown too big a little more than what is searched.
fn read_to_end(file: BorrowedFd<'_>, buffer: &mut Vec<u8>) -> Result<(), Errno> {
    while buffer.len() as u64 <= MAX_SEARCHED_BYTES {
        buffer.reserve(1);
        let room = buffer.capacity() - buffer.len();
        match read(file, spare_capacity(buffer)) {
            Ok(got) if got < room => return Ok(()), // only at its end a regular file gives less than was asked for
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// A NUL byte near the beginning makes a file binary, as for git and grep.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(BINARY_PROBE_BYTES)]).is_some()
}

/// A byte order mark says how a file is written and is no part of its text.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The text of a file that begins with a UTF-16 byte order mark.
pub(crate) fn utf16(bytes: &[u8]) -> Option<String> {
    let decode: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| decode([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}
