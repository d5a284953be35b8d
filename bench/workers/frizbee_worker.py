"""frizbee: fuzzy matching of paths that it was given."""

from frizbee import Haystacks, Matcher
from serving import serve

paths = Haystacks()


def hold(names: list[str]) -> int:
    """Take over the paths."""
    paths.extend(names)
    return len(paths)


def find(query: str, limit: int) -> int:
    """The best matches, without typing errors."""
    return len(Matcher(query, max_items=limit).match_list(paths))


if __name__ == "__main__":
    serve(hold, find)
