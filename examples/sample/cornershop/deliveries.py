"""Deliveries: when the van comes."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta


def next_delivery(after: date, weekdays: Collection[int], closed: Collection[date] = ()) -> date:
    """The first delivery day after a date; Monday is 0, and on ``closed`` days nobody comes.

    Raises ValueError when no weekday is given.
    """
    if not set(weekdays) & set(range(7)):
        raise ValueError("the van comes on at least one weekday, from 0 to 6")
    day = after + timedelta(days=1)
    while day.weekday() not in weekdays or day in closed:
        day += timedelta(days=1)
    return day


def days_between(deliveries: Sequence[date]) -> list[int]:
    """How many days lie between each delivery and the next."""
    ordered = sorted(deliveries)
    return [(later - earlier).days for earlier, later in zip(ordered, ordered[1:], strict=False)]
