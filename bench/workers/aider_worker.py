"""aider: its repository map, and how it applies a SEARCH/REPLACE block."""

from pathlib import Path

from aider.coders.editblock_coder import find_similar_lines, replace_most_similar_chunk
from aider.repomap import RepoMap
from serving import serve

maps: list[RepoMap] = []
texts: list[str] = []


class Counting:
    """Stands where aider has its model, which it needs only to count tokens: four characters each."""

    def token_count(self, text: str) -> int:
        return len(text) // 4


class Quiet:
    """Stands where aider has its terminal."""

    def read_text(self, path: str) -> str:
        return Path(path).read_text(encoding="utf-8", errors="replace")

    def tool_output(self, *_: object, **__: object) -> None: ...

    tool_warning = tool_error = tool_output


def open_map(root: str, cache: str, tokens: int) -> int:
    """A map of the repository with its cache of tags in a folder of its own."""
    RepoMap.TAGS_CACHE_DIR = cache
    maps[:] = [RepoMap(map_tokens=tokens, root=root, main_model=Counting(), io=Quiet(), refresh="always")]
    return 1


def draw_map(focus: list[str], files: list[str]) -> int:
    """The map as text."""
    drawn = maps[0].get_ranked_tags_map(set(focus), [path for path in files if path not in focus])
    return len(drawn or "")


def hold(path: str) -> int:
    """Take over the file that edits are for."""
    texts[:] = [Path(path).read_text(encoding="utf-8")]
    return len(texts[0])


def edit(search: str, replace: str) -> int:
    """Apply a block; where it fits nowhere, look for similar lines to show."""
    done = replace_most_similar_chunk(texts[0], search, replace)
    if done:
        return 1
    find_similar_lines(search, texts[0])
    return 0


if __name__ == "__main__":
    serve(open_map, draw_map, hold, edit)
