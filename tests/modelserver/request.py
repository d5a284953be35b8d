"""A chat request as a scenario sees it: who asks, what it says, and its identities."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

ROLES = ("orchestrator", "planner", "searcher", "coder", "reviewer", "fixer")
"""The agents of the product; a request's role is read from its system prompt."""

ROLE_HEADER = "x-agent-role"
"""A request header that names the role, for clients whose system prompt does not."""

_PRESENTED = re.compile(rf"\byou are (?:the |an? )?\W*({'|'.join(ROLES)})\b", re.IGNORECASE)
_NAMED = re.compile(rf"\b({'|'.join(ROLES)})\b", re.IGNORECASE)
_FAILURE = re.compile(
    r"\bAssertionError\b|\bTraceback \(most recent|^E  |\bFAILED\b|\bpanicked at\b|^not ok\b|--- FAIL|"
    r"\b\w+Error: |\bstill fails\b|\berror\[E\d+\]",
    re.MULTILINE,
)
_TRANSPORT_FIELDS = ("stream", "stream_options", "user", "metadata")
"""What a request can differ in without being another question."""


@dataclass(frozen=True)
class Request:
    """One parsed request body, and how often the same bytes have been sent before."""

    body: dict[str, Any]
    path: str = "/v1/chat/completions"
    sent_before: int = 0
    named_role: str = ""
    """The role that the request's header names."""

    @cached_property
    def digest(self) -> str:
        """Identity of the request: the sha256 of its body in canonical spelling."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()

    @cached_property
    def likeness(self) -> str:
        """Identity of the question: as the digest, without regard to white space, ids of calls, and streaming."""
        body = {name: value for name, value in self.body.items() if name not in _TRANSPORT_FIELDS}
        return hashlib.sha256(json.dumps(_levelled(body, {}), sort_keys=True).encode()).hexdigest()

    @cached_property
    def model(self) -> str:
        """The model name, which selects the scenario."""
        return str(self.body.get("model") or "")

    @cached_property
    def infill(self) -> bool:
        """Whether it asks for text between a prefix and a suffix instead of a chat answer."""
        return self.path.endswith("/infill")

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The chat messages that are objects; anything else is dropped here and refused by strict mode."""
        messages = self.body.get("messages")
        return [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []

    @cached_property
    def system(self) -> str:
        """The system prompt."""
        return "\n".join(_text(each) for each in self.messages if each.get("role") in ("system", "developer"))

    @cached_property
    def user(self) -> str:
        """Everything that is not the system prompt, earlier answers included."""
        if self.infill:
            return f"{self.body.get('input_prefix', '')}\n{self.body.get('input_suffix', '')}"
        return "\n".join(_text(each) for each in self.messages if each.get("role") not in ("system", "developer"))

    @cached_property
    def text(self) -> str:
        """The whole prompt."""
        return f"{self.system}\n{self.user}"

    @cached_property
    def role(self) -> str:
        """The agent that asks: by the header, by its system prompt ("You are the Coder …"), "infill", or ""."""
        if self.infill:
            return "infill"
        if self.named_role:
            return self.named_role
        found = _PRESENTED.search(self.system) or _NAMED.search(self.system)
        return found[1].lower() if found else ""

    @cached_property
    def prompt_tokens(self) -> int:
        """About four characters a token, and four tokens for the frame of each message."""
        return -(-len(self.text) // 4) + 4 * len(self.messages)

    @property
    def max_tokens(self) -> int | None:
        """The longest answer that is wanted, None for any."""
        wanted = self.body.get("max_tokens") or self.body.get("max_completion_tokens") or self.body.get("n_predict")
        return wanted if isinstance(wanted, int) and wanted > 0 else None

    @property
    def stream(self) -> bool:
        """Whether a stream of events is asked for."""
        return self.body.get("stream") is True and not self.infill

    @property
    def format(self) -> str:
        """The kind of response format that is asked for, "" for none."""
        chosen = self.body.get("response_format")
        return str(chosen.get("type", "")) if isinstance(chosen, dict) else ""

    @cached_property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools that are offered."""
        offered = self.body.get("tools")
        listed = (
            [each.get("function") for each in offered if isinstance(each, dict)] if isinstance(offered, list) else []
        )
        return tuple(str(each["name"]) for each in listed if isinstance(each, dict) and "name" in each)

    @cached_property
    def shows_failure(self) -> bool:
        """Whether real output of a failing check stands in the question."""
        return _FAILURE.search(self.user) is not None

    @cached_property
    def strategy(self) -> str:
        """What a changed strategy changes: model, sampling, wanted answer format, and how long the conversation is."""
        sampling = [self.body.get(name) for name in ("temperature", "top_p", "seed")]
        return json.dumps([self.model, sampling, self.wanted_form, self.format, len(self.messages)])

    @cached_property
    def wanted_form(self) -> Literal["blocks", "whole", ""]:
        """The form in which edits are asked for, by the system prompt; "" where it names none."""
        if "SEARCH" in self.system:
            return "blocks"
        return "whole" if "whole file" in self.system.lower() else ""


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _levelled(value: Any, ids: dict[str, str]) -> Any:
    """Fold white space and replace the ids of calls by their order of appearance."""
    if isinstance(value, dict):
        return {
            name: ids.setdefault(str(each), f"id {len(ids)}")
            if name in ("id", "tool_call_id")
            else _levelled(_parsed(each) if name == "arguments" else each, ids)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_levelled(each, ids) for each in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def _parsed(arguments: Any) -> Any:
    """Return arguments as an object where they are one, so that the order of their keys does not count."""
    try:
        return json.loads(arguments)
    except (ValueError, TypeError):
        return arguments
