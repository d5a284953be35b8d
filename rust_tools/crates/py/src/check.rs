//! `check`, what it finds, and secrets.

use orchestrator_tools::check::{self as core, FileChange};
use orchestrator_tools::secrets;
use pyo3::prelude::*;

use crate::error::detached;

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct Finding {
    #[pyo3(get)]
    source: &'static str,
    #[pyo3(get)]
    path: String,
    #[pyo3(get)]
    line: u32,
    #[pyo3(get)]
    column: u32,
    #[pyo3(get)]
    code: String,
    #[pyo3(get)]
    message: String,
    #[pyo3(get)]
    blocking: bool,
    rendered: String,
}

#[pymethods]
impl Finding {
    fn render(&self) -> &str {
        &self.rendered
    }

    fn __repr__(&self) -> String {
        format!("Finding({}: {})", self.source, self.rendered)
    }
}

/// Problems of a file's new text that its old text did not have.
#[pyfunction]
#[pyo3(signature = (path, after, before=None))]
pub(crate) fn check(py: Python<'_>, path: &str, after: &str, before: Option<&str>) -> PyResult<Vec<Finding>> {
    let found = detached(py, || Ok(core::check(path, after, before)))?;
    Ok(found.into_iter().map(Finding::from).collect())
}

/// Secrets of a text.
#[pyfunction]
pub(crate) fn secrets_in(py: Python<'_>, text: &str) -> PyResult<Vec<(u32, &'static str)>> {
    detached(py, || Ok(secrets::in_text(text)))
}

/// The secrets of a text themselves.
#[pyfunction]
pub(crate) fn secret_values(py: Python<'_>, text: &str) -> PyResult<Vec<String>> {
    detached(py, || Ok(secrets::values(text).into_iter().map(str::to_owned).collect()))
}

/// Secrets that a unified diff adds.
#[pyfunction]
pub(crate) fn secrets_in_diff(py: Python<'_>, diff: &str) -> PyResult<Vec<(String, u32, &'static str)>> {
    detached(py, || Ok(secrets::in_diff(diff)))
}

/// A file of a patch as Python gives it: path, text before, text afterwards.
pub(crate) type Change = (String, Option<String>, Option<String>);

pub(crate) fn changes(given: Vec<Change>) -> Vec<FileChange> {
    given.into_iter().map(|(path, before, after)| FileChange { path, before, after }).collect()
}

impl From<core::Finding> for Finding {
    fn from(found: core::Finding) -> Self {
        let rendered = found.render();
        let core::Finding { source, path, line, column, code, message, blocking } = found;
        Self { source: source.as_str(), path, line, column, code, message, blocking, rendered }
    }
}
