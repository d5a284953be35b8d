//! Where names are defined and used.

use orchestrator_tools::cancel::Stop;
use orchestrator_tools::symbols as core;
use pyo3::prelude::*;

use crate::results::Symbol;

#[pyclass(frozen, get_all, module = "tools._native")]
pub(crate) struct Reference {
    path: String,
    line: u32,
    column: u32,
    kind: &'static str,
    test: bool,
    inside: String,
    text: String,
}

#[pymethods]
impl Reference {
    fn __repr__(&self) -> String {
        format!("Reference({} {}:{}: {})", self.kind, self.path, self.line, self.text)
    }
}

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct ReferenceResult {
    #[pyo3(get)]
    hits: Vec<Py<Reference>>,
    #[pyo3(get)]
    total: usize,
    #[pyo3(get)]
    files: usize,
    #[pyo3(get)]
    in_text: usize,
    #[pyo3(get)]
    other_files: Vec<(String, usize)>,
    #[pyo3(get)]
    unparsed: Vec<String>,
    #[pyo3(get)]
    partial: Option<&'static str>,
    #[pyo3(get)]
    complete: bool,
    #[pyo3(get)]
    rest: Vec<(String, usize)>,
    text: String,
}

#[pymethods]
impl ReferenceResult {
    fn render(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("ReferenceResult({})", self.text.lines().next().unwrap_or_default())
    }
}

impl ReferenceResult {
    pub(crate) fn new(py: Python<'_>, found: core::References) -> PyResult<Self> {
        let text = found.render().to_owned();
        let core::References { hits, total, files, in_text, other_files, unparsed, partial, complete, rest, .. } =
            found;
        let partial = partial.map(Stop::as_str);
        let hits = hits.into_iter().map(|hit| Py::new(py, Reference::from(hit))).collect::<PyResult<_>>()?;
        Ok(Self { hits, total, files, in_text, other_files, unparsed, partial, complete, rest, text })
    }
}

impl From<core::Reference> for Reference {
    fn from(reference: core::Reference) -> Self {
        let core::Reference { path, line, column, role, test, inside, text } = reference;
        Self { path, line, column, kind: role.as_str(), test, inside, text }
    }
}

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct SymbolResult {
    #[pyo3(get)]
    definitions: Vec<(String, Py<Symbol>)>,
    #[pyo3(get)]
    total: usize,
    text: String,
}

#[pymethods]
impl SymbolResult {
    fn render(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("SymbolResult({})", self.text.lines().next().unwrap_or_default())
    }
}

impl SymbolResult {
    pub(crate) fn new(py: Python<'_>, found: core::Definitions) -> PyResult<Self> {
        let text = found.render().to_owned();
        let core::Definitions { definitions, total, .. } = found;
        let definitions = definitions
            .into_iter()
            .map(|(path, symbol)| Ok((path, Py::new(py, Symbol::from(symbol))?)))
            .collect::<PyResult<_>>()?;
        Ok(Self { definitions, total, text })
    }
}
