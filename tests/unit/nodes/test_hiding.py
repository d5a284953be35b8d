"""The salt of stand-ins: one for all processes of a machine, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nodes import hiding
from nodes.hiding import SALT, salt_of


def test_of_many_that_begin_at_once_all_get_the_same_salt(tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    with ThreadPoolExecutor(8) as pool:
        salts = set(pool.map(salt_of, [tmp_path] * 64))

    assert len(salts) == 1 and [path.name for path in tmp_path.iterdir()] == [SALT]


def test_a_disk_that_fails_is_told_by_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by one of the cleaning up, and nothing is left half made."""

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(hiding.os, "link", refused)
    with pytest.raises(PermissionError):
        salt_of(tmp_path)
    assert not list(tmp_path.iterdir())
