//! What the fuzz targets reach beside the public interface; compiled for them only.

use crate::error::Result;
use crate::search::Patterns;
use crate::search::globs::Globs;

/// The tracked paths in the bytes of a git index whose object ids are so long.
pub fn tracked_paths(index: &[u8], id_bytes: usize) -> Option<Vec<Vec<u8>>> {
    crate::git_index::decode(index, id_bytes)
}

/// How many lines of a text match.
pub fn matching_lines(patterns: &Patterns, text: &[u8]) -> Result<usize> {
    let matcher = patterns.compile()?;
    let mut lines = 0;
    matcher.lines(text, &|| true, |_| {
        lines += 1;
        true
    });
    Ok(lines)
}

/// Whether a path is among those that globs choose.
pub fn is_chosen(globs: &[String], path: &str) -> Result<bool> {
    Ok(Globs::compile(globs)?.allow(path))
}
