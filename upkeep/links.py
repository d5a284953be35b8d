"""Every link inside a built site leads to a file, and to a place in it: ``python upkeep/links.py site``."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to, and the places that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note links, sources and ids."""
        for name, value in attributes:
            if value and name in ("href", "src"):
                self.targets.append(value)
            elif value and name in ("id", "name"):
                self.places.add(value)


def faults(site: Path) -> list[str]:
    """Each link that leads nowhere, with its page."""
    pages = {path.resolve(): Page(path.read_text("utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    found = []
    for path, page in pages.items():
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            aim = aim / "index.html" if aim.is_dir() else aim
            lost = not aim.is_file() or (parts.fragment and aim in pages and parts.fragment not in pages[aim].places)
            if lost and parts.fragment != "__skip":
                found.append(f"{path.relative_to(site.resolve())}: {target}")
    return found


def main() -> int:
    """Say what leads nowhere; exit code 1 where something does."""
    lost = faults(Path(sys.argv[1]))
    print("\n".join(lost) or "every link leads somewhere")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
