//! The resident index: which files there are, their contents, and the questions asked of them.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::cancel::Token;
use crate::error::{Error, Result};
use crate::find::{self, Found};
use crate::first_look::{Needs, Sifted};
use crate::indexer::{self, Indexer};
use crate::listing::Skipped;
use crate::near::closest_paths;
use crate::outline::{self, Symbol};
use crate::read::{self, Excerpt, Range, Wanted};
use crate::repo_map;
use crate::root::Root;
use crate::search::{self, Request, Search};
use crate::shared::Shared;
use crate::symbols;
pub(crate) use crate::view::View;
use crate::workers;

/// Bytes of file contents held in memory unless told otherwise.
pub const DEFAULT_BUDGET_BYTES: u64 = 512 * 1024 * 1024;

/// Files of so many bytes need no postings unless told otherwise: searching them takes a quarter of a millisecond.
pub const DEFAULT_LOOSE_BYTES: u64 = 1024 * 1024;

/// The files below one root. Safe to share between threads.
///
/// Postings are made in the background; questions asked before they are ready have the same answers, only later.
///
/// ```
/// # use orchestrator_tools::{index::{DEFAULT_BUDGET_BYTES, Index}, search::Request};
/// # let folder = tempfile::tempdir()?;
/// # let root = folder.path();
/// std::fs::write(root.join("cart.py"), "def total(lines):\n    return sum(lines)\n")?;
/// let index = Index::open(root, None, DEFAULT_BUDGET_BYTES)?;
/// let found = index.search(&Request::literal("total"))?;
/// assert_eq!((found.total, found.hits[0].line), (1, 1));
/// assert!(found.render().starts_with("1 matching line for \"total\" in 1 file; all shown; complete"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Index {
    shared: Arc<Shared>,
    map_cache: repo_map::Cache,
}

/// How an index is opened.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// An index file of git's that lists the tracked files, for a work tree without a `.git` of its own.
    pub git_index: Option<&'a Path>,
    /// Contents held in memory at most.
    pub budget_bytes: u64,
    /// Postings are made when the files without any are larger than this.
    pub loose_bytes: u64,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { git_index: None, budget_bytes: DEFAULT_BUDGET_BYTES, loose_bytes: DEFAULT_LOOSE_BYTES }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.shared.indexer.stop();
    }
}

impl Index {
    /// The files below `root`, which are listed on the occasion of the first question. `git_index` names an index file
    /// with the tracked files, for a work tree without a `.git` of its own.
    pub fn open(root: &Path, git_index: Option<&Path>, budget_bytes: u64) -> Result<Self> {
        Self::open_with(root, Options { git_index, budget_bytes, ..Options::default() })
    }

    /// The files below `root`, which are listed on the occasion of the first question.
    pub fn open_with(root: &Path, options: Options<'_>) -> Result<Self> {
        let git_index = options.git_index.map(Path::to_owned);
        let indexer = Indexer::new(options.loose_bytes);
        let shared = Arc::new(Shared::new(Root::open(root)?, git_index, options.budget_bytes, indexer));
        Ok(Self { shared, map_cache: repo_map::Cache::default() })
    }

    /// Paths of all files, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.listed().snapshot().entries.iter().map(|entry| entry.path.clone()).collect()
    }

    /// What the list leaves out, by reason.
    pub fn skipped(&self) -> Skipped {
        self.listed().snapshot().skipped.clone()
    }

    /// Whether the postings are made, so that searches are as fast as they get.
    pub fn is_ready(&self) -> bool {
        self.listed().indexer.is_ready()
    }

    /// Waits until then. The answer is false if the token stopped the waiting.
    pub fn wait_ready(&self, token: &Token) -> bool {
        self.look_first(Needs::Contents, token);
        self.shared.indexer.wait_ready(token)
    }

    /// Looks at the disk again. Gives the paths that were added, removed or changed since the last look, sorted.
    pub fn refresh(&self) -> Vec<String> {
        if self.look_first(Needs::Paths, &Token::default()).is_some() {
            return Vec::new();
        }
        let changed = self.shared.refresh();
        indexer::start(&self.shared, false);
        changed
    }

    /// Takes over own edits: the named files are looked at again, new ones join the set, gone ones leave it.
    pub fn update<S: AsRef<str>>(&self, paths: &[S]) -> Result<()> {
        self.listed().update(paths)?;
        indexer::start(&self.shared, false);
        Ok(())
    }

    /// Lines that match, ranked and counted.
    pub fn search(&self, request: &Request) -> Result<Search> {
        self.search_until(request, &Token::default())
    }

    /// Like [`Index::search`]; a stopped search gives what it has found so far, and says so.
    pub fn search_until(&self, request: &Request, token: &Token) -> Result<Search> {
        search::run(request, |needs| match self.look_first(needs, token) {
            Some(Sifted { snapshot, passed }) => (View::of(snapshot, &self.shared, token), passed),
            None => (View::new(&self.shared, token), Vec::new()),
        })
    }

    /// Part of a file as text, read from disk.
    ///
    /// ```
    /// # use orchestrator_tools::{index::Index, read::Range};
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("cart.py"), "def total(lines):\n    return sum(lines)\n\n\nTAX = 0.19\n")?;
    /// let index = Index::open(root, None, 1 << 20)?;
    /// let read = index.read("cart.py", Range { start: Some(2), end: Some(2) }, 1000)?;
    /// assert_eq!(read.text, "    return sum(lines)\n");
    /// assert_eq!(read.within.expect("it is part of a function").name, "total");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(&self, path: &str, range: Range, max_chars: usize) -> Result<Excerpt> {
        self.read_at(path, range, 1, max_chars)
    }

    /// Like [`Index::read`]; of a first line that is too long, the part around a column is shown.
    pub fn read_at(&self, path: &str, range: Range, column: u32, max_chars: usize) -> Result<Excerpt> {
        let relative = self.shared.root.relative(path)?;
        let view = View::new(self.listed(), &Token::default());
        let symbols = |bytes: &[u8], text: &str| match view.entry(&relative) {
            Some(entry) if view.content(entry).text() == Some(bytes) => workers::run(|| entry.symbols(bytes)),
            _ => workers::run(|| outline::of(&relative, text)).into(),
        };
        let wanted = Wanted { range, column, max_chars };
        read::excerpt(&self.shared.root, &relative, wanted, symbols).map_err(|error| self.with_nearest(path, error))
    }

    /// Files whose path matches a glob or looks like a name.
    ///
    /// ```
    /// # use orchestrator_tools::index::Index;
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("cart.py"), "")?;
    /// std::fs::write(root.join("tax.py"), "")?;
    /// let index = Index::open(root, None, 1 << 20)?;
    /// assert_eq!(index.find("crt", 10)?.paths, ["cart.py"]);
    /// assert_eq!(index.find("*.py", 10)?.total, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find(&self, query: &str, limit: usize) -> Result<Found> {
        find::run(query, &self.listed().snapshot(), limit)
    }

    /// The symbols of one file, in the order of their lines; empty for a file in no known language.
    ///
    /// ```
    /// # use orchestrator_tools::index::Index;
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("cart.go"), "package cart\n\nfunc Total(lines []int) int { return 0 }\n")?;
    /// let index = Index::open(root, None, 1 << 20)?;
    /// assert_eq!(index.outline("cart.go")?[0].signature, "func Total(lines []int) int");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn outline(&self, path: &str) -> Result<Vec<Symbol>> {
        workers::run(|| self.symbols_on_disk(path)).map_err(|error| self.with_nearest(path, error))
    }

    /// The same for several files, on all processors.
    pub fn outlines<S: AsRef<str> + Sync>(&self, paths: &[S]) -> Result<Vec<Vec<Symbol>>> {
        let _asking = self.shared.indexer.ask();
        let outlines: Vec<Result<Vec<Symbol>>> =
            workers::run(|| paths.par_iter().map(|path| self.symbols_on_disk(path.as_ref())).collect());
        let with_nearest =
            |(path, symbols): (&S, Result<_>)| symbols.map_err(|error| self.with_nearest(path.as_ref(), error));
        paths.iter().zip(outlines).map(with_nearest).collect()
    }

    /// Where files define a name: plain (`save`) or qualified (`Model.save`).
    pub fn definitions(&self, name: &str) -> Vec<(String, Symbol)> {
        let view = self.view();
        workers::run(|| symbols::defining(&view, name))
    }

    pub(crate) fn root(&self) -> &Root {
        &self.shared.root
    }

    pub(crate) fn map_cache(&self) -> &repo_map::Cache {
        &self.map_cache
    }

    pub(crate) fn view(&self) -> View<'_> {
        self.view_until(&Token::default())
    }

    /// A view whose work stops when the token says so.
    pub(crate) fn view_until(&self, token: &Token) -> View<'_> {
        self.look_first(Needs::Contents, token);
        View::new(&self.shared, token)
    }

    /// What knows the paths at least.
    fn listed(&self) -> &Shared {
        self.look_first(Needs::Paths, &Token::default());
        &self.shared
    }

    /// Looks at the files, unless that has been done.
    fn look_first(&self, needs: Needs<'_>, token: &Token) -> Option<Sifted> {
        let sifted = self.shared.look_first(needs, token)?;
        indexer::start(&self.shared, true);
        Some(sifted)
    }

    fn symbols_on_disk(&self, path: &str) -> Result<Vec<Symbol>> {
        let relative = self.shared.root.relative(path)?;
        let text = read::text(&self.shared.root, &relative)?;
        Ok(text.map_or_else(Vec::new, |text| outline::of(&relative, &text)))
    }

    pub(crate) fn with_nearest(&self, path: &str, error: Error) -> Error {
        match error {
            Error::NotFound { path: missing, .. } => {
                let known = self.paths();
                let nearest = closest_paths(&missing, known.iter().map(String::as_str), 3);
                Error::NotFound { path: path.to_owned(), nearest: nearest.into_iter().map(str::to_owned).collect() }
            }
            other => other,
        }
    }
}
