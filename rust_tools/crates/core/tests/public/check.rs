//! What a patch breaks across the files of a project.

use orchestrator_tools::check::{FileChange, Finding};

use crate::project::Project;

/// A change of one file from what the project has to `after`; nothing removes it.
fn change(project: &Project, path: &str, after: Option<&str>) -> FileChange {
    let before = std::fs::read_to_string(project.path().join(path)).ok();
    FileChange { path: path.to_owned(), before, after: after.map(str::to_owned) }
}

fn check(project: &Project, changes: &[(&str, Option<&str>)]) -> Vec<Finding> {
    let changes: Vec<FileChange> = changes.iter().map(|(path, after)| change(project, path, *after)).collect();
    project.index().check(&changes)
}

fn rendered(project: &Project, changes: &[(&str, Option<&str>)]) -> String {
    check(project, changes).iter().map(Finding::render).collect::<Vec<_>>().join("\n")
}

fn codes(project: &Project, changes: &[(&str, Option<&str>)]) -> Vec<String> {
    check(project, changes).into_iter().map(|found| format!("{}:{}:{}", found.path, found.line, found.code)).collect()
}

const SHAPES: &str = "def area(r, scale=1):\n    return r * r * scale\n\n\ndef volume(r):\n    return area(r)\n\n\nclass Box:\n    def __init__(self, side):\n        self.side = side\n\n    def grow(self, by):\n        self.side += by\n";

fn shop() -> Project {
    Project::with(&[
        ("pyproject.toml", "[project]\nname = \"shop\"\ndependencies = [\"requests>=2\", \"PyYAML\"]\n"),
        ("shop/__init__.py", "from .shapes import area\n"),
        ("shop/shapes.py", SHAPES),
        ("shop/view.py", "from shop import shapes\nfrom shop.shapes import Box\n\nprint(shapes.volume(2), Box(1))\n"),
        (
            "tests/test_shapes.py",
            "from shop.shapes import area, volume\n\n\ndef test_area():\n    assert area(1) == volume(1)\n",
        ),
        ("shop/_fast.abi3.so", "\0"),
        ("main.py", "import numpy\n\nprint(numpy)\n"),
    ])
}

#[test]
fn a_patch_is_told_what_it_breaks_elsewhere() {
    let without_volume =
        SHAPES.replace("def volume(r):\n    return area(r)\n\n\n", "").replace("r, scale=1", "r, scale");
    let found = rendered(
        &shop(),
        &[
            ("shop/shapes.py", Some(&without_volume)),
            (
                "shop/new.py",
                Some("import requets\nfrom .shape import area\nfrom shop.shapes import aera, Box\n\nBox()\n"),
            ),
        ],
    );
    insta::assert_snapshot!(found);
}

#[test]
fn what_one_patch_removes_and_no_longer_uses_is_no_problem() {
    let after = SHAPES.replace("def volume(r):\n    return area(r)\n\n\n", "def content(r):\n    return area(r)\n\n\n");
    let project = shop();
    let view = "from shop import shapes\nfrom shop.shapes import Box\n\nprint(shapes.content(2), Box(1))\n";
    let test = "from shop.shapes import area, content\n\n\ndef test_area():\n    assert area(1) == content(1)\n";
    let all = [("shop/shapes.py", Some(&*after)), ("shop/view.py", Some(view)), ("tests/test_shapes.py", Some(test))];
    assert_eq!(codes(&project, &all), ["shop/shapes.py:1:lost-symbol"], "only the loss itself is left to judge");
    assert_eq!(codes(&project, &all[..2]), ["shop/shapes.py:1:removed-but-used"]);
}

#[test]
fn imports_lead_somewhere() {
    let project = shop();
    for (line, code) in [
        ("from . import shapes", None),
        ("from .shapes import area", None),
        ("import shop.shapes", None),
        ("import os.path, json", None),
        ("from ._fast import anything", None), // compiled
        ("from shop._fast.inner import anything", None),
        ("import yaml, requests", None),
        ("import numpy", None), // another file has it
        ("from .missing import a", Some("unresolved-import")),
        ("from . import missing", Some("unresolved-import")),
        ("from .shapes import missing", Some("unresolved-import")),
        ("import shop.missing", Some("unresolved-import")),
        ("import imaginary_package", Some("undeclared-import")),
    ] {
        let text = format!("{line}  # noqa: F401\n");
        let found = codes(&project, &[("shop/new.py", Some(&text))]);
        let expected: Vec<String> = code.map(|code| format!("shop/new.py:1:{code}")).into_iter().collect();
        assert_eq!(found, expected, "{line}");
        let tried = format!("try:\n    {line}  # noqa: F401\nexcept ImportError:\n    pass\n");
        assert_eq!(codes(&project, &[("shop/new.py", Some(&tried))]), [""; 0], "{line}");
    }
}

#[test]
fn an_undeclared_import_blocks_only_where_the_environment_is_known() {
    let project = shop();
    let text = "import imaginary_package\n\nprint(imaginary_package)\n";
    assert!(!check(&project, &[("shop/new.py", Some(text))])[0].blocking);
    project.write(".venv/pyvenv.cfg", "include-system-site-packages = false\n");
    project.write(".venv/lib/python3.12/site-packages/attrs/__init__.py", "");
    assert!(check(&project, &[("shop/new.py", Some(text))])[0].blocking);
    assert_eq!(codes(&project, &[("shop/new.py", Some("import attrs\n\nprint(attrs)\n"))]), [""; 0]);
}

#[test]
fn calls_fit_what_they_call() {
    let project = shop();
    for (call, fits) in [
        ("area(1)", true),
        ("area(1, scale=2)", true),
        ("area()", false),
        ("area(1, 2, 3)", false),
        ("area(1, factor=2)", false),
        ("shapes.area(1)", true),
        ("shapes.area()", false),
        ("Box(2)", true),
        ("Box()", false),
        ("area(*rest)", true),
    ] {
        let text = format!(
            "from shop import shapes\nfrom shop.shapes import Box, area\n\nrest = (shapes, Box, area)\n{call}\n"
        );
        let found = codes(&project, &[("app.py", Some(&text))]);
        assert_eq!(found.is_empty(), fits, "{call}: {found:?}");
    }
    let methods = "class A:\n    def go(self, a): ...\n\n    def run(self):\n        self.go(1)\n        self.go()\n";
    assert_eq!(codes(&project, &[("app.py", Some(methods))]), ["app.py:6:call-arity"]);
}

#[test]
fn doubtful_callees_are_left_alone() {
    let project = shop();
    for text in [
        "import functools\n\n\n@functools.cache\ndef f(a): ...\n\n\nf()\n",
        "def f(a): ...\n\n\nf = f\nf()\n",
        "def f(a): ...\n\n\ndef g(f):\n    f()\n",
        "class A(Exception):\n    def __init__(self, a): ...\n\n\nA()\n",
        "class A:\n    def go(self, a): ...\n\n    def run(self):\n        self.go = print\n        self.go()\n",
        "if project:=1:\n    def f(a): ...\nelse:\n    def f(): ...\n\nf()\n",
    ] {
        assert_eq!(codes(&project, &[("app.py", Some(text))]), [""; 0], "{text}");
    }
}

#[test]
fn a_changed_signature_is_held_against_the_callers() {
    let after = SHAPES.replace("def volume(r):", "def volume(r, unit):");
    assert_eq!(
        codes(&shop(), &[("shop/shapes.py", Some(&after))]),
        ["shop/view.py:4:call-arity", "tests/test_shapes.py:5:call-arity"]
    );
}

#[test]
fn a_removed_file_is_missed_by_those_that_import_it() {
    assert_eq!(
        codes(&shop(), &[("shop/shapes.py", None)]),
        [
            "shop/__init__.py:1:unresolved-import",
            "shop/view.py:1:unresolved-import",
            "shop/view.py:2:unresolved-import",
            "tests/test_shapes.py:1:unresolved-import",
            "tests/test_shapes.py:1:unresolved-import",
        ]
    );
}

#[test]
fn names_of_modules_are_there() {
    let project = shop();
    let text = |name: &str| format!("from shop import shapes\n\nprint(shapes.{name})\n");
    assert_eq!(codes(&project, &[("app.py", Some(&text("area")))]), [""; 0]);
    assert_eq!(codes(&project, &[("app.py", Some(&text("__doc__")))]), [""; 0]);
    assert_eq!(codes(&project, &[("app.py", Some(&text("perimeter")))]), ["app.py:3:missing-attribute"]);
    let asked = "from shop import shapes\n\nif hasattr(shapes, 'perimeter'):\n    print(shapes.perimeter)\n";
    assert_eq!(codes(&project, &[("app.py", Some(asked))]), [""; 0]);
}

#[test]
fn scripts_find_their_files_names_and_packages() {
    let project = Project::with(&[
        ("package.json", "{\"dependencies\": {\"react\": \"1\"}}"),
        ("src/cart.ts", "export const total = 1;\nexport default total;\nexport type Line = string;\n"),
        ("src/index.ts", "export * from './cart';\n"),
        ("src/page.tsx", "import { total } from './cart';\nexport const page = total;\n"),
    ]);
    for (line, code) in [
        ("import { total, type Line } from './cart';", None),
        ("import total from './cart.js';", None),
        ("import * as all from '.';", None),
        ("import { anything } from './index';", None),
        ("import React from 'react';", None),
        ("import fs from 'node:fs';", None),
        ("import { join } from 'path';", None),
        ("import { sum } from './cart';", Some("unresolved-import")),
        ("import { a } from './missing';", Some("unresolved-import")),
        ("const a = require('./missing');", Some("unresolved-import")),
        ("import left from 'left-pad-pro';", Some("undeclared-import")),
    ] {
        let expected: Vec<String> = code.map(|code| format!("src/new.ts:1:{code}")).into_iter().collect();
        assert_eq!(codes(&project, &[("src/new.ts", Some(&format!("{line}\n")))]), expected, "{line}");
    }
    let without = "const sum = 1;\nexport default sum;\n";
    let found = codes(&project, &[("src/cart.ts", Some(without))]);
    assert_eq!(
        found,
        ["src/cart.ts:1:lost-symbol", "src/cart.ts:1:removed-but-used", "src/page.tsx:1:unresolved-import"]
    );
}

#[test]
fn a_name_that_other_scripts_use_without_declaring_it_comes_from_somewhere() {
    let project = Project::with(&[
        ("src/a.ts", "export const a = ref(1);\n"),
        ("src/types.d.ts", "declare const VERSION: string;\n"),
    ]);
    let text = "export const b = [ref(1), VERSION, other];\n";
    assert_eq!(check(&project, &[("src/b.ts", Some(text))]).len(), 1);
}

#[test]
fn findings_do_not_depend_on_the_order_of_the_files() {
    let project = shop();
    let gone = "def area(r): ...\n";
    let changes = [("shop/shapes.py", Some(gone)), ("app.py", Some("import shop.nothing\nprint(shop)\n"))];
    let turned = [changes[1], changes[0]];
    assert_eq!(check(&project, &changes), check(&project, &turned));
}
