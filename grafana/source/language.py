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
# Grafana replaces it by the label `of`, or by nothing.
OF = "{{of}}"


class Text(str):
    """A text to translate."""


class Line(Text):
    """A text to translate that stays on one line, because the panel would cut a second one.

    Grafana chooses the size of the name of a number with a font that is a little narrower than the one it draws with.
    The spaces at both ends make room for the difference.
    """


class _Named(Text):
    """A text to translate, with the label `of` behind it."""


def named(text: str) -> str:
    """The name of a line or a figure, with the operation if the label `of` has it (queries.with_operation)."""
    return _Named(text) if isinstance(text, Text) else text + OF


class FigureWords(Line):
    """Words of a figure with labels of its series: `{{target}}` becomes the variable that Grafana fills in."""


class Uid(str):
    """The uid of a dashboard in a text, where it becomes the one in the language of the reader."""


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

    def _on_one_line(self, text: Line) -> str:
        return f"  {self.translate(text)}  ".replace(" ", NO_BREAK)

    def _translated(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._translated(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._translated(one) for one in value]
        if isinstance(value, FigureWords):
            return re.sub(r"{{(\w+)}}", r"${__field.labels.\1}", self._on_one_line(value))
        if isinstance(value, Line):
            return self._on_one_line(value)
        if isinstance(value, _Named):
            return self.translate(value) + OF
        if isinstance(value, Text):
            return self.translate(value)
        if isinstance(value, Uid):
            return value + self.suffix
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
