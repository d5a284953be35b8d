"""Source trees to measure on: fetched from registries once, committed to a git repository each, kept in a cache."""

import os
import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.environments import programs

PACKAGES = {
    "django": "django==5.2.8",
    "sympy": "sympy==1.14.0",
    "pygments": "pygments==2.19.2",
}
"""Source distributions on PyPI, pinned: figures of different days are about the same files."""

LINUX = "linux-source-6.1"
"""Debian's package of the kernel's sources; it follows Debian's security updates."""

PATHS = 50_000
"""Number of files in the made-up tree in which names are looked for."""

_WORDS = (
    "account admin api archive asset audit auth base batch billing cache cart catalog channel chart client codec "
    "config console contract cursor dashboard decoder delivery device dialog draft driver editor encoder engine error "
    "event export factory feature feed filter form format gateway graph handler header history image import index "
    "input invoice item job journal kernel label layout ledger library list loader locale lock log mail map matrix "
    "media member memory menu message method metric migration mixin model module monitor node notice number object "
    "option order output owner packet page panel parser patch path payment permission plugin policy pool post price "
    "process product profile project proxy query queue range reader record region registry release report request "
    "resource response result review role route router rule runner scanner schedule schema scope script search "
    "section segment serializer server service session setting shape sheet signal site socket source stage state "
    "station status storage store stream string style summary symbol table task template theme thread ticket time "
    "token tool topic trace track transaction tree trigger type unit upload user value vector version view volume "
    "widget window worker writer zone"
)
_ENDINGS = (".py", ".py", ".py", ".ts", ".tsx", ".js", ".rs", ".go", ".html", ".css", ".json", ".md", "_test.py")


def package(name: str, cache: Path) -> Path:
    """The sources of one of PACKAGES, all files tracked."""
    return _kept(cache / "corpora" / name, lambda folder: _unpack_package(PACKAGES[name], folder, cache))


def linux(cache: Path) -> Path:
    """The sources of the Linux kernel, all files tracked; needs apt-get and dpkg-deb, and 4 GB of disk."""
    return _kept(cache / "corpora" / "linux", lambda folder: _unpack_linux(folder, cache / "downloads"))


def paths(cache: Path, count: int = PATHS) -> Path:
    """A tree of `count` empty files with made-up names, the same ones each time, all tracked."""
    return _kept(cache / "corpora" / f"paths-{count}", lambda folder: _make_empty(folder, made_up_paths(count)))


def made_up_paths(count: int) -> Iterator[str]:
    """`count` different paths as large projects have them, fourteen files to a folder; the same ones each time."""
    choose, words = random.Random(5), _WORDS.split()
    folders = ["/".join(choose.choices(words, k=choose.randint(1, 6))) for _ in range(count // 14 + 1)]
    seen: set[str] = set()
    while len(seen) < count:
        name = "_".join(choose.sample(words, choose.randint(1, 3)))
        path = f"{choose.choice(folders)}/{name}{choose.choice(_ENDINGS)}"
        if path not in seen:
            seen.add(path)
            yield path


def commit_everything(folder: Path) -> None:
    """Make a repository of a folder, all its files tracked, also those that its own .gitignore names."""
    fast = ("-c", "core.compression=0", "-c", "gc.auto=0", "-c", "core.autocrlf=false")
    git(folder, "init", "-q")
    git(folder, *fast, "add", "-f", "-A")
    git(folder, *fast, "commit", "-q", "-m", "sources")


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints, run without anybody's configuration."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    who = {f"GIT_{role}_{what}": f"bench@{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **alone, **who, **when}
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def _kept(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made beside its place and then moved there, so that a broken attempt leaves none."""
    if not folder.exists():
        print(f"making {folder}", file=sys.stderr, flush=True)
        new = folder.with_name(folder.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        make(new)
        commit_everything(new)
        new.rename(folder)
    return folder


def _unpack_package(requirement: str, folder: Path, cache: Path) -> None:
    downloads = cache / "downloads"
    name, _, version = requirement.partition("==")
    pip = programs(cache, "pip", ("pip",)) / "pip"
    quiet = ("-q", "--disable-pip-version-check", "--no-deps", "--no-binary", name)
    _run([pip, "download", *quiet, "-d", downloads, requirement])
    (archive,) = downloads.glob(f"{name}-{version}.tar.*")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    _lift(folder)


def _unpack_linux(folder: Path, downloads: Path) -> None:
    downloads.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", LINUX], cwd=downloads)
    archive = max(downloads.glob(f"{LINUX}_*.deb"), key=lambda path: path.stat().st_mtime)
    _run(["dpkg-deb", "-x", archive, folder])
    (sources,) = folder.glob("usr/src/*.tar.xz")
    _run(["tar", "-xf", sources, "-C", folder])
    shutil.rmtree(folder / "usr")
    _lift(folder)
    # Debian's own .gitignore hides every file, which would leave ripgrep nothing to search.
    ignore = folder / ".gitignore"
    if ignore.exists():
        lines = ignore.read_text().splitlines(keepends=True)
        ignore.write_text("".join(line for line in lines if line.strip() not in ("*", "/*")))


def _lift(folder: Path) -> None:
    """Move what lies in the one folder of an unpacked archive a level up."""
    (top,) = folder.iterdir()
    top = top.rename(folder / ".unpacked")
    for entry in top.iterdir():
        entry.rename(folder / entry.name)
    top.rmdir()


def _make_empty(folder: Path, names: Iterator[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def _run(command: Sequence[str | Path], cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
