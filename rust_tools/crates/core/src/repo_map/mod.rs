//! A map of the project for a model: the definitions that the rest of the code leans on most, within a budget.
//!
//! Files refer to definitions of other files by name. Names that few files use say more than common ones; a walk
//! that follows references at random, and now and then starts over at what the asker cares about, is most often
//! where the important definitions are (personalised `PageRank`).

mod graph;
mod rank;
mod render;
mod tally;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::cancel::{Stop, Token};
use crate::contents::Entry;
use crate::error::{Error, Result};
use crate::index::{Index, View};
use crate::outline::Symbol;
use crate::symbols::parts;
use crate::workers;

use graph::Graph;
use rank::Focus;

/// What the map is for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files at hand: what they refer to ranks high.
    pub focus: Vec<String>,
    /// Names that matter: their definitions, and what refers to them, rank high.
    pub names: Vec<String>,
    /// Size of the rendered map at most, in tokens of about four characters; the first line is always there.
    pub budget_tokens: usize,
}

impl Default for Request {
    fn default() -> Self {
        Self { focus: Vec::new(), names: Vec::new(), budget_tokens: 1024 }
    }
}

/// The chosen definitions.
#[derive(Debug, Clone)]
pub struct RepoMap {
    /// Files with their chosen symbols in the order of the lines; the most important file first.
    pub files: Vec<(String, Vec<Symbol>)>,
    /// Size of the rendered map in tokens of about four characters.
    pub tokens: usize,
    /// Number of files with definitions, on the map or not.
    pub total_files: usize,
    /// Number of definitions, on the map or not.
    pub total_definitions: usize,
    /// Why some files were not read.
    pub partial: Option<Stop>,
    rendered: String,
}

impl RepoMap {
    /// The map for a model: how much of the project it shows, then signatures grouped by file.
    pub fn render(&self) -> &str {
        &self.rendered
    }
}

/// The graph of the last map, for as long as no file changes.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Option<Known>>);

/// A graph and the files that it was made of.
#[derive(Debug, Clone)]
struct Known {
    entries: Vec<Weak<Entry>>,
    graph: Arc<Graph>,
}

impl Known {
    fn is_of(&self, view: &View<'_>) -> bool {
        let same = |(old, new): (&Weak<Entry>, &Arc<Entry>)| Weak::as_ptr(old) == Arc::as_ptr(new);
        self.entries.len() == view.entries.len() && self.entries.iter().zip(&view.entries).all(same)
    }
}

impl Index {
    /// A map of the definitions that matter most.
    ///
    /// Deterministic for the same files and request; refused where a focus is no file. A token that stops the work leaves a map of what was read.
    ///
    /// ```
    /// # use orchestrator_tools::{cancel::Token, index::Index, repo_map::Request};
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("cart.py"), "def total(lines): ...\ndef unused(): ...\n")?;
    /// std::fs::write(root.join("shop.py"), "from cart import total\nprint(total([]))\n")?;
    /// let index = Index::open(root, None, 1 << 20)?;
    /// let map = index.repo_map(&Request::default(), &Token::default())?;
    /// assert_eq!(map.files[0].1[0].name, "total");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn repo_map(&self, request: &Request, token: &Token) -> Result<RepoMap> {
        let focus: BTreeSet<String> = request.focus.iter().map(|path| self.known(path)).collect::<Result<_>>()?;
        let names = request.names.iter().filter_map(|name| parts(name).last().map(|&last| last.to_owned())).collect();
        let focus = Focus { paths: focus, names };
        let view = self.view_until(token);
        workers::run_until(token, || {
            let (graph, partial) = self.graph(&view);
            let scores = rank::scores(&graph, &focus);
            Ok(render::map(&graph, &scores, &focus, request.budget_tokens, partial))
        })
    }

    /// The one spelling of a path that a file of the index has.
    fn known(&self, path: &str) -> Result<String> {
        let relative = self.root().relative(path)?;
        match self.view().entry(&relative) {
            Some(_) => Ok(relative),
            None => Err(self.with_nearest(path, Error::not_found(&relative))),
        }
    }

    /// The graph of the present files: the last one where no file has changed since.
    fn graph(&self, view: &View<'_>) -> (Arc<Graph>, Option<Stop>) {
        let cache = self.map_cache();
        if let Some(known) = cache.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().filter(|it| it.is_of(view))
        {
            return (Arc::clone(&known.graph), None);
        }
        let (graph, not_reached) = Graph::of(view);
        let graph = Arc::new(graph);
        let partial = view.token().stopped().filter(|_| not_reached > 0);
        if partial.is_none() {
            let entries = view.entries.iter().map(Arc::downgrade).collect();
            let known = Known { entries, graph: Arc::clone(&graph) };
            *cache.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        }
        (graph, partial)
    }
}
