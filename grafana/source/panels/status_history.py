"""Coloured cells over time, one line per series."""

from typing import Any

from .. import queries
from ..style import Words, value_mappings
from .base import LOOK_BACK, Panel, make_panel, query


def status_history(
    title: str,
    description: str,
    unit: str,
    expression: str,
    legend: str,
    steps: dict[str, Any],
    words: Words,
    *,
    width: int = 12,
    height: int = 8,
) -> Panel:
    """Cells with a number, or with the word of a state: the expression returns the negative code of the state."""
    states = {-code: word for code, word in words.items() if code >= queries.CLOSED}
    return make_panel(
        "status-history",
        title,
        description,
        width,
        height,
        unit,
        [query(expression, legend)],
        defaults={"thresholds": steps, "decimals": 0, "mappings": value_mappings(states)},
        custom={
            "fillOpacity": 85,
            "hideFrom": {"legend": False, "tooltip": False, "viz": False},
            "lineWidth": 1,
        },
        options={
            "colWidth": 0.92,
            "rowHeight": 0.9,
            "showValue": "auto",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        # More cells than this cannot be told apart from across a room.
        interval=LOOK_BACK,
        maxDataPoints=48,
    )
