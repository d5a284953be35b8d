"""What a run knows of one model at its endpoint: learnt once, written into the journal, known again after a resume."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from models.dialect import Dialect
from models.journal import JSON
from models.room import Room


@dataclass(slots=True)
class Known:
    """The dialect and the room of one model; shared by the lanes of a run.

    `write` takes down what is known each time that there is something new.
    """

    dialect: Dialect
    room: Room
    write: Callable[[dict[str, JSON]], None]
    _written: dict[str, JSON] = field(init=False)

    def __post_init__(self) -> None:
        self._written = self._facts()

    def recall(self, facts: Mapping[str, JSON]) -> None:
        """Take over what an earlier process of the run had learnt."""
        self.dialect.recall(facts)
        self.room.recall(facts)
        self._written = self._facts()

    def keep(self) -> None:
        """Write down what is known if it is not what was written last."""
        facts = self._facts()
        if facts != self._written:
            self._written = facts
            self.write(facts)

    def _facts(self) -> dict[str, JSON]:
        return {**self.dialect.facts(), **self.room.facts()}
