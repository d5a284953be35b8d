"""The command ``batch``: many runs from a file, and what becomes of them."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import UsageError
from orchestrator.result import line_of
from orchestrator.words import number

if TYPE_CHECKING:
    from orchestrator.fleet.batch_file import Batch

ACTIONS = ("status", "watch", "cancel", "retry", "results")

EXTRA = {"dbos", "sqlalchemy", "psycopg", "yaml", "prometheus_client", "langgraph.checkpoint.postgres"}


def batch(options: Namespace) -> int:
    """Submit a file and see to it, or do what an action says to a batch."""
    try:
        if options.what not in ACTIONS:
            return submitted(options)
        from orchestrator.commands import batch_actions
    except ModuleNotFoundError as missing:
        raise not_installed(missing) from None
    action = getattr(batch_actions, options.what)
    return int(action(options))


def submitted(options: Namespace) -> int:
    """Read the file, take it in, and wait for its end unless told not to."""
    from orchestrator.fleet.attending import attend
    from orchestrator.fleet.batch_file import read_batch
    from orchestrator.fleet.items import Limits
    from orchestrator.fleet.place import place_of
    from orchestrator.fleet.submission import submit

    found = read_batch(Path(options.what))
    place = place_of(options)
    # Of a fleet the workers know their endpoints, not this process.
    endpoints = None if place.shared else ["default", *place.settings.fleet.endpoints]
    found = usable(found, place.settings.fleet.repositories, endpoints)
    told = found.told()
    for line in told:
        print(f"orchestrator: {line}", file=sys.stderr)
    if told and (options.strict or not found.wanted):
        fix = "Correct it." if not found.wanted else "Correct it, or leave --strict away."
        raise UsageError(f"{number(len(told), 'line')} of {found.path} cannot be used; nothing was started.", fix=fix)
    limits = Limits(
        calls=options.max_calls, tokens=options.max_tokens, cost=options.max_cost, seconds=options.max_seconds
    )
    database = place.database()
    taken = submit(database, options.name or found.path.name, [each.item for each in found.wanted], limits)
    again = f", {taken.known} of them submitted before" if taken.known else ""
    print(f"batch {taken.batch[:8]}: {number(taken.runs, 'run')}{again}", file=sys.stderr)
    if options.detach:
        if options.json:
            print(
                line_of({"v": 1, "batch": taken.batch, "runs": taken.runs, "known": taken.known, "refused": len(told)})
            )
        return 2 if told else 0
    code = attend(place, database, taken.batch, slots=options.slots, as_json=options.json)
    return code or (2 if told else 0)


def usable(found: "Batch", allowed: list[str], endpoints: list[str] | None) -> "Batch":
    """The batch with every repository and endpoint looked at; what may not be named is a fault of its line."""
    from orchestrator.fleet.batch_file import Batch, Fault, Wanted
    from orchestrator.fleet.repositories import named_by_batch
    from workspace.errors import RootUnusable

    wanted, faults = [], list(found.faults)
    for each in found.wanted:
        try:
            repository = named_by_batch(each.item.repository, found.path.resolve().parent, allowed)
        except (UsageError, RootUnusable) as fault:
            faults.append(Fault(each.line, str(fault).rstrip(".")))
            continue
        if endpoints is None or each.item.endpoint in endpoints:
            wanted.append(Wanted(each.line, each.item.model_copy(update={"repository": repository})))
        else:
            said = f"no endpoint {each.item.endpoint!r} is configured (fleet.endpoints); known: {', '.join(endpoints)}"
            faults.append(Fault(each.line, said))
    return Batch(found.path, wanted, sorted(faults, key=lambda fault: fault.line))


def not_installed(missing: ModuleNotFoundError) -> UsageError:
    """The sentence for a fleet without its packages."""
    if missing.name and missing.name.partition(".")[0] not in {name.partition(".")[0] for name in EXTRA}:
        raise missing
    return UsageError(
        f"The packages for a fleet are not installed ({missing.name}).",
        fix="pip install 'opencode-orchestrator[fleet]'",
    )
