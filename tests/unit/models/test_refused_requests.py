"""Refusals: the makers' own words are understood for what they mean."""

import pytest

from models.faults import from_status

OVERFLOWS = {
    "openai": (
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9031 "
        "tokens. Please reduce the length of the messages.",
        8192,
        9031,
    ),
    "openai, input": (
        400,
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
        272000,
        300000,
    ),
    "llama-server": (
        400,
        "request (5012 tokens) exceeds the available context size (4096 tokens), try increasing it",
        4096,
        5012,
    ),
    "old llama-server": (
        400,
        "the request exceeds the available context size (4096 tokens), try increasing it",
        4096,
        None,
    ),
    "vllm": (
        400,
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in "
        "the messages, 1000 in the completion).",
        4096,
        4000,
    ),
    "vllm, answer": (
        400,
        "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length "
        "is 4096 tokens and your request has 300 input tokens (8192 > 4096 - 300).",
        4096,
        300,
    ),
    "vllm, decoder": (
        400,
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        4096,
        5000,
    ),
    "lm studio": (
        400,
        "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded "
        "with context length of only 4096 tokens, which is not enough.",
        4096,
        None,
    ),
    "anthropic": (
        400,
        "prompt is too long: 210000 tokens > 200000 maximum",
        200000,
        210000,
    ),
    "anthropic, both": (
        400,
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        200000,
        None,
    ),
    "gemini": (
        400,
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        1048576,
        1200000,
    ),
    "mistral": (
        400,
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        32768,
        40000,
    ),
    "groq": (
        413,
        "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7000",
        6000,
        None,
    ),
    "tgi": (
        422,
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
        4096,
        None,
    ),
    "sglang": (
        400,
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        4096,
        5000,
    ),
    "xai": (
        400,
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        131072,
        537812,
    ),
    "as 500": (
        500,
        "context length of 2,048 exceeded",
        2048,
        None,
    ),
}


@pytest.mark.parametrize(("status", "said", "limit", "sent"), OVERFLOWS.values(), ids=list(OVERFLOWS))
def test_an_overflow_is_known_with_its_numbers(status: int, said: str, limit: int, sent: int | None) -> None:
    """Each maker's words for a prompt that is too long, and the numbers in them."""
    fault = from_status(status, said, {})
    assert (fault.kind, fault.context_limit, fault.prompt_tokens) == ("context", limit, sent)


OTHERS = [
    (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "quota",
    ),
    (429, "You exceeded your current quota, please check your plan. Please retry in 32.5s.", "", "rate"),
    (429, "Rate limit reached for requests. Please try again in 1.2s.", "rate_limit_exceeded", "rate"),
    (402, "Insufficient Balance", "", "quota"),
    (403, "Your credit balance is too low to access the API.", "", "quota"),
    (403, "You are not allowed to use this model.", "", "key"),
    (404, "model 'x' not found, try pulling it first", "", "missing"),
    (400, "The model `x` does not exist.", "model_not_found", "missing"),
    (400, "Unsupported parameter: 'temperature'", "", "rejected"),
    (500, "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101]", "", "toolparse"),
    (500, "error parsing tool call: raw='{\"path\": ', err=unexpected end of JSON input", "", "toolparse"),
    (500, "XML syntax error on line 4: element <function> closed by </parameter>", "", "toolparse"),
    (500, "Error in extracting tool call from response.", "", "toolparse"),
    (500, "tool call arguments could not be parsed", "", "toolparse"),
    (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "", "rejected"),
    (500, "The server had an error.", "", "server"),
    (503, "Loading model", "unavailable_error", "server"),
]


@pytest.mark.parametrize(("status", "said", "code", "kind"), OTHERS)
def test_a_refusal_is_told_by_what_it_says(status: int, said: str, code: str, kind: str) -> None:
    """Money, patience, keys, names and tool calls are told apart whatever the status."""
    assert from_status(status, said, {}, code=code).kind == kind


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after-ms": "250"}, "", 0.25),
        ({}, "Please try again in 1m30s.", 90.0),
        ({}, "Please try again in 20ms.", 0.02),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, "", None),
        ({"retry-after": "soon"}, "", None),
    ],
)
def test_the_wait_that_is_asked_for_is_read(headers: dict[str, str], said: str, seconds: float | None) -> None:
    """Seconds, milliseconds, a date, or a sentence; a date that is past asks for nothing."""
    assert from_status(429, said, headers).retry_after == seconds
