//! Tests of the public interface, on real folders and real git repositories. One program: linking Ruff takes a while.

/// What a patch breaks across files.
mod check;
/// Edits: matched, refused, written whole or not at all.
mod edit;
/// Which files there are, and that the index follows the disk.
mod index;
/// Outlines and references in every language.
mod languages;
/// A project in a temporary folder.
mod project;
/// Reading, finding and outlining files.
mod read;
/// The map of a project.
mod repo_map;
/// What a search finds, counts, shows and says.
mod search;
/// Structural search, replacement and renaming.
mod structure;
/// Where names are defined and used.
mod symbols;
