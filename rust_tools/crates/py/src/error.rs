//! Exceptions: one class for each kind of refusal, and no panic that reaches Python as one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use orchestrator_tools::error::Error;
use pyo3::exceptions::{
    PyException, PyFileNotFoundError, PyIsADirectoryError, PyOSError, PyPermissionError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

/// The exception classes of the module.
pub(crate) struct Classes {
    pub(crate) native: Py<PyType>,
    pub(crate) pattern: Py<PyType>,
    pub(crate) path_escape: Py<PyType>,
    pub(crate) edit: Py<PyType>,
}

/// The classes, made once: exceptions with two bases cannot be declared by a macro.
pub(crate) fn classes(py: Python<'_>) -> PyResult<&'static Classes> {
    static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
    CLASSES.get_or_try_init(py, || {
        let exception = py.get_type::<PyException>();
        let native = class(py, "NativeError", "Any refusal or failure of the native tools.", &[&exception])?;
        let bound = native.bind(py);
        let value = py.get_type::<PyValueError>();
        let permission = py.get_type::<PyPermissionError>();
        Ok(Classes {
            pattern: class(py, "PatternError", "A pattern or path glob cannot be used.", &[bound, &value])?,
            path_escape: class(py, "PathEscapeError", "A path leaves the root.", &[bound, &permission])?,
            edit: class(py, "EditError", "An edit cannot be applied; nothing was written.", &[bound, &value])?,
            native,
        })
    })
}

/// Runs work without the GIL; its error, or panic, becomes an exception.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(exception(py, &error)),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            let message = format!("a fault in the native tools: {}", said.unwrap_or("unknown"));
            Err(raise(py, &classes(py)?.native, &message, None))
        }
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let message = error.to_string();
    let classes = match classes(py) {
        Ok(classes) => classes,
        Err(error) => return error,
    };
    match error {
        Error::Pattern(_) => raise(py, &classes.pattern, &message, None),
        Error::Escape { path, .. } => raise(py, &classes.path_escape, &message, Some(path)),
        Error::Edit { path, .. } => raise(py, &classes.edit, &message, Some(path)),
        Error::NotFound { .. } => PyFileNotFoundError::new_err(message),
        Error::Folder { .. } => PyIsADirectoryError::new_err(message),
        Error::Io { source, .. } => match source.kind() {
            std::io::ErrorKind::NotFound => PyFileNotFoundError::new_err(message),
            std::io::ErrorKind::PermissionDenied => PyPermissionError::new_err(message),
            std::io::ErrorKind::NotADirectory => PyErr::new::<pyo3::exceptions::PyNotADirectoryError, _>(message),
            _ => PyOSError::new_err(message),
        },
    }
}

fn raise(py: Python<'_>, class: &Py<PyType>, message: &str, path: Option<&str>) -> PyErr {
    let make = || {
        let error = class.bind(py).call1((message,))?;
        error.setattr("path", path)?;
        PyResult::Ok(PyErr::from_value(error))
    };
    make().unwrap_or_else(|error| error)
}

fn class(py: Python<'_>, name: &str, doc: &str, bases: &[&Bound<'_, PyType>]) -> PyResult<Py<PyType>> {
    let body = PyDict::new(py);
    body.set_item("__module__", "tools._native")?;
    body.set_item("__doc__", doc)?;
    body.set_item("path", py.None())?;
    let made = py.get_type::<PyType>().call1((name, PyTuple::new(py, bases)?, body))?;
    Ok(made.cast_into::<PyType>()?.unbind())
}
