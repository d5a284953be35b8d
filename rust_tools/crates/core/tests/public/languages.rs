//! Every language: the outline of a realistic file, and where it uses one name.

use orchestrator_tools::outline::Symbol;

use crate::project::Project;

macro_rules! languages {
    ($($language:ident: $file:literal,)+) => {
        $(
            #[test]
            fn $language() {
                let source = include_str!(concat!("sources/", $file));
                insta::assert_snapshot!(concat!("language_", stringify!($language)), told($file, source));
            }
        )+
    };
}

languages! {
    python: "cart.py",
    javascript: "cart.js",
    typescript: "cart.ts",
    tsx: "cart.tsx",
    rust: "cart.rs",
    go: "cart.go",
    java: "Cart.java",
    c: "cart.c",
    cpp: "cart.cpp",
    csharp: "Cart.cs",
    ruby: "cart.rb",
    php: "Cart.php",
    bash: "cart.sh",
    kotlin: "Cart.kt",
    swift: "cart.swift",
    lua: "cart.lua",
}

/// The outline of a file, and the uses of the name that every source has.
fn told(path: &str, source: &str) -> String {
    let project = Project::with(&[(path, source)]);
    let index = project.index();
    let outline: Vec<String> = index.outline(path).expect("an outline").iter().map(line).collect();
    let name = match path {
        "cart.go" | "Cart.cs" => "Total",
        "cart.tsx" => "Row",
        _ => "total",
    };
    format!("{}\n\n{}", outline.join("\n"), index.references(name, 50, 6000).render())
}

fn line(symbol: &Symbol) -> String {
    let lines = format!("{}-{} @{}", symbol.start, symbol.end, symbol.line);
    let documented = if symbol.documented { " (documented)" } else { "" };
    format!("{lines:<11} {} {} | {}{documented}", symbol.kind.as_str(), symbol.qualified_name, symbol.signature)
}
