//! The Python face: arguments in, results out, no logic. What each name means stands in `tools/_native.pyi`.

#![expect(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]

mod cancel;
mod check;
mod edit;
mod error;
mod index;
mod map;
mod results;
mod structure;
mod symbols;

use pyo3::prelude::*;

/// Search, checks and edits for coding agents, in Rust.
#[pymodule]
mod _native {
    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_export]
    use crate::cancel::CancelToken;
    #[pymodule_export]
    use crate::check::{Finding, check, secret_values, secrets_in, secrets_in_diff};
    #[pymodule_export]
    use crate::edit::{EditResult, FileEdit, apply_edits, edits_of_diff, plan_edits, recover_edits, resolve};
    #[pymodule_export]
    use crate::index::Index;
    #[pymodule_export]
    use crate::results::{FindResult, Hit, ReadResult, SearchResult, Symbol};

    #[pymodule_export]
    use crate::map::RepoMap;
    #[pymodule_export]
    use crate::structure::{StructuralMatch, StructuralResult};
    #[pymodule_export]
    use crate::symbols::{Reference, ReferenceResult, SymbolResult};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let classes = crate::error::classes(module.py())?;
        module.add("NativeError", &classes.native)?;
        module.add("PatternError", &classes.pattern)?;
        module.add("PathEscapeError", &classes.path_escape)?;
        module.add("EditError", &classes.edit)?;
        module.add("EditConflict", &classes.edit_conflict)?;
        module.add("Cancelled", &classes.cancelled)
    }
}
