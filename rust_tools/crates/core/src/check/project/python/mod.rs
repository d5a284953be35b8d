//! What a Python file needs of the rest of the project: modules, their names, and calls that fit.

mod module;
mod resolve;
mod signature;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use ruff_text_size::TextSize;

use self::module::{Bound, Callee, Import, Module};
use self::resolve::{Target, joined, parent, resolve};
use self::signature::Signature;
use super::Problem;
use super::packages::Packages;
use super::state::State;
use crate::check::{Finding, Source};
use crate::near::Wanted;
use crate::python::is_python;
use crate::text::LineStarts;

/// The Python side of a project in one state.
pub(super) struct Project<'a> {
    pub(super) state: State<'a>,
    root: &'a Path,
    modules: RefCell<HashMap<String, Option<Rc<Module>>>>,
    packages: OnceCell<Packages>,
}

/// Chains of re-exports are followed so far.
const MOST_STEPS: usize = 6;

impl<'a> Project<'a> {
    pub(super) fn new(state: State<'a>, root: &'a Path) -> Self {
        Self { state, root, modules: RefCell::default(), packages: OnceCell::new() }
    }

    /// What is wrong with a file in this state of the project. Nothing is said of one that does not parse.
    pub(super) fn problems(&self, path: &str) -> Vec<Problem> {
        let (Some(module), Some(text)) = (self.module(path), self.state.text(path)) else { return Vec::new() };
        let place = Place { path, text: &text, lines: LineStarts::of(&text) };
        let imports = module.imports.iter().filter(|import| !import.is_optional);
        let mut found: Vec<Problem> = imports.filter_map(|import| self.import_problem(&place, import)).collect();
        found.extend(module.uses.iter().filter_map(|used| {
            let file = self.module_named(path, &module, &used.name)?;
            let message = format!("module `{}` ({file}) has no `{}`", used.name, used.attribute);
            self.missing(&place, used.at, "missing-attribute", message, &file, &used.attribute)
        }));
        found.extend(module.calls.iter().filter_map(|call| {
            let (name, signature) = self.called(path, &module, &call.callee)?;
            let message = format!("`{name}()` {}", signature.refuses(&call.arity)?);
            Some(place.problem(call.at, "call-arity", message, true))
        }));
        found
    }

    /// Names that files see of a module in this state and another does not have or calls in another way.
    pub(super) fn names_unlike(&self, path: &str, other: &Self) -> Vec<String> {
        let Some(mine) = self.module(path) else { return Vec::new() };
        let theirs = other.module(path);
        let is_same = |name: &str, bound: &Bound| match theirs.as_ref().and_then(|module| module.names.get(name)) {
            Some(Bound::Callable(now)) => !matches!(bound, Bound::Callable(before) if before != now),
            Some(_) => true,
            None => false,
        };
        mine.names.iter().filter(|(name, bound)| !is_same(name, bound)).map(|(name, _)| name.clone()).collect()
    }

    fn module(&self, path: &str) -> Option<Rc<Module>> {
        if let Some(known) = self.modules.borrow().get(path) {
            return known.clone();
        }
        let read = || Module::read(path, &self.state.text(path)?).map(Rc::new);
        let module = if is_python(path) { read() } else { None };
        self.modules.borrow_mut().insert(path.to_owned(), module.clone());
        module
    }

    fn import_problem(&self, place: &Place<'_>, import: &Import) -> Option<Problem> {
        let dotted = format!("{}{}", ".".repeat(import.level as usize), import.module);
        match resolve(&self.state, place.path, import.level, &import.module) {
            Target::Elsewhere => None,
            Target::Missing => {
                let message = format!("there is no module `{dotted}` in the project");
                Some(place.problem(import.at, "unresolved-import", message, true))
            }
            Target::Foreign => self.foreign_problem(place, import),
            Target::File(file) => {
                let name = import.name.as_deref()?;
                let message = format!("cannot import `{name}` from `{dotted}`: {file} does not define it");
                self.missing(place, import.at, "unresolved-import", message, &file, name)
            }
            Target::Folder => {
                let name = import.name.as_deref()?;
                let inner =
                    if import.module.is_empty() { name.to_owned() } else { format!("{}.{name}", import.module) };
                let message = format!("cannot import `{name}` from `{dotted}`: the folder has no such module");
                (resolve(&self.state, place.path, import.level, &inner) == Target::Missing)
                    .then(|| place.problem(import.at, "unresolved-import", message, true))
            }
        }
    }

    /// A module that nobody has heard of. What other files import already is there.
    fn foreign_problem(&self, place: &Place<'_>, import: &Import) -> Option<Problem> {
        let top = import.module.split('.').next()?;
        let packages = self.packages.get_or_init(|| Packages::of(&self.state, self.root));
        let nobody_knows = !packages.environment_is_known() && !packages.is_anything_declared();
        if nobody_knows || packages.has(top) {
            return None;
        }
        let statements = [format!("import {top}"), format!("from {top}")];
        if !self.state.holding(is_python, &[top], &[&statements[0], &statements[1]]).is_empty() {
            return None;
        }
        let message =
            format!("`{top}` is neither in the project nor in the standard library nor a declared dependency");
        Some(place.problem(import.at, "undeclared-import", message, packages.environment_is_known()))
    }

    /// A problem if a module of the project does not have a name.
    fn missing(
        &self,
        place: &Place<'_>,
        at: TextSize,
        code: &str,
        message: String,
        file: &str,
        name: &str,
    ) -> Option<Problem> {
        let module = self.module(file)?;
        let is_submodule = || {
            let folder = parent(file).filter(|_| is_package_module(file));
            folder.map(|folder| joined(folder, name)).is_some_and(|inner| {
                self.state.has_folder(&inner) || self.state.starting_with(&format!("{inner}.")).next().is_some()
            })
        };
        if module.is_open || module.names.contains_key(name) || name.starts_with("__") || is_submodule() {
            return None;
        }
        let hint = closest(name, &module).map(|other| format!("; did you mean `{other}`?")).unwrap_or_default();
        let problem = place.problem(at, code, message + &hint, true);
        Some(Problem { misses: Some((file.to_owned(), name.to_owned())), ..problem })
    }

    /// The file of the project's module that a name stands for.
    fn module_named(&self, path: &str, module: &Module, name: &str) -> Option<String> {
        match module.meaning(name)? {
            Bound::Module(dotted) => self.file(path, 0, dotted),
            Bound::From { level, module: package, name } => {
                let shadowed =
                    |file: String| self.module(&file).is_none_or(|m| m.is_open || m.names.contains_key(name));
                if self.file(path, *level, package).is_some_and(shadowed) {
                    return None;
                }
                let dotted = if package.is_empty() { name.clone() } else { format!("{package}.{name}") };
                self.file(path, *level, &dotted)
            }
            _ => None,
        }
    }

    fn file(&self, from: &str, level: u32, dotted: &str) -> Option<String> {
        match resolve(&self.state, from, level, dotted) {
            Target::File(file) => Some(file),
            _ => None,
        }
    }

    /// The name by which something is called and what it takes, if that is known.
    fn called(&self, path: &str, module: &Module, callee: &Callee) -> Option<(String, Signature)> {
        match callee {
            Callee::Name(name) => Some((name.clone(), self.signature(path, module, name, MOST_STEPS)?)),
            Callee::Attribute(object, name) => {
                let file = self.module_named(path, module, object)?;
                let signature = self.signature(&file, &*self.module(&file)?, name, MOST_STEPS)?;
                Some((format!("{object}.{name}"), signature))
            }
            Callee::OwnMethod { class, method } => {
                Some((format!("self.{method}"), module.method(*class, method)?.clone()))
            }
        }
    }

    fn signature(&self, path: &str, module: &Module, name: &str, steps: usize) -> Option<Signature> {
        match module.meaning(name)? {
            Bound::Callable(signature) => Some(signature.clone()),
            Bound::From { level, module: from, name } if steps > 0 => {
                let file = self.file(path, *level, from)?;
                self.signature(&file, &*self.module(&file)?, name, steps - 1)
            }
            _ => None,
        }
    }
}

/// The name of a module that looks most like one that it does not have.
fn closest<'m>(name: &str, module: &'m Module) -> Option<&'m str> {
    let wanted = Wanted::new(name);
    let close = module.names.keys().filter_map(|known| Some((wanted.distance(known.as_bytes())?, known.as_str())));
    close.min().map(|(_, known)| known)
}

fn is_package_module(file: &str) -> bool {
    file.rsplit('/').next() == Some("__init__.py")
}

/// Turns offsets of a file into problems.
struct Place<'t> {
    path: &'t str,
    text: &'t str,
    lines: LineStarts,
}

impl Place<'_> {
    fn problem(&self, at: TextSize, code: &str, message: String, blocking: bool) -> Problem {
        let line = self.lines.line(at);
        let finding = Finding {
            source: Source::Static,
            path: self.path.to_owned(),
            line,
            column: self.lines.column(self.text, at),
            code: code.to_owned(),
            message,
            blocking,
        };
        let text = self.text.lines().nth(line as usize - 1).unwrap_or_default().trim().to_owned();
        Problem { finding, text, misses: None }
    }
}
