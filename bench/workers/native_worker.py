"""This project's tools in a process of their own: for what is only true of a new process (cold starts, memory)."""

from serving import resident, serve

kept: list[object] = []


def load() -> int:
    """Import the tools, so that a later call does not count it."""
    import tools._native

    return len(tools._native.__all__)


def cold_search(root: str, pattern: str) -> int:
    """Open an index and search once."""
    from tools._native import Index

    result = Index(root).search(pattern, case="sensitive")
    result.render()
    return result.total


def cold_outline(root: str) -> int:
    """Open an index and list the symbols of all Python files."""
    from tools._native import Index

    index = Index(root)
    return sum(map(len, index.outlines([path for path in index.files() if path.endswith(".py")])))


def cold_map(root: str, tokens: int) -> int:
    """Open an index and draw the map of the repository."""
    from tools._native import Index

    return len(Index(root).repo_map(budget_tokens=tokens).render())


def hold(root: str, pattern: str) -> int:
    """Open an index, wait until all of it is built, search every file, and keep it."""
    from tools._native import Index

    index = Index(root)
    if hasattr(index, "wait_ready"):
        index.wait_ready()
    kept.append(index)
    return index.search(pattern).total


if __name__ == "__main__":
    serve(load, cold_search, cold_outline, cold_map, hold, resident)
