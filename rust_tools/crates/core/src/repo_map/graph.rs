//! Which file refers to which definition, and how much that says.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::tally::{Tally, tally};
use crate::contents::{Content, Entry};
use crate::index::View;
use crate::languages::Grammar;
use crate::outline::{Facts, Kind, Symbol};
use crate::search::rank::{is_minified, is_source};

/// What a reference in a test is worth: tests name everything.
const TEST_WEIGHT: f64 = 0.2;

/// Names of so many letters in several words are rarely used for two things.
const LONG_NAME: usize = 8;
const LONG_NAME_WEIGHT: f64 = 3.0;
const PRIVATE_WEIGHT: f64 = 0.1;

/// Members called by one plain word, such as `items`, are mostly those of built-in types.
const EVERYDAY_WEIGHT: f64 = 0.2;

/// A variable tells less than a function or type.
const VALUE_WEIGHT: f64 = 0.3;

/// Definitions and the references to them.
#[derive(Debug)]
pub(super) struct Graph {
    /// Files in known languages, in the order of their paths.
    pub(super) files: Vec<File>,
    /// Names by file, those of one file together.
    pub(super) definitions: Vec<Definition>,
    /// References, those of one file together: CSR rows of `edges`.
    pub(super) rows: Vec<usize>,
    pub(super) edges: Vec<Edge>,
    /// Files that could not be parsed within bounds.
    pub(super) unparsed: usize,
    /// Files that a tool has squeezed from others: their names say nothing.
    pub(super) minified: usize,
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) language: &'static str,
    /// Whether it is neither a test nor made by a tool.
    pub(super) source: bool,
    pub(super) facts: Arc<Facts>,
}

/// A name that a file defines, once or several times.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) file: u32,
    /// Positions of its symbols in the file's facts.
    pub(super) symbols: Vec<u32>,
    /// What its name says by itself: less for private and everyday names.
    pub(super) weight: f64,
    /// Whether one of its symbols is a member of a type, and whether one is not.
    member: bool,
    top: bool,
}

/// References of one file to one definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) definition: u32,
    pub(super) weight: f64,
}

impl Graph {
    /// The graph of all files, and how many files were not reached before the question was stopped.
    pub(super) fn of(view: &View<'_>) -> (Self, usize) {
        // Files differ much in size: each may go to another thread.
        let read = view.entries.par_iter().map(|entry| match view.token().stopped() {
            Some(_) => None,
            None => Some(read(view, entry)),
        });
        let read: Vec<Option<Option<File>>> = read.collect();
        let not_reached = read.iter().filter(|file| file.is_none()).count();
        let files: Vec<File> = read.into_iter().flatten().flatten().collect();
        let unparsed = files.iter().filter(|file| file.facts.unparsed.is_some()).count();
        let minified = view.entries.iter().filter(|entry| is_left_out(&entry.path)).count();
        let mut graph = Self { files, definitions: Vec::new(), rows: vec![0], edges: Vec::new(), unparsed, minified };
        graph.link(view);
        (graph, not_reached)
    }

    pub(super) fn symbol(&self, definition: &Definition, at: usize) -> &Symbol {
        &self.files[definition.file as usize].facts.symbols[definition.symbols[at] as usize]
    }

    fn link(&mut self, view: &View<'_>) {
        let files = std::mem::take(&mut self.files);
        let mut by_name: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (number, file) in files.iter().enumerate() {
            let mut own: FxHashMap<&str, u32> = FxHashMap::default();
            for (at, symbol) in file.facts.symbols.iter().enumerate() {
                let next = self.definitions.len() as u32;
                let definition = *own.entry(&symbol.name).or_insert(next);
                if definition == next {
                    by_name.entry(&symbol.name).or_default().push(next);
                    self.definitions.push(Definition::new(number, file, symbol));
                }
                self.definitions[definition as usize].add(at, symbol);
            }
        }
        let tallies: Vec<Vec<Tally<'_>>> = files.par_iter().map(|file| tally(view, file, &by_name)).collect();
        let mut users: FxHashMap<&str, f64> = FxHashMap::default();
        for tally in tallies.iter().flatten() {
            *users.entry(tally.name).or_default() += 1.0;
        }
        let all = f64::from(files.len() as u32);
        for (user, tallies) in files.iter().zip(&tallies) {
            let test = if user.source { 1.0 } else { TEST_WEIGHT };
            for tally in tallies {
                let definers = &by_name[tally.name];
                let rare = (1.0 + all / users[tally.name]).ln() * test / f64::from(definers.len() as u32);
                for at in definers {
                    let definition = &self.definitions[*at as usize];
                    let times = if definition.member { tally.members } else { 0.0 }
                        + if definition.top { tally.tops } else { 0.0 };
                    if times > 0.0 && is_related(&files[definition.file as usize], user) {
                        let weight = times.sqrt() * rare * definition.weight;
                        self.edges.push(Edge { definition: *at, weight });
                    }
                }
            }
            self.rows.push(self.edges.len());
        }
        self.files = files;
    }
}

impl Definition {
    fn new(number: usize, file: &File, symbol: &Symbol) -> Self {
        let place = if file.source { 1.0 } else { TEST_WEIGHT };
        let value = if symbol.kind.is_value() { VALUE_WEIGHT } else { 1.0 };
        let weight = name_weight(&symbol.name, is_member(symbol)) * place * value;
        Self { file: number as u32, symbols: Vec::new(), weight, member: false, top: false }
    }

    fn add(&mut self, at: usize, symbol: &Symbol) {
        self.member |= is_member(symbol);
        self.top |= !is_member(symbol);
        self.symbols.push(at as u32);
    }
}

fn is_member(symbol: &Symbol) -> bool {
    matches!(symbol.kind, Kind::Method | Kind::Property)
}

/// Whether a file in a known language is minified, by its path.
fn is_left_out(path: &str) -> bool {
    is_minified(path) && Grammar::of(path, b"").is_some()
}

fn read(view: &View<'_>, entry: &Entry) -> Option<File> {
    if is_left_out(&entry.path) {
        return None;
    }
    let Content::Text(text) = view.content(entry) else { return None };
    let language = Grammar::of(&entry.path, &text)?.name;
    Some(File { path: entry.path.clone(), language, source: is_source(&entry.path), facts: entry.facts(&text) })
}

/// Whether code of one file can mean definitions of another.
fn is_related(a: &File, b: &File) -> bool {
    let family = |language: &'static str| match language {
        "typescript" | "tsx" => "javascript",
        "c" => "cpp",
        "java" => "kotlin",
        other => other,
    };
    family(a.language) == family(b.language)
}

fn name_weight(name: &str, member: bool) -> f64 {
    if name.starts_with('_') || name.len() < 3 {
        return PRIVATE_WEIGHT;
    }
    let words = name.contains('_') || name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    match words {
        true if name.len() >= LONG_NAME => LONG_NAME_WEIGHT,
        false if member => EVERYDAY_WEIGHT,
        _ => 1.0,
    }
}
