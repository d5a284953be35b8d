"""A chat request as a scenario sees it: who asks, what it says, and its digest."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

ROLES = ("orchestrator", "planner", "searcher", "coder", "reviewer", "fixer")
"""The agents of the product; a request's role is read from its system prompt."""

_PRESENTED = re.compile(rf"\byou are (?:the |an? )?\W*({'|'.join(ROLES)})\b", re.IGNORECASE)
_NAMED = re.compile(rf"\b({'|'.join(ROLES)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """One parsed request body, and how often the same bytes have been sent before."""

    body: dict[str, Any]
    path: str = "/v1/chat/completions"
    sent_before: int = 0

    @cached_property
    def digest(self) -> str:
        """Identity of the request: the sha256 of its body in canonical spelling."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()

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
        """The agent that asks, by its system prompt ("You are the Coder …"); "infill" for infill; else ""."""
        if self.infill:
            return "infill"
        found = _PRESENTED.search(self.system) or _NAMED.search(self.system)
        return found[1].lower() if found else ""

    @cached_property
    def prompt_tokens(self) -> int:
        """About four characters a token, and four tokens for the frame of each message."""
        return -(-len(self.text) // 4) + 4 * len(self.messages)

    @property
    def stream(self) -> bool:
        """Whether a stream of events is asked for."""
        return self.body.get("stream") is True

    @property
    def format(self) -> str:
        """The kind of response format that is asked for, "" for none."""
        chosen = self.body.get("response_format")
        return str(chosen.get("type", "")) if isinstance(chosen, dict) else ""


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
