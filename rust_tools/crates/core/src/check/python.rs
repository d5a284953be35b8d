//! Python by Ruff: syntax errors, and the rules whose violation fails when the line runs.

use std::path::Path;
use std::sync::LazyLock;

use ruff_db::diagnostic::Diagnostic;
use ruff_linter::codes::Rule;
use ruff_linter::linter::{ParseSource, lint_only};
use ruff_linter::settings::{LinterSettings, flags};
use ruff_linter::source_kind::SourceKind;

use super::{Finding, Source};
use crate::nesting::too_deep;
use crate::python::source_type;

/// Rules that gave no false alarm on large mature projects and mean an exception, or code that cannot be
/// what was meant. Style is nobody's business here.
const FATAL: [Rule; 21] = [
    Rule::UndefinedName,
    Rule::UndefinedExport,
    Rule::UndefinedLocal,
    Rule::RedefinedWhileUnused,
    Rule::ReturnOutsideFunction,
    Rule::YieldOutsideFunction,
    Rule::BreakOutsideLoop,
    Rule::ContinueOutsideLoop,
    Rule::DefaultExceptNotLast,
    Rule::LateFutureImport,
    Rule::FutureFeatureNotDefined,
    Rule::IsLiteral,
    Rule::InvalidPrintSyntax,
    Rule::RaiseNotImplemented,
    Rule::ExpressionsInStarAssignment,
    Rule::MultipleStarredExpressions,
    Rule::PercentFormatInvalidFormat,
    Rule::PercentFormatMissingArgument,
    Rule::PercentFormatPositionalCountMismatch,
    Rule::StringDotFormatInvalidFormat,
    Rule::StringDotFormatMissingArguments,
];

/// Later syntax errors mostly follow from the first ones.
const MOST_SYNTAX_ERRORS: usize = 20;

/// Problems of a Python file in the order of their lines.
pub(super) fn problems(path: &str, text: &str) -> Vec<Finding> {
    static SETTINGS: LazyLock<LinterSettings> = LazyLock::new(|| LinterSettings::for_rules(FATAL));
    if let Some(line) = too_deep(text) {
        let message = "nested too deeply for Python to compile; split the expression".to_owned();
        return vec![Finding { source: Source::Syntax, line, column: 1, code: "syntax-error".to_owned(), message }];
    }
    let kind = source_type(path);
    let source = SourceKind::Python { code: text.to_owned(), is_stub: kind.is_stub() };
    let result = lint_only(Path::new(path), None, &SETTINGS, flags::Noqa::Enabled, &source, kind, ParseSource::None);
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Finding> = result.diagnostics.iter().filter_map(|one| finding(one, &lines)).collect();
    let mut syntax_errors = 0;
    found.retain(|finding| {
        syntax_errors += usize::from(finding.source == Source::Syntax);
        finding.source != Source::Syntax || syntax_errors <= MOST_SYNTAX_ERRORS
    });
    found
}

fn finding(diagnostic: &Diagnostic, lines: &[&str]) -> Option<Finding> {
    let start = diagnostic.ruff_start_location()?;
    let (line, column) = (start.line.get() as u32, start.column.get() as u32);
    let code = diagnostic.secondary_code().map(ToString::to_string);
    if code.as_deref() == Some("F811") && !is_second_definition(lines, line, column) {
        return None;
    }
    Some(Finding {
        source: if code.is_some() { Source::Static } else { Source::Syntax },
        line,
        column,
        code: code.unwrap_or_else(|| "syntax-error".to_owned()),
        message: diagnostic.concise_message().to_string(),
    })
}

/// Whether the second binding is a function or class. A parameter with the name of an import is how pytest
/// fixtures are used, and an import that is repeated does no harm.
fn is_second_definition(lines: &[&str], line: u32, column: u32) -> bool {
    let line = lines.get(line as usize - 1).copied().unwrap_or_default();
    let before: String = line.chars().take(column as usize - 1).collect();
    before.ends_with("def ") || before.ends_with("class ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        problems("a.py", text)
            .into_iter()
            .map(|finding| format!("{}:{}:{}", finding.line, finding.column, finding.code))
            .collect()
    }

    #[test]
    fn what_would_fail_when_run_is_found() {
        assert_eq!(codes("def f(:\n    pass\n")[0], "1:7:syntax-error");
        assert_eq!(codes("x = missing\n"), ["1:5:F821"]);
        assert_eq!(codes("__all__ = ['gone']\n"), ["1:12:F822"]);
        assert_eq!(codes("def f():\n    print(x)\n    x = 1\n"), ["2:11:F821"]);
        assert_eq!(codes("x = 1\ndef f():\n    print(x)\n    x = 2\n"), ["3:11:F823"]);
        assert_eq!(codes("def f(): ...\ndef f(): ...\n"), ["2:5:F811"]);
        assert_eq!(codes("return 1\n"), ["1:1:F706"]);
        assert_eq!(codes("x = 1\nif x is 1: pass\n"), ["2:4:F632"]);
        assert_eq!(codes("'%s %s' % (1,)\n"), ["1:1:F507"]);
    }

    #[test]
    fn valid_code_is_left_alone() {
        for text in [
            "import os\n",
            "x = 'unused'\n",
            "from a import b\nfrom a import b\nprint(b)\n",
            "from conftest import db\n\ndef test_a(db):\n    assert db\n",
            "type X[T] = list[T]\nmatch 1:\n    case _: pass\n",
            "try:\n    import json\nexcept ImportError:\n    json = None\n",
            "print(missing)  # noqa: F821\n",
            "",
        ] {
            assert_eq!(codes(text), [""; 0], "{text}");
        }
    }
}
