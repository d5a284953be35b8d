"""The server of `runs serve`: who may look, what is answered, that news is told, and that it ends."""

import http.client
import re
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from orchestrator.live.condition import is_driven, version_of
from orchestrator.live.server import Server
from tests.live import served
from tests.world import World, end
from tests.written_run import Written, small
from workspace.run import Run

SECRET = "sk-live-4f9aX2vQ8rT1mW7z"


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A run that has ended, of a project with a secret."""
    written = small(tmp_path)
    (tmp_path / "project" / ".env").write_text(f"TOKEN={SECRET}\n")
    written.event("warning", text=f"it printed {SECRET}")
    return written


@pytest.fixture
def server(written: Written) -> Iterator[Server]:
    """A server over that run."""
    with served(written.home) as server:
        yield server


def ask(
    server: Server, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> tuple[int, Mapping[str, str], str]:
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.access.port, timeout=10)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    finally:
        connection.close()


def let_in(server: Server, link: str) -> tuple[int, Mapping[str, str]]:
    """What a link answers, and the cookie that it gives."""
    status, headers, _ = ask(server, link[link.index("/?") :])
    return status, {"Cookie": headers.get("Set-Cookie", "").partition(";")[0]}


def test_only_the_link_lets_in(server: Server, written: Written) -> None:
    """Without it, with another token, or with another cookie, nothing is shown; with it a cookie is given once."""
    page = f"/run/{written.run.id}"
    port = server.access.port
    wrong = [{}, {"Cookie": f"orchestrator-{port}=guess"}, {"Cookie": "\x7f;;=\xfc"}]
    refused = [ask(server, path, who) for path in ("/", page, f"{page}/changes", "/?token=guess") for who in wrong]
    assert {(status, "Repair add" in body) for status, _, body in refused} == {(403, False)}

    status, cookie = let_in(server, server.access.link)
    assert status == 303 and server.access.link.partition("token=")[2] not in cookie["Cookie"]
    assert "Repair add" in ask(server, "/", cookie)[2] and "red before, green now" in ask(server, page, cookie)[2]


def test_a_link_for_a_command_line_opens_once(server: Server) -> None:
    """Other users of the machine can read command lines: what stands there is worth nothing any more."""
    link = server.access.link_for_once()
    assert [let_in(server, link)[0] for _ in range(2)] == [303, 403]
    assert [let_in(server, server.access.link)[0] for _ in range(2)] == [303, 303]


def test_another_host_and_another_method_are_refused(server: Server) -> None:
    """A name that a foreign site has made lead here reads nothing, whoever asks; nothing can be changed."""
    _, cookie = let_in(server, server.access.link)
    port = server.access.port
    hosts = ["evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.evil:{port}", ""]
    assert {ask(server, "/", {**cookie, "Host": host})[0] for host in hosts} == {403}
    assert ask(server, "/", {**cookie, "Host": f"LOCALHOST:{port}"})[0] == 200
    assert {ask(server, "/", cookie, method)[0] for method in ("POST", "PUT", "DELETE", "HEAD", "BREW")} == {405}


def test_answers_are_kept_and_framed_by_nobody(server: Server, written: Written) -> None:
    """No store, no frame, no other site, no address that leaks; the page's own policy allows its own script alone."""
    _, cookie = let_in(server, server.access.link)
    _, headers, html = ask(server, f"/run/{written.run.id}", cookie)
    assert headers["Cache-Control"] == "no-store" and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy and "default-src &#39;none&#39;" in policy[1] and "unsafe" not in policy[1]


def test_no_secret_is_shown(server: Server, written: Written) -> None:
    """Neither in the list nor on a page."""
    _, cookie = let_in(server, server.access.link)
    pages = [ask(server, path, cookie)[2] for path in ("/", f"/run/{written.run.id}")]
    assert "it printed hidden-secret-" in pages[1] and not any(SECRET in page for page in pages)


def test_what_is_not_there_is_said(server: Server, written: Written) -> None:
    """No run of that name, no page, no way out of the folder; a damaged run says so and the list still stands."""
    _, cookie = let_in(server, server.access.link)
    for path in ("/run/nothing", "/run/..%2f..", "/run/../..", "/etc/passwd", "/run/a/b/c", "//run"):
        assert ask(server, path, cookie)[0] == 404
    (written.run.folder / "run.json").write_text("{")
    status, _, body = ask(server, f"/run/{written.run.id}", cookie)
    assert status == 409 and "run.json" in body
    assert f"{written.run.id}" in ask(server, "/", cookie)[2]


def test_news_is_told_as_it_comes(server: Server, written: Written) -> None:
    """A stream tells of each change that its page does not know yet, and of one that was missed at once."""
    _, cookie = let_in(server, server.access.link)
    connection = http.client.HTTPConnection("127.0.0.1", server.access.port, timeout=5)
    connection.request("GET", f"/run/{written.run.id}/changes?since={version_of(written.run)}", headers=cookie)
    answer = connection.getresponse()
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
    written.event("warning", text="first")
    assert (answer.readline(), answer.readline()) == (b"event: change\n", f"data: {version_of(written.run)}\n".encode())
    connection.close()

    late = http.client.HTTPConnection("127.0.0.1", server.access.port, timeout=5)
    late.request("GET", "/changes?since=old", headers=cookie)
    assert late.getresponse().readline() == b"event: change\n"
    late.close()


def test_looking_is_in_nobodys_way(written: Written) -> None:
    """Whether a run is driven is read without taking its lock, and is true only while a process holds it."""
    assert not is_driven(written.run)
    with written.run.lock():
        assert is_driven(Run.open(written.home, written.run.id))
    assert not is_driven(written.run)
    (written.run.folder / "lock").write_text("999999999")
    assert not is_driven(written.run)


def test_ctrl_c_ends_it(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """At once, with exit code 0, while a page is being followed; a port that is taken is one sentence."""
    world = World(tmp_path)
    world.project.mkdir()
    serve = world.start("runs", "serve", "--no-browser")
    request.addfinalizer(serve.kill)
    assert serve.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+)(/\?token=\S+)", serve.stdout.readline())
    assert found
    connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=5)
    connection.request("GET", found[2])
    cookie = str(connection.getresponse().headers["Set-Cookie"]).partition(";")[0]
    connection.close()
    connection.request("GET", "/changes", headers={"Cookie": cookie})
    assert connection.getresponse().status == 200

    taken = world.run("runs", "serve", "--no-browser", "--port", found[1])
    assert taken.code == 2 and f"Port {found[1]} cannot be used" in taken.err and "Traceback" not in taken.err
    started = time.monotonic()
    done = end(serve, signal.SIGINT)
    connection.close()
    assert (done.code, done.err) == (0, "") and time.monotonic() - started < 3
