//! What a whole patch breaks across files: imports, names of modules, calls, symbols that are gone.
//!
//! One question is asked of each file, in the project as it is and as it would be: what does it need that is not
//! there? What is so only afterwards, the patch has brought in.

mod packages;
mod python;
mod removed;
mod script;
mod state;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::python::Project;
use self::state::State;
use super::{Change, Finding, in_order, of_change};
use crate::guards::lost_symbols::{self, Lost};
use crate::index::{Index, View};
use crate::python::is_python;
use crate::workers;

/// One file of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, relative to the root.
    pub path: String,
    /// Its text before; nothing if the patch creates it.
    pub before: Option<String>,
    /// Its text afterwards; nothing if the patch removes it.
    pub after: Option<String>,
}

/// Something that a file needs and does not find.
pub(super) struct Problem {
    pub(super) finding: Finding,
    /// The text of its line, by which it is known again.
    pub(super) text: String,
    /// The file and the name in it that are missed.
    pub(super) misses: Option<(String, String)>,
}

impl Index {
    /// Problems that a patch brings into the project: those of [`check`](super::check) for each file, and what no
    /// longer fits together across files. In the order of files and lines.
    pub fn check(&self, changes: &[FileChange]) -> Vec<Finding> {
        let view = self.view();
        workers::run(|| in_order(patch_problems(&view, changes)))
    }
}

fn patch_problems(view: &View<'_>, changes: &[FileChange]) -> Vec<Finding> {
    let texts = |pick: fn(&FileChange) -> Option<&str>| -> BTreeMap<&str, Option<&str>> {
        changes.iter().map(|change| (change.path.as_str(), pick(change))).collect()
    };
    let root = view.root().path();
    let old = Project::new(State::new(view, texts(|change| change.before.as_deref())), root);
    let new = Project::new(State::new(view, texts(|change| change.after.as_deref())), root);
    let mut found = Vec::new();
    let mut lost: Vec<(&FileChange, Lost)> = Vec::new();
    for change in changes {
        let after = change.after.as_deref().unwrap_or_default();
        let seen = Change::new(&change.path, after, change.before.as_deref());
        if change.after.is_some() {
            found.extend(of_change(&seen));
            lost.extend(lost_symbols::lost(&seen).into_iter().map(|lost| (change, lost)));
        }
    }
    let (missed, problems): (Vec<Problem>, Vec<Problem>) =
        introduced(&old, &new, changes).into_iter().partition(|problem| is_of_another_file(problem, changes));
    found.retain(|finding| !script::is_ambient(&old.state, finding));
    found.extend(problems.into_iter().map(|problem| problem.finding));
    found.extend(script::problems(&old.state, &new.state, changes));
    found.extend(removed::findings(&new.state, lost, missed));
    found
}

/// Problems of Python files that the patch brings in: in its own files, and in those that use what it changes.
fn introduced(old: &Project<'_>, new: &Project<'_>, changes: &[FileChange]) -> Vec<Problem> {
    let mut files: BTreeSet<String> = BTreeSet::new();
    for change in changes.iter().filter(|change| is_python(&change.path)) {
        files.insert(change.path.clone());
        let affected = old.names_unlike(&change.path, new);
        let names: Vec<&str> = affected.iter().map(String::as_str).collect();
        if let (Some(module), false) = (module_name(&change.path), names.is_empty()) {
            files.extend(new.state.holding(is_python, &[module], &names));
        }
    }
    let mut found = Vec::new();
    for path in &files {
        let problems = new.problems(path);
        if !problems.is_empty() {
            found.extend(without_known(problems, &old.problems(path)));
        }
    }
    found
}

fn without_known(found: Vec<Problem>, old: &[Problem]) -> Vec<Problem> {
    let mut known: HashMap<[&str; 3], usize> = HashMap::new();
    for problem in old {
        *known.entry([&problem.finding.code, &problem.finding.message, &problem.text]).or_default() += 1;
    }
    let mut is_new = |problem: &Problem| {
        let key = [problem.finding.code.as_str(), &problem.finding.message, &problem.text];
        let left = known.iter_mut().find(|(known, _)| **known == key).map(|(_, left)| left);
        left.filter(|left| **left > 0).map(|left| *left -= 1).is_none()
    };
    found.into_iter().filter(|problem| is_new(problem)).collect()
}

/// Whether a file that the patch does not touch misses what the patch took away: that is told where its cause is.
fn is_of_another_file(problem: &Problem, changes: &[FileChange]) -> bool {
    let is_changed = |path: &str| changes.iter().any(|change| change.path == path);
    !is_changed(&problem.finding.path) && problem.misses.as_ref().is_some_and(|(file, _)| is_changed(file))
}

/// The word by which other files name a module.
fn module_name(path: &str) -> Option<&str> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.split('.').next()?;
    if stem == "__init__" { folder.rsplit('/').next().filter(|name| !name.is_empty()) } else { Some(stem) }
}
