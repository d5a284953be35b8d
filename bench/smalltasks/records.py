"""Tasks about dictionaries, pairs and small protocols."""

import random

from bench.smalltasks.sequences import numbers
from bench.smalltasks.task import repair, write
from bench.smalltasks.texts import letters


def scores(r: random.Random) -> dict[str, int]:
    """Return a dictionary of random names and numbers."""
    return {r.choice("abcdefg"): r.randint(0, 4) for _ in range(r.randint(0, 6))}


@repair(
    right="groups.setdefault(len(word), [])",
    wrong="groups.setdefault(word, [])",
    calls=[(["a", "bb", "c"],), ([],), (["xx", "yy", "zzz"],)],
    inputs=lambda r: ([letters(r, "xyz", 4) for _ in range(r.randint(0, 6))],),
)
def by_length(words: list[str]) -> dict[int, list[str]]:
    """Return words by their length, each list in the order of the words."""
    groups: dict[int, list[str]] = {}
    for word in words:
        groups.setdefault(len(word), []).append(word)
    return groups


@repair(
    right="result.get(key, 0) + count",
    wrong="result.get(key, 1) + count",
    calls=[({"a": 1}, {"a": 2, "b": 3}), ({}, {"x": 1}), ({"x": 4}, {}), ({"b": 1}, {"c": 0})],
    inputs=lambda r: (scores(r), scores(r)),
)
def add_counts(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    """Return the counts of two dictionaries added up; neither is changed."""
    result = dict(first)
    for key, count in second.items():
        result[key] = result.get(key, 0) + count
    return result


@repair(
    right="return not open_ones",
    wrong="return True",
    calls=[("(a[b]{c})",), ("((",), ("(]",), (")",), ("",)],
    inputs=lambda r: (letters(r, "()[]{}", 6),),
)
def is_balanced(text: str) -> bool:
    """Tell whether each bracket of a text is closed by its partner, in the right order."""
    partners = {")": "(", "]": "[", "}": "{"}
    open_ones: list[str] = []
    for character in text:
        if character in partners.values():
            open_ones.append(character)
        elif character in partners and (not open_ones or open_ones.pop() != partners[character]):
            return False
    return not open_ones


@repair(
    right="total += quantity * cents",
    wrong="total += quantity + cents",
    calls=[([(2, 150), (1, 99)],), ([],), ([(0, 500)],), ([(3, 10)],)],
    inputs=lambda r: ([(r.randint(0, 5), r.randint(0, 400)) for _ in range(r.randint(0, 5))],),
)
def order_total(lines: list[tuple[int, int]]) -> int:
    """Return what an order costs: each line is a quantity and the price of one piece in cents."""
    total = 0
    for quantity, cents in lines:
        total += quantity * cents
    return total


@repair(
    right="first[0] < second[1] and second[0] < first[1]",
    wrong="first[0] < second[1] or second[0] < first[1]",
    calls=[((1, 3), (2, 5)), ((1, 2), (2, 3)), ((2, 3), (1, 2)), ((5, 9), (1, 2)), ((1, 9), (3, 4)), ((3, 4), (1, 9))],
    inputs=lambda r: ((a := r.randint(0, 9), a + r.randint(1, 4)), (b := r.randint(0, 9), b + r.randint(1, 4))),
)
def overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Tell whether two intervals share more than an end; each goes from its first number to its second."""
    return first[0] < second[1] and second[0] < first[1]


@repair(
    right='position += 1 if move == "R" else -1',
    wrong='position -= 1 if move == "R" else -1',
    calls=[("RRL",), ("",), ("LLL",), ("RR",)],
    inputs=lambda r: (letters(r, "LR", 9),),
)
def final_position(moves: str) -> int:
    """Return where a walker stands who starts at 0 and goes one step to the right for R and to the left for L."""
    position = 0
    for move in moves:
        position += 1 if move == "R" else -1
    return position


@repair(
    right="rows[i][i] for i in range(len(rows))",
    wrong="rows[0][i] for i in range(len(rows))",
    calls=[([[1, 2], [3, 4]],), ([[7]],), ([],), ([[1, 0, 0], [0, 2, 0], [0, 0, 3]],)],
    inputs=lambda r: ([[r.randint(0, 9) for _ in range(n)] for _ in range(n)] if (n := r.randint(0, 4)) else [],),
)
def diagonal_sum(rows: list[list[int]]) -> int:
    """Return the sum of the numbers on the main diagonal of a square matrix."""
    return sum(rows[i][i] for i in range(len(rows)))


@write(
    calls=[("a=1;b=2",), ("",), ("name = Ann ; city=Ulm",), ("x=1;x=2",), ("k=a=b",)],
    inputs=lambda r: (";".join(f"{r.choice('abc')}={letters(r, 'xy ', 3)}" for _ in range(r.randint(0, 4))),),
)
def parse_pairs(text: str) -> dict[str, str]:
    """Read pairs such as "a=1;b=2", without the spaces around names and values.

    Of two with one name the later wins; a value may hold "=".
    """
    pairs = {}
    for part in text.split(";"):
        if part:
            name, _, value = part.partition("=")
            pairs[name.strip()] = value.strip()
    return pairs


@write(
    calls=[({"ann": 3, "bob": 5, "cid": 3}, 2), ({}, 1), ({"x": 1}, 3), ({"b": 2, "a": 2}, 2)],
    inputs=lambda r: (scores(r), r.randint(0, 5)),
)
def top_names(points: dict[str, int], count: int) -> list[str]:
    """Return the names with the most points, at most `count`; equal ones by the alphabet."""
    return sorted(points, key=lambda name: (-points[name], name))[:count]


@write(
    calls=[({"a": 1, "b": 2},), ({},), ({"y": 1, "x": 1},), ({"q": 7},)],
    inputs=lambda r: (scores(r),),
)
def names_by_value(values: dict[str, int]) -> dict[int, list[str]]:
    """Return for each value the sorted names that have it."""
    result: dict[int, list[str]] = {}
    for name in sorted(values):
        result.setdefault(values[name], []).append(name)
    return result


@write(
    calls=[([3, 1, 3, 2, 1],), ([],), ([2, 1],), ([2, 1, 1],), ([4, 4],)],
    inputs=lambda r: (numbers(r),),
)
def most_common(items: list[int]) -> int | None:
    """Return the item that comes most often, of several the one that comes first; None for an empty list."""
    best = None
    for item in items:
        if best is None or items.count(item) > items.count(best):
            best = item
    return best
