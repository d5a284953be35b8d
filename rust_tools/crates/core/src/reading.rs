//! Reading files for searches: with as few calls to the system as possible, and never more than is searched.

use std::cell::RefCell;
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::buffer::spare_capacity;
use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::{Errno, read};

use crate::contents::Content;
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

impl Reading {
    /// Of a file that was listed with this size.
    pub(crate) fn of(root: &Root, path: &str, size: u64) -> Self {
        let read_ns = now_ns();
        let content = if size > MAX_SEARCHED_BYTES {
            Content::TooBig
        } else {
            root.open_file(path).map_or(Content::Unreadable, |file| content(file.as_fd(), size))
        };
        Self { content, read_ns }
    }

    /// Of a regular file in an opened folder, together with its stamp. Links are not followed.
    pub(crate) fn in_folder(folder: BorrowedFd<'_>, name: &CStr) -> Option<(Stamp, Self)> {
        let read_ns = now_ns();
        // Without NONBLOCK, opening a pipe that took the file's place would wait for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(folder, name, flags, Mode::empty()).ok()?;
        let stat = fstat(&file).ok().filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)?;
        let stamp = Stamp::of(&stat);
        let content = if stamp.size > MAX_SEARCHED_BYTES { Content::TooBig } else { content(file.as_fd(), stamp.size) };
        Some((stamp, Self { content, read_ns }))
    }
}

fn now_ns() -> i128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed())
}

fn content(file: BorrowedFd<'_>, size: u64) -> Content {
    const KEPT_BUFFER_BYTES: usize = 256 * 1024;
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        buffer.shrink_to(KEPT_BUFFER_BYTES);
        buffer.reserve(size as usize + 1);
        match read_to_end(file, buffer) {
            Err(_) => Content::Unreadable,
            Ok(()) if buffer.len() as u64 > MAX_SEARCHED_BYTES => Content::TooBig,
            Ok(()) => match utf16(buffer) {
                Some(text) => Content::Text(text.into_bytes().into()),
                None if is_binary(buffer) => Content::Binary,
                None => Content::Text(without_mark(buffer).into()),
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
