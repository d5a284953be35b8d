//! Data files, by parsers that say exactly what is wrong and where.

mod json;
mod toml;
mod yaml;

use super::{Finding, Parser, Source};

/// The parser for a data file, if the name says that it is one.
pub(super) fn parser_of(path: &str) -> Option<Parser> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "json" | "jsonc" | "webmanifest" | "geojson" | "ipynb" | "code-workspace" => Some(json::problems),
        _ if matches!(name, ".babelrc" | ".eslintrc" | ".swcrc" | ".jshintrc" | ".hintrc") => Some(json::problems),
        "toml" => Some(toml::problems),
        "yaml" | "yml" => Some(yaml::problems),
        _ if name == "Cargo.lock" || name == "poetry.lock" || name == "uv.lock" => Some(toml::problems),
        _ => None,
    }
}

fn syntax_error(path: &str, line: usize, column: usize, message: String) -> Finding {
    Finding {
        source: Source::Syntax,
        path: path.to_owned(),
        line: line.max(1) as u32,
        column: column.max(1) as u32,
        code: "syntax-error".to_owned(),
        message,
        blocking: true,
    }
}

/// A key that hides an earlier one. Parsers allow it; it is hardly ever meant.
fn duplicate_key(path: &str, line: usize, column: usize, message: String) -> Finding {
    Finding { source: Source::Static, code: "duplicate-key".to_owned(), ..syntax_error(path, line, column, message) }
}

#[cfg(test)]
mod tests {
    use super::super::check;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(path, text, None).into_iter().map(|f| format!("{}:{} {}", f.line, f.column, f.code)).collect()
    }

    #[test]
    fn json_is_read_exactly() {
        assert_eq!(found("a.json", "{\"a\": 1}\n"), [""; 0]);
        assert_eq!(found("a.json", "\u{feff}{\"a\": 1}\n"), [""; 0]);
        assert_eq!(found("a.json", "\n"), [""; 0]);
        assert_eq!(found("a.json", "{\"a\": 1,}\n"), ["1:9 syntax-error"]);
        assert_eq!(found("a.json", "{\n  \"a\": 1\n  \"b\": 2\n}\n"), ["3:3 syntax-error"]);
        assert_eq!(found("a.json", "{\n  \"é\": tru\n}\n"), ["3:1 syntax-error"]);
        assert_eq!(found("a.json", "{\n"), ["1:1 syntax-error"]);
        assert_eq!(found("a.json", "{\"a\": 1} // no\n"), ["1:10 syntax-error"]);
        assert_eq!(found("a.json", "{\"a\": 1,\n \"b\": {\"a\": 2},\n \"a\": 2}\n"), ["3:2 duplicate-key"]);
        assert_eq!(found("a.json", &"[".repeat(200)), [""; 0]);
    }

    #[test]
    fn json_with_comments_is_json_where_that_is_the_custom() {
        let text = "// head\n{\n  \"a\": \"// no\", /* b */\n  \"c\": [1, 2,],\n}\n";
        for path in ["tsconfig.json", "web/tsconfig.build.json", ".vscode/settings.json", "a.jsonc", ".eslintrc"] {
            assert_eq!(found(path, text), [""; 0], "{path}");
            assert_eq!(found(path, "{\n // é\n \"a\" 1\n}\n"), ["3:6 syntax-error"], "{path}");
        }
        assert_eq!(found("a.json", text), ["1:1 syntax-error"]);
    }

    #[test]
    fn toml_is_read_exactly() {
        assert_eq!(found("a.toml", "a = 1\nb = = 2\n"), ["2:5 syntax-error"]);
        assert_eq!(found("a.toml", "a = 1\na = 2\n"), ["2:1 syntax-error"]);
        assert_eq!(found("a.toml", "[a]\nb = 'ü'\n"), [""; 0]);
        assert_eq!(super::super::check("a.toml", "b = 1\na = 1\na = 2\n", Some("a = 1\na = 2\n")), []);
    }

    #[test]
    fn yaml_is_read_exactly() {
        assert_eq!(found("a.yaml", "a: 1\n---\na: 2\nb: [1, {c: d}]\n...\n"), [""; 0]);
        assert_eq!(found("a.yml", "a: 1\nb: [1, 2\nc: 3\n")[0], "3:2 syntax-error");
        assert_eq!(found("a.yml", "a:\n\t- b\n"), ["2:2 syntax-error"]);
        assert_eq!(found("a.yml", "a: \"x\n"), ["1:4 syntax-error"]);
        assert_eq!(found("a.yml", "jobs:\n  a: 1\n  b: 2\n  a: 3\n"), ["4:3 duplicate-key"]);
        assert_eq!(found("a.yml", "- a: 1\n- a: 1\n"), [""; 0]);
        assert_eq!(found("a.yml", "x: &b {c: 1}\ny:\n  <<: *b\n  <<: *b\n"), [""; 0]);
        assert_eq!(found("a.yml", "[a, b]: 1\n? {c: 1}\n: 2\na: 3\n"), [""; 0]);
        assert_eq!(found("chart/templates/a.yaml", "{{- if .x }}\na: 1\n{{- end }}\n"), [""; 0]);
        assert_eq!(found("a.yml", "{% if x %}\na: 1\n"), [""; 0]);
    }
}
