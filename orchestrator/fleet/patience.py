"""Patience: work that is paid for waits for a database or a store that is away, and does not go down with it."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
import sqlalchemy as sa

from orchestrator.errors import StoreAway

PATIENCE = 600.0
"""Seconds that a step waits for what is away."""

AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError, StoreAway)
"""What is raised while no connection is to be had, or when one breaks."""

Given = TypeVar("Given")


def waited_for(step: Callable[[], Given]) -> Given:
    """What a step gives, tried again while the database or the store is away.

    A step whose end was not heard of is done again: it must mean the same twice, or count too much, never too little.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except AWAY:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
