"""Colours, thresholds and words: how a panel shows a value."""

from collections.abc import Mapping
from typing import Any

from . import queries
from .language import Line
from .language import Text as _

# Words and colours of codes: {code: (word, colour)}.
Words = Mapping[int, tuple[str, str]]

GOOD, WARN, BAD = "green", "orange", "red"
NEUTRAL, TARGET_LINE, SLATE, BROKEN = "blue", "#6e7a87", "#3b4654", "purple"

# The states of a skill, by the codes of queries.skill_state. Every colour is readable on a dark panel, as text and as
# an area.
STATES: Words = {
    queries.OK: (_("▲ OK"), GOOD),
    queries.RISK: (_("▼ At risk"), WARN),
    queries.MISSED: (_("▼ Missed"), BAD),
    queries.CLOSED: (_("Closed"), "#8d9cae"),
    queries.NO_VOLUME: (_("No volume"), "#3fa7a7"),
    queries.NO_FIGURE: (_("No figure"), "#b8925a"),
    queries.BROKEN: (_("Broken"), BROKEN),
}
# Colours of areas on which Grafana's text is readable: it is white on dark colours, and black on light ones.
FILL_GOOD, FILL_WARN, FILL_BAD, FILL_NEUTRAL = "#2f7a26", "#ffab40", "dark-red", "dark-blue"
FILL_BROKEN = "dark-purple"
# The words of the states on such areas.
FILLED_STATES: Words = {
    queries.OK: (_("▲ OK"), FILL_GOOD),
    queries.RISK: (_("▼ At risk"), FILL_WARN),
    queries.MISSED: (_("▼ Missed"), FILL_BAD),
    queries.CLOSED: (_("Closed"), "#4d5866"),
    queries.NO_VOLUME: (_("No volume"), "#1f6262"),
    queries.NO_FIGURE: (_("No figure"), "#75582b"),
    queries.BROKEN: (_("Broken"), FILL_BROKEN),
}
FEW_CALLS_WORD: Words = {queries.FEW_CALLS: (_("Few calls"), SLATE)}
# What is missing on a tile when there is no skill.
MISSING_WORDS: Words = {
    queries.NO_SKILLS: (_("No skills"), SLATE),
    queries.NO_RULES: (_("No rules"), FILL_BROKEN),
    queries.NO_EXPORTER: (_("No exporter"), FILL_BROKEN),
}


def on_a_tile(words: Words) -> Words:
    """The words as large as a tile allows."""
    return {code: (Line(word), colour) for code, (word, colour) in words.items()}


# Shown when Prometheus has no data.
NO_DATA = _("No data")


def special_mapping(text: str, colour: str, match: str = "null") -> dict[str, Any]:
    """Text and colour of a missing value.

    Without it, Grafana gives a missing value the colour of the lowest threshold, which is often the alarm colour.
    """
    return {
        "type": "special",
        "options": {"match": match, "result": {"color": colour, "index": 99, "text": text}},
    }


NO_VALUE = [special_mapping(NO_DATA, "#c7cdd4")]
# If a row does not have a label, its cell is an empty text. Without a mapping, that cell would show the text that is
# meant for a table without rows.
EMPTY_CELL = [special_mapping("–", "transparent"), special_mapping("–", "transparent", "empty")]


def value_mappings(words: Words) -> list[dict[str, Any]]:
    """Grafana's value mappings: each code is shown as its word, in its colour."""
    options = {
        str(code): {"color": colour, "index": index, "text": text}
        for index, (code, (text, colour)) in enumerate(words.items())
    }
    return [{"type": "value", "options": options}]


def text_mappings(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Grafana's value mappings: each value of a label is shown as its text."""
    options = {value: {"index": index, "text": text} for index, (value, text) in enumerate(texts.items())}
    return [{"type": "value", "options": options}]


def thresholds(*steps: tuple[float | None, str]) -> dict[str, Any]:
    """`steps` are (lowest value, colour); the lowest value of the first step is None."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in steps]}


ONE_COLOUR = thresholds((None, NEUTRAL))
QUEUE_THRESHOLDS = thresholds((None, "#1f3044"), (1, NEUTRAL), (3, "yellow"), (6, WARN), (10, BAD))


# The unit of waits and handling times. Their targets are in seconds, so they are shown in seconds too; Grafana's own
# unit `s` shows 100 s as 1.67 minutes.
SECONDS = "suffix:s"


def fixed_colour(colour: str) -> dict[str, str]:
    return {"mode": "fixed", "fixedColor": colour}
