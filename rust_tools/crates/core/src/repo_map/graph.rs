//! Which file refers to which definition, and how much that says.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::contents::{Content, Entry};
use crate::index::View;
use crate::languages::Grammar;
use crate::outline::{Facts, Symbol, Use};
use crate::search::rank::is_source;

/// A name that more files define says nothing about which of them is meant.
const MOST_DEFINERS: usize = 24;

/// What a reference in a test is worth: tests name everything.
const TEST_WEIGHT: f64 = 0.2;

/// Names of so many letters in several words are rarely used for two things.
const LONG_NAME: usize = 8;
const LONG_NAME_WEIGHT: f64 = 3.0;
const PRIVATE_WEIGHT: f64 = 0.1;

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
        let read = view.map(|entry| if view.token().stopped().is_some() { None } else { Some(read(view, entry)) });
        let not_reached = read.iter().filter(|file| file.is_none()).count();
        let files: Vec<File> = read.into_iter().flatten().flatten().collect();
        let unparsed = files.iter().filter(|file| file.facts.unparsed.is_some()).count();
        let mut graph = Self { files, definitions: Vec::new(), rows: vec![0], edges: Vec::new(), unparsed };
        graph.link(view);
        (graph, not_reached)
    }

    pub(super) fn symbol(&self, definition: &Definition, at: usize) -> &Symbol {
        &self.files[definition.file as usize].facts.symbols[definition.symbols[at] as usize]
    }

    fn link(&mut self, view: &View<'_>) {
        let files = std::mem::take(&mut self.files);
        let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            let mut own: HashMap<&str, u32> = HashMap::new();
            for (at, symbol) in file.facts.symbols.iter().enumerate() {
                let next = self.definitions.len() as u32;
                let definition = *own.entry(&symbol.name).or_insert(next);
                if definition == next {
                    by_name.entry(&symbol.name).or_default().push(next);
                    let weight = name_weight(&symbol.name) * if file.source { 1.0 } else { TEST_WEIGHT };
                    self.definitions.push(Definition { file: number as u32, symbols: Vec::new(), weight });
                }
                self.definitions[definition as usize].symbols.push(at as u32);
            }
        }
        let tallies: Vec<_> = files.par_iter().map(|file| tally(view, file, &by_name)).collect();
        let mut users: HashMap<&str, f64> = HashMap::new();
        for (name, _) in tallies.iter().flatten() {
            *users.entry(name).or_default() += 1.0;
        }
        let all = f64::from(files.len() as u32);
        for (number, tally) in tallies.iter().enumerate() {
            for (name, times) in tally {
                let definers = &by_name[name];
                let rare = (1.0 + all / users[name]).ln();
                let test = if files[number].source { 1.0 } else { TEST_WEIGHT };
                let weight = f64::from(*times).sqrt() * rare * test / f64::from(definers.len() as u32);
                let same_language =
                    |at: &&u32| is_related(&files[self.definitions[**at as usize].file as usize], &files[number]);
                self.edges.extend(
                    definers
                        .iter()
                        .filter(same_language)
                        .map(|at| Edge { definition: *at, weight: weight * self.definitions[*at as usize].weight }),
                );
            }
            self.rows.push(self.edges.len());
        }
        self.files = files;
    }
}

fn read(view: &View<'_>, entry: &Entry) -> Option<File> {
    let Content::Text(text) = view.content(entry) else { return None };
    let language = Grammar::of(&entry.path, &text)?.name;
    Some(File { path: entry.path.clone(), language, source: is_source(&entry.path), facts: entry.facts(&text) })
}

/// How often a file uses each name that other files define and it does not; in the order of the names.
fn tally<'n>(view: &View<'_>, file: &File, by_name: &HashMap<&'n str, Vec<u32>>) -> Vec<(&'n str, u32)> {
    let Some(text) = view.text_of(&file.path) else { return Vec::new() };
    let mut times: HashMap<&'n str, u32> = HashMap::new();
    for occurrence in &file.facts.occurrences {
        if let Some((name, definers)) = by_name.get_key_value(occurrence.text(&text))
            && definers.len() <= MOST_DEFINERS
            && occurrence.role != Use::Definition
        {
            *times.entry(name).or_default() += 1;
        }
    }
    for symbol in file.facts.symbols.iter() {
        times.remove(symbol.name.as_str());
    }
    let mut tally: Vec<(&'n str, u32)> = times.into_iter().collect();
    tally.sort_unstable();
    tally
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

fn name_weight(name: &str) -> f64 {
    if name.starts_with('_') || name.len() < 3 {
        return PRIVATE_WEIGHT;
    }
    let words = name.contains('_') || name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    if words && name.len() >= LONG_NAME { LONG_NAME_WEIGHT } else { 1.0 }
}
