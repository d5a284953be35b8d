"""What the operations are measured on: source trees, the words looked for in them, and who is here."""

import functools
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.race import Operation
from bench.rivals import Rivals
from bench.sampling import Worker
from tools import _native
from tools._native import Index

ROOT = Path(__file__).parents[2]
WORKERS = ROOT / "bench" / "workers"


Catalogue = dict[str, Callable[[], Operation]]
"""Operations by key, each made ready when its turn comes."""


class NotBuilt(Exception):
    """The native module does not have what an operation needs; the message names it."""


@dataclass(frozen=True)
class Project:
    """A source tree and what is looked for in it. Each tuple holds questions that are asked in turn."""

    name: str
    root: Path
    rare: tuple[str, ...]
    frequent: tuple[str, ...]
    regexes: tuple[str, ...]
    without_literal: tuple[str, ...]
    absent: tuple[str, ...]
    twelve: tuple[str, ...]
    """Words looked for in one pass."""
    alike: str
    """One word that stands on about as many lines of about as many files as those together."""
    limits: Mapping[str, float]
    """Milliseconds that our operations may take, by key."""

    @functools.cached_property
    def index(self) -> Index:
        """An index that has read everything and built what it builds in the background."""
        index = Index(self.root)
        index.search(self.rare[0])
        if wait := getattr(index, "wait_ready", None):
            wait()
        return index


@dataclass(frozen=True)
class Setting:
    """Everything that an operation may need."""

    projects: tuple[Project, ...]
    """The first one is also what code is measured on."""
    names: Path
    """A tree of very many files, for finding by name."""
    rivals: Rivals
    scratch: Path
    """A folder to write in."""
    _residents: dict[str, Worker] = field(default_factory=dict)

    def worker(self, script: str, package: str | None = None) -> Callable[[], Worker]:
        """How to start a worker, with the Python of a rival's environment or with this one."""
        python = self.rivals.programs[package] / "python" if package else Path(sys.executable)
        env = {"PYTHONPATH": str(ROOT)} if package is None else {"PYTHONPATH": ""}
        return lambda: Worker([python, WORKERS / script], env)

    def resident(self, script: str, package: str, **holds: object) -> Worker:
        """The one worker of a rival that holds these things, started when it is first needed."""
        key = json.dumps([script, holds])
        if key not in self._residents:
            worker = self.worker(script, package)()
            worker.ask("hold", [holds])
            self._residents[key] = worker
        return self._residents[key]

    def close(self) -> None:
        """End all residents."""
        for worker in self._residents.values():
            worker.close()


def native(name: str) -> Callable[..., Any]:
    """A function of the native module. Raises NotBuilt."""
    if not hasattr(_native, name):
        raise NotBuilt(name)
    function: Callable[..., Any] = getattr(_native, name)
    return function


def method(name: str) -> Callable[..., Any]:
    """A method of the index, to be called with the index first. Raises NotBuilt."""
    if not hasattr(Index, name):
        raise NotBuilt(f"Index.{name}")
    function: Callable[..., Any] = getattr(Index, name)
    return function


def django(root: Path) -> Project:
    """What is looked for in Django 5.2."""
    rare = (
        "get_absolute_url", "PasswordResetTokenGenerator", "prefetch_related_objects", "SuspiciousFileOperation",
        "add_never_cache_headers", "make_template_fragment_key", "cursor_iter", "contribute_to_class",
    )  # fmt: skip
    return Project(
        "Django",
        root,
        rare,
        ("return", "import", "class", "None"),
        (r"def [a-z_]+_queryset\(", r"class \w+Error\(", r"assertNumQueries\(\d+\)", r"_get_\w+_display"),
        (r"[a-z]{4}_[0-9]{5}_[a-z]+", r"[A-Z]{3}[0-9]{3}[A-Z]"),
        ("no_such_name_anywhere", "qqzzqq"),
        ("as_sql", *rare, "get_extra_restriction", "clean_ipv6_address", "get_queryset"),
        "ValueError",
        {"rare": 0.5, "frequent": 5},
    )


def linux(root: Path) -> Project:
    """What is looked for in the Linux kernel."""
    rare = (
        "PM_RESUME", "page_is_ram", "bio_split_to_limits", "kobject_uevent_env", "sched_setscheduler_nocheck",
        "tcp_time_wait", "ext4_inode_journal_mode", "zswap_frontswap_store",
    )  # fmt: skip
    return Project(
        "Linux",
        root,
        rare,
        ("return", "include", "static", "struct"),
        (r"[A-Z]+_RESUME", r"static int ext4_\w+\(", r"EXPORT_SYMBOL_GPL\(usb_\w+\)", r"#define \w+_MAGIC\b"),
        (r"[a-z]{4}_[0-9]{5}_[a-z]+",),
        ("no_such_name_anywhere", "qqzzqq"),
        ("kmalloc_array", *rare, "usb_control_msg_send", "vmalloc_to_pfn", "list_splice_tail_init"),
        "kmemdup",
        {"rare": 5, "frequent": 60},
    )
