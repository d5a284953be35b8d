"""The plan as a drawing: tasks in layers, each right of what it waits for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestrator.view import TaskView

WIDTH, HEIGHT = 232, 58
ACROSS, DOWN = 64, 18
"""Room between two layers, and between two tasks of one layer."""

MARGIN = 6


@dataclass(frozen=True)
class Node:
    """One task's place."""

    task: TaskView
    number: int
    """Where the task stands in the plan, from 1."""
    x: int
    y: int


@dataclass(frozen=True)
class Edge:
    """A line from a task to one that waits for it."""

    path: str


@dataclass(frozen=True)
class Graph:
    """The drawing, in its own units."""

    width: int
    height: int
    nodes: list[Node]
    edges: list[Edge]


def drawn(tasks: Mapping[str, TaskView]) -> Graph:
    """Lay the plan out; the same plan gives the same drawing."""
    layers = _layers(tasks)
    tallest = max((len(layer) for layer in layers), default=0)
    height = 2 * MARGIN + tallest * HEIGHT + max(0, tallest - 1) * DOWN
    width = 2 * MARGIN + len(layers) * WIDTH + max(0, len(layers) - 1) * ACROSS
    numbers = {name: number for number, name in enumerate(tasks, 1)}
    nodes = {
        name: Node(tasks[name], numbers[name], MARGIN + column * (WIDTH + ACROSS), _top(row, len(layer), height))
        for column, layer in enumerate(layers)
        for row, name in enumerate(layer)
    }
    return Graph(width, height, [nodes[name] for name in tasks], list(_edges(nodes)))


def _top(row: int, rows: int, height: int) -> int:
    used = rows * HEIGHT + (rows - 1) * DOWN
    return (height - used) // 2 + row * (HEIGHT + DOWN)


def _layers(tasks: Mapping[str, TaskView]) -> list[list[str]]:
    """The names by depth; within a layer those that wait for the same stand together."""
    depths: dict[str, int] = {}
    for task in tasks.values():  # a plan lists a task after what it depends on; anything else counts as a root
        depths[task.id] = max((depths[name] + 1 for name in task.depends_on if name in depths), default=0)
    layers: list[list[str]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for name, depth in depths.items():
        layers[depth].append(name)
    place: dict[str, float] = {}
    for layer in layers:
        order = {name: number for number, name in enumerate(layer)}
        layer.sort(key=lambda name: (_middle(tasks[name].depends_on, place, order[name]), order[name]))
        place |= {name: float(number) for number, name in enumerate(layer)}
    return layers


def _middle(names: Iterable[str], place: Mapping[str, float], otherwise: float) -> float:
    places = [place[name] for name in names if name in place]
    return sum(places) / len(places) if places else otherwise


def _edges(nodes: Mapping[str, Node]) -> Iterable[Edge]:
    for node in nodes.values():
        for name in node.task.depends_on:
            if before := nodes.get(name):
                yield Edge(_curve(before, node))


def _curve(before: Node, after: Node) -> str:
    x, y = before.x + WIDTH, before.y + HEIGHT // 2
    end, top = after.x - 5, after.y + HEIGHT // 2
    bend = max(24, (end - x) // 2)
    return f"M{x} {y}C{x + bend} {y} {end - bend} {top} {end} {top}"
