//! What a patch will do, written down in a folder outside the root before it is done.
//!
//! `images` holds the contents of all files before and after, one after the other; `edit.json` says which file each
//! belongs to and how far the patch has come. It is replaced as a whole, so that it is always one state or the next.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::{Step, Watch};
use crate::edit::plan::Planned;
use crate::error::{Error, Result};
use crate::root::Root;

const RECORD: &str = "edit.json";
const NEXT_RECORD: &str = "edit.json.next";
const IMAGES: &str = "images";
const VERSION: u32 = 1;

/// How far a patch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Phase {
    /// Temporary files and folders are being made; no file of the project has changed.
    Announced,
    /// All is prepared: files are being exchanged.
    Ready,
    /// All files have been exchanged.
    Written,
    /// What was exchanged is being put back.
    Undoing,
}

/// The record of one patch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    root: PathBuf,
    pub(super) phase: Phase,
    pub(super) files: Vec<FileRecord>,
    pub(super) folders: Vec<String>,
}

/// One file of a patch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileRecord {
    pub(super) path: String,
    /// The name of its temporary file, in its own folder.
    pub(super) temporary: String,
    /// Where its contents stand in the images; nothing where there is no file.
    pub(super) before: Option<(usize, usize)>,
    pub(super) after: Option<(usize, usize)>,
}

/// A folder that one process at a time may use.
pub(super) struct Journal {
    folder: PathBuf,
    /// Locked until it is closed, also by the end of the process.
    handle: File,
    root: PathBuf,
    record: Option<Record>,
}

impl Journal {
    /// For a new patch: refused where an earlier one was interrupted or another one is under way.
    pub(super) fn begin(root: &Root, folder: &Path) -> Result<Self> {
        refuse_inside(root, folder)?;
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let journal = Self::lock(root, folder)?;
        if journal.folder.join(RECORD).exists() {
            let name = folder.display().to_string();
            return Err(Error::conflict(&name, "an earlier edit was interrupted", "recover it first"));
        }
        Ok(journal)
    }

    /// For a recovery; nothing where there is no such folder.
    pub(super) fn reopen(root: &Root, folder: &Path) -> Result<Option<Self>> {
        match fs::metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(folder, error)),
            Ok(_) => Self::lock(root, folder).map(Some),
        }
    }

    fn lock(root: &Root, folder: &Path) -> Result<Self> {
        let handle = File::open(folder).map_err(|error| failed(folder, error))?;
        match flock(&handle, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { folder: folder.to_owned(), handle, root: root.path().to_owned(), record: None }),
            Err(Errno::WOULDBLOCK) => {
                let name = folder.display().to_string();
                Err(Error::conflict(&name, "another edit uses this journal right now", "wait until it has ended"))
            }
            Err(error) => Err(failed(folder, error.into())),
        }
    }

    /// Writes down the contents before and after, then what will be done.
    pub(super) fn announce(
        &mut self,
        planned: &[Planned],
        names: &[String],
        folders: &[String],
        watch: Watch<'_>,
    ) -> Result<()> {
        let mut images = Vec::new();
        let mut keep = |bytes: Option<&[u8]>| {
            bytes.map(|bytes| {
                images.extend_from_slice(bytes);
                (images.len() - bytes.len(), bytes.len())
            })
        };
        let files = planned.iter().zip(names).map(|(planned, temporary)| FileRecord {
            path: planned.file.path.clone(),
            temporary: temporary.clone(),
            before: keep(planned.before_bytes().as_deref()),
            after: keep(planned.after_bytes().as_deref()),
        });
        let files = files.collect();
        self.attempt(watch, &Step::Keep, |journal| write_durably(&journal.folder.join(IMAGES), &images))?;
        let folders = folders.to_vec();
        self.record =
            Some(Record { version: VERSION, root: self.root.clone(), phase: Phase::Announced, files, folders });
        self.attempt(watch, &Step::Announce, Self::write_record)
    }

    /// Says how far the patch has come.
    pub(super) fn enter(&mut self, phase: Phase, step: &Step, watch: Watch<'_>) -> Result<()> {
        if let Some(record) = &mut self.record {
            record.phase = phase;
        }
        self.attempt(watch, step, Self::write_record)
    }

    /// The record of an interrupted patch, and its images; nothing where none was interrupted.
    pub(super) fn interrupted(&mut self) -> Result<Option<(Record, Vec<u8>)>> {
        let read = |name: &str| match fs::read(self.folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|error| failed(&self.folder, error)),
        };
        let Some(text) = read(RECORD)? else { return Ok(None) };
        let images = read(IMAGES)?.unwrap_or_default();
        let fits = |span: &Option<(usize, usize)>| {
            span.is_none_or(|(start, length)| start.checked_add(length).is_some_and(|end| end <= images.len()))
        };
        let record: Option<Record> = serde_json::from_slice(&text).ok().filter(|record: &Record| {
            record.version == VERSION && record.files.iter().all(|file| fits(&file.before) && fits(&file.after))
        });
        let name = self.folder.display().to_string();
        let record = record.ok_or_else(|| {
            Error::conflict(&name, "the journal is damaged", "look at the files that were edited last, then remove it")
        })?;
        if record.root != self.root {
            let message = format!("the journal belongs to another folder, {}", record.root.display());
            return Err(Error::conflict(&name, message, "recover that one"));
        }
        self.record = Some(record.clone());
        Ok(Some((record, images)))
    }

    /// Empties the folder: there is nothing to recover any more.
    pub(super) fn forget(&mut self, watch: Watch<'_>) -> Result<()> {
        self.attempt(watch, &Step::Forget, |journal| {
            for name in [RECORD, NEXT_RECORD, IMAGES] {
                match fs::remove_file(journal.folder.join(name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => journal.handle.sync_all()?,
                }
            }
            Ok(())
        })
    }

    fn write_record(&self) -> io::Result<()> {
        let text = serde_json::to_vec(&self.record)?;
        write_durably(&self.folder.join(NEXT_RECORD), &text)?;
        fs::rename(self.folder.join(NEXT_RECORD), self.folder.join(RECORD))?;
        self.handle.sync_all()
    }

    fn attempt(&self, watch: Watch<'_>, step: &Step, work: impl FnOnce(&Self) -> io::Result<()>) -> Result<()> {
        watch(step).and_then(|()| work(self)).map_err(|error| failed(&self.folder, error))
    }
}

fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A journal in the project would be edited, indexed and committed with it.
fn refuse_inside(root: &Root, folder: &Path) -> Result<()> {
    let name = folder.display().to_string();
    let absolute = std::path::absolute(folder).map_err(|error| failed(folder, error))?;
    let real = absolute
        .ancestors()
        .find_map(|above| Some(above.canonicalize().ok()?.join(absolute.strip_prefix(above).ok()?)));
    if real.is_some_and(|real| real.starts_with(root.path())) {
        return Err(Error::edit(&name, "the journal lies in the folder that is edited").with_hint("name one outside"));
    }
    Ok(())
}

fn failed(folder: &Path, error: io::Error) -> Error {
    Error::io(&folder.display().to_string(), error)
}
