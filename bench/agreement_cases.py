"""What is asked in the agreement check: searches with ripgrep's flags for the same question, and globs with git's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FEW = 3
"""So many patterns are all named in a title."""


@dataclass(frozen=True)
class Search:
    """One question to both."""

    patterns: tuple[str, ...]
    regex: bool = False
    case: Literal["smart", "sensitive", "ignore"] = "sensitive"
    word: bool = False
    globs: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    """Flags that only this question needs of ripgrep."""

    def flags(self) -> list[str]:
        """The question in ripgrep's words."""
        case = {"smart": "--smart-case", "sensitive": "--case-sensitive", "ignore": "--ignore-case"}[self.case]
        kinds = [*([] if self.regex else ["--fixed-strings"]), *(["--word-regexp"] if self.word else [])]
        patterns = [part for pattern in self.patterns for part in ("-e", pattern)]
        globs = [part for glob in self.globs for part in ("-g", glob)]
        return [case, *kinds, *self.rivals, *globs, *patterns]

    def title(self) -> str:
        """The question in a line."""
        few = len(self.patterns) <= FEW
        named = [repr(p) for p in self.patterns[: None if few else 2]] + ([] if few else [f"… {len(self.patterns)}"])
        kind = ["regex" if self.regex else "text", *(["word"] if self.word else [])]
        return " ".join([*kind, *([] if self.case == "sensitive" else [f"{self.case} case"]), *named, *self.globs])


def literal(*patterns: str, **more: object) -> Search:
    """Texts as they stand."""
    return Search(patterns, **more)  # type: ignore[arg-type]


def regex(*patterns: str, **more: object) -> Search:
    """Regular expressions."""
    return Search(patterns, regex=True, **more)  # type: ignore[arg-type]


ACROSS_LINES = ("--multiline",)
LOOKS_AROUND = ("--pcre2",)

SEARCHES: Sequence[Search] = (
    literal("import"),
    literal("__init__"),
    literal("return self"),
    literal("no such text anywhere in here"),
    literal("a", globs=("*.py",)),
    literal("\t"),
    literal("  ", globs=("*.py",)),
    literal("def __init__(self, *args, **kwargs):"),
    literal("$"),
    literal("[0]"),
    literal("\\"),
    literal("TODO", case="ignore"),
    literal("error", case="ignore"),
    literal("error", case="smart"),
    literal("Error", case="smart"),
    literal("É", case="ignore"),
    literal("ß", case="ignore"),
    literal("µ", case="ignore"),
    literal("é"),
    literal("日本"),
    literal("…"),
    literal("class", word=True),
    literal("self", word=True, case="ignore"),
    literal("_", word=True),
    literal("import", "export"),
    literal("class", "def", "return", "yield", "lambda", "raise", "while", "with", "try", "except", "assert", "global"),
    literal("True", "none", case="smart"),
    literal("import", globs=("*.py",)),
    literal("import", globs=("*.py", "!test_*.py")),
    literal("the", globs=("docs/**",)),
    regex(r"def [a-z_]+_set\("),
    regex(r"^class \w+\(.*\):$"),
    regex(r"^\s*#"),
    regex(r"\s+$"),
    regex(r"^$"),
    regex(r"\b[A-Z]{3,}_[A-Z]+\b"),
    regex(r"[a-z]{4}_[0-9]{2,}"),
    regex(r"(foo|bar|baz)\d*", case="ignore"),
    regex(r"\p{Greek}+"),
    regex(r"\p{Lu}\p{Ll}+é", case="smart"),
    regex(r"\p{Lu}{2}", case="smart"),
    regex(r"[À-ÿ]{2}"),
    regex(r"\w+\.\w+\(\)$"),
    regex(r"x*", globs=("*.py",)),
    regex(r"(?i)warning"),
    regex(r"\Wself\W", case="smart"),
    regex(r"[^\x00-\x7F]"),
    regex(r"import \w+", r"from \w+ import", r"^\s*@\w+"),
    regex(r"import \w+", word=True),
    regex(r"def \w+\(self\):\n\s+pass", rivals=ACROSS_LINES),
    regex(r"(?<!_)self\.(?=_)\w+", rivals=LOOKS_AROUND),
    regex(r"\b([a-z]{3,}) \1 ", rivals=LOOKS_AROUND),
)


@dataclass(frozen=True)
class Find:
    """A glob, and the same in git's words."""

    glob: str
    pathspecs: tuple[str, ...]


FINDS: Sequence[Find] = (
    Find("*.py", (":(glob)**/*.py",)),
    Find("**/*.py", (":(glob)**/*.py",)),
    Find("*.py*", (":(glob)**/*.py*", ":(glob)**/*.py*/**")),
    Find("*test*", (":(glob)**/*test*",)),
    Find("**/test_*.py", (":(glob)**/test_*.py",)),
    Find("**/tests/**", (":(glob)**/tests/**",)),
    Find("docs/*", (":(glob)docs/*", ":(glob)docs/*/**")),
    Find("docs/**", (":(glob)docs/**",)),
    Find("docs/**/*.txt", (":(glob)docs/**/*.txt", ":(glob)docs/**/*.txt/**")),
    Find("**/?.py", (":(glob)**/?.py",)),
    Find("[a-c]*.py", (":(glob)**/[a-c]*.py",)),
    Find("[!a-c]*.py", (":(glob)**/[!a-c]*.py",)),
    Find("**/_*/*.py", (":(glob)**/_*/*.py",)),
)
