"""Colours and words: what a value looks like."""

from . import queries
from .language import Text as _

GOOD, WARN, BAD = "green", "orange", "red"
NEUTRAL, QUIET, SLATE, BROKEN = "blue", "#6e7a87", "#3b4654", "purple"

# What a skill may be, by the codes of queries.state; all can be read on a dark panel, as words and as areas.
STATES = {
    queries.OK: (_("▲ OK"), GOOD),
    queries.RISK: (_("▼ At risk"), WARN),
    queries.MISSED: (_("▼ Missed"), BAD),
    queries.CLOSED: (_("Closed"), "#8d9cae"),
    queries.NO_VOLUME: (_("No volume"), "#3fa7a7"),
    queries.NO_FIGURE: (_("No figure"), "#b8925a"),
    queries.BROKEN: (_("Broken"), BROKEN),
}
# Prometheus has nothing.
NOTHING = _("No data")


def nothing(text, colour, match="null"):
    """What stands where there is no value: without it, that has the colour of the lowest threshold, often the alarming one."""
    return {"type": "special", "options": {"match": match, "result": {"color": colour, "index": 99, "text": text}}}


NO_VALUE = [nothing(NOTHING, "#c7cdd4")]
# A label that a row has not is an empty text; without a look for it, it says what the whole table says when it has no row.
NO_CELL = [nothing("–", "transparent"), nothing("–", "transparent", "empty")]


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


# Waits and handling times are compared in seconds, as they are promised; Grafana's own unit makes 2 minutes of 100 s.
SECONDS = "suffix:s"


def fixed(colour):
    return {"mode": "fixed", "fixedColor": colour}
