//! A project in a temporary folder, for the tests of the public interface.

use std::fs;
use std::path::Path;
use std::process::Command;

use orchestrator_tools::index::{DEFAULT_BUDGET_BYTES, Index};

/// A folder with files that is removed when it is dropped.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let target = self.path().join(path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("folders");
        fs::write(target, bytes).expect("a file");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).expect("removed");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .status()
            .expect("git starts");
        assert!(status.success());
    }

    pub(crate) fn index(&self) -> Index {
        Index::open(self.path(), None, DEFAULT_BUDGET_BYTES).expect("an index")
    }
}
