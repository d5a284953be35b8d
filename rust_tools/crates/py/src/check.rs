//! `check` and what it finds.

use orchestrator_tools::check as core;
use pyo3::prelude::*;

use crate::error::detached;

#[pyclass(frozen, get_all, module = "tools._native")]
pub(crate) struct Finding {
    source: &'static str,
    line: u32,
    column: u32,
    code: String,
    message: String,
}

#[pymethods]
impl Finding {
    fn __repr__(&self) -> String {
        format!("Finding({}, {}:{}, {}: {})", self.source, self.line, self.column, self.code, self.message)
    }
}

/// Problems of a file's new text that its old text did not have.
#[pyfunction]
#[pyo3(signature = (path, after, before=None))]
pub(crate) fn check(py: Python<'_>, path: &str, after: &str, before: Option<&str>) -> PyResult<Vec<Finding>> {
    let found = detached(py, || Ok(core::check(path, after, before)))?;
    Ok(found.into_iter().map(Finding::from).collect())
}

impl From<core::Finding> for Finding {
    fn from(found: core::Finding) -> Self {
        let core::Finding { source, line, column, code, message } = found;
        Self { source: source.as_str(), line, column, code, message }
    }
}
