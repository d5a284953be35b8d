"""An outline as a model reads it: the definitions of a file, nested as in the source, within a limit."""

from collections.abc import Sequence

from tools._native import Symbol

VALUES = frozenset({"constant", "variable", "property"})
"""Kinds that nothing else lies in."""


def outlined(path: str, symbols: Sequence[Symbol], limit: int) -> str:
    """Lines and header of each definition; where there are too many, the inner ones give way first."""
    if not symbols:
        return f"0 definitions in {path}\nNext: read it, or search it for text.\n"
    depths = depths_of(symbols)
    deepest = max((depth for depth in range(max(depths) + 1) if fits(depths, depth, limit)), default=0)
    chosen = [(symbol, depth) for symbol, depth in zip(symbols, depths, strict=True) if depth <= deepest][:limit]
    whole = len(chosen) == len(symbols)
    amount = f"{len(symbols)} definition{'s' * (len(symbols) != 1)}"
    lines = [f"{amount} in {path}; {'all shown; complete' if whole else f'showing {len(chosen)}; not complete'}"]
    width = len(str(max(symbol.end for symbol in symbols)))
    for symbol, depth in chosen:
        lines.append(f"{symbol.start:>{width}}-{symbol.end:<{width}} {'  ' * depth}{symbol.signature}")
    if not whole:
        last = chosen[-1][0]
        cut = depths_at_most(depths, deepest) > limit
        way = f"read on from line {last.end + 1}" if cut else "read the lines of one of these"
        lines += [
            f"Not shown: {len(symbols) - len(chosen)} definitions inside these{' and behind' * cut}",
            f"Next: {way}.",
        ]
    return "\n".join(lines) + "\n"


def fits(depths: Sequence[int], deepest: int, limit: int) -> bool:
    """Whether all definitions down to a depth can be shown."""
    return depths_at_most(depths, deepest) <= limit


def depths_at_most(depths: Sequence[int], deepest: int) -> int:
    """How many definitions lie no deeper."""
    return sum(depth <= deepest for depth in depths)


def depths_of(symbols: Sequence[Symbol]) -> list[int]:
    """How many others each definition lies in, by their lines."""
    around: list[Symbol] = []
    depths = []
    for symbol in symbols:
        while around and not encloses(around[-1], symbol):
            around.pop()
        depths.append(len(around))
        around.append(symbol)
    return depths


def encloses(outer: Symbol, inner: Symbol) -> bool:
    """Whether one definition is the place of another."""
    return (
        outer.kind not in VALUES and outer.start <= inner.start and inner.end <= outer.end and outer.line != inner.line
    )
