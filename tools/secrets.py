"""Secrets: values that leave this machine in no prompt and stand in no record; a stand-in goes in their place.

A model that gives a stand-in back means the value: an edit of a line with a secret keeps the secret.
"""

import functools
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from tools._native import secret_values

STAND_IN = re.compile(r"hidden-secret-[0-9a-f]{10}")

TELLING = re.compile(r"key|token|secret|passw|pwd|credential|private|auth|dsn|salt", re.IGNORECASE)
"""Names whose values are secret however simple they look."""

SHORTEST = 4
"""Characters of the shortest value that is hidden wherever it stands; a shorter one stands in every second word."""

LONGEST_PLAIN = 16
"""Characters from which a value of a file of secrets is hidden whatever its name says, and inside longer words too."""

PLACEHOLDERS = """
admin bearer changeme change-me default dummy empty example fake false guest letmein llama lm-studio local localhost
mock none no-key no-key-required not-needed null ollama openai pass passwd password placeholder postgres redacted
replace-me root secret sk-local sk-no-key-required test testing token true user username vllm your-api-key
"""
"""What stands where a secret could be and is none: hiding it would only blot out words."""


class Secrets:
    """The secrets that one run knows of: those it was told, and those whose form gives them away."""

    def __init__(self, salt: str) -> None:
        """Make stand-ins of this salt: with the same one they are the same in every process."""
        self._salt = salt
        self._known: list[str] = []
        self._values: dict[str, str] = {}

    def learn(self, values: Iterable[str]) -> None:
        """Hide these values from now on, wherever they stand; too short ones and placeholders are left out.

        A value below LONGEST_PLAIN characters of letters and digits is hidden as a whole word only.
        """
        known = {*self._known, *filter(_is_secret, values)}
        self._known = sorted(known, key=lambda value: (-len(value), value))

    def hide(self, text: str) -> str:
        """The text with a stand-in for every secret."""
        for value in [*self._known, *sorted(secret_values(text), key=len, reverse=True)]:
            if value in text:
                text = _word(value).sub(self._stand_in(value), text)
        return text

    def reveal(self, text: str) -> str:
        """The text with the secrets that its stand-ins stand for; one that this run never gave out stays."""
        return STAND_IN.sub(lambda found: self._values.get(found[0], found[0]), text)

    def hide_all(self, value: Any) -> Any:
        """A JSON-plain value with every text in it hidden, the names of its fields aside."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {name: self.hide_all(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide_all(part) for part in value]
        return value

    def _stand_in(self, value: str) -> str:
        digest = hashlib.sha256(f"{self._salt}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()
        name = f"hidden-secret-{digest[:10]}"
        self._values[name] = value
        return name


def _is_secret(value: str) -> bool:
    return len(value) >= SHORTEST and value.lower() not in PLACEHOLDERS.split()


@functools.lru_cache(maxsize=1024)
def _word(value: str) -> re.Pattern[str]:
    part_of_words = len(value) < LONGEST_PLAIN and re.fullmatch(r"\w+", value)
    return re.compile(rf"\b{value}\b" if part_of_words else re.escape(value))


def values_of_settings(text: str) -> list[str]:
    """The values in a file of secrets such as ``.env``, by ``NAME=value`` or ``name: value``; of a key its lines."""
    values: list[str] = []
    for line in text.splitlines():
        name, separator, value = re.sub(r"^\s*export\s+", "", line).partition("=" if "=" in line else ":")
        value = value.strip().strip("\"'") if separator else line.strip()
        if line.lstrip().startswith("#") or not value:
            continue
        if len(value) >= LONGEST_PLAIN or (separator and TELLING.search(name)):
            values.append(value)
    return values
