"""A request for what stands between two pieces of code, as llama-server understands it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from models.endpoint import Endpoint
from models.exchange import Waits
from models.faults import Fault
from models.journal import JSON
from models.question import Note
from models.replies import Reply


@dataclass(slots=True)
class InfillQuestion:
    """An infill request on its way to one model; no refusal teaches it anything."""

    model: str
    body: Mapping[str, JSON]
    endpoint: Callable[[], Endpoint]
    left_out: int = field(default=0, init=False)

    def send(self, waits: Waits, note: Note) -> Reply | Fault:
        """Send it once."""
        return self.endpoint().infill(self.model, self.body, waits)

    def adapt(self, fault: Fault) -> bool:
        """Return False: there is only this way to put it."""
        return False


def infill_request(
    prefix: str, suffix: str, stop: Sequence[str], n_predict: int, temperature: float, seed: int | None
) -> dict[str, JSON]:
    """Return the body of an infill request."""
    body: dict[str, JSON] = {
        "input_prefix": prefix,
        "input_suffix": suffix,
        "n_predict": n_predict,
        "stop": list(stop),
        "temperature": temperature,
        "top_p": 0.95,
        "cache_prompt": True,
    }
    return body if seed is None else {**body, "seed": seed}
