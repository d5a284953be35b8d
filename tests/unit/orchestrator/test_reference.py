"""The example file and the reference page: written from the keys, and never behind them."""

from pathlib import Path

from orchestrator import reference
from orchestrator.config import Settings, keys
from orchestrator.jsonc import parse

ROOT = Path(__file__).parents[3]
RENEW = "renew it with: python -m orchestrator.reference"


def test_the_example_in_the_repository_is_current() -> None:
    """The committed example is what the keys say now."""
    assert (ROOT / reference.EXAMPLE).read_text("utf-8") == reference.example(), RENEW


def test_the_page_in_the_repository_is_current() -> None:
    """The committed page is what the keys say now."""
    assert (ROOT / reference.PAGE).read_text("utf-8") == reference.page(), RENEW


def test_schema_and_formats_are_current() -> None:
    """The committed schema is what the keys say now; the page of events is what their types say."""
    assert (ROOT / reference.SCHEMA).read_text("utf-8") == reference.text_of(reference.schema()), RENEW
    assert (ROOT / reference.EVENTS_PAGE).read_text("utf-8") == reference.events_page(), RENEW


def test_the_example_sets_the_defaults() -> None:
    """Copied as it is, the example changes nothing."""
    assert Settings.model_validate(parse(reference.example()).value) == Settings()


def test_the_example_with_every_line_in_use_is_valid() -> None:
    """Each commented value is one that its key accepts."""
    text = "\n".join(
        line.replace("// ", "", 1) if line.strip().startswith('// "') else line
        for line in reference.example().splitlines()
    )

    settings = Settings.model_validate(parse(text).value)
    assert settings.model.spec and settings.prices and settings.budget.cost


def test_every_key_says_what_it_is_for() -> None:
    """A key without a sentence would be unusable."""
    assert [key.name for key in keys() if len(key.description) < 15] == []
