//! What JavaScript and TypeScript files need of each other and of packages.

use std::collections::{BTreeSet, HashMap};

use ruff_text_size::TextSize;

use super::state::State;
use super::{FileChange, Problem, module_name, without_known};
use crate::check::script::module::{Import, Module};
use crate::check::script::{self, is_script};
use crate::check::{Finding, Source};
use crate::text::{LineStarts, has_ending};

const ENDINGS: [&str; 9] = ["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts", "d.ts"];

/// Folders whose files are made by a build.
const MADE: [&str; 7] = ["dist", "build", "out", "lib", "generated", "__generated__", "pkg"];

/// Problems that the patch brings in: in its own files, and in those that import what it changes.
pub(super) fn problems(old: &State<'_>, new: &State<'_>, changes: &[FileChange]) -> Vec<Finding> {
    let mut files: BTreeSet<String> = BTreeSet::new();
    for change in changes.iter().filter(|change| is_script(&change.path)) {
        files.insert(change.path.clone());
        let read = |text: &Option<String>| text.as_ref().and_then(|text| Module::read(&change.path, text));
        let (before, after) = (read(&change.before), read(&change.after));
        let gives_less = match (&before, &after) {
            (Some(before), Some(after)) => !after.is_open && !before.exports.is_subset(&after.exports),
            (Some(_), None) => change.after.is_none(),
            _ => false,
        };
        if let Some(name) = module_name(&change.path).filter(|_| gives_less) {
            let name = if name == "index" { change.path.rsplit('/').nth(1).unwrap_or("index") } else { name };
            files.extend(new.holding(is_script, &[name], &["import", "require", "export"]));
        }
    }
    let mut found = Vec::new();
    for path in &files {
        let problems = problems_of(new, path);
        if !problems.is_empty() {
            found.extend(without_known(problems, &problems_of(old, path)).into_iter().map(|problem| problem.finding));
        }
    }
    found
}

/// Whether an undefined name is one that other files of the project use without declaring it too: something brings
/// it in that is not written in any of them.
pub(super) fn is_ambient(state: &State<'_>, finding: &Finding) -> bool {
    const LOOKED_AT: usize = 20;
    let name = finding.message.split('`').nth(1).filter(|_| finding.code == script::UNDEFINED_NAME);
    let Some(name) = name else { return false };
    let declared = [
        format!("declare const {name}"),
        format!("declare let {name}"),
        format!("declare var {name}"),
        format!("declare function {name}"),
    ];
    let declared: Vec<&str> = declared.iter().map(String::as_str).collect();
    !state.holding(is_script, &[name], &declared).is_empty()
        || state.holding(is_script, &[name], &[name]).iter().take(LOOKED_AT).any(|other| {
            state
                .text(other)
                .is_some_and(|text| script::problems(other, &text).iter().any(|f| f.message == finding.message))
        })
}

fn problems_of(state: &State<'_>, path: &str) -> Vec<Problem> {
    let Some(text) = state.text(path) else { return Vec::new() };
    let Some(module) = Module::read(path, &text) else { return Vec::new() };
    let lines = LineStarts::of(&text);
    let mut read: HashMap<String, Option<Module>> = HashMap::new();
    let mut found = Vec::new();
    for import in &module.imports {
        let wrong = if import.from.starts_with("./") || import.from.starts_with("../") {
            of_file(state, path, import, &mut read)
        } else {
            of_package(state, path, import)
        };
        let Some((code, message, blocking)) = wrong else { continue };
        let at = TextSize::new(import.offset);
        let line = lines.line(at);
        let finding = Finding {
            source: Source::Static,
            path: path.to_owned(),
            line,
            column: lines.column(&text, at),
            code: code.to_owned(),
            message,
            blocking,
        };
        let text = text.lines().nth(line as usize - 1).unwrap_or_default().trim().to_owned();
        found.push(Problem { finding, text, misses: None });
    }
    found
}

/// Code, message and whether it blocks.
type Wrong = (&'static str, String, bool);

fn of_file(
    state: &State<'_>,
    path: &str,
    import: &Import,
    read: &mut HashMap<String, Option<Module>>,
) -> Option<Wrong> {
    let specifier = import.from.split('?').next().unwrap_or(&import.from);
    let place = beside(path, specifier)?;
    let Some(file) = file_at(state, &place) else {
        let is_made = place.split('/').any(|part| MADE.contains(&part));
        let last = place.rsplit('/').next().unwrap_or(&place);
        let blocking = !is_made && last.rsplit_once('.').is_none_or(|(_, ending)| ENDINGS.contains(&ending));
        // Said once for the statement, not again for each of its names.
        let message = format!("there is no file for `{specifier}`");
        return import.name.is_none().then_some(("unresolved-import", message, blocking));
    };
    let name = import.name.as_ref()?;
    let module = read.entry(file.clone()).or_insert_with(|| giver(state, &file)).as_ref()?;
    let has_it = module.is_open || module.exports.contains(name);
    (!has_it).then(|| {
        ("unresolved-import", format!("cannot import `{name}` from `{specifier}`: {file} does not export it"), true)
    })
}

/// What a file gives to its importers, the types that are declared beside it included.
fn giver(state: &State<'_>, file: &str) -> Option<Module> {
    let read = |file: &str| if is_script(file) { Module::read(file, &state.text(file)?) } else { None };
    let mut module = read(file)?;
    if let Some((stem, ending)) = file.rsplit_once('.').filter(|(_, ending)| ending.ends_with("js")) {
        let types = format!("{stem}.d.{}ts", ending.trim_end_matches("js"));
        if state.has_file(&types) {
            let declared = read(&types)?;
            module.is_open |= declared.is_open;
            module.exports.extend(declared.exports);
        }
    }
    Some(module)
}

/// The path that a relative specifier means; nothing if it leads out of the project.
fn beside(path: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The file that a path without or with another ending stands for.
fn file_at(state: &State<'_>, place: &str) -> Option<String> {
    let stem = place.rsplit_once('.').filter(|(_, ending)| ENDINGS.contains(ending)).map(|(stem, _)| stem);
    let with_endings = |stem: &str| ENDINGS.map(|ending| format!("{stem}.{ending}"));
    let inner = if place.is_empty() { "index".to_owned() } else { format!("{place}/index") };
    let mut candidates = vec![place.to_owned()];
    candidates.extend(with_endings(place));
    candidates.extend(stem.map(with_endings).into_iter().flatten());
    candidates.extend(with_endings(&inner));
    candidates.push(format!("{place}/package.json"));
    if let Some(file) = candidates.into_iter().find(|candidate| state.has_file(candidate)) {
        return Some(file);
    }
    // Another ending that a bundler knows: a style sheet, a component, a table.
    state.starting_with(&format!("{place}.")).min().map(str::to_owned)
}

fn of_package(state: &State<'_>, path: &str, import: &Import) -> Option<Wrong> {
    let mut parts = import.from.split('/');
    let first = parts.next()?;
    let package = match parts.next() {
        Some(second) if first.starts_with('@') && first.len() > 1 => format!("{first}/{second}"),
        _ => first.to_owned(),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@' | b'/');
    let is_name = package.bytes().all(plain) && package.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@');
    if import.name.is_some() || !is_name || NODE.contains(&first) || package.starts_with("@/") {
        return None;
    }
    let manifests: Vec<&str> = state.starting_with("").filter(|path| is_manifest(path)).collect();
    if !manifests.iter().any(|path| path.ends_with("package.json")) {
        return None;
    }
    let quoted = [format!("\"{package}"), format!("'{package}"), format!("\"@types/{package}"), format!("\"{first}/")];
    let is_declared =
        |manifest: &&str| state.text(manifest).is_some_and(|text| quoted.iter().any(|name| text.contains(name)));
    let is_used = || {
        let statements =
            [format!("'{package}'"), format!("\"{package}\""), format!("'{package}/"), format!("\"{package}/")];
        let any = [&*statements[0], &*statements[1], &*statements[2], &*statements[3]];
        !state.holding(|other| is_script(other) && other != path, &[&package], &any).is_empty()
    };
    let is_folder = state.has_folder(first) || state.has_folder(&format!("src/{first}"));
    if manifests.iter().any(is_declared) || is_folder || is_used() {
        return None;
    }
    let message = format!("`{package}` is no declared dependency; add it to package.json or use another");
    Some(("undeclared-import", message, false))
}

/// Files that declare packages, or other names for folders.
fn is_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "package.json" | "deno.json" | "deno.jsonc" | "import_map.json")
        || (has_ending(name, "json") && (name.starts_with("tsconfig") || name.starts_with("jsconfig")))
        || [
            "vite.config.",
            "vitest.config.",
            "webpack.config.",
            "next.config.",
            "jest.config.",
            "babel.config.",
            "rollup.config.",
        ]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Modules of Node.
const NODE: [&str; 46] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "electron",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "sqlite",
    "stream",
    "string_decoder",
    "sys",
    "test",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "vscode",
    "wasi",
    "worker_threads",
    "zlib",
];
