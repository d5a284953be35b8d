"""Forty small tasks for small models: functions to repair or to write, with tests to see and a reference to hide."""

from bench.smalltasks.task import Task, tasks_of

__all__ = ["Task", "all_tasks"]


def all_tasks() -> list[Task]:
    """Every task, in a fixed order."""
    from bench.smalltasks import numbers, records, sequences, texts

    return [task for module in (numbers, texts, sequences, records) for task in tasks_of(module)]
