"""What cannot be served as things are, each with a sentence for a person that tells the way on."""


class UsageError(Exception):
    """The command cannot be carried out as given; the message is one sentence for a person, `fix` says what to do."""

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(f"{message} {fix}".strip())
        self.fix = fix


class ConfigError(UsageError):
    """A configuration cannot be used; `place` is the file (and line), the variable or the flag where it stands."""

    def __init__(self, place: str, message: str, *, fix: str = "") -> None:
        super().__init__(f"{place}: {message}.", fix=fix)
        self.place = place


class StoreAway(Exception):
    """The fleet's store does not answer now; the message is one sentence. Waiting helps."""


class StoreRefuses(Exception):
    """The fleet's store refuses this host; the message is one sentence with the way on. Another host may be let in."""
