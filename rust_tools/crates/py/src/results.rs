//! What the index answers with: frozen records, each ready to be rendered.

use std::collections::BTreeMap;

use orchestrator_tools::cancel::Stop;
use orchestrator_tools::{find, outline, read, search};
use pyo3::prelude::*;

#[pyclass(frozen, get_all, module = "tools._native")]
pub(crate) struct Hit {
    path: String,
    line: u32,
    column: u32,
    text: String,
    before: Vec<String>,
    after: Vec<String>,
}

#[pymethods]
impl Hit {
    fn __repr__(&self) -> String {
        format!("Hit({}:{}: {})", self.path, self.line, self.text)
    }
}

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct SearchResult {
    #[pyo3(get)]
    hits: Vec<Py<Hit>>,
    #[pyo3(get)]
    total: usize,
    #[pyo3(get)]
    files: usize,
    #[pyo3(get)]
    files_searched: usize,
    #[pyo3(get)]
    complete: bool,
    #[pyo3(get)]
    skipped: BTreeMap<&'static str, u32>,
    #[pyo3(get)]
    notes: Vec<String>,
    #[pyo3(get)]
    rest: Vec<(String, usize)>,
    #[pyo3(get)]
    partial: Option<&'static str>,
    #[pyo3(get)]
    not_reached: usize,
    text: String,
}

#[pymethods]
impl SearchResult {
    fn render(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("SearchResult({})", self.text.lines().next().unwrap_or_default())
    }
}

#[pyclass(frozen, module = "tools._native")]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one text, not a state")]
pub(crate) struct ReadResult {
    #[pyo3(get)]
    path: String,
    #[pyo3(get)]
    text: String,
    #[pyo3(get)]
    start: u32,
    #[pyo3(get)]
    end: u32,
    #[pyo3(get)]
    total_lines: u32,
    #[pyo3(get)]
    complete: bool,
    #[pyo3(get)]
    binary: bool,
    #[pyo3(get)]
    lossy: bool,
    #[pyo3(get)]
    crlf: bool,
    #[pyo3(get)]
    column: u32,
    #[pyo3(get)]
    within: Option<String>,
    rendered: String,
}

#[pymethods]
impl ReadResult {
    fn render(&self) -> &str {
        &self.rendered
    }

    fn __repr__(&self) -> String {
        format!("ReadResult({})", self.rendered.lines().next().unwrap_or_default())
    }
}

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct FindResult {
    #[pyo3(get)]
    paths: Vec<String>,
    #[pyo3(get)]
    total: usize,
    #[pyo3(get)]
    searched: usize,
    #[pyo3(get)]
    similar: Vec<String>,
    text: String,
}

#[pymethods]
impl FindResult {
    fn render(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("FindResult({})", self.text.lines().next().unwrap_or_default())
    }
}

#[pyclass(frozen, get_all, module = "tools._native")]
pub(crate) struct Symbol {
    name: String,
    qualified_name: String,
    kind: &'static str,
    start: u32,
    end: u32,
    line: u32,
    signature: String,
    documented: bool,
}

#[pymethods]
impl Symbol {
    fn __repr__(&self) -> String {
        format!("Symbol({} {}, lines {} to {})", self.kind, self.qualified_name, self.start, self.end)
    }
}

impl SearchResult {
    pub(crate) fn new(py: Python<'_>, found: search::Search) -> PyResult<Self> {
        let text = found.render().to_owned();
        let search::Search {
            hits,
            total,
            files,
            files_searched,
            complete,
            skipped,
            notes,
            rest,
            partial,
            not_reached,
            ..
        } = found;
        let hits = hits.into_iter().map(|hit| Py::new(py, Hit::from(hit))).collect::<PyResult<_>>()?;
        let partial = partial.map(Stop::as_str);
        Ok(Self { hits, total, files, files_searched, complete, skipped, notes, rest, partial, not_reached, text })
    }
}

impl From<search::Hit> for Hit {
    fn from(hit: search::Hit) -> Self {
        let search::Hit { path, line, column, text, before, after } = hit;
        Self { path, line, column, text, before, after }
    }
}

impl From<read::Excerpt> for ReadResult {
    fn from(excerpt: read::Excerpt) -> Self {
        let rendered = excerpt.render();
        let read::Excerpt {
            path, text, start, end, total_lines, complete, binary, lossy, crlf, column, within, ..
        } = excerpt;
        let within = within.map(|symbol| symbol.name);
        Self { path, text, start, end, total_lines, complete, binary, lossy, crlf, column, within, rendered }
    }
}

impl From<find::Found> for FindResult {
    fn from(found: find::Found) -> Self {
        let text = found.render();
        let find::Found { paths, total, searched, similar, .. } = found;
        Self { paths, total, searched, similar, text }
    }
}

impl From<outline::Symbol> for Symbol {
    fn from(symbol: outline::Symbol) -> Self {
        let outline::Symbol { name, qualified_name, kind, start, end, line, signature, documented } = symbol;
        Self { name, qualified_name, kind: kind.as_str(), start, end, line, signature, documented }
    }
}
