"""The table of the trials, with what it says and what it does not."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

NAMES = {"once": "one shot", "sampled": "best of K, equal CPU", "ours": "**ours**"}

Row = dict[str, Any]


def section(rows: Sequence[Row]) -> str:
    """The whole section; only tasks that every way has tried with a model are compared."""
    lines = [
        "Solved: the project's tests pass; held: of those, right on 400 hidden calls.",
        "",
        "| model | way | tasks | solved | 95 % | held | repair | write | CPU s, median | answers, median |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for size in dict.fromkeys(row["size"] for row in rows):
        lines += _of_one(size, [row for row in rows if row["size"] == size])
    return "\n".join(lines)


def _of_one(size: str, rows: Sequence[Row]) -> list[str]:
    by_way = {way: {row["task"]: row for row in rows if row["way"] == way} for way in NAMES}
    tried = [set(found) for found in by_way.values() if found]
    common = set.intersection(*tried) if tried else set()
    return [
        _line(size, way, [row for name, row in found.items() if name in common])
        for way, found in by_way.items()
        if found
    ]


def _line(size: str, way: str, rows: Sequence[Row]) -> str:
    solved = [row for row in rows if row["solved"]]
    low, high = wilson(len(solved), len(rows))
    cells = [
        size,
        NAMES[way],
        len(rows),
        f"{len(solved)} ({_share(len(solved), len(rows))})",
        f"{100 * low:.0f} to {100 * high:.0f} %",
        f"{sum(row['right'] for row in solved)} ({_share(sum(row['right'] for row in solved), len(solved))})",
        *(_kind(kind, rows) for kind in ("repair", "write")),
        f"{statistics.median(row['cpu'] for row in rows):.1f}" if rows else "",
        f"{statistics.median(row['samples'] for row in rows):.0f}" if rows else "",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) where nothing was tried. Wilson 1927, doi:10.1080/01621459.1927.10502953."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = share + square / (2 * of)
    reach = z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (middle - reach) / (1 + square / of), (middle + reach) / (1 + square / of)


def _kind(kind: str, rows: Sequence[Row]) -> str:
    of = [row for row in rows if row["kind"] == kind]
    return f"{sum(row['solved'] for row in of)}/{len(of)}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"
