"""The command ``host``: one order of another program, from its line on standard input to the result."""

import contextlib
import io
import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from models.probe import models_at
from nodes.permission import Denied
from orchestrator.arguments import parse
from orchestrator.commands import change
from orchestrator.commands.agents import agents
from orchestrator.commands.report import written
from orchestrator.commands.runs import runs
from orchestrator.commands.start import REPAIR, Hosted, begin, go_on, reviewing, searching
from orchestrator.errors import UsageError
from orchestrator.exits import INTERRUPTED
from orchestrator.faults import explained
from orchestrator.fold import view_of
from orchestrator.host.display import HostDisplay
from orchestrator.host.order import Order
from orchestrator.host.progress import report
from orchestrator.host.wire import Wire
from orchestrator.layers import load
from orchestrator.project import project_folder, request_text, state_folder
from orchestrator.view import RunView
from workspace.run import Run, list_runs

LIST_SECONDS = 5.0
"""How long a host may take to list its models."""


def host(options: Namespace) -> int:
    """Carry out one order; every end of it is a result, the host is never left without one."""
    wire = Wire.of_process()
    try:
        order = wire.order()
        wire.listen()
        title, text, code = ORDERS[order.command](order, wire)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Denied as refusal:
        title, text, code = "not allowed", str(refusal), 6
    except Exception as fault:
        text, code = explained(fault)
        title = "refused"
    wire.end(title=title, text=text, exit=code)
    return code


Told = tuple[str, str, int]
"""Title, text and exit code of a result."""


def driven(order: Order, wire: Wire) -> Told:
    """The whole loop; without a text, on the plan that was made last in this folder."""
    if not order.text.strip():
        return attended(order, wire, lambda hosted, options: go_on(planned_here(order), options, hosted))
    return attended(order, wire, lambda hosted, options: begin(options, hosted=hosted))


def repaired(order: Order, wire: Wire) -> Told:
    """The repair of the errors that are given."""
    errors = REPAIR.format(errors=request_text(order.text))
    return attended(order, wire, lambda hosted, options: begin(options, hosted=hosted), text=errors)


def planned(order: Order, wire: Wire) -> Told:
    """The plan alone."""
    return attended(order, wire, lambda hosted, options: begin(options, plan_only=True, hosted=hosted))


def searched(order: Order, wire: Wire) -> Told:
    """The searcher alone."""
    return attended(order, wire, lambda hosted, options: searching(options, request_text(order.text), hosted))


def reviewed(order: Order, wire: Wire) -> Told:
    """The reviewer alone."""
    return attended(order, wire, lambda hosted, options: reviewing(options, order.text.strip(), hosted))


def answered(order: Order, wire: Wire) -> Told:
    """The run of this folder that waits for an answer goes on with it."""
    words = request_text(order.text)
    run, _ = newest(order, "waits for an answer here", lambda view: view.waits)

    def work(hosted: Hosted, options: Namespace) -> int:
        options.answer = words
        return go_on(run.id, options, hosted)

    return attended(order, wire, work)


def attended(order: Order, wire: Wire, work: Callable[[Hosted, Namespace], int], text: str | None = None) -> Told:
    """Drive a run before the host's eyes, and report it; the report is kept in the run's folder."""
    display = HostDisplay(wire, events=order.events)
    options = options_of(order, order.text if text is None else text)
    code = work(Hosted(display, wire.permission, wire.answer, order.attended), options)
    home = state_folder(os.environ)
    run = Run.open(home, display.view.id)
    view = view_of(run.events.read())
    return view.outcome, report(view, written(run, home)), code


def options_of(order: Order, text: str) -> Namespace:
    """The order as a command line of ``auto`` would say it."""
    flags = ["--root", order.root]
    if order.base_url:
        flags += ["--base-url", order.base_url, "--model", model_at(order)]
    elif order.model:
        flags += ["--model", order.model]
    options = parse(["auto", *flags])
    options.request = text
    return options


def model_at(order: Order) -> str:
    """The configured model where the host offers it under that name, else the host's own."""
    root = project_folder(order.root, state_folder(os.environ))
    spec = load(root, os.environ, {}).settings.model.spec
    if spec and spec != order.model:
        offer = models_at(order.base_url, os.environ.get("OPENAI_API_KEY"), timeout=LIST_SECONDS)
        if spec in offer.models:
            return spec
    return order.model


def team(order: Order, wire: Wire) -> Told:
    """The team."""
    options = options_of(order, "")
    return "agents", printed(lambda: agents(options)), 0


def listed(order: Order, wire: Wire) -> Told:
    """The newest runs."""
    return "runs", printed(lambda: runs(parse(["runs"]))), 0


def undone(order: Order, wire: Wire) -> Told:
    """Take back the newest change that was applied in this folder, where the user allows the edit."""
    run, view = newest(order, "has applied anything here", lambda view: view.applied)
    if not wire.permission("edit", view.files, ""):
        raise Denied("nothing was undone: you did not allow the edit")
    return "undone", printed(lambda: change.undo(parse(["undo", run.id]))), 0


def cancelled(order: Order, wire: Wire) -> Told:
    """Interrupt the run that is being driven in this folder."""
    run, _ = newest(order, "is being driven here", lambda view: view.outcome == "")
    return "cancelled", printed(lambda: change.cancel(parse(["cancel", run.id]))), 0


def planned_here(order: Order) -> str:
    """The id of the newest plan of this folder that was not carried out."""
    run, _ = newest(order, "is a plan that waits here: say what should be done", lambda v: v.outcome == "planned")
    return run.id


def newest(order: Order, what: str, fits: Callable[[RunView], bool]) -> tuple[Run, RunView]:
    """The newest run of this folder that fits; raises UsageError."""
    root = Path(order.root).resolve()
    for run in list_runs(state_folder(os.environ)):
        if run.root == root and fits(view := view_of(run.events.read())):
            return run, view
    raise UsageError(f"No run {what}.", fix="See: orchestrator runs")


def printed(command: Callable[[], int]) -> str:
    """What a command prints, as a block of text."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        command()
    return f"```text\n{out.getvalue().rstrip()}\n```"


ORDERS: dict[str, Callable[[Order, Wire], Told]] = {
    "auto": driven,
    "plan": planned,
    "fix": repaired,
    "search": searched,
    "review": reviewed,
    "answer": answered,
    "agents": team,
    "runs": listed,
    "undo": undone,
    "cancel": cancelled,
}
"""What carries out each order."""
