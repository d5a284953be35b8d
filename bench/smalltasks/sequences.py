"""Tasks about lists."""

import random

from bench.smalltasks.task import repair, write


def numbers(r: random.Random, count: int = 8, low: int = 0, high: int = 6) -> list[int]:
    """Return a list of random numbers."""
    return [r.randint(low, high) for _ in range(r.randint(0, count))]


@repair(
    right="range(0, len(items), size)",
    wrong="range(0, len(items) - size, size)",
    calls=[([1, 2, 3, 4, 5], 2), ([1, 2, 3, 4], 2), ([], 3), ([1], 5)],
    inputs=lambda r: (numbers(r), r.randint(1, 4)),
)
def chunks(items: list[int], size: int) -> list[list[int]]:
    """Cut a list into pieces of `size` items; the last may be shorter."""
    return [items[start : start + size] for start in range(0, len(items), size)]


@repair(
    right="if item not in seen:",
    wrong="if item in seen:",
    calls=[([1, 2, 1, 3, 2],), ([],), ([5, 5, 5],), ([3, 1, 2],)],
    inputs=lambda r: (numbers(r),),
)
def unique(items: list[int]) -> list[int]:
    """Return the items without repetitions, in the order in which they first come."""
    seen: list[int] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


@repair(
    right="high = len(items) - 1",
    wrong="high = len(items)",
    calls=[([1, 3, 5, 7], 5), ([1, 3, 5, 7], 8), ([1, 3, 5, 7], 1), ([5, 8], 8), ([1, 3, 5], 0), ([], 1)],
    inputs=lambda r: (sorted(set(numbers(r, 8, 0, 9))), r.randint(-1, 11)),
)
def binary_search(items: list[int], wanted: int) -> int:
    """Return where a number stands in a sorted list, -1 if it is not there."""
    low = 0
    high = len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


@repair(
    right="return items[-steps:] + items[:-steps]",
    wrong="return items[steps:] + items[:steps]",
    calls=[([1, 2, 3, 4, 5], 2), ([1, 2, 3], 0), ([1, 2, 3], 4), ([], 3)],
    inputs=lambda r: (numbers(r), r.randint(0, 12)),
)
def rotate_right(items: list[int], steps: int) -> list[int]:
    """Return a list whose items have moved to the right by `steps` places, the last ones to the front."""
    if not items:
        return []
    steps = steps % len(items)
    if steps == 0:
        return items[:]
    return items[-steps:] + items[:-steps]


@repair(
    right="range(len(values) - size + 1)",
    wrong="range(len(values) - size)",
    calls=[([1, 2, 3, 4], 2), ([5], 1), ([1, 2], 3), ([2, 4, 6], 3)],
    inputs=lambda r: (numbers(r), r.randint(1, 4)),
)
def moving_average(values: list[int], size: int) -> list[float]:
    """Return the mean of each window of `size` neighbouring values."""
    return [sum(values[start : start + size]) / size for start in range(len(values) - size + 1)]


@repair(
    right="flat.extend(item)",
    wrong="flat.append(item)",
    calls=[([1, [2, 3], 4],), ([[], [1]],), ([],), ([1, 2],)],
    inputs=lambda r: ([r.choice([r.randint(0, 9), numbers(r, 3)]) for _ in range(r.randint(0, 5))],),
)
def flatten_once(items: list[object]) -> list[object]:
    """Return a list in which the items of inner lists stand in their place; deeper lists stay."""
    flat: list[object] = []
    for item in items:
        if isinstance(item, list):
            flat.extend(item)
        else:
            flat.append(item)
    return flat


@repair(
    right="return merged + left[i:] + right[j:]",
    wrong="return merged + left[i:]",
    calls=[([1, 4], [2, 3, 9]), ([], [1]), ([5], []), ([1, 1], [1])],
    inputs=lambda r: (sorted(numbers(r, 5)), sorted(numbers(r, 5))),
)
def merge_sorted(left: list[int], right: list[int]) -> list[int]:
    """Return the items of two sorted lists in one sorted list."""
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]


@repair(
    right="best = current = items[0]",
    wrong="best = current = 0",
    calls=[([-3, -1, -2],), ([1, -2, 3, 4],), ([5],), ([2, -1, 2],)],
    inputs=lambda r: ([r.randint(-6, 6) for _ in range(r.randint(1, 7))],),
)
def largest_run_sum(items: list[int]) -> int:
    """Return the largest sum of neighbouring items; the run has at least one item, and the list is not empty."""
    best = current = items[0]
    for item in items[1:]:
        current = max(item, current + item)
        best = max(best, current)
    return best


@write(
    calls=[([1, 2, 3],), ([],), ([-1, 1],), ([5],)],
    inputs=lambda r: (numbers(r, 8, -5, 5),),
)
def running_total(items: list[int]) -> list[int]:
    """Return a list in which each item is the sum of all items up to its place."""
    totals = []
    total = 0
    for item in items:
        total += item
        totals.append(total)
    return totals


@write(
    calls=[([1, 3, 2],), ([5, 5],), ([],), ([4, 4, 1],)],
    inputs=lambda r: (numbers(r, 6),),
)
def second_largest(items: list[int]) -> int | None:
    """Return the second largest of the different numbers in a list, None if there are not two."""
    ordered = sorted(set(items))
    return ordered[-2] if len(ordered) > 1 else None


@write(
    calls=[([5, 1, 3], 3), ([], 1), ([1, 2], 5), ([4, 4], 4)],
    inputs=lambda r: (numbers(r), r.randint(0, 7)),
)
def split_at(items: list[int], limit: int) -> tuple[list[int], list[int]]:
    """Return the items below the limit, and all the others, both in their order."""
    return [item for item in items if item < limit], [item for item in items if item >= limit]


@write(
    calls=[([1, 2, 3], [10, 20, 30]), ([1, 2, 3], [10]), ([], [1, 2]), ([], [])],
    inputs=lambda r: (numbers(r, 5), numbers(r, 5)),
)
def interleave(first: list[int], second: list[int]) -> list[int]:
    """Return the items of two lists in turn, beginning with the first; what is left of the longer one comes last."""
    result = []
    for pair in zip(first, second, strict=False):
        result.extend(pair)
    shorter = min(len(first), len(second))
    return result + first[shorter:] + second[shorter:]
