//! Python by Ruff: syntax errors, the rules whose violation fails when the line runs, and a few that are advice.

use std::path::Path;
use std::sync::LazyLock;

use ruff_db::diagnostic::Diagnostic;
use ruff_linter::codes::Rule;
use ruff_linter::linter::{ParseSource, lint_only};
use ruff_linter::settings::{LinterSettings, flags};
use ruff_linter::source_kind::SourceKind;
use ruff_python_ast::ModModule;
use ruff_python_parser::Parsed;

use super::{Finding, Source};
use crate::nesting::too_deep;
use crate::python::source_type;

/// Rules that gave no false alarm on large mature projects and mean an exception, or code that cannot be
/// what was meant. Style is nobody's business here.
const FATAL: [Rule; 41] = [
    Rule::UndefinedName,
    Rule::UndefinedExport,
    Rule::UndefinedLocal,
    Rule::RedefinedWhileUnused,
    // Errors of the language that Ruff counts among its rules.
    Rule::ReturnOutsideFunction,
    Rule::YieldOutsideFunction,
    Rule::AwaitOutsideAsync,
    Rule::YieldFromInAsyncFunction,
    Rule::BreakOutsideLoop,
    Rule::ContinueOutsideLoop,
    Rule::DefaultExceptNotLast,
    Rule::LateFutureImport,
    Rule::FutureFeatureNotDefined,
    Rule::UndefinedLocalWithNestedImportStarUsage,
    Rule::LoadBeforeGlobalDeclaration,
    Rule::NonlocalWithoutBinding,
    Rule::ExpressionsInStarAssignment,
    Rule::MultipleStarredExpressions,
    // Formats that do not fit what they are given.
    Rule::PercentFormatInvalidFormat,
    Rule::PercentFormatExpectedMapping,
    Rule::PercentFormatExpectedSequence,
    Rule::PercentFormatMissingArgument,
    Rule::PercentFormatMixedPositionalAndNamed,
    Rule::PercentFormatPositionalCountMismatch,
    Rule::PercentFormatStarRequiresSequence,
    Rule::PercentFormatUnsupportedFormatCharacter,
    Rule::StringDotFormatInvalidFormat,
    Rule::StringDotFormatMissingArguments,
    Rule::StringDotFormatMixingAutomatic,
    // Calls and definitions that Python refuses when it comes to them.
    Rule::RepeatedKeywordArgument,
    Rule::UnexpectedSpecialMethodSignature,
    Rule::DuplicateBases,
    Rule::YieldInInit,
    Rule::InvalidAllObject,
    // Never what was meant.
    Rule::IsLiteral,
    Rule::AssertTuple,
    Rule::IfTuple,
    Rule::InvalidPrintSyntax,
    Rule::RaiseNotImplemented,
    Rule::PotentialIndexError,
    Rule::BidirectionalUnicode,
];

/// Rules whose violation does no harm yet is seldom meant.
const ADVICE: [Rule; 16] = [
    Rule::UnusedImport,
    Rule::ImportShadowedByLoopVar,
    Rule::UnusedVariable,
    Rule::UnusedAnnotation,
    Rule::ReturnInInit,
    Rule::InvalidAllFormat,
    Rule::MultiValueRepeatedKeyLiteral,
    Rule::MultiValueRepeatedKeyVariable,
    Rule::PercentFormatExtraNamedArguments,
    Rule::StringDotFormatExtraNamedArguments,
    Rule::StringDotFormatExtraPositionalArguments,
    Rule::ForwardAnnotationSyntaxError,
    Rule::LoggingTooManyArgs,
    Rule::LoggingTooFewArgs,
    Rule::BadStringFormatType,
    Rule::BadStrStripCall,
];

/// Names that notebooks, type checkers, gettext and Windows add to the built-in ones.
const AMBIENT: [&str; 7] =
    ["get_ipython", "display", "__IPYTHON__", "reveal_type", "reveal_locals", "_", "WindowsError"];

/// Later syntax errors mostly follow from the first ones.
const MOST_SYNTAX_ERRORS: usize = 20;

/// Problems of a Python file in the order of their lines. `parsed` is its syntax tree; there is none if it is
/// nested too deeply.
pub(super) fn problems(path: &str, text: &str, parsed: Option<&Parsed<ModModule>>) -> Vec<Finding> {
    static SETTINGS: LazyLock<LinterSettings> = LazyLock::new(|| LinterSettings {
        builtins: AMBIENT.map(str::to_owned).to_vec(),
        ..LinterSettings::for_rules(FATAL.into_iter().chain(ADVICE))
    });
    let Some(parsed) = parsed else {
        let message = "nested too deeply for Python to compile; split the expression".to_owned();
        return vec![syntax_error(path, too_deep(text).unwrap_or(1), 1, message)];
    };
    let kind = source_type(path);
    let source = SourceKind::Python { code: text.to_owned(), is_stub: kind.is_stub() };
    let parsed = ParseSource::Precomputed(parsed.clone()); // a quarter of the cost of parsing again
    let result = lint_only(Path::new(path), None, &SETTINGS, flags::Noqa::Enabled, &source, kind, parsed);
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Finding> =
        result.diagnostics.iter().filter_map(|diagnostic| finding(path, diagnostic, &lines)).collect();
    let mut syntax_errors = 0;
    found.retain(|finding| {
        syntax_errors += usize::from(finding.source == Source::Syntax);
        finding.source != Source::Syntax || syntax_errors <= MOST_SYNTAX_ERRORS
    });
    found
}

fn finding(path: &str, diagnostic: &Diagnostic, lines: &[&str]) -> Option<Finding> {
    let start = diagnostic.ruff_start_location()?;
    let (line, column) = (start.line.get() as u32, start.column.get() as u32);
    let message = diagnostic.concise_message().to_string();
    let Some(code) = diagnostic.secondary_code().map(ToString::to_string) else {
        return Some(syntax_error(path, line, column, message));
    };
    let blocking = match &*code {
        // The module of a package imports what others shall find in it.
        "F401" if path.ends_with("__init__.py") => return None,
        "F811" => is_second_definition(lines, line, column),
        code => !is_advice(code),
    };
    Some(Finding { source: Source::Static, code, blocking, ..syntax_error(path, line, column, message) })
}

fn syntax_error(path: &str, line: u32, column: u32, message: String) -> Finding {
    let code = "syntax-error".to_owned();
    Finding { source: Source::Syntax, path: path.to_owned(), line, column, code, message, blocking: true }
}

fn is_advice(code: &str) -> bool {
    static CODES: LazyLock<Vec<String>> =
        LazyLock::new(|| ADVICE.iter().map(|rule| rule.noqa_code().to_string()).collect());
    CODES.iter().any(|known| known == code)
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
    use super::super::check;

    fn codes(text: &str) -> Vec<String> {
        let found = check("a.py", text, None).into_iter();
        found.filter(|f| f.blocking).map(|f| format!("{}:{}:{}", f.line, f.column, f.code)).collect()
    }

    fn advice(path: &str, text: &str) -> Vec<String> {
        check(path, text, None).into_iter().filter(|f| !f.blocking).map(|f| format!("{}:{}", f.line, f.code)).collect()
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
        assert_eq!(codes("'{a} {b}'.format(a=1)\n"), ["1:1:F524"]);
        assert_eq!(codes("def f(a): ...\nf(a=1, **{'a': 2})\n"), ["2:11:PLE1132"]);
        assert_eq!(codes("class A:\n    def __eq__(self): ...\n"), ["2:9:PLE0302"]);
        assert_eq!(codes("assert (1, 'message')\n"), ["1:1:F631"]);
    }

    #[test]
    fn every_error_of_the_language_is_found() {
        for text in [
            "def f():\n    await g()\n",
            "def f():\n    print(x)\n    global x\n",
            "def f():\n    nonlocal x\n",
            "async def f():\n    yield from g()\n",
            "def f():\n    from os import *\n",
            "def f(a, a): ...\n",
            "a, *b, *c = 1, 2\n",
            "class A:\n    break\n",
            "f(a=1, a=2)\n",
            "def f():\n  pass\n   pass\n",
            "x = 1 +\n",
            "x = 'a\n",
        ] {
            assert_ne!(codes(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_does_no_harm_is_advice() {
        assert_eq!(advice("a.py", "import os\n"), ["1:F401"]);
        assert_eq!(advice("__init__.py", "from .a import b\n"), [""; 0]);
        assert_eq!(advice("a.py", "def f():\n    x = 1\n"), ["2:F841"]);
        assert_eq!(advice("a.py", "x = {'a': 1, 'a': 2}\n"), ["1:F601"]);
        assert_eq!(advice("a.py", "from a import b\nfrom a import b\nprint(b)\n"), ["2:F811"]);
    }

    #[test]
    fn valid_code_is_left_alone() {
        for text in [
            "x = 'unused'\n",
            "from conftest import db\n\ndef test_a(db):\n    assert db\n",
            "type X[T] = list[T]\nmatch 1:\n    case _: pass\n",
            "try:\n    import json\nexcept ImportError:\n    json = None\n",
            "print(missing)  # noqa: F821\n",
            "print(_('text'), get_ipython())\n",
            "",
        ] {
            assert_eq!(codes(text), [""; 0], "{text}");
        }
    }
}
