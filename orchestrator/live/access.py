"""Who may look: whoever holds a link that was printed here, in the browser that opened it."""

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie

BYTES = 32
"""Random bytes of a token."""


class Access:
    """The tokens of one server; none outlives it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._printed = secrets.token_urlsafe(BYTES)
        self._once: list[str] = []
        self._session = secrets.token_urlsafe(BYTES)
        self._cookie = f"orchestrator-{port}"  # a browser does not tell apart the ports of a host

    @property
    def link(self) -> str:
        """The address for the person at the terminal; it opens as long as the server lives."""
        return self._link(self._printed)

    def link_for_once(self) -> str:
        """An address that opens once: for a command line, which other users of the machine can read."""
        self._once.append(secrets.token_urlsafe(BYTES))
        return self._link(self._once[-1])

    def opens(self, token: str) -> bool:
        """Whether a link's token is right; one that is good for once is used up."""
        if found := next((one for one in self._once if same(one, token)), None):
            self._once.remove(found)
            return True
        return same(self._printed, token)

    def new_cookie(self) -> str:
        """What the browser that opened a link is told to keep."""
        return f"{self._cookie}={self._session}; HttpOnly; SameSite=Strict; Path=/"

    def knows(self, cookies: str) -> bool:
        """Whether the cookies of a request hold ours."""
        try:
            found = SimpleCookie(cookies).get(self._cookie)
        except CookieError:
            return False
        return found is not None and same(self._session, found.value)

    def is_host(self, name: str) -> bool:
        """Whether a request is meant for us: any other name that leads here is a page's trick to read across sites."""
        return name.lower() in self._hosts

    def _link(self, token: str) -> str:
        return f"http://{self._hosts[0]}/?token={token}"


def same(ours: str, theirs: str) -> bool:
    """Whether two tokens are the same; how long it takes tells nothing about either."""
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace"))
