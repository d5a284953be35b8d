"""A veil between the run and the model: what may not be sent goes out under another name, and comes back as itself."""

from typing import Protocol


class Veil(Protocol):
    """Hides texts on their way to a model."""

    def hide(self, text: str) -> str:
        """The text as it may be sent; hiding twice changes nothing."""
        ...

    def reveal(self, text: str) -> str:
        """What an answer means by the names that stand in it."""
        ...


class Open:
    """No veil: every text goes out as it is."""

    def hide(self, text: str) -> str:
        """The same text."""
        return text

    def reveal(self, text: str) -> str:
        """The same text."""
        return text
