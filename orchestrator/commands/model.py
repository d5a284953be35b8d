"""The command ``model``: what models can be used, fetching the embedded one, asking the chosen one a question."""

import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from models import pins, probe
from models.budget import Budget, Limits
from models.door import Door
from models.errors import ModelError, Unanswerable
from models.journal import Journal
from models.resolve import Resolved, resolve
from models.seat import Seat
from orchestrator.arguments import flags_of
from orchestrator.config import stored
from orchestrator.errors import UsageError
from orchestrator.exits import STUCK, VERIFIED
from orchestrator.layers import load
from orchestrator.project import project_folder, state_folder
from orchestrator.result import line_of
from orchestrator.words import listed, number

SAMPLE_REQUEST = "Rename the function total to total_price."
"""What the probe lets the model classify: the product's own first question, on a request of an obvious kind."""


def model(options: Namespace) -> int:
    """Carry out the action."""
    actions: dict[str, Callable[[Namespace], int]] = {"list": listing, "fetch": fetching, "probe": probing}
    return actions[options.action](options)


def settings_of(options: Namespace, home: Path) -> dict[str, object]:
    """The settings that hold in the folder, as a run would keep them."""
    root = project_folder(options.root, home)
    return stored(load(root, os.environ, flags_of(options)).settings)


def listing(options: Namespace) -> int:
    """What is here, and what a run would choose."""
    home = state_folder(os.environ)
    rows = [*embedded(home), *local_servers()]
    try:
        chosen = resolve(None, None, settings_of(options, home), os.environ, home)
        name, reason = chosen.name, chosen.reason
    except ModelError as fault:
        name, reason = "", str(fault)
    if options.json:
        print(line_of({"v": 1, "chosen": name, "reason": reason, "models": rows}))
        return VERIFIED
    for row in rows:
        print(f"{row['spec']:<14}  {row['state']:<10}  {row['about']}")
    print(f"\na run here uses: {reason}" if name else f"\n{reason}")
    return VERIFIED


def embedded(home: Path) -> list[dict[str, str]]:
    """The embedded models, fetched or not."""
    rows = []
    for size in pins.SIZES:
        pin = pins.load(size)
        here = (home / "models" / pin.file).is_file()
        about = f"{pin.model}, {pin.bytes / 1e6:.0f} MB, {pin.licence}"
        if not here:
            about += f" (get it: orchestrator model fetch local:{size})"
        rows.append({"spec": f"local:{size}", "state": "here" if here else "not here", "about": about})
    return rows


def local_servers() -> list[dict[str, str]]:
    """Model servers on this machine."""
    rows = []
    for maker, base_url in probe.LOCAL_SERVERS:
        offer = probe.models_at(base_url, None, timeout=probe.LOCAL_SECONDS)
        about = listed(list(offer.models)) if offer.models else base_url
        rows.append({"spec": maker, "state": "running" if offer.models else "not here", "about": about})
    return rows


def fetching(options: Namespace) -> int:
    """Download an embedded model, verified; says what it does while it does it."""
    from models.fetch import fetch

    family, _, size = options.spec.partition(":")
    if family != "local" or (size and size not in pins.SIZES):
        known = " or ".join(f"local:{size}" for size in pins.SIZES)
        raise UsageError(f"There is no embedded model {options.spec!r}.", fix=f"Name {known}.")
    path = fetch(size or pins.DEFAULT, state_folder(os.environ), say)
    print(f'ready: {path}\nuse it: orchestrator auto --model local:{size or pins.DEFAULT} "..."')
    return VERIFIED


def say(text: str) -> None:
    """Tell progress at once, also into a pipe."""
    print(text, flush=True)


def probing(options: Namespace) -> int:
    """Ask the chosen model the product's own first question, and tell how it did."""
    home = state_folder(os.environ)
    settings = settings_of(options, home)
    chosen = resolve(None, None, settings, os.environ, home)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="orchestrator-probe-") as folder:
        budget = Budget(Limits(calls=8))
        door = Door(chosen, Journal(Path(folder) / "journal.jsonl"), budget, lambda *_, **__: None, settings)
        try:
            verdict, usable = ask(door), True
        except Unanswerable as fault:
            verdict, usable = f"reached, but no usable answer: {fault}", False
        finally:
            door.close()
    report(options, chosen, verdict, usable, budget, time.monotonic() - started)
    return VERIFIED if usable else STUCK


def ask(door: Door) -> str:
    """Have the sample request classified."""

    from nodes.orchestrator import Classification
    from prompts import render

    user = render(
        "orchestrator",
        "classify",
        request=SAMPLE_REQUEST,
        files=3,
        languages="python",
        failing=[],
    )
    found = door.structured(Seat("run", "orchestrator", 0), render("orchestrator", "system"), user, Classification)
    return f"answers as asked: called the sample request {found.kind!r}"


def report(options: Namespace, chosen: Resolved, verdict: str, usable: bool, budget: Budget, seconds: float) -> None:
    """Tell what was seen."""
    usage = budget.spent()
    if options.json:
        record = {"model": chosen.name, "reason": chosen.reason, "profile": chosen.profile.name, "usable": usable}
        print(line_of({"v": 1, **record, "verdict": verdict, "seconds": round(seconds, 2), "usage": dict(usage)}))
        return
    tokens = f"{usage['prompt_tokens']} + {usage['completion_tokens']} tokens"
    print(f"model    {chosen.reason}")
    print(f"profile  {chosen.profile.name}, answers in {chosen.profile.answer_format}")
    print(f"probe    {verdict}", file=sys.stdout)
    print(f"cost     {number(usage['calls'], 'call')}, {tokens}, {seconds:.1f} s")
