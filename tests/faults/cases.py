"""Which faults are tried where: every kind at every seat that can meet it, streaming and not; and pairs by a seed."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.faults.scene import AGENTS, SEATS, meets
from tests.modelserver.catalogue import Fault, Kind, in_order, kinds_of

PAIRS, SEED = 300, 1
"""How many pairs are drawn, and by which seed."""

SHORT_PAIRS = 8
"""How many pairs the short form draws."""

LENGTHS = ("once", "always")
"""A fault strikes one request, or every one of its seat."""


@dataclass(frozen=True)
class Strike:
    """One kind of fault at one seat, once or always."""

    kind: Kind
    seat: str
    length: str

    def __str__(self) -> str:
        return f"{self.kind.fault.id}/{self.kind}/{self.seat}/{self.length}"


@dataclass(frozen=True)
class Case:
    """What one trial plays: one fault or two, to a product that asks for streams or not."""

    strikes: tuple[Strike, ...]
    stream: bool

    def __str__(self) -> str:
        wire = "stream" if self.stream else "whole"
        return f"{'+'.join(map(str, self.strikes))}/{wire}"

    @property
    def tight(self) -> bool:
        """Whether the budget leaves little room: for one fault that never ends, where answers are not streamed."""
        return len(self.strikes) == 1 and self.strikes[0].length == "always" and not self.stream

    @property
    def family(self) -> str:
        """The letters of its faults: T, M, E, B, or two of them."""
        return "".join(sorted((s.kind.fault.id[0] for s in self.strikes), key="TMEB".index))


def named(text: str) -> Case:
    """Read the name of a case. Raises ValueError for one that is none."""
    *_, wire = text.split("/")
    if wire not in ("stream", "whole"):
        raise ValueError(f"a case ends in /stream or /whole: {text}")
    strikes = []
    for part in re.split(r"\+(?=[TMEB]\d+/)", text.removesuffix(f"/{wire}")):
        _, kind, seat, length = part.split("/")
        if seat not in SEATS or length not in LENGTHS:
            raise ValueError(f"a strike is ID/KIND/SEAT/LENGTH, with one of {', '.join(SEATS)}: {part}")
        strikes.append(Strike(kinds_of(kind)[0], seat, length))
    return Case(tuple(strikes), wire == "stream")


def singles(*, every_way: bool = False) -> list[Case]:
    """Every kind once at every seat that can meet it, streamed and not, and for ever, by turns streamed and not.

    A kind that comes in several ways meets them by turns, each at least once; with `every_way` each way is met
    wherever it can be.
    """
    return [case for fault in in_order() for case in _singles(fault, every_way=every_way)]


def one_each() -> list[Case]:
    """One case for each kind, by turns at other seats and wires, once and for ever: the short form."""
    cases: list[Case] = []
    for number, fault in enumerate(in_order()):
        places = list(places_of(fault))
        kind, seat, stream = places[7 * number % len(places)]
        cases.append(Case((Strike(kind, seat, LENGTHS[number % 3 // 2]),), stream))
    return cases


def pairs(count: int = PAIRS, seed: int = SEED) -> list[Case]:
    """Two faults of different families in one run, drawn by a seed: kinds, ways, seats, lengths, wire."""
    draw = random.Random(seed)
    found: dict[str, Case] = {}
    while len(found) < count:
        families = draw.sample("TMEB", 2)
        strikes = tuple(_drawn(draw, family) for family in families)
        case = Case(strikes, stream=draw.random() < 0.5)
        found.setdefault(str(case), case)
    return list(found.values())


def places_of(fault: Fault) -> Iterator[tuple[Kind, str, bool]]:
    """Where a fault can be met: in which way, at which seat, asked for as a stream or not."""
    for seat in SEATS:
        if AGENTS[seat] in fault.roles:
            for stream, how in itertools.product((True, False), fault.hows):
                if meets(Kind(fault, how), seat, stream):
                    yield Kind(fault, how), seat, stream


def _singles(fault: Fault, *, every_way: bool) -> Iterator[Case]:
    places = list(places_of(fault))
    for kind, seat, stream in places if every_way else _covering(places):
        yield Case((Strike(kind, seat, "once"),), stream)
    seats = list(dict.fromkeys(seat for _, seat, _ in places))
    for number, seat in enumerate(seats):
        here = [place for place in places if place[1] == seat]
        kind, _, stream = here[number * (len(here) // 2 + 1) % len(here)]
        yield Case((Strike(kind, seat, "always"),), stream)


def _covering(places: Sequence[tuple[Kind, str, bool]]) -> Iterator[tuple[Kind, str, bool]]:
    """One way for each seat and wire, another each time, and then the ways that have not had their turn."""
    had: Counter[Kind] = Counter()
    for spot in dict.fromkeys((seat, stream) for _, seat, stream in places):
        kind = min((kind for kind, *there in places if tuple(there) == spot), key=had.__getitem__)
        had[kind] += 1
        yield (kind, *spot)
    for place in places:
        if not had[place[0]]:
            had[place[0]] += 1
            yield place


def _drawn(draw: random.Random, family: str) -> Strike:
    fault = draw.choice([each for each in in_order() if each.id[0] == family])
    kind, seat, _ = draw.choice(list(places_of(fault)))
    return Strike(kind, seat, _length(draw))


def _length(draw: random.Random) -> str:
    """Mostly once: what never ends hides what else would have come."""
    return draw.choices(LENGTHS, weights=(3, 1))[0]


def chosen(cases: Sequence[Case], only: Sequence[str]) -> list[Case]:
    """The cases whose names hold all of the texts; without any, all."""
    return [case for case in cases if all(text in str(case) for text in only)]
