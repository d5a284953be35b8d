"""The page of a run: what it holds, that it holds together, and that nothing in it can act."""

import base64
import hashlib
import os
import re
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from recorded_run import events

from orchestrator.commands.report import secrets_of
from orchestrator.fold import Event
from orchestrator.report.diffs import parsed
from orchestrator.report.gather import gather
from orchestrator.report.graph import drawn
from orchestrator.report.page import page
from orchestrator.report.timeline import timeline
from orchestrator.view import TaskView
from tests.modelserver.server import Server
from tests.world import World
from tests.written_run import EVIL, Written, hostile, long, small
from workspace.records import JsonLines

ROOT = Path(__file__).parents[3]
VOID = {"meta", "img", "br", "input", "link", "hr"}


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and its text without style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.inline: dict[str, str] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing that is open"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.inline[self.open[-1]] = self.inline.get(self.open[-1], "") + data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def html_of(written: Written) -> str:
    hide = secrets_of(written.run, written.home).hide
    return page(gather(written.run, hide), hide)


def of(written: Written) -> Page:
    return Page(html_of(written))


def test_a_page_tells_outcome_evidence_and_every_attempt(tmp_path: Path) -> None:
    """What proved the run stands first, each attempt with its prompt, answer, findings, guard and output after it."""
    text = of(small(tmp_path)).text
    order = ["verified", "Repair add", "red before, green now", "red → green pytest -q", "E assert -1 == 5", "1 passed"]
    order += ["Attempt 1 failed code", "1 call, 900 + 120 tokens, $0.0010, 0.5 s"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    for words in ("Attempt 1", "Attempt 2", "failed", "passed", "Make it add.", "return a * b", "It gives 6."):
        assert words in text
    assert "guard: test_calc.py is protected (test)" in text and "`pytest -q` still fails" in text
    assert "E assert 6 == 5" in text and "1 file, applied to the folder" in text


def test_a_change_is_shown_line_by_line(tmp_path: Path) -> None:
    """An attempt is compared with what it started from, the whole change with the snapshot."""
    html = html_of(small(tmp_path))
    attempts = html.split('id="attempts"')[1]
    assert '<del class="l" data-o="2" data-n="">    return a <mark>-</mark> b' in html
    assert re.search(
        r"<del[^>]*>    return a <mark>\*</mark> b\n</del>.*?<ins[^>]*>    return a <mark>\+</mark> b", attempts, re.S
    )


def test_the_policy_lets_in_the_own_style_and_script_only(tmp_path: Path) -> None:
    """Both hashes are those of what stands inline; no element carries a style or a handler; no address is outside."""
    found = of(hostile(tmp_path))
    policy = next(a["content"] for tag, a in found.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(found.inline[name].encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:" and rules["base-uri"] == "'none'"
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset")], tag
        assert attributes.get("href", "#").startswith("#"), attributes
    assert [tag for tag, _ in found.elements if tag in ("script", "style", "img", "iframe", "form", "link")] == [
        "style",
        "script",
    ]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Markup, links and templates come out as they were written, orders to a terminal as visible signs."""
    html = html_of(hostile(tmp_path))
    assert html.count("<script") == 1 and "<img" not in html and "onload=alert(2)&gt;" in html
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", html)
    text = Page(html).text
    assert "<script>alert('owned')</script>" in text and "\\x1b[2J" in text and "{{ 7 * 7 }}" in text
    assert "new<script>.js" in text and "<img src=x onerror=alert(4)>" in text


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing in a page depends on when or where it was made."""
    written = small(tmp_path)
    assert html_of(written) == html_of(written)


@pytest.mark.slow
def test_a_long_run_fits_a_page(tmp_path: Path) -> None:
    """Texts are cut, and said to be, until the page opens at once; an ordinary run stays far below a megabyte."""
    html = html_of(long(tmp_path / "long"))
    assert len(html.encode()) < 5_000_000
    assert "characters are left out here" in html and html.count('<details class="attempt') == 120
    assert len(html_of(small(tmp_path / "small")).encode()) < 200_000


def test_headings_go_down_by_one_and_tables_name_their_cells(tmp_path: Path) -> None:
    """A page can be walked by its headings and regions."""
    html = html_of(small(tmp_path))
    levels = [int(tag[1]) for tag, _ in Page(html).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    elements = Page(html).elements
    assert all("scope" in a for tag, a in elements if tag == "th")
    assert all("aria-label" in a for tag, a in elements if a.get("role") in ("region", "img", "group"))
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in elements if tag == "a"} <= set(ids)


@pytest.mark.parametrize("outcome", ["found", "reviewed", "planned", "unverified", "budget", "interrupted"])
def test_every_outcome_has_a_page(tmp_path: Path, outcome: str) -> None:
    """A run without tasks or changes is told as what it is."""
    written = Written(tmp_path, {"a.py": "x = 1\n"}, "Where are prices rounded?")
    written.turn("run", "searcher", 0, "where", "in price.py")
    written.event("run.finished", outcome=outcome, exit=0, reason="", answer="price.py:3 rounds", files=[])
    text = of(written).text
    assert outcome in text and "price.py:3 rounds" in text and "in price.py" in text


def test_a_run_that_goes_on_has_a_page(tmp_path: Path) -> None:
    """An attempt that is not judged, a call without an answer and a torn last line are shown as far as they are."""
    written = Written(tmp_path, {"a.py": "x = 1\n"})
    written.plan({"id": "t1", "title": "One"})
    written.turn("t1", "coder", 0, "Write it.", None)
    for name in ("events.jsonl", "journal.jsonl"):
        with (written.run.folder / name).open("a") as file:
            file.write('{"v": 1, "seq"')
    text = of(written).text
    assert "not finished" in text and "not judged" in text and "no answer" in text and "Write it." in text


def test_a_run_that_has_written_nothing_has_a_page(tmp_path: Path) -> None:
    """A folder without events is a run as well."""
    written = Written(tmp_path, {"a.py": "x = 1\n"}, "Do it")
    (written.run.folder / "events.jsonl").unlink()
    assert "Do it" in of(written).text


def test_events_alone_make_a_page(tmp_path: Path) -> None:
    """Where journal, artefacts and commits are missing, what events tell is shown; those of older runs lack fields."""
    written = Written(tmp_path, {"a.py": "x = 1\n"})
    path = written.run.folder / "events.jsonl"
    path.unlink()
    for event in events():
        JsonLines(path).append(event)
    written.run.journal_path.unlink()
    html = html_of(written)
    assert html.count('<details class="attempt') == 5
    assert "guard: tests/test_price.py is protected (test)" in html
    assert "another task had changed the same lines of shop/price.py first" in html


def test_secrets_of_the_project_do_not_stand_in_a_page(tmp_path: Path) -> None:
    """What a file of secrets holds is hidden in diffs, outputs and the request as it is in prompts."""
    secret = "s3cr3t-value-for-this-test-9431"
    written = Written(
        tmp_path, {".env": f"API_KEY={secret}\n", "a.py": f'key = "{secret}"\n'}, f"Use {secret}\nand {secret}"
    )
    written.plan({"id": "t1", "title": "One"})
    commit = written.commit("t1", {"a.py": f'key = "{secret}"  # kept\n'}, written.base)
    written.check("t1", "cat a.py", commit, f"key is {secret}", passed=True)
    written.verdict("t1", 1, commit)
    html = html_of(written)
    assert secret not in html and "hidden-secret-" in html


def test_a_damaged_journal_is_said(tmp_path: Path) -> None:
    """Garbage in the middle of a record is no page but a sentence and an exit code."""
    written = small(tmp_path)
    lines = written.run.journal_path.read_text().splitlines()
    written.run.journal_path.write_text("\n".join([*lines[:2], "garbage", *lines[3:]]) + "\n")
    done = World(tmp_path).run("report", "last")
    assert done.code == 1 and "journal.jsonl" in done.err and "line 3" in done.err and "Traceback" not in done.err


@pytest.mark.slow
def test_a_real_run_is_reported(world: World, model: Server) -> None:
    """The command writes the page into the run's folder, or where it is told, and says where it is."""
    world.run("auto", "Repair add in calc.py", "--headless")
    done = world.run("report", "last")
    path = world.runs()[-1] / "report.html"
    assert done.code == 0 and done.out.strip() == str(path)
    found = Page(path.read_text("utf-8"))
    assert "verified" in found.text and "Attempt 1" in found.text and "red → green" in found.text
    assert ("del", {"class": "l", "data-o": "2", "data-n": ""}) in found.elements
    assert world.run("report", "last", "--out", "-").out == path.read_text("utf-8")
    assert world.run("report", "last", "--out", "there.html").code == 0
    assert (world.project / "there.html").read_bytes() == path.read_bytes()
    refused = world.run("report", "last", "--out", "missing/there.html")
    assert refused.code == 2 and "cannot be written" in refused.err


def test_names_with_unusual_signs_are_read_back() -> None:
    """Git's quotes are undone; a mode, a file that is no text and a missing end of line are said."""
    diff = (
        'diff --git "a/\\303\\274\\t\\"x.py" "b/\\303\\274\\t\\"x.py"\nold mode 100644\nnew mode 100755\n'
        "diff --git a/p.png b/p.png\nnew file mode 100644\nindex 0..1\nBinary files /dev/null and b/p.png differ\n"
        "diff --git a/a b.txt b/a b.txt\nindex 0..1 100644\n--- a/a b.txt\t\n+++ b/a b.txt\t\n@@ -1 +1 @@\n"
        "-old\x0cline\n+new\x0cline\n\\ No newline at end of file\n"
    )
    first, second, third = parsed(diff, 100)
    assert (first.path, first.notes) == ('ü\t"x.py', ["old mode 100644", "new mode 100755"])
    assert (second.path, second.status, second.hunks) == ("p.png", "added", [])
    assert (third.path, third.added, third.removed) == ("a b.txt", 1, 1)
    (block,) = third.hunks[0].blocks
    assert [line.text for line in [*block.removed, *block.added]] == ["old\x0cline", "new\x0cline"]


def test_a_diff_says_what_git_says(tmp_path: Path) -> None:
    """Rows put together again are the lines of the file before and after."""
    old = [f"line {n}" for n in range(60)]
    new = [*old[:10], "line ten", *old[11:30], *old[35:], "the end"]
    for name, lines in (("old", old), ("new", new)):
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    command = ["git", "diff", "--no-index", "-U99", "old", "new"]
    diff = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ).stdout
    (file,) = parsed(diff, 500)
    (hunk,) = file.hunks
    before = [line.text for block in hunk.blocks for line in [*block.same, *block.removed]]
    after = [line.text for block in hunk.blocks for line in [*block.same, *block.added]]
    assert (before, after) == (old, new)
    assert parsed(diff, 20)[0].left_out + 19 == len(diff.splitlines()) - 5


def test_the_timeline_leaves_out_the_time_between_two_processes() -> None:
    """A run that was interrupted overnight is as wide as its work; bars never leave the scale."""
    started = {"lane": "t1", "agent": "coder", "attempt": 0}
    story: list[Event] = [
        {"time": "2026-11-24T10:00:00+00:00", "type": "agent.started", **started},
        {"time": "2026-11-24T10:00:05+00:00", "type": "run.interrupted"},
        {"time": "2026-11-25T09:00:00+00:00", "type": "run.resumed"},
        {"time": "2026-11-25T09:00:00+00:00", "type": "agent.started", **started},
        {"time": "2026-11-25T09:00:05+00:00", "type": "agent.finished", **started},
    ]
    found = timeline(story)
    assert (found.seconds, found.pauses) == (10.0, [50.0])
    assert [(bar.start, bar.width) for bar in found.rows[0].bars] == [(0.0, 50.0), (50.0, 50.0)]
    assert all(b.start >= 0 and b.start + b.width <= 100.001 for row in timeline(events()).rows for b in row.bars)


def test_the_plan_is_drawn_in_layers() -> None:
    """A task stands right of what it waits for, and no two tasks stand on one place."""
    tasks = {n: TaskView(n, n, d) for n, d in {"a": [], "b": [], "c": ["a", "b"], "d": ["a"], "e": ["d", "?"]}.items()}
    graph = drawn(tasks)
    place = {node.task.id: node.x for node in graph.nodes}
    assert place["a"] == place["b"] < place["c"] == place["d"] < place["e"]
    assert len({(node.x, node.y) for node in graph.nodes}) == 5 and len(graph.edges) == 4
    assert drawn({}).nodes == []


def test_evil_is_what_it_seems() -> None:
    """The hostile text would act if it were not escaped."""
    assert re.findall(r"<(script|img|svg|a)\b", EVIL) == ["script", "img", "svg", "a"]


def test_colours_can_be_told_apart() -> None:
    """Every text stands out from every ground that it stands on by 4.5 to 1, in both themes."""
    style = (ROOT / "orchestrator/report/report.css").read_text("utf-8")
    light, preferred, chosen = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r"color-scheme: (?:light|dark);\n(.*?)\}", style, re.S)
    ]
    assert preferred == chosen and light.keys() >= chosen.keys()
    grounds = ("ground", "raised", "sunken", "plus", "minus")
    pairs = [(text, ground) for text in ("ink", "dim") for ground in grounds]
    pairs += [(text, ground) for text in ("accent", "good", "bad", "odd") for ground in ("ground", "raised")]
    pairs += [("good", "good-soft"), ("bad", "bad-soft"), ("odd", "odd-soft")]
    pairs += [("ink", "plus-strong"), ("ink", "minus-strong"), ("ground", "ink")]
    for theme in (light, {**light, **chosen}):
        weak = {pair: ratio for pair in pairs if (ratio := contrast(theme[pair[0]], theme[pair[1]])) < 4.5}
        assert weak == {}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG counts it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
