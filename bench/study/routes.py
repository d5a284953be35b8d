"""Routes on a map: four steps in a diamond; failing tests are given for every one of them."""

from bench.study.job import Example, Job, Step

GRAPH = '''"""Roads as text: one road a line, as in `a b 5`."""


def places(roads):
    """The names of all places, sorted."""
    return sorted({name for line in roads.splitlines() for name in line.split()[:2]})
'''

GRAPH_RIGHT = (
    GRAPH
    + '''

def neighbours(roads, place):
    """The places at the other end of a road, with its length; the shorter one where there are two."""
    found = {}
    for line in roads.splitlines():
        start, end, length = line.split()
        for here, there in ((start, end), (end, start)):
            if here == place:
                found[there] = min(int(length), found.get(there, int(length)))
    return found
'''
)

FARE_RIGHT = '''"""What a way costs."""


def fare(length):
    """Cents for so many kilometres: 30 each, 20 each beyond the tenth, at least 150."""
    near = min(length, 10)
    far = max(0, length - 10)
    return max(150, near * 30 + far * 20)
'''

PATHS_RIGHT = '''"""Ways between places."""

from routes.graph import neighbours


def distance(roads, start, end):
    """The length of the shortest way; None where there is none."""
    best = {start: 0}
    waiting = [start]
    while waiting:
        here = min(waiting, key=best.__getitem__)
        waiting.remove(here)
        for there, length in neighbours(roads, here).items():
            if there not in best or best[here] + length < best[there]:
                best[there] = best[here] + length
                waiting.append(there)
    return best.get(end)
'''

QUOTE_RIGHT = '''"""What a traveller is told."""

from routes.fare import fare
from routes.paths import distance


def quote(roads, start, end):
    """Length and fare in one sentence, or that there is no way."""
    length = distance(roads, start, end)
    if length is None:
        return f"no way from {start} to {end}"
    return f"{start} to {end}: {length} km, {fare(length)} cents"
'''

ROADS = "'a b 5\\nb c 4\\na c 12\\nd e 1'"

JOB = Job(
    "routes",
    "Complete the route planner; the tests are there and fail:",
    {
        "routes/__init__.py": "",
        "routes/graph.py": GRAPH,
        "tests/test_places.py": "import unittest\n\nfrom routes.graph import places\n\n\n"
        "class TestPlaces(unittest.TestCase):\n    def test_places(self):\n"
        '        self.assertEqual(places("b a 1\\nc a 2"), ["a", "b", "c"])\n',
        "README.md": "# routes\n\nThe shortest way and its fare.\n",
    },
    (
        Step(
            "find-neighbours",
            "Find the neighbours of a place",
            "Add `neighbours(roads, place)` to routes/graph.py: a dictionary of the places that a road joins to "
            "`place` in either direction, with the length of the shortest such road: "
            "`neighbours('a b 5\\nc a 2', 'a')` is {'b': 5, 'c': 2}.",
            {"routes/graph.py": GRAPH_RIGHT},
            "from routes.graph import neighbours",
            (
                Example("neighbours('a b 5\\nc a 2', 'a')", "{'b': 5, 'c': 2}"),
                Example("neighbours('a b 5\\na b 3', 'b')", "{'a': 3}"),
            ),
            (Example("neighbours('a b 5', 'x')", "{}"), Example("neighbours('a b 3\\nb a 5', 'a')", "{'b': 3}")),
            given=True,
        ),
        Step(
            "reckon-fare",
            "Reckon the fare",
            "Add routes/fare.py with `fare(length)`: 30 cents for each of the first ten kilometres, 20 for each one "
            "beyond, and at least 150 in all: `fare(12)` is 340 and `fare(2)` is 150.",
            {"routes/fare.py": FARE_RIGHT},
            "from routes.fare import fare",
            (Example("fare(12)", "340"), Example("fare(2)", "150"), Example("fare(8)", "240")),
            (Example("fare(10)", "300"), Example("fare(0)", "150"), Example("fare(100)", "2100")),
            given=True,
        ),
        Step(
            "shortest-way",
            "Find the shortest way",
            "Add routes/paths.py with `distance(roads, start, end)`: the length of the shortest way over any number of "
            "roads, by `neighbours`; 0 from a place to itself, None where there is no way.",
            {"routes/paths.py": PATHS_RIGHT},
            "from routes.paths import distance",
            (
                Example(f"distance({ROADS}, 'a', 'c')", "9"),
                Example(f"distance({ROADS}, 'a', 'a')", "0"),
                Example(f"distance({ROADS}, 'a', 'e')", "None"),
            ),
            (
                Example("distance('a b 9\\na c 1\\nc d 1\\nd b 1', 'b', 'a')", "3"),
                Example("distance('a b 2', 'a', 'b')", "2"),
            ),
            depends_on=("find-neighbours",),
            given=True,
        ),
        Step(
            "tell-quote",
            "Tell length and fare",
            "Add routes/quote.py with `quote(roads, start, end)`: a sentence such as 'a to c: 9 km, 270 cents' from "
            "`distance` and `fare`, or 'no way from a to e'.",
            {"routes/quote.py": QUOTE_RIGHT},
            "from routes.quote import quote",
            (
                Example(f"quote({ROADS}, 'a', 'c')", "'a to c: 9 km, 270 cents'"),
                Example(f"quote({ROADS}, 'a', 'e')", "'no way from a to e'"),
            ),
            (
                Example(f"quote({ROADS}, 'd', 'e')", "'d to e: 1 km, 150 cents'"),
                Example("quote('a b 20', 'b', 'a')", "'b to a: 20 km, 500 cents'"),
            ),
            depends_on=("reckon-fare", "shortest-way"),
            given=True,
        ),
    ),
)
