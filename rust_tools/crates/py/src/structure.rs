//! Structural search and its matches.

use std::collections::BTreeMap;

use orchestrator_tools::cancel::Stop;
use orchestrator_tools::structure as core;
use pyo3::prelude::*;

#[pyclass(frozen, get_all, module = "tools._native")]
pub(crate) struct StructuralMatch {
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    text: String,
    captures: BTreeMap<String, String>,
}

#[pymethods]
impl StructuralMatch {
    fn __repr__(&self) -> String {
        format!("StructuralMatch({}:{}: {})", self.path, self.line, self.text.lines().next().unwrap_or_default())
    }
}

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct StructuralResult {
    #[pyo3(get)]
    matches: Vec<Py<StructuralMatch>>,
    #[pyo3(get)]
    total: usize,
    #[pyo3(get)]
    files: usize,
    #[pyo3(get)]
    files_searched: usize,
    #[pyo3(get)]
    languages: Vec<&'static str>,
    #[pyo3(get)]
    unparsed: Vec<String>,
    #[pyo3(get)]
    partial: Option<&'static str>,
    #[pyo3(get)]
    complete: bool,
    #[pyo3(get)]
    notes: Vec<String>,
    #[pyo3(get)]
    rest: Vec<(String, usize)>,
    text: String,
}

#[pymethods]
impl StructuralResult {
    fn render(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("StructuralResult({})", self.text.lines().next().unwrap_or_default())
    }
}

impl StructuralResult {
    pub(crate) fn new(py: Python<'_>, found: core::Matches) -> PyResult<Self> {
        let text = found.render().to_owned();
        let core::Matches {
            matches,
            total,
            files,
            files_searched,
            languages,
            unparsed,
            partial,
            complete,
            notes,
            rest,
            ..
        } = found;
        let partial = partial.map(Stop::as_str);
        let matches =
            matches.into_iter().map(|one| Py::new(py, StructuralMatch::from(one))).collect::<PyResult<_>>()?;
        Ok(Self { matches, total, files, files_searched, languages, unparsed, partial, complete, notes, rest, text })
    }
}

impl From<core::Match> for StructuralMatch {
    fn from(found: core::Match) -> Self {
        let core::Match { path, line, column, end_line, text, captures } = found;
        Self { path, line, column, end_line, text, captures }
    }
}
