//! Search, checks and edits for coding agents: plain Rust, in process, confined to one folder.
//!
//! Every result opens with the truth (totals, what is shown, what was skipped) and is the same bytes for the
//! same files. Line and column numbers count from 1. Nothing here starts a process or opens a socket.

pub mod cancel;
pub mod check;
pub mod diff;
pub mod edit;
pub mod error;
pub mod find;
pub mod index;
pub mod outline;
pub mod read;
pub mod repo_map;
pub mod root;
pub mod search;
pub mod secrets;
pub mod structure;
pub mod symbols;

#[cfg(fuzzing)]
pub mod fuzzing;

mod contents;
mod first_look;
mod git_index;
mod guards;
mod ignore_rules;
mod indexer;
mod language;
mod languages;
mod listing;
mod memory;
mod names;
mod near;
mod nesting;
mod postings;
mod python;
mod reading;
mod shared;
mod snapshot;
mod text;
mod view;
mod walk;
mod workers;

pub use listing::Skipped;
pub use reading::MAX_SEARCHED_BYTES;
