//! Which files the index holds, and that it follows the disk.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use orchestrator_tools::cancel::Token;
use orchestrator_tools::error::Error;
use orchestrator_tools::index::Index;
use orchestrator_tools::search::Request;
use proptest::prelude::*;

use crate::project::Project;

#[test]
fn tracked_files_are_listed_even_if_ignored_and_ignored_ones_only_if_tracked() {
    let project = Project::with(&[
        (".gitignore", "*.log\nbuild/\n"),
        ("kept.log", "needle\n"),
        ("other.log", "needle\n"),
        ("build/made.py", "needle\n"),
        ("src/new.py", "needle\n"),
        (".github/ci.yml", "needle\n"),
    ]);
    project.git(&["init", "-q"]);
    project.git(&["add", "-f", "kept.log", ".gitignore"]);
    assert_eq!(project.index().paths(), [".github/ci.yml", ".gitignore", "kept.log", "src/new.py"]);
}

#[test]
fn without_git_ignore_rules_and_tool_folders_are_left_out_and_said() {
    let project = Project::with(&[
        (".gitignore", "*.log\n"),
        ("a.log", ""),
        ("a.py", ""),
        ("node_modules/x/index.js", ""),
        ("env/pyvenv.cfg", ""),
        ("env/lib.py", ""),
        ("target/out", ""),
        ("Cargo.toml", ""),
        ("src/target/kept.rs", ""),
        ("vendored/.git/config", ""),
        ("vendored/a.c", ""),
    ]);
    let index = project.index();
    assert_eq!(index.paths(), [".gitignore", "Cargo.toml", "a.py", "src/target/kept.rs"]);
    assert_eq!(format!("{:?}", index.skipped()), r#"{"nested repository": 1, "tool-made folder": 3}"#);
}

#[test]
fn a_root_below_folders_with_the_names_of_tool_folders_is_searched() {
    let project = Project::with(&[("build/dist/target/.hidden/a.py", "needle\n"), (".gitignore", "*\n")]);
    let index = Index::open(&project.path().join("build/dist/target/.hidden"), None, 1 << 20).expect("an index");
    assert_eq!(index.paths(), ["a.py"]);
}

#[test]
fn part_of_a_repository_has_its_own_part_of_the_tracked_files() {
    let project = Project::with(&[("app/a.py", ""), ("app/x.log", ""), ("lib/b.py", ""), (".gitignore", "*.log\n")]);
    project.git(&["init", "-q"]);
    project.git(&["add", "app/a.py"]);
    let index = Index::open(&project.path().join("app"), None, 1 << 20).expect("an index");
    assert_eq!(index.paths(), ["a.py"]);
}

#[test]
fn an_index_file_elsewhere_names_the_tracked_files_of_a_plain_folder() {
    let project = Project::with(&[(".gitignore", "*.log\n"), ("kept.log", ""), ("other.log", "")]);
    project.git(&["init", "-q"]);
    project.git(&["add", "-f", "kept.log"]);
    std::fs::rename(project.path().join(".git/index"), project.path().join("../list")).expect("moved");
    std::fs::remove_dir_all(project.path().join(".git")).expect("removed");
    let list = project.path().join("../list");
    let index = Index::open(project.path(), Some(&list), 1 << 20).expect("an index");
    assert_eq!(index.paths(), [".gitignore", "kept.log"]);
    std::fs::remove_file(list).expect("removed");
}

#[test]
fn links_are_counted_and_never_followed() {
    let outside = Project::with(&[("secret.txt", "needle\n")]);
    let project = Project::with(&[("a.txt", "plain\n")]);
    symlink(outside.path(), project.path().join("folder")).expect("a link");
    symlink(outside.path().join("secret.txt"), project.path().join("file")).expect("a link");
    let found = project.index().search(&Request::literal("needle")).expect("a result");
    assert_eq!((found.total, found.skipped["symbolic link"]), (0, 2));
    assert!(matches!(project.index().outline("file"), Err(Error::Escape { .. })));
}

#[test]
fn a_tracked_folder_that_became_a_link_leads_nowhere() {
    let outside = Project::with(&[("a.txt", "needle\n")]);
    let project = Project::with(&[("folder/a.txt", "plain\n")]);
    project.git(&["init", "-q"]);
    project.git(&["add", "."]);
    std::fs::remove_dir_all(project.path().join("folder")).expect("removed");
    symlink(outside.path(), project.path().join("folder")).expect("a link");
    let found = project.index().search(&Request::literal("needle")).expect("a result");
    assert_eq!((found.total, found.skipped["unreadable"]), (0, 1));
}

#[test]
fn the_index_follows_the_disk_when_told_to_look() {
    let project = Project::with(&[("a.py", "one\n"), ("b.py", "two\n"), ("c.py", "three\n")]);
    let index = project.index();
    let total = |text: &str| index.search(&Request::literal(text)).expect("a result").total;
    assert_eq!(total("one"), 1);
    project.write("a.py", "two\n"); // same size, and within one step of the clock
    project.write("new/d.py", "two\n");
    project.remove("b.py");
    assert_eq!(index.refresh(), ["a.py", "b.py", "new/d.py"]);
    assert_eq!((total("one"), total("two")), (0, 2));
}

#[test]
fn the_first_look_is_that_of_the_first_question() {
    let project = Project::with(&[("a.py", "one\n")]);
    let index = project.index();
    project.write("b.py", "one\n");
    assert_eq!(index.refresh(), [""; 0]);
    assert_eq!(index.paths(), ["a.py", "b.py"]);
    project.write("c.py", "one\n");
    assert_eq!(index.refresh(), ["c.py"]);
}

#[test]
fn many_may_ask_first_at_the_same_time() {
    let project = Project::with(&[("a.py", "def one(): ...\n"), ("b.py", "one()\n")]);
    let index = project.index();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(index.search(&Request::literal("one")).expect("a result").total, 2));
            scope.spawn(|| assert_eq!(index.references("one", 9, 999).total, 2));
            scope.spawn(|| assert_eq!(index.definitions("one").len(), 1));
        }
    });
}

#[test]
fn own_edits_are_taken_over_file_by_file() {
    let project = Project::with(&[("a.py", "one\n"), ("b.py", "one\n")]);
    let index = project.index();
    let total = |text: &str| index.search(&Request::literal(text)).expect("a result").total;
    assert_eq!(total("one"), 2);
    project.write("a.py", "two\n");
    project.remove("b.py");
    project.write("c.py", "two\n");
    index.update(&["./a.py", "b.py", "c.py"]).expect("known paths");
    assert_eq!((total("one"), total("two")), (0, 2));
    assert_eq!(index.paths(), ["a.py", "c.py"]);
    assert!(matches!(index.update(&["../x"]), Err(Error::Escape { .. })));
}

#[test]
fn postings_come_in_the_background_and_change_no_answer() {
    let project = Project::with(&[]);
    for number in 0..300 {
        project.write(&format!("{number:03}.py"), format!("def f{number}():\n    pass\n{}", "#\n".repeat(4000)));
    }
    let index = project.index();
    let answer =
        |index: &Index, text: &str| index.search(&Request::literal(text)).expect("a result").render().to_owned();
    let ask = |index: &Index| ["f7", "f_2999", "passs"].map(|text| answer(index, text));
    assert!(!index.is_ready());
    let before = ask(&index);
    assert!(before[1].contains("Similar names: f299 (1×)") && before[2].contains("pass (300×)"), "{before:?}");
    assert!(index.wait_ready(&Token::default()) && index.is_ready());
    assert_eq!(ask(&index), before);
    assert!(!project.index().wait_ready(&Token::new(Some(Duration::ZERO))));
    for number in 0..300 {
        project.write(&format!("{number:03}.py"), format!("passes = f{}\n", number + 2900));
    }
    index.update(&["299.py", "001.py"]).expect("known paths");
    assert!(!ask(&index)[1].contains("Similar names"), "{:?}", ask(&index)[1]);
    index.refresh();
    assert_eq!(ask(&index), ask(&project.index()));
}

#[test]
fn a_file_that_grows_or_vanishes_after_it_was_listed_is_said() {
    let project = Project::with(&[("grows", "needle\n"), ("vanishes", "needle\n"), ("stays", "needle\n")]);
    let index = Index::open(project.path(), None, 0).expect("an index"); // without memory it reads when it is asked
    assert_eq!(index.paths().len(), 3);
    project.write("grows", "needle\n".repeat(1 << 20));
    project.remove("vanishes");
    let found = index.search(&Request::literal("needle")).expect("a result");
    assert_eq!((found.total, found.files_searched), (1, 1));
    assert_eq!((found.skipped["too big"], found.skipped["unreadable"]), (1, 1));
}

fn ignore_lines() -> impl Strategy<Value = String> {
    let lines = [
        "*.log", "/a", "a/", "!a", "b", "b/*", "!b/b.py", "a/**/b", "**/b", "# a", "", "*.py", "!*.py", "a*/", "/b/a/",
        "[ab].log", "\\!a", " ", "a ", "*", "!*/", "b/", "/*.log", "a/b",
    ];
    prop::collection::vec(prop::sample::select(lines.to_vec()), 0..4).prop_map(|lines| lines.join("\n") + "\n")
}

fn paths() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("([ab]/){0,3}[ab](\\.py|\\.log)?", 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_files_are_those_that_git_itself_lists(
        paths in paths(), rules in prop::collection::btree_map("([ab]/){0,2}", ignore_lines(), 0..4),
        exclude in ignore_lines(), tracked in prop::collection::vec(any::<bool>(), 14), below in any::<bool>(),
    ) {
        let project = Project::with(&[]);
        project.git(&["init", "-q"]);
        project.write(".git/info/exclude", exclude);
        let is_folder = |path: &String, all: &BTreeSet<String>| all.iter().any(|other| other.starts_with(&format!("{path}/")));
        let files: Vec<&String> = paths.iter().filter(|path| !is_folder(path, &paths)).collect();
        let is_file = |folder: &str| files.iter().any(|file| folder == *file || folder.starts_with(&format!("{file}/")));
        for (folder, lines) in rules.iter().filter(|(folder, _)| !is_file(folder.trim_end_matches('/'))) {
            project.write(&format!("{folder}.gitignore"), lines);
        }
        for (path, tracked) in files.iter().zip(&tracked) {
            project.write(path, "");
            if *tracked {
                project.git(&["add", "-f", path]);
            }
        }
        let root = if below && project.path().join("a").is_dir() { project.path().join("a") } else { project.path().to_owned() };
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git starts");
        let listed = String::from_utf8(output.stdout).expect("text");
        let listed: BTreeSet<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        // A folder of which the repository tracks nothing is a project of its own.
        let tracks = |folder: &str| files.iter().zip(&tracked).any(|(path, tracked)| *tracked && path.starts_with(folder));
        prop_assume!(root == project.path() || tracks("a/"));
        let index = Index::open(&root, None, 0).expect("an index");
        prop_assert_eq!(index.paths(), listed.into_iter().collect::<Vec<_>>());
    }
}
