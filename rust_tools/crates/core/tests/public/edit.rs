//! Edits on real files.

use std::os::unix::fs::{PermissionsExt, symlink};

use orchestrator_tools::edit::{Change, Edit, apply, plan};
use orchestrator_tools::error::Error;

use crate::project::Project;

fn replace(path: &str, search: &str, replace: &str) -> Edit {
    Edit { path: path.to_owned(), change: Change::Replace { search: search.to_owned(), replace: replace.to_owned() } }
}

fn whole(path: &str, content: &str) -> Edit {
    Edit { path: path.to_owned(), change: Change::Whole { content: content.to_owned() } }
}

fn delete(path: &str) -> Edit {
    Edit { path: path.to_owned(), change: Change::Delete }
}

fn refusal(project: &Project, edits: &[Edit]) -> String {
    match apply(project.path(), edits) {
        Err(error @ (Error::Edit { .. } | Error::Escape { .. } | Error::Folder { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_patch_over_several_files_is_written_whole() {
    let project = Project::with(&[("a.py", "x = 1\n"), ("b.py", "y = 1\n"), ("c.py", "z = 1\n")]);
    let edits = [
        replace("./a.py", "x = 1\n", "x = 2\n"),
        replace("a.py", "x = 2\n", "x = 3\n"),
        whole("b.py", "y = 2\n"),
        delete("c.py"),
        replace("new/deep/d.py", "", "d = 1\n"),
    ];
    let planned = plan(project.path(), &edits).expect("a plan");
    assert_eq!(project.read("a.py"), "x = 1\n");
    let done = apply(project.path(), &edits).expect("applied");
    assert_eq!(planned, done);
    let how: Vec<String> = done.iter().map(|file| format!("{}: {}", file.path, file.how)).collect();
    assert_eq!(how, ["a.py: exact; exact", "b.py: whole file", "c.py: deleted", "new/deep/d.py: created"]);
    assert_eq!(project.index().paths(), ["a.py", "b.py", "new/deep/d.py"]);
    assert_eq!(project.read("a.py") + &project.read("b.py") + &project.read("new/deep/d.py"), "x = 3\ny = 2\nd = 1\n");
}

#[test]
fn one_bad_edit_leaves_every_file_alone() {
    let project = Project::with(&[("a.py", "x = 1\n"), ("b.py", "y = 1\n")]);
    let edits = [replace("a.py", "x = 1", "x = 2"), whole("new.py", "n\n"), replace("b.py", "nothing like it", "z")];
    assert!(refusal(&project, &edits).starts_with("edit 3 of 3: b.py: SEARCH (1 line) is not in the file"));
    assert_eq!((project.read("a.py").as_str(), project.index().paths().len()), ("x = 1\n", 2));
}

#[test]
fn refusals_say_what_to_do() {
    let project = Project::with(&[
        (
            "cart.py",
            "def total(cart):\n    return sum(cart)\n\ndef size(cart):\n    return len(cart)\n\ndef again(cart):\n    return len(cart)\n",
        ),
        ("src/unique.py", "x = 1\n"),
    ]);
    project.write("latin1.py", b"x = '\xe9'\n");
    project.write("binary", b"\0");
    project.write("wide.txt", b"\xff\xfea");
    project.write("big.txt", "a line of text\n".repeat(1_200_000));
    std::os::unix::fs::symlink("src", project.path().join("link")).expect("a link");
    let hunk = |search: &str, new: &str, line| Edit {
        path: "cart.py".to_owned(),
        change: Change::Hunk { search: search.to_owned(), replace: new.to_owned(), line },
    };
    let in_file = |path: &str| replace(path, "x", "y");
    let cases = [
        replace("cart.py", "    return len(cart)\n", "    return 0\n"),
        replace("cart.py", "def total(carts):\n    return sum(carts)\n", "def total(carts):\n    return 0\n"),
        replace("cart.py", "class Nothing:\n    pass\n", "x\n"),
        replace("cart.py", "def totals(cart):\n", "def total(cart):\n"),
        replace("cart.py", "", "x = 1\n"),
        replace("cart.py", "x", "x"),
        whole("src/unique.py", "x = 1\n"),
        replace("carts.py", "x = 1\n", "x = 2\n"),
        delete("missing.py"),
        replace("cart.py", "def total(cart):\n    ...\n    return sum(carts)\n", "def total(cart):\n    return 0\n"),
        hunk("    return len(cart)\n", "    return 0\n", None),
        hunk("", "x = 1\n", None),
        hunk("", "x = 1\n", Some(99)),
        in_file("latin1.py"),
        in_file("wide.txt"),
        in_file("big.txt"),
        in_file("link/unique.py"),
        in_file("a\0b"),
        whole(&"n".repeat(300), "x\n"),
        whole("binary", "x\n"),
        whole("cart.py/below.py", "x\n"),
        whole("src", "x\n"),
        whole(".git/hooks/post-commit", "x\n"),
        whole("sub/.GIT/config", "x\n"),
        whole("../outside.py", "x\n"),
    ];
    let told: Vec<String> = cases.into_iter().map(|edit| refusal(&project, &[edit])).collect();
    let told = told.join("\n").replace(&"n".repeat(300), "nnn…");
    insta::assert_snapshot!(told);
}

#[test]
fn a_wrong_folder_is_corrected_where_only_one_file_can_be_meant() {
    let project = Project::with(&[("src/app/cart.py", "x = 1\n"), ("a/view.py", "y = 1\n"), ("b/view.py", "y = 1\n")]);
    let done = apply(project.path(), &[replace("app/cart.py", "x = 1\n", "x = 2\n")]).expect("applied");
    assert_eq!(
        (done[0].path.as_str(), done[0].how.as_str()),
        ("src/app/cart.py", "path corrected from app/cart.py; exact")
    );
    assert_eq!(project.read("src/app/cart.py"), "x = 2\n");
    refusal(&project, &[replace("view.py", "y = 1\n", "y = 2\n")]);
    refusal(&project, &[replace("cart.py", "x = 9\n", "x = 2\n")]);
}

#[test]
fn endings_marks_and_modes_are_kept() {
    let project =
        Project::with(&[("crlf.py", "\u{feff}a = 1\r\nb = 2\r\n"), ("run.sh", "echo a"), ("whole.py", "a\r\nb\r\n")]);
    let script = project.path().join("run.sh");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o751)).expect("a mode");
    let edits = [
        replace("crlf.py", "a = 1\n", "a = 2\nc = 3\n"),
        replace("run.sh", "echo a\n", "echo b\n"),
        whole("whole.py", "c\nd"),
    ];
    apply(project.path(), &edits).expect("applied");
    assert_eq!(project.read("crlf.py"), "\u{feff}a = 2\r\nc = 3\r\nb = 2\r\n");
    assert_eq!(project.read("run.sh"), "echo b");
    assert_eq!(project.read("whole.py"), "c\r\nd\r\n");
    assert_eq!(script.metadata().expect("a file").permissions().mode() & 0o7777, 0o751);
}

#[test]
fn utf16_is_written_back_as_utf16() {
    let project = Project::with(&[]);
    let wide =
        |text: &str| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    project.write("wide.txt", wide("one\r\ntwo ä\r\n"));
    let done = apply(project.path(), &[replace("wide.txt", "two ä\n", "three €\n")]).expect("applied");
    assert_eq!(done[0].before.as_deref(), Some("one\r\ntwo ä\r\n"));
    let bytes = std::fs::read(project.path().join("wide.txt")).expect("a file");
    assert_eq!(bytes, wide("one\r\nthree €\r\n"));
}

#[test]
fn nothing_is_written_through_a_link() {
    let outside = Project::with(&[("a.py", "x = 1\n")]);
    let project = Project::with(&[("real/b.py", "y = 1\n")]);
    symlink(outside.path(), project.path().join("away")).expect("a link");
    symlink("real", project.path().join("inside")).expect("a link");
    symlink("real/b.py", project.path().join("file")).expect("a link");
    for path in ["away/a.py", "away/new.py", "inside/b.py", "inside/new.py", "file"] {
        refusal(&project, &[whole(path, "changed\n")]);
    }
    assert_eq!((outside.read("a.py").as_str(), project.read("real/b.py").as_str()), ("x = 1\n", "y = 1\n"));
}

#[test]
fn a_file_can_be_deleted_and_made_anew_in_one_patch() {
    let project = Project::with(&[("a.py", "x = 1\n")]);
    apply(project.path(), &[delete("a.py"), replace("a.py", "", "x = 2\n")]).expect("applied");
    assert_eq!(project.read("a.py"), "x = 2\n");
}
