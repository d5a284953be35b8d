"""What servers say when they refuse, in their own words: each maker has its own for the same few reasons."""

import re

_CONTEXT = re.compile(
    r"context[_ ](?:length|size|window|limit)|(?:maximum|max) (?:context|prompt|model|sequence) length"
    r"|(?:prompt|input|request|message)s? (?:is|are|was) too (?:long|large)|prompt too long|input length"
    r"|too many (?:input )?tokens|reduce (?:the|your) (?:length|prompt|message)|request too large"
    r"|exceeds? the (?:maximum number of tokens|available context|model)|tokens exceed"
    r"|longer than the (?:model|maximum)"
    r"|token count .{0,40}exceed|inputs?` tokens|tokens? to keep from the initial prompt",
    re.IGNORECASE,
)
_LIMITS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\d[^.\d]{0,12}>\s*(\d+)",  # "210000 tokens > 200000 maximum", "190000 + 20000 > 200000"
        r"n_ctx\D{0,4}(\d+)",
        r"tokens allowed\W{0,3}(\d+)",
        r"(\d+) maximum context length",
        r"must be <=\s*(\d+)",
        r"configured limit of (\d+)",
        r"cannot exceed (\d+)",
        r"limit (\d+), requested",
        r"(?:context|prompt|model|sequence|input)(?:'s)? (?:length|size|window)(?: is| of| allowed| only)*\W{0,3}(\d+)",
    )
)
_SENT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(\d+) (?:tokens )?(?:in the messages|of text input|input tokens)",
        r"n_prompt_tokens\D{0,4}(\d+)",
        r"messages resulted in (\d+)",
        r"(?:request|input|prompt)(?: \((?:length )?| has | contains )(\d+)",
        r"token count\W{0,3}(\d+)",
        r"(\d+) tokens >",
    )
)
_QUOTA = re.compile(
    r"insufficient[_ ](?:quota|credits?|funds|balance)|exceeded your current quota|billing|credit balance|payment"
    r"|out of credits|quota[_ ]exceeded|spend(?:ing)? limit",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|(?:no such|unknown|invalid) model\b|model\b.{0,80}(?:not found|does not exist|is not available)",
    re.IGNORECASE | re.DOTALL,
)
_TOOL_PARSE = re.compile(
    r"pars\w+ (?:the )?tool[ _-]?call"
    r"|tool[ _-]?calls?\b.{0,60}(?:parse error|be parsed|malformed|not valid json|invalid json)"
    r"|extracting tool call|failed to parse input at pos|XML syntax error|invalid tool[ _-]?call",
    re.IGNORECASE | re.DOTALL,
)
_WAIT = re.compile(r"(?:try again|retry) (?:in|after)\s+(?:(\d+)m)?(\d+(?:\.\d+)?)\s*(ms|s)", re.IGNORECASE)
_CAP = re.compile(
    r"(?:at most|less than or equal to|<=|no more than|maximum (?:value )?(?:is|of|for \S+ is))\s*(\d+)", re.IGNORECASE
)


def is_context(said: str) -> bool:
    """Tell whether the prompt is too long for the model, or prompt and answer together."""
    return _CONTEXT.search(said) is not None


def context_limit(said: str) -> int | None:
    """Return how many tokens the model can read, where the refusal names it."""
    return _first(_LIMITS, said)


def tokens_sent(said: str) -> int | None:
    """Return how many tokens the prompt had by the server's own count, where the refusal names it."""
    return _first(_SENT, said)


def is_quota(said: str) -> bool:
    """Tell whether money or a contingent is used up, which no waiting cures."""
    return "insufficient_quota" in said or (_QUOTA.search(said) is not None and wait_named(said) is None)


def is_unknown_model(said: str) -> bool:
    """Tell whether the model is not there, by whatever status that comes."""
    return _NO_MODEL.search(said) is not None


def is_tool_parse(said: str) -> bool:
    """Tell whether the server stumbled over what the model wrote as a tool call: a fault of the model's."""
    return _TOOL_PARSE.search(said) is not None


def wait_named(said: str) -> float | None:
    """Return the seconds to wait that the message names ("try again in 1.5s")."""
    found = _WAIT.search(said)
    if found is None:
        return None
    seconds = float(found[2]) / (1000 if found[3].lower() == "ms" else 1)
    return 60 * int(found[1] or 0) + seconds


def answer_cap(said: str) -> int | None:
    """Return the most tokens of an answer, where a refusal of that field names them."""
    found = _CAP.search(said)
    return int(found[1]) if found else None


def _first(patterns: tuple[re.Pattern[str], ...], said: str) -> int | None:
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", said)
    return next((int(found[1]) for pattern in patterns if (found := pattern.search(plain))), None)
