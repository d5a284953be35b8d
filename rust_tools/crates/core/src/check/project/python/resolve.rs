//! Where the project keeps a Python module.

use ruff_python_stdlib::sys::is_known_standard_library;

use super::super::state::State;
use crate::python::is_python;

/// What an import leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A file of the project.
    File(String),
    /// A folder of the project without a module of its own.
    Folder,
    /// A place of the project where nothing is.
    Missing,
    /// The standard library, a package of others, or something that cannot be told.
    Elsewhere,
    /// No module of the project and none of the standard library.
    Foreign,
}

/// Python versions whose standard libraries count; what was removed since is still no invention.
const MINOR_VERSIONS: std::ops::RangeInclusive<u8> = 8..=14;

pub(super) fn is_standard(top: &str) -> bool {
    MINOR_VERSIONS.into_iter().any(|minor| is_known_standard_library(minor, top))
}

/// Follows an import that stands in the file `from`.
pub(super) fn resolve(state: &State<'_>, from: &str, level: u32, module: &str) -> Target {
    if level > 0 {
        let mut folder = parent(from);
        for _ in 1..level {
            match folder {
                Some("") | None => return Target::Elsewhere, // above the root
                Some(inner) => folder = parent(inner),
            }
        }
        let Some(folder) = folder else { return Target::Elsewhere };
        return below(state, folder, module);
    }
    let top = module.split('.').next().unwrap_or(module);
    if is_standard(top) {
        return Target::Elsewhere;
    }
    match root_of(state, from, top) {
        Some(root) => below(state, &root, module),
        None if is_anywhere(state, top) => Target::Elsewhere,
        None => Target::Foreign,
    }
}

/// The folder from which the file `from` sees a module of this name: its own folder, those around its package,
/// or where projects keep their packages.
fn root_of(state: &State<'_>, from: &str, top: &str) -> Option<String> {
    let mut places = Vec::new();
    let mut folder = parent(from);
    while let Some(place) = folder {
        if !is_package(state, place) {
            places.push(place);
        }
        folder = if place.is_empty() { None } else { parent(place) };
    }
    places.extend(["src", "lib", "python"]);
    places.into_iter().find(|place| exists(state, &joined(place, top))).map(str::to_owned)
}

fn is_package(state: &State<'_>, folder: &str) -> bool {
    !folder.is_empty() && state.has_file(&format!("{folder}/__init__.py"))
}

/// Whether anything in the project has this name: a path that is set elsewhere may lead there.
fn is_anywhere(state: &State<'_>, top: &str) -> bool {
    let is_it = |part: &str| part == top || part.split('.').next() == Some(top);
    state.starting_with("").any(|path| path.split('/').any(is_it))
}

fn below(state: &State<'_>, root: &str, module: &str) -> Target {
    let place = if module.is_empty() { root.to_owned() } else { joined(root, &module.replace('.', "/")) };
    let candidates = [format!("{place}.py"), joined(&place, "__init__.py"), format!("{place}.pyi")];
    if let Some(file) = candidates.into_iter().skip(usize::from(place.is_empty())).find(|path| state.has_file(path)) {
        return Target::File(file);
    }
    if place.is_empty() || state.has_folder(&place) {
        return Target::Folder;
    }
    // Generated modules are not kept, compiled ones hold what their file does not say.
    let is_generated = ["_pb2", "_pb2_grpc", "_version", "version"].iter().any(|end| place.ends_with(end));
    if is_generated || is_compiled(state, root, &place) {
        return Target::Elsewhere;
    }
    Target::Missing
}

/// Whether a file of another kind than source stands for the module or one of those around it.
fn is_compiled(state: &State<'_>, root: &str, place: &str) -> bool {
    let ends = place.match_indices('/').map(|(at, _)| at).chain([place.len()]);
    ends.filter(|end| *end > root.len())
        .any(|end| state.starting_with(&format!("{}.", &place[..end])).any(|path| !is_python(path)))
}

fn exists(state: &State<'_>, place: &str) -> bool {
    state.has_file(&format!("{place}.py")) || state.starting_with(&format!("{place}/")).any(is_python)
}

pub(super) fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The folder of a path; `""` for the root, nothing for the root's own.
pub(super) fn parent(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    Some(path.rsplit_once('/').map_or("", |(folder, _)| folder))
}
