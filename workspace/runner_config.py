"""Runner configuration: the parts of ordinary files that decide which tests run, and how.

A whole file of that kind is protected by its name; in a file that a task may well change, such as pyproject.toml or
package.json, only these parts are.
"""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

HARMLESS = frozenset({"pythonpath", "minversion", "markers", "asyncio_mode", "asyncio_default_fixture_loop_scope"})
"""Options of pytest that hide no test."""

UNREADABLE = "it cannot be read"
"""Stands for a file that its own format does not allow: its runner would not read it either."""


def steering(path: str, text: str) -> str:
    """What a file says about running tests, changed only by another meaning; empty where it says nothing."""
    reader = READERS.get(PurePosixPath(path).name)
    if reader is None:
        return ""
    try:
        found = reader(text)
    except (ValueError, TypeError, AttributeError, configparser.Error):
        return UNREADABLE
    return json.dumps(found, sort_keys=True, default=str) if found else ""


def may_steer(path: str) -> bool:
    """True for a file that may say how tests are run."""
    return PurePosixPath(path).name in READERS


def steers_anew(path: str, before: str | None, after: str | None) -> bool:
    """True where a change of a file changes how tests are run.

    A new file may begin to say how, where no test depended on it; only pytest reads what lies above its tests anyway.
    """
    old, new = steering(path, before or ""), steering(path, after or "")
    if before is None:
        return PurePosixPath(path).name in ("pyproject.toml", "setup.cfg") and new != ""
    return old != new


def pyproject(text: str) -> dict[str, Any]:
    """The sections of pytest, tox, hatch and coverage, and plugins that pytest loads by itself."""
    document = tomllib.loads(text)
    tool, project = table(document, "tool"), table(document, "project")
    pytest = table(tool, "pytest")
    found: dict[str, Any] = {
        "pytest": {k: v for k, v in pytest.items() if k != "ini_options" and k not in HARMLESS},
        "ini_options": {k: v for k, v in table(pytest, "ini_options").items() if k not in HARMLESS},
        "tox": tool.get("tox"),
        "hatch": {name: table(env, "scripts") for name, env in table(table(tool, "hatch"), "envs").items()},
        "coverage": tool.get("coverage"),
        "plugins": [table(project, "entry-points").get("pytest11"), table(table(tool, "poetry"), "plugins")],
    }
    return present(found)


def setup_cfg(text: str) -> dict[str, Any]:
    """The sections of pytest and unittest, and aliases of commands."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    names = [
        name for name in parser.sections() if name in ("tool:pytest", "pytest", "unittest", "aliases", "coverage:run")
    ]
    return present({name: {k: v for k, v in parser[name].items() if k not in HARMLESS} for name in names})


def package_json(text: str) -> dict[str, Any]:
    """The test scripts, and the sections of runners that read them here."""
    document = json.loads(text) if text.strip() else {}
    scripts = {k: v for k, v in table(document, "scripts").items() if re.match(r"(?:pre|post)?test\b", k)}
    runners = ("jest", "vitest", "mocha", "ava", "tap", "c8", "nyc", "xo")
    return present({"scripts": scripts} | {name: document.get(name) for name in runners})


def cargo(text: str) -> dict[str, Any]:
    """Test targets, and what takes a target out of the tests."""
    document = tomllib.loads(text)
    switches = ("test", "doctest", "harness", "bench")
    found = {
        "test": document.get("test"),
        "lib": {k: v for k, v in table(document, "lib").items() if k in switches},
        "bin": [{k: v for k, v in b.items() if k in (*switches, "name")} for b in document.get("bin", []) if
                not set(switches).isdisjoint(b)],
        "package": {k: v for k, v in table(document, "package").items() if k in ("autotests", "build")},
        "profile": table(document, "profile").get("test"),
    }  # fmt: skip
    return present(found)


def makefile(text: str) -> dict[str, Any]:
    """The rules of the targets that test, and the variables that their lines use."""
    rules = re.findall(r"^((?:test|tests|check)\b[\w -]*::?(?!=)[^\n]*(?:\n(?:\t[^\n]*|[ \t]*(?=\n\t)))*)", text, re.M)
    used = set(re.findall(r"\$[({](\w+)", "\n".join(rules)))
    variables = {
        name: value.strip() for name, value in re.findall(r"^(\w+)\s*[:?+]?=(.*)$", text, re.M) if name in used
    }
    return present({"rules": rules, "variables": variables})


def pom(text: str) -> dict[str, Any]:
    """The plugins that run tests, and the properties that skip them."""
    plugins = re.findall(r"<plugin>(?:(?!</plugin>).)*?(?:surefire|failsafe)(?:(?!</plugin>).)*</plugin>", text, re.S)
    skips = re.findall(r"<[\w.]*(?:skip|test\.failure)[\w.]*>[^<]*", text, re.I)
    return present({"plugins": [re.sub(r"\s+", "", p) for p in plugins], "skips": skips})


def gradle(text: str) -> dict[str, Any]:
    """The blocks that configure the task ``test``."""
    blocks = []
    for match in re.finditer(r"(?:^|\s)(?:tasks\.)?(?:test|named\(.test.\)|withType\(?<?Test>?\)?)[^\n{]*\{", text):
        blocks.append(re.sub(r"\s+", " ", braced(text, match.end())))
    return present({"blocks": blocks, "lines": re.findall(r"^.*\btest\.(?:enabled|exclude|filter).*$", text, re.M)})


def braced(text: str, start: int) -> str:
    """The text from behind an opening brace to its closing one."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return text[start:end]
    return text[start:]


def table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of a document; an empty one where it has none of that name."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def present(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is really said, a switch that is off included: nothing empty, at any depth."""
    inner = {name: present(value) if isinstance(value, Mapping) else value for name, value in found.items()}
    return {name: value for name, value in inner.items() if value not in (None, {}, [], [None, None], [None, {}])}


READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "pyproject.toml": pyproject,
    "setup.cfg": setup_cfg,
    "package.json": package_json,
    "Cargo.toml": cargo,
    "Makefile": makefile,
    "makefile": makefile,
    "GNUmakefile": makefile,
    "pom.xml": pom,
    "build.gradle": gradle,
    "build.gradle.kts": gradle,
}
"""Each file that may say how tests are run, and who reads it."""
