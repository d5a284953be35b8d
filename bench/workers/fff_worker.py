"""fff-search: a resident index with fuzzy file finding and content search."""

import time

from serving import resident, serve

opened: list = []


def hold(root: str) -> int:
    """Load the library, open an index and wait until it is built."""
    from fff import FileFinder

    finder = FileFinder(root, watch=False, ai_mode=True)
    finder.wait_for_scan_blocking(timeout_ms=120_000)
    for _ in range(6_000):
        if finder.scan_progress.is_warmup_complete:
            break
        time.sleep(0.01)
    opened[:] = [finder]
    return finder.scan_progress.scanned_files_count


def search(patterns: list[str], limit: int, mode: str = "plain") -> int:
    """The first page of matching lines."""
    if len(patterns) == 1:
        found = opened[0].grep(patterns[0], mode=mode, smart_case=False, page_limit=limit)
    else:
        found = opened[0].multi_grep(patterns, mode=mode, smart_case=False, page_limit=limit)
    return len([(match.relative_path, match.line_number, match.line_content) for match in found.items])


def find(query: str, limit: int) -> int:
    """The best paths."""
    return len([item.relative_path for item in opened[0].search(query, page_size=limit).items])


if __name__ == "__main__":
    serve(hold, search, find, resident)
