"""What a run of the benchmark found, as records and as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.nativetools.memory import Memory
from bench.nativetools.setting import NotBuilt
from bench.race import Figures, Operation, differing, run


@dataclass(frozen=True)
class Row:
    """One operation."""

    key: str
    title: str
    note: str = ""
    figures: list[Figures] = field(default_factory=list)
    targets: list[tuple[str, bool | None]] = field(default_factory=list)
    """Each target and whether it is met; None where a rival that it needs is absent."""
    limit: float | None = None
    """Milliseconds that ours may take."""
    not_built: str = ""
    """What the native module lacks for it."""
    doubts: list[str] = field(default_factory=list)
    """Rivals that failed, answers that differ."""


@dataclass(frozen=True)
class Report:
    """A whole run."""

    command: str
    rows: list[Row]
    memory: list[Memory]
    versions: dict[str, str]
    absent: dict[str, str]
    date: str
    machine: str
    load: float
    """Load average over one minute when the run began; figures of a busy machine are worth less."""

    def missed(self) -> list[str]:
        """The targets that are not met."""
        rows = [f"{row.title}: {text}" for row in self.rows for text, met in row.targets if met is False]
        return rows + [
            f"memory of {m.project}: {m.megabytes:.0f} > {m.limit:g} MB"
            for m in self.memory
            if m.limit is not None and m.megabytes > m.limit
        ]


def measured(key: str, prepare: Callable[[], Operation], rounds: int) -> Row:
    """One operation, raced; or what is missing for it."""
    try:
        operation = prepare()
    except NotBuilt as lacking:
        return Row(key, key, not_built=str(lacking))
    figures, failed = run(operation, rounds)
    by_name = {f.name: f for f in figures}
    targets = [(t.text, t.met(by_name) if all(n in by_name for n in t.needs) else None) for t in operation.targets]
    doubts = [f"{name} failed: {reason}" for name, reason in failed.items()]
    if difference := differing(operation, figures):
        doubts.append(f"answers differ: {difference}")
    limit = next((target.limit for target in operation.targets if target.limit is not None), None)
    return Row(key, operation.title, operation.note, figures, targets, limit, doubts=doubts)


def markdown(report: Report) -> str:
    """The run as a section of a document."""
    rivals = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    absent = "; ".join(f"{name} {reason}" for name, reason in report.absent.items())
    parts = [
        f"Load average {report.load:.1f} at the start. Rivals: {rivals or 'none'}."
        f"{f' Not measured: {absent}.' if absent else ''}",
        _times(report.rows),
        _notes(report.rows),
    ]
    if report.memory:
        parts.append(_memory(report.memory))
    missed = report.missed()
    parts.append("Targets missed: " + "; ".join(missed) + "." if missed else "No target is missed.")
    return "\n\n".join(part for part in parts if part)


def number(value: float) -> str:
    """Three significant digits, never in powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.001 else f"{value:.4f}"


def _times(rows: Sequence[Row]) -> str:
    lines = [
        "| operation | ours, ms (CPU) | others, ms (CPU), against ours | target |",
        "|---|---|---|---|",
    ]
    for row in rows:
        if row.not_built:
            lines.append(f"| {row.title} | not built: `{row.not_built}` | | |")
            continue
        ours = row.figures[0]
        others = "<br>".join(
            f"{f.name} {number(f.median)} ({number(f.cpu)}), {number(f.median / ours.median)}x" for f in row.figures[1:]
        )
        targets = "<br>".join(f"{text}: {_verdict(met)}" for text, met in row.targets)
        lines.append(f"| {row.title} | **{number(ours.median)}** ({number(ours.cpu)}) | {others} | {targets} |")
    return "\n".join(lines)


def _verdict(met: bool | None) -> str:
    return "not judged" if met is None else "met" if met else "**missed**"


def _notes(rows: Sequence[Row]) -> str:
    lines = [f"- {row.title}: {row.note}." for row in rows if row.note]
    lines += [f"- In doubt, {row.title}: {doubt}" for row in rows for doubt in row.doubts]
    return "\n".join(lines)


def _memory(rows: Sequence[Memory]) -> str:
    lines = ["| memory of an index | MB beyond the interpreter | ready after s | target |", "|---|---|---|---|"]
    for m in rows:
        target = f"≤ {m.limit:g} MB: {_verdict(m.megabytes <= m.limit)}" if m.limit is not None else ""
        lines.append(f"| {m.project}, {m.name} | {m.megabytes:.0f} | {m.seconds:.2f} | {target} |")
    return "\n".join(lines)
