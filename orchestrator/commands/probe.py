"""The action ``model probe``: the product's own first question, then what the endpoint can do, as a table."""

import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from models.abilities import Ability, abilities_at
from models.budget import Budget, Limits, Usage
from models.context import Context
from models.door import Door
from models.endpoint import open_endpoint
from models.errors import Unanswerable
from models.exchange import Waits
from models.journal import Journal
from models.resolve import Resolved
from models.seat import Seat
from models.settings import door_settings
from orchestrator.exits import STUCK, VERIFIED
from orchestrator.result import line_of
from orchestrator.words import number

SAMPLE_REQUEST = "Rename the function total to total_price."
"""What the model is to classify: the product's own first question, on a request of an obvious kind."""

MAX_CALLS = 8
"""Most requests that the sample question may take."""


@dataclass(frozen=True)
class Probed:
    """What was seen."""

    usable: bool
    verdict: str
    usage: Usage
    context: Context | None
    abilities: list[Ability]
    seconds: float


def probed(chosen: Resolved, settings: Mapping[str, object], *, as_json: bool) -> int:
    """Try a model out and tell what was seen; 0 if it can serve, 4 if it answers but not usefully."""
    started = time.monotonic()
    usable, verdict, usage = sample(chosen, settings)
    context, abilities = looked_at(chosen, settings)
    seen = Probed(usable, verdict, usage, context, abilities, time.monotonic() - started)
    if as_json:
        print(line_of(record_of(chosen, seen)))
    else:
        show(chosen, seen)
    return VERIFIED if usable else STUCK


def sample(chosen: Resolved, settings: Mapping[str, object]) -> tuple[bool, str, Usage]:
    """Put the sample question as a run would; a lasting fault of the endpoint is raised as ProviderError."""
    from nodes.orchestrator import Classification
    from prompts import render

    budget = Budget(Limits(calls=MAX_CALLS))
    user = render("orchestrator", "classify", request=SAMPLE_REQUEST, files=3, languages="python", failing=[])
    with tempfile.TemporaryDirectory(prefix="orchestrator-probe-") as folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        door = Door(chosen, journal, budget, lambda *_, **__: None, settings)
        try:
            seat, system = Seat("run", "orchestrator", 0), render("orchestrator", "system")
            kind = door.structured(seat, system, user, Classification).kind
            return True, f"answers as asked: called the sample request {kind!r}", budget.spent()
        except Unanswerable as fault:
            return False, f"reached, but no usable answer: {fault}", budget.spent()
        finally:
            door.close()


def looked_at(chosen: Resolved, settings: Mapping[str, object]) -> tuple[Context | None, list[Ability]]:
    """What the endpoint tells and can do."""
    own = door_settings(settings)
    endpoint = open_endpoint(chosen, connect_timeout=own.connect_timeout)
    try:
        waits = Waits(own.answer_timeout, own.idle_timeout)
        context = endpoint.context(chosen.title)
        return context, list(abilities_at(endpoint, chosen.title, waits))
    finally:
        endpoint.close()


def record_of(chosen: Resolved, seen: Probed) -> dict[str, object]:
    """What was seen as a record."""
    return {
        "v": 1,
        "model": chosen.name,
        "reason": chosen.reason,
        "profile": chosen.profile.name,
        "usable": seen.usable,
        "verdict": seen.verdict,
        "context": None if seen.context is None else asdict(seen.context),
        "abilities": [asdict(each) for each in seen.abilities],
        "seconds": round(seen.seconds, 2),
        "usage": dict(seen.usage),
    }


def show(chosen: Resolved, seen: Probed) -> None:
    """What was seen as a table for people."""
    from rich.table import Table
    from rich.text import Text

    from orchestrator.watch import console_on
    from orchestrator.words import one_line

    print(f"model    {chosen.reason}")
    print(f"profile  {chosen.profile.name}, answers in {chosen.profile.answer_format}")
    told = f"{seen.context.tokens} tokens (by {seen.context.source})" if seen.context else "not told"
    print(f"context  {told}; the profile counts on {chosen.profile.context_tokens}")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("ability", "works", "seen"):
        table.add_column(title, overflow="fold")
    styles = {"yes": "green", "partly": "yellow", "no": "red", "unknown": "dim"}
    for each in seen.abilities:
        table.add_row(each.name, Text(each.works, styles[each.works]), Text(one_line(each.seen, 100)))
    console_on(sys.stdout).print(table)
    print(f"probe    {seen.verdict}")
    calls = seen.usage["calls"] + len(seen.abilities)
    print(f"cost     {number(calls, 'call')}, {seen.seconds:.1f} s")
