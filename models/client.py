"""ChatOpenAI puts the question; below it a transport of our own reads the answer, strictly and whatever its form.

The client library alone would complete cut tool arguments, drop thoughts, and take keep-alive comments for signs of
life. So it is handed a finished, plain answer, and what it has no place for comes back beside it.
"""

from collections.abc import Callable

import httpx2
import openai
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from models.dialect import Put
from models.exchange import Exchange, Waits
from models.faults import Fault
from models.replies import Reply, storable
from models.transport import reading


class Client:
    """Sends chat requests to one endpoint. Safe for parallel lanes."""

    def __init__(self, base_url: str, exchange: Exchange) -> None:
        self._base_url = base_url
        self._exchange = exchange

    def send(self, model: str, put: Put, waits: Waits) -> Reply | Fault:
        """Send one chat request once; nothing is retried in here."""
        read = reading(self._exchange, model, put.request.max_tokens, waits)
        wire = _Wire(lambda body: self._exchange.ask("/chat/completions", body, waits, read))
        messages = [(message["role"], storable(message["content"])) for message in put.request.messages]
        try:
            # Whether the answer streams stands among the fields: it matters to the wire only.
            self._chat(model, put, wire).invoke(messages, stream=openai.omit)
        except (_Failed, openai.OpenAIError, httpx2.InvalidURL, ValueError) as error:
            if wire.outcome is None:
                return self._exchange.fault("down", f"{self._base_url} is no address: {error}")
        assert wire.outcome is not None
        return wire.outcome

    def _chat(self, model: str, put: Put, wire: "_Wire") -> ChatOpenAI:
        """Return the library's model for one request, made in a millisecond; the key is the exchange's secret."""
        return ChatOpenAI(
            model=model,
            base_url=self._base_url,
            api_key=SecretStr("held by the exchange"),
            http_client=httpx2.Client(transport=wire, trust_env=False),
            http_async_client=_no_other_way(),
            openai_proxy="",  # the wire honours the proxies that every program honours
            extra_body=put.fields,  # some names that servers want have no place among the library's own
            max_retries=0,
            cache=False,
            use_responses_api=False,
            disable_streaming=True,
        )


def _no_other_way() -> httpx2.AsyncClient:
    """Return the second client that the library wants; the one of its own would load the certificates of the system."""
    return httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False)


class _Failed(Exception):
    """Ends a request in the client library; the fault is the wire's outcome."""


class _Wire(httpx2.BaseTransport):
    """Where the client library's one request goes; keeps what came of it."""

    def __init__(self, send: Callable[[bytes], Reply | Fault]) -> None:
        self._send = send
        self.outcome: Reply | Fault | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the body of a request and hand up the answer in the library's own form."""
        self.outcome = self._send(request.read())
        if isinstance(self.outcome, Fault):
            raise _Failed(self.outcome.message)
        return httpx2.Response(200, json=_plain(self.outcome))


def _plain(reply: Reply) -> dict[str, object]:
    message = {"role": "assistant", "content": reply.text}
    prompt, completion = reply.prompt_tokens or 0, reply.completion_tokens or 0
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    return {"object": "chat.completion", "model": reply.model, "choices": [choice], "usage": usage}
