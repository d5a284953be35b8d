"""Context from a project, in any language."""

from pathlib import Path

from tools.search import Index, gather

RUST = (
    "pub struct Cart;\n\nimpl Cart {\n    pub fn total(&self) -> u32 {\n        fn helper() {}\n        3\n    }\n}\n"
)


def project(root: Path, files: dict[str, str]) -> Index:
    """An index of these files."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Index(root)


def test_words_lead_to_their_definition_in_any_language(tmp_path: Path) -> None:
    """A word that names a definition brings its lines, sources before tests."""
    long = "".join(f"fn filler_{n}() {{}}\n" for n in range(400))
    index = project(tmp_path, {"src/cart.rs": long + RUST, "a_test.py": "def total():\n    assert 1\n"})

    context = gather(index, [], ["total"], budget=200)

    first = context.material()[0]
    assert (first.path, first.note) == ("src/cart.rs", " (lines 404 to 407 of 408)")
