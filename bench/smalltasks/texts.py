"""Tasks about texts."""

import random

from bench.smalltasks.task import repair, write


def words(r: random.Random, count: int = 6) -> str:
    """Return a line of random words."""
    return " ".join(
        r.choice(["Ab", "cat", "dog", "ox", "Elk", "bee", "a", "Level"]) for _ in range(r.randint(0, count))
    )


def letters(r: random.Random, alphabet: str = "abBA ,.9", count: int = 8) -> str:
    """Return random characters."""
    return "".join(r.choice(alphabet) for _ in range(r.randint(0, count)))


@repair(
    right="[c.lower() for c in text if c.isalnum()]",
    wrong="[c for c in text if c.isalnum()]",
    calls=[("Level",), ("A man, a plan, a canal: Panama",), ("ab",), ("",)],
    inputs=lambda r: (letters(r, "aAbB, ", 5),),
)
def is_palindrome(text: str) -> bool:
    """Tell whether the letters and digits of a text read the same backwards, whatever their case."""
    characters = [c.lower() for c in text if c.isalnum()]
    return characters == characters[::-1]


@repair(
    right='if letter in "aeiou"',
    wrong='if letter in "aeio"',
    calls=[("unusual",), ("AEIOU",), ("rhythm",), ("",)],
    inputs=lambda r: (letters(r, "aeiouAEIOUbcd "),),
)
def count_vowels(text: str) -> int:
    """Return how many vowels (a, e, i, o, u in either case) a text has."""
    count = 0
    for letter in text.lower():
        if letter in "aeiou":
            count += 1
    return count


@repair(
    right="word[0].upper() + word[1:].lower()",
    wrong="word[0].upper() + word[1:]",
    calls=[("hello world",), ("GREAT news",), ("a",), ("",)],
    inputs=lambda r: (words(r).swapcase(),),
)
def title_case(text: str) -> str:
    """Return the words of a text, each with a capital first and small letters after it, with single spaces between."""
    return " ".join(word[0].upper() + word[1:].lower() for word in text.split())


@repair(
    right="(ord(letter) - 97 + shift) % 26",
    wrong="ord(letter) - 97 + shift",
    calls=[("abc", 1), ("xyz", 3), ("hello, world", 13), ("abc", -1)],
    inputs=lambda r: (letters(r, "abcxyz ,!"), r.randint(-30, 30)),
)
def caesar(text: str, shift: int) -> str:
    """Move each small letter by `shift` places in the alphabet, past z to a again; leave all else as it is."""
    result = ""
    for letter in text:
        if "a" <= letter <= "z":
            result += chr((ord(letter) - 97 + shift) % 26 + 97)
        else:
            result += letter
    return result


@repair(
    right="if len(word) > len(best):",
    wrong="if len(word) >= len(best):",
    calls=[("the quick brown fox",), ("one two",), ("a bb ccc",), ("",)],
    inputs=lambda r: (words(r),),
)
def longest_word(text: str) -> str:
    """Return the longest word of a text, the first of several; nothing for a text without words."""
    best = ""
    for word in text.split():
        if len(word) > len(best):
            best = word
    return best


@repair(
    right='return text[: width - 1] + "…"',
    wrong='return text[:width] + "…"',
    calls=[("hello world", 6), ("hello", 5), ("hello", 4), ("", 3)],
    inputs=lambda r: (letters(r), r.randint(1, 9)),
)
def truncate(text: str, width: int) -> str:
    """Return a text cut to `width` characters; where something is cut off, the last of them is an ellipsis."""
    if len(text) <= width:
        return text
    return text[: width - 1] + "…"


@repair(
    right='return line.partition("#")[0].rstrip()',
    wrong='return line.partition("#")[2].rstrip()',
    calls=[("x = 1  # one",), ("# only a comment",), ("plain",), ("  kept # gone # gone",)],
    inputs=lambda r: (letters(r, "ab #  ", 9),),
)
def without_comment(line: str) -> str:
    """Return a line without the comment that begins at its first `#`, and without white space at its end."""
    return line.partition("#")[0].rstrip()


@repair(
    right="if character.isupper() and result:",
    wrong="if character.isupper():",
    calls=[("userName",), ("UserName",), ("name",), ("parseHTTP",), ("",)],
    inputs=lambda r: (letters(r, "abAB", 7),),
)
def snake_case(name: str) -> str:
    """Return a name in small letters, with an underscore before each capital that is not its first character."""
    result = ""
    for character in name:
        if character.isupper() and result:
            result += "_"
        result += character.lower()
    return result


@write(
    calls=[("the cat and the dog",), ("A a",), ("",), ("one",)],
    inputs=lambda r: (words(r),),
)
def count_words(text: str) -> dict[str, int]:
    """Return how often each word stands in a text; words are parted by white space and counted in small letters."""
    counts: dict[str, int] = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts


@write(
    calls=[("hello world",), ("  one   two three ",), ("alone",), ("",)],
    inputs=lambda r: (words(r),),
)
def reverse_words(text: str) -> str:
    """Return the words of a text in reverse order, with single spaces between them."""
    return " ".join(reversed(text.split()))


@write(
    calls=[
        ("Listen", "Silent"),
        ("Dormitory", "dirty room"),
        ("the eyes", "they see"),
        ("abc", "abd"),
        ("aab", "abb"),
        ("", ""),
    ],
    inputs=lambda r: ((a := letters(r, "abAB ", 5)), r.choice([a[::-1].upper(), letters(r, "abAB ", 5)])),
)
def is_anagram(first: str, second: str) -> bool:
    """Tell whether two texts have the same letters, each as often; case and spaces do not count."""
    return sorted(first.lower().replace(" ", "")) == sorted(second.lower().replace(" ", ""))


@write(
    calls=[("aaab",), ("abc",), ("",), ("zzzzzzzzzzzz",)],
    inputs=lambda r: (letters(r, "ab", 12),),
)
def run_length(text: str) -> str:
    """Return each run of one character as that character and its length: "aaab" becomes "a3b1"."""
    result = ""
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or text[position] != text[start]:
            result += f"{text[start]}{position - start}"
            start = position
    return result


@write(
    calls=[("as soon as possible",), ("Portable Network Graphics",), ("word",), ("",)],
    inputs=lambda r: (words(r),),
)
def acronym(phrase: str) -> str:
    """Return the first letters of the words of a phrase as capitals."""
    return "".join(word[0].upper() for word in phrase.split())
