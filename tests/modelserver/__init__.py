"""A scripted model server that speaks the OpenAI wire over a real socket, for tests and rehearsals.

    with Server(Scenario("m", [Rule("hello", role="coder")])) as server:
        ...  # point base_url at server.base_url and name the model "m"

It plays any behaviour of a model or a provider, deterministically: an answer depends on the request and not on when
it arrives. From a shell: `python -m tests.modelserver --scenario FILE`.
"""

from tests.modelserver.catalogue import every_kind, kinds_of
from tests.modelserver.faults import CATALOGUE, fault
from tests.modelserver.reply import Broken, Raw, Refusal, Reply, ToolCall, error
from tests.modelserver.request import Request
from tests.modelserver.scenario import FaultRule, Rule, Scenario, both, contains, lacks, offers, script
from tests.modelserver.server import Server

__all__ = [
    "CATALOGUE",
    "Broken",
    "FaultRule",
    "Raw",
    "Refusal",
    "Reply",
    "Request",
    "Rule",
    "Scenario",
    "Server",
    "ToolCall",
    "both",
    "contains",
    "error",
    "every_kind",
    "fault",
    "kinds_of",
    "lacks",
    "offers",
    "script",
]
