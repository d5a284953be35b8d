"""The quality of the checks, in small: what the benchmark measures on two thousand mutations and five packages."""

import sys
from pathlib import Path

import pytest

from bench.check_quality import catch, false_alarms, sources
from bench.mutations import KINDS, mutants


def test_no_syntax_error_of_a_mutation_is_missed() -> None:
    """Whatever CPython refuses to compile has a finding that blocks."""
    caught = catch(list(mutants(sources(), 10 * len(KINDS), seed=7)))

    assert [mutant for one in caught.values() for mutant in one.missed] == []
    assert sum(one.invalid for one in caught.values()) > 5 * len(KINDS)


def test_mutants_are_the_same_for_the_same_seed() -> None:
    """A figure can be checked by whoever repeats the measurement."""
    texts = sources()[:20]

    assert list(mutants(texts, 20, seed=3)) == list(mutants(texts, 20, seed=3))


@pytest.mark.parametrize("name", ["jinja2", "syrupy"])
def test_valid_files_of_a_package_raise_no_false_alarm(name: str) -> None:
    """Nothing blocks in the files of a package that works, as new files and as edits, and no guard is raised."""
    package = next(folder for place in sys.path if (folder := Path(place) / name).is_dir())
    alarms = false_alarms(package)

    assert alarms.files > 10
    assert (alarms.blocking, alarms.guards) == ([], 0)
