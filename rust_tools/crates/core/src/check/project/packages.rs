//! Which third-party packages a project may import: those that it declares, and those that its environment has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::state::State;
use crate::text::has_ending;

/// What is known of a project's Python packages.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// Names of distributions, lower case, with underscores.
    declared: BTreeSet<String>,
    /// Top-level modules of the project's own environment, if it has one.
    installed: Option<BTreeSet<String>>,
}

impl Packages {
    /// Reads the declarations of a project and lists its virtual environment.
    pub(super) fn of(state: &State<'_>, root: &Path) -> Self {
        let mut declared = BTreeSet::new();
        for path in state.starting_with("").filter(|path| declares(path)) {
            if let Some(text) = state.text(path) {
                declared.extend(named_in(path, &text));
            }
        }
        Self { declared, installed: installed_below(root) }
    }

    /// Whether a top-level module is declared or installed. A declared name stands for every module that is like it:
    /// distributions and their modules need not have the same name.
    pub(super) fn has(&self, module: &str) -> bool {
        let wanted = normalised(module);
        let alias = DISTRIBUTIONS.iter().find(|(known, _)| *known == module).map(|(_, name)| *name);
        self.installed.as_ref().is_some_and(|installed| installed.contains(module))
            || self.declared.iter().any(|name| {
                Some(name.as_str()) == alias
                    || *name == wanted
                    || (wanted.len() > 2 && name.contains(&wanted))
                    || (name.len() > 2 && wanted.contains(name.as_str()))
            })
    }

    /// Whether the environment is known, so that what it lacks cannot be imported.
    pub(super) fn environment_is_known(&self) -> bool {
        self.installed.is_some()
    }

    /// Whether anything says what the project may import.
    pub(super) fn is_anything_declared(&self) -> bool {
        !self.declared.is_empty()
    }
}

/// Modules whose distribution has quite another name.
const DISTRIBUTIONS: [(&str, &str); 22] = [
    ("yaml", "pyyaml"),
    ("PIL", "pillow"),
    ("cv2", "opencv_python"),
    ("bs4", "beautifulsoup4"),
    ("sklearn", "scikit_learn"),
    ("skimage", "scikit_image"),
    ("dateutil", "python_dateutil"),
    ("dotenv", "python_dotenv"),
    ("jwt", "pyjwt"),
    ("OpenSSL", "pyopenssl"),
    ("Crypto", "pycryptodome"),
    ("serial", "pyserial"),
    ("git", "gitpython"),
    ("docx", "python_docx"),
    ("pptx", "python_pptx"),
    ("magic", "python_magic"),
    ("attr", "attrs"),
    ("pkg_resources", "setuptools"),
    ("google", "protobuf"),
    ("psycopg2", "psycopg2_binary"),
    ("MySQLdb", "mysqlclient"),
    ("_pytest", "pytest"),
];

fn declares(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let requirements = name.contains("requirements") || path.contains("requirements/") || name == "constraints.txt";
    matches!(
        name,
        "pyproject.toml" | "setup.cfg" | "setup.py" | "Pipfile" | "tox.ini" | "noxfile.py" | "environment.yml"
    ) || (requirements && (has_ending(name, "txt") || has_ending(name, "in")))
}

/// The distributions that a file names. Whatever looks like one counts: a name too many costs a piece of advice.
fn named_in(path: &str, text: &str) -> Vec<String> {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"["']([A-Za-z][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;@ ][^"'\n]*)?["']"#).expect("valid")
    });
    static AT_START: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?m)^[\s-]*["']?([A-Za-z][\w.-]*)"#).expect("valid"));
    let is_code = has_ending(path, "py");
    let quoted = QUOTED.captures_iter(text).filter_map(|groups| groups.get(1));
    let bare = AT_START.captures_iter(text).filter(|_| !is_code).filter_map(|groups| groups.get(1));
    quoted.chain(bare).map(|name| normalised(name.as_str())).collect()
}

fn normalised(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

/// Modules in the `site-packages` of a virtual environment at the usual places.
fn installed_below(root: &Path) -> Option<BTreeSet<String>> {
    let folders = [".venv", "venv", "env", ".env"].map(|name| root.join(name));
    let mut installed: Option<BTreeSet<String>> = None;
    for folder in folders.iter().filter(|folder| folder.join("pyvenv.cfg").is_file()) {
        let versions = fs::read_dir(folder.join("lib")).into_iter().flatten().flatten().map(|entry| entry.path());
        for place in versions.chain([folder.join("Lib")]).map(|lib| lib.join("site-packages")) {
            for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                // A path file brings in modules from anywhere.
                if has_ending(&name, "pth") && !name.starts_with("distutils-precedence") && !name.starts_with('_') {
                    return None;
                }
                let module = name.split('.').next().unwrap_or(&name).to_owned();
                installed.get_or_insert_default().insert(module);
            }
        }
        let sees_more = fs::read_to_string(folder.join("pyvenv.cfg"))
            .is_ok_and(|text| text.replace(' ', "").to_lowercase().contains("include-system-site-packages=true"));
        if sees_more {
            return None;
        }
    }
    installed
}
