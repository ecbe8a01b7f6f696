"""Translates dashboards. They are written in English; spanish.py has the Spanish texts.

`Text` marks a text that people read. It is an error if such a text has no translation, or if a translation is not used.
"""

import re
import sys
from collections.abc import Callable
from typing import Any

from .spanish import SPANISH_OF

# A space at which no line breaks.
NO_BREAK = "\u00a0"


class Text(str):
    """A text to translate."""


class Line(Text):
    """A text to translate that stays on one line, because the panel would cut a second one.

    Grafana chooses the size of the name of a number with a font that is a little narrower than the one it draws with.
    The spaces at both ends make room for the difference.
    """


class Language:
    """A language of the dashboards.

    `suffix` ends the uids of its dashboards; `tag` is a tag of each of them; `other` is the name of the other language,
    for the link to it.
    """

    def __init__(self, suffix: str, tag: str, translate: Callable[[str], str], other: str, other_suffix: str) -> None:
        self.suffix, self.tag, self.translate = suffix, tag, translate
        self.other, self.other_suffix = other, other_suffix

    def render(self, dashboard: dict[str, Any]) -> dict[str, Any]:
        """The dashboard in this language."""
        uid = dashboard["uid"]
        translated: dict[str, Any] = self._translated(dashboard)
        translated["uid"] = uid + self.suffix
        return translated

    def address_in_other(self, uid: str) -> str:
        """The address of the same dashboard in the other language."""
        return f"/d/{uid}{self.other_suffix}"

    def _translated(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._translated(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._translated(one) for one in value]
        if isinstance(value, Line):
            return f"  {self.translate(value)}  ".replace(" ", NO_BREAK)
        if isinstance(value, Text):
            return self.translate(value)
        if isinstance(value, str) and value.startswith("/d/"):
            return re.sub(r"^/d/[a-z-]+", lambda board: board[0] + self.suffix, value)
        return value


_used: set[str] = set()


def _spanish(text: str) -> str:
    _used.add(text)
    if text not in SPANISH_OF:
        sys.exit(f"source/spanish.py has no translation of: {text}")
    return SPANISH_OF[text]


def unused() -> list[str]:
    """Translations that no dashboard uses."""
    return sorted(set(SPANISH_OF) - _used)


ENGLISH = Language("", "wolkvox-en", str, "Español", "-es")
SPANISH = Language("-es", "wolkvox-es", _spanish, "English", "")
