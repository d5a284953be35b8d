"""The pause of the collector at imports: it must not keep what a run in the same process has left behind."""

import gc
import sys

from orchestrator.imports import collector_paused


def test_what_is_frozen_grows_only_with_imports() -> None:
    """Garbage of an earlier run that is frozen is never collected: a process that drives many runs would grow."""
    with collector_paused():
        pass
    gc.collect()
    before = gc.get_freeze_count()
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle

    with collector_paused():
        import json  # noqa: F401 - here already

    assert gc.get_freeze_count() <= before and gc.isenabled()


def test_what_an_import_makes_is_passed_over() -> None:
    """Else every collection would look at thousands of objects that stay."""
    sys.modules.pop("this_is_imported_once", None)
    before = gc.get_freeze_count()
    with collector_paused():
        sys.modules["this_is_imported_once"] = sys
    assert gc.get_freeze_count() > before
    del sys.modules["this_is_imported_once"]
