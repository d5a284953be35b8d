//! What the fuzz targets reach beside the public interface; compiled for them only.

/// The tracked paths in the bytes of a git index whose object ids are so long.
pub fn tracked_paths(index: &[u8], id_bytes: usize) -> Option<Vec<Vec<u8>>> {
    crate::git_index::decode(index, id_bytes)
}
