"""Where the fleet is: its database and its store, as the configuration and the flags say."""

import os
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from orchestrator.config import Settings
from orchestrator.fleet.database import Database, local_url
from orchestrator.fleet.schema import prepared, verified
from orchestrator.layers import load
from orchestrator.project import state_folder


@dataclass(frozen=True)
class Place:
    """One fleet, as seen from one host."""

    home: Path
    """The state directory of this host."""
    url: str
    store: str
    settings: Settings

    @property
    def shared(self) -> bool:
        """Whether other hosts may be part of it."""
        return not self.url.startswith("sqlite")

    def database(self, *, may_make: bool = False) -> Database:
        """The database, ready; raises UsageError. `may_make` prepares it where that is needed."""
        database = Database(self.url)
        return prepared(database) if may_make or not self.shared else verified(database)


def place_of(options: Namespace) -> Place:
    """The fleet that flags and configuration name; this machine alone where they name none."""
    home = state_folder(os.environ, make=True)
    flags = {name: getattr(options, name, None) for name in ("database", "store")}
    given = {name: value for name, value in flags.items() if value is not None}
    settings = load(home, os.environ, {"fleet": given} if given else {}).settings
    folder = home / "fleet"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Place(home, settings.fleet.database or local_url(home), settings.fleet.store or "database", settings)
