//! Where a name is defined, with the first lines of each definition.

use std::fmt::Write as _;

use memchr::memmem::Finder;

use super::near::closest_names;
use super::{is_asked_for, may_hold, parts};
use crate::contents::Content;
use crate::index::{Index, View};
use crate::outline::Symbol;
use crate::search::rank::rank;
use crate::text::{count, quoted, window};
use crate::workers;

/// Lines of a definition that are shown at most.
const BODY_LINES: u32 = 12;
const MAX_LINE_CHARS: usize = 200;

/// The definitions of a name.
#[derive(Debug, Clone)]
pub struct Definitions {
    /// The shown ones, each with the path of its file: sources before tests, then by path and line.
    pub definitions: Vec<(String, Symbol)>,
    /// How many there are.
    pub total: usize,
    rendered: String,
}

impl Definitions {
    /// The result for a model: what is shown of how much, then each definition's place and first lines.
    pub fn render(&self) -> &str {
        &self.rendered
    }
}

impl Index {
    /// Where a name is defined, plain (`save`) or qualified (`Model.save`, `Cart::total`), in files of every language.
    ///
    /// At most `limit` definitions are shown and `budget_chars` characters rendered; the first is always shown.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path();
    /// std::fs::write(root.join("cart.rs"), "struct Cart;\nimpl Cart {\n    fn total(&self) -> u32 { 3 }\n}\n")?;
    /// let index = orchestrator_tools::index::Index::open(root, None, 1 << 20)?;
    /// let found = index.symbol("Cart::total", 5, 4000);
    /// assert_eq!(found.total, 1);
    /// assert_eq!(found.definitions[0].1.signature, "fn total(&self) -> u32");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn symbol(&self, name: &str, limit: usize, budget_chars: usize) -> Definitions {
        let view = self.view();
        workers::run(|| {
            let mut found = defining(&view, name);
            found.sort_by(|(a, first), (b, second)| {
                (rank(a, false), a, first.line).cmp(&(rank(b, false), b, second.line))
            });
            let total = found.len();
            let (definitions, rendered) = if total == 0 {
                (found, nothing(&view, name))
            } else {
                render(&view, name, found, limit, budget_chars)
            };
            Definitions { definitions, total, rendered }
        })
    }
}

/// All definitions of a plain or qualified name, sorted by path and line.
pub(crate) fn defining(view: &View<'_>, name: &str) -> Vec<(String, Symbol)> {
    let asked = parts(name);
    let last = asked.last().copied().unwrap_or_default();
    if last.is_empty() {
        return Vec::new();
    }
    let finder = Finder::new(last);
    let per_file = view.map_at(&may_hold(view, last), true, |entry| match view.content(entry) {
        Content::Text(text) if finder.find(&text).is_some() => {
            let symbols = entry.symbols(&text);
            let wanted = symbols.iter().filter(|symbol| is_asked_for(symbol, &asked));
            wanted.map(|symbol| (entry.path.clone(), symbol.clone())).collect()
        }
        _ => Vec::new(),
    });
    per_file.into_iter().flatten().collect()
}

/// Shows definitions as far as the budget goes; what does not fit is taken out of the list and named by its place.
fn render(
    view: &View<'_>,
    name: &str,
    found: Vec<(String, Symbol)>,
    limit: usize,
    budget_chars: usize,
) -> (Vec<(String, Symbol)>, String) {
    const FRAME_CHARS: usize = 600;
    let total = found.len();
    let mut body = String::new();
    let mut shown = 0;
    let mut left = budget_chars.saturating_sub(FRAME_CHARS);
    for (path, symbol) in found.iter().take(limit.max(1)) {
        let block = block(view, path, symbol);
        let size = block.chars().count();
        if size > left && shown > 0 {
            break;
        }
        left = left.saturating_sub(size);
        body.push_str(&block);
        shown += 1;
    }
    let mut definitions = found;
    let hidden = definitions.split_off(shown);
    let state =
        if hidden.is_empty() { "all shown; complete".to_owned() } else { format!("showing {shown}; not complete") };
    let mut out = format!("{} of {}; {state}\n{body}", count(total, "definition"), quoted(name));
    write_hidden(&mut out, &hidden);
    if let Some((path, symbol)) = definitions.first() {
        let _ = writeln!(out, "\nNext: read {path} lines {} to {}.", symbol.start, symbol.end);
    }
    (definitions, out)
}

fn write_hidden(out: &mut String, hidden: &[(String, Symbol)]) {
    const MOST: usize = 8;
    if hidden.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nNot shown: {}", count(hidden.len(), "definition"));
    for (path, symbol) in hidden.iter().take(MOST) {
        let _ = writeln!(out, "  {path} line {}: {} {}", symbol.line, symbol.kind.as_str(), symbol.qualified_name);
    }
    if hidden.len() > MOST {
        let _ = writeln!(out, "  … and {} more", hidden.len() - MOST);
    }
}

/// One definition: a heading, then its first lines with their numbers.
fn block(view: &View<'_>, path: &str, symbol: &Symbol) -> String {
    let lines = if symbol.start == symbol.end {
        format!("line {}", symbol.start)
    } else {
        format!("lines {} to {}", symbol.start, symbol.end)
    };
    let mut out = format!("\n{path} {lines}: {} {}\n", symbol.kind.as_str(), symbol.qualified_name);
    let Some(text) = view.text_of(path) else { return out };
    let shown = BODY_LINES.min(symbol.end + 1 - symbol.start);
    let last = symbol.start + shown - 1;
    let width = last.to_string().len();
    let lines = (symbol.start..=last).zip(text.lines().skip(symbol.start as usize - 1));
    for (number, line) in lines {
        let _ = writeln!(
            out,
            "{}",
            format!("  {number:>width$}  {}", window(line.trim_end(), 0, MAX_LINE_CHARS)).trim_end()
        );
    }
    if last < symbol.end {
        let _ = writeln!(out, "  … {}", count((symbol.end - last) as usize, "more line"));
    }
    out
}

fn nothing(view: &View<'_>, name: &str) -> String {
    let asked = parts(name);
    let last = asked.last().copied().unwrap_or_default();
    let mut out =
        format!("0 definitions of {}; complete; looked at {}\n", quoted(name), count(view.entries.len(), "file"));
    let elsewhere = if asked.len() > 1 { defining(view, last) } else { Vec::new() };
    let names: Vec<String> = if elsewhere.is_empty() {
        closest_names(view, last, 5)
    } else {
        let mut names: Vec<String> = elsewhere.into_iter().map(|(_, symbol)| symbol.qualified_name).collect();
        names.dedup();
        names.truncate(5);
        names
    };
    if !names.is_empty() {
        let _ = writeln!(out, "Defined are: {}.", names.join(", "));
    }
    let step = if names.is_empty() {
        "search for it as text; it may come from a library"
    } else {
        "ask for one of these names"
    };
    let _ = writeln!(out, "Next: {step}.");
    out
}
