"""What can go wrong between a node and its model, told apart by what the caller does next."""

from typing import Literal

NoAnswerReason = Literal["empty", "cut", "loop", "refused", "invalid", "context"]


class ModelError(Exception):
    """Base of every failure of the model side; the message is meant for the user and names the fix."""


class ProviderError(ModelError):
    """The endpoint cannot serve this run: wrong key, unknown model, used-up quota, or it is gone.

    `fix` is the setting to change, `status` the HTTP status when there was one.
    """

    def __init__(self, message: str, *, fix: str = "", status: int | None = None) -> None:
        super().__init__(f"{message} {fix}".strip())
        self.fix = fix
        self.status = status


class RecordingIncomplete(ProviderError):
    """A replayed run asks for a call that the recording does not hold."""


class PriceUnknown(ModelError):
    """A limit in money is set, but the price of the model is not."""


class BudgetSpent(ModelError):
    """A limit leaves no room for the next call; raised before the call is sent.

    `limit` is "calls", "tokens", "cost" (USD) or "seconds"; `lane` is None when it is the limit of the whole run.
    """

    def __init__(self, limit: str, allowed: float, spent: float, lane: str | None = None) -> None:
        scope = f"task {lane}" if lane else "the run"
        super().__init__(f"the budget of {scope} is spent: {spent:g} of {allowed:g} {limit}")
        self.limit = limit
        self.allowed = allowed
        self.spent = spent
        self.lane = lane


class Unanswerable(ModelError):
    """The model was reached and paid, but gave no usable answer within the allowed number of questions.

    `reason` says why the last answer was refused and `answer` quotes it, so that the caller can change its approach.
    """

    def __init__(self, message: str, *, reason: NoAnswerReason, answer: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.answer = answer


class ContextOverflow(Unanswerable):
    """The prompt is longer than the model can read; `limit` is the context in tokens where the endpoint named it."""

    def __init__(self, message: str, *, limit: int | None = None) -> None:
        super().__init__(message, reason="context")
        self.limit = limit


class NoModel(ModelError):
    """There is no model to ask: no endpoint, no local server, no fetched embedded model; `fix` says how to get one."""

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(f"{message} {fix}".strip())
        self.fix = fix
