"""Models that go round in circles: text that repeats one unit for ever is told from text that is merely regular."""

SPAN = 1_600
"""How many characters at the end have to be repetition."""

TIMES = 8
"""How often the unit has to stand in them."""


def repeats(text: str) -> bool:
    """Tell whether a text ends in at least SPAN characters that are one unit, TIMES or more times over."""
    tail = text[-SPAN:]
    if len(tail) < SPAN:
        return False
    return any(tail[period:] == tail[:-period] for period in _periods(tail))


def _periods(tail: str) -> list[int]:
    """Return the distances at which the last characters stand again: the only periods that the tail can have."""
    end, found = tail[-24:], list[int]()
    at = tail.rfind(end, 0, -1)
    while at >= 0 and (period := len(tail) - len(end) - at) <= SPAN // TIMES:
        found.append(period)
        at = tail.rfind(end, 0, at + len(end) - 1)
    return found
