import pytest

from cornershop.names import count_label, shorten, slug, tidy


def test_stray_spaces_are_removed():
    assert tidy("  green   tea\n") == "green tea"


def test_slugs_are_plain():
    assert slug("tea") == "tea"
    assert slug("oat  milk & honey") == "oat-milk-honey"
    assert slug("--") == ""


def test_slugs_are_lower_case():
    assert slug("  Earl Grey (50 bags) ") == "earl-grey-50-bags"
    assert slug("Tea") == "tea"
    assert slug("ALL Caps") == "all-caps"


def test_long_names_end_with_dots():
    assert shorten("green tea", 9) == "green tea"
    assert shorten("green tea with mint", 12) == "green tea..."
    assert len(shorten("a very long name indeed", 10)) <= 10


@pytest.mark.parametrize(
    ("count", "noun", "label"),
    [
        (1, "box", "1 box"),
        (2, "box", "2 boxes"),
        (3, "apple", "3 apples"),
        (0, "cherry", "0 cherries"),
        (2, "day", "2 days"),
    ],
)
def test_counts_agree_with_their_noun(count, noun, label):
    assert count_label(count, noun) == label
