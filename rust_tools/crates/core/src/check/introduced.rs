//! Which findings an edit brought in. Lines move when a file is edited, so their numbers do not count: a
//! finding is known if the old text has one of the same code, message and line of text.

use std::collections::{HashMap, HashSet};

use super::{Change, Finding, Source};

/// The findings that the old text does not have too. Advice on a line that was there before is known without a
/// look; `of_old` is asked only if there is more.
pub(super) fn only(
    change: &Change<'_>,
    mut found: Vec<Finding>,
    of_old: impl FnOnce(&str) -> Vec<Finding>,
) -> Vec<Finding> {
    let Some(before) = change.before else { return found };
    found.retain(|finding| finding.blocking || change.is_new(finding.line));
    if found.is_empty() {
        return found;
    }
    let old = of_old(before);
    let (new_text, old_text): (Vec<&str>, Vec<&str>) = (change.after.lines().collect(), before.lines().collect());
    if old.iter().any(|finding| finding.source == Source::Syntax) {
        return of_what_was_unreadable(found, &old, &new_text, &old_text);
    }
    without_known(found, &old, |finding, is_old| line_of(finding, if is_old { &old_text } else { &new_text }))
}

/// Drops each finding for which `old` has an equal one, the text of its line included as `place` gives it.
fn without_known<'a>(found: Vec<Finding>, old: &[Finding], place: impl Fn(&Finding, bool) -> &'a str) -> Vec<Finding> {
    let mut known: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for finding in old {
        *known.entry((&finding.code, &finding.message, place(finding, true))).or_default() += 1;
    }
    let mut kept = Vec::new();
    for finding in &found {
        let left = known.get_mut(&(finding.code.as_str(), finding.message.as_str(), place(finding, false)));
        kept.push(match left {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        });
    }
    found.into_iter().zip(kept).filter_map(|(finding, kept)| kept.then_some(finding)).collect()
}

/// A file that did not parse has no older static findings to compare with: what stands on a line that was
/// there before is taken to be old. Its syntax errors are compared without their lines, because where the
/// parser notices them depends on what follows.
fn of_what_was_unreadable(found: Vec<Finding>, old: &[Finding], new_text: &[&str], old_text: &[&str]) -> Vec<Finding> {
    let was_there: HashSet<&str> = old_text.iter().map(|line| line.trim()).collect();
    let (syntax, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|f| f.source == Source::Syntax);
    let old_syntax: Vec<Finding> = old.iter().filter(|f| f.source == Source::Syntax).cloned().collect();
    let mut kept = without_known(syntax, &old_syntax, |_, _| "");
    kept.extend(other.into_iter().filter(|finding| !was_there.contains(line_of(finding, new_text))));
    kept
}

fn line_of<'a>(finding: &Finding, lines: &[&'a str]) -> &'a str {
    lines.get((finding.line as usize).saturating_sub(1)).map_or("", |line| line.trim())
}
