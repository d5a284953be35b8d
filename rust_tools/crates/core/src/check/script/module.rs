//! What a script file takes from others, and what it gives them.

use std::collections::HashSet;
use std::sync::LazyLock;

use oxc_allocator::Allocator;
use oxc_span::SourceType;
use oxc_syntax::module_record::{ExportExportName, ImportImportName};
use regex::Regex;

use super::parse;
use crate::nesting;

/// The imports and exports of one file.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: HashSet<String>,
    /// It gives more than can be read from its text.
    pub(crate) is_open: bool,
}

/// One imported name, or a module imported as a whole.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) offset: u32,
    pub(crate) from: String,
    pub(crate) name: Option<String>,
}

impl Module {
    /// Reads a file; nothing if it does not parse.
    pub(crate) fn read(path: &str, text: &str) -> Option<Self> {
        let kind = SourceType::from_path(path).ok()?;
        if nesting::too_deep_in_script(text).is_some() {
            return None;
        }
        let allocator = Allocator::default();
        let parsed = parse(&allocator, text, kind);
        if parsed.panicked || parsed.diagnostics.errors().next().is_some() {
            return None;
        }
        let record = &parsed.module_record;
        let mut module = Self {
            is_open: !record.has_module_syntax || !record.star_export_entries.is_empty() || text.contains("export ="),
            ..Self::default()
        };
        for (from, requests) in &record.requested_modules {
            let whole = |span: &oxc_span::Span| Import { offset: span.start, from: from.to_string(), name: None };
            module.imports.extend(requests.iter().map(|request| whole(&request.statement_span)));
        }
        for entry in &record.import_entries {
            let name = match &entry.import_name {
                ImportImportName::Name(name) => name.name.to_string(),
                ImportImportName::Default(_) => "default".to_owned(),
                ImportImportName::NamespaceObject => continue,
            };
            let from = entry.module_request.name.to_string();
            module.imports.push(Import { offset: entry.local_name.span.start, from, name: Some(name) });
        }
        for entry in record.local_export_entries.iter().chain(&record.indirect_export_entries) {
            match &entry.export_name {
                ExportExportName::Name(name) => module.exports.insert(name.name.to_string()),
                ExportExportName::Default(_) => module.exports.insert("default".to_owned()),
                ExportExportName::Null => false,
            };
        }
        module.imports.extend(required(text));
        // Types are erased, and so may be missing from the record of what is there at run time.
        module.exports.extend(TYPES.captures_iter(text).map(|groups| groups[1].to_owned()));
        module.imports.sort_by_key(|import| import.offset);
        Some(module)
    }
}

static TYPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^\s*export\s+(?:declare\s+)?(?:const\s+)?(?:type|interface|enum|namespace|abstract\s+class)\s+([\w$]+)",
    )
    .expect("a valid expression")
});

fn required(text: &str) -> impl Iterator<Item = Import> {
    static REQUIRE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?m)^\s*(?:const|let|var)\b[^=\n]*=\s*require\(\s*['"]([^'"\n]+)['"]\s*\)"#).expect("valid")
    });
    REQUIRE.captures_iter(text).filter_map(|groups| {
        let from = groups.get(1)?;
        Some(Import { offset: from.start() as u32, from: from.as_str().to_owned(), name: None })
    })
}
