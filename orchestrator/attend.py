"""Attending a run: one thread drives it, this one shows it, and Ctrl-C ends both at once and keeps everything."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import NoReturn, TextIO

from nodes.hiding import opened_secrets
from orchestrator.drive import last_word
from orchestrator.errors import UsageError
from orchestrator.exits import INTERRUPTED
from orchestrator.question import Ask, Question
from orchestrator.result import Result, Usage, line_of
from orchestrator.signals import POLITE, heard_by
from orchestrator.summary import summary
from orchestrator.view import RunView
from orchestrator.watch import REFRESH, Display, Watch, console_on, display_for
from orchestrator.words import clean
from workspace.move import let_a_step_end
from workspace.process import kill_all
from workspace.run import Run


@dataclass(frozen=True)
class Output:
    """Where a run's output goes."""

    headless: bool
    json: bool
    events: str | None
    """File for the events, "-" for standard output, None for nowhere."""
    manner: str = ""
    """quiet or verbose where that is wished."""
    display: Display | None = None
    """What shows the run instead of the terminal, where another program hosts it: it tells the end as well."""

    def human(self) -> TextIO:
        """The stream for people: standard error where standard output belongs to a machine."""
        return sys.stderr if self.json or self.events == "-" or self.display else sys.stdout

    def shown(self) -> Display:
        """What shows the run."""
        return self.display or display_for(self.human(), headless=self.headless, manner=self.manner)


Work = Callable[[Ask | None, threading.Event], Result]
"""Brings a run to its end; asks a person where one is there, and writes nothing once the event is set."""


def attend(run: Run, home: Path, output: Output, work: Work, ask: Ask | None = None) -> int:
    """Let a run be worked on to its end, show it, and return the exit code; does not return after an interruption.

    `ask` answers in place of a person at the terminal.
    """
    run.events.hide = opened_secrets(run, home, os.environ).hide_all
    with run.lock(), sink_of(output) as sink, interruptible():
        watch = Watch(run.folder / "events.jsonl", output.shown(), sink)
        terminal = Questions() if ask is None and is_attended(output.headless) else None
        interrupted = threading.Event()
        try:
            announce(run, known=bool(watch.view.request))
            with watch:
                result = driven(lambda: work(ask or terminal, interrupted), watch, terminal)
        except KeyboardInterrupt:
            interrupted.set()
            interrupt(run, watch, output)
    if output.display is None and not (output.json and output.manner == "quiet"):
        show_summary(watch.view, output)
    if output.json:
        print(line_of(result))
    return result["exit"]


def announce(run: Run, *, known: bool) -> None:
    """Write down that a process takes the run up, for the first time or again."""
    if known:
        run.events.emit("run.resumed")
    else:
        run.events.emit("run.started", request=run.request, root=str(run.root), settings=dict(run.settings))


class Questions:
    """Questions of the worker, answered on the thread that owns the terminal."""

    def __init__(self) -> None:
        self._questions: SimpleQueue[Question] = SimpleQueue()
        self._answers: SimpleQueue[str | None] = SimpleQueue()

    def __call__(self, question: Question) -> str | None:
        """Ask, and wait for the answer; None where the person leaves it open."""
        self._questions.put(question)
        return self._answers.get()

    def answer(self, watch: Watch) -> None:
        """Put an open question to the person, if there is one."""
        try:
            question = self._questions.get_nowait()
        except Empty:
            return
        watch.look()
        watch.display.pause()
        self._answers.put(answer_of_person(question))


def driven(work: Callable[[], Result], watch: Watch, questions: Questions | None) -> Result:
    """Let a worker drive the run while this thread shows it and passes a person's answers on."""
    worker, results = begun(work)
    while worker.is_alive():
        worker.join(REFRESH)
        watch.tick()
        if questions is not None:
            questions.answer(watch)
    result = results.get()
    if isinstance(result, Exception):
        raise result
    return result


def begun(work: Callable[[], Result]) -> "tuple[threading.Thread, SimpleQueue[Result | Exception]]":
    """Let a thread work; the queue will hold its result, or what it has raised, where that can be explained."""
    results: SimpleQueue[Result | Exception] = SimpleQueue()

    def report() -> None:
        try:
            results.put(work())
        except Exception as fault:  # the edge of the thread
            results.put(fault)

    # A daemon, because an interruption must not wait for a model call that is on its way.
    worker = threading.Thread(target=report, name="drive", daemon=True)
    worker.start()
    return worker, results


def is_attended(headless: bool) -> bool:
    """Whether a person is there who can read a question and answer it."""
    return not headless and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def answer_of_person(question: Question) -> str | None:
    """Ask on the terminal; None where the person leaves it open."""
    print(f"\n{question.shown()}", file=sys.stderr)
    try:
        while (words := input("> ").strip()) == "d" and question.patch:
            print(clean(question.patch), file=sys.stderr)
        return words or None
    except EOFError:
        return None


@contextmanager
def sink_of(output: Output) -> Iterator[TextIO | None]:
    """The stream for events; raises UsageError where the file cannot be written."""
    if output.events in (None, "-"):
        yield sys.stdout if output.events else None
        return
    try:
        sink = open(str(output.events), "a", encoding="utf-8")  # noqa: SIM115 - closed below, opened here for its error
    except OSError as fault:
        raise UsageError(
            f"--events {output.events} cannot be written ({fault.strerror}).", fix="Name a file in a folder of yours."
        ) from None
    with sink:
        yield sink


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP interrupt like Ctrl-C: a closed terminal or a stopped service loses nothing.

    A signal that this process was started to ignore stays ignored: under nohup a run outlives its terminal.
    """

    def interrupted(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    wanted = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    with heard_by(interrupted, wanted):
        yield


def interrupt(run: Run, watch: Watch, output: Output) -> NoReturn:
    """Write the interruption down, end every child, say how to go on, and leave without waiting for any thread."""
    for number in POLITE:
        signal.signal(number, signal.SIG_IGN)
    last_word(run, "run.interrupted")
    kill_all(for_good=True)
    let_a_step_end()
    watch.look()
    watch.display.close()
    print(f"\nInterrupted; nothing is lost. Go on with: orchestrator resume {run.id[:8]}", file=output.human())
    if output.json:
        print(line_of(interrupted_result(watch.view)))
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue  # the reader has gone, the run is on disk all the same
    os._exit(INTERRUPTED)


def interrupted_result(view: RunView) -> Result:
    """The result object of a run that was interrupted."""
    usage: Usage = {
        "calls": view.calls,
        "prompt_tokens": view.prompt_tokens,
        "completion_tokens": view.completion_tokens,
        "cost": view.cost,
    }
    return {
        "v": 1,
        "run": view.id,
        "outcome": "interrupted",
        "exit": INTERRUPTED,
        "reason": "interrupted",
        "answer": "",
        "tasks": [
            {"id": t.id, "title": t.title, "outcome": t.state, "attempts": [], "evidence": []}
            for t in view.tasks.values()
        ],
        "usage": usage,
        "applied": view.applied,
        "files": view.files,
        "flaky": [],
    }


def show_summary(view: RunView, output: Output) -> None:
    """Print the end of a run."""
    console = console_on(output.human())
    if output.manner != "quiet":
        console.print()
    console.print(summary(view, plain=console.options.ascii_only))
