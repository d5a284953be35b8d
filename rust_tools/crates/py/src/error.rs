//! Exceptions: one class for each kind of refusal, and no panic that reaches Python as one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use orchestrator_tools::error::Error;
use pyo3::exceptions::{
    PyException, PyFileNotFoundError, PyIsADirectoryError, PyNotADirectoryError, PyOSError, PyPermissionError,
    PyValueError,
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
    pub(crate) edit_conflict: Py<PyType>,
    pub(crate) cancelled: Py<PyType>,
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
        let edit = class(py, "EditError", "An edit cannot be applied; nothing was written.", &[bound, &value])?;
        Ok(Classes {
            pattern: class(py, "PatternError", "A pattern or path glob cannot be used.", &[bound, &value])?,
            path_escape: class(py, "PathEscapeError", "A path leaves the root.", &[bound, &permission])?,
            edit_conflict: class(
                py,
                "EditConflict",
                "The disk is not what the edit started from; nothing was written.",
                &[edit.bind(py)],
            )?,
            cancelled: class(
                py,
                "Cancelled",
                "The call was cancelled before there was a part worth having.",
                &[bound],
            )?,
            edit,
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
    let classes = match classes(py) {
        Ok(classes) => classes,
        Err(error) => return error,
    };
    let class = match error {
        Error::Pattern(_) => &classes.pattern,
        Error::Escape { .. } => &classes.path_escape,
        Error::Edit { .. } => &classes.edit,
        Error::Conflict { .. } => &classes.edit_conflict,
        Error::Cancelled(_) => &classes.cancelled,
        Error::NotFound { .. } | Error::Folder { .. } | Error::Io { .. } => return system_error(py, error),
    };
    raise(py, class, &error.to_string(), Some(error))
}

/// What Python itself raises for such a failure: callers catch it as they would for `open`.
fn system_error(py: Python<'_>, error: &Error) -> PyErr {
    use std::io::ErrorKind;
    let kind = match error {
        Error::NotFound { .. } => ErrorKind::NotFound,
        Error::Folder { .. } => ErrorKind::IsADirectory,
        Error::Io { source, .. } => source.kind(),
        _ => ErrorKind::Other,
    };
    let class = match kind {
        ErrorKind::NotFound => py.get_type::<PyFileNotFoundError>(),
        ErrorKind::IsADirectory => py.get_type::<PyIsADirectoryError>(),
        ErrorKind::NotADirectory => py.get_type::<PyNotADirectoryError>(),
        ErrorKind::PermissionDenied => py.get_type::<PyPermissionError>(),
        _ => py.get_type::<PyOSError>(),
    };
    raise(py, &class.unbind(), &error.to_string(), Some(error))
}

fn raise(py: Python<'_>, class: &Py<PyType>, message: &str, cause: Option<&Error>) -> PyErr {
    let make = || {
        let error = class.bind(py).call1((message,))?;
        error.setattr("path", cause.and_then(Error::path))?;
        error.setattr("line", cause.and_then(Error::line))?;
        error.setattr("hint", cause.and_then(Error::hint))?;
        if let Some(Error::Io { source, .. }) = cause {
            error.setattr("errno", source.raw_os_error())?;
        }
        PyResult::Ok(PyErr::from_value(error))
    };
    make().unwrap_or_else(|error| error)
}

fn class(py: Python<'_>, name: &str, doc: &str, bases: &[&Bound<'_, PyType>]) -> PyResult<Py<PyType>> {
    let body = PyDict::new(py);
    body.set_item("__module__", "tools._native")?;
    body.set_item("__doc__", doc)?;
    for attribute in ["path", "line", "hint"] {
        body.set_item(attribute, py.None())?;
    }
    let made = py.get_type::<PyType>().call1((name, PyTuple::new(py, bases)?, body))?;
    Ok(made.cast_into::<PyType>()?.unbind())
}
