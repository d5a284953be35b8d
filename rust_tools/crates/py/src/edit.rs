//! Edits, and the check of a single path.

use std::path::PathBuf;

use orchestrator_tools::diff;
use orchestrator_tools::edit::{self, Change, Edit, Recovery};
use orchestrator_tools::root::Root;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::error::detached;

#[pyclass(frozen, get_all, module = "tools._native")]
pub(crate) struct FileEdit {
    path: String,
    before: Option<String>,
    after: Option<String>,
    how: String,
}

#[pymethods]
impl FileEdit {
    fn __repr__(&self) -> String {
        format!("FileEdit({}: {})", self.path, self.how)
    }
}

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct EditResult {
    #[pyo3(get)]
    files: Vec<Py<FileEdit>>,
    #[pyo3(get)]
    written: bool,
    text: String,
}

#[pymethods]
impl EditResult {
    fn render(&self) -> &str {
        &self.text
    }
}

impl EditResult {
    pub(crate) fn new(py: Python<'_>, files: Vec<edit::FileEdit>, written: bool, text: String) -> PyResult<Self> {
        let files = files.into_iter().map(|file| Py::new(py, FileEdit::from(file))).collect::<PyResult<_>>()?;
        Ok(Self { files, written, text })
    }
}

/// Applies edits below a root: all files, or none.
#[pyfunction]
#[pyo3(signature = (root, edits, *, dry_run=false, journal=None))]
pub(crate) fn apply_edits(
    py: Python<'_>,
    root: PathBuf,
    edits: Vec<Bound<'_, PyMapping>>,
    dry_run: bool,
    journal: Option<PathBuf>,
) -> PyResult<EditResult> {
    let edits = edits.iter().map(one_edit).collect::<PyResult<Vec<_>>>()?;
    let files = detached(py, || {
        if dry_run {
            edit::plan(&root, &edits)
        } else {
            edit::apply_watched(&root, &edits, journal.as_deref(), &mut |_| Ok(()))
        }
    })?;
    let text = edit::render(&files, !dry_run);
    EditResult::new(py, files, !dry_run, text)
}

/// Ends a patch that was interrupted: whole, or not at all.
#[pyfunction]
pub(crate) fn recover_edits(py: Python<'_>, root: PathBuf, journal: PathBuf) -> PyResult<&'static str> {
    Ok(match detached(py, || edit::recover(&root, &journal))? {
        Recovery::Nothing => "nothing",
        Recovery::Completed => "completed",
        Recovery::RolledBack => "rolled back",
    })
}

/// The edits that a unified diff asks for.
#[pyfunction]
pub(crate) fn edits_of_diff<'py>(py: Python<'py>, diff: &str) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let edits = detached(py, || diff::edits_of(diff))?;
    edits.iter().map(|edit| mapping_of(py, edit)).collect()
}

/// Says what edits would do, without writing.
#[pyfunction]
pub(crate) fn plan_edits(py: Python<'_>, root: PathBuf, edits: Vec<Bound<'_, PyMapping>>) -> PyResult<EditResult> {
    apply_edits(py, root, edits, true, None)
}

/// The one form of a path below a root.
#[pyfunction]
pub(crate) fn resolve(py: Python<'_>, root: PathBuf, path: &str) -> PyResult<String> {
    detached(py, || Root::open(&root)?.resolve(path))
}

fn one_edit(edit: &Bound<'_, PyMapping>) -> PyResult<Edit> {
    let text = |key: &str| -> PyResult<Option<String>> {
        if !edit.contains(key)? {
            return Ok(None);
        }
        let value = edit.get_item(key)?;
        let wrong = |_| PyTypeError::new_err(format!("an edit's {key:?} must be a string"));
        value.extract::<String>().map(Some).map_err(wrong)
    };
    let path = text("path")?.ok_or_else(|| PyValueError::new_err("an edit needs a \"path\""))?;
    let delete = edit.contains("delete")? && edit.get_item("delete")?.is_truthy()?;
    let change = match (text("search")?, text("replace")?, text("content")?, delete) {
        (Some(search), Some(replace), None, false) if edit.contains("line")? => {
            let wrong = |_| PyTypeError::new_err("an edit's \"line\" must be a line number or None");
            Change::Hunk { search, replace, line: edit.get_item("line")?.extract().map_err(wrong)? }
        }
        (Some(search), Some(replace), None, false) => Change::Replace { search, replace },
        (None, None, Some(content), false) => Change::Whole { content },
        (None, None, None, true) => Change::Delete,
        _ => {
            return Err(PyValueError::new_err(
                "an edit has \"path\" and either \"search\" with \"replace\", or \"content\", or \"delete\": True",
            ));
        }
    };
    Ok(Edit { path, change })
}

/// The inverse of [`one_edit`].
fn mapping_of<'py>(py: Python<'py>, edit: &Edit) -> PyResult<Bound<'py, PyDict>> {
    let mapping = PyDict::new(py);
    mapping.set_item("path", &edit.path)?;
    match &edit.change {
        Change::Replace { search, replace } => {
            mapping.set_item("search", search)?;
            mapping.set_item("replace", replace)?;
        }
        Change::Hunk { search, replace, line } => {
            mapping.set_item("search", search)?;
            mapping.set_item("replace", replace)?;
            mapping.set_item("line", line)?;
        }
        Change::Whole { content } => mapping.set_item("content", content)?,
        Change::Delete => mapping.set_item("delete", true)?,
    }
    Ok(mapping)
}

impl From<edit::FileEdit> for FileEdit {
    fn from(file: edit::FileEdit) -> Self {
        let edit::FileEdit { path, before, after, how } = file;
        Self { path, before, after, how }
    }
}
