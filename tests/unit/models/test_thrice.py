"""No question is put a third time alike: not by lanes at the same moment, not after a resume, not with other spaces."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from models.seat import Seat
from tests.modelserver import Reply, Rule, Scenario, Server
from tests.unit.models.bench import Bench, Serve

SYSTEM, USER = "You are the Coder.", "Write it."
ANSWER = "price.py\n```python\nVALUE = 1\n```\n"


def most_alike(server: Server) -> int:
    """How often the question was put that was put most often, whatever its white space."""
    return max(Counter(entry["likeness"] for entry in server.requests).values())


def test_lanes_that_ask_the_same_at_once_are_told_apart(bench: Bench, serve: Serve) -> None:
    """Four lanes with one question, all under way together: two ask it so, the others with other sampling."""
    server = serve(Scenario("m", [Rule(Reply(ANSWER, delay=0.3))]))
    door = bench.door(server)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda lane: door.ask(Seat(lane, "coder"), SYSTEM, USER), ["t1", "t2", "t3", "t4"]))
    assert server.counters["calls"] == 4 and server.counters["concurrency"] == 4
    assert most_alike(server) == 2


def test_a_resumed_run_knows_what_was_asked_before(bench: Bench, serve: Serve) -> None:
    """A question that two lanes had been answered is put otherwise by a third one in a later process."""
    server = serve(Scenario("m", [Rule(ANSWER)]))
    for lane in ("t1", "t2", "t3"):
        bench.door(server).ask(Seat(lane, "coder"), SYSTEM, USER)
    assert server.counters["calls"] == 3 and most_alike(server) == 2


def test_white_space_makes_no_other_question(bench: Bench, serve: Serve) -> None:
    """Prompts that differ in blanks and line ends alone count as one, also after a resume."""
    server = serve(Scenario("m", [Rule(ANSWER)]))
    for number, user in enumerate(["Write it.", "Write  it.", "Write it.\n"]):
        bench.door(server).ask(Seat("t1", "coder", number), SYSTEM, user)
    assert server.counters["calls"] == 3 and most_alike(server) == 2
