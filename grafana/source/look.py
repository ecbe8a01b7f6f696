"""Colours and words: what a value looks like."""

from . import queries
from .language import Text as _

GOOD, WARN, BAD = "green", "orange", "red"
NEUTRAL, QUIET, ASLEEP, BROKEN, UNKNOWN = "blue", "#6e7a87", "#3b4654", "purple", "#8a6d3b"

# What a skill may be, by the codes of queries.state.
STATES = {
    queries.OK: (_("▲ OK"), GOOD),
    queries.RISK: (_("▼ At risk"), WARN),
    queries.MISSED: (_("▼ Missed"), BAD),
    queries.CLOSED: (_("Closed"), ASLEEP),
    queries.NO_VOLUME: (_("No volume"), QUIET),
    queries.BROKEN: (_("Broken"), BROKEN),
    queries.NO_DATA: (_("No data"), UNKNOWN),
}
NOTHING = _("No data")


def mappings(words):
    options = {str(code): {"color": colour, "index": index, "text": text} for index, (code, (text, colour)) in enumerate(words.items())}
    return [{"type": "value", "options": options}]


def thresholds(*steps):
    """`steps` are (from, colour); the first begins at the bottom."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in steps]}


PLAIN = thresholds((None, NEUTRAL))
# Of attainment, the share of a target that is reached.
ATTAINMENT = thresholds((None, BAD), (float(queries.AT_RISK), WARN), (1, GOOD))
QUEUE = thresholds((None, "#1f3044"), (1, NEUTRAL), (3, "yellow"), (6, WARN), (10, BAD))


def fixed(colour):
    return {"mode": "fixed", "fixedColor": colour}
