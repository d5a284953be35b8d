"""T6 and T7: prompts that are longer than the model can hold, refused or cut in silence."""

from dataclasses import replace

from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.dialects.llama_server import LlamaServer
from tests.modelserver.dialects.lmstudio import LMStudio
from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.dialects.vllm import VLLM
from tests.modelserver.reply import Outcome
from tests.modelserver.request import Request

WORDINGS: dict[str, Dialect] = {
    "openai": Dialect(),
    "llama.cpp": LlamaServer(),
    "vllm": VLLM(),
    "lmstudio": LMStudio(),
}
"""Whose words an overflow is told in."""


@fault("T6", "e400_ctx", hows=("", *WORDINGS), options=("style", "limit", "status"))
def overflow(turn: Turn) -> Outcome | None:
    """The prompt is refused as too long. Options `limit` in tokens (absent: any length is), `style`, `status`."""
    limit = turn.options.get("limit")
    sent, wanted = turn.request.prompt_tokens, turn.request.max_tokens or 0
    if isinstance(limit, int) and sent <= limit:
        return None
    shown = limit if isinstance(limit, int) else max(1, sent // 2)
    wording = WORDINGS.get(turn.text("style", turn.how), turn.dialect)
    refusal = wording.overflow(sent, wanted, shown) or Dialect().overflow(sent, wanted, shown)
    assert refusal is not None
    return replace(refusal, status=int(turn.number("status", refusal.status)))


@fault("T7", "silent_ctx", hows=("", "all"), options=("limit",))
def silent_cut(turn: Turn) -> Outcome | None:
    """Only the system prompt and the last tokens of the rest count, and only usage shows it. Option `limit` (512).

    In the way `all` the system prompt is lost too.
    """
    limit = int(turn.number("limit", 512))
    if turn.request.prompt_tokens <= limit:
        return None
    seen = cut_to(turn.request, limit, keep_system=turn.how != "all")
    return replace(turn.again(seen), prompt_tokens=limit)


def cut_to(request: Request, limit: int, *, keep_system: bool) -> Request:
    """Return what a model sees of a prompt when only so many tokens of it fit: the oldest messages are lost first."""
    system = [each for each in request.messages if each.get("role") in ("system", "developer")] if keep_system else []
    room = 4 * limit - sum(len(str(each.get("content") or "")) + 16 for each in system)
    kept: list[dict[str, object]] = []
    for message in reversed([each for each in request.messages if each not in system]):
        text = str(message.get("content") or "")
        if room <= 0:
            break
        kept.insert(0, {**message, "content": text[-room:]})
        room -= len(text) + 16
    return replace(request, body={**request.body, "messages": [*system, *kept]})
