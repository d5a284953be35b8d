"""Every prompt of a run stays short, however large the project, the output and the request are."""

import json
from pathlib import Path

from tests.graph.harness import Driven
from tests.graph.test_machine import in_turn
from tests.modelserver.scenario import Rule, Scenario, contains
from tests.modelserver.server import Server

MAX_TOKENS = 20_000
"""Most tokens of a prompt: attempts that succeed are shorter, and errors in a long context breed errors."""

LONG = "".join(
    f"def part_{n}(value):\n    '''Part {n} of a long file.'''\n    return value + {n}\n\n\n" for n in range(1500)
)
FILES = {
    "price.py": 'def net(gross, rate):\n    """Price without tax."""\n    return gross * rate\n',
    "long.py": LONG,
    **{f"package_{n}/module_with_a_long_name_{n}.py": LONG[:30_000] for n in range(20)},
    "tests/test_price.py": "import long\nimport price\n\n\n"
    + "".join(
        f"def test_{n}():\n    print('x' * 40000)\n    assert price.net({n}, 2) == {n} / 2\n\n\n" for n in range(1, 40)
    ),
}
CHECK = "python3 -m pytest -q --tb=long"
REQUEST = "The net price is wrong: repair it in price.py and long.py. " + "It must be right. " * 440


def test_no_prompt_grows_past_the_bound(tmp_path: Path) -> None:
    """A long file, megabytes of output, a request of 8,000 characters, and a whole ladder of failures."""
    small = {"kind": "small", "title": "Repair the net price", "files": ["price.py", "long.py"], "tests": []}
    rules = [
        Rule(json.dumps({"choice": "stop", "reason": "no"}), role="orchestrator", when=contains("is stuck")),
        Rule(json.dumps(small), role="orchestrator"),
        Rule('{"files": ["long.py"], "words": ["net", "part_7"]}', role="searcher"),
        *in_turn("coder", ["wrong", "other", "broken", "wrong"]),
        *in_turn("fixer", ["other", "same", "prose"]),
    ]
    with Server(Scenario("long", rules)) as server:
        end = Driven.of(tmp_path, server, FILES, REQUEST[:8000], checks=[CHECK]).drive()

        assert end is not None and end["outcome"] == "stuck"
        lengths = {
            len(body["messages"][0]["content"]) + len(body["messages"][-1]["content"]) for body in server.bodies()
        }
        assert server.bodies("fixer")
        assert max(lengths) / 4 < MAX_TOKENS
        assert server.counters["identical"] <= 2
