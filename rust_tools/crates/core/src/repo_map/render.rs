//! How much of the ranking fits, and the text that a model reads.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::RepoMap;
use super::graph::Graph;
use super::rank::Focus;
use crate::cancel::Stop;
use crate::outline::Symbol;
use crate::text::{count, window};

const CHARS_PER_TOKEN: usize = 4;
const MAX_LINE_CHARS: usize = 100;

/// No line of the map is shorter.
const MIN_LINE_CHARS: usize = 8;

/// The place of a symbol: its file, and its position in the file's facts.
type Place = (u32, u32);

/// The largest map of the best definitions that fits the budget.
pub(super) fn map(
    graph: &Graph,
    scores: &[f64],
    focus: &Focus,
    budget_tokens: usize,
    partial: Option<Stop>,
) -> RepoMap {
    let budget_chars = budget_tokens.saturating_mul(CHARS_PER_TOKEN);
    let ranked = ranked(graph, scores, budget_chars / MIN_LINE_CHARS + 1);
    let draw = |number: usize| Drawing::of(graph, &ranked[..number], focus, budget_tokens, partial);
    // The best number of definitions, by halving; what fits with more fits with fewer.
    let (mut fits, mut too_many) = (0, ranked.len() + 1);
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        if draw(middle).chars() <= budget_chars { fits = middle } else { too_many = middle }
    }
    draw(fits).into_map(graph, partial)
}

/// Symbols by the score of their definition, the best first; ties in the order of the files and lines.
fn ranked(graph: &Graph, scores: &[f64], most: usize) -> Vec<Place> {
    let mut all: Vec<(f64, Place)> = graph
        .definitions
        .iter()
        .zip(scores)
        .flat_map(|(definition, score)| {
            let each = score / f64::from(definition.symbols.len() as u32);
            definition.symbols.iter().map(move |at| (each, (definition.file, *at)))
        })
        .collect();
    let order = |a: &(f64, Place), b: &(f64, Place)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if all.len() > most {
        all.select_nth_unstable_by(most, order);
        all.truncate(most);
    }
    all.sort_unstable_by(order);
    all.into_iter().map(|(_, place)| place).collect()
}

/// A map of some number of definitions.
struct Drawing {
    files: Vec<(u32, Vec<u32>)>,
    text: String,
}

impl Drawing {
    fn of(graph: &Graph, chosen: &[Place], focus: &Focus, budget_tokens: usize, partial: Option<Stop>) -> Self {
        let files = by_file(graph, chosen);
        let mut body = String::new();
        for (file, symbols) in &files {
            let file = &graph.files[*file as usize];
            let _ = writeln!(body, "\n{}", file.path);
            for (symbol, depth) in nested(&file.facts.symbols, symbols) {
                let indent = "  ".repeat(depth + 1);
                let _ = writeln!(body, "{indent}{}: {}", symbol.line, window(&symbol.signature, 0, MAX_LINE_CHARS));
            }
        }
        let shown: usize = files.iter().map(|(_, symbols)| symbols.len()).sum();
        let head = |tokens: usize| head(graph, files.len(), shown, focus, tokens, budget_tokens, partial);
        // The first line says the size of the text that it is part of.
        let tokens = (head(budget_tokens).chars().count() + body.chars().count()).div_ceil(CHARS_PER_TOKEN);
        let text = head(tokens) + &body;
        Self { files, text }
    }

    fn chars(&self) -> usize {
        self.text.chars().count()
    }

    fn into_map(self, graph: &Graph, partial: Option<Stop>) -> RepoMap {
        let symbols = |(file, symbols): &(u32, Vec<u32>)| {
            let file = &graph.files[*file as usize];
            (file.path.clone(), symbols.iter().map(|at| file.facts.symbols[*at as usize].clone()).collect())
        };
        RepoMap {
            files: self.files.iter().map(symbols).collect(),
            tokens: self.chars().div_ceil(CHARS_PER_TOKEN),
            total_files: files_with_definitions(graph),
            total_definitions: graph.files.iter().map(|file| file.facts.symbols.len()).sum(),
            partial,
            rendered: self.text,
        }
    }
}

/// The chosen symbols by file, in the order in which the files first occur; each with the types that it lies in.
fn by_file(graph: &Graph, chosen: &[Place]) -> Vec<(u32, Vec<u32>)> {
    let mut files: Vec<(u32, BTreeSet<u32>)> = Vec::new();
    let mut known: HashMap<u32, usize> = HashMap::new();
    for (file, symbol) in chosen {
        let at = *known.entry(*file).or_insert_with(|| {
            files.push((*file, BTreeSet::new()));
            files.len() - 1
        });
        let symbols = &graph.files[*file as usize].facts.symbols;
        files[at].1.insert(*symbol);
        files[at].1.extend(around(symbols, *symbol));
    }
    files.into_iter().map(|(file, symbols)| (file, symbols.into_iter().collect())).collect()
}

/// The types and modules that a symbol lies in.
fn around(symbols: &[Symbol], at: u32) -> impl Iterator<Item = u32> {
    let inner = &symbols[at as usize];
    let holds = move |(_, outer): &(usize, &Symbol)| encloses(outer, inner) && !outer.kind.is_function();
    symbols[..at as usize].iter().enumerate().filter(holds).map(|(number, _)| number as u32)
}

fn encloses(outer: &Symbol, inner: &Symbol) -> bool {
    !outer.kind.is_value() && outer.start <= inner.start && inner.end <= outer.end && outer.line != inner.line
}

/// Symbols of a file with how many others of them they lie in.
fn nested<'s>(symbols: &'s [Symbol], chosen: &[u32]) -> Vec<(&'s Symbol, usize)> {
    let mut open: Vec<&Symbol> = Vec::new();
    let mut out = Vec::new();
    for at in chosen {
        let symbol = &symbols[*at as usize];
        while open.last().is_some_and(|outer| !encloses(outer, symbol)) {
            open.pop();
        }
        out.push((symbol, open.len()));
        open.push(symbol);
    }
    out
}

fn files_with_definitions(graph: &Graph) -> usize {
    graph.files.iter().filter(|file| !file.facts.symbols.is_empty()).count()
}

fn head(
    graph: &Graph,
    files: usize,
    shown: usize,
    focus: &Focus,
    tokens: usize,
    budget_tokens: usize,
    partial: Option<Stop>,
) -> String {
    let definitions: usize = graph.files.iter().map(|file| file.facts.symbols.len()).sum();
    let mut out = format!(
        "Map of {shown} of {} in {files} of {}, those that other code refers to most; about {tokens} of {budget_tokens} tokens (4 characters each)",
        count(definitions, "definition"),
        count(files_with_definitions(graph), "file"),
    );
    if !focus.is_empty() {
        let paths = focus.paths.iter().map(String::as_str);
        let of: Vec<&str> = paths.chain(focus.names.iter().map(String::as_str)).collect();
        let _ = write!(out, "; seen from {}", of.join(", "));
    }
    if let Some(stop) = partial {
        let _ = write!(out, "; not complete ({}): some files were not read", stop.as_str());
    }
    if graph.unparsed > 0 {
        let _ = write!(out, "; left out: {} that could not be parsed", count(graph.unparsed, "file"));
    }
    if graph.minified > 0 {
        let _ = write!(out, "; without {}", count(graph.minified, "minified file"));
    }
    out.push('\n');
    out
}
