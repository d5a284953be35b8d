//! Which paths a search looks at: globs as people and models write them.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::error::{Error, Result};

/// A choice of paths: those that match a positive glob (all, if there is none) and no negative one.
#[derive(Debug, Clone)]
pub(crate) struct Globs {
    /// As they were given: globs that were given alike choose alike.
    given: Vec<String>,
    wanted: Option<GlobSet>,
    unwanted: GlobSet,
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given
    }
}

impl Globs {
    /// Accepts `src/**`, `*.py` (at any depth), `src/` and `src` (everything below), `py` or `.py` (an
    /// ending), a leading `./`, and `!` for "not".
    pub(crate) fn compile(globs: &[String]) -> Result<Self> {
        let (mut wanted, mut unwanted) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        let mut any_wanted = false;
        for glob in globs.iter().map(|glob| glob.trim()).filter(|glob| !glob.is_empty()) {
            let negative = glob.strip_prefix('!');
            any_wanted |= negative.is_none();
            let (builder, body) = negative.map_or((&mut wanted, glob), |rest| (&mut unwanted, rest));
            for form in forms(body) {
                let compiled = GlobBuilder::new(&form).literal_separator(true).build();
                builder.add(compiled.map_err(|error| Error::Pattern(format!("path glob {glob:?}: {}", error.kind())))?);
            }
        }
        let build = |builder: &GlobSetBuilder| {
            builder.build().map_err(|error| Error::Pattern(format!("path globs: {}", error.kind())))
        };
        Ok(Self {
            given: globs.to_vec(),
            wanted: any_wanted.then(|| build(&wanted)).transpose()?,
            unwanted: build(&unwanted)?,
        })
    }

    /// Whether there is a choice at all.
    pub(crate) fn choose(&self) -> bool {
        self.wanted.is_some() || !self.unwanted.is_empty()
    }

    pub(crate) fn allow(&self, path: &str) -> bool {
        self.wanted.as_ref().is_none_or(|set| set.is_match(path)) && !self.unwanted.is_match(path)
    }
}

/// The globs that one sloppy glob stands for.
fn forms(glob: &str) -> Vec<String> {
    let glob = glob.trim_start_matches("./").trim_start_matches('/');
    if glob.is_empty() || glob == "." {
        return vec!["**".to_owned()];
    }
    if let Some(folder) = glob.strip_suffix('/') {
        return vec![format!("{folder}/**"), format!("**/{folder}/**")];
    }
    if glob.contains('/') {
        return vec![glob.to_owned(), format!("{glob}/**")];
    }
    if glob.contains(['*', '?', '[', '{']) {
        return vec![format!("**/{glob}")];
    }
    let ending = glob.trim_start_matches('.');
    vec![format!("**/{glob}"), format!("**/{glob}/**"), format!("**/*.{ending}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(globs: &[&str]) -> Vec<&'static str> {
        let globs: Vec<String> = globs.iter().map(ToString::to_string).collect();
        let set = Globs::compile(&globs).expect("valid globs");
        let paths = ["a.py", "src/b.py", "src/deep/c.rs", "docs/py/d.md", "src/test_b.py"];
        paths.into_iter().filter(|path| set.allow(path)).collect()
    }

    #[test]
    fn sloppy_globs_mean_what_was_meant() {
        assert_eq!(allowed(&[]).len(), 5);
        assert_eq!(allowed(&["*.py"]), ["a.py", "src/b.py", "src/test_b.py"]);
        assert_eq!(allowed(&["rs"]), ["src/deep/c.rs"]);
        assert_eq!(allowed(&[".rs"]), ["src/deep/c.rs"]);
        assert_eq!(allowed(&["./src"]), ["src/b.py", "src/deep/c.rs", "src/test_b.py"]);
        assert_eq!(allowed(&["src/deep/"]), ["src/deep/c.rs"]);
        assert_eq!(allowed(&["src/*.py"]), ["src/b.py", "src/test_b.py"]);
        assert_eq!(allowed(&["**"]).len(), 5);
        assert_eq!(allowed(&["*.py", "!test_*"]), ["a.py", "src/b.py"]);
        assert_eq!(allowed(&["!src/**"]), ["a.py", "docs/py/d.md"]);
    }

    #[test]
    fn a_glob_that_cannot_be_read_is_a_pattern_error() {
        assert!(matches!(Globs::compile(&["[".to_owned()]), Err(Error::Pattern(_))));
    }
}
