//! The map of the project.

use orchestrator_tools::cancel::Stop;
use orchestrator_tools::repo_map as core;
use pyo3::prelude::*;

use crate::results::Symbol;

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct RepoMap {
    #[pyo3(get)]
    files: Vec<(String, Vec<Py<Symbol>>)>,
    #[pyo3(get)]
    tokens: usize,
    #[pyo3(get)]
    total_files: usize,
    #[pyo3(get)]
    total_definitions: usize,
    #[pyo3(get)]
    partial: Option<&'static str>,
    text: String,
}

#[pymethods]
impl RepoMap {
    fn render(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("RepoMap({})", self.text.lines().next().unwrap_or_default())
    }
}

impl RepoMap {
    pub(crate) fn new(py: Python<'_>, map: core::RepoMap) -> PyResult<Self> {
        let text = map.render().to_owned();
        let core::RepoMap { files, tokens, total_files, total_definitions, partial, .. } = map;
        let one = |symbol| Py::new(py, Symbol::from(symbol));
        let files = files
            .into_iter()
            .map(|(path, symbols)| Ok((path, symbols.into_iter().map(one).collect::<PyResult<_>>()?)))
            .collect::<PyResult<_>>()?;
        Ok(Self { files, tokens, total_files, total_definitions, partial: partial.map(Stop::as_str), text })
    }
}
