"""A client without mercy: a plain socket that sees every byte, and how the connection ended."""

import json
import socket
from dataclasses import dataclass
from typing import Any, Literal

from tests.modelserver import Server

End = Literal["whole", "short", "cut", "reset", "silent"]


@dataclass(frozen=True)
class Answer:
    """What came back.

    `end`: "whole" (the framing says that all is there), "short" (fewer bytes than announced, or a chunk cut), "cut"
    (closed before any head was complete), "reset" (by a reset), "silent" (nothing more came within the patience).
    """

    status: int
    headers: dict[str, str]
    body: bytes
    end: End
    pieces: tuple[bytes, ...] = ()
    """The chunks of a chunked body that arrived whole."""

    @property
    def value(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def message(self) -> dict[str, Any]:
        """The message of a whole answer."""
        return dict(self.value["choices"][0]["message"])

    @property
    def data(self) -> list[str]:
        """The data of each event of a stream."""
        lines = self.body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        return [line[6:] for line in lines if line.startswith("data: ")]

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """The events of a stream that are JSON."""
        return [json.loads(each) for each in self.data if each != "[DONE]"]

    @property
    def deltas(self) -> list[dict[str, Any]]:
        """The deltas of a stream."""
        return [choice["delta"] for chunk in self.chunks for choice in chunk.get("choices", [])]

    @property
    def text(self) -> str:
        """The text of an answer, streamed or not."""
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            return "".join(delta.get("content") or "" for delta in self.deltas)
        return str(self.message["content"])

    @property
    def finish(self) -> str | None:
        """The finish reason, streamed or not; None where there is none."""
        choices = [choice for value in ([*self.chunks] or [self.value]) for choice in value.get("choices", [])]
        return next((choice["finish_reason"] for choice in choices if choice.get("finish_reason")), None)


def chat(user: str, *, system: str = "You are the Coder.", model: str = "m", **more: Any) -> dict[str, Any]:
    """A request body with a system prompt and a question."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    return {"model": model, "messages": messages, **more}


def ask(server: Server, body: dict[str, Any], *, patience: float = 10.0, headers: str = "") -> Answer:
    """Send one chat request on a connection of its own."""
    data = json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(data)}\r\n{headers}\r\n"
    return exchange(server.port, head.encode() + data, patience)


def get(server: Server, path: str, method: str = "GET") -> Answer:
    """Ask for a page."""
    return exchange(
        server.port, f"{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode(), 10.0, bodiless=method == "HEAD"
    )


def post(server: Server, path: str, body: dict[str, Any]) -> Answer:
    """Post JSON to a page."""
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(data)}\r\n\r\n"
    return exchange(server.port, head.encode() + data, 10.0)


def exchange(port: int, sent: bytes, patience: float, *, bodiless: bool = False) -> Answer:
    """Send bytes and read the answer as its framing says."""
    received, end = b"", "cut"
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        connection.sendall(sent)
        while True:
            try:
                more = connection.recv(65536)
            except TimeoutError:
                end = "silent"
                break
            except ConnectionResetError:
                end = "reset"
                break
            if not more:
                break
            received += more
            streamed = b"transfer-encoding: chunked" in received[:1000]
            if streamed and not received.endswith(b"0\r\n\r\n"):
                continue
            if (read := _read(received, bodiless=bodiless)).end == "whole":
                return read
    read = _read(received)
    if end == "cut" and read.status:
        return read
    return Answer(read.status, read.headers, read.body, end, read.pieces)  # type: ignore[arg-type]


def _read(received: bytes, *, bodiless: bool = False) -> Answer:
    head, complete, body = received.partition(b"\r\n\r\n")
    if not complete:
        return Answer(0, {}, b"", "cut")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(first.split()[1])
    if headers.get("transfer-encoding") == "chunked":
        pieces, whole = _chunks(body)
        return Answer(status, headers, b"".join(pieces), "whole" if whole else "short", tuple(pieces))
    whole = bodiless or len(body) >= int(headers.get("content-length", 0))
    return Answer(status, headers, body, "whole" if whole else "short")


def _chunks(body: bytes) -> tuple[list[bytes], bool]:
    pieces: list[bytes] = []
    while b"\r\n" in body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return pieces, True
        if len(rest) < length + 2:
            break
        pieces.append(rest[:length])
        body = rest[length + 2 :]
    return pieces, False
