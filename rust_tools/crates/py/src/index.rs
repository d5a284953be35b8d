//! The resident index.

use std::collections::BTreeMap;
use std::path::PathBuf;

use orchestrator_tools::cancel::Token;
use orchestrator_tools::edit::Writing;
use orchestrator_tools::index::Index as Core;
use orchestrator_tools::read::Range;
use orchestrator_tools::search::{Case, Patterns, Request};
use orchestrator_tools::{repo_map, structure};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::cancel::{CancelToken, interruptible};
use crate::check::{self, Change, Finding};
use crate::edit::EditResult;
use crate::error::detached;
use crate::map::RepoMap;
use crate::results::{FindResult, ReadResult, SearchResult, Symbol};
use crate::structure::StructuralResult;
use crate::symbols::{ReferenceResult, SymbolResult};

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct Index {
    core: Core,
    #[pyo3(get)]
    root: String,
}

/// One text, or several of them.
#[derive(FromPyObject)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Vec<String> {
    fn from(given: OneOrMore) -> Self {
        match given {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        }
    }
}

#[pymethods]
impl Index {
    #[new]
    #[pyo3(signature = (root, *, git_index=None, budget_bytes=536_870_912))]
    fn new(py: Python<'_>, root: PathBuf, git_index: Option<PathBuf>, budget_bytes: u64) -> PyResult<Self> {
        let core = detached(py, || Core::open(&root, git_index.as_deref(), budget_bytes))?;
        Ok(Self { core, root: root.to_string_lossy().into_owned() })
    }

    fn files(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        detached(py, || Ok(self.core.paths()))
    }

    #[getter]
    fn skipped(&self, py: Python<'_>) -> PyResult<BTreeMap<&'static str, u32>> {
        detached(py, || Ok(self.core.skipped()))
    }

    #[getter]
    fn ready(&self) -> bool {
        self.core.is_ready()
    }

    #[pyo3(signature = (token=None))]
    fn wait_ready(&self, py: Python<'_>, token: Option<&CancelToken>) -> PyResult<bool> {
        interruptible(py, token, |token| Ok(self.core.wait_ready(token)))
    }

    fn refresh(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        detached(py, || Ok(self.core.refresh()))
    }

    fn update(&self, py: Python<'_>, paths: Vec<String>) -> PyResult<()> {
        detached(py, || self.core.update(&paths))
    }

    #[pyo3(signature = (
        patterns, *, regex=false, word=false, case="smart", globs=OneOrMore::More(Vec::new()), limit=50, context=0,
        budget_chars=6000, token=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn search(
        &self,
        py: Python<'_>,
        patterns: OneOrMore,
        regex: bool,
        word: bool,
        case: &str,
        globs: OneOrMore,
        limit: usize,
        context: usize,
        budget_chars: usize,
        token: Option<&CancelToken>,
    ) -> PyResult<SearchResult> {
        let case = match case {
            "smart" => Case::Smart,
            "sensitive" => Case::Sensitive,
            "ignore" => Case::Ignored,
            _ => return Err(PyValueError::new_err("case must be \"smart\", \"sensitive\" or \"ignore\"")),
        };
        let patterns = Patterns { patterns: patterns.into(), regex, word, case };
        let request = Request { patterns, globs: globs.into(), limit, context, budget_chars };
        SearchResult::new(py, interruptible(py, token, |token| self.core.search_until(&request, token))?)
    }

    #[pyo3(signature = (name, *, limit=50, budget_chars=6000, token=None))]
    fn references(
        &self,
        py: Python<'_>,
        name: &str,
        limit: usize,
        budget_chars: usize,
        token: Option<&CancelToken>,
    ) -> PyResult<ReferenceResult> {
        let ask = |token: &Token| Ok(self.core.references_until(name, limit, budget_chars, token));
        ReferenceResult::new(py, interruptible(py, token, ask)?)
    }

    #[pyo3(signature = (*, focus=Vec::new(), names=Vec::new(), budget_tokens=1024, token=None))]
    fn repo_map(
        &self,
        py: Python<'_>,
        focus: Vec<String>,
        names: Vec<String>,
        budget_tokens: usize,
        token: Option<&CancelToken>,
    ) -> PyResult<RepoMap> {
        let request = repo_map::Request { focus, names, budget_tokens };
        RepoMap::new(py, interruptible(py, token, |token| self.core.repo_map(&request, token))?)
    }

    #[pyo3(signature = (
        pattern, language=None, *, globs=OneOrMore::More(Vec::new()), limit=50, budget_chars=6000, token=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn structural_search(
        &self,
        py: Python<'_>,
        pattern: String,
        language: Option<String>,
        globs: OneOrMore,
        limit: usize,
        budget_chars: usize,
        token: Option<&CancelToken>,
    ) -> PyResult<StructuralResult> {
        let request = structure::Request { pattern, language, globs: globs.into(), limit, budget_chars };
        let search = |token: &Token| self.core.structural_search(&request, token);
        StructuralResult::new(py, interruptible(py, token, search)?)
    }

    #[pyo3(signature = (
        pattern, replacement, language=None, *, globs=OneOrMore::More(Vec::new()), dry_run=true, journal=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn structural_replace(
        &self,
        py: Python<'_>,
        pattern: &str,
        replacement: &str,
        language: Option<String>,
        globs: OneOrMore,
        dry_run: bool,
        journal: Option<PathBuf>,
    ) -> PyResult<EditResult> {
        let writing = Writing::new(dry_run, journal.as_deref());
        let request = structure::Request { language, globs: globs.into(), ..structure::Request::pattern(pattern) };
        let done = detached(py, || self.core.structural_replace(&request, replacement, writing))?;
        let text = done.render().to_owned();
        EditResult::new(py, done.files, done.written, text)
    }

    #[pyo3(signature = (name, to, *, globs=OneOrMore::More(Vec::new()), dry_run=true, journal=None))]
    fn rename(
        &self,
        py: Python<'_>,
        name: &str,
        to: &str,
        globs: OneOrMore,
        dry_run: bool,
        journal: Option<PathBuf>,
    ) -> PyResult<EditResult> {
        let globs: Vec<String> = globs.into();
        let writing = Writing::new(dry_run, journal.as_deref());
        let done = detached(py, || self.core.rename(name, to, &globs, writing))?;
        let text = done.render().to_owned();
        EditResult::new(py, done.files, done.written, text)
    }

    #[pyo3(signature = (name, *, limit=5, budget_chars=4000))]
    fn symbol(&self, py: Python<'_>, name: &str, limit: usize, budget_chars: usize) -> PyResult<SymbolResult> {
        SymbolResult::new(py, detached(py, || Ok(self.core.symbol(name, limit, budget_chars)))?)
    }

    #[pyo3(signature = (path, start=None, end=None, max_chars=20_000, *, column=1))]
    fn read(
        &self,
        py: Python<'_>,
        path: &str,
        start: Option<u32>,
        end: Option<u32>,
        max_chars: usize,
        column: u32,
    ) -> PyResult<ReadResult> {
        Ok(detached(py, || self.core.read_at(path, Range { start, end }, column, max_chars))?.into())
    }

    #[pyo3(signature = (query, limit=20))]
    fn find(&self, py: Python<'_>, query: &str, limit: usize) -> PyResult<FindResult> {
        Ok(detached(py, || self.core.find(query, limit))?.into())
    }

    fn outline(&self, py: Python<'_>, path: &str) -> PyResult<Vec<Symbol>> {
        let symbols = detached(py, || self.core.outline(path))?;
        Ok(symbols.into_iter().map(Symbol::from).collect())
    }

    fn outlines(&self, py: Python<'_>, paths: Vec<String>) -> PyResult<Vec<Vec<Symbol>>> {
        let outlines = detached(py, || self.core.outlines(&paths))?;
        Ok(outlines.into_iter().map(|symbols| symbols.into_iter().map(Symbol::from).collect()).collect())
    }

    fn definitions(&self, py: Python<'_>, name: &str) -> PyResult<Vec<(String, Symbol)>> {
        let found = detached(py, || Ok(self.core.definitions(name)))?;
        Ok(found.into_iter().map(|(path, symbol)| (path, symbol.into())).collect())
    }

    fn check(&self, py: Python<'_>, changes: Vec<Change>) -> PyResult<Vec<Finding>> {
        let changes = check::changes(changes);
        let found = detached(py, || Ok(self.core.check(&changes)))?;
        Ok(found.into_iter().map(Finding::from).collect())
    }

    fn __repr__(&self) -> String {
        format!("Index({:?}, {} files)", self.root, self.core.paths().len())
    }
}
