//! Stopping long calls: by a token that Python holds, or by a signal such as Ctrl-C.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use orchestrator_tools::cancel::Token;
use orchestrator_tools::error::Error;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::detached;

#[pyclass(frozen, module = "tools._native")]
pub(crate) struct CancelToken {
    token: Token,
}

#[pymethods]
impl CancelToken {
    #[new]
    #[pyo3(signature = (timeout_seconds=None))]
    fn new(timeout_seconds: Option<f64>) -> PyResult<Self> {
        let timeout = match timeout_seconds {
            Some(seconds) if seconds.is_nan() || seconds < 0.0 => {
                return Err(PyValueError::new_err("timeout_seconds must not be negative"));
            }
            Some(seconds) => Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)),
            None => None,
        };
        Ok(Self { token: Token::new(timeout) })
    }

    fn cancel(&self) {
        self.token.cancel();
    }

    #[getter]
    fn cancelled(&self) -> bool {
        self.token.stopped().is_some()
    }
}

/// Runs a call that may take long, without the GIL. It stops when the token says so, and a signal handler that raises
/// (that of Ctrl-C does) stops it too: then its exception is the answer.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    token: Option<&CancelToken>,
    work: impl FnOnce(&Token) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let raised = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&raised);
    let handle_signals = move || {
        #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone has one lifetime only")]
        let outcome = Python::attach(|py| py.check_signals());
        let goes_on = outcome.is_ok();
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = outcome.err();
        goes_on
    };
    let token = token.map_or_else(Token::default, |token| token.token.clone()).ticking(handle_signals);
    let answer = detached(py, || work(&token));
    match raised.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(error),
        None => answer,
    }
}
