"""Makes the benchmarks importable, and small source trees for them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from bench.corpora import commit_everything  # noqa: E402 - before another folder of tests offers a module of this name

PROJECT = {
    "shop/models.py": "class Item:\n    def get_absolute_url(self):\n        return self.url\n\n\n"
    + "".join(f"def price_{n}(item):\n    total = item.price * {n}\n    return total\n\n\n" for n in range(20)),
    "shop/views.py": "from shop.models import Item\n\n\ndef show(item):\n    return item.get_absolute_url()\n",
    "docs/notes.txt": "Every item has a page.\n",
    "shop/test_models.py": "from shop.models import price_2\n\n\ndef test_price():\n    assert price_2\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of four files, all tracked."""
    root = tmp_path / "project"
    for path, text in PROJECT.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    commit_everything(root)
    return root
