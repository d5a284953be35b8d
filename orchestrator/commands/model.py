"""The command ``model``: what models can be used, fetching the embedded one, trying out the chosen one."""

import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from models import pins, probe
from models.errors import ModelError
from models.resolve import resolve
from orchestrator.arguments import flags_of
from orchestrator.config import stored
from orchestrator.errors import UsageError
from orchestrator.exits import VERIFIED
from orchestrator.layers import load
from orchestrator.project import project_folder, state_folder
from orchestrator.result import line_of
from orchestrator.words import listed


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
    """Try the chosen model out."""
    from orchestrator.commands.probe import probed

    home = state_folder(os.environ)
    settings = settings_of(options, home)
    return probed(resolve(None, None, settings, os.environ, home), settings, as_json=options.json)
