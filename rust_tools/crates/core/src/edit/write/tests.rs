//! Every step of a patch fails once, here by an error; that a killed process is recovered from is tested with real
//! processes in `tests/interrupted.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::*;
use crate::edit::plan::plan;
use crate::edit::{Change, Edit, apply, apply_watched};

/// Every file and folder below a folder: content and mode.
fn tree(folder: &Path) -> BTreeMap<String, (Vec<u8>, u32)> {
    let mut files = BTreeMap::new();
    for entry in ignore::WalkBuilder::new(folder).standard_filters(false).build().flatten() {
        let name = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
        let content = if entry.path().is_dir() { b"folder".to_vec() } else { fs::read(entry.path()).expect("bytes") };
        files.insert(name, (content, entry.metadata().expect("metadata").permissions().mode()));
    }
    files
}

fn whole(path: &str, content: &str) -> Edit {
    Edit { path: path.to_owned(), change: Change::Whole { content: content.to_owned() } }
}

fn delete(path: &str) -> Edit {
    Edit { path: path.to_owned(), change: Change::Delete }
}

fn two_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a"), "old a\r\n").expect("a file");
    fs::write(folder.path().join("b"), "old b").expect("a file");
    fs::set_permissions(folder.path().join("b"), fs::Permissions::from_mode(0o751)).expect("a mode");
    folder
}

fn patch() -> [Edit; 4] {
    [whole("a", "new a\n"), delete("b"), whole("deep/new/c", "c\n"), whole("deep/d", "d\n")]
}

#[test]
fn a_failure_at_any_step_leaves_everything_as_it_was() {
    for journalled in [false, true] {
        let mut failing = 0;
        loop {
            let (folder, journal) = (two_files(), tempfile::tempdir().expect("a journal"));
            let before = tree(folder.path());
            let mut steps = Vec::new();
            let outcome = apply_watched(folder.path(), &patch(), journalled.then_some(journal.path()), &mut |step| {
                steps.push(step.clone());
                if steps.len() == failing + 1 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            });
            if steps.len() <= failing {
                assert!(outcome.is_ok() && failing > 8, "{failing} steps");
                break;
            }
            match &steps[failing] {
                Step::Clean(_) | Step::Forget => assert!(outcome.is_ok(), "the patch is written"),
                step => {
                    let told = outcome.expect_err("a failure").to_string();
                    assert!(told.ends_with("free some space and try again"), "{told}");
                    assert_eq!(tree(folder.path()), before, "{step:?}");
                    assert_eq!(fs::read_dir(journal.path()).expect("a folder").count(), 0, "{step:?}");
                }
            }
            failing += 1;
        }
    }
}

#[test]
fn a_written_patch_leaves_nothing_else_behind() {
    let (folder, journal) = (two_files(), tempfile::tempdir().expect("a journal"));
    apply_watched(folder.path(), &patch(), Some(journal.path()), &mut |_| Ok(())).expect("applied");
    let names: Vec<String> = tree(folder.path()).into_keys().collect();
    assert_eq!(names, ["", "a", "deep", "deep/d", "deep/new", "deep/new/c"]);
    assert_eq!(fs::read_dir(journal.path()).expect("a folder").count(), 0);
    assert_eq!(recover(folder.path(), journal.path()).expect("looked"), Recovery::Nothing);
}

#[test]
fn what_somebody_writes_meanwhile_is_not_overwritten() {
    let moments: [fn(&Step) -> bool; 3] = [
        |step| matches!(step, Step::Prepare(path) if path == "deep/d"),
        |step| matches!(step, Step::Replace(path) if path == "a"),
        |step| matches!(step, Step::Replace(path) if path == "deep/new/c"),
    ];
    for (moment, is_now) in moments.into_iter().enumerate() {
        for (path, text) in [("a", "theirs\n"), ("b", "theirs\n"), ("deep/new/c", "theirs\n")] {
            let folder = two_files();
            let mut expected = tree(folder.path());
            let mut wrote = false;
            let outcome = apply_watched(folder.path(), &patch(), None, &mut |step| {
                if is_now(step) && !wrote {
                    wrote = fs::write(folder.path().join(path), text).is_ok();
                }
                Ok(())
            });
            // What the patch has written already is the project's: an edit that comes after is simply later.
            let came_later = moment == 2 && path != "deep/new/c";
            if !wrote || came_later {
                continue;
            }
            assert!(matches!(outcome, Err(Error::Conflict { .. })), "{moment} {path}: {outcome:?}");
            let now = tree(folder.path());
            assert_eq!(now[path].0, b"theirs\n", "{moment} {path}");
            if let Some(mode) = now.get(path).map(|file| file.1) {
                expected.insert(path.to_owned(), (b"theirs\n".to_vec(), mode));
            }
            let files = |tree: &BTreeMap<String, (Vec<u8>, u32)>| -> Vec<(String, Vec<u8>)> {
                let files = tree.iter().filter(|(_, (content, _))| content != b"folder");
                files.map(|(name, (content, _))| (name.clone(), content.clone())).collect()
            };
            assert_eq!(files(&now), files(&expected), "{moment} {path}");
        }
    }
}

#[test]
fn a_file_that_vanishes_or_becomes_something_else_stops_the_patch() {
    let happenings: [fn(&Path); 3] = [
        |path| fs::remove_file(path).expect("removed"),
        |path| {
            fs::remove_file(path).expect("removed");
            fs::create_dir(path).expect("a folder");
        },
        |path| {
            fs::remove_file(path).expect("removed");
            symlink("b", path).expect("a link");
        },
    ];
    for happening in happenings {
        for is_now in [|step: &Step| matches!(step, Step::Prepare(_)), |step: &Step| matches!(step, Step::Replace(_))] {
            let (folder, expected) = (two_files(), two_files());
            let mut happened = false;
            let outcome = apply_watched(folder.path(), &patch(), None, &mut |step| {
                if is_now(step) && !happened {
                    happened = true;
                    happening(&folder.path().join("a"));
                }
                Ok(())
            });
            assert!(outcome.is_err());
            happening(&expected.path().join("a"));
            assert_eq!(tree(folder.path()), tree(expected.path()));
            assert_eq!(fs::symlink_metadata(folder.path().join("a")).is_ok(), expected.path().join("a").exists());
        }
    }
}

#[test]
fn one_journal_serves_one_edit_at_a_time() {
    let (folder, journal) = (two_files(), tempfile::tempdir().expect("a journal"));
    let mut told = Vec::new();
    apply_watched(folder.path(), &[whole("a", "new\n")], Some(journal.path()), &mut |step| {
        if matches!(step, Step::Prepare(_)) {
            let second = apply_watched(folder.path(), &[whole("b", "new\n")], Some(journal.path()), &mut |_| Ok(()));
            told.push(second.expect_err("refused").to_string());
            told.push(recover(folder.path(), journal.path()).expect_err("refused").to_string());
        }
        Ok(())
    })
    .expect("applied");
    assert_eq!(told, ["another edit uses this journal right now; wait until it has ended"; 2]);
}

#[test]
fn journals_that_do_not_fit_are_refused() {
    let (folder, journal) = (two_files(), tempfile::tempdir().expect("a journal"));
    let apply_with = |journal: &Path| {
        apply_watched(folder.path(), &[whole("a", "new\n")], Some(journal), &mut |_| Ok(()))
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        apply_with(&folder.path().join("sub/journal")),
        "the journal lies in the folder that is edited; name one outside"
    );
    fs::write(journal.path().join("edit.json"), "{").expect("a file");
    assert_eq!(apply_with(journal.path()), "an earlier edit was interrupted; recover it first");
    let told = recover(folder.path(), journal.path()).expect_err("refused").to_string();
    assert!(told.starts_with("the journal is damaged"), "{told}");
    assert_eq!(recover(folder.path(), &journal.path().join("none")).expect("looked"), Recovery::Nothing);
}

/// A project in which `dir` can be exchanged for `link`, which leads to a folder outside.
fn project_with_a_link() -> (tempfile::TempDir, tempfile::TempDir) {
    let (project, outside) = (two_files(), two_files());
    fs::create_dir(project.path().join("dir")).expect("a folder");
    fs::write(project.path().join("dir/a"), "0\n").expect("a file");
    symlink(outside.path(), project.path().join("link")).expect("a link");
    (project, outside)
}

fn exchange_folder_and_link(project: &Path) {
    renameat_with(CWD, project.join("dir"), CWD, project.join("link"), RenameFlags::EXCHANGE).expect("exchanged");
}

fn patch_below_the_folder(number: u32) -> [Edit; 3] {
    ["dir/a", "dir/sub/new", "dir/other"].map(|path| whole(path, &format!("{number}\n")))
}

#[test]
fn a_folder_that_turns_into_a_link_at_any_step_leads_nothing_astray() {
    for at in 0.. {
        let (project, outside) = project_with_a_link();
        let before = tree(outside.path());
        let mut steps = 0;
        let outcome = apply_watched(project.path(), &patch_below_the_folder(1), None, &mut |_| {
            if steps == at {
                exchange_folder_and_link(project.path());
            }
            steps += 1;
            Ok(())
        });
        assert_eq!(tree(outside.path()), before, "step {at}");
        if steps <= at {
            break;
        }
        // The opened folder is the real one under either name: it is written whole there, or not at all.
        let real = project.path().join("link");
        let written = fs::read(real.join("a")).expect("a file") == b"1\n";
        assert_eq!(
            (written, real.join("other").exists()),
            (outcome.is_ok(), outcome.is_ok()),
            "step {at}: {outcome:?}"
        );
    }
}

/// While a patch is written again and again, the folder that it names becomes a link to another one and back.
#[test]
fn a_folder_that_keeps_turning_into_a_link_leads_nothing_astray() {
    let (project, outside) = project_with_a_link();
    let before = tree(outside.path());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0_u32.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                exchange_folder_and_link(project.path());
                // Shortly a link and for longer a folder, so that edits meet both.
                let longest = if round.is_multiple_of(2) { 1 << 10 } else { 1 << 19 };
                (0..round.wrapping_mul(0x9E37_79B1) % longest).for_each(|_| std::hint::spin_loop());
            }
        });
        let (mut written, mut refused) = (0, 0);
        let started = Instant::now();
        for number in 1.. {
            match apply(project.path(), &patch_below_the_folder(number)) {
                Ok(files) => {
                    written += 1;
                    assert_ne!(files[0].before.as_deref(), Some("old a\r\n"), "read from outside");
                }
                Err(_) => refused += 1,
            }
            if (written >= 10 && refused >= 10) || started.elapsed() > Duration::from_mins(1) {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(written >= 10 && refused >= 10, "{written} written, {refused} refused");
    });
    assert_eq!(tree(outside.path()), before);
}

fn an_edit() -> impl Strategy<Value = Edit> {
    let path = prop::sample::select(vec!["a", "b", "dir/c", "dir/new", "dir/deep/er/d", "a/below", "../out"]);
    let line = prop::sample::select(vec!["one\n", "two\n", "three\n", "", "no newline"]);
    (path, line.clone(), line, 0..4).prop_map(|(path, search, replace, kind)| Edit {
        path: path.to_owned(),
        change: match kind {
            0 => Change::Delete,
            1 => Change::Whole { content: replace.to_owned() },
            _ => Change::Replace { search: search.to_owned(), replace: replace.to_owned() },
        },
    })
}

fn a_project() -> impl Strategy<Value = Vec<(&'static str, String, u32)>> {
    let text = prop::sample::select(vec!["one\ntwo\n", "two\r\none\r\n", "one\none\n", "three", "\u{feff}one\n", ""]);
    let mode = prop::sample::select(vec![0o644, 0o600, 0o755, 0o444]);
    ["a", "b", "dir/c"].map(|path| (Just(path), text.clone().prop_map(str::to_owned), mode.clone())).to_vec()
}

fn made(files: &[(&str, String, u32)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("dir")).expect("a folder");
    for (name, text, mode) in files {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("a mode");
    }
    folder
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn a_patch_is_applied_as_planned_or_not_at_all(
        files in a_project(), edits in prop::collection::vec(an_edit(), 1..5),
    ) {
        let folder = made(&files);
        let mut expected = tree(folder.path());
        let outcome = apply(folder.path(), &edits);
        let contents = |tree: &BTreeMap<String, (Vec<u8>, u32)>| -> BTreeMap<String, Vec<u8>> {
            let files = tree.iter().filter(|(_, (content, _))| content != b"folder");
            files.map(|(name, (content, _))| (name.clone(), content.clone())).collect()
        };
        if outcome.is_err() {
            prop_assert_eq!(tree(folder.path()), expected);
        } else {
            for file in outcome.iter().flatten() {
                match &file.after {
                    Some(text) => drop(expected.insert(file.path.clone(), (text.clone().into_bytes(), 0))),
                    None => drop(expected.remove(&file.path)),
                }
            }
            prop_assert_eq!(contents(&tree(folder.path())), contents(&expected));
        }
    }

    #[test]
    fn applied_and_rolled_back_is_as_it_was(
        files in a_project(), edits in prop::collection::vec(an_edit(), 1..5), failing in 0..12_usize, kept in any::<bool>(),
    ) {
        let (folder, journal) = (made(&files), tempfile::tempdir().expect("a journal"));
        let root = Root::open(folder.path()).expect("the root");
        let Ok(planned) = plan(&root, &edits) else { return Ok(()) };
        let before = tree(folder.path());
        let mut seen = 0;
        let mut watch = |step: &Step| {
            seen += 1;
            let fails = seen > failing && !matches!(step, Step::PutBack(_) | Step::Clean(_) | Step::Forget);
            if fails { Err(io::ErrorKind::QuotaExceeded.into()) } else { Ok(()) }
        };
        if write(&root, &planned, kept.then_some(journal.path()), &mut watch).is_err() {
            prop_assert_eq!(tree(folder.path()), before);
        }
    }
}
