"""A text tool: two independent steps; no failing test is given."""

from bench.study.job import Example, Job, Step

WORDS = '''"""Words of a text."""


def words(text):
    """The words in lower case, without what surrounds them."""
    return [word.strip(".,;:!?").lower() for word in text.split()]
'''

COUNT_RIGHT = '''"""How often words come."""

from text.words import words


def commonest(text, count):
    """The `count` words that come most often, each with its number; of two that come alike the earlier in the ABC."""
    numbers = {}
    for word in words(text):
        if word:
            numbers[word] = numbers.get(word, 0) + 1
    ranked = sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
    return ranked[:count]
'''

WRAP_RIGHT = '''"""Lines of a text."""


def wrap(text, width):
    """The words in lines of at most `width` characters; a word that is longer has a line of its own."""
    lines = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines
'''

JOB = Job(
    "text",
    "The text tool should learn two things:",
    {
        "text/__init__.py": "",
        "text/words.py": WORDS,
        "tests/test_words.py": "import unittest\n\nfrom text.words import words\n\n\n"
        "class TestWords(unittest.TestCase):\n    def test_words(self):\n"
        '        self.assertEqual(words("One, two!"), ["one", "two"])\n',
        "README.md": "# text\n\nSmall tools for texts.\n",
    },
    (
        Step(
            "count-words",
            "Count the words",
            "Add text/count.py with `commonest(text, count)`: a list of the `count` most frequent words (those of "
            "`words`) as (word, number), the most frequent first, equal ones by the alphabet: "
            "`commonest('b a b a c', 2)` is [('a', 2), ('b', 2)].",
            {"text/count.py": COUNT_RIGHT},
            "from text.count import commonest",
            (
                Example("commonest('x y y', 1)", "[('y', 2)]"),
                Example("commonest('b a b a c', 2)", "[('a', 2), ('b', 2)]"),
            ),
            (
                Example("commonest('', 3)", "[]"),
                Example("commonest('A a, b.', 5)", "[('a', 2), ('b', 1)]"),
                Example("commonest('c c b a', 3)", "[('c', 2), ('a', 1), ('b', 1)]"),
            ),
        ),
        Step(
            "wrap-lines",
            "Wrap the lines",
            "Add text/wrap.py with `wrap(text, width)`: the words of the text in a list of lines of at most `width` "
            "characters, as many in a line as fit, a longer word in a line of its own: `wrap('to be or not', 5)` is "
            "['to be', 'or', 'not'].",
            {"text/wrap.py": WRAP_RIGHT},
            "from text.wrap import wrap",
            (
                Example("wrap('to be', 9)", "['to be']"),
                Example("wrap('to be or not', 5)", "['to be', 'or', 'not']"),
            ),
            (
                Example("wrap('', 5)", "[]"),
                Example("wrap('a bb ccc', 4)", "['a bb', 'ccc']"),
                Example("wrap('longer a b', 3)", "['longer', 'a b']"),
            ),
        ),
    ),
)
