//! The table of languages. Another language is one entry here, one query in `tags/` and one feature in Cargo.toml.

use std::sync::{LazyLock, OnceLock};

use super::{Contexts, Grammar, Joints};

const DOTS: Joints = Joints { scope: ".", member: "." };
const COLONS: Joints = Joints { scope: "::", member: "::" };

const ANYWHERE: Contexts = Contexts { pieces: &[("", "")], blocks: &[("", "")] };
const IN_CLASS_TOO: Contexts =
    Contexts { pieces: &[("", ""), ("class X { ", " }")], blocks: &[("", ""), ("class X { ", " }")] };
const IN_METHOD: (&str, &str) = ("class X { void x() { ", " } }");
const LIKE_JAVA: Contexts = Contexts {
    pieces: &[IN_METHOD, ("class X { void x() { ", "; } }"), ("class X { ", " }"), ("", "")],
    blocks: &[("class X { ", " }"), IN_METHOD, ("", "")],
};
const LIKE_C: Contexts = Contexts {
    pieces: &[("void x() { ", " }"), ("void x() { ", "; }"), ("struct X { ", " };"), ("", "")],
    blocks: &[("", ""), ("void x() { ", " }"), ("struct X { ", " };"), ("void x() { ", "; }")],
};
const LIKE_RUST: Contexts = Contexts {
    pieces: &[
        ("", ""),
        ("fn x() { ", " }"),
        ("fn x() { ", "; }"),
        ("impl X { ", " }"),
        ("fn x() { match x { ", " } }"),
    ],
    blocks: &[("", ""), ("impl X { ", " }"), ("fn x() { ", " }")],
};
const LIKE_GO: Contexts = Contexts {
    pieces: &[("package x\nfunc x() {\n", "\n}\n"), ("package x\n", "\n")],
    blocks: &[("package x\n", "\n"), ("package x\nfunc x() {\n", "\n}\n")],
};
const LIKE_PHP: Contexts = Contexts {
    pieces: &[("<?php ", ""), ("<?php ", ";"), ("<?php class X { ", " }")],
    blocks: &[("<?php ", ""), ("<?php class X { ", " }"), ("<?php ", ";")],
};
const LIKE_LUA: Contexts = Contexts { pieces: &[("", ""), ("x = ", "")], blocks: &[("", ""), ("x = ", "")] };

const ECMASCRIPT: &str = include_str!("tags/ecmascript.scm");
const TYPESCRIPT: &str = include_str!("tags/typescript.scm");
const C: &str = include_str!("tags/c.scm");

const ECMASCRIPT_NAMES: &[&str] = &[
    "identifier",
    "property_identifier",
    "private_property_identifier",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
];
const TYPESCRIPT_NAMES: &[&str] = &[
    "identifier",
    "type_identifier",
    "property_identifier",
    "private_property_identifier",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
];

pub(super) static GRAMMARS: LazyLock<Box<[Grammar]>> = LazyLock::new(|| {
    Box::new([
        #[cfg(feature = "python")]
        Grammar {
            name: "python",
            aliases: &["python3"],
            endings: &["py", "pyi", "pyw"],
            file_names: &["SConstruct", "SConscript"],
            interpreters: &["python"],
            load: || tree_sitter_python::LANGUAGE.into(),
            tags: &[],
            identifiers: &["identifier"],
            joints: DOTS,
            expando: 'µ',
            contexts: ANYWHERE,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "javascript")]
        Grammar {
            name: "javascript",
            aliases: &["node", "jsx"],
            endings: &["js", "mjs", "cjs", "jsx"],
            file_names: &[],
            interpreters: &["node"],
            load: || tree_sitter_javascript::LANGUAGE.into(),
            tags: &[ECMASCRIPT, include_str!("tags/javascript.scm")],
            identifiers: ECMASCRIPT_NAMES,
            joints: DOTS,
            expando: '$',
            contexts: IN_CLASS_TOO,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "typescript")]
        Grammar {
            name: "typescript",
            aliases: &[],
            endings: &["ts", "mts", "cts"],
            file_names: &[],
            interpreters: &["deno", "bun", "ts-node", "tsx"],
            load: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            tags: &[ECMASCRIPT, TYPESCRIPT],
            identifiers: TYPESCRIPT_NAMES,
            joints: DOTS,
            expando: '$',
            contexts: IN_CLASS_TOO,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "typescript")]
        Grammar {
            name: "tsx",
            aliases: &[],
            endings: &["tsx"],
            file_names: &[],
            interpreters: &[],
            load: || tree_sitter_typescript::LANGUAGE_TSX.into(),
            tags: &[ECMASCRIPT, TYPESCRIPT, include_str!("tags/tsx.scm")],
            identifiers: TYPESCRIPT_NAMES,
            joints: DOTS,
            expando: '$',
            contexts: IN_CLASS_TOO,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "rust")]
        Grammar {
            name: "rust",
            aliases: &[],
            endings: &["rs"],
            file_names: &[],
            interpreters: &["rust-script"],
            load: || tree_sitter_rust::LANGUAGE.into(),
            tags: &[include_str!("tags/rust.scm")],
            identifiers: &["identifier", "type_identifier", "field_identifier", "shorthand_field_identifier"],
            joints: COLONS,
            expando: 'µ',
            contexts: LIKE_RUST,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "go")]
        Grammar {
            name: "go",
            aliases: &["golang"],
            endings: &["go"],
            file_names: &[],
            interpreters: &[],
            load: || tree_sitter_go::LANGUAGE.into(),
            tags: &[include_str!("tags/go.scm")],
            identifiers: &["identifier", "type_identifier", "field_identifier", "package_identifier"],
            joints: DOTS,
            expando: 'µ',
            contexts: LIKE_GO,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "java")]
        Grammar {
            name: "java",
            aliases: &[],
            endings: &["java"],
            file_names: &[],
            interpreters: &["java"],
            load: || tree_sitter_java::LANGUAGE.into(),
            tags: &[include_str!("tags/java.scm")],
            identifiers: &["identifier", "type_identifier"],
            joints: DOTS,
            expando: '$',
            contexts: LIKE_JAVA,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "c")]
        Grammar {
            name: "c",
            aliases: &[],
            endings: &["c", "h"],
            file_names: &[],
            interpreters: &["tcc"],
            load: || tree_sitter_c::LANGUAGE.into(),
            tags: &[C],
            identifiers: &["identifier", "type_identifier", "field_identifier", "statement_identifier"],
            joints: COLONS,
            expando: 'µ',
            contexts: LIKE_C,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "cpp")]
        Grammar {
            name: "cpp",
            aliases: &["c++"],
            endings: &["cpp", "cc", "cxx", "c++", "hpp", "hh", "hxx", "h++", "ipp", "inl"],
            file_names: &[],
            interpreters: &[],
            load: || tree_sitter_cpp::LANGUAGE.into(),
            tags: &[include_str!("tags/cpp.scm"), C],
            identifiers: &[
                "identifier",
                "type_identifier",
                "field_identifier",
                "namespace_identifier",
                "statement_identifier",
            ],
            joints: COLONS,
            expando: 'µ',
            contexts: LIKE_C,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "csharp")]
        Grammar {
            name: "csharp",
            aliases: &["c#", "dotnet"],
            endings: &["cs", "csx"],
            file_names: &[],
            interpreters: &[],
            load: || tree_sitter_c_sharp::LANGUAGE.into(),
            tags: &[include_str!("tags/csharp.scm")],
            identifiers: &["identifier", "implicit_parameter"],
            joints: DOTS,
            expando: 'µ',
            contexts: LIKE_JAVA,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "ruby")]
        Grammar {
            name: "ruby",
            aliases: &[],
            endings: &["rb", "rake", "gemspec", "ru"],
            file_names: &["Gemfile", "Rakefile", "Guardfile", "Vagrantfile", "Podfile"],
            interpreters: &["ruby"],
            load: || tree_sitter_ruby::LANGUAGE.into(),
            tags: &[include_str!("tags/ruby.scm")],
            identifiers: &[
                "identifier",
                "constant",
                "instance_variable",
                "class_variable",
                "global_variable",
                "simple_symbol",
                "hash_key_symbol",
            ],
            joints: Joints { scope: "::", member: "#" },
            expando: 'µ',
            contexts: ANYWHERE,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "php")]
        Grammar {
            name: "php",
            aliases: &[],
            endings: &["php", "phtml"],
            file_names: &[],
            interpreters: &["php"],
            load: || tree_sitter_php::LANGUAGE_PHP.into(),
            tags: &[include_str!("tags/php.scm")],
            identifiers: &["name", "variable_name"],
            joints: COLONS,
            expando: 'µ',
            contexts: LIKE_PHP,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "bash")]
        Grammar {
            name: "bash",
            aliases: &["shell", "zsh"],
            endings: &["sh", "bash", "zsh", "ksh", "bats"],
            file_names: &[".bashrc", ".bash_profile", ".bash_aliases", ".profile", ".zshrc", "PKGBUILD"],
            interpreters: &["bash", "sh", "dash", "zsh", "ksh"],
            load: || tree_sitter_bash::LANGUAGE.into(),
            tags: &[include_str!("tags/bash.scm")],
            identifiers: &["variable_name"],
            joints: DOTS,
            expando: 'µ',
            contexts: ANYWHERE,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "kotlin")]
        Grammar {
            name: "kotlin",
            aliases: &[],
            endings: &["kt", "kts"],
            file_names: &[],
            interpreters: &["kotlin"],
            load: || tree_sitter_kotlin_ng::LANGUAGE.into(),
            tags: &[include_str!("tags/kotlin.scm")],
            identifiers: &["identifier"],
            joints: DOTS,
            expando: 'µ',
            contexts: IN_CLASS_TOO,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "swift")]
        Grammar {
            name: "swift",
            aliases: &[],
            endings: &["swift"],
            file_names: &[],
            interpreters: &["swift"],
            load: || tree_sitter_swift::LANGUAGE.into(),
            tags: &[include_str!("tags/swift.scm")],
            identifiers: &["simple_identifier", "type_identifier"],
            joints: DOTS,
            expando: 'µ',
            contexts: IN_CLASS_TOO,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
        #[cfg(feature = "lua")]
        Grammar {
            name: "lua",
            aliases: &["luajit"],
            endings: &["lua", "rockspec"],
            file_names: &[],
            interpreters: &["lua", "luajit"],
            load: || tree_sitter_lua::LANGUAGE.into(),
            tags: &[include_str!("tags/lua.scm")],
            identifiers: &["identifier"],
            joints: Joints { scope: ".", member: ":" },
            expando: 'µ',
            contexts: LIKE_LUA,
            language: OnceLock::new(),
            prepared: OnceLock::new(),
        },
    ])
});
